"""Which marks are hidden, locked, or shown alone: how one looks at a lesson, no part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.store import LessonStore


class MarkFilter:
    """Hidden and locked marks of one window."""

    changed = Signal()

    def __init__(self) -> None:
        self._hidden: set[str] = set()
        self._locked: set[str] = set()
        self._only_selected = False
        self._state = object()

    @property
    def hidden(self) -> frozenset[str]:
        """Ids of the marks that are hidden by themselves."""
        return frozenset(self._hidden)

    @property
    def locked(self) -> frozenset[str]:
        """Ids of the marks that can't be changed."""
        return frozenset(self._locked)

    @property
    def only_selected(self) -> bool:
        """Whether nothing is shown but the selected mark."""
        return self._only_selected

    def show_only_selected(self, only: bool) -> None:
        """Show the selected mark alone, or all again."""
        if only != self._only_selected:
            self._only_selected = only
            self._tell()

    def is_hidden(self, annotation_id: str) -> bool:
        """Whether a mark is hidden by itself."""
        return annotation_id in self._hidden

    def is_locked(self, annotation_id: str) -> bool:
        """Whether a mark can't be moved, reshaped, written anew or deleted."""
        return annotation_id in self._locked

    def why_locked(self, mark: Annotation) -> str:
        """Say that a mark is locked, and what to do; "" of one that can be changed."""
        return f"{mark.title} is locked: unlock it in the list of marks" if self.is_locked(mark.id) else ""

    def hide(self, annotation_id: str, hidden: bool) -> None:
        """Hide one mark, or show it again."""
        self._put(self._hidden, annotation_id, hidden)

    def lock(self, annotation_id: str, locked: bool) -> None:
        """Keep one mark from being changed, or let it be."""
        self._put(self._locked, annotation_id, locked)

    def restore(self, hidden: frozenset[str], locked: frozenset[str]) -> None:
        """Hide and lock these marks, and no others."""
        if (self.hidden, self.locked, self._only_selected) != (hidden, locked, False):
            self._hidden, self._locked, self._only_selected = set(hidden), set(locked), False
            self._tell()

    def show_all(self) -> None:
        """Hide none any more."""
        if self._hidden or self._only_selected:
            self._hidden, self._only_selected = set(), False
            self._tell()

    def shown(self, store: LessonStore) -> tuple[Annotation, ...]:
        """The marks of a lesson that are to be drawn."""
        if self._only_selected:
            return (store.selected,) if store.selected is not None else ()
        annotations = store.annotations
        return tuple(a for a in annotations if a.id not in self._hidden) if self._hidden else annotations

    def state(self, store: LessonStore) -> object:
        """The very same object as long as the same marks of a lesson are to be drawn."""
        return store.selected if self._only_selected else self._state

    def _tell(self) -> None:
        self._state = object()
        self.changed.emit()

    def _put(self, ids: set[str], annotation_id: str, inside: bool) -> None:
        if (annotation_id in ids) != inside:
            ids.symmetric_difference_update({annotation_id})
            self._tell()
