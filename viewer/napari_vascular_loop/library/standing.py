"""How far students are with lessons: read from the results of study that are kept on this computer."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats import study_json
from napari_vascular_loop.formats.small_file import read_small
from napari_vascular_loop.study.results_folder import MAX_BYTES, results_folder

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.answer import StudyResults
    from napari_vascular_loop.library.entry import Card


@dataclass(frozen=True)
class Progress:
    """How far a student is with a lesson.

    Parameters
    ----------
    known : int
        Questions of which the last answer was right.
    asked : int
        Questions that were answered at all.
    """

    known: int = 0
    asked: int = 0

    def of(self, card: Card) -> float:
        """Share of the lesson's questions that are known, from 0 to 1."""
        return min(1.0, self.known / card.questions) if card.questions else 0.0

    def said(self, card: Card) -> str:
        """Say it in words; "" of a lesson that was not begun, or has no questions."""
        if not self.asked or not card.questions:
            return ""
        return f"{min(self.known, card.questions)} of {card.questions} questions known"


class Standing:
    """Results of all lessons and students on this computer.

    Parameters
    ----------
    root : Path, optional
        Where they are kept; the user's own if not given.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._by_lesson: dict[str, dict[str, Progress]] = {}
        for path in sorted((root or results_folder()).glob("*/*.json")):
            # What is damaged is told in the study panel, where it can be put aside.
            with contextlib.suppress(OSError, LessonError):
                for results in study_json.decode(read_small(path, path.name, MAX_BYTES), path.name):
                    self._by_lesson.setdefault(results.lesson_id, {})[results.student] = _progress(results)

    @classmethod
    def none(cls) -> Self:
        """Nobody has begun anything, as far as one knows; no file is read."""
        made = cls.__new__(cls)
        made._by_lesson = {}
        return made

    @property
    def students(self) -> list[str]:
        """Names, each once; "" of those who typed none."""
        return sorted({student for found in self._by_lesson.values() for student in found}, key=str.casefold)

    def of(self, card: Card, student: str) -> Progress:
        """How far a student is with a lesson."""
        return self._by_lesson.get(card.lesson_id, {}).get(student, Progress())


def _progress(results: StudyResults) -> Progress:
    last = {one.question_id: one.is_correct for one in sorted(results.answers, key=lambda one: one.at)}
    return Progress(sum(last.values()), len(last))
