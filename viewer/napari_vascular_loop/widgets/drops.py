"""Scans and lessons that are dropped on a window in which this program is at work: no question which plugin reads them.

napari would ask for each kind of file, since its own reader takes pictures of most endings. Held-down Alt still lets
it ask, and Shift still opens a stack.
"""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import Any

from napari.utils.notifications import show_error
from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QWidget

from napari_vascular_loop._peek import may_hold_volume
from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.formats.figure_memory import is_figure
from napari_vascular_loop.lessons import is_lesson, open_lesson
from napari_vascular_loop.widgets.main_window import main_window
from napari_vascular_loop.widgets.volume_opening import VolumeOpening, opening_of


class Drops(QObject):
    """Takes drops of scans and lessons from the middle of the window; leaves all others to napari.

    Parameters
    ----------
    opening : VolumeOpening
        Opens what is dropped.
    window : QMainWindow
        napari's window, with which this goes.
    viewer : napari.Viewer
        Whose window it is; held weakly.
    """

    def __init__(self, opening: VolumeOpening, window: Any, viewer: Any) -> None:
        super().__init__(window)
        self._opening, self._viewer = opening, weakref.ref(viewer)
        middle = window.centralWidget()
        for widget in (middle, *middle.findChildren(QWidget)):
            if widget.acceptDrops():
                widget.installEventFilter(self)

    def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: N802 - Qt's name
        """Take a drop of scans, or of a lesson."""
        if event.type() != QEvent.Type.Drop or not event.mimeData().hasUrls():
            return False
        urls = event.mimeData().urls()
        keys = QGuiApplication.keyboardModifiers()
        if keys & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier):
            return False
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if len(paths) == len(urls) == 1 and is_figure(paths[0]):
            self._open_figure(paths[0])
            event.acceptProposedAction()
            return True
        lessons = [path for path in paths if is_lesson(path)]
        scans = [path for path in paths if path not in lessons]
        if len(paths) < len(urls) or len(lessons) > 1 or not all(may_hold_volume(path) for path in scans):
            return False
        for path in lessons:
            self._open_lesson(path)
        for path in scans:
            self._opening.open(path)
        event.acceptProposedAction()
        return True

    def _open_figure(self, path: Path) -> None:
        from napari_vascular_loop.widgets.figure_opening import open_figure

        viewer = self._viewer()
        try:
            if viewer is not None:
                open_figure(viewer, path)
        except VascularLoopError as error:
            show_error(str(error))

    def _open_lesson(self, path: Path) -> None:
        """Show a lesson in the panel, or say why it can't be opened."""
        viewer = self._viewer()
        if viewer is None:
            return
        from napari_vascular_loop._panel import lesson_panel

        try:
            lesson_panel(viewer).open_lesson(open_lesson(path))
        except VascularLoopError as error:
            show_error(str(error))


def catch_drops(viewer: Any) -> None:
    """See to it that scans dropped on a viewer's window are opened by this program."""
    window, opening = main_window(viewer), opening_of(viewer)
    if window is None or opening is None or any(isinstance(child, Drops) for child in window.children()):
        return
    Drops(opening, window, viewer)
