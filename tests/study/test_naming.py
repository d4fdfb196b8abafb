"""Name it: which names are let pass, and which not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lesson_for_students import CYST, LESSON, NAMELESS, PONS, ROOT_L, ROOT_R, exercise, with_marks

from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.answer import Verdict
from napari_vascular_loop.domain.question import Question, QuestionKind
from napari_vascular_loop.domain.terms import STRUCTURES
from napari_vascular_loop.study.exercise import exercises, made_question
from napari_vascular_loop.study.naming import accepted_names, choices, judge_name
from napari_vascular_loop.study.spoken import say_named

FIND, NAME = QuestionKind.FIND, QuestionKind.NAME


def of_structure(structure_id):
    mark = replace(PONS, structure=structure_id, label="", side=None, id="it")
    return exercise(NAME, "it", with_marks(mark))


@pytest.mark.parametrize(
    ("structure", "given", "verdict"),
    [
        ("aica", "AICA", Verdict.CORRECT),
        ("aica", "aica", Verdict.CORRECT),
        ("aica", "anterior inferior cerebellar artery", Verdict.CORRECT),
        ("aica", "The Anterior Inferior Cerebellar Artery.", Verdict.CORRECT),
        ("aica", "ant. inf. cerebellar a.", Verdict.CORRECT),
        ("aica", "anterior inferior cerebelar artery", Verdict.CORRECT),
        ("aica", "anterior-inferior cerebellar artery", Verdict.CORRECT),
        ("aica", "PICA", Verdict.WRONG),
        ("aica", "posterior inferior cerebellar artery", Verdict.WRONG),
        ("aica", "AIKA", Verdict.WRONG),
        ("aica", "artery", Verdict.INEXACT),
        ("aica", "cerebellar artery", Verdict.INEXACT),
        ("aica", "superior cerebellar artery", Verdict.WRONG),
        ("aica", "anterior superior cerebellar artery", Verdict.WRONG),
        ("pica", "AICA", Verdict.WRONG),
        ("facial-nerve", "facial nerve", Verdict.CORRECT),
        ("facial-nerve", "Fácial nerve", Verdict.CORRECT),
        ("facial-nerve", "nervus facial", Verdict.CORRECT),
        ("facial-nerve", "facail nerve", Verdict.CORRECT),
        ("facial-nerve", "nerve facial", Verdict.CORRECT),
        ("facial-nerve", "facial nerv", Verdict.CORRECT),
        ("facial-nerve", "CN VII", Verdict.CORRECT),
        ("facial-nerve", "cn7", Verdict.CORRECT),
        ("facial-nerve", "CN 7", Verdict.CORRECT),
        ("facial-nerve", "7th cranial nerve", Verdict.CORRECT),
        ("facial-nerve", "cranial nerve VII", Verdict.CORRECT),
        ("facial-nerve", "CN VIII", Verdict.WRONG),
        ("facial-nerve", "eighth cranial nerve", Verdict.WRONG),
        ("facial-nerve", "nerve", Verdict.INEXACT),
        ("facial-nerve-root", "facial nerve", Verdict.WRONG),
        ("vertebral-artery", "vertebral artery", Verdict.CORRECT),
        ("vertebral-artery", "VA", Verdict.CORRECT),
        ("vertebral-artery", "BA", Verdict.WRONG),
        ("vertebral-artery", "basilar artery", Verdict.WRONG),
        ("pons", "pons", Verdict.CORRECT),
        ("pons", "pins", Verdict.WRONG),
        ("pons", "", Verdict.WRONG),
        ("pons", "?!", Verdict.WRONG),
        ("pons", "the", Verdict.WRONG),
        ("internal-acoustic-meatus", "IAC", Verdict.CORRECT),
        ("internal-acoustic-meatus", "internal acoustic meatus", Verdict.CORRECT),
        ("internal-acoustic-meatus", "external acoustic meatus", Verdict.WRONG),
        ("fourth-ventricle", "4th ventricle", Verdict.CORRECT),
        ("fourth-ventricle", "third ventricle", Verdict.WRONG),
    ],
)
def test_names(structure, given, verdict):
    assert judge_name(of_structure(structure), given).verdict is verdict


@pytest.mark.parametrize("structure", [one.id for one in STRUCTURES])
def test_no_name_of_the_table_is_taken_for_another_structure(structure):
    asked = of_structure(structure)
    for other in STRUCTURES:
        for name in (other.name, *other.synonyms):
            assert (judge_name(asked, name).verdict is Verdict.CORRECT) == (other.id == structure), name


@pytest.mark.parametrize(
    ("given", "side", "verdict"),
    [
        ("facial nerve root", Side.LEFT, Verdict.CORRECT),
        ("left facial nerve root", None, Verdict.CORRECT),
        ("facial nerve root, left", None, Verdict.CORRECT),
        ("facial nerve root (L)", None, Verdict.CORRECT),
        ("L facial nerve root", None, Verdict.CORRECT),
        ("facial nerve root on the left side", None, Verdict.CORRECT),
        ("facial nerve root", Side.RIGHT, Verdict.WRONG_SIDE),
        ("right facial nerve root", None, Verdict.WRONG_SIDE),
        ("left or right facial nerve root", None, Verdict.WRONG_SIDE),
        ("facial nerve root", None, Verdict.WRONG_SIDE),
        ("AICA", Side.LEFT, Verdict.WRONG),
    ],
)
def test_sides(given, side, verdict):
    assert judge_name(exercise(NAME, ROOT_L.id), given, side).verdict is verdict


def test_the_side_is_not_asked_where_the_teacher_did_not():
    question = Question("q", NAME, ROOT_L.id, "What is it?")
    (asked, *_) = exercises(LESSON, [question])
    assert judge_name(asked, "facial nerve root").verdict is Verdict.CORRECT
    (asked, *_) = exercises(LESSON, [replace(question, asks_side=True)])
    assert judge_name(asked, "facial nerve root").verdict is Verdict.WRONG_SIDE


def test_a_side_in_the_label_alone_belongs_not_to_the_name():
    mark = replace(PONS, structure=None, label="Abducens nerve (R)", side=None, id="it")
    asked = exercise(NAME, "it", with_marks(mark))
    for given in ("abducens nerve", "right abducens nerve", "Abducens nerve (R)"):
        assert judge_name(asked, given).verdict is Verdict.CORRECT, given


def test_the_teachers_own_words_are_names_too():
    assert "Loop of the AICA" in accepted_names(exercise(NAME, "loop-l"))
    assert judge_name(exercise(NAME, "cyst"), "arachnoid cyst").verdict is Verdict.CORRECT
    assert judge_name(exercise(NAME, "cyst"), "cyst of the arachnoydea").verdict is not Verdict.CORRECT
    assert judge_name(exercise(NAME, "cyst"), "cyst").verdict is Verdict.INEXACT


@pytest.mark.parametrize(
    ("given", "side", "said"),
    [
        ("facial nerve root", Side.LEFT, "Correct: facial nerve root, left."),
        ("facail nerve root", Side.LEFT, "Correct: facial nerve root, left. It is spelled 'facial nerve root'."),
        ("facial nerve root", Side.RIGHT, "The right structure, the wrong side: you said right. The answer: {}."),
        ("facial nerve root", None, "The right structure, the wrong side: you did not say the side. The answer: {}."),
        ("root", Side.LEFT, "Not exact enough: that name fits other structures too. The answer: {}."),
        (
            "aica",
            Side.LEFT,
            "No. The answer: {}. What you named is another structure: anterior inferior cerebellar artery.",
        ),
        ("liver", Side.LEFT, "No. The answer: {}."),
    ],
)
def test_what_is_told(given, side, said):
    asked = exercise(NAME, ROOT_L.id)
    assert say_named(asked, judge_name(asked, given, side)) == said.format("facial nerve root, left")


def test_choices_hold_the_right_name_once_and_are_not_in_an_order_that_tells():
    every = exercises(LESSON, volume_id="head")
    for asked in every:
        names = choices(asked, every)
        assert len(names) == len(set(names)) == 4
        assert [judge_name(asked, name, asked.side).verdict is Verdict.CORRECT for name in names].count(True) == 1
        assert list(names) == sorted(names, key=str.casefold)


def test_the_teachers_other_names_are_right_too_and_name_a_mark_that_has_no_name():
    names = ("Radix septima", "the smiling nerve")
    written = [Question(mark.id, NAME, mark.id, "What?", accepted=names) for mark in (CYST, NAMELESS)]
    asked, nameless = exercises(LESSON, written, volume_id="head")[:2]
    for given in ("smiling nerve", "RADIX SEPTIMA", "Cyst of the arachnoid"):
        assert judge_name(asked, given).verdict is Verdict.CORRECT
    assert judge_name(asked, "frowning nerve").verdict is Verdict.WRONG
    assert judge_name(exercise(NAME, CYST.id), "smiling nerve").verdict is not Verdict.CORRECT
    assert judge_name(nameless, "Radix septima").verdict is Verdict.CORRECT
    assert say_named(nameless, judge_name(nameless, "liver")) == "No. The answer: Radix septima."


@pytest.mark.parametrize("kind", [FIND, NAME])
def test_what_is_proposed_to_a_teacher_is_what_the_mark_asks_by_itself(kind):
    for known in (True, False):
        asked = exercise(kind, ROOT_L.id) if known else exercise(kind, ROOT_R.id, orientation_known=False)
        proposed = made_question(LESSON, asked.mark.id, kind, orientation_known=known)
        assert (proposed.prompt, proposed.annotation_id) == (asked.question.prompt, asked.mark.id)
        assert proposed.asks_side is (known and kind is NAME)
