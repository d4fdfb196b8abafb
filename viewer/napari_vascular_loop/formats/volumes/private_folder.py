"""A temporary folder that lives exactly as long as something needs what lies in it."""

from __future__ import annotations

import atexit
import mmap
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.volume import Volume


class PrivateFolder:
    """A folder that only this user may look into; it is removed when nobody holds this object any more.

    Attributes
    ----------
    path : Path
        Where it is.
    """

    def __init__(self) -> None:
        # Made with mode 0700.
        self.path = Path(tempfile.mkdtemp(prefix="vascular-loop-"))
        self._remove = weakref.finalize(self, _remove, str(self.path))

    def remove(self) -> None:
        """Remove it at once."""
        self._remove()

    def keep_for(self, volume: Volume) -> Volume:
        """Keep the folder as long as an array of the volume, or any view of it, is mapped to a file in it."""
        for array in (volume.voxels, volume.series, *volume.levels):
            if array is not None:
                self.keep_for_array(array)
        return volume

    def keep_for_array(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Keep the folder as long as an array, or any view of it, is mapped to a file in it."""
        mapped = _mapped(array)
        if mapped is not None:
            weakref.finalize(mapped, _let_go, self)
        return array


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
