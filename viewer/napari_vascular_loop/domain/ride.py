"""Along a nerve: how near the vessels' marks come to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Path, Region
from napari_vascular_loop.domain.curve import Curve, distances_mm
from napari_vascular_loop.domain.terms import Tissue, structure_by_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.space import FloatArray

_STEP_MM = 0.1


@dataclass(frozen=True)
class Approach:
    """How near a vessel's mark is at a place of the path.

    Parameters
    ----------
    vessel : Annotation
        The nearest vessel's mark.
    distance_mm : float
        Between the two, as they were marked: their walls are nearer.
    at_mm : float
        The place, from the path's start.
    """

    vessel: Annotation
    distance_mm: float
    at_mm: float


class Ride:
    """A path, and the vessels beside it.

    Parameters
    ----------
    path : Annotation
        A path.
    annotations : sequence of Annotation
        Of the same volume; those whose structure is an artery count, of arrows their tips.

    Raises
    ------
    GeometryError
        If the path has no length.
    """

    def __init__(self, path: Annotation, annotations: Sequence[Annotation]) -> None:
        self.path = path
        self.curve = Curve(path.geometry.vertices_ras_mm)
        self.vessels = tuple(one for one in annotations if one.id != path.id and _is_vessel(one))

    @cached_property
    def _at_mm(self) -> FloatArray:
        steps = max(1, round(self.curve.length_mm / _STEP_MM))
        return np.linspace(0.0, self.curve.length_mm, steps + 1)

    @cached_property
    def _table_mm(self) -> FloatArray:
        """Distance of each vessel at each place, shape (vessels, places)."""
        places = self.curve.places(self._at_mm)
        return np.array([distances_mm(places, _line(vessel)) for vessel in self.vessels])

    def nearest(self, at_mm: float) -> Approach | None:
        """The vessel that is nearest at a place of the path, or None if none is marked."""
        if not self.vessels:
            return None
        column = int(np.argmin(np.abs(self._at_mm - at_mm)))
        number = int(np.argmin(self._table_mm[:, column]))
        return Approach(self.vessels[number], float(self._table_mm[number, column]), at_mm)

    def closest(self) -> Approach | None:
        """Where on the whole path a vessel comes nearest, or None if none is marked."""
        if not self.vessels:
            return None
        number, column = np.unravel_index(int(np.argmin(self._table_mm)), self._table_mm.shape)
        found = float(self._table_mm[number, column])
        return Approach(self.vessels[int(number)], found, float(self._at_mm[int(column)]))


def _is_vessel(annotation: Annotation) -> bool:
    structure = structure_by_id(annotation.structure)
    return structure is not None and structure.tissue is Tissue.ARTERY


def _line(annotation: Annotation) -> FloatArray:
    geometry = annotation.geometry
    vertices = np.asarray(geometry.vertices_ras_mm, dtype=np.float64)
    if isinstance(geometry, Region):
        return np.vstack([vertices, vertices[:1]])
    return vertices if isinstance(geometry, Path) else np.asarray([geometry.anchor_ras_mm], dtype=np.float64)
