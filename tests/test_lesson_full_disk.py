"""A disk that is really full: a small one in memory, made where the system lets us."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from test_lesson_keeper import crashed, folder, labels, mark, on_disk

from napari_vascular_loop import lessons
from napari_vascular_loop.formats.journal.place import JOURNAL_FILE, state_folder
from napari_vascular_loop.lesson_keeper import LessonKeeper

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["folder"]

_SIZE = 600_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    drive = tmp_path / "drive"
    drive.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(drive)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only an administrator of Linux can make a small disk")
    yield drive
    subprocess.run(["umount", str(drive)], check=True)


def test_on_a_full_disk_every_acknowledged_edit_stays_and_the_others_wait(folder, small_disk):
    lesson = small_disk / "lesson"
    shutil.copytree(folder, lesson)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(250_000))
    store = lessons.open_lesson(lesson)
    acknowledged: list[str] = []
    for number in range(2000):
        store.add(mark(f"mark {number}").changed(note="A long note. " * 100))
        if not store.save_state.saved:
            break
        acknowledged.append(f"mark {number}")
    assert acknowledged, "nothing could be saved at all"
    assert not store.save_state.saved
    assert "full" in store.save_state.problem
    assert "A copy of the marks is safe in" in store.save_state.problem
    wanted = labels(store.lesson)
    assert len(wanted) > len(acknowledged)

    # Somebody else, or we after a crash, would find what was acknowledged.
    copy = small_disk.parent / "as it lies there"
    shutil.copytree(lesson, copy)
    found = lessons.open_lesson(copy)
    assert labels(found.lesson)[: len(acknowledged)] == acknowledged
    found.close()

    ballast.unlink()
    assert store.save().saved
    assert labels(on_disk(lesson)) == wanted
    store.close()
    again = lessons.open_lesson(lesson)
    assert labels(again.lesson) == wanted
    again.close()


def test_edits_that_the_files_lack_are_shown_while_the_disk_is_full(folder, small_disk, monkeypatch):
    lesson = small_disk / "lesson"
    shutil.copytree(folder, lesson)
    crashed(lesson, lambda store: [store.add(mark(label)) for label in "ab"], monkeypatch)
    ballast = small_disk / "ballast"
    with contextlib.suppress(OSError):
        ballast.write_bytes(bytes(_SIZE))
    store = lessons.open_lesson(lesson)
    assert labels(store.lesson) == ["a", "b"]
    assert "can only be read now" in store.reader_note
    ballast.unlink()
    store.take_over()
    store.add(mark("c"))
    assert store.save().saved
    assert labels(on_disk(lesson)) == ["a", "b", "c"]
    store.close()
    again = lessons.open_lesson(lesson)
    while again.undo():
        pass
    assert labels(again.lesson) == []
    again.close()


def test_while_the_disk_is_full_no_second_journal_is_begun_without_what_the_first_holds(
    folder, small_disk, monkeypatch
):
    lesson = small_disk / "lesson"
    shutil.copytree(folder, lesson)
    file = LessonKeeper._try_to_file
    monkeypatch.setattr(LessonKeeper, "_try_to_file", lambda _: None)
    store = lessons.open_lesson(lesson)
    for label in "ab":
        store.add(mark(label))
        assert store.save_state.saved
    ballast = small_disk / "ballast"
    with contextlib.suppress(OSError):
        ballast.write_bytes(bytes(_SIZE))
    for number in range(6):
        store.add(mark(f"c{number}").changed(note="A long note. " * 600))
    assert not store.save_state.saved
    wanted = ["a", "b", *(f"c{number}" for number in range(6))]
    assert labels(store.lesson) == wanted
    assert not (state_folder(lesson) / JOURNAL_FILE).exists()
    ballast.unlink()
    monkeypatch.setattr(LessonKeeper, "_try_to_file", file)
    assert store.save().saved
    assert labels(on_disk(lesson)) == wanted
    store.close()
