"""Marks for other programs, and from them, and what does not fit.

Stands above the formats, beside lessons.py. A file is read again and compared with what was meant before it takes the
place of another.
"""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import new_id
from napari_vascular_loop.domain.errors import LessonError, LessonSaveError, VascularLoopError
from napari_vascular_loop.exchange_formats import EXPORTS, IMPORTS, WORDS, ExportFormat, ImportFormat, same_place
from napari_vascular_loop.formats.annotations.loss import AlreadyThere, Loss, lost_views
from napari_vascular_loop.formats.annotations.slicer_markups import is_markups
from napari_vascular_loop.formats.annotations.strangers import with_strangers
from napari_vascular_loop.formats.atomic import replacing
from napari_vascular_loop.formats.lesson_folder import ANNOTATIONS_FILE, ARTICLE_FILE, LESSON_FILE
from napari_vascular_loop.formats.small_file import read_small

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson

__all__ = [
    "DICOM_ENDINGS",
    "EXPORTS",
    "IMPORTS",
    "ExportFormat",
    "ImportFormat",
    "beside_those_there",
    "export_annotations",
    "import_annotations",
    "is_dicom",
    "read_marks",
    "write_checked",
]

_MAX_BYTES = 256 * 1024 * 1024
DICOM_ENDINGS = (".dcm", ".dicom")
_STRANGERS = "members of other programs, which only a W3C file can hold"


def export_annotations(
    lesson: Lesson,
    out: Path,
    format: str | None = None,  # noqa: A002 - the word that users know
    volume_id: str | None = None,
) -> tuple[Loss, ...]:
    """Write a lesson's annotations for another program.

    Parameters
    ----------
    lesson : Lesson
        Any.
    out : Path
        The file; one that is there is replaced when the new one has been read again and found right.
    format : str, optional
        A key of `EXPORTS`; told by the file's ending if not given.
    volume_id : str, optional
        Only the marks in that volume; all of them if not given.

    Returns
    -------
    tuple of Loss
        What does not fit into the file.

    Raises
    ------
    LessonError
        If there is no such format or volume, or no mark in it.
    LessonSaveError
        If the file can't be written, or does not hold what was meant.
    """
    chosen = EXPORTS[_name_of_format(format, out.name, EXPORTS)]
    if volume_id is not None:
        lesson.volume(volume_id)
    annotations = [a for a in lesson.annotations if volume_id in (None, a.volume_id)]
    if not annotations:
        raise LessonError(f"there is no mark to export in {volume_id or lesson.title!r}")
    volumes = sorted({annotation.volume_id for annotation in annotations})
    if len(volumes) > 1 and not chosen.names_volumes:
        raise LessonError(f"a file for {chosen.title} holds the marks of one volume; choose one of {volumes}")
    return write_checked(chosen, annotations, lesson, out)


def write_checked(
    chosen: ExportFormat, annotations: Sequence[Annotation], lesson: Lesson, out: Path
) -> tuple[Loss, ...]:
    """Write annotations in a format, and read them again before the file takes its place.

    Raises
    ------
    LessonSaveError
        If the file can't be written, or does not hold what was meant; what was there before is untouched.
    """
    _check_not_of_a_lesson(out)
    data, losses = chosen.encode(annotations, lesson)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as temporary:
            temporary.write_bytes(data)
            chosen.check(temporary.read_bytes(), annotations, losses)
    except VascularLoopError as error:
        raise LessonSaveError(f"{str(out)!r} was not written, since it would not be right: {error}") from error
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise LessonSaveError(f"{str(out)!r} could not be written ({reason})") from error
    if not chosen.keeps_strangers:
        losses += tuple(Loss.of(annotation, _STRANGERS) for annotation in with_strangers(annotations))
    return losses if chosen.keeps_views else (*losses, *lost_views(annotations))


def import_annotations(
    path: Path,
    lesson: Lesson,
    volume_id: str | None = None,
    *,
    replace: bool = False,
    format: str | None = None,  # noqa: A002
) -> tuple[tuple[Annotation, ...], tuple[Loss, ...]]:
    """Read annotations of another program for a lesson, which is not changed yet.

    Parameters
    ----------
    path : Path
        The file.
    lesson : Lesson
        Into which they shall come.
    volume_id : str, optional
        The lesson's volume in which they lie; if not given, the one that the file names, or else the only one.
    replace : bool
        Whether an annotation takes the place of one that has the same id and other content; it comes as a new one if
        not.
    format : str, optional
        A key of `IMPORTS`; told by the file's ending and content if not given.

    Returns
    -------
    annotations : tuple of Annotation
        To be added, but for those whose id the lesson has: they are to be changed to this.
    losses : tuple of Loss
        What of the file is not in them; those that are :class:`AlreadyThere` tell which marks the lesson had already.

    Raises
    ------
    LessonError
        If the file can't be read, or it isn't clear in which volume its marks lie.
    """
    if volume_id is not None:
        lesson.volume(volume_id)
    data = read_marks(path)
    name = _name_of_format(format, path.name, IMPORTS)
    if name == "w3c" and format is None and is_markups(data):
        name = "slicer"
    try:
        annotations, losses = IMPORTS[name].decode(data, path.name, volume_id or "")
    except LessonError:
        raise
    except VascularLoopError as error:
        raise LessonError(f"{path.name}: {error}") from error
    placed = [_in_a_volume(annotation, lesson, path.name) for annotation in annotations]
    return beside_those_there(placed, losses, lesson, replace)


def read_marks(path: Path) -> bytes:
    """Read a file of marks whole.

    Raises
    ------
    LessonError
        If it can't be read, is a folder, a pipe or a device, or larger than any such file.
    """
    try:
        return read_small(path, path.name, _MAX_BYTES)
    except FileNotFoundError as error:
        raise LessonError(f"there is no file {str(path)!r}; check the path") from error
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise LessonError(f"{str(path)!r} could not be read ({reason})") from error


def is_dicom(path: Path) -> bool:
    """Whether a file is DICOM by its ending or, as many have none, by its first bytes."""
    if path.suffix.casefold() in DICOM_ENDINGS:
        return True
    with contextlib.suppress(OSError, ValueError):
        if path.is_file():
            with path.open("rb") as file:
                return file.read(132)[128:] == b"DICM"
    return False


def _name_of_format(
    said: str | None, file_name: str, formats: Mapping[str, ExportFormat] | Mapping[str, ImportFormat]
) -> str:
    if said is not None:
        if said not in formats:
            raise LessonError(f"there is no format {said!r}; choose one of {', '.join(formats)}")
        return said
    endings = [(ending, name) for name, one in formats.items() for ending in one.endings]
    fitting = [(len(ending), name) for ending, name in endings if file_name.casefold().endswith(ending)]
    if not fitting:
        known = ", ".join([f"{ending} ({name})" for ending, name in endings] + [f"{DICOM_ENDINGS[0]} (DICOM)"])
        raise LessonError(f"the ending of {file_name!r} names no format; known are {known}")
    return max(fitting)[1]


def _check_not_of_a_lesson(out: Path) -> None:
    """Refuse to put an export in the place of a lesson's own files, which hold more."""
    own = {ANNOTATIONS_FILE, ARTICLE_FILE, LESSON_FILE}
    if out.name.casefold() in own and (out.parent / LESSON_FILE).is_file():
        raise LessonSaveError(f"{str(out)!r} is a file of a lesson itself; choose another name")


def _in_a_volume(annotation: Annotation, lesson: Lesson, name: str) -> Annotation:
    known = [volume.id for volume in lesson.volumes]
    if annotation.volume_id in known:
        return annotation
    if annotation.volume_id:
        raise LessonError(
            f"{name}: its marks were made in the volume {annotation.volume_id!r}, and the lesson has "
            f"{', '.join(map(repr, known)) or 'none'}; say which of them it is"
        )
    if len(known) != 1:
        raise LessonError(
            f"{name}: it does not say in which volume its marks lie; choose one of "
            f"{', '.join(map(repr, known)) or 'none'}"
        )
    return dataclasses.replace(annotation, volume_id=known[0])


def beside_those_there(
    annotations: Sequence[Annotation], losses: Sequence[Loss], lesson: Lesson, replace: bool
) -> tuple[tuple[Annotation, ...], tuple[Loss, ...]]:
    """Leave out what a lesson has already, and keep ids apart; what became of each is said.

    Parameters and returns are as for :func:`import_annotations`.
    """
    in_lesson = {annotation.id: annotation for annotation in lesson.annotations}
    alike = {_likeness(annotation): annotation for annotation in lesson.annotations}
    not_whole = {loss.annotation_id for loss in losses}
    taken: dict[str, Annotation] = {}
    said = list(losses)
    for annotation in annotations:
        there = in_lesson.get(annotation.id)
        same_id = taken.get(annotation.id) or there
        if same_id is not None and _same_content(annotation, same_id):
            said.append(
                Loss.of(annotation, "one of two marks of the file that are the same")
                if annotation.id in taken
                else AlreadyThere.of(same_id, "the same mark")
            )
            continue
        if there is not None and replace and annotation.id not in taken:
            annotation, words = _replacing(annotation, there, annotation.id not in not_whole)
            said.append(Loss.of(annotation, words))
        else:
            twin = alike.get(_likeness(annotation))
            if twin is not None and _same_content(annotation, twin):
                said.append(AlreadyThere.of(twin, "the same mark"))
                continue
            if same_id is not None:
                annotation = dataclasses.replace(annotation, id=new_id())
                said.append(Loss.of(annotation, "its id, which another mark has: it got a new one"))
        taken[annotation.id] = annotation
    return tuple(taken.values()), tuple(said)


def _replacing(new: Annotation, old: Annotation, whole: bool) -> tuple[Annotation, str]:
    """Put what came over what was there, with the members of other programs that it held."""
    if new.view is None:
        # Few files can say how a mark is to be looked at.
        new = dataclasses.replace(new, view=old.view)
    if not whole:
        # What the file had no room for must not be taken for deleted.
        kept = dataclasses.replace(old, geometry=new.geometry, volume_id=new.volume_id, label=new.label)
        return (
            kept,
            "all but its place and label, since the rest did not come whole: the mark of the same id has these now",
        )
    return dataclasses.replace(
        new, created=old.created, foreign=new.foreign or old.foreign
    ), "what the mark of the same id was before: it was replaced"


def _likeness(annotation: Annotation) -> object:
    places = tuple(tuple(round(mm, 2) for mm in vertex) for vertex in annotation.geometry.vertices_ras_mm)
    return annotation.geometry.kind, annotation.volume_id, annotation.label, places


def _same_content(one: Annotation, other: Annotation) -> bool:
    return same_place(one, other) and all(
        getattr(one, member) == getattr(other, member) for member in ("volume_id", *WORDS)
    )
