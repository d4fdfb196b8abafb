"""Volumes cut at any angle, and straightened along a path: resampled between their voxels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.mark_view import SlabProjection
from napari_vascular_loop.domain.space import transform_points
from napari_vascular_loop.domain.volume import Rescale, Volume

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from napari_vascular_loop.domain.curve import Curve
    from napari_vascular_loop.domain.space import FloatArray, Grid

_STEPS_IN_SLAB_MM = 0.5
_PARALLEL = float(np.cos(np.radians(0.05)))
_RIM = 0.5
"""Of a voxel: so much around the outermost centres still belongs to the volume."""


_PROJECT: dict[SlabProjection, Callable[..., FloatArray]] = {
    SlabProjection.MEAN: np.nanmean,
    SlabProjection.MAXIMUM: np.nanmax,
    SlabProjection.MINIMUM: np.nanmin,
}


def sampled(volume: Volume, places_ras_mm: FloatArray, time_point: int = 0) -> FloatArray:
    """Values of a volume at any places, trilinear between the voxels.

    Parameters
    ----------
    volume : Volume
        Of single values, not colours.
    places_ras_mm : array of shape (..., 3)
        In RAS mm.
    time_point : int
        Of a volume that has several.

    Returns
    -------
    array of shape (...), float32
        Rescaled as the scanner meant them; NaN beside the volume.
    """
    from scipy.ndimage import map_coordinates  # a third of a second to load: not while a window opens

    voxels = volume.at_time_point(time_point)
    ijk = np.moveaxis(volume.grid.voxel_from_ras(places_ras_mm), -1, 0)
    limits = np.asarray(voxels.shape, dtype=np.float64).reshape(3, *(1,) * (ijk.ndim - 1)) - 1 + _RIM
    inside = ((ijk >= -_RIM) & (ijk <= limits)).all(axis=0)
    if not inside.any():
        return np.full(inside.shape, np.nan, dtype=np.float32)
    # Of a volume that is read as it is looked at, only the part that is needed.
    first = np.clip(np.floor(ijk[:, inside].min(axis=1)).astype(int), 0, None)
    last = np.ceil(ijk[:, inside].max(axis=1)).astype(int) + 1
    block = _plain(voxels[tuple(slice(a, b) for a, b in zip(first, last, strict=True))])
    shifted = ijk - first.reshape(3, *(1,) * (ijk.ndim - 1))
    values = map_coordinates(block, shifted, output=np.float32, order=1, mode="nearest")
    rescaled = values * np.float32(volume.rescale.slope) + np.float32(volume.rescale.intercept)
    return np.where(inside, rescaled, np.float32(np.nan))


def cut(
    volume: Volume,
    grid: Grid,
    *,
    thickness_mm: float = 0.0,
    projection: SlabProjection = SlabProjection.MEAN,
    time_point: int = 0,
) -> Volume:
    """Resample a volume onto a grid of one slice, or a slab around it.

    Parameters
    ----------
    volume : Volume
        Whose values.
    grid : Grid
        As of :func:`napari_vascular_loop.domain.cut.cut_grid`.
    thickness_mm : float
        Of the slab; 0 for the plane itself.
    projection : SlabProjection
        What is shown of the slab.
    time_point : int
        Of a volume that has several.

    Returns
    -------
    Volume
        Of float32, NaN beside the volume; what is known of the source is that of the volume.
    """
    half = int(np.ceil(thickness_mm / 2 / _STEPS_IN_SLAB_MM))
    layers = 2 * half + 1
    to_ras = grid.voxel_to_ras.copy()
    # From layers to RAS mm: the middle one is the plane itself.
    to_ras[:3, 2] *= thickness_mm / (layers - 1) / np.linalg.norm(to_ras[:3, 2]) if half else 1.0
    to_ras[:3, 3] -= half * to_ras[:3, 2]
    values = _on_grid(volume, volume.grid.ras_to_voxel @ to_ras, (*grid.shape[:2], layers), time_point)
    if half:
        beside = np.isnan(values).all(axis=2)
        values[beside] = 0
        projected = _PROJECT[projection](values, axis=2)
        values = np.where(beside, np.float32(np.nan), projected).astype(np.float32)[..., None]
    return Volume(values, grid.voxel_to_ras, replace(volume.provenance, warnings=()), Rescale())


def _on_grid(
    volume: Volume, to_voxel: FloatArray, shape: tuple[int, int, int], time_point: int
) -> npt.NDArray[np.float32]:
    """Values on a grid, as :func:`sampled`, without making a list of its places first."""
    from scipy.ndimage import affine_transform

    voxels = volume.at_time_point(time_point)
    corners = np.stack(np.meshgrid(*((0, n - 1) for n in shape), indexing="ij"), axis=-1).reshape(-1, 3)
    reached = transform_points(to_voxel, corners)
    sizes = np.asarray(voxels.shape)
    first = np.clip(np.floor(reached.min(axis=0)).astype(int), 0, sizes - 1)
    last = np.clip(np.ceil(reached.max(axis=0)).astype(int) + 1, first + 1, sizes)
    block = _plain(voxels[tuple(slice(a, b) for a, b in zip(first, last, strict=True))])
    values = np.empty(shape, dtype=np.float32)
    affine_transform(
        block, to_voxel[:3, :3], to_voxel[:3, 3] - first, output_shape=shape, output=values, order=1, mode="nearest"
    )
    values *= np.float32(volume.rescale.slope)
    values += np.float32(volume.rescale.intercept)
    along = np.ogrid[tuple(slice(0, n) for n in shape)]
    for axis in range(3):
        index = to_voxel[axis, 3] + sum(to_voxel[axis, n] * along[n] for n in range(3))
        values[(index < -_RIM) | (index > sizes[axis] - 1 + _RIM)] = np.nan
    return values


def _plain(block: Any) -> npt.NDArray[Any]:
    """Voxels of a kind that scipy takes."""
    plain: npt.NDArray[Any] = np.asarray(block)
    return plain.astype(np.float32) if plain.dtype.kind not in "iuf" or plain.dtype == np.float16 else plain


def on_axes_of(volume: Volume, reference: Grid, time_point: int = 0) -> Volume:
    """Resample a volume so that its axes run along those of another; one that is parallel already comes back as it is.

    Parameters
    ----------
    volume : Volume
        Of the same head, in the same frame of reference.
    reference : Grid
        Of the other volume.
    time_point : int
        Of a volume that has several.

    Returns
    -------
    Volume
        On a grid of about its own spacing, within the reference's bounds; its lowest value beside it.
    """
    theirs = reference.voxel_to_ras[:3, :3] / np.asarray(reference.spacing_mm)
    ours = volume.grid.voxel_to_ras[:3, :3] / np.asarray(volume.spacing_mm)
    turned = np.abs(theirs.T @ ours)
    along = turned.argmax(axis=1)
    if len(set(along)) == 3 and turned[np.arange(3), along].min() > _PARALLEL:
        return volume
    spacing = np.asarray([volume.spacing_mm[axis] for axis in along])
    corners = np.stack(np.meshgrid(*((-0.5, n - 0.5) for n in volume.grid.shape), indexing="ij"), axis=-1)
    reached = reference.voxel_from_ras(volume.grid.ras_from_voxel(corners.reshape(-1, 3)))
    low = np.maximum(reached.min(axis=0), -0.5)
    high = np.minimum(reached.max(axis=0), np.asarray(reference.shape) - 0.5)
    if (high <= low).any():
        raise GeometryError("the two volumes do not overlap: they are not of one head in one frame of reference")
    sizes_mm = (high - low) * reference.spacing_mm
    shape = np.maximum(1, np.ceil(sizes_mm / spacing)).astype(int)
    to_ras = np.eye(4)
    to_ras[:3, :3] = theirs * (sizes_mm / shape)
    first = low + (sizes_mm / shape) / np.asarray(reference.spacing_mm) / 2
    to_ras[:3, 3] = reference.ras_from_voxel(first)
    i, j, k = (int(n) for n in shape)
    values = _on_grid(volume, volume.grid.ras_to_voxel @ to_ras, (i, j, k), time_point)
    values[np.isnan(values)] = np.nanmin(values) if not np.isnan(values).all() else 0.0
    return Volume(values, to_ras, replace(volume.provenance, warnings=()), Rescale())


def straightened(
    volume: Volume, curve: Curve, *, half_width_mm: float, step_mm: float, turned_deg: float = 0.0, time_point: int = 0
) -> FloatArray:
    """A picture along a curve as if it were pulled straight.

    Parameters
    ----------
    volume : Volume
        Whose values.
    curve : Curve
        Runs along the picture's middle row, from left to right.
    half_width_mm, step_mm : float
        How much is shown to either side of the curve; size of the pixels.
    turned_deg : float
        How far the picture's plane is turned about the curve.
    time_point : int
        Of a volume that has several.

    Returns
    -------
    array of shape (rows, columns), float32
        NaN beside the volume. The middle row is the curve itself.
    """
    along = np.arange(0.0, curve.length_mm + step_mm / 2, step_mm)
    sides, ahead = curve.sideways(along), curve.directions(along)
    angle = np.radians(turned_deg)
    sides = sides * np.cos(angle) + np.cross(ahead, sides) * np.sin(angle)
    half = round(half_width_mm / step_mm)
    offsets = np.arange(half, -half - 1, -1) * step_mm
    return sampled(volume, curve.places(along)[None] + offsets[:, None, None] * sides[None], time_point)
