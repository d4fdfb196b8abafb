"""The pixels of a stack of DICOM images, as one array."""

from __future__ import annotations

import warnings as python_warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE
from napari_vascular_loop.formats.volumes.found import Progress, no_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame


def read_pixels(
    frames: Sequence[DicomFrame],
    indices: Sequence[int],
    slice_count: int,
    rescale_each: bool = False,
    progress: Progress = no_progress,
) -> npt.NDArray[Any]:
    """Read the pixels of frames into one array.

    Parameters
    ----------
    frames : sequence of DicomFrame
        All of the same rows and columns.
    indices : sequence of int
        The slice k of each frame; slices that no frame has are black.
    slice_count : int
        Slices of the array.
    rescale_each : bool
        Whether to apply each frame's own slope and intercept; the array is then float32.
    progress : callable, optional
        Told how much is done; may raise ReadCancelledError.

    Returns
    -------
    array of shape (columns, rows, slices)

    Raises
    ------
    VolumeReadError
        If pixels are damaged, or their encoding can't be decoded here; the message names the file.
    """
    voxels: npt.NDArray[Any] | None = None
    for number, (index, one) in enumerate(zip(indices, frames, strict=True)):
        progress(number / len(frames))
        pixels = _pixels(one)
        if rescale_each:
            pixels = (pixels * np.float32(one.slope) + np.float32(one.intercept)).astype(np.float32)
        if voxels is None:
            planes = np.zeros((slice_count, one.rows, one.columns), dtype=pixels.dtype)
            voxels = planes.transpose(2, 1, 0)
        elif pixels.dtype != voxels.dtype:
            voxels = voxels.astype(np.result_type(voxels.dtype, pixels.dtype))
        voxels[:, :, index] = pixels.T
    if voxels is None:
        raise VolumeReadError("the series holds no slices")
    return voxels


def _pixels(one: DicomFrame) -> npt.NDArray[Any]:
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(one.path)
            pixels: npt.NDArray[Any] = dataset.pixel_array
    except (*DAMAGE, MemoryError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise VolumeReadError(f"{one.path.name}: its pixels could not be read: {reason}") from error
    if pixels.ndim == 3:
        pixels = pixels[one.number]
    if pixels.shape != (one.rows, one.columns):
        raise VolumeReadError(
            f"{one.path.name}: its pixels have shape {pixels.shape}, its header says {(one.rows, one.columns)}"
        )
    return pixels
