"""Ties the canvases of a scene to the buttons, the mouse and the settings."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from napari_vascular_loop.display.canvas_mouse import CanvasMouse
from napari_vascular_loop.widgets import settings
from napari_vascular_loop.widgets.plane_bar import PlaneBar
from napari_vascular_loop.widgets.planes_area import PlanesArea

if TYPE_CHECKING:
    from napari_vascular_loop.display.layout import Layout
    from napari_vascular_loop.display.scene import Scene


class _Canvases:
    """The canvases and the mouse of one scene, for all panels that are open on it."""

    def __init__(self, scene: Scene) -> None:
        self.area = PlanesArea(scene, settings.layout())
        self.mouse = CanvasMouse(scene)
        self.users = 0
        if scene.radiological != settings.radiological():
            scene.set_radiological(settings.radiological())

    def let_go(self) -> None:
        """Give mouse and window back to napari, once no panel wants them any more."""
        self.users -= 1
        if not self.users:
            self.mouse.close()
            self.area.let_go()


_canvases: weakref.WeakKeyDictionary[Scene, _Canvases] = weakref.WeakKeyDictionary()


class PlaneControl(QObject):
    """What a panel has to do with planes; to be let go.

    Parameters
    ----------
    scene : Scene
        Whose planes they are.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene
        self.bar = PlaneBar()
        found = _canvases.get(scene)
        self._canvases = found if found is not None and found.users else _Canvases(scene)
        self._canvases.users += 1
        _canvases[scene] = self._canvases
        self.area = self._canvases.area
        self.bar.plane_chosen.connect(scene.set_plane)
        self.bar.convention_chosen.connect(scene.set_radiological)
        self.bar.marks_shown.connect(scene.set_marks_visible)
        self.bar.crosshair_shown.connect(scene.set_crosshair_visible)
        self.bar.layout_chosen.connect(self.area.set_layout)
        self.area.layout_changed.connect(self._on_layout)
        scene.changed.connect(self.show_scene)
        self.show_scene()

    def show_scene(self) -> None:
        """Press the buttons as the scene is."""
        scene = self._scene
        state = scene.state()
        self.bar.show_state(
            state.plane if state else None, scene.radiological, scene.marks_visible, scene.crosshair_visible
        )
        self.bar.show_layout(self.area.layout, self.area.is_possible)

    def toggle_crosshair(self) -> None:
        """Hide or show the lines that show where the other planes cut."""
        self._scene.set_crosshair_visible(not self._scene.crosshair_visible)

    def let_go(self) -> None:
        """Give mouse and window back to napari."""
        self._scene.changed.disconnect(self.show_scene)
        self.area.layout_changed.disconnect(self._on_layout)
        self._canvases.let_go()

    def _on_layout(self, layout: Layout) -> None:
        settings.keep_layout(layout)
        self.show_scene()
