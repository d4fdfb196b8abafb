"""What a student does with a lesson, and the buttons to choose it."""

from __future__ import annotations

import enum

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.widgets.buttons import toggle


class Mode(enum.Enum):
    """What a student does; the value names it on its button."""

    READ = "Read"
    TOUR = "Tour"
    FIND = "Find it"
    NAME = "Name it"

    @property
    def tip(self) -> str:
        """What it is, in a sentence."""
        return {
            Mode.READ: "Click a sentence to see its place, click a mark to see its sentence",
            Mode.TOUR: "From passage to passage, in reading order",
            Mode.FIND: "Marks are hidden; you put the place",
            Mode.NAME: "A mark is shown without its name; you name it",
        }[self]

    @property
    def asks(self) -> QuestionKind | None:
        """The kind of question that is asked, if any is."""
        return {Mode.FIND: QuestionKind.FIND, Mode.NAME: QuestionKind.NAME}.get(self)


class ModeBar(QWidget):
    """A button for each mode; one of them is pressed.

    Signals
    -------
    chosen : Mode
        By the student.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        group = QButtonGroup(self)
        self._buttons = {mode: toggle(mode.value, mode.tip) for mode in Mode}
        for mode, button in self._buttons.items():
            group.addButton(button)
            layout.addWidget(button)
            button.clicked.connect(lambda _=False, m=mode: self.chosen.emit(m))

    def show_mode(self, mode: Mode) -> None:
        """Press the button of a mode."""
        self._buttons[mode].setChecked(True)
