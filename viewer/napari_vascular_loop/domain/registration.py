"""How a scan lies over the atlas, the head in which places are known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.midline import Midline

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray

ATLAS_ID = "colin27"
"""The atlas' id in the catalogue of public volumes."""

_LEAST_VOLUME = 0.05
"""A head that would be stretched to so small a part of its volume, or by as much, is none."""


@dataclass(frozen=True, eq=False)
class Registration:
    """How a scan lies over the atlas, and what speaks for it.

    Parameters
    ----------
    scan_to_atlas, fossa_to_atlas, other_to_atlas : array of shape (4, 4)
        From the scan's RAS mm to the atlas': the whole scan's; the one of the second step, good around the brainstem;
        and the one from another start.
    likeness, rival_likeness : float
        How well it fits, in nats (`locate.fit`), and the best pose that lies elsewhere (0 where there was none).
    random_likeness : float
        What poses far from it reach by chance: the largest of many.
    covered : float
        Part of the scan, air left out, that the atlas covers.
    has_fossa : bool
        Whether there was enough of the scan around the brainstem for the second step.
    atlas_id : str
        Which atlas.

    Raises
    ------
    GeometryError
        If a matrix is none that lays one head over another.
    """

    scan_to_atlas: FloatArray
    fossa_to_atlas: FloatArray
    other_to_atlas: FloatArray
    likeness: float
    rival_likeness: float
    random_likeness: float
    covered: float
    has_fossa: bool
    atlas_id: str = ATLAS_ID

    def __post_init__(self) -> None:
        for matrix in (self.scan_to_atlas, self.fossa_to_atlas, self.other_to_atlas):
            if not lays_a_head(matrix):
                raise GeometryError(
                    "a registration has three matrices of 4x4 that turn, shift and stretch, and don't mirror; "
                    f"got {np.asarray(matrix).tolist()}"
                )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Registration) and self._numbers == other._numbers

    def __hash__(self) -> int:
        return hash(self._numbers)

    @property
    def _numbers(self) -> tuple[object, ...]:
        matrices = (self.scan_to_atlas, self.fossa_to_atlas, self.other_to_atlas)
        said = (self.likeness, self.rival_likeness, self.random_likeness, self.covered, self.has_fossa, self.atlas_id)
        return (*(float(one) for matrix in matrices for one in np.ravel(matrix)), *said)

    @property
    def midline(self) -> Midline:
        """The plane of the scan between left and right."""
        return midline_of(self.fossa_to_atlas)

    @property
    def axes_ras(self) -> FloatArray:
        """Right, anterior and superior of the head itself, a row each, shape (3, 3): directions in the scan's RAS."""
        return self._lies.rotation

    @property
    def turned_deg(self) -> float:
        """How far the head lies turned in the scanner, about whatever axis."""
        return self._lies.turned_deg

    @cached_property
    def _lies(self) -> Deformation:
        return Deformation.of(self.fossa_to_atlas)


@dataclass(frozen=True, eq=False)
class Deformation:
    """What a matrix does to a head, apart from moving it: a turn, and stretches along three axes square to each other.

    Parameters
    ----------
    scales : array of shape (3,)
        The stretches, the largest first.
    rotation : array of shape (3, 3)
        The turn that comes nearest to the matrix.
    turned_deg : float
        By how much it turns, about whatever axis.
    """

    scales: FloatArray
    rotation: FloatArray
    turned_deg: float

    @classmethod
    def of(cls, matrix: FloatArray) -> Deformation:
        """Take a matrix, 4x4 or 3x3, apart."""
        u, scales, vt = np.linalg.svd(matrix[:3, :3])
        rotation = u @ vt
        angle = float(np.degrees(np.arccos(np.clip((np.trace(rotation) - 1) / 2, -1, 1))))
        return cls(np.asarray(scales), np.asarray(rotation), angle)

    @property
    def shear(self) -> float:
        """How many times as large the largest stretch is as the smallest: 1 where all alike."""
        return float(self.scales.max() / self.scales.min())


def lays_a_head(matrix: FloatArray) -> bool:
    """Whether a matrix could lay one head over another: 4x4, finite, no mirror image and nothing flat or endless."""
    if np.shape(matrix) != (4, 4) or not np.isfinite(matrix).all() or (matrix[3] != (0, 0, 0, 1)).any():
        return False
    return bool(_LEAST_VOLUME < np.linalg.det(matrix[:3, :3]) < 1 / _LEAST_VOLUME)


def midline_of(scan_to_atlas: npt.ArrayLike) -> Midline:
    """Give the plane of a scan on which the atlas' own midline (R 0) lies, with its normal towards the right.

    Parameters
    ----------
    scan_to_atlas : array of shape (4, 4)
        From the scan's RAS mm to the atlas'.
    """
    across = np.asarray(scan_to_atlas, dtype=np.float64)[0]
    length = float(np.linalg.norm(across[:3]))
    return Midline(across[:3] / length, -float(across[3]) / length, 1.0)
