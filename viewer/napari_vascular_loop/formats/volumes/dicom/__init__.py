"""DICOM: single-frame series, enhanced multi-frame files and Siemens mosaics, with pydicom.

A series becomes volumes by geometry alone: slices are ordered by their position along the normal of the plane,
never by instance number or file name. DICOM speaks LPS; this module is the border at which it becomes RAS.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.errors import GeometryError, VolumeReadError
from napari_vascular_loop.domain.space import Grid
from napari_vascular_loop.domain.volume import Rescale, Volume, VolumeHeader
from napari_vascular_loop.formats.volumes.dicom import enhanced, grid_image, mosaic
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE, DicomFile, read_header
from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame, frame_of
from napari_vascular_loop.formats.volumes.dicom.groups import groups_of, runs_of
from napari_vascular_loop.formats.volumes.dicom.naming import descriptions_of, ids_of
from napari_vascular_loop.formats.volumes.dicom.pixel_source import refuse_missing_pixels
from napari_vascular_loop.formats.volumes.dicom.pixels import read_pixels
from napari_vascular_loop.formats.volumes.dicom.receipt import provenance_of
from napari_vascular_loop.formats.volumes.dicom.refusal import (
    refuse_frames_without_place,
    refuse_lone_projection,
    refuse_what_is_no_slice,
)
from napari_vascular_loop.formats.volumes.dicom.scattered import gathered, series_count_note
from napari_vascular_loop.formats.volumes.dicom.stack import Stack, stacks_of
from napari_vascular_loop.formats.volumes.found import Found, FoundVolume, Progress, Stray, no_progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from napari_vascular_loop.formats.volumes.dicom.run import Run


def find(files: Sequence[Path], progress: Progress = no_progress) -> Found:
    """Sort DICOM files into volumes, from their headers.

    Series are kept apart, and within a series whatever differs in plane, matrix, echo or kind of image.
    Files that are no slice of a volume come back as strays, with the reason.
    """
    frames: list[DicomFrame] = []
    strays: list[Stray] = []
    for number, file in enumerate(files):
        progress(number / len(files))
        try:
            frames += frames_of(read_header(file))
        except VolumeReadError as error:
            strays.append(Stray(file, str(error)))
    stacked: list[tuple[Run, Stack]] = []
    for group in gathered(groups_of(frames)):
        note = series_count_note(group)
        for run in runs_of(group):
            try:
                refuse_lone_projection(run.times[0])
                refuse_frames_without_place(run.times[0])
                stacked += stacks_of(replace(run, warnings=(*note, *run.warnings)) if note else run)
            except VolumeReadError as error:
                strays += _strays_of(run, error)
    runs = [run for run, _ in stacked]
    volumes: list[FoundVolume] = []
    for (run, stack), id_, description in zip(stacked, ids_of(runs), descriptions_of(runs), strict=True):
        try:
            volumes.append(_found_volume(run, stack, id_, description))
        except GeometryError as error:
            strays += _strays_of(run, error)
    # Of a file of many frames some may be of use and others not.
    used = {file for one in volumes for file in one.header.provenance.source_files}
    partly = [stray for stray in strays if stray.path in used]
    volumes = [_with_left_out(one, partly) for one in volumes] if partly else volumes
    return Found(tuple(volumes), tuple(stray for stray in strays if stray.path not in used))


def frames_of(file: DicomFile) -> list[DicomFrame]:
    """Make slices of what a file holds: one, or the frames of an enhanced file, or the tiles of a mosaic.

    Raises
    ------
    VolumeReadError
        If it holds no slice of a volume; the message is the reason, without the file's name.
    """
    try:
        refuse_what_is_no_slice(file)
        if enhanced.has_frames(file):
            # Siemens' XA calls its files of many frames mosaics too.
            frames = enhanced.frames_of(file)
        elif mosaic.is_mosaic(file):
            frames = mosaic.frames_of(file)
        else:
            frames = grid_image.frames_of(file) if grid_image.is_grid(file) else [frame_of(file)]
        refuse_missing_pixels(file)
        return frames
    except DAMAGE as error:
        raise VolumeReadError(f"a damaged DICOM file ({type(error).__name__})") from error


def _strays_of(run: Run, error: Exception) -> Iterable[Stray]:
    paths = dict.fromkeys(one.path for some in run.times for one in some)
    return [Stray(path, str(error)) for path in paths]


def _with_left_out(volume: FoundVolume, partly: Sequence[Stray]) -> FoundVolume:
    files = set(volume.header.provenance.source_files)
    left_out = tuple(f"other frames of the file: {stray.reason}" for stray in partly if stray.path in files)
    return volume.with_provenance(lambda was: replace(was, dropped=(*was.dropped, *left_out))) if left_out else volume


def _found_volume(run: Run, stack: Stack, id_: str, description: str) -> FoundVolume:
    first = stack.slices[0]
    rescalings = {(one.slope, one.intercept) for one in stack.slices}
    differs = len(rescalings) > 1
    rescale = Rescale() if differs else Rescale(*rescalings.pop())
    grid = Grid((first.columns, first.rows, stack.slice_count), stack.voxel_to_ras)
    provenance = replace(provenance_of(run, stack, grid, differs), id=id_, description=description)
    dtype = "float32" if differs else _dtype(stack.slices)
    header = VolumeHeader(grid, provenance, rescale, dtype, stack.time_points)
    return FoundVolume(header, partial(_read, stack, header, differs), partial(_read_middle, stack, differs))


_TYPES = {(str(bits), str(int(sign == ""))): f"{sign}int{bits}" for bits in (8, 16, 32) for sign in ("u", "")}
"""numpy's names of stored numbers, by Bits Allocated and Pixel Representation."""


def _dtype(slices: Sequence[DicomFrame]) -> str:
    """Numpy's name for the stored numbers, or "" where that shows only when they are read."""
    files = {one.path: one.file for one in slices}.values()
    kinds = {(str(file.get("BitsAllocated")), str(file.get("PixelRepresentation", 0))) for file in files}
    if not kinds <= set(_TYPES):
        return ""
    return np.result_type(*(_TYPES[kind] for kind in kinds)).name


def _read(stack: Stack, header: VolumeHeader, own_rescaling: bool, progress: Progress) -> Volume:
    count = stack.slice_count * stack.time_points
    voxels = read_pixels(stack.slices, stack.indices, count, own_rescaling, progress)
    if stack.time_points == 1:
        return Volume(voxels, header.grid.voxel_to_ras, header.provenance, header.rescale)
    series: npt.NDArray[Any] = voxels.reshape((*header.grid.shape, stack.time_points), order="F")
    return Volume(series[..., 0], header.grid.voxel_to_ras, header.provenance, header.rescale, series)


def _read_middle(stack: Stack, own_rescaling: bool) -> npt.NDArray[Any]:
    """Read the slice nearest to the middle of the first time point."""
    middle = stack.slice_count // 2
    nearest = min(range(len(stack.slices)), key=lambda n: abs(stack.indices[n] - middle))
    return read_pixels([stack.slices[nearest]], [0], 1, own_rescaling)[:, :, 0]
