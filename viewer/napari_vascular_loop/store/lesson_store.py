"""The open lesson: the one place in which it changes."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_vascular_loop.anchoring import found_passages, links_of
from napari_vascular_loop.domain.edit import AnyChange, Change, DetailsChange, Edit, Step, apply, refuse_unknown_volumes
from napari_vascular_loop.domain.errors import AnnotationError, LessonReadOnlyError, VascularLoopError
from napari_vascular_loop.domain.merge import difference, merge, refuse_other_volumes
from napari_vascular_loop.store import edits
from napari_vascular_loop.store.keeping import Kept, LessonRenewedError, SaveState
from napari_vascular_loop.store.saving import Saving

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from napari_vascular_loop.domain.annotation import Annotation, Geometry
    from napari_vascular_loop.domain.article import Passage, Span
    from napari_vascular_loop.domain.lesson import FoundPassage, Lesson
    from napari_vascular_loop.domain.merge import Conflict
    from napari_vascular_loop.domain.registration import Registration
    from napari_vascular_loop.store.keeping import Keeper


class LessonStore:
    """A lesson, its edits and its selection.

    Every change goes through here, is on disk before it counts as saved, and can be undone without limit. Views
    listen to the signals and draw; they never change each other.

    Parameters
    ----------
    kept : Kept or Lesson
        As read.
    keeper : Keeper, optional
        Puts edits on disk; without one nothing is saved, and the state says so.
    """

    annotations_changed = Signal(tuple)
    """Ids of the annotations that were added, changed or removed."""

    selection_changed = Signal(object)
    """Id of the selected annotation, or None."""

    save_state_changed = Signal(SaveState)
    """Emitted after every attempt to save."""

    article_changed = Signal()
    """Emitted when the article is another."""

    details_changed = Signal()
    """Emitted when title, authors or whatever else is said of the lesson changed."""

    conflicts_changed = Signal(tuple)
    """What was changed both here and elsewhere, and still waits for somebody to choose."""

    def __init__(self, kept: Kept | Lesson, keeper: Keeper | None = None) -> None:
        self._keeper = keeper
        self._saving = Saving(keeper, self.save_state_changed.emit)
        self._gesture: list[AnyChange] | None = None
        self._selected_id: str | None = None
        self._passages: tuple[FoundPassage, ...] | None = None
        self._start_from(kept if isinstance(kept, Kept) else Kept(kept))

    def _start_from(self, kept: Kept) -> None:
        self._lesson = kept.lesson
        self._done, self._undone, self._earlier = list(kept.done), list(kept.undone), kept.earlier
        self._conflicts = kept.conflicts
        self._passages = None
        self._sought: tuple[str, list[tuple[str, Passage]]] | None = None
        self._found: tuple[FoundPassage, ...] = ()
        self.notice = kept.notice

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
        return self._keeper is not None and self._keeper.is_original

    @property
    def folder(self) -> Path | None:
        """Where the lesson lies now."""
        return self._keeper.folder if self._keeper else None

    @property
    def reader_note(self) -> str:
        """Why the lesson can be read only; "" if it can be edited."""
        return self._keeper.reader_note if self._keeper else ""

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """What was changed both here and elsewhere, and still waits for somebody to choose."""
        return self._conflicts

    @property
    def save_state(self) -> SaveState:
        """Whether everything is on disk."""
        return self._saving.state

    # ---------------------------------------------------------------- selection

    @property
    def selected(self) -> Annotation | None:
        """The selected annotation."""
        if self._selected_id is None:
            return None
        return next((a for a in self.annotations if a.id == self._selected_id), None)

    def select(self, annotation_id: str | None) -> None:
        """Select an annotation, or none; selecting it anew tells the views again."""
        if annotation_id is not None:
            self._lesson.annotation(annotation_id)
        self._selected_id = annotation_id
        self.selection_changed.emit(annotation_id)

    # ---------------------------------------------------------------- edits

    @contextmanager
    def gesture(self, title: str) -> Iterator[None]:
        """Make one edit of all that is done inside, undone in one step and kept on disk in one piece.

        Examples
        --------
        >>> with store.gesture("move arrow"):  # doctest: +SKIP
        ...     store.move(arrow.id, Arrow(tail, tip))
        ...     store.change(arrow.id, side=Side.LEFT)
        """
        if self._gesture is not None:
            yield
            return
        self._gesture = []
        try:
            yield
        finally:
            changes, self._gesture = tuple(self._gesture), None
            if changes:
                self._note(Edit(title, changes))

    def add(self, annotation: Annotation) -> None:
        """Add an annotation at the end, and select it."""
        self._do(Edit(f"add {annotation.geometry.kind}", (Change(None, annotation, len(self.annotations)),)))
        self.select(annotation.id)

    def put_all(self, annotations: Iterable[Annotation], title: str = "add marks") -> None:
        """Add annotations at the end, or put them in place of those with the same id: all in one edit."""
        self._do(edits.put(self._lesson, annotations, title))

    def change(self, annotation_id: str, title: str = "change", **values: Any) -> None:
        """Give an annotation other values; nothing happens if they are what it has."""
        self._do(edits.change(self._lesson, annotation_id, title, values))

    def move(self, annotation_id: str, geometry: Geometry) -> None:
        """Give an annotation another place."""
        self.change(annotation_id, "move", geometry=geometry)

    def remove(self, annotation_id: str) -> None:
        """Delete an annotation with its links."""
        self._do(edits.remove(self._lesson, annotation_id))

    def reorder(self, annotation_id: str, place: int) -> None:
        """Teach an annotation earlier or later: as number `place`, from 0."""
        self._do(edits.reorder(self._lesson, annotation_id, place))

    def edit_article(self, text: str, title: str = "edit article") -> None:
        """Give the lesson another text; its links follow the words that they are tied to, or are kept as orphans."""
        self._do(edits.article(self._lesson, text, title, self.passages()))

    def edit_details(self, **values: Any) -> None:
        """Give the lesson another title, other authors, language, licence, credit, notice or volumes' entries.

        Raises
        ------
        AnnotationError
            If there is no such detail.
        """
        self._do(edits.details(self._lesson, values))

    def keep_registration(self, volume_id: str, registration: Registration) -> None:
        """Keep how a volume lies over the atlas: whoever opens the lesson need not find it again."""
        self._do(edits.registration(self._lesson, volume_id, registration))

    def edit_questions(self, entries: Iterable[Mapping[str, Any]], title: str = "edit questions") -> None:
        """Give the lesson other questions of its teacher, as lesson.json has them, in the order of asking."""
        self._do(edits.questions(self._lesson, entries, title))

    def link(self, annotation_id: str, start: int, end: int) -> Passage:
        """Tie the stretch article[start:end] to an annotation.

        Raises
        ------
        AnnotationError
            If there are no words in the stretch, or the two are tied already.
        """
        edit, passage = edits.link(self._lesson, annotation_id, start, end)
        self._do(edit)
        return passage

    def unlink(self, annotation_id: str, passage: Passage) -> None:
        """Untie a passage from an annotation."""
        self._do(edits.unlink(self._lesson, annotation_id, passage))

    def reanchor(self, annotation_id: str, passage: Passage, span: Span) -> None:
        """Tie a link to the words at another place of the article: those of an orphan, or a better match.

        Raises
        ------
        AnnotationError
            If there are no words in the stretch.
        """
        self._do(edits.reanchor(self._lesson, annotation_id, passage, span))

    def passages(self) -> tuple[FoundPassage, ...]:
        """Every link and where its words stand in the article, in reading order, orphans last.

        Words that were changed are found again by what is similar in them and around them, or not at all: see
        :mod:`napari_vascular_loop.anchoring`.
        """
        if self._passages is None:
            sought = (self._lesson.article, links_of(self._lesson))
            if sought != self._sought:
                self._sought, self._found = sought, found_passages(self._lesson)
            self._passages = self._found
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
        """Take back the last edit; False if there is none.

        Raises
        ------
        LessonReadOnlyError
            If the lesson is open elsewhere.
        LessonSaveError
            If the edits of an earlier time can't be read.
        """
        if not self._done:
            self._done = list(self._earlier())
        if not self._done:
            return False
        self._step(Step("undo", self._done[-1].inverse))
        return True

    def redo(self) -> bool:
        """Do again what was undone last; False if there is nothing.

        Raises
        ------
        LessonReadOnlyError
            If the lesson is open elsewhere.
        """
        if not self._undone:
            return False
        self._step(Step("redo", self._undone[-1]))
        return True

    # ---------------------------------------------------------------- saving

    def save(self) -> SaveState:
        """Put everything on disk, the plain files too; on failure all stays in memory, and the state says why."""
        self._keep()
        self._saving.file()
        return self._saving.state

    def look_outside(self) -> bool:
        """Take in what other programs changed in the lesson's files; False if they did not.

        Their changes become an edit, which can be undone. What was changed here as well stays as it is here, and
        waits in :attr:`conflicts`. Where nothing was edited here, the lesson is read anew, and nothing is written.
        """
        if self._keeper is None or self._gesture is not None:
            return False
        try:
            merged = self._keeper.changed_outside(self._lesson)
        except LessonRenewedError as renewed:
            self._start_from(renewed.kept)
            self._saving.look_at_note()
            self._tell_all()
            return True
        self._saving.look_at_note()
        if merged is None:
            return False
        for edit in merged.done:
            before, self._lesson, self._passages = self._lesson, apply(edit, self._lesson), None
            if self.reader_note:
                self._done.clear()
                self._undone.clear()
                self._earlier = tuple
            else:
                self._note(edit)
            self._show(edit, before)
        if merged.conflicts:
            self._set_conflicts((*self._conflicts, *merged.conflicts))
        return True

    def merge(self, theirs: Lesson, base: Lesson | None, title: str) -> tuple[Conflict, ...]:
        """Take in another copy of the lesson, in one edit.

        Parameters
        ----------
        theirs, base : Lesson
            The other copy, and what both were made from, if that is known.
        title : str
            Of the edit.

        Returns
        -------
        tuple of Conflict
            What both changed: it stays as it is here, and waits in :attr:`conflicts`.

        Raises
        ------
        LessonError
            If the other lesson's marks were made on other volumes.
        """
        refuse_other_volumes(self._lesson, theirs)
        merged = merge(base, self._lesson, theirs)
        self._do(difference(self._lesson, merged.lesson, title))
        if merged.conflicts:
            self._set_conflicts((*self._conflicts, *merged.conflicts))
        return merged.conflicts

    def settle(self, conflict: Conflict, *, theirs: bool) -> None:
        """Choose one of two versions; the conflict is dropped from :attr:`conflicts` once that is saved.

        Raises
        ------
        AnnotationError
            If theirs can't be put in place any more.
        LessonReadOnlyError
            If the lesson is open elsewhere.
        """
        self._refuse_readers()
        if theirs:
            edit = conflict.edit_to_theirs(self._lesson)
            if edit is None:
                raise AnnotationError(
                    f"{conflict.words}: what it is about is not in the lesson any more as it was; change it by hand, "
                    "then keep what is here"
                )
            self._do(edit)
            if self.save_state.problem:
                return
        self._set_conflicts(tuple(other for other in self._conflicts if other != conflict))

    def take_over(self) -> None:
        """Make the lesson ours that is open elsewhere; what was done there is read first.

        Raises
        ------
        LessonError
            If it can't be read any more.
        """
        if self._keeper is None:
            return
        self._start_from(self._keeper.take_over())
        self._tell_all()
        self._saving.start_anew()

    def close(self) -> None:
        """Write what is waiting, and let go of the lesson's files."""
        if self._keeper is not None:
            self._keep()
            self._keeper.close()

    def _do(self, edit: Edit | None) -> None:
        """Do an edit, if there is one: on disk first, then told to the views, of which one may fail."""
        if edit is None:
            return
        self._refuse_readers()
        before = self._lesson
        after = apply(edit, before)
        refuse_unknown_volumes(edit, after)
        self._lesson, self._passages = after, None
        if self._gesture is None:
            self._note(edit)
        else:
            self._gesture.extend(edit.changes)
        self._show(edit, before)

    def _step(self, step: Step) -> None:
        """Take back or do again, and write down that it was."""
        self._refuse_readers()
        before = self._lesson
        self._lesson, self._passages = apply(step.edit, before), None
        if step.kind == "undo":
            self._undone.append(self._done.pop())
        else:
            self._done.append(self._undone.pop())
        self._keep(step)
        self._show(step.edit, before)
        if not self._done:
            # What was asked for is done: that no more can be undone is said when it is asked for.
            with suppress(VascularLoopError):
                self._done = list(self._earlier())

    def _note(self, edit: Edit) -> None:
        """Keep an edit that was done."""
        self._done.append(edit)
        self._undone.clear()
        self._keep(Step("do", edit))

    def _keep(self, *steps: Step) -> None:
        renewed = self._saving.keep(self._lesson, *steps)
        if renewed is not None:
            known = self._conflicts
            self._start_from(renewed)
            self._set_conflicts((*known, *renewed.conflicts))
            self._tell_all()

    def _refuse_readers(self) -> None:
        if self.reader_note:
            raise LessonReadOnlyError(self.reader_note)

    def _show(self, edit: Edit, before: Lesson) -> None:
        if self._selected_id is not None and self.selected is None:
            self.select(None)
        if self._lesson.article != before.article:
            self.article_changed.emit()
        if edit.changes_a(DetailsChange):
            self.details_changed.emit()
        if edit.annotation_ids:
            self.annotations_changed.emit(edit.annotation_ids)

    def _tell_all(self) -> None:
        if self._selected_id is not None and self.selected is None:
            self.select(None)
        self.article_changed.emit()
        self.details_changed.emit()
        self.annotations_changed.emit(tuple(annotation.id for annotation in self.annotations))
        self.conflicts_changed.emit(self._conflicts)

    def _set_conflicts(self, conflicts: tuple[Conflict, ...]) -> None:
        conflicts = tuple(one for n, one in enumerate(conflicts) if one not in conflicts[:n])
        self._conflicts = conflicts
        if self._keeper is not None:
            self._keeper.keep_conflicts(conflicts)
        self.conflicts_changed.emit(conflicts)
