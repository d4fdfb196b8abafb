"""Labels of the study panel: texts that wrap, texts that are long, and sentences that say how it went."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from napari_vascular_loop.domain.answer import Verdict
from napari_vascular_loop.widgets.docked import DockedPanel

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
        if self.parentWidget() is not None:
            lay_out_anew(self.parentWidget())


class ScrolledText(QWidget):
    """A text that is seen whole, or scrolls where it is a long one.

    Parameters
    ----------
    most_letters : int
        So many letters are seen whole.
    long_px : int
        Height in which a longer one scrolls.
    """

    def __init__(self, most_letters: int, long_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = most_letters
        self.short, self.long = WrappedLabel(), WrappedLabel()
        self.long.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.scroll = QScrollArea()
        self.scroll.setWidget(self.long)
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll.setFixedHeight(long_px)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.short)
        layout.addWidget(self.scroll)
        self.set_text("")

    @property
    def label(self) -> WrappedLabel:
        """The label that shows the text."""
        return self.short if self.scroll.isHidden() else self.long

    def set_text(self, text: str) -> None:
        """Show a text from its beginning."""
        # Each line takes about as much as forty letters.
        is_long = len(text) + 40 * text.count("\n") > self._most
        self.short.setText("" if is_long else text)
        self.long.setText(text if is_long else "")
        self.short.setVisible(not is_long)
        self.scroll.setVisible(is_long)
        self.scroll.verticalScrollBar().setValue(0)
        lay_out_anew(self)


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
        lay_out_anew(self)


def lay_out_anew(widget: QWidget) -> None:
    """Give a widget the height that it needs now.

    Qt asks the layouts around for it one after the other, as events. A layout that was asked while it was hidden
    is taken to have answered, and the question ends there.
    """
    around = widget
    while around is not None and around.layout() is not None:
        around.layout().invalidate()
        around.layout().activate()
        if isinstance(around, DockedPanel):
            return
        around = around.parentWidget()
