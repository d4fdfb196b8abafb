"""The mouse on the canvas: slices, zoom, grey scale. And thick slices. Without a window."""

from __future__ import annotations

import numpy as np
import pytest
from gestures import LAYOUTS, Hand, numbered_volume, true_ras_mm, turn, world_of
from napari.components import ViewerModel

from napari_vascular_loop.display.canvas_mouse import CanvasMouse
from napari_vascular_loop.display.slab import Slab
from napari_vascular_loop.domain.contrast import GreyPreset
from napari_vascular_loop.domain.mark_view import SlabProjection
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.domain.volume import Provenance, Rescale, Volume

VOXEL = (3, 8, 2)


@pytest.fixture
def mouse(scene):
    mouse = CanvasMouse(scene)
    yield mouse
    mouse.close()


def test_the_wheel_goes_through_the_slices_and_stops_at_the_ends(viewer, scene, mouse):
    volume = numbered_volume(LAYOUTS["LPS"])
    scene.show_volume(volume)
    scene.set_plane(Plane.CORONAL)
    zoom, start = viewer.scene.camera.zoom, scene.state().index
    assert turn(viewer, 1.0).handled, "vispy would zoom as well"
    assert scene.state().index == start + 1
    turn(viewer, -2.0)
    assert scene.state().index == start - 1
    turn(viewer, -50.0)
    assert scene.state().index == 0
    turn(viewer, 100.0)
    assert scene.state().index == volume.frame.shape[1] - 1
    assert viewer.scene.camera.zoom == zoom
    # Half a notch of a touch pad, twice.
    turn(viewer, -0.5)
    assert scene.state().index == volume.frame.shape[1] - 1
    turn(viewer, -0.5)
    assert scene.state().index == volume.frame.shape[1] - 2


@pytest.mark.parametrize("layout", ["LPS", "oblique sagittal AIL"])
def test_ctrl_and_the_wheel_zooms_about_the_mouse(viewer, scene, mouse, layout):
    volume = numbered_volume(LAYOUTS[layout])
    layer = scene.show_volume(volume)
    scene.set_plane(Plane.SAGITTAL)
    place = world_of(layer, volume, VOXEL)
    camera, slice_before = viewer.scene.camera, scene.state().index
    camera.zoom = 10.0

    def on_screen():
        return (place[list(viewer.dims.displayed)] - camera.center[-2:]) * camera.zoom

    before = on_screen()
    turn(viewer, 2.0, place, ("Control",))
    assert camera.zoom > 12
    np.testing.assert_allclose(on_screen(), before, atol=1e-6)
    assert scene.state().index == slice_before


def test_a_setting_swaps_the_two(viewer, scene, mouse):
    scene.show_volume(numbered_volume(LAYOUTS["LPS"]))
    mouse.wheel_steps = False
    zoom, start = viewer.scene.camera.zoom, scene.state().index
    turn(viewer, 1.0)
    assert (scene.state().index, viewer.scene.camera.zoom > zoom) == (start, True)
    turn(viewer, 1.0, modifiers=("Control",))
    assert scene.state().index == start + 1


def test_dragging_with_the_right_button_changes_window_and_level_and_says_so(viewer, scene, mouse):
    volume = numbered_volume(LAYOUTS["LPS"], rescale=Rescale(2.0, -100.0))
    layer = scene.show_volume(volume, window=(0.0, 400.0))
    assert scene.text("grey") == "W 400 L 200"
    hand = Hand(viewer)
    camera = viewer.scene.camera
    place = np.array(world_of(layer, volume, VOXEL))
    zoom, centre = camera.zoom, tuple(camera.center)
    # Radiological: to the right of the screen is to the patient's left, where R falls. 100 px to the right, 50 down.
    end = place + np.array([0, -50.0, -100.0]) / camera.zoom
    hand.press(place, button=2)
    hand.move(end)
    hand.release(end, button=2)
    low, high = scene.grey.window
    assert high - low == pytest.approx(400 * np.exp(100 / 250), rel=1e-3)
    assert (low + high) / 2 == pytest.approx(200 + 400 * 50 / 400, rel=1e-3)
    assert scene.text("grey") == f"W {high - low:.0f} L {(low + high) / 2:.0f}"
    assert tuple(layer.contrast_limits) == pytest.approx(((low + 100) / 2, (high + 100) / 2))
    assert (camera.zoom, tuple(camera.center)) == (zoom, centre)
    mouse.right_drag_windows = False
    hand.press(place, button=2)
    hand.move(end)
    hand.release(end, button=2)
    assert scene.grey.window == (low, high)


def test_all_is_given_back(viewer, scene):
    scene.show_volume(numbered_volume(LAYOUTS["LPS"]))
    kinds = ("drag", "move", "wheel", "double_click")
    before = [list(getattr(viewer, f"mouse_{kind}_callbacks")) for kind in kinds]
    mouse = CanvasMouse(scene)
    side = ViewerModel()
    scene.add_view(side, Plane.CORONAL)
    assert before != [list(getattr(viewer, f"mouse_{kind}_callbacks")) for kind in kinds]
    mouse.close()
    assert before == [list(getattr(viewer, f"mouse_{kind}_callbacks")) for kind in kinds]
    assert before == [list(getattr(side, f"mouse_{kind}_callbacks")) for kind in kinds]


# ---------------------------------------------------------------- presets


def head(modality="MR", slope=1.0):
    """Air at 0, fat at 900, brain around 300 and 400, a few bright voxels of blood or fluid at 1500."""
    rng = np.random.default_rng(4)
    voxels = np.zeros((40, 40, 20), np.int16)
    voxels[5:35, 5:35] = 900
    voxels[8:32, 8:32, :10] = 300 + rng.normal(0, 5, (24, 24, 10))
    voxels[8:32, 8:32, 10:] = 400 + rng.normal(0, 5, (24, 24, 10))
    voxels[18:20, 18:20] = 1500
    return Volume(voxels, LAYOUTS["LPS"], Provenance(modality=modality), Rescale(slope, 0.0))


def test_presets_come_from_the_volumes_own_values(scene):
    windows = {}
    for slope in (1.0, 3.0):
        scene.show_volume(head(slope=slope))
        for preset in GreyPreset:
            scene.grey.set_preset(preset)
            windows[preset, slope] = np.array(scene.grey.window)
    for preset in GreyPreset:
        np.testing.assert_allclose(windows[preset, 3.0], 3 * windows[preset, 1.0], rtol=1e-3)
    low, high = windows[GreyPreset.BRAIN, 1.0]
    assert 200 < low < 310, "air and grey matter are dark"
    assert 400 < high < 1000
    assert windows[GreyPreset.CISS, 1.0][1] > 1400, "what is brightest is not overexposed"
    assert windows[GreyPreset.TOF, 1.0][0] > 310, "brain is dark"
    assert windows[GreyPreset.TOF, 1.0][1] > 1400


def test_the_brain_in_computed_tomography_has_its_usual_window(scene):
    scene.show_volume(head("CT"))
    scene.grey.set_preset(GreyPreset.BRAIN)
    assert scene.text("grey") == "W 80 L 40"


# ---------------------------------------------------------------- thick slices


@pytest.mark.parametrize(
    ("projection", "reduce", "name"),
    [
        (SlabProjection.MAXIMUM, np.max, "MIP"),
        (SlabProjection.MINIMUM, np.min, "MinIP"),
        (SlabProjection.MEAN, np.mean, "Mean"),
    ],
)
@pytest.mark.parametrize("plane", Plane)
def test_a_thick_slice_shows_all_slices_within_its_thickness(viewer, scene, plane, projection, reduce, name):
    volume = numbered_volume(LAYOUTS["LPS"])
    layer = scene.show_volume(volume)
    scene.set_plane(plane)
    scene.go_to_ras_mm(tuple(true_ras_mm(volume, (5, 6, 3))))
    axis, spacing = viewer.dims.order[0], layer.scale[viewer.dims.order[0]]
    scene.set_slab(Slab(3 * spacing, projection))
    middle = scene.state().index
    stack = np.asarray(layer.data).take(range(middle - 1, middle + 2), axis)
    shown = np.asarray(layer._slice.image.view)
    np.testing.assert_allclose(shown, reduce(stack, axis=axis), rtol=1e-6)
    assert f"{name} {3 * spacing:g} mm (3 slices)" in scene.text("place")
    scene.set_slab(Slab())
    np.testing.assert_array_equal(np.asarray(layer._slice.image.view), np.asarray(layer.data).take(middle, axis))
    assert name not in scene.text("place")


def test_a_slab_holds_on_canvases_and_volumes_that_come_later(viewer, scene):
    scene.show_volume(numbered_volume(LAYOUTS["LPS"]))
    scene.set_slab(Slab(5.0, SlabProjection.MAXIMUM))
    side = ViewerModel()
    view = scene.add_view(side, Plane.CORONAL)
    scene.show_volume(numbered_volume(LAYOUTS["oblique RAS"]))
    for each, model in ((scene.main, viewer), (view, side)):
        assert "MIP 5 mm" in each.text("place")
        counts = np.array(model.dims.thickness) / (2.3, 1.1, 0.9)
        np.testing.assert_allclose(counts, (3, 5, 5), err_msg="odd numbers of slices, 5 mm or about")
    assert str(side.layers[0].projection_mode) == "max"


def test_kinds_and_thicknesses_are_gone_through():
    slab, seen = Slab(), []
    for _ in range(4):
        slab = slab.next_kind()
        seen.append(slab.text)
    assert seen == ["Mean 10 mm", "MIP 10 mm", "MinIP 10 mm", ""]
    assert Slab(10.0).thicker(1).thickness_mm == 20.0
    assert Slab(2.0).thicker(-1).text == ""
    assert Slab(40.0).thicker(1).thickness_mm == 40.0
    with pytest.raises(ValueError, match="got -1 mm"):
        Slab(-1.0)
