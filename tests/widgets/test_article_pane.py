"""The article in a panel: edited in place, links going with their words, pictures, hovering, size and colours."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from gestures import SHAPE, copy_of_lesson, numbered_volume
from qtpy.QtCore import QPoint, Qt
from qtpy.QtGui import QColor, QTextCursor

from napari_vascular_loop.display.mark_style import LIGHT
from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.domain.drawing import colour_of
from napari_vascular_loop.lessons import STAND_IN_LESSON, open_lesson, open_shipped_lesson
from napari_vascular_loop.widgets.article_document import ArticleDocument, PassageMark
from napari_vascular_loop.widgets.lesson_panel import LessonPanel
from napari_vascular_loop.widgets.mark_picture import mark_picture
from napari_vascular_loop.widgets.mark_pictures import MarkPictures
from napari_vascular_loop.widgets.source_editor import SourceEditor

pytestmark = pytest.mark.gui

LOOP = "a loop of an artery comes down to the nerve and turns back, as in a hairpin"


@pytest.fixture
def panel(make_panel, tmp_path):
    panel = make_panel(LessonPanel)
    panel.open_lesson(open_lesson(copy_of_lesson(tmp_path)))
    return panel


def place_cursor(editor, words):
    cursor = editor.textCursor()
    cursor.setPosition(len(editor.source[: editor.source.index(words)].encode("utf-16-le")) // 2)
    editor.setTextCursor(cursor)


def typed(qtbot, editor, text):
    qtbot.keyClicks(editor, text)
    qtbot.waitUntil(lambda: not editor._pause.isActive(), timeout=3000)


def test_the_article_is_edited_in_place_and_links_go_with_their_words(qtbot, panel):
    (loop,) = (one for one in panel.store.passages() if LOOP in one.passage.exact)
    qtbot.mouseClick(panel.pane.edit, Qt.MouseButton.LeftButton)
    editor = panel.pane.source
    assert editor.isVisible()

    place_cursor(editor, LOOP)
    typed(qtbot, editor, "see here: ")
    place_cursor(editor, "of an artery comes down")
    typed(qtbot, editor, "(bend) ")

    assert "see here: a loop (bend) of an artery" in panel.store.lesson.article
    (now,) = (one for one in panel.store.passages() if one.annotation_id == loop.annotation_id)
    assert panel.store.lesson.article[now.span.start : now.span.end].endswith("as in a hairpin")
    assert "(bend)" in panel.store.lesson.article[now.span.start : now.span.end]
    assert "see here: a loop (bend)" in panel.article.toPlainText(), "what students see follows at once"
    assert panel.store.save_state.saved
    panel.undo()
    assert "(bend)" not in panel.store.lesson.article
    assert "(bend)" not in editor.source


def test_a_picture_of_the_selected_mark_is_put_below_the_paragraph_of_the_cursor(qtbot, panel):
    store, pane = panel.store, panel.pane
    store.select(None)
    assert not pane.picture.isVisible()
    pane.edit.click()
    assert not pane.picture.isEnabled(), "no mark is selected"
    mark = store.annotations[0]
    store.change(mark.id, label="AICA [loop] *")
    store.select(mark.id)
    place_cursor(pane.source, LOOP)
    qtbot.mouseClick(pane.picture, Qt.MouseButton.LeftButton)

    line = rf"![AICA \[loop\] \*](view:{mark.id})"
    before, after = store.lesson.article.split(line)
    assert LOOP in before.rsplit("\n\n", 2)[1]
    assert before.endswith("\n\n")
    assert after.startswith("\n")
    assert "AICA [loop] *" in panel.article.toPlainText(), "its caption is the label"
    panel.undo()
    assert line not in store.lesson.article


def test_what_is_being_typed_and_what_another_program_writes_both_stay(qtbot, panel):
    panel.pane.edit.click()
    editor = panel.pane.source
    place_cursor(editor, "Real nerves")
    qtbot.keyClicks(editor, "Typed here. ")
    panel.store.edit_article(panel.store.lesson.article.replace("# ", "# Renamed: ", 1))

    assert "Typed here. Real nerves" in editor.source
    assert "# Renamed: " in editor.source
    editor.commit()
    assert "Typed here. Real nerves" in panel.store.lesson.article
    assert "# Renamed: " in panel.store.lesson.article


def test_closing_the_panel_keeps_the_last_words(qtbot, panel):
    panel.pane.edit.click()
    place_cursor(panel.pane.source, "Real nerves")
    qtbot.keyClicks(panel.pane.source, "Last words. ")
    store = panel.store
    panel.close()
    assert "Last words. Real nerves" in store.lesson.article


def test_words_selected_in_the_source_are_linked(qtbot, panel):
    panel.pane.edit.click()
    editor = panel.pane.source
    mark = panel.store.annotations[0]
    panel.store.select(mark.id)
    start = editor.source.index("Real nerves")
    cursor = editor.textCursor()
    cursor.setPosition(start)
    cursor.setPosition(start + len("Real nerves"), QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)
    panel.link()
    assert any(passage.exact == "Real nerves" for passage in panel.store.lesson.annotation(mark.id).passages)


def test_a_read_only_lesson_is_not_edited(panel, tmp_path):
    shutil.copytree(panel.store.folder, tmp_path / "read only")
    store = open_lesson(tmp_path / "read only")
    store._keeper._reader_note = "open elsewhere"
    panel.pane.show_lesson(store)
    assert not panel.pane.edit.isEnabled()
    assert panel.pane.source.isReadOnly()


SPECIAL = "A\u00a0no-break space, a brain \U0001f9e0, לולאה, a soft\u00adhyphen, e\u0301.\n\nSecond.\n"


@pytest.mark.usefixtures("qapp")
def test_the_editor_changes_no_character_that_nobody_typed(qtbot):
    editor = SourceEditor()
    qtbot.addWidget(editor)
    said = []
    editor.text_edited.connect(said.append)
    editor.show_text(SPECIAL, ())
    assert editor.source == SPECIAL
    place_cursor(editor, "Second")
    typed(qtbot, editor, "x")
    assert said == [SPECIAL.replace("Second", "xSecond")]
    editor.show_text(SPECIAL.replace("brain", "mind"), [PassageMark(SPAN, ("a",), "#F0E442", True)])
    assert editor.source == SPECIAL.replace("brain", "mind"), "what is in the lesson now counts"
    (look,) = editor.extraSelections()
    assert look.cursor.selectedText() == "\U0001f9e0,"


def _span():
    from napari_vascular_loop.domain.article import Span

    start = SPECIAL.replace("brain", "mind").index("\U0001f9e0")
    return Span(start, start + 2)


SPAN = _span()


def test_a_picture_in_the_article_shows_its_mark_and_flies_to_it(qtbot, panel):
    volume_lesson = open_shipped_lesson(STAND_IN_LESSON)
    panel.open_lesson(volume_lesson)
    mark = volume_lesson.annotations[-1]
    before = panel.article.document().toPlainText().count("\ufffc")
    volume_lesson.edit_article(f"# Short\n\n![The loop](view:{mark.id})\n\n![Nothing](view:urn:uuid:none)\n")
    text = panel.article.document().toPlainText()
    assert text.count("\ufffc") == before + 1, "a picture"
    assert "The loop" in text
    assert "[picture: Nothing]" in text
    cursor = QTextCursor(panel.article.document())
    cursor.setPosition(text.index("\ufffc"))
    place = panel.article.cursorRect(cursor).center() + QPoint(60, 0)
    qtbot.mouseClick(panel.article.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert volume_lesson.selected.id == mark.id


def test_a_picture_is_never_wider_than_the_article(qtbot, panel):
    store = open_shipped_lesson(STAND_IN_LESSON)
    panel.open_lesson(store)
    panel.resize(900, 800)
    mark = store.annotations[-1]
    store.edit_article(f"# Short\n\n![The loop](view:{mark.id})\n")
    qtbot.wait(50)
    bar = panel.article.horizontalScrollBar()
    panel.resize(480, 800)
    qtbot.waitUntil(lambda: panel.article.width() < 520 and bar.maximum() == 0, timeout=3000)
    assert "\ufffc" in panel.article.document().toPlainText()


def test_a_passage_under_the_mouse_shows_its_mark_in_small(qtbot, panel):
    panel.open_lesson(open_shipped_lesson(STAND_IN_LESSON))
    (loop,) = (
        one for one in panel.article.passages if "hairpin" in panel.store.lesson.article[one.span.start : one.span.end]
    )
    panel.article.passage_hovered.emit(loop.annotation_ids, panel.mapToGlobal(QPoint(30, 30)))
    card = panel.pane.card
    assert card.isVisible()
    assert not card.picture.pixmap().isNull()
    assert panel.store.lesson.annotation(loop.annotation_ids[0]).label in card.words.text()
    panel.article.passage_hovered.emit((), QPoint())
    assert not card.isVisible()


def test_letters_grow_and_stay_so(qtbot, panel):
    def height():
        return panel.article.document().size().height()

    before = height()
    qtbot.mouseClick(panel.pane.larger, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.pane.larger, Qt.MouseButton.LeftButton)
    assert height() > before * 1.1
    for _ in range(12):
        panel.pane.smaller.click()
    assert not panel.pane.smaller.isEnabled()


def test_the_crosshair_at_a_mark_lights_its_passage(panel):
    (found, *_) = panel.article.passages
    panel.article.show_near(found.annotation_ids)
    near = [passage.near for passage in panel.article.passages]
    assert near[0]
    assert not all(near)


def test_where_the_planes_cross_at_a_mark_its_passage_is_lit(qtbot, panel):
    panel.open_lesson(open_shipped_lesson(STAND_IN_LESSON))
    scene, store = panel.scene, panel.store
    nerve = next(one for one in store.annotations if one.geometry.kind == "path")
    start, end = (np.array(vertex) for vertex in nerve.geometry.vertices_ras_mm[1:3])
    beside = (start + end) / 2 + [0.0, 3.0, 0.0]
    scene.point_at_ras_mm(tuple(beside))
    lit = {one for passage in panel.article.passages if passage.near for one in passage.annotation_ids}
    assert nerve.id in lit
    assert lit < {one.id for one in store.annotations}

    scene.point_at_ras_mm(tuple(np.add(beside, [0.0, 9.0, 0.0])))
    assert nerve.id not in {one for passage in panel.article.passages if passage.near for one in passage.annotation_ids}
    scene.set_marks_visible(False)
    scene.point_at_ras_mm(tuple(beside))
    assert not any(passage.near for passage in panel.article.passages), "hidden marks tell nothing"


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("dark", [True, False])
def test_links_can_be_read_on_a_dark_and_on_a_light_ground(dark):
    document = ArticleDocument("[paper](https://example.org)", [], 11.0, dark=dark)
    cursor = QTextCursor(document.document)
    cursor.setPosition(3)
    lightness = cursor.charFormat().foreground().color().lightness()
    assert lightness > 150 if dark else lightness < 120


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("radiological", [True, False])
@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, -1, 1)], ids=["RAS", "LPS"])
def test_a_mark_is_drawn_on_its_own_side(radiological, flips):
    voxel_to_ras = np.diag([*np.multiply(flips, [2.0, 3.0, 1.5]), 1.0])
    voxel_to_ras[:3, 3] = [5, -7, 11]
    volume = numbered_volume(voxel_to_ras)
    right, anterior = (side > 0 for side in flips[:2])
    ijk = [SHAPE[0] - 2 if right else 1, SHAPE[1] - 2 if anterior else 1, SHAPE[2] // 2]
    place = tuple(float(mm) for mm in (voxel_to_ras @ [*ijk, 1])[:3])
    mark = Annotation(Point(place), "v", structure="basilar-artery")
    picture = mark_picture(volume, mark, 200, 150, width_mm=500, radiological=radiological).toImage()
    orange = [
        (x, y)
        for x in range(picture.width())
        for y in range(picture.height())
        if QColor(picture.pixel(x, y)) == QColor(colour_of(mark))
    ]
    x, y = np.median(orange, axis=0)
    assert (x < 100) == radiological, "the patient's right is on the left of a radiological picture"
    assert y < 75, "anterior is up"


def test_pictures_of_marks_follow_their_inks_and_the_words_of_texts(panel):
    panel.open_lesson(open_shipped_lesson(STAND_IN_LESSON))
    scene, pictures = panel.scene, MarkPictures(panel.scene)
    arrow = next(one for one in panel.store.annotations if one.geometry.kind == "arrow")
    text = Annotation(Point(arrow.geometry.anchor_ras_mm, as_text=True), arrow.volume_id, "Mind the vein")

    def whites(mark):
        picture = pictures.of(mark, 200).toImage()
        pixels = [picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())]
        return sum(QColor(pixel).lightness() > 245 for pixel in pixels)

    dark, short = whites(arrow), whites(text)
    assert whites(text.changed(label="Mind the vein beside it")) > short + 20
    scene.set_mark_style(LIGHT)
    assert whites(arrow) > dark + 20


# ---------------------------------------------------------------- what is missing


def test_the_check_list_tells_what_is_missing_and_leads_there(qtbot, panel):
    store = panel.store
    mark = store.annotations[1]
    store.change(mark.id, label="", note="")
    panel.checks.check()
    lines = [panel.checks.list.item(n).text() for n in range(panel.checks.list.count())]
    assert any("without a label" in line and line.startswith("✗") for line in lines)
    assert panel.tabs.tabText(panel.tabs.indexOf(panel.tabs.check)) == f"Check ({len(lines)})"
    assert lines == sorted(lines, key=lambda line: not line.startswith("✗")), "what must be mended comes first"
    row = next(n for n, line in enumerate(lines) if "without a label" in line)
    panel.checks.list.itemActivated.emit(panel.checks.list.item(row))
    assert store.selected.id == mark.id


def test_a_lesson_that_lacks_nothing_is_told_so(panel):
    store = panel.store
    store.edit_details(authors=("A. Teacher",), licence="CC-BY-4.0", credit="Ours")
    with store.gesture("complete"):
        for mark in store.annotations:
            store.change(mark.id, label="Named", note="Said", structure="pons", side=None)
            if not mark.passages:
                store.link(mark.id, 2, 9)
    panel.checks.check()
    assert panel.checks.list.item(0).text().startswith("✓")
