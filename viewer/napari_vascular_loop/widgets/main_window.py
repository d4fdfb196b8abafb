"""The window that a viewer is shown in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QThread
from qtpy.QtWidgets import QApplication

if TYPE_CHECKING:
    from qtpy.QtWidgets import QMainWindow


def main_window(viewer: Any) -> QMainWindow | None:
    """Give napari's window; None of a viewer without one, or whose window is closed.

    By way of the menu bar, which napari offers; the window itself it keeps private.
    """
    menu = getattr(getattr(viewer, "window", None), "main_menu", None)
    if menu is None:
        return None
    try:
        return menu.window()
    except RuntimeError:  # Qt has taken it down
        return None


def is_running() -> bool:
    """Whether a user works in a window now, rather than a script that waits for what it asked for."""
    application = QApplication.instance()
    here = QThread.currentThread()
    return application is not None and here is application.thread() and here.loopLevel() > 0
