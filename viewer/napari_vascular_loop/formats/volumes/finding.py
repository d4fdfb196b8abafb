"""What reads volumes, and who of them looks at which file."""

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
from napari_vascular_loop.formats.volumes.found import Found, FoundVolume, Look, Progress, Stray
from napari_vascular_loop.formats.volumes.sources import Gathered, Source, address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_BY_NAME = (nifti, freesurfer, minc, nrrd_image, metaimage)
"""Formats whose files are known by their name; each has `looks_like(path)` and `look(path)`.

The rest is DICOM or nothing."""


def looks_like_volume(path: Path) -> bool:
    """Whether a file is by its name one that is read here; it is not opened."""
    return any(format_.looks_like(path) for format_ in _BY_NAME) or path.suffix.lower() in (".dcm", ".ima")


def looks(gathered: Gathered) -> list[tuple[Path | None, Callable[[Progress], Found]]]:
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


def shown(source: Source) -> str:
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


def _tell(progress: Progress, before: float, share: float, done: float) -> None:
    progress(min(1.0, before + share * done))
