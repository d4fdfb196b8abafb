"""How marks appear on a slice: one set of rules for the canvas and for the printed figure.

Everything here is in the plane of a slice: 2-D coordinates in mm along the two displayed axes, (vertical,
horizontal) as numpy and napari order them.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region
from napari_vascular_loop.domain.terms import Tissue, structure_by_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.space import FloatArray

SLAB_MM = 3.0
"""A mark is drawn, fainter, on slices up to this far from it."""

FAINTEST = 0.35
"""Opacity at the edge of the slab."""

_PIECE_MM = 0.5

TISSUE_COLOUR: dict[Tissue | None, str] = {
    # Okabe & Ito's palette: told apart by readers with any colour vision.
    Tissue.NERVE: "#F0E442",
    Tissue.ARTERY: "#E8743B",
    Tissue.BRAIN: "#56B4E9",
    Tissue.BONE: "#8FD3B6",
    Tissue.FLUID: "#CC79A7",
    None: "#FFFFFF",
}


def colour_of(annotation: Annotation) -> str:
    """Colour of a mark and of its passages, as #RRGGBB."""
    structure = structure_by_id(annotation.structure)
    return TISSUE_COLOUR[structure.tissue if structure else None]


@dataclass(frozen=True, eq=False)
class Stroke:
    """A part of a mark as it appears on a slice.

    Parameters
    ----------
    vertices_mm : array of shape (N, 2)
        In the plane.
    opacity : float
        1 on the slice itself, less in the slab around it.
    """

    vertices_mm: FloatArray
    opacity: float


@dataclass(frozen=True, eq=False)
class MarkOnSlice:
    """An annotation as it appears on a slice; `strokes` is empty where it lies elsewhere."""

    annotation: Annotation
    strokes: tuple[Stroke, ...]
    label_anchor_mm: FloatArray

    @property
    def opacity(self) -> float:
        """Opacity of the nearest part."""
        return max((stroke.opacity for stroke in self.strokes), default=0.0)


def opacity_at(distance_mm: float, half_slice_mm: float) -> float:
    """Fade from 1 within the slice to `FAINTEST` at the slab's edge; 0 beyond."""
    distance = abs(distance_mm)
    if distance <= half_slice_mm + 1e-6:
        return 1.0
    if distance > SLAB_MM + half_slice_mm:
        return 0.0
    return 1.0 - (1.0 - FAINTEST) * (distance - half_slice_mm) / SLAB_MM


def mark_on_slice(annotation: Annotation, frame: DisplayFrame, display_axis: int, slice_mm: float) -> MarkOnSlice:
    """Project an annotation onto the slice at `slice_mm` along a display axis (0 S, 1 A, 2 R)."""
    vertices = frame.display_from_ras(annotation.geometry.vertices_ras_mm)
    in_plane = [axis for axis in range(3) if axis != display_axis]
    flat = vertices[:, in_plane]
    distance = vertices[:, display_axis] - slice_mm
    half_slice = max(frame.scale_mm[display_axis] / 2, 0.25)
    match annotation.geometry:
        case Arrow():
            strokes = _whole(flat, opacity_at(float(distance[1]), half_slice))
            anchor = flat[0]
        case Point():
            strokes = _whole(flat, opacity_at(float(distance[0]), half_slice))
            anchor = flat[0]
        case Region():
            strokes = _whole(flat, opacity_at(float(np.abs(distance).min()), half_slice))
            anchor = flat[int(np.argmax(flat[:, 0]))]
        case Path():
            strokes = _path_pieces(vertices, in_plane, display_axis, slice_mm, half_slice)
            nearest = max(strokes, key=lambda s: s.opacity * 1000 + len(s.vertices_mm), default=None)
            anchor = flat[len(flat) // 2] if nearest is None else nearest.vertices_mm[len(nearest.vertices_mm) // 2]
    return MarkOnSlice(annotation, strokes, anchor)


def _whole(flat: FloatArray, opacity: float) -> tuple[Stroke, ...]:
    return (Stroke(flat, opacity),) if opacity > 0 else ()


def _path_pieces(
    vertices: FloatArray, in_plane: Sequence[int], display_axis: int, slice_mm: float, half_slice_mm: float
) -> tuple[Stroke, ...]:
    """Cut a path into stretches that are equally near to the slice."""
    dense = resample(vertices, _PIECE_MM)
    distance = np.abs(dense[:, display_axis] - slice_mm)
    # Four steps of opacity are enough for the eye, and keep the number of strokes small.
    steps = [round(opacity_at(float(d), half_slice_mm) * 4) / 4 for d in (distance[:-1] + distance[1:]) / 2]
    strokes: list[Stroke] = []
    start = 0
    for n in range(1, len(steps) + 1):
        if n == len(steps) or steps[n] != steps[start]:
            if steps[start] > 0:
                strokes.append(Stroke(dense[start : n + 1][:, list(in_plane)], steps[start]))
            start = n
    return tuple(strokes)


def resample(vertices: FloatArray, step_mm: float) -> FloatArray:
    """Add vertices along a polyline so that none is further than `step_mm` from the next."""
    out = [vertices[0]]
    for a, b in itertools.pairwise(vertices):
        pieces = min(1000, max(1, math.ceil(float(np.linalg.norm(b - a)) / step_mm)))
        out.extend(a + (b - a) * (n / pieces) for n in range(1, pieces + 1))
    return np.asarray(out, dtype=np.float64)


def arrow_outline(tail: FloatArray, tip: FloatArray, unit_mm: float) -> FloatArray:
    """Outline of a filled arrow, 7 vertices of 2 coordinates, the tip fourth.

    Parameters
    ----------
    tail, tip : array of shape (2,)
        In mm in the plane.
    unit_mm : float
        Half the width of the shaft; head length and width follow from it. A short arrow is drawn smaller, so
        that it keeps its shape.
    """
    along = np.asarray(tip, dtype=np.float64) - np.asarray(tail, dtype=np.float64)
    length = float(np.linalg.norm(along))
    along = along / length if length > 0 else np.array([0.0, 1.0])
    across = np.array([-along[1], along[0]])
    head_length = min(6.5 * unit_mm, 0.8 * max(length, 1e-6))
    head_half, shaft_half = head_length * 0.5, head_length / 6.5
    neck = tip - along * head_length
    return np.array(
        [
            tail + across * shaft_half,
            neck + across * shaft_half,
            neck + across * head_half,
            tip,
            neck - across * head_half,
            neck - across * shaft_half,
            tail - across * shaft_half,
        ]
    )


def grow_outline(outline: FloatArray, by_mm: float) -> FloatArray:
    """Move the sides of a closed outline outwards by the same distance; corners stay sharp.

    Parameters
    ----------
    outline : array of shape (N, 2)
        Without repeated vertices, either way round.
    by_mm : float
        How far each side moves.
    """
    along = np.roll(outline, -1, axis=0) - outline
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    area = float(np.sum(outline[:, 0] * np.roll(outline[:, 1], -1) - np.roll(outline[:, 0], -1) * outline[:, 1]))
    outward = np.stack([along[:, 1], -along[:, 0]], axis=1) * (1.0 if area > 0 else -1.0)
    before = np.roll(outward, 1, axis=0)
    # A corner moves along the sum of its sides' normals, as far as keeps both sides at the same distance.
    corner = (before + outward) / np.maximum(1.0 + np.sum(before * outward, axis=1, keepdims=True), 0.1)
    return np.asarray(outline + corner * by_mm, dtype=np.float64)
