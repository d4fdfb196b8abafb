"""Poses: how a scan is laid over the atlas before anything finer is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.space import transform_points

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray

NUMBERS = 7
"""Three turns in radians, three shifts in mm, the logarithm of the scale."""


def rotation(turns: FloatArray) -> FloatArray:
    """3x3 from three angles in radians about R, A and S, applied in this order."""
    (a, b, c), (sa, sb, sc) = np.cos(turns), np.sin(turns)
    about_r = np.array([[1, 0, 0], [0, a, -sa], [0, sa, a]])
    about_a = np.array([[b, 0, sb], [0, 1, 0], [-sb, 0, b]])
    about_s = np.array([[c, -sc, 0], [sc, c, 0], [0, 0, 1]])
    return np.asarray(about_s @ about_a @ about_r)


def apart_mm(one: FloatArray, other: FloatArray, places_atlas_mm: FloatArray) -> float:
    """How far two poses, 4x4 from scan to atlas, lie apart at places of the atlas, shape (N, 3): most, in the scan."""
    first, second = (transform_points(np.linalg.inv(matrix), places_atlas_mm) for matrix in (one, other))
    return float(np.linalg.norm(first - second, axis=1).max())


def scan_to_atlas(pose: FloatArray, centre_scan_mm: FloatArray, centre_atlas_mm: FloatArray) -> FloatArray:
    """4x4 of a pose, which turns about the centre of the scan.

    A pose of nine numbers scales along R, A and S by itself; one of twelve shears, too.
    """
    matrix = np.eye(4)
    scales = np.exp(pose[6:9]) if pose.size > NUMBERS else np.full(3, np.exp(pose[6]))
    stretch = np.diag(scales)
    if pose.size >= 12:
        stretch[0, 1], stretch[0, 2], stretch[1, 2] = pose[9:12]
    matrix[:3, :3] = stretch @ rotation(pose[:3])
    matrix[:3, 3] = centre_atlas_mm + pose[3:6] - matrix[:3, :3] @ centre_scan_mm
    return matrix
