"""What a student answered, and what became of it."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.annotation import Side, now
from napari_vascular_loop.domain.errors import AnnotationError
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.domain.space import Vector3, vector3
from napari_vascular_loop.domain.text import writable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Verdict(enum.StrEnum):
    """How an answer was judged."""

    CORRECT = "correct"
    WRONG_SIDE = "wrong side"
    """The right structure, on the other side of the patient."""
    INEXACT = "inexact"
    """A name that fits, and also fits others."""
    WRONG = "wrong"
    GIVEN_UP = "given up"
    """The student asked to be shown."""


@dataclass(frozen=True)
class Answer:
    """One answer to one question.

    Parameters
    ----------
    question_id : str
        Of the lesson's question, or of one that the program made from a mark.
    annotation_id : str
        The mark that was asked for.
    kind : QuestionKind
        What the student did.
    verdict : Verdict
        How it was judged.
    at : datetime
        When, in UTC.
    prompt, wanted : str
        What was asked, and the name of what was asked for: for a teacher who reads results without the lesson.
    given : str
        What the student typed or chose; "" for a place.
    side : Side or None
        The side that the student named, or on which the place lies.
    place_ras_mm : (float, float, float) or None
        Where the student put the mark.
    distance_mm : float or None
        From there to the mark.
    seconds : float or None
        From the question to the answer.
    foreign : mapping
        The answer as it was read.
    """

    question_id: str
    annotation_id: str
    kind: QuestionKind
    verdict: Verdict
    at: datetime = field(default_factory=now)
    prompt: str = ""
    wanted: str = ""
    given: str = ""
    side: Side | None = None
    place_ras_mm: Vector3 | None = None
    distance_mm: float | None = None
    seconds: float | None = None
    foreign: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("prompt", "wanted", "given"):
            object.__setattr__(self, name, writable(getattr(self, name)))
        try:
            object.__setattr__(self, "kind", QuestionKind(self.kind))
            object.__setattr__(self, "verdict", Verdict(self.verdict))
            object.__setattr__(self, "side", None if self.side is None else Side(self.side))
        except ValueError as error:
            raise AnnotationError(f"an answer's kind, verdict and side are one of a few words: {error}") from error
        if self.place_ras_mm is not None:
            object.__setattr__(self, "place_ras_mm", vector3(self.place_ras_mm, "an answer's place"))
        for name in ("distance_mm", "seconds"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise AnnotationError(f"an answer's {name} is a number from 0 upwards, got {value}")

    @property
    def is_correct(self) -> bool:
        """Whether nothing was missed."""
        return self.verdict is Verdict.CORRECT


@dataclass(frozen=True)
class StudyResults:
    """All that one student answered in one lesson, in the order of time.

    Parameters
    ----------
    lesson_id, lesson_title : str
        Of the lesson.
    student : str
        The name as the student typed it; "" of one who typed none.
    answers : tuple of Answer
        The earliest first.
    own_marks : tuple of (label, place)
        The student's own marks: words, and a place in RAS mm.
    foreign : mapping
        The document as it was read.
    """

    lesson_id: str
    lesson_title: str = ""
    student: str = ""
    answers: tuple[Answer, ...] = ()
    own_marks: tuple[OwnMark, ...] = ()
    foreign: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "student", " ".join(writable(self.student).split()))
        object.__setattr__(self, "lesson_title", writable(self.lesson_title))

    def with_answer(self, answer: Answer) -> StudyResults:
        """Copy with one answer more."""
        return replace(self, answers=(*self.answers, answer))

    def with_own_marks(self, marks: tuple[OwnMark, ...]) -> StudyResults:
        """Copy with other marks of the student's own."""
        return replace(self, own_marks=marks)


@dataclass(frozen=True)
class OwnMark:
    """A place that a student marked for himself.

    Parameters
    ----------
    place_ras_mm : (float, float, float)
        In RAS mm.
    volume_id : str
        In which of the lesson's volumes.
    label : str
        What he wrote beside it.
    """

    place_ras_mm: Vector3
    volume_id: str
    label: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "place_ras_mm", vector3(self.place_ras_mm, "a mark's place"))
        object.__setattr__(self, "label", writable(self.label))
