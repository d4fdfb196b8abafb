"""Files that belong together: the header and the voxels of a pair, and the file that a header names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADER, _VOXELS = (".hdr", ".hdr.gz"), (".img", ".img.gz")


@dataclass(frozen=True, eq=False)
class HeaderAndData:
    """A header that has been parsed, and where its voxels are: behind it, or in another file.

    Parameters
    ----------
    path, data_path : Path
        File of the header, and file of the voxels, which may be the same.
    fields : mapping
        What the header says.
    length : int
        Bytes that the header takes.
    """

    path: Path
    data_path: Path
    fields: Mapping[str, Any]
    length: int

    @property
    def companions(self) -> tuple[Path, ...]:
        """The file of the voxels, where it is another."""
        return () if self.data_path == self.path else (self.data_path,)

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files."""
        return (self.path, *self.companions)

    @property
    def data_start(self) -> int:
        """Bytes of the file of the voxels that belong to the header."""
        return self.length if self.data_path == self.path else 0


def is_pair_header(path: Path) -> bool:
    """Whether a file is by its name the header of a pair."""
    return path.name.lower().endswith(_HEADER)


def is_pair_voxels(path: Path) -> bool:
    """Whether a file is by its name the voxels of a pair, and the header lies beside it.

    Without a header an .img may be anything: a DICOM file, or a picture of a disc.
    """
    return path.name.lower().endswith(_VOXELS) and _partner(path, _HEADER) is not None


def pair_of(path: Path) -> tuple[Path, Path]:
    """Header and voxels of a pair, by the name of either.

    Raises
    ------
    VolumeReadError
        If the other one is not there.
    """
    wanted = _VOXELS if is_pair_header(path) else _HEADER
    partner = _partner(path, wanted)
    if partner is None:
        raise VolumeReadError(f"{path.name}: its other half, {_stem(path)}{wanted[0]}, does not lie beside it")
    return (path, partner) if is_pair_header(path) else (partner, path)


def voxels_beside(header: Path) -> Path | None:
    """The voxels that lie beside the header of a pair."""
    return _partner(header, _VOXELS)


def mat_beside(header: Path) -> Path | None:
    """The .mat file in which SPM keeps where the voxels of an Analyze file lie."""
    return _partner(header, (".mat",))


def named_beside(header: Path, name: str) -> Path:
    """The data file that a header names, which has to lie beside it or in a folder below.

    Raises
    ------
    VolumeReadError
        If it is elsewhere, or not there.
    """
    steps = re.split(r"[/\\]", name)
    elsewhere = Path(name).is_absolute() or ":" in name or ".." in steps or "\0" in name or not steps[0]
    path = header.parent.joinpath(*[step for step in steps if step not in ("", ".")])
    if elsewhere or path == header.parent or not path.resolve().is_relative_to(header.parent.resolve()):
        raise VolumeReadError(
            f"{header.name}: it points to voxels outside its own folder ({_shown(name)}), which are not read; "
            "put both files into one folder and the bare name into the header"
        )
    if not path.is_file():
        raise VolumeReadError(f"{header.name}: the file with its voxels, {_shown(name)}, does not lie beside it")
    return path


def _stem(path: Path) -> str:
    return re.sub(r"\.(hdr|img)(\.gz)?$", "", path.name, flags=re.IGNORECASE)


def _partner(path: Path, endings: tuple[str, ...]) -> Path | None:
    """The first file of these endings, in small letters or large; one packed as `path` is comes first."""
    packed = path.name.lower().endswith(".gz")
    for ending in sorted(endings, key=lambda one: one.endswith(".gz") is not packed):
        for written in (ending, ending.upper()):
            candidate = path.with_name(_stem(path) + written)
            if candidate.is_file():
                return candidate
    return None


def _shown(name: str) -> str:
    """A name from a file, made fit for a message."""
    return repr(shown(name))
