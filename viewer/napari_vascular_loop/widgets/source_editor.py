"""The article's source, in Markdown, to be edited; linked passages are coloured as their marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer, Signal
from qtpy.QtGui import QColor, QFontDatabase, QTextCharFormat, QTextCursor
from qtpy.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from napari_vascular_loop.domain.article import Span
from napari_vascular_loop.domain.text_merge import merge_texts, shared_end, shared_start
from napari_vascular_loop.widgets.utf16 import code_points, units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.widgets.article_document import PassageMark

_PAUSE_MS = 350
_PARAGRAPH = "\u2029"


class SourceEditor(QPlainTextEdit):
    """Says what was typed a moment after the last key; what others change meanwhile is taken in around the cursor.

    Signals
    -------
    text_edited : str
        The whole article.
    """

    text_edited = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Article source")
        self.setPlaceholderText("Write the article here, in Markdown: # heading, *emphasis*, - list")
        self.setTabChangesFocus(True)
        self._shown = ""
        self._is_showing = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.commit)
        self.textChanged.connect(self._on_typed)

    @property
    def source(self) -> str:
        """What stands there; Qt's own plain text would make of a no-break space a plain one."""
        return str(self.document().toRawText()).replace(_PARAGRAPH, "\n")

    def show_text(self, text: str, passages: Sequence[PassageMark]) -> None:
        """Show the article as it is in the lesson; what was typed and not said yet stays."""
        typed = self.source
        if typed != self._shown:
            merged, _ = merge_texts(self._shown, typed, text)
        else:
            merged = text
        self._shown = text
        if merged != typed:
            self._replace(typed, merged)
        self._colour(passages, is_as_shown=merged == text)

    def commit(self) -> None:
        """Say what was typed, if that was not said yet."""
        self._pause.stop()
        text = self.source
        if text != self._shown and not self.isReadOnly():
            self._shown = text
            self.text_edited.emit(text)

    def selected_span(self) -> Span | None:
        """The selected stretch of the source, or None."""
        cursor, text = self.textCursor(), self.source
        if not cursor.hasSelection():
            return None
        return Span(code_points(text, cursor.selectionStart()), code_points(text, cursor.selectionEnd()))

    def add_below(self, paragraph: str) -> None:
        """Add a paragraph below that in which the cursor stands, and say so."""
        cursor, text = self.textCursor(), self.source
        end = text.find("\n\n", code_points(text, cursor.selectionEnd()))
        before = text.rstrip("\n") if end < 0 else text[:end]
        cursor.setPosition(units(before))
        cursor.insertText(f"\n\n{paragraph}" if before else paragraph)
        self.setTextCursor(cursor)
        self.commit()

    def scroll_to(self, place: int) -> None:
        """Bring a character of the source into view."""
        cursor = self.textCursor()
        if not self.hasFocus():
            cursor.setPosition(units(self.source[:place]))
            self.setTextCursor(cursor)
            self.centerCursor()

    def focusOutEvent(self, event: object) -> None:
        """Say what was typed."""
        self.commit()
        super().focusOutEvent(event)

    def _on_typed(self) -> None:
        if not self._is_showing and self.source != self._shown:
            self._pause.start()

    def _replace(self, old: str, new: str) -> None:
        """Change only what differs, so that cursor and undo stay."""
        first = shared_start(old, new)
        same = shared_end(old, new, first)
        cursor = QTextCursor(self.document())
        cursor.setPosition(units(old[:first]))
        cursor.setPosition(units(old[: len(old) - same]), QTextCursor.MoveMode.KeepAnchor)
        self._is_showing = True
        cursor.insertText(new[first : len(new) - same])
        self._is_showing = False

    def _colour(self, passages: Sequence[PassageMark], *, is_as_shown: bool) -> None:
        looks = []
        text = self.source
        for passage in passages if is_as_shown else ():
            look = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            cursor.setPosition(units(text[: passage.span.start]))
            cursor.setPosition(units(text[: passage.span.end]), QTextCursor.MoveMode.KeepAnchor)
            look.cursor = cursor
            colour = QColor(passage.colour)
            colour.setAlpha(150 if passage.selected else 60)
            form = QTextCharFormat()
            form.setBackground(colour)
            look.format = form
            looks.append(look)
        self.setExtraSelections(looks)

    def set_points(self, points: float) -> None:
        """Set the size of the letters, in points."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(points)
        self.setFont(font)
