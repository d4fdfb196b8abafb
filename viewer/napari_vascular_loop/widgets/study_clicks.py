"""The row with which a teacher looks at where students clicked, question by question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from napari_vascular_loop.widgets.buttons import button
from napari_vascular_loop.widgets.study_texts import WrappedLabel, lay_out_anew

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.study.gathering import AskedQuestion

_LONGEST = 60


class ClicksRow(QWidget):
    """A list of questions, the hardest first, and what came of the chosen one.

    Signals
    -------
    chosen : AskedQuestion
        Its clicks are to be shown.
    closed
        The teacher has seen enough.
    """

    chosen = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._questions: tuple[AskedQuestion, ...] = ()
        self.questions = QComboBox()
        self.questions.setAccessibleName("Question whose clicks are shown")
        self.questions.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.questions.currentIndexChanged.connect(self._on_chosen)
        self.about = WrappedLabel()
        self.about.setAccessibleName("How it was answered")
        self.hide_button = button("Hide", "Hide where students clicked", self.closed)
        row = QHBoxLayout()
        row.addWidget(self.questions, 1)
        row.addWidget(self.hide_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addLayout(row)
        layout.addWidget(self.about)
        self.setVisible(False)

    def show_questions(self, questions: Sequence[AskedQuestion]) -> None:
        """Offer questions, and choose the first; none hides the row."""
        self._questions = tuple(questions)
        self.questions.blockSignals(True)
        self.questions.clear()
        for number, one in enumerate(self._questions):
            prompt = one.answers[-1].prompt or one.question_id
            self.questions.addItem(prompt if len(prompt) <= _LONGEST else f"{prompt[: _LONGEST - 1]}…")
            self.questions.setItemData(number, prompt, Qt.ItemDataRole.ToolTipRole)
        self.questions.blockSignals(False)
        self.setVisible(bool(self._questions))
        if self._questions:
            self._on_chosen(0)

    def _on_chosen(self, number: int) -> None:
        if not 0 <= number < len(self._questions):
            return
        one = self._questions[number]
        distance = one.median_distance_mm
        said = [
            f"{one.correct} of {len(one.answers)} answers correct",
            f"{one.students} student{'' if one.students == 1 else 's'}",
        ]
        if distance is not None:
            said.append(f"median {distance:.1f} mm from the mark")
        self.about.setText(", ".join(said) + ". Bright: many clicks close together.")
        lay_out_anew(self)
        self.chosen.emit(one)
