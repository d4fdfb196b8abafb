"""Edits: what a user did to a lesson, as data that can be done, undone and written down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from napari_vascular_loop.domain.errors import AnnotationError
from napari_vascular_loop.domain.text_merge import shared_end, shared_start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson

FOREIGN = ("foreign", "annotations_foreign")
"""What the files say that this program doesn't know, questions among it."""

DETAILS = (
    "title",
    "authors",
    "language",
    "licence",
    "credit",
    "notice",
    "objectives",
    "minutes",
    "audience",
    "imaging",
    "volumes",
    *FOREIGN,
)
"""What can be changed of a lesson beside its annotations and its article."""

_MANY = 16


@dataclass(frozen=True)
class Change:
    """One annotation before and after: both for a change, one of them for adding and deleting.

    Parameters
    ----------
    before, after : Annotation or None
        The same id on both sides.
    index : int
        Its place in the lesson's order.
    """

    kind: ClassVar[str] = "annotation"
    before: Annotation | None
    after: Annotation | None
    index: int

    def __post_init__(self) -> None:
        if self.before is None and self.after is None:
            raise AnnotationError("a change needs an annotation before or after it")
        if self.before and self.after and self.before.id != self.after.id:
            raise AnnotationError("a change can't turn one annotation into another")

    @property
    def annotation_id(self) -> str:
        """The annotation that it is about."""
        annotation = self.after or self.before
        return annotation.id if annotation else ""

    @property
    def inverse(self) -> Change:
        """The change that takes it back."""
        return Change(self.after, self.before, self.index)


@dataclass(frozen=True)
class OrderChange:
    """One annotation taught earlier or later than before.

    Parameters
    ----------
    annotation_id : str
        Which.
    before, after : int
        Its place in the lesson's order.
    """

    kind: ClassVar[str] = "order"
    annotation_id: str
    before: int
    after: int

    @property
    def inverse(self) -> OrderChange:
        """The change that takes it back."""
        return OrderChange(self.annotation_id, self.after, self.before)


@dataclass(frozen=True)
class ArticleChange:
    """Some lines of the article before and after.

    Parameters
    ----------
    before, after : str
        What was taken out, and what was put in its place.
    at : int
        Where, in code points from the article's beginning.
    """

    kind: ClassVar[str] = "article"
    before: str
    after: str
    at: int = 0

    @classmethod
    def between(cls, old: str, new: str) -> ArticleChange:
        """The change that makes one text of another: the lines that differ, those between them, and one around."""
        first = _line_before(old, shared_start(old, new))
        same = shared_end(old, new, first)
        end = old.find("\n", len(old) - same) + 1 or len(old)
        end = old.find("\n", end) + 1 or len(old)
        return cls(old[first:end], new[first : len(new) - (len(old) - end)], first)

    @property
    def inverse(self) -> ArticleChange:
        """The change that takes it back."""
        return ArticleChange(self.after, self.before, self.at)

    def applied(self, article: str) -> str:
        """Do the change to a text.

        Raises
        ------
        AnnotationError
            If the text is not what it is a change of.
        """
        end = self.at + len(self.before)
        if article[self.at : end] != self.before:
            raise AnnotationError("the article is not what it was when this edit was made")
        return article[: self.at] + self.after + article[end:]


@dataclass(frozen=True)
class DetailsChange:
    """Some of a lesson's :data:`DETAILS` before and after; the same names on both sides."""

    kind: ClassVar[str] = "details"
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    def __post_init__(self) -> None:
        if self.before.keys() != self.after.keys() or not set(self.after) <= set(DETAILS):
            raise AnnotationError(f"a lesson's details are {', '.join(DETAILS)}; got {', '.join(self.after)}")

    @property
    def inverse(self) -> DetailsChange:
        """The change that takes it back."""
        return DetailsChange(self.after, self.before)


AnyChange = Change | OrderChange | ArticleChange | DetailsChange


@dataclass(frozen=True)
class Edit:
    """The changes of one gesture, undone together.

    Parameters
    ----------
    title : str
        For the menu: "Undo add arrow".
    changes : tuple of Change, OrderChange, ArticleChange or DetailsChange
        In the order in which they are done.
    """

    title: str
    changes: tuple[AnyChange, ...]

    @property
    def inverse(self) -> Edit:
        """The edit that takes it back."""
        return Edit(self.title, tuple(change.inverse for change in reversed(self.changes)))

    @property
    def annotation_ids(self) -> tuple[str, ...]:
        """The annotations that it is about, each once."""
        ids = (change.annotation_id for change in self.changes if isinstance(change, Change | OrderChange))
        return tuple(dict.fromkeys(ids))

    def changes_a(self, *kinds: type[AnyChange]) -> bool:
        """Whether some of its changes are of such a kind."""
        return any(isinstance(change, kinds) for change in self.changes)


def apply(edit: Edit, lesson: Lesson) -> Lesson:
    """Do an edit.

    Raises
    ------
    AnnotationError
        If an annotation that it changes is not there, or one that it adds already is, or the article is another.
    """
    annotations: list[Annotation] | None = None
    # Only adding, removing and changing the order move others: until then places found once hold.
    places: dict[str, int] | None = None
    for change in edit.changes:
        match change:
            case ArticleChange():
                lesson = replace(lesson, article=change.applied(lesson.article))
            case DetailsChange():
                lesson = replace(lesson, **dict(change.after))
            case Change() | OrderChange():
                annotations = list(lesson.annotations) if annotations is None else annotations
                if places is None and len(edit.changes) > _MANY:
                    places = {annotation.id: place for place, annotation in enumerate(annotations)}
                at = places.get(change.annotation_id) if places is not None else _place(annotations, change)
                if not _done_in_place(annotations, change, at) and places is not None:
                    places = _followed(places, annotations, change, at)
    return lesson if annotations is None else lesson.with_annotations(tuple(annotations))


def refuse_unknown_volumes(edit: Edit, after: Lesson) -> None:
    """Make sure that no mark lies in a volume that the lesson does not have: nobody could open it any more.

    Raises
    ------
    AnnotationError
        Naming the mark and the volume.
    """
    known = {volume.id for volume in after.volumes}
    touched = [change.after for change in edit.changes if isinstance(change, Change) and change.after is not None]
    if any(isinstance(change, DetailsChange) and "volumes" in change.after for change in edit.changes):
        touched = list(after.annotations)
    for annotation in touched:
        if annotation.volume_id not in known:
            raise AnnotationError(
                f"{annotation.title!r} lies in the volume {annotation.volume_id!r}, which the lesson does not have; "
                f"it has {sorted(known)}"
            )


def _line_before(text: str, place: int) -> int:
    """Beginning of the line before the one that a place is in."""
    start = text.rfind("\n", 0, place) + 1
    return text.rfind("\n", 0, max(start - 1, 0)) + 1


def _place(annotations: Sequence[Annotation], change: Change | OrderChange) -> int | None:
    return next((n for n, a in enumerate(annotations) if a.id == change.annotation_id), None)


def _done_in_place(annotations: list[Annotation], change: Change | OrderChange, at: int | None) -> bool:
    """Do a change to a list; False if others have other places now."""
    adds = isinstance(change, Change) and change.before is None
    if (at is None) != adds:
        raise AnnotationError(
            f"the annotation {change.annotation_id} is {'missing' if at is None else 'there already'}"
        )
    if isinstance(change, OrderChange):
        if at is not None:
            annotations.insert(change.after, annotations.pop(at))
        return False
    if at is not None and change.after is not None:
        annotations[at] = change.after
        return True
    if at is not None:
        del annotations[at]
    elif change.after is not None:
        annotations.insert(change.index, change.after)
    return False


def _followed(
    places: dict[str, int], annotations: Sequence[Annotation], change: Change | OrderChange, at: int | None
) -> dict[str, int] | None:
    """Places after a change; None where it is quicker to find them anew."""
    if at is None and annotations[-1].id == change.annotation_id:
        places[change.annotation_id] = len(annotations) - 1
        return places
    if at == len(annotations) and isinstance(change, Change):
        del places[change.annotation_id]
        return places
    return None


@dataclass(frozen=True)
class Step:
    """An edit as it came: done, taken back or done again.

    Parameters
    ----------
    kind : str
        "do", "undo" or "redo".
    edit : Edit
        What was changed; for "undo" the inverse of what is taken back.
    """

    kind: str
    edit: Edit


def stacks_after(kinds: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which steps can be undone, and which can be done again, after steps of such kinds.

    Returns
    -------
    done, undone : tuple of int
        Numbers of steps, from 0, the next one last. What is done again is the inverse of those undone.
    """
    done: list[int] = []
    undone: list[int] = []
    for number, kind in enumerate(kinds):
        if kind == "undo":
            undone.append(number)
            if done:
                done.pop()
        else:
            done.append(number)
            if kind == "redo" and undone:
                undone.pop()
            elif kind == "do":
                undone.clear()
    return tuple(done), tuple(undone)
