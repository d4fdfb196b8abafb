"""Volumes from files, folders, archives and servers, through one front door.

`find_volumes` looks at headers only and says what is there, and what is not a volume and why; `read_volumes`
reads the voxels too. What is read and how is decided by content, not by the caller.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.found import Found, FoundVolume, Progress, Stray, no_progress, part_of
from napari_vascular_loop.formats.volumes.sources import Source, address_of, gather

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume

__all__ = [
    "Found",
    "FoundVolume",
    "Progress",
    "Source",
    "Stray",
    "address_of",
    "find_volumes",
    "looks_like_volume",
    "no_volume",
    "read_volumes",
]

_FINDING_SHARE = 0.3
"""Part of the time for reading that goes into finding what there is."""


def looks_like_volume(path: Path) -> bool:
    """Whether a file is by its name one that is read here; it is not opened."""
    from napari_vascular_loop.formats.volumes import finding

    return finding.looks_like_volume(path)


def find_volumes(source: Source, progress: Progress = no_progress) -> Found:
    """Look what volumes a source holds, from the headers alone.

    Parameters
    ----------
    source : path or address, or list of these
        A file in NIfTI (.nii, .nii.gz, or .hdr with .img), Analyze (.hdr with .img), FreeSurfer (.mgh, .mgz), MINC
        (.mnc), NRRD (.nrrd, .nhdr), MetaImage (.mha, .mhd) or DICOM; a DICOMDIR; a folder of such files (searched with
        its subfolders); a ZIP archive of them; an OME-Zarr folder, or its address (http, https, s3 or another that
        fsspec knows); the address of a DICOMweb server (``dicomweb://host/path?study=UID``). Of a pair, either file
        or both may be given. The files of a list are looked at together, so that slices form one stack.
    progress : callable, optional
        Told how much is done; may raise ReadCancelledError.

    Raises
    ------
    VolumeReadError
        If a path does not exist, a server can't be reached, or a single file is not a volume.
    ReadCancelledError
        If `progress` raises it; nothing is kept.
    """
    from napari_vascular_loop.formats.volumes import finding

    gathered = gather(source, progress)
    looks = finding.looks(gathered)
    volumes: list[FoundVolume] = []
    strays: list[Stray] = []
    for number, (where, look) in enumerate(looks):
        try:
            found = look(part_of(progress, number, len(looks)))
        except VolumeReadError as error:
            if where is None or (len(looks) == 1 and (gathered.is_single or gathered.archives)):
                raise
            strays.append(Stray(where, str(error)))
        else:
            volumes.extend(found.volumes)
            strays.extend(found.strays)
    strays.extend(gathered.strays)
    if not volumes and gathered.is_single and strays:
        raise VolumeReadError(f"{finding.shown(source)} can't be read as a volume: {strays[0].reason}")
    progress(1.0)
    return Found(tuple(volumes), tuple(strays))


def read_volumes(source: Source, progress: Progress = no_progress) -> list[Volume]:
    """Read every volume of a source.

    Parameters
    ----------
    source : path or address, or list of these
        See :func:`find_volumes`.
    progress : callable, optional
        Told how much is done, of finding and reading together; may raise ReadCancelledError.

    Returns
    -------
    list of Volume
        At least one; voxels in the data type of the file.

    Raises
    ------
    VolumeReadError
        If there is no volume, or one is damaged. The message says which file and why.
    """
    found = find_volumes(source, lambda done: progress(done * _FINDING_SHARE))
    if not found.volumes:
        raise no_volume(source, found)
    sizes = [volume.header.nbytes for volume in found.volumes]
    total = max(1, sum(sizes))
    volumes: list[Volume] = []
    for number, volume in enumerate(found.volumes):
        before = _FINDING_SHARE + (1 - _FINDING_SHARE) * sum(sizes[:number]) / total
        share = (1 - _FINDING_SHARE) * sizes[number] / total
        volumes.append(volume.read(partial(_tell, progress, before, share)))
    progress(1.0)
    return volumes


def no_volume(source: Source, found: Found) -> VolumeReadError:
    """The error for a source in which no volume was found, with the reasons."""
    from napari_vascular_loop.formats.volumes import finding

    return VolumeReadError(f"no volume in {finding.shown(source)}: {'; '.join(found.reasons[:3]) or 'it is empty'}")


def _tell(progress: Progress, before: float, share: float, done: float) -> None:
    progress(min(1.0, before + share * done))
