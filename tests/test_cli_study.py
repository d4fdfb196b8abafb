"""`vascular-loop study`: results of this computer, and those of many students."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from datetime import UTC, datetime

import pytest
from conftest import ROOT
from gestures import copy_of_lesson

from napari_vascular_loop import window
from napari_vascular_loop.domain.answer import Answer, StudyResults, Verdict
from napari_vascular_loop.domain.errors import LessonReadOnlyError
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.domain.terms import Tissue
from napari_vascular_loop.formats import study_json
from napari_vascular_loop.formats.study_csv import COLUMNS
from napari_vascular_loop.lessons import open_lesson
from napari_vascular_loop.study.finding import TOLERANCE_MM
from napari_vascular_loop.study.repetition import BOX_DAYS
from napari_vascular_loop.study.results_folder import ResultsFolder
from napari_vascular_loop.study_lesson import open_for_study

LESSON = "facial-nerve-root"


def results(student, *verdicts, lesson=LESSON):
    given = tuple(
        Answer("q", "m", QuestionKind.FIND, verdict, datetime(2026, 3, 4, 5, n, tzinfo=UTC), "Find: the root", "root",
               place_ras_mm=(18.8, -28.3, -42.3), distance_mm=2.0 * n)
        for n, verdict in enumerate(verdicts)
    )  # fmt: skip
    return StudyResults(lesson, "Title", student, given)


@pytest.fixture
def two_students():
    folder = ResultsFolder(LESSON, "Title")
    folder.write(results("Zoë", Verdict.CORRECT, Verdict.WRONG, Verdict.WRONG))
    folder.write(results("Ben", Verdict.CORRECT))
    return folder


def test_results_of_a_lesson_are_told(run, two_students):
    said = run("study", "results", LESSON)
    assert said.code == 0
    assert "2 students, 4 answers" in said.out
    assert f"The files are in {two_students.path}" in said.out
    assert "Find: the root [root]: 2 of 4 correct; median 1.0 mm" in said.out


def test_results_as_data_and_as_a_table(run, two_students, tmp_path):
    said = run("study", "results", LESSON, "--json", "--csv", tmp_path / "out.csv", "--student", "zoë")
    document = json.loads(said.out)
    assert document["students"] == [{"student": "Zoë", "lesson": LESSON, "answers": 3, "correct": 1}]
    assert document["questions"][0]["verdicts"] == {"correct": 1, "wrong": 2}
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["student"] for row in csv.DictReader(file)] == ["Zoë"] * 3


def test_who_never_studied_has_no_results(run, two_students):
    said = run("study", "results", LESSON, "--student", "Eve")
    assert (said.code, said.out) == (2, "")
    assert "there are no results of 'Eve'; there are: Ben, Zoë" in said.err
    assert "0 students, 0 answers" in run("study", "results", "synthetic-stand-in").out


def test_files_of_many_students_are_gathered(run, tmp_path, two_students):
    sent = tmp_path / "sent"
    sent.mkdir()
    (sent / "mia.json").write_bytes(study_json.encode(results("Mia", Verdict.WRONG_SIDE)))
    (sent / "mia again.json").write_bytes(study_json.encode(results("Mia", Verdict.WRONG_SIDE, Verdict.CORRECT)))
    (sent / "holiday.json").write_text('{"beach": true}', encoding="utf-8")
    out = tmp_path / "class.json"
    said = run("study", "gather", two_students.file_of("Zoë"), sent, out)
    assert said.code == 0
    assert "2 students, 5 answers" in said.out
    assert "holiday.json is no file of study results" in said.err
    document = json.loads(out.read_text(encoding="utf-8"))
    assert [one["student"] for one in document["results"]] == ["Zoë", "Mia"]
    assert document["questions"][0]["verdicts"] == {"correct": 2, "wrong side": 1, "wrong": 2}
    assert document["questions"][0]["clicks"][0]["placeRasMm"] == [18.8, -28.3, -42.3]

    table = tmp_path / "class.csv"
    run("study", "gather", out, table, "--anonymous")
    text = table.read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) == 6
    assert "student 2" in text
    assert "Zoë" not in text
    assert "Mia" not in text


def test_gather_says_what_it_can_not_do(run, tmp_path, two_students):
    said = run("study", "gather", two_students.file_of("Ben"), tmp_path / "out.xlsx")
    assert (said.code, said.err) == (2, "vascular-loop: the table is written as .csv or .json; got 'out.xlsx'\n")
    said = run("study", "gather", tmp_path / "missing.json", tmp_path / "out.csv")
    assert said.code == 2
    assert "missing.json" in said.err
    assert not (tmp_path / "out.csv").exists()


def test_study_touches_nothing_of_a_lesson(tmp_path):
    folder = copy_of_lesson(tmp_path)

    def state():
        return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}

    before = state()
    store = open_for_study(folder)
    mark = store.annotations[0]
    for change in (
        lambda: store.change(mark.id, label="x"),
        lambda: store.remove(mark.id),
        lambda: store.edit_article("gone"),
        lambda: store.link(mark.id, 0, 20),
        lambda: store.take_over(),
    ):
        with pytest.raises(LessonReadOnlyError, match="open for study"):
            change()
    store.save()
    store.close()
    assert store.lesson.article != "gone"
    assert state() == before
    teacher = open_lesson(folder)
    teacher.change(mark.id, label="changed by the teacher")
    assert not teacher.reader_note
    assert open_for_study(folder).reader_note, "a lesson that a teacher edits can be studied all the same"
    teacher.close()
    assert open_for_study(folder).annotations[0].label == "changed by the teacher"


def test_a_shipped_lesson_is_studied_in_the_users_own_copy(tmp_path, monkeypatch):
    monkeypatch.setenv("VASCULAR_LOOP_LESSONS", str(tmp_path))
    assert open_for_study("synthetic-stand-in").lesson.title.startswith("SYNTHETIC")
    copy_of_lesson(tmp_path).rename(tmp_path / "synthetic-stand-in")
    own = tmp_path / "synthetic-stand-in" / "lesson.json"
    own.write_text(own.read_text(encoding="utf-8").replace("SYNTHETIC", "MY OWN"), encoding="utf-8")
    assert open_for_study("synthetic-stand-in").lesson.title.startswith("MY OWN")


def test_a_lesson_is_opened_for_study_where_there_is_a_screen(run, monkeypatch):
    monkeypatch.setattr(window, "has_screen", lambda: False)
    said = run("study", "open", LESSON)
    assert (said.code, said.out) == (2, "")
    assert "there is no screen" in said.err
    assert "no lesson folder" in run("study", "open", "no-such-lesson").err


PAGE = ROOT / "docs" / "study.md"


@pytest.mark.skipif(not PAGE.is_file(), reason="there are no docs beside these tests (an sdist has none)")
def test_what_the_page_says_of_the_files_is_so():
    text = PAGE.read_text("utf-8")
    example = re.search(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert example
    (read,) = study_json.decode(example[1].encode(), "example.json")
    assert json.loads(study_json.encode(read)) == json.loads(example[1])
    for column in COLUMNS:
        assert f"`{column}`" in text
    for verdict in Verdict:
        assert f"`{verdict.value}`" in text
    days = ", ".join(str(days) for days in BOX_DAYS[1:-1])
    assert f"rests for {days}, then {BOX_DAYS[-1]} days" in text
    for tissue, said in (
        (Tissue.NERVE, "a nerve"),
        (Tissue.ARTERY, "an artery"),
        (Tissue.BRAIN, "a part of the brain"),
    ):
        assert f"{TOLERANCE_MM[tissue]:g} mm for {said}" in " ".join(text.split())
