"""What lies under the mouse."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.display.mark_ink import label_size_px
from napari_vascular_loop.display.view_state import ViewState, place_on_slice
from napari_vascular_loop.domain.annotation import Region, is_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.display.glyphs import LabelGlyph
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.drawing import MarkOnSlice
    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.space import FloatArray

HIT_PX = 9.0
"""How near the mouse must be, in screen pixels."""


def nearest_mark(marks: Sequence[MarkOnSlice], position: Any, state: ViewState) -> Annotation | None:
    """The mark that is nearest to a canvas position, within `HIT_PX`."""
    place = place_on_slice(position, state)[list(state.in_plane)]
    near = [(hit_distance_px(mark, place, state.mm_per_pixel), mark) for mark in marks]
    distance, mark = min(near, key=lambda pair: pair[0], default=(np.inf, None))
    return mark.annotation if mark is not None and distance <= HIT_PX else None


def text_at(
    marks: Sequence[MarkOnSlice], labels: Sequence[LabelGlyph], position: Any, state: ViewState
) -> Annotation | None:
    """The text whose words a canvas position lies on.

    Parameters
    ----------
    marks : sequence of MarkOnSlice
        What is drawn.
    labels : sequence of LabelGlyph
        The words as they are on screen; their `mark` is a number among `marks`.
    position : sequence of float
        As napari tells it.
    state : ViewState
        The slice on screen.
    """
    place = place_on_slice(position, state)[list(state.in_plane)]
    for label in reversed(labels):
        annotation = marks[label.mark].annotation if label.mark < len(marks) else None
        half = np.array(label_size_px(label.text)) / 2 * state.mm_per_pixel
        if annotation is not None and is_text(annotation.geometry) and (np.abs(place - label.place_mm) <= half).all():
            return annotation
    return None


def nearest_vertex(annotation: Annotation, position: Any, state: ViewState, frame: DisplayFrame) -> int | None:
    """Number of the end or corner of a mark under a canvas position, or None."""
    vertices = frame.display_from_ras(annotation.geometry.vertices_ras_mm)[:, list(state.in_plane)]
    place = place_on_slice(position, state)[list(state.in_plane)]
    distances = np.linalg.norm(vertices - place, axis=1) / state.mm_per_pixel
    nearest = int(np.argmin(distances))
    return nearest if distances[nearest] <= HIT_PX else None


def hit_distance_px(mark: MarkOnSlice, place_mm: FloatArray, mm_per_pixel: float) -> float:
    """Distance in screen pixels from a place to the nearest part of a mark; infinite if it is not on the slice."""
    nearest = np.inf
    for stroke in mark.strokes:
        vertices = stroke.vertices_mm
        closed = isinstance(mark.annotation.geometry, Region)
        ends = np.vstack([vertices, vertices[:1]]) if closed else vertices
        if len(ends) == 1:
            nearest = min(nearest, float(np.linalg.norm(ends[0] - place_mm)))
        for a, b in pairwise(ends):
            along = b - a
            t = float(np.clip((place_mm - a) @ along / max(float(along @ along), 1e-12), 0.0, 1.0))
            nearest = min(nearest, float(np.linalg.norm(a + t * along - place_mm)))
    return nearest / mm_per_pixel
