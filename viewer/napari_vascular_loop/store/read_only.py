"""Lessons that can be read and not changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonReadOnlyError
from napari_vascular_loop.store.keeping import Kept
from napari_vascular_loop.store.lesson_store import LessonStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_vascular_loop.domain.edit import Step
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.merge import Conflict

FOR_STUDY = "This lesson is open for study: nothing of it is changed here"


class ReadOnlyKeeper:
    """Keeps nothing: a lesson that is read is neither taken from whoever edits it, nor written.

    Parameters
    ----------
    folder : Path or None
        Of the lesson.
    """

    is_original = False
    reader_note = FOR_STUDY
    note = ""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def keep(self, _steps: Sequence[Step], _lesson: Lesson) -> str:
        """Refuse."""
        raise LessonReadOnlyError(FOR_STUDY)

    def file(self) -> str:
        """Write nothing."""
        return ""

    def changed_outside(self, _lesson: Lesson) -> Kept | None:
        """Stay with what was read: a lesson does not change under a student."""
        return None

    def keep_conflicts(self, conflicts: Sequence[Conflict]) -> None:
        """Keep none."""

    def take_over(self) -> Kept:
        """Refuse."""
        raise LessonReadOnlyError(FOR_STUDY)

    def close(self) -> None:
        """Let go of nothing."""


def read_only_store(lesson: Lesson, folder: Path | None = None) -> LessonStore:
    """Give a store of a lesson that refuses every change.

    Parameters
    ----------
    lesson : Lesson
        As read.
    folder : Path, optional
        Where it lies: its volumes are looked for there.
    """
    return LessonStore(Kept(lesson), ReadOnlyKeeper(folder))
