"""Regions in space of a structured report (SCOORD3D, PS3.3 section C.18.9) as geometries of annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Arrow, Geometry, Path, Point, Region
from napari_vascular_loop.domain.errors import AnnotationError
from napari_vascular_loop.domain.space import RAS_FROM_LPS, FloatArray, transform_points

if TYPE_CHECKING:
    from napari_vascular_loop.formats.annotations.dicom_tree import Item

_ELLIPSE_VERTICES = 36


def geometries_of(item: Item, shape: str) -> tuple[list[Geometry], list[str]]:
    """Turn the LPS mm of a SCOORD3D into geometries in RAS mm.

    Parameters
    ----------
    item : Item
        The content item.
    shape : str
        "arrow", "point", "text", "path" or "region", where the report says so in our own code; else "".

    Returns
    -------
    list of Arrow, Point, Path or Region
        Several for several points.
    list of str
        What was lost.

    Raises
    ------
    AnnotationError
        If it makes no sense, or is nothing that can be drawn.
    """
    kind = str(item.dataset.get("GraphicType") or "")
    vertices = _vertices_ras_mm(item)
    match kind:
        case "POINT" | "MULTIPOINT":
            return [Point(_place(one), shape == "text") for one in vertices], []
        case "POLYLINE" if shape == "region" and len(vertices) > 3 and np.array_equal(vertices[0], vertices[-1]):
            return [Region(_places(vertices[:-1]))], []
        case "POLYLINE" if shape == "arrow" and len(vertices) == 2:
            return [Arrow(_place(vertices[0]), _place(vertices[1]))], []
        case "POLYLINE":
            return [Path(_places(vertices))], []
        case "POLYGON":
            closed = len(vertices) > 3 and np.array_equal(vertices[0], vertices[-1])
            return [Region(_places(vertices[:-1] if closed else vertices))], []
        case "ELLIPSE" if len(vertices) == 4:
            told = f"that it is an ellipse: it is read as an outline of {_ELLIPSE_VERTICES} vertices"
            return [Region(_places(_ellipse(vertices)))], [told]
        case "ELLIPSOID":
            raise AnnotationError("an ellipsoid is not a mark that can be drawn")
    raise AnnotationError(f"there is no such shape of {len(vertices)} points in space")


def _vertices_ras_mm(item: Item) -> FloatArray:
    value = item.dataset.get("GraphicData")
    numbers = np.asarray([] if value is None else value, dtype=np.float64).reshape(-1)
    if numbers.size == 0 or numbers.size % 3:
        raise AnnotationError(f"coordinates come in threes, and here are {numbers.size}")
    if not np.isfinite(numbers).all():
        raise AnnotationError("a coordinate is no finite number")
    return transform_points(RAS_FROM_LPS, numbers.reshape(-1, 3))


def _ellipse(ends: FloatArray) -> FloatArray:
    """Outline of an ellipse, given by the ends of its major and of its minor axis."""
    centre = ends.mean(axis=0)
    major, minor = (ends[1] - ends[0]) / 2, (ends[3] - ends[2]) / 2
    angles = np.linspace(0, 2 * np.pi, _ELLIPSE_VERTICES, endpoint=False)[:, np.newaxis]
    return np.asarray(centre + np.cos(angles) * major + np.sin(angles) * minor)


def _place(vertex: FloatArray) -> tuple[float, float, float]:
    return (float(vertex[0]), float(vertex[1]), float(vertex[2]))


def _places(vertices: FloatArray) -> tuple[tuple[float, float, float], ...]:
    return tuple(map(_place, vertices))
