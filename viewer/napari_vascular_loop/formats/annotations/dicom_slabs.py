r"""Where marks fall on the slices of DICOM images, in pixels.

DICOM counts from the corner, not the centre, of the first pixel: its top left corner is 0\0 and its centre 0.5\0.5;
the bottom right corner of the last one is Columns\Rows (PS3.3 section C.10.5.1.2, PIXEL). Image Position (Patient) is
the centre of the first pixel (section C.7.6.2.1.1).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.formats.annotations.dicom_evidence import SourceImage
    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame

_SAME_HEIGHT_MM = 1e-3
_WIDER_THAN_USUAL = 1.02
"""Where a slice is missing, its neighbours don't speak for the room that it leaves."""

_OPEN_MM = 1e-9
"""What lies half-way between two slices belongs to the upper one alone."""


@dataclass(frozen=True, eq=False)
class Slab:
    """A slice, and the room on both sides of it that it stands for.

    Parameters
    ----------
    image : SourceImage
        That it is in.
    frame : DicomFrame
        How its pixels lie.
    height_mm : float
        Along the normal, from the origin of the patient's frame.
    below_mm, above_mm : float
        How far it reaches, against and along the normal.
    """

    image: SourceImage
    frame: DicomFrame
    height_mm: float
    below_mm: float
    above_mm: float

    def pixels(self, lps_mm: FloatArray) -> FloatArray:
        """Column and row, in pixels from the corner of the image, and height above the slice in mm, shape (N, 3)."""
        plane, position = self.frame.plane, self.frame.position_lps_mm
        row, column = self.frame.tile or (0, 0)
        away = np.asarray(lps_mm, dtype=np.float64) - np.asarray(position)
        return np.column_stack(
            [
                away @ np.asarray(plane.row_lps) / plane.column_spacing_mm + 0.5 + column,
                away @ np.asarray(plane.column_lps) / plane.row_spacing_mm + 0.5 + row,
                away @ np.asarray(plane.normal_lps),
            ]
        )

    @property
    def box(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest column, row and height of what it shows."""
        row, column = self.frame.tile or (0, 0)
        return (
            np.array([column, row, -self.below_mm], dtype=np.float64),
            np.array([column + self.frame.columns, row + self.frame.rows, self.above_mm - _OPEN_MM], dtype=np.float64),
        )

    def holds(self, pixel: FloatArray) -> bool:
        """Whether a place, as `pixels` gives it, is shown here."""
        low, high = self.box
        return bool((pixel >= low).all() and (pixel <= high).all())


def slabs_of(images: Iterable[SourceImage]) -> list[Slab]:
    """Slices of all images, each with the room up to half-way to its neighbours of the same direction."""
    stacks: dict[tuple[float, ...], list[tuple[float, SourceImage, DicomFrame]]] = defaultdict(list)
    for image in images:
        for frame in image.frames:
            if frame.position_lps_mm is not None:
                height = float(np.dot(frame.position_lps_mm, frame.plane.normal_lps))
                stacks[tuple(round(one, 3) + 0.0 for one in frame.plane.normal_lps)].append((height, image, frame))
    return [slab for stack in stacks.values() for slab in _slabs_of_stack(sorted(stack, key=lambda one: one[0]))]


def _slabs_of_stack(stack: Sequence[tuple[float, SourceImage, DicomFrame]]) -> list[Slab]:
    heights = np.array([height for height, _, _ in stack])
    gaps = np.diff(heights)
    gaps = gaps[gaps > _SAME_HEIGHT_MM]
    first = stack[0][2]
    usual = float(np.median(gaps)) if gaps.size else first.stated_spacing_mm or first.thickness_mm or 1.0
    widest = usual / 2 * _WIDER_THAN_USUAL
    slabs = []
    for height, image, frame in stack:
        below = heights[heights < height - _SAME_HEIGHT_MM]
        above = heights[heights > height + _SAME_HEIGHT_MM]
        slabs.append(
            Slab(
                image,
                frame,
                height,
                min((height - float(below[-1])) / 2, widest) if below.size else usual / 2,
                min((float(above[0]) - height) / 2, widest) if above.size else usual / 2,
            )
        )
    return slabs


def parts_in_box(vertices: FloatArray, low: FloatArray, high: FloatArray) -> list[FloatArray]:
    """Cut a polyline to a box (Liang & Barsky 1984): the stretches of it that lie inside.

    Parameters
    ----------
    vertices : array of shape (N, D)
        At least two.
    low, high : array of shape (D,)
        Corners of the box.

    Returns
    -------
    list of arrays of shape (M, D)
        In order; a stretch that stays inside is one part.
    """
    parts: list[list[FloatArray]] = []
    goes_on = False
    for start, end in pairwise(vertices):
        cut = _cut(start, end - start, low, high)
        if cut is None:
            goes_on = False
            continue
        first, last = cut
        if not (goes_on and first == 0):
            parts.append([start + first * (end - start)])
        parts[-1].append(end if last == 1 else start + last * (end - start))
        goes_on = last == 1
    return [np.array(part) for part in parts]


def _cut(start: FloatArray, along: FloatArray, low: FloatArray, high: FloatArray) -> tuple[float, float] | None:
    """Where a segment enters and leaves a box, as shares of its length; None where it misses it."""
    first, last = 0.0, 1.0
    for place, step, least, most in zip(start, along, low, high, strict=True):
        if step == 0:
            if not least <= place <= most:
                return None
            continue
        enter, leave = sorted(((least - place) / step, (most - place) / step))
        first, last = max(first, float(enter)), min(last, float(leave))
        if first > last:
            return None
    return first, last
