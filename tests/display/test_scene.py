"""What a reader sees of volumes and marks: slices, letters, places, warnings. Without a window."""

from __future__ import annotations

import gc
import re

import numpy as np
import pytest
from conftest import affine_of, make_dot_volume
from gestures import (
    LAYOUTS,
    SHAPE,
    colours_drawn,
    drawn,
    go_to_voxel,
    lesson_on,
    numbered_volume,
    shown_index,
    true_ras_mm,
    world_of,
)
from napari.components import ViewerModel

from napari_vascular_loop.display import scene as scene_module
from napari_vascular_loop.display.mark_style import DARK, LIGHT
from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.display.slab import Slab
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region
from napari_vascular_loop.domain.drawing import SLAB_MM
from napari_vascular_loop.domain.mark_view import SlabProjection
from napari_vascular_loop.domain.space import Plane, format_ras_mm
from napari_vascular_loop.domain.volume import Provenance, Rescale, Volume

VOXEL = (3, 8, 2)
SIGN = {"R": 1, "L": -1, "A": 1, "P": -1, "S": 1, "I": -1}
EDGES = ("left", "right", "top", "bottom")


def letters(scene):
    return tuple(scene.text(f"edge_{edge}") for edge in EDGES)


def flat(text):
    """A text whatever its line breaks."""
    return " ".join(text.split())


def under_cursor(viewer, world):
    viewer.mouse_over_canvas = True
    viewer.cursor.position = tuple(world)
    viewer.update_status_from_cursor()
    return viewer.status["coordinates"]


def shown_texts(scene):
    return set(scene.main.labels())


# ---------------------------------------------------------------- the read-out


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("plane", Plane)
def test_cursor_says_true_place_voxel_and_value(viewer, scene, layout, plane):
    volume = numbered_volume(LAYOUTS[layout])
    layer = scene.show_volume(volume)
    scene.set_plane(plane)
    said = under_cursor(viewer, go_to_voxel(viewer, layer, volume, VOXEL))

    place, voxel, value = (part.strip() for part in said.split("|"))
    numbers = [(m[1], float(m[2])) for m in re.finditer(r"([RLAPSI]) (\d+\.\d+)", place)]
    ras_mm = [SIGN[letter] * number for letter, number in numbers]
    assert [letter in pair for (letter, _), pair in zip(numbers, ("RL", "AP", "SI"), strict=True)] == [True] * 3
    np.testing.assert_allclose(ras_mm, true_ras_mm(volume, VOXEL), atol=0.01)
    assert voxel == "voxel 3, 8, 2"
    assert float(value) == volume.voxels[VOXEL]


def test_cursor_between_voxel_centres_says_the_place_under_it_not_the_voxels(viewer, scene):
    volume = numbered_volume(LAYOUTS["LPS"])
    layer = scene.show_volume(volume)
    world = go_to_voxel(viewer, layer, volume, VOXEL) + np.array([0, 0, 0.3])  # to the patient's right
    said = under_cursor(viewer, world)
    ras_mm = true_ras_mm(volume, VOXEL) + np.array([0.3, 0, 0])
    assert said.startswith(f"{'R' if ras_mm[0] > 0 else 'L'} {abs(ras_mm[0]):.2f} ")
    assert "voxel 3, 8, 2" in said


def test_cursor_says_rescaled_value(viewer, scene):
    volume = numbered_volume(LAYOUTS["oblique RAS"], rescale=Rescale(2.5, -1024.0))
    layer = scene.show_volume(volume)
    said = under_cursor(viewer, go_to_voxel(viewer, layer, volume, VOXEL))
    assert float(said.split("|")[2]) == volume.voxels[VOXEL] * 2.5 - 1024


def test_cursor_says_no_patient_place_when_orientation_is_unknown(viewer, scene):
    volume = numbered_volume(LAYOUTS["LPS"], known=False)
    layer = scene.show_volume(volume)
    said = under_cursor(viewer, go_to_voxel(viewer, layer, volume, VOXEL))
    assert said.startswith("orientation unknown")
    assert not re.search(r"[RLAPSI] \d", said)
    assert "voxel 3, 8, 2" in said


def test_cursor_outside_the_volume_says_no_voxel(viewer, scene):
    volume = numbered_volume(LAYOUTS["LPS"])
    layer = scene.show_volume(volume)
    assert "voxel" not in under_cursor(viewer, go_to_voxel(viewer, layer, volume, VOXEL) + np.array([0, 0, 500]))


# ---------------------------------------------------------------- slices


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("plane", Plane)
def test_scrolling_to_a_place_shows_the_slice_that_holds_it(viewer, scene, layout, plane):
    volume = numbered_volume(LAYOUTS[layout])
    layer = scene.show_volume(volume)
    scene.set_plane(plane)
    scene.set_store(lesson_on(volume, Annotation(Point(tuple(true_ras_mm(volume, VOXEL))), "head", "Here")))
    scene.go_to(scene.store.annotations[0])
    assert shown_texts(scene) == {"Here"}
    axis = viewer.dims.order[0]
    step = viewer.dims.current_step[axis]
    on_screen = np.take(np.asarray(layer.data), step, axis=axis)
    assert volume.voxels[VOXEL] in on_screen
    # The plane is what it is called: the slice has the extent of the two axes that lie closest to it.
    size_of_ras_axis = {}
    for voxel_axis in range(3):
        ras_axis = int(np.argmax(np.abs(volume.voxel_to_ras[:3, voxel_axis] / volume.spacing_mm[voxel_axis])))
        size_of_ras_axis[ras_axis] = SHAPE[voxel_axis]
    assert sorted(on_screen.shape) == sorted(size_of_ras_axis[a] for a in range(3) if a != plane.value)
    number = int(re.search(r"slice (\d+) / (\d+)", scene.text("place"))[1])
    assert number == step + 1


def test_place_text_counts_all_slices_from_one(viewer, scene):
    scene.show_volume(numbered_volume(LAYOUTS["LPS"]))
    for step in range(SHAPE[2]):
        viewer.dims.set_current_step(0, step)
        assert f"slice {step + 1} / {SHAPE[2]}" in flat(scene.text("place"))


@pytest.mark.parametrize(("plane", "name"), [(p, p.name.capitalize()) for p in Plane])
def test_place_text_names_plane_place_and_convention(viewer, scene, plane, name):
    volume = numbered_volume(LAYOUTS["LPS"])
    layer = scene.show_volume(volume)
    scene.set_plane(plane)
    go_to_voxel(viewer, layer, volume, VOXEL)
    text = flat(scene.text("place"))
    assert name in text
    mm = true_ras_mm(volume, VOXEL)[plane.value]
    letter = {0: "LR", 1: "PA", 2: "IS"}[plane.value][int(mm > 0)]
    assert f"{letter} {abs(mm):.1f}" in text
    assert ("Radiological" in text) == (plane is not Plane.SAGITTAL)
    assert "oblique" not in text.lower()


def test_place_text_says_how_oblique_the_scan_is(scene):
    volume = numbered_volume(LAYOUTS["oblique RAS"])
    scene.show_volume(volume)
    text = flat(scene.text("place"))
    # The steepest axis is tilted by acos of the smallest diagonal element.
    directions = volume.voxel_to_ras[:3, :3] / volume.spacing_mm
    tilt = np.degrees(np.arccos(np.abs(np.diag(directions)).min()))
    assert re.search(rf"oblique .*{tilt:.1f}°|oblique {tilt:.1f}", text)


@pytest.mark.parametrize("layout", ["LPS", "sagittal PIR", "oblique sagittal AIL"])
@pytest.mark.parametrize("plane", Plane)
def test_sliders_step_slice_by_slice_with_marks_drawn(viewer, scene, layout, plane):
    volume = numbered_volume(LAYOUTS[layout])
    layer = scene.show_volume(volume)
    scene.set_plane(plane)
    before = [tuple(r) for r in viewer.dims.range]
    spacing = np.abs(np.asarray(layer.scale))
    np.testing.assert_allclose([r[2] for r in before], spacing)

    ras = true_ras_mm(volume, VOXEL)
    far = true_ras_mm(volume, (5, 5, 4))
    marks = [Annotation(Point(tuple(ras)), "head", "Here"), Annotation(Arrow(tuple(far), tuple(ras)), "head", "Arrow")]
    scene.set_store(lesson_on(volume, *marks))
    scene.go_to(scene.store.annotations[0])
    assert drawn(viewer)
    np.testing.assert_allclose(np.array([tuple(r) for r in viewer.dims.range]), np.array(before), atol=1e-6)

    axis = viewer.dims.order[0]
    count = np.asarray(layer.data).shape[axis]
    assert viewer.dims.nsteps[axis] == count
    for step in range(count):
        viewer.dims.set_current_step(axis, step)
        assert int(re.search(r"slice (\d+)", scene.text("place"))[1]) == step + 1


# ---------------------------------------------------------------- letters and turning


@pytest.mark.parametrize("layout", ["RAS", "LPS", "sagittal PIR", "coronal LIP"])
@pytest.mark.parametrize(
    ("plane", "radiological", "expected"),
    [
        (Plane.AXIAL, True, ("R", "L", "A", "P")),
        (Plane.AXIAL, False, ("L", "R", "A", "P")),
        (Plane.CORONAL, True, ("R", "L", "S", "I")),
        (Plane.CORONAL, False, ("L", "R", "S", "I")),
        (Plane.SAGITTAL, True, ("A", "P", "S", "I")),
        (Plane.SAGITTAL, False, ("A", "P", "S", "I")),
    ],
)
def test_letters_at_the_edges(viewer, scene, layout, plane, radiological, expected):
    volume = numbered_volume(LAYOUTS[layout])
    layer = scene.show_volume(volume)
    scene.set_radiological(radiological)
    scene.set_plane(plane)
    assert letters(scene) == expected

    # The letters are where napari's camera really puts the voxels.
    vertical_way, horizontal_way = (str(word.value) for word in viewer.scene.camera.orientation2d)
    vertical, horizontal = viewer.dims.order[1:]
    for axis, low_edge, high_edge in (
        (horizontal, *(("right", "left") if horizontal_way == "left" else ("left", "right"))),
        (vertical, *(("bottom", "top") if vertical_way == "up" else ("top", "bottom"))),
    ):
        shift = world_of(layer, volume, (6, 6, 3)) * 0
        shift[axis] = 1.0
        index = np.array(layer.world_to_data(world_of(layer, volume, (6, 6, 3)) + 3 * shift * layer.scale))
        value = np.asarray(layer.data)[tuple(np.rint(index).astype(int))]
        moved_to = true_ras_mm(volume, np.argwhere(volume.voxels == value)[0]) - true_ras_mm(volume, (6, 6, 3))
        ras_axis = int(np.argmax(np.abs(moved_to)))
        towards = ("RAS" if moved_to[ras_axis] > 0 else "LPI")[ras_axis]
        away = ("LPI" if moved_to[ras_axis] > 0 else "RAS")[ras_axis]
        assert expected[EDGES.index(high_edge)] == towards
        assert expected[EDGES.index(low_edge)] == away


@pytest.mark.parametrize(
    ("plane", "radiological", "expected"),
    # Worked out by hand from the rotation by 12, -7 and 4 degrees about x, y, z.
    [
        (Plane.AXIAL, True, ("RSA", "LIP", "ASL", "PIR")),
        (Plane.AXIAL, False, ("LIP", "RSA", "ASL", "PIR")),
        (Plane.CORONAL, True, ("RSA", "LIP", "SPL", "IAR")),
        (Plane.SAGITTAL, True, ("ASL", "PIR", "SPL", "IAR")),
    ],
)
@pytest.mark.parametrize("layout", ["oblique RAS", "oblique sagittal AIL"])
def test_letters_of_an_oblique_scan_are_compound(scene, plane, radiological, expected, layout):
    scene.show_volume(numbered_volume(LAYOUTS[layout]))
    scene.set_radiological(radiological)
    scene.set_plane(plane)
    assert letters(scene) == expected


@pytest.mark.parametrize("plane", Plane)
def test_no_letter_is_drawn_when_orientation_is_unknown(scene, plane):
    scene.show_volume(numbered_volume(LAYOUTS["LPS"], known=False))
    scene.set_plane(plane)
    assert letters(scene) == ("", "", "", "")
    assert "ORIENTATION UNKNOWN" in scene.text("warning")
    text = flat(scene.text("place"))
    assert "unknown" in text
    assert not re.search("radiological|neurological", text, re.IGNORECASE)
    assert "slice " in text


def test_a_known_orientation_brings_no_warning(scene):
    scene.show_volume(numbered_volume(LAYOUTS["LPS"]))
    assert scene.text("warning") == ""


@pytest.mark.parametrize(
    ("plane", "radiological", "way"),
    [
        (Plane.AXIAL, True, "left"),
        (Plane.AXIAL, False, "right"),
        (Plane.CORONAL, True, "left"),
        (Plane.CORONAL, False, "right"),
        (Plane.SAGITTAL, True, "left"),
        (Plane.SAGITTAL, False, "left"),
    ],
)
def test_camera_is_turned_and_volume_is_not(viewer, scene, plane, radiological, way):
    layer = scene.show_volume(numbered_volume(LAYOUTS["LPS"]))
    scene.set_plane(plane)
    scene.set_radiological(radiological)
    assert tuple(str(word.value) for word in viewer.scene.camera.orientation2d) == ("up", way)
    assert (np.asarray(layer.scale) > 0).all()
    np.testing.assert_array_equal(np.asarray(layer.affine.affine_matrix), np.eye(4))


def test_place_text_names_the_convention_in_use(scene):
    scene.show_volume(numbered_volume(LAYOUTS["LPS"]))
    assert "Radiological" in scene.text("place")
    scene.set_radiological(False)
    assert "Neurological" in scene.text("place")
    assert "Radiological" not in scene.text("place")


def test_letters_follow_when_napari_itself_rolls_the_axes(viewer, scene):
    scene.show_volume(numbered_volume(LAYOUTS["LPS"]))
    viewer.dims.order = (2, 0, 1)
    assert letters(scene) == ("A", "P", "S", "I")
    assert scene.text("place").startswith("Sagittal")
    assert str(viewer.scene.camera.orientation2d[1].value) == "left"


def test_letters_stay_true_when_napari_transposes_the_axes(viewer, scene):
    """Ctrl+T in napari turns the picture about its diagonal: no picture on its side, no letter left behind."""
    scene.show_volume(numbered_volume(LAYOUTS["LPS"]))
    scene.set_plane(Plane.CORONAL)
    viewer.dims.transpose()
    assert letters(scene) == ("R", "L", "S", "I")
    assert viewer.dims.order == (1, 0, 2)


def test_no_letter_in_3d(viewer, scene):
    scene.show_volume(numbered_volume(LAYOUTS["LPS"]))
    viewer.dims.ndisplay = 3
    assert letters(scene) == ("", "", "", "")
    assert "2-D" in scene.text("place")
    viewer.dims.ndisplay = 2
    assert letters(scene) == ("R", "L", "A", "P")


@pytest.mark.parametrize("layout", ["LPS", "oblique sagittal AIL"])
def test_changing_the_plane_keeps_the_place_in_the_middle_and_the_zoom(viewer, scene, layout):
    volume = numbered_volume(LAYOUTS[layout])
    layer = scene.show_volume(volume)
    ras_mm = true_ras_mm(volume, VOXEL)
    scene.go_to_ras_mm(tuple(ras_mm))
    viewer.scene.camera.zoom = 7.5
    world = world_of(layer, volume, VOXEL)
    for plane in (Plane.CORONAL, Plane.SAGITTAL, Plane.AXIAL):
        scene.set_plane(plane)
        assert viewer.scene.camera.zoom == 7.5
        axis = viewer.dims.order[0]
        assert viewer.dims.current_step[axis] == shown_index(layer, volume, VOXEL)[axis]
        np.testing.assert_allclose(viewer.scene.camera.center[-2:], np.delete(world, axis), atol=1e-6)
        assert "voxel 3, 8, 2" in under_cursor(
            viewer, np.insert(np.array(viewer.scene.camera.center[-2:]), axis, viewer.dims.point[axis])
        )


# ---------------------------------------------------------------- several volumes, warnings


def test_only_one_volume_is_seen_at_a_time(viewer, scene):
    first = scene.show_volume(numbered_volume(LAYOUTS["LPS"]), "first")
    second = scene.show_volume(numbered_volume(LAYOUTS["oblique RAS"]), "second")
    assert (first.visible, second.visible) == (False, True)
    assert letters(scene) == ("RSA", "LIP", "ASL", "PIR")
    viewer.layers.selection.active = first
    assert (first.visible, second.visible) == (True, False)
    assert letters(scene) == ("R", "L", "A", "P")
    viewer.layers.remove(first)
    assert second.visible
    assert letters(scene) == ("RSA", "LIP", "ASL", "PIR")
    viewer.layers.remove(second)
    assert letters(scene) == ("", "", "", "")
    assert scene.text("place") == ""


def test_layers_of_other_programs_are_left_alone(viewer, scene):
    other = viewer.add_image(np.zeros((4, 4, 4)), name="not ours")
    assert letters(scene) == ("", "", "", "")
    ours = scene.show_volume(numbered_volume(LAYOUTS["LPS"]))
    assert other.visible
    assert ours.visible
    viewer.layers.selection.active = other
    assert letters(scene) == ("R", "L", "A", "P")


def test_volumes_that_were_there_before_the_scene_are_taken_over(viewer):
    from napari_vascular_loop.display.volume_layer import layer_data

    data, keywords, _ = layer_data(numbered_volume(LAYOUTS["LPS"]), "read before")
    viewer.add_image(data, **keywords)
    assert letters(scene_of(viewer)) == ("R", "L", "A", "P")


def test_layer_takes_no_copy_of_the_voxels_and_shows_mm(viewer, scene):
    volume = numbered_volume(LAYOUTS["oblique sagittal AIL"])
    layer = scene.show_volume(volume)
    assert np.shares_memory(np.asarray(layer.data), volume.voxels)
    assert {str(unit) for unit in layer.units} <= {"mm", "millimeter"}
    assert scene.text("bar").endswith(" mm")
    assert list(viewer.layers) == [layer]


def test_the_wrong_volume_gets_no_mark_and_a_warning_that_names_the_wanted_one(viewer, scene):
    wanted, other = numbered_volume(LAYOUTS["LPS"]), numbered_volume(LAYOUTS["RAS"])
    mark = Annotation(Point(tuple(true_ras_mm(wanted, VOXEL))), "head", "Here")
    scene.show_volume(other)
    scene.set_store(lesson_on(wanted, mark, title="T2 of the teacher"))
    scene.go_to(mark)
    assert not scene.visible_marks()
    assert not drawn(viewer)
    assert not scene.can_mark
    assert "T2 of the teacher" in flat(scene.text("warning"))
    assert "mm away" in scene.problem

    scene.show_volume(wanted)
    scene.go_to(mark)
    assert scene.text("warning") == ""
    assert shown_texts(scene) == {"Here"}

    viewer.layers.selection.active = viewer.layers[0]
    assert "T2 of the teacher" in flat(scene.text("warning"))
    assert drawn(viewer) == []


def test_a_volume_with_other_voxels_at_the_same_place_is_the_wrong_one(viewer, scene):
    wanted = numbered_volume(LAYOUTS["LPS"])
    voxels = wanted.voxels.copy()
    voxels[0, 0, 0] += 1
    scene.show_volume(Volume(voxels, wanted.voxel_to_ras))
    scene.set_store(lesson_on(wanted, Annotation(Point(tuple(true_ras_mm(wanted, VOXEL))), "head", "Here")))
    assert not scene.can_mark
    assert "Not the volume" in flat(scene.text("warning"))
    assert "voxels are not the same" in scene.problem


def test_the_same_voxels_under_another_frame_of_reference_are_the_lessons_and_that_is_said(viewer, scene):
    volume = numbered_volume(LAYOUTS["LPS"])
    wanted, renewed = (
        Volume(volume.voxels, volume.voxel_to_ras, Provenance(frame_of_reference_uid=uid)) for uid in ("1.2", "2.25.1")
    )
    scene.set_store(lesson_on(wanted, Annotation(Point(tuple(true_ras_mm(wanted, VOXEL))), "head", "Here")))
    scene.show_volume(renewed)
    assert scene.can_mark
    assert scene.problem == ""
    assert "frame of reference is another than when the lesson was made" in scene.remark
    scene.show_volume(wanted)
    assert scene.remark == ""


def test_synthetic_volumes_say_so(scene):
    volume = numbered_volume(LAYOUTS["LPS"])
    scene.show_volume(Volume(volume.voxels, volume.voxel_to_ras, Provenance(format="computed")))
    assert "SYNTHETIC" in scene.text("warning")
    scene.show_volume(volume)
    assert scene.text("warning") == ""


def test_a_lesson_says_that_its_volume_is_synthetic(scene):
    from dataclasses import replace

    from napari_vascular_loop.store import LessonStore

    volume = numbered_volume(LAYOUTS["LPS"])
    lesson = lesson_on(volume).lesson
    scene.show_volume(volume)
    scene.set_store(LessonStore(replace(lesson, volumes=(replace(lesson.volumes[0], synthetic=True),))))
    assert "SYNTHETIC" in scene.text("warning")
    scene.set_store(None)
    assert scene.text("warning") == ""


# ---------------------------------------------------------------- marks


def lesson_scene(scene, layout="LPS"):
    """A scene with a point, an arrow, a path and a region around VOXEL, in the axial slice of VOXEL."""
    volume = numbered_volume(LAYOUTS[layout])
    here, there, third = (tuple(true_ras_mm(volume, ijk)) for ijk in (VOXEL, (7, 4, 2), (8, 9, 2)))
    store = lesson_on(
        volume,
        Annotation(Point(here), "head", "Point"),
        Annotation(Arrow(there, here), "head", "Arrow"),
        Annotation(Path((here, there, third)), "head", "Path"),
        Annotation(Region((here, there, third)), "head", "Region"),
    )
    scene.show_volume(volume)
    scene.set_store(store)
    return volume, store


def in_one_axial_slice(volume):
    """VOXEL and another voxel which differs from it along the two axes that lie closest to R and A."""
    superior = int(np.argmax(np.abs(volume.voxel_to_ras[2, :3] / volume.spacing_mm)))
    other = tuple(n if axis == superior else n + 3 - axis for axis, n in enumerate(VOXEL))
    return VOXEL, other


@pytest.mark.parametrize("layout", LAYOUTS)
def test_marks_are_drawn_at_their_place(viewer, scene, layout):
    volume = numbered_volume(LAYOUTS[layout])
    layer = scene.show_volume(volume)
    tail, tip = in_one_axial_slice(volume)
    store = lesson_on(
        volume,
        Annotation(Point(tuple(true_ras_mm(volume, tail))), "head", "Point"),
        Annotation(Arrow(tuple(true_ras_mm(volume, tail)), tuple(true_ras_mm(volume, tip))), "head", "Arrow"),
    )
    scene.set_store(store)
    scene.go_to(store.annotations[1])
    viewer.scene.camera.zoom = 8
    quads = np.array(drawn(viewer))
    axis = viewer.dims.order[0]
    in_plane = [a for a in range(3) if a != axis]
    start, end = (world_of(layer, volume, ijk)[in_plane] for ijk in (tail, tip))
    assert np.linalg.norm(quads.mean(axis=1)[:, in_plane] - start, axis=1).min() < 1e-3
    assert np.allclose(quads[..., axis], world_of(layer, volume, tip)[axis], atol=1e-3)
    # The foremost of what is drawn on the arrow's line is its tip, a pixel's softness away.
    along = (end - start) / np.linalg.norm(end - start)
    flat = quads[..., in_plane]
    off_line = np.abs((flat.mean(axis=1) - start) @ np.array([along[1], -along[0]]))
    on_line = flat[off_line < 0.5 / 8]
    foremost = max((quad[np.argsort(quad @ along)[-2:]].mean(axis=0) for quad in on_line), key=lambda p: p @ along)
    np.testing.assert_allclose(foremost, end, atol=1.5 / 8)


def test_marks_are_drawn_near_their_slice_only_and_fade(viewer, scene):
    _, store = lesson_scene(scene)
    point = store.annotations[0]
    scene.go_to(point)
    world = scene.volume.frame.display_from_ras(point.geometry.position_ras_mm)
    home = viewer.dims.current_step[0]
    spacing = viewer.dims.range[0].step
    opacities = {}
    for step in range(SHAPE[2]):
        viewer.dims.set_current_step(0, step)
        mine = [mark for mark in scene.visible_marks() if mark.annotation.id == point.id]
        distance = abs(step - home) * spacing
        if distance > SLAB_MM + spacing / 2:
            assert not mine
            assert not drawn(viewer)
        else:
            assert len(mine) == 1
            there = np.delete(world, 0)
            seen = [np.allclose(quad.mean(axis=0)[1:], there, atol=1e-3) for quad in drawn(viewer)]
            colours = colours_drawn(viewer)
            opacities[step] = float(colours[colours[:, 3] > 0][seen][:, 3].max())
            if step == home:
                assert shown_texts(scene) == {"Point", "Arrow", "Path", "Region"}
    assert opacities[home] == pytest.approx(1.0)
    assert len(opacities) == 3, "the test needs a slice on either side within the slab"
    assert all(0.3 < opacity < 0.9 for step, opacity in opacities.items() if step != home)


@pytest.mark.parametrize("layout", ["LPS", "oblique sagittal AIL"])
@pytest.mark.parametrize("projection", SlabProjection)
def test_marks_in_a_thick_slab_are_shown_in_full_and_fade_outside_of_it(viewer, scene, layout, projection):
    volume = numbered_volume(LAYOUTS[layout])
    layer = scene.show_volume(volume)
    scene.set_plane(Plane.AXIAL)
    through = int(np.argmax(np.abs(volume.voxel_to_ras[2, :3])))
    count = SHAPE[through]
    places = [[5, 6, 3] for _ in range(count)]
    for number, place in enumerate(places):
        place[through] = number
    tips = [tuple(n + (axis != through) for axis, n in enumerate(place)) for place in places]
    ends = [(tuple(true_ras_mm(volume, a)), tuple(true_ras_mm(volume, b))) for a, b in zip(places, tips, strict=True)]
    marks = [Annotation(Arrow(*pair), "head", f"{n}") for n, pair in enumerate(ends)]
    scene.set_store(lesson_on(volume, *marks))
    middle = count // 2
    scene.go_to(marks[middle])
    spacing = layer.scale[0]
    scene.set_slab(Slab(5 * spacing, projection))
    seen = {mark.annotation.label: mark.opacity for mark in scene.visible_marks()}
    away = {label: abs(int(label) - middle) for label in seen}
    # Five slices are in the slab: two to either side are shown in full, with their words, the next one is fainter.
    assert {label for label, n in away.items() if seen[label] == 1.0} == {str(middle + n) for n in range(-2, 3)}
    assert all(0.3 < seen[label] < 1.0 for label, n in away.items() if n > 2)
    # Single slices again.
    scene.set_slab(Slab())
    assert [mark.annotation.label for mark in scene.visible_marks() if mark.opacity == 1.0] == [str(middle)]


def test_marks_fade_as_far_as_it_is_wanted(scene):
    _, store = lesson_scene(scene)
    point = store.annotations[0]
    scene.go_to(point)
    scene.main.step(1)

    def opacity():
        return next((mark.opacity for mark in scene.visible_marks() if mark.annotation.id == point.id), 0.0)

    usual = opacity()
    scene.set_fade_mm(12.0)
    assert usual < opacity() < 1.0
    scene.set_fade_mm(0.0)
    assert opacity() == 0.0
    scene.main.step(-1)
    assert opacity() == 1.0


def test_all_marks_are_hidden_and_shown_at_once(viewer, scene):
    _, store = lesson_scene(scene)
    scene.go_to(store.annotations[0])
    assert drawn(viewer)
    scene.set_marks_visible(False)
    assert not drawn(viewer)
    viewer.dims.set_current_step(0, viewer.dims.current_step[0] + 1)
    assert not drawn(viewer), "scrolling must not show what a student has hidden"
    viewer.dims.set_current_step(0, viewer.dims.current_step[0] - 1)
    scene.set_marks_visible(True)
    assert drawn(viewer)
    assert shown_texts(scene) == {"Point", "Arrow", "Path", "Region"}


def test_marks_beside_the_volume_do_not_lengthen_its_sliders(viewer, scene):
    volume = numbered_volume(LAYOUTS["LPS"])
    scene.show_volume(volume)
    before = viewer.dims.range
    place = true_ras_mm(volume, VOXEL)
    far = place + np.array([90.0, -70.0, 0.0])
    scene.set_store(lesson_on(volume, Annotation(Path((tuple(place), tuple(far))), "head", "Leaves")))
    for step in range(SHAPE[2]):
        viewer.dims.set_current_step(0, step)
    assert viewer.dims.range == before


def test_in_3d_marks_face_the_viewer_whichever_way_the_head_is_turned(viewer, scene):
    _, store = lesson_scene(scene)
    viewer.dims.ndisplay = 3
    for radiological in (True, False):
        scene.set_radiological(radiological)
        for angles in ((0, 0, 90), (20, 40, 60), (-70, 10, 120)):
            viewer.scene.camera.angles = angles
            quads = np.array(drawn(viewer))
            away = np.array(viewer.scene.camera.view_direction)
            assert np.ptp(quads @ away, axis=1).max() < 1e-3
            assert shown_texts(scene) == {"Point", "Arrow", "Path", "Region"}
            # The last quads are labels: top left, top right, bottom right, bottom left on screen.
            label = quads[-1]
            assert (label[3] - label[0]) @ np.array(viewer.scene.camera.up_direction) < 0
    assert len(store.annotations) == 4


def test_marks_follow_the_store(viewer, scene):
    _, store = lesson_scene(scene)
    scene.go_to(store.annotations[0])
    store.change(store.annotations[0].id, label="Renamed")
    assert "Renamed" in shown_texts(scene)
    store.remove(store.annotations[1].id)
    assert "Arrow" not in shown_texts(scene)
    store.undo()
    assert "Arrow" in shown_texts(scene)


def test_marks_of_another_volume_of_the_lesson_are_not_drawn(viewer, scene):
    volume = numbered_volume(LAYOUTS["LPS"])
    here = tuple(true_ras_mm(volume, VOXEL))
    store = lesson_on(volume, Annotation(Point(here), "head", "Mine"), Annotation(Point(here), "other", "Not mine"))
    scene.show_volume(volume)
    scene.set_store(store)
    scene.go_to(store.annotations[0])
    assert shown_texts(scene) == {"Mine"}
    step = viewer.dims.current_step
    viewer.dims.set_current_step(0, 0)
    scene.go_to(store.annotations[1])
    assert viewer.dims.current_step[0] == 0 != step[0]


def test_selected_mark_is_golden_and_has_handles(viewer, scene):
    _, store = lesson_scene(scene)
    scene.go_to(store.annotations[1])
    gold = np.array([1.0, 0xD2 / 255, 0x3F / 255])

    def golden():
        colours = colours_drawn(viewer)
        return int((np.abs(colours[:, :3] - gold).max(axis=1) < 0.01)[colours[:, 3] > 0].sum())

    assert golden() == 0
    store.select(store.annotations[1].id)
    assert golden() == 2 + 2 + 1, "shaft and head, two handles, the label"
    store.select(store.annotations[0].id)
    assert golden() == 1 + 1 + 1, "rim, handle, label"
    store.select(None)
    assert golden() == 0


def test_arrows_are_white_with_a_black_rim_in_the_light_style(viewer, scene):
    _, store = lesson_scene(scene)
    scene.go_to(store.annotations[1])

    def inks():
        colours = colours_drawn(viewer)
        return [tuple(colour[:3]) for colour in colours[colours[:, 3] > 0] if colour[:3].max() in (0, 1)]

    dark = inks()
    scene.set_mark_style(LIGHT)
    assert inks() != dark
    scene.set_mark_style(DARK)
    assert inks() == dark


def test_opening_at_a_mark_shows_ten_centimetres_around_it(viewer, scene):
    _, store = lesson_scene(scene)
    scene.open_at(store.annotations[0])
    assert min(viewer.canvas.size) / viewer.scene.camera.zoom == pytest.approx(100)
    assert shown_texts(scene) == {"Point", "Arrow", "Path", "Region"}


def test_a_closed_viewer_leaves_nothing_behind():
    gc.collect()
    before = len(scene_module._scenes)
    viewer = ViewerModel()
    scene = scene_of(viewer)
    assert scene_of(viewer) is scene
    lesson_scene(scene)
    del viewer, scene
    gc.collect()
    assert len(scene_module._scenes) == before


# ------------------------------------------------------------------ several volumes


def test_the_read_out_agrees_with_where_a_mark_is_placed_when_two_volumes_are_open(viewer, scene):
    """napari's slider then steps in the finer spacing, and may stand between the slices of the shown volume."""
    scene.show_volume(make_dot_volume(affine_of((0, 1, 2), (1, 1, 1), (0.7, 0.7, 0.7), origin_mm=(0.1, 0.2, 0.3))))
    layer = scene.show_volume(make_dot_volume(affine_of((0, 1, 2), (1, 1, 1), (0.9, 1.1, 2.3), origin_mm=(0, 0, 0))))
    for step in range(2, 12):
        viewer.dims.set_current_step(0, step)
        if not scene.state().inside:
            continue
        position = (viewer.dims.point[0], 3.3, 2.7)
        said = layer.get_status(position, view_direction=None, dims_displayed=[1, 2], world=True)["coords"]
        assert said.startswith(format_ras_mm(scene.ras_mm_at(position), 2))


def test_a_volume_far_from_the_slider_is_gone_to(viewer, scene):
    scene.show_volume(make_dot_volume(affine_of((0, 1, 2), (1, 1, 1), (1, 1, 1), origin_mm=(0, 0, -80))))
    scene.show_volume(make_dot_volume(affine_of((0, 1, 2), (1, 1, 1), (1, 1, 1), origin_mm=(0, 0, 40))))
    assert scene.state().inside
    assert "slice" in scene.text("place")
    viewer.dims.set_point(0, -80)
    assert scene.text("place") == "outside the volume"
    assert not scene.visible_marks()
