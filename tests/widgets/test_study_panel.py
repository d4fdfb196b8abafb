"""The study panel, with mouse and keys: reading, the tour, Find it, Name it; the lesson stays as it is."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from gestures import LAYOUTS, Hand, bring_forward, copy_of_lesson, drawn, lesson_on, numbered_volume, true_ras_mm
from napari.components import ViewerModel
from qtpy.QtCore import Qt
from qtpy.QtGui import QTextCursor
from qtpy.QtWidgets import QLineEdit, QPushButton, QRadioButton, QShortcut

from napari_vascular_loop.display.heat_map import LAYER as HEAT_LAYER
from napari_vascular_loop.display.own_marks import LAYER as OWN_LAYER
from napari_vascular_loop.domain.annotation import Annotation, Point, Side
from napari_vascular_loop.domain.answer import Answer, StudyResults, Verdict
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.formats import study_json
from napari_vascular_loop.store.read_only import read_only_store
from napari_vascular_loop.study.results_folder import ResultsFolder
from napari_vascular_loop.study_lesson import open_for_study
from napari_vascular_loop.widgets.lesson_panel import LessonPanel
from napari_vascular_loop.widgets.study_modes import Mode
from napari_vascular_loop.widgets.study_panel import StudyPanel

pytestmark = pytest.mark.gui

MEETS = "The facial nerve meets the brainstem at the outer end of the groove between pons and medulla."


@pytest.fixture
def empty_panel(qtbot, viewer):
    panel = StudyPanel(viewer)
    qtbot.addWidget(panel)
    panel.resize(420, 760)
    with qtbot.waitExposed(panel):
        panel.show()
    bring_forward(qtbot, panel)
    return panel


@pytest.fixture
def folder(tmp_path):
    return copy_of_lesson(tmp_path)


@pytest.fixture
def panel(empty_panel, folder):
    empty_panel.open_lesson(open_for_study(folder))
    return empty_panel


def small_lesson(panel, *marks, known=True, article=""):
    """A lesson on a small volume that is shown already."""
    volume = numbered_volume(LAYOUTS["LPS"], known)
    panel.scene.show_volume(volume)
    lesson = lesson_on(volume, *marks, article=article).lesson
    panel.open_lesson(read_only_store(replace(lesson, id="small")))
    return volume


def button(widget, name):
    (found,) = (b for b in widget.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible())
    return found


def click(qtbot, widget, name):
    qtbot.mouseClick(button(widget, name), Qt.MouseButton.LeftButton)


def place_of(mark, *off_mm):
    """The place of a mark in napari's world, and off it in RAS mm."""
    return np.add(mark.geometry.anchor_ras_mm, off_mm or (0, 0, 0))[::-1]


def click_place(panel, viewer, world):
    viewer.dims.set_point(viewer.dims.order[0], world[viewer.dims.order[0]])
    Hand(viewer).click(world)


def labels(panel):
    """All that is written beside marks on the canvas."""
    return sorted(set(panel.scene.main.labels()))


def is_lit(article, words):
    cursor = QTextCursor(article.document())
    cursor.setPosition(article.toPlainText().index(words) + 4)
    return cursor.charFormat().background().color().alpha() == 255


def kept(lesson_id="synthetic-stand-in", student=""):
    return ResultsFolder(lesson_id).read(student)[0]


def start(qtbot, panel, mode, name="Zoe"):
    click(qtbot, panel, mode)
    line = panel.quiz.start.name
    line.setFocus()
    line.clear()
    qtbot.keyClicks(line, name)
    click(qtbot, panel, "Start")


# ---------------------------------------------------------------- reading and the tour


def test_a_panel_without_a_lesson_says_what_to_do(empty_panel, qtbot):
    assert "No lesson open" in empty_panel.title.text()
    assert "not for diagnosis" in empty_panel.title.text()
    assert "Open a lesson" in empty_panel.reader.article.placeholderText()
    click(qtbot, empty_panel, "Tour")
    assert empty_panel.reader.tour.text.label.text() == "Open a lesson first."
    click(qtbot, empty_panel, "Find it")
    assert empty_panel.quiz.start.about.text() == "Open a lesson first."
    assert not button(empty_panel, "Start").isEnabled()


def test_text_and_image_are_tied_both_ways(panel, viewer, qtbot):
    article, store = panel.reader.article, panel.store
    right = store.annotations[0]
    cursor = QTextCursor(article.document())
    cursor.setPosition(article.toPlainText().index(MEETS) + 3)
    article.setTextCursor(cursor)
    article.ensureCursorVisible()
    qtbot.mouseClick(article.viewport(), Qt.MouseButton.LeftButton, pos=article.cursorRect(cursor).center())
    assert store.selected == right
    assert np.allclose(viewer.scene.camera.center[-2:], np.delete(place_of(right), 0))
    basilar = store.annotations[6]
    click_place(panel, viewer, place_of(basilar))
    assert store.selected == basilar
    assert is_lit(article, "The basilar artery climbs")


def test_the_tour_goes_from_passage_to_passage_by_button_and_key(panel, viewer, qtbot):
    click(qtbot, panel, "Tour")
    steps, article = panel.reader.tour, panel.reader.article
    order = sorted((panel.store.passages()), key=lambda found: (found.span.start, found.span.end))
    assert steps.place.text() == f"1 / {len(order)}"
    assert not steps.back.isEnabled()
    for number, found in enumerate(order, start=1):
        mark = panel.store.lesson.annotation(found.annotation_id)
        assert steps.place.text() == f"{number} / {len(order)}"
        assert panel.store.selected == mark
        assert mark.label in steps.text.label.text()
        qtbot.waitUntil(lambda: steps.text.label.height() >= steps.text.label.heightForWidth(steps.text.label.width()))
        qtbot.waitUntil(lambda: steps.height() >= steps.text.geometry().bottom())
        assert viewer.dims.point[0] == pytest.approx(mark.geometry.anchor_ras_mm[2], abs=0.5)
        assert is_lit(article, found.passage.exact.replace("**", "")[:30])
        if number % 2:
            click(qtbot, panel, "Next") if number < len(order) else None
        else:
            qtbot.keyClick(article, Qt.Key.Key_N)
    assert not steps.next.isEnabled()
    qtbot.keyClick(article, Qt.Key.Key_B)
    assert steps.place.text() == f"{len(order) - 1} / {len(order)}"
    click(qtbot, panel, "Back")
    assert steps.place.text() == f"{len(order) - 2} / {len(order)}"


def test_keys_on_the_canvas_are_the_tours_while_there_is_one_and_given_back(qtbot, viewer):
    seen = []
    viewer.bind_key("N", lambda _viewer: seen.append("N"), overwrite=True)
    before = dict(viewer.keymap)
    panel = StudyPanel(viewer)
    qtbot.addWidget(panel)
    small_lesson(panel, Annotation(Point((1, 2, 30)), "head", "A"), article="No links.")
    press = {str(key): act for key, act in viewer.keymap.items()}
    press["N"](viewer)
    assert seen == ["N"], "with nothing to go on to, whoever had the key before has it"
    panel.close()
    assert viewer.keymap == before


# ---------------------------------------------------------------- find it


def test_find_it_from_the_first_question_to_the_score(panel, viewer, qtbot):
    start(qtbot, panel, "Find it")
    card, desk = panel.quiz.card, panel.quiz.desk
    assert card.number.text() == "Question 1 / 8"
    assert card.prompt.label.text() == "Find: facial nerve root, on the patient's right"
    assert labels(panel) == [], "marks are hidden"
    assert not drawn(panel.scene.viewer)
    assert not panel.scene.visible_marks()
    assert not panel.reader.article.isVisible(), "and so is the text, which leads to them"
    right, left = panel.store.annotations[:2]

    click_place(panel, viewer, place_of(right, 1.0, -0.5, 0.0))
    # The slice goes by the mark at less than half its thickness.
    assert card.verdict.text() in ("Correct: 1.1 mm from the mark.", "Correct: 1.2 mm from the mark.")
    assert labels(panel) == ["Facial nerve root (R)", "Your place"]
    assert is_lit(panel.passage, MEETS)
    assert panel.passage.isVisible()
    assert card.score.text() == "1 of 1 correct"
    click_place(panel, viewer, place_of(left))
    assert card.score.text() == "1 of 1 correct", "after the answer a click is no other"

    click(qtbot, panel, "Next question")
    assert card.prompt.label.text() == "Find: facial nerve root, on the patient's left"
    assert labels(panel) == []
    click_place(panel, viewer, place_of(right))
    assert card.verdict.text().startswith("The right structure, the wrong side: your place lies on the patient's right")

    # As Enter does on the button: a key itself goes nowhere while another window is in front.
    card.next.findChild(QShortcut).activated.emit()
    asked = desk.current.mark
    click_place(panel, viewer, place_of(asked, 0.0, 0.0, 12.0))
    assert "Wrong slice: the mark lies 11.9 mm down" in card.verdict.text(), "to the middle of the slice"

    while desk.session.number < desk.session.count:
        qtbot.keyClick(card, Qt.Key.Key_N)
        click(qtbot, panel, "Show me")
        assert card.verdict.text().startswith("The answer: ")
    qtbot.keyClick(card, Qt.Key.Key_N)
    assert card.prompt.label.text() == "1 of 8 correct"
    assert card.missed.label.text().count("•") == 7
    answers = kept(student="Zoe").answers
    assert [answer.verdict for answer in answers[:3]] == [Verdict.CORRECT, Verdict.WRONG_SIDE, Verdict.WRONG]
    assert answers[0].distance_mm == pytest.approx(1.118, abs=0.1)
    assert np.allclose(answers[0].place_ras_mm, np.add(right.geometry.anchor_ras_mm, (1, -0.5, 0)), atol=0.41)
    assert [answer.verdict for answer in answers[3:]] == [Verdict.GIVEN_UP] * 5

    click(qtbot, panel, "Again what I missed")
    assert card.number.text() == "Question 1 / 7"
    assert card.prompt.label.text() == "Find: facial nerve root, on the patient's left"
    click(qtbot, panel, "End")
    assert panel.mode is Mode.READ
    assert "Facial nerve root (L)" in labels(panel) or panel.scene.visible_marks()


@pytest.mark.parametrize("plane", Plane)
def test_a_place_may_be_given_in_every_plane(panel, viewer, qtbot, plane):
    start(qtbot, panel, "Find it")
    panel.scene.set_plane(plane)
    click_place(panel, viewer, place_of(panel.store.annotations[0], 0.5, 0.5, 0.5))
    answer = kept(student="Zoe").answers[0]
    off = np.subtract(answer.place_ras_mm, panel.store.annotations[0].geometry.anchor_ras_mm)
    assert answer.is_correct
    assert np.allclose(np.delete(off, plane.value), 0.5, atol=0.01)
    assert abs(off[plane.value]) <= 1.0


def test_a_drag_pans_and_shift_drag_answers_with_the_tip(panel, viewer, qtbot):
    start(qtbot, panel, "Find it")
    mark = panel.store.annotations[0]
    viewer.dims.set_point(0, mark.geometry.anchor_ras_mm[2])
    hand = Hand(viewer)
    hand.drag(place_of(mark, 20, 0, 0), place_of(mark))
    assert panel.quiz.desk.current is not None, "a drag moves the picture"
    hand.drag(place_of(mark, 20, 0, 0), place_of(mark, 1, 0, 0), modifiers=("Shift",))
    assert kept(student="Zoe").answers[0].distance_mm == pytest.approx(1.0, abs=0.1)
    assert panel.scene.preview is None


def test_keys_alone_are_enough_to_find_a_place(panel, viewer, qtbot):
    start(qtbot, panel, "Find it")
    mark = panel.store.annotations[0]
    press = {str(key): act for key, act in viewer.keymap.items()}
    panel.scene.go_to_ras_mm(tuple(np.add(mark.geometry.anchor_ras_mm, (0, 0, 0))))
    viewer.scene.camera.zoom = 10.0
    press["Alt+Left"](viewer)
    press["Alt+Up"](viewer)
    assert panel.scene.preview is not None, "the middle is marked"
    press["Enter"](viewer)
    # 20 pixels of 0.1 mm each; on a radiological picture left is the patient's right, and up is forward.
    assert np.allclose(
        kept(student="Zoe").answers[0].place_ras_mm, np.add(mark.geometry.anchor_ras_mm, (2, 2, 0)), atol=0.5
    )
    press["Enter"](viewer)
    assert panel.quiz.card.number.text() == "Question 2 / 8"
    assert "Alt+Left" in {str(key) for key in viewer.keymap}
    panel.set_mode(Mode.READ)
    assert "Alt+Left" not in {str(key) for key in viewer.keymap}, "Alt and arrows are napari's again"


def test_what_was_missed_is_asked_first_the_next_time(panel, folder, qtbot, viewer):
    start(qtbot, panel, "Find it")
    for number in range(8):
        click(qtbot, panel, "Show me") if number == 5 else click_place(
            panel, viewer, place_of(panel.quiz.desk.current.mark)
        )
        qtbot.keyClick(panel.quiz.card, Qt.Key.Key_N)
    panel.open_lesson(open_for_study(folder))
    click(qtbot, panel, "Find it")
    assert panel.quiz.start.name.text() == "Zoe", "the one student of this computer need not type his name again"
    texts = [radio.text() for radio in panel.quiz.start.findChildren(QRadioButton)]
    assert [text.rsplit(" ", 1)[1] for text in texts] == ["(1)", "(1)", "(8)"]
    click(qtbot, panel, "Start")
    assert panel.quiz.card.number.text() == "Question 1 / 1"
    assert panel.quiz.desk.current.mark == panel.store.annotations[5]


# ---------------------------------------------------------------- name it


def test_name_it_by_typing_and_by_choosing(panel, qtbot):
    start(qtbot, panel, "Name it")
    card, entry = panel.quiz.card, panel.quiz.card.entry
    assert card.prompt.label.text() == "What does the arrow point at, and on which side of the patient?"
    (seen,) = (mark.annotation for mark in panel.scene.visible_marks())
    assert seen.geometry == panel.store.annotations[0].geometry
    assert labels(panel) == [], "the mark is shown without its name"
    assert drawn(panel.scene.viewer)
    assert (seen.label, seen.note, seen.structure, seen.side, seen.passages) == ("", "", None, None, ())
    assert not panel.reader.article.isVisible()

    click(qtbot, panel, "On the patient's right")
    entry.line.setFocus()
    qtbot.keyClicks(entry.line, "facial nerv root, bn")
    for _ in ", bn":
        qtbot.keyClick(entry.line, Qt.Key.Key_Backspace)
    qtbot.keyClick(entry.line, Qt.Key.Key_Return)
    assert card.verdict.text() == "Correct: facial nerve root, right. It is spelled 'facial nerve root'."
    assert labels(panel) == ["Facial nerve root (R)"]
    assert is_lit(panel.passage, MEETS)

    click(qtbot, panel, "Next question")
    assert entry.side is None
    assert entry.line.text() == ""
    click(qtbot, panel, "On the patient's right")
    click(qtbot, panel, "Show choices")
    names = [one.text() for one in entry.names.findChildren(QPushButton)]
    assert len(names) == 4
    assert "facial nerve root" in names
    click(qtbot, panel, "facial nerve root")
    assert card.verdict.text() == (
        "The right structure, the wrong side: you said right. The answer: facial nerve root, left."
    )
    click(qtbot, panel, "Next question")
    qtbot.keyClicks(entry.line, "PICA")
    click(qtbot, panel, "Answer")
    assert card.verdict.text().startswith("No. The answer: ")
    assert card.score.text() == "1 of 3 correct"
    given = kept(student="Zoe").answers
    assert [(one.given, one.side, one.verdict) for one in given] == [
        ("facial nerv root", Side.RIGHT, Verdict.CORRECT),
        ("facial nerve root", Side.RIGHT, Verdict.WRONG_SIDE),
        ("PICA", None, Verdict.WRONG),
    ]


# ---------------------------------------------------------------- the lesson stays as it is


def test_nothing_of_the_lesson_is_changed(panel, viewer, folder, qtbot):
    def state():
        return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}

    before = state()
    start(qtbot, panel, "Find it")
    hand = Hand(viewer)
    click_place(panel, viewer, place_of(panel.store.annotations[0]))
    hand.drag(place_of(panel.store.annotations[0]), place_of(panel.store.annotations[0], 9, 9, 0))
    start(qtbot, panel, "Name it")
    click(qtbot, panel, "Show me")
    panel.close()
    assert state() == before
    assert not (folder / ".vascular-loop").exists()


def test_the_lesson_that_is_open_is_studied_and_comes_back(qtbot, viewer):
    teacher = LessonPanel(viewer)
    qtbot.addWidget(teacher)
    volume = numbered_volume(LAYOUTS["LPS"])
    mark = Annotation(Point(tuple(true_ras_mm(volume, (3, 8, 2)))), "head", "Pons", structure="pons")
    store = lesson_on(volume, mark)
    teacher.show_lesson(store, volume)
    panel = StudyPanel(viewer)
    qtbot.addWidget(panel)
    assert panel.store.annotations == (mark,)
    panel.set_mode(Mode.FIND)
    assert not panel.scene.visible_marks()
    panel.close()
    assert panel.scene.store is store
    assert [seen.annotation for seen in panel.scene.visible_marks()] == [mark]


def test_another_lesson_opened_beside_it_is_said(panel, qtbot):
    volume = numbered_volume(LAYOUTS["RAS"])
    panel.scene.set_store(lesson_on(volume))
    assert "Another lesson was opened" in panel.message.text()
    click(qtbot, panel, "Read")
    assert panel.scene.store is panel.store


def test_a_mark_that_was_hidden_before_is_seen_when_it_is_asked_for(panel, viewer, qtbot):
    right, left = panel.store.annotations[:2]
    panel.scene.filter.hide(right.id, True)
    start(qtbot, panel, "Name it")
    assert len(panel.scene.visible_marks()) == 1
    start(qtbot, panel, "Find it")
    panel.scene.filter.show_only_selected(True)
    click_place(panel, viewer, place_of(left))
    assert labels(panel) == ["Facial nerve root (R)", "Your place"]


# ---------------------------------------------------------------- odd states


def test_a_lesson_without_links_has_no_tour_and_says_so(empty_panel, qtbot):
    small_lesson(empty_panel, Annotation(Point((1, -20, 30)), "head", "A"), article="# Text\n\nNo link.")
    click(qtbot, empty_panel, "Tour")
    text = empty_panel.reader.tour.text
    assert "no tour" in text.label.text()
    qtbot.waitUntil(lambda: text.label.height() >= text.label.heightForWidth(text.label.width()) > 0)
    assert not empty_panel.reader.tour.next.isVisible()
    assert "No link." in empty_panel.reader.article.toPlainText()


def test_a_lesson_without_marks_has_no_questions_and_says_so(empty_panel, qtbot):
    small_lesson(empty_panel, article="# Text")
    for mode in ("Find it", "Name it"):
        click(qtbot, empty_panel, mode)
        assert "nothing to ask" in empty_panel.quiz.start.about.text()
        assert not button(empty_panel, "Start").isEnabled()


def test_a_lesson_without_its_volume_can_be_read_but_asks_nothing(empty_panel, folder, qtbot):
    for file in (folder / "volumes").glob("*"):
        file.unlink()
    entry = folder / "lesson.json"
    document = json.loads(entry.read_text(encoding="utf-8"))
    document["volumes"][0].pop("catalogue", None)
    document["volumes"][0]["file"] = "volumes/gone.nii.gz"
    entry.write_text(json.dumps(document), encoding="utf-8")
    empty_panel.open_lesson(open_for_study(folder))
    assert empty_panel.message.isVisible()
    assert MEETS in empty_panel.reader.article.toPlainText()
    click(qtbot, empty_panel, "Find it")
    assert "which is not shown" in empty_panel.quiz.start.about.text()
    click(qtbot, empty_panel, "Tour")
    assert "is not shown" in empty_panel.reader.tour.text.label.text()


def test_without_known_orientation_no_side_is_asked_or_told(empty_panel, viewer, qtbot):
    volume = numbered_volume(LAYOUTS["LPS"], known=False)
    marks = [
        Annotation(Point(tuple(true_ras_mm(volume, ijk))), "head", f"Nerve ({s})", structure="facial-nerve", side=side)
        for ijk, s, side in (((2, 8, 2), "R", Side.RIGHT), ((9, 8, 2), "L", Side.LEFT))
    ]
    small_lesson(empty_panel, *marks, known=False)
    start(qtbot, empty_panel, "Name it")
    assert empty_panel.quiz.card.prompt.label.text() == "What lies at the marked place?"
    assert not empty_panel.quiz.card.entry.side_row.isVisible()
    start(qtbot, empty_panel, "Find it")
    assert empty_panel.quiz.card.prompt.label.text() == "Find: facial nerve"
    click_place(empty_panel, viewer, place_of(marks[1]))
    assert empty_panel.quiz.card.verdict.text() == "Correct: 0.0 mm from the mark."


def test_results_that_cannot_be_kept_are_said_and_the_sitting_goes_on(panel, qtbot, monkeypatch, tmp_path, folder):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VASCULAR_LOOP_RESULTS", str(tmp_path / "file"))
    panel.open_lesson(open_for_study(folder))
    start(qtbot, panel, "Find it")
    click(qtbot, panel, "Show me")
    assert "results can't be kept" in panel.message.text()
    assert panel.quiz.card.verdict.isVisible()
    click(qtbot, panel, "Next question")
    assert panel.quiz.card.number.text() == "Question 2 / 8"


def test_a_damaged_file_of_results_is_said(panel, qtbot, folder):
    path = ResultsFolder("synthetic-stand-in").file_of("Zoe")
    path.parent.mkdir(parents=True)
    path.write_text("{", encoding="utf-8")
    start(qtbot, panel, "Find it")
    assert "can't be read" in panel.message.text()
    assert list(path.parent.glob("*.damaged"))


def test_many_questions_and_long_prompts_fit(empty_panel, qtbot, viewer):
    marks = [
        Annotation(Point((-5.0, -20, 500 + n)), "head", f"Structure number {n} " + "with a long name " * 20)
        for n in range(200)
    ]
    small_lesson(empty_panel, *marks)
    start(qtbot, empty_panel, "Find it")
    card = empty_panel.quiz.card
    assert card.number.text() == "Question 1 / 200"
    assert card.prompt.height() <= 160, "a long prompt scrolls"
    for one in (card.show_me, card.stop, card.middle):
        bottom = one.mapTo(empty_panel, one.rect().bottomRight())
        assert bottom.y() <= empty_panel.height()
        assert bottom.x() <= empty_panel.width()
    assert empty_panel.width() == 420, "the panel did not grow"


def test_everything_has_a_name_for_who_does_not_see(panel, qtbot):
    for mode in ("Tour", "Find it", "Name it"):
        click(qtbot, panel, mode)
        for kind in (QPushButton, QLineEdit, QRadioButton):
            for widget in panel.findChildren(kind):
                assert widget.accessibleName() or widget.text(), (mode, widget)


# ---------------------------------------------------------------- own marks, table, heat map


def test_own_marks_are_kept_apart_from_the_lesson(panel, viewer, folder):
    panel.menu.own_marks_asked.emit()
    layer = viewer.layers[OWN_LAYER]
    assert viewer.layers.selection.active is layer
    assert layer.mode == "add"
    mark = panel.store.annotations[0]
    layer.add(layer.world_to_data(place_of(mark)))
    own = kept().own_marks
    assert len(own) == 1
    assert np.allclose(own[0].place_ras_mm, mark.geometry.anchor_ras_mm, atol=0.01)
    panel.set_mode(Mode.FIND)
    assert layer.mode == "pan_zoom", "a click answers, and adds no point"
    panel.open_lesson(open_for_study(folder))
    assert np.allclose(
        viewer.layers[OWN_LAYER].data_to_world(viewer.layers[OWN_LAYER].data[0]), place_of(mark), atol=0.01
    )
    viewer.layers[OWN_LAYER].selected_data = {0}
    viewer.layers[OWN_LAYER].remove_selected()
    assert kept().own_marks == ()


def test_answers_are_saved_as_a_table_and_deleted_on_demand(panel, qtbot, tmp_path):
    panel.menu.table_asked.emit(tmp_path / "a.csv")
    assert "not answered anything" in panel.message.text()
    start(qtbot, panel, "Find it")
    click(qtbot, panel, "Show me")
    panel.menu.table_asked.emit(tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    assert [row["verdict"] for row in csv.DictReader(io.StringIO(text))] == ["given up"]
    panel.menu.table_asked.emit(tmp_path / "no such folder" / "a.csv")
    assert "can't be written" in panel.message.text()
    panel.menu.forget_asked.emit()
    assert kept(student="Zoe").answers == ()
    assert "deleted" in panel.message.text()


def test_a_teacher_sees_where_students_clicked(panel, viewer, tmp_path, monkeypatch, qtbot):
    mark = panel.store.annotations[0]
    for n, off in enumerate([(0, 0, 0), (0.4, 0, 0), (0, 0.4, 0), (15, 0, 0), (0, 0, 30)]):
        answer = Answer(
            "find:x", mark.id, QuestionKind.FIND, Verdict.WRONG, prompt="Find: root",
            place_ras_mm=tuple(np.add(mark.geometry.anchor_ras_mm, off)), distance_mm=1.0,
        )  # fmt: skip
        results = StudyResults("synthetic-stand-in", student=f"S{n}", answers=(answer,))
        (tmp_path / f"{n}.json").write_bytes(study_json.encode(results))
    files = [str(path) for path in tmp_path.glob("*.json")]
    monkeypatch.setattr("napari_vascular_loop.widgets.study_menu.QFileDialog.getOpenFileNames", lambda *_: (files, ""))
    next(action for action in panel.menu.menu().actions() if action.text() == "Show where students clicked…").trigger()
    assert panel.extras.clicks.isVisible()
    about = panel.extras.clicks.about
    assert "0 of 5 answers correct, 5 students, median 1.0 mm" in about.text()
    assert about.height() >= about.heightForWidth(about.width()), "the text is not cut"
    layer = viewer.layers[HEAT_LAYER]
    shown = np.array([layer.data_to_world(place) for place in layer.data])
    assert len(shown) == 4, "the click 30 mm above is not near this slice"
    assert np.allclose(
        sorted(shown[:, 2]), sorted(mark.geometry.anchor_ras_mm[0] + x for x in (0, 0.4, 0, 15)), atol=0.01
    )
    far = int(np.argmax(shown[:, 2]))
    brightness = layer.face_color[:, :3].sum(axis=1)
    assert brightness.argmin() == far, "the lone click is the darkest"
    click(qtbot, panel, "Hide")
    assert HEAT_LAYER not in viewer.layers


def in_world(model, name):
    """Where a model's layer of points is drawn, in napari's world."""
    layer = model.layers[name]
    return np.array([layer.data_to_world(place) for place in layer.data]).reshape(-1, 3)


def test_clicks_are_seen_in_all_planes_each_on_its_own_slices(panel, viewer):
    scene, mark = panel.scene, panel.store.annotations[0]
    before = ViewerModel()
    scene.add_view(before, Plane.CORONAL)
    r, a, s = mark.geometry.anchor_ras_mm
    answers = tuple(
        Answer("find:x", mark.id, QuestionKind.FIND, Verdict.WRONG, prompt="Find", place_ras_mm=place, distance_mm=1.0)
        for place in ((r, a, s), (r + 9, a, s), (r, a + 12, s), (r, a, s + 15))
    )
    panel.menu.gathered.emit([StudyResults("synthetic-stand-in", student="S", answers=answers)])
    after = ViewerModel()
    view = scene.add_view(after, Plane.SAGITTAL)
    # Display axes are S, A, R; each canvas leaves out the click that lies off its slice.
    for model, left_out in ((viewer, (s + 15, a, r)), (before, (s, a + 12, r)), (after, (s, a, r + 9))):
        seen = in_world(model, HEAT_LAYER)
        assert len(seen) == 3
        assert np.abs(seen - left_out).max(axis=1).min() > 5
        assert model.layers.selection.active is not model.layers[HEAT_LAYER]
    before.dims.set_point(1, a + 12)
    assert len(in_world(before, HEAT_LAYER)) == 1
    scene.remove_view(view)
    assert HEAT_LAYER not in after.layers
    panel.extras.hide_clicks()
    assert HEAT_LAYER not in before.layers
    assert HEAT_LAYER not in viewer.layers


def test_own_marks_are_seen_in_all_planes_as_they_are_placed_moved_and_deleted(panel, viewer, folder):
    scene, mark = panel.scene, panel.store.annotations[0]
    sides = [ViewerModel(), ViewerModel()]
    scene.add_view(sides[0], Plane.CORONAL)
    panel.menu.own_marks_asked.emit()
    view = scene.add_view(sides[1], Plane.SAGITTAL)
    layer = viewer.layers[OWN_LAYER]
    layer.add(layer.world_to_data(place_of(mark)))
    layer.add(layer.world_to_data(place_of(mark, 4, 5, 6)))
    for model in sides:
        np.testing.assert_allclose(in_world(model, OWN_LAYER), in_world(viewer, OWN_LAYER))
        np.testing.assert_allclose(in_world(model, OWN_LAYER)[1], place_of(mark, 4, 5, 6))
        assert not model.layers[OWN_LAYER].editable
        assert model.layers[OWN_LAYER] not in model.layers.selection
    layer.selected_data = {0}
    layer.remove_selected()
    layer.visible = False
    assert all(len(model.layers[OWN_LAYER].data) == 1 and not model.layers[OWN_LAYER].visible for model in sides)
    scene.remove_view(view)
    assert OWN_LAYER not in sides[1].layers
    viewer.layers.remove(layer)
    assert OWN_LAYER not in sides[0].layers
    panel.open_lesson(open_for_study(folder))
    assert len(in_world(sides[0], OWN_LAYER)) == 1
    panel.close()
    assert OWN_LAYER not in sides[0].layers


def test_an_arrow_that_answers_leaves_the_crosshair_where_it_is(panel, viewer, qtbot):
    mark = panel.store.annotations[0]
    side = ViewerModel()
    panel.scene.add_view(side, Plane.CORONAL)
    for model, verdict in ((viewer, "correct"), (side, "correct")):
        start(qtbot, panel, "Find it")
        asked = panel.quiz.desk.current.mark
        panel.scene.point_at_ras_mm(tuple(np.add(asked.geometry.anchor_ras_mm, (12, 7, 9))))
        axis = model.dims.order[0]
        model.dims.set_point(axis, place_of(asked)[axis])
        before, points = panel.scene.place_ras_mm, [each.dims.point for each in (viewer, side)]
        hand = Hand(model)
        hand.press(place_of(asked, 5, 0, 5), modifiers=("Shift",))
        for part in (0.3, 0.9, 1.0):
            hand.move(place_of(asked, 5 * (1 - part), 0, 5 * (1 - part)), ("Shift",))
            assert panel.scene.place_ras_mm == before
            assert [each.dims.point for each in (viewer, side)] == points
        hand.release(place_of(asked), modifiers=("Shift",))
        assert kept(student="Zoe").answers[-1].verdict.value == verdict
    # With nothing asked, Shift and a drag lead the planes again.
    Hand(viewer).drag(place_of(mark, 20, 9, 0), place_of(mark, 14, 3, 0), modifiers=("Shift",))
    np.testing.assert_allclose(panel.scene.place_ras_mm[:2], np.add(mark.geometry.anchor_ras_mm, (14, 3, 0))[:2])


def test_results_of_another_lesson_are_not_shown_here(panel):
    panel.menu.gathered.emit([StudyResults("another", student="S")])
    assert "results of another lesson: another" in panel.message.text()


# ---------------------------------------------------------------- leaving nothing behind


def test_closing_gives_everything_back(qtbot, viewer, folder):
    callbacks, keys = list(viewer.mouse_drag_callbacks), dict(viewer.keymap)
    panel = StudyPanel(viewer)
    qtbot.addWidget(panel)
    panel.open_lesson(open_for_study(folder))
    panel.menu.own_marks_asked.emit()
    panel.set_mode(Mode.FIND)
    panel.quiz.start.begin.click()
    panel.close()
    assert viewer.mouse_drag_callbacks == callbacks
    assert viewer.keymap == keys
    assert panel.scene.store is None
    assert OWN_LAYER not in viewer.layers
    assert labels(panel) == []
