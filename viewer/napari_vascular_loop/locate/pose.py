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
    """3x3, one for each, from three angles in radians, shape (..., 3), about R, A and S, applied in this order."""
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_euler("xyz", turns).as_matrix())


def apart_mm(one: FloatArray, other: FloatArray, places_atlas_mm: FloatArray) -> float:
    """How far two poses, 4x4 from scan to atlas, lie apart at places of the atlas, shape (N, 3): most, in the scan."""
    first, second = (transform_points(np.linalg.inv(matrix), places_atlas_mm) for matrix in (one, other))
    return float(np.linalg.norm(first - second, axis=1).max())


def scan_to_atlas(poses: FloatArray, centre_scan_mm: FloatArray, centre_atlas_mm: FloatArray) -> FloatArray:
    """4x4 of a pose, or of each of some, shape (..., 7), which turns about the centre of the scan."""
    matrices = np.zeros((*poses.shape[:-1], 4, 4))
    matrices[..., 3, 3] = 1
    linear = np.exp(poses[..., 6, None, None]) * rotation(poses[..., :3])
    matrices[..., :3, :3] = linear
    matrices[..., :3, 3] = centre_atlas_mm + poses[..., 3:6] - linear @ centre_scan_mm
    return matrices
