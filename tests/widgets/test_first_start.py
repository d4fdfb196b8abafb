"""A panel that a user opens in an empty window shows a lesson by itself; one with something to show does not."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QTimer

from napari_vascular_loop import lessons
from napari_vascular_loop._panel import PLUGIN

pytestmark = pytest.mark.gui


@pytest.fixture
def without_colin27(monkeypatch):
    monkeypatch.setattr(lessons, "local_path", lambda _entry: None)


def docked_by_a_user(viewer, name, qtbot):
    """Choose a panel in the menu of plugins, while Qt waits for what the user does."""
    made = []
    QTimer.singleShot(0, lambda: made.append(viewer.window.add_plugin_dock_widget(PLUGIN, name)[1]))
    qtbot.waitUntil(lambda: bool(made), timeout=20_000)
    return made[0]


@pytest.mark.usefixtures("without_colin27")
@pytest.mark.parametrize("name", ["Lesson panel", "Study"])
def test_with_nothing_open_the_lesson_on_the_computed_head_is_shown(make_napari_viewer, qtbot, name):
    viewer = make_napari_viewer()
    panel = docked_by_a_user(viewer, name, qtbot)
    qtbot.waitUntil(lambda: panel.scene.volume_id == "contact-ciss", timeout=60_000)
    assert panel.store.lesson.id == lessons.PHANTOM_LESSON
    assert "SYNTHETIC" in panel.title.text()
    assert "SYNTHETIC" in panel.scene.text("warning")
    qtbot.waitUntil(lambda: bool(panel.scene.visible_marks()), timeout=5_000)


@pytest.mark.usefixtures("without_colin27")
def test_beside_what_is_open_no_lesson_is_shown(make_napari_viewer, qtbot):
    viewer = make_napari_viewer()
    viewer.add_image(np.zeros((4, 5, 6)))
    panel = docked_by_a_user(viewer, "Lesson panel", qtbot)
    qtbot.wait(100)
    assert panel.store is None
    assert len(viewer.layers) >= 1
    assert "No lesson open" in panel.title.text()


@pytest.mark.usefixtures("without_colin27")
@pytest.mark.parametrize("name", ["Lesson panel", "Study"])
def test_with_a_network_the_lesson_on_the_real_scan_is_offered(make_napari_viewer, qtbot, monkeypatch, name):
    monkeypatch.delenv("VASCULAR_LOOP_OFFLINE")
    panel = docked_by_a_user(make_napari_viewer(), name, qtbot)
    qtbot.waitUntil(lambda: "The vascular loop" in said_by(panel), timeout=60_000)
    assert "65.2 MB" in said_by(panel)
    assert "downloaded when it is opened" in said_by(panel)
    assert panel.store.lesson.id == lessons.PHANTOM_LESSON, "nothing was downloaded"
    entries = [action.text() for action in panel.menu.menu().actions()]
    assert "Lesson: the vascular loop (real scan)" in entries


def said_by(panel):
    return panel.message.text()


def test_the_lesson_to_begin_with_is_one_that_needs_no_network(monkeypatch, tmp_path):
    here = set()
    monkeypatch.setattr(lessons, "local_path", lambda entry: tmp_path if entry.id in here else None)
    assert lessons.lesson_to_begin_with() == lessons.PHANTOM_LESSON
    here.add("colin27")
    assert lessons.lesson_to_begin_with() == lessons.FIRST_LESSON
    here.add("tof-aica-loop")
    assert lessons.lesson_to_begin_with() == lessons.LOOP_LESSON


def test_nothing_is_offered_that_is_here_or_must_not_be_downloaded(monkeypatch, tmp_path):
    assert lessons.offer_of_the_loop() == "", "no downloads"
    monkeypatch.delenv("VASCULAR_LOOP_OFFLINE")
    assert "real scan" in lessons.offer_of_the_loop()
    monkeypatch.setattr(lessons, "local_path", lambda _entry: tmp_path)
    assert lessons.offer_of_the_loop() == ""
