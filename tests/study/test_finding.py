"""Find it: distance, side, slice, and what the student is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lesson_for_students import LESSON, LOOP_L, MARKS, PONS, ROOT_L, ROOT_R, exercise, with_marks

from napari_vascular_loop.domain.annotation import Annotation, Point, Side
from napari_vascular_loop.domain.answer import Verdict
from napari_vascular_loop.domain.question import Question, QuestionKind
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.study.exercise import exercises
from napari_vascular_loop.study.finding import answer_of, judge_place, tolerance_mm
from napari_vascular_loop.study.midline import midline_r_mm, side_of
from napari_vascular_loop.study.spoken import say_found

FIND = QuestionKind.FIND
SPACING = (0.9, 1.1, 2.3)


def judged(mark_id, place, plane=Plane.AXIAL, lesson=LESSON, known=True, marks=MARKS[:5]):
    asked = exercise(FIND, mark_id, lesson, orientation_known=known)
    found = judge_place(asked, place, marks, plane=plane, spacing_ras_mm=SPACING, orientation_known=known)
    return found, say_found(asked, found)


def test_a_place_on_the_tip_is_correct_and_so_is_one_within_the_tolerance():
    found, said = judged("root-r", (22, -26, -41))
    assert (found.verdict, found.distance_mm) == (Verdict.CORRECT, 0)
    found, said = judged("root-r", (23, -27, -42))
    assert found.verdict is Verdict.CORRECT
    assert found.distance_mm == pytest.approx(3**0.5)
    assert said == "Correct: 1.7 mm from the mark."


def test_a_place_beyond_it_is_wrong_and_the_way_is_told():
    found, said = judged("root-r", (26, -20, -41))
    assert found.verdict is Verdict.WRONG
    assert found.distance_mm == pytest.approx((16 + 36) ** 0.5)
    assert said == (
        "Not there: 7.2 mm from the mark, 3 mm would do. The side is right. The slice is right. From your place go "
        "4.0 mm to the patient's left and 6.0 mm back."
    )


@pytest.mark.parametrize(
    ("place", "plane", "way"),
    [
        ((22, -26, -31), Plane.AXIAL, "Wrong slice: the mark lies 10.0 mm down."),
        ((22, -26, -51), Plane.AXIAL, "Wrong slice: the mark lies 10.0 mm up."),
        ((22, -36, -41), Plane.CORONAL, "Wrong slice: the mark lies 10.0 mm forward."),
        ((22, -16, -41), Plane.CORONAL, "Wrong slice: the mark lies 10.0 mm back."),
        ((32, -26, -41), Plane.SAGITTAL, "Wrong slice: the mark lies 10.0 mm to the patient's left."),
        ((22, -26, -31), Plane.SAGITTAL, "The slice is right. From your place go 10.0 mm down."),
        ((22, -26, -31), None, "From your place go 10.0 mm down."),
    ],
)
def test_the_slice_is_judged_in_every_plane(place, plane, way):
    _, said = judged("root-r", place, plane)
    assert said.endswith(way)


def test_a_hit_on_the_other_side_has_its_own_words():
    found, said = judged("root-r", (-15, -26, -41))
    assert found.verdict is Verdict.WRONG_SIDE
    assert (found.side, found.wanted_side, found.side_is_right) == (Side.LEFT, Side.RIGHT, False)
    assert said.startswith(
        "The right structure, the wrong side: your place lies on the patient's left, asked was the right."
    )


def test_a_miss_on_the_other_side_says_so():
    found, said = judged("root-r", (-30, 20, -41))
    assert found.verdict is Verdict.WRONG
    assert "Wrong side: your place lies on the patient's left, the mark on the right." in said


def test_the_nearest_place_of_a_path_and_the_inside_of_an_outline_count():
    found, _ = judged("loop-l", (-25, -15, -36.5))
    assert found.distance_mm == pytest.approx(0, abs=1e-6)
    found, said = judged("pons", (15, -29, -30))
    assert (found.verdict, found.distance_mm) == (Verdict.CORRECT, 0)
    assert said == "Correct: inside the outline."
    found, said = judged("pons", (15, -29, -25))
    assert said == "Correct: 5.0 mm from the mark."


def test_sides_count_from_the_middle_of_the_head_as_the_marks_tell_it():
    assert midline_r_mm(MARKS) == pytest.approx(4)
    assert midline_r_mm([LOOP_L, PONS]) == 0
    assert [side_of(r, 4.0) for r in (2, 3.5, 6)] == [Side.LEFT, Side.MIDLINE, Side.RIGHT]
    near = replace(ROOT_L, geometry=Point((2, -40, -41)), structure="vertebral-artery", label="VA", id="va")
    lesson = with_marks(ROOT_R, ROOT_L, near)
    found, said = judged("va", (2, -52, -41), lesson=lesson, marks=lesson.annotations)
    assert found.side_is_right
    assert "Wrong side" not in said


def test_no_side_is_told_where_mark_and_place_disagree():
    odd = Annotation(Point((12, -40, -41)), "head", "VA", structure="vertebral-artery", side=Side.LEFT, id="va")
    found, said = judged("va", (-12, -40, -41), lesson=with_marks(odd), marks=(odd,))
    assert found.side_is_right is None
    assert "side" not in said


def test_without_known_sides_only_the_distance_is_told():
    found, said = judged("root-r", (22, -26, -31), known=False)
    assert found.side is None
    assert said == "Not there: 10.0 mm from the mark, 3 mm would do."
    found, _ = judged("root-r", (-14, -26, -41), known=False)
    assert found.verdict is Verdict.CORRECT, "marks on both sides are one thing"


def test_something_else_that_lies_nearer_is_named():
    _, said = judged("root-l", (-20, -20, -38))
    assert said.endswith("A mark of something else lies nearer to your place: Loop of the AICA.")
    _, said = judged("root-l", (-14, -26, -41))
    assert "nearer" not in said


@pytest.mark.parametrize(
    ("mark", "spacing", "expected"),
    [
        ("root-r", (1, 1, 1), 3),
        ("root-r", (1, 1, 5), 5),
        ("loop-l", (1, 1, 1), 4),
        ("pons", (1, 1, 1), 8),
        ("cyst", (1, 1, 1), 5),
    ],
)
def test_the_tolerance_goes_by_the_structures_size_and_the_scan(mark, spacing, expected):
    assert tolerance_mm(exercise(FIND, mark), spacing) == expected


def test_the_teachers_tolerance_counts():
    (asked, *_) = exercises(LESSON, [Question("q", FIND, ROOT_R.id, "Where?", 0.5)])
    assert tolerance_mm(asked, (1, 1, 5)) == 0.5
    assert judge_place(asked, (22, -26, -40.4)).verdict is Verdict.WRONG
    assert judge_place(asked, (22, -26, -40.6)).verdict is Verdict.CORRECT


def test_what_is_kept_of_it():
    asked = exercise(FIND, "root-r")
    found = judge_place(asked, (23, -26, -41), MARKS[:5])
    answer = answer_of(asked, found, 4.5)
    assert (answer.annotation_id, answer.place_ras_mm, answer.distance_mm, answer.seconds) == (
        "root-r",
        (23, -26, -41),
        1,
        4.5,
    )
    assert answer.wanted == "facial nerve root"
    assert answer.side is Side.RIGHT
    assert answer.is_correct
