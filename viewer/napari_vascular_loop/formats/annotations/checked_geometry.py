"""Geometries of coordinates that have been checked while they were parsed: in thousands, a second check is felt.

The coordinates are three finite floats in RAS mm within the range that the domain allows, and there are as many as the
kind needs. A test holds that what is made here is what the domain's own classes make.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import MIN_ARROW_LENGTH_MM, Arrow, Path, Point, Region

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.domain.space import Vector3

_set = object.__setattr__


def checked_arrow(tail_ras_mm: Vector3, tip_ras_mm: Vector3) -> Arrow:
    """Make an arrow.

    Raises
    ------
    AnnotationError
        If it is too short.
    """
    if math.dist(tail_ras_mm, tip_ras_mm) < 2 * MIN_ARROW_LENGTH_MM:
        return Arrow(tail_ras_mm, tip_ras_mm)
    arrow = object.__new__(Arrow)
    _set(arrow, "tail_ras_mm", _without_minus_zero(tail_ras_mm))
    _set(arrow, "tip_ras_mm", _without_minus_zero(tip_ras_mm))
    return arrow


def checked_point(position_ras_mm: Vector3, as_text: bool = False) -> Point:
    """Make a point, or a text."""
    point = object.__new__(Point)
    _set(point, "position_ras_mm", _without_minus_zero(position_ras_mm))
    _set(point, "as_text", as_text)
    return point


def checked_path(vertices_ras_mm: Iterable[Vector3]) -> Path:
    """Make a path; of two vertices at least."""
    path = object.__new__(Path)
    _set(path, "vertices_ras_mm", tuple(map(_without_minus_zero, vertices_ras_mm)))
    return path


def checked_region(vertices_ras_mm: Iterable[Vector3]) -> Region:
    """Make a region; of three vertices at least."""
    region = object.__new__(Region)
    _set(region, "vertices_ras_mm", tuple(map(_without_minus_zero, vertices_ras_mm)))
    return region


def _without_minus_zero(place_ras_mm: Vector3) -> Vector3:
    return place_ras_mm if 0.0 not in place_ras_mm else tuple(value + 0.0 for value in place_ras_mm)  # type: ignore[return-value]
