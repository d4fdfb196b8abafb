"""Marks drawn on slices: polylines in pixels, as a presentation state wants them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point, Region
from napari_vascular_loop.domain.space import RAS_FROM_LPS, FloatArray, transform_points
from napari_vascular_loop.formats.annotations.dicom_slabs import Slab, parts_in_box
from napari_vascular_loop.formats.annotations.loss import Loss

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD_MM = 3.0
_HEAD_SHARE = 0.35
_HEAD_DEG = 25.0
_SHORTEST_MM = 0.1
_ALL_OF_IT = 1 - 1e-6


@dataclass(frozen=True, eq=False)
class Drawing:
    """A mark, or its part, on one slice.

    Parameters
    ----------
    slab : Slab
        The slice.
    annotation : Annotation
        The mark.
    lines : tuple of arrays of shape (N, 2)
        Column and row in pixels, from the corner of the image; a single one is a point.
    text_at : array of shape (2,)
        Where its label belongs.
    """

    slab: Slab
    annotation: Annotation
    lines: tuple[FloatArray, ...]
    text_at: FloatArray


def drawings_of(annotation: Annotation, slabs: Sequence[Slab]) -> tuple[list[Drawing], list[Loss]]:
    """Draw a mark on each slice that shows a part of it, and say what no slice shows."""
    lps_mm = transform_points(RAS_FROM_LPS, annotation.geometry.vertices_ras_mm)
    told: list[str] = []
    match annotation.geometry:
        case Point():
            drawings = _points(annotation, lps_mm, slabs)
        case Arrow():
            drawings, told = _arrows(annotation, lps_mm, slabs)
        case Region():
            drawings, told = _lines(annotation, np.vstack([lps_mm, lps_mm[:1]]), slabs)
        case _:
            drawings, told = _lines(annotation, lps_mm, slabs)
    if not drawings:
        told = ["the mark itself: it lies in none of the images"]
    return drawings, [Loss.of(annotation, words) for words in told]


def _points(annotation: Annotation, lps_mm: FloatArray, slabs: Sequence[Slab]) -> list[Drawing]:
    places = [(slab, slab.pixels(lps_mm)[0]) for slab in slabs]
    return [
        Drawing(slab, annotation, (place[np.newaxis, :2],), place[:2]) for slab, place in places if slab.holds(place)
    ]


def _arrows(annotation: Annotation, lps_mm: FloatArray, slabs: Sequence[Slab]) -> tuple[list[Drawing], list[str]]:
    """Draw the whole arrow on the slice of its tip."""
    drawings: list[Drawing] = []
    told: dict[str, None] = {}
    for slab in slabs:
        tail, tip = slab.pixels(lps_mm)
        if not slab.holds(tip):
            continue
        low, high = slab.box
        if not low[2] <= tail[2] <= high[2]:
            told["its depth: it leaves the slice of its tip, on which all of it is drawn"] = None
        # Cut from the tip on, which is inside.
        seen = parts_in_box(np.array([tip[:2], tail[:2]]), low[:2], high[:2])[0][-1]
        if not np.allclose(seen, tail[:2]):
            told["the end of its tail, which lies outside the image"] = None
        line = _arrow_line(slab, seen, tip[:2])
        if len(line) == 1:
            told["its direction: it stands upright on the slice, and is drawn as a point"] = None
        drawings.append(Drawing(slab, annotation, (line,), line[0]))
    return drawings, list(told)


def _arrow_line(slab: Slab, tail: FloatArray, tip: FloatArray) -> FloatArray:
    """One line along the shaft and both sides of the head; the tip alone where there is no length to see."""
    pixel_mm = np.array([slab.frame.plane.column_spacing_mm, slab.frame.plane.row_spacing_mm])
    back_mm = (tail - tip) * pixel_mm
    length_mm = float(np.linalg.norm(back_mm))
    if length_mm < _SHORTEST_MM:
        return tip[np.newaxis]
    back_mm *= min(_HEAD_MM, _HEAD_SHARE * length_mm) / length_mm
    low, high = slab.box
    barbs = []
    for angle in (math.radians(_HEAD_DEG), -math.radians(_HEAD_DEG)):
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        barbs.append(np.clip(tip + turn @ back_mm / pixel_mm, low[:2], high[:2]))
    return np.array([tail, tip, barbs[0], tip, barbs[1]])


def _lines(annotation: Annotation, lps_mm: FloatArray, slabs: Sequence[Slab]) -> tuple[list[Drawing], list[str]]:
    """Draw on each slice the stretches of a line that run within it."""
    drawings: list[Drawing] = []
    shown_mm: dict[tuple[float, ...], float] = {}
    for slab in slabs:
        parts = parts_in_box(slab.pixels(lps_mm), *slab.box)
        if not parts:
            continue
        plane = slab.frame.plane
        size_mm = np.array([plane.column_spacing_mm, plane.row_spacing_mm, 1.0])
        lines = tuple(part[:, :2] for part in parts)
        drawings.append(Drawing(slab, annotation, lines, lines[0][len(lines[0]) // 2]))
        # Several images of one place (echoes, time points) show the same part.
        place = (*(round(one, 3) for one in plane.normal_lps), round(slab.height_mm, 3), *(slab.frame.tile or ()))
        shown_mm[place[:4]] = sum(_length(part * size_mm) for part in parts)
    told = []
    if len(shown_mm) > 1:
        told.append(f"its way through {len(shown_mm)} slices: each of them shows its part, drawn flat")
    if drawings and sum(shown_mm.values()) < _ALL_OF_IT * _length(lps_mm):
        told.append("the parts of it that lie outside the images")
    return drawings, told


def _length(vertices: FloatArray) -> float:
    return float(np.linalg.norm(np.diff(vertices, axis=0), axis=1).sum())
