"""A volume cut out of somebody's DICOM files, of which nothing else is kept: the headers name a person."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
import requests

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.errors import DownloadError, VolumeReadError
from napari_vascular_loop.domain.volume import Provenance, Volume
from napari_vascular_loop.samples.download import download

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from napari_vascular_loop.samples.catalogue import Crop
    from napari_vascular_loop.samples.transfer import Patience, Progress

_DOWNLOADING_SHARE = 0.95


@dataclass(frozen=True)
class SourceFile:
    """A row of the table: where a file is, and what it must be."""

    path: str
    bytes: int
    sha256: str


def source_files(crop: Crop) -> tuple[SourceFile, ...]:
    """Read the table that ships with the program."""
    rows = (content_folder("sample_data") / crop.table).read_text("utf-8").splitlines()[1:]
    cells = [row.split("\t") for row in rows if row]
    return tuple(SourceFile(path, int(count), sha256) for path, count, sha256 in cells)


def base_address(crop: Crop) -> str:
    """Where the files are: the publisher's place, or the mirror that the environment names. It ends with a slash."""
    return (os.environ.get(crop.base_variable) or crop.base).rstrip("/") + "/"


def fetch_crop(crop: Crop, path: Path, progress: Progress, patience: Patience | None = None) -> Path:
    """Download the files, read, crop and write the volume, and remove the files, whatever happens.

    Parameters
    ----------
    crop : Crop
        From which files, and which box.
    path : Path
        The .nii.gz to write: geometry and voxels, nothing of the headers.
    progress : callable
        Told how much is done; raises ReadCancelledError to end it.
    patience : Patience, optional
        How long to try.

    Raises
    ------
    DownloadError
        If a file can't be had or is another, or if what they make is not the volume that it should be.
    """
    from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
    from napari_vascular_loop.formats.volumes.private_folder import PrivateFolder

    files = source_files(crop)
    total = sum(file.bytes for file in files)
    folder = PrivateFolder()
    try:
        done = 0
        with requests.Session() as session:
            for number, file in enumerate(files):
                so_far = partial(_tell, progress, done, file.bytes, total)
                download(
                    base_address(crop) + file.path,
                    # Under a name of our own: nothing in a table becomes a path.
                    folder.path / f"{number:05d}.dcm",
                    known_hash=f"sha256:{file.sha256}",
                    size=file.bytes,
                    progress=so_far,
                    patience=patience,
                    session=session,
                    keep_part=False,
                )
                done += file.bytes
        volume = _cut(folder.path, crop, progress)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_nifti(volume, path)
    except (VolumeReadError, OSError) as error:
        raise DownloadError(f"the files came, but the volume could not be made of them: {error}") from error
    finally:
        folder.remove()
    progress(1.0)
    return path


def _tell(progress: Progress, before: int, here: int, total: int, done: float) -> None:
    progress(_DOWNLOADING_SHARE * (before + here * done) / total)


def _cut(folder: Path, crop: Crop, progress: Progress) -> Volume:
    from napari_vascular_loop.formats.volumes import find_volumes

    found = find_volumes(folder, lambda _: progress(_DOWNLOADING_SHARE))
    for one in found.volumes:
        for volume in _candidates(one.read(lambda _: progress(_DOWNLOADING_SHARE)), crop):
            if voxels_sha256(volume.voxels) == crop.voxels_sha256:
                return volume
    shapes = ", ".join(" x ".join(map(str, one.header.grid.shape)) for one in found.volumes) or "none"
    raise DownloadError(
        f"the files came and are the right ones, but the volume made of them (found: {shapes}) is not the one that the "
        "catalogue states: it is refused; please report this"
    )


def _candidates(volume: Volume, crop: Crop) -> Iterator[Volume]:
    """Give the box of a volume: its stored numbers, then its values where these are others and whole."""
    yield cropped(volume.voxels, volume.voxel_to_ras, crop)
    if not volume.rescale.is_identity:
        values = volume.voxels * volume.rescale.slope + volume.rescale.intercept
        yield cropped(np.rint(values), volume.voxel_to_ras, crop)


def cropped(voxels: npt.NDArray[Any], voxel_to_ras: npt.NDArray[np.float64], crop: Crop) -> Volume:
    """Turn a volume so that its axes run closest to R, A, S, and cut the box out of it."""
    turned = nibabel.as_closest_canonical(nibabel.Nifti1Image(voxels.astype("<i2"), voxel_to_ras))
    box = turned.slicer[tuple(slice(first, end) for first, end in crop.box)]
    return Volume(np.ascontiguousarray(box.dataobj, dtype="<i2"), np.asarray(box.affine), Provenance(modality="MR"))


def voxels_sha256(voxels: npt.NDArray[Any]) -> str:
    """Hash voxels as the catalogue states it: little-endian int16, the last axis fastest."""
    return hashlib.sha256(np.ascontiguousarray(voxels).astype("<i2").tobytes()).hexdigest()


def is_crop(path: Path, crop: Crop) -> bool:
    """Whether a file holds the very voxels."""
    try:
        image: Any = nibabel.load(path)
        return voxels_sha256(np.asarray(image.dataobj)) == crop.voxels_sha256
    except (nibabel.filebasedimages.ImageFileError, OSError, EOFError, ValueError):
        return False
