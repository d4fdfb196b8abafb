"""DICOMDIR: the directory of a disc, which names its files (PS3.3 annex F)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pydicom

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly
from napari_vascular_loop.formats.volumes.found import Stray
from napari_vascular_loop.formats.volumes.guarded_file import GuardedFile

if TYPE_CHECKING:
    from pathlib import Path

_MEDIA_STORAGE_DIRECTORY = b"1.2.840.10008.1.3.10"
_IN_USE = 0xFFFF
_LONGEST_NAME = 80


def is_dicomdir(path: Path) -> bool:
    """Whether a file is the directory of a disc; only its beginning is read."""
    try:
        with path.open("rb") as file:
            beginning = file.read(1024)
    except OSError:
        return False
    start = beginning.find(_MEDIA_STORAGE_DIRECTORY)
    after = beginning[start + len(_MEDIA_STORAGE_DIRECTORY) :][:1]
    return beginning[128:132] == b"DICM" and start > 0 and after not in (b".", *(b"%d" % n for n in range(10)))


def files_of(path: Path) -> tuple[tuple[Path, ...], tuple[Stray, ...]]:
    """List the files that a directory names, each once, in its order.

    Parameters
    ----------
    path : Path
        The DICOMDIR.

    Returns
    -------
    files : tuple of Path
        Those that are there. All lie in the directory's own folder or below it.
    strays : tuple of Stray
        Those that are missing, and those that would lie outside the folder: these are never looked at.

    Raises
    ------
    VolumeReadError
        If the directory is damaged.
    """
    files: dict[Path, None] = {}
    strays: dict[tuple[str, ...], Stray] = {}
    listings: dict[Path, dict[str, Path]] = {}
    for parts in _referenced(path):
        try:
            file = _below(path.parent, parts, listings)
            is_there = file is not None and file.is_file()
        except OSError as error:
            # As of names that are too long for a file.
            strays[parts] = Stray(path, f"it names a file that can't be looked for ({error.strerror})")
            continue
        if file is None:
            name = "".join(letter for letter in "/".join(parts) if letter.isprintable())[:_LONGEST_NAME]
            strays[parts] = Stray(path, f"it names {name!r}, which lies outside its folder: not opened")
        elif not is_there:
            strays[parts] = Stray(file, "named by the directory of the disc, but it is not there")
        else:
            files[file] = None
    if not files and not strays:
        return (), (Stray(path, "a directory of a disc that names no files"),)
    return tuple(files), tuple(strays.values())


def _referenced(path: Path) -> list[tuple[str, ...]]:
    """Take the parts of the name of each file that is in use."""
    try:
        with quietly(), GuardedFile(path) as file:
            records: Any = pydicom.dcmread(file).get("DirectoryRecordSequence") or ()
            names = [
                record.get("ReferencedFileID")
                for record in records
                if record.get("RecordInUseFlag", _IN_USE) == _IN_USE and record.get("ReferencedFileID")
            ]
    except DAMAGE as error:
        raise VolumeReadError(f"{path.name}: a damaged directory of a disc ({type(error).__name__})") from error
    return [(name,) if isinstance(name, str) else tuple(map(str, name)) for name in names]


def _below(folder: Path, parts: tuple[str, ...], listings: dict[Path, dict[str, Path]]) -> Path | None:
    """Find a file below a folder, whatever the case of the letters; None if the name leads out of it."""
    place = folder
    for part in parts:
        if part in ("", ".", "..") or any(mark in part for mark in "/\\:\0"):
            return None
        place = _in_any_case(place, part, listings)
    return place if place.resolve().is_relative_to(folder.resolve()) else None


def _in_any_case(folder: Path, name: str, listings: dict[Path, dict[str, Path]]) -> Path:
    """Find a name that a system writes in other letters than the disc does ("im0001", "IM0001.;1")."""
    exact = folder / name
    if exact.exists():
        return exact
    if folder not in listings:
        try:
            listings[folder] = {_plain(one.name): one for one in folder.iterdir()}
        except OSError:
            listings[folder] = {}
    return listings[folder].get(_plain(name), exact)


def _plain(name: str) -> str:
    return name.split(";")[0].rstrip(".").lower()
