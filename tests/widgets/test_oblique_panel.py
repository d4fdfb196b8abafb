"""The panel with a plane at any angle, on a viewer without a window."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import rotation
from gestures import lesson_on
from qtpy.QtCore import QPoint, QPointF, Qt
from test_reformat import ramp_at, tilted_volume

from napari_vascular_loop.display.mark_style import LIGHT
from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point
from napari_vascular_loop.domain.drawing import colour_of
from napari_vascular_loop.domain.registration import Registration
from napari_vascular_loop.head_pose import note_registration
from napari_vascular_loop.widgets.oblique_panel import ObliquePanel

pytestmark = pytest.mark.gui

NERVE = Annotation(
    Path(((-6.0, -4.0, 1.0), (2.0, -3.0, 3.0), (9.0, 2.0, 6.0))), "head", "nerve", structure="facial-nerve"
)
LOOP = Annotation(Path(((3.0, -1.0, 9.0), (3.0, -1.0, -9.0))), "head", "loop", structure="aica")
PLACES = tuple(
    Annotation(Point(place), "head", name)
    for name, place in {"a": (1.0, 2.0, 3.0), "b": (-8.0, 4.0, 5.0), "c": (3.0, -6.0, 9.5)}.items()
)


@pytest.fixture
def panel(qtbot, viewer):
    volume = tilted_volume()
    scene = scene_of(viewer)
    scene.show_volume(volume)
    scene.set_store(lesson_on(volume, NERVE, LOOP, *PLACES))
    panel = ObliquePanel(viewer)
    qtbot.addWidget(panel)
    panel.resize(420, 800)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def value_at(panel, ras_mm):
    """What is painted at a place, as a share of the grey scale."""
    place = panel.view.pixel_of(ras_mm)
    image = panel.view.grab().toImage()
    return image.pixelColor(round(place.x()), round(place.y())).lightnessF()


def test_a_plane_square_to_the_path_is_shown_where_the_slider_stands(panel):
    panel.slider.setValue(35)
    centre, normal = panel.oblique.place()
    assert panel.where.text().startswith("3.5 of ")
    assert np.linalg.norm(np.subtract(centre, NERVE.geometry.vertices_ras_mm[0])) == pytest.approx(3.5, abs=1e-6)
    middle = panel.view.pixel_of(centre)
    assert (middle - QPointF(panel.view.width() / 2, panel.view.height() / 2)).manhattanLength() < 2
    there = panel.view.ras_mm_at(middle + QPointF(60, 25))
    assert abs(np.subtract(there, centre) @ normal) < 1e-6
    low, high = panel.oblique.window()
    share = np.clip((ramp_at(there) - low) / (high - low), 0, 1)
    assert value_at(panel, there) == pytest.approx(share, abs=0.06)


def test_the_nearest_vessel_is_said_and_one_can_go_to_it(qtbot, panel):
    assert "loop" in panel.nearest.text()
    qtbot.mouseClick(panel.to_closest, Qt.MouseButton.LeftButton)
    closest = panel.oblique.ride.closest()
    assert panel.oblique.at_mm == pytest.approx(closest.at_mm, abs=0.051)
    assert f"{closest.distance_mm:.1f} mm" in panel.nearest.text()
    assert "loop" in {mark.annotation.label for mark in panel.view.marks}


def test_a_click_on_the_straightened_path_goes_there(qtbot, panel):
    x = round(panel.straight.x_of(8.0))
    qtbot.mouseClick(panel.straight, Qt.MouseButton.LeftButton, pos=QPoint(x, 40))
    assert panel.oblique.at_mm == pytest.approx(8.0, abs=0.2)


def test_a_click_on_the_plane_takes_the_canvas_there(qtbot, panel, viewer):
    place = panel.view.pixel_of(panel.oblique.place()[0]) + QPointF(40, -30)
    wanted = panel.view.ras_mm_at(place)
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=place.toPoint())
    frame = panel.scene.volume.frame
    shown = frame.index_from_display(viewer.dims.point)[0]
    assert round(shown) == round(frame.index_from_display(frame.display_from_ras(wanted))[0])


def test_a_plane_goes_through_three_marks(panel):
    panel.tabs.setCurrentIndex(1)
    for combo, name in zip(panel.marks, "abc", strict=True):
        combo.setCurrentIndex(combo.findText(name))
        combo.activated.emit(combo.currentIndex())
    full = {mark.annotation.label for mark in panel.view.marks if mark.opacity == 1.0}
    assert {"a", "b", "c"} <= full
    assert len(set(panel.view.letters().values())) == 4
    panel.slider.setValue(100)
    assert not {"a", "b", "c"} & {mark.annotation.label for mark in panel.view.marks}


def test_what_is_missing_is_said(panel):
    panel.tabs.setCurrentIndex(1)
    for combo in panel.marks:
        combo.setCurrentIndex(0)
    panel.marks[0].activated.emit(0)
    assert not panel.slider.isEnabled()
    assert "three different marks" in panel.view._note


def test_the_panel_follows_the_lesson(panel):
    store = panel.scene.store
    store.remove(NERVE.id)
    assert panel.path.currentText() == "loop"
    store.remove(LOOP.id)
    assert "Draw a path" in panel.view._note
    store.undo()
    assert panel.view.marks


def test_a_slab_can_be_shown(panel):
    panel.slab.setCurrentText("MIP")
    panel.slab.activated.emit(2)
    assert panel.thickness.isEnabled()
    assert panel.oblique.thickness_mm == 5.0
    assert panel.view.marks


def test_a_closed_panel_listens_to_nobody(panel):
    store, layer = panel.scene.store, panel.scene.layer
    panel.close()
    before = panel.oblique.at_mm
    store.remove(NERVE.id)
    layer.contrast_limits = (0, 10)
    assert panel.oblique.at_mm == before
    assert len(panel.scene.changed) == 0


def test_marks_within_the_slab_are_shown_in_full_and_arrows_in_the_chosen_inks(panel):
    panel.slider.setValue(35)
    centre, normal = panel.oblique.place()
    across = np.cross(normal, (0.0, 0.0, 1.0))
    tip = np.asarray(centre) + 3.0 * np.asarray(normal)
    arrow = Annotation(Arrow(tuple(tip + 4 * across), tuple(tip)), "head", "3 mm off")
    panel.scene.store.add(arrow)
    assert panel.scene.store.selected == arrow

    def opacity():
        return {mark.annotation.id: mark.opacity for mark in panel.view.marks}.get(arrow.id, 0.0)

    assert 0 < opacity() < 0.5
    panel.slab.setCurrentText("MIP")
    panel.slab.activated.emit(panel.slab.currentIndex())
    panel.thickness.setValue(6.5)
    assert opacity() == 1.0
    inside = panel.view.pixel_of(tuple(tip + 1.3 * across))

    def ink():
        image = panel.view.grab().toImage()
        return image.pixelColor(round(inside.x()), round(inside.y())).lightnessF()

    assert ink() < 0.1
    panel.scene.set_mark_style(LIGHT)
    assert ink() > 0.9


def test_a_text_is_written_on_the_plane_without_a_point(panel):
    panel.slider.setValue(35)
    centre, normal = panel.oblique.place()
    across = np.cross(normal, (0.0, 0.0, 1.0))
    place = tuple(np.asarray(centre) + 8.0 * across)

    def colours(as_text):
        mark = Annotation(Point(place, as_text), "head", "Mind", structure="facial-nerve")
        panel.scene.store.add(mark)
        at, image = panel.view.pixel_of(place), panel.view.grab().toImage()
        panel.scene.store.undo()
        around = [(round(at.x()) + dx, round(at.y()) + dy) for dx in range(-20, 21) for dy in range(-8, 9)]
        return [image.pixelColor(*pixel).name() for pixel in around]

    yellow = colour_of(Annotation(Point(place), "head", structure="facial-nerve")).lower()
    assert yellow in colours(as_text=False)
    words = colours(as_text=True)
    assert yellow not in words
    assert words.count("#ffffff") > 20


def test_the_head_is_shown_straight_however_it_lay_in_the_scanner(panel):
    panel.straighten_head()
    assert "How the head lies is not known yet" in panel.view.note
    scanned = np.eye(4)
    scanned[:3, :3] = 0.9 * rotation(9, -16, 12)
    note_registration(panel.scene.volume, Registration(scanned, scanned, scanned, 0.8, 0.1, 0.1, 0.9, True))
    panel.scene.go_to_ras_mm((2.0, -1.0, 3.0))
    panel.straighten_head()
    assert "turned back by" in panel.head_turned.text()
    right, anterior, superior = scanned[:3, :3] / 0.9
    middle = panel.oblique.place()[0]
    assert middle == pytest.approx((2.0, -1.0, 3.0), abs=0.01)
    for plane, normal, up in ((0, superior, anterior), (1, anterior, superior), (2, right, superior)):
        panel.head_plane.setCurrentIndex(plane)
        panel.head_plane.activated.emit(plane)
        assert panel.oblique.place()[1] == pytest.approx(normal, abs=1e-9)
        here = panel.view.pixel_of(middle)
        above = panel.view.pixel_of(tuple(middle + 6 * up))
        assert above.x() == pytest.approx(here.x(), abs=0.5)
        assert above.y() < here.y() - 5
    panel.slider.setValue(60)
    assert panel.oblique.place()[0] == pytest.approx(middle + 6 * right, abs=1e-6)
    panel.tabs.setCurrentIndex(1)
    assert panel.oblique.head_plane is None
    assert not panel.head_row.isVisible()


def test_another_scan_is_cut_through_a_place_of_its_own(panel):
    lies = Registration(np.eye(4), np.eye(4), np.eye(4), 0.8, 0.1, 0.1, 0.9, True)
    note_registration(panel.scene.volume, lies)
    panel.scene.go_to_ras_mm((6.0, -5.0, 7.0))
    panel.straighten_head()
    panel.slider.setValue(120)
    other = tilted_volume()
    note_registration(other, lies)
    panel.scene.show_volume(other)
    assert panel.oblique.at_mm == 0
    assert panel.oblique.place()[0] == pytest.approx(panel.scene.place_ras_mm, abs=1e-6)
    panel.scene.show_volume(tilted_volume())
    assert "How the head lies is not known yet" in panel.view.note
