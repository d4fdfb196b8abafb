"""What is under way, how much of it is done, and a button to end it."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

_BAR_WIDTH_PX = 220


class WaitRow(QWidget):
    """Shown while something is waited for.

    Signals
    -------
    cancel_asked
        The user wants it to end.
    """

    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar()
        self.bar.setFixedWidth(_BAR_WIDTH_PX)
        self.button = QPushButton("Cancel")
        self.button.setAutoDefault(False)
        self.button.clicked.connect(lambda: self.cancel_asked.emit())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.title, self.bar, self.button):
            layout.addWidget(widget)

    def begin(self, title: str) -> None:
        """Show what is waited for, as yet without a share of it."""
        self.title.setText(title)
        self.bar.setRange(0, 0)
        self.show()

    def show_progress(self, done: float) -> None:
        """Show how much is done, from 0 to 1."""
        if done > 0:
            self.bar.setRange(0, 100)
            self.bar.setValue(round(done * 100))
