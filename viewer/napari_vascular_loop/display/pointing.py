"""Sending all planes to a place with the mouse, on any canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_vascular_loop.display.scene import Scene

_CLICK_PX = 4.0


def point_by_click(scene: Scene, viewer: Any, event: Any) -> Iterator[None]:
    """Follow a press of the left button: a click sends the planes to its place, a drag stays napari's pan."""
    start = np.array(event.pos)
    yield
    while event.type == "mouse_move":
        yield
    place = scene.view_of(viewer).ras_mm_at(event.position)
    if place is not None and np.linalg.norm(np.array(event.pos) - start) < _CLICK_PX:
        scene.point_at_ras_mm(place)


class PointByDrag:
    """Shift and a drag of the left button: the planes go along with the mouse.

    Parameters
    ----------
    scene : Scene
        Whose canvases it works on.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def on_press(self, viewer: Any, event: Any) -> Iterator[None]:
        """Be one of a viewer's mouse_drag_callbacks."""
        if not self._scene.points_by_drag or event.button != 1 or viewer.dims.ndisplay != 2:
            return
        if tuple(event.modifiers) != ("Shift",):
            return
        view = self._scene.view_of(viewer)
        while event.type != "mouse_release":
            place = view.ras_mm_at(event.position)
            if place is not None:
                self._scene.point_at_ras_mm(place)
            event.handled = True
            yield
