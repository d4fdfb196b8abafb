"""The display frame: the volume's own axes, turned so that they run S, A, R.

napari draws arrays; handed an affine with permuted or tilted axes it shows the wrong slice. So the voxels are
only permuted and flipped (a view, nothing is resampled) until their axes run closest to superior, anterior,
right, and are laid out by scale and translation. What remains of an oblique scan, the tilt, stays here as
`display_to_ras`, and every number that a person reads goes through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.space import (
    FloatArray,
    Grid,
    Plane,
    Vector3,
    closest_axes,
    direction_letters,
    transform_points,
)

MAX_SHEAR_DEG = 0.5
"""Axes less square than this would be drawn visibly distorted, so such a volume is refused."""

RAS_AXIS_OF_DISPLAY_AXIS = (2, 1, 0)
"""Display axes are S, A, R; RAS axes are numbered R 0, A 1, S 2."""


def shear_warning(grid: Grid) -> str:
    """What a user should know of a grid whose axes are not square; "" of any other."""
    if grid.shear_deg <= MAX_SHEAR_DEG:
        return ""
    return f"its axes are sheared by {grid.shear_deg:.1f} degrees (a tilted gantry, or an affine registration)"


@dataclass(frozen=True, eq=False)
class DisplayFrame:
    """How a grid is laid out for display, and the way back to RAS mm.

    Display coordinates are (S, A, R) mm. For a scan that isn't oblique they are RAS mm in reverse order; for an
    oblique one they are measured along the scan's own axes, turned about the RAS origin.

    Parameters
    ----------
    grid : Grid
        The volume's grid.

    Raises
    ------
    GeometryError
        If the axes are sheared by more than `MAX_SHEAR_DEG`.
    """

    grid: Grid

    def __post_init__(self) -> None:
        if self.grid.shear_deg > MAX_SHEAR_DEG:
            raise GeometryError(
                f"the volume's axes are sheared by {self.grid.shear_deg:.1f} degrees (a tilted gantry, or an affine "
                "registration); it can't be shown undistorted: resample it onto a straight grid first"
            )

    @cached_property
    def voxel_axes(self) -> tuple[int, int, int]:
        """The voxel axis (0 i, 1 j, 2 k) that each of the display axes S, A, R runs along."""
        by_ras_axis = {axis: voxel for voxel, (axis, _) in enumerate(closest_axes(self.grid.voxel_to_ras))}
        s, a, r = (by_ras_axis[axis] for axis in RAS_AXIS_OF_DISPLAY_AXIS)
        return (s, a, r)

    @cached_property
    def flipped(self) -> tuple[bool, bool, bool]:
        """Whether the voxel axis runs against the display axis (towards I, P or L)."""
        signs = [sign for _, sign in closest_axes(self.grid.voxel_to_ras)]
        s, a, r = (signs[voxel_axis] < 0 for voxel_axis in self.voxel_axes)
        return (s, a, r)

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along S, A, R."""
        s, a, r = (self.grid.shape[axis] for axis in self.voxel_axes)
        return (s, a, r)

    @cached_property
    def scale_mm(self) -> Vector3:
        """Voxel spacing along S, A, R."""
        s, a, r = (self.grid.spacing_mm[axis] for axis in self.voxel_axes)
        return (s, a, r)

    @cached_property
    def _voxel_from_index(self) -> FloatArray:
        """4x4 from display index (of the reordered array) to voxel ijk."""
        m = np.zeros((4, 4))
        m[3, 3] = 1.0
        for display_axis, voxel_axis in enumerate(self.voxel_axes):
            if self.flipped[display_axis]:
                m[voxel_axis, display_axis] = -1.0
                m[voxel_axis, 3] = self.grid.shape[voxel_axis] - 1
            else:
                m[voxel_axis, display_axis] = 1.0
        return m

    @cached_property
    def _ras_from_index(self) -> FloatArray:
        return np.asarray(self.grid.voxel_to_ras @ self._voxel_from_index, dtype=np.float64)

    @cached_property
    def translate_mm(self) -> Vector3:
        """Display coordinates of the first voxel of the reordered array."""
        directions = self._ras_from_index[:3, :3] / np.asarray(self.scale_mm)
        s, a, r = np.linalg.solve(directions, self._ras_from_index[:3, 3])
        return (float(s), float(a), float(r))

    @cached_property
    def display_to_ras(self) -> FloatArray:
        """4x4 from display (S, A, R) mm to RAS mm; exact, whatever the tilt."""
        index_from_display = np.eye(4)
        index_from_display[:3, :3] = np.diag(1.0 / np.asarray(self.scale_mm))
        index_from_display[:3, 3] = -np.asarray(self.translate_mm) / np.asarray(self.scale_mm)
        return np.asarray(self._ras_from_index @ index_from_display, dtype=np.float64)

    @cached_property
    def ras_to_display(self) -> FloatArray:
        """4x4 from RAS mm to display (S, A, R) mm."""
        return np.asarray(np.linalg.inv(self.display_to_ras), dtype=np.float64)

    def reorder(self, voxels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """View voxels[i, j, k] as an array along S, A, R; nothing is copied."""
        view = np.transpose(voxels, self.voxel_axes)
        return view[tuple(slice(None, None, -1 if flip else 1) for flip in self.flipped)]

    def ras_from_display(self, sar_mm: npt.ArrayLike) -> FloatArray:
        """Turn display coordinates, shape (..., 3), into RAS mm."""
        return transform_points(self.display_to_ras, sar_mm)

    def display_from_ras(self, ras_mm: npt.ArrayLike) -> FloatArray:
        """Turn RAS mm, shape (..., 3), into display coordinates."""
        return transform_points(self.ras_to_display, ras_mm)

    def index_from_display(self, sar_mm: npt.ArrayLike) -> FloatArray:
        """Turn display coordinates into indices of the reordered array, not rounded."""
        p = np.asarray(sar_mm, dtype=np.float64)
        return np.asarray((p - self.translate_mm) / self.scale_mm, dtype=np.float64)

    def on_slice(self, sar_mm: npt.ArrayLike, display_axis: int) -> FloatArray:
        """Move a place, shape (3,), to the middle of the slice that it lies in, or of the one next to it."""
        place = np.array(sar_mm, dtype=np.float64)
        index = np.clip(np.rint(self.index_from_display(place)[display_axis]), 0, self.shape[display_axis] - 1)
        place[display_axis] = self.translate_mm[display_axis] + index * self.scale_mm[display_axis]
        return place

    def letters(self, display_axis: int) -> tuple[str, str]:
        """Letters at the low and the high end of a display axis, such as ("L", "R")."""
        return self._letters[display_axis]

    @cached_property
    def _letters(self) -> tuple[tuple[str, str], ...]:
        directions = self.display_to_ras[:3, :3].T
        return tuple((direction_letters(-towards), direction_letters(towards)) for towards in directions)


def display_axis_of(plane: Plane) -> int:
    """Display axis (0 S, 1 A, 2 R) along which one steps through the slices of a plane."""
    return RAS_AXIS_OF_DISPLAY_AXIS.index(plane.value)


def plane_of(display_axis: int) -> Plane:
    """Plane whose slices lie along a display axis (0 S, 1 A, 2 R)."""
    return Plane(RAS_AXIS_OF_DISPLAY_AXIS[display_axis])


def runs_to_the_left(plane: Plane, radiological: bool) -> bool:
    """Whether the horizontal display axis grows towards the left of the picture.

    On axial and coronal pictures that axis is R: it does in the radiological convention. On sagittal ones it is A:
    it does in both, so that the nose is on the left.
    """
    return True if plane is Plane.SAGITTAL else radiological
