"""Labels of the study panel: texts that wrap, texts that are long, and sentences that say how it went."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from napari_vascular_loop.domain.answer import Verdict

_COLOURS = {
    # White text on each; the words say the same, for who sees no colours.
    Verdict.CORRECT: "#1F5A33",
    Verdict.WRONG_SIDE: "#7A4A00",
    Verdict.INEXACT: "#7A4A00",
    Verdict.WRONG: "#7A1F1F",
    Verdict.GIVEN_UP: "#24445C",
}


class WrappedLabel(QLabel):
    """Plain text over several lines."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)


class VerdictLabel(WrappedLabel):
    """Says how an answer was judged; not there while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName("How it went")
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.say("", None)

    def say(self, text: str, verdict: Verdict | None) -> None:
        """Show a sentence in the colour of a verdict; "" takes it away."""
        self.setText(text)
        self.setVisible(bool(text))
        colour = _COLOURS.get(verdict, "#24445C") if verdict is not None else "#24445C"
        self.setStyleSheet(f"background-color: {colour}; color: white; padding: 6px; border-radius: 3px;")


class ScrolledText(QScrollArea):
    """A text as high as it needs, up to a limit, from where on it scrolls.

    Parameters
    ----------
    most_px : int
        The limit.
    """

    def __init__(self, most_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most, self._height = most_px, 0
        self.label = WrappedLabel()
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setWidget(self.label)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str) -> None:
        """Show a text from its beginning."""
        self.label.setText(text)
        self._fit()
        self.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: Any) -> None:
        """Be as high as the text needs at this width."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: Any) -> None:
        """The same, with the font that the window has given."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        around = 2 * self.frameWidth()
        line = self.label.fontMetrics().lineSpacing()
        needed = max(self.label.heightForWidth(max(self.width() - around, 80)), line)
        if needed > self._most:
            # With a bar at its side the text is narrower; less than a whole line at the end would look cut off.
            needed = self._most - self._most % line
        if needed + around + 2 != self._height:
            self._height = needed + around + 2
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As high as the text needs."""
        return QSize(super().sizeHint().width(), self._height)

    def minimumSizeHint(self) -> QSize:
        """The same: of a text that is cut nobody knows that there is more."""
        return QSize(super().minimumSizeHint().width(), self._height)


class Pages(QWidget):
    """Widgets of which one is seen, and which are as high as that one: a stack is as high as its largest."""

    def __init__(self, *pages: QWidget) -> None:
        super().__init__()
        self._pages = pages
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for page in pages:
            layout.addWidget(page)
        self.show_page(pages[0])

    @property
    def page(self) -> QWidget:
        """The one that is seen."""
        return self._page

    def show_page(self, page: QWidget) -> None:
        """Show one of them."""
        self._page = page
        for one in self._pages:
            one.setVisible(one is page)
