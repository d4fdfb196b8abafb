"""The verbs of lessons: what they hold, merging two teachers' copies, choosing between them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from other_program import OtherProgram

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point, Side
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.formats.journal.owner import Owner, OwnerFile, this_owner
from napari_vascular_loop.formats.journal.place import BESIDE
from napari_vascular_loop.formats.lesson_folder import LessonFolder, new_lesson_files
from napari_vascular_loop.lessons import open_lesson

if TYPE_CHECKING:
    from pathlib import Path

ARTICLE = "# A loop\n\nThe loop touches the nerve.\n"
LOOP = Annotation(
    Arrow((-20, -8, -39), (-10.9, -21.5, -39.2)),
    "tof",
    "Loop",
    structure="aica",
    side=Side.LEFT,
    author="Anna",
    id="urn:test:loop",
)
LESSON = Lesson("The loop", (LessonVolume("tof", file="volumes/tof.nii.gz"),), ARTICLE, (LOOP,), id="the-loop")


@pytest.fixture
def copies(tmp_path: Path) -> tuple[Path, Path, Path]:
    """The same lesson three times: as it was, and at two teachers'."""
    base = tmp_path / "base"
    base.mkdir()
    for name, data in new_lesson_files(LESSON).items():
        (base / name).write_bytes(data)
    return base, *(shutil.copytree(base, tmp_path / name) for name in ("anna", "bob"))


def edit(folder: Path, *edits: Any) -> None:
    store = open_lesson(folder)
    for one in edits:
        one(store)
    assert store.save_state.saved
    store.close()


def on_disk(folder: Path) -> Lesson:
    return LessonFolder(folder).read()


def test_info(run, copies):
    base, anna, _ = copies
    edit(anna, lambda s: s.add(replace(LOOP, geometry=Point((-10.9, -21.5, -36.2)), author="Bob", id="urn:test:2")))
    said = run("lesson", "info", anna)
    assert said.code == 0
    assert "2 marks, 0 links" in said.out
    assert "Anna and Bob are 3.0 mm apart: anterior inferior cerebellar artery, left" in said.out
    document = run("lesson", "info", anna, "--json").document
    assert document["by_author"] == {"Anna": 1, "Bob": 1}
    assert document["agreement"][0]["distance_mm"] == 3.0
    assert run("lesson", "info", base, "--json").document["agreement"] == []


def test_what_two_teachers_did_is_merged(run, copies):
    base, anna, bob = copies
    edit(anna, lambda s: s.change("urn:test:loop", note="Anna's note"))
    edit(
        bob, lambda s: s.add(Annotation(Point((1, 2, 3)), "tof", "Nerve")), lambda s: s.edit_article(ARTICLE + "Bob.\n")
    )
    before = {path.name: path.read_bytes() for path in bob.iterdir() if path.is_file()}
    said = run("lesson", "merge", anna, bob, "--base", base)
    assert (said.code, said.err) == (0, "")
    assert said.out == "marks: 1 added, 0 deleted, 0 changed\n"
    merged = on_disk(anna)
    assert [(a.label, a.note) for a in merged.annotations] == [("Loop", "Anna's note"), ("Nerve", "")]
    assert merged.article.endswith("Bob.\n")
    assert {path.name: path.read_bytes() for path in bob.iterdir() if path.is_file()} == before
    store = open_lesson(anna)
    assert store.undo_title == "merge bob"
    store.undo()
    assert [a.label for a in store.annotations] == ["Loop"]
    store.close()


def test_conflicts_wait_in_the_lesson_until_they_are_chosen(run, copies):
    base, anna, bob = copies
    edit(anna, lambda s: s.change("urn:test:loop", label="Anna's", side=Side.RIGHT))
    edit(bob, lambda s: s.change("urn:test:loop", label="Bob's", side=Side.MIDLINE))
    said = run("lesson", "merge", anna, bob, "--base", base, "--json")
    assert said.code == 1
    assert [one["member"] for one in said.document["conflicts"]] == ["label", "side"]
    assert on_disk(anna).annotations[0].label == "Anna's"
    kept = json.loads((anna / "conflicts.json").read_bytes())
    assert kept["conflicts"][0]["said"].endswith('there "Bob\'s"')
    listed = run("lesson", "conflicts", anna)
    assert listed.code == 1
    assert '  1. the label of "Anna\'s": here "Anna\'s", there "Bob\'s"' in listed.out
    said = run("lesson", "conflicts", anna, "--theirs", 1, "--ours", 2)
    assert (said.code, said.out) == (0, "no conflicts\n")
    (mark,) = on_disk(anna).annotations
    assert (mark.label, mark.side) == ("Bob's", Side.RIGHT)
    assert not (anna / "conflicts.json").exists()


def test_a_copy_that_is_merged_twice_asks_once_and_shows_where_the_two_differ(run, copies):
    base, anna, bob = copies
    for folder, name in ((anna, "Anna"), (bob, "Bob")):
        edit(folder, lambda s, name=name: s.change("urn:test:loop", label=name))
        edit(folder, lambda s, name=name: s.edit_article(f"{ARTICLE}\n## {name}\n\nSays {name}.\n"))
    first = run("lesson", "merge", anna, bob)
    assert "the lesson's article: here '… ## Anna Says Anna.', there '… ## Bob Says Bob.'" in first.out
    run("lesson", "merge", anna, bob, "--base", base)
    waiting = run("lesson", "conflicts", anna, "--json").document["conflicts"]
    assert [one["member"] for one in waiting].count("label") == 1


def test_words_that_several_marks_are_tied_to_and_nobody_finds_are_named_once(run, copies):
    _, anna, _ = copies
    edit(
        anna,
        lambda s: s.add(replace(LOOP, id="urn:test:2")),
        lambda s: [s.link(id_, 10, 18) for id_ in ("urn:test:loop", "urn:test:2")],
        lambda s: s.edit_article("Another text altogether."),
    )
    said = run("lesson", "info", anna)
    assert said.out.count("linked to words that are not in the article") == 1
    assert "'The loop' (2 links)" in said.out


def test_a_lesson_needs_a_title(run, tmp_path):
    said = run("lesson", "new", tmp_path, tmp_path, "--title", " ")
    assert said.code == 2
    assert "a lesson needs a title" in said.err


@pytest.mark.parametrize("chosen", [["--ours", "0"], ["--theirs", "9"], ["--ours", "1", "--theirs", "1"]])
def test_a_number_that_is_none_is_refused_and_nothing_is_chosen(run, copies, chosen):
    base, anna, bob = copies
    edit(anna, lambda s: s.change("urn:test:loop", label="Anna's"))
    edit(bob, lambda s: s.change("urn:test:loop", label="Bob's"))
    run("lesson", "merge", anna, bob, "--base", base)
    said = run("lesson", "conflicts", anna, *chosen)
    assert said.code == 2
    assert "the conflicts have the numbers 1 to 1" in said.err
    assert len(run("lesson", "conflicts", anna, "--json").document["conflicts"]) == 1


def test_a_lesson_is_not_merged_into_itself(run, copies):
    said = run("lesson", "merge", copies[0], copies[0])
    assert said.code == 2
    assert "are the same lesson" in said.err


def test_a_lesson_that_is_not_there(run, copies, tmp_path):
    said = run("lesson", "merge", copies[0], tmp_path / "none")
    assert said.code == 2
    assert "there is no lesson folder" in said.err


def test_a_question_about_nothing_is_found(run, copies):
    described = json.loads((copies[0] / "lesson.json").read_bytes())
    described["questions"] = [{"id": "q", "kind": "find", "annotation": "urn:none", "prompt": "Where?"}]
    (copies[0] / "lesson.json").write_text(json.dumps(described))
    said = run("lesson", "check", copies[0])
    assert said.code == 1
    assert "The mark that the question 'Where?' is about is gone: choose another" in said.out


# ------------------------------------------------------------------ open in another program


def test_a_lesson_that_is_open_elsewhere_is_merged_only_knowingly(run, copies):
    base, anna, bob = copies
    edit(bob, lambda s: s.add(Annotation(Point((1, 2, 3)), "tof", "Bob's")))
    other = OtherProgram(anna)
    assert other.tell("add theirs") == "True"
    said = run("lesson", "merge", anna, bob, "--base", base)
    assert (said.code, said.out) == (2, "")
    assert f"{str(anna)!r} is open for editing by {this_owner().user} on " in said.err
    assert "say --take-over" in said.err
    assert other.tell("add more") == "True", "who was refused disturbed the other program"
    said = run("lesson", "merge", anna, bob, "--base", base, "--take-over")
    assert (said.code, said.out) == (0, "marks: 1 added, 0 deleted, 0 changed\n")
    assert f"note: taken over from {this_owner().user} on " in said.err
    assert sorted(a.label for a in on_disk(anna).annotations) == ["Bob's", "Loop", "more", "theirs"]
    assert "can only be read here" in other.tell("add late")
    other.end()
    assert sorted(a.label for a in on_disk(anna).annotations) == ["Bob's", "Loop", "more", "theirs"]


def test_conflicts_of_a_lesson_that_is_open_elsewhere_are_shown_and_chosen_only_knowingly(run, copies):
    base, anna, bob = copies
    edit(anna, lambda s: s.change("urn:test:loop", label="Anna's"))
    edit(bob, lambda s: s.change("urn:test:loop", label="Bob's"))
    run("lesson", "merge", anna, bob, "--base", base)
    owner = OwnerFile(anna / BESIDE / "owner.json")
    owner.write(Owner("carla", "reading-room", 1, 0.0, "2024-02-29T12:00:00", "token"))
    said = run("lesson", "conflicts", anna, "--theirs", 1)
    assert said.code == 2
    assert "open for editing by carla on reading-room, since 12:00 on 2024-02-29: nothing was changed" in said.err
    assert on_disk(anna).annotations[0].label == "Anna's"
    assert owner.read().user == "carla"
    said = run("lesson", "conflicts", anna, "--theirs", 1, "--take-over")
    assert (said.code, said.out) == (0, "no conflicts\n")
    assert on_disk(anna).annotations[0].label == "Bob's"


def test_taking_over_a_lesson_that_nobody_has_open_is_just_editing_it(run, copies):
    base, anna, bob = copies
    said = run("lesson", "merge", anna, bob, "--base", base, "--take-over")
    assert (said.code, said.err) == (0, "")


def test_a_packed_lesson_is_checked_and_looked_at_like_its_folder(run, copies, tmp_path, monkeypatch):
    monkeypatch.setenv("VASCULAR_LOOP_LESSONS", str(tmp_path / "own"))
    base, _, _ = copies
    (base / "volumes").mkdir(exist_ok=True)
    (base / "volumes" / "tof.nii.gz").write_bytes(b"a volume")
    sent = tmp_path / "sent.vlesson.zip"
    said = run("lesson", "pack", base, sent)
    assert said.code == 0
    assert "sent.vlesson.zip" in said.out
    assert "1 mark" in run("lesson", "info", sent).out
    assert "already something" in run("lesson", "pack", base, sent).err
