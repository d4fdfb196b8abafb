"""What the mouse does on every canvas, whatever the tool: places, and which canvas is large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.display.pointing import PointByDrag

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.display.plane_view import PlaneView
    from napari_vascular_loop.display.scene import Scene


class CanvasMouse:
    """The mouse on the canvases of one scene; to be closed.

    Parameters
    ----------
    scene : Scene
        Whose canvases it listens to, those that come later too.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._by_drag = PointByDrag(scene)
        self._double_click: dict[int, list[Callable[..., None]]] = {}
        for view in scene.views:
            self._take(view)
        scene.view_added.connect(self._take)
        scene.view_removed.connect(self._give_back)

    def close(self) -> None:
        """Take the mouse back from all canvases."""
        self._scene.view_added.disconnect(self._take)
        self._scene.view_removed.disconnect(self._give_back)
        for view in self._scene.views:
            self._give_back(view)

    def _take(self, view: PlaneView) -> None:
        viewer = view.viewer
        viewer.mouse_drag_callbacks.insert(0, self._by_drag.on_press)
        viewer.mouse_move_callbacks.append(self._on_move)
        # napari's double click zooms.
        self._double_click[id(view)] = list(viewer.mouse_double_click_callbacks)
        viewer.mouse_double_click_callbacks[:] = [self._on_double_click]

    def _give_back(self, view: PlaneView) -> None:
        viewer, double_click = view.viewer, self._double_click.pop(id(view), None)
        if viewer is None or double_click is None:
            return
        for callbacks, own in (
            (viewer.mouse_drag_callbacks, self._by_drag.on_press),
            (viewer.mouse_move_callbacks, self._on_move),
        ):
            if own in callbacks:
                callbacks.remove(own)
        viewer.mouse_double_click_callbacks[:] = double_click

    def _on_move(self, viewer: Any, event: Any) -> None:
        """Say the place under the mouse in the status bar; of the main canvas napari does."""
        view, main = self._scene.view_of(viewer), self._scene.viewer
        if viewer is not main and main is not None:
            main.status = view.readout(event.position)

    def _on_double_click(self, viewer: Any, event: Any) -> None:
        view = self._scene.view_of(viewer)
        if view.state() is not None:
            event.handled = True
            self._scene.enlarge_asked.emit(view)
