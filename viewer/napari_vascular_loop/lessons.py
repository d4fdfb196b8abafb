"""Where a lesson's folder, the catalogue of volumes and the store meet.

Stands above formats, samples and store, below everything that has a window.
"""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.errors import (
    LessonError,
    SampleUnavailableError,
    VolumeReadError,
    WrongVolumeError,
)
from napari_vascular_loop.domain.slug import slug
from napari_vascular_loop.domain.text import megabytes
from napari_vascular_loop.formats.lesson_archive import is_archive, unpack_lesson
from napari_vascular_loop.formats.lesson_folder import LESSON_FILE, LessonFolder
from napari_vascular_loop.formats.volumes import Progress, read_volumes
from napari_vascular_loop.formats.volumes.found import no_progress
from napari_vascular_loop.head_pose import note_registration
from napari_vascular_loop.lesson_keeper import LessonKeeper
from napari_vascular_loop.samples.catalogue import load_catalogue
from napari_vascular_loop.samples.fetch import OFFLINE_VARIABLE, local_path, sample_paths, unavailable
from napari_vascular_loop.store import LessonStore

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
    from napari_vascular_loop.domain.volume import Volume

LOOP_LESSON = "vascular-loop"
FIRST_LESSON = "facial-nerve-root"
PHANTOM_LESSON = "contact-indentation-deviation"
LOOK_ALIKE_LESSON = "look-alike-schwannoma"
STAND_IN_LESSON = "synthetic-stand-in"
LESSONS_VARIABLE = "VASCULAR_LOOP_LESSONS"


def is_lesson(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a lesson's folder, the lesson.json in one, or a packed lesson."""
    path = Path(path)
    if is_archive(path):
        return path.is_file()
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
        the first edit makes a copy among the user's own lessons and goes on there. A packed lesson is unpacked
        among them, and the next time opened as it was left there.

    Raises
    ------
    LessonError
        If there is no lesson there, or a file of it is damaged; the message names the file and the member.
    """
    path = Path(folder)
    if is_archive(path):
        return store_of(LessonFolder(unpack_lesson(path, own_lessons_folder())))
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
        try:
            return store_of(LessonFolder(own))
        except LessonError as error:
            raise LessonError(f"{error} (in {str(own)!r})") from error
    return store_of(LessonFolder(content_folder("annotations") / name, copy_to=own))


def open_fetched_lesson(path: Path) -> LessonStore:
    """Open a lesson that was brought here from a library: the first edit copies it to the user's own lessons.

    Raises
    ------
    LessonError
        If a file of it is damaged.
    """
    own = own_lessons_folder() / path.name
    if is_archive(path) or is_lesson(own):
        return open_lesson(path if is_archive(path) else own)
    return store_of(LessonFolder(path, copy_to=own))


def reopen(store: LessonStore) -> LessonStore:
    """Read a lesson's files anew, from where it is kept now; a lesson as it ships stays protected.

    Raises
    ------
    LessonError
        If a file of it is missing or damaged.
    """
    if store.folder is None:
        raise LessonError("this lesson has no folder yet")
    store.close()
    own = own_lessons_folder() / store.folder.name
    return store_of(LessonFolder(store.folder, copy_to=own if store.is_original else None))


def lesson_path(name_or_folder: str | os.PathLike[str]) -> Path:
    """Where a lesson lies that is given by its folder or, if it ships with the program, by its name.

    Of one that ships, the user's own copy is taken, if there is one.
    """
    name = os.fspath(name_or_folder)
    shipped = content_folder("annotations") / name
    if Path(name).exists() or slug(name) != name or not is_lesson(shipped):
        return Path(name)
    own = own_lessons_folder() / name
    return own if is_lesson(own) else shipped


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


def lesson_volume(store: LessonStore, volume_id: str | None = None, progress: Progress = no_progress) -> Volume:
    """Read a volume of a lesson, and make sure that it is the one its marks were made on.

    Parameters
    ----------
    store : LessonStore
        The open lesson.
    volume_id : str, optional
        Which; the first if not given.
    progress : callable, optional
        Told how much is done; may raise ReadCancelledError.

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
    for path in _volume_paths(store, wanted, progress):
        try:
            return check_volume(wanted, read_volumes(path, progress))
        except (WrongVolumeError, VolumeReadError) as error:
            refused = error
    if refused is not None:
        raise refused
    raise unavailable(load_catalogue().entry(str(wanted.catalogue_id)))


def volumes_at_hand(
    store: LessonStore, remarks: list[str], wanted: Container[str] | None = None
) -> Iterator[tuple[LessonVolume, Volume]]:
    """Read a lesson's volumes one after the other, but those that can't be had now.

    Parameters
    ----------
    store : LessonStore
        The lesson.
    remarks : list of str
        Is told what was left out.
    wanted : container of str, optional
        Ids of volumes; all if not given.

    Yields
    ------
    entry : LessonVolume
        What the lesson says of it.
    volume : Volume
        The volume.

    Raises
    ------
    SampleUnavailableError
        At the end, if there was none.
    """
    refused: SampleUnavailableError | None = None
    any_read = False
    for entry in store.lesson.volumes:
        if wanted is not None and entry.id not in wanted:
            continue
        try:
            volume = lesson_volume(store, entry.id)
        except SampleUnavailableError as error:
            refused = error
            remarks.append(f"left out, with its marks: {error}")
            continue
        any_read = True
        yield entry, volume
    if refused is not None and not any_read:
        raise refused


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
            if wanted.registration is not None:
                note_registration(volume, wanted.registration)
            return volume
    raise refused or WrongVolumeError(f"there is no volume to show for {wanted.title or wanted.id!r}")


def open_first_lesson(*, as_shipped: bool = False) -> tuple[LessonStore, Volume, str]:
    """Open the first lesson with its volume or, where that can't be had, the lesson on the synthetic head.

    Parameters
    ----------
    as_shipped : bool
        Pass over the user's own copies.

    Returns
    -------
    store : LessonStore
        The lesson.
    volume : Volume
        Its volume.
    notice : str
        What the user should know: why the synthetic head is shown, or that a damaged copy was put aside; else "".
    """
    store, notice = _first_that_opens(FIRST_LESSON, as_shipped)
    try:
        return store, lesson_volume(store), notice
    except (SampleUnavailableError, WrongVolumeError) as error:
        computed, damaged = _first_that_opens(PHANTOM_LESSON, as_shipped)
        why = f"{error}. A SYNTHETIC head is shown instead: it is computed, not an image of a person."
        return computed, lesson_volume(computed), f"{why} {damaged}".strip()


def lesson_to_begin_with() -> str:
    """Name the first lesson whose volume is on this computer, or is computed: nothing is downloaded for it."""
    catalogue = load_catalogue()
    for lesson, volume in ((LOOP_LESSON, "tof-aica-loop"), (FIRST_LESSON, "colin27")):
        if local_path(catalogue.entry(volume)) is not None:
            return lesson
    return PHANTOM_LESSON


def offer_of_the_loop() -> str:
    """Say how the lesson on the real scan is had; "" where it is here already, or nothing may be downloaded."""
    entry = load_catalogue().entry("tof-aica-loop")
    if os.environ.get(OFFLINE_VARIABLE) or local_path(entry) is not None:
        return ""
    size = next((f" ({megabytes(variant.bytes)})" for variant in entry.variants if variant.bytes), "")
    return (
        'There is a lesson on a real scan, too, "The vascular loop": it is in the menu above, and its volume'
        f"{size} is downloaded when it is opened"
    )


def _first_that_opens(name: str, as_shipped: bool) -> tuple[LessonStore, str]:
    """Open the user's copy of a shipped lesson, or put it aside if it is damaged and open the original."""
    own = own_lessons_folder() / name
    if as_shipped:
        return store_of(LessonFolder(content_folder("annotations") / name, copy_to=own)), ""
    try:
        return open_shipped_lesson(name), ""
    except LessonError as error:
        if not own.exists():
            raise
        aside = own.with_name(f"{name} (damaged, until {datetime.now():%Y-%m-%d %H.%M.%S})")
        own.replace(aside)
        return open_shipped_lesson(name), f"Your copy of this lesson can't be read ({error}); it is kept in {aside}."


def _volume_paths(store: LessonStore, wanted: LessonVolume, progress: Progress) -> Iterator[Path]:
    if wanted.file is None:
        yield from sample_paths(load_catalogue().entry(str(wanted.catalogue_id)), progress=progress, known_only=True)
        return
    if store.folder is None:
        raise LessonError("the lesson has no folder yet, so its volumes can't be found")
    path = LessonFolder(store.folder).volume_path(wanted)
    if path is not None:
        yield path


def store_of(folder: LessonFolder) -> LessonStore:
    """Open the lesson of a folder; marks that can't be saved there are rescued to the user's own place."""
    # Of this folder and this session alone: no other rescue is overwritten.
    mark = hashlib.sha256(str(folder.path.resolve()).encode("utf-8", "replace")).hexdigest()[:8]
    place = f"{datetime.now():%Y-%m-%d %H.%M.%S} {mark}"

    keeper = LessonKeeper(folder, lambda lesson: _rescued(folder, lesson, place))
    return LessonStore(keeper.open(), keeper)


def _rescued(folder: LessonFolder, lesson: Lesson, name: str) -> str:
    """Keep marks that could not be saved in the user's own place, and say where."""
    # The id comes from a file that anyone may have written: as a slug it can't lead elsewhere.
    known_as = slug(lesson.id) or slug(folder.path.name) or "lesson"
    try:
        rescued = folder.rescue(lesson, own_lessons_folder() / "rescued" / f"{known_as} {name}")
    except OSError:
        return "Save the lesson to another folder before closing"
    return f"A copy of the marks is safe in {str(rescued)!r}"


def _is_installed(content: Path) -> bool:
    """Whether the content lies in an installed package, not in a checkout in which an author works."""
    return content.parent.name == "_content"
