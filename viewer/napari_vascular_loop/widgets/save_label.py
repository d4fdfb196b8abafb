"""Whether everything is on disk, always in view."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QLabel, QWidget

if TYPE_CHECKING:
    from napari_vascular_loop.store import LessonStore, SaveState

_TICK_MS = 5000
_RED, _AMBER = "#FF6B6B", "#FFB84D"


class SaveLabel(QLabel):
    """Says "Saved 2 s ago", or why not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName("Saved or not")
        self._state: SaveState | None = None
        self._reader_note = ""
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._show)

    def show_store(self, store: LessonStore | None) -> None:
        """Show the state of a store."""
        self._state = store.save_state if store is not None else None
        self._reader_note = store.reader_note if store is not None else ""
        self.setToolTip(str(store.folder) if store is not None and store.folder is not None else "")
        if self._state is not None and self._state.at is not None:
            self._timer.start()
        else:
            self._timer.stop()
        self._show()
        if self._state is not None and self._state.saving:
            # It is written before Qt comes to paint again.
            self.repaint()

    def _show(self) -> None:
        text, colour = self._words()
        self.setText(text)
        self.setStyleSheet(f"color: {colour}; font-weight: bold;" if colour else "")

    def _words(self) -> tuple[str, str]:
        """What to say, and in which colour if it needs one."""
        state = self._state
        if state is None:
            return "", ""
        if state.problem:
            return f"NOT SAVED: {state.problem}", _RED
        if self._reader_note:
            return f"READ ONLY: {self._reader_note}", _AMBER
        if state.saving:
            return "Saving…", ""
        if state.at is None:
            saved = "No changes. Every change is saved at once."
        else:
            saved = f"Saved {_ago((datetime.now(UTC) - state.at).total_seconds())}"
        return (f"{saved}\n{state.note[:1].upper()}{state.note[1:]}", _AMBER) if state.note else (saved, "")


def _ago(seconds: float) -> str:
    if seconds < 2:
        return "just now"
    if seconds < 90:
        return f"{seconds:.0f} s ago"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3600:.0f} h ago"
