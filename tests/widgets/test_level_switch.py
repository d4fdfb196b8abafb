"""The switch between plain and advanced words above an article."""

from __future__ import annotations

import shutil

import pytest
from gestures import copy_of_lesson
from qtpy.QtCore import QPoint, Qt

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.lessons import LOOP_LESSON, open_lesson
from napari_vascular_loop.study_lesson import open_for_study
from napari_vascular_loop.widgets.lesson_panel import LessonPanel
from napari_vascular_loop.widgets.study_modes import Mode
from napari_vascular_loop.widgets.study_panel import StudyPanel

pytestmark = pytest.mark.gui

PLAIN, ADVANCED = "twitch. You can't stop it", "involuntary, painless contraction"


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(content_folder("annotations") / LOOP_LESSON, tmp_path / LOOP_LESSON)


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def click_passage(qtbot, view, words):
    """Click the middle of some words of the article."""
    from qtpy.QtGui import QTextCursor

    found = view.document().find(words)
    assert not found.isNull(), words
    begin, end = QTextCursor(found), QTextCursor(found)
    begin.setPosition(found.selectionStart() + 2)
    end.setPosition(found.selectionStart() + 3)
    bar = view.verticalScrollBar()
    bar.setValue(bar.value() + view.cursorRect(begin).top() - 40)
    place = (view.cursorRect(begin).center() + view.cursorRect(end).center()) / 2
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.x(), place.y()))


def test_plain_words_come_first_and_the_choice_is_remembered(qtbot, make_panel, folder, tmp_path):
    panel = make_panel(LessonPanel)
    panel.open_lesson(open_lesson(folder))
    level, view = panel.pane.level, panel.pane.view
    assert level.isVisible()
    assert PLAIN in view.toPlainText()

    press(qtbot, level.advanced)
    assert ADVANCED in view.toPlainText()
    assert PLAIN not in view.toPlainText()

    other = make_panel(LessonPanel)
    other.open_lesson(open_lesson(folder))
    assert ADVANCED in other.pane.view.toPlainText()
    press(qtbot, other.pane.level.plain)
    assert PLAIN in other.pane.view.toPlainText()

    other.open_lesson(open_lesson(copy_of_lesson(tmp_path)))
    assert not other.pane.level.isVisible(), "a lesson that has no plain words"
    assert other.pane.view.toPlainText().strip()


def test_links_lead_both_ways_in_both_levels(qtbot, make_panel, folder):
    panel = make_panel(LessonPanel)
    store = open_lesson(folder)
    panel.open_lesson(store)
    marks = {mark.label: mark.id for mark in store.annotations}
    for button, words in (
        (panel.pane.level.plain, "makes a sharp bend"),
        (panel.pane.level.advanced, "turns in a narrow bend"),
    ):
        press(qtbot, button)
        store.select(None)
        click_passage(qtbot, panel.pane.view, words)
        assert store.selected is not None, words
        assert store.selected.label == "Hairpin of AICA (L)"

        store.select(marks["Origin of AICA (L)"])
        (lit,) = {passage.annotation_ids for passage in panel.pane.view.passages if passage.selected}
        assert lit == (marks["Origin of AICA (L)"],)


def test_marks_are_linked_to_the_advanced_text_which_is_edited(qtbot, make_panel, folder):
    panel = make_panel(LessonPanel)
    store = open_lesson(folder)
    panel.open_lesson(store)
    store.select(store.annotations[0].id)
    cursor = panel.pane.view.document().find("The best known picture")
    panel.pane.view.setTextCursor(cursor)
    panel.link()
    assert "press Advanced" in panel.message.text()
    assert len(store.passages()) == 24

    press(qtbot, panel.pane.edit)
    assert not panel.pane.level.isEnabled()
    assert panel.pane.source.source == store.lesson.article
    assert ADVANCED in panel.pane.view.toPlainText()
    press(qtbot, panel.pane.edit)
    assert PLAIN in panel.pane.view.toPlainText(), "as it was chosen"
    assert store.lesson == open_for_study(folder).lesson


def test_the_tour_goes_through_the_plain_words(qtbot, make_panel, folder):
    panel = make_panel(StudyPanel)
    panel.open_lesson(open_for_study(folder))
    panel.set_mode(Mode.TOUR)
    view = panel.reader.article
    for _ in range(12):
        assert panel.go_on()
    qtbot.wait(50)
    selected = [passage for passage in view.passages if passage.selected]
    assert selected
    tops = [view.cursorRect(view.document().find(words)) for words in ("An artery leaves the right vertebral",)]
    assert any(0 <= top.top() <= view.viewport().height() for top in tops)
