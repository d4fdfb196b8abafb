"""A lesson in one file, to be sent: a ZIP named `*.vlesson.zip` with the lesson's folder in it.

Packed is what the lesson uses, and nothing else that may lie in its folder: its files, its volumes, the pictures of its
articles, its licence and its read-me. The archive comes from anyone: nothing in it leads out of the folder that
it is unpacked to, and it can't fill the disk.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from napari_vascular_loop.domain.errors import LessonError, LessonSaveError
from napari_vascular_loop.domain.slug import slug
from napari_vascular_loop.formats.lesson_folder import FILES, LESSON_FILE, LessonFolder
from napari_vascular_loop.formats.markdown import parse_markdown
from napari_vascular_loop.formats.plain_article import PLAIN_FILE, read_plain_article
from napari_vascular_loop.formats.volumes.header_names import texts_in_header
from napari_vascular_loop.formats.volumes.nifti_clean import write_without_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_vascular_loop.domain.lesson import Lesson

ENDING = ".vlesson.zip"
MOST_BYTES = 8 * 2**30
"""Unpacked."""

_MOST_FILES = 20_000
_MOST_GROWTH = 200
_BLOCK = 2**20
DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)
"""What zipfile raises on damaged, locked or unknown archives."""

_ALSO = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "README", "README.md", "README.txt")
_NIFTI = (".nii", ".nii.gz")
_PACKED_ALREADY = (".gz", ".jpg", ".jpeg", ".png", ".zip", ".bz2")
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The same lesson gives the same bytes: no dates of the author's files go with it."""


def is_archive(path: Path) -> bool:
    """Whether a file calls itself a packed lesson."""
    return path.name.lower().endswith(ENDING)


def pack_lesson(folder: Path, target: Path, *, overwrite: bool = False) -> Path:
    """Pack a lesson's folder into one file.

    Parameters
    ----------
    folder : Path
        The lesson's folder, as it is on disk.
    target : Path
        The file to be made; `ENDING` is added where it lacks it.
    overwrite : bool
        Whether a file of that name may go, once the new one is whole.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    LessonError
        If the lesson can't be read, or a volume of it is missing.
    LessonSaveError
        If there is such a file already, or it can't be written.
    """
    if not is_archive(target):
        target = target.with_name(target.name.removesuffix(".zip") + ENDING)
    if target.exists() and not overwrite:
        raise LessonSaveError(f"there is already something at {str(target)!r}; choose another name")
    lesson_folder = LessonFolder(folder)
    lesson = lesson_folder.read()
    root = lesson_folder.path
    top = slug(lesson.id) or slug(root.name) or "lesson"
    half = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(half, "w") as archive:
            for path in packed_files(lesson_folder, lesson):
                name = f"{top}/{path.relative_to(root).as_posix()}"
                entry = zipfile.ZipInfo(name, _EPOCH)
                packed = path.name.lower().endswith(_PACKED_ALREADY)
                entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
                entry.external_attr = (stat.S_IFREG | 0o644) << 16
                with archive.open(entry, "w", force_zip64=True) as sink:
                    if path.name.lower().endswith(_NIFTI) and texts_in_header(path):
                        write_without_texts(path, sink)
                    else:
                        with path.open("rb") as source:
                            shutil.copyfileobj(source, sink, _BLOCK)
        half.replace(target)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise LessonSaveError(f"{str(target)!r} could not be written ({error.strerror or error})") from error
    return target


def unpack_lesson(path: Path, parent: Path) -> Path:
    """Unpack a lesson below a folder, or find where it was unpacked before.

    Parameters
    ----------
    path : Path
        The file.
    parent : Path
        The lesson's folder is made in it, named after the lesson and after the file's bytes: what was edited in a
        lesson that was unpacked before stays as it is, and a newer version of it gets a folder of its own.

    Returns
    -------
    Path
        The lesson's folder.

    Raises
    ------
    LessonError
        If the file is damaged, holds no lesson, or something that a lesson has not.
    LessonSaveError
        If there is no room for it.
    """
    try:
        known_as = f"{slug(path.name[: -len(ENDING)]) or 'lesson'}-{_hash_of(path)[:8]}"
        folder = parent / known_as
        if (folder / LESSON_FILE).is_file():
            return folder
        with zipfile.ZipFile(path) as archive:
            members = checked_members(archive, path)
            parent.mkdir(parents=True, exist_ok=True)
            half = parent / f".{known_as}.unpacking"
            shutil.rmtree(half, ignore_errors=True)
            try:
                for entry, inside in members:
                    place = half / inside
                    place.parent.mkdir(parents=True, exist_ok=True)
                    _unpack(archive, entry, place)
                LessonFolder(half).read()
                half.replace(folder)
            finally:
                shutil.rmtree(half, ignore_errors=True)
    except OSError as error:
        raise LessonSaveError(f"{path.name!r} could not be unpacked ({error.strerror or error})") from error
    except DAMAGED as error:
        raise LessonError(f"{path.name!r} is damaged or no ZIP file ({error}); have it sent again") from error
    return folder


def packed_files(folder: LessonFolder, lesson: Lesson) -> Iterator[Path]:
    """Give the files that a lesson consists of, below its folder; nothing else that may lie there.

    Raises
    ------
    LessonError
        If a volume of it is missing.
    """
    root = folder.path
    wanted = [root / name for name in (*FILES, PLAIN_FILE, *_ALSO)]
    wanted += [path for path in (folder.volume_path(volume) for volume in lesson.volumes) if path is not None]
    inside = root.resolve()
    for said in _pictures_of(lesson.article, read_plain_article(root) or ""):
        picture = (root / PurePosixPath(unquote(said))).resolve()
        if picture.is_file() and picture.is_relative_to(inside):
            wanted.append(root / picture.relative_to(inside))
    files = {
        Path(root, file.resolve().relative_to(inside))
        for path in wanted
        for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
        if file.is_file() and not file.is_symlink()
    }
    yield from sorted(files)


def _pictures_of(*articles: str) -> list[str]:
    """Addresses of the pictures in articles."""
    runs = (run for article in articles if "![" in article for block in parse_markdown(article) for run in block.runs)
    return [run.picture for run in runs if run.picture is not None]


def checked_members(archive: zipfile.ZipFile, path: Path) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """Check what an archive holds; give each file with its place in the lesson's folder.

    Raises
    ------
    LessonError
        If it holds no lesson, too much for one, or what leads out of its folder.
    """
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    names = [PurePosixPath(entry.filename.replace("\\", "/")) for entry in entries]
    roots = [name.parent for name in names if name.name == LESSON_FILE]
    root = min(roots, key=lambda name: len(name.parts), default=None)
    if root is None:
        raise LessonError(f"{path.name!r} holds no lesson: there is no {LESSON_FILE} in it")
    size = sum(entry.file_size for entry in entries)
    if size > MOST_BYTES or len(entries) > _MOST_FILES:
        raise LessonError(f"{path.name!r} holds {len(entries)} files of {size / 2**30:.1f} GB: too much for a lesson")
    if size > _MOST_GROWTH * max(path.stat().st_size, _BLOCK):
        raise LessonError(f"{path.name!r} would grow to {size / 2**20:.0f} MB when unpacked: not opened")
    members = []
    for entry, name in zip(entries, names, strict=True):
        if name.is_absolute() or ".." in name.parts or ":" in entry.filename or stat.S_ISLNK(entry.external_attr >> 16):
            raise LessonError(f"{path.name!r} holds {entry.filename!r}, which leads out of its folder: not opened")
        if name.is_relative_to(root):
            members.append((entry, name.relative_to(root)))
    return members


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Path) -> None:
    """Unpack no more than was said: the size in a ZIP's directory may be a lie."""
    left = entry.file_size
    with archive.open(entry) as source, place.open("xb") as sink:
        while block := source.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise zipfile.BadZipFile(f"{entry.filename} is longer than it says")
            sink.write(block)


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
