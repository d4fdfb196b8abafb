"""Lessons opened from a library: to be edited, or for study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.formats.lesson_archive import is_archive, unpack_lesson
from napari_vascular_loop.lessons import (
    is_lesson,
    open_fetched_lesson,
    open_lesson,
    open_shipped_lesson,
    own_lessons_folder,
)
from napari_vascular_loop.study_lesson import open_for_study

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.library.library import Library
    from napari_vascular_loop.store import LessonStore


def open_from_library(library: Library, path: Path) -> LessonStore:
    """Open a lesson of a library for reading and editing.

    Parameters
    ----------
    library : Library
        That it is of.
    path : Path
        Where it lies here, as :meth:`Library.lesson_path` gave it.

    Raises
    ------
    LessonError
        If there is no lesson there, or a file of it is damaged.
    """
    if not library.said:
        return open_shipped_lesson(path.name)
    return open_fetched_lesson(path) if library.is_remote else open_lesson(path)


def study_from_library(library: Library, path: Path) -> LessonStore:
    """Open a lesson of a library to read it, as the user left it; see :func:`open_from_library`.

    Raises
    ------
    LessonError
        If there is no lesson there, or a file of it is damaged.
    """
    if not library.said:
        return open_for_study(path.name)
    if is_archive(path):
        return open_for_study(unpack_lesson(path, own_lessons_folder()))
    own = own_lessons_folder() / path.name
    return open_for_study(own if library.is_remote and is_lesson(own) else path)
