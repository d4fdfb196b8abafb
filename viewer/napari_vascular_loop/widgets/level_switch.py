"""The switch between a lesson's article and the same in plain words; there only where a lesson has both."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.widgets.settings import reads_plain, set_reads_plain

if TYPE_CHECKING:
    from napari_vascular_loop.reading_levels import PlainLevel
    from napari_vascular_loop.store import LessonStore

_log = logging.getLogger(__name__)


class LevelSwitch(QWidget):
    """Two buttons, "Plain" and "Advanced", of which one is down; the choice is remembered.

    Signals
    -------
    switched
        The other one was pressed.
    """

    switched = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plain = QPushButton("Plain")
        self.plain.setToolTip("Read the article in plain words: for patients and for first-year students")
        self.advanced = QPushButton("Advanced")
        self.advanced.setToolTip("Read the article in the words of the profession; this is the text that is edited")
        self._level: PlainLevel | None = None
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for button in (self.plain, self.advanced):
            button.setCheckable(True)
            group.addButton(button)
            row.addWidget(button)
        self.choose(advanced=False)
        group.buttonClicked.connect(self._on_clicked)
        self.setVisible(False)

    @property
    def has_both(self) -> bool:
        """Whether there is something to choose."""
        return self._level is not None

    @property
    def level(self) -> PlainLevel | None:
        """The plain article, if it is the one to be shown."""
        return self._level if self.plain.isChecked() else None

    def set_lesson(self, store: LessonStore | None) -> None:
        """Be there for a lesson that has both; a plain article that can't be read is none (a check tells why)."""
        self._level = _read(store) if store is not None else None
        self.setVisible(self._level is not None)

    def choose(self, *, advanced: bool) -> None:
        """Show the article that is edited, or what was chosen last; what is remembered stays."""
        (self.plain if reads_plain() and not advanced else self.advanced).setChecked(True)

    def _on_clicked(self) -> None:
        set_reads_plain(self.plain.isChecked())
        self.switched.emit()


def _read(store: LessonStore) -> PlainLevel | None:
    from napari_vascular_loop.reading_levels import plain_level_of  # late: a panel opens without what finds passages

    try:
        return plain_level_of(store)
    except LessonError as error:
        _log.warning("%s", error)
        return None
