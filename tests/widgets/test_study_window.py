"""The study panel docked in napari's own window: mouse and keys on the real canvas, and closing."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from gestures import bring_forward, copy_of_lesson
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication, QWidget

from napari_vascular_loop.display.layout import Layout
from napari_vascular_loop.domain.answer import Verdict
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.study.results_folder import ResultsFolder
from napari_vascular_loop.study_lesson import open_for_study
from napari_vascular_loop.widgets.study_modes import Mode

pytestmark = pytest.mark.gui

PLUGIN, PANEL = "napari-vascular-loop", "Study"
CALLBACKS = ("mouse_drag_callbacks", "mouse_move_callbacks", "mouse_double_click_callbacks", "mouse_wheel_callbacks")


def canvases(window):
    return [one for one in window.findChildren(QWidget) if type(one).__name__ == "CanvasBackendDesktop"]


def answers():
    return ResultsFolder("synthetic-stand-in").read("")[0].answers


@pytest.mark.slow
def test_places_are_found_with_the_mouse_on_two_canvases_and_with_keys_alone(make_napari_viewer_proxy, qtbot, tmp_path):
    viewer = make_napari_viewer_proxy(show=True)
    _, panel = viewer.window.add_plugin_dock_widget(PLUGIN, PANEL)
    window = panel.window()
    window.resize(1000, 600)
    bring_forward(qtbot, window)
    qtbot.waitUntil(panel.isVisible)
    panel.open_lesson(open_for_study(copy_of_lesson(tmp_path)))
    panel.control.area.set_layout(Layout.ONE_AND_TWO)
    qtbot.wait(100)
    scene, desk = panel.scene, panel.quiz.desk
    panel.modes.chosen.emit(Mode.TOUR)
    note = panel.reader.tour.text.label
    for _ in range(3):
        qtbot.mouseClick(panel.reader.tour.next, Qt.MouseButton.LeftButton)
        qtbot.wait(20)
        assert note.height() >= note.heightForWidth(note.width()), "no line of a note is cut"
    panel.modes.chosen.emit(Mode.FIND)
    qtbot.mouseClick(panel.quiz.start.begin, Qt.MouseButton.LeftButton)
    qtbot.wait(50)

    main = next(one for one in canvases(window) if one.isVisible() and one.width() > 200)
    mark = desk.current.mark
    scene.go_to_ras_mm(mark.geometry.anchor_ras_mm)
    qtbot.wait(50)
    qtbot.mouseClick(main, Qt.MouseButton.LeftButton, pos=QPoint(main.width() // 2, main.height() // 2))
    assert answers()[0].distance_mm < 1.5, "the place is in the middle of the canvas"
    assert panel.quiz.card.verdict.text().startswith("Correct")

    qtbot.keyClick(main, Qt.Key.Key_N)
    mark = desk.current.mark
    beside = next(view for view in scene.views[1:] if view.plane is Plane.SAGITTAL)
    scene.go_to_ras_mm(mark.geometry.anchor_ras_mm)
    qtbot.wait(50)
    small = min((one for one in canvases(window) if one.isVisible()), key=lambda one: -one.mapToGlobal(QPoint()).y())
    zoom = beside.viewer.scene.camera.zoom
    off_px = round(6 * zoom)
    qtbot.mouseClick(small, Qt.MouseButton.LeftButton, pos=QPoint(small.width() // 2 - off_px, small.height() // 2))
    answer = answers()[1]
    off = np.subtract(answer.place_ras_mm, mark.geometry.anchor_ras_mm)
    assert answer.verdict is Verdict.WRONG
    assert off[1] == pytest.approx(off_px / zoom, abs=1.5 / zoom), "on a sagittal picture the nose is on the left"
    assert abs(off[0]) < 1.1
    assert abs(off[2]) < 1.5 / zoom
    assert "The slice is right." in panel.quiz.card.verdict.text()

    main.setFocus()
    qtbot.keyClick(main, Qt.Key.Key_Return)
    assert panel.quiz.card.number.text() == "Question 3 / 8"
    before = scene.main.middle_ras_mm()
    qtbot.keyClick(main, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    moved = np.subtract(scene.main.middle_ras_mm(), before)
    assert moved[0] < 0, "right on a radiological picture is the patient's left"
    qtbot.keyClick(main, Qt.Key.Key_Return)
    assert np.allclose(np.subtract(answers()[2].place_ras_mm, before), moved, atol=0.02)


def test_a_panel_closed_and_opened_again_leaves_nothing_behind(make_napari_viewer_proxy, qtbot, tmp_path):
    viewer = make_napari_viewer_proxy(show=True)
    folder = copy_of_lesson(tmp_path)
    panels, widgets = [], []
    before = {name: list(getattr(viewer, name)) for name in CALLBACKS}
    keys = list(viewer.keymap)
    for _ in range(3):
        dock, panel = viewer.window.add_plugin_dock_widget(PLUGIN, PANEL)
        panel.open_lesson(open_for_study(folder))
        panel.menu.own_marks_asked.emit()
        for mode in (Mode.TOUR, Mode.FIND):
            panel.modes.chosen.emit(mode)
        panel.quiz.start.begin.click()
        scene = panel.scene
        panels.append(weakref.ref(panel))
        dock.destroyOnClose()
        del dock, panel
        qtbot.wait(20)
        qtbot.waitUntil(lambda: _is_gone(panels[-1]), timeout=20_000)
        widgets.append(len(QApplication.allWidgets()))
        assert {name: list(getattr(viewer, name)) for name in CALLBACKS} == before
        assert list(viewer.keymap) == keys
        assert len(scene.changed) == 0
        assert len(scene.volume_changed) == 1, "the slider of time points listens as long as the window lives"
        assert scene.store is None
    assert len(set(widgets[1:])) == 1, f"the number of widgets grows: {widgets}"


def _is_gone(reference):
    gc.collect()
    return reference() is None
