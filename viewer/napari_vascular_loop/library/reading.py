"""Read one lesson of a library, a folder or a packed one, into the entry of an index."""

from __future__ import annotations

import contextlib
import hashlib
import re
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonError, ReadCancelledError, VascularLoopError
from napari_vascular_loop.domain.lesson_about import credits_of
from napari_vascular_loop.formats import lesson_json
from napari_vascular_loop.formats.annotations import web_annotation
from napari_vascular_loop.formats.lesson_archive import DAMAGED, checked_members, packed_files
from napari_vascular_loop.formats.lesson_folder import ANNOTATIONS_FILE, ARTICLE_FILE, FILES, LESSON_FILE, LessonFolder
from napari_vascular_loop.formats.plain_article import PLAIN_FILE
from napari_vascular_loop.formats.small_file import read_small
from napari_vascular_loop.library.entry import MOST_TEXT, Card, Entry, File, broken, one_line, sha256
from napari_vascular_loop.library.looking import STAMPED
from napari_vascular_loop.library.picture import picture_of_lesson
from napari_vascular_loop.library.plain_words import names_of, plain_words, structures_of
from napari_vascular_loop.study.exercise import exercises

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.library.looking import Place
    from napari_vascular_loop.library.picture import Volumes

_MOST_BYTES = 64 * 2**20
"""Of one plain file of a lesson: a hundred thousand marks."""

_MOST_VOLUME_BYTES = 64 * 2**20
_BLOCK = 2**20


def read_entry(
    root: Path, place: Place, volumes: Volumes, known_hash: str = "", alive: Callable[[], None] = lambda: None
) -> Entry | None:
    """Read a lesson.

    Parameters
    ----------
    root : Path
        The library's folder.
    place : Place
        The lesson in it.
    volumes : Volumes
        Gives the volumes for small pictures.
    known_hash : str
        That of the entry made before.
    alive : callable
        Called now and then; raises to end it.

    Returns
    -------
    Entry or None
        None if nothing has changed but dates. A lesson that can't be read gives an entry that says why.
    """
    path = root / place.path
    digest = ""
    try:
        files = _packed(path) if place.is_packed else _plain(path)
        digest = sha256(*(part for name in sorted(files) for part in (name.encode(), files[name])))
        # A packed lesson is hashed whole when its files are listed: what else is in it may have changed.
        if digest == known_hash and not place.is_packed:
            return None
        lesson = _lesson(files, path.name)
        return _entry(path, place, lesson, files, digest, volumes, alive)
    except ReadCancelledError:
        raise
    except (VascularLoopError, OSError, *DAMAGED) as error:
        said = f"{error.strerror}" if isinstance(error, OSError) and error.strerror else str(error)
        return broken(place.path, _without(said, root), digest)


def _entry(
    path: Path,
    place: Place,
    lesson: Lesson,
    files: dict[str, bytes],
    digest: str,
    volumes: Volumes,
    alive: Callable[[], None],
) -> Entry:
    try:
        written = lesson_json.questions_of(lesson)
    except LessonError:
        written = ()
    structures = structures_of(lesson.annotations)
    said = [
        plain_words(lesson.article),
        *lesson.objectives,
        *(f"{one.label}. {one.note}" for one in lesson.annotations if one.label or one.note),
        plain_words(files.get(PLAIN_FILE, b"").decode("utf-8", "replace")),
        lesson.audience,
        ", ".join(lesson.authors),
    ]
    card = Card(
        place.path,
        lesson.id,
        one_line(lesson.title),
        one_line(lesson.audience),
        lesson.minutes,
        tuple(map(one_line, structures)),
        one_line(lesson.licence),
        one_line("; ".join(credits_of(lesson))),
        len(lesson.annotations),
        len(exercises(lesson, written)),
        bool(lesson.volumes) and all(volume.synthetic for volume in lesson.volumes),
    )
    picture, wants = b"", ""
    try:
        with _as_folder(path, place, lesson) as folder:
            picture, wants = picture_of_lesson(folder, lesson, volumes)
    except ReadCancelledError:
        raise
    except (VascularLoopError, OSError, *DAMAGED):
        pass  # a lesson is found and opened without a picture
    listed = tuple(_files(path, place, lesson, alive))
    return Entry(card, names_of(structures), " ".join(said)[:MOST_TEXT], picture, listed, digest, wants)


def _lesson(files: dict[str, bytes], name: str) -> Lesson:
    missing = [one for one in FILES if one not in files]
    if missing:
        raise LessonError(f"there is no {missing[0]}; a lesson has {', '.join(FILES)}")
    described = lesson_json.decode(files[LESSON_FILE], LESSON_FILE)
    annotations, _ = web_annotation.decode(files[ANNOTATIONS_FILE], ANNOTATIONS_FILE)
    try:
        article = files[ARTICLE_FILE].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LessonError(f"{ARTICLE_FILE}: it is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    return replace(described, id=described.id or name, article=article, annotations=annotations)


def _plain(path: Path) -> dict[str, bytes]:
    inside, files = path.resolve(), {}
    for name in STAMPED:
        file = path / name
        if not file.exists():
            continue
        if not file.resolve().is_relative_to(inside):
            raise LessonError(f"{name} leads out of the lesson's folder: not opened")
        files[name] = read_small(file, name, _MOST_BYTES)
    return files


def _packed(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        members = {inside.as_posix(): entry for entry, inside in checked_members(archive, path)}
        files = {}
        for name in STAMPED:
            if name in members:
                files[name] = _member(archive, members[name], name, _MOST_BYTES)
    return files


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, most: int) -> bytes:
    """Read no more of a member than it may hold: the size that an archive states may be a lie."""
    with archive.open(entry) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise LessonError(f"{name}: more than {most // 2**20} MB is more than it may hold")
    return data


@contextlib.contextmanager
def _as_folder(path: Path, place: Place, lesson: Lesson) -> Iterator[Path]:
    """Give the folder in which pictures and volumes lie; of a packed lesson a temporary one."""
    if not place.is_packed:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="vascular-loop-") as name, zipfile.ZipFile(path) as archive:
        folder = Path(name)
        wanted = {volume.file for volume in lesson.volumes[:1] if volume.file}
        for entry, inside in checked_members(archive, path):
            is_picture = inside.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp", ".gif")
            if (inside.as_posix() in wanted or is_picture) and entry.file_size <= _MOST_VOLUME_BYTES:
                (folder / inside).parent.mkdir(parents=True, exist_ok=True)
                (folder / inside).write_bytes(_member(archive, entry, inside.name, entry.file_size))
        yield folder


def _files(path: Path, place: Place, lesson: Lesson, alive: Callable[[], None]) -> list[File]:
    """List what a lesson consists of; of one that lacks a volume, nothing."""
    if place.is_packed:
        return [_listed(path, "", alive)]
    try:
        folder = LessonFolder(path)
        return [_listed(file, file.relative_to(path).as_posix(), alive) for file in packed_files(folder, lesson)]
    except LessonError:
        return []


def _listed(path: Path, name: str, alive: Callable[[], None]) -> File:
    whole, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            whole.update(block)
            size += len(block)
            alive()
    return File(name, size, whole.hexdigest())


def _without(sentence: str, root: Path) -> str:
    """Take the way to the library out of a sentence: an index is for everybody's eyes."""
    for said in {str(root), str(root.resolve()), root.as_posix()}:
        sentence = re.sub(rf"{re.escape(said)}[/\\]*", "", sentence)
    return sentence
