"""The bar of a tour: which step of how many, back and next, and what is said of the mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_vascular_loop.widgets.buttons import button
from napari_vascular_loop.widgets.study_texts import ScrolledText

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation

_NOTE_LETTERS, _NOTE_PX = 420, 112


class TourBar(QWidget):
    """Steps of a tour."""

    back_asked = Signal()
    next_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.back = button("◀ Back", "The passage before (B)", self.back_asked)
        self.back.setAccessibleName("Back")
        self.next = button("Next ▶", "The next passage (N)", self.next_asked)
        self.next.setAccessibleName("Next")
        self.place = QLabel()
        self.place.setAccessibleName("Step of the tour")
        self.place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text = ScrolledText(_NOTE_LETTERS, _NOTE_PX)
        self.text.setAccessibleName("About this step")
        row = QHBoxLayout()
        row.addWidget(self.back)
        row.addWidget(self.place, 1)
        row.addWidget(self.next)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addLayout(row)
        layout.addWidget(self.text)

    def show_step(self, number: int, count: int, mark: Annotation | None, remark: str = "") -> None:
        """Show a step, its number from 1; of a tour without steps the remark only."""
        self.place.setText(f"{number} / {count}" if count else "")
        self.back.setEnabled(number > 1)
        self.next.setEnabled(number < count)
        for one in (self.back, self.next, self.place):
            one.setVisible(count > 0)
        about = [mark.title, mark.note.strip()] if mark is not None else []
        self.text.set_text("\n".join(filter(None, [*about, remark])))
