"""Several canvases of one scene: what each shows, and gestures on any of them. Without a window."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from gestures import LAYOUTS, Hand, drawn, lesson_on, numbered_volume, true_ras_mm, world_of
from napari.components import ViewerModel
from napari.layers import Image

from napari_vascular_loop.display.camera import screen_axes
from napari_vascular_loop.display.solid_planes import PLANES_LAYER
from napari_vascular_loop.display.solid_view import Solid
from napari_vascular_loop.display.tools import Tool, Tools
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.domain.volume import Volume

VOXEL = (3, 8, 2)
EDGES = ("left", "right", "top", "bottom")


class Planes:
    """A scene with a coronal and a sagittal canvas beside the main one."""

    def __init__(self, viewer, scene, layout="LPS", *annotations):
        self.scene = scene
        self.volume = numbered_volume(LAYOUTS[layout])
        self.viewers = [viewer, ViewerModel(), ViewerModel()]
        for model, plane in zip(self.viewers[1:], (Plane.CORONAL, Plane.SAGITTAL), strict=True):
            scene.add_view(model, plane)
        self.layer = scene.show_volume(self.volume)
        self.store = lesson_on(self.volume, *annotations)
        scene.set_store(self.store)

    def slice_of(self, number):
        """The voxels that a canvas shows, as napari slices them."""
        viewer = self.viewers[number]
        layer = self.scene.layer if number == 0 else viewer.layers[0]
        axis = viewer.dims.order[0]
        return np.take(np.asarray(layer.data), viewer.dims.current_step[axis], axis)


@pytest.mark.parametrize("layout", ["LPS", "coronal LIP", "oblique sagittal AIL"])
def test_each_canvas_shows_its_plane_with_the_place_of_a_mark(viewer, scene, layout):
    planes = Planes(viewer, scene, layout)
    mark = Annotation(Point(tuple(true_ras_mm(planes.volume, VOXEL))), "head", "Here")
    planes.store.add(mark)
    scene.go_to(mark)
    assert [view.state().plane for view in scene.views] == [Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL]
    for number, (model, view) in enumerate(zip(planes.viewers, scene.views, strict=True)):
        assert planes.volume.voxels[VOXEL] in planes.slice_of(number)
        assert view.labels() == ("Here",)
        world = world_of(model.layers[0], planes.volume, VOXEL)
        np.testing.assert_allclose(model.scene.camera.center[-2:], np.delete(world, model.dims.order[0]), atol=1e-6)


def test_letters_and_convention_hold_on_each_canvas(viewer, scene):
    planes = Planes(viewer, scene)
    assert [tuple(view.text(f"edge_{edge}") for edge in EDGES) for view in scene.views] == [
        ("R", "L", "A", "P"),
        ("R", "L", "S", "I"),
        ("A", "P", "S", "I"),
    ]
    scene.set_radiological(False)
    assert [tuple(view.text(f"edge_{edge}") for edge in EDGES)[:2] for view in scene.views] == [
        ("L", "R"),
        ("L", "R"),
        ("A", "P"),
    ]
    assert "Neurological" in scene.views[1].text("place")
    assert len(planes.viewers) == 3


def test_canvases_share_the_voxels_and_follow_the_grey_scale(viewer, scene):
    planes = Planes(viewer, scene)
    mirrored = [model.layers[0] for model in planes.viewers[1:]]
    assert all(np.shares_memory(layer.data, planes.volume.voxels) for layer in mirrored)
    planes.layer.contrast_limits = (12, 345)
    planes.layer.colormap = "magma"
    assert all(tuple(layer.contrast_limits) == (12, 345) for layer in mirrored)
    assert all(layer.colormap.name == "magma" for layer in mirrored)


def test_another_volume_is_shown_on_all_canvases_and_none_on_none(viewer, scene):
    planes = Planes(viewer, scene)
    other = numbered_volume(LAYOUTS["oblique RAS"])
    second = scene.show_volume(other)
    for model, view in zip(planes.viewers[1:], scene.views[1:], strict=True):
        assert np.shares_memory(model.layers[0].data, other.voxels)
        assert len(view.text("edge_left")) == 3
    viewer.layers.remove(second)
    assert all(np.shares_memory(model.layers[0].data, planes.volume.voxels) for model in planes.viewers[1:])
    viewer.layers.remove(planes.layer)
    for model, view in zip(planes.viewers[1:], scene.views[1:], strict=True):
        assert not [layer for layer in model.layers if isinstance(layer, Image)]
        assert view.text("place") == ""


def test_a_time_point_is_shown_on_all_canvases(viewer, scene):
    planes = Planes(viewer, scene)
    series = np.stack([planes.volume.voxels, planes.volume.voxels + 2000], axis=-1)
    scene.show_volume(Volume(series[..., 0], LAYOUTS["LPS"], series=series))
    scene.set_time_point(1)
    for number, view in enumerate(scene.views):
        assert planes.slice_of(number).min() >= 2000
        assert "time point 2 / 2" in view.text("place")


@pytest.mark.parametrize("layout", ["LPS", "oblique sagittal AIL"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_gesture_places_the_mark_on_the_canvas_that_it_is_made_on(viewer, scene, layout, number):
    planes = Planes(viewer, scene, layout)
    model = planes.viewers[number]
    tools = Tools(scene)
    tip = list(VOXEL)
    through = (2, 1, 0)[model.dims.order[0]]
    along = [int(np.argmax(np.abs(planes.volume.voxel_to_ras[n, :3] / planes.volume.spacing_mm))) for n in range(3)]
    for ras_axis in {0, 1, 2} - {through}:
        tip[along[ras_axis]] += 2
    start, end = (world_of(model.layers[0], planes.volume, ijk) for ijk in (VOXEL, tuple(tip)))
    scene.go_to_ras_mm(tuple(true_ras_mm(planes.volume, VOXEL)))
    model.scene.camera.zoom = 40
    tools.choose(Tool.ARROW)
    Hand(model).drag(start, end)
    (arrow,) = planes.store.annotations
    assert isinstance(arrow.geometry, Arrow)
    np.testing.assert_allclose(arrow.geometry.tail_ras_mm, true_ras_mm(planes.volume, VOXEL), atol=0.01)
    np.testing.assert_allclose(arrow.geometry.tip_ras_mm, true_ras_mm(planes.volume, tip), atol=0.01)
    tools.close()
    Hand(model).drag(start, end)
    assert len(planes.store.annotations) == 1, "closed tools do nothing"


def test_a_mark_is_selected_on_the_canvas_where_it_is_clicked(viewer, scene):
    planes = Planes(viewer, scene)
    mark = Annotation(Point(tuple(true_ras_mm(planes.volume, VOXEL))), "head", "Here")
    planes.store.add(mark)
    planes.store.select(None)
    scene.go_to(mark)
    tools = Tools(scene)
    sagittal = planes.viewers[2]
    Hand(sagittal).click(world_of(sagittal.layers[0], planes.volume, VOXEL))
    assert planes.store.selected is not None
    tools.close()


def test_a_canvas_that_is_taken_away_is_let_go(viewer, scene):
    planes = Planes(viewer, scene)
    tools = Tools(scene)
    before = list(ViewerModel().mouse_double_click_callbacks)
    model, view = planes.viewers.pop(), scene.views[2]
    scene.remove_view(view)
    assert list(model.mouse_double_click_callbacks) == before
    assert tools._on_press not in model.mouse_drag_callbacks
    gone = weakref.ref(model), weakref.ref(view)
    del model, view
    gc.collect()
    assert [each() for each in gone] == [None, None]
    planes.layer.contrast_limits = (1, 2)
    scene.redraw()
    tools.close()


def test_a_canvas_in_3d_shows_volume_and_marks_and_stays_when_the_planes_move(viewer, scene):
    planes = Planes(viewer, scene)
    mark = Annotation(Point(tuple(true_ras_mm(planes.volume, VOXEL))), "head", "Here")
    planes.store.add(mark)
    model = ViewerModel()
    solid = scene.add_solid_view(model)
    assert model.dims.ndisplay == 3
    assert np.shares_memory(model.layers[0].data, planes.volume.voxels)
    assert drawn(model)
    assert solid.text("edge_left") == ""
    camera, point = (model.scene.camera.center, model.scene.camera.angles), model.dims.point
    scene.go_to(mark)
    scene.main.step(1)
    scene.set_plane(Plane.CORONAL)
    assert (model.scene.camera.center, model.scene.camera.angles) == camera
    assert model.dims.point == pytest.approx(point)
    assert [view.state().plane for view in scene.views[:3]] == [Plane.CORONAL, Plane.AXIAL, Plane.SAGITTAL]
    assert not [layer for layer in model.layers if layer.name == "Crosshair" and layer.visible]
    scene.remove_view(solid)
    planes.layer.gamma = 0.7
    assert model.layers[0].gamma == 1.0, "a canvas that has been let go follows nobody"


def test_a_canvas_that_is_added_leads_nobody_away(viewer, scene):
    volume = numbered_volume(LAYOUTS["LPS"])
    scene.show_volume(volume)
    place = true_ras_mm(volume, VOXEL)
    scene.go_to_ras_mm(tuple(place))
    models = [ViewerModel(), ViewerModel()]
    for model, plane in zip(models, (Plane.CORONAL, Plane.SAGITTAL), strict=True):
        scene.add_view(model, plane)
        np.testing.assert_allclose(scene.place_ras_mm, place, atol=1e-6)


def test_in_3d_the_planes_lie_where_they_cross_and_can_be_a_body_instead(viewer, scene):
    planes = Planes(viewer, scene)
    model = ViewerModel()
    solid = scene.add_solid_view(model)
    image, slices = model.layers[0], model.layers[PLANES_LAYER]
    assert not image.visible, "the volume is not drawn beside its slices"

    def place_and_values():
        """Where the three quads cross, and what is painted in the corner of each, where the first voxels are."""
        corners = slices.vertices.reshape(3, 4, 3) * slices.scale
        return [float(corners[axis, 0, axis]) for axis in range(3)]

    for ijk in (VOXEL, (VOXEL[0] - 1, VOXEL[1] + 1, VOXEL[2] - 1)):
        ras_mm = true_ras_mm(planes.volume, ijk)
        scene.go_to_ras_mm(tuple(ras_mm))
        frame = planes.volume.frame
        np.testing.assert_allclose(place_and_values(), frame.display_from_ras(ras_mm), atol=1e-3)
        # The texel that the quad shows at the voxel is as bright as the voxel, in each of the three pictures.
        low, high = planes.layer.contrast_limits
        wanted = np.clip((float(planes.volume.voxels[ijk]) - low) / (high - low), 0, 1)
        at = np.rint(frame.index_from_display(frame.display_from_ras(ras_mm))).astype(int)
        for axis in range(3):
            down, across = (other for other in range(3) if other != axis)
            rows, columns = frame.shape[down], frame.shape[across]
            coordinates = slices.texcoords[4 * axis : 4 * axis + 4]
            part = np.array([at[across] / (columns - 1), at[down] / (rows - 1)])
            spot = coordinates[0] + part * (coordinates[2] - coordinates[0])
            height, width = slices.texture.shape[:2]
            texel = slices.texture[int((1 - spot[1]) * height), int(spot[0] * width)]
            assert texel[0] == pytest.approx(wanted, abs=0.01)

    solid.show_as(Solid.MIP)
    assert (image.visible, image.rendering, slices.visible) == (True, "mip", False)
    solid.show_as(Solid.VOLUME)
    assert (image.visible, image.rendering, slices.visible) == (True, "attenuated_mip", False)
    solid.show_as(Solid.PLANES)
    assert (image.visible, slices.visible) == (False, True)
    brighter = slices.texture.mean()
    planes.layer.contrast_limits = (planes.layer.contrast_limits[0], planes.layer.contrast_limits[1] / 4 + 1)
    assert slices.texture.mean() > brighter, "the slices have the grey scale of the other canvases"


def test_in_3d_another_volume_is_painted_over_the_slices(viewer, scene):
    planes = Planes(viewer, scene)
    model = ViewerModel()
    solid = scene.add_solid_view(model)
    slices = model.layers[PLANES_LAYER]
    scene.go_to_ras_mm(tuple(true_ras_mm(planes.volume, VOXEL)))
    alone = slices.texture.copy()
    # A second one of twice as large voxels, bright in its upper half only.
    whole = np.asarray(planes.layer.data)
    coarse = np.zeros(tuple(max(1, n // 2) for n in whole.shape), dtype=np.float32)
    coarse[coarse.shape[0] // 2 :] = 100.0
    step = np.asarray(planes.layer.scale) * 2
    over = viewer.add_image(
        coarse, scale=step, translate=planes.layer.translate, contrast_limits=(0, 100), opacity=0.5, colormap="magenta"
    )
    solid.follow_overlay(over)
    # The coronal slice, second on the texture: its rows go up from the lowest slice.
    columns = whole.shape[2]
    part = slices.texture[: whole.shape[0], columns : 2 * columns]
    bare = alone[: whole.shape[0], columns : 2 * columns]
    edge = (coarse.shape[0] // 2) * 2
    np.testing.assert_allclose(
        part[edge + 1 : coarse.shape[0] * 2 - 2, 2:4, 0],
        bare[edge + 1 : coarse.shape[0] * 2 - 2, 2:4, 0] / 2 + 0.5,
        atol=0.01,
    )
    np.testing.assert_allclose(part[: edge - 2, 2:4, 0], bare[: edge - 2, 2:4, 0] / 2, atol=0.01)
    over.visible = False
    np.testing.assert_allclose(slices.texture, alone)
    over.visible = True
    solid.follow_overlay(None)
    np.testing.assert_allclose(slices.texture, alone)


def test_in_3d_no_label_runs_over_the_edge_of_the_canvas(viewer, scene):
    planes = Planes(viewer, scene)
    words = "A label of more words than there is room for beside it"
    mark = Annotation(Point(tuple(true_ras_mm(planes.volume, VOXEL))), "head", words)
    scene.set_store(lesson_on(planes.volume, mark))
    model = ViewerModel()
    solid = scene.add_solid_view(model)
    # Turned, and with the mark near the right edge.
    view = model.scene.camera
    view.zoom = 40.0
    down, right, _ = screen_axes(model)
    place = np.array(planes.volume.frame.display_from_ras(mark.geometry.vertices_ras_mm[0]))
    half_mm = np.array(model.canvas.size) / 2 / view.zoom
    view.center = tuple(place - right * (half_mm[1] - 2.0))
    solid.redraw()
    assert solid.labels()
    corners = np.concatenate(drawn(model)) - np.array(view.center)
    assert np.abs(corners @ right).max() <= half_mm[1]
    assert np.abs(corners @ down).max() <= half_mm[0]
