"""How wide a panel's dock is: what the window can spare, until the user drags its edge."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QEvent, QObject, Qt, QTimer
from qtpy.QtWidgets import QDockWidget, QMainWindow, QWidget

_PART = 0.3
_WIDEST_PX = 640


class DockWidth(QObject):
    """Gives a dock its share of the window, when it is first seen and when the window's width changes.

    Qt would leave a dock as wide as it once was, and take all from the canvases when a window becomes small.

    Parameters
    ----------
    panel : QWidget
        In the dock; this goes with it.
    """

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self._watches = self._is_users = False
        self._pressed_px = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._give)
        panel.installEventFilter(self)

    def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: N802 - Qt's name
        """Wait for the panel to be seen, and for the window to become wider or narrower."""
        if not isinstance(watched, QMainWindow):
            if event.type() == QEvent.Type.Show and not self._watches:
                self._begin()
            return False
        dock = self._dock()
        if dock is None or self._is_users:
            return False
        if event.type() == QEvent.Type.Resize and event.size().width() != event.oldSize().width():
            self._timer.start(0)
        # The edges between docks are the window's own: nothing else of it is pressed.
        elif event.type() == QEvent.Type.MouseButtonPress:
            self._pressed_px = dock.width()
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self._is_users = dock.width() != self._pressed_px
        return False

    def _begin(self) -> None:
        dock = self._dock()
        window = dock.parentWidget() if dock is not None else None
        if isinstance(window, QMainWindow):
            self._watches = True
            window.installEventFilter(self)
            self._timer.start(0)

    def _dock(self) -> QDockWidget | None:
        """Looked up each time: neither dock nor window is kept alive from here."""
        found = self.parent()
        while found is not None and not isinstance(found, QDockWidget):
            found = found.parent()
        return found

    def _give(self) -> None:
        dock = self._dock()
        window = dock.parentWidget() if dock is not None else None
        if dock is None or not isinstance(window, QMainWindow) or dock.isFloating() or not dock.isVisible():
            return
        sides = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        if window.dockWidgetArea(dock) in sides:
            width_px = max(dock.minimumSizeHint().width(), min(_WIDEST_PX, round(_PART * window.width())))
            window.resizeDocks([dock], [width_px], Qt.Orientation.Horizontal)
