"""Where a lesson's folder, the catalogue of volumes and the store meet.

Stands above formats, samples and store, below everything that has a window.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.errors import LessonError, SampleUnavailableError, VolumeReadError, WrongVolumeError
from napari_vascular_loop.domain.lesson import LessonVolume
from napari_vascular_loop.domain.volume import Volume
from napari_vascular_loop.formats.lesson_folder import LESSON_FILE, LessonFolder
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.samples.catalogue import load_catalogue
from napari_vascular_loop.samples.fetch import sample_paths, unavailable
from napari_vascular_loop.store import LessonStore

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
        return _store(LessonFolder(path, copy_to=own_lessons_folder() / path.resolve().name))
    return _store(LessonFolder(path))


def open_shipped_lesson(name: str) -> LessonStore:
    """Open a lesson that ships with the program, or the user's own copy of it, if there is one.

    Raises
    ------
    LessonError
        If there is no such lesson, or a file of it is damaged.
    """
    own = own_lessons_folder() / name
    if is_lesson(own):
        return _store(LessonFolder(own))
    return _store(LessonFolder(content_folder("annotations") / name, copy_to=own))


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
        yield from sample_paths(load_catalogue().entry(str(wanted.catalogue_id)))
        return
    if store.folder is None:
        raise LessonError("the lesson has no folder yet, so its volumes can't be found")
    path = LessonFolder(store.folder).volume_path(wanted)
    if path is not None:
        yield path


def _store(folder: LessonFolder) -> LessonStore:
    return LessonStore(folder.read(), folder.write, folder.path)


def _is_installed(content: Path) -> bool:
    """Whether the content lies in an installed package, not in a checkout in which an author works."""
    return content.parent.name == "_content"
