"""A sitting: questions one after the other, their answers, the score."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import now
from napari_vascular_loop.domain.answer import Answer, Verdict
from napari_vascular_loop.study.repetition import Standing, standings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from napari_vascular_loop.domain.question import QuestionKind
    from napari_vascular_loop.study.exercise import Exercise


class Choice(enum.StrEnum):
    """Which questions a sitting has."""

    DUE = "due"
    """What was missed, what is due again, and what was never asked."""
    MISSED = "missed"
    """Only what was missed last time."""
    ALL = "all"


class Session:
    """Questions of one kind, one after the other.

    Parameters
    ----------
    exercises : sequence of Exercise
        What is asked, in this order.
    """

    def __init__(self, exercises: Sequence[Exercise]) -> None:
        self._exercises = tuple(exercises)
        self._place = 0
        self._answers: list[Answer] = []
        self._is_answered = False

    @property
    def current(self) -> Exercise | None:
        """The question that is asked or was just answered; None at the end."""
        return self._exercises[self._place] if self._place < len(self._exercises) else None

    @property
    def is_answered(self) -> bool:
        """Whether the current question has its answer."""
        return self._is_answered

    @property
    def number(self) -> int:
        """Of the current question, from 1."""
        return self._place + 1

    @property
    def count(self) -> int:
        """How many questions there are."""
        return len(self._exercises)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Those of this sitting."""
        return tuple(self._answers)

    @property
    def missed(self) -> tuple[Exercise, ...]:
        """What was not answered correctly in this sitting."""
        ids = {answer.question_id for answer in self._answers if not answer.is_correct}
        return tuple(one for one in self._exercises if one.question.id in ids)

    @property
    def score(self) -> str:
        """How many of the answers were correct, in words."""
        correct = sum(answer.is_correct for answer in self._answers)
        return f"{correct} of {len(self._answers)} correct" if self._answers else ""

    def note(self, answer: Answer) -> None:
        """Take an answer to the current question; a second one does not count."""
        if not self._is_answered and self.current is not None:
            self._answers.append(answer)
            self._is_answered = True

    def next(self) -> Exercise | None:
        """Go to the next question; None at the end. What was not answered is left out."""
        self._place = min(self._place + 1, len(self._exercises))
        self._is_answered = False
        return self.current


def chosen(
    exercises: Iterable[Exercise],
    answers: Iterable[Answer],
    kind: QuestionKind,
    choice: Choice = Choice.DUE,
    at: datetime | None = None,
) -> tuple[Exercise, ...]:
    """Choose the questions of a sitting: what was missed first, then what is due, then what is new.

    Parameters
    ----------
    exercises : iterable of Exercise
        All of the lesson.
    answers : iterable of Answer
        What the student answered so far.
    kind : QuestionKind
        Which to ask.
    choice : Choice
        Which of them.
    at : datetime, optional
        The time; now if not given.
    """
    at = at or now()
    known = standings(answers)
    of_kind = [one for one in exercises if one.question.kind is kind]
    if choice is Choice.ALL:
        return tuple(of_kind)
    if choice is Choice.MISSED:
        return tuple(one for one in of_kind if known.get(one.question.id, Standing()).was_missed)

    def rank(one: Exercise) -> int:
        standing = known.get(one.question.id)
        return 2 if standing is None else 0 if standing.was_missed else 1

    return tuple(sorted((one for one in of_kind if known.get(one.question.id, Standing()).is_due(at)), key=rank))


def given_up(exercise: Exercise, seconds: float | None = None) -> Answer:
    """The answer of who wants to be shown."""
    question = exercise.question
    return Answer(
        question.id,
        exercise.mark.id,
        question.kind,
        Verdict.GIVEN_UP,
        prompt=question.prompt,
        wanted=exercise.name,
        seconds=seconds,
    )
