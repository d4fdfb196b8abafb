"""A sitting, and when a question is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from lesson_for_students import LESSON, PONS, ROOT_L, ROOT_R, with_marks

from napari_vascular_loop.anchoring import found_passages
from napari_vascular_loop.domain.answer import Answer, Verdict
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.study.exercise import exercises
from napari_vascular_loop.study.repetition import BOX_DAYS, Standing, standings
from napari_vascular_loop.study.session import Choice, Session, chosen, given_up
from napari_vascular_loop.study.tour import tour_steps

DAY_0 = datetime(2026, 3, 4, 8, tzinfo=UTC)
FIND = QuestionKind.FIND


def answered(day, question="q", verdict=Verdict.CORRECT):
    return Answer(question, "m", FIND, verdict, at=DAY_0 + timedelta(days=day))


def test_a_question_moves_on_box_by_box_and_back_to_the_first():
    days, boxes = [0], []
    for box in range(1, 7):
        known = standings([answered(day) for day in days])["q"]
        boxes.append(known.box)
        assert known.due == DAY_0 + timedelta(days=days[-1] + BOX_DAYS[min(box, 4)])
        days.append(days[-1] + BOX_DAYS[min(box, 4)])
    assert boxes == [1, 2, 3, 4, 4, 4]
    missed = standings([*(answered(day) for day in days), answered(400, verdict=Verdict.WRONG)])["q"]
    assert missed == Standing(0, DAY_0 + timedelta(days=400), was_missed=True)
    assert missed.is_due(DAY_0 + timedelta(days=400))


def test_practising_twice_a_day_moves_nothing():
    once, twice = standings([answered(0)]), standings([answered(0), answered(0.2), answered(0.4)])
    assert once == twice


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.CORRECT])
def test_all_but_the_correct_is_missed(verdict):
    assert standings([answered(0), answered(1, verdict=verdict)])["q"].was_missed
    assert not standings([answered(0, verdict=verdict), answered(1)])["q"].was_missed


def test_what_was_missed_comes_first_then_what_is_due_then_what_is_new():
    every = exercises(LESSON, volume_id="head")
    find = [one for one in every if one.question.kind is FIND]
    answers = [
        answered(0, find[0].question.id),
        answered(0, find[1].question.id),
        answered(6, find[2].question.id),
        answered(6, find[3].question.id, Verdict.WRONG_SIDE),
        answered(6, "of another lesson"),
    ]
    at = DAY_0 + timedelta(days=6.5)
    assert chosen(every, answers, FIND, at=at) == (find[3], find[0], find[1], find[4])
    assert chosen(every, answers, FIND, Choice.MISSED, at) == (find[3],)
    assert chosen(every, answers, FIND, Choice.ALL, at) == tuple(find)
    assert chosen(every, [], FIND, Choice.MISSED, at) == ()


def test_a_sitting():
    every = chosen(exercises(with_marks(ROOT_R, ROOT_L, PONS)), [], FIND)
    session = Session(every)
    assert (session.number, session.count, session.score) == (1, 3, "")
    session.note(Answer(every[0].question.id, "root-r", FIND, Verdict.CORRECT))
    session.note(Answer(every[0].question.id, "root-r", FIND, Verdict.WRONG))
    assert session.is_answered
    assert session.score == "1 of 1 correct", "the first answer counts"
    assert session.next() is every[1]
    assert not session.is_answered
    session.note(given_up(every[1]))
    assert session.score == "1 of 2 correct"
    assert session.next() is every[2]
    assert session.next() is None
    assert session.next() is None
    assert session.current is None
    assert session.missed == (every[1],)
    session.note(given_up(every[0]))
    assert len(session.answers) == 2, "at the end there is nothing to answer"


def test_the_tour_goes_through_the_text_in_reading_order():
    lesson = with_marks(PONS, ROOT_R, ROOT_L)
    steps = tour_steps(found_passages(lesson))
    assert [step.annotation_id for step in steps] == ["root-r", "root-l", "pons"]
    assert lesson.article[steps[2].span.start : steps[2].span.end] == "The pons is broad."
    assert tour_steps(()) == ()
