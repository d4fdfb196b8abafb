"""Find what is wrong in a lesson, before students do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.errors import SampleUnavailableError, VascularLoopError
from napari_vascular_loop.formats.lesson_json import questions_of
from napari_vascular_loop.lessons import lesson_volume

if TYPE_CHECKING:
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.store import LessonStore

_MIDLINE_MM = 3.0


@dataclass(frozen=True)
class LessonReport:
    """What a check found.

    Parameters
    ----------
    problems : tuple of str
        What must be mended.
    notes : tuple of str
        What could not be checked here, or is worth a look.
    """

    problems: tuple[str, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {"problems": list(self.problems), "notes": list(self.notes)}


def check_lesson(store: LessonStore) -> LessonReport:
    """Check links, labels, sides and volumes of a lesson that could be opened."""
    lesson = store.lesson
    problems: list[str] = []
    notes: list[str] = []
    for found in store.passages():
        if found.is_orphan:
            title = lesson.annotation(found.annotation_id).title
            problems.append(f"{title!r} is linked to words that are not in the article: {found.passage.exact!r}")
    for annotation in lesson.annotations:
        if not annotation.label.strip():
            problems.append(f"{annotation.title} ({annotation.id})")
        if not annotation.passages:
            notes.append(f"{annotation.title!r} is linked to no passage")
    ids = {annotation.id for annotation in lesson.annotations}
    problems.extend(
        f"the question {question.id!r} is about an annotation that is not there: {question.annotation_id!r}"
        for question in questions_of(lesson)
        if question.annotation_id not in ids
    )
    for entry in lesson.volumes:
        try:
            volume = lesson_volume(store, entry.id)
        except SampleUnavailableError as error:
            notes.append(f"the volume {entry.id!r} could not be checked: {error}")
        except VascularLoopError as error:
            problems.append(str(error))
        else:
            problems.extend(_outside(lesson, entry.id, volume))
            notes.extend(filter(None, [entry.remark(volume.fingerprint)]))
    notes.extend(_odd_sides(lesson))
    return LessonReport(tuple(problems), tuple(notes))


def _outside(lesson: Lesson, volume_id: str, volume: Volume) -> list[str]:
    return [
        f"{annotation.title!r} has a place outside the volume: {place}"
        for annotation in lesson.annotations
        if annotation.volume_id == volume_id
        for place in annotation.geometry.vertices_ras_mm
        if volume.grid.nearest_voxel(place) is None
    ]


def _odd_sides(lesson: Lesson) -> list[str]:
    """Marks whose side does not agree with their place, where zero is the midline, as in MNI space."""
    odd = []
    for annotation in lesson.annotations:
        x = annotation.geometry.anchor_ras_mm[0]
        if (annotation.side is Side.LEFT and x > _MIDLINE_MM) or (annotation.side is Side.RIGHT and x < -_MIDLINE_MM):
            side = "right" if x > 0 else "left"
            odd.append(f"{annotation.title!r} is said to be {annotation.side.value}, but lies {side} of the origin")
    return odd
