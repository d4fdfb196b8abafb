"""What of a view is taken by marks and labels, and what it costs to put a label there all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Arrow, is_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.drawing import MarkOnSlice
    from napari_vascular_loop.domain.space import FloatArray

_CELL_PX = 3.0
_REACH_PX = 420.0
_DOT_PX = 14.0
_TIP_PX = 6.0
_ON_LABEL = 60.0
_ON_MARK = 6.0
_ACROSS_LABEL = 20.0
_STEPS_OF_A_LEADER = np.linspace(0.05, 0.95, 12)[:, None]
_NO_ROOM = 10_000.0


class LabelRoom:
    """What of a view is taken: by marks, and by the labels that were placed.

    Marks are counted in a grid of small cells, summed up from one corner, so that the number within any box is had
    from its four corners.
    """

    def __init__(
        self,
        marks: Sequence[MarkOnSlice],
        labelled: Sequence[MarkOnSlice],
        mm_per_pixel: float,
        seen_mm: FloatArray | None,
    ) -> None:
        anchors = np.array([mark.label_anchor_mm for mark in labelled])
        low, high = anchors.min(axis=0) - _REACH_PX * mm_per_pixel, anchors.max(axis=0) + _REACH_PX * mm_per_pixel
        if seen_mm is not None:
            low, high = np.maximum(low, seen_mm[0]), np.minimum(high, seen_mm[1])
        self._low, self._cell = low, _CELL_PX * mm_per_pixel
        self._shape = np.maximum(1, np.ceil((high - low) / self._cell).astype(int))
        places, weights = _obstacles(marks, self._cell)
        at = np.floor((places - low) / self._cell).astype(int)
        inside = ((at >= 0) & (at < self._shape)).all(axis=1)
        flat = at[inside, 0] * self._shape[1] + at[inside, 1]
        counts = np.bincount(flat, weights[inside], minlength=int(self._shape.prod())).reshape(self._shape)
        self._sums = np.zeros(self._shape + 1)
        np.cumsum(np.cumsum(counts, axis=0), axis=1, out=self._sums[1:, 1:])
        self._boxes = np.empty((0, 2, 2))

    def cost_on_marks(self, middles: FloatArray, half: FloatArray) -> FloatArray:
        """What it costs to stand on marks, for places of shape (..., 2)."""
        low = np.clip(np.rint((middles - half - self._low) / self._cell).astype(int), 0, self._shape)
        high = np.clip(np.rint((middles + half - self._low) / self._cell).astype(int), 0, self._shape)
        sums = self._sums
        inside = sums[high[..., 0], high[..., 1]] - sums[low[..., 0], high[..., 1]]
        return np.asarray(inside - sums[high[..., 0], low[..., 1]] + sums[low[..., 0], low[..., 1]])

    def cost_on_labels(self, middles: FloatArray, half: FloatArray) -> FloatArray:
        """What it costs to stand on other labels, for each of some places."""
        return np.asarray(_ON_LABEL * self._on_labels(middles, half))

    def is_taken(self, middle: FloatArray, half: FloatArray) -> bool:
        """Whether a label, or an arrow's tip, is there already."""
        return bool(self._on_labels(middle[None], half)[0] or self.cost_on_marks(middle, half) >= _NO_ROOM)

    def crossings(self, anchor: FloatArray, middles: FloatArray) -> FloatArray:
        """What it costs that a line back to the mark runs through other labels."""
        if not len(self._boxes):
            return np.zeros(len(middles))
        lines = anchor + (middles - anchor)[:, None] * _STEPS_OF_A_LEADER
        within = (lines[:, :, None] >= self._boxes[:, 0]) & (lines[:, :, None] <= self._boxes[:, 1])
        crossed = np.any(np.all(within, axis=-1), axis=1)
        return np.asarray(crossed.sum(axis=1) * _ACROSS_LABEL)

    def take(self, middle: FloatArray, half: FloatArray) -> None:
        """Put a label there."""
        self._boxes = np.concatenate([self._boxes, np.array([[middle - half, middle + half]])])

    def _on_labels(self, middles: FloatArray, half: FloatArray) -> FloatArray:
        below = middles[:, None] - half < self._boxes[:, 1]
        above = middles[:, None] + half > self._boxes[:, 0]
        return np.asarray((below & above).all(axis=-1).sum(axis=1))


def _obstacles(marks: Sequence[MarkOnSlice], step_mm: float) -> tuple[FloatArray, FloatArray]:
    """Places along all marks, close enough that no label slips between them, and what it costs to cover each."""
    pixel = step_mm / _CELL_PX
    dot = np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]) * _DOT_PX / 2 * pixel
    corner = np.array([(-1, -1), (-1, 1), (1, -1), (1, 1), (0, 0)]) * _TIP_PX / 2 * pixel
    lines = [stroke.vertices_mm for mark in marks if not is_text(mark.annotation.geometry) for stroke in mark.strokes]
    dots = np.array([line[0] for line in lines if len(line) == 1]).reshape(-1, 1, 2) + dot
    arrows = [stroke for mark in marks if isinstance(mark.annotation.geometry, Arrow) for stroke in mark.strokes]
    tips = np.array([stroke.vertices_mm[1] for stroke in arrows]).reshape(-1, 1, 2) + corner
    longer = [line for line in lines if len(line) > 1]
    along = np.empty((0, 2))
    if longer:
        places = np.concatenate(longer)
        # From the end of one line no piece leads to the start of the next.
        pieces = np.delete(np.arange(len(places) - 1), np.cumsum([len(line) for line in longer])[:-1] - 1)
        along = _along(places[pieces], places[pieces + 1], step_mm)
    parts = [along, dots.reshape(-1, 2), tips.reshape(-1, 2)]
    costs = [_ON_MARK, _ON_MARK, _NO_ROOM]
    return np.concatenate(parts), np.repeat(costs, [len(part) for part in parts])


def _along(starts: FloatArray, ends: FloatArray, step_mm: float) -> FloatArray:
    """Places on many straight pieces, no further than a step apart."""
    counts = np.minimum(np.ceil(np.linalg.norm(ends - starts, axis=1) / step_mm).astype(int), 1000) + 1
    of = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    part = number / np.maximum(counts - 1, 1)[of]
    return np.asarray(starts[of] + (ends - starts)[of] * part[:, None])
