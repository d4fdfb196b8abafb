"""The article beside the image: passages lit and clickable, selected text ready to be linked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QPoint, QTimer, QUrl, Signal
from qtpy.QtGui import QDesktopServices, QTextCursor
from qtpy.QtWidgets import QTextBrowser, QWidget

from napari_vascular_loop.domain.article import Span
from napari_vascular_loop.domain.drawing import colour_of
from napari_vascular_loop.widgets.article_document import PASSAGE_SCHEME, VIEW_SCHEME, ArticleDocument, PassageMark
from napari_vascular_loop.widgets.lesson_about import about_blocks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from qtpy.QtGui import QPixmap

    from napari_vascular_loop.domain.lesson import FoundPassage
    from napari_vascular_loop.reading_levels import PlainLevel
    from napari_vascular_loop.store import LessonStore
    from napari_vascular_loop.widgets.mark_pictures import MarkPictures

FONT_POINTS = 11.5
_HOVER_MS = 350
_FIT_MS = 150
_NARROWEST_PX, _WIDEST_PX, _MARGINS_PX = 200, 560, 30


class ArticleView(QTextBrowser):
    """Shows the article of a store.

    Parameters
    ----------
    pictures : MarkPictures, optional
        Draws the marks that stand in the article as pictures.

    Signals
    -------
    passage_clicked : tuple of str
        Ids of the marks that the clicked passage is tied to.
    passage_hovered : tuple of str, QPoint
        The mouse rests on a passage, at a place of the screen; no ids when it has left.
    """

    passage_clicked = Signal(tuple)
    passage_hovered = Signal(tuple, QPoint)

    def __init__(self, parent: QWidget | None = None, pictures: MarkPictures | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Article")
        self.setOpenLinks(False)
        self.setPlaceholderText("Open a lesson to read its article here.")
        self.anchorClicked.connect(self._on_anchor)
        self.highlighted.connect(self._on_highlighted)
        self._passages: list[PassageMark] = []
        self._article: ArticleDocument | None = None
        self._store: LessonStore | None = None
        self._plain: PlainLevel | None = None
        self._points = FONT_POINTS
        self._pictures = pictures
        self._near: frozenset[str] = frozenset()
        self._is_dark = True
        self._drawn: Any = None
        self._hovered: tuple[str, ...] = ()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_HOVER_MS)
        self._rest.timeout.connect(self._on_rest)
        self._fit = QTimer(self)
        self._fit.setSingleShot(True)
        self._fit.setInterval(_FIT_MS)
        self._fit.timeout.connect(self._on_fit)

    @property
    def passages(self) -> list[PassageMark]:
        """What is tied to marks, in reading order."""
        return self._passages

    def show_lesson(self, store: LessonStore | None) -> None:
        """Show the article with its passages as they are now; the place of reading is kept."""
        self._store = store
        if store is None:
            self._article, self._passages, self._drawn = None, [], None
            self.clear()
            return
        text = store.lesson.article if self._plain is None else self._plain.text
        links = store.passages() if self._plain is None else self._plain.passages(store.annotations)
        self._passages = _passages(store, links, self._near)
        has_pictures = f"]({VIEW_SCHEME}" in text
        pictures = (
            (self._pictures.version, store.annotations, self._picture_px) if self._pictures and has_pictures else ()
        )
        about = about_blocks(store.lesson)
        drawn = (text, about, self._points, self._is_dark, pictures)
        if drawn == self._drawn and self._article is not None and self._article.light(self._passages):
            return
        self._drawn = drawn
        at = self.verticalScrollBar().value()
        self._article = ArticleDocument(
            text, self._passages, self._points, self._picture, dark=self._is_dark, about=about
        )
        self._article.document.setParent(self)
        self.setDocument(self._article.document)
        self.verticalScrollBar().setValue(at)

    def set_plain(self, plain: PlainLevel | None) -> None:
        """Choose the article in plain words, or, with None, the one that is edited, for when a lesson is shown next."""
        self._plain = plain

    def set_dark(self, dark: bool) -> None:
        """Choose colours for a dark or for a light ground."""
        self._is_dark = dark
        self.show_lesson(self._store)

    def set_points(self, points: float) -> None:
        """Set the size of the body text, in points."""
        self._points = points
        self.show_lesson(self._store)

    def show_near(self, annotation_ids: Collection[str]) -> bool:
        """Light, faintly, the passages of marks at which the crosshair stands; say whether they are others now."""
        if self._near == frozenset(annotation_ids):
            return False
        self._near = frozenset(annotation_ids)
        self.show_lesson(self._store)
        return True

    def scroll_to_selected(self) -> None:
        """Bring the first lit passage into view, if none is."""
        self._scroll_to([passage for passage in self._passages if passage.selected])

    def scroll_to_span(self, span: Span) -> None:
        """Bring a passage of the article into view, or what says the same in plain words, if it is not."""
        if self._plain is not None and self._store is not None:
            span = self._plain.counterpart(self._store, span) or span
        self._scroll_to([passage for passage in self._passages if passage.span == span])

    def show_top(self) -> None:
        """Begin to read at the beginning."""
        self.verticalScrollBar().setValue(0)

    def scroll_to_near(self) -> None:
        """Bring the first passage that the crosshair lights into view, if none is."""
        self._scroll_to([passage for passage in self._passages if passage.near])

    def _scroll_to(self, lit: list[PassageMark]) -> None:
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
        """Stretch of the article's source that the selected text shows, or None; marks are tied to no other text."""
        cursor = self.textCursor()
        if self._article is None or self._plain is not None or not cursor.hasSelection():
            return None
        return self._article.source_span(cursor.selectionStart(), cursor.selectionEnd())

    def resizeEvent(self, event: Any) -> None:
        """Draw pictures as wide as there is room, once the width stays."""
        super().resizeEvent(event)
        if self._drawn and self._drawn[-1] and self.isVisible():
            self._fit.start()

    def showEvent(self, event: Any) -> None:
        """Draw pictures anew that the article was too wide or narrow for while it was not seen."""
        super().showEvent(event)
        if self._drawn and self._drawn[-1]:
            self._fit.start()

    def hideEvent(self, event: Any) -> None:
        """Draw nothing that is not seen."""
        self._fit.stop()
        super().hideEvent(event)

    def _on_fit(self) -> None:
        self.show_lesson(self._store)

    def leaveEvent(self, event: Any) -> None:
        """The mouse rests on no passage any more."""
        self._on_highlighted(QUrl())
        super().leaveEvent(event)

    def _picture(self, address: str) -> QPixmap | None:
        return self._pictures.at(address, self._picture_px) if self._pictures is not None else None

    @property
    def _picture_px(self) -> int:
        """How wide a picture is drawn."""
        return max(_NARROWEST_PX, min(int(self.viewport().width()) - _MARGINS_PX, _WIDEST_PX))

    def _on_anchor(self, url: QUrl) -> None:
        address = url.toString()
        if ids := self._ids_at(address):
            self._on_highlighted(QUrl())
            self.passage_clicked.emit(ids)
        elif url.scheme() in ("http", "https", "mailto"):
            QDesktopServices.openUrl(url)

    def _ids_at(self, address: str) -> tuple[str, ...]:
        """The marks that a passage or a picture stands for."""
        if address.startswith(PASSAGE_SCHEME):
            return self._passages[int(address.removeprefix(PASSAGE_SCHEME))].annotation_ids
        wanted = address.removeprefix(VIEW_SCHEME)
        if address.startswith(VIEW_SCHEME) and self._store is not None:
            return tuple(annotation.id for annotation in self._store.annotations if annotation.id == wanted)
        return ()

    def _on_highlighted(self, url: QUrl) -> None:
        ids = self._ids_at(url.toString()) if url.toString().startswith(PASSAGE_SCHEME) else ()
        if ids == self._hovered:
            return
        self._hovered = ids
        if ids:
            self._rest.start()
        else:
            self._rest.stop()
            self.passage_hovered.emit((), QPoint())

    def _on_rest(self) -> None:
        if self._hovered:
            self.passage_hovered.emit(self._hovered, self.cursor().pos())


def _passages(store: LessonStore, links: Iterable[FoundPassage], near: frozenset[str]) -> list[PassageMark]:
    """Gather the links by the words that they are tied to."""
    by_span: dict[tuple[int, int], list[str]] = {}
    for found in links:
        if found.span is not None:
            by_span.setdefault((found.span.start, found.span.end), []).append(found.annotation_id)
    selected = store.selected
    marks = {annotation.id: annotation for annotation in store.annotations}
    return [
        PassageMark(
            Span(start, end),
            tuple(ids),
            colour_of(marks[ids[0]]),
            selected is not None and selected.id in ids,
            not near.isdisjoint(ids),
        )
        for (start, end), ids in sorted(by_span.items())
    ]
