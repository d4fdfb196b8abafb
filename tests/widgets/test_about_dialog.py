"""The form of what a lesson says of itself: one edit of what was changed, and nothing else touched."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gestures import copy_of_lesson
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialogButtonBox

from napari_vascular_loop.imaging_part import headings
from napari_vascular_loop.lessons import open_lesson
from napari_vascular_loop.widgets.about_dialog import AboutDialog
from napari_vascular_loop.widgets.lesson_panel import LessonPanel

pytestmark = pytest.mark.gui

LEFT = Qt.MouseButton.LeftButton
SHOWS = "What it shows"


@pytest.fixture
def store(tmp_path):
    store = open_lesson(copy_of_lesson(tmp_path))
    store.edit_details(authors=(), licence="", credit="", minutes=None, audience="", objectives=(), imaging=())
    yield store
    store.close()


@pytest.fixture
def dialog(qtbot, store):
    dialog = AboutDialog(store)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def save(qtbot, dialog) -> None:
    qtbot.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.Save), LEFT)


def test_what_is_filled_in_is_one_edit_on_disk_and_undone_at_once(qtbot, store, dialog, tmp_path):
    before = store.lesson
    dialog.authors.setPlainText("Ada Teacher\n\n Ben  Reader ")
    dialog.licence.setCurrentText("CC-BY-4.0")
    qtbot.keyClicks(dialog.credit, "Our Hospital")
    qtbot.keyClicks(dialog.audience, "for residents")
    dialog.minutes.setValue(25)
    dialog.objectives.setPlainText("find the porus\ntell a tumour from a vessel")
    (heading,) = dialog.imaging.findItems(SHOWS, Qt.MatchFlag.MatchExactly)
    heading.setCheckState(Qt.CheckState.Checked)
    (scan,) = dialog.scans.values()
    scan.setText("T1, computed")
    save(qtbot, dialog)

    said = store.lesson
    assert said.authors == ("Ada Teacher", "Ben Reader")
    assert (said.licence, said.credit, said.audience, said.minutes) == (
        "CC-BY-4.0",
        "Our Hospital",
        "for residents",
        25,
    )
    assert said.objectives == ("find the porus", "tell a tumour from a vessel")
    assert said.imaging == (SHOWS,)
    assert [volume.title for volume in said.volumes] == ["T1, computed"]
    assert replace(said.volumes[0], title=before.volumes[0].title) == before.volumes[0]
    store.save()
    again = open_lesson(store.folder)
    assert again.lesson.authors == said.authors
    assert again.lesson.minutes == 25
    again.close()
    store.undo()
    assert store.lesson.authors == before.authors
    assert store.lesson.volumes == before.volumes


def test_what_was_not_touched_is_left_to_who_changed_it_meanwhile(qtbot, store, dialog):
    store.edit_details(credit="Typed elsewhere", title="Renamed elsewhere")
    qtbot.keyClicks(dialog.audience, "for all")
    save(qtbot, dialog)
    assert (store.lesson.credit, store.lesson.title, store.lesson.audience) == (
        "Typed elsewhere",
        "Renamed elsewhere",
        "for all",
    )


def test_a_lesson_keeps_a_title_and_what_was_typed_stays_in_the_form(qtbot, store, dialog):
    before = store.lesson
    dialog.title.clear()
    qtbot.keyClicks(dialog.audience, "for all")
    save(qtbot, dialog)
    assert dialog.isVisible()
    assert "needs a title" in dialog.message.text()
    assert store.lesson == before
    qtbot.keyClicks(dialog.title, "Named again")
    save(qtbot, dialog)
    assert (store.lesson.title, store.lesson.audience) == ("Named again", "for all")


def test_nothing_changed_is_no_edit_and_cancel_is_none_either(qtbot, store, dialog):
    before = store.undo_title, store.lesson
    save(qtbot, dialog)
    other = AboutDialog(store)
    qtbot.addWidget(other)
    qtbot.keyClicks(other.credit, "Nobody")
    qtbot.mouseClick(other.buttons.button(QDialogButtonBox.StandardButton.Cancel), LEFT)
    assert (store.undo_title, store.lesson) == before


def test_each_field_has_a_name_for_who_does_not_see_it(dialog):
    fields = (dialog.title, dialog.authors, dialog.minutes, dialog.objectives, dialog.imaging, *dialog.scans.values())
    names = [field.accessibleName() for field in fields]
    assert all(names)
    assert len(set(names)) == len(names)


def test_it_opens_from_the_lessons_menu_and_the_panel_shows_what_was_filled_in(qtbot, make_panel, tmp_path):
    panel = make_panel(LessonPanel)
    panel.open_lesson(open_lesson(copy_of_lesson(tmp_path)))
    (entry,) = (action for action in panel.menu.menu().actions() if action.text() == "About this lesson…")
    entry.trigger()
    (dialog,) = panel.window().findChildren(AboutDialog)
    dialog.title.setText("A name of its own")
    dialog.minutes.setValue(45)
    save(qtbot, dialog)
    assert "A name of its own" in panel.head.title.text()
    assert "About 45 minutes" in panel.article.toPlainText()


def test_headings_are_those_below_the_title():
    assert headings("# Title\n\nx\n\n## One *loop*\n\n### Two\n\n# Three\n") == ("One loop", "Two", "Three")
    assert headings("## Only\n") == ("Only",)
    assert headings("") == ()
