"""Volumes from files and folders, through one front door.

`find_volumes` looks at headers only and says what is there, and what is not a volume and why; `read_volumes`
reads the voxels too. What is read and how is decided by content, not by the caller.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import dicom, nifti
from napari_vascular_loop.formats.volumes.found import Found, FoundVolume, Stray

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import Volume

__all__ = ["Found", "FoundVolume", "Stray", "find_volumes", "read_volumes"]


def find_volumes(source: str | os.PathLike[str]) -> Found:
    """Look what volumes a file or folder holds, from the headers alone.

    Parameters
    ----------
    source : path
        A NIfTI file (.nii, .nii.gz), a DICOM file, or a folder of such files (searched with its subfolders).

    Raises
    ------
    VolumeReadError
        If the path does not exist, or a single file is not a volume.
    """
    path = Path(source).expanduser()
    if not path.exists():
        raise VolumeReadError(f"there is no file or folder {str(path)!r}; check the path")
    if path.is_dir():
        files, unreadable = _files_below(path)
        if not files and not unreadable:
            raise VolumeReadError(f"the folder {str(path)!r} holds no files")
        found = _find_in(files)
        return Found(found.volumes, (*found.strays, *unreadable))
    found = _find_in([path])
    if not found.volumes:
        raise VolumeReadError(f"{str(path)!r} can't be read as a volume: {found.strays[0].reason}")
    return found


def read_volumes(source: str | os.PathLike[str]) -> list[Volume]:
    """Read every volume of a file or folder.

    Parameters
    ----------
    source : path
        See :func:`find_volumes`.

    Returns
    -------
    list of Volume
        At least one; voxels in the data type of the file.

    Raises
    ------
    VolumeReadError
        If there is no volume, or one is damaged. The message says which file and why.
    """
    found = find_volumes(source)
    if not found.volumes:
        reasons = sorted({stray.reason for stray in found.strays})
        raise VolumeReadError(f"no volume in {str(source)!r}: {'; '.join(reasons[:3])}")
    return [volume.read() for volume in found.volumes]


def _find_in(files: list[Path]) -> Found:
    volumes: list[FoundVolume] = []
    strays: list[Stray] = []
    others: list[Path] = []
    for file in files:
        if not nifti.looks_like(file):
            others.append(file)
            continue
        try:
            volumes.append(nifti.find(file))
        except VolumeReadError as error:
            strays.append(Stray(file, str(error)))
    from_dicom = dicom.find(others)
    return Found((*volumes, *from_dicom.volumes), (*strays, *from_dicom.strays))


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
