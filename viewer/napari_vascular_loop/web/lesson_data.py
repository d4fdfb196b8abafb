"""What the page's scripts are told of a lesson: marks, volumes, tour and questions, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.annotation import is_text
from napari_vascular_loop.domain.drawing import FAINTEST, SLAB_MM, colour_of
from napari_vascular_loop.domain.measure import is_ruler, words_of
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.domain.terms import structure_by_id, structure_name
from napari_vascular_loop.formats.lesson_json import questions_of
from napari_vascular_loop.study.exercise import exercises
from napari_vascular_loop.study.finding import tolerance_mm
from napari_vascular_loop.study.midline import MIDDLE_MM, midline_r_mm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.mark_view import MarkView
    from napari_vascular_loop.web.article_html import LinkedPassage
    from napari_vascular_loop.web.packed_volume import PackedVolume


def tint_of(mark: Annotation) -> str:
    """Name of the class that gives a mark's passages their colour, such as "tint-nerve"."""
    structure = structure_by_id(mark.structure)
    return f"tint-{structure.tissue.value}" if structure else "tint-other"


def lesson_data(
    lesson: Lesson, volumes: Sequence[PackedVolume], levels: Sequence[Sequence[LinkedPassage]]
) -> dict[str, Any]:
    """Gather all that the page's scripts need.

    Parameters
    ----------
    lesson : Lesson
        Its marks must lie in the volumes.
    volumes : sequence of PackedVolume
        In the order of the page.
    levels : sequence of sequences of LinkedPassage
        The linked passages of each reading level.
    """
    numbers = {packed.entry.id: number for number, packed in enumerate(volumes)}
    return {
        "title": lesson.title,
        "fadeMm": SLAB_MM,
        "faintest": FAINTEST,
        "middleMm": MIDDLE_MM,
        "volumes": [_volume(packed, lesson) for packed in volumes],
        "marks": [_mark(mark, numbers[mark.volume_id]) for mark in lesson.annotations],
        "levels": [[list(one.marks) for one in passages] for passages in levels],
        "questions": _questions(lesson, volumes),
    }


def plane_of(mark: Annotation) -> Plane:
    """The plane in which a mark is seen best: the teacher's, else the one in which it lies, axial of equals."""
    if mark.view is not None and mark.view.plane is not None:
        return mark.view.plane
    spread = np.ptp(np.array(mark.geometry.vertices_ras_mm), axis=0)
    return min((Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL), key=lambda plane: round(float(spread[plane.value]), 1))


def _volume(packed: PackedVolume, lesson: Lesson) -> dict[str, Any]:
    marks = [mark for mark in lesson.annotations if mark.volume_id == packed.entry.id]
    return {
        "title": packed.entry.title or packed.entry.id,
        "shape": list(packed.shape),
        "indexToRas": [float(value) for value in packed.index_to_ras.ravel()],
        "values": list(packed.values),
        "window": list(packed.window),
        "orientationKnown": packed.orientation_known,
        "synthetic": packed.entry.synthetic,
        "midlineMm": midline_r_mm(marks),
    }


def _mark(mark: Annotation, volume: int) -> dict[str, Any]:
    about = [
        structure_name(mark.structure),
        f"patient's {mark.side.value}" if mark.side and mark.side.value != "midline" else mark.side and "midline",
        f"{mark.grade.value}: {mark.grade.definition}" if mark.grade else "",
    ]
    return {
        "kind": "ruler" if is_ruler(mark.geometry) else mark.geometry.kind,
        "title": mark.title,
        "words": words_of(mark),
        "isText": is_text(mark.geometry),
        "note": mark.note,
        "about": ", ".join(str(one) for one in about if one),
        "side": mark.side.value if mark.side else None,
        "colour": colour_of(mark),
        "volume": volume,
        "vertices": [list(vertex) for vertex in mark.geometry.vertices_ras_mm],
        "anchor": list(mark.geometry.anchor_ras_mm),
        "plane": plane_of(mark).name.lower(),
        "view": _view(mark.view),
    }


def _view(view: MarkView | None) -> dict[str, Any]:
    if view is None:
        return {}
    return {
        "fieldMm": view.field_of_view_mm,
        "window": list(view.window) if view.window else None,
        "slabMm": view.slab_mm,
        "projection": view.projection.value if view.projection else None,
    }


def _questions(lesson: Lesson, volumes: Sequence[PackedVolume]) -> list[dict[str, Any]]:
    marks = {mark.id: number for number, mark in enumerate(lesson.annotations)}
    written = questions_of(lesson)
    out = []
    for number, packed in enumerate(volumes):
        spacing = np.linalg.norm(packed.index_to_ras[:3, :3], axis=0)
        asked = exercises(lesson, written, volume_id=packed.entry.id, orientation_known=packed.orientation_known)
        for one in asked:
            if one.question.kind is not QuestionKind.FIND:
                continue
            out.append(
                {
                    "prompt": one.question.prompt,
                    "name": one.name,
                    "volume": number,
                    "marks": [marks[mark.id] for mark in one.marks],
                    "opposite": [marks[mark.id] for mark in one.opposite],
                    "toleranceMm": tolerance_mm(one, (float(spacing[2]), float(spacing[1]), float(spacing[0]))),
                }
            )
    return out
