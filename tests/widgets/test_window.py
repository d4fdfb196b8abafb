"""The panel docked in napari's own window: mouse and keys on the real canvas, closing, the whole story."""

from __future__ import annotations

import numpy as np
import pytest
from gestures import bring_forward, copy_of_lesson, drawn
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent, QTextCursor
from qtpy.QtWidgets import QApplication, QPushButton, QWidget

from napari_vascular_loop.display.tools import Tool
from napari_vascular_loop.domain.annotation import Arrow, Path, Point
from napari_vascular_loop.domain.volume import Volume
from napari_vascular_loop.lessons import STAND_IN_LESSON, lesson_volume, open_lesson, open_shipped_lesson

pytestmark = pytest.mark.gui

PLUGIN, PANEL = "napari-vascular-loop", "Lesson panel"
CALLBACKS = ("mouse_drag_callbacks", "mouse_move_callbacks", "mouse_double_click_callbacks", "mouse_wheel_callbacks")
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


class Desk:
    """A shown window with the panel on the right, and hands on mouse and keyboard."""

    def __init__(self, viewer, qtbot):
        self.viewer, self.qtbot = viewer, qtbot
        self.dock, self.panel = viewer.window.add_plugin_dock_widget(PLUGIN, PANEL)
        self.window = self.panel.window()
        self.window.resize(1200, 800)
        bring_forward(qtbot, self.window)
        qtbot.waitUntil(self.panel.isVisible)
        self.canvas = next(
            widget for widget in self.window.findChildren(QWidget) if type(widget).__name__ == "CanvasBackendDesktop"
        )

    def open(self, folder):
        self.panel.open_lesson(open_lesson(folder))
        self.qtbot.wait(50)

    def key(self, key, modifiers=Qt.KeyboardModifier.NoModifier):
        self.canvas.setFocus()
        self.qtbot.keyClick(self.canvas, key, modifiers)

    def at(self, right_px, down_px):
        """A place on the canvas, from its middle."""
        return QPoint(self.canvas.width() // 2 + right_px, self.canvas.height() // 2 + down_px)

    def click(self, place):
        self.qtbot.mouseClick(self.canvas, LEFT, pos=place)

    def move(self, place, buttons=Qt.MouseButton.NoButton):
        """Move the mouse; sent as an event, since a screen in memory has no pointer to be led."""
        local, on_screen = QPointF(place), QPointF(self.canvas.mapToGlobal(place))
        none, no_key = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(QEvent.Type.MouseMove, local, on_screen, none, buttons, no_key)
        QApplication.sendEvent(self.canvas, event)

    def drag(self, start, end):
        self.qtbot.mousePress(self.canvas, LEFT, pos=start)
        for part in (0.2, 0.6, 1.0):
            self.move(start + (end - start) * part, LEFT)
        self.qtbot.mouseRelease(self.canvas, LEFT, pos=end)

    def double_click(self, place):
        self.click(place)
        self.qtbot.mouseDClick(self.canvas, LEFT, pos=place)

    def ras_mm(self, place):
        """True place of a pixel on an axial slice in the radiological convention, from camera and canvas alone."""
        camera = self.viewer.scene.camera
        mm_per_pixel = 1 / camera.zoom
        a = camera.center[-2] - (place.y() - self.canvas.height() / 2) * mm_per_pixel
        r = camera.center[-1] - (place.x() - self.canvas.width() / 2) * mm_per_pixel
        return np.array([r, a, self.viewer.dims.point[0]])

    def select_words(self, words):
        article = self.panel.article
        start = article.toPlainText().index(words)
        cursor = QTextCursor(article.document())
        cursor.setPosition(start)
        cursor.setPosition(start + len(words), QTextCursor.MoveMode.KeepAnchor)
        article.setTextCursor(cursor)

    def push(self, name):
        button = next(b for b in self.panel.findChildren(QPushButton) if b.accessibleName() == name)
        self.qtbot.mouseClick(button, LEFT)


@pytest.fixture
def desk(make_napari_viewer_proxy, qtbot):
    desk = Desk(make_napari_viewer_proxy(show=True), qtbot)
    yield desk
    desk.__dict__.clear()


def test_the_whole_story_from_the_first_mark_to_the_next_day(desk, tmp_path, make_napari_viewer_proxy, qtbot):
    folder = copy_of_lesson(tmp_path)
    desk.open(folder)
    panel, store = desk.panel, desk.panel.store
    # Far from the marks that are there, so that none is grabbed.
    desk.viewer.dims.set_point(0, -28.0)
    assert not panel.scene.visible_marks()

    desk.key(Qt.Key.Key_A)
    assert panel.tools.tool is Tool.ARROW
    tail, tip = desk.at(-60, -40), desk.at(30, 20)
    desk.drag(tail, tip)
    arrow = store.selected
    assert isinstance(arrow.geometry, Arrow)
    pixel_mm = 1 / desk.viewer.scene.camera.zoom
    places = [arrow.geometry.tail_ras_mm, arrow.geometry.tip_ras_mm]
    expected = np.array([desk.ras_mm(tail), desk.ras_mm(tip)])
    np.testing.assert_allclose(np.array(places)[:, :2], expected[:, :2], atol=pixel_mm)
    assert abs(places[0][2] - -28.0) <= 0.4 + 1e-6
    qtbot.keyClicks(panel.form.label, "New arrow")
    qtbot.keyClick(panel.form.label, Qt.Key.Key_Return)

    words = "A loop beside the nerve is common in people without any symptoms"
    desk.select_words(words)
    desk.push("Link")

    desk.key(Qt.Key.Key_L)
    desk.click(desk.at(-80, 60))
    desk.click(desk.at(-20, 90))
    zoom = desk.viewer.scene.camera.zoom
    desk.double_click(desk.at(60, 100))
    path = store.selected
    assert isinstance(path.geometry, Path)
    assert len(path.geometry.vertices_ras_mm) == 3
    assert desk.viewer.scene.camera.zoom == zoom
    panel.form.note.setFocus()
    panel.form.note.setPlainText("Three places.\nTwo lines, a dash – and an é.")

    desk.key(Qt.Key.Key_P)
    desk.click(desk.at(90, -80))
    assert isinstance(store.selected.geometry, Point)
    desk.key(Qt.Key.Key_Z, CTRL)
    assert len(store.annotations) == 10
    desk.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert len(store.annotations) == 11

    before = store.annotations
    assert before[8].label == "New arrow"
    assert [passage.exact for passage in before[8].passages] == [words]
    assert before[9].note == "Three places.\nTwo lines, a dash – and an é."
    article = panel.article.toPlainText()
    assert panel.saved.label.text().startswith("Saved")
    desk.viewer.close()

    next_day = Desk(make_napari_viewer_proxy(show=True), qtbot)
    next_day.open(folder)
    assert next_day.panel.store.annotations == before, "every mark, link and text, to the last digit"
    assert next_day.panel.article.toPlainText() == article
    assert next_day.panel.marks.count() == 11
    next_day.panel.marks.choose_row(8)
    assert next(mark.annotation.label for mark in next_day.panel.scene.visible_marks()) == "New arrow"
    next_day.__dict__.clear()


def test_keys_on_the_canvas(desk, tmp_path):
    desk.open(copy_of_lesson(tmp_path))
    panel, store = desk.panel, desk.panel.store
    for key, tool in (
        (Qt.Key.Key_A, Tool.ARROW),
        (Qt.Key.Key_P, Tool.POINT),
        (Qt.Key.Key_L, Tool.PATH),
        (Qt.Key.Key_G, Tool.REGION),
        (Qt.Key.Key_Escape, Tool.BROWSE),
    ):
        desk.key(key)
        assert panel.tools.tool is tool
        assert panel.hint.text() == tool.value
    desk.key(Qt.Key.Key_H)
    assert not panel.scene.marks_visible
    desk.key(Qt.Key.Key_H)
    assert panel.scene.marks_visible

    store.select(store.annotations[-1].id)
    desk.key(Qt.Key.Key_Delete)
    assert len(store.annotations) == 7
    desk.key(Qt.Key.Key_Z, CTRL)
    assert len(store.annotations) == 8

    store.select(store.annotations[0].id)
    desk.select_words("Real nerves are not as plain")
    desk.key(Qt.Key.Key_L, CTRL)
    assert [p.exact for p in store.annotations[0].passages][1:] == ["Real nerves are not as plain"]

    store.select(None)
    desk.viewer.dims.set_point(0, -28.0)
    desk.key(Qt.Key.Key_L)
    desk.click(desk.at(-50, 0))
    desk.click(desk.at(50, 10))
    desk.key(Qt.Key.Key_Return)
    assert len(store.annotations) == 9
    assert len(store.annotations[-1].geometry.vertices_ras_mm) == 2

    # What napari itself does with axes must not falsify the picture.
    for key in (Qt.Key.Key_E, Qt.Key.Key_T):
        desk.key(key, CTRL)
        plane = panel.scene.state().plane
        expected = {"AXIAL": ("R", "A"), "CORONAL": ("R", "S"), "SAGITTAL": ("A", "S")}[plane.name]
        assert (panel.scene.text("edge_left"), panel.scene.text("edge_top")) == expected
        assert desk.viewer.dims.order[1] < desk.viewer.dims.order[2]


def test_keys_typed_into_a_field_are_text_not_commands(desk, tmp_path, qtbot):
    desk.open(copy_of_lesson(tmp_path))
    panel = desk.panel
    panel.store.select(panel.store.annotations[0].id)
    panel.tabs.setCurrentWidget(panel.form)
    panel.form.label.clear()
    qtbot.keyClicks(panel.form.label, "HALPG hal")
    qtbot.keyClick(panel.form.label, Qt.Key.Key_Delete)
    assert panel.form.label.text() == "HALPG hal"
    assert panel.tools.tool is Tool.BROWSE
    assert panel.scene.marks_visible
    assert len(panel.store.annotations) == 8


def test_the_status_bar_tells_the_place_under_the_mouse(desk, tmp_path, qtbot):
    desk.open(copy_of_lesson(tmp_path))
    place = desk.at(40, 30)
    desk.viewer.mouse_over_canvas = True
    desk.move(place)
    desk.viewer.update_status_from_cursor()
    said = desk.viewer.status["coordinates"].split("|")[0].replace(" mm", "").split()
    signs = {"R": 1, "L": -1, "A": 1, "P": -1, "S": 1, "I": -1}
    ras_mm = [signs[letter] * float(number) for letter, number in zip(said[::2], said[1::2], strict=True)]
    np.testing.assert_allclose(ras_mm[:2], desk.ras_mm(place)[:2], atol=1 / desk.viewer.scene.camera.zoom)


@pytest.mark.parametrize("close", ["the dock", "the window"])
def test_text_that_is_being_typed_is_kept_when_one_closes(close, desk, tmp_path, qtbot):
    folder = copy_of_lesson(tmp_path)
    desk.open(folder)
    panel = desk.panel
    panel.store.select(panel.store.annotations[2].id)
    panel.tabs.setCurrentWidget(panel.form)
    panel.form.label.selectAll()
    qtbot.keyClicks(panel.form.label, "half typed")
    panel.form.note.setPlainText("half a note")
    if close == "the dock":
        desk.dock.destroyOnClose()
    else:
        desk.viewer.close()
    saved = open_lesson(folder).annotations[2]
    assert (saved.label, saved.note) == ("half typed", "half a note")


@pytest.mark.gui
def test_opening_a_second_volume_keeps_the_layer_list_in_step_and_the_marks_on_top(make_napari_viewer, qtbot):
    from qtpy.QtWidgets import QAbstractItemView

    viewer = make_napari_viewer(show=True)
    _, panel = viewer.window.add_plugin_dock_widget("napari-vascular-loop", "Lesson panel")
    store = open_shipped_lesson(STAND_IN_LESSON)
    panel.open_lesson(store)
    qtbot.wait(50)
    store.select(store.annotations[0].id)
    qtbot.wait(50)
    # With other slices, so that napari moves its slider while it adds the layer.
    matrix = np.diag([1.7, 1.7, 1.5, 1.0])
    matrix[:3, 3] = (-80, -90, -92.3)
    other = Volume(np.random.default_rng(0).integers(0, 99, (60, 60, 90)).astype(np.int16), matrix)
    panel.scene.show_volume(other, "another head")
    qtbot.wait(50)
    assert "This is not the volume" in panel.message.text()
    panel.scene.show_volume(lesson_volume(store), "the same once more")
    qtbot.wait(50)
    assert panel.message.text() == ""
    assert drawn(viewer)
    window = panel.window()
    views = [v for v in window.findChildren(QAbstractItemView) if type(v).__name__ == "QtLayerList"]
    assert len(views) == 1
    assert views[0].model().rowCount() == len(viewer.layers)
