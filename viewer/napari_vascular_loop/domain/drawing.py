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

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Region
from napari_vascular_loop.domain.measure import PREVIEW_ID
from napari_vascular_loop.domain.terms import Tissue, structure_by_id

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.space import FloatArray

SLAB_MM = 3.0
"""A mark is drawn, fainter, on slices up to this far from it, unless the user wants it otherwise."""

FAINTEST = 0.35
"""Opacity where a mark is drawn for the last time."""

_PIECE_MM = 0.5
_IN_PLANE = (slice(1, 3), slice(0, 3, 2), slice(0, 2))
"""The two axes that are left when one looks along each."""

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
        1 on the slice itself and within a thick one, less around it.
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


@dataclass(frozen=True)
class Reach:
    """How far from the slice on screen marks are seen.

    Parameters
    ----------
    slab_mm : float
        Thickness of what is on screen, 0 for a single slice: within it a mark is shown in full.
    fade_mm : float
        How far beyond it a mark is still seen, fainter and fainter; 0 for not at all.
    """

    slab_mm: float = 0.0
    fade_mm: float = SLAB_MM


def opacity_at(distance_mm: float, half_slice_mm: float, fade_mm: float = SLAB_MM) -> float:
    """Fade from 1 within the slice, or the slab, to `FAINTEST` so many mm from it; 0 beyond."""
    distance = abs(distance_mm)
    if distance <= half_slice_mm + 1e-6:
        return 1.0
    if distance > fade_mm + half_slice_mm:
        return 0.0
    return 1.0 - (1.0 - FAINTEST) * (distance - half_slice_mm) / fade_mm


def mark_on_slice(
    annotation: Annotation, frame: DisplayFrame, display_axis: int, slice_mm: float, reach: Reach | None = None
) -> MarkOnSlice:
    """Project an annotation onto the slice at `slice_mm` along a display axis (0 S, 1 A, 2 R)."""
    return DrawnMark(annotation, frame).on_slice(display_axis, slice_mm, reach)


_USUAL_REACH = Reach()


class DrawnMark:
    """An annotation in the display frame of its volume, ready to be drawn on one slice after another.

    Parameters
    ----------
    annotation : Annotation
        The mark.
    frame : DisplayFrame
        The volume's.
    """

    def __init__(self, annotation: Annotation, frame: DisplayFrame) -> None:
        self.annotation = annotation
        self._is_preview = annotation.id == PREVIEW_ID
        self.vertices_mm = frame.display_from_ras(annotation.geometry.vertices_ras_mm)
        """Shape (N, 3): S, A, R."""
        self._half_slice_mm = [max(scale / 2, 0.25) for scale in frame.scale_mm]
        self._dense: tuple[FloatArray, NDArray[np.bool_]] | None = None

    def on_slice(self, display_axis: int, slice_mm: float, reach: Reach | None = None) -> MarkOnSlice:
        """Project it onto a slice, or onto the slab of which that is the middle."""
        reach = reach or _USUAL_REACH
        vertices, half_slice = self.vertices_mm, max(self._half_slice_mm[display_axis], reach.slab_mm / 2)
        flat = vertices[:, _IN_PLANE[display_axis]]
        if isinstance(self.annotation.geometry, Path):
            return self._path_on_slice(flat, display_axis, slice_mm, half_slice, reach.fade_mm)
        along = vertices[:, display_axis]
        match self.annotation.geometry:
            case Arrow():
                distance, anchor = along[1] - slice_mm, flat[0]
            case Region():
                distance, anchor = np.abs(along - slice_mm).min(), flat[int(np.argmax(flat[:, 0]))]
            case _:
                distance, anchor = along[0] - slice_mm, flat[0]
        if self._is_preview:
            anchor = flat[-1]  # where the mouse is
        opacity = opacity_at(float(distance), half_slice, reach.fade_mm)
        return MarkOnSlice(self.annotation, (Stroke(flat, opacity),) if opacity > 0 else (), anchor)

    def _path_on_slice(
        self, flat: FloatArray, axis: int, slice_mm: float, half_slice_mm: float, fade_mm: float
    ) -> MarkOnSlice:
        """Cut a path into stretches that are equally near to the slice."""
        if self._dense is None:
            dense = resample(self.vertices_mm, _PIECE_MM)
            corners = np.isin(np.arange(len(dense)), _corner_numbers(self.vertices_mm, _PIECE_MM))
            self._dense = (dense, corners)
        dense, is_corner = self._dense
        distance = np.abs(dense[:, axis] - slice_mm)
        # Four steps of opacity are enough for the eye, and keep the number of strokes small.
        steps = np.rint(_opacities((distance[:-1] + distance[1:]) / 2, half_slice_mm, fade_mm) * 4) / 4
        bounds = [0, *(np.flatnonzero(np.diff(steps)) + 1).tolist(), len(steps)]
        strokes: list[Stroke] = []
        nearest, best = None, 0.0
        for start, end in itertools.pairwise(bounds):
            if steps[start] <= 0:
                continue
            piece = dense[start : end + 1, _IN_PLANE[axis]]
            kept = is_corner[start : end + 1].copy()
            kept[0] = kept[-1] = True
            strokes.append(Stroke(piece[kept], float(steps[start])))
            if strokes[-1].opacity * 1000 + len(piece) > best:
                nearest, best = piece[len(piece) // 2], strokes[-1].opacity * 1000 + len(piece)
        if nearest is None or self._is_preview:
            nearest = flat[-1 if self._is_preview else len(flat) // 2]
        return MarkOnSlice(self.annotation, tuple(strokes), nearest)


def _opacities(distances_mm: FloatArray, half_slice_mm: float, fade_mm: float) -> FloatArray:
    """`opacity_at` of many."""
    faded = 1.0 - (1.0 - FAINTEST) * (distances_mm - half_slice_mm) / max(fade_mm, 1e-6)
    near = np.where(distances_mm <= half_slice_mm + 1e-6, 1.0, faded)
    return np.where(distances_mm > max(fade_mm, 1e-6) + half_slice_mm, 0.0, near)


def resample(vertices: FloatArray, step_mm: float) -> FloatArray:
    """Add vertices along a polyline so that none is further than `step_mm` from the next."""
    out = [vertices[0]]
    for (a, b), pieces in zip(itertools.pairwise(vertices), _pieces(vertices, step_mm), strict=True):
        out.extend(a + (b - a) * (n / pieces) for n in range(1, pieces + 1))
    return np.asarray(out, dtype=np.float64)


def _pieces(vertices: FloatArray, step_mm: float) -> list[int]:
    """Into how many pieces each side of a polyline is cut."""
    lengths = np.linalg.norm(np.diff(vertices, axis=0), axis=1)
    return [min(1000, max(1, math.ceil(float(length) / step_mm))) for length in lengths]


def _corner_numbers(vertices: FloatArray, step_mm: float) -> list[int]:
    """Which vertices of the resampled polyline are its own."""
    return [0, *itertools.accumulate(_pieces(vertices, step_mm))]


def arrow_sizes(lengths_mm: FloatArray, unit_mm: float) -> tuple[FloatArray, FloatArray]:
    """Length of the head, as wide as it is long, and half the width of the shaft of arrows of some lengths.

    A short arrow is drawn smaller, so that it keeps its shape.

    Parameters
    ----------
    lengths_mm : array of shape (N,)
        From tail to tip.
    unit_mm : float
        Half the width of the shaft of an arrow that is long enough.
    """
    head = np.minimum(6.5 * unit_mm, 0.8 * np.maximum(lengths_mm, 1e-6))
    return head, head / 6.5


def arrow_outline(tail: FloatArray, tip: FloatArray, unit_mm: float) -> FloatArray:
    """Outline of a filled arrow, 7 vertices of 2 coordinates, the tip fourth.

    Parameters
    ----------
    tail, tip : array of shape (2,)
        In mm in the plane.
    unit_mm : float
        Half the width of the shaft, see `arrow_sizes`.
    """
    along = np.asarray(tip, dtype=np.float64) - np.asarray(tail, dtype=np.float64)
    length = float(np.linalg.norm(along))
    along = along / length if length > 0 else np.array([0.0, 1.0])
    across = np.array([-along[1], along[0]])
    head_length, shaft_half = (float(size[0]) for size in arrow_sizes(np.array([length]), unit_mm))
    head_half = head_length / 2
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
