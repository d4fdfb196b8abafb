"""Make lessons: on a volume, as a copy of another, back to how one ships."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.contrast import grey_window
from napari_vascular_loop.domain.errors import LessonError, LessonSaveError, VolumeReadError
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.slug import slug
from napari_vascular_loop.domain.straighten import straightened
from napari_vascular_loop.formats.lesson_folder import LessonFolder, new_lesson_files
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.lessons import is_lesson, open_lesson, open_shipped_lesson, own_lessons_folder, store_of

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.store import LessonStore


def create_lesson(parent: Path, title: str, volume: Volume) -> LessonStore:
    """Make a lesson on a volume, which is copied into it without anything that names the patient.

    Parameters
    ----------
    parent : Path
        The lesson's folder is made in it, named after the title.
    title : str
        Of the lesson.
    volume : Volume
        What the marks will be placed in.

    Raises
    ------
    LessonSaveError
        If there is such a folder already, or it can't be written.
    """
    from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
    from napari_vascular_loop.privacy.known import remember

    volume = straightened(volume)  # as it is shown, and marked
    folder = parent / (slug(title) or "lesson")
    if folder.exists():
        raise LessonSaveError(f"there is already something at {str(folder)!r}; choose another title or folder")
    file = f"volumes/{volume.provenance.id or 'volume'}.nii.gz"
    half = parent / f".{folder.name}.making"
    try:
        shutil.rmtree(half, ignore_errors=True)
        (half / "volumes").mkdir(parents=True)
        write_nifti(volume, half / file)
        written = read_volumes(half / file)[0]
        entry = LessonVolume(
            id="volume",
            title=volume.provenance.modality or "Volume",
            file=file,
            fingerprints=(replace(written.fingerprint, frame_of_reference_uid=_frame_of_reference(volume)),),
            window=grey_window(written),
        )
        article = f"# {title}\n\nWrite here what your students should read, in Markdown.\n"
        lesson = Lesson(title=title, volumes=(entry,), id=folder.name, article=article)
        for name, data in new_lesson_files(lesson).items():
            (half / name).write_bytes(data)
        half.replace(folder)
        remember(written.fingerprint, volume.provenance.source_files)
    except (OSError, VolumeReadError) as error:
        shutil.rmtree(half, ignore_errors=True)
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise LessonSaveError(f"no lesson could be made in {str(parent)!r} ({reason})") from error
    return open_lesson(folder)


def _frame_of_reference(volume: Volume) -> str | None:
    """DICOM's; only where it is a UID, since headers that were filled in by hand hold anything."""
    from napari_vascular_loop.formats.volumes.dicomweb.address import is_uid

    uid = volume.provenance.frame_of_reference_uid
    return uid if is_uid(uid) else None


def copy_lesson(store: LessonStore, parent: Path) -> LessonStore:
    """Copy an open lesson, as it is now, into a new folder below `parent`, and open the copy.

    Raises
    ------
    LessonSaveError
        If there is such a folder already, or it can't be written.
    """
    if store.folder is None:
        raise LessonSaveError("this lesson has no folder yet, so it can't be copied")
    folder = LessonFolder(store.folder)
    folder.read()
    folder.save_as(store.lesson, parent / (slug(store.lesson.title) or "lesson"))
    return store_of(folder)


def is_own_copy(store: LessonStore) -> bool:
    """Whether a lesson is the user's copy of one that ships with the program."""
    folder = store.folder
    return (
        folder is not None
        and folder.parent == own_lessons_folder()
        and is_lesson(content_folder("annotations") / folder.name)
    )


def back_to_original(store: LessonStore) -> tuple[LessonStore, Path]:
    """Put the user's copy of a shipped lesson aside, and open the lesson as it ships.

    Returns
    -------
    store : LessonStore
        The original.
    kept : Path
        Where the copy lies now.

    Raises
    ------
    LessonError
        If the lesson is not such a copy, or can't be moved.
    """
    folder = store.folder
    if folder is None or not is_own_copy(store):
        raise LessonError("this lesson is not a copy of one that ships with the program, or is as it ships")
    store.close()
    kept = folder.with_name(f"{folder.name} (until {datetime.now():%Y-%m-%d %H.%M.%S})")
    try:
        folder.replace(kept)
    except OSError as error:
        raise LessonError(f"your copy in {str(folder)!r} could not be put aside ({error.strerror or error})") from error
    return open_shipped_lesson(folder.name), kept
