"""Find it: how far a student's place is from the mark, on which side, in which slice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.answer import Answer, Verdict
from napari_vascular_loop.domain.nearest import nearest_of
from napari_vascular_loop.domain.space import Plane, Vector3, vector3
from napari_vascular_loop.domain.terms import Tissue, structure_by_id
from napari_vascular_loop.study.exercise import name_of
from napari_vascular_loop.study.midline import midline_r_mm, side_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.study.exercise import Exercise

TOLERANCE_MM: dict[Tissue | None, float] = {
    Tissue.NERVE: 3.0,
    Tissue.ARTERY: 4.0,
    Tissue.BONE: 5.0,
    Tissue.FLUID: 6.0,
    Tissue.BRAIN: 8.0,
    None: 5.0,
}
"""How far an answer may lie from the mark where the teacher has not said it: about the calibre of what is meant and
as much again for the hand. A cranial nerve is 1 to 2 mm across, a cerebellar or vertebral artery 1 to 4 mm, the porus
5 to 8 mm, a part of the brain some cm, of which a point marks the middle only."""

_SAID_FROM_MM = 1.0


@dataclass(frozen=True)
class Found:
    """How a place compares with the mark.

    Parameters
    ----------
    place_ras_mm, nearest_ras_mm : (float, float, float)
        Where the student put it, and the nearest place of the mark.
    tolerance_mm : float
        How far it may lie from there.
    verdict : Verdict
        Correct, on the wrong side, or wrong.
    side, wanted_side : Side or None
        On which the two lie; None where left and right can't be told.
    plane : Plane or None
        Of the picture on which it was put.
    in_slice : bool
        Whether that slice goes through the mark.
    orientation_known : bool
        Whether directions have names.
    nearer : str
        Name of another thing of which a mark lies nearer; "" if none does.
    """

    place_ras_mm: Vector3
    nearest_ras_mm: Vector3
    tolerance_mm: float
    verdict: Verdict
    side: Side | None
    wanted_side: Side | None
    plane: Plane | None
    in_slice: bool
    orientation_known: bool
    nearer: str = ""

    @property
    def distance_mm(self) -> float:
        """From the place to the mark."""
        return float(np.linalg.norm(self.offset_ras_mm))

    @property
    def offset_ras_mm(self) -> Vector3:
        """From the mark to the place."""
        return vector3(np.subtract(self.place_ras_mm, self.nearest_ras_mm))

    @property
    def side_is_right(self) -> bool | None:
        """Whether the place lies on the mark's side; None where that can't be told."""
        if self.side is None or self.wanted_side is None:
            return None
        return self.side is self.wanted_side or Side.MIDLINE in (self.side, self.wanted_side)


def tolerance_mm(exercise: Exercise, spacing_mm: Vector3 = (0.0, 0.0, 0.0)) -> float:
    """How far an answer may lie from the mark: what the teacher said, else by the structure's size.

    Never less than the longest side of a voxel, unless the teacher wants it so: in a scan of thick slices nobody can
    put a place between them.
    """
    if exercise.question.tolerance_mm is not None:
        return exercise.question.tolerance_mm
    structure = structure_by_id(exercise.mark.structure)
    return max(TOLERANCE_MM[structure.tissue if structure else None], *spacing_mm)


def judge_place(
    exercise: Exercise,
    place_ras_mm: Vector3,
    marks: Sequence[Annotation] = (),
    *,
    plane: Plane | None = None,
    spacing_ras_mm: Vector3 = (0.0, 0.0, 0.0),
    orientation_known: bool = True,
) -> Found:
    """Compare a place with the mark that was asked for.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    place_ras_mm : (float, float, float)
        The answer: a point, or the tip of an arrow.
    marks : sequence of Annotation
        All of the volume: they tell where the middle of the head is, and which other thing lies nearer.
    plane : Plane, optional
        Of the picture on which the place was put.
    spacing_ras_mm : (float, float, float)
        Distance of voxels along R, A and S.
    orientation_known : bool
        Whether left and right can be told.
    """
    tolerance = tolerance_mm(exercise, spacing_ras_mm)
    distance, nearest = nearest_of((mark.geometry for mark in exercise.marks), place_ras_mm)
    verdict = Verdict.CORRECT if distance <= tolerance else Verdict.WRONG
    if verdict is Verdict.WRONG and orientation_known:
        opposite, _ = nearest_of((mark.geometry for mark in exercise.opposite), place_ras_mm)
        if opposite <= tolerance:
            verdict = Verdict.WRONG_SIDE
    middle = midline_r_mm(marks) if orientation_known else 0.0
    in_slice = True
    if plane is not None:
        # A mark counts as on the slice as long as the slice, or the next one on each side, goes through it.
        in_slice = abs(place_ras_mm[plane.value] - nearest[plane.value]) <= max(spacing_ras_mm[plane.value], 1.0) * 1.5
    return Found(
        place_ras_mm,
        nearest,
        tolerance,
        verdict,
        side_of(place_ras_mm[0], middle) if orientation_known else None,
        _wanted_side(exercise, nearest, middle) if orientation_known else None,
        plane,
        in_slice,
        orientation_known,
        _nearer(exercise, place_ras_mm, marks, distance),
    )


def answer_of(exercise: Exercise, found: Found, seconds: float | None = None) -> Answer:
    """The answer as it is kept."""
    return Answer(
        exercise.question.id,
        exercise.mark.id,
        exercise.question.kind,
        found.verdict,
        prompt=exercise.question.prompt,
        wanted=exercise.name,
        side=found.side,
        place_ras_mm=found.place_ras_mm,
        distance_mm=found.distance_mm,
        seconds=seconds,
    )


def _wanted_side(exercise: Exercise, nearest: Vector3, middle_mm: float) -> Side | None:
    """Side of the mark by its place; None where the mark itself says another: then the middle is not where we think."""
    placed, said = side_of(nearest[0], middle_mm), exercise.mark.side
    if said in (Side.LEFT, Side.RIGHT) and placed not in (said, Side.MIDLINE):
        return None
    return said or placed


def _nearer(exercise: Exercise, place: Vector3, marks: Sequence[Annotation], distance_mm: float) -> str:
    own = {mark.id for mark in (*exercise.marks, *exercise.opposite)}
    others = [mark for mark in marks if mark.id not in own and name_of(mark) and mark.structure]
    if not others:
        return ""
    nearest = min(others, key=lambda mark: nearest_of((mark.geometry,), place)[0])
    away, _ = nearest_of((nearest.geometry,), place)
    differs = nearest.structure != exercise.mark.structure
    return name_of(nearest) if differs and away + _SAID_FROM_MM < distance_mm and away <= TOLERANCE_MM[None] else ""
