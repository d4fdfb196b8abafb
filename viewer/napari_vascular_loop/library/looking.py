"""Find the lessons below a folder, and tell by dates and sizes which have changed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.lesson_archive import ENDING
from napari_vascular_loop.formats.lesson_folder import FILES, LESSON_FILE
from napari_vascular_loop.formats.plain_article import PLAIN_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DEEPEST = 12
_MOST_LESSONS = 200_000
_TELL_EVERY = 200
STAMPED = (*FILES, PLAIN_FILE)


@dataclass(frozen=True)
class Place:
    """Where a lesson lies.

    Parameters
    ----------
    path : str
        Below the library's folder, with forward slashes.
    stamp : str
        Dates and sizes of its files: another one says that it may have changed.
    """

    path: str
    stamp: str

    @property
    def is_packed(self) -> bool:
        """Whether it is one file."""
        return self.path.lower().endswith(ENDING)


def find_lessons(root: Path, alive: Callable[[], None] = lambda: None) -> list[Place]:
    """Find the lessons below a folder, folders and packed ones, by their paths.

    Links are not followed, hidden folders are left out, and no lesson is sought inside another.

    Parameters
    ----------
    root : Path
        The library's folder.
    alive : callable
        Called now and then; raises to end the search.

    Raises
    ------
    LessonError
        If there is no such folder, or it can't be read, or holds far too many lessons.
    """
    if not root.is_dir():
        raise LessonError(f"there is no folder {str(root)!r}; check the path")
    places: list[Place] = []
    try:
        for place in _below(root, "", 0):
            places.append(place)
            if len(places) % _TELL_EVERY == 0:
                alive()
            if len(places) > _MOST_LESSONS:
                raise LessonError(
                    f"there are more than {_MOST_LESSONS} lessons in {str(root)!r}; choose a smaller folder"
                )
    except OSError as error:
        raise LessonError(f"the folder {str(root)!r} can't be read ({error.strerror or error})") from error
    return sorted(places, key=lambda place: place.path)


def _below(folder: Path, inside: str, depth: int) -> Iterator[Place]:
    try:
        found = sorted(os.scandir(folder), key=lambda one: one.name)
    except OSError:
        if depth == 0:
            raise
        return  # what one may not look into holds no lesson for one
    names = {one.name for one in found}
    if LESSON_FILE in names:
        if inside:
            yield Place(inside, _stamp(one for one in found if one.name in STAMPED))
            return
        raise LessonError(f"{folder.name!r} is itself a lesson; choose the folder that it lies in")
    for one in found:
        path = f"{inside}/{one.name}" if inside else one.name
        if one.name.startswith(".") or one.is_symlink() or not _can_be_written(one.name):
            continue
        if one.is_dir(follow_symlinks=False):
            if depth < _DEEPEST:
                yield from _below(Path(one.path), path, depth + 1)
        elif one.name.lower().endswith(ENDING) and one.is_file(follow_symlinks=False):
            yield Place(path, _stamp([one]))


def _stamp(files: Iterator[os.DirEntry[str]] | list[os.DirEntry[str]]) -> str:
    parts = []
    for file in files:
        try:
            about = file.stat()
            parts.append(f"{file.name}:{about.st_size}:{about.st_mtime_ns}")
        except OSError:
            parts.append(f"{file.name}:?")
    return "|".join(parts)


def _can_be_written(name: str) -> bool:
    """Whether a name is text: others can't stand in an index."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
