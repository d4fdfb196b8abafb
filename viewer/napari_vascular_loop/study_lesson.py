"""Lessons opened for study: they can be read, and nothing of them can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonError, LessonReadOnlyError
from napari_vascular_loop.formats import study_json
from napari_vascular_loop.formats.lesson_folder import LessonFolder
from napari_vascular_loop.formats.small_file import read_small
from napari_vascular_loop.lessons import lesson_path
from napari_vascular_loop.store import Kept, LessonStore
from napari_vascular_loop.study.results_folder import MAX_BYTES

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from napari_vascular_loop.domain.answer import StudyResults
    from napari_vascular_loop.domain.edit import Step
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.merge import Conflict

FOR_STUDY = "This lesson is open for study: nothing of it is changed here"


class StudyKeeper:
    """Keeps nothing: a lesson that is studied is neither taken from whoever edits it, nor written.

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


def open_for_study(name_or_folder: str | os.PathLike[str]) -> LessonStore:
    """Open a lesson to read it: its plain files, as they are now, and nothing else is touched.

    Parameters
    ----------
    name_or_folder : path
        The lesson's folder, the lesson.json in it, or the name of one that ships with the program, of which the
        user's own copy is taken if there is one.

    Raises
    ------
    LessonError
        If there is no lesson there, or a file of it is damaged.
    """
    folder = LessonFolder(lesson_path(name_or_folder))
    return for_study(folder.read(), folder.path)


def for_study(lesson: Lesson, folder: Path | None = None) -> LessonStore:
    """A store of a lesson that refuses every change."""
    return LessonStore(Kept(lesson), StudyKeeper(folder))


def read_result_files(paths: Iterable[Path]) -> tuple[list[StudyResults], list[str]]:
    """Read files of study results, and all .json files of folders.

    Returns
    -------
    results : list of StudyResults
        In the order of the paths.
    notes : list of str
        Why a file was not read.
    """
    results: list[StudyResults] = []
    notes: list[str] = []
    for path in paths:
        files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        if not files:
            notes.append(f"{path.name}: there is no .json file in it")
        for file in files:
            try:
                results += study_json.decode(read_small(file, file.name, MAX_BYTES), file.name)
            except LessonError as error:
                notes.append(str(error))
            except OSError as error:
                notes.append(f"{file.name}: {error.strerror or error}")
    return results, notes
