"""Over the image: what is being read, with a button to end it; and what went wrong, until it has been read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, Qt, QTimer, Signal
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOW_AFTER_MS = 250
_TOP_PX = 52
"""Below the letter at the upper edge, above what napari tells at the lower."""

_SIDE_PX = 150
"""Beside the text in the upper corner."""

_WIDEST_PX = 620
_NARROWEST_PX = 300
_WIDE_ENOUGH_PX = 460
"""From this on the bar is long; below, the words beside it need the room."""
_BAR_PX, _SHORT_BAR_PX = 160, 70
_STYLE = """
#Strip {{ background-color: {background}; border: 1px solid {border}; border-radius: 6px; }}
#Strip QLabel {{ color: white; background: transparent; }}
#Strip QProgressBar {{ color: white; background-color: #1A2630; border: none; border-radius: 3px;
    text-align: center; min-height: 18px; }}
#Strip QProgressBar::chunk {{ background-color: #2F6DB5; border-radius: 3px; }}
"""
_READING = _STYLE.format(background="#24445C", border="#5B87A8")
_PROBLEM = _STYLE.format(background="#7A1F1F", border="#C66")


class ReadingStrip(QWidget):
    """Lies over the upper part of a widget; what takes less than a quarter of a second never shows.

    Parameters
    ----------
    over : QWidget
        The widget that it lies over, and goes with.

    Signals
    -------
    cancel_asked
        The user wants the reading to end.
    """

    cancel_asked = Signal()

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.text, self.bar, self.cancel_button = _label(), QProgressBar(), QPushButton("Cancel")
        self._bar_px = 0
        self.problem_text, self.close_button = _label(), QPushButton("Close")
        self.reading = _frame((self.text, self.bar, self.cancel_button), _READING)
        self.problem = _frame((self.problem_text, self.close_button), _PROBLEM)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.reading)
        layout.addWidget(self.problem)
        self.cancel_button.clicked.connect(self.cancel_asked.emit)
        self.close_button.clicked.connect(self.forget_problem)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._show_reading_now)
        self.reading.hide()
        self.problem.hide()
        self.hide()
        over.installEventFilter(self)

    def show_reading(self, text: str) -> None:
        """Say what is being read, as yet without a share of it."""
        self.text.setText(text)
        self.bar.setRange(0, 0)
        self.cancel_button.setEnabled(True)
        if self.reading.isHidden():
            self._soon.start(_SHOW_AFTER_MS)
        else:
            self._settle()

    def show_progress(self, done: float) -> None:
        """Show how much is done, from 0 to 1."""
        self.bar.setRange(0, 100)
        self.bar.setValue(round(done * 100))

    def show_ending(self) -> None:
        """Say that the reading will end as soon as it can."""
        self.text.setText("Ending the reading…")
        self.cancel_button.setEnabled(False)

    def rest(self) -> None:
        """Nothing is read any more; a problem stays until the user has read it."""
        self._soon.stop()
        self.reading.hide()
        self._settle()

    def show_problem(self, text: str) -> None:
        """Say what went wrong, below what has not been read yet."""
        before = "" if self.problem.isHidden() else self.problem_text.text()
        if text not in before.split("\n"):
            self.problem_text.setText("\n".join(filter(None, (before, text))))
        self.problem.show()
        self._settle()

    def forget_problem(self) -> None:
        """The user has read it."""
        self.problem.hide()
        self._settle()

    def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: N802 - Qt's name
        """Stay in the middle."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._settle()
        return bool(super().eventFilter(watched, event))

    def _show_reading_now(self) -> None:
        self.reading.show()
        self._settle()

    def _settle(self) -> None:
        """Be as high as what is shown, and no higher: the image beside it takes clicks."""
        if self.reading.isHidden() and self.problem.isHidden():
            self.hide()
            return
        over = self.parentWidget()
        width = min(max(_NARROWEST_PX, min(_WIDEST_PX, over.width() - 2 * _SIDE_PX)), over.width())
        self.show()
        self.raise_()
        left = (over.width() - width) // 2
        self.setGeometry(left, _TOP_PX, width, self.height())
        self.layout().activate()
        for label, frame in ((self.text, self.reading), (self.problem_text, self.problem)):
            if not frame.isHidden():
                # As high as the text is when it is broken into lines: the layout alone gives it too little. On the
                # first showing the label has not got its width yet; later it may be narrower than the least widths say.
                frame.layout().activate()
                beside = frame.layout().minimumSize().width() - label.minimumSizeHint().width()
                widths = (label.width(), width - beside)
                label.setMinimumHeight(max(0, *(label.heightForWidth(each) for each in widths)))
                # Once more, or the strip would not hear of the new height.
                frame.layout().activate()
        self.layout().activate()
        self.setGeometry(left, _TOP_PX, width, self.layout().minimumSize().height())


def _label() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _frame(widgets: Sequence[QWidget], style: str) -> QFrame:
    frame = QFrame()
    frame.setObjectName("Strip")
    frame.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    frame.setStyleSheet(style)
    layout = QHBoxLayout(frame)
    layout.setContentsMargins(12, 8, 8, 8)
    layout.setSpacing(10)
    for number, widget in enumerate(widgets):
        layout.addWidget(widget, 1 if number == 0 else 0)
    return frame
