"""The list of the teacher's questions, in the order of asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtGui import QBrush, QColor
from qtpy.QtWidgets import QAbstractItemView, QListWidget, QWidget

from napari_vascular_loop.widgets.question_form import KIND_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_vascular_loop.domain.question import Question

_GONE = QColor("#E0566B")
_FEWEST_ROWS_PX = 48


class QuestionList(QListWidget):
    """A row for each question; one whose mark is gone is red."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("The teacher's questions")
        self.setMinimumHeight(_FEWEST_ROWS_PX)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)

    def show_questions(self, questions: Sequence[Question], marks: Mapping[str, str], lit: int) -> None:
        """List questions, with the titles of the lesson's marks by id, and light a row; nobody is told of it."""
        self.blockSignals(True)
        # Rows are kept, so that the list does not scroll under the mouse.
        while self.count() > len(questions):
            self.takeItem(self.count() - 1)
        for row, question in enumerate(questions):
            if row == self.count():
                self.addItem("")
            self._fill(row, question, marks.get(question.annotation_id))
        self.blockSignals(False)
        self.light(min(lit, len(questions) - 1))

    def light(self, row: int) -> None:
        """Light a row; nobody is told of it."""
        self.blockSignals(True)
        self.setCurrentRow(row)
        self.blockSignals(False)

    def _fill(self, row: int, question: Question, mark: str | None) -> None:
        words = f"{row + 1}. {KIND_WORDS[question.kind]} · {question.prompt}"
        item = self.item(row)
        item.setText(words if mark is not None else f"✗ {words}")
        item.setToolTip(f"{question.prompt}\nMark: {mark if mark is not None else 'it is gone'}")
        item.setForeground(_GONE if mark is None else QBrush())
