"""Keepers that keep a lesson nowhere, for tests that are not about files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonSaveError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.edit import Step
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.merge import Conflict
    from napari_vascular_loop.store import Kept

FOLDER = Path("lesson")


class Memory:
    """Stands for the lesson's journal and its folder."""

    folder = FOLDER
    is_original = False

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.kept: list[Lesson] = []
        self.filed = 0
        self.outside: Kept | None = None
        self.other: Kept | None = None
        self.conflicts: tuple[Conflict, ...] = ()
        self.is_full = self.is_closed = False
        self.reader_note = self.note = ""

    def keep(self, steps: Sequence[Step], lesson: Lesson) -> str:
        if self.is_full:
            raise LessonSaveError("the disk is full")
        self.steps += steps
        self.kept.append(lesson)
        return self.note

    def file(self) -> str:
        self.filed += 1
        return self.note

    def changed_outside(self, _lesson: Lesson) -> Kept | None:
        found, self.outside = self.outside, None
        return found

    def keep_conflicts(self, conflicts: Sequence[Conflict]) -> None:
        self.conflicts = tuple(conflicts)

    def take_over(self) -> Kept:
        assert self.other is not None
        self.reader_note = ""
        return self.other

    def close(self) -> None:
        self.is_closed = True
