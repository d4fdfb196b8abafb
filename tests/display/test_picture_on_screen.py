"""The pixels that a reader sees: is the bright spot on the side that the letters say? In a real window."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import DOT_IJK, affine_of, make_dot_volume
from gestures import LAYOUTS, lesson_on, true_ras_mm
from keepers import Memory
from qtpy.QtWidgets import QApplication

from napari_vascular_loop.display.canvas_texts import TEXTS_INK
from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.store import LessonStore

pytestmark = pytest.mark.gui

# Where a letter's direction points on screen, as (down, right), by convention: radiological, neurological.
DIRECTIONS = {
    (Plane.AXIAL, True): {"R": (0, -1), "A": (-1, 0)},
    (Plane.AXIAL, False): {"R": (0, 1), "A": (-1, 0)},
    (Plane.CORONAL, True): {"R": (0, -1), "S": (-1, 0)},
    (Plane.CORONAL, False): {"R": (0, 1), "S": (-1, 0)},
    (Plane.SAGITTAL, True): {"A": (0, -1), "S": (-1, 0)},
    (Plane.SAGITTAL, False): {"A": (0, -1), "S": (-1, 0)},
}


def picture(viewer):
    """The canvas without its texts."""
    QApplication.processEvents()
    viewer.canvas.overlays[TEXTS_INK].visible = False
    QApplication.processEvents()
    return np.asarray(viewer.screenshot(canvas_only=True, flash=False))[..., :3].astype(float)


def bright_spot(pixels):
    """Middle of the brightest blob, (down, right) from the middle of the picture."""
    grey = pixels.min(axis=2)
    place = np.argwhere(grey > 0.8 * grey.max()).mean(axis=0)
    return place - np.array(grey.shape) / 2


def test_the_bright_voxel_is_seen_where_the_letters_say(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    scene = scene_of(viewer)
    checked = 0
    for layout in ("LPS", "sagittal PIR", "oblique sagittal AIL"):
        volume = make_dot_volume(LAYOUTS[layout])
        layer = scene.show_volume(volume)
        layer.contrast_limits = (0, 1000)
        scene.set_scale_bar_visible(False)
        # Drawn once before: napari's canvas gets its size then, and texts are laid out anew.
        picture(viewer)
        middle, dot = (true_ras_mm(volume, ijk) for ijk in ((5, 6, 3), DOT_IJK))
        for (plane, radiological), directions in DIRECTIONS.items():
            scene.set_radiological(radiological)
            scene.set_plane(plane)
            scene.go_to_ras_mm(tuple(dot))
            viewer.scene.camera.zoom = 20
            # The middle of the volume is put in the middle of the picture; the spot must lie to its right side.
            centre = volume.frame.display_from_ras(middle)
            axis = viewer.dims.order[0]
            viewer.scene.camera.center = (0.0, *np.delete(centre, axis))
            spot = bright_spot(picture(viewer)) / 20
            for letter, direction in directions.items():
                # Along the scan's own axis that lies closest to the patient's.
                ras_axis = "RAS".index(letter)
                voxel_axis = int(np.argmax(np.abs(volume.voxel_to_ras[ras_axis, :3] / volume.spacing_mm)))
                unit = volume.voxel_to_ras[:3, voxel_axis] / volume.spacing_mm[voxel_axis]
                along = float((dot - middle) @ (unit * np.sign(unit[ras_axis])))
                assert abs(along) > 0.5, "the spot must lie off the middle"
                seen = float(spot @ np.array(direction))
                assert seen == pytest.approx(along, abs=0.35), (layout, plane, radiological, letter)
                checked += 1
    assert checked == 3 * 12


def test_the_tip_of_an_arrow_is_seen_on_the_voxel_that_it_names(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    scene = scene_of(viewer)
    volume = make_dot_volume(LAYOUTS["oblique RAS"])
    tail = true_ras_mm(volume, (10, 1, 2))
    dot = true_ras_mm(volume, DOT_IJK)
    arrow = Annotation(Arrow(tuple(tail), tuple(dot)), "head")
    entry = LessonVolume("head", fingerprints=(volume.fingerprint,))
    store = LessonStore(Lesson("Lesson", (entry,), "", (arrow,)), Memory())
    scene.show_volume(volume).contrast_limits = (0, 1000)
    scene.set_scale_bar_visible(False)
    scene.set_radiological(False)
    scene.go_to_ras_mm(tuple(dot))
    viewer.scene.camera.zoom = 30
    # Drawn once before, so that napari's own widgets have the size that they keep.
    scene.set_store(store)
    marked = picture(viewer)
    scene.set_marks_visible(False)
    plain = picture(viewer)
    scene.set_marks_visible(True)
    marked = picture(viewer)
    changed = np.argwhere(np.abs(marked - plain).max(axis=2) > 60) - np.array(plain.shape[:2]) / 2
    assert len(changed) > 100
    # The tail lies to the right and behind: the tip is the upper left end of what is drawn.
    start = np.linalg.inv(volume.voxel_to_ras) @ [*tail, 1] - [*DOT_IJK, 1]
    towards_tip = np.array([start[1] * volume.spacing_mm[1], -start[0] * volume.spacing_mm[0]])
    reach = changed @ (towards_tip / np.linalg.norm(towards_tip))
    tip = changed[np.argmax(reach)]
    assert np.abs(tip).max() < 3, "the dot, and with it the tip, is in the middle of the picture"

    store.select(arrow.id)
    store.add(Annotation(Point(tuple(dot)), "head", "Named"))
    gold = np.abs(picture(viewer) - np.array([0xFF, 0xD2, 0x3F])).max(axis=2) < 40
    assert gold.sum() > 30, "the selected mark and its name are golden"


@pytest.mark.parametrize("spacing_mm", [(1.0, 1.0, 2.0), (0.9, 0.9, 1.8), (0.4, 0.8, 0.8)], ids=str)
def test_a_mark_is_seen_on_each_of_its_slices(make_napari_viewer, spacing_mm):
    """Also from places between two slices."""
    viewer = make_napari_viewer(show=True)
    scene = scene_of(viewer)
    matrix = affine_of((0, 1, 2), (1, 1, 1), spacing_mm)
    matrix[:3, 3] = 0
    volume = make_dot_volume(matrix)
    path = Path(tuple(tuple(true_ras_mm(volume, ijk)) for ijk in ((2, 2, 1), (8, 10, 5))))
    scene.show_volume(volume).contrast_limits = (0, 1e6)
    scene.set_store(lesson_on(volume, Annotation(path, "head")))
    scene.set_scale_bar_visible(False)
    planes = ((Plane.SAGITTAL, 0, range(2, 9)), (Plane.CORONAL, 1, range(2, 11)), (Plane.AXIAL, 2, (2, 3)))
    for plane, axis, slices in planes:
        scene.set_plane(plane)
        for number in slices:
            for off in (0.0, 0.5):
                place = np.array([5.0, 6.0, 3.0])
                place[axis] = number - off
                scene.go_to_ras_mm(tuple(true_ras_mm(volume, place)))
                viewer.scene.camera.zoom = 15
                assert (picture(viewer).max(axis=2) > 60).sum() > 30, (plane, number, off)
