"""The place of a mark that is nearest to another place."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Path, Region
from napari_vascular_loop.domain.space import FloatArray, Vector3, vector3

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.domain.annotation import Geometry


def nearest_ras_mm(geometry: Geometry, place_ras_mm: Vector3) -> Vector3:
    """Find the place of a mark that is nearest to another place.

    Parameters
    ----------
    geometry : Arrow, Point, Path or Region
        Of an arrow its tip counts, of a path its whole line, of a region all that its outline encloses.
    place_ras_mm : (float, float, float)
        In RAS mm.

    Returns
    -------
    (float, float, float)
        In RAS mm.
    """
    place = np.array(place_ras_mm, dtype=np.float64)
    vertices = np.array(geometry.vertices_ras_mm, dtype=np.float64)
    match geometry:
        case Path():
            return vector3(_nearest_on_line(vertices, place))
        case Region():
            return vector3(_nearest_in_outline(vertices, place))
        case _:
            return geometry.anchor_ras_mm


def distance_to_mm(geometry: Geometry, place_ras_mm: Vector3) -> float:
    """Distance in mm from a place to the nearest place of a mark; 0 inside a region, in its plane."""
    return float(np.linalg.norm(np.subtract(nearest_ras_mm(geometry, place_ras_mm), place_ras_mm)))


def nearest_of(geometries: Iterable[Geometry], place_ras_mm: Vector3) -> tuple[float, Vector3]:
    """Distance in mm to the nearest of several marks, and the place on it, RAS mm; infinite if there is none."""
    found = [(distance_to_mm(one, place_ras_mm), nearest_ras_mm(one, place_ras_mm)) for one in geometries]
    return min(found, key=lambda pair: pair[0], default=(float("inf"), place_ras_mm))


def nearest_on_segment(place: FloatArray, start: FloatArray, end: FloatArray) -> FloatArray:
    """The place between two others, shape (3,) or (2,), that is nearest to a place."""
    step = end - start
    along = np.clip((place - start) @ step / max(float(step @ step), np.finfo(np.float64).tiny), 0.0, 1.0)
    return np.asarray(start + along * step, dtype=np.float64)


def _nearest_on_line(vertices: FloatArray, place: FloatArray) -> FloatArray:
    nearest = vertices[0]
    for start, end in pairwise(vertices):
        here = nearest_on_segment(place, start, end)
        if np.linalg.norm(here - place) < np.linalg.norm(nearest - place):
            nearest = here
    return np.asarray(nearest, dtype=np.float64)


def _nearest_in_outline(vertices: FloatArray, place: FloatArray) -> FloatArray:
    """The foot of the perpendicular if it lies inside the outline, else the nearest place of the outline itself."""
    middle = vertices.mean(axis=0)
    # The plane that fits the vertices best: they were placed on one slice, which a tilted file rounds a little.
    _, _, axes = np.linalg.svd(vertices - middle, full_matrices=True)
    flat, foot = (vertices - middle) @ axes[:2].T, (place - middle) @ axes[:2].T
    if _is_inside(flat, foot):
        return np.asarray(middle + foot @ axes[:2], dtype=np.float64)
    return _nearest_on_line(np.vstack([vertices, vertices[:1]]), place)


def _is_inside(outline: FloatArray, place: FloatArray) -> bool:
    """Whether a place in the plane lies inside an outline, by the number of sides that a ray from it crosses."""
    inside = False
    for (x1, y1), (x2, y2) in pairwise(np.vstack([outline, outline[:1]])):
        if (y1 > place[1]) != (y2 > place[1]) and place[0] < (x2 - x1) * (place[1] - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
