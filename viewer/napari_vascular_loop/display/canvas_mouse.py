"""What the mouse does on every canvas, whatever the tool: slices, zoom, grey scale, places, one canvas large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.display.canvas_callbacks import CanvasCallbacks
from napari_vascular_loop.display.pointing import PointByDrag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_vascular_loop.display.scene import Scene


_ZOOM_A_NOTCH = 1.15


class CanvasMouse:
    """The mouse on the canvases of one scene; to be closed.

    Parameters
    ----------
    scene : Scene
        Whose canvases it listens to, those that come later too.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.wheel_steps = True
        """Whether the plain wheel goes through the slices, and Ctrl with it zooms; else the other way round."""
        self.right_drag_windows = True
        """Whether dragging with the right button changes window and level; else napari zooms."""
        self._by_drag = PointByDrag(scene)
        self._turned = 0.0
        # napari's own wheel would step through the slices once more, and its double click zooms.
        self._callbacks = CanvasCallbacks(
            scene,
            drag=(self._on_right_drag, self._by_drag.on_press),
            move=(self._on_move,),
            wheel=self._on_wheel,
            double_click=self._on_double_click,
        )

    def close(self) -> None:
        """Take the mouse back from all canvases."""
        self._callbacks.close()

    def _on_move(self, viewer: Any, event: Any) -> None:
        """Say the place under the mouse in the status bar; of the main canvas napari does."""
        view, main = self._scene.view_of(viewer), self._scene.viewer
        if viewer is not main and main is not None:
            main.status = view.readout(event.position)

    def _on_wheel(self, viewer: Any, event: Any) -> None:
        """Go through the slices, or zoom; with other keys, and in 3-D, the wheel stays napari's."""
        view, keys = self._scene.view_of(viewer), tuple(event.modifiers)
        if view.state() is None or viewer.dims.ndisplay != 2 or keys not in ((), ("Control",)):
            for callback in self._callbacks.others(view, "wheel"):
                callback(viewer, event)
            return
        event.handled = True
        turned = float(event.delta[1])
        if bool(keys) is self.wheel_steps:
            view.zoom_at(event.position, _ZOOM_A_NOTCH**turned)
            return
        # A touch pad turns in small parts of a notch.
        self._turned += turned
        slices, self._turned = int(self._turned), self._turned - int(self._turned)
        if slices:
            view.step(slices)

    def _on_right_drag(self, viewer: Any, event: Any) -> Iterator[None]:
        """Change window and level while the right button is held down."""
        start = self._scene.grey.window
        if event.button != 2 or event.modifiers or not self.right_drag_windows or start is None:
            return
        x, y = event.pos
        event.handled = True
        yield
        while event.type == "mouse_move":
            self._scene.grey.drag(start, event.pos[0] - x, event.pos[1] - y)
            event.handled = True
            yield

    def _on_double_click(self, viewer: Any, event: Any) -> None:
        view = self._scene.view_of(viewer)
        if view.state() is not None:
            event.handled = True
            self._scene.enlarge_asked.emit(view)
