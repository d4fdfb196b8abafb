"""The open lesson: the one place in which it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_vascular_loop.domain.annotation import Annotation, Geometry, now
from napari_vascular_loop.domain.article import Passage, find_passage, passage_at
from napari_vascular_loop.domain.errors import AnnotationError, VascularLoopError
from napari_vascular_loop.store.edit import Change, Edit, apply

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from napari_vascular_loop.domain.lesson import FoundPassage, Lesson


@dataclass(frozen=True)
class SaveState:
    """Whether what is on screen is on disk.

    Parameters
    ----------
    saved : bool
        Everything is on disk.
    at : datetime or None
        When it was last written, if it was.
    problem : str
        Why it could not be written; "" otherwise.
    """

    saved: bool
    at: datetime | None = None
    problem: str = ""


class LessonStore:
    """A lesson, its edits and its selection.

    Every change goes through here, is saved at once, and can be undone without limit. Views listen to the
    signals and draw; they never change each other.

    Parameters
    ----------
    lesson : Lesson
        As read.
    write : callable
        Puts a lesson on disk and returns its folder; raises LessonSaveError if it can't.
    folder : Path or None
        Where the lesson lies now.
    is_original : callable
        Tells whether the first edit will make a copy, since the lesson itself must stay as it is.
    """

    annotations_changed = Signal(tuple)
    """Ids of the annotations that were added, changed or removed."""

    selection_changed = Signal(object)
    """Id of the selected annotation, or None."""

    save_state_changed = Signal(SaveState)
    """Emitted after every attempt to save."""

    def __init__(
        self,
        lesson: Lesson,
        write: Callable[[Lesson], Path] | None = None,
        folder: Path | None = None,
        is_original: Callable[[], bool] | None = None,
    ) -> None:
        self._lesson = lesson
        self._write = write
        self.folder = folder
        self._is_original = is_original
        self._done: list[Edit] = []
        self._undone: list[Edit] = []
        self._selected_id: str | None = None
        self._save_state = SaveState(saved=True)
        self._passages: tuple[FoundPassage, ...] | None = None

    @property
    def lesson(self) -> Lesson:
        """The lesson as it is now."""
        return self._lesson

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """The annotations, in the lesson's order."""
        return self._lesson.annotations

    @property
    def is_original(self) -> bool:
        """Whether this is a lesson as it ships, which the first edit copies."""
        return self._is_original is not None and self._is_original()

    @property
    def save_state(self) -> SaveState:
        """Whether everything is on disk."""
        return self._save_state

    # ---------------------------------------------------------------- selection

    @property
    def selected(self) -> Annotation | None:
        """The selected annotation."""
        return next((a for a in self.annotations if a.id == self._selected_id), None)

    def select(self, annotation_id: str | None) -> None:
        """Select an annotation, or none; selecting it anew tells the views again."""
        if annotation_id is not None:
            self._lesson.annotation(annotation_id)
        self._selected_id = annotation_id
        self.selection_changed.emit(annotation_id)

    # ---------------------------------------------------------------- edits

    def add(self, annotation: Annotation) -> None:
        """Add an annotation at the end, and select it."""
        self._do(Edit(f"add {annotation.geometry.kind}", (Change(None, annotation, len(self.annotations)),)))
        self.select(annotation.id)

    def change(self, annotation_id: str, title: str = "change", **values: Any) -> None:
        """Give an annotation other values; nothing happens if they are what it has."""
        before = self._lesson.annotation(annotation_id)
        after = before.changed(**values)
        if all(getattr(before, name) == value for name, value in values.items()):
            return
        self._do(Edit(title, (Change(before, after, self._index(annotation_id)),)))

    def move(self, annotation_id: str, geometry: Geometry) -> None:
        """Give an annotation another place."""
        self.change(annotation_id, "move", geometry=geometry)

    def remove(self, annotation_id: str) -> None:
        """Delete an annotation with its links."""
        before = self._lesson.annotation(annotation_id)
        edit = Edit(f"delete {before.geometry.kind}", (Change(before, None, self._index(annotation_id)),))
        if self._selected_id == annotation_id:
            self.select(None)
        self._do(edit)

    def link(self, annotation_id: str, start: int, end: int) -> Passage:
        """Tie the stretch article[start:end] to an annotation.

        Raises
        ------
        AnnotationError
            If there are no words in the stretch, or the two are tied already.
        """
        passage = passage_at(self._lesson.article, start, end)
        annotation = self._lesson.annotation(annotation_id)
        span = find_passage(self._lesson.article, passage)
        if any(find_passage(self._lesson.article, other) == span for other in annotation.passages):
            raise AnnotationError(f"{annotation.title!r} and this passage are linked already")
        self.change(annotation_id, "link", passages=(*annotation.passages, passage))
        return passage

    def unlink(self, annotation_id: str, passage: Passage) -> None:
        """Untie a passage from an annotation."""
        annotation = self._lesson.annotation(annotation_id)
        left = tuple(other for other in annotation.passages if other != passage)
        self.change(annotation_id, "unlink", passages=left)

    def passages(self) -> tuple[FoundPassage, ...]:
        """Every link and where its words stand in the article; see :meth:`Lesson.passages`."""
        if self._passages is None:
            self._passages = self._lesson.passages()
        return self._passages

    # ---------------------------------------------------------------- undo

    @property
    def undo_title(self) -> str | None:
        """What undo would take back, or None."""
        return self._done[-1].title if self._done else None

    @property
    def redo_title(self) -> str | None:
        """What redo would do again, or None."""
        return self._undone[-1].title if self._undone else None

    def undo(self) -> bool:
        """Take back the last edit; False if there is none."""
        if not self._done:
            return False
        edit = self._done.pop()
        self._undone.append(edit)
        self._apply(edit.inverse)
        return True

    def redo(self) -> bool:
        """Do again what was undone last; False if there is nothing."""
        if not self._undone:
            return False
        edit = self._undone.pop()
        self._done.append(edit)
        self._apply(edit)
        return True

    # ---------------------------------------------------------------- saving

    def save(self) -> SaveState:
        """Put everything on disk; on failure all stays in memory, and the state says why."""
        if self._write is None:
            self._save_state = SaveState(False, self._save_state.at, "this lesson has no folder yet")
        else:
            try:
                self.folder = self._write(self._lesson)
            except (VascularLoopError, OSError, ValueError) as error:
                self._save_state = SaveState(False, self._save_state.at, str(error))
            else:
                self._save_state = SaveState(True, now())
        self.save_state_changed.emit(self._save_state)
        return self._save_state

    def _do(self, edit: Edit) -> None:
        annotations = apply(edit, self.annotations)
        # Noted before the views are told: they show what can be undone.
        self._done.append(edit)
        self._undone.clear()
        self._show(edit, annotations)

    def _apply(self, edit: Edit) -> None:
        self._show(edit, apply(edit, self.annotations))

    def _show(self, edit: Edit, annotations: tuple[Annotation, ...]) -> None:
        self._lesson = self._lesson.with_annotations(annotations)
        self._passages = None
        if self._selected_id is not None and self.selected is None:
            self.select(None)
        self.annotations_changed.emit(tuple(change.annotation_id for change in edit.changes))
        self.save()

    def _index(self, annotation_id: str) -> int:
        return next(n for n, a in enumerate(self.annotations) if a.id == annotation_id)
