"""A path as a curve that one travels along, in mm from its start."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.space import FloatArray, Vector3, vector3

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOOK_MM = 1.5
"""A direction is taken from so far before a place to so far behind it: places set by hand zigzag."""


@dataclass(frozen=True, eq=False)
class Curve:
    """An open polyline.

    Parameters
    ----------
    vertices_ras_mm : sequence of (float, float, float)
        In RAS mm, from its start.

    Raises
    ------
    GeometryError
        If it has no length.
    """

    vertices_ras_mm: Sequence[Vector3]

    def __post_init__(self) -> None:
        if len(self.vertices_ras_mm) < 2 or self.length_mm <= 0:
            raise GeometryError("a curve needs two places that are not the same")

    @cached_property
    def _vertices(self) -> FloatArray:
        return np.asarray(self.vertices_ras_mm, dtype=np.float64)

    @cached_property
    def _distances_mm(self) -> FloatArray:
        steps = np.linalg.norm(np.diff(self._vertices, axis=0), axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def length_mm(self) -> float:
        """From its start to its end."""
        return float(self._distances_mm[-1])

    def places(self, distances_mm: FloatArray) -> FloatArray:
        """Places at some distances from the start, shape (N, 3), RAS mm; beyond an end, the end."""
        columns = [np.interp(distances_mm, self._distances_mm, self._vertices[:, axis]) for axis in range(3)]
        return np.stack(columns, axis=-1)

    def at(self, distance_mm: float) -> Vector3:
        """The place at a distance from the start, RAS mm."""
        return vector3(self.places(np.array([distance_mm]))[0])

    def direction(self, distance_mm: float) -> FloatArray:
        """Where the curve is heading at a distance from the start, shape (3,), RAS, of length 1."""
        return np.asarray(self.directions(np.array([distance_mm]))[0], dtype=np.float64)

    def directions(self, distances_mm: FloatArray) -> FloatArray:
        """Where it is heading at some distances, shape (N, 3)."""
        distances = np.clip(distances_mm, 0.0, self.length_mm)
        # In a hairpin a wide look would see both its arms at once: it is narrowed until there is a direction.
        look = np.full(distances.shape, min(_LOOK_MM, self.length_mm / 2))
        for _ in range(8):
            ahead = self.places(distances + look) - self.places(distances - look)
            lengths = np.linalg.norm(ahead, axis=-1)
            turned = lengths < 0.5 * look
            if not turned.any():
                break
            look = np.where(turned, look / 2, look)
        return np.asarray(ahead / np.maximum(lengths, 1e-9)[..., None], dtype=np.float64)

    def nearest_mm(self, place_ras_mm: Vector3) -> float:
        """Distance from the start to the curve's place that is nearest to another place."""
        place = np.asarray(place_ras_mm, dtype=np.float64)
        best, found = np.inf, 0.0
        for number, (a, b) in enumerate(pairwise(self._vertices)):
            step = b - a
            size = float(step @ step)
            share = float(np.clip((place - a) @ step / size, 0, 1)) if size > 0 else 0.0
            distance = float(np.linalg.norm(a + share * step - place))
            if distance < best:
                start, end = self._distances_mm[number : number + 2]
                best, found = distance, float(start + share * (end - start))
        return found

    def sideways(self, distances_mm: FloatArray) -> FloatArray:
        """Directions square to the curve that turn with it as little as can be, shape (N, 3).

        Parameters
        ----------
        distances_mm : array of shape (N,)
            Rising, close together.

        Notes
        -----
        Wang, Jüttler, Zheng & Liu, Computation of rotation minimizing frames, ACM Trans. Graph. 2008;27(1):2: each
        frame is the one before, reflected twice.
        """
        places, ahead = self.places(distances_mm), self.directions(distances_mm)
        least = np.eye(3)[int(np.argmin(np.abs(ahead[0])))]
        side = least - (least @ ahead[0]) * ahead[0]
        sides = [side / np.linalg.norm(side)]
        for n in range(1, len(places)):
            side, before = sides[-1], ahead[n - 1]
            step = places[n] - places[n - 1]
            if (size := float(step @ step)) > 0:
                side = side - 2 / size * (step @ side) * step
                before = before - 2 / size * (step @ before) * step
            turn = ahead[n] - before
            if (size := float(turn @ turn)) > 0:
                side = side - 2 / size * (turn @ side) * turn
            side = side - (side @ ahead[n]) * ahead[n]
            sides.append(side / np.linalg.norm(side))
        return np.array(sides)


def distances_mm(places_ras_mm: FloatArray, line_ras_mm: FloatArray) -> FloatArray:
    """Distance in mm from each of some places, shape (N, 3), to a polyline of M >= 1 vertices, shape (N,)."""
    line = np.asarray(line_ras_mm, dtype=np.float64).reshape(-1, 3)
    if len(line) == 1:
        return np.asarray(np.linalg.norm(places_ras_mm - line[0], axis=1), dtype=np.float64)
    nearest = np.full(len(places_ras_mm), np.inf)
    for a, b in pairwise(line):
        step = b - a
        share = np.clip((places_ras_mm - a) @ step / max(float(step @ step), 1e-12), 0.0, 1.0)
        nearest = np.minimum(nearest, np.linalg.norm(places_ras_mm - (a + share[:, None] * step), axis=1))
    return nearest
