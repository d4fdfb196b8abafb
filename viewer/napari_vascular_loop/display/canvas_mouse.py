"""What the mouse does on every canvas, whatever the tool: slices, zoom, grey scale, places, one canvas large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.display.pointing import PointByDrag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_vascular_loop.display.plane_view import PlaneView
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
        self._wheel: dict[int, list[Callable[..., None]]] = {}
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
        viewer.mouse_drag_callbacks.insert(0, self._on_right_drag)
        viewer.mouse_move_callbacks.append(self._on_move)
        # napari's own would step through the slices once more.
        self._wheel[id(view)] = list(viewer.mouse_wheel_callbacks)
        viewer.mouse_wheel_callbacks[:] = [self._on_wheel]
        # napari's double click zooms.
        self._double_click[id(view)] = list(viewer.mouse_double_click_callbacks)
        viewer.mouse_double_click_callbacks[:] = [self._on_double_click]

    def _give_back(self, view: PlaneView) -> None:
        viewer, double_click = view.viewer, self._double_click.pop(id(view), None)
        if viewer is None or double_click is None:
            return
        for callbacks, own in (
            (viewer.mouse_drag_callbacks, self._by_drag.on_press),
            (viewer.mouse_drag_callbacks, self._on_right_drag),
            (viewer.mouse_move_callbacks, self._on_move),
        ):
            if own in callbacks:
                callbacks.remove(own)
        viewer.mouse_double_click_callbacks[:] = double_click
        viewer.mouse_wheel_callbacks[:] = self._wheel.pop(id(view), [])

    def _on_move(self, viewer: Any, event: Any) -> None:
        """Say the place under the mouse in the status bar; of the main canvas napari does."""
        view, main = self._scene.view_of(viewer), self._scene.viewer
        if viewer is not main and main is not None:
            main.status = view.readout(event.position)

    def _on_wheel(self, viewer: Any, event: Any) -> None:
        """Go through the slices, or zoom; with other keys, and in 3-D, the wheel stays napari's."""
        view, keys = self._scene.view_of(viewer), tuple(event.modifiers)
        if view.state() is None or viewer.dims.ndisplay != 2 or keys not in ((), ("Control",)):
            for callback in self._wheel.get(id(view), ()):
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
