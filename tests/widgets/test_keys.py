"""Keys on the canvases, through napari's own handler; the table and what reads it."""

from __future__ import annotations

import pytest
from gestures import LAYOUTS, lesson_on, numbered_volume, true_ras_mm
from napari.components import ViewerModel
from napari.layers import Labels
from napari.utils.key_bindings import KeymapHandler

from napari_vascular_loop.display.layout import Layout
from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.display.tools import Tool
from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.domain.contrast import GreyPreset
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.widgets.key_table import BLOCKED, GROUPS, shown
from napari_vascular_loop.widgets.plane_control import PlaneControl

pytestmark = pytest.mark.gui


def press(viewer, *keys):
    """As napari does it: the selected layer is asked first."""
    handler = KeymapHandler()
    active = viewer.layers.selection.active
    handler.keymap_providers = [active, viewer] if active is not None else [viewer]
    for key in keys:
        handler.press_key(key)
        handler.release_key(key)


@pytest.fixture
def control(qtbot, viewer, scene):
    control = PlaneControl(scene)
    qtbot.addWidget(control.bar)
    yield control
    control.let_go()


def test_keys_go_through_the_slices_of_the_canvas_that_has_the_keyboard(viewer, scene, control):
    volume = numbered_volume(LAYOUTS["LPS"])
    scene.show_volume(volume)
    side = ViewerModel()
    coronal = scene.add_view(side, Plane.CORONAL)
    scene.go_to_ras_mm(tuple(true_ras_mm(volume, (5, 6, 3))))
    axial = scene.main.state().index
    press(viewer, "Up")
    assert scene.main.state().index == axial + 1
    press(viewer, "Left")
    assert scene.main.state().index == axial
    before = coronal.state().index
    press(side, "Down")
    assert (scene.main.state().index, coronal.state().index) == (axial, before - 1)
    press(side, "Home")
    assert coronal.state().index == 0
    press(side, "PageUp")
    assert coronal.state().index == 5
    press(side, "End")
    assert coronal.state().index == volume.frame.shape[1] - 1


def test_keys_mean_the_same_while_the_volume_s_layer_is_selected(viewer, scene, control):
    volume = numbered_volume(LAYOUTS["LPS"])
    layer = scene.show_volume(volume)
    mark = Annotation(Point(tuple(true_ras_mm(volume, (5, 6, 3)))), "head", "Here")
    scene.set_store(lesson_on(volume, mark))
    side = ViewerModel()
    scene.add_view(side, Plane.CORONAL)
    scene.go_to(mark)
    viewer.layers.selection.active = layer
    press(viewer, "C")
    assert not scene.crosshair_visible
    scene.grey.set_window(-5, 5)
    limits = tuple(layer.contrast_limits)
    for number, _preset in enumerate(GreyPreset, start=1):
        press(viewer, str(number))
        assert tuple(layer.contrast_limits) != limits
        limits = tuple(layer.contrast_limits)
    assert all(each.mode == "pan_zoom" for each in viewer.layers)
    press(viewer, "M", "M")
    assert scene.slab.text == "MIP 10 mm"
    press(viewer, "]")
    assert scene.slab.text == "MIP 20 mm"
    press(side, "[", "[", "[", "[", "[")
    assert scene.slab.text == ""
    for key, layout in (("Alt-3", Layout.THREE), ("Alt-1", Layout.ONE)):
        press(viewer, key)
        assert control.area.layout is layout


def test_naparis_keys_cannot_wreck_the_picture_until_they_are_given_back(make_napari_viewer, qtbot):
    viewer = make_napari_viewer()
    scene = scene_of(viewer)
    layer = scene.show_volume(numbered_volume(LAYOUTS["LPS"]))
    control = PlaneControl(scene)
    qtbot.addWidget(control.bar)
    viewer.layers.selection.active = layer
    affine, order = layer.affine.affine_matrix.copy(), viewer.dims.order
    press(viewer, *BLOCKED)
    assert viewer.dims.order == order
    assert (layer.affine.affine_matrix == affine).all()
    control.let_go()
    assert not viewer.keymap
    assert not layer.keymap
    press(viewer, "Control-E")
    assert viewer.dims.order != order


def test_a_users_own_layer_keeps_its_keys(make_napari_viewer, qtbot):
    viewer = make_napari_viewer()
    scene = scene_of(viewer)
    control = PlaneControl(scene)
    qtbot.addWidget(control.bar)
    volume = numbered_volume(LAYOUTS["LPS"])
    scene.show_volume(volume)
    labels = Labels(volume.frame.reorder(volume.voxels) * 0)
    viewer.add_layer(labels)
    viewer.layers.selection.active = labels
    grey = scene.grey.window
    press(viewer, "2")
    assert labels.mode == "paint"
    assert scene.grey.window == grey
    control.let_go()


def test_the_table_names_each_key_once_and_every_tool_has_one():
    keys = [key for group in GROUPS.values() for row in group for key in row.keys]
    assert len(keys) == len(set(keys))
    assert not set(keys) & set(BLOCKED)
    assert all(shown(tool.name.lower()) for tool in Tool)
    assert shown("redo") == "Ctrl+Shift+Z"
    assert shown("slice on") == "Up or Right"
