"""The volumes of a lesson side by side: in which order, at which places, and what is written above each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
    from napari_vascular_loop.domain.space import Vector3

MOST_COLUMNS = 3


@dataclass(frozen=True)
class ComparedVolume:
    """One picture of a comparison.

    Parameters
    ----------
    volume_id : str
        Of the lesson's volume.
    title : str
        Its title.
    finding : str
        Its graded mark with what the mark's note says in mm; "" without one.
    row, column : int
        Where it stands.
    """

    volume_id: str
    title: str
    finding: str
    row: int
    column: int


def compared_volumes(lesson: Lesson) -> tuple[ComparedVolume, ...]:
    """Lay out the volumes of a lesson.

    Titles such as "contact, CISS" and "contact, TOF" stand one above the other where each of the first parts has each
    of the second; all others in rows of `MOST_COLUMNS`.
    """
    parts = [_parts(volume) for volume in lesson.volumes]
    heads, kinds = (list(dict.fromkeys(part)) for part in zip(*parts, strict=True)) if parts else ([], [])
    is_table = len(kinds) > 1 and len(set(parts)) == len(parts) == len(heads) * len(kinds) and len(heads) <= 4
    cells = []
    for number, (volume, (head, kind)) in enumerate(zip(lesson.volumes, parts, strict=True)):
        row, column = divmod(number, MOST_COLUMNS)
        if is_table:
            row, column = kinds.index(kind), heads.index(head)
        cells.append(ComparedVolume(volume.id, volume.title or volume.id, _finding(lesson, volume.id), row, column))
    return tuple(cells)


def places_to_compare(lesson: Lesson) -> tuple[str, ...]:
    """Labels of the marks that several volumes have; of a lesson without such, those of all marks."""
    volumes: dict[str, set[str]] = {}
    for mark in lesson.annotations:
        if mark.label.strip():
            volumes.setdefault(mark.label, set()).add(mark.volume_id)
    common = tuple(label for label, ids in volumes.items() if len(ids) > 1)
    return common or tuple(volumes)


def place_of(lesson: Lesson, volume_id: str, label: str = "") -> Vector3 | None:
    """Where a volume is looked at: RAS mm, or None where there is no such mark.

    Parameters
    ----------
    lesson : Lesson
        Whose volume it is.
    volume_id : str
        Which.
    label : str
        Of the mark that is looked at; "" for the graded one. A volume without it is looked at where another volume of
        the same head, by the first part of its title, has it; failing that, where the first volume has it.
    """
    marks = [one for one in lesson.annotations if (one.label == label if label else one.grade is not None)]
    heads = {volume.id: _parts(volume)[0] for volume in lesson.volumes}
    for is_meant in (
        lambda mark: mark.volume_id == volume_id,
        lambda mark: heads.get(mark.volume_id) == heads.get(volume_id),
        lambda _: True,
    ):
        found = next((mark for mark in marks if is_meant(mark)), None)
        if found is not None:
            return found.geometry.anchor_ras_mm
    return None


def _parts(volume: LessonVolume) -> tuple[str, str]:
    head, _, kind = (volume.title or volume.id).rpartition(", ")
    return head, kind


def _finding(lesson: Lesson, volume_id: str) -> str:
    mark = next((one for one in lesson.annotations if one.volume_id == volume_id and one.grade is not None), None)
    if mark is None or mark.grade is None:
        return ""
    measured = next((sentence for sentence in _sentences(mark) if re.search(r"\d mm\b", sentence)), "")
    return ". ".join(filter(None, (f"{mark.label} – {mark.grade.value}: {mark.grade.definition}", measured)))


def _sentences(mark: Annotation) -> list[str]:
    return [sentence.strip() for sentence in re.split(r"(?<=[.;!?])\s+|;\s*", mark.note)]
