"""Where a name is typed or chosen, and a side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.widgets.buttons import button, toggle
from napari_vascular_loop.widgets.study_keys import press_with_enter
from napari_vascular_loop.widgets.study_texts import lay_out_anew

if TYPE_CHECKING:
    from collections.abc import Sequence


_LONGEST = 48
"""Letters of a name that fit on a button."""


class NameEntry(QWidget):
    """A line for the name, two buttons for the side, names to choose from.

    Signals
    -------
    answered : str, Side or None
        The name, and the side that was chosen beside it.
    choices_asked
        The student wants names to choose from.
    """

    answered = Signal(str, object)
    choices_asked = Signal()
    _answer_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.line.setPlaceholderText("Type the name")
        self.line.setAccessibleName("Name of the structure")
        self.line.setMaxLength(200)
        self.line.returnPressed.connect(self._answer)
        self._answer_pressed.connect(self._answer)
        self.answer = button("Answer", "Answer with this name (Enter)", self._answer_pressed)
        self.ask_choices = button("Show choices", "Names to choose from", self.choices_asked)
        self.sides = {side: toggle(side.value.capitalize(), f"On the patient's {side.value}") for side in _SIDES}
        self._side_group = QButtonGroup(self)
        self.side_row = QWidget()
        sides = QHBoxLayout(self.side_row)
        sides.setContentsMargins(0, 0, 0, 0)
        for side, one in self.sides.items():
            one.setAccessibleName(f"On the patient's {side.value}")
            self._side_group.addButton(one)
            sides.addWidget(one)
        for one in (self.answer, self.ask_choices, *self.sides.values()):
            press_with_enter(one)
        row = QHBoxLayout()
        row.addWidget(self.line, 1)
        row.addWidget(self.answer)
        self.names = QWidget()
        self._names = QVBoxLayout(self.names)
        self._names.setContentsMargins(0, 0, 0, 0)
        self._names.setSpacing(3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(self.side_row)
        layout.addLayout(row)
        layout.addWidget(self.ask_choices)
        layout.addWidget(self.names)

    def start(self, *, asks_side: bool) -> None:
        """Be ready for the next name."""
        self.line.clear()
        self._side_group.setExclusive(False)
        for one in self.sides.values():
            one.setChecked(False)
        self._side_group.setExclusive(True)
        self.side_row.setVisible(asks_side)
        self.ask_choices.setVisible(True)
        self.show_choices(())
        self.line.setFocus()

    def show_choices(self, names: Sequence[str]) -> None:
        """Offer names; none takes the offer back."""
        while (item := self._names.takeAt(0)) is not None:
            old = item.widget()
            old.hide()
            old.deleteLater()
        for name in names:
            one = QPushButton(name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…")
            one.setToolTip(name)
            one.setAccessibleName(name)
            one.clicked.connect(lambda _=False, chosen=name: self.answered.emit(chosen, self.side))
            press_with_enter(one)
            self._names.addWidget(one)
        self.names.setVisible(bool(names))
        lay_out_anew(self)
        if names:
            self.ask_choices.setVisible(False)
            self._names.itemAt(0).widget().setFocus()

    @property
    def side(self) -> Side | None:
        """The side that is chosen, if one is."""
        return next((side for side, one in self.sides.items() if one.isChecked()), None)

    def _answer(self) -> None:
        if self.line.text().strip():
            self.answered.emit(self.line.text().strip(), self.side)


_SIDES = (Side.RIGHT, Side.LEFT)
"""In the order of a radiological picture, on which the patient's right is on the left."""
