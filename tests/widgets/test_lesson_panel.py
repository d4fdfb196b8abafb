"""The panel on a viewer without a window: reading, linking, editing, saving."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from gestures import LAYOUTS, Hand, copy_of_lesson, lesson_on, numbered_volume, true_ras_mm
from qtpy.QtCore import Qt, QUrl
from qtpy.QtGui import QTextCursor
from qtpy.QtWidgets import QGroupBox, QPushButton

from napari_vascular_loop.display.tools import Tool
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Grade, Point, Side
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.formats.journal.owner import Owner, OwnerFile
from napari_vascular_loop.formats.journal.place import BESIDE
from napari_vascular_loop.formats.lesson_folder import LessonFolder
from napari_vascular_loop.lessons import open_lesson
from napari_vascular_loop.widgets.lesson_panel import LessonPanel

pytestmark = pytest.mark.gui

MEETS = "The facial nerve meets the brainstem at the outer end of the groove between pons and medulla."
LOOP = "a loop of an artery comes down to the nerve and turns back, as in a hairpin"


@pytest.fixture
def empty_panel(qtbot, viewer):
    panel = LessonPanel(viewer)
    qtbot.addWidget(panel)
    panel.resize(460, 800)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


@pytest.fixture
def folder(tmp_path):
    return copy_of_lesson(tmp_path)


@pytest.fixture
def panel(empty_panel, folder):
    empty_panel.open_lesson(open_lesson(folder))
    return empty_panel


def select_words(article, words):
    """Select as a reader does: what is seen, from the first letter to the last."""
    start = article.toPlainText().index(words)
    cursor = QTextCursor(article.document())
    cursor.setPosition(start)
    cursor.setPosition(start + len(words), QTextCursor.MoveMode.KeepAnchor)
    article.setTextCursor(cursor)


def look_of(article, words, offset=3):
    """Format of a letter of some words."""
    cursor = QTextCursor(article.document())
    cursor.setPosition(article.toPlainText().index(words) + offset + 1)
    return cursor.charFormat()


def is_lit(article, words):
    """Whether words have the full colour of a selected mark."""
    return look_of(article, words).background().color().alpha() == 255 and look_of(article, words).isAnchor()


def click_words(qtbot, article, words):
    cursor = QTextCursor(article.document())
    cursor.setPosition(article.toPlainText().index(words) + 3)
    article.setTextCursor(cursor)
    article.ensureCursorVisible()
    qtbot.mouseClick(article.viewport(), Qt.MouseButton.LeftButton, pos=article.cursorRect(cursor).center())


def button(widget, name):
    (found,) = (b for b in widget.findChildren(QPushButton) if b.accessibleName() == name)
    return found


def click(qtbot, widget, name):
    qtbot.mouseClick(button(widget, name), Qt.MouseButton.LeftButton)


def on_disk(panel, folder):
    """What another program reads, once the plain files have followed."""
    panel.store.save()
    return LessonFolder(folder).read()


def by_label(store, label):
    (found,) = (a for a in store.annotations if a.label == label)
    return found


def view_is_at(viewer, ras_mm, spacing_mm=0.8):
    """Whether a place is in the middle of the picture, on the slice that is shown."""
    axis = viewer.dims.order[0]
    sar = np.array(ras_mm)[::-1]
    on_slice = abs(viewer.dims.point[axis] - sar[axis]) <= spacing_mm / 2 + 1e-6
    return on_slice and np.allclose(viewer.scene.camera.center[-2:], np.delete(sar, axis), atol=1e-6)


# ---------------------------------------------------------------- reading


def test_a_panel_without_a_lesson_says_what_it_is_for(empty_panel):
    assert "not for diagnosis" in empty_panel.title.text()
    assert "Open a lesson" in empty_panel.article.placeholderText()
    for name in ("Arrow", "Point", "Path", "Region", "Undo", "Redo", "Link", "Delete"):
        assert not button(empty_panel, name).isEnabled()


def test_a_lesson_shows_its_title_article_and_marks(panel):
    assert "SYNTHETIC stand-in: the root of the facial nerve" in panel.title.text()
    assert "not for diagnosis" in panel.title.text()
    text = panel.article.toPlainText()
    assert MEETS in text
    assert "This picture was computed." in text
    assert "**" not in text
    assert "##" not in text
    rows = panel.marks.texts()
    assert len(rows) == 8
    assert rows[0].startswith("Facial nerve root (R)")
    assert all("1 passage" in row for row in rows)
    assert not panel.message.isVisible()
    assert panel.scene.volume is not None
    assert all(button(panel, name).isEnabled() for name in ("Arrow", "Point", "Path", "Region"))


def test_passages_stand_out_from_the_text(panel):
    assert look_of(panel.article, MEETS).isAnchor()
    assert look_of(panel.article, MEETS).background().color().alpha() > 0
    assert not look_of(panel.article, "Real nerves").isAnchor()
    assert look_of(panel.article, "Real nerves").background().style() == Qt.BrushStyle.NoBrush


def test_a_click_on_a_sentence_flies_to_its_mark_and_the_next_click_to_its_next(panel, viewer, qtbot):
    right, left = (by_label(panel.store, f"Facial nerve root ({side})") for side in "RL")
    viewer.dims.set_point(0, -30.0)
    click_words(qtbot, panel.article, MEETS)
    assert panel.store.selected == right
    assert view_is_at(viewer, right.geometry.tip_ras_mm)
    click_words(qtbot, panel.article, MEETS)
    assert panel.store.selected == left
    assert view_is_at(viewer, left.geometry.tip_ras_mm)
    click_words(qtbot, panel.article, MEETS)
    assert panel.store.selected == right


@pytest.mark.parametrize("plane", Plane)
def test_a_click_on_a_sentence_flies_to_its_mark_in_every_plane(panel, viewer, qtbot, plane):
    panel.scene.set_plane(plane)
    click_words(qtbot, panel.article, LOOP)
    mark = by_label(panel.store, "Loop of an artery (L)")
    assert panel.store.selected == mark
    assert view_is_at(viewer, mark.geometry.tip_ras_mm)
    assert mark.id in [seen.annotation.id for seen in panel.scene.visible_marks()]


def test_a_click_beside_the_passages_selects_nothing(panel, qtbot):
    click_words(qtbot, panel.article, "Real nerves")
    assert panel.store.selected is None


def test_web_addresses_open_outside_and_other_schemes_never(panel, monkeypatch):
    opened = []
    monkeypatch.setattr("napari_vascular_loop.widgets.article_view.QDesktopServices.openUrl", opened.append)
    panel.article.anchorClicked.emit(QUrl("https://example.org/paper"))
    panel.article.anchorClicked.emit(QUrl("file:///etc/passwd"))
    panel.article.anchorClicked.emit(QUrl("javascript:alert(1)"))
    assert opened == [QUrl("https://example.org/paper")]
    assert MEETS in panel.article.toPlainText(), "the article is not navigated away"


def test_selecting_a_mark_lights_its_passage_only(panel):
    mark = by_label(panel.store, "Loop of an artery (L)")
    panel.marks.choose_row(panel.store.annotations.index(mark))
    assert panel.store.selected == mark
    assert is_lit(panel.article, LOOP)
    assert not is_lit(panel.article, MEETS)
    panel.store.select(by_label(panel.store, "Facial nerve root (R)").id)
    assert is_lit(panel.article, MEETS)
    assert not is_lit(panel.article, LOOP)


def test_selecting_a_mark_in_the_list_scrolls_its_passage_into_view(empty_panel, viewer):
    article = (
        "# Long\n\n" + "Filler sentence here.\n\n" * 120 + "The **words** that matter.\n\n" + "More filler.\n\n" * 60
    )
    start = article.index("words** that")
    volume = numbered_volume(LAYOUTS["LPS"])
    mark = Annotation(
        Point(tuple(true_ras_mm(volume, (3, 8, 2)))),
        "head",
        "Far down",
        passages=(passage_at(article, start, start + len("words** that matter")),),
    )
    empty_panel.show_lesson(lesson_on(volume, mark, article=article), volume)

    def place():
        cursor = QTextCursor(empty_panel.article.document())
        cursor.setPosition(empty_panel.article.toPlainText().index("words that matter"))
        return empty_panel.article.cursorRect(cursor)

    height = empty_panel.article.viewport().height()
    assert place().top() > height
    empty_panel.marks.choose_row(0)
    assert 0 <= place().top() < height
    assert is_lit(empty_panel.article, "words that matter")
    assert view_is_at(viewer, true_ras_mm(volume, (3, 8, 2)), 2.3)
    at = empty_panel.article.verticalScrollBar().value()
    empty_panel.store.change(mark.id, label="Renamed")
    assert empty_panel.article.verticalScrollBar().value() == at, "the reader's place is kept"


def test_selecting_on_the_image_lights_row_and_passage(panel, viewer):
    mark = by_label(panel.store, "Basilar artery")
    panel.scene.go_to(mark)
    place = np.array(mark.geometry.position_ras_mm)[::-1]
    Hand(viewer).click(place)
    assert panel.store.selected == mark
    assert panel.marks.current_row() == panel.store.annotations.index(mark)
    assert is_lit(panel.article, "The basilar artery climbs")


# ---------------------------------------------------------------- linking


def test_link_ties_the_selected_words_to_the_selected_mark_and_keeps_quote_and_place(panel, qtbot, folder):
    words = "A loop beside the nerve is common"
    mark = by_label(panel.store, "Loop of an artery (L)")
    panel.store.select(mark.id)
    select_words(panel.article, words)
    click(qtbot, panel, "Link")

    source = (folder / "article.md").read_text(encoding="utf-8")
    saved = by_label(on_disk(panel, folder), "Loop of an artery (L)")
    assert [p.exact for p in saved.passages] == [LOOP, words]
    passage = saved.passages[1]
    start = source.index(words)
    assert (passage.start, passage.end) == (start, start + len(words))
    assert passage.prefix == source[start - 32 : start]
    assert passage.suffix == source[start + len(words) : start + len(words) + 32]
    assert is_lit(panel.article, words)
    assert not panel.message.isVisible()


def test_link_over_bold_words_keeps_the_markdown_between_them(panel, qtbot, folder):
    panel.store.select(by_label(panel.store, "Basilar artery").id)
    select_words(panel.article, "not an image of a person. It is shown because")
    click(qtbot, panel, "Link")
    passage = by_label(on_disk(panel, folder), "Basilar artery").passages[1]
    assert passage.exact == "not an image of a person.** It is shown because"
    source = (folder / "article.md").read_text(encoding="utf-8")
    assert source[passage.start : passage.end] == passage.exact
    assert is_lit(panel.article, "not an image of a person.")
    assert is_lit(panel.article, "It is shown because")
    assert not is_lit(panel.article, "no public head")


def test_link_over_two_paragraphs(panel, qtbot, folder):
    panel.store.select(by_label(panel.store, "Basilar artery").id)
    text = panel.article.toPlainText()
    select_words(panel.article, text[text.index("On the right there is none.") : text.index("Real nerves") + 11])
    click(qtbot, panel, "Link")
    passage = by_label(on_disk(panel, folder), "Basilar artery").passages[1]
    assert passage.exact == "On the right there is none.\n\n## What it does not show\n\nReal nerves"


@pytest.mark.parametrize("missing", ["mark", "words"])
def test_link_without_mark_or_words_says_what_to_do(panel, missing):
    if missing == "mark":
        select_words(panel.article, "Real nerves")
    else:
        panel.store.select(panel.store.annotations[0].id)
    before = panel.store.annotations
    panel.link()
    assert panel.message.isVisible()
    assert "select" in panel.message.text()
    assert panel.store.annotations == before


def test_link_twice_is_refused_in_words(panel):
    panel.store.select(by_label(panel.store, "Loop of an artery (L)").id)
    select_words(panel.article, LOOP)
    panel.link()
    assert "linked already" in panel.message.text()
    assert len(panel.store.selected.passages) == 1


def test_unlink_and_undo(panel, qtbot, folder):
    mark = by_label(panel.store, "Basilar artery")
    panel.store.select(mark.id)
    untie = next(b for b in panel.form.findChildren(QPushButton) if b.accessibleName().startswith("Untie"))
    assert "The basilar artery climbs" in untie.text()
    untie.click()
    assert by_label(on_disk(panel, folder), "Basilar artery").passages == ()
    assert not look_of(panel.article, "The basilar artery climbs").isAnchor()
    assert "not linked" in panel.marks.texts()[6]
    click(qtbot, panel, "Undo")
    assert by_label(on_disk(panel, folder), "Basilar artery").passages == mark.passages
    assert is_lit(panel.article, "The basilar artery climbs")


def test_words_that_are_gone_from_the_article_are_shown_as_lost_and_kept(empty_panel, folder):
    article = folder / "article.md"
    article.write_text(article.read_text(encoding="utf-8").replace(LOOP, "a vessel"), encoding="utf-8")
    empty_panel.open_lesson(open_lesson(folder))
    row = empty_panel.marks.texts()[7]
    assert row.startswith("Loop of an artery (L)")
    assert "not found" in row
    assert all("not found" not in empty_panel.marks.texts()[n] for n in range(7))
    empty_panel.marks.choose_row(7)
    untie = next(b for b in empty_panel.form.findChildren(QPushButton) if b.accessibleName().startswith("Untie"))
    assert "⚠" in untie.text()
    assert "no longer in the article" in untie.toolTip()
    empty_panel.store.change(empty_panel.store.selected.id, label="Renamed")
    assert [p.exact for p in by_label(on_disk(empty_panel, folder), "Renamed").passages] == [LOOP]


def rewrite(panel, folder, old, new):
    """Edit the article as with an editor."""
    article = folder / "article.md"
    text = article.read_text(encoding="utf-8")
    assert old in text
    article.write_text(text.replace(old, new), encoding="utf-8")
    panel.saved.look()


def test_words_that_were_changed_a_little_are_found_again_and_it_is_said(panel, folder):
    rewrite(panel, folder, "comes down to the nerve and turns back", "descends to the nerve and turns back")
    panel.marks.choose_row(7)
    untie = next(b for b in panel.form.findChildren(QPushButton) if b.accessibleName().startswith("Untie"))
    assert "≈" in untie.text()
    assert "Found again by similar words (" in untie.toolTip()
    assert is_lit(panel.article, "descends to the nerve")


def test_an_orphan_is_tied_anew_with_one_click(panel, qtbot, folder):
    new = "an artery forms a hairpin: it comes down to the nerve, makes a loop and turns back"
    rewrite(panel, folder, LOOP, new)
    panel.marks.choose_row(7)
    buttons = {b.accessibleName(): b for b in panel.form.findChildren(QPushButton)}
    (anew,) = (b for name, b in buttons.items() if name.startswith("Tie anew to"))
    assert "⚠" in next(b for name, b in buttons.items() if name.startswith("Untie")).text()
    anew.click()
    assert "not found" not in panel.marks.texts()[7]
    assert is_lit(panel.article, "comes down to the nerve")
    (passage,) = by_label(on_disk(panel, folder), "Loop of an artery (L)").passages
    assert "comes down to the nerve" in passage.exact
    panel.undo()
    assert "not found" in panel.marks.texts()[7]


# ---------------------------------------------------------------- the form


def test_what_the_form_is_told_is_on_disk(panel, qtbot, folder):
    mark = by_label(panel.store, "Facial nerve root (L)")
    panel.tabs.setCurrentWidget(panel.details)
    panel.store.select(mark.id)
    form = panel.form
    form.label.selectAll()
    qtbot.keyClicks(form.label, "Root, left")
    qtbot.keyClick(form.label, Qt.Key.Key_Return)
    form.note.selectAll()
    qtbot.keyClicks(form.note, "Look here first.")
    form.note.left.emit()
    form.structure.setCurrentText("my own structure")
    form.structure.lineEdit().editingFinished.emit()
    form.side.setCurrentIndex(form.side.findText("midline"))
    form.grade.setCurrentIndex(
        next(n for n in range(form.grade.count()) if form.grade.itemText(n).startswith("severe"))
    )

    saved = on_disk(panel, folder).annotation(mark.id)
    assert saved.label == "Root, left"
    assert saved.note == "Look here first."
    assert saved.structure == "my own structure"
    assert saved.side is Side.MIDLINE
    assert saved.grade is Grade.SEVERE
    assert saved.geometry == mark.geometry
    assert saved.passages == mark.passages
    assert panel.saved.label.text() == "Saved just now"
    for _ in range(5):
        click(qtbot, panel, "Undo")
    undone = on_disk(panel, folder).annotation(mark.id)
    assert (undone.label, undone.note, undone.structure) == (mark.label, mark.note, mark.structure)
    assert (undone.side, undone.grade) == (mark.side, mark.grade)
    assert not button(panel, "Undo").isEnabled()
    for _ in range(5):
        click(qtbot, panel, "Redo")
    assert on_disk(panel, folder).annotation(mark.id).grade is Grade.SEVERE


def test_a_known_structure_is_stored_by_its_code(panel, folder):
    mark = by_label(panel.store, "Basilar artery")
    panel.store.select(by_label(panel.store, "Facial nerve root (L)").id)
    panel.store.select(mark.id)
    form = panel.form
    form.structure.setCurrentText("Facial nerve")
    form.structure.lineEdit().editingFinished.emit()
    assert on_disk(panel, folder).annotation(mark.id).structure == "facial-nerve"


def test_the_form_shows_the_selected_mark_and_its_place(panel):
    mark = by_label(panel.store, "Basilar artery")
    panel.tabs.setCurrentWidget(panel.details)
    assert panel.form.empty.isVisible()
    panel.store.select(mark.id)
    assert not panel.form.empty.isVisible()
    assert panel.form.label.text() == "Basilar artery"
    assert panel.form.note.toPlainText() == mark.note
    assert "R 0.3 P 5.8 I 42.0 mm" in panel.form.place.text()
    assert panel.form.side.currentText() == "midline"


LEAVE = {
    "another mark is selected": lambda panel, _: panel.store.select(panel.store.annotations[3].id),
    "a row is chosen": lambda panel, _: panel.marks.choose_row(3),
    "a sentence is clicked": lambda panel, qtbot: click_words(qtbot, panel.article, LOOP),
    "a mark is placed": lambda panel, _: panel.store.add(
        Annotation(Arrow((0.0, 0.0, -42.0), (5.0, 0.0, -42.0)), "stand-in", "new")
    ),
    "the mark is moved": lambda panel, _: panel.store.move(
        panel.store.selected.id, Arrow((0.0, 0.0, -42.0), (5.0, 0.0, -42.0))
    ),
    "another lesson is opened": lambda panel, _: panel.show_lesson(lesson_on(numbered_volume(LAYOUTS["RAS"])), None),
    "the panel is closed": lambda panel, _: panel.close(),
    "the panel is hidden": lambda panel, _: panel.hide(),
}


@pytest.mark.parametrize("event", LEAVE)
def test_what_was_typed_is_kept_when(event, panel, qtbot, folder):
    mark = panel.store.annotations[0]
    panel.tabs.setCurrentWidget(panel.details)
    panel.store.select(mark.id)
    panel.form.label.selectAll()
    qtbot.keyClicks(panel.form.label, "typed")
    panel.form.note.selectAll()
    qtbot.keyClicks(panel.form.note, "a note")
    LEAVE[event](panel, qtbot)
    if event == "the mark is moved":
        assert panel.form.label.text() == "typed", "an edit of something else leaves the field as it is"
        panel.form.commit()
    saved = on_disk(panel, folder)
    assert saved.annotations[0].id == mark.id
    assert (saved.annotations[0].label, saved.annotations[0].note) == ("typed", "a note")
    assert [a.label for a in saved.annotations if a.id != mark.id].count("typed") == 0


def test_undo_of_what_was_typed_and_not_told_yet(panel, qtbot):
    mark = panel.store.annotations[0]
    panel.store.select(mark.id)
    panel.form.label.setText("typed")
    panel.undo()
    assert panel.form.label.text() == mark.label
    panel.redo()
    assert panel.form.label.text() == "typed"


# ---------------------------------------------------------------- marks, tools, buttons


def test_a_placed_mark_is_listed_selected_and_ready_for_its_name(panel, viewer, qtbot, folder):
    panel.scene.go_to(panel.store.annotations[0])
    click(qtbot, panel, "Arrow")
    assert panel.tools.tool is Tool.ARROW
    assert "release" in panel.hint.text()
    z = viewer.dims.point[0]
    Hand(viewer).drag((z, -20.0, 10.0), (z, -26.0, 14.0))
    assert panel.tools.tool is Tool.BROWSE
    assert button(panel, "Browse").isChecked()
    assert panel.tabs.currentWidget() is panel.details
    assert panel.marks.count() == 9
    assert panel.marks.current_row() == 8
    qtbot.keyClicks(panel.form.label, "My arrow")
    qtbot.keyClick(panel.form.label, Qt.Key.Key_Return)
    arrow = by_label(on_disk(panel, folder), "My arrow")
    np.testing.assert_allclose(arrow.geometry.tip_ras_mm[:2], (14.0, -26.0), atol=0.01)


def test_a_refused_gesture_is_explained(panel, viewer, qtbot):
    click(qtbot, panel, "Arrow")
    Hand(viewer).click((viewer.dims.point[0], -20.0, 10.0))
    assert "two ends" in panel.hint.text()


def test_delete_and_undo_bring_back_the_mark_with_its_links(panel, qtbot, folder):
    before = panel.store.annotations
    panel.store.select(before[7].id)
    qtbot.keyClick(panel.marks.view, Qt.Key.Key_Delete)
    assert len(on_disk(panel, folder).annotations) == 7
    assert panel.marks.count() == 7
    assert "delete arrow" in button(panel, "Undo").toolTip()
    click(qtbot, panel, "Undo")
    assert on_disk(panel, folder).annotations == before


def test_plane_convention_and_marks_buttons(panel, qtbot):
    for plane in Plane:
        click(qtbot, panel, plane.name.capitalize())
        assert panel.scene.state().plane is plane
        assert button(panel, plane.name.capitalize()).isChecked()
    panel.scene.set_plane(Plane.AXIAL)
    assert button(panel, "Axial").isChecked(), "the buttons follow when the plane is changed elsewhere"
    assert panel.scene.text("edge_left") == "R"
    click(qtbot, panel, "Radiological")
    assert panel.scene.text("edge_left") == "L"
    click(qtbot, panel, "Marks")
    assert not panel.scene.marks_visible
    panel.toggle_marks()
    assert button(panel, "Marks").isChecked()


# ---------------------------------------------------------------- saving and trouble


def test_a_failed_save_is_shown_and_nothing_is_lost(panel, folder):
    assert "Every change is saved" in panel.saved.label.text()
    shutil.rmtree(folder)
    folder.write_text("something else took the folder's place")
    panel.store.change(panel.store.annotations[0].id, label="precious")
    assert panel.saved.label.text().startswith("NOT SAVED: ")
    assert "FF6B6B" in panel.saved.label.styleSheet(), "in red"
    assert panel.store.annotations[0].label == "precious"
    assert panel.marks.texts()[0].startswith("precious")


def test_a_file_that_can_not_be_written_is_said_and_written_later(panel, folder):
    annotations = folder / "annotations.json"
    kept = annotations.read_bytes()
    annotations.unlink()
    annotations.mkdir()
    panel.store.change(panel.store.annotations[0].id, label="precious")
    panel.store.save()
    assert panel.saved.label.text().startswith(
        "Saved just now\nEvery edit is safe in this lesson's journal, but not yet in"
    )
    assert "FFB84D" in panel.saved.label.styleSheet(), "in amber"
    annotations.rmdir()
    annotations.write_bytes(kept)
    panel.store.change(panel.store.annotations[1].id, label="second")
    panel.store.save()
    panel.saved.show_store(panel.store)
    assert panel.saved.label.text() == "Saved just now"
    assert panel.saved.label.styleSheet() == ""
    assert [a.label for a in on_disk(panel, folder).annotations[:2]] == ["precious", "second"]


def test_what_another_program_writes_shows_in_a_moment(panel, qtbot, folder):
    article = folder / "article.md"
    article.write_text(article.read_text("utf-8").replace("# ", "# Another title: ", 1), "utf-8")
    qtbot.waitUntil(lambda: "Another title: " in panel.article.toPlainText(), timeout=6000)
    # Whoever has edited the lesson can take back what another program wrote as well.
    panel.store.change(panel.store.annotations[0].id, label="Ours")
    panel.store.save()
    article.write_text(article.read_text("utf-8").replace("Another title: ", "A third title: "), "utf-8")
    qtbot.waitUntil(lambda: "A third title: " in panel.article.toPlainText(), timeout=6000)
    panel.undo()
    assert "Another title: " in panel.article.toPlainText()


def test_a_lesson_that_is_open_elsewhere_is_read_only_until_it_is_taken_over(empty_panel, viewer, qtbot, folder):
    panel = empty_panel
    OwnerFile(folder / BESIDE / "owner.json").write(Owner("anna", "reading-room", 1, 0.0, "2024-02-29T12:00:00", "t"))
    panel.open_lesson(open_lesson(folder))
    assert panel.saved.label.text().startswith("READ ONLY: this lesson is open for editing by anna on reading-room")
    assert panel.saved.take_over.isVisible()
    assert not panel.scene.can_mark
    before = panel.store.annotations
    panel.marks.choose_row(0)
    panel.delete_selected()
    assert "open for editing by anna" in panel.message.text()
    assert not panel.form.label.isEnabled()
    panel.form.label.setText("mine")
    panel.form.commit()
    assert panel.store.annotations == before
    assert panel.form.label.text() == before[0].label, "what is not kept must not stand there"
    qtbot.mouseClick(panel.saved.take_over, Qt.MouseButton.LeftButton)
    assert not panel.saved.take_over.isVisible()
    panel.delete_selected()
    assert len(panel.store.annotations) == 7
    assert panel.saved.label.text() == "Saved just now"


def test_two_versions_are_shown_to_choose(panel, qtbot, folder):
    mark = panel.store.annotations[0]
    assert not panel.saved.choose.isVisible()
    panel.store.change(mark.id, label="Mine", note="My note")
    other = panel.store.lesson
    theirs = other.with_annotations((mark.changed(label="Theirs", note="Their note"), *other.annotations[1:]))
    base = other.with_annotations((mark, *other.annotations[1:]))
    panel.store.merge(theirs, base, "merge")
    assert panel.saved.choose.text() == "2 conflicts: choose…"
    qtbot.mouseClick(panel.saved.choose, Qt.MouseButton.LeftButton)
    dialog = panel.saved.conflicts
    boxes = [box.title() for box in dialog.findChildren(QGroupBox)]
    assert boxes == ["Label of “Mine”", "Note of “Mine”"]
    dialog.choices[0][2].setChecked(True)
    dialog.choose()
    assert panel.store.annotations[0].label == "Theirs"
    assert panel.store.annotations[0].note == "My note"
    assert panel.saved.choose.text() == "1 conflict: choose…"
    panel.undo()
    assert panel.store.annotations[0].label == "Mine"


def test_a_lesson_whose_volume_is_missing_can_still_be_read(empty_panel, folder):
    lesson = json.loads((folder / "lesson.json").read_text(encoding="utf-8"))
    entry = lesson["volumes"][0]
    del entry["catalogue"]
    entry["file"] = "volumes/gone.nii.gz"
    (folder / "lesson.json").write_text(json.dumps(lesson), encoding="utf-8")
    empty_panel.open_lesson(open_lesson(folder))
    assert MEETS in empty_panel.article.toPlainText()
    assert empty_panel.message.isVisible()
    assert "gone.nii.gz" in empty_panel.message.text()
    assert "7A1F1F" in empty_panel.message.styleSheet(), "on red"
    assert empty_panel.marks.count() == 8
    assert not button(empty_panel, "Arrow").isEnabled()


def test_a_lesson_is_opened_again_without_a_second_layer(panel, viewer, folder):
    panel.open_lesson(open_lesson(folder))
    from napari_vascular_loop.display.volume_layer import VOLUME_KEY

    assert sum(VOLUME_KEY in layer.metadata for layer in viewer.layers) == 1


def test_another_lesson_takes_the_place_of_the_first(panel, tmp_path):
    first = panel.store
    volume = numbered_volume(LAYOUTS["LPS"])
    panel.show_lesson(lesson_on(volume, article="# Other\n\nOther text.\n"), volume)
    assert panel.article.toPlainText().startswith("Other")
    assert panel.marks.count() == 0
    first.change(first.annotations[0].id, label="changed behind the scenes")
    first.select(first.annotations[0].id)
    assert panel.marks.count() == 0
    assert panel.form.empty.isVisibleTo(panel.form)
    assert not panel.scene.visible_marks()


def test_a_lessons_text_cannot_bring_markup_of_its_own(empty_panel):
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.store import LessonStore

    article = "# A & B\n\n<img src='file:///etc/passwd'> <script>alert(1)</script> text\n"
    empty_panel.show_lesson(LessonStore(Lesson("<h1>Title</h1> & <i>more</i>", (), article)), None)
    assert "&lt;h1>Title&lt;/h1> &amp; &lt;i>" in empty_panel.title.text()
    assert "<script>alert(1)</script>" in empty_panel.article.toPlainText(), "shown as the text that it is"


def test_reading_the_files_anew_shows_the_edited_article(panel, folder):
    article = folder / "article.md"
    article.write_text(article.read_text(encoding="utf-8") + "\n\nA sentence of the editor.\n", encoding="utf-8")
    panel.menu.reload_asked.emit()
    assert "A sentence of the editor." in panel.article.toPlainText()
    assert look_of(panel.article, MEETS).isAnchor()


# ---------------------------------------------------------------- labels typed on the image


@pytest.fixture
def typing(panel, qtbot):
    """The panel with its editor open on the first mark, as after a double click on it."""
    mark = panel.store.annotations[0]
    panel.tools.label_asked.emit(mark.id)
    assert panel.label_editor.isVisible()
    assert panel.label_editor.text() == mark.label
    assert panel.store.selected == mark
    panel.label_editor.selectAll()
    qtbot.keyClicks(panel.label_editor, "Root of the nerve")
    return panel


def test_a_label_typed_on_the_image_is_kept_with_enter(typing, qtbot):
    qtbot.keyClick(typing.label_editor, Qt.Key.Key_Return)
    assert typing.store.annotations[0].label == "Root of the nerve"
    assert not typing.label_editor.isVisible()
    typing.undo()
    assert typing.store.annotations[0].label != "Root of the nerve"


def test_a_label_typed_on_the_image_is_dropped_with_escape(typing, qtbot):
    before = typing.store.annotations[0].label
    qtbot.keyClick(typing.label_editor, Qt.Key.Key_Escape)
    assert typing.store.annotations[0].label == before
    assert not typing.label_editor.isVisible()
    assert typing.store.undo_title is None


def test_a_label_that_is_being_typed_is_kept_when_another_mark_is_asked_for(typing):
    second = typing.store.annotations[1]
    typing.tools.label_asked.emit(second.id)
    assert typing.store.annotations[0].label == "Root of the nerve"
    assert typing.label_editor.text() == second.label


def test_a_text_is_typed_on_the_image_saved_read_back_and_edited_in_place(panel, folder, qtbot):
    viewer = panel.scene.viewer
    keymap = {str(each): act for each, act in viewer.keymap.items()}
    place = np.array(viewer.dims.point)
    place[1:] = viewer.scene.camera.center[1:] + np.array([2.0, 3.0])
    hand, before = Hand(viewer), panel.store.annotations

    def click_and_type(words, key=Qt.Key.Key_Return):
        keymap["T"](viewer)
        hand.click(place)
        assert panel.label_editor.isVisible()
        assert panel.label_editor.text() == ""
        qtbot.keyClicks(panel.label_editor, words)
        qtbot.keyClick(panel.label_editor, key)
        assert not panel.label_editor.isVisible()

    click_and_type("never mind", Qt.Key.Key_Escape)
    click_and_type("")
    assert panel.store.annotations == before
    assert panel.store.undo_title is None
    click_and_type("Mind the vein")
    text = panel.store.annotations[-1]
    assert (text.label, text.geometry.kind) == ("Mind the vein", "text")
    assert panel.tools.tool is Tool.BROWSE
    assert panel.store.undo_title == "add text"
    assert panel.marks.texts()[-1].startswith("Mind the vein")
    assert on_disk(panel, folder).annotations[-1] == text

    # Double click on its words: edited in place; left without words, it is gone, and undo brings it back.
    hand.double_click(place)
    assert panel.label_editor.text() == "Mind the vein"
    panel.label_editor.selectAll()
    qtbot.keyClicks(panel.label_editor, "Mind the artery")
    qtbot.keyClick(panel.label_editor, Qt.Key.Key_Return)
    assert panel.store.annotations[-1].label == "Mind the artery"
    hand.double_click(place)
    panel.label_editor.selectAll()
    qtbot.keyClick(panel.label_editor, Qt.Key.Key_Delete)
    qtbot.keyClick(panel.label_editor, Qt.Key.Key_Return)
    assert panel.store.annotations == before
    click(qtbot, panel, "Undo")
    assert panel.store.annotations[-1].label == "Mind the artery"
    # The form can leave it without words; it is still seen.
    panel.tabs.setCurrentWidget(panel.details)
    panel.store.select(panel.store.annotations[-1].id)
    panel.form.label.clear()
    panel.form.label.editingFinished.emit()
    assert panel.store.annotations[-1].label == ""
    assert "…" in panel.scene.main.labels()


def test_each_tool_has_a_key(panel):
    for tool, key in {Tool.RULER: "D", Tool.TEXT: "T", Tool.ERASER: "X", Tool.ARROW: "A"}.items():
        bound = {str(each): act for each, act in panel.scene.viewer.keymap.items()}
        bound[key](panel.scene.viewer)
        assert panel.tools.tool is tool
        bound["Escape"](panel.scene.viewer)
        assert panel.tools.tool is Tool.BROWSE
