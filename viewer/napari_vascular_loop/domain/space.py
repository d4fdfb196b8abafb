"""Frames, letters and planes.

Three frames are spoken of, and names carry them together with the unit:

* **voxel ijk**: array index, voxel centre at the integer;
* **RAS mm**: the patient's right, anterior and superior, in mm. Everything stored or shown is in this frame;
* **display (S, A, R) mm**: see :mod:`napari_vascular_loop.domain.frame`.

DICOM and Slicer files speak LPS; they are converted with :data:`RAS_FROM_LPS` where they are read.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.text import shown_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

Vector3 = tuple[float, float, float]
FloatArray = npt.NDArray[np.float64]

RAS_FROM_LPS: FloatArray = np.diag([-1.0, -1.0, 1.0, 1.0])
"""4x4 that turns LPS mm into RAS mm, and back: its own inverse."""

POSITIVE_LETTERS = ("R", "A", "S")
NEGATIVE_LETTERS = ("L", "P", "I")

COMPOUND_LETTER_FROM_DEG = 3.0
"""An axis tilted by at least this angle towards another axis carries that axis's letter too."""

MAX_COORDINATE_MM = 1e5
"""No head is larger: a coordinate beyond a hundred metres is a damaged number."""


class Plane(enum.Enum):
    """An anatomical plane; the value is the RAS axis it is perpendicular to."""

    SAGITTAL = 0
    CORONAL = 1
    AXIAL = 2


def vector3(values: Sequence[float] | npt.NDArray[np.generic], name: str = "position") -> Vector3:
    """Turn three numbers into a checked tuple of floats.

    Parameters
    ----------
    values : sequence of 3 numbers
        A position or displacement in mm.
    name : str
        How to call it in the error.

    Raises
    ------
    GeometryError
        If there are not three finite numbers within 100 m.
    """
    numbers = tuple(float(v) for v in values)
    if len(numbers) != 3:
        raise GeometryError(f"{name} needs three numbers, got {len(numbers)}: {numbers}")
    if not all(math.isfinite(v) and abs(v) <= MAX_COORDINATE_MM for v in numbers):
        raise GeometryError(f"{name} must be three finite numbers in mm, got {numbers}")
    # Adding 0.0 turns -0.0 into 0.0, so that equal places are written alike.
    return (numbers[0] + 0.0, numbers[1] + 0.0, numbers[2] + 0.0)


def transform_points(matrix: npt.ArrayLike, points: npt.ArrayLike) -> FloatArray:
    """Apply a 4x4 affine to points of shape (..., 3)."""
    m = np.asarray(matrix, dtype=np.float64)
    p = np.asarray(points, dtype=np.float64)
    return np.asarray(p @ m[:3, :3].T + m[:3, 3], dtype=np.float64)


def round_length(longest_mm: float) -> float:
    """Give the largest of 1, 2 or 5 times a power of ten that is not longer.

    Examples
    --------
    >>> round_length(34.0)
    20.0
    """
    power = 10.0 ** math.floor(math.log10(max(longest_mm, 1e-6)))
    return float(round(next(step for step in (5, 2, 1) if step * power <= longest_mm * (1 + 1e-9)) * power, 9))


def format_ras_mm(ras_mm: npt.ArrayLike, decimals: int = 1) -> str:
    """Say a place as a radiologist does.

    Examples
    --------
    >>> format_ras_mm((17.63, -35.3, 12.1))
    'R 17.6 P 35.3 S 12.1 mm'
    """
    parts = []
    for value, positive, negative in zip(
        np.asarray(ras_mm, dtype=np.float64), POSITIVE_LETTERS, NEGATIVE_LETTERS, strict=True
    ):
        rounded = round(float(value), decimals)
        parts.append(f"{positive if rounded >= 0 else negative} {abs(value):.{decimals}f}")
    return " ".join(parts) + " mm"


def direction_letters(direction_ras: npt.ArrayLike) -> str:
    """Name the direction of a vector in RAS, the dominant letter first ("RP").

    A further letter is added for each axis towards which the vector is tilted by at least
    `COMPOUND_LETTER_FROM_DEG`.

    Raises
    ------
    GeometryError
        If the vector has no length.
    """
    v = np.asarray(direction_ras, dtype=np.float64)
    length = float(np.linalg.norm(v))
    if not math.isfinite(length) or length == 0:
        raise GeometryError(f"a direction needs a length, got {v.tolist()}")
    v = v / length
    threshold = math.sin(math.radians(COMPOUND_LETTER_FROM_DEG))
    order = sorted(range(3), key=lambda axis: (-round(abs(float(v[axis])), 9), axis))
    letters = ""
    for rank, axis in enumerate(order):
        if rank == 0 or abs(v[axis]) >= threshold:
            letters += POSITIVE_LETTERS[axis] if v[axis] > 0 else NEGATIVE_LETTERS[axis]
    return letters


def closest_axes(voxel_to_ras: npt.ArrayLike) -> tuple[tuple[int, int], ...]:
    """Find for each voxel axis the RAS axis it runs along, and which way.

    The rotation is taken out by polar decomposition, then axes are given away greedily, the most
    certain first, as `nibabel.orientations.io_orientation` does.

    Returns
    -------
    tuple of (ras_axis, sign)
        One pair for each of i, j, k; sign is +1 towards R, A, S and -1 towards L, P, I.
    """
    m = np.asarray(voxel_to_ras, dtype=np.float64)[:3, :3]
    directions = m / np.linalg.norm(m, axis=0)
    u, _, vt = np.linalg.svd(directions)
    rotation = u @ vt
    weights = np.abs(rotation)
    found: dict[int, tuple[int, int]] = {}
    free = weights.copy()
    for voxel_axis in np.argsort(-np.round(weights.max(axis=0), 12), kind="stable"):
        ras_axis = int(np.argmax(np.round(free[:, voxel_axis], 12)))
        found[int(voxel_axis)] = (ras_axis, 1 if rotation[ras_axis, voxel_axis] >= 0 else -1)
        free[ras_axis, :] = -1.0
    return tuple(found[axis] for axis in range(3))


@dataclass(frozen=True, eq=False)
class Grid:
    """Where the voxels of a volume lie.

    Parameters
    ----------
    shape : tuple of 3 int
        Number of voxels along i, j, k.
    voxel_to_ras : array of shape (4, 4)
        Turns voxel indices (centres at integers) into RAS mm.

    Raises
    ------
    GeometryError
        If the matrix is not a finite, invertible affine, or a side has no voxel.
    """

    shape: tuple[int, int, int]
    voxel_to_ras: FloatArray

    def __post_init__(self) -> None:
        shape = tuple(int(n) for n in self.shape)
        if len(shape) != 3 or min(shape) < 1:
            raise GeometryError(f"a volume needs three sides of at least one voxel, got shape {shape}")
        matrix = np.array(self.voxel_to_ras, dtype=np.float64)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
            raise GeometryError(f"voxel_to_ras must be a finite 4x4 matrix, got {shown_numbers(matrix)}")
        if not np.array_equal(matrix[3], [0, 0, 0, 1]):
            raise GeometryError(f"the last row of voxel_to_ras must be 0 0 0 1, got {shown_numbers(matrix[3])}")
        with np.errstate(over="ignore"):
            spacing = np.linalg.norm(matrix[:3, :3], axis=0)
        if spacing.min() < 1e-6 or spacing.max() > 1e4:
            raise GeometryError(f"voxel spacing must lie between 1e-6 and 1e4 mm, got {shown_numbers(spacing)}")
        if abs(float(np.linalg.det(matrix[:3, :3] / spacing))) < 1e-3:
            raise GeometryError(f"voxel_to_ras is flat: its axes lie in one plane, got {shown_numbers(matrix)}")
        matrix.setflags(write=False)
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "voxel_to_ras", matrix)

    @cached_property
    def ras_to_voxel(self) -> FloatArray:
        """4x4 that turns RAS mm into voxel indices (not rounded)."""
        return np.asarray(np.linalg.inv(self.voxel_to_ras), dtype=np.float64)

    @cached_property
    def spacing_mm(self) -> Vector3:
        """Distance between voxel centres along i, j, k."""
        spacing = np.linalg.norm(self.voxel_to_ras[:3, :3], axis=0)
        return (float(spacing[0]), float(spacing[1]), float(spacing[2]))

    @cached_property
    def orientation(self) -> str:
        """Letters towards which i, j and k run, such as "RAS" or "LPI"."""
        return "".join(
            POSITIVE_LETTERS[axis] if sign > 0 else NEGATIVE_LETTERS[axis]
            for axis, sign in closest_axes(self.voxel_to_ras)
        )

    @cached_property
    def obliquity_deg(self) -> float:
        """Largest angle between a voxel axis and the anatomical axis it is closest to."""
        directions = self.voxel_to_ras[:3, :3] / np.asarray(self.spacing_mm)
        cosines = [abs(float(directions[axis, k])) for k, (axis, _) in enumerate(closest_axes(self.voxel_to_ras))]
        return math.degrees(math.acos(min(1.0, min(cosines))))

    @cached_property
    def shear_deg(self) -> float:
        """How far the voxel axes are from standing square on each other."""
        d = self.voxel_to_ras[:3, :3] / np.asarray(self.spacing_mm)
        cosines = (float(d[:, 0] @ d[:, 1]), float(d[:, 0] @ d[:, 2]), float(d[:, 1] @ d[:, 2]))
        return max(abs(90.0 - math.degrees(math.acos(max(-1.0, min(1.0, c))))) for c in cosines)

    def ras_from_voxel(self, ijk: npt.ArrayLike) -> FloatArray:
        """Turn voxel indices, shape (..., 3), into RAS mm."""
        return transform_points(self.voxel_to_ras, ijk)

    def voxel_from_ras(self, ras_mm: npt.ArrayLike) -> FloatArray:
        """Turn RAS mm, shape (..., 3), into voxel indices that are not rounded."""
        return transform_points(self.ras_to_voxel, ras_mm)

    def nearest_voxel(self, ras_mm: npt.ArrayLike) -> tuple[int, int, int] | None:
        """Index of the voxel that holds a place, or None outside the volume."""
        index = np.floor(self.voxel_from_ras(ras_mm) + 0.5)
        if (index < 0).any() or (index >= self.shape).any():
            return None
        return (int(index[0]), int(index[1]), int(index[2]))

    def farthest_corner_shift_mm(self, other: Grid) -> float:
        """Largest distance between the same corner voxel placed by this grid and by another."""
        corners = np.array(np.meshgrid(*[(0, n - 1) for n in self.shape])).reshape(3, -1).T
        return float(np.linalg.norm(self.ras_from_voxel(corners) - other.ras_from_voxel(corners), axis=1).max())
