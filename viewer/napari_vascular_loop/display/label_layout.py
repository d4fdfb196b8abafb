"""Where labels stand: near their marks, clear of each other and of what they point at.

A label that had to move away gets a thin line back to its mark, as in an atlas. One for which there is no room is not
shown: the mark is, and its name is in the list.
"""

from __future__ import annotations

import itertools
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.display.glyphs import ABOVE_MARKS, LabelGlyph, LineGlyph
from napari_vascular_loop.display.label_places import LabelPlace, LabelPlaces
from napari_vascular_loop.display.label_room import LabelChoice, LabelRoom
from napari_vascular_loop.display.mark_style import SELECTED_COLOUR, rgba
from napari_vascular_loop.domain.annotation import Arrow, is_text
from napari_vascular_loop.domain.measure import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_vascular_loop.display.glyphs import Glyphs
    from napari_vascular_loop.domain.drawing import MarkOnSlice
    from napari_vascular_loop.domain.marks_on_slice import MarksOnSlice
    from napari_vascular_loop.domain.space import FloatArray

MAX_LABELS = 50
_FEWEST_LABELS = 2
_PX2_FOR_A_LABEL = 17_000
MAX_CHARACTERS = 40
MAX_TEXT_CHARACTERS = 90
_FEWEST_CHARACTERS = 6
GAP_PX = 9.0
_RINGS_PX = np.array([0.0, 22.0, 48.0, 78.0, 110.0, 145.0])
_REACH_PX = 420.0
_LEADER_FROM_PX, _LEADER_PX, _LEADER_COLOUR = 20.0, 2.8, rgba("#FFFFFF", 0.9)
_LABELLED_FROM_OPACITY = 0.75
_MANY = 20
"""Marks on a slice from which on laying out their labels takes longer than one should wait on each of many slices."""
_EDGE_PX = 34.0

_AROUND = np.array([(-1, 0), (1, 0), (-0.7, 0.7), (-0.7, -0.7), (0.7, 0.7), (0.7, -0.7), (0, 1), (0, -1)])


def lay_out_labels(
    glyphs: Glyphs,
    marks: MarksOnSlice,
    selected_id: str | None,
    seen_mm: FloatArray | None,
    size_px: Callable[[str], tuple[float, float]],
    before: LabelPlaces | None = None,
    *,
    hurried: bool = False,
) -> bool:
    """Add the labels of the marks that lie on the slice itself, and of the selected one, with their leaders.

    Parameters
    ----------
    glyphs : Glyphs
        What they are added to.
    marks : MarksOnSlice
        All that is drawn.
    selected_id : str or None
        Its label is golden and has the first choice where there are too many.
    seen_mm : array of shape (2, 2) or None
        Lowest and highest place that is on screen: labels stay within it, marks beyond it have none.
    size_px : callable
        Gives height and width of a label's picture.
    before : LabelPlaces, optional
        Where labels stood on the slice before: they stay there if there is room. Is told where they stand now.
    hurried : bool
        Whether the slice is one of many that are gone through. Where marks are many, labels are then laid out several
        times a second; on the slices between, those that stand already are all.

    Returns
    -------
    bool
        Whether labels wait: the slice is to be laid out again when the hurry is over.
    """
    before = before or LabelPlaces()
    view = _view(glyphs, seen_mm)
    if hurried and len(marks) >= _MANY and before.are_fresh(view):
        _add_standing(glyphs, marks, selected_id, size_px, before)
        return True
    before.begin(view, glyphs.mm_per_pixel)
    wanted = _wanted(marks, selected_id, seen_mm, glyphs.mm_per_pixel)
    if not wanted:
        return False
    # Texts stand where they were put: others make room for them.
    wanted.sort(key=lambda numbered: not is_text(numbered[1].annotation.geometry))
    pixel = glyphs.mm_per_pixel
    most = np.inf if seen_mm is None else np.ptp(seen_mm[:, 1]) / pixel
    labelled = [mark for _, mark in wanted]
    notes = [is_text(mark.annotation.geometry) for mark in labelled]
    texts = [
        _fitting(words_of(mark.annotation), size_px, most, MAX_TEXT_CHARACTERS if is_note else MAX_CHARACTERS)
        for mark, is_note in zip(labelled, notes, strict=True)
    ]
    halves = np.array([size_px(text) for text in texts]) / 2 * pixel
    anchors = np.array([mark.label_anchor_mm for mark in labelled])
    low, high = anchors.min(axis=0) - _REACH_PX * pixel, anchors.max(axis=0) + _REACH_PX * pixel
    if seen_mm is not None:
        low, high = seen_mm
    before.obstacles.lay_out(marks, low, high, pixel)
    room = LabelRoom(before.obstacles)
    places = _places_kept(labelled, notes, texts, halves, room, before)
    new = [n for n in range(len(wanted)) if n not in places]
    if new:
        choice = _choice([labelled[n] for n in new], anchors[new], halves[new], glyphs, room, seen_mm)
    for among_new, n in enumerate(new):
        own = _own_place(anchors[n], halves[n], room, seen_mm) if notes[n] else None
        if own is not None:
            choice.take(own, halves[n])
            places[n] = own, 0
        else:
            must = notes[n] or labelled[n].annotation.id == selected_id
            found = choice.place(among_new, must)
            if found is not None:
                places[n] = found
    standing = sorted(places)
    for n in standing:
        (number, mark), (place, cost) = wanted[n], places[n]
        before.keep(mark.annotation.id, LabelPlace(texts[n], place, anchors[n], cost))
        glyphs.labels.append(_label(marks, number, place, texts[n], mark.annotation.id == selected_id))
    if standing:
        middles = np.array([places[n][0] for n in standing])
        _add_leaders(glyphs, [wanted[n][0] for n in standing], middles, halves[standing], anchors[standing])
    return False


def _add_standing(
    glyphs: Glyphs,
    marks: MarksOnSlice,
    selected_id: str | None,
    size_px: Callable[[str], tuple[float, float]],
    before: LabelPlaces,
) -> None:
    """Add the labels that stood on the slice before and whose marks are on this one, where they stood."""
    numbers, standing = [], []
    for mark_id, label in before.standing.items():
        number = marks.find(mark_id)
        if number is None or not before.is_near(label, marks.anchors_mm[number]):
            continue
        is_selected = mark_id == selected_id
        if is_selected or marks.is_words[number] or marks.opacities[number] >= _LABELLED_FROM_OPACITY:
            numbers.append(number)
            standing.append(label)
            glyphs.labels.append(_label(marks, number, label.place_mm, label.text, is_selected))
    if standing:
        middles = np.array([label.place_mm for label in standing])
        halves = np.array([size_px(label.text) for label in standing]) / 2 * glyphs.mm_per_pixel
        _add_leaders(glyphs, numbers, middles, halves, marks.anchors_mm[numbers])


def _label(marks: MarksOnSlice, number: int, place: FloatArray, text: str, is_selected: bool) -> LabelGlyph:
    ink = SELECTED_COLOUR if is_selected else "#FFFFFF"
    opacity = float(marks.opacities[number]) if marks.is_words[number] else 1.0
    return LabelGlyph(place, text, rgba(ink, opacity), number)


def _view(glyphs: Glyphs, seen_mm: FloatArray | None) -> tuple[Any, ...]:
    """What is to be the same for labels to stay where they are."""
    seen = () if seen_mm is None else tuple(np.ravel(seen_mm).tolist())
    return (glyphs.mm_per_pixel, *glyphs.signs.tolist(), *seen)


def _places_kept(
    marks: Sequence[MarkOnSlice],
    notes: Sequence[bool],
    texts: Sequence[str],
    halves: FloatArray,
    room: LabelRoom,
    before: LabelPlaces,
) -> dict[int, tuple[FloatArray, int]]:
    """Places, by number, of the labels that stay where they stood, and what it costs to stand on marks there.

    No more marks are beneath them than there were.
    """
    stood = {
        n: found
        for n, mark in enumerate(marks)
        if not notes[n] and (found := before.find(mark.annotation.id, texts[n], mark.label_anchor_mm)) is not None
    }
    if not stood:
        return {}
    middles, of_stood = np.array([found.place_mm for found in stood.values()]), halves[list(stood)]
    costs = room.cost_on_marks(middles, of_stood)
    stay = costs <= [found.on_marks for found in stood.values()]
    room.take(middles[stay], of_stood[stay])
    return {
        n: (found.place_mm, cost)
        for (n, found), cost, stays in zip(stood.items(), costs.tolist(), stay.tolist(), strict=True)
        if stays
    }


def _own_place(anchor: FloatArray, half: FloatArray, room: LabelRoom, seen_mm: FloatArray | None) -> FloatArray | None:
    """Where a text was put, or as much beside it as the view's edge wants; None where another text or a tip is."""
    place = anchor
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
    marks: MarksOnSlice, selected_id: str | None, seen_mm: FloatArray | None, mm_per_pixel: float
) -> list[tuple[int, MarkOnSlice]]:
    """Marks that get a label, by number; those nearest to the slice and to the middle of the view if they are many."""
    chosen = np.zeros(len(marks), bool)
    selected = marks.find(selected_id) if selected_id is not None else None
    if selected is not None:
        chosen[selected] = True
    # One that is nothing but its words fades with them, and so does not lose them.
    found = np.flatnonzero((marks.opacities >= _LABELLED_FROM_OPACITY) | marks.is_words | chosen)
    if not len(found):
        return []
    anchors, notes = marks.anchors_mm[found], marks.is_words[found]
    middle = anchors[0]
    if seen_mm is not None:
        middle = np.mean(seen_mm, axis=0)
        # A mark at the edge is seen without its label; a text would be gone.
        beyond = (_EDGE_PX * mm_per_pixel * notes)[:, None]
        seen = ((anchors >= seen_mm[0] - beyond) & (anchors <= seen_mm[1] + beyond)).all(axis=1)
        found, anchors, notes = found[seen], anchors[seen], notes[seen]
    off = ((anchors - middle) ** 2).sum(axis=1)
    # The selected one first, then texts, then the nearest to the slice, of these the nearest to the middle.
    ranked = found[np.lexsort((off, -marks.opacities[found], ~notes, ~chosen[found]))].tolist()
    worded = (number for number in ranked if words_of(marks.annotation(number)))
    # Their order stays, so that no label jumps when another mark is selected.
    return [(number, marks[number]) for number in sorted(itertools.islice(worded, _most(seen_mm, mm_per_pixel)))]


def _choice(
    marks: Sequence[MarkOnSlice],
    anchors: FloatArray,
    halves: FloatArray,
    glyphs: Glyphs,
    room: LabelRoom,
    seen_mm: FloatArray | None,
) -> LabelChoice:
    """Places in rings around the anchors of new labels."""
    directions = np.stack([_directions(mark, glyphs.signs) for mark in marks])
    away = ((GAP_PX + _RINGS_PX) * glyphs.mm_per_pixel)[:, None, None] * directions[:, None]
    beside = (directions * halves[:, None])[:, None]
    middles = (anchors[:, None, None] + away + beside).reshape(len(marks), -1, 2)
    if seen_mm is not None:
        low, high = seen_mm[0] + halves, seen_mm[1] - halves
        middles = np.clip(middles, np.minimum(low, high)[:, None], np.maximum(low, high)[:, None])
    near = directions.shape[1]
    own_costs = (_RINGS_PX / 10)[:, None] + np.arange(near) * 0.2
    return LabelChoice(room, anchors, middles, halves, own_costs.ravel(), near)


def _directions(mark: MarkOnSlice, signs: FloatArray) -> FloatArray:
    """Directions in which a label may stand, the best first, shape (9, 2): away from an arrow's tip, else above."""
    if isinstance(mark.annotation.geometry, Arrow) and mark.strokes:
        tail, tip = mark.strokes[0].vertices_mm[0], mark.strokes[0].vertices_mm[1]
        length = float(np.linalg.norm(tail - tip))
        if length > 0:
            return np.vstack([(tail - tip) / length, _AROUND * signs])
    # The last one twice, so that all marks have as many.
    return np.vstack([_AROUND, _AROUND[-1:]]) * signs


def _add_leaders(
    glyphs: Glyphs, numbers: Sequence[int], middles: FloatArray, halves: FloatArray, anchors: FloatArray
) -> None:
    """Add a thin line from each label that stands away from its mark."""
    edges = middles + np.clip(anchors - middles, -halves, halves)
    is_away = np.linalg.norm(edges - anchors, axis=1) >= _LEADER_FROM_PX * glyphs.mm_per_pixel
    lines = np.stack([edges, anchors], axis=1)
    for n in np.flatnonzero(is_away).tolist():
        glyphs.lines.append(LineGlyph(lines[n], False, _LEADER_PX, _LEADER_COLOUR, ABOVE_MARKS, numbers[n], True))
