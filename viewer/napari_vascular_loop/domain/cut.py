"""Planes at any angle: through three places, or square to a direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.space import FloatArray, Grid

if TYPE_CHECKING:
    import numpy.typing as npt

_SMALLEST_AREA_MM2 = 0.5
_VERTICAL = {0: 2, 1: 2, 2: 1}
"""Which RAS axis runs up on pictures whose normal is closest to R, A, S: superior, superior, anterior."""


def normal_through(a_ras_mm: npt.ArrayLike, b_ras_mm: npt.ArrayLike, c_ras_mm: npt.ArrayLike) -> FloatArray:
    """Direction square to the plane through three places, shape (3,), of length 1.

    Raises
    ------
    GeometryError
        If the three lie on one line, or nearly so.
    """
    a, b, c = (np.asarray(place, dtype=np.float64) for place in (a_ras_mm, b_ras_mm, c_ras_mm))
    normal = np.cross(b - a, c - a)
    area = float(np.linalg.norm(normal)) / 2
    if area < _SMALLEST_AREA_MM2:
        raise GeometryError(
            f"the three places lie on one line (the triangle between them has {area:.2f} mm²): choose one beside it"
        )
    return np.asarray(normal / np.linalg.norm(normal), dtype=np.float64)


def cut_grid(
    centre_ras_mm: npt.ArrayLike,
    normal_ras: npt.ArrayLike,
    width_mm: float,
    height_mm: float,
    spacing_mm: float,
    axes_ras: npt.ArrayLike | None = None,
) -> Grid:
    """Lay a grid of one slice into a plane, turned as radiologists turn such a picture.

    Superior is up, or anterior on a plane that is closest to axial.

    Parameters
    ----------
    centre_ras_mm : array of shape (3,)
        The middle of the picture.
    normal_ras : array of shape (3,)
        Square to the plane; either way round, of any length.
    width_mm, height_mm, spacing_mm : float
        Size of the picture and of its pixels.
    axes_ras : array of shape (3, 3), optional
        What is right, anterior and superior, a row each, of length 1; the scanner's if not given.

    Returns
    -------
    Grid
        Voxel axis i runs along the picture's width, j along its height, k is square to it.

    Raises
    ------
    GeometryError
        If the direction has no length.
    """
    normal = np.asarray(normal_ras, dtype=np.float64)
    length = float(np.linalg.norm(normal))
    if not np.isfinite(length) or length <= 0:
        raise GeometryError(f"a plane needs a direction that it is square to, got {normal_ras!r}")
    normal = normal / length
    axes = np.eye(3) if axes_ras is None else np.asarray(axes_ras, dtype=np.float64)
    closest = int(np.argmax(np.abs(axes @ normal)))
    if axes[closest] @ normal < 0:
        normal = -normal
    up = axes[_VERTICAL[closest]]
    up = up - (up @ normal) * normal
    up = up / np.linalg.norm(up)
    across = np.cross(up, normal)
    along = axes @ across
    across = across * np.sign(along[np.argmax(np.abs(along))])
    columns, rows = (max(2, round(mm / spacing_mm)) for mm in (width_mm, height_mm))
    voxel_to_ras = np.eye(4)
    voxel_to_ras[:3, :3] = np.stack([across, up, normal], axis=1) * spacing_mm
    middle = np.array([(columns - 1) / 2, (rows - 1) / 2, 0.0])
    voxel_to_ras[:3, 3] = np.asarray(centre_ras_mm, dtype=np.float64) - voxel_to_ras[:3, :3] @ middle
    return Grid((columns, rows, 1), voxel_to_ras)
