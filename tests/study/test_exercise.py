"""Which questions a lesson asks, and that none of them gives its answer away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lesson_for_students import CYST, ELSEWHERE, LESSON, LOOP_L, NAMELESS, PONS, ROOT_L, ROOT_R, exercise, with_marks

from napari_vascular_loop.domain.annotation import Annotation, Path, Point, Side
from napari_vascular_loop.domain.question import Question, QuestionKind
from napari_vascular_loop.study.exercise import exercises, label_without_side

FIND, NAME = QuestionKind.FIND, QuestionKind.NAME


def test_each_named_mark_makes_one_question_of_each_kind():
    asked = [(one.question.kind, one.mark.id) for one in exercises(LESSON, volume_id="head")]
    named = [mark.id for mark in (ROOT_R, ROOT_L, LOOP_L, PONS, CYST)]
    assert asked == [(FIND, one) for one in named] + [(NAME, one) for one in named]
    assert NAMELESS.id not in [mark for _, mark in asked]
    assert ELSEWHERE.id in [one.mark.id for one in exercises(LESSON)], "without a volume, all are asked"


def test_a_text_is_no_thing_to_be_found_unless_the_teacher_asks_for_it():
    place = PONS.geometry.anchor_ras_mm
    text = Annotation(Point(place, as_text=True), PONS.volume_id, "Look here first", id="text")
    lesson = LESSON.with_annotations((*LESSON.annotations, text))
    assert exercises(lesson) == exercises(LESSON)
    written = Question("q", FIND, "text", "Where does one look first?")
    assert exercises(lesson, (written,))[0].mark == text


@pytest.mark.parametrize(
    ("mark", "prompt"),
    [
        ("root-r", "Find: facial nerve root, on the patient's right"),
        ("root-l", "Find: facial nerve root, on the patient's left"),
        ("loop-l", "Find: Loop of the AICA (anterior inferior cerebellar artery), on the patient's left"),
        ("pons", "Find: Pons"),
        ("cyst", "Find: Cyst of the Arachnoid"),
    ],
)
def test_what_is_to_be_found_is_named_with_its_side(mark, prompt):
    assert exercise(FIND, mark).question.prompt.casefold() == prompt.casefold()


@pytest.mark.parametrize("mark", ["root-r", "root-l", "loop-l", "pons", "cyst"])
def test_what_is_to_be_named_is_not_named(mark):
    one = exercise(NAME, mark)
    said = one.question.prompt.casefold()
    assert said.endswith("?")
    for word in (*one.name.casefold().replace("(", " ").split(), "left", "right"):
        assert len(word) < 4 or word not in said, (word, said)
    assert one.asks_side == (one.mark.side in (Side.LEFT, Side.RIGHT))
    assert ("side" in said) == one.asks_side


def test_marks_of_one_thing_on_one_side_make_one_question_and_all_count():
    again = Annotation(Point((24, -25, -41)), "head", "Its other end", structure="facial-nerve-root", side=Side.RIGHT)
    one = exercise(FIND, "root-r", with_marks(ROOT_R, again, ROOT_L))
    assert one.marks == (ROOT_R, again)
    assert one.opposite == (ROOT_L,)
    assert one.question.prompt == "Find: facial nerve root, on the patient's right"


def test_without_known_sides_no_question_is_about_a_side():
    found = exercises(LESSON, volume_id="head", orientation_known=False)
    roots = [one for one in found if one.mark.structure == "facial-nerve-root"]
    assert [one.question.kind for one in roots] == [FIND, NAME]
    assert all(one.marks == (ROOT_R, ROOT_L) and one.opposite == () for one in roots)
    assert not any(word in one.question.prompt for one in found for word in ("side", "left", "right"))
    assert not any(one.asks_side for one in found)


def test_the_teachers_question_comes_first_and_stands_for_the_made_one():
    written = Question("q1", FIND, ROOT_L.id, "Where does the nerve part from the pons?", 2.5)
    lost = Question("q2", NAME, "no such mark", "What is it?")
    found = exercises(LESSON, (lost, written), volume_id="head")
    assert found[0].question is written
    assert found[0].marks == (ROOT_L,)
    assert found[0].opposite == (ROOT_R,)
    assert [e.mark.id for e in found if e.question.kind is FIND].count(ROOT_L.id) == 1
    assert [e.mark.id for e in found if e.question.kind is NAME].count(ROOT_L.id) == 1


def test_ids_of_made_questions_stay_when_other_marks_come_and_go():
    before = {one.question.id for one in exercises(with_marks(ROOT_R, PONS))}
    assert before < {one.question.id for one in exercises(with_marks(LOOP_L, PONS, CYST, ROOT_R))}


@pytest.mark.parametrize(
    ("label", "side", "bare"),
    [
        ("Facial nerve (R)", Side.RIGHT, "Facial nerve"),
        ("Facial nerve ( left )", Side.LEFT, "Facial nerve"),
        ("Facial nerve, left", Side.LEFT, "Facial nerve"),
        ("Left facial nerve", Side.LEFT, "facial nerve"),
        ("Facial nerve (R)", None, "Facial nerve (R)"),
        ("Left", Side.LEFT, "Left"),
        ("Recess", Side.LEFT, "Recess"),
        ("Loop (AICA)", Side.LEFT, "Loop (AICA)"),
    ],
)
def test_labels_without_their_side(label, side, bare):
    assert label_without_side(replace(CYST, label=label, side=side)) == bare


def test_a_lesson_without_marks_asks_nothing():
    assert exercises(with_marks()) == ()
    ruler = Annotation(Path(((1, 2, 3), (4, 5, 6))), "head", "Width", id="ruler")
    assert exercises(with_marks(ruler)) == (), "a length is no thing to be found"
    assert exercises(with_marks(replace(ruler, structure="aica"))), "a short vessel is"
    assert exercises(with_marks(NAMELESS)) == ()
