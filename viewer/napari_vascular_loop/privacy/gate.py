"""In front of every way out: whether what people wrote in a lesson names somebody whose scan it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import PrivacyError
from napari_vascular_loop.formats.lesson_json import questions_of
from napari_vascular_loop.formats.plain_article import PLAIN_FILE, read_plain_article
from napari_vascular_loop.privacy.known import recalled

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
        Of the source; by default those that were kept when lessons were made on the lesson's volumes.
    """
    if known is None:
        known = recalled(one for volume in lesson.volumes for one in volume.fingerprints)
    everybody = tuple(known)
    if not everybody:
        return ()
    found: dict[tuple[str, str], Named] = {}
    for where, text, annotation_id in _texts(lesson, folder):
        for identifiers in everybody:
            for one in identifiers.search(text):
                found.setdefault((where, one.kind), Named(where, one.kind, annotation_id))
    return tuple(found.values())


def check_names(lesson: Lesson, folder: Path | None = None, *, despite: bool = False) -> None:
    """Refuse to let a lesson out that names somebody, unless the user says that it may.

    Raises
    ------
    PrivacyError
        The sentence says where, not whom.
    """
    found = () if despite else named_in(lesson, folder)
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


def _texts(lesson: Lesson, folder: Path | None) -> Iterator[tuple[str, str, str | None]]:
    yield "the title", lesson.title, None
    yield "the lesson's id", lesson.id, None
    for number, line in enumerate(lesson.article.splitlines(), 1):
        yield f"line {number} of the article", line, None
    # A name may be broken over two lines.
    yield "the article", " ".join(lesson.article.split()), None
    if folder is not None and (folder / PLAIN_FILE).is_file():
        yield "the article in plain words", " ".join((read_plain_article(folder) or "").split()), None
    yield "the credit", lesson.credit, None
    yield "the licence", lesson.licence, None
    yield "the notice", lesson.notice, None
    yield "the audience", lesson.audience, None
    for number, objective in enumerate(lesson.objectives, 1):
        yield f"objective {number}", objective, None
    for number, volume in enumerate(lesson.volumes, 1):
        yield (
            f"the entry of volume {number}",
            " | ".join((volume.id, volume.title, str(volume.file or ""), volume.credit)),
            None,
        )
    for number, mark in enumerate(lesson.annotations, 1):
        yield f"the label of mark {number}", mark.label, mark.id
        yield f"the note of mark {number}", mark.note, mark.id
    for number, question in enumerate(questions_of(lesson), 1):
        yield f"question {number}", " | ".join((question.prompt, *question.accepted)), question.annotation_id
