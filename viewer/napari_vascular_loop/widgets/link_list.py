"""The passages that a mark is tied to: untie them, or tie them anew where their words are gone."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from napari_vascular_loop.anchoring import likely_places
from napari_vascular_loop.domain.article import How

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.article import Anchor, Passage
    from napari_vascular_loop.store import LessonStore

_LONGEST = 44


class LinkList(QWidget):
    """A button for each link, and below an orphan one for each place where its words may be now.

    Signals
    -------
    unlink_asked : Passage
        The user wants it untied.
    anew_asked : Passage, Anchor
        The user wants it tied to that place.
    """

    unlink_asked = Signal(object)
    anew_asked = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)

    def show_links(self, store: LessonStore | None, annotation: Annotation | None) -> None:
        """Show the links of an annotation."""
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        if store is None or annotation is None:
            return
        if not annotation.passages:
            self._column.addWidget(QLabel("to no passage yet"))
        anchors = {one.passage: one.span for one in store.passages() if one.annotation_id == annotation.id}
        article = store.lesson.article
        for passage in annotation.passages:
            anchor = anchors.get(passage)
            self._column.addWidget(self._untie_button(passage, anchor))
            if anchor is None:
                for place in likely_places(article, passage):
                    self._column.addWidget(self._anew_button(passage, place, article[place.start : place.end]))

    def _untie_button(self, passage: Passage, anchor: Anchor | None) -> QPushButton:
        sign, told = "", ""
        if anchor is None:
            sign, told = "⚠ ", "These words are no longer in the article. "
        elif anchor.how is How.SIMILAR:
            sign, told = "≈ ", f"{anchor.description[:1].upper()}{anchor.description[1:]}. "
        words = _short(passage.exact)
        button = _button(f"✕  {sign}“{words}”", f"{told}Click to untie: {passage.exact}")
        button.setAccessibleName(f"Untie {words}")
        button.clicked.connect(lambda: self.unlink_asked.emit(passage))
        return button

    def _anew_button(self, passage: Passage, place: Anchor, now: str) -> QPushButton:
        words = _short(now)
        button = _button(f"     ↳ tie to “{words}”", f"Click to tie the mark to these words instead: {now}")
        button.setAccessibleName(f"Tie anew to {words}")
        button.clicked.connect(lambda: self.anew_asked.emit(passage, place))
        return button


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text.replace("&", "&&"))
    button.setToolTip(html.escape(tip))
    button.setStyleSheet("text-align: left; padding: 2px 6px;")
    return button


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 2] + "…"
