"""Write a volume as NIfTI, without anything that could tell whose head it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nibabel
import numpy as np

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.atomic import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume

_SCANNER_COORDINATES = 1


def write_nifti(volume: Volume, path: Path) -> None:
    """Write a volume as .nii.gz: geometry, voxels in their own type and rescaling, and nothing else.

    Parameters
    ----------
    volume : Volume
        What to write.
    path : Path
        Ends in .nii.gz or .nii; written beside itself first, then moved into place.

    Raises
    ------
    VolumeReadError
        If NIfTI has no such data type, or the file can't be written.
    """
    voxels = volume.voxels
    if voxels.dtype == bool:
        voxels = voxels.astype(np.uint8)
    elif voxels.dtype == np.float16:
        voxels = voxels.astype(np.float32)
    image = nibabel.Nifti1Image(voxels, volume.voxel_to_ras, dtype=voxels.dtype)
    code = _SCANNER_COORDINATES if volume.provenance.orientation_known else 0
    image.set_sform(volume.voxel_to_ras, code=code)
    image.set_qform(volume.voxel_to_ras, code=code, strip_shears=True)
    image.header.set_xyzt_units("mm")
    image.header.set_slope_inter(volume.rescale.slope, volume.rescale.intercept)
    try:
        with replacing(path) as temporary:
            _save(image, voxels, temporary, volume)
    except OSError as error:
        raise VolumeReadError(f"{str(path)!r} could not be written: {error.strerror or error}") from error


def _save(image: nibabel.Nifti1Image, voxels: np.ndarray, temporary: Path, volume: Volume) -> None:
    if volume.rescale.is_identity:
        nibabel.save(image, temporary)
        return
    # nibabel would rescale the numbers anew: write them as they are, behind a header that carries the rescaling.
    header = image.header.copy()
    header.set_data_offset(352)
    opener = nibabel.openers.ImageOpener(str(temporary), "wb")
    with opener as file:
        header.write_to(file)
        file.write(b"\0" * (352 - file.tell()))
        file.write(np.asfortranarray(voxels).tobytes(order="F"))
