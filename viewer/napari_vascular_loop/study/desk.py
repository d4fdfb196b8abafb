"""A student's desk: one lesson, one student, the questions, the answers and where they are kept."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonSaveError
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.study import finding, naming
from napari_vascular_loop.study.exercise import Exercise, exercises
from napari_vascular_loop.study.session import Choice, Session, chosen, given_up
from napari_vascular_loop.study.spoken import say_found, say_given_up, say_named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_vascular_loop.domain.annotation import Side
    from napari_vascular_loop.domain.answer import Answer, OwnMark
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.question import Question
    from napari_vascular_loop.domain.space import Plane, Vector3
    from napari_vascular_loop.study.results_folder import ResultsFolder


@dataclass(frozen=True)
class Outcome:
    """What became of an answer.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    answer : Answer
        As it is kept.
    words : str
        What the student is told.
    problem : str
        Why it could not be kept; "" if it was.
    """

    exercise: Exercise
    answer: Answer
    words: str
    problem: str = ""


class Desk:
    """One student and one lesson.

    Parameters
    ----------
    lesson : Lesson
        What is studied.
    written : sequence of Question
        The teacher's questions.
    folder : ResultsFolder
        Where the results are kept.
    clock : callable
        Gives seconds; to measure how long an answer takes.
    """

    def __init__(
        self,
        lesson: Lesson,
        written: Sequence[Question],
        folder: ResultsFolder,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lesson, self._written, self._folder, self._clock = lesson, tuple(written), folder, clock
        self._volume_id: str | None = None
        self._spacing_ras_mm: Vector3 = (0.0, 0.0, 0.0)
        self._orientation_known = True
        self._asked_at = 0.0
        self.exercises: tuple[Exercise, ...] = ()
        self.session: Session | None = None
        self.results, _ = folder.read("")
        known = self.known_students()
        # On a computer of one's own there is one name; where several learn, nobody is taken for another.
        self.note = self.set_student(known[0]) if len(known) == 1 else ""

    @property
    def student(self) -> str:
        """The name as the student typed it."""
        return self.results.student

    def known_students(self) -> list[str]:
        """Names under which results of this lesson are kept here."""
        return [one.student for one, _ in self._folder.students() if one is not None and one.student]

    def set_student(self, name: str) -> str:
        """Go on as a student; what he answered before is read.

        Returns
        -------
        str
            What he should know; "" if nothing.
        """
        self.results, note = self._folder.read(name)
        return note

    def see_volume(self, volume_id: str | None, spacing_ras_mm: Vector3, orientation_known: bool) -> None:
        """Ask about the volume that is seen; None if it is none of the lesson's."""
        seen = (volume_id, spacing_ras_mm, orientation_known)
        if seen == (self._volume_id, self._spacing_ras_mm, self._orientation_known):
            return
        self._volume_id, self._spacing_ras_mm, self._orientation_known = seen
        self.session = None
        self.exercises = (
            exercises(self._lesson, self._written, volume_id=volume_id, orientation_known=orientation_known)
            if volume_id is not None
            else ()
        )

    def count(self, kind: QuestionKind, choice: Choice) -> int:
        """How many questions a sitting would have."""
        return len(chosen(self.exercises, self.results.answers, kind, choice))

    def start(self, kind: QuestionKind, choice: Choice = Choice.DUE) -> Exercise | None:
        """Begin a sitting; None if there is nothing to ask."""
        return self._begin(chosen(self.exercises, self.results.answers, kind, choice))

    def start_missed(self) -> Exercise | None:
        """Ask again what was missed in this sitting."""
        return self._begin(self.session.missed if self.session is not None else ())

    def next(self) -> Exercise | None:
        """Go to the next question; None at the end."""
        self._asked_at = self._clock()
        return self.session.next() if self.session is not None else None

    def stop(self) -> None:
        """End the sitting."""
        self.session = None

    @property
    def current(self) -> Exercise | None:
        """The question that waits for an answer."""
        session = self.session
        return session.current if session is not None and not session.is_answered else None

    # ---------------------------------------------------------------- answers

    def answer_place(self, place_ras_mm: Vector3, plane: Plane | None = None) -> Outcome | None:
        """Answer with a place in RAS mm, put on a picture of a plane; None if nothing is asked."""
        asked = self.current
        if asked is None or asked.question.kind is not QuestionKind.FIND:
            return None
        found = finding.judge_place(
            asked,
            place_ras_mm,
            [mark for mark in self._lesson.annotations if mark.volume_id == self._volume_id],
            plane=plane,
            spacing_ras_mm=self._spacing_ras_mm,
            orientation_known=self._orientation_known,
        )
        return self._keep(asked, finding.answer_of(asked, found, self._seconds()), say_found(asked, found))

    def answer_name(self, name: str, side: Side | None = None) -> Outcome | None:
        """Answer with a name and, where it is asked, a side; None if nothing is asked."""
        asked = self.current
        if asked is None or asked.question.kind is not QuestionKind.NAME:
            return None
        named = naming.judge_name(asked, name, side)
        return self._keep(asked, naming.answer_of(asked, named, self._seconds()), say_named(asked, named))

    def give_up(self) -> Outcome | None:
        """Be shown the answer; None if nothing is asked."""
        asked = self.current
        return self._keep(asked, given_up(asked, self._seconds()), say_given_up(asked)) if asked is not None else None

    def choices(self) -> tuple[str, ...]:
        """Names to choose from."""
        asked = self.current
        return naming.choices(asked, self.exercises) if asked is not None else ()

    def keep_own_marks(self, marks: tuple[OwnMark, ...]) -> str:
        """Keep the student's own marks; why they could not be, or ""."""
        self.results = self.results.with_own_marks(marks)
        return self._write()

    def forget(self) -> None:
        """Delete all that the student answered in this lesson, and his own marks.

        Raises
        ------
        LessonSaveError
            If they can't be deleted.
        """
        self._folder.forget(self.student)
        self.session = None
        self.results, _ = self._folder.read(self.student)

    def why_none(self, kind: QuestionKind) -> str:
        """Why there is nothing to ask; "" if there is."""
        if self._volume_id is None:
            return "Questions are about places in the lesson's volume, which is not shown."
        if self.exercises and not self.count(kind, Choice.ALL):
            return "The lesson has no questions of this kind."
        if not self.exercises:
            return "No mark of this lesson in this volume has a label or a structure, so there is nothing to ask."
        if not self.count(kind, Choice.DUE):
            return "Nothing is due today: all was answered. You may practise all the same."
        return ""

    def _write(self) -> str:
        try:
            self._folder.write(self.results)
        except LessonSaveError as error:
            return str(error)
        return ""

    def _begin(self, asked: tuple[Exercise, ...]) -> Exercise | None:
        self.session = Session(asked) if asked else None
        self._asked_at = self._clock()
        return self.current

    def _seconds(self) -> float:
        return max(0.0, self._clock() - self._asked_at)

    def _keep(self, asked: Exercise, answer: Answer, words: str) -> Outcome:
        """Note an answer, and write it down before the student is told."""
        if self.session is not None:
            self.session.note(answer)
        self.results = self.results.with_answer(answer)
        return Outcome(asked, answer, words, self._write())
