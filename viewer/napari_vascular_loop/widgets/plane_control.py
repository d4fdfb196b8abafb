"""Ties the canvases of a scene to the buttons, the mouse and the settings."""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QShortcut

from napari_vascular_loop.display.canvas_mouse import CanvasMouse
from napari_vascular_loop.display.layout import Layout
from napari_vascular_loop.display.slab import can_be_thick
from napari_vascular_loop.domain.contrast import GreyPreset
from napari_vascular_loop.widgets import settings
from napari_vascular_loop.widgets.key_page import KeyPage
from napari_vascular_loop.widgets.key_table import BLOCKED, GREY, PLANES, SLICES, Key
from napari_vascular_loop.widgets.keys import CanvasKeys
from napari_vascular_loop.widgets.main_window import main_window
from napari_vascular_loop.widgets.plane_bar import PlaneBar
from napari_vascular_loop.widgets.planes_area import PlanesArea

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtWidgets import QPushButton

    from napari_vascular_loop.display.plane_view import PlaneView
    from napari_vascular_loop.display.scene import Scene


_AT_REST_AFTER_MS = 120
"""Who goes through the slices by the wheel or a held key takes the next one sooner."""
_SETTINGS_AFTER_MS = 400
"""Until then a panel that has just been opened is drawn, and has what the settings say from their file."""


class _Canvases:
    """The canvases and the mouse of one scene, for all panels that are open on it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.area = PlanesArea(scene, settings.layout())
        self.mouse = CanvasMouse(scene)
        self._shortcut: QShortcut | None = None
        window = main_window(scene.viewer)
        if window is not None:
            # napari's canvas knows no question mark. Held weakly: the shortcut goes with the window only.
            show = weakref.WeakMethod(self.show_keys)
            self._shortcut = QShortcut(QKeySequence("?"), window)
            self._shortcut.activated.connect(lambda: (found := show()) and found())
        table = [*SLICES, *PLANES, *GREY, Key("help", ("F1",), "")]
        self.keys = CanvasKeys(scene, table, self._acts(scene), BLOCKED)
        self.users = 0
        self._radiological: bool | None = None
        self._listens = False
        self._follow_settings()
        self._rest = QTimer()
        self._rest.setSingleShot(True)
        self._rest.setInterval(_AT_REST_AFTER_MS)
        self._rest.timeout.connect(scene.redraw)
        scene.labels_wait.connect(self._await_rest)
        self._loading = QTimer()
        self._loading.setSingleShot(True)
        self._loading.timeout.connect(self._listen_to_settings)
        if settings.are_loaded():
            self._listen_to_settings()
        else:
            self._loading.start(_SETTINGS_AFTER_MS)

    def _await_rest(self) -> None:
        """Draw once more when no further slice has come for a moment."""
        self._rest.start()

    def _listen_to_settings(self) -> None:
        """Follow the settings from now on."""
        settings.on_display_changed(self._follow_settings)
        self._listens = True
        self._follow_settings()

    def _follow_settings(self, _event: Any = None) -> None:
        """Do as the settings want it, when the window is opened and whenever one is changed."""
        scene = self.scene
        self.mouse.wheel_steps = settings.wheel_steps()
        self.mouse.right_drag_windows = settings.right_drag_windows()
        scene.set_mark_style(settings.mark_style())
        scene.set_fade_mm(settings.fade_mm())
        scene.set_snap_to_slice(settings.snap_to_slice())
        # The button in a window says it for that window only: another setting that changes leaves it alone.
        before, self._radiological = self._radiological, settings.radiological()
        if self._radiological not in (before, scene.radiological):
            scene.set_radiological(self._radiological)

    def show_keys(self, _view: PlaneView | None = None) -> None:
        """Open the page of all keys."""
        KeyPage(main_window(self.scene.viewer)).show()

    def show_go_to(self, _view: PlaneView | None = None) -> None:
        """Open the box in which one asks for a structure."""
        from napari_vascular_loop.widgets.go_to import go_to_box

        go_to_box(self.scene)

    def _acts(self, scene: Scene) -> dict[str, Callable[[PlaneView], object]]:
        """What each key of the table does."""
        acts: dict[str, Callable[[PlaneView], object]] = {
            "slice on": lambda view: view.step(1),
            "slice back": lambda view: view.step(-1),
            "five on": lambda view: view.step(5),
            "five back": lambda view: view.step(-5),
            "first slice": lambda view: view.show_slice(0),
            "last slice": lambda view: view.show_last_slice(),
            "whole": lambda view: view.show_whole(),
            "crosshair": lambda _view: scene.set_crosshair_visible(not scene.crosshair_visible),
            "slab kind": lambda _view: scene.set_slab(scene.slab.next_kind()),
            "thicker": lambda _view: scene.set_slab(scene.slab.thicker(1)),
            "thinner": lambda _view: scene.set_slab(scene.slab.thicker(-1)),
            "go to": self.show_go_to,
            "help": self.show_keys,
        }
        for number, layout in enumerate(Layout, start=1):
            acts[f"layout {number}"] = partial(_with, self.area.set_layout, layout)
        for number, preset in enumerate(GreyPreset, start=1):
            acts[f"preset {number}"] = partial(_with, scene.grey.set_preset, preset)
        return acts

    def let_go(self) -> None:
        """Give mouse and window back to napari, once no panel wants them any more."""
        self.users -= 1
        if not self.users:
            self._loading.stop()
            self.scene.labels_wait.disconnect(self._await_rest)
            self._rest.stop()
            if self._listens:
                settings.off_display_changed(self._follow_settings)
            self.keys.close()
            self.mouse.close()
            if self._shortcut is not None:
                self._shortcut.deleteLater()
            self.area.let_go()


def _with(act: Callable[[Any], object], value: Any, _view: PlaneView) -> None:
    act(value)


_canvases: weakref.WeakValueDictionary[int, _Canvases] = weakref.WeakValueDictionary()
"""Those in use, by the id of their scene."""


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
        self._snap: QPushButton | None = None
        found = _canvases.get(id(scene))
        self._canvases = found if found is not None and found.users and found.scene is scene else _Canvases(scene)
        self._canvases.users += 1
        _canvases[id(scene)] = self._canvases
        self.area = self._canvases.area
        self.bar.plane_chosen.connect(scene.set_plane)
        self.bar.convention_chosen.connect(scene.set_radiological)
        self.bar.marks_shown.connect(scene.set_marks_visible)
        self.bar.crosshair_shown.connect(scene.set_crosshair_visible)
        self.bar.layout_chosen.connect(self.area.set_layout)
        self.bar.help_asked.connect(self._canvases.show_keys)
        self.bar.grey.preset_chosen.connect(scene.grey.set_preset)
        self.bar.grey.slab_chosen.connect(scene.set_slab)
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
        self.bar.grey.show_slab(scene.slab, can_be_thick(scene.volume))
        if self._snap is not None:
            self._snap.setChecked(scene.snap_to_slice)

    def serve_snap(self, button: QPushButton) -> None:
        """Have a button say whether marks are snapped to the slice, and change that, in all windows."""
        self._snap = button
        button.clicked.connect(self.set_snap)
        self.show_scene()

    def set_snap(self, snap: bool) -> None:
        """Snap marks to the slice from now on, or don't."""
        self._scene.set_snap_to_slice(snap)
        settings.keep_snap_to_slice(snap)

    def show_go_to(self) -> None:
        """Open the box in which one asks for a structure."""
        self._canvases.show_go_to()

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
