"""The whole panel, with three planes, 3-D and a lesson, opened and closed again and again in one window."""

from __future__ import annotations

import gc
import threading
import weakref
from pathlib import Path

import pytest
from gestures import copy_of_lesson
from napari._app_model._app import NapariApplication
from napari.qt import QtViewer
from qtpy.QtCore import QObject, QTimer
from qtpy.QtWidgets import QApplication, QShortcut

from napari_vascular_loop.display.layout import Layout
from napari_vascular_loop.display.solid_planes import PLANES_LAYER
from napari_vascular_loop.display.solid_view import Solid
from napari_vascular_loop.lessons import open_lesson
from napari_vascular_loop.widgets.settings import keep_layout
from napari_vascular_loop.widgets.solid_row import SolidRow

pytestmark = pytest.mark.gui

TIMES = 10
"""In the long run fifty."""

SETTLED = 3
"""After so many times all that is made once, and then kept, is there."""

MOST_KB_EACH = 1500
"""A canvas alone holds more; what is left is how the system hands out memory, and some of napari's own."""
CALLBACKS = ("mouse_drag_callbacks", "mouse_move_callbacks", "mouse_double_click_callbacks", "mouse_wheel_callbacks")


def listeners(emitters):
    return sum(len(emitter.callbacks) for emitter in emitters.emitters.values())


def state_of(viewer):
    """What a panel could leave behind in a viewer, its window, and the program."""
    window = viewer.window.main_menu.window()
    return {
        "viewer": listeners(viewer.events),
        "layer list": listeners(viewer.layers.events),
        "selection": listeners(viewer.layers.selection.events),
        "each layer": {layer.name: listeners(layer.events) for layer in viewer.layers},
        "dims": listeners(viewer.dims.events),
        "camera": listeners(viewer.scene.camera.events),
        "canvas": listeners(viewer.canvas.events),
        "overlays": sorted(viewer.canvas.overlays),
        "mouse": {name: list(getattr(viewer, name)) for name in CALLBACKS},
        "keys": {str(key) for key in viewer.keymap},
        "docks": sorted(viewer.window.dock_widgets),
        "canvases of napari": len(QtViewer._instances),
        "widgets": len(QApplication.allWidgets()),
        "Qt objects": len(window.findChildren(QObject)),
        "shortcuts": len(window.findChildren(QShortcut)),
        "timers that run": sum(timer.isActive() for timer in window.findChildren(QTimer)),
        "threads": sorted(thread.name for thread in threading.enumerate()),
    }


def resident_kb():
    """Memory that the process holds; None where the system does not tell."""
    told = Path("/proc/self/status")
    line = (
        next((line for line in told.read_text().splitlines() if line.startswith("VmRSS")), "") if told.exists() else ""
    )
    return int(line.split()[1]) if line else None


def open_and_close(viewer, qtbot, folder=None):
    """Open the panel with all its canvases, and close it; gives what has to be gone after that, and what stays."""
    dock, panel = viewer.window.add_plugin_dock_widget("napari-vascular-loop", "Lesson panel")
    if folder is not None:
        panel.open_lesson(open_lesson(folder))
    qtbot.waitUntil(lambda: len(panel.scene.views) == 4, timeout=60_000)
    assert panel.marks.count() == 8, "the lesson is still there when the panel comes back"
    assert all(view.viewer.layers for view in panel.scene.views)
    made = [panel, panel.tools, panel.control, panel.control.area, panel.pane, *panel.scene.views[1:]]
    made += [view.viewer for view in panel.scene.views[1:]]
    went, scene, store = [weakref.ref(each) for each in made], panel.scene, panel.store
    dock.destroyOnClose()
    # The tests' stand-in for napari's application remembers each time it was asked for.
    NapariApplication.get_app_model.reset_mock()
    return went, scene, store


def are_gone(references):
    gc.collect()
    return not any(one() is not None for one in references)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("times", [TIMES, pytest.param(50, marks=pytest.mark.long)])
def test_a_panel_opened_and_closed_many_times_leaves_nothing_behind(make_napari_viewer, qtbot, tmp_path, times):
    viewer = make_napari_viewer(show=True)
    # Out of sight: what matters is whether all goes that was made, and software takes seconds to draw 3-D.
    viewer.window.main_menu.window().hide()
    keep_layout(Layout.THREE_AND_SOLID)
    mouse = {name: list(getattr(viewer, name)) for name in CALLBACKS}
    went, scene, store = open_and_close(viewer, qtbot, copy_of_lesson(tmp_path))
    settled = memory = None
    for number in range(1, times):
        qtbot.waitUntil(lambda went=went: are_gone(went), timeout=20_000)
        left = state_of(viewer)
        left["scene"] = [len(each) for each in (scene.volume_changed, scene.place_changed, scene.view_added)]
        assert left["mouse"] == mouse
        assert len(scene.views) == 1
        assert len(scene.changed) == 0
        assert (len(store.annotations_changed), len(store.selection_changed)) == (1, 1), "the scene alone listens"
        assert len(store.save_state_changed) == 0
        if number == SETTLED:
            settled, memory = left, resident_kb()
            # What there is now is not looked through again at each turn.
            gc.freeze()
        elif number > SETTLED:
            assert left == settled, f"after {number} times"
        went, scene, store = open_and_close(viewer, qtbot)
    gc.unfreeze()
    assert scene.visible_marks(), "the marks stay on the image without the panel"
    if memory is not None:
        grown = (resident_kb() - memory) / (times - SETTLED)
        assert grown < MOST_KB_EACH, f"{grown:.0f} kB more at each time"


def test_a_canvas_that_was_drawn_gives_back_what_it_was_drawn_with(make_napari_viewer, qtbot, tmp_path):
    viewer = make_napari_viewer(show=True)
    dock, panel = viewer.window.add_plugin_dock_widget("napari-vascular-loop", "Lesson panel")
    panel.open_lesson(open_lesson(copy_of_lesson(tmp_path)))
    panel.control.area.set_layout(Layout.THREE)
    qtbot.wait(200)
    drawn = [canvas.qt_viewer.canvas._scene_canvas.context.shared.parser for canvas in panel.control.area.canvases]
    programs = [len(parser._objects) for parser in drawn]
    assert len(programs) == 2
    assert min(programs) > 10, "textures, buffers and programs"
    dock.destroyOnClose()
    del dock, panel
    qtbot.wait(50)
    assert [len(parser._objects) for parser in drawn] == [0, 0]


def test_the_buttons_above_the_canvas_in_3d_choose_what_it_shows(make_napari_viewer, qtbot, tmp_path):
    viewer = make_napari_viewer()
    keep_layout(Layout.THREE_AND_SOLID)
    _, panel = viewer.window.add_plugin_dock_widget("napari-vascular-loop", "Lesson panel")
    panel.open_lesson(open_lesson(copy_of_lesson(tmp_path)))
    qtbot.waitUntil(lambda: len(panel.scene.views) == 4, timeout=60_000)
    canvas = panel.control.area.canvases[-1]
    buttons = canvas.findChild(SolidRow).buttons
    image, slices = canvas.model.layers[0], canvas.model.layers[PLANES_LAYER]
    assert buttons[Solid.PLANES].isChecked()
    for kind, seen in ((Solid.MIP, (True, False)), (Solid.VOLUME, (True, False)), (Solid.PLANES, (False, True))):
        buttons[kind].click()
        assert (image.visible, slices.visible) == seen
        assert [each for each in Solid if buttons[each].isChecked()] == [kind]
