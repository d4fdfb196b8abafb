"""napari's preferences, changed while windows are open: seen at once, on all canvases of all of them."""

from __future__ import annotations

import numpy as np
import pytest
from gestures import Hand, colours_drawn, lesson_on, turn
from napari._qt.dialogs.preferences_dialog import PreferencesDialog
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QCheckBox, QComboBox, QDoubleSpinBox, QMessageBox
from rooms import VOXEL, Room

from napari_vascular_loop.display.layout import Layout
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point

pytestmark = [pytest.mark.gui, pytest.mark.slow]


class Preferences:
    """napari's dialog, opened at this plugin's page."""

    def __init__(self, qtbot):
        self.dialog = PreferencesDialog()
        qtbot.addWidget(self.dialog)
        names = [self.dialog._list.item(n).text() for n in range(self.dialog._list.count())]
        self.page = self.dialog._stack.widget(names.index("Vascular loop"))

    def form(self, group):
        for form in self.page.findChildren(object):
            widgets = getattr(form, "widgets", None)
            if isinstance(widgets, dict) and group in widgets:
                return widgets
        raise AssertionError(f"no form with {group}")


def inks_of(view):
    """Colours, without the clear ones, of what is drawn on a canvas, in the order of drawing."""
    colours = colours_drawn(view.viewer)
    return [tuple(np.round(colour[:3], 2)) for colour in colours[colours[:, 3] > 0.9]]


@pytest.fixture
def rooms(make_napari_viewer):
    """Two windows, of three canvases and of one, with an arrow that all of them show, and a point 2 slices off."""
    found = []
    for layout in (Layout.ONE_AND_TWO, Layout.ONE):
        room = Room(make_napari_viewer, layout)
        place = room.ras(VOXEL)
        arrow = Annotation(Arrow(tuple(place + np.array([3.0, 2.5, 2.0])), tuple(place)), "head", "Arrow")
        point = Annotation(Point(tuple(room.ras((VOXEL[0], VOXEL[1] + 3, VOXEL[2] + 2)))), "head", "Two slices up")
        room.panel.show_lesson(lesson_on(room.volume, arrow, point), None)
        room.arrow, room.point = arrow, point
        room.scene.go_to(arrow)
        for model in room.models:
            model.scene.camera.zoom = 9.0
        found.append(room)
    return found


def test_what_is_changed_in_the_preferences_is_seen_at_once(qtbot, rooms, monkeypatch):
    preferences = Preferences(qtbot)
    display = preferences.form("fade_mm")
    views = [view for room in rooms for view in room.scene.views]
    assert len(views) == 4

    # Black arrows become white.
    before = [inks_of(view) for view in views]
    marks = display["marks"]
    assert isinstance(marks, QComboBox)
    marks.setCurrentText("white")
    for view, inks in zip(views, before, strict=True):
        assert inks_of(view) != inks
    assert [room.scene.mark_style.ink for room in rooms] == ["#FFFFFF", "#FFFFFF"]

    # The point two slices (4.6 mm) off comes and goes with the reach of the fading.
    def sees_point(room):
        return any(mark.annotation.id == room.point.id for mark in room.scene.visible_marks())

    fade = display["fade_mm"]
    assert isinstance(fade, QDoubleSpinBox)
    assert not any(sees_point(room) for room in rooms)
    fade.setValue(8.0)
    assert all(sees_point(room) for room in rooms)
    faint = [mark.opacity for mark in rooms[0].scene.visible_marks() if mark.annotation.id == rooms[0].point.id]
    assert 0.35 < faint[0] < 0.9
    fade.setValue(0.0)
    assert not any(sees_point(room) for room in rooms)
    assert all(len(room.scene.visible_marks()) == 1 for room in rooms), "the arrow, on its slice"

    # The wheel zooms in place of going through the slices, on each canvas.
    wheel = display["wheel"]
    for view in views:
        index = view.state().index
        turn(view.viewer, 1.0)
        assert view.state().index == index + 1
        turn(view.viewer, -1.0)
    wheel.setCurrentText("zoom")
    for view in views:
        index, zoom = view.state().index, view.viewer.scene.camera.zoom
        turn(view.viewer, 1.0)
        assert (view.state().index, view.viewer.scene.camera.zoom > zoom) == (index, True)

    # The right button zooms in place of changing the grey scale.
    def dragged(room, view):
        before, hand = room.scene.grey.window, Hand(view.viewer)
        place = np.array(view.viewer.dims.point, dtype=float)
        hand.press(place, button=2)
        hand.move(place + 5.0)
        hand.release(place + 5.0, button=2)
        return room.scene.grey.window != before

    assert all(dragged(room, view) for room in rooms for view in room.scene.views)
    display["right_drag"].setCurrentText("zoom")
    assert not any(dragged(room, view) for room in rooms for view in room.scene.views)

    # Snapping is switched by a button, a key or here, in all windows.
    snap = display["snap_to_slice"]
    buttons = [room.panel.bar.snap for room in rooms]
    assert all(button.isChecked() for button in buttons)
    qtbot.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    assert not any(button.isChecked() for button in buttons)
    assert not snap.isChecked()
    snap.setChecked(True)
    assert [room.scene.snap_to_slice for room in rooms] == [True, True]
    canvas = rooms[0].viewer.window._qt_viewer.canvas.native
    qtbot.keyClick(canvas, Qt.Key.Key_S)
    assert [button.isChecked() for button in buttons] == [False, False]

    # Left and right change places; what a window's own button says stays until this very setting changes.
    rooms[1].panel.planes.convention_chosen.emit(False)
    assert not rooms[1].scene.radiological
    marks.setCurrentText("black")
    assert not rooms[1].scene.radiological
    radiological = display["radiological"]
    assert isinstance(radiological, QCheckBox)
    radiological.setChecked(False)
    assert [room.scene.radiological for room in rooms] == [False, False]

    # Restoring the defaults counts as well as choosing.
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.RestoreDefaults)
    preferences.dialog._restore_default_dialog()
    QApplication.processEvents()
    assert [room.scene.radiological for room in rooms] == [True, True]
    assert [room.scene.fade_mm for room in rooms] == [3.0, 3.0]
    assert [room.scene.mark_style.ink for room in rooms] == ["#000000", "#000000"]
    assert all(room.panel.control._canvases.mouse.wheel_steps for room in rooms)

    # A window whose panel is closed is left alone.
    rooms[1].viewer.window.remove_dock_widget(rooms[1].panel)
    display["marks"].setCurrentText("white")
    assert [room.scene.mark_style.ink for room in rooms] == ["#FFFFFF", "#000000"]
