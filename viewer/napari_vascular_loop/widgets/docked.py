"""A panel in a dock of napari's window, which has to let go of the viewer when it is taken out."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QWidget

from napari_vascular_loop.widgets.dock_width import DockWidth


class DockedPanel(QWidget):
    """Calls `let_go` once, when napari takes the panel out of its dock or the panel is closed."""

    def __init__(self) -> None:
        super().__init__()
        self._has_let_go = False
        self._dock_width = DockWidth(self)

    def let_go(self) -> None:
        """Stop listening to the viewer, and give back what was taken of it."""
        raise NotImplementedError

    def changeEvent(self, event: Any) -> None:
        """Let go when napari takes the panel out of its dock: it sends no close event."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self._let_go_once()
            self.deleteLater()

    def closeEvent(self, event: Any) -> None:
        """Let go."""
        self._let_go_once()
        super().closeEvent(event)

    def _let_go_once(self) -> None:
        if not self._has_let_go:
            self._has_let_go = True
            self.let_go()
