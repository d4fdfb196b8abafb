"""Volumes from files, folders, archives and servers, through one front door.

`find_volumes` looks at headers only and says what is there, and what is not a volume and why; `read_volumes`
reads the voxels too. What is read and how is decided by content, not by the caller.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import dicom, nifti
from napari_vascular_loop.formats.volumes.found import Found, FoundVolume, Progress, Stray, no_progress, part_of
from napari_vascular_loop.formats.volumes.sources import gather

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume

__all__ = ["Found", "FoundVolume", "Progress", "Source", "Stray", "find_volumes", "looks_like_volume", "read_volumes"]

Source = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A file, a folder, an archive, an address; or a list of these."""

_BY_NAME = (nifti,)
"""Formats whose files are known by their name; each has `looks_like(path)` and `find(path)`.

The rest is DICOM or nothing."""


def looks_like_volume(path: Path) -> bool:
    """Whether a file is by its name one that is read here; it is not opened."""
    return any(format_.looks_like(path) for format_ in _BY_NAME) or path.suffix.lower() in (".dcm", ".ima")


def find_volumes(source: Source, progress: Progress = no_progress) -> Found:
    """Look what volumes a source holds, from the headers alone.

    Parameters
    ----------
    source : path, or list of paths
        A NIfTI file (.nii, .nii.gz), a DICOM file, or a folder of such files (searched with its subfolders).
    progress : callable, optional
        Told how much is done; may raise ReadCancelledError.

    Raises
    ------
    VolumeReadError
        If the path does not exist, or a single file is not a volume.
    """
    gathered = gather(source)
    found = _find_in(gathered.files, progress)
    found = Found(found.volumes, (*found.strays, *gathered.strays))
    if not found.volumes and gathered.is_single_file:
        raise VolumeReadError(f"{str(source)!r} can't be read as a volume: {found.strays[0].reason}")
    return found


def read_volumes(source: Source, progress: Progress = no_progress) -> list[Volume]:
    """Read every volume of a source.

    Parameters
    ----------
    source : path, or list of paths
        See :func:`find_volumes`.
    progress : callable, optional
        Told how much is done; may raise ReadCancelledError.

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
    count = len(found.volumes)
    return [volume.read(part_of(progress, number, count)) for number, volume in enumerate(found.volumes)]


def _find_in(files: Sequence[Path], progress: Progress) -> Found:
    volumes: list[FoundVolume] = []
    strays: list[Stray] = []
    others: list[Path] = []
    for file in files:
        format_ = next((one for one in _BY_NAME if one.looks_like(file)), None)
        if format_ is None:
            others.append(file)
            continue
        try:
            volumes.extend(format_.find(file))
        except VolumeReadError as error:
            strays.append(Stray(file, str(error)))
    from_dicom = dicom.find(others, progress)
    return Found((*volumes, *from_dicom.volumes), (*strays, *from_dicom.strays))
