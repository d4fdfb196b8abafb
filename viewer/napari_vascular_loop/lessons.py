"""Where a lesson's folder, the catalogue of volumes and the store meet.

Stands above formats, samples and store, below everything that has a window.
"""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.errors import (
    LessonError,
    LessonSaveError,
    SampleUnavailableError,
    VolumeReadError,
    WrongVolumeError,
)
from napari_vascular_loop.formats.lesson_folder import LESSON_FILE, LessonFolder
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.samples.catalogue import load_catalogue
from napari_vascular_loop.samples.fetch import sample_paths, unavailable
from napari_vascular_loop.store import LessonStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
    from napari_vascular_loop.domain.volume import Volume

FIRST_LESSON = "facial-nerve-root"
STAND_IN_LESSON = "synthetic-stand-in"
LESSONS_VARIABLE = "VASCULAR_LOOP_LESSONS"


def is_lesson(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a lesson's folder, or the lesson.json in one."""
    path = Path(path)
    return path.name == LESSON_FILE or (path / LESSON_FILE).is_file()


def own_lessons_folder() -> Path:
    """Where the user's copies of shipped lessons are kept."""
    chosen = os.environ.get(LESSONS_VARIABLE)
    return Path(chosen).expanduser() if chosen else platformdirs.user_data_path("napari-vascular-loop") / "lessons"


def open_lesson(folder: str | os.PathLike[str]) -> LessonStore:
    """Open a lesson for reading and editing; every edit is saved at once.

    Parameters
    ----------
    folder : path
        The lesson's folder, or the lesson.json in it. A lesson inside the installed program stays as it is:
        the first edit makes a copy among the user's own lessons and goes on there.

    Raises
    ------
    LessonError
        If there is no lesson there, or a file of it is damaged; the message names the file and the member.
    """
    path = Path(folder)
    shipped_inside = content_folder("annotations").resolve()
    if _is_installed(shipped_inside) and path.resolve().is_relative_to(shipped_inside):
        return store_of(LessonFolder(path, copy_to=own_lessons_folder() / path.resolve().name))
    return store_of(LessonFolder(path))


def open_shipped_lesson(name: str) -> LessonStore:
    """Open a lesson that ships with the program, or the user's own copy of it, if there is one.

    Raises
    ------
    LessonError
        If there is no such lesson, or a file of it is damaged.
    """
    own = own_lessons_folder() / name
    if is_lesson(own):
        return store_of(LessonFolder(own))
    return store_of(LessonFolder(content_folder("annotations") / name, copy_to=own))


def slug(title: str) -> str:
    """Turn a title into a name for a folder, on every system.

    Examples
    --------
    >>> slug("Où est le nerf? (A/B)")
    'ou-est-le-nerf-a-b'
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60]


def find_lesson(name_or_folder: str) -> LessonStore:
    """Open a lesson by its folder, or one that ships with the program by its name.

    Raises
    ------
    LessonError
        If there is none.
    """
    shipped = content_folder("annotations") / name_or_folder
    if not Path(name_or_folder).exists() and slug(name_or_folder) == name_or_folder and is_lesson(shipped):
        return open_shipped_lesson(name_or_folder)
    return open_lesson(name_or_folder)


def find_annotation(lesson: Lesson, said: str) -> Annotation:
    """Find an annotation by its id, its number from 1, or its label.

    Raises
    ------
    LessonError
        If there is none, or several have that label.
    """
    annotations = lesson.annotations
    if said.isdigit() and 1 <= int(said) <= len(annotations):
        return annotations[int(said) - 1]
    found = [a for a in annotations if a.id in (said, f"urn:uuid:{said}") or a.label.casefold() == said.casefold()]
    if len(found) == 1:
        return found[0]
    listed = "; ".join(f"{n} {a.title}" for n, a in enumerate(annotations, start=1))
    what = f"{len(found)} annotations are called {said!r}" if found else f"no annotation is called {said!r}"
    raise LessonError(f"{what}; the lesson has: {listed or 'none'}")


def lesson_volume(store: LessonStore, volume_id: str | None = None) -> Volume:
    """Read a volume of a lesson, and make sure that it is the one its marks were made on.

    Parameters
    ----------
    store : LessonStore
        The open lesson.
    volume_id : str, optional
        Which; the first if not given.

    Raises
    ------
    WrongVolumeError
        If the volume is another one; nothing must be drawn on it.
    SampleUnavailableError
        If it is a public volume that can't be had here.
    LessonError, VolumeReadError
        If it is missing or damaged.
    """
    lesson = store.lesson
    if not lesson.volumes:
        raise LessonError(f"the lesson {lesson.title!r} has no volume")
    wanted = lesson.volume(volume_id) if volume_id else lesson.volumes[0]
    refused: WrongVolumeError | VolumeReadError | None = None
    for path in _volume_paths(store, wanted):
        try:
            return check_volume(wanted, read_volumes(path))
        except (WrongVolumeError, VolumeReadError) as error:
            refused = error
    if refused is not None:
        raise refused
    raise unavailable(load_catalogue().entry(str(wanted.catalogue_id)))


def check_volume(wanted: LessonVolume, candidates: list[Volume]) -> Volume:
    """Pick the volume that a lesson wants from those that a file or folder holds.

    Raises
    ------
    WrongVolumeError
        If it is not among them.
    """
    refused: WrongVolumeError | None = None
    for volume in candidates:
        try:
            wanted.check(volume.fingerprint)
        except WrongVolumeError as error:
            refused = error
        else:
            return volume
    raise refused or WrongVolumeError(f"there is no volume to show for {wanted.title or wanted.id!r}")


def open_first_lesson() -> tuple[LessonStore, Volume, str]:
    """Open the first lesson with its volume or, where that can't be had, the synthetic stand-in.

    Returns
    -------
    store : LessonStore
        The lesson.
    volume : Volume
        Its volume.
    notice : str
        "" for the real one; otherwise a sentence that says why the stand-in is shown.
    """
    store = open_shipped_lesson(FIRST_LESSON)
    try:
        return store, lesson_volume(store), ""
    except (SampleUnavailableError, WrongVolumeError) as error:
        stand_in = open_shipped_lesson(STAND_IN_LESSON)
        notice = f"{error}. A small SYNTHETIC stand-in is shown instead: it is computed, not an image of a person."
        return stand_in, lesson_volume(stand_in), notice


def _volume_paths(store: LessonStore, wanted: LessonVolume) -> Iterator[Path]:
    if wanted.file is None:
        yield from sample_paths(load_catalogue().entry(str(wanted.catalogue_id)), known_only=True)
        return
    if store.folder is None:
        raise LessonError("the lesson has no folder yet, so its volumes can't be found")
    path = LessonFolder(store.folder).volume_path(wanted)
    if path is not None:
        yield path


def store_of(folder: LessonFolder) -> LessonStore:
    """Open the lesson of a folder; marks that can't be saved there are rescued to the user's own place."""

    def write(lesson: Lesson) -> Path:
        try:
            return folder.write(lesson)
        except LessonSaveError as error:
            raise LessonSaveError(f"{error}. {_rescued(folder, lesson)}") from error

    return LessonStore(folder.read(), write, folder.path)


def _rescued(folder: LessonFolder, lesson: Lesson) -> str:
    """Keep marks that could not be saved in the user's own place, and say where."""
    # The id comes from a file that anyone may have written: as a slug it can't lead elsewhere.
    place = own_lessons_folder() / "rescued" / (slug(lesson.id) or slug(folder.path.name) or "lesson")
    try:
        return f"A copy of the marks is safe in {str(folder.rescue(lesson, place))!r}"
    except OSError:
        return "Save the lesson to another folder before closing"


def _is_installed(content: Path) -> bool:
    """Whether the content lies in an installed package, not in a checkout in which an author works."""
    return content.parent.name == "_content"
