"""A temporary folder that lives exactly as long as something needs what lies in it."""

from __future__ import annotations

import atexit
import contextlib
import mmap
import shutil
import tempfile
import weakref
from collections import OrderedDict
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.found import FoundVolume, Progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from napari_vascular_loop.domain.volume import Provenance, Volume


_BYTES_OF_HEADER = 2**18
_MOST_HEADERS = 64
_headers: OrderedDict[str, bytes] = OrderedDict()


def header_of(file: Path | str) -> bytes | None:
    """How a file began that lay in such a folder, by what it was called where it came from; None if it is forgotten.

    It is kept in memory alone, so that it can be told whose scan it was when something of it is written.
    """
    return _headers.get(str(file))


class PrivateFolder:
    """A folder that only this user may look into; it is removed when nobody holds this object any more.

    Attributes
    ----------
    path : Path
        Where it is.

    Raises
    ------
    VolumeReadError
        If it can't be made.
    """

    def __init__(self) -> None:
        try:
            # Made with mode 0700.
            self.path = Path(tempfile.mkdtemp(prefix="vascular-loop-"))
        except OSError as error:
            raise VolumeReadError(f"no temporary folder could be made ({error.strerror}); see TMPDIR") from error
        self._remove = weakref.finalize(self, _remove, str(self.path))

    def remove(self) -> None:
        """Remove it at once."""
        self._remove()

    def holding(self, volume: FoundVolume, names: Mapping[Path, Path | str]) -> FoundVolume:
        """Copy of a volume in the folder that keeps it, as does what is read, for as long as it may be needed.

        Parameters
        ----------
        volume : FoundVolume
            Found among the folder's files.
        names : mapping
            What its files are called where they came from: the volume speaks of these.
        """

        def renamed(about: Provenance) -> Provenance:
            files = (names.get(file, file) if isinstance(file, Path) else file for file in about.source_files)
            return replace(about, source_files=tuple(files))

        for file in volume.header.provenance.source_files[:1]:
            if isinstance(file, Path) and file in names:
                _keep_header(str(names[file]), file)
        told = volume.with_provenance(renamed)
        middle = partial(self._read_middle, told) if told.middle_reader is not None else None
        return FoundVolume(told.header, partial(self._read, told), middle)

    def _read(self, volume: FoundVolume, progress: Progress) -> Volume:
        read = volume.read(progress)
        for array in (read.voxels, read.series, *read.levels):
            if array is not None:
                self._keep_for(array)
        return read

    def _read_middle(self, volume: FoundVolume) -> npt.NDArray[Any]:
        return self._keep_for(volume.middle_slice())

    def _keep_for(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Keep the folder as long as an array, or any view of it, is mapped to a file in it."""
        mapped = _mapped(array)
        if mapped is not None:
            weakref.finalize(mapped, _let_go, self)
        return array


def _keep_header(name: str, file: Path) -> None:
    with contextlib.suppress(OSError), file.open("rb") as opened:
        _headers[name] = opened.read(_BYTES_OF_HEADER)
        _headers.move_to_end(name)
    while len(_headers) > _MOST_HEADERS:
        _headers.popitem(last=False)


def _mapped(array: npt.NDArray[Any]) -> mmap.mmap | None:
    """The map that an array looks into: views come and go, it is what they all hold."""
    owner: Any = array
    while isinstance(owner, np.ndarray | memoryview):
        owner = owner.base if isinstance(owner, np.ndarray) else owner.obj
    return owner if isinstance(owner, mmap.mmap) else None


def _let_go(_folder: PrivateFolder) -> None:
    """Nothing: that it was held until now is the point."""


def _remove(path: str) -> None:
    shutil.rmtree(path, ignore_errors=True)
    if Path(path).exists():
        # Windows does not remove a file that is still open.
        atexit.register(shutil.rmtree, path, ignore_errors=True)
