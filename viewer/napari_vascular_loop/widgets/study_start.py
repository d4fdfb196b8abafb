"""Before a sitting: the student's name, and which questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QCompleter, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from napari_vascular_loop.study.session import Choice
from napari_vascular_loop.widgets.buttons import button
from napari_vascular_loop.widgets.study_keys import press_with_enter
from napari_vascular_loop.widgets.study_texts import WrappedLabel, lay_out_anew

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CHOICES = {
    Choice.DUE: "What is due: missed, not asked lately, new",
    Choice.MISSED: "Only what I missed",
    Choice.ALL: "All questions",
}


class StudyStart(QWidget):
    """Asks for a name once, and for the kind of sitting.

    Signals
    -------
    started : Choice
        The student begins.
    named : str
        The student has typed a name.
    """

    started = Signal(object)
    named = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.about = WrappedLabel()
        self.name = QLineEdit()
        self.name.setPlaceholderText("Your name (may stay empty)")
        self.name.setAccessibleName("Your name")
        self.name.setMaxLength(80)
        self.name.editingFinished.connect(self._on_named)
        self.name.returnPressed.connect(self._start)
        self.kept = WrappedLabel()
        self.kept.setAccessibleName("Where results are kept")
        self.choices = {choice: QRadioButton() for choice in Choice}
        group = QButtonGroup(self)
        self.begin = button("Start", "Ask the first question", self._pressed())
        press_with_enter(self.begin)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(self.about)
        layout.addWidget(self.name)
        layout.addWidget(self.kept)
        for choice, radio in self.choices.items():
            radio.setAccessibleName(_CHOICES[choice])
            radio.toggled.connect(self._show_possible)
            group.addButton(radio)
            layout.addWidget(radio)
        layout.addWidget(self.begin)
        self.choices[Choice.DUE].setChecked(True)
        self._last_name = ""

    _begin_pressed = Signal()

    def _pressed(self) -> Signal:
        self._begin_pressed.connect(self._start)
        return self._begin_pressed

    def show_student(self, name: str, known: Sequence[str], folder: str) -> None:
        """Show who studies, the names to complete, and where the results are kept."""
        self._last_name = name
        self.name.setText(name)
        self.name.setCompleter(QCompleter(list(known), self.name))
        self.kept.setText(f"Results are kept on this computer only, in {folder}")

    def show_counts(self, about: str, counts: Mapping[Choice, int]) -> None:
        """Say what is asked, and how many questions each choice has."""
        self.about.setText(about)
        for choice, radio in self.choices.items():
            count = counts.get(choice, 0)
            radio.setText(f"{_CHOICES[choice]} ({count})")
            radio.setEnabled(count > 0)
        if not self.choices[self.choice].isEnabled():
            first = next((one for one in Choice if counts.get(one, 0)), Choice.DUE)
            self.choices[first].setChecked(True)
        self._show_possible()
        lay_out_anew(self)

    @property
    def choice(self) -> Choice:
        """Which questions are chosen."""
        return next((choice for choice, radio in self.choices.items() if radio.isChecked()), Choice.DUE)

    def _show_possible(self) -> None:
        if hasattr(self, "begin"):
            self.begin.setEnabled(self.choices[self.choice].isEnabled())

    def _on_named(self) -> None:
        if self.name.text() != self._last_name:
            self._last_name = self.name.text()
            self.named.emit(self._last_name)

    def _start(self) -> None:
        self._on_named()
        if self.begin.isEnabled():
            self.started.emit(self.choice)
