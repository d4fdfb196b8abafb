"""Several volumes of one head: one is shown, another lies over it."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt
from test_reformat import ramp_at, tilted_volume

from napari_vascular_loop.display.shown_layer import is_volume
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.domain.volume import Volume
from napari_vascular_loop.widgets.lesson_panel import LessonPanel

pytestmark = pytest.mark.gui


def straight_volume():
    voxel_to_ras = np.diag([0.8, 0.8, 1.2, 1.0])
    voxel_to_ras[:3, 3] = [-20.0, -18.0, -19.0]
    ijk = np.stack(np.meshgrid(*map(np.arange, (50, 46, 33)), indexing="ij"), axis=-1)
    return Volume((-ramp_at(ijk * [0.8, 0.8, 1.2] + voxel_to_ras[:3, 3])).astype(np.float32), voxel_to_ras)


@pytest.fixture
def panel(make_panel):
    panel = make_panel(LessonPanel)
    return panel


def choose(combo, text):
    combo.setCurrentIndex(combo.findText(text))
    combo.activated.emit(combo.currentIndex())


def test_one_volume_needs_no_bar(panel):
    assert not panel.volumes.isVisible()
    panel.scene.show_volume(straight_volume(), "straight")
    assert not panel.volumes.isVisible()
    panel.scene.show_volume(tilted_volume(), "tilted")
    assert panel.volumes.isVisible()


def test_a_tilted_volume_lies_over_a_straight_one_in_its_place(qtbot, panel, viewer):
    scene, bar = panel.scene, panel.volumes
    scene.show_volume(tilted_volume(), "tilted")
    straight = scene.show_volume(straight_volume(), "straight")
    choose(bar.over, "tilted")
    over = bar.overlay.layer
    assert viewer.layers.index(over) == viewer.layers.index(straight) + 1
    assert not is_volume(over), "the shown volume stays the one that is marked"
    assert scene.layer is straight
    for ras_mm in ((-5.0, 3.0, 4.0), (6.5, -7.0, -2.0)):
        index = np.rint(over.world_to_data(ras_mm[::-1])).astype(int)
        place = np.array(over.data_to_world(index))[::-1]
        assert over.data[tuple(index)] == pytest.approx(ramp_at(place), abs=0.05)
    assert np.linalg.norm(np.array(over.data_to_world(index))[::-1] - ras_mm) < 1.5

    qtbot.mouseClick(bar.blink, Qt.MouseButton.LeftButton)
    assert not over.visible
    qtbot.mouseClick(bar.blink, Qt.MouseButton.LeftButton)
    assert over.visible
    bar.opacity.setValue(25)
    assert over.opacity == 0.25
    choose(bar.over, "none")
    assert over not in viewer.layers


def test_the_other_volume_is_shown_at_the_same_place(panel, viewer):
    scene, bar = panel.scene, panel.volumes
    scene.show_volume(tilted_volume(), "tilted")
    scene.show_volume(straight_volume(), "straight")
    place = (3.0, -4.0, 5.0)
    scene.go_to_ras_mm(place)
    choose(bar.shown, "tilted")
    assert scene.layer.name == "tilted"
    assert np.linalg.norm(np.subtract(scene.place_ras_mm, place)) < 1.5
    assert scene.state().plane is Plane.AXIAL


def test_a_volume_that_is_closed_takes_its_overlay_along(panel, viewer):
    scene, bar = panel.scene, panel.volumes
    tilted = scene.show_volume(tilted_volume(), "tilted")
    scene.show_volume(straight_volume(), "straight")
    choose(bar.over, "tilted")
    viewer.layers.remove(tilted)
    assert bar.overlay.layer is None
    assert not bar.isVisible()
    assert [layer.name for layer in viewer.layers if "Over it" in layer.name] == []


def test_other_canvases_show_it_too(panel):
    from napari.components import ViewerModel

    scene, bar = panel.scene, panel.volumes
    scene.show_volume(tilted_volume(), "tilted")
    scene.show_volume(straight_volume(), "straight")
    beside = ViewerModel()
    view = scene.add_view(beside, Plane.CORONAL)
    choose(bar.over, "tilted")
    assert [layer.name for layer in beside.layers][:2] == ["straight", "Over it: tilted"]
    bar.opacity.setValue(80)
    assert beside.layers[1].opacity == 0.8
    choose(bar.over, "none")
    assert not any("Over it" in layer.name for layer in beside.layers)
    scene.remove_view(view)
