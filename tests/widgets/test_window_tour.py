"""The walk round the window."""

from __future__ import annotations

import pytest
from gestures import copy_of_lesson
from qtpy.QtCore import Qt

from napari_vascular_loop.lessons import open_lesson
from napari_vascular_loop.widgets import settings
from napari_vascular_loop.widgets.lesson_panel import LessonPanel

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(make_panel, tmp_path):
    panel = make_panel(LessonPanel)
    panel.open_lesson(open_lesson(copy_of_lesson(tmp_path)))
    return panel


def framed(tour, widget):
    corner = widget.mapTo(tour.parentWidget(), widget.rect().topLeft())
    return tour.frame.geometry().contains(corner) and tour.frame.width() >= widget.width()


def test_it_stops_at_each_part_and_ends(qtbot, panel):
    panel.walk_round()
    tour = panel.tour
    seen = [panel.planes, panel.pane, panel.tabs, panel.bar, panel.saved, panel.menu]
    for number, widget in enumerate(seen, start=1):
        assert tour.isVisible()
        assert tour.count.text() == f"{number} / {len(seen)}"
        assert framed(tour, widget)
        inside = panel.rect().contains(tour.geometry())
        assert inside, tour.geometry()
        qtbot.mouseClick(tour.on, Qt.MouseButton.LeftButton)
    assert not tour.isVisible()
    assert not tour.frame.isVisible()


def test_keys_step_and_end_it(qtbot, panel):
    panel.walk_round()
    tour = panel.tour
    qtbot.keyClick(tour, Qt.Key.Key_Right)
    qtbot.keyClick(tour, Qt.Key.Key_Right)
    qtbot.keyClick(tour, Qt.Key.Key_Left)
    assert tour.count.text().startswith("2 /")
    qtbot.keyClick(tour, Qt.Key.Key_Escape)
    assert not tour.isVisible()


def test_it_comes_by_itself_only_once(panel):
    settings._group("teaching").walked_round = False
    assert settings.is_first_time()
    panel._walk_round_once()
    assert panel.tour.isVisible()
    panel.tour.finish()
    first = panel.tour
    assert not settings.is_first_time()
    panel._walk_round_once()
    assert panel.tour is first
