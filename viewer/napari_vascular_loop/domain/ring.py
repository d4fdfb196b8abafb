"""A ring around a place: how far from it the thing that is looked for may lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray, Vector3

_CORNERS = 72


@dataclass(frozen=True)
class Ring:
    """A sphere, seen on each slice that it meets as a ring.

    Parameters
    ----------
    place_ras_mm : (float, float, float)
        Its middle.
    radius_mm : float
        Within which the thing is expected.
    is_doubtful : bool
        Whether even that is not sure.
    """

    place_ras_mm: Vector3
    radius_mm: float
    is_doubtful: bool = False


def ring_on_slice(place_mm: FloatArray, radius_mm: float, axis: int, slice_mm: float) -> FloatArray | None:
    """Give the ring on a slice.

    Parameters
    ----------
    place_mm : array of shape (3,)
        The middle, in display coordinates.
    radius_mm : float
        Of the sphere.
    axis : int
        Across the slice.
    slice_mm : float
        Where on that axis the slice lies.

    Returns
    -------
    array of shape (N, 2), or None
        Corners in the plane of the slice, its axes in order; None where the sphere does not meet it.
    """
    away_mm = slice_mm - float(place_mm[axis])
    if abs(away_mm) >= radius_mm:
        return None
    radius = float(np.sqrt(radius_mm**2 - away_mm**2))
    angles = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    middle = np.delete(np.asarray(place_mm, dtype=np.float64), axis)
    return np.asarray(middle + radius * np.stack([np.sin(angles), np.cos(angles)], axis=1))
