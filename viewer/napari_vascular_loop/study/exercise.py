"""What is asked of a student: the teacher's questions, and those that the marks make by themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import Annotation, Side, is_text
from napari_vascular_loop.domain.measure import is_ruler
from napari_vascular_loop.domain.question import Question, QuestionKind
from napari_vascular_loop.domain.terms import Structure, structure_by_id, structure_by_name, structure_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_vascular_loop.domain.lesson import Lesson

_SIDE_WORD = r"(?:right|left|r|l|re|li|dext(?:er|ra|rum)|sin(?:ister|istra|istrum)?)"
_SIDE_AT_END = re.compile(rf"\s*(?:\(\s*{_SIDE_WORD}\.?\s*\)|,\s*{_SIDE_WORD}\.?)\s*$", re.IGNORECASE)
_SIDE_AT_START = re.compile(r"^\s*(?:right|left)\s+", re.IGNORECASE)
_OTHER = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
_SHOWN_BY = {
    "arrow": "What does the arrow point at",
    "point": "What lies at the marked place",
    "text": "What lies at the marked place",
    "path": "What runs along the line",
    "region": "What is outlined",
}


@dataclass(frozen=True)
class Exercise:
    """A question with all that an answer is held against.

    Parameters
    ----------
    question : Question
        The teacher's, or one that was made.
    marks : tuple of Annotation
        Those asked for: the question's own first, then others of the same thing on the same side.
    opposite : tuple of Annotation
        Those of the same thing on the other side.
    name : str
        What is asked for, in words.
    side : Side or None
        The side that belongs to the answer; None where it does not.
    """

    question: Question
    marks: tuple[Annotation, ...]
    opposite: tuple[Annotation, ...]
    name: str
    side: Side | None

    @property
    def mark(self) -> Annotation:
        """The question's own mark."""
        return self.marks[0]

    @property
    def asks_side(self) -> bool:
        """Whether the answer to a naming question has to say the side."""
        return self.question.asks_side and self.side in _OTHER


def name_of(annotation: Annotation) -> str:
    """Name of what a mark shows: the teacher's label without its side, else the structure's name; "" of neither."""
    return label_without_side(annotation) or structure_name(annotation.structure)


def label_without_side(annotation: Annotation) -> str:
    """The label, less a side at its end or beginning, such as "(R)", where the mark says its side itself.

    Examples
    --------
    >>> from napari_vascular_loop.domain.annotation import Point
    >>> label_without_side(Annotation(Point((1, 2, 3)), "t1", "Facial nerve (R)", side=Side.RIGHT))
    'Facial nerve'
    """
    label = " ".join(annotation.label.split())
    return without_side(label) if annotation.side in _OTHER else label


def without_side(label: str) -> str:
    """Take a side off the end or the beginning of a label; of no more than a side nothing is taken."""
    return _SIDE_AT_START.sub("", _SIDE_AT_END.sub("", label)).strip() or label


def exercises(
    lesson: Lesson,
    written: Sequence[Question] = (),
    *,
    volume_id: str | None = None,
    orientation_known: bool = True,
) -> tuple[Exercise, ...]:
    """Gather what can be asked, in the order of the lesson: the teacher's questions first.

    Each label or structure makes, once a side, a question to find and one to name it. Where the teacher has written
    a question of that kind about one of its marks, it takes the place of the made one.

    Parameters
    ----------
    lesson : Lesson
        The lesson.
    written : sequence of Question
        The teacher's; those about marks that are not there are left out.
    volume_id : str, optional
        Ask only about marks in this volume.
    orientation_known : bool
        Whether left and right can be told in the volume; if not, no question is about a side, and marks on both
        sides are one thing.
    """
    marks = [one for one in lesson.annotations if volume_id in (None, one.volume_id)]
    by_id = {one.id: one for one in marks}
    groups = _groups(marks, orientation_known)
    asked = [
        _exercise(
            question, _with_first(groups.of(by_id[question.annotation_id]), by_id[question.annotation_id]), groups
        )
        for question in written
        if question.annotation_id in by_id
    ]
    covered = {(one.question.kind, mark.id) for one in asked for mark in one.marks}
    for kind in QuestionKind:
        for group in groups.named():
            if all((kind, mark.id) not in covered for mark in group):
                asked.append(_exercise(_made(kind, group, groups), group, groups))
    return tuple(asked)


def made_question(
    lesson: Lesson, annotation_id: str, kind: QuestionKind, *, orientation_known: bool = True
) -> Question:
    """The question that a mark makes by itself, as a teacher may begin with it; its id is that of the made one.

    Parameters
    ----------
    lesson : Lesson
        The lesson.
    annotation_id : str
        Which mark.
    kind : QuestionKind
        What the student does.
    orientation_known : bool
        Whether left and right can be told in the mark's volume; if not, the question is about no side.

    Raises
    ------
    LessonError
        If there is no such mark.
    """
    mark = lesson.annotation(annotation_id)
    groups = _groups((one for one in lesson.annotations if one.volume_id == mark.volume_id), orientation_known)
    made = _made(kind, _with_first(groups.of(mark), mark), groups)
    return replace(made, asks_side=made.asks_side and kind is QuestionKind.NAME)


class _Groups:
    """Marks of the same thing on the same side."""

    def __init__(self, known: bool) -> None:
        self.known = known
        self._by_key: dict[tuple[str, Side | None], list[Annotation]] = {}

    def add(self, annotation: Annotation) -> None:
        self._by_key.setdefault(self._key(annotation), []).append(annotation)

    def of(self, annotation: Annotation) -> tuple[Annotation, ...]:
        return tuple(self._by_key[self._key(annotation)])

    def opposite(self, annotation: Annotation) -> tuple[Annotation, ...]:
        thing, side = self._key(annotation)
        return tuple(self._by_key.get((thing, _OTHER[side]), ())) if side in _OTHER else ()

    def named(self) -> Iterable[tuple[Annotation, ...]]:
        return (tuple(group) for (thing, _), group in self._by_key.items() if not thing.startswith("unnamed:"))

    def _key(self, annotation: Annotation) -> tuple[str, Side | None]:
        side = annotation.side if self.known else None
        known = _structure(annotation)
        thing = known.id if known else (annotation.structure or label_without_side(annotation)).strip().casefold()
        is_thing = not is_ruler(annotation.geometry) and not is_text(annotation.geometry)
        if not thing or (known is None and not annotation.structure and not is_thing):
            return f"unnamed:{annotation.id}", side  # a ruler and a text are no things to be found
        return thing, side


def _groups(marks: Iterable[Annotation], known: bool) -> _Groups:
    groups = _Groups(known)
    for mark in marks:
        groups.add(mark)
    return groups


def _structure(annotation: Annotation) -> Structure | None:
    return structure_by_id(annotation.structure) or structure_by_name(annotation.structure or "")


def _with_first(group: tuple[Annotation, ...], first: Annotation) -> tuple[Annotation, ...]:
    return (first, *(one for one in group if one.id != first.id))


def _exercise(question: Question, group: tuple[Annotation, ...], groups: _Groups) -> Exercise:
    side = group[0].side if groups.known and group[0].side in _OTHER else None
    name = _thing(group) or next(iter(question.accepted), "the marked place")
    return Exercise(question, group, groups.opposite(group[0]), name, side)


def _thing(group: tuple[Annotation, ...]) -> str:
    """Name of what several marks show: the structure's, if it is known; else, or of a single mark, the label."""
    structure = structure_name(group[0].structure)
    label = label_without_side(group[0])
    if not structure:
        return label
    if len(group) > 1 or not label or structure.casefold() == label.casefold() or _says(label, group[0]):
        return structure
    return f"{label} ({structure})"


def _says(label: str, annotation: Annotation) -> bool:
    """Whether a label is no more than another name of the structure."""
    known, by_label = _structure(annotation), structure_by_name(label)
    return known is not None and by_label is known


def _made(kind: QuestionKind, group: tuple[Annotation, ...], groups: _Groups) -> Question:
    first = group[0]
    side = first.side if groups.known and first.side in _OTHER else None
    if kind is QuestionKind.FIND:
        where = f", on the patient's {side.value}" if side else ""
        prompt = f"Find: {_thing(group) or 'the marked place'}{where}"
    else:
        prompt = _SHOWN_BY[first.geometry.kind] + (", and on which side of the patient?" if side else "?")
    return Question(f"{kind.value}:{first.id}", kind, first.id, prompt, asks_side=side is not None)
