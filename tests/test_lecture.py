"""Slides, handout and cards of a lesson: what a teacher opens in PowerPoint, prints, and gives to students."""

from __future__ import annotations

import json
import math
import re
import sqlite3
import sys
import zipfile

import pytest
from page_lessons import OTHER_TIP, ROOT_L, ROOT_R, TIP, folder_of
from pptx import Presentation
from pypdf import PdfReader

from napari_vascular_loop import lesson_cards, lesson_slides
from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.export.figure import FigureStyle
from napari_vascular_loop.lessons import open_lesson
from napari_vascular_loop.taught_lesson import taught_lesson

MM = 36000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return folder_of(
        tmp_path_factory.mktemp("lecture") / "lesson",
        authors=("A. Teacher",),
        objectives=("find the root",),
        questions=[
            {"id": "q1", "kind": "name", "annotation": "root-r", "prompt": "Which root is this?"},
            {"id": "q2", "kind": "find", "annotation": "loop", "prompt": "Where is the loop?"},
        ],
    )


@pytest.fixture(scope="module")
def slides(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("slides") / "lesson.pptx"
    lesson_slides.make_slides(str(folder), out)
    return out


def named(slide, name):
    return [shape for shape in slide.shapes if shape.name == name]


def texts(slide):
    return " | ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def test_the_native_arrow_points_where_the_mark_is(folder, slides):
    taught = taught_lesson(str(folder))
    deck = Presentation(slides)
    for number, (mark, tip) in enumerate(((ROOT_R, TIP), (ROOT_L, OTHER_TIP)), start=1):
        slide = deck.slides[number]
        (picture,), (arrow,) = named(slide, "Image"), named(slide, "Arrow")
        angle = math.radians(arrow.rotation)
        half = arrow.width / 2
        middle = arrow.left + half, arrow.top + arrow.height / 2
        shown = middle[0] + half * math.cos(angle), middle[1] + half * math.sin(angle)
        figure = taught.figure([mark], FigureStyle(width_mm=lesson_slides._WIDTH_MM, caption=False))
        (x_mm, y_mm), (width_mm, _) = figure.panels[0].sheet_from_ras([tip])[0], figure.size_mm
        scale = picture.width / width_mm
        wanted = picture.left + x_mm * scale, picture.top + y_mm * scale
        away_mm = math.dist(shown, wanted) / scale / figure.panels[0].scale
        assert away_mm < 0.1, "of the head"


def test_each_slide_has_what_is_needed_to_speak_to_it(slides):
    deck = Presentation(slides)
    assert (deck.slide_width / deck.slide_height) == pytest.approx(16 / 9, abs=0.001)
    first, *middle, references = deck.slides
    assert "The lesson" in texts(first)
    assert "find the root" in texts(first)
    assert "A. Teacher" in texts(first)
    assert len(middle) == 7
    assert middle[0].shapes.title.text == "Root (R)"
    assert "Note on the root." in texts(middle[0])
    assert "right root is here" in middle[0].notes_slide.notes_text_frame.text
    assert "Somebody" in texts(references)
    for slide in deck.slides:
        assert "For teaching, not for diagnosis." in texts(slide)
    for slide in middle:
        (picture,) = named(slide, "Image")
        assert len(picture._element.nvPicPr.cNvPr.get("descr")) > 30, "for who can't see it"
        sides = [picture.left + picture.width, *(shape.left + shape.width for shape in slide.shapes)]
        assert max(sides) <= deck.slide_width
        assert max(shape.top + shape.height for shape in slide.shapes) <= deck.slide_height
    sizes = [
        run.font.size.pt
        for slide in middle
        for shape in slide.shapes
        if shape.has_text_frame
        and shape.text_frame.text
        and "diagnosis" not in shape.text_frame.text
        and "Somebody" not in shape.text_frame.text
        for paragraph in shape.text_frame.paragraphs
        for run in paragraph.runs
    ]
    assert min(sizes) >= 14
    kinds = {shape.name for slide in middle for shape in slide.shapes}
    assert {"Arrow", "Path", "Region", "Point", "Label"} <= kinds


def test_the_same_lesson_gives_the_same_bytes_and_the_tour_goes_by_the_text(folder, slides, tmp_path):
    again = tmp_path / "again.pptx"
    lesson_slides.make_slides(str(folder), again)
    assert again.read_bytes() == slides.read_bytes()
    tour = tmp_path / "tour.pptx"
    lesson_slides.make_slides(str(folder), tour, by="tour", dark=False)
    deck = Presentation(tour)
    titles = [slide.shapes.title.text for slide in deck.slides if slide.shapes.title is not None]
    assert titles[:4] == ["Root (R)", "Root (L)", "Loop", "Place"]
    assert "right root is here" in texts(deck.slides[1])


def test_a_handout_can_be_read_printed_and_searched(folder, tmp_path, run):
    out = tmp_path / "lesson.pdf"
    said = run("handout", folder, out, "--paper", "Letter", "--json")
    assert said.code == 0, said.err
    assert said.document["bytes"] == out.stat().st_size
    pdf = PdfReader(out)
    assert pdf.metadata.title == "The lesson"
    assert pdf.trailer["/Root"]["/Lang"] == "en"
    assert [round(float(side)) for side in pdf.pages[0].mediabox[2:]] == [612, 792]
    pages = [" ".join(page.extract_text().split()) for page in pdf.pages]
    text = " ".join(pages)
    for words in ("right root is here", "Figure 1", "find the root", "A. Teacher", "Somebody", "CC0", "inner"):
        assert words in text
    assert all("For teaching, not for diagnosis." in page for page in pages)
    asked = next(n for n, page in enumerate(pages) if "Which root is this?" in page)
    answered = next(n for n, page in enumerate(pages) if "Answers" in page)
    assert answered > asked, "on a page of their own"
    assert text.index("right root is here") < text.index("Figure 1") < text.index("The artery loops")
    assert sum(len(page.images) for page in pdf.pages) >= 4
    assert [one.title for one in pdf.outline if not isinstance(one, list)][-1] == "Credits and licences"
    again = tmp_path / "again.pdf"
    assert run("handout", folder, again, "--paper", "Letter").code == 0
    assert again.read_bytes() == out.read_bytes()


def test_what_a_teacher_types_is_no_command_of_the_typesetter(tmp_path, run):
    evil = '#read("/etc/passwd") $x^2$ *a* _b_ @c <d> [e] ~ \\ `f` " // = + - 1. #panic()'
    place = folder_of(tmp_path / "lesson", article=f"# The lesson\n\nThe *right root* is here {evil}\n", title=evil)
    out = tmp_path / "out.pdf"
    said = run("handout", place, out)
    assert said.code == 0, said.err
    text = " ".join(page.extract_text() for page in PdfReader(out).pages)
    assert "#panic()" in text
    assert '#read("/etc/passwd")' in re.sub(r"[“”]", '"', text)


def collection(path, tmp_path):
    with zipfile.ZipFile(path) as archive:
        media = json.loads(archive.read("media"))
        names = {name: len(archive.read(number)) for number, name in media.items()}
        database = tmp_path / f"{path.stem}.anki2"
        database.write_bytes(archive.read("collection.anki2"))
    with sqlite3.connect(database) as connection:
        notes = dict(connection.execute("select guid, flds from notes"))
        decks = json.loads(connection.execute("select decks from col").fetchone()[0])
    connection.close()
    return {guid: fields.split("\x1f") for guid, fields in notes.items()}, names, decks


def test_cards_ask_with_the_place_and_answer_with_its_name(folder, tmp_path, run):
    out = tmp_path / "lesson.apkg"
    said = run("anki", folder, out, "--json")
    assert said.code == 0, said.err
    notes, media, decks = collection(out, tmp_path)
    assert said.document["cards"] == len(notes) >= 4
    assert "The lesson" in [deck["name"] for deck in decks.values()]
    (mine,) = [fields for fields in notes.values() if fields[0] == "Which root is this?"]
    _, picture, answer, passage, labelled, credit, foot = mine
    assert answer.endswith("(the patient's right)")
    assert "right root is here" in passage
    assert "Somebody" in credit
    assert foot == "For teaching, not for diagnosis."
    shown = [re.search(r'src="([^"]+)"', one).group(1) for one in (picture, labelled)]
    assert shown[0] != shown[1]
    assert all(media[name] > 5000 for name in shown)
    assert "Root" not in picture, "nothing gives the answer away"
    (where,) = [fields for fields in notes.values() if fields[0] == "Where is the loop?"]
    assert where[1] == "", "the picture is the answer"


def test_a_deck_brought_in_again_mends_its_cards(folder, tmp_path):
    first, second = tmp_path / "one.apkg", tmp_path / "two.apkg"
    lesson_cards.make_cards(str(folder), first)
    before, *_ = collection(first, tmp_path)
    store = open_lesson(folder)
    store.change("root-r", note="Another note.", label="Root, right")
    store.save()
    store.close()
    lesson_cards.make_cards(str(folder), second)
    after, *_ = collection(second, tmp_path)
    assert before.keys() == after.keys()
    assert before != after


@pytest.mark.parametrize(
    ("verb", "name", "package"),
    [("slides", "a.pptx", "pptx"), ("handout", "a.pdf", "typst"), ("anki", "a.apkg", "genanki")],
)
def test_without_the_extra_it_is_named_and_a_wrong_ending_is_told(
    folder, tmp_path, run, monkeypatch, verb, name, package
):
    said = run(verb, folder, tmp_path / "a.txt")
    assert said.code == 2
    assert name[1:] in said.err
    monkeypatch.setitem(sys.modules, package, None)
    said = run(verb, folder, tmp_path / name)
    assert said.code == 2
    assert f"napari-vascular-loop[{verb}]" in said.err
    assert not (tmp_path / name).exists()


@pytest.mark.gui
def test_the_menu_writes_it_while_the_window_lives(folder, tmp_path, qtbot, monkeypatch):
    from qtpy.QtWidgets import QFileDialog, QWidget

    from napari_vascular_loop.widgets.lecture_export import LectureExport

    window = QWidget()
    qtbot.addWidget(window)
    store = open_lesson(folder)
    export = LectureExport(window)
    told, failed = [], []
    export.told.connect(told.append)
    export.failed.connect(failed.append)
    # The proposed name was left as it was, another kind chosen.
    chosen = (str(tmp_path / f"{folder.name}.pptx"), "Handout (*.pdf)")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: chosen)
    export.ask(store, folder, radiological=True)
    assert export.is_working
    export.ask(store, folder, radiological=True)
    assert "already" in failed.pop()
    qtbot.waitUntil(lambda: not export.is_working, timeout=60_000)
    assert failed == []
    assert (tmp_path / f"{folder.name}.pdf").is_file()
    assert str(tmp_path / f"{folder.name}.pdf") in told[-1]
    store.close()


def test_nothing_to_show_is_said(folder, tmp_path):
    empty = folder_of(tmp_path / "empty", marks=())
    with pytest.raises(FigureError, match="no mark"):
        lesson_slides.make_slides(str(empty), tmp_path / "a.pptx")
    with pytest.raises(FigureError, match="nothing to ask"):
        lesson_cards.make_cards(str(empty), tmp_path / "a.apkg")
