"""The article beside the image: passages lit and clickable, selected text ready to be linked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QUrl, Signal
from qtpy.QtGui import QDesktopServices, QTextCursor
from qtpy.QtWidgets import QTextBrowser, QWidget

from napari_vascular_loop.domain.article import Span
from napari_vascular_loop.domain.drawing import colour_of
from napari_vascular_loop.widgets.article_document import PASSAGE_SCHEME, ArticleDocument, PassageMark

if TYPE_CHECKING:
    from napari_vascular_loop.store import LessonStore

FONT_POINTS = 11.5


class ArticleView(QTextBrowser):
    """Shows the article of a store.

    Signals
    -------
    passage_clicked : tuple of str
        Ids of the marks that the clicked passage is tied to.
    """

    passage_clicked = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Article")
        self.setOpenLinks(False)
        self.setPlaceholderText("Open a lesson to read its article here.")
        self.anchorClicked.connect(self._on_anchor)
        self._passages: list[PassageMark] = []
        self._article: ArticleDocument | None = None
        self._points = FONT_POINTS

    def show_lesson(self, store: LessonStore | None) -> None:
        """Show the article with its passages as they are now; the place of reading is kept."""
        if store is None:
            self._article, self._passages = None, []
            self.clear()
            return
        at = self.verticalScrollBar().value()
        self._passages = _passages(store)
        self._article = ArticleDocument(store.lesson.article, self._passages, self._points)
        self._article.document.setParent(self)
        self.setDocument(self._article.document)
        self.verticalScrollBar().setValue(at)

    def scroll_to_selected(self) -> None:
        """Bring the first lit passage into view, if none is."""
        lit = [passage for passage in self._passages if passage.selected]
        if self._article is None or not lit:
            return
        tops = []
        for passage in lit:
            position = self._article.document_position(passage.span.start)
            if position is not None:
                cursor = QTextCursor(self._article.document)
                cursor.setPosition(position)
                tops.append(self.cursorRect(cursor))
        if not tops or any(top.top() >= 0 and top.bottom() <= self.viewport().height() for top in tops):
            return
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + tops[0].top() - self.viewport().height() // 3)

    def selected_span(self) -> Span | None:
        """Stretch of the source that the selected text shows, or None."""
        cursor = self.textCursor()
        if self._article is None or not cursor.hasSelection():
            return None
        return self._article.source_span(cursor.selectionStart(), cursor.selectionEnd())

    def _on_anchor(self, url: QUrl) -> None:
        address = url.toString()
        if address.startswith(PASSAGE_SCHEME):
            self.passage_clicked.emit(self._passages[int(address.removeprefix(PASSAGE_SCHEME))].annotation_ids)
        elif url.scheme() in ("http", "https", "mailto"):
            QDesktopServices.openUrl(url)


def _passages(store: LessonStore) -> list[PassageMark]:
    """Gather the links by the words that they are tied to."""
    by_span: dict[tuple[int, int], list[str]] = {}
    for found in store.passages():
        if found.span is not None:
            by_span.setdefault((found.span.start, found.span.end), []).append(found.annotation_id)
    selected = store.selected
    return [
        PassageMark(
            Span(start, end),
            tuple(ids),
            colour_of(store.lesson.annotation(ids[0])),
            selected is not None and selected.id in ids,
        )
        for (start, end), ids in sorted(by_span.items())
    ]
