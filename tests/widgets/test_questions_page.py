"""The teacher's own questions, from the form in the lesson panel to the student who is asked."""

from __future__ import annotations

import json

import pytest
from gestures import bring_forward, copy_of_lesson
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QApplication, QPushButton

from napari_vascular_loop.formats.journal.owner import Owner, OwnerFile
from napari_vascular_loop.formats.journal.place import BESIDE
from napari_vascular_loop.formats.lesson_folder import LessonFolder
from napari_vascular_loop.formats.lesson_json import questions_of
from napari_vascular_loop.lessons import open_lesson
from napari_vascular_loop.study.results_folder import ResultsFolder
from napari_vascular_loop.study_lesson import open_for_study
from napari_vascular_loop.widgets.lesson_panel import LessonPanel
from napari_vascular_loop.widgets.study_panel import StudyPanel

pytestmark = pytest.mark.gui


@pytest.fixture
def folder(tmp_path):
    return copy_of_lesson(tmp_path)


@pytest.fixture
def panel(make_panel, folder, qtbot):
    made = make_panel(LessonPanel)
    made.open_lesson(open_lesson(folder))
    bring_forward(qtbot, made)
    bar = made.tabs.tabBar()
    (at,) = (n for n in range(bar.count()) if bar.tabText(n) == "Questions")
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(at).center())
    return made


def click(qtbot, widget, name):
    (found,) = (b for b in widget.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible())
    assert found.isEnabled(), name
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def type_in(qtbot, field, text):
    """Click into a field, put a text in place of what is there, and leave it."""
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Tab)


def choose(qtbot, box, words):
    """Choose from a box with the keys, as its list would be."""
    (at,) = (n for n in range(box.count()) if words in box.itemText(n))
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Home)
    for _ in range(at):
        qtbot.keyClick(box, Qt.Key.Key_Down)
    assert words in box.currentText()


def click_row(qtbot, page, row):
    place = page.list.visualItemRect(page.list.item(row)).center()
    qtbot.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def select(panel, label):
    (mark,) = (a for a in panel.store.annotations if a.label == label)
    panel.store.select(mark.id)
    return mark


def rows(page):
    return [page.list.item(row).text() for row in range(page.list.count())]


def on_disk(panel, folder):
    panel.store.save()
    return questions_of(LessonFolder(folder).read())


def test_a_question_goes_from_the_teacher_to_the_student(panel, folder, qtbot, viewer):
    page = panel.questions
    assert page.empty.isVisible()
    assert "Students are asked about each mark by itself" in page.empty.text()

    # Find the loop: the words are proposed, and the teacher writes others.
    loop = select(panel, "Loop of an artery (L)")
    click(qtbot, page, "Add a question to find a mark")
    assert rows(page) == [f"1. Find it · {page.form.prompt.text()}"]
    assert page.form.prompt.text().startswith("Find: ")
    assert page.form.prompt.hasFocus()
    qtbot.keyClicks(page.form.prompt, "Where does the hairpin touch the nerve?")
    qtbot.keyClick(page.form.prompt, Qt.Key.Key_Return)
    page.form.tolerance.setFocus()
    page.form.tolerance.selectAll()
    qtbot.keyClicks(page.form.tolerance, "2.5")
    qtbot.keyClick(page.form.tolerance, Qt.Key.Key_Return)

    # Name it, with a name that no table has; asked before the other.
    root = select(panel, "Facial nerve root (L)")
    click(qtbot, page, "Add a question to name a mark")
    type_in(qtbot, page.form.prompt, "What leaves the brainstem here?")
    type_in(qtbot, page.form.accepted, "Radix septima; ; the smiling nerve")
    assert page.form.asks_side.isChecked()
    box = QPoint(8, page.form.asks_side.height() // 2)
    qtbot.mouseClick(page.form.asks_side, Qt.MouseButton.LeftButton, pos=box)
    click(qtbot, page, "Ask it earlier")
    assert rows(page) == [
        "1. Name it · What leaves the brainstem here?",
        "2. Find it · Where does the hairpin touch the nerve?",
    ]
    name, find = on_disk(panel, folder)
    assert (name.annotation_id, name.accepted, name.asks_side) == (
        root.id,
        ("Radix septima", "the smiling nerve"),
        False,
    )
    assert (find.annotation_id, find.tolerance_mm) == (loop.id, 2.5)
    entry = json.loads((folder / "lesson.json").read_text("utf-8"))["questions"][1]
    assert set(entry) == {"id", "kind", "annotation", "prompt", "toleranceMm"}
    panel.close()

    study = StudyPanel(viewer)
    qtbot.addWidget(study)
    with qtbot.waitExposed(study):
        study.show()
    bring_forward(qtbot, study)
    study.open_lesson(open_for_study(folder))
    for mode, words in (("Find it", find.prompt), ("Name it", name.prompt)):
        click(qtbot, study, mode)
        click(qtbot, study, "Start")
        assert study.quiz.card.prompt.label.text() == words
    qtbot.keyClicks(study.quiz.card.entry.line, "the smiling nerve")
    qtbot.keyClick(study.quiz.card.entry.line, Qt.Key.Key_Return)
    kept, _ = ResultsFolder("synthetic-stand-in").read("")
    assert kept.answers[-1].is_correct
    assert kept.answers[-1].given == "the smiling nerve"


def test_every_change_of_a_question_can_be_undone(panel, qtbot):
    page = panel.questions
    select(panel, "Loop of an artery (L)")
    click(qtbot, page, "Add a question to find a mark")
    proposed = page.form.prompt.text()
    type_in(qtbot, page.form.prompt, "Where is the hairpin?")
    click(qtbot, page, "Add a question to name a mark")
    click(qtbot, page, "Delete the question")
    assert rows(page) == ["1. Find it · Where is the hairpin?"]
    for expected in (2, 1):
        click(qtbot, panel, "Undo")
        assert page.list.count() == expected
    assert page.form.prompt.text() == "Where is the hairpin?"
    click(qtbot, panel, "Undo")
    assert page.form.prompt.text() == proposed
    assert rows(page) == [f"1. Find it · {proposed}"]
    click(qtbot, panel, "Undo")
    assert page.list.count() == 0
    assert page.empty.isVisible()
    click(qtbot, panel, "Redo")
    assert rows(page) == [f"1. Find it · {proposed}"]


def test_words_that_were_proposed_follow_kind_and_mark_and_written_ones_stay(panel, qtbot):
    page = panel.questions
    select(panel, "Facial nerve root (R)")
    click(qtbot, page, "Add a question to find a mark")
    assert "patient's right" in page.form.prompt.text()
    choose(qtbot, page.form.mark, "Facial nerve root (L)")
    assert "patient's left" in page.form.prompt.text()
    choose(qtbot, page.form.kind, "Name it")
    assert page.form.prompt.text() == "What does the arrow point at, and on which side of the patient?"
    assert page.form.asks_side.isChecked()
    assert page.form.accepted.isVisible()
    assert not page.form.tolerance.isVisible()
    type_in(qtbot, page.form.prompt, "And this?")
    loop = select(panel, "Loop of an artery (L)")
    click(qtbot, page, "Ask about the selected mark")
    assert page.form.prompt.text() == "And this?"
    assert questions_of(panel.store.lesson)[0].annotation_id == loop.id


def test_the_wheel_changes_no_question(panel, qtbot):
    page = panel.questions
    select(panel, "Facial nerve root (R)")
    click(qtbot, page, "Add a question to find a mark")
    before = questions_of(panel.store.lesson)
    for field in (page.form.kind, page.form.mark, page.form.tolerance):
        place, on_screen = field.rect().center(), field.mapToGlobal(field.rect().center())
        turn = QWheelEvent(
            QPointF(place), QPointF(on_screen), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(field, turn)
    assert questions_of(panel.store.lesson) == before


def test_questions_leave_the_article_its_room(panel, qtbot):
    before = panel.minimumSizeHint().height()
    click(qtbot, panel.questions, "Add a question to find a mark")
    assert panel.minimumSizeHint().height() == before


def test_undo_goes_on_after_the_lesson_was_opened_anew(panel, folder, qtbot):
    select(panel, "Facial nerve root (R)")
    click(qtbot, panel.questions, "Add a question to find a mark")
    type_in(qtbot, panel.questions.form.prompt, "Where is it?")
    panel.store.save()
    panel.store.close()
    panel.open_lesson(open_lesson(folder))
    assert rows(panel.questions) == ["1. Find it · Where is it?"]
    click(qtbot, panel, "Undo")
    assert rows(panel.questions)[0].startswith("1. Find it · Find: ")
    click(qtbot, panel, "Undo")
    assert rows(panel.questions) == []
    assert on_disk(panel, folder) == ()


def test_a_question_without_words_is_not_kept(panel, qtbot):
    page = panel.questions
    click(qtbot, page, "Add a question to find a mark")
    type_in(qtbot, page.form.prompt, "Where?")
    type_in(qtbot, page.form.prompt, "   ")
    assert page.form.prompt.text() == "Where?"
    assert questions_of(panel.store.lesson)[0].prompt == "Where?"


def test_what_is_typed_is_kept_when_another_question_is_clicked(panel, qtbot):
    page = panel.questions
    first = select(panel, "Facial nerve root (R)")
    click(qtbot, page, "Add a question to find a mark")
    select(panel, "Loop of an artery (L)")
    click(qtbot, page, "Add a question to find a mark")
    qtbot.keyClicks(page.form.prompt, "Typed, and not left")
    click_row(qtbot, page, 0)
    assert page.list.currentRow() == 0
    assert panel.store.selected.id == first.id
    assert [one.prompt == "Typed, and not left" for one in questions_of(panel.store.lesson)] == [False, True]
    assert page.form.prompt.text() == questions_of(panel.store.lesson)[0].prompt


def test_the_checklist_knows_a_question_whose_mark_is_gone_and_leads_to_it(panel, qtbot):
    page = panel.questions
    select(panel, "Facial nerve root (R)")
    click(qtbot, page, "Add a question to find a mark")
    type_in(qtbot, page.form.prompt, "Where is the first?")
    loop = select(panel, "Loop of an artery (L)")
    click(qtbot, page, "Add a question to find a mark")
    type_in(qtbot, page.form.prompt, "Where is the hairpin?")
    click_row(qtbot, page, 0)
    panel.store.remove(loop.id)
    assert rows(page)[1] == "✗ 2. Find it · Where is the hairpin?"

    panel.tabs.setCurrentWidget(panel.tabs.check)
    panel.checks.check()
    (item,) = (i for n in range(panel.checks.list.count()) if "hairpin" in (i := panel.checks.list.item(n)).text())
    assert "is gone" in item.text()
    panel.checks.list.scrollToItem(item)
    place = panel.checks.list.visualItemRect(item).center()
    qtbot.mouseClick(panel.checks.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.isVisible()
    assert page.list.currentRow() == 1
    assert "gone" in page.form.mark.currentText()
    choose(qtbot, page.form.mark, "Facial nerve root (L)")
    panel.checks.check()
    said = [panel.checks.list.item(n).text() for n in range(panel.checks.list.count())]
    assert not any("hairpin" in words for words in said)


def test_a_reader_sees_the_questions_and_cannot_change_them(panel, folder, qtbot):
    page = panel.questions
    click(qtbot, page, "Add a question to find a mark")
    before = rows(page)
    panel.store.close()
    OwnerFile(folder / BESIDE / "owner.json").write(Owner("anna", "reading-room", 1, 0.0, "2024-02-29T12:00:00", "t"))
    panel.open_lesson(open_lesson(folder))
    assert panel.store.reader_note
    assert rows(page) == before
    assert not page.form.isEnabled()
    assert not page.delete.isEnabled()
    assert not page.add_find.isEnabled()
