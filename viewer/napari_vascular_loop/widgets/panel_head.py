"""The top of the lesson panel: which lesson it is, its menu, and what the program has to say."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from napari_vascular_loop.domain.lesson_about import time_needed

if TYPE_CHECKING:
    from napari_vascular_loop.domain.lesson import Lesson

NOT_FOR_DIAGNOSIS = "For teaching, not for diagnosis"
_BAD = "background-color: #7A1F1F; color: white; padding: 5px; border-radius: 3px;"
_GOOD = "background-color: #24445C; color: white; padding: 5px; border-radius: 3px;"


class PanelHead(QWidget):
    """Title, notice, buttons and a sentence.

    Parameters
    ----------
    menu : QPushButton
        With the lesson's menu.
    """

    def __init__(self, menu: QPushButton, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.message = QLabel(f"<b>No lesson open</b><br>{NOT_FOR_DIAGNOSIS}"), QLabel()
        self.title.setWordWrap(True)
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setVisible(False)
        self.receipt = QPushButton("Receipt")
        self.receipt.setAccessibleName("Orientation receipt")
        self.receipt.setToolTip("How the program knows left from right in this volume, and what it is not sure of")
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(self.title, 0, 0)
        layout.addWidget(self.receipt, 0, 1, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(menu, 0, 2, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.message, 1, 0, 1, 3)
        layout.setColumnStretch(0, 1)

    def show_lesson(self, lesson: Lesson) -> None:
        """Name a lesson, with what must be known of it."""
        notice = ". ".join(filter(None, (lesson.notice.rstrip("."), NOT_FOR_DIAGNOSIS)))
        lines = (f"<b>{_plain(lesson.title)}</b>", _plain(time_needed(lesson.minutes)), _plain(notice))
        self.title.setText("<br>".join(filter(None, lines)))

    def tell(self, text: str, bad: bool = False) -> None:
        """Show a sentence; "" takes it away."""
        self.message.setText(text)
        self.message.setVisible(bool(text))
        self.message.setStyleSheet(_BAD if bad else _GOOD)


def _plain(text: str) -> str:
    """Shown as it is typed, whatever it looks like."""
    return escape(text, quote=False).replace("&gt;", ">")
