"""What is asked of the open lesson in the lesson panel: done, or told why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.annotation import is_text
from napari_vascular_loop.domain.errors import VascularLoopError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.article import Anchor, Passage, Span
    from napari_vascular_loop.domain.mark_view import MarkView
    from napari_vascular_loop.domain.question import Question
    from napari_vascular_loop.store import LessonStore

_HOW_TO_LINK = "To link: select a mark, select the words that it illustrates, then press Link"


class PanelEdits:
    """Edits of the lesson that is open; without one nothing happens.

    Parameters
    ----------
    store : callable
        Gives the open lesson, or None.
    tell : callable
        Shows a sentence, and whether it is bad news; "" takes the last one away.
    why_locked : callable
        Says why a mark can't be changed; "" of one that can. Links can be tied all the same: they are the article's.
    """

    def __init__(
        self,
        store: Callable[[], LessonStore | None],
        tell: Callable[[str, bool], None],
        why_locked: Callable[[Annotation], str] = lambda _: "",
    ) -> None:
        self._store, self._tell, self._why_locked = store, tell, why_locked

    def tried(self, act: Callable[[], object]) -> bool:
        """Do something, or show why it could not be done."""
        try:
            act()
        except VascularLoopError as error:
            self._tell(str(error), True)
            return False
        self._tell("", False)
        return True

    def link(self, span: Span | None) -> None:
        """Tie a stretch of the article to the selected mark."""
        store = self._store()
        if store is None or store.selected is None or span is None:
            self._tell(_HOW_TO_LINK, True)
            return
        mark = store.selected
        self.tried(lambda: store.link(mark.id, span.start, span.end))

    def undo(self) -> None:
        """Take back the last change."""
        if (store := self._store()) is not None:
            self.tried(store.undo)

    def redo(self) -> None:
        """Do again what was undone."""
        if (store := self._store()) is not None:
            self.tried(store.redo)

    def delete_selected(self) -> None:
        """Delete the selected mark with its links."""
        self._change_selected(lambda store, mark: store.remove(mark.id))

    def keep_view(self, view: MarkView | None) -> None:
        """Keep how the selected mark is to be looked at, or forget it."""
        self._change_selected(lambda store, mark: store.change(mark.id, "keep view", view=view))

    def unlink(self, passage: Passage) -> None:
        """Untie a passage from the selected mark."""
        self._on_selected(lambda store, mark: store.unlink(mark.id, passage))

    def link_anew(self, passage: Passage, place: Anchor) -> None:
        """Tie a link of the selected mark to other words."""
        self._on_selected(lambda store, mark: store.reanchor(mark.id, passage, place))

    def change(self, annotation_id: str | None, title: str, **values: Any) -> bool:
        """Change a mark, if it is there; say whether it could be."""
        store = self._store()
        mark = next((each for each in store.annotations if each.id == annotation_id), None) if store else None
        if store is None or mark is None:
            return True
        return self._is_free(mark) and self.tried(lambda: store.change(str(annotation_id), title, **values))

    def write_label(self, annotation_id: str, label: str) -> bool:
        """Give a mark another label; a text that is left without words is deleted. Say whether it could be."""
        store = self._store()
        mark = next((each for each in store.annotations if each.id == annotation_id), None) if store else None
        if store is not None and mark is not None and is_text(mark.geometry) and not label:
            return self._is_free(mark) and self.tried(lambda: store.remove(annotation_id))
        return self.change(annotation_id, "change label", label=label)

    def edit_article(self, text: str) -> bool:
        """Give the lesson another text; say whether it could be."""
        store = self._store()
        return store is None or self.tried(lambda: store.edit_article(text))

    def edit_questions(self, questions: Sequence[Question], title: str) -> bool:
        """Give the lesson other questions; say whether it could be."""
        from napari_vascular_loop.formats.lesson_json import question_entries

        store = self._store()
        return store is None or self.tried(lambda: store.edit_questions(question_entries(questions), title))

    def _is_free(self, mark: Annotation) -> bool:
        """Whether a mark may be changed; says why if not."""
        if why := self._why_locked(mark):
            self._tell(why, True)
        return not why

    def _change_selected(self, act: Callable[[LessonStore, Annotation], object]) -> None:
        store = self._store()
        if store is not None and store.selected is not None and self._is_free(store.selected):
            self._on_selected(act)

    def _on_selected(self, act: Callable[[LessonStore, Annotation], object]) -> None:
        store = self._store()
        if store is not None and (mark := store.selected) is not None:
            self.tried(lambda: act(store, mark))
