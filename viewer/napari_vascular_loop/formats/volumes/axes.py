"""Grids of files that speak in directions and origins, of two or three axes of space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import GeometryError

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray


def matrix_of(directions: FloatArray, origin: FloatArray) -> FloatArray:
    """voxel_to_world of steps along the axes.

    Parameters
    ----------
    directions : array of shape (2 or 3, 2 or 3)
        A row for each axis of the array: the step from one voxel to the next. A single slice has two rows; it is
        given a third, 1 long and square to them. What has no third component lies in the plane 0.
    origin : array of shape (2 or 3,)
        Centre of the first voxel.

    Raises
    ------
    GeometryError
        If the numbers don't fit each other.
    """
    if directions.ndim != 2 or directions.shape[1] not in (2, 3) or origin.shape != (directions.shape[1],):
        raise GeometryError("its directions and its origin don't fit each other")
    if directions.shape[0] not in (2, 3) or not (np.isfinite(directions).all() and np.isfinite(origin).all()):
        raise GeometryError("its axes have no finite directions")
    rows = np.zeros((3, 3))
    rows[: len(directions), : directions.shape[1]] = directions
    if len(directions) == 2:
        normal = np.cross(rows[0], rows[1])
        length = float(np.linalg.norm(normal))
        rows[2] = normal / length if length > 0 else (0.0, 0.0, 1.0)
    matrix = np.eye(4)
    matrix[:3, :3] = rows.T
    matrix[: len(origin), 3] = origin
    return matrix
