"""Other programs, other windows, broken and hostile files: nothing that was acknowledged is lost, and all is said."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from typing import TYPE_CHECKING, Any

import pytest
from other_program import OtherProgram
from psygnal import EmitLoopError
from test_lesson_keeper import (
    NO_SPACE,
    crashed,
    edited,
    failing,
    folder,
    labels,
    mark,
    on_disk,
)

from napari_vascular_loop import cli, lesson_keeper, lessons
from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.errors import AnnotationError, LessonError, LessonReadOnlyError
from napari_vascular_loop.domain.lesson import LessonVolume
from napari_vascular_loop.domain.merge import Conflict, merge
from napari_vascular_loop.formats.journal import place
from napari_vascular_loop.formats.journal.journal import Journal
from napari_vascular_loop.formats.journal.owner import OwnerFile
from napari_vascular_loop.formats.journal.place import BESIDE, JOURNAL_FILE, is_synchronised, state_folder
from napari_vascular_loop.formats.lesson_folder import FILES

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["folder"]


def everything(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# ------------------------------------------------------------------ two programs, one after the other


def test_what_a_program_that_died_was_promised_is_there_when_an_earlier_window_edits(folder):
    early = lessons.open_lesson(folder)
    other = OtherProgram(folder)
    assert other.tell("add theirs") == "True"
    other.process.kill()
    other.process.communicate()
    early.add(mark("mine"))
    assert early.save_state.saved
    assert sorted(labels(early.lesson)) == ["mine", "theirs"]
    early.close()
    again = lessons.open_lesson(folder)
    assert sorted(labels(again.lesson)) == ["mine", "theirs"]
    again.undo()
    assert labels(again.lesson) == ["theirs"]
    again.close()


def test_an_editor_with_an_older_text_takes_nothing_of_ours_away(folder):
    article = folder / "article.md"
    store = lessons.open_lesson(folder)
    store.edit_article("# A loop\n\nThe loop touches the nerve.\n\nFirst of ours.\n")
    store.save()
    opened_in_an_editor = article.read_text("utf-8")
    for number in range(3):
        store.edit_article(f"{store.lesson.article}\nLater of ours, {number}.\n")
        store.save()
    article.write_text(opened_in_an_editor.replace("touches", "meets") + "\nTyped in the editor.\n", "utf-8")
    assert store.look_outside()
    for words in ("meets the nerve", "First of ours", "Later of ours, 0", "Later of ours, 2"):
        assert words in store.lesson.article
    # Both wrote behind the last line: that one has to choose.
    (conflict,) = store.conflicts
    assert "Typed in the editor" in conflict.theirs
    store.save()
    assert article.read_text("utf-8") == store.lesson.article
    store.close()


def test_a_program_with_older_marks_takes_no_newer_ones_away(folder):
    path = folder / "annotations.json"
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.save()
    read_by_it = json.loads(path.read_text("utf-8"))
    store.add(mark("b", 5))
    store.save()
    store.add(mark("c", 9))
    store.save()
    read_by_it["first"]["items"][0]["laterality"] = "left"
    path.write_text(json.dumps(read_by_it), "utf-8")
    assert store.look_outside()
    assert labels(store.lesson) == ["a", "b", "c"]
    assert store.lesson.annotations[0].side is Side.LEFT
    store.close()


def test_two_windows_make_one_copy_of_a_shipped_lesson():
    early = lessons.open_shipped_lesson(lessons.STAND_IN_LESSON)
    count = len(early.annotations)
    later = lessons.open_shipped_lesson(lessons.STAND_IN_LESSON)
    later.add(mark("theirs").changed(volume_id="stand-in"))
    later.edit_article(later.lesson.article + "\nTheir line.\n")
    later.close()
    early.add(mark("mine").changed(volume_id="stand-in"))
    assert early.save_state.saved
    early.close()
    both = lessons.open_shipped_lesson(lessons.STAND_IN_LESSON)
    assert labels(both.lesson)[count:] == ["mine", "theirs"] or labels(both.lesson)[count:] == ["theirs", "mine"]
    assert both.lesson.article.endswith("Their line.\n")
    while both.undo():
        pass
    assert len(both.annotations) == count
    both.close()


def test_a_window_whose_lesson_was_taken_over_says_so_and_has_nothing_unsaved(folder):
    first = lessons.open_lesson(folder)
    first.add(mark("a"))
    first.save()
    other = OtherProgram(folder)
    other.tell("take")
    assert other.tell("add theirs") == "True"
    time.sleep(1)
    first.look_outside()
    assert first.save_state.problem == ""
    assert "taken over by another window" in first.reader_note
    assert sorted(labels(first.lesson)) == ["a", "theirs"]
    assert not (lessons.own_lessons_folder() / "rescued").exists()
    other.end()


# ------------------------------------------------------------------ journals that can't be read


def test_a_journal_that_another_program_holds_is_not_taken_for_damaged(folder, monkeypatch):
    monkeypatch.setattr("napari_vascular_loop.formats.journal.journal._BUSY_S", 0.2)
    crashed(folder, lambda s: s.add(mark("a")), monkeypatch)
    holder = sqlite3.connect(folder / BESIDE / JOURNAL_FILE, isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    reader = lessons.open_lesson(folder)
    assert "can only be read now" in reader.reader_note
    assert "locked" in reader.reader_note
    holder.execute("ROLLBACK")
    holder.close()
    assert labels(lessons.open_lesson(folder).lesson) == ["a"]
    assert not list((folder / BESIDE).glob("damaged*"))


def test_a_journal_of_a_later_program_is_left_alone_and_it_is_said(folder, monkeypatch):
    crashed(folder, lambda s: s.add(mark("a")), monkeypatch)
    connection = sqlite3.connect(folder / BESIDE / JOURNAL_FILE)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    reader = lessons.open_lesson(folder)
    assert "later version of this program" in reader.reader_note
    with pytest.raises(LessonReadOnlyError):
        reader.add(mark("b"))
    assert (folder / BESIDE / JOURNAL_FILE).is_file()


@pytest.mark.parametrize("damage", ["pages", "kind", "text"])
def test_a_journal_that_is_damaged_inside_locks_nobody_out(folder, damage):
    store = lessons.open_lesson(folder)
    for n in range(60):
        store.add(mark(f"m{n}"))
    store.close()
    path = folder / BESIDE / JOURNAL_FILE
    if damage == "pages":
        data = bytearray(path.read_bytes())
        for start in range(8192, len(data), 4096):
            data[start : start + 64] = b"\xff" * 64
        path.write_bytes(data)
    else:
        connection = sqlite3.connect(path)
        value = '{"title": "x", "changes": [{"kind": "new"}]}' if damage == "kind" else 3
        connection.execute("UPDATE step SET edit = ? WHERE seq = 30", (value,))
        connection.commit()
        connection.close()
    again = lessons.open_lesson(folder)
    assert len(again.annotations) == 60
    assert ("It is kept as 'damaged" in again.notice) == (damage == "pages")
    again.add(mark("more"))
    assert again.save_state.saved
    while again.undo():
        pass
    assert len(again.annotations) in (60, 30)
    again.close()


def test_a_lesson_with_two_journals_has_the_edits_of_both(folder, tmp_path, monkeypatch):
    store = lessons.open_lesson(folder)
    store.add(mark("early"))
    store.close()
    moved = tmp_path / "Dropbox" / "lesson"
    moved.parent.mkdir()
    shutil.move(folder, moved)
    crashed(moved, lambda s: s.add(mark("late")), monkeypatch)
    assert (state_folder(moved) / JOURNAL_FILE).is_file()
    again = lessons.open_lesson(moved)
    assert labels(again.lesson) == ["early", "late"]
    again.close()
    assert labels(on_disk(moved)) == ["early", "late"]


def test_a_lesson_that_is_renamed_in_a_synchronised_drive_after_a_crash_keeps_its_edits(tmp_path, folder, monkeypatch):
    drive = tmp_path / "Dropbox"
    drive.mkdir()
    shutil.move(folder, drive / "lesson")
    crashed(drive / "lesson", lambda s: s.add(mark("late")), monkeypatch)
    (drive / "lesson").rename(drive / "renamed")
    again = lessons.open_lesson(drive / "renamed")
    assert labels(again.lesson) == ["late"]
    assert again.undo_title == "add point"
    again.close()


def test_a_renamed_lesson_whose_journal_is_damaged_is_read_from_its_files(tmp_path, folder):
    drive = tmp_path / "Dropbox"
    drive.mkdir()
    shutil.move(folder, drive / "lesson")
    store = lessons.open_lesson(drive / "lesson")
    store.add(mark("a"))
    store.close()
    (state_folder(drive / "lesson") / JOURNAL_FILE).write_bytes(b"damaged" * 1000)
    (drive / "lesson").rename(drive / "renamed")
    again = lessons.open_lesson(drive / "renamed")
    assert labels(again.lesson) == ["a"]
    again.close()


def test_a_journal_of_a_lesson_that_was_deleted_is_not_taken_for_that_of_a_new_one(tmp_path, folder, monkeypatch):
    drive = tmp_path / "Dropbox"
    drive.mkdir()
    shutil.copytree(folder, drive / "lesson")
    crashed(drive / "lesson", lambda s: s.add(mark("late")), monkeypatch)
    known = place.folder_id(drive / "lesson")
    shutil.rmtree(drive / "lesson")
    shutil.copytree(folder, drive / "another")
    for name in FILES:
        (drive / "another" / name).write_bytes((drive / "another" / name).read_bytes() + b"\n")
    # Numbers of folders come again: this one has that of the lesson that is gone.
    monkeypatch.setattr(place, "folder_id", lambda _folder: known)
    again = lessons.open_lesson(drive / "another")
    assert labels(again.lesson) == []
    again.close()


def test_a_copy_of_a_folder_that_is_open_can_be_edited(tmp_path, folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.save()
    shutil.copytree(folder, tmp_path / "copy")
    owner = OwnerFile(tmp_path / "copy" / BESIDE / "owner.json")
    assert owner.read() is not None
    assert owner.living() is None
    store.close()


@pytest.mark.parametrize(
    "name", ["Dropbox (MIT)", "Box", "CloudStorage", "iCloudDrive", "MEGA", "OneDrive - Uni", "Tresorit"]
)
def test_folders_that_go_to_other_machines_are_known(tmp_path, name):
    (tmp_path / name).mkdir()
    assert is_synchronised(tmp_path / name / "lesson")
    (tmp_path / "plain" / "lesson").mkdir(parents=True)
    assert not is_synchronised(tmp_path / "plain" / "lesson")
    (tmp_path / "plain" / ".stfolder").mkdir()
    assert is_synchronised(tmp_path / "plain" / "lesson")


# ------------------------------------------------------------------ what other programs write


def test_questions_and_unknown_members_that_came_from_outside_stay(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.save()
    described = json.loads((folder / "lesson.json").read_bytes())
    described["questions"] = [{"id": "q1", "kind": "find", "annotation": "urn:test:a", "prompt": "Where?"}]
    described["x:own"] = 1
    (folder / "lesson.json").write_text(json.dumps(described))
    collection = json.loads((folder / "annotations.json").read_bytes())
    collection["label"] = "theirs"
    (folder / "annotations.json").write_text(json.dumps(collection))
    assert store.look_outside()
    store.edit_details(title="New title")
    store.change("urn:test:a", note="more")
    store.close()
    described = json.loads((folder / "lesson.json").read_bytes())
    assert (described["title"], described["x:own"]) == ("New title", 1)
    assert described["questions"][0]["id"] == "q1"
    assert json.loads((folder / "annotations.json").read_bytes())["label"] == "theirs"


def test_a_damaged_file_takes_no_other_with_it(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.close()
    edited(folder / "lesson.json", '"title"', '"title')
    edited(folder / "article.md", "touches", "indents")
    again = lessons.open_lesson(folder)
    assert "indents" in again.lesson.article
    assert "lesson.json: not valid JSON" in again.notice
    assert [name for name in everything(folder) if name.startswith("damaged")] == [
        name for name in everything(folder) if name.startswith("damaged") and name.endswith("lesson.json")
    ]
    again.close()


def test_what_was_taken_in_is_the_base_of_the_next_merge(folder, monkeypatch):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.save()
    edited(folder / "annotations.json", '"a"', '"A"')
    store.look_outside()
    store.save()
    store.close()
    crashed(folder, lambda s: s.change("urn:test:a", note="mine"), monkeypatch)
    edited(folder / "annotations.json", '"A"', '"AA"')
    again = lessons.open_lesson(folder)
    (one,) = again.annotations
    assert (one.label, one.note) == ("AA", "mine")
    assert again.conflicts == ()
    again.close()


def test_a_change_from_outside_is_in_the_history_once(folder, monkeypatch):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.close()

    def outside(store):
        store.add(mark("b"))
        edited(folder / "annotations.json", '"a"', '"A"')
        store.change("urn:test:a", note="mine")
        assert store.look_outside()

    crashed(folder, outside, monkeypatch)
    lessons.open_lesson(folder).close()
    again = lessons.open_lesson(folder)
    titles = []
    while again.undo_title:
        titles.append(again.undo_title)
        assert again.undo()
    assert titles.count("changes made by another program") <= 1
    assert titles[-1] == "add point"
    assert again.annotations == ()
    again.close()


# ------------------------------------------------------------------ edits that must not be


@pytest.mark.parametrize(
    "edit",
    [
        lambda s: s.add(mark("x").changed(volume_id="nope")),
        lambda s: s.change("urn:test:a", volume_id="nope"),
        lambda s: s.edit_details(volumes=()),
        lambda s: s.edit_details(authors="Bob"),
        lambda s: s.edit_details(title=3),
        lambda s: s.change("urn:test:a", passages="x"),
    ],
)
def test_an_edit_that_no_file_can_hold_is_refused_and_blocks_nothing(folder, edit):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    with pytest.raises(AnnotationError):
        edit(store)
    store.add(mark("after"))
    assert store.save_state.saved
    store.close()
    assert labels(on_disk(folder)) == ["a", "after"]


def test_half_a_character_is_replaced_and_saved(folder):
    store = lessons.open_lesson(folder)
    store.edit_article("x\ud83d")
    store.edit_details(title="Loop \ud83d")
    assert store.save_state.saved
    store.close()
    assert (on_disk(folder).article, on_disk(folder).title) == ("x?", "Loop ?")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        ("a zero\0 in it\n", "a zero\ufffd in it\n"),
        ("\ufeffa mark of the byte order\n", "a mark of the byte order\n"),
    ],
)
def test_an_article_that_came_by_pasting_is_the_same_after_reopening_and_can_be_undone(folder, text, read):
    store = lessons.open_lesson(folder)
    before = store.lesson.article
    store.edit_article(text)
    store.edit_article(text + "more\n")
    store.close()
    again = lessons.open_lesson(folder)
    assert store.lesson.article == again.lesson.article == read + "more\n"
    again.undo()
    assert again.lesson.article == read
    again.undo()
    assert again.lesson.article == before
    again.close()


def test_a_view_that_fails_costs_no_edit(folder):
    store = lessons.open_lesson(folder)

    def fail(_ids: Any) -> None:
        raise RuntimeError("a view")

    store.annotations_changed.connect(fail)
    with pytest.raises(EmitLoopError):
        store.add(mark("a"))
    store.close()
    assert labels(on_disk(folder)) == ["a"]


# ------------------------------------------------------------------ conflicts


def test_a_conflict_stays_while_its_choice_is_not_saved(folder, monkeypatch, capsys):
    store = lessons.open_lesson(folder)
    conflict = Conflict("", "title", "Loop", "x", "Loop", "Theirs")
    store._set_conflicts((conflict,))
    store.close()
    with monkeypatch.context() as broken:
        broken.setattr(Journal, "append", failing(NO_SPACE))
        assert cli.main(["lesson", "conflicts", str(folder), "--theirs", "1"]) == 2
    assert "No space left" in capsys.readouterr().err
    again = lessons.open_lesson(folder)
    assert again.conflicts == (conflict,)
    again.settle(conflict, theirs=True)
    assert again.lesson.title == "Theirs"
    again.close()


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("# T\nA\nold\nB\n", "# T\nA\nB\n", "# T\nA\nnew\nB\n", "# T\nA\nnew\nB\n"),
        ("Yes\nA\nx\nB\n", "Yes\nA\nYes\nB\n", "Yes\nA\nNo\nB\n", "Yes\nA\nNo\nB\n"),
    ],
)
def test_their_words_are_put_where_they_belong(folder, base, ours, theirs, expected):
    store = lessons.open_lesson(folder)
    lesson = store.lesson
    store.edit_article(base)
    was = store.lesson
    store.edit_article(ours)
    store.merge(replace_article(lesson, theirs), replace_article(was, base), "merge")
    (conflict,) = store.conflicts
    store.settle(conflict, theirs=True)
    assert store.lesson.article == expected
    store.close()


def test_words_that_have_no_place_any_more_are_kept_to_choose(folder):
    store = lessons.open_lesson(folder)
    store.edit_article("A\nours\nB\n")
    store._set_conflicts((Conflict("", "article", "Loop", "A\nold\nB\n", "A\nours\nB\n", "A\ntheirs\nB\n"),))
    store.edit_article("Another text.\n")
    with pytest.raises(AnnotationError, match="change it by hand"):
        store.settle(store.conflicts[0], theirs=True)
    assert len(store.conflicts) == 1
    store.close()


def replace_article(lesson: Any, text: str) -> Any:
    from dataclasses import replace

    return replace(lesson, article=text)


def test_a_merge_keeps_the_volume_of_a_mark(folder):
    from dataclasses import replace

    lesson = lessons.open_lesson(folder).lesson
    base = replace(lesson, volumes=(*lesson.volumes, LessonVolume("v2", catalogue_id="x")))
    ours = base.with_annotations((mark("a").changed(volume_id="v2"),))
    merged = merge(base, ours, lesson).lesson
    assert [volume.id for volume in merged.volumes] == ["volume", "v2"]


def test_a_merge_doubles_no_link(folder):
    store = lessons.open_lesson(folder)
    text = "A loop\nclose by\ntouches\nsometimes\nthe nerve.\n"
    store.edit_article(text)
    place = text.index("touches")
    store.add(mark("a").changed(passages=(passage_at(text, place, place + 7),)))
    base = store.lesson
    store.edit_article(text.replace("A loop", "A small loop"))
    ours = store.lesson
    store.undo()
    store.edit_article(text.replace("the nerve", "the facial nerve"))
    merged = merge(base, ours, store.lesson).lesson
    assert merged.article == "A small loop\nclose by\ntouches\nsometimes\nthe facial nerve.\n"
    assert len(merged.annotations[0].passages) == 1
    store.close()


# ------------------------------------------------------------------ hostile folders


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="links need rights on Windows")
@pytest.mark.parametrize("link", [BESIDE, f"{BESIDE}/{JOURNAL_FILE}", f"{BESIDE}/generations"])
def test_nothing_is_written_through_a_link_out_of_the_lesson(folder, tmp_path, link):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / link).parent.mkdir(exist_ok=True)
    (folder / link).symlink_to(elsewhere / "notes.db" if link.endswith("sqlite") else elsewhere)
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    assert store.save_state.saved
    store.close()
    assert list(elsewhere.iterdir()) == []
    assert labels(lessons.open_lesson(folder).lesson) == ["a"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_conflicts_are_not_read_from_elsewhere(folder, tmp_path):
    store = lessons.open_lesson(folder)
    store._set_conflicts((Conflict("", "title", "Loop", "x", "y", "z"),))
    store.close()
    shutil.move(folder / "conflicts.json", tmp_path / "secret.json")
    (folder / "conflicts.json").symlink_to(tmp_path / "secret.json")
    assert lessons.open_lesson(folder).conflicts == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
@pytest.mark.parametrize("name", ["article.md", "conflicts.json", f"{BESIDE}/owner.json"])
@pytest.mark.timeout(20)
def test_a_pipe_in_the_folder_hangs_nobody(folder, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    if name == "article.md":
        with pytest.raises(LessonError, match="is no file: not opened"):
            lessons.open_lesson(folder)
    else:
        assert lessons.open_lesson(folder).reader_note == ""


@pytest.mark.parametrize("name", ["article.md", "annotations.json", "conflicts.json", f"{BESIDE}/owner.json"])
def test_a_file_of_gigabytes_is_not_read(folder, name):
    (folder / name).parent.mkdir(exist_ok=True)
    with (folder / name).open("wb") as file:
        file.truncate(5 << 30)
    begun = time.monotonic()
    if name in ("article.md", "annotations.json"):
        with pytest.raises(LessonError, match=r"is more than it may hold|is more than"):
            lessons.open_lesson(folder)
    else:
        lessons.open_lesson(folder)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("since", ["null", '"yesterday"', "3"])
def test_an_owner_that_makes_no_sense_stops_nobody(folder, since, capsys):
    (folder / BESIDE).mkdir()
    owner = f'{{"user": "a", "host": "b", "pid": 1, "process_started": 0.0, "since": {since}, "token": "t"}}'
    (folder / BESIDE / "owner.json").write_text(owner)
    assert cli.main(["lesson", "info", str(folder)]) == 0
    assert "unexpected" not in capsys.readouterr().err


def test_an_owner_of_the_future_does_not_keep_a_lesson(folder):
    from napari_vascular_loop.formats.journal.owner import Owner, OwnerFile

    file = OwnerFile(folder / BESIDE / "owner.json")
    file.write(Owner("anna", "elsewhere", 1, 0.0, "2024-02-29T12:00:00", "t"))
    ahead = time.time() + 1e6
    os.utime(file.path, (ahead, ahead))
    assert lessons.open_lesson(folder).reader_note == ""


def test_a_choice_of_the_wrong_kind_is_no_choice(folder):
    entry = {"annotation": None, "member": "notice", "title": "x", "base": "", "ours": "", "theirs": ["x"]}
    (folder / "conflicts.json").write_text(json.dumps({"schemaVersion": "1.0", "conflicts": [entry]}))
    assert lessons.open_lesson(folder).conflicts == ()


def test_what_was_deleted_goes_nowhere_by_git(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.close()
    assert (folder / BESIDE / ".gitignore").read_text() == "*\n"


def test_edits_of_both_sides_on_a_mark_meet_member_by_member(folder, monkeypatch):
    first = lessons.open_lesson(folder)
    first.add(mark("a"))
    first.close()
    crashed(folder, lambda s: s.change("urn:test:a", note="mine"), monkeypatch)
    shutil.rmtree(folder / BESIDE / "generations")
    edited(folder / "annotations.json", '"laterality": null', '"laterality": "left"')
    again = lessons.open_lesson(folder)
    (one,) = again.annotations
    assert (one.note, one.side) == ("mine", Side.LEFT)
    again.close()
    lesson_keeper._open.clear()
