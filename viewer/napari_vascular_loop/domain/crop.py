"""Cut a volume around places."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.space import FloatArray, transform_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.volume import Volume

DEFAULT_CROP_MM = 80.0
MARGIN_MM = 10.0
"""At least this much is left around the outermost place."""

Box = list[tuple[int, int]]
"""First index and one past the last along each axis."""


def box_around(
    index_to_ras: FloatArray,
    shape: Sequence[int],
    places_ras_mm: Sequence[tuple[float, float, float]],
    crop_mm: float | None,
) -> Box:
    """Find what is kept of a grid when it is cut around some places.

    Parameters
    ----------
    index_to_ras : array of shape (4, 4)
        From indices (centres at integers) to RAS mm.
    shape : sequence of int
        Voxels along each axis.
    places_ras_mm : sequence of (float, float, float)
        The middle of the grid where there is none.
    crop_mm : float or None
        Side of the cube that is kept, larger where the places lie farther apart; None for all.
    """
    if crop_mm is None:
        return [(0, size) for size in shape]
    spacing = np.linalg.norm(index_to_ras[:3, :3], axis=0)
    middle_index = (np.asarray(shape, dtype=np.float64) - 1) / 2
    places = transform_points(np.linalg.inv(index_to_ras), places_ras_mm) if places_ras_mm else middle_index[None]
    # Marks that lie beyond the volume (a damaged lesson) can't lead the cut out of it.
    low = np.clip(places.min(axis=0), 0, np.asarray(shape) - 1)
    high = np.clip(places.max(axis=0), 0, np.asarray(shape) - 1)
    half = np.maximum(crop_mm / spacing, high - low + 2 * MARGIN_MM / spacing) / 2
    middle = (low + high) / 2
    starts = np.clip(np.floor(middle - half + 0.5), 0, np.asarray(shape) - 1).astype(int)
    stops = np.clip(np.ceil(middle + half + 0.5), starts + 1, shape).astype(int)
    return [(int(start), int(stop)) for start, stop in zip(starts, stops, strict=True)]


def cropped(volume: Volume, box: Box) -> Volume:
    """Cut a box of voxels out of a volume: each stays where it is in the head.

    Parameters
    ----------
    volume : Volume
        All of its time points are cut; coarser levels are left out.
    box : list of (int, int)
        Along i, j, k.
    """
    inside = tuple(slice(start, stop) for start, stop in box)
    offset = np.eye(4)
    offset[:3, 3] = [start for start, _ in box]
    series = None if volume.series is None else volume.series[inside]
    return replace(
        volume, voxels=volume.voxels[inside], voxel_to_ras=volume.voxel_to_ras @ offset, series=series, levels=()
    )
