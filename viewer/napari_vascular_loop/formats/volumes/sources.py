"""What a source consists of: a file, a folder with all that lies below it, or a list of these."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.found import Stray

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, eq=False)
class Gathered:
    """The files of a source.

    Parameters
    ----------
    files : tuple of Path
        Each once, in the order of the source; those of a folder sorted by name.
    strays : tuple of Stray
        What could not be looked into.
    is_single_file : bool
        Whether the source is one file, of which a reader wants to know what is wrong with it.
    """

    files: tuple[Path, ...]
    strays: tuple[Stray, ...] = ()
    is_single_file: bool = False


def gather(source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> Gathered:
    """List the files of a source.

    Raises
    ------
    VolumeReadError
        If a path does not exist, or a folder holds nothing.
    """
    if isinstance(source, str | os.PathLike):
        return _gather_one(Path(source).expanduser())
    if not source:
        raise VolumeReadError("the list of files to read is empty")
    parts = [_gather_one(Path(one).expanduser()) for one in source]
    files = dict.fromkeys(file for part in parts for file in part.files)
    return Gathered(tuple(files), tuple(stray for part in parts for stray in part.strays), len(files) == 1)


def _gather_one(path: Path) -> Gathered:
    if not path.exists():
        raise VolumeReadError(f"there is no file or folder {str(path)!r}; check the path")
    if not path.is_dir():
        return Gathered((path,), is_single_file=True)
    files, unreadable = _files_below(path)
    if not files and not unreadable:
        raise VolumeReadError(f"the folder {str(path)!r} holds no files")
    return Gathered(tuple(files), tuple(unreadable))


def _files_below(folder: Path) -> tuple[list[Path], list[Stray]]:
    """All files of a folder tree but hidden ones such as .DS_Store, and the folders that can't be looked into."""
    unreadable: list[Stray] = []

    def note(error: OSError) -> None:
        unreadable.append(Stray(Path(str(error.filename)), f"a folder that can't be read ({error.strerror})"))

    files: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(parent, name) for name in sorted(names) if not name.startswith(".")]
    return files, unreadable
