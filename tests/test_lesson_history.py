"""Earlier edits and earlier files: what undo and merging need stays, and is not taken for what it is not."""

from __future__ import annotations

import shutil

import pytest
from test_lesson_keeper import dies, edited, folder, labels, mark

from napari_vascular_loop import lessons
from napari_vascular_loop.domain.errors import LessonSaveError
from napari_vascular_loop.formats.journal.place import BESIDE

__all__ = ["folder"]


def test_no_undo_goes_through_files_that_nothing_is_known_of(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.change("urn:test:a", note="mine")
    store.close()
    shutil.rmtree(folder / BESIDE / "generations")
    edited(folder / "annotations.json", '"mine"', '"theirs"')
    store = lessons.open_lesson(folder)
    store.add(mark("b"))
    store.close()
    again = lessons.open_lesson(folder)
    while again.undo():
        pass
    assert [(a.label, a.note) for a in again.annotations] == [("a", "theirs")]
    again.close()


def test_what_a_file_was_is_kept_while_it_can_not_be_replaced(folder):
    store = lessons.open_lesson(folder)
    store.add(mark("a"))
    store.save()
    written = (folder / "annotations.json").read_text("utf-8")
    (folder / "annotations.json").write_text(written[:200], "utf-8")
    for number in range(14):
        store.add(mark(f"b{number}"))
        store.save()
        assert not store.look_outside()
    (folder / "annotations.json").write_text(written.replace('"a"', '"A"'), "utf-8")
    dies(store)
    again = lessons.open_lesson(folder)
    assert labels(again.lesson) == ["A", *(f"b{number}" for number in range(14))]
    assert again.notice == ""
    assert again.undo_title == "changes made by another program"
    again.close()


def test_undo_that_can_not_be_read_is_said_when_it_is_asked_for_and_goes_on_later(folder, monkeypatch):
    monkeypatch.setattr("napari_vascular_loop.lesson_history.PAGE", 2)
    store = lessons.open_lesson(folder)
    for label in "abcd":
        store.add(mark(label))
    store.close()
    store = lessons.open_lesson(folder)
    gone = folder.rename(folder.with_name("gone"))
    assert store.undo()
    assert store.undo()
    assert labels(store.lesson) == ["a", "b"]
    with pytest.raises(LessonSaveError, match="earlier edits can't be undone"):
        store.undo()
    assert labels(store.lesson) == ["a", "b"]
    gone.rename(folder)
    assert store.save().saved
    assert store.undo()
    assert labels(store.lesson) == ["a"]
    store.close()
