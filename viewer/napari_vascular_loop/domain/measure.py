"""Lengths and distances in mm. A path of two ends is a ruler: its length is written beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Geometry, Path, is_text
from napari_vascular_loop.domain.space import Vector3, vector3

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray

NO_WORDS = "…"
"""What is seen of a text without words."""

PREVIEW_ID = "preview"
"""Id of the mark that is just being drawn."""


def length_mm(geometry: Geometry) -> float:
    """Length along an arrow or a path; 0 of a point and of a region."""
    if not isinstance(geometry, Arrow | Path):
        return 0.0
    return float(np.linalg.norm(np.diff(np.array(geometry.vertices_ras_mm), axis=0), axis=1).sum())


def length_text(geometry: Geometry) -> str:
    """Say the length of an arrow or a path, as "12.3 mm"; "" of others."""
    return f"{length_mm(geometry):.1f} mm" if isinstance(geometry, Arrow | Path) else ""


def is_ruler(geometry: Geometry) -> bool:
    """Whether a geometry is a straight line between two places: all programs' files have room for one."""
    return isinstance(geometry, Path) and len(geometry.vertices_ras_mm) == 2


def words_of(annotation: Annotation) -> str:
    """What stands beside a mark on the image: its label, of a ruler also its length."""
    label = " ".join(annotation.label.split())
    if annotation.id == PREVIEW_ID or is_ruler(annotation.geometry):
        return " ".join(filter(None, (label, length_text(annotation.geometry))))
    return label or (NO_WORDS if is_text(annotation.geometry) else "")


def closest_approach(one: Geometry, other: Geometry) -> tuple[Vector3, Vector3]:
    """The two places, one on each line, where two marks come closest to each other.

    Parameters
    ----------
    one, other : Geometry
        Points, or lines along their vertices; the inside of a region is not part of it.

    Returns
    -------
    on_one, on_other : tuple of 3 floats
        In RAS mm.

    Notes
    -----
    Each pair of segments is solved as in Ericson, Real-Time Collision Detection, 2005, 5.1.9.
    """
    a, u = _segments(one)
    b, v = _segments(other)
    s, t = _parameters(a[:, None], u[:, None], b[None], v[None])
    on_one, on_other = a[:, None] + u[:, None] * s[..., None], b[None] + v[None] * t[..., None]
    apart = np.linalg.norm(on_one - on_other, axis=-1)
    at = np.unravel_index(int(np.argmin(apart)), apart.shape)
    return vector3(on_one[at]), vector3(on_other[at])


def _segments(geometry: Geometry) -> tuple[FloatArray, FloatArray]:
    """Starts and directions of a line's segments, shape (N, 3) each; of a point, one without length."""
    vertices = np.array(geometry.vertices_ras_mm, dtype=np.float64)
    if geometry.kind == "region":
        vertices = np.vstack([vertices, vertices[:1]])
    if len(vertices) == 1:
        vertices = np.vstack([vertices, vertices])
    return vertices[:-1], np.diff(vertices, axis=0)


def _parameters(a: FloatArray, u: FloatArray, b: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How far along each segment, 0 to 1, the closest places of each pair lie."""
    r = a - b
    uu, vv, uv = (u * u).sum(-1), (v * v).sum(-1), (u * v).sum(-1)
    ur, vr = (u * r).sum(-1), (v * r).sum(-1)
    uu, vv = np.broadcast_arrays(uu, vv)
    tiny = 1e-12
    cross = uu * vv - uv * uv
    s = np.where(cross > tiny, np.clip((uv * vr - ur * vv) / np.maximum(cross, tiny), 0, 1), 0.0)
    t = (uv * s + vr) / np.maximum(vv, tiny)
    # Where the other's closest place lies beyond its end, the end it is, and the first has to be sought anew.
    clipped = np.clip(np.where(vv > tiny, t, 0.0), 0, 1)
    s = np.where((clipped != t) | (cross <= tiny), np.clip((clipped * uv - ur) / np.maximum(uu, tiny), 0, 1), s)
    return np.where(uu > tiny, s, 0.0), clipped
