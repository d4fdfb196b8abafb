"""In front of every way out: whether what people wrote in a lesson names somebody whose scan it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonError, PrivacyError
from napari_vascular_loop.privacy.known import recalled
from napari_vascular_loop.privacy.lesson_texts import texts_of_files, texts_of_lesson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from napari_vascular_loop.domain.identifiers import Identifiers
    from napari_vascular_loop.domain.lesson import Lesson

_MOST_TOLD = 6


@dataclass(frozen=True)
class Named:
    """A place in a lesson where somebody is named.

    Parameters
    ----------
    where : str
        In words; never what stands there.
    kind : str
        What was found: see :mod:`~napari_vascular_loop.domain.identifiers`.
    annotation_id : str or None
        The mark in whose words it is.
    """

    where: str
    kind: str
    annotation_id: str | None = None


def named_in(
    lesson: Lesson, folder: Path | None = None, known: Iterable[Identifiers] | None = None
) -> tuple[Named, ...]:
    """Look for the people of the source scans in what a lesson says.

    Parameters
    ----------
    lesson : Lesson
        As it is now.
    folder : Path, optional
        Where it lies: its article in plain words is looked at, too.
    known : iterable of Identifiers, optional
        Of the source; by default those that are known of the lesson's volumes: see :func:`known_of`.
    """
    return _search(texts_of_lesson(lesson, folder), tuple(known_of(lesson, folder) if known is None else known))


def named_in_files(lesson: Lesson, folder: Path, *, volumes: bool = True) -> tuple[Named, ...]:
    """Look for them in all texts that are sent with a lesson, members that this program does not know among them.

    Parameters
    ----------
    lesson : Lesson
        As it is on disk.
    folder : Path
        Where it lies.
    volumes : bool
        Whether files of volumes go along under their names.
    """
    everybody = tuple(known_of(lesson, folder))
    return _search(texts_of_files(folder, volumes=volumes), everybody) if everybody else ()


def known_of(lesson: Lesson, folder: Path | None = None) -> Iterator[Identifiers]:
    """Who is named by a lesson's scans: as was kept when it was made, and by the files of its volumes."""
    yield from recalled(one for volume in lesson.volumes for one in volume.fingerprints)
    if folder is None:
        return
    from napari_vascular_loop.formats.lesson_folder import LessonFolder
    from napari_vascular_loop.privacy.sources import of_files

    for entry in lesson.volumes:
        try:
            path = LessonFolder(folder).volume_path(entry)
        except LessonError:
            continue  # it can't be had, so it does not go out
        if path is not None and len(found := of_files([path], with_names=False)):
            yield found


def _search(texts: Iterable[tuple[str, str, str | None]], everybody: tuple[Identifiers, ...]) -> tuple[Named, ...]:
    found: dict[tuple[str, str], Named] = {}
    for where, text, annotation_id in texts if everybody else ():
        for identifiers in everybody:
            for one in identifiers.search(text):
                found.setdefault((where, one.kind), Named(where, one.kind, annotation_id))
    return tuple(one for one in found.values() if not _is_told_already(one, found))


def _is_told_already(one: Named, found: dict[tuple[str, str], Named]) -> bool:
    """Whether what was found where two lines meet stands in one of them."""
    lines = re.fullmatch(r"lines (\d+) and (\d+) of the article", one.where)
    return lines is not None and any((f"line {line} of the article", one.kind) in found for line in lines.groups())


def check_names(
    lesson: Lesson, folder: Path | None = None, *, despite: bool = False, files: bool = False, volumes: bool = True
) -> None:
    """Refuse to let a lesson out that names somebody, unless the user says that it may.

    Parameters
    ----------
    lesson : Lesson
        As it is now.
    folder : Path, optional
        Where it lies.
    despite : bool
        Whether the user has said so.
    files : bool
        Whether the files of the folder go out as they are.
    volumes : bool
        Whether those of volumes do, too.

    Raises
    ------
    PrivacyError
        The sentence says where, not whom.
    """
    found = () if despite else named_in(lesson, folder)
    if not found and files and folder is not None and not despite:
        found = named_in_files(lesson, folder, volumes=volumes)
    if found:
        raise PrivacyError(f"{told(found)}. Take it out; or, if it may stay, say --despite-names")


def check_files(lesson: Lesson, folder: Path) -> None:
    """Refuse to send a lesson whose volumes are DICOM files that say whose they are.

    Raises
    ------
    PrivacyError
        The sentence names attributes, not what they say.
    """
    from napari_vascular_loop.formats.lesson_folder import LessonFolder
    from napari_vascular_loop.formats.volumes.header_names import patient_tags

    for entry in lesson.volumes:
        path = LessonFolder(folder).volume_path(entry)
        if path is not None and (tags := patient_tags(path)):
            raise PrivacyError(
                f"the files of the volume {entry.id!r} hold data of a patient ({', '.join(tags)}); convert the volume "
                "with `vascular-loop convert` or `deidentify`, and put the new files in their place"
            )


def told(found: tuple[Named, ...]) -> str:
    """Say in a sentence where somebody is named."""
    places = [f"{one.kind} in {one.where}" for one in found[:_MOST_TOLD]]
    more = f", and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
    return f"The lesson says what the scan's own header said of the patient or the hospital: {'; '.join(places)}{more}"
