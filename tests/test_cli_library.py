"""The verbs of `vascular-loop library`."""

from __future__ import annotations

import pytest
from library_shelf import a_shelf
from publisher import go_online, publishing

from napari_vascular_loop.domain.answer import Answer, StudyResults, Verdict
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.study.results_folder import ResultsFolder


@pytest.fixture
def shelf(tmp_path):
    root = tmp_path / "shelf"
    root.mkdir()
    return a_shelf(root, tmp_path)


def test_index_says_what_it_wrote_and_what_it_could_not_read(run, shelf):
    said = run("library", "index", shelf)
    assert said.code == 0
    assert said.out.startswith(f"4 lessons are in {shelf / 'library.vlibrary'} (")
    assert "not read: broken: annotations.json" in said.err
    document = run("library", "index", shelf, "--json").document
    assert (document["lessons"], [one["path"] for one in document["not_read"]]) == (4, ["broken"])


def test_list_shows_cards_and_how_far_each_student_is(run, shelf):
    folder = ResultsFolder("loop", "The loop")
    answer = Answer("find:m0", "m0", QuestionKind.FIND, Verdict.CORRECT)
    folder.write(StudyResults("loop", "The loop", "Ada", (answer,)))
    said = run("library", "list", shelf).out
    assert "loop: The loop\n    About 40 minutes\n    anterior inferior cerebellar artery\n" in said
    assert "Ada: 1 of 2 questions known" in said
    assert "broken: broken\n    can't be read: annotations.json" in said
    document = run("library", "list", shelf, "--json").document
    loop = next(one for one in document["lessons"] if one["path"] == "loop")
    assert loop["progress"] == [{"student": "Ada", "known": 1, "asked": 1}]
    assert loop["licence"] == "CC-BY-4.0"


def test_search_marks_what_was_found(run, shelf):
    said = run("library", "search", shelf, "touches", "the").out
    assert said.startswith("loop: The loop\n")
    assert "An artery [touches] [the] nerve" in said
    document = run("library", "search", shelf, "CN VII", "--json").document
    assert [one["path"] for one in document["lessons"]] == ["year 1/nerve", "packed.vlesson.zip"]
    assert "No lesson in" in run("library", "search", shelf, "purple").out


def test_a_server_that_is_gone_leaves_what_was_known(run, shelf, monkeypatch):
    go_online(monkeypatch)
    run("library", "index", shelf)
    with publishing() as publisher:
        publisher.put("library.vlibrary", (shelf / "library.vlibrary").read_bytes())
        address = publisher.url("")
        assert "loop: The loop" in run("library", "list", address).out
        publisher.shelves.clear()
        said = run("library", "list", address)
        assert (said.code, "loop: The loop" in said.out) == (0, True)
        assert "as it was when last seen: there is no library at" in said.err
        assert run("library", "list", publisher.url("other")).code == 2


def test_mistakes_are_said_in_a_line(run, tmp_path):
    for verb in (("index", "https://x.org"), ("list", tmp_path / "none"), ("search", tmp_path / "none", "x")):
        said = run("library", *verb)
        assert said.code == 2
        assert len(said.err.strip().splitlines()) == 1
    assert "There is no lesson in" in run("library", "list", tmp_path).out
