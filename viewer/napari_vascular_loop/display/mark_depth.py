"""How deep in the slice on screen a mark is placed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.mark_view import SlabProjection

if TYPE_CHECKING:
    from napari_vascular_loop.display.slab import Slab
    from napari_vascular_loop.display.view_state import ViewState
    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.domain.volume import Volume


def exact_depth_mm(
    volume: Volume, state: ViewState, slab: Slab, place_mm: FloatArray, crossing_mm: FloatArray | None
) -> float:
    """Where along the line of sight that lies which one sees at a place, as exactly as is known.

    In a MIP or MinIP it is the voxel that is seen: the brightest or the darkest one of the slab. Else the planes
    may cross within the slice, where a click on another plane has sent them: a slice of 5 mm has room for that. Else
    it is the slice's middle.

    Parameters
    ----------
    volume : Volume
        The shown one.
    state : ViewState
        The slice on screen.
    slab : Slab
        How thick it is shown.
    place_mm : array of shape (3,)
        In display coordinates, on the slice's middle.
    crossing_mm : array of shape (3,) or None
        Where the planes cross, in display coordinates.

    Returns
    -------
    float
        mm along the display axis.
    """
    axis = state.display_axis
    spacing = volume.frame.scale_mm[axis]
    if slab.thickness_mm and slab.projection is not SlabProjection.MEAN:
        number = _seen_slice(volume, state, slab, place_mm)
        return float(volume.frame.translate_mm[axis] + number * spacing)
    half_mm = max(spacing, slab.shown_mm(spacing)) / 2
    if crossing_mm is not None and abs(crossing_mm[axis] - state.slice_mm) <= half_mm:
        return float(crossing_mm[axis])
    return state.slice_mm


def _seen_slice(volume: Volume, state: ViewState, slab: Slab, place_mm: FloatArray) -> int:
    """Number of the slice of a slab whose voxel is seen at a place; among equals, the nearest to the middle."""
    axis, frame = state.display_axis, volume.frame
    at = np.rint(frame.index_from_display(place_mm)).astype(int)
    if (at < 0).any() or (at >= frame.shape).any():
        return state.index
    half = slab.slices(frame.scale_mm[axis]) // 2
    numbers = np.arange(max(0, state.index - half), min(frame.shape[axis], state.index + half + 1))
    line: list[int | slice] = [int(number) for number in at]
    line[axis] = slice(int(numbers[0]), int(numbers[-1]) + 1)
    column = np.asarray(frame.reorder(volume.at_time_point(state.time_point))[tuple(line)], dtype=np.float64)
    values = np.nan_to_num(column if slab.projection is SlabProjection.MAXIMUM else -column, nan=-np.inf)
    seen = numbers[values == values.max()]
    return int(seen[np.argmin(np.abs(seen - state.index))])
