"""The lesson panel is there at once; what it has besides follows, at the latest when one asks for it."""

from __future__ import annotations

import pytest
from gestures import lesson_on
from napari.settings import get_plugin_settings
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QPushButton
from rooms import head_volume

from napari_vascular_loop.display.mark_style import DARK, LIGHT
from napari_vascular_loop.display.tools import Tool
from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.widgets import panel_pages, plane_control, settings
from napari_vascular_loop.widgets.settings import PLUGIN

pytestmark = pytest.mark.gui


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """The file in which napari keeps what was changed in the preferences, before napari has been asked for it."""
    monkeypatch.setattr(settings, "_folder", lambda: tmp_path)
    monkeypatch.setattr(settings, "_loaded", False)
    return tmp_path / f"{PLUGIN}.yaml"


def docked(viewer):
    """Open the panel as napari's menu does; no event has been handled since."""
    return viewer.window.add_plugin_dock_widget(PLUGIN, "Lesson panel")


def lesson():
    volume = head_volume()
    return volume, lesson_on(volume, Annotation(Point((3.0, 4.0, 5.0)), "head", label="Loop"))


def test_what_is_clicked_before_the_pages_are_made_works(make_napari_viewer, qtbot, monkeypatch):
    monkeypatch.setattr(panel_pages, "_AFTER_MS", 2_000)
    viewer = make_napari_viewer()
    viewer.window.main_menu.window().show()
    _, panel = docked(viewer)
    volume, store = lesson()
    panel.show_lesson(store, volume)
    QApplication.processEvents()
    pages = (panel.tabs.details, panel.tabs.asked, panel.tabs.check)
    assert [page.is_made for page in pages] == [False] * 3
    arrow = next(each for each in panel.bar.findChildren(QPushButton) if "Arrow" in each.text())
    qtbot.mouseClick(arrow, Qt.MouseButton.LeftButton)
    assert panel.tools.tool is Tool.ARROW
    panel.tools.choose(Tool.BROWSE)

    store.select(store.annotations[0].id)
    bar = panel.tabs.tabBar()
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(1).center())
    assert [page.is_made for page in pages] == [True, False, False]
    assert panel.form.label.isVisible()
    assert panel.form.label.text() == "Loop"
    panel.form.label.setFocus()
    qtbot.keyClicks(panel.form.label, "s")
    panel.commit()
    assert store.annotations[0].label == "Loops"

    qtbot.waitUntil(lambda: panel.tabs.are_made, timeout=20_000)
    # What the lesson lacks is counted without a look at the page.
    qtbot.waitUntil(lambda: panel.tabs.tabText(3).startswith("Check ("), timeout=20_000)


def test_what_comes_later_does_not_come_to_a_closed_panel(make_napari_viewer, qtbot, monkeypatch, kept):
    viewer = make_napari_viewer()
    dock, panel = docked(viewer)
    canvases, pages = panel.control._canvases, panel.tabs
    viewer.window.remove_dock_widget(dock)
    loaded = []
    monkeypatch.setattr(settings, "_group", lambda name: loaded.append(name))
    assert not kept.exists()
    qtbot.wait(plane_control._SETTINGS_AFTER_MS + 200)
    assert not pages.are_made if not _is_deleted(pages) else True
    assert not canvases._loading.isActive()
    assert loaded == []


def test_settings_are_those_of_the_file_until_napari_has_been_asked(make_napari_viewer, qtbot, kept):
    kept.write_text("display:\n  marks: white\n  fade_mm: 5.5\n  wheel: zoom\n  snap_to_slice: 7\n")
    viewer = make_napari_viewer()
    _, panel = docked(viewer)
    assert not settings._loaded
    assert panel.scene.mark_style is LIGHT
    assert panel.scene.fade_mm == 5.5
    assert not panel.control._canvases.mouse.wheel_steps
    assert panel.scene.snap_to_slice, "what is no yes or no there is not believed"

    # napari, which in this test reads another file, is followed as soon as it has been asked.
    qtbot.waitUntil(lambda: panel.scene.mark_style is DARK, timeout=5_000)
    get_plugin_settings(PLUGIN).display.marks = "white"
    assert panel.scene.mark_style is LIGHT


@pytest.mark.parametrize("text", ["", "- 1\n", "display: 3\n", "display: [\n", "\x00"])
def test_a_broken_file_of_settings_is_no_reason_not_to_open(kept, text):
    kept.write_text(text)
    assert settings.radiological()
    assert settings.mark_style() is DARK


def _is_deleted(widget):
    try:
        widget.objectName()
    except RuntimeError:
        return True
    return False
