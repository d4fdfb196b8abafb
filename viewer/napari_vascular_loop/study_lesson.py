"""Lessons opened for study: they can be read, and nothing of them can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonError, LessonSaveError
from napari_vascular_loop.formats import study_csv, study_json
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.formats.lesson_folder import LessonFolder
from napari_vascular_loop.formats.small_file import read_small
from napari_vascular_loop.lessons import lesson_path
from napari_vascular_loop.store.read_only import read_only_store
from napari_vascular_loop.study.results_folder import MAX_BYTES

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from napari_vascular_loop.domain.answer import StudyResults
    from napari_vascular_loop.store import LessonStore


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
    return read_only_store(folder.read(), folder.path)


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


def write_table(path: Path, results: Sequence[StudyResults]) -> None:
    """Write answers as a table, CSV.

    Raises
    ------
    LessonSaveError
        If it can't be written.
    """
    try:
        write_bytes(path, study_csv.encode(results))
    except OSError as error:
        raise LessonSaveError(
            f"{str(path)!r} can't be written ({error.strerror or error}); choose another place"
        ) from error
