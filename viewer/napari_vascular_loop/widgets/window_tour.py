"""A walk round the window, for whoever opens it the first time: one card after the other beside what it tells of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH_PX = 300
_GAP_PX = 10
_STYLE = """
#TourCard {{ background-color: #24445C; border: 2px solid #FFD23F; border-radius: 6px; }}
#TourCard QLabel {{ color: white; background: transparent; }}
"""
_FRAME = "#TourFrame { border: 2px solid #FFD23F; border-radius: 4px; background: transparent; }"


class WindowTour(QFrame):
    """A card over a window, with a frame round what it tells of; Esc ends it, Left and Right step.

    Parameters
    ----------
    over : QWidget
        The window or panel that it lies over.
    stops : sequence of (QWidget, str, str)
        What is told of, a heading and a sentence. What can't be seen is left out.
    """

    def __init__(self, over: QWidget, stops: Sequence[tuple[QWidget, str, str]]) -> None:
        super().__init__(over)
        self._over = over
        self._stops = [stop for stop in stops if stop[0].isVisibleTo(over)]
        self._at = 0
        self.setObjectName("TourCard")
        self.setStyleSheet(_STYLE.format())
        self.setAccessibleName("A walk round the window")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.frame = QFrame(over)
        self.frame.setObjectName("TourFrame")
        self.frame.setStyleSheet(_FRAME)
        self.frame.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.words, self.count = QLabel(), QLabel()
        self.words.setWordWrap(True)
        self.words.setFixedWidth(_WIDTH_PX)
        self.back, self.on, self.end = QPushButton("Back"), QPushButton("Next"), QPushButton("End")
        layout = QGridLayout(self)
        layout.addWidget(self.words, 0, 0, 1, 4)
        layout.addWidget(self.count, 1, 0)
        for column, button in enumerate((self.end, self.back, self.on), start=1):
            layout.addWidget(button, 1, column)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout.setColumnStretch(0, 1)
        self.back.clicked.connect(lambda: self._go(-1))
        self.on.clicked.connect(lambda: self._go(1))
        self.end.clicked.connect(self.finish)
        over.installEventFilter(self)
        self.hide()

    def start(self) -> None:
        """Show the first card."""
        self._at = 0
        if self._stops:
            self.show()
            self._show()
            self.setFocus()

    def finish(self) -> None:
        """Take it away."""
        self._over.removeEventFilter(self)
        self.frame.hide()
        self.hide()
        self.frame.deleteLater()
        self.deleteLater()

    def _go(self, by: int) -> None:
        if self._at + by >= len(self._stops):
            self.finish()
            return
        self._at = max(0, self._at + by)
        self._show()

    def _show(self) -> None:
        target, heading, words = self._stops[self._at]
        self.words.setText(f"<b>{heading}</b><br>{words}")
        self.count.setText(f"{self._at + 1} / {len(self._stops)}")
        self.back.setEnabled(self._at > 0)
        self.on.setText("Next" if self._at + 1 < len(self._stops) else "Done")
        self.adjustSize()
        corner = target.mapTo(self._over, QPoint(0, 0))
        self.frame.setGeometry(corner.x() - 3, corner.y() - 3, target.width() + 6, target.height() + 6)
        self.frame.show()
        self.frame.raise_()
        self.move(self._beside(corner, target))
        self.raise_()

    def _beside(self, corner: QPoint, target: QWidget) -> QPoint:
        """To the left of what it tells of where there is room, else below or above it; never beyond the edges."""
        x, y = corner.x() - self.width() - _GAP_PX, corner.y()
        if x < 0:
            x = corner.x()
            y = corner.y() + target.height() + _GAP_PX
            if y + self.height() > self._over.height():
                y = corner.y() - self.height() - _GAP_PX
        most_x, most_y = self._over.width() - self.width(), self._over.height() - self.height()
        return QPoint(max(0, min(x, most_x)), max(0, min(y, most_y)))

    def keyPressEvent(self, event: Any) -> None:
        """Step, or end."""
        match event.key():
            case Qt.Key.Key_Escape:
                self.finish()
            case Qt.Key.Key_Right | Qt.Key.Key_Return | Qt.Key.Key_Space:
                self._go(1)
            case Qt.Key.Key_Left:
                self._go(-1)
            case _:
                super().keyPressEvent(event)

    def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: N802 - Qt's name
        """Stay beside it when the window changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._show()
        return bool(super().eventFilter(watched, event))
