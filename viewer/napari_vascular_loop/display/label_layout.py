"""Where labels stand: near their marks, clear of each other and of what they point at.

A label that had to move away gets a thin line back to its mark, as in an atlas. One for which there is no room is not
shown: the mark is, and its name is in the list.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.display.glyphs import ABOVE_MARKS, LabelGlyph, LineGlyph
from napari_vascular_loop.display.mark_style import SELECTED_COLOUR, rgba
from napari_vascular_loop.domain.annotation import Arrow, is_text
from napari_vascular_loop.domain.measure import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_vascular_loop.display.glyphs import Glyphs
    from napari_vascular_loop.domain.drawing import MarkOnSlice
    from napari_vascular_loop.domain.space import FloatArray

MAX_LABELS = 50
_FEWEST_LABELS = 2
_PX2_FOR_A_LABEL = 17_000
MAX_CHARACTERS = 40
MAX_TEXT_CHARACTERS = 90
_FEWEST_CHARACTERS = 6
GAP_PX = 9.0
_RINGS_PX = np.array([0.0, 22.0, 48.0, 78.0, 110.0, 145.0])
_LEADER_FROM_PX = 20.0
_LABELLED_FROM_OPACITY = 0.75
_CELL_PX = 3.0
_REACH_PX = 420.0
_EDGE_PX = 34.0
_DOT_PX = 14.0
_TIP_PX = 6.0
_STEPS_OF_A_LEADER = np.linspace(0.05, 0.95, 12)[:, None]

_LIKELY = 6
"""So many of the cheapest places are looked at more closely."""

_ON_LABEL = 60.0
_ON_MARK = 6.0
_ACROSS_LABEL = 20.0
_NO_ROOM = 10_000.0


def lay_out_labels(
    glyphs: Glyphs,
    marks: Sequence[MarkOnSlice],
    selected_id: str | None,
    seen_mm: FloatArray | None,
    size_px: Callable[[str], tuple[float, float]],
) -> None:
    """Add the labels of the marks that lie on the slice itself, and of the selected one, with their leaders.

    Parameters
    ----------
    glyphs : Glyphs
        What they are added to.
    marks : sequence of MarkOnSlice
        All that is drawn.
    selected_id : str or None
        Its label is golden and has the first choice where there are too many.
    seen_mm : array of shape (2, 2) or None
        Lowest and highest place that is on screen: labels stay within it, marks beyond it have none.
    size_px : callable
        Gives height and width of a label's picture.
    """
    wanted = _wanted(marks, selected_id, seen_mm, glyphs.mm_per_pixel)
    if not wanted:
        return
    # Texts stand where they were put: others make room for them.
    wanted.sort(key=lambda numbered: not is_text(numbered[1].annotation.geometry))
    pixel = glyphs.mm_per_pixel
    room = _Room(marks, [mark for _, mark in wanted], pixel, seen_mm)
    for number, mark in wanted:
        words, most = words_of(mark.annotation), np.inf if seen_mm is None else np.ptp(seen_mm[:, 1]) / pixel
        is_note = is_text(mark.annotation.geometry)
        text = _fitting(words, size_px, most, MAX_TEXT_CHARACTERS if is_note else MAX_CHARACTERS)
        half = np.array(size_px(text)) / 2 * pixel
        selected = mark.annotation.id == selected_id
        place = _own_place(mark, half, room, seen_mm) if is_note else None
        if place is None:
            place = _best_place(mark, half, glyphs, room, seen_mm, must=selected or is_note)
        if place is None:
            continue
        room.take(place, half)
        ink = SELECTED_COLOUR if selected else "#FFFFFF"
        glyphs.labels.append(LabelGlyph(place, text, rgba(ink, mark.opacity if is_note else 1.0), number))
        glyphs.lines.extend(_leader(mark, place, half, pixel, number))


def _own_place(mark: MarkOnSlice, half: FloatArray, room: _Room, seen_mm: FloatArray | None) -> FloatArray | None:
    """Where a text was put, or as much beside it as the view's edge wants; None where another text or a tip is."""
    place = np.asarray(mark.label_anchor_mm, dtype=np.float64)
    if seen_mm is not None:
        low, high = seen_mm[0] + half, seen_mm[1] - half
        place = np.clip(place, np.minimum(low, high), np.maximum(low, high))
    return None if room.is_taken(place, half) else place


def _fitting(words: str, size_px: Callable[[str], tuple[float, float]], width_px: float, most: int) -> str:
    """The words, cut to what is read at a glance and to what a small view has room for."""
    text = textwrap.shorten(words, most, placeholder="…") if len(words) > most else words
    while len(text) > _FEWEST_CHARACTERS and size_px(text)[1] > width_px:
        kept = int((len(text) - 1) * min(width_px / size_px(text)[1], 0.95))
        text = text[: max(kept, _FEWEST_CHARACTERS - 1)].rstrip(" …") + "…"
    return text


def _most(seen_mm: FloatArray | None, mm_per_pixel: float) -> int:
    """How many labels a canvas has room for: on a small one three are read, ten are a heap."""
    if seen_mm is None:
        return MAX_LABELS
    height_px, width_px = np.maximum(np.asarray(seen_mm[1]) - seen_mm[0], 0.0) / mm_per_pixel
    return int(np.clip(height_px * width_px / _PX2_FOR_A_LABEL, _FEWEST_LABELS, MAX_LABELS))


def _wanted(
    marks: Sequence[MarkOnSlice], selected_id: str | None, seen_mm: FloatArray | None, mm_per_pixel: float
) -> list[tuple[int, MarkOnSlice]]:
    """Marks that get a label, by number; those nearest to the slice and to the middle of the view if they are many."""
    most = _most(seen_mm, mm_per_pixel)
    found = [
        (number, mark) for number, mark in enumerate(marks) if _is_near(mark, selected_id) and words_of(mark.annotation)
    ]
    if seen_mm is not None and found:
        anchors = np.array([mark.label_anchor_mm for _, mark in found])
        # A mark at the edge is seen without its label; a text would be gone.
        notes = np.array([is_text(mark.annotation.geometry) for _, mark in found])
        beyond = (_EDGE_PX * mm_per_pixel * notes)[:, None]
        seen = ((anchors >= seen_mm[0] - beyond) & (anchors <= seen_mm[1] + beyond)).all(axis=1)
        found = [each for each, is_seen in zip(found, seen, strict=True) if is_seen]
    if len(found) <= most:
        # The order stays, so that no label jumps when another mark is selected.
        return found
    middle = np.mean(seen_mm, axis=0) if seen_mm is not None else found[0][1].label_anchor_mm
    off = np.linalg.norm(np.array([mark.label_anchor_mm for _, mark in found]) - middle, axis=1)
    rank = [
        (mark.annotation.id != selected_id, not is_text(mark.annotation.geometry), -mark.opacity, off[n])
        for n, (_, mark) in enumerate(found)
    ]
    chosen = sorted(sorted(range(len(found)), key=rank.__getitem__)[:most])
    return [found[n] for n in chosen]


def _is_near(mark: MarkOnSlice, selected_id: str | None) -> bool:
    """Whether a mark is near enough to have its label; one that is nothing but its words fades with them."""
    return (
        mark.opacity >= _LABELLED_FROM_OPACITY or is_text(mark.annotation.geometry) or mark.annotation.id == selected_id
    )


@dataclass(eq=False)
class _Candidates:
    """Places for one label: shape (N, 2) each, with what they cost by themselves."""

    middles: FloatArray
    costs: FloatArray


def _best_place(
    mark: MarkOnSlice, half: FloatArray, glyphs: Glyphs, room: _Room, seen_mm: FloatArray | None, must: bool
) -> FloatArray | None:
    """Try places in rings around the anchor; the cheapest wins, the first among equals."""
    directions = _directions(mark, glyphs.signs)
    near = _candidates(mark, half, directions, _RINGS_PX[:1], glyphs.mm_per_pixel, seen_mm)
    on_something = room.cost(near.middles, half)
    if on_something.min() <= 0:
        return np.asarray(near.middles[int(np.argmin(near.costs + on_something * 1000))])
    places = _candidates(mark, half, directions, _RINGS_PX, glyphs.mm_per_pixel, seen_mm)
    costs = places.costs + room.cost(places.middles, half)
    likely = np.argsort(costs, kind="stable")[:_LIKELY]
    middles = places.middles[likely]
    best = int(np.argmin(costs[likely] + room.crossings(mark.label_anchor_mm, middles)))
    return np.asarray(middles[best]) if must or not room.is_taken(middles[best], half) else None


def _candidates(
    mark: MarkOnSlice,
    half: FloatArray,
    directions: FloatArray,
    rings_px: FloatArray,
    mm_per_pixel: float,
    seen_mm: FloatArray | None,
) -> _Candidates:
    away = ((GAP_PX + rings_px) * mm_per_pixel)[:, None, None] * directions
    middles = (mark.label_anchor_mm + away + np.abs(directions) * half).reshape(-1, 2)
    if seen_mm is not None:
        low, high = seen_mm[0] + half, seen_mm[1] - half
        middles = np.clip(middles, np.minimum(low, high), np.maximum(low, high))
    costs = (rings_px / 10)[:, None] + np.arange(len(directions)) * 0.2
    return _Candidates(middles, costs.ravel())


class _Room:
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

    def cost(self, middles: FloatArray, half: FloatArray) -> FloatArray:
        """What it costs to stand on marks and on other labels, for each of some places."""
        low = np.clip(np.rint((middles - half - self._low) / self._cell).astype(int), 0, self._shape)
        high = np.clip(np.rint((middles + half - self._low) / self._cell).astype(int), 0, self._shape)
        sums = self._sums
        inside = sums[high[:, 0], high[:, 1]] - sums[low[:, 0], high[:, 1]]
        inside = inside - sums[high[:, 0], low[:, 1]] + sums[low[:, 0], low[:, 1]]
        return np.asarray(inside + _ON_LABEL * self._on_labels(middles, half))

    def is_taken(self, middle: FloatArray, half: FloatArray) -> bool:
        """Whether a label, or an arrow's tip, is there already."""
        return bool(self._on_labels(middle[None], half)[0] or self.cost(middle[None], half)[0] >= _NO_ROOM)

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


def _directions(mark: MarkOnSlice, signs: FloatArray) -> FloatArray:
    """Directions in which a label may stand, the best first: away from an arrow's tip, else above."""
    around = np.array([(-1, 0), (1, 0), (-0.7, 0.7), (-0.7, -0.7), (0.7, 0.7), (0.7, -0.7), (0, 1), (0, -1)]) * signs
    if isinstance(mark.annotation.geometry, Arrow) and mark.strokes:
        tail, tip = mark.strokes[0].vertices_mm[0], mark.strokes[0].vertices_mm[1]
        length = float(np.linalg.norm(tail - tip))
        if length > 0:
            return np.vstack([(tail - tip) / length, around])
    return np.asarray(around, dtype=np.float64)


def _leader(
    mark: MarkOnSlice, place: FloatArray, half: FloatArray, mm_per_pixel: float, number: int
) -> list[LineGlyph]:
    anchor = mark.label_anchor_mm
    edge = place + np.clip(anchor - place, -half, half)
    if float(np.linalg.norm(edge - anchor)) < _LEADER_FROM_PX * mm_per_pixel:
        return []
    line = np.array([edge, anchor])
    return [
        LineGlyph(line, False, 3.0, rgba("#000000", 0.8), ABOVE_MARKS, number),
        LineGlyph(line, False, 1.2, rgba("#FFFFFF", 0.9), ABOVE_MARKS, number),
    ]
