"""Windows that only read a lesson, while others edit it: they see it, and take nothing from anybody."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from other_program import OtherProgram
from test_lesson_keeper import edited, folder, labels, mark, on_disk

from napari_vascular_loop import lessons
from napari_vascular_loop.formats.journal.place import BESIDE

if TYPE_CHECKING:
    from napari_vascular_loop.store import LessonStore

__all__ = ["folder"]


def test_who_only_reads_sees_what_another_program_edits_and_takes_nothing_from_it(folder, tmp_path):
    reader = lessons.open_lesson(folder)
    other = OtherProgram(folder)
    for label in ("a", "b"):
        assert other.tell(f"add {label}") == "True"
        assert seen_by(reader)
        assert reader.lesson.annotations[-1].label == label
        assert (reader.save_state.saved, reader.save_state.problem, reader.reader_note) == (True, "", "")
    assert other.tell("add c") == "True"
    other.end()
    assert seen_by(reader)
    assert labels(reader.lesson) == labels(on_disk(folder)) == ["a", "b", "c"]
    assert not (folder / BESIDE / "owner.json").exists()
    assert not (lessons.own_lessons_folder() / "rescued").exists()
    # What was done there can be undone here, as if the lesson were opened now.
    assert reader.undo()
    assert labels(reader.lesson) == ["a", "b"]
    assert reader.save_state.saved
    reader.close()


def seen_by(reader: LessonStore) -> bool:
    end = time.monotonic() + 10
    while not reader.look_outside():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_who_only_reads_writes_nothing_when_the_files_change(folder):
    reader = lessons.open_lesson(folder)
    heard = []
    reader.article_changed.connect(lambda: heard.append(reader.lesson.article))
    edited(folder / "article.md", "touches", "indents")
    assert reader.look_outside()
    assert heard == [on_disk(folder).article]
    assert not (folder / BESIDE).exists()
    reader.close()


def test_a_lesson_that_is_opened_after_others_changed_it_is_nobodys(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.close()
    edited(folder / "article.md", "touches", "indents")
    reader = lessons.open_lesson(folder)
    assert reader.undo_title == "changes made by another program"
    other = OtherProgram(folder)
    assert other.tell("add b") == "True"
    other.end()
    reader.close()


def test_a_window_that_only_reads_leaves_the_lesson_to_the_one_that_edits(folder):
    reader, editor = lessons.open_lesson(folder), lessons.open_lesson(folder)
    editor.add(mark("a"))
    editor.save()
    assert reader.look_outside()
    assert labels(reader.lesson) == ["a"]
    editor.add(mark("b"))
    assert editor.save_state.saved
    assert editor.reader_note == ""
    editor.close()
    reader.close()
