"""Going to a structure by its name: the lesson's marks first, then the scan, with a ring that says how sure it is."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import numpy as np
import pytest
from gestures import colours_drawn, lesson_on, true_ras_mm
from qtpy.QtCore import Qt
from rooms import head_volume

from napari_vascular_loop.display.ring import ring_lines
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point, Side
from napari_vascular_loop.domain.errors import LocateError
from napari_vascular_loop.domain.mark_search import marks_called
from napari_vascular_loop.domain.midline import Midline
from napari_vascular_loop.domain.registration import Registration
from napari_vascular_loop.domain.ring import Ring, ring_on_slice
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.domain.terms import structure_by_id
from napari_vascular_loop.head_pose import note_registration
from napari_vascular_loop.midline_search import estimate_midline
from napari_vascular_loop.widgets import go_to
from napari_vascular_loop.widgets.go_to import GoToBox

PLACE = (12, 30, 9)


def answer(place, verdict="found", side=Side.RIGHT):
    """What the finder answers, as far as the box looks at it."""
    known = SimpleNamespace(structure=structure_by_id("facial-nerve-root"), side=side)
    return SimpleNamespace(
        place=known,
        place_ras_mm=place,
        is_shown=place is not None,
        radius_mm=6.0,
        verdict=verdict,
        midline=None if place is None else Midline(np.array([0.98, 0.199, 0.0]), 3.5, 1.0),
        words=f"{side.value}: {verdict}, the reasons",
    )


def test_marks_of_the_very_structure_come_first_and_those_of_the_other_side_not_at_all():
    marks = [
        Annotation(Point((0, 0, 0)), "head", "Beside the facial nerve root", id="label"),
        Annotation(Point((1, 0, 0)), "head", "R", structure="facial-nerve-root", side=Side.RIGHT, id="right"),
        Annotation(Point((-1, 0, 0)), "head", "L", structure="facial-nerve-root", side=Side.LEFT, id="left"),
        Annotation(Point((0, 0, 9)), "head", "Pons", id="pons"),
    ]
    assert [mark.id for mark in marks_called(marks, "facial nerve root")] == ["right", "left", "label"]
    assert [mark.id for mark in marks_called(marks, "facial nerve root", Side.LEFT)] == ["left", "label"]
    assert [mark.id for mark in marks_called(marks, "pon")] == ["pons"]
    assert marks_called(marks, "  ") == ()


def test_a_ring_is_a_sphere_cut_by_the_slice():
    place = np.array([10.0, 20.0, 30.0])
    middle = ring_on_slice(place, 5.0, 1, 20.0)
    assert np.linalg.norm(middle - [10, 30], axis=1) == pytest.approx(5)
    assert np.linalg.norm(ring_on_slice(place, 5.0, 1, 24.0) - [10, 30], axis=1) == pytest.approx(3)
    assert ring_on_slice(place, 5.0, 1, 25.0) is None


@pytest.fixture
def box(scene, qtbot):
    scene.show_volume(head_volume())
    made = GoToBox(scene)
    qtbot.addWidget(made)
    made.show()
    return made


def located(monkeypatch, give):
    monkeypatch.setattr(go_to, "located", lambda volume, said, side, progress: give(volume, said, side, progress))


@pytest.mark.gui
def test_found_it_is_shown_with_its_ring_in_all_planes(box, scene, qtbot, monkeypatch):
    volume = scene.volume
    place, other = (tuple(map(float, true_ras_mm(volume, ijk))) for ijk in (PLACE, (25, 12, 15)))
    asked = []

    def give(_volume, said, side, progress):
        asked.append((said, side))
        progress(0.5)
        return [answer(place), answer(other, "doubtful", Side.LEFT)]

    located(monkeypatch, give)
    box.structure.setCurrentText("REZ")
    next(one for one in box.sides.buttons() if one.text() == "right").click()
    before = len(colours_drawn(scene.viewer))
    qtbot.mouseClick(box.find, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: box.places.count() == 2, timeout=5000)
    assert not box.said.isVisible()
    assert asked == [("REZ", Side.RIGHT)]
    assert scene.rings == (Ring(place, 6.0, False), Ring(other, 6.0, True))
    assert scene.place_ras_mm == pytest.approx(place, abs=1e-6)
    assert len(colours_drawn(scene.viewer)) > before + 10
    for plane in Plane:
        scene.set_plane(plane)
        scene.go_to_ras_mm(place)
        drawn = ring_lines(volume.frame, scene.state(), scene.rings[0])
        assert len(drawn) == 3, "ring, and a cross at its middle"
        assert drawn[0].closed
    assert estimate_midline(volume).offset_mm == 3.5, "figures show the other side across the plane that came with it"
    box.places.setCurrentRow(1)
    assert scene.place_ras_mm == pytest.approx(other, abs=1e-6)
    assert len(ring_lines(volume.frame, scene.state(), scene.rings[1])) > 8, "dashed where it is doubtful"
    assert not box.arrow.isEnabled()
    assert "make one of this volume" in box.arrow.toolTip()
    box.hide_ring.click()
    assert scene.rings == ()
    assert not box.arrow.isVisible()
    scene.set_rings((Ring(place, 6.0),))
    scene.show_volume(head_volume())
    assert scene.rings == (), "of another scan nothing is known"


@pytest.mark.gui
def test_not_found_draws_nothing_and_says_why(box, scene, qtbot, monkeypatch):
    located(monkeypatch, lambda *_: [answer(None, "not found")])
    box.structure.setCurrentText("pons")
    box.look()
    qtbot.waitUntil(lambda: "not found" in box.said.text(), timeout=5000)
    assert scene.rings == ()
    assert not box.hide_ring.isVisible()

    def fail(*_):
        raise LocateError("the scan is too small")

    located(monkeypatch, fail)
    box.look()
    qtbot.waitUntil(lambda: box.said.text() == "the scan is too small", timeout=5000)
    assert box.find.isEnabled()


@pytest.mark.gui
def test_the_window_lives_meanwhile_and_one_can_end_it(box, qtbot, monkeypatch):
    go_on = threading.Event()

    def slowly(_volume, _said, _side, progress):
        for number in range(200):
            progress(number / 200)
            go_on.wait(0.02)
        return [answer((0.0, 0.0, 0.0))]

    located(monkeypatch, slowly)
    box.structure.setCurrentText("pons")
    box.look()
    qtbot.waitUntil(lambda: box.progress.value() > 2, timeout=5000)
    assert box.cancel.isVisible()
    box.cancel.click()
    go_on.set()
    qtbot.waitUntil(lambda: not box.cancel.isVisible(), timeout=5000)
    assert "Not looked any further" in box.said.text()


@pytest.mark.gui
def test_marks_of_the_lesson_are_offered_and_an_arrow_is_proposed(make_panel, viewer, qtbot, monkeypatch):
    from napari_vascular_loop.widgets.lesson_panel import LessonPanel

    panel, volume = make_panel(LessonPanel), head_volume()
    place = tuple(true_ras_mm(volume, PLACE))
    panel.scene.show_volume(volume)
    mark = Annotation(Point(place), "head", "Root", structure="facial-nerve-root", side=Side.RIGHT)
    panel.show_lesson(lesson_on(volume, mark), None)
    panel.control.show_go_to()
    box = go_to.go_to_box(panel.scene)
    qtbot.addWidget(box)
    box.structure.setCurrentText("facial nerve root")
    assert [box.marks.rows.item(n).text() for n in range(box.marks.rows.count())] == ["Root"]
    box.marks.rows.itemActivated.emit(box.marks.rows.item(0))
    assert panel.store.selected.id == mark.id
    located(monkeypatch, lambda *_: [answer(place)])
    box.look()
    qtbot.waitUntil(lambda: box.arrow.isVisible(), timeout=5000)
    box.arrow.click()
    (new,) = (one for one in panel.store.annotations if isinstance(one.geometry, Arrow))
    assert new.geometry.tip_ras_mm == pytest.approx(place)
    assert np.linalg.norm(np.subtract(new.geometry.tail_ras_mm, place)) > 6.0
    assert (new.structure, new.side) == ("facial-nerve-root", Side.RIGHT)
    assert panel.store.selected.id == new.id
    box.close()


@pytest.mark.gui
def test_how_the_scan_lies_over_the_atlas_stays_with_the_lesson(make_panel, qtbot, monkeypatch):
    from napari_vascular_loop.widgets.lesson_panel import LessonPanel

    panel, volume = make_panel(LessonPanel), head_volume()
    panel.scene.show_volume(volume)
    panel.show_lesson(lesson_on(volume), None)
    box = go_to.go_to_box(panel.scene)
    qtbot.addWidget(box)
    found = Registration(np.eye(4), np.eye(4), np.eye(4), 0.8, 0.1, 0.1, 0.9, True)

    def give(scan, *_):
        note_registration(scan, found)
        return [answer(tuple(true_ras_mm(volume, PLACE)))]

    located(monkeypatch, give)
    assert not box.straighten.isVisible()
    box.structure.setCurrentText("REZ")
    box.look()
    qtbot.waitUntil(lambda: box.arrow.isVisible(), timeout=5000)
    store = panel.store
    assert store.lesson.volumes[0].registration == found
    assert store.undo_title == "lay over the atlas"
    store.undo()
    box.arrow.click()
    assert store.lesson.volumes[0].registration == found
    assert store.undo(), "arrow and atlas are one step"
    assert store.annotations == ()
    assert store.lesson.volumes[0].registration is None
    shown = []
    oblique = SimpleNamespace(straighten_head=lambda: shown.append("straight"))
    monkeypatch.setattr(go_to, "oblique_panel", lambda _viewer: oblique)
    assert box.straighten.isVisible()
    box.straighten.click()
    assert shown == ["straight"]
    box.close()


@pytest.mark.gui
def test_three_landmarks_that_one_points_at_lead_there(box, scene, qtbot):
    box.structure.setCurrentText("REZ")
    next(one for one in box.sides.buttons() if one.text() == "right").click()
    box.by_landmarks.click()
    rows = box.landmarks
    assert len(rows.buttons) >= 5
    # The scan is the atlas, shrunk to fit into the small head and moved.
    middle = np.array(true_ras_mm(scene.volume, (20, 22, 12)), dtype=float)
    chosen = [place for place in rows.buttons if place.structure.id != "fourth-ventricle"][:4]
    centre = np.mean([place.as_array for place in chosen], axis=0)
    for place in chosen:
        assert not rows.work_out.isEnabled() or len(rows.clicked) >= 3
        scene.go_to_ras_mm(tuple(middle + (place.as_array - centre) * 0.8))
        rows.buttons[place].click()
    assert len({text.text() for text in rows.buttons.values()}) == len(rows.buttons)
    rows.work_out.click()
    (found,) = box._answers or [None]
    assert found is not None, box.said.text()
    assert found.how == "landmarks"
    root = np.array([19.0, -34.0, -42.0])
    away = np.linalg.norm(np.subtract(found.place_ras_mm, middle + (root - centre) * 0.8))
    assert away < found.radius_mm
    assert scene.rings[0].radius_mm == found.radius_mm
    across = estimate_midline(scene.volume)
    middle_mm = float((middle - centre * 0.8)[0])
    assert (across.normal_ras[0], across.offset_mm) == pytest.approx((1, middle_mm), abs=1e-3), "landmarks tell it, too"
    scene.show_volume(head_volume())
    assert rows.clicked == []


@pytest.mark.gui
def test_a_student_is_asked_before_the_place_is_shown(box, scene, qtbot, monkeypatch):
    place, other = (tuple(map(float, true_ras_mm(scene.volume, ijk))) for ijk in (PLACE, (25, 12, 15)))
    located(monkeypatch, lambda *_: [answer(place), answer(other, "found", Side.LEFT)])
    box.structure.setCurrentText("REZ")
    box.ask_first.setChecked(True)
    for away_mm, words in (
        (4.0, "Well looked: 4.0 mm"),
        (9.0, "9.0 mm from the middle of the ring on the right, outside"),
    ):
        box.look()
        qtbot.waitUntil(box.reveal.isVisible, timeout=5000)
        assert scene.rings == (), "nothing gives it away"
        assert box.places.count() == 0
        guess = (place[0], place[1] + away_mm, place[2])
        scene.go_to_ras_mm(guess)
        box.reveal.click()
        assert box.said.text().startswith(words)
        assert len(scene.rings) == 2
        assert scene.place_ras_mm == pytest.approx(guess, abs=1e-6), "both can be compared"
        assert not box.reveal.isVisible()
    located(monkeypatch, lambda *_: [answer(place, "doubtful")])
    box.look()
    qtbot.waitUntil(box.reveal.isVisible, timeout=5000)
    assert box.said.text().startswith("A place is expected, but doubtful. Click in the image")
