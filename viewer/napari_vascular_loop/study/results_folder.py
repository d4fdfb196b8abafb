"""Where results of study are kept: on this computer, one file for each student and lesson."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from napari_vascular_loop.domain.answer import StudyResults
from napari_vascular_loop.domain.errors import LessonError, LessonSaveError
from napari_vascular_loop.domain.slug import slug
from napari_vascular_loop.formats import study_json
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.formats.small_file import read_small
from napari_vascular_loop.study.gathering import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS_VARIABLE = "VASCULAR_LOOP_RESULTS"
MAX_BYTES = 64 * 1024 * 1024
"""Larger files are not read: a student who answers a question a minute, day and night, needs years for it."""


def results_folder() -> Path:
    """Where results are kept: with the user's data, or where the environment says."""
    chosen = os.environ.get(RESULTS_VARIABLE)
    return Path(chosen).expanduser() if chosen else platformdirs.user_data_path("napari-vascular-loop") / "results"


class ResultsFolder:
    """Reads and writes the results of one lesson.

    Parameters
    ----------
    lesson_id, lesson_title : str
        Of the lesson.
    root : Path, optional
        Of the results of all lessons; the user's own if not given.
    """

    def __init__(self, lesson_id: str, lesson_title: str = "", root: Path | None = None) -> None:
        self._lesson_id, self._title = lesson_id, lesson_title
        self.path = (root or results_folder()) / _file_name(lesson_id, "lesson")

    def file_of(self, student: str) -> Path:
        """The file of a student."""
        return self.path / f"{_file_name(' '.join(student.split()), 'no-name')}.json"

    def read(self, student: str) -> tuple[StudyResults, str]:
        """Read what a student answered before.

        Returns
        -------
        results : StudyResults
            Empty for a new student, and where the file is damaged.
        note : str
            What the student should know: that a damaged file was put aside, and where; else "".
        """
        fresh = StudyResults(self._lesson_id, self._title, student)
        path = self.file_of(student)
        try:
            return self._read_file(path), ""
        except FileNotFoundError:
            return fresh, ""
        except OSError as error:
            return fresh, f"The results in {str(path)!r} can't be read ({error.strerror or error})."
        except LessonError as error:
            return fresh, self._put_aside(path, error)

    def write(self, results: StudyResults) -> Path:
        """Keep a student's results, together with what another window kept meanwhile.

        Raises
        ------
        LessonSaveError
            If they can't be written; the file is as it was.
        """
        path = self.file_of(results.student)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError, LessonError):
                (results,) = joined([results, self._read_file(path)])
            write_bytes(path, study_json.encode(replace(results, lesson_title=self._title)))
        except OSError as error:
            raise LessonSaveError(
                f"results can't be kept in {str(path.parent)!r} ({error.strerror or error}); they last until you close "
                f"the panel. Free the folder, or name another in {RESULTS_VARIABLE}"
            ) from error
        return path

    def forget(self, student: str) -> None:
        """Delete a student's results.

        Raises
        ------
        LessonSaveError
            If they can't be deleted.
        """
        try:
            self.file_of(student).unlink(missing_ok=True)
        except OSError as error:
            raise LessonSaveError(f"the results can't be deleted ({error.strerror or error})") from error

    def students(self) -> Iterator[tuple[StudyResults | None, str]]:
        """The results of each student on this computer, or why a file can't be read."""
        for path in sorted(self.path.glob("*.json")):
            try:
                yield self._read_file(path), ""
            except (LessonError, OSError) as error:
                yield None, str(error)

    def _read_file(self, path: Path) -> StudyResults:
        found = study_json.decode(read_small(path, path.name, MAX_BYTES), path.name)
        if len(found) != 1 or found[0].lesson_id != self._lesson_id:
            raise LessonError(f"{path.name} holds results of another lesson")
        return found[0]

    def _put_aside(self, path: Path, error: LessonError) -> str:
        aside = path.with_name(f"{path.stem} (damaged, until {datetime.now():%Y-%m-%d %H.%M.%S}).damaged")
        try:
            path.replace(aside)
        except OSError:
            return f"Your earlier results can't be read ({error}), and can't be put aside."
        return f"Your earlier results can't be read ({error}); the file is kept as {str(aside)!r}."


def _file_name(said: str, if_empty: str) -> str:
    """Name for a file: readable, and never that of another text."""
    mark = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{slug(said) or if_empty}-{mark}" if said else if_empty
