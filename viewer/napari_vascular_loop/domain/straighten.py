"""Volumes with slanting slices (a tilted gantry), resampled onto a straight grid.

napari can't show a sheared array undistorted. Of a tilted stack each slice is true in itself and merely lies shifted
in its own plane, so it is enough to shift each one back, by a fraction of a pixel, with linear interpolation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.frame import MAX_SHEAR_DEG, shear_warning
from napari_vascular_loop.domain.volume import Volume

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray, Grid

_MAX_GROWTH = 4.0
"""A straight grid may have this many times the voxels of the slanting one."""


def straightened(volume: Volume) -> Volume:
    """Resample a volume whose slices slant onto a grid whose axes stand square; any other volume comes back as it is.

    Parameters
    ----------
    volume : Volume
        Of any grid.

    Returns
    -------
    Volume
        Every place in RAS mm holds what it held before, at every time point; the grid is larger, its new corners hold
        the lowest value. It is a volume of its own, with an id and a fingerprint of its own.

    Raises
    ------
    GeometryError
        If no two of the axes stand square on each other: such a grid comes from a registration, not from a scanner.
    """
    grid = volume.grid
    if grid.shear_deg <= MAX_SHEAR_DEG:
        return volume
    slanting = _slanting_axis(grid)
    first, second = (axis for axis in range(3) if axis != slanting)
    count = grid.shape[slanting]
    matrix = np.array(grid.voxel_to_ras)
    step_mm = matrix[:3, slanting]
    in_plane = np.linalg.lstsq(matrix[:3, [first, second]], step_mm, rcond=None)[0]
    drift_px = {first: float(in_plane[0]), second: float(in_plane[1])}
    begin = {axis: math.floor(min(0.0, drift * (count - 1))) for axis, drift in drift_px.items()}
    shape = list(grid.shape)
    for axis, drift in drift_px.items():
        shape[axis] += math.ceil(abs(drift) * (count - 1))
    if math.prod(shape) > _MAX_GROWTH * math.prod(grid.shape):
        raise GeometryError(
            f"the slices slant by {grid.shear_deg:.1f} degrees over {count} slices: a straight grid would be more than "
            f"{_MAX_GROWTH:g} times as large"
        )
    matrix[:3, slanting] = step_mm - matrix[:3, [first, second]] @ in_plane
    matrix[:3, 3] += matrix[:3, first] * begin[first] + matrix[:3, second] * begin[second]
    shift = _Shift(slanting, drift_px, begin, (shape[0], shape[1], shape[2]))
    about = volume.provenance
    said = f"its slices slant by {grid.shear_deg:.1f} degrees: shown on a straight grid, interpolated"
    kept = tuple(warning for warning in about.warnings if warning != shear_warning(grid))
    about = replace(about, id=f"straight-{about.id}", warnings=kept, resampled=said)
    if volume.series is None:
        return Volume(shift.applied(volume.voxels), matrix, about, volume.rescale)
    series = np.empty((*shape, volume.time_points), volume.voxels.dtype, order="F")
    for number in range(volume.time_points):
        series[..., number] = shift.applied(volume.at_time_point(number))
    return Volume(series[..., 0], matrix, about, volume.rescale, series)


@dataclass(frozen=True)
class _Shift:
    """How far each slice is moved, and into what grid.

    Parameters
    ----------
    slanting : int
        The axis along which the slices follow each other.
    drift_px : dict of int to float
        By how many pixels of the other two axes each slice lies further than the one before.
    begin : dict of int to int
        First pixel of the new grid, counted from the first of slice 0.
    shape : tuple of 3 int
        Of the new grid.
    """

    slanting: int
    drift_px: dict[int, float]
    begin: dict[int, int]
    shape: tuple[int, int, int]

    def applied(self, voxels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Move the slices of one volume; one at a time is held as floating numbers."""
        lowest = voxels.min()
        moved = np.full(self.shape, lowest, dtype=voxels.dtype, order="F")
        for number in range(self.shape[self.slanting]):
            plane = np.asarray(np.take(voxels, number, axis=self.slanting)).astype(np.float32)
            for position, (axis, drift) in enumerate(self.drift_px.items()):
                plane = _shifted(plane, position, self.shape[axis], number * drift - self.begin[axis], float(lowest))
            target = (slice(None),) * self.slanting + (number,)
            moved[target] = plane if moved.dtype.kind == "f" else np.rint(plane)
        return moved


def _slanting_axis(grid: Grid) -> int:
    """The axis that does not stand square on the other two, which do on each other."""
    directions: FloatArray = grid.voxel_to_ras[:3, :3] / np.asarray(grid.spacing_mm)
    limit = math.sin(math.radians(MAX_SHEAR_DEG))
    for slanting in (2, 1, 0):
        first, second = (axis for axis in range(3) if axis != slanting)
        if abs(float(directions[:, first] @ directions[:, second])) <= limit:
            return slanting
    raise GeometryError(
        f"no two axes of the volume stand square on each other (sheared by {grid.shear_deg:.1f} degrees, as an affine "
        "registration does); resample it with the program that registered it"
    )


def _shifted(plane: npt.NDArray[Any], axis: int, length: int, shift_px: float, outside: float) -> npt.NDArray[Any]:
    """Move a plane along one axis by a fraction of a pixel, into a longer one."""
    source = np.arange(length) - shift_px
    low = np.floor(source).astype(int)
    weight = (source - low).astype(np.float32)
    size = plane.shape[axis]
    weight = weight[:, None] if axis == 0 else weight[None, :]

    def take(index: npt.NDArray[Any]) -> npt.NDArray[Any]:
        inside = (index >= 0) & (index < size)
        taken = np.take(plane, np.clip(index, 0, size - 1), axis=axis)
        return np.where(inside[:, None] if axis == 0 else inside[None, :], taken, np.float32(outside))

    shifted: npt.NDArray[Any] = take(low) * (1 - weight) + take(low + 1) * weight
    return shifted
