"""How marks appear on a slice: one set of rules for the canvas and for the printed figure.

Everything here is in the plane of a slice: 2-D coordinates in mm along the two displayed axes, (vertical,
horizontal) as numpy and napari order them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.terms import Tissue, structure_by_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.space import FloatArray

SLAB_MM = 3.0
"""A mark is drawn, fainter, on slices up to this far from it, unless the user wants it otherwise."""

_MOST_PIECES = 1000
FAINTEST = 0.35
"""Opacity where a mark is drawn for the last time."""

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


@dataclass(eq=False, slots=True)
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


@dataclass(eq=False, slots=True)
class MarkOnSlice:
    """An annotation as it appears on a slice; `strokes` is empty where it lies elsewhere.

    Hundreds are made at each step, so it is not frozen; nobody changes one.
    """

    annotation: Annotation
    strokes: tuple[Stroke, ...]
    label_anchor_mm: FloatArray
    opacity: float
    """Of the nearest part; 0 where there is none."""


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


def opacities_at(distances_mm: FloatArray, half_slice_mm: float, fade_mm: float = SLAB_MM) -> FloatArray:
    """Fade from 1 within the slice, or the slab, to `FAINTEST` so many mm from it; 0 beyond."""
    faded = 1.0 - (1.0 - FAINTEST) * (distances_mm - half_slice_mm) / max(fade_mm, 1e-6)
    near = np.where(distances_mm <= half_slice_mm + 1e-6, 1.0, faded)
    return np.where(distances_mm > max(fade_mm, 1e-6) + half_slice_mm, 0.0, near)


def resample(vertices: FloatArray, step_mm: float) -> FloatArray:
    """Add vertices along a polyline so that none is further than `step_mm` from the next."""
    return resampled([np.asarray(vertices, dtype=np.float64)], step_mm)[0]


def resampled(polylines: Sequence[FloatArray], step_mm: float) -> tuple[FloatArray, NDArray[np.bool_], list[int]]:
    """Add vertices along polylines so that none is further than a step from the next.

    Parameters
    ----------
    polylines : sequence of arrays of shape (n, d)
        Each of two vertices or more.
    step_mm : float
        The step.

    Returns
    -------
    vertices : array of shape (N, d)
        Of all, one after the other.
    is_corner : array of bool of shape (N,)
        Which of them are the polylines' own.
    counts : list of int
        How many vertices each has now.
    """
    vertices = np.concatenate(polylines)
    lengths = np.array([len(line) for line in polylines])
    ends = np.cumsum(lengths) - 1
    sides = np.diff(vertices, axis=0)
    pieces = np.clip(np.ceil(np.linalg.norm(sides, axis=1) / step_mm), 1, _MOST_PIECES).astype(int)
    pieces = np.append(pieces, 1)
    # From the end of one polyline no piece leads to the start of the next.
    pieces[ends] = 1
    sides = np.append(sides, np.zeros((1, vertices.shape[1])), axis=0)
    of = np.repeat(np.arange(len(vertices)), pieces)
    number = np.arange(len(of)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    dense = vertices[of] + sides[of] * (number / pieces[of])[:, None]
    counts = np.add.reduceat(pieces, np.cumsum(lengths) - lengths)
    return dense, number == 0, counts.tolist()


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
