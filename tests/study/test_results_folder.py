"""Results on disk: they last, stay apart, and survive damage."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from napari_vascular_loop.domain.answer import Answer, OwnMark, StudyResults, Verdict
from napari_vascular_loop.domain.errors import LessonSaveError
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.study.gathering import joined, questions_of, without_names
from napari_vascular_loop.study.results_folder import ResultsFolder, results_folder

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def answer(minute, question="q1", verdict=Verdict.CORRECT, **values):
    at = AT + timedelta(minutes=minute)
    return Answer(question, "m", QuestionKind.FIND, verdict, at, prompt="Where?", wanted="loop", **values)


def results(student, *answers, lesson="nerves"):
    return StudyResults(lesson, "Nerves", student, tuple(answers))


@pytest.fixture
def folder(tmp_path):
    return ResultsFolder("nerves", "Nerves", tmp_path / "results")


def test_results_last(folder):
    assert folder.read("Zoë") == (results("Zoë"), "")
    folder.write(results("Zoë", answer(0)))
    assert folder.read("  Zoë ") == (results("Zoë", answer(0)), "")
    assert folder.read("") == (results(""), "")


def test_every_student_and_every_lesson_has_a_file_of_its_own(folder, tmp_path):
    names = ["Zoë", "Zoe", "zoë", "", "no-name", "../../x", "CON", "a/b", "a b", "神経"]
    for minute, name in enumerate(names):
        folder.write(results(name, answer(minute)))
    ResultsFolder("Nerves", root=tmp_path / "results").write(results("Zoë", answer(99), lesson="Nerves"))
    for minute, name in enumerate(names):
        read, note = folder.read(name)
        assert ([one.at for one in read.answers], note) == ([AT + timedelta(minutes=minute)], ""), name
    inside = list(tmp_path.rglob("*.json"))
    assert len(inside) == len(names) + 1
    assert len([one for one, _ in folder.students() if one]) == len(names)


def test_what_another_window_kept_meanwhile_is_not_lost(folder):
    folder.write(results("A", answer(0)))
    folder.write(results("A", answer(0), answer(2)))
    folder.write(replace(results("A", answer(0), answer(1)), own_marks=(OwnMark((1, 2, 3), "t1"),)))
    read, _ = folder.read("A")
    assert [one.at.minute for one in read.answers] == [6, 7, 8]
    assert read.own_marks == (OwnMark((1, 2, 3), "t1"),)


@pytest.mark.parametrize("damage", [b"", b"{", b'{"type": "StudyResults", "lesson": "other"}', b"\x00" * 100])
def test_a_damaged_file_is_put_aside_and_said(folder, damage):
    path = folder.write(results("A", answer(0)))
    path.write_bytes(damage)
    read, note = folder.read("A")
    assert read == results("A")
    assert "can't be read" in note
    (aside,) = path.parent.glob("*.damaged")
    assert aside.read_bytes() == damage
    assert aside.name in note
    folder.write(results("A", answer(1)))
    assert folder.read("A") == (results("A", answer(1)), "")
    assert [note for _, note in folder.students()] == [""]


def test_a_folder_that_cannot_be_written_is_said_with_what_to_do(tmp_path):
    (tmp_path / "file").write_text("in the way")
    folder = ResultsFolder("nerves", "Nerves", tmp_path / "file")
    with pytest.raises(LessonSaveError, match=r"can't be kept .* VASCULAR_LOOP_RESULTS"):
        folder.write(results("A", answer(0)))
    assert folder.read("A")[0] == results("A")


def test_results_are_forgotten_on_demand(folder):
    folder.write(results("A", answer(0)))
    folder.write(results("B", answer(0)))
    folder.forget("A")
    folder.forget("A")
    assert [one.student for one, _ in folder.students() if one] == ["B"]


def test_the_folder_is_the_environments_or_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("VASCULAR_LOOP_RESULTS", str(tmp_path))
    assert results_folder() == tmp_path
    monkeypatch.delenv("VASCULAR_LOOP_RESULTS")
    assert results_folder().name == "results"
    assert os.fspath(results_folder()) != os.fspath(tmp_path)


# ---------------------------------------------------------------- many students


def test_copies_of_a_students_file_count_once():
    early, late = results("A", answer(0)), results("a", answer(0), answer(1), answer(2, "q2"))
    other = results("B", answer(0))
    (one, two) = joined([late, early, other, early])
    assert one.answers == late.answers
    assert two == other


def test_questions_are_summed_up_the_hardest_first():
    hard = [
        answer(0, "hard", Verdict.WRONG, place_ras_mm=(1, 2, 3), distance_mm=9.0),
        answer(1, "hard", Verdict.WRONG_SIDE, place_ras_mm=(-1, 2, 3), distance_mm=5.0),
        answer(2, "hard", place_ras_mm=(8, 2, 3), distance_mm=1.0),
    ]
    named = [answer(3, "easy", given="AICA"), answer(4, "easy", Verdict.WRONG, given="Pica "), answer(5, "easy")]
    first, second = questions_of([results("A", *hard[:2], *named), results("B", hard[2])])
    assert (first.question_id, first.correct, first.students, first.median_distance_mm) == ("hard", 1, 2, 5.0)
    assert [click.place_ras_mm for click in first.clicks] == [(1, 2, 3), (-1, 2, 3), (8, 2, 3)]
    assert first.as_json()["verdicts"] == {"correct": 1, "wrong side": 1, "wrong": 1}
    assert (second.correct, second.mistaken_for, second.clicks) == (2, (("pica", 1),), ())
    assert second.median_distance_mm is None


def test_without_names_no_name_is_left():
    given = replace(results("Zoë", answer(5)), own_marks=(OwnMark((1, 2, 3), "t1", "Zoë"),), foreign={"mail": "zoe@x"})
    told = without_names([given, results("Ben", answer(1)), results("Nobody")])
    assert [one.student for one in told] == ["student 1", "student 2", "student 3"]
    assert [len(one.answers) for one in told] == [1, 1, 0]
    assert "Zo" not in repr(told)
