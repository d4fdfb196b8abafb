"""Volumes with several time points, and volumes of several levels: what is shown, said and kept."""

from __future__ import annotations

import dask.array
import numpy as np
import pytest
from gestures import LAYOUTS, go_to_voxel, lesson_on, shown_index, true_ras_mm

from napari_vascular_loop.display.volume_layer import layer_data
from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.domain.volume import Provenance, Rescale, Volume

SHAPE = (11, 13, 7)
VOXEL = (3, 8, 2)
TIMES = 5


def series_volume(layout="LPS", rescale=None, known=True):
    """Every voxel of every time point has a value of its own."""
    count = int(np.prod(SHAPE)) * TIMES
    series = np.random.default_rng(5).permutation(count).astype(np.int16).reshape((*SHAPE, TIMES))
    about = Provenance(orientation_known=known)
    return Volume(series[..., 0], LAYOUTS[layout], about, rescale or Rescale(), series=series)


def under_cursor(viewer, world):
    viewer.mouse_over_canvas = True
    viewer.cursor.position = tuple(world)
    viewer.update_status_from_cursor()
    return viewer.status["coordinates"]


@pytest.mark.parametrize("layout", ["LPS", "oblique sagittal AIL"])
def test_each_time_point_is_drawn_where_the_first_is(viewer, scene, layout):
    volume = series_volume(layout)
    layer = scene.show_volume(volume)
    index = shown_index(layer, volume, VOXEL)
    world = np.array(layer.data_to_world(index))
    for number in (3, 1, 4, 0):
        scene.set_time_point(number)
        assert scene.time_point == number
        assert np.asarray(layer.data)[index] == volume.series[(*VOXEL, number)]
        assert layer.data.shape == volume.frame.shape
        np.testing.assert_array_equal(layer.data_to_world(index), world)
        assert np.shares_memory(np.asarray(layer.data), volume.series), "nothing is copied"


def test_the_status_bar_says_the_value_of_the_time_point_on_screen(viewer, scene):
    volume = series_volume("oblique RAS", Rescale(2.0, -7.0))
    layer = scene.show_volume(volume)
    world = go_to_voxel(viewer, layer, volume, VOXEL)
    for number in range(TIMES):
        scene.set_time_point(number)
        place, voxel, value = (part.strip() for part in under_cursor(viewer, world).split("|"))
        assert voxel == "voxel 3, 8, 2"
        assert float(value) == volume.series[(*VOXEL, number)] * 2.0 - 7.0
        assert place.startswith(("R", "L"))


def test_the_canvas_says_which_time_point_it_is(scene):
    scene.show_volume(series_volume())
    assert "time point 1 / 5" in scene.text("place").split("\n")
    scene.set_time_point(2)
    assert "time point 3 / 5" in scene.text("place").split("\n")
    scene.show_volume(series_volume(known=False))
    assert scene.text("place").split("\n")[1:] == ["time point 1 / 5", "orientation unknown"]
    assert "time point" not in show_single(scene)


def show_single(scene):
    volume = series_volume()
    scene.show_volume(Volume(volume.voxels, volume.voxel_to_ras))
    return scene.text("place")


def test_slice_zoom_plane_grey_scale_and_selection_stay(viewer, scene):
    layer = scene.show_volume(series_volume())
    scene.set_plane(Plane.CORONAL)
    scene.go_to_ras_mm(tuple(true_ras_mm(series_volume(), VOXEL)))
    viewer.scene.camera.zoom = 9.5
    layer.contrast_limits = (10, 300)
    before = (viewer.dims.current_step, viewer.dims.order, tuple(viewer.scene.camera.center))
    scene.set_time_point(4)
    assert (viewer.dims.current_step, viewer.dims.order, tuple(viewer.scene.camera.center)) == before
    assert viewer.scene.camera.zoom == 9.5
    assert tuple(layer.contrast_limits) == (10, 300)
    assert viewer.layers.selection.active is layer
    assert viewer.dims.ndim == 3


def test_marks_bind_to_the_first_and_stay_on_all(viewer, scene):
    volume = series_volume()
    mark = Annotation(Point(tuple(true_ras_mm(volume, VOXEL))), "head", "Here")
    first_only = Volume(volume.voxels, volume.voxel_to_ras)
    scene.show_volume(volume)
    scene.set_store(lesson_on(first_only, mark))
    assert scene.can_mark, "the fingerprint is that of the first time point"
    scene.set_time_point(3)
    assert scene.can_mark
    scene.go_to(mark)
    assert [seen.annotation.id for seen in scene.visible_marks()] == [mark.id]
    assert scene.main.labels() == ("Here",)


def test_each_volume_keeps_its_own_time_point(viewer, scene):
    first = scene.show_volume(series_volume())
    scene.set_time_point(2)
    scene.show_volume(series_volume("RAS"))
    assert scene.time_point == 0
    viewer.layers.selection.active = first
    assert scene.time_point == 2
    assert "time point 3 / 5" in scene.text("place")


def test_those_who_listen_are_told_once(scene):
    scene.show_volume(series_volume())
    told = []
    scene.changed.connect(lambda: told.append(scene.time_point))
    scene.set_time_point(2)
    scene.set_time_point(2)
    assert told == [2]


@pytest.mark.parametrize("number", [-1, TIMES])
def test_a_time_point_that_is_not_there_is_refused(scene, number):
    scene.show_volume(series_volume())
    with pytest.raises(IndexError, match=str(number)):
        scene.set_time_point(number)
    assert scene.time_point == 0


def test_without_a_volume_there_is_no_time(scene):
    assert scene.time_point == 0
    scene.set_time_point(3)
    assert scene.time_point == 0


def test_the_whole_slice_can_be_shown(viewer, scene):
    volume = series_volume()
    scene.show_volume(volume)
    scene.set_plane(Plane.SAGITTAL)
    viewer.scene.camera.zoom = 50
    viewer.dims.set_current_step(2, 0)
    scene.show_whole()
    assert scene.state().index == SHAPE[0] // 2
    s_mm, a_mm, _ = np.multiply(volume.frame.scale_mm, volume.frame.shape)
    height, width = np.array(viewer.canvas.size) / viewer.scene.camera.zoom
    assert height >= s_mm
    assert width >= a_mm
    assert min(height / s_mm, width / a_mm) < 1.1


# ---------------------------------------------------------------- levels


def lazy_volume(read):
    """Two levels that are computed when they are asked for; `read` notes the size of what was."""
    fine = np.random.default_rng(6).integers(0, 900, (64, 48, 32)).astype(np.int16)
    levels = [fine, fine[::2, ::2, ::2], fine[::4, ::4, ::4]]

    def lazy(array):
        def block(block_id, block_shape):
            start = [number * side for number, side in zip(block_id, (16, 16, 16), strict=True)]
            read.append(array.shape)
            return array[tuple(slice(a, a + n) for a, n in zip(start, block_shape, strict=True))]

        chunks = tuple(dask.array.core.normalize_chunks(16, array.shape))
        return dask.array.map_blocks(
            lambda block_info=None: block(block_info[None]["chunk-location"], block_info[None]["chunk-shape"]),
            chunks=chunks,
            dtype=array.dtype,
            meta=np.empty((0, 0, 0), array.dtype),
        )

    arrays = [lazy(array) for array in levels]
    return Volume(arrays[0], LAYOUTS["sagittal PIR"], levels=tuple(arrays[1:])), fine


def test_a_lazy_volume_of_several_levels_is_shown_without_reading_all(viewer, scene):
    read = []
    volume, fine = lazy_volume(read)
    layer = scene.show_volume(volume)
    assert layer.multiscale
    assert [tuple(level.shape) for level in layer.data] == [(48, 64, 32), (24, 32, 16), (12, 16, 8)]
    blocks = sum(shape == fine.shape for shape in read)
    assert blocks < 4 * 3 * 2, "of the finest level, no more than a slice"
    np.testing.assert_allclose(layer.scale, volume.frame.scale_mm)

    scene.set_plane(Plane.CORONAL)
    place = volume.frame.ras_from_display(volume.frame.translate_mm + np.multiply(volume.frame.scale_mm, (9, 30, 21)))
    scene.go_to_ras_mm(tuple(place))
    assert scene.state().index == 30
    ijk = volume.grid.nearest_voxel(place)
    world = volume.frame.display_from_ras(place)
    assert f"voxel {ijk[0]}, {ijk[1]}, {ijk[2]}  |  {fine[ijk]:g}" in under_cursor(viewer, world)


def test_levels_lie_on_each_other():
    volume, fine = lazy_volume([])
    data, keywords, _ = layer_data(volume)
    assert keywords["multiscale"] is True
    assert "contrast_limits" in keywords
    np.testing.assert_array_equal(np.asarray(data[0]), volume.frame.reorder(fine))
    np.testing.assert_array_equal(np.asarray(data[2]), volume.frame.reorder(fine[::4, ::4, ::4]))


def test_a_plain_volume_is_not_taken_for_levels():
    volume = series_volume()
    for each in (volume, Volume(volume.voxels, volume.voxel_to_ras)):
        data, keywords, _ = layer_data(each)
        assert keywords["multiscale"] is False
        assert data.shape == volume.frame.shape
