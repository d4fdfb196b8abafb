"""Hidden and locked marks, by clicks on eyes and locks: what a lock keeps, and what is as it was left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from gestures import Hand, copy_of_lesson, drawn
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QPushButton

from napari_vascular_loop.display.tools import Tool
from napari_vascular_loop.formats.marks_left import MarksLeft, keep_marks_left, read_marks_left
from napari_vascular_loop.lessons import open_first_lesson, open_lesson
from napari_vascular_loop.store.read_only import read_only_store
from napari_vascular_loop.widgets.lesson_panel import LessonPanel
from napari_vascular_loop.widgets.mark_rows import LOCKED, SHOWN

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(make_panel):
    return make_panel(LessonPanel)


def click_on(qtbot, panel, row, column):
    view = panel.marks.view
    view.scrollTo(panel.marks.rows.index(row, column))
    place = view.visualRect(panel.marks.rows.index(row, column)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def seen(panel):
    return {mark.annotation.id for mark in panel.scene.visible_marks()}


def button(panel, name):
    return next(each for each in panel.bar.findChildren(QPushButton) if each.accessibleName() == name)


def test_what_was_hidden_and_locked_is_so_when_the_lesson_is_opened_again(qtbot, panel, make_panel, tmp_path, viewer):
    folder = copy_of_lesson(tmp_path)
    files = {path.name: path.read_bytes() for path in folder.glob("*.json")}
    panel.tabs.setCurrentWidget(panel.marks)
    panel.open_lesson(open_lesson(folder))
    first, second = panel.store.annotations[:2]
    assert panel.message.text() == ""
    click_on(qtbot, panel, 0, SHOWN)
    click_on(qtbot, panel, 1, LOCKED)
    panel.scene.go_to(first)
    assert first.id not in seen(panel)
    assert panel.store.undo_title is None, "no edit of the lesson"

    # The same lesson again, by the same panel; what another lesson has is its own.
    other = copy_of_lesson(tmp_path / "other")
    panel.open_lesson(open_lesson(other))
    panel.scene.go_to(panel.store.annotations[0])
    assert panel.store.annotations[0].id in seen(panel)
    panel.open_lesson(open_lesson(folder))
    panel.scene.go_to(first)
    assert first.id not in seen(panel)
    assert "1 mark is hidden, as you left it" in panel.message.text()
    assert panel.scene.filter.is_locked(second.id)

    # Study, in the same window, shows what it asks for; afterwards it is hidden again.
    store = panel.store
    panel.scene.set_store(read_only_store(store.lesson))
    panel.scene.filter.show_all()
    panel.scene.set_store(store)
    panel.scene.go_to(first)
    assert first.id not in seen(panel)

    # By another window, after the panel was closed; nothing stays hidden in the first one's scene.
    panel.close()
    assert panel.scene.filter.hidden == frozenset()
    renamed = Path(shutil.move(folder, tmp_path / "renamed"))
    left = read_marks_left(renamed)
    assert left == MarksLeft(frozenset({first.id}), frozenset({second.id})), "known again under another name"
    assert {path.name: path.read_bytes() for path in renamed.glob("*.json")} == files, "nothing of it in the lesson"


def test_a_lock_keeps_a_mark_from_delete_key_eraser_move_and_writing_but_not_from_undo(qtbot, panel, tmp_path, viewer):
    folder = copy_of_lesson(tmp_path)
    panel.tabs.setCurrentWidget(panel.marks)
    panel.open_lesson(open_lesson(folder))
    mark = panel.store.annotations[0]
    panel._select(mark.id)
    panel.edits.change(mark.id, "change label", label="Written before")
    mark = panel.store.annotations[0]
    viewer.scene.camera.zoom = 12
    place = panel.scene.volume.frame.display_from_ras(mark.geometry.anchor_ras_mm)
    quads = len(drawn(viewer))
    click_on(qtbot, panel, 0, LOCKED)
    assert len(drawn(viewer)) == quads - 2, "no rings to move it by"

    def untouched():
        said = panel.message.text() if panel.message.isVisible() else ""
        said = said or panel.hint.text()
        assert panel.store.annotations[0] == mark
        assert said == "Written before is locked: unlock it in the list of marks"
        panel.tell("")
        panel.hint.setText("")

    panel._select(mark.id)
    qtbot.mouseClick(button(panel, "Delete"), Qt.MouseButton.LeftButton)
    untouched()
    panel.marks.view.setFocus()
    qtbot.keyClick(panel.marks.view, Qt.Key.Key_Delete)
    untouched()
    hand = Hand(viewer)
    hand.drag(place, place + 3.0)
    untouched()
    hand.double_click(place)
    untouched()
    assert not panel.label_editor.isVisible()
    panel.tools.choose(Tool.ERASER)
    hand.click(place)
    untouched()
    panel.tools.choose(Tool.BROWSE)
    panel.tabs.setCurrentWidget(panel.details)
    assert panel.form.locked.text() == "Written before is locked: unlock it in the list of marks"
    assert panel.form.locked.isVisible()
    for field in (panel.form.label, panel.form.note, panel.form.structure, panel.form.side, panel.form.grade):
        assert not field.isEnabled()
    assert panel.form.links.isEnabled()

    # Undo takes back what was done before the lock, redo does it again.
    qtbot.mouseClick(button(panel, "Undo"), Qt.MouseButton.LeftButton)
    assert panel.store.annotations[0].label != "Written before"
    qtbot.mouseClick(button(panel, "Redo"), Qt.MouseButton.LeftButton)
    assert panel.store.annotations[0] == mark

    # Unlocked, all goes again.
    panel.tabs.setCurrentWidget(panel.marks)
    click_on(qtbot, panel, 0, LOCKED)
    panel.tabs.setCurrentWidget(panel.details)
    assert panel.form.label.isEnabled()
    assert not panel.form.locked.isVisible()
    panel._select(mark.id)
    qtbot.mouseClick(button(panel, "Delete"), Qt.MouseButton.LeftButton)
    assert mark.id not in {each.id for each in panel.store.annotations}


def test_a_shipped_lesson_hands_what_was_hidden_to_the_users_copy(qtbot, panel):
    store, volume, _ = open_first_lesson()
    panel.tabs.setCurrentWidget(panel.marks)
    panel.show_lesson(store, volume)
    click_on(qtbot, panel, 1, SHOWN)
    hidden = store.annotations[1].id
    shipped = store.folder
    assert store.is_original
    store.change(store.annotations[0].id, "change note", note="Mine")
    panel.close()
    assert store.folder != shipped
    assert read_marks_left(store.folder).hidden == {hidden}


@pytest.mark.parametrize("damage", [b"", b"[1]", b'{"hidden": 3, "locked": [7, "a"]}', b"{" * 5000])
def test_a_damaged_memory_is_none(tmp_path, damage, monkeypatch):
    monkeypatch.setenv("VASCULAR_LOOP_STATE", str(tmp_path / "state"))
    lesson = tmp_path / "lesson"
    lesson.mkdir()
    keep_marks_left(lesson, MarksLeft(frozenset({"b"})))
    (kept,) = (tmp_path / "state" / "marks").iterdir()
    assert read_marks_left(lesson).hidden == {"b"}
    kept.write_bytes(damage)
    assert read_marks_left(lesson).hidden == frozenset()


def test_nothing_is_written_where_nothing_is_hidden(tmp_path, monkeypatch):
    monkeypatch.setenv("VASCULAR_LOOP_STATE", str(tmp_path / "state"))
    keep_marks_left(tmp_path, MarksLeft())
    assert not (tmp_path / "state").exists()
