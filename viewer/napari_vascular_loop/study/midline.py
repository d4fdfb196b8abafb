"""Where the middle of the head lies, as far as the marks of a lesson tell."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import Side

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.domain.annotation import Annotation

MIDDLE_MM = 1.0
"""A place so near to the middle is on neither side."""


def midline_r_mm(marks: Iterable[Annotation]) -> float:
    """Find R of the middle of the head, in mm: between marks of one structure on both sides, else 0.

    A head seldom lies exactly in the middle of a scanner: with a shift of a few mm a mark near the middle has the
    sign of the other side.
    """
    sides: dict[str, dict[Side, list[float]]] = {}
    for mark in marks:
        if mark.side in (Side.LEFT, Side.RIGHT) and mark.structure:
            sides.setdefault(mark.structure, {}).setdefault(mark.side, []).append(mark.geometry.anchor_ras_mm[0])
    middles = [
        (median(both[Side.LEFT]) + median(both[Side.RIGHT])) / 2
        for both in sides.values()
        if len(both) == 2 and median(both[Side.LEFT]) < median(both[Side.RIGHT])
    ]
    return median(middles) if middles else 0.0


def side_of(r_mm: float, midline_mm: float = 0.0) -> Side:
    """Side of the patient on which a place lies, by its first coordinate in RAS mm."""
    if abs(r_mm - midline_mm) <= MIDDLE_MM:
        return Side.MIDLINE
    return Side.RIGHT if r_mm > midline_mm else Side.LEFT
