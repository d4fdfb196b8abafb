"""A small lesson with marks on both sides of a head that lies 4 mm to the right of the scanner's middle."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region, Side
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.study.exercise import Exercise, exercises

if TYPE_CHECKING:
    from napari_vascular_loop.domain.question import QuestionKind

ARTICLE = "# Nerves\n\nThe root is here.\n\nThe artery loops.\n\nThe pons is broad.\n"


def tied(words: str) -> tuple[Any, ...]:
    start = ARTICLE.index(words)
    return (passage_at(ARTICLE, start, start + len(words)),)


ROOT_R = Annotation(
    Arrow((30, -20, -40), (22, -26, -41)), "head", "Facial nerve root (R)", structure="facial-nerve-root",
    side=Side.RIGHT, passages=tied("The root is here."), id="root-r",
)  # fmt: skip
ROOT_L = Annotation(
    Arrow((-22, -20, -40), (-14, -26, -41)), "head", "Facial nerve root (L)", structure="facial-nerve-root",
    side=Side.LEFT, passages=tied("The root is here."), id="root-l",
)  # fmt: skip
LOOP_L = Annotation(
    Path(((-30, -10, -35), (-20, -20, -38), (-26, -14, -30))), "head", "Loop of the AICA (L)", structure="aica",
    side=Side.LEFT, passages=tied("The artery loops."), id="loop-l",
)  # fmt: skip
PONS = Annotation(
    Region(((-8, -14, -30), (16, -14, -30), (16, -30, -30), (-8, -30, -30))), "head", "Pons", structure="pons",
    side=Side.MIDLINE, passages=tied("The pons is broad."), id="pons",
)  # fmt: skip
CYST = Annotation(Point((40, 10, 5)), "head", "Cyst of the Arachnoid", id="cyst")
NAMELESS = Annotation(Point((1, 2, 3)), "head", "", id="nameless")
ELSEWHERE = Annotation(Point((1, 2, 3)), "other", "In another scan", id="elsewhere")
MARKS = (ROOT_R, ROOT_L, LOOP_L, PONS, CYST, NAMELESS, ELSEWHERE)
LESSON = Lesson("Nerves", (LessonVolume("head"), LessonVolume("other")), ARTICLE, MARKS, id="nerves")


def exercise(kind: QuestionKind, mark_id: str, lesson: Lesson = LESSON, **options: Any) -> Exercise:
    """The question of a kind that is made from a mark."""
    (found,) = (e for e in exercises(lesson, **options) if e.question.kind is kind and e.mark.id == mark_id)
    return found


def with_marks(*marks: Annotation) -> Lesson:
    return replace(LESSON, annotations=marks)
