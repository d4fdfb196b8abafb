"""Where labels stand: near their marks, clear of each other and of what they point at.

A label that had to move away gets a thin line back to its mark, as in an atlas.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.display.glyphs import CLEAR, SELECTED_COLOUR, LabelGlyph, ShapeGlyph, rgba
from napari_vascular_loop.domain.annotation import Arrow
from napari_vascular_loop.domain.drawing import MarkOnSlice, resample

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray

MAX_LABELS = 40
MAX_CHARACTERS = 40
CHARACTER_PX = 9.4
HEIGHT_PX = 21.0
GAP_PX = 9.0
_RINGS_PX = (0.0, 22.0, 48.0, 78.0, 110.0, 145.0)
_LEADER_FROM_PX = 20.0
_LABELLED_FROM_OPACITY = 0.75
_HALO_PX = 1.3
_OBSTACLE_STEP_PX = 6.0
_DOT_PX = 14.0

Box = tuple[float, float, float, float]


def labels_of(
    marks: list[MarkOnSlice],
    mm_per_pixel: float,
    selected_id: str | None,
    signs: FloatArray,
    seen_mm: FloatArray | None,
) -> tuple[list[LabelGlyph], list[ShapeGlyph]]:
    """Lay out the labels of the marks that lie on the slice itself, and of the selected one.

    Parameters
    ----------
    marks : list of MarkOnSlice
        All that is drawn.
    mm_per_pixel : float
        Size of a screen pixel.
    selected_id : str or None
        Its label is golden and is placed first.
    signs : array of shape (2,)
        For (vertical, horizontal): +1 where the axis grows downwards, or to the right, on screen; else -1.
    seen_mm : array of shape (2, 2) or None
        Lowest and highest place that is on screen: labels stay within it, marks beyond it have none.

    Returns
    -------
    labels : list of LabelGlyph
        Each with its dark halo before it.
    leaders : list of ShapeGlyph
        Lines from labels to marks.
    """
    wanted = [
        mark
        for mark in marks
        if mark.annotation.label.strip()
        and mark.strokes
        and (mark.opacity >= _LABELLED_FROM_OPACITY or mark.annotation.id == selected_id)
        and _is_seen(mark, seen_mm)
    ]
    if len(wanted) > MAX_LABELS:
        # Otherwise the order stays, so that no label jumps when another mark is selected.
        wanted.sort(key=lambda mark: mark.annotation.id != selected_id)
    obstacles = _obstacles(marks, mm_per_pixel)
    labels: list[LabelGlyph] = []
    leaders: list[ShapeGlyph] = []
    placed: list[Box] = []
    for mark in wanted[:MAX_LABELS]:
        text = textwrap.shorten(mark.annotation.label, MAX_CHARACTERS, placeholder="…")
        half = np.array([HEIGHT_PX, CHARACTER_PX * len(text) + 6.0]) / 2 * mm_per_pixel
        place = _best_place(mark, half, mm_per_pixel, signs, placed, obstacles, seen_mm)
        placed.append(_box(place, half))
        ink = SELECTED_COLOUR if mark.annotation.id == selected_id else "#FFFFFF"
        labels.extend(_with_halo(place, text, ink, mm_per_pixel))
        leaders.extend(_leader(mark, place, half, mm_per_pixel))
    return labels, leaders


def _best_place(
    mark: MarkOnSlice,
    half: FloatArray,
    mm_per_pixel: float,
    signs: FloatArray,
    placed: list[Box],
    obstacles: FloatArray,
    seen_mm: FloatArray | None,
) -> FloatArray:
    """Try places in rings around the anchor; the cheapest wins, the first among equals."""
    anchor = mark.label_anchor_mm
    best, least = anchor, np.inf
    for ring_px in _RINGS_PX:
        for order, direction in enumerate(_directions(mark, signs)):
            middle = anchor + direction * ((GAP_PX + ring_px) * mm_per_pixel + np.abs(direction) * half)
            if seen_mm is not None:
                low, high = seen_mm[0] + half, seen_mm[1] - half
                middle = np.clip(middle, np.minimum(low, high), np.maximum(low, high))
            cost = ring_px / 10 + order * 0.2 + _cost(_box(middle, half), placed, obstacles)
            cost += 20.0 * _crossings(anchor, middle, placed)
            if cost < least:
                best, least = middle, cost
    return best


def _is_seen(mark: MarkOnSlice, seen_mm: FloatArray | None) -> bool:
    """Whether the place that a label belongs to is on screen."""
    anchor = mark.label_anchor_mm
    return seen_mm is None or bool((anchor >= seen_mm[0]).all() and (anchor <= seen_mm[1]).all())


def _cost(box: Box, placed: list[Box], obstacles: FloatArray) -> float:
    on_labels = sum(box[0] < o[2] and o[0] < box[2] and box[1] < o[3] and o[1] < box[3] for o in placed)
    inside = (obstacles >= box[:2]).all(axis=1) & (obstacles <= box[2:]).all(axis=1)
    return 60.0 * on_labels + 18.0 * float(inside.sum())


def _crossings(anchor: FloatArray, middle: FloatArray, placed: list[Box]) -> int:
    """How many labels a line back to the mark would run through."""
    line = anchor + (middle - anchor) * np.linspace(0.05, 0.95, 16)[:, None]
    return sum(bool(((line >= box[:2]) & (line <= box[2:])).all(axis=1).any()) for box in placed)


def _obstacles(marks: list[MarkOnSlice], mm_per_pixel: float) -> FloatArray:
    """Places along all marks, close enough that no label slips between them."""
    step = _OBSTACLE_STEP_PX * mm_per_pixel
    lines = [stroke.vertices_mm for mark in marks for stroke in mark.strokes]
    dot = np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]) * _DOT_PX / 2 * mm_per_pixel
    dense = [resample(line, step) if len(line) > 1 else line + dot for line in lines]
    return np.vstack(dense) if dense else np.empty((0, 2))


def _directions(mark: MarkOnSlice, signs: FloatArray) -> list[FloatArray]:
    """Directions in which a label may stand, the best first: away from an arrow's tip, else above."""
    on_screen = [(-1, 0), (1, 0), (-0.7, 0.7), (-0.7, -0.7), (0.7, 0.7), (0.7, -0.7), (0, 1), (0, -1)]
    around = [np.array(d) * signs for d in on_screen]
    if isinstance(mark.annotation.geometry, Arrow) and mark.strokes:
        tail, tip = mark.strokes[0].vertices_mm[0], mark.strokes[0].vertices_mm[1]
        length = float(np.linalg.norm(tail - tip))
        if length > 0:
            return [(tail - tip) / length, *around]
    return around


def _with_halo(place: FloatArray, text: str, ink: str, mm_per_pixel: float) -> list[LabelGlyph]:
    """A text reads on bright and dark when its dark copies stand a pixel away on all sides."""
    shift = _HALO_PX * mm_per_pixel
    halo = [place + np.array(offset) * shift for offset in ((-1, -1), (-1, 1), (1, -1), (1, 1))]
    return [*(LabelGlyph(h, text, rgba("#000000")) for h in halo), LabelGlyph(place, text, rgba(ink))]


def _leader(mark: MarkOnSlice, place: FloatArray, half: FloatArray, mm_per_pixel: float) -> list[ShapeGlyph]:
    anchor = mark.label_anchor_mm
    edge = place + np.clip(anchor - place, -half, half)
    if float(np.linalg.norm(edge - anchor)) < _LEADER_FROM_PX * mm_per_pixel:
        return []
    line = np.array([edge, anchor])
    return [
        ShapeGlyph("path", line, CLEAR, rgba("#000000", 0.8), 3.0 * mm_per_pixel),
        ShapeGlyph("path", line, CLEAR, rgba("#FFFFFF", 0.9), 1.2 * mm_per_pixel),
    ]


def _box(middle: FloatArray, half: FloatArray) -> Box:
    low, high = middle - half, middle + half
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
