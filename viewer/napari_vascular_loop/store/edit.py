"""Edits: what a user did, as data that can be done, undone and written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import AnnotationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.domain.annotation import Annotation


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
class Edit:
    """The changes of one gesture, undone together.

    Parameters
    ----------
    title : str
        For the menu: "Undo add arrow".
    changes : tuple of Change
        In the order in which they are done.
    """

    title: str
    changes: tuple[Change, ...]

    @property
    def inverse(self) -> Edit:
        """The edit that takes it back."""
        return Edit(self.title, tuple(change.inverse for change in reversed(self.changes)))


def apply(edit: Edit, annotations: Iterable[Annotation]) -> tuple[Annotation, ...]:
    """Do an edit.

    Raises
    ------
    AnnotationError
        If an annotation that it changes is not there, or one that it adds already is.
    """
    result = list(annotations)
    for change in edit.changes:
        at = next((n for n, a in enumerate(result) if a.id == change.annotation_id), None)
        if (at is None) != (change.before is None):
            raise AnnotationError(
                f"the annotation {change.annotation_id} is {'missing' if at is None else 'there already'}"
            )
        if at is not None:
            if change.after is not None:
                result[at] = change.after
            else:
                del result[at]
        elif change.after is not None:
            result.insert(change.index, change.after)
    return tuple(result)
