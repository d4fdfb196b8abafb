"""Whether everything is on disk, always in view."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QLabel, QWidget

if TYPE_CHECKING:
    from napari_vascular_loop.store import LessonStore, SaveState

_TICK_MS = 5000


class SaveLabel(QLabel):
    """Says "Saved 2 s ago", or why not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName("Saved or not")
        self._state: SaveState | None = None
        self._where = ""
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._show)

    def show_store(self, store: LessonStore | None) -> None:
        """Show the state of a store."""
        self._state = store.save_state if store is not None else None
        self._where = str(store.folder) if store is not None and store.folder is not None else ""
        self.setToolTip(self._where)
        if self._state is not None and self._state.at is not None:
            self._timer.start()
        else:
            self._timer.stop()
        self._show()

    def _show(self) -> None:
        state = self._state
        if state is None:
            self.setText("")
        elif state.problem:
            self.setText(f"NOT SAVED: {state.problem}")
        elif state.at is None:
            self.setText("No changes. Every change is saved at once.")
        else:
            self.setText(f"Saved {_ago((datetime.now(UTC) - state.at).total_seconds())}")
        self.setStyleSheet("color: #FF6B6B; font-weight: bold;" if state is not None and state.problem else "")


def _ago(seconds: float) -> str:
    if seconds < 2:
        return "just now"
    if seconds < 90:
        return f"{seconds:.0f} s ago"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3600:.0f} h ago"
