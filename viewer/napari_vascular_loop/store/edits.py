"""Edits made of what a user asks for; None where nothing would change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.anchoring import find_passage, reanchored
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.edit import FOREIGN, AnyChange, ArticleChange, Change, DetailsChange, Edit, OrderChange
from napari_vascular_loop.domain.errors import AnnotationError
from napari_vascular_loop.domain.text import article_text, writable
from napari_vascular_loop.following import Difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.article import Passage, Span
    from napari_vascular_loop.domain.lesson import FoundPassage, Lesson
    from napari_vascular_loop.domain.registration import Registration


def put(lesson: Lesson, annotations: Iterable[Annotation], title: str) -> Edit | None:
    """Add annotations at the end, or put them in place of those with the same id."""
    there = {annotation.id: (place, annotation) for place, annotation in enumerate(lesson.annotations)}
    changes: list[AnyChange] = []
    end = len(there)
    for annotation in annotations:
        place, before = there.get(annotation.id, (end, None))
        if before != annotation:
            changes.append(Change(before, annotation, place))
            end += before is None
    return Edit(title, tuple(changes)) if changes else None


def change(lesson: Lesson, annotation_id: str, title: str, values: Mapping[str, Any]) -> Edit | None:
    """Give an annotation other values."""
    before = lesson.annotation(annotation_id)
    after = before.changed(**values)
    if all(getattr(before, name) == value for name, value in values.items()):
        return None
    return Edit(title, (Change(before, after, place_of(lesson, annotation_id)),))


def remove(lesson: Lesson, annotation_id: str) -> Edit:
    """Delete an annotation with its links."""
    before = lesson.annotation(annotation_id)
    return Edit(f"delete {before.geometry.kind}", (Change(before, None, place_of(lesson, annotation_id)),))


def reorder(lesson: Lesson, annotation_id: str, place: int) -> Edit | None:
    """Teach an annotation earlier or later: as number `place`, from 0."""
    lesson.annotation(annotation_id)
    before = place_of(lesson, annotation_id)
    after = max(0, min(place, len(lesson.annotations) - 1))
    return Edit("reorder", (OrderChange(annotation_id, before, after),)) if before != after else None


def article(lesson: Lesson, text: str, title: str, found: Iterable[FoundPassage]) -> Edit | None:
    """Give a lesson another text; links follow the words that they are tied to, as far as these are there."""
    text = article_text(text)
    if text == lesson.article:
        return None
    changes: list[AnyChange] = [ArticleChange.between(lesson.article, text)]
    follow = Difference(lesson.article, text).follow
    spans = {(one.annotation_id, one.passage): one.span for one in found}
    for place, annotation in enumerate(lesson.annotations):
        passages = tuple(
            reanchored(text, passage, span)
            if (was := spans.get((annotation.id, passage))) is not None and (span := follow(was)) is not None
            else passage
            for passage in annotation.passages
        )
        if passages != annotation.passages:
            changes.append(Change(annotation, annotation.changed(passages=passages), place))
    return Edit(title, tuple(changes))


def details(lesson: Lesson, values: Mapping[str, Any]) -> Edit | None:
    """Give a lesson another title, other authors or whatever else is said of it.

    Raises
    ------
    AnnotationError
        If there is no such detail, or it can't be this.
    """
    values = {name: _checked(name, value) for name, value in values.items()}
    before = {name: getattr(lesson, name, None) for name in values}
    return Edit("edit lesson", (DetailsChange(before, dict(values)),)) if before != values else None


def registration(lesson: Lesson, volume_id: str, found: Registration) -> Edit | None:
    """Keep with a lesson how one of its volumes lies over the atlas.

    Raises
    ------
    LessonError
        If the lesson has no such volume.
    """
    if lesson.volume(volume_id).registration == found:
        return None
    volumes = tuple(replace(one, registration=found) if one.id == volume_id else one for one in lesson.volumes)
    change = DetailsChange({"volumes": lesson.volumes}, {"volumes": volumes})
    return Edit("lay over the atlas", (change,))


def questions(lesson: Lesson, entries: Iterable[Mapping[str, Any]], title: str) -> Edit | None:
    """Give a lesson other questions, as lesson.json has them."""
    before = {"foreign": lesson.foreign}
    after = {"foreign": {**lesson.foreign, "questions": [dict(entry) for entry in entries]}}
    return Edit(title, (DetailsChange(before, after),)) if before != after else None


def link(lesson: Lesson, annotation_id: str, start: int, end: int) -> tuple[Edit | None, Passage]:
    """Tie the stretch article[start:end] to an annotation.

    Raises
    ------
    AnnotationError
        If there are no words in the stretch, or the two are tied already.
    """
    passage = passage_at(lesson.article, start, end)
    annotation = lesson.annotation(annotation_id)
    span = find_passage(lesson.article, passage)
    if any(find_passage(lesson.article, other) == span for other in annotation.passages):
        raise AnnotationError(f"{annotation.title!r} and this passage are linked already")
    return change(lesson, annotation_id, "link", {"passages": (*annotation.passages, passage)}), passage


def unlink(lesson: Lesson, annotation_id: str, passage: Passage) -> Edit | None:
    """Untie a passage from an annotation."""
    left = tuple(other for other in lesson.annotation(annotation_id).passages if other != passage)
    return change(lesson, annotation_id, "unlink", {"passages": left})


def reanchor(lesson: Lesson, annotation_id: str, passage: Passage, span: Span) -> Edit | None:
    """Tie a link to the words at another place of the article.

    Raises
    ------
    AnnotationError
        If there are no words in the stretch.
    """
    new = passage_at(lesson.article, span.start, span.end)
    passages = tuple(new if other == passage else other for other in lesson.annotation(annotation_id).passages)
    return change(lesson, annotation_id, "link anew", {"passages": passages})


def _checked(name: str, value: Any) -> Any:
    """A detail as a file can hold it."""
    if name in ("volumes", *FOREIGN):
        return value
    if name in ("authors", "objectives", "imaging"):
        if isinstance(value, str) or not all(isinstance(one, str) for one in value):
            raise AnnotationError(f"a lesson's {name} are a list of texts; got {value!r}")
        return tuple(map(writable, value))
    if name == "minutes":
        if value is not None and (not isinstance(value, int) or value < 1):
            raise AnnotationError(f"a lesson's minutes are a whole number from 1, or None; got {value!r}")
        return value
    if not isinstance(value, str):
        raise AnnotationError(f"a lesson's {name} is a text; got {value!r}")
    return writable(value)


def place_of(lesson: Lesson, annotation_id: str) -> int:
    """Number of an annotation in the lesson's order, from 0."""
    return next(n for n, annotation in enumerate(lesson.annotations) if annotation.id == annotation_id)
