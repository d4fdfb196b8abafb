"""From loose slices to stacks with a grid: order, duplicates, gaps."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.space import RAS_FROM_LPS, FloatArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame

SAME_POSITION_MM = 0.01
JITTER_MM = 0.02
"""A slice may lie this far from its place on an even grid, or 1 % of the spacing if that is more."""

MAX_BLANK_SHARE = 0.5
_SAME_GAP = 0.1


@dataclass(frozen=True, eq=False)
class Stack:
    """Slices on an even grid.

    Parameters
    ----------
    slices : tuple of DicomFrame
        In order along k.
    indices : tuple of int
        The k of each slice; where one is missing, a number is left out.
    voxel_to_ras : array of shape (4, 4)
        For voxels[column, row, slice].
    """

    slices: tuple[DicomFrame, ...]
    indices: tuple[int, ...]
    voxel_to_ras: FloatArray
    warnings: tuple[str, ...] = ()

    @property
    def slice_count(self) -> int:
        """Number of slices of the grid, missing ones included."""
        return self.indices[-1] + 1


def stack_slices(slices: Sequence[DicomFrame]) -> list[Stack]:
    """Lay the slices of one group on even grids: one, or several where the same places were imaged repeatedly.

    Raises
    ------
    VolumeReadError
        If the slices can't be laid on an even grid; the message says why.
    """
    unique, copies = _without_copies(slices)
    notes = [f"{copies} files are copies of others and were left out"] if copies else []
    if unique[0].position_lps_mm is None:
        return [_stack_of_unknown_place(unique, notes)]
    by_place = _by_place(unique)
    counts = sorted({len(place) for place in by_place})
    if counts == [1]:
        return [_stack([place[0] for place in by_place], notes)]
    if len(counts) == 1:
        notes.append(f"each place was imaged {counts[0]} times; they are kept apart in order of instance number")
        return [_stack([place[n] for place in by_place], notes) for n in range(counts[0])]
    notes.append("some places were imaged more than once; the image of the lowest instance number is used")
    return [_stack([place[0] for place in by_place], notes)]


def _without_copies(slices: Sequence[DicomFrame]) -> tuple[list[DicomFrame], int]:
    seen: dict[str, DicomFrame] = {}
    for one in slices:
        seen.setdefault(one.sop_instance_uid or str(one.path), one)
    return list(seen.values()), len(slices) - len(seen)


def _by_place(slices: Sequence[DicomFrame]) -> list[list[DicomFrame]]:
    """Group slices by position along the normal, in its order."""
    normal = slices[0].normal_lps
    places: list[list[DicomFrame]] = []
    last = -np.inf
    for distance, _, one in sorted(
        (
            (float(one.position_lps_mm @ normal), n, one)
            for n, one in enumerate(slices)
            if one.position_lps_mm is not None
        ),
        key=lambda item: item[:2],
    ):
        if distance - last > SAME_POSITION_MM:
            places.append([])
            last = distance
        places[-1].append(one)
    for place in places:
        place.sort(key=lambda one: (one.instance_number, one.path.name))
    return places


def _stack(slices: list[DicomFrame], notes: Sequence[str]) -> Stack:
    first = slices[0]
    positions = np.array([one.position_lps_mm for one in slices])
    warnings = list(notes)
    if len(slices) == 1:
        indices, step = [0], first.normal_lps * first.slice_spacing_mm
        warnings.append(f"a single slice; its thickness is taken as {first.slice_spacing_mm:g} mm")
    else:
        indices, step = _even_grid(positions, first.normal_lps)
        missing = sorted(set(range(indices[-1] + 1)) - set(indices))
        if missing:
            warnings.append(f"{len(missing)} slices are missing and shown black: {_ranges(missing)}")
    matrix = np.eye(4)
    matrix[:3, 0] = first.row_lps * first.column_spacing_mm
    matrix[:3, 1] = first.column_lps * first.row_spacing_mm
    matrix[:3, 2] = step
    matrix[:3, 3] = positions[0]
    return Stack(tuple(slices), tuple(indices), RAS_FROM_LPS @ matrix, tuple(warnings))


def _even_grid(positions: FloatArray, normal: FloatArray) -> tuple[list[int], FloatArray]:
    """Find the step between slices, and the number of each slice on the grid of that step."""
    distances = (positions - positions[0]) @ normal
    gaps = np.diff(distances)
    # Where slices are missing some gaps are multiples: the smallest ones tell the spacing.
    typical = float(gaps[gaps <= gaps.min() * (1 + _SAME_GAP)].mean())
    indices = [round(float(d) / typical) for d in distances]
    span = indices[-1]
    if len(set(indices)) != len(indices) or span + 1 > len(indices) / MAX_BLANK_SHARE:
        raise VolumeReadError(_uneven(distances))
    step = (positions[-1] - positions[0]) / span
    expected = positions[0] + np.outer(indices, step)
    error_mm = np.linalg.norm(positions - expected, axis=1).max()
    if error_mm > max(JITTER_MM, 0.01 * typical):
        raise VolumeReadError(_uneven(distances))
    return indices, np.asarray(step, dtype=np.float64)


def _uneven(distances: FloatArray) -> str:
    gaps = np.diff(distances)
    return (
        f"its {len(distances)} slices are unevenly spaced ({gaps.min():.2f} to {gaps.max():.2f} mm), so they form "
        "no grid on which a place could be told rightly"
    )


def _stack_of_unknown_place(slices: list[DicomFrame], notes: Sequence[str]) -> Stack:
    """Lay slices that don't say where they lie one upon the other, and say so."""
    ordered = sorted(slices, key=lambda one: (one.instance_number, one.path.name))
    first = ordered[0]
    matrix = np.diag([first.column_spacing_mm, first.row_spacing_mm, first.slice_spacing_mm, 1.0])
    warning = (
        "the files do not say how the patient lies in them (no Image Orientation (Patient)); "
        "slices are in order of instance number"
    )
    return Stack(tuple(ordered), tuple(range(len(ordered))), RAS_FROM_LPS @ matrix, (*notes, warning))


def _ranges(numbers: Sequence[int]) -> str:
    """Say [3, 4, 5, 9] as "3-5, 9"."""
    runs: dict[int, list[int]] = defaultdict(list)
    for position, number in enumerate(numbers):
        runs[number - position].append(number)
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs.values())
