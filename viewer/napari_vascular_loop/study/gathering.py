"""Results of many students, taken together for their teacher."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.answer import Answer, StudyResults, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.domain.space import Vector3


@dataclass(frozen=True)
class Click:
    """A place that a student gave as an answer.

    Parameters
    ----------
    place_ras_mm : (float, float, float)
        In RAS mm.
    verdict : Verdict
        How it was judged.
    """

    place_ras_mm: Vector3
    verdict: Verdict


@dataclass(frozen=True)
class AskedQuestion:
    """How a question was answered by all.

    Parameters
    ----------
    lesson_id, question_id : str
        Which it is.
    answers : tuple of Answer
        By all students, the earliest first.
    students : int
        How many there were.
    """

    lesson_id: str
    question_id: str
    answers: tuple[Answer, ...]
    students: int

    @property
    def correct(self) -> int:
        """How many answers were correct."""
        return sum(answer.is_correct for answer in self.answers)

    @property
    def clicks(self) -> tuple[Click, ...]:
        """Where students put the mark."""
        return tuple(Click(a.place_ras_mm, a.verdict) for a in self.answers if a.place_ras_mm is not None)

    @property
    def median_distance_mm(self) -> float | None:
        """Of the places, to the mark."""
        distances = [answer.distance_mm for answer in self.answers if answer.distance_mm is not None]
        return median(distances) if distances else None

    @property
    def mistaken_for(self) -> tuple[tuple[str, int], ...]:
        """Names that were given and not correct, the most frequent first."""
        wrong = Counter(" ".join(a.given.casefold().split()) for a in self.answers if a.given and not a.is_correct)
        return tuple(wrong.most_common())

    def as_json(self) -> dict[str, Any]:
        """The same as data."""
        last = self.answers[-1]
        distance = self.median_distance_mm
        return {
            "lesson": self.lesson_id,
            "question": self.question_id,
            "annotation": last.annotation_id,
            "kind": last.kind.value,
            "prompt": last.prompt,
            "wanted": last.wanted,
            "students": self.students,
            "answers": len(self.answers),
            "verdicts": {v.value: n for v in Verdict if (n := sum(a.verdict is v for a in self.answers))},
            "medianDistanceMm": None if distance is None else round(distance, 2),
            "mistakenFor": dict(self.mistaken_for),
            "clicks": [
                {"placeRasMm": [round(v, 2) for v in one.place_ras_mm], "verdict": one.verdict.value}
                for one in self.clicks
            ],
        }


def joined(results: Iterable[StudyResults]) -> tuple[StudyResults, ...]:
    """Join the results of the same student in the same lesson; an answer that is in several files counts once.

    The first of them gives the name, the title and the student's own marks.
    """
    found: dict[tuple[str, str], StudyResults] = {}
    for one in results:
        key = (one.lesson_id, one.student.casefold())
        before = found.get(key)
        if before is None:
            found[key] = one
            continue
        answers = {(a.question_id, a.at, a.verdict, a.given, a.place_ras_mm and _rounded(a.place_ras_mm)): a
                   for a in (*one.answers, *before.answers)}  # fmt: skip
        found[key] = replace(before, answers=tuple(sorted(answers.values(), key=lambda answer: answer.at)))
    return tuple(found.values())


def without_names(results: Iterable[StudyResults]) -> tuple[StudyResults, ...]:
    """Give the students numbers in place of their names, and leave out their own marks."""
    return tuple(
        replace(one, student=f"student {number}", own_marks=(), foreign={})
        for number, one in enumerate(
            sorted(results, key=lambda one: (one.lesson_id, one.answers[:1] == (), _first(one))), 1
        )
    )


def questions_of(results: Iterable[StudyResults]) -> tuple[AskedQuestion, ...]:
    """Gather the answers by question, the hardest first."""
    answers: dict[tuple[str, str], list[tuple[str, Answer]]] = {}
    for one in results:
        for answer in one.answers:
            answers.setdefault((one.lesson_id, answer.question_id), []).append((one.student, answer))
    asked = [
        AskedQuestion(
            lesson_id,
            question_id,
            tuple(sorted((answer for _, answer in given), key=lambda answer: answer.at)),
            len({student for student, _ in given}),
        )
        for (lesson_id, question_id), given in answers.items()
    ]
    return tuple(sorted(asked, key=lambda one: one.correct / len(one.answers)))


def _first(results: StudyResults) -> str:
    return results.answers[0].at.isoformat() if results.answers else results.student


def _rounded(place: Vector3) -> tuple[float, ...]:
    return tuple(round(value, 2) for value in place)
