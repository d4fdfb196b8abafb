"""The mouse while a lesson is studied: a click selects a mark, or answers a question; a drag pans, as ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_vascular_loop.display.canvas_callbacks import CanvasCallbacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_vascular_loop.display.scene import Scene

_DRAG_PX = 4.0


class StudyMouse:
    """The mouse on all canvases of a scene.

    Parameters
    ----------
    scene : Scene
        Where the lesson is shown.
    """

    picked = Signal(str)
    """Id of the mark that was clicked."""

    placed = Signal(object, object)
    """The place, in RAS mm, of a click or of the tip of an arrow, and the plane of the canvas."""

    drawn = Signal(object, object)
    """Tail and tip, in RAS mm, of an arrow that is being drawn."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._asks_place = False
        self._callbacks = CanvasCallbacks(scene, drag=(self._on_press,))

    def close(self) -> None:
        """Take the mouse back from all canvases."""
        self.asks_place = False
        self._callbacks.close()

    @property
    def asks_place(self) -> bool:
        """Whether a click answers with a place, and Shift and a drag with an arrow's tip; else both lead the planes."""
        return self._asks_place

    @asks_place.setter
    def asks_place(self, asks: bool) -> None:
        self._asks_place = asks
        self._scene.points_by_drag = not asks

    def _on_press(self, viewer: Any, event: Any) -> Iterator[None]:
        if event.button != 1 or viewer.dims.ndisplay != 2:
            return
        modifiers = tuple(event.modifiers)
        if self.asks_place and modifiers == ("Shift",):
            yield from self._arrow(viewer, event)
        elif not modifiers:
            yield from self._click(viewer, event)

    def _click(self, viewer: Any, event: Any) -> Iterator[None]:
        asked, start = self.asks_place, np.array(event.pos)
        yield
        while event.type == "mouse_move":
            yield
        view = self._scene.view_of(viewer)
        state = view.state()
        if np.linalg.norm(np.array(event.pos) - start) >= _DRAG_PX or state is None or asked is not self.asks_place:
            return
        if asked:
            place = view.ras_mm_at(event.position)
            if place is not None and state.inside:
                self.placed.emit(place, state.plane)
        elif (hit := view.annotation_at(event.position)) is not None:
            self.picked.emit(hit.id)
        elif (place := view.ras_mm_at(event.position)) is not None:
            self._scene.point_at_ras_mm(place)

    def _arrow(self, viewer: Any, event: Any) -> Iterator[None]:
        view = self._scene.view_of(viewer)
        tail, start = view.ras_mm_at(event.position), np.array(event.pos)
        if tail is None:
            return
        camera = viewer.scene.camera
        panned, camera.mouse_pan = camera.mouse_pan, False
        try:
            yield
            while event.type == "mouse_move":
                self.drawn.emit(tail, view.ras_mm_at(event.position))
                yield
        finally:
            camera.mouse_pan = panned
        state, tip = view.state(), view.ras_mm_at(event.position)
        self.drawn.emit(tail, None)
        if tip is not None and state is not None and np.linalg.norm(np.array(event.pos) - start) >= _DRAG_PX:
            self.placed.emit(tip, state.plane)
