"""Where two people changed the same thing: both versions side by side, to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGroupBox,
    QLabel,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.domain.merge import in_words
from napari_vascular_loop.domain.text import shown

if TYPE_CHECKING:
    from napari_vascular_loop.domain.merge import Conflict
    from napari_vascular_loop.store import LessonStore

_LONGEST = 300


class ConflictDialog(QDialog):
    """One box for each conflict, with both versions; what is left open waits for another time.

    Parameters
    ----------
    store : LessonStore
        Whose conflicts are shown.
    """

    def __init__(self, store: LessonStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.setWindowTitle("Two versions of the same thing")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, 520)
        about = QLabel(
            "These were changed both here and in another copy of the lesson. The lesson has the version from here. "
            "Every choice can be undone."
        )
        about.setWordWrap(True)
        inner = QWidget()
        column = QVBoxLayout(inner)
        self.choices = [(conflict, *_box(conflict, column)) for conflict in store.conflicts]
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        buttons = QDialogButtonBox()
        buttons.addButton("Choose these", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton("Later", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.choose)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setStyleSheet("color: #FF6B6B; font-weight: bold;")
        self.problem.setVisible(False)
        layout.addWidget(about)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.problem)
        layout.addWidget(buttons)

    def choose(self) -> None:
        """Settle what was chosen; what can't be is said, and stays."""
        waiting = set(map(id, self._store.conflicts))
        try:
            for conflict, ours, theirs in self.choices:
                if id(conflict) in waiting and (ours.isChecked() or theirs.isChecked()):
                    self._store.settle(conflict, theirs=theirs.isChecked())
                    waiting.discard(id(conflict))
        except VascularLoopError as error:
            self.problem.setText(str(error))
            self.problem.setVisible(True)
            return
        self.accept()


def _box(conflict: Conflict, column: QVBoxLayout) -> tuple[QRadioButton, QRadioButton]:
    what, ours, theirs = _words(conflict)
    box = QGroupBox(what)
    inside = QVBoxLayout(box)
    buttons = []
    for where, value in (("Here", ours), ("There", theirs)):
        button = QRadioButton(where)
        button.setAccessibleName(f"{what}: {where.lower()}: {value}")
        text = QLabel(value)
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setIndent(24)
        inside.addWidget(button)
        inside.addWidget(text)
        buttons.append(button)
    column.addWidget(box)
    return buttons[0], buttons[1]


def _words(conflict: Conflict) -> tuple[str, str, str]:
    """What it is about, ours and theirs."""
    if conflict.member == "deleted":
        kept, gone = "kept, with its changes", "deleted"
        here, there = (gone, kept) if conflict.ours is None else (kept, gone)
        return f"“{shown(conflict.title)}” itself", here, there
    of = f" of “{shown(conflict.title)}”" if conflict.annotation_id else " of the lesson"
    ours, theirs = (value.strip() if isinstance(value, str) else value for value in (conflict.ours, conflict.theirs))
    return conflict.what.capitalize() + of, in_words(ours, _LONGEST), in_words(theirs, _LONGEST)
