"""A lesson's folder: lesson.json, article.md, annotations.json and, perhaps, volumes."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonConflictError, LessonError, LessonSaveError
from napari_vascular_loop.formats import lesson_json
from napari_vascular_loop.formats.annotations import web_annotation
from napari_vascular_loop.formats.atomic import write_bytes

if TYPE_CHECKING:
    from napari_vascular_loop.domain.lesson import Lesson, LessonVolume

LESSON_FILE = "lesson.json"
ARTICLE_FILE = "article.md"
ANNOTATIONS_FILE = "annotations.json"


class LessonFolder:
    """Reads and writes the files of one lesson.

    Only what changed is written. A file that another program changed in the meantime is not overwritten: ours is
    put beside it, and the error says so.

    Parameters
    ----------
    path : Path
        The folder, or the lesson.json in it.
    copy_to : Path, optional
        Where to carry on at the first change, for a lesson that must stay as it is (one that ships with the
        program).

    Raises
    ------
    LessonError
        If there is no such folder, or no lesson in it.
    """

    def __init__(self, path: Path, copy_to: Path | None = None) -> None:
        path = path.expanduser()
        if path.name == LESSON_FILE:
            path = path.parent
        if not path.is_dir():
            raise LessonError(f"there is no lesson folder {str(path)!r}; check the path")
        if not (path / LESSON_FILE).is_file():
            raise LessonError(f"the folder {str(path)!r} holds no {LESSON_FILE}, so it is no lesson")
        self.path = path
        self._copy_to = copy_to
        self._known: dict[str, str] = {}
        # Hash of what would be written if nothing changed: a file that was formatted by hand stays as it is.
        self._as_written: str | None = None
        self._beside: Path | None = None

    @property
    def is_original(self) -> bool:
        """Whether the lesson would be copied before the first change is written."""
        return self._copy_to is not None

    def read(self) -> Lesson:
        """Read the whole lesson.

        Raises
        ------
        LessonError
            Naming the file, the member and the value that is wrong.
        """
        described = lesson_json.decode(self._bytes(LESSON_FILE), LESSON_FILE)
        annotations, annotations_foreign = web_annotation.decode(self._bytes(ANNOTATIONS_FILE), ANNOTATIONS_FILE)
        self._as_written = _sha(web_annotation.encode(annotations, annotations_foreign))
        lesson = replace(
            described,
            id=described.id or self.path.name,
            article=self._article(),
            annotations=annotations,
            annotations_foreign=annotations_foreign,
        )
        for number, annotation in enumerate(annotations):
            if annotation.volume_id not in {volume.id for volume in lesson.volumes}:
                raise LessonError(
                    f"{ANNOTATIONS_FILE}: item {number}, target.source names the volume {annotation.volume_id!r}, "
                    f"which {LESSON_FILE} does not have"
                )
        return lesson

    def write(self, lesson: Lesson) -> Path:
        """Write the annotations where they differ from what is on disk.

        Returns
        -------
        Path
            The folder that holds them now.

        Raises
        ------
        LessonSaveError
            If it can't be written; what is on disk is as it was.
        """
        data = web_annotation.encode(lesson.annotations, dict(lesson.annotations_foreign))
        if _sha(data) == self._as_written and (self.path / ANNOTATIONS_FILE).is_file():
            return self.path
        self._settle()
        target = self.path / ANNOTATIONS_FILE
        try:
            self._refuse_to_overwrite_others(target, data)
            write_bytes(target, data)
        except OSError as error:
            raise LessonSaveError(
                f"the marks could not be saved to {str(target)!r} ({error.strerror or error}); they are still in "
                "this window"
            ) from error
        self._known[ANNOTATIONS_FILE] = self._as_written = _sha(data)
        return self.path

    def rescue(self, lesson: Lesson, folder: Path) -> Path:
        """Put the annotations, with text and description of the lesson, into a folder that can be written.

        For when the lesson's own folder can't be: the volumes stay where they are.

        Raises
        ------
        OSError
            If that fails too.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name in (LESSON_FILE, ARTICLE_FILE):
            with contextlib.suppress(OSError):
                write_bytes(folder / name, (self.path / name).read_bytes())
        write_bytes(
            folder / ANNOTATIONS_FILE, web_annotation.encode(lesson.annotations, dict(lesson.annotations_foreign))
        )
        return folder

    def save_as(self, lesson: Lesson, folder: Path) -> Path:
        """Copy the lesson, with its volumes, to a new folder and carry on there.

        Raises
        ------
        LessonSaveError
            If the folder holds something already, or can't be written.
        """
        if folder.exists() and any(folder.iterdir()):
            raise LessonSaveError(f"the folder {str(folder)!r} is not empty; choose a new one")
        try:
            _copy_folder(self.path, folder)
        except OSError as error:
            raise LessonSaveError(
                f"the lesson could not be copied to {str(folder)!r} ({error.strerror or error})"
            ) from error
        self.path, self._copy_to, self._beside = folder, None, None
        return self.write(lesson)

    def volume_path(self, volume: LessonVolume) -> Path | None:
        """Find a volume's file in the folder; None where the entry names the catalogue instead.

        Raises
        ------
        LessonError
            If the entry leads out of the folder, or the file is missing.
        """
        if volume.file is None:
            return None
        folder = self.path.resolve()
        path = (folder / PurePosixPath(volume.file)).resolve()
        if not path.is_relative_to(folder) or "\\" in volume.file:
            raise LessonError(
                f"the volume {volume.id!r} lies outside the lesson's folder ({volume.file!r}): not opened"
            )
        if not path.exists():
            raise LessonError(
                f"the volume {volume.id!r} is missing: there is no {volume.file!r} in the lesson's folder"
            )
        return path

    def _settle(self) -> None:
        """Move to the copy, if this lesson must stay as it is."""
        if self._copy_to is None:
            return
        if not (self._copy_to / LESSON_FILE).exists():
            try:
                _copy_folder(self.path, self._copy_to)
            except OSError as error:
                raise LessonSaveError(
                    f"no copy of the lesson could be made in {str(self._copy_to)!r} ({error.strerror or error})"
                ) from error
        self.path, self._copy_to = self._copy_to, None

    def _refuse_to_overwrite_others(self, target: Path, data: bytes) -> None:
        """Keep ours beside a file that another program has changed since we read or wrote it."""
        if not target.is_file() or target.name not in self._known:
            return
        if _sha(target.read_bytes()) == self._known[target.name]:
            return
        # One file for all later edits, not one for each.
        beside = self._beside or target.with_name(
            f"{target.stem} (mine, {datetime.now():%Y-%m-%d %H.%M.%S}){target.suffix}"
        )
        write_bytes(beside, data)
        self._beside = beside
        raise LessonConflictError(
            f"{target.name} was changed by another program since it was opened, so it was not overwritten: "
            f"your marks are safe in {beside.name!r} beside it; open the lesson anew to see the other's"
        )

    def _bytes(self, name: str) -> bytes:
        path = self.path / name
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise LessonError(f"{name} leads out of the lesson's folder: not opened")
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise LessonError(f"the lesson in {str(self.path)!r} has no {name}") from error
        except OSError as error:
            raise LessonError(f"{name} could not be read ({error.strerror or error})") from error
        self._known[name] = _sha(data)
        return data

    def _article(self) -> str:
        data = self._bytes(ARTICLE_FILE)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise LessonError(f"{ARTICLE_FILE}: it is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
        return text.replace("\r\n", "\n").replace("\r", "\n")


def new_lesson_files(lesson: Lesson) -> dict[str, bytes]:
    """Bytes of the three files of a lesson that has not been on disk yet."""
    return {
        LESSON_FILE: lesson_json.encode(lesson),
        ARTICLE_FILE: lesson.article.encode("utf-8"),
        ANNOTATIONS_FILE: web_annotation.encode(lesson.annotations),
    }


def _copy_folder(source: Path, target: Path) -> None:
    """Copy a lesson beside its place first, so that no half copy is ever taken for a lesson."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # Listed before the copy begins: the target may lie inside the source.
    paths = sorted(source.rglob("*"))
    half = target.with_name(f".{target.name}.copying")
    if half.exists():
        shutil.rmtree(half)
    half.mkdir()
    for path in paths:
        # Contents only, not the modes: the source may be read-only.
        if path.is_symlink():
            continue
        copy = half / path.relative_to(source)
        if path.is_dir():
            copy.mkdir()
        else:
            shutil.copyfile(path, copy)
    if target.exists():
        target.rmdir()
    half.replace(target)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
