"""Going to a mark shows the volume in which it lies: in the lesson panel, and on the tour."""

from __future__ import annotations

import pytest

from napari_vascular_loop._panel import lesson_panel
from napari_vascular_loop.lessons import PHANTOM_LESSON, open_shipped_lesson
from napari_vascular_loop.study_lesson import open_for_study
from napari_vascular_loop.widgets.study_modes import Mode
from napari_vascular_loop.widgets.study_panel import StudyPanel

pytestmark = pytest.mark.gui


def numbered(store, volume_id):
    return next(mark for mark in store.annotations if mark.volume_id == volume_id)


def test_a_mark_is_gone_to_in_whichever_volume_it_lies(make_napari_viewer):
    viewer = make_napari_viewer()
    panel = lesson_panel(viewer)
    store = open_shipped_lesson(PHANTOM_LESSON)
    panel.open_lesson(store)
    assert panel.scene.volume_id == "contact-ciss"
    flow = numbered(store, "contact-tof")
    panel.marks.chosen.emit(flow.id)
    assert panel.scene.volume_id == "contact-tof"
    assert panel.scene.place_ras_mm == pytest.approx(flow.geometry.anchor_ras_mm, abs=0.3)
    assert flow.id in {mark.annotation.id for mark in panel.scene.visible_marks()}
    assert panel.message.text() == ""
    assert len(viewer.layers) >= 2
    names = [layer.name for layer in viewer.layers if layer.name.startswith("SYNTHETIC")]
    assert sorted(names) == ["SYNTHETIC contact, CISS", "SYNTHETIC contact, TOF"]
    assert "SYNTHETIC" in panel.scene.text("warning")

    panel.marks.chosen.emit(numbered(store, "contact-ciss").id)
    assert panel.scene.volume_id == "contact-ciss"
    assert names == [layer.name for layer in viewer.layers if layer.name.startswith("SYNTHETIC")], "read a second time"

    panel.let_go()


def test_the_tour_goes_from_volume_to_volume(make_napari_viewer):
    viewer = make_napari_viewer()
    panel = StudyPanel(viewer)
    store = open_for_study(PHANTOM_LESSON)
    panel.open_lesson(store)
    panel.set_mode(Mode.TOUR)
    seen = [panel.scene.volume_id]
    while seen[-1] != "contact-tof":
        assert panel.go_on()
        seen.append(panel.scene.volume_id)
        assert store.selected.volume_id == seen[-1]
        assert "not shown" not in panel.reader.tour.text.label.text()
    assert panel.go_on()
    assert panel.scene.volume_id == "contact-ciss"
    panel.let_go()
