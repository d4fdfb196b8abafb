"""Geometries with vertices moved, added or taken away."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Geometry, Path, Region, with_vertices
from napari_vascular_loop.domain.errors import AnnotationError
from napari_vascular_loop.domain.nearest import nearest_on_segment

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray, Vector3


def moved(geometry: Geometry, vertex: int | None, by_ras_mm: FloatArray) -> Geometry | None:
    """Move one vertex, or all; None where nothing sound would be left."""
    vertices = np.array(geometry.vertices_ras_mm)
    if vertex is None:
        vertices = vertices + by_ras_mm
    else:
        vertices[vertex] = vertices[vertex] + by_ras_mm
    try:
        return with_vertices(geometry, [tuple(v) for v in vertices])
    except AnnotationError:
        return None


def with_vertex(geometry: Geometry, place_ras_mm: Vector3) -> Geometry | None:
    """Add a vertex to a path or a region, on the side that is nearest to a place; None of others."""
    if not isinstance(geometry, Path | Region):
        return None
    vertices = [np.array(vertex) for vertex in geometry.vertices_ras_mm]
    ends = [*vertices, vertices[0]] if isinstance(geometry, Region) else vertices
    place = np.array(place_ras_mm)
    off = [float(np.linalg.norm(place - nearest_on_segment(place, a, b))) for a, b in pairwise(ends)]
    side = int(np.argmin(off))
    new = nearest_on_segment(place, ends[side], ends[side + 1])
    return with_vertices(geometry, [tuple(v) for v in (*vertices[: side + 1], new, *vertices[side + 1 :])])


def without_vertex(geometry: Geometry, vertex: int) -> Geometry | None:
    """Take a vertex from a path or a region; None where too few would be left."""
    if not isinstance(geometry, Path | Region):
        return None
    left = [v for number, v in enumerate(geometry.vertices_ras_mm) if number != vertex]
    try:
        return with_vertices(geometry, left)
    except AnnotationError:
        return None
