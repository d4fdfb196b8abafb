"""Write a volume as NIfTI, without anything that could tell whose head it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
from nibabel.openers import ImageOpener
from nibabel.spatialimages import HeaderDataError

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.volume import SYNTHETIC
from napari_vascular_loop.formats.atomic import replacing

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from napari_vascular_loop.domain.volume import Volume

COMPUTED = f"{SYNTHETIC}: computed, not an image of a person"
"""What the file of a volume that was computed says of itself."""

_SCANNER_COORDINATES = 1
_SHEAR_OF_ROUNDING_DEG = 0.005
_LONGEST_AXIS_OF_NIFTI_1 = 32767

_INSTEAD: dict[np.dtype[Any], np.dtype[Any]] = {
    np.dtype(bool): np.dtype(np.uint8),
    np.dtype(np.float16): np.dtype(np.float32),
}
"""Types that NIfTI does not have, and those in which their numbers are kept."""


def write_nifti(volume: Volume, path: Path) -> None:
    """Write a volume: geometry, voxels of all time points in their own type and rescaling, and nothing else.

    Of a volume that was computed, the file says so.

    Parameters
    ----------
    volume : Volume
        What to write. Its voxels may be mapped from the very file that is replaced.
    path : Path
        Ends in .nii.gz or .nii; written beside itself first, then moved into place. NIfTI-1, or NIfTI-2 where an
        axis has more than 32767 voxels.

    Raises
    ------
    VolumeReadError
        If NIfTI has no such data type, or the file can't be written.
    """
    voxels = volume.voxels if volume.series is None else volume.series
    dtype = _INSTEAD.get(voxels.dtype, voxels.dtype)
    if dtype != voxels.dtype:
        voxels = voxels.astype(dtype)
    image_class: Any = nibabel.Nifti1Image if max(voxels.shape) <= _LONGEST_AXIS_OF_NIFTI_1 else nibabel.Nifti2Image
    try:
        image = image_class(voxels, volume.voxel_to_ras, dtype=dtype)
    except HeaderDataError as error:
        raise VolumeReadError(f"voxels of type {dtype.name} can't be written as NIfTI") from error
    code = _SCANNER_COORDINATES if volume.provenance.orientation_known else 0
    image.set_sform(volume.voxel_to_ras, code=code)
    # A qform has no shear: where it can't say the same as the sform, it must not be believed.
    is_square = volume.grid.shear_deg <= _SHEAR_OF_ROUNDING_DEG
    image.set_qform(volume.voxel_to_ras, code=code if is_square else 0, strip_shears=True)
    image.header.set_xyzt_units("mm")
    if volume.provenance.is_synthetic:
        # So that it says so wherever it is opened.
        image.header["descrip"] = COMPUTED
    image.header.set_slope_inter(volume.rescale.slope, volume.rescale.intercept)
    try:
        with replacing(path) as temporary:
            _save(image, voxels, temporary, volume)
    except OSError as error:
        raise VolumeReadError(f"{str(path)!r} could not be written: {error.strerror or error}") from error


def _save(image: Any, voxels: npt.NDArray[Any], temporary: Path, volume: Volume) -> None:
    if volume.rescale.is_identity:
        nibabel.save(image, temporary)
        return
    # nibabel would rescale the numbers anew: write them as they are, behind a header that carries the rescaling.
    header = image.header.copy()
    header.set_data_offset(header.single_vox_offset)
    with ImageOpener(str(temporary), "wb") as file:
        header.write_to(file)
        file.write(b"\0" * (header.single_vox_offset - file.tell()))
        stacks = [voxels] if voxels.ndim == 3 else [voxels[..., number] for number in range(voxels.shape[3])]
        for stack in stacks:
            for k in range(stack.shape[2]):
                file.write(np.asarray(stack[:, :, k]).tobytes(order="F"))
