"""DICOM series of single-frame images, with pydicom.

A series becomes a volume by geometry alone: slices are ordered by their position along the normal of the plane,
never by instance number or file name. DICOM speaks LPS; this module is the border at which it becomes RAS.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import GeometryError, VolumeReadError
from napari_vascular_loop.domain.space import Grid
from napari_vascular_loop.domain.volume import Provenance, Rescale, Volume, VolumeHeader
from napari_vascular_loop.formats.volumes.dicom.file import read_header
from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame, frame_of
from napari_vascular_loop.formats.volumes.dicom.pixels import read_pixels
from napari_vascular_loop.formats.volumes.dicom.stack import Stack, stack_slices
from napari_vascular_loop.formats.volumes.found import (
    Found,
    FoundVolume,
    Progress,
    Stray,
    grid_warnings,
    no_progress,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def find(files: Sequence[Path], progress: Progress = no_progress) -> Found:
    """Sort DICOM files into volumes, from their headers.

    Series are kept apart, and within a series whatever differs in plane, matrix, echo or kind of image.
    Files that are no slice of a volume come back as strays, with the reason.
    """
    groups: dict[tuple[Any, ...], list[DicomFrame]] = defaultdict(list)
    strays: list[Stray] = []
    for number, file in enumerate(files):
        progress(number / len(files))
        try:
            one = frame_of(read_header(file))
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


def _read(stack: Stack, header: VolumeHeader, own_rescaling: bool, progress: Progress) -> Volume:
    voxels = read_pixels(stack.slices, stack.indices, stack.slice_count, own_rescaling, progress)
    return Volume(voxels, header.grid.voxel_to_ras, header.provenance, header.rescale)
