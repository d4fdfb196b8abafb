"""A lesson's folder: lesson.json, article.md, annotations.json and, perhaps, volumes."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.edit import DETAILS
from napari_vascular_loop.domain.errors import LessonConflictError, LessonError, LessonSaveError
from napari_vascular_loop.domain.text import plain_lines
from napari_vascular_loop.formats import lesson_json
from napari_vascular_loop.formats.annotations import web_annotation
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.formats.journal.place import BESIDE
from napari_vascular_loop.formats.json_text import MAX_BYTES
from napari_vascular_loop.formats.small_file import read_small

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_vascular_loop.domain.lesson import Lesson, LessonVolume

LESSON_FILE = "lesson.json"
ARTICLE_FILE = "article.md"
ANNOTATIONS_FILE = "annotations.json"


FILES = (LESSON_FILE, ARTICLE_FILE, ANNOTATIONS_FILE)
"""The plain files of a lesson, which people, git and other programs read."""

_DESCRIBED = ("id", *(name for name in DETAILS if name != "annotations_foreign"))
"""What of a lesson stands in lesson.json."""

_BOM = "\ufeff".encode()


class LessonFolder:
    """Reads and writes the files of one lesson.

    Only what changed is written: a file that was formatted by hand stays as it is until its content is another.

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
        self._stats: dict[str, tuple[int, int, int]] = {}
        self._on_disk: Lesson | None = None
        self._line_end, self._mark = "\n", b""

    @property
    def is_original(self) -> bool:
        """Whether the lesson would be copied before the first change is written."""
        return self._copy_to is not None

    @property
    def on_disk(self) -> Lesson | None:
        """The lesson as it was last read or written here."""
        return self._on_disk

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of each file as it was last read or written here."""
        return dict(self._known)

    def read(self) -> Lesson:
        """Read the whole lesson.

        Raises
        ------
        LessonError
            Naming the file, the member and the value that is wrong.
        """
        return self.take(self.read_files())

    def read_files(self) -> dict[str, bytes]:
        """Read the bytes of the plain files.

        Raises
        ------
        LessonError
            If one is missing, or can't be read.
        """
        return {name: self.read_file(name) for name in FILES}

    def take(self, files: Mapping[str, bytes]) -> Lesson:
        """Make out a lesson of the bytes of its files, and take these for what is on disk.

        Raises
        ------
        LessonError
            Naming the file, the member and the value that is wrong.
        """
        lesson = self.decode(files)
        text = files[ARTICLE_FILE]
        self._mark = _BOM if text.startswith(_BOM) else b""
        self._line_end = "\r\n" if b"\r\n" in text else "\n"
        self._known = {name: sha256(data) for name, data in files.items()}
        self._stats = {name: self._stat(name) for name in FILES}
        self._on_disk = lesson
        return lesson

    def decode(self, files: Mapping[str, bytes]) -> Lesson:
        """Make out a lesson of the bytes of its files.

        Raises
        ------
        LessonError
            Naming the file, the member and the value that is wrong.
        """
        described = lesson_json.decode(files[LESSON_FILE], LESSON_FILE)
        annotations, annotations_foreign = web_annotation.decode(files[ANNOTATIONS_FILE], ANNOTATIONS_FILE)
        lesson = replace(
            described,
            id=described.id or self.path.name,
            article=_article(files[ARTICLE_FILE]),
            annotations=annotations,
            annotations_foreign=annotations_foreign,
        )
        volume_ids = {volume.id for volume in lesson.volumes}
        for number, annotation in enumerate(annotations):
            if annotation.volume_id not in volume_ids:
                raise LessonError(
                    f"{ANNOTATIONS_FILE}: item {number}, target.source names the volume {annotation.volume_id!r}, "
                    f"which {LESSON_FILE} does not have"
                )
        return lesson

    @staticmethod
    def damage_of(name: str, data: bytes | None) -> str:
        """Say what is wrong with a file by itself; "" if nothing is."""
        try:
            if data is None:
                return f"there is no {name}"
            if name == LESSON_FILE:
                lesson_json.decode(data, name)
            elif name == ARTICLE_FILE:
                _article(data)
            else:
                web_annotation.decode(data, name)
        except LessonError as error:
            return str(error)
        return ""

    def changed_files(self, lesson: Lesson) -> dict[str, bytes]:
        """Bytes of the files that would differ in content from what is on disk."""
        was = self._on_disk
        files: dict[str, bytes] = {}
        if was is None or any(getattr(was, name) != getattr(lesson, name) for name in _DESCRIBED):
            files[LESSON_FILE] = lesson_json.encode(lesson)
        if was is None or was.article != lesson.article:
            files[ARTICLE_FILE] = self._mark + lesson.article.replace("\n", self._line_end).encode("utf-8")
        if was is None or was.annotations != lesson.annotations or _foreign_differs(was, lesson):
            files[ANNOTATIONS_FILE] = web_annotation.encode(lesson.annotations, dict(lesson.annotations_foreign))
        return files

    def outside_files(self) -> dict[str, bytes] | None:
        """Bytes of all files if another program changed one since it was last read or written here, else None.

        Raises
        ------
        LessonError
            If one is missing, or can't be read.
        """
        stats = {name: self._stat(name) for name in FILES}
        if stats == self._stats:
            return None
        files = self.read_files()
        if {name: sha256(data) for name, data in files.items()} == self._known:
            self._stats = stats
            return None
        return files

    def write_files(self, files: Mapping[str, bytes], lesson: Lesson) -> None:
        """Write files that hold a lesson, each whole or not at all.

        Raises
        ------
        LessonConflictError
            If another program changed one of them in the meantime.
        LessonSaveError
            If one can't be written; what is on disk is as it was.
        """
        for name, data in files.items():
            target = self.path / name
            try:
                if target.is_file() and name in self._known and sha256(target.read_bytes()) != self._known[name]:
                    raise LessonConflictError(
                        f"{name} was changed by another program in this moment; it was not overwritten"
                    )
                write_bytes(target, data)
            except OSError as error:
                raise LessonSaveError(
                    f"the lesson could not be saved to {str(target)!r} ({error.strerror or error})"
                ) from error
            self._known[name] = sha256(data)
            self._stats[name] = self._stat(name)
        self._on_disk = lesson

    def write(self, lesson: Lesson) -> Path:
        """Write what differs from what is on disk; a lesson that must stay as it is is copied first.

        Returns
        -------
        Path
            The folder that holds it now.

        Raises
        ------
        LessonSaveError
            If it can't be written; what is on disk is as it was.
        """
        self.settle()
        self.write_files(self.changed_files(lesson), lesson)
        return self.path

    def rescue(self, lesson: Lesson, folder: Path) -> Path:
        """Put the lesson into a folder that can be written.

        For when the lesson's own folder can't be: the volumes stay where they are.

        Raises
        ------
        OSError
            If that fails too.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in new_lesson_files(lesson).items():
            write_bytes(folder / name, data)
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
        self.path, self._copy_to = folder, None
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

    def settle(self) -> None:
        """Move to the copy, if this lesson must stay as it is.

        Raises
        ------
        LessonSaveError
            If no copy can be made.
        """
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

    def read_file(self, name: str) -> bytes:
        """Read the bytes of one of the plain files.

        Raises
        ------
        LessonError
            If it is missing, leads out of the folder, is no file, is too large, or can't be read.
        """
        path = self.path / name
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise LessonError(f"{name} leads out of the lesson's folder: not opened")
        if not path.exists():
            raise LessonError(f"the lesson in {str(self.path)!r} has no {name}")
        try:
            return read_small(path, name, MAX_BYTES)
        except OSError as error:
            raise LessonError(f"{name} could not be read ({error.strerror or error})") from error

    def _stat(self, name: str) -> tuple[int, int, int]:
        try:
            found = (self.path / name).stat()
        except OSError:
            return (0, 0, 0)
        return (found.st_mtime_ns, found.st_size, found.st_ino)


def new_lesson_files(lesson: Lesson) -> dict[str, bytes]:
    """Bytes of the three files of a lesson that has not been on disk yet."""
    return {
        LESSON_FILE: lesson_json.encode(lesson),
        ARTICLE_FILE: lesson.article.encode("utf-8"),
        ANNOTATIONS_FILE: web_annotation.encode(lesson.annotations, dict(lesson.annotations_foreign)),
    }


def _article(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LessonError(f"{ARTICLE_FILE}: it is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    if "\0" in text:
        raise LessonError(f"{ARTICLE_FILE}: it is damaged (byte {data.index(0)} is zero); restore it from a copy")
    return plain_lines(text)


def _foreign_differs(one: Lesson, other: Lesson) -> bool:
    """Whether two lessons whose annotations are equal differ in what this program doesn't know of them."""
    if one.annotations_foreign != other.annotations_foreign:
        return True
    if one.annotations is other.annotations:
        return False
    return any(a is not b and a.foreign != b.foreign for a, b in zip(one.annotations, other.annotations, strict=False))


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
        if path.is_symlink() or BESIDE in path.relative_to(source).parts:
            continue
        copy = half / path.relative_to(source)
        if path.is_dir():
            copy.mkdir()
        else:
            shutil.copyfile(path, copy)
    if target.exists():
        target.rmdir()
    half.replace(target)


def sha256(data: bytes) -> str:
    """Hash of a file's bytes, as the journal knows them."""
    return hashlib.sha256(data).hexdigest()
