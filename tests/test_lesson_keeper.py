"""No mark is ever lost: killed at any instant, with a full or a dead disk, with others at the same files."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from other_program import OtherProgram
from random_editor import edit_at_random, edit_until_killed

from napari_vascular_loop import lesson_keeper, lessons
from napari_vascular_loop.domain.annotation import Annotation, Point, Side
from napari_vascular_loop.domain.errors import LessonError, LessonReadOnlyError
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.formats.journal.journal import Journal
from napari_vascular_loop.formats.journal.owner import Owner, OwnerFile, this_owner
from napari_vascular_loop.formats.journal.place import BESIDE, JOURNAL_FILE
from napari_vascular_loop.formats.lesson_folder import FILES, LessonFolder, new_lesson_files
from napari_vascular_loop.store import LessonStore

if TYPE_CHECKING:
    from collections.abc import Callable

ARTICLE = "# A loop\n\nThe loop touches the nerve.\n"
LESSON = Lesson("Loop", (LessonVolume("volume", catalogue_id="colin27"),), ARTICLE, id="loop")


def mark(label: str, x: float = 0) -> Annotation:
    return Annotation(Point((x, 2, 3)), "volume", label, id=f"urn:test:{label}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "lesson"
    path.mkdir()
    for name, data in new_lesson_files(LESSON).items():
        (path / name).write_bytes(data)
    return path


def on_disk(folder: Path) -> Lesson:
    """What another program reads."""
    return LessonFolder(folder).read()


def labels(lesson: Lesson) -> list[str]:
    return [annotation.label for annotation in lesson.annotations]


def crashed(folder: Path, edit: Callable[[LessonStore], None], monkeypatch: pytest.MonkeyPatch) -> LessonStore:
    """Edit, and die before the plain files are written."""
    with monkeypatch.context() as dying:
        dying.setattr(lesson_keeper.LessonKeeper, "_try_to_file", lambda _: None)
        store = lessons.open_lesson(folder)
        edit(store)
        assert store.save_state.saved
        dies(store)
    return store


def dies(store: LessonStore) -> None:
    """Let a program go without a word."""
    lesson_keeper._open.clear()
    store._keeper._forget()  # type: ignore[union-attr]


# ------------------------------------------------------------------ killed


def state_of(lesson: Lesson) -> Any:
    """All but times, which differ between two runs."""
    marks = [(a.id, a.geometry, a.label, a.note, a.side) for a in lesson.annotations]
    return marks, lesson.article, lesson.title


def editors() -> Any:
    """Makes processes that have all imports behind them, where the system can."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["random_editor"])
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    return context


def kill_at_random(folder: Path, seed: int) -> int:
    """Kill an editor at some instant; return how many of its edits were acknowledged."""
    luck = random.Random(seed)
    context = editors()
    heard, say = context.Pipe(duplex=False)
    editor = context.Process(target=edit_until_killed, args=(folder, seed, 400, say))
    editor.start()
    say.close()
    assert heard.recv() == "open"
    # Some live long enough for the plain files to be written.
    time.sleep(luck.choice((luck.uniform(0, 0.05), luck.uniform(0, 0.8))))
    editor.kill()
    editor.join()
    acknowledged = 0
    with contextlib.suppress(EOFError, OSError):
        while True:
            number, is_saved = heard.recv()
            assert (number, is_saved) == (acknowledged, True)
            acknowledged += 1
    heard.close()
    return acknowledged


def check_after_kill(folder: Path, tmp_path: Path, seed: int) -> int:
    before = lessons.open_lesson(folder)
    start = before.lesson
    before.close()
    acknowledged = kill_at_random(folder, seed)
    for name in FILES:
        if name.endswith(".json"):
            json.loads((folder / name).read_bytes())
    on_disk(folder)
    again = lessons.open_lesson(folder)
    # The same edits, in memory: the last may have been written without a word.
    twin = LessonStore(start)
    luck = random.Random(seed)
    # What was done before can be undone in the one, so it must be in the other.
    twin._done, twin._undone = list(before._done), list(before._undone)
    for number in range(acknowledged):
        edit_at_random(twin, luck, number)
    possible = [state_of(twin.lesson)]
    edit_at_random(twin, luck, acknowledged)
    possible.append(state_of(twin.lesson))
    assert state_of(again.lesson) in possible
    assert state_of(on_disk(folder)) == state_of(again.lesson), "the plain files were not brought up to date"
    assert not list(tmp_path.glob("**/annotations (mine*"))
    again.close()
    return acknowledged


def test_killed_at_any_instant_every_acknowledged_edit_is_there(folder, tmp_path):
    """Many times one after the other, on the same lesson; the long run kills five hundred times."""
    acknowledged = [check_after_kill(folder, tmp_path, seed) for seed in range(20)]
    assert max(acknowledged) > 20, "no editor got anywhere"


@pytest.mark.long
@pytest.mark.parametrize("first", range(1000, 1500, 50))
def test_killed_at_five_hundred_instants(folder, tmp_path, first):
    for seed in range(first, first + 50):
        check_after_kill(folder, tmp_path, seed)


def test_a_program_that_ends_without_a_word_leaves_complete_files(folder):
    code = f"""
from napari_vascular_loop.lessons import open_lesson
store = open_lesson({str(folder)!r})
store.edit_article("Written, and left.")
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert on_disk(folder).article == "Written, and left."


# ------------------------------------------------------------------ the plain files follow the journal


def test_nothing_is_written_before_the_first_edit(folder):
    before = sorted(path.name for path in folder.iterdir())
    store = lessons.open_lesson(folder)
    store.select(None)
    store.save()
    store.close()
    assert sorted(path.name for path in folder.iterdir()) == before


def test_the_plain_files_follow_in_a_moment(folder):
    store = lessons.open_lesson(folder)
    for n in range(20):
        store.add(mark(f"m{n}"))
    deadline = time.monotonic() + 10
    while labels(on_disk(folder)) != labels(store.lesson):
        assert time.monotonic() < deadline, "they do not"
        time.sleep(0.05)
    store.close()
    assert not (folder / BESIDE / "owner.json").exists()


def test_an_edit_does_not_wait_for_the_plain_files(folder, monkeypatch):
    written = LessonFolder.write_files

    def slow(self: LessonFolder, *args: Any) -> None:
        time.sleep(0.5)
        written(self, *args)

    monkeypatch.setattr(LessonFolder, "write_files", slow)
    monkeypatch.setattr(lesson_keeper, "FILED_AFTER_S", 0.01)
    store = lessons.open_lesson(folder)
    store.add(mark("first"))
    time.sleep(0.2)
    begun = time.monotonic()
    store.add(mark("second"))
    assert time.monotonic() - begun < 0.25
    store.close()
    assert labels(on_disk(folder)) == ["first", "second"]


def test_undo_goes_on_after_the_lesson_was_opened_anew(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.add(mark("b"))
    store.undo()
    store.close()
    again = lessons.open_lesson(folder)
    assert (again.undo_title, again.redo_title) == ("add point", "add point")
    again.redo()
    assert labels(again.lesson) == ["a", "b"]
    while again.undo():
        pass
    assert again.lesson == on_disk_of(LESSON)
    again.close()


def test_undo_after_reopening_goes_back_to_the_very_first_edit(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    before = store.lesson
    for number in range(650):
        store.change(before.annotations[0].id, note=f"note {number}")
    store.edit_article("Another article.\n")
    store.close()

    store = lessons.open_lesson(folder)
    for _ in range(651):
        assert store.undo()
    assert state_of(store.lesson) == state_of(before)
    assert store.undo()
    assert not store.undo()
    assert not store.annotations
    store.close()

    store = lessons.open_lesson(folder)
    while store.redo():
        pass
    assert store.lesson.article == "Another article.\n"
    assert store.lesson.annotations[0].note == "note 649"
    store.close()


def test_edits_of_a_long_article_take_little_room(folder):
    store = lessons.open_lesson(folder)
    text = "".join(f"Paragraph {n} of a long article about a vessel and a nerve.\n\n" for n in range(2000))
    store.edit_article(text)
    for number in range(100):
        text = text.replace(f"Paragraph {number * 7} of", f"Paragraph {number * 7}, reworded, of")
        store.edit_article(text)
    store.close()

    journal = folder / ".vascular-loop" / "journal.sqlite"
    assert journal.stat().st_size < 5 * len(text)
    assert on_disk(folder).article == text


def on_disk_of(lesson: Lesson) -> Lesson:
    return lesson


# ------------------------------------------------------------------ other programs change the files


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_what_another_program_writes_meanwhile_is_merged(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.save()
    edited(folder / "article.md", "touches", "indents")
    edited(folder / "annotations.json", '"a"', '"A"')
    store.add(mark("b"))
    assert store.look_outside()
    assert "indents" in store.lesson.article
    assert labels(store.lesson) == ["A", "b"]
    store.save()
    assert on_disk(folder) == store.lesson
    store.undo()
    assert labels(store.lesson) == ["a", "b"]
    store.close()
    assert "touches" in on_disk(folder).article


def test_what_another_program_wrote_is_never_overwritten_unseen(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.save()
    edited(folder / "annotations.json", '"a"', '"A"')
    store.change("urn:test:a", label="mine")
    assert store.save().saved
    assert labels(on_disk(folder)) == ["A"], "it was overwritten before anyone looked"
    store.look_outside()
    (conflict,) = store.conflicts
    assert (conflict.member, conflict.ours, conflict.theirs) == ("label", "mine", "A")
    store.save()
    assert labels(on_disk(folder)) == ["mine"]
    store.settle(conflict, theirs=True)
    store.close()
    assert labels(on_disk(folder)) == ["A"]


def test_a_file_that_is_half_written_by_another_program_is_left_alone(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.save()
    whole = (folder / "annotations.json").read_bytes()
    (folder / "annotations.json").write_bytes(whole[:100])
    assert not store.look_outside()
    assert "can't be read now" in store.save_state.note
    (folder / "annotations.json").write_bytes(whole.replace(b'"a"', b'"A"'))
    assert store.look_outside()
    assert labels(store.lesson) == ["A"]
    store.close()


def test_changes_made_while_the_lesson_was_closed_are_taken_in_and_can_be_undone(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.close()
    edited(folder / "annotations.json", '"a"', '"A"')
    again = lessons.open_lesson(folder)
    assert labels(again.lesson) == ["A"]
    assert again.undo_title == "changes made by another program"
    again.undo()
    assert labels(again.lesson) == ["a"]
    again.close()
    assert labels(on_disk(folder)) == ["a"]


def test_an_older_version_that_somebody_put_back_stays(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.save()
    older = (folder / "annotations.json").read_bytes()
    store.add(mark("b"))
    store.close()
    (folder / "annotations.json").write_bytes(older)
    again = lessons.open_lesson(folder)
    assert labels(again.lesson) == ["a"]
    again.undo()
    assert labels(again.lesson) == ["a", "b"]
    again.close()


def test_edits_that_the_files_lack_are_merged_with_what_another_program_wrote(folder, monkeypatch):
    first = lessons.open_lesson(folder)
    first.add(mark("a"))
    first.close()
    crashed(folder, lambda store: store.add(mark("b")), monkeypatch)
    assert labels(on_disk(folder)) == ["a"]
    edited(folder / "annotations.json", '"a"', '"A"')
    again = lessons.open_lesson(folder)
    assert labels(again.lesson) == labels(on_disk(folder)) == ["A", "b"]
    again.close()


def test_edits_are_made_again_even_where_there_is_nothing_to_compare_with(folder, monkeypatch):
    def edit(store):
        store.add(mark("b", 7))
        store.change("urn:test:a", note="kept")
        store.edit_article(ARTICLE + "My line.\n")

    first = lessons.open_lesson(folder)
    first.add(mark("a"))
    first.close()
    crashed(folder, edit, monkeypatch)
    shutil.rmtree(folder / BESIDE / "generations")
    edited(folder / "annotations.json", '"a"', '"A"')
    edited(folder / "article.md", "# A loop", "# Their title")
    again = lessons.open_lesson(folder)
    assert [(a.id, a.note) for a in again.annotations] == [("urn:test:a", "kept"), ("urn:test:b", "")]
    assert again.lesson.article == "# Their title\n\nThe loop touches the nerve.\nMy line.\n"
    assert "3 edits were not in them yet" in again.notice
    assert again.undo_title is None
    again.close()
    last = lessons.open_lesson(folder)
    assert (last.lesson, last.undo_title, last.notice) == (again.lesson, None, "")
    assert on_disk(folder) == last.lesson
    last.close()


def test_a_lesson_that_others_changed_between_opening_and_the_first_edit(folder):
    store = lessons.open_lesson(folder)
    edited(folder / "article.md", "touches", "indents")
    store.add(mark("a"))
    assert store.save().saved
    store.look_outside()
    store.close()
    assert "indents" in on_disk(folder).article
    assert labels(on_disk(folder)) == ["a"]


# ------------------------------------------------------------------ damage


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["cut", "gone", "zeros"])
def test_a_damaged_file_is_restored_from_the_journal(folder, name, damage):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.edit_article("Another text.\n")
    store.edit_details(title="Another title")
    store.close()
    path = folder / name
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:7] + b"\xff\0" if damage == "cut" else bytes(100))
    if name == "lesson.json" and damage == "gone":
        # Without it the folder is no lesson any more; that is said, and nothing is touched.
        with pytest.raises(LessonError, match=r"holds no lesson\.json"):
            lessons.open_lesson(folder)
        return
    again = lessons.open_lesson(folder)
    assert again.lesson == store.lesson == on_disk(folder)
    assert name in again.notice
    assert "restored from the journal" in again.notice
    again.close()


def test_a_damaged_journal_is_put_aside_and_the_files_are_read(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.close()
    for path in (folder / BESIDE).glob(f"{JOURNAL_FILE}*"):
        path.write_bytes(b"x" * 5000)
    again = lessons.open_lesson(folder)
    assert labels(again.lesson) == ["a"]
    again.add(mark("b"))
    assert again.save_state.saved
    again.close()
    assert len(list((folder / BESIDE).glob("damaged *"))) == 1
    assert labels(lessons.open_lesson(folder).lesson) == ["a", "b"]


# ------------------------------------------------------------------ disks


def failing(error: OSError) -> Callable[..., Any]:
    def fail(*_args: Any, **_values: Any) -> Any:
        raise error

    return fail


NO_SPACE, DEAD = OSError(28, "No space left on device"), OSError(5, "Input/output error")


@pytest.mark.parametrize("error", [NO_SPACE, DEAD], ids=["full", "dead"])
@pytest.mark.parametrize("call", ["os.replace", "os.fsync", "pathlib.Path.write_bytes", "os.open"])
def test_when_the_plain_files_can_not_be_written_the_journal_has_it_all(folder, monkeypatch, error, call):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.save()
    with monkeypatch.context() as broken:
        broken.setattr(call, failing(error))
        store.add(mark("b"))
        assert store.save_state.saved
        note = store.save().note
        assert call == "os.open" or error.strerror in note
    assert labels(on_disk(folder)) == (["a", "b"] if call == "os.open" else ["a"])
    store.add(mark("c"))
    assert store.save().note == ""
    assert labels(on_disk(folder)) == ["a", "b", "c"]
    store.close()


def test_when_the_journal_can_not_be_written_all_is_rescued_and_comes_later(folder, monkeypatch):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    with monkeypatch.context() as broken:
        broken.setattr(Journal, "append", failing(NO_SPACE))
        store.add(mark("b"))
        store.add(mark("c"))
    assert not store.save_state.saved
    assert "No space left on device" in store.save_state.problem
    assert "A copy of the marks is safe in" in store.save_state.problem
    (rescued,) = (lessons.own_lessons_folder() / "rescued").iterdir()
    assert labels(on_disk(rescued)) == ["a", "b", "c"]
    assert store.save().saved
    store.close()
    again = lessons.open_lesson(folder)
    assert labels(again.lesson) == ["a", "b", "c"]
    again.undo()
    assert labels(again.lesson) == ["a", "b"]
    again.close()


def test_a_lesson_that_can_not_be_written_is_edited_in_a_journal_of_the_users_own(folder, monkeypatch):
    writable = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder.resolve() and writable(path, mode))
    monkeypatch.setattr(LessonFolder, "write_files", failing(PermissionError(13, "Permission denied")))
    monkeypatch.setattr(OwnerFile, "write", failing(PermissionError(13, "Permission denied")))
    with pytest.raises(PermissionError):
        LessonFolder(folder).write_files({}, LESSON)

    def refused(*_args: Any) -> None:
        raise lesson_keeper.LessonSaveError("the lesson could not be saved (Permission denied)")

    monkeypatch.setattr(LessonFolder, "write_files", refused)
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    assert store.save_state.saved
    assert "Permission denied" in store.save().note
    store.close()
    assert not (folder / BESIDE).exists()
    again = lessons.open_lesson(folder)
    assert labels(again.lesson) == ["a"]
    assert labels(on_disk(folder)) == []
    again.close()
    monkeypatch.undo()


@pytest.mark.skipif(os.name == "nt", reason="Windows does not let go of open files")
def test_a_folder_that_is_removed_under_the_program_is_said_and_nothing_is_lost(folder, tmp_path):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.save()
    shutil.move(folder, tmp_path / "moved")
    store.add(mark("b"))
    assert not store.save_state.saved
    assert "gone" in store.save_state.problem
    (rescued,) = (lessons.own_lessons_folder() / "rescued").iterdir()
    assert labels(on_disk(rescued)) == ["a", "b"]
    shutil.move(tmp_path / "moved", folder)
    assert store.save().saved
    store.close()
    assert labels(on_disk(folder)) == ["a", "b"]


def test_a_file_system_that_can_not_flush_folders_will_do(folder, monkeypatch):
    flush = os.fsync

    def fsync(descriptor: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            raise OSError(22, "Invalid argument")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.close()
    assert labels(on_disk(folder)) == ["a"]


# ------------------------------------------------------------------ two programs at once


def test_the_second_program_reads_only_and_is_told_by_whom_it_is_open(folder):
    other = OtherProgram(folder)
    assert other.tell("add theirs") == "True"
    store = lessons.open_lesson(folder)
    assert "open for editing by " in store.reader_note
    assert this_owner().user in store.reader_note
    with pytest.raises(LessonReadOnlyError, match="open for editing by"):
        store.add(mark("mine"))
    assert store.annotations == () or labels(store.lesson) == ["theirs"]
    other.end()
    assert labels(on_disk(folder)) == ["theirs"]


def test_whoever_takes_over_has_all_and_the_other_is_told(folder):
    other = OtherProgram(folder)
    assert other.tell("add theirs") == "True"
    store = lessons.open_lesson(folder)
    store.take_over()
    assert store.reader_note == ""
    assert labels(store.lesson) == ["theirs"], "what the other did is not there"
    store.add(mark("mine"))
    assert store.save_state.saved
    said = other.tell("add late")
    assert said.startswith("False")
    assert "can only be read here" in said
    assert other.tell("add later").startswith("LessonReadOnlyError")
    other.end()
    store.close()
    assert labels(on_disk(folder)) == ["theirs", "mine"]
    (rescued,) = (lessons.own_lessons_folder() / "rescued").iterdir()
    assert labels(on_disk(rescued)) == ["theirs", "late"]


def test_a_program_that_was_killed_holds_nobody_up(folder):
    other = OtherProgram(folder)
    assert other.tell("add theirs") == "True"
    other.process.kill()
    other.process.communicate()
    store = lessons.open_lesson(folder)
    assert store.reader_note == ""
    store.add(mark("mine"))
    store.close()
    assert labels(on_disk(folder)) == ["theirs", "mine"]


def test_an_owner_on_another_machine_is_respected(folder):
    OwnerFile(folder / BESIDE / "owner.json").write(Owner("anna", "reading-room", 1, 0.0, "2024-02-29T12:00:00", "t"))
    store = lessons.open_lesson(folder)
    assert "anna on reading-room" in store.reader_note
    store.take_over()
    store.add(mark("mine"))
    assert store.save_state.saved
    store.close()
    assert labels(on_disk(folder)) == ["mine"]


def test_of_two_windows_of_one_program_the_one_that_edits_last_writes(folder):
    first = lessons.open_lesson(folder)
    first.add(mark("a"))
    second = lessons.open_lesson(folder)
    assert labels(second.lesson) == ["a"]
    first.add(mark("b"))
    assert first.save_state.saved, "reading in another window took the lesson away"
    second.add(mark("c"))
    assert second.save_state.saved
    with pytest.raises(LessonReadOnlyError, match="another window of this program"):
        first.add(mark("d"))
    second.look_outside()
    assert labels(second.lesson) == ["a", "b", "c"] or labels(second.lesson) == ["a", "c", "b"]
    first.take_over()
    assert sorted(labels(first.lesson)) == ["a", "b", "c"]
    first.add(mark("d"))
    assert first.save_state.saved
    first.close()
    assert sorted(labels(on_disk(folder))) == ["a", "b", "c", "d"]


# ------------------------------------------------------------------ what else the files hold


def test_unknown_members_survive_journal_and_crash(folder, monkeypatch):
    document = json.loads(new_lesson_files(replace(LESSON, annotations=(mark("a"),)))["annotations.json"])
    document["first"]["items"][0]["rating"] = {"stars": 5}
    document["campus"] = "north"
    (folder / "annotations.json").write_text(json.dumps(document))
    crashed(folder, lambda store: store.change("urn:test:a", side=Side.LEFT), monkeypatch)
    lessons.open_lesson(folder).close()
    document = json.loads((folder / "annotations.json").read_bytes())
    assert document["campus"] == "north"
    (item,) = document["first"]["items"]
    assert item["rating"] == {"stars": 5}
    assert item["laterality"] == "left"


def test_a_copy_of_a_lesson_has_a_journal_of_its_own(folder, tmp_path):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.close()
    shutil.copytree(folder, tmp_path / "copy")
    copy, original = lessons.open_lesson(tmp_path / "copy"), lessons.open_lesson(folder)
    copy.add(mark("b"))
    original.add(mark("c"))
    copy.close()
    original.close()
    assert labels(on_disk(tmp_path / "copy")) == ["a", "b"]
    assert labels(on_disk(folder)) == ["a", "c"]
