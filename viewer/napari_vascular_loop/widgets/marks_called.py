"""The marks of a lesson that are called what one typed, to go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from napari_vascular_loop.domain.mark_search import marks_called
from napari_vascular_loop.domain.measure import words_of

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Side
    from napari_vascular_loop.store.lesson_store import LessonStore

_MOST, _ROWS_SEEN = 24, 6


class MarksCalled(QWidget):
    """A list of marks; hidden where there is none.

    Signals
    -------
    chosen : str
        Id of a mark.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = QListWidget()
        self.rows.setAccessibleName("Marks of the lesson")
        self.rows.itemActivated.connect(self._choose)
        self.rows.itemClicked.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(QLabel("In this lesson"))
        layout.addWidget(self.rows)

    def show_marks(self, store: LessonStore | None, said: str, side: Side | None) -> None:
        """Show those of a lesson that are called so, and don't lie on the other side."""
        found = marks_called(store.annotations, said, side) if store is not None else ()
        self.rows.clear()
        for mark in found[:_MOST]:
            item = QListWidgetItem(words_of(mark) or mark.title)
            item.setData(Qt.ItemDataRole.UserRole, mark.id)
            self.rows.addItem(item)
        self.setVisible(bool(found))
        rows = min(self.rows.count(), _ROWS_SEEN)
        self.rows.setFixedHeight(rows * max(1, self.rows.sizeHintForRow(0)) + 2 * self.rows.frameWidth() + 2)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
