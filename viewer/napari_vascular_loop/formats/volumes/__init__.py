"""Volumes from files, folders, archives and servers, through one front door.

`find_volumes` looks at headers only and says what is there, and what is not a volume and why; `read_volumes`
reads the voxels too. What is read and how is decided by content, not by the caller.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import (
    dicom,
    foreign,
    freesurfer,
    metaimage,
    minc,
    nifti,
    nrrd_image,
    ome_zarr,
    zip_archive,
)
from napari_vascular_loop.formats.volumes.found import Found, FoundVolume, Look, Progress, Stray, no_progress, part_of
from napari_vascular_loop.formats.volumes.sources import Gathered, Source, address_of, gather

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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

_BY_NAME = (nifti, freesurfer, minc, nrrd_image, metaimage)
"""Formats whose files are known by their name; each has `looks_like(path)` and `look(path)`.

The rest is DICOM or nothing."""

_FINDING_SHARE = 0.3
"""Part of the time for reading that goes into finding what there is."""


def looks_like_volume(path: Path) -> bool:
    """Whether a file is by its name one that is read here; it is not opened."""
    return any(format_.looks_like(path) for format_ in _BY_NAME) or path.suffix.lower() in (".dcm", ".ima")


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
    gathered = gather(source, progress)
    looks = _looks(gathered)
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
        raise VolumeReadError(f"{_shown(source)} can't be read as a volume: {strays[0].reason}")
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
    return VolumeReadError(f"no volume in {_shown(source)}: {'; '.join(found.reasons[:3]) or 'it is empty'}")


def _tell(progress: Progress, before: float, share: float, done: float) -> None:
    progress(min(1.0, before + share * done))


def _looks(gathered: Gathered) -> list[tuple[Path | None, Callable[[Progress], Found]]]:
    """What there is to do: all files at once, then each archive, store and address; and how to speak of it."""
    looks: list[tuple[Path | None, Callable[[Progress], Found]]] = []
    if gathered.files:
        looks.append((None, partial(_find_in, gathered.files)))
    looks += [(one, partial(zip_archive.find, one, _find_in)) for one in gathered.archives]
    looks += [(one, partial(_find_store, one)) for one in gathered.stores]
    looks += [(None, partial(_find_at, one)) for one in gathered.addresses]
    return looks


def _find_store(store: Path | str, _progress: Progress) -> Found:
    return Found(tuple(ome_zarr.find(store)))


def _find_at(address: str, progress: Progress) -> Found:
    from napari_vascular_loop.formats.volumes import dicomweb

    return dicomweb.find(address, progress) if dicomweb.is_dicomweb(address) else _find_store(address, progress)


def _shown(source: Source) -> str:
    """How a source is spoken of; no name or password of an address is shown."""
    several = [source] if isinstance(source, str | os.PathLike) else source
    if len(several) != 1:
        return f"these {len(several)} files and folders"
    one = several[0]
    address = address_of(one)
    return repr(ome_zarr.shown_as(address)) if address else repr(str(one))


def _look(file: Path) -> Look | None:
    return next((one.look(file) for one in (*_BY_NAME, foreign) if one.looks_like(file)), None)


def _find_in(files: Sequence[Path], progress: Progress) -> Found:
    volumes: list[FoundVolume] = []
    strays: list[Stray] = []
    others: list[Path] = []
    looks: dict[Path, Look | None] = {}
    for file in files:
        progress(0.0)
        looks[file] = _look(file)
    # The voxels of a header are read with it.
    read_along = {one for look in looks.values() if look for one in look.companions}
    done = 0
    for file, look in looks.items():
        if file in read_along:
            continue
        if look is None:
            others.append(file)
            continue
        progress(done / len(files))
        done += 1
        try:
            volumes.extend(look.find())
        except VolumeReadError as error:
            strays.append(Stray(file, str(error)))
    share = len(others) / max(1, len(files))
    from_dicom = dicom.find(others, partial(_tell, progress, 1 - share, share))
    return Found((*volumes, *from_dicom.volumes), (*strays, *from_dicom.strays))
