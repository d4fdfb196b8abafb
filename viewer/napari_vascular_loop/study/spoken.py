"""Answers in words: what a student is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import Region, Side
from napari_vascular_loop.domain.answer import Verdict

if TYPE_CHECKING:
    from napari_vascular_loop.study.exercise import Exercise
    from napari_vascular_loop.study.finding import Found
    from napari_vascular_loop.study.naming import Named

_SAID_FROM_MM = 1.0
_BACK = {  # the way from the place to the mark, by RAS axis and by the sign of the offset
    0: ("to the patient's right", "to the patient's left"),
    1: ("forward", "back"),
    2: ("up", "down"),
}


def say_found(exercise: Exercise, found: Found) -> str:
    """Say how a place compares with the mark: verdict and distance, side, slice, the way to it."""
    if found.verdict is Verdict.WRONG_SIDE:
        return _headline(exercise, found)
    parts = [_headline(exercise, found), _side(found), _slice(found)]
    if found.nearer:
        parts.append(f"A mark of something else lies nearer to your place: {found.nearer}.")
    return " ".join(filter(None, parts))


def say_named(exercise: Exercise, named: Named) -> str:
    """Say how a name compares with the mark's."""
    wanted = with_side(exercise.name, exercise.side if exercise.asks_side else None)
    match named.verdict:
        case Verdict.CORRECT if named.spelled:
            return f"Correct: {wanted}. It is spelled {named.spelled!r}."
        case Verdict.CORRECT:
            return f"Correct: {wanted}."
        case Verdict.WRONG_SIDE:
            said = f"you said {named.side.value}" if named.side else "you did not say the side"
            return f"The right structure, the wrong side: {said}. The answer: {wanted}."
        case Verdict.INEXACT:
            return f"Not exact enough: that name fits other structures too. The answer: {wanted}."
        case _:
            also = f" What you named is another structure: {named.is_other}." if named.is_other else ""
            return f"No. The answer: {wanted}.{also}"


def say_given_up(exercise: Exercise) -> str:
    """Say what was asked for, to who wants to be shown."""
    return f"The answer: {with_side(exercise.name, exercise.side)}."


def with_side(name: str, side: Side | None) -> str:
    """Name with its side.

    Examples
    --------
    >>> with_side("facial nerve", Side.LEFT)
    'facial nerve, left'
    """
    return f"{name}, {side.value}" if side in (Side.LEFT, Side.RIGHT) else name


def _headline(exercise: Exercise, found: Found) -> str:
    if found.verdict is Verdict.WRONG_SIDE and found.side is not None and found.wanted_side is not None:
        return (
            f"The right structure, the wrong side: your place lies on the patient's {found.side.value}, asked was the "
            f"{found.wanted_side.value}."
        )
    if found.verdict is Verdict.WRONG_SIDE:
        return "The right structure, the wrong side."
    if found.verdict is Verdict.CORRECT:
        if found.distance_mm < 0.05 and any(isinstance(mark.geometry, Region) for mark in exercise.marks):
            return "Correct: inside the outline."
        return f"Correct: {found.distance_mm:.1f} mm from the mark."
    return f"Not there: {found.distance_mm:.1f} mm from the mark, {found.tolerance_mm:g} mm would do."


def _side(found: Found) -> str:
    if found.side_is_right is None:
        return ""
    assert found.side is not None
    assert found.wanted_side is not None
    if not found.side_is_right:
        there, here = found.wanted_side.value, found.side.value
        return f"Wrong side: your place lies on the patient's {here}, the mark on the {there}."
    return "" if found.verdict is Verdict.CORRECT or found.wanted_side is Side.MIDLINE else "The side is right."


def _slice(found: Found) -> str:
    """Whether the slice was right, and the way from the place to the mark."""
    if found.verdict is Verdict.CORRECT or not found.orientation_known:
        return ""
    ways = {axis: _way(axis, offset) for axis, offset in enumerate(found.offset_ras_mm)}
    across = found.plane.value if found.plane is not None else None
    said = ""
    if across is not None:
        other = f"Wrong slice: the mark lies {ways[across]}." if ways[across] else ""
        said = "The slice is right." if found.in_slice else other
    rest = [way for axis, way in ways.items() if way and (axis != across or said == "The slice is right.")]
    go = f"From your place go {_listed(rest)}." if rest else ""
    return " ".join(filter(None, (said, go)))


def _way(axis: int, offset_mm: float) -> str:
    if abs(offset_mm) < _SAID_FROM_MM:
        return ""
    return f"{abs(offset_mm):.1f} mm {_BACK[axis][offset_mm > 0]}"


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
