"""Canvases beside napari's own, in a real window: layouts, one large, the mouse, and what is left behind."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from gestures import Hand, colours_drawn
from napari.components import ViewerModel
from napari.qt import QtViewer
from qtpy.QtCore import QPoint, Qt
from rooms import VOXEL, Room, settle

from napari_vascular_loop.display.layout import Layout
from napari_vascular_loop.display.solid_view import Solid
from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.widgets import settings
from napari_vascular_loop.widgets.lesson_panel import LessonPanel
from napari_vascular_loop.widgets.solid_row import SolidRow

pytestmark = pytest.mark.gui


def crosshair_pieces(model):
    return int(np.isclose(colours_drawn(model)[:, :3], np.array([0x4F, 0xC3, 0xF7]) / 255).all(axis=1).sum())


@pytest.mark.slow
def test_layouts_are_chosen_by_buttons_and_remembered(make_napari_viewer):
    room = Room(make_napari_viewer, Layout.ONE)
    bar = room.panel.planes
    assert len(room.scene.views) == 1
    bar._layouts[Layout.THREE].click()
    settle()
    assert [view.state().plane for view in room.scene.views] == [Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL]
    widths = [canvas.width() for canvas in room.area.canvases]
    assert max(widths) - min(widths) <= 2
    assert all(canvas.isVisible() and canvas.height() > 500 for canvas in room.area.canvases)
    assert settings.layout() is Layout.THREE
    bar._layouts[Layout.ONE_AND_TWO].click()
    settle()
    first, second = room.area.canvases
    assert second.y() > first.y() + first.height() - 10, "one below the other"
    main_width = room.viewer.window._qt_viewer.width()
    assert main_width > 1.4 * first.width()
    bar._layouts[Layout.THREE_AND_SOLID].click()
    settle()
    main = room.viewer.window._qt_viewer
    first, second, solid = room.area.canvases
    corners = [each.mapTo(room.viewer.window._qt_window, QPoint(0, 0)) for each in (main, first, second, solid)]
    assert [(at.x() > corners[0].x() + 100, at.y() > corners[0].y() + 100) for at in corners] == [
        (False, False),
        (True, False),
        (True, True),
        (False, True),
    ], "two by two, 3-D below napari's own canvas"
    assert max(each.width() for each in (main, first)) < 1.2 * min(each.width() for each in (second, solid))
    view = solid.view
    solid.findChild(SolidRow).buttons[Solid.MIP].click()
    room.scene.enlarge_asked.emit(view)
    settle()
    assert [each.isVisible() for each in (main, first, second, solid)] == [False, False, False, True]
    assert solid.height() > 500
    room.scene.enlarge_asked.emit(view)
    room.scene.enlarge_asked.emit(room.scene.main)
    settle()
    assert [each.isVisible() for each in (main, first, second, solid)] == [True, False, False, False]
    room.scene.enlarge_asked.emit(room.scene.main)
    bar._layouts[Layout.ONE_AND_TWO].click()
    settle()
    assert all(each.isVisible() for each in (main, first, second))
    assert main.height() > 1.6 * first.height()
    bar._layouts[Layout.THREE_AND_SOLID].click()
    settle()
    assert room.area.canvases[-1].view.kind is Solid.MIP, "as it was left"
    bar._layouts[Layout.ONE].click()
    settle()
    assert len(room.scene.views) == 1
    assert room.viewer.window._qt_viewer.parentWidget() is room.viewer.window._qt_window.centralWidget()

    # Another window opens as the last was left.
    bar._layouts[Layout.THREE].click()
    assert LessonPanelOf(make_napari_viewer).control.area.layout is Layout.THREE


def LessonPanelOf(make_napari_viewer):  # noqa: N802 - reads as the class it gives
    viewer = make_napari_viewer()
    panel = LessonPanel(viewer)
    viewer.window.add_dock_widget(panel)
    return panel


@pytest.mark.slow
def test_the_mouse_on_three_canvases(make_napari_viewer):
    room = Room(make_napari_viewer)
    coronal = Hand(room.models[1])
    room.scene.go_to_ras_mm(tuple(room.ras(VOXEL)))
    before = room.slices()
    place = (20, VOXEL[1], 4)
    coronal.click(room.world(1, place))
    settle()
    np.testing.assert_allclose(room.scene.place_ras_mm, room.ras(place), atol=0.01)
    after = room.slices()
    assert after[1] == before[1]
    assert after[0] == 4
    assert after[2] == 40 - 1 - 20
    axial = np.take(np.asarray(room.models[0].layers[0].data), room.models[0].dims.current_step[0], 0)
    assert room.volume.voxels[place] in axial

    # Shift and a drag leads the planes, and the status bar says the place.
    room.scene.go_to_ras_mm(tuple(room.ras(VOXEL)))
    end = (VOXEL[0], 20, 15)
    centre = tuple(room.models[2].scene.camera.center)
    Hand(room.models[2]).drag(room.world(2, VOXEL), room.world(2, end), modifiers=("Shift",))
    np.testing.assert_allclose(room.scene.place_ras_mm, room.ras(end), atol=0.01)
    assert tuple(room.models[2].scene.camera.center) == centre, "the picture itself stays"
    Hand(room.models[2]).move(room.world(2, end))
    assert f"voxel {end[0]}, {end[1]}, {end[2]}  |  {room.volume.voxels[end]}" in room.viewer.status

    mark = Annotation(Point(tuple(room.ras(VOXEL))), "head", "Here")
    room.panel.store.add(mark)
    room.scene.go_to(mark)
    for view in room.scene.views:
        assert [each.annotation.id for each in view.visible_marks()] == [mark.id]
    assert all(crosshair_pieces(model) == 4 for model in room.models)
    room.panel.planes._crosshair.click()
    assert not any(crosshair_pieces(model) for model in room.models)

    # One canvas is made large and small again.
    place = (20, VOXEL[1], 4)
    main, (first, second) = room.viewer.window._qt_viewer, room.area.canvases
    coronal.double_click(room.world(1, place))
    settle()
    assert first.isVisible()
    assert not second.isVisible()
    assert not main.isVisible()
    coronal.double_click(room.world(1, place))
    settle()
    assert main.isVisible()
    assert first.isVisible()
    assert second.isVisible()
    Hand(room.models[0]).double_click(room.world(0, place))
    assert main.isVisible()
    assert not first.isVisible()


def test_a_narrow_canvas_keeps_its_slider_and_number_whole(make_napari_viewer, qtbot):
    room = Room(make_napari_viewer)
    window = room.viewer.window._qt_window
    for width, narrow in ((900, True), (1600, False)):
        window.resize(width, 800)
        qtbot.wait(200)
        canvas = room.area.canvases[0]
        (row,) = (each for each in canvas.qt_viewer.dims.slider_widgets if each.isVisible())
        for part in (row.slider, row.curslice_label):
            right = part.mapTo(canvas, QPoint(part.width(), 0)).x()
            assert right <= canvas.width(), f"cut in a window of {width}"
        assert row.play_button.isVisible() is not narrow


def test_the_panel_takes_its_share_of_the_window_until_its_edge_is_dragged(make_napari_viewer, qtbot):
    room = Room(make_napari_viewer)
    qtbot.wait(200)
    window, dock = room.viewer.window._qt_window, room.panel.parentWidget()
    widths = []
    for width in (1900, 1250):
        window.resize(width, 800)
        settle()
        qtbot.wait(200)
        widths.append(dock.width())
    assert widths[0] == pytest.approx(570, abs=6)
    assert widths[1] < 440, "a small window leaves room for the canvases"
    edge = QPoint(dock.x() - 2, dock.y() + dock.height() // 2)
    qtbot.mousePress(window, Qt.MouseButton.LeftButton, pos=edge)
    qtbot.mouseMove(window, edge - QPoint(90, 0))
    qtbot.wait(100)
    qtbot.mouseRelease(window, Qt.MouseButton.LeftButton, pos=edge - QPoint(90, 0))
    qtbot.wait(200)
    chosen = dock.width()
    assert chosen > widths[1] + 50
    window.resize(1900, 800)
    qtbot.wait(200)
    assert dock.width() == pytest.approx(chosen, abs=6), "what the user chose stays"


def test_nothing_is_left_when_the_panel_is_closed(make_napari_viewer):
    room = Room(make_napari_viewer)
    canvases = [weakref.ref(canvas.model) for canvas in room.area.canvases]
    fresh = ViewerModel()
    scene, viewer, main = room.scene, room.viewer, room.viewer.window._qt_viewer
    viewer.window.remove_dock_widget(room.panel)
    settle()
    del room
    gc.collect()
    settle()
    assert [model() for model in canvases] == [None, None]
    assert len(scene.views) == 1
    assert main.parentWidget() is viewer.window._qt_window.centralWidget()
    assert main.isVisible()
    assert len(viewer.mouse_drag_callbacks) == len(fresh.mouse_drag_callbacks)
    assert len(viewer.mouse_move_callbacks) == len(fresh.mouse_move_callbacks)
    assert list(viewer.mouse_double_click_callbacks) == list(fresh.mouse_double_click_callbacks)
    assert len([each for each in QtViewer._instances if each.viewer is not viewer]) == 0
