"""A panel that a user opens in an empty window shows a lesson by itself: there is something to look at at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qtpy.QtCore import QObject, QTimer

from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.widgets.main_window import is_running
from napari_vascular_loop.widgets.volume_opening import opening_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.store import LessonStore


_AFTER_MS = 100
"""The panel is drawn first, and can be used: a lesson takes longer than a panel."""


class _Panel(Protocol):
    store: LessonStore | None
    scene: Scene

    def open_lesson(self, store: LessonStore) -> None: ...

    def tell(self, text: str, bad: bool = False) -> None: ...


def begin_with_a_lesson(panel: _Panel, open_store: Callable[[str], LessonStore]) -> None:
    """Open the first lesson that needs no network, if a user waits in the window and nothing else is opened.

    Parameters
    ----------
    panel : LessonPanel or StudyPanel
        Has just been made.
    open_store : callable
        Opens a lesson that ships with the program by its name.
    """
    if is_running():
        # Whoever made the panel may have something to show in it.
        QTimer.singleShot(_AFTER_MS, lambda: _begin(panel, open_store))


def _begin(panel: _Panel, open_store: Callable[[str], LessonStore]) -> None:
    viewer = panel.scene.viewer
    if viewer is None or len(viewer.layers) or panel.store is not None:
        return
    opening = opening_of(viewer)
    if opening is not None and opening.is_busy:
        return
    from napari_vascular_loop.lessons import lesson_to_begin_with

    try:
        store = open_store(lesson_to_begin_with())
        panel.open_lesson(store)
    except VascularLoopError as error:
        panel.tell(str(error), bad=True)
    else:
        _Offer(panel, store)


class _Offer(QObject):
    """Says that there is a lesson on a real scan, once the first one is there; goes with its panel."""

    def __init__(self, panel: _Panel, store: LessonStore) -> None:
        super().__init__(panel)
        self._panel, self._store = panel, store
        self._waiting = QTimer(self)
        self._waiting.setInterval(_AFTER_MS)
        self._waiting.timeout.connect(self._look)
        self._waiting.start()

    def _look(self) -> None:
        viewer = self._panel.scene.viewer
        opening = opening_of(viewer) if viewer is not None else None
        if opening is not None and opening.is_busy:
            return
        self._waiting.stop()
        if viewer is None or self._panel.store is not self._store:
            return  # another lesson was opened
        from napari_vascular_loop.lessons import offer_of_the_loop

        if offer := offer_of_the_loop():
            self._panel.tell(offer)
