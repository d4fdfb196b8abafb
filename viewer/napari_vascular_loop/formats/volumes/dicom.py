"""DICOM series of single-frame images, with pydicom.

A series becomes a volume by geometry alone: slices are ordered by their position along the normal of the plane,
never by instance number or file name. DICOM speaks LPS; this module is the border at which it becomes RAS.
"""

from __future__ import annotations

import hashlib
import warnings as python_warnings
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.errors import InvalidDicomError

from napari_vascular_loop.domain.errors import GeometryError, VolumeReadError
from napari_vascular_loop.domain.space import Grid
from napari_vascular_loop.domain.volume import Provenance, Rescale, Volume, VolumeHeader
from napari_vascular_loop.formats.volumes.dicom_slice import DicomSlice, slice_from
from napari_vascular_loop.formats.volumes.dicom_stack import Stack, stack_slices
from napari_vascular_loop.formats.volumes.found import Found, FoundVolume, Stray, grid_warnings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# What pydicom raises on damaged or unusual files.
_DAMAGE = (
    InvalidDicomError,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    IndexError,
)


def find(files: Sequence[Path]) -> Found:
    """Sort DICOM files into volumes, from their headers.

    Series are kept apart, and within a series whatever differs in plane, matrix, echo or kind of image.
    Files that are no slice of a volume come back as strays, with the reason.
    """
    groups: dict[tuple[Any, ...], list[DicomSlice]] = defaultdict(list)
    strays: list[Stray] = []
    for file in files:
        try:
            one = _read_header(file)
        except VolumeReadError as error:
            strays.append(Stray(file, str(error)))
        else:
            groups[one.group].append(one)
    volumes: list[FoundVolume] = []
    for slices in groups.values():
        try:
            stacks = stack_slices(slices)
            volumes.extend(_found_volume(stack, number) for number, stack in enumerate(stacks))
        except (VolumeReadError, GeometryError) as error:
            strays.extend(Stray(one.path, str(error)) for one in slices)
    return Found(tuple(volumes), tuple(strays))


def _read_header(path: Path) -> DicomSlice:
    if path.stat().st_size == 0:
        raise VolumeReadError("the file is empty")
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(path, stop_before_pixels=True)
            return slice_from(path, dataset)
    except InvalidDicomError as error:
        raise VolumeReadError("neither a NIfTI nor a DICOM file") from error
    except VolumeReadError:
        raise
    except PermissionError as error:
        raise VolumeReadError(f"it may not be read by you ({error.strerror})") from error
    except _DAMAGE as error:
        raise VolumeReadError(f"a damaged DICOM file ({type(error).__name__})") from error


def _found_volume(stack: Stack, number: int) -> FoundVolume:
    first = stack.slices[0]
    name = hashlib.sha256("|".join(map(str, (*first.group, number))).encode()).hexdigest()[:10]
    rescalings = {(one.slope, one.intercept) for one in stack.slices}
    differs = len(rescalings) > 1
    grid = Grid((first.columns, first.rows, stack.slice_count), stack.voxel_to_ras)
    notes = [*stack.warnings, *grid_warnings(grid)]
    if differs:
        notes.append("each slice has its own rescaling; it has been applied")
        rescale = Rescale()
    else:
        rescale = Rescale(*rescalings.pop())
    provenance = Provenance(
        id=f"{first.modality.lower() or 'dicom'}-{name}",
        format="dicom",
        modality=first.modality,
        description=first.description,
        orientation_known=first.orientation_known,
        frame_of_reference_uid=first.frame_of_reference_uid,
        source_files=tuple(one.path for one in stack.slices),
        warnings=tuple(notes),
    )
    header = VolumeHeader(grid, provenance, rescale)
    return FoundVolume(header, partial(_read, stack, header, differs))


def _read(stack: Stack, header: VolumeHeader, own_rescaling: bool) -> Volume:
    """Read the pixels of a stack into one array [column, row, slice]."""
    voxels: npt.NDArray[Any] | None = None
    for index, one in zip(stack.indices, stack.slices, strict=True):
        pixels = _pixels(one)
        if own_rescaling:
            pixels = (pixels * np.float32(one.slope) + np.float32(one.intercept)).astype(np.float32)
        if voxels is None:
            planes = np.zeros((stack.slice_count, one.rows, one.columns), dtype=pixels.dtype)
            voxels = planes.transpose(2, 1, 0)
        elif pixels.dtype != voxels.dtype:
            voxels = voxels.astype(np.result_type(voxels.dtype, pixels.dtype))
        voxels[:, :, index] = pixels.T
    if voxels is None:
        raise VolumeReadError("the series holds no slices")
    return Volume(voxels, header.grid.voxel_to_ras, header.provenance, header.rescale)


def _pixels(one: DicomSlice) -> npt.NDArray[Any]:
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(one.path)
            pixels: npt.NDArray[Any] = dataset.pixel_array
    except (*_DAMAGE, MemoryError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise VolumeReadError(f"{one.path.name}: its pixels could not be read: {reason}") from error
    if pixels.shape != (one.rows, one.columns):
        raise VolumeReadError(
            f"{one.path.name}: its pixels have shape {pixels.shape}, its header says {(one.rows, one.columns)}"
        )
    return pixels
