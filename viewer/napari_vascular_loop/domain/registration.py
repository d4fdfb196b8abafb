"""How a scan lies over the atlas, the head in which places are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.midline import Midline

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray

ATLAS_ID = "colin27"
"""The atlas' id in the catalogue of public volumes."""


@dataclass(frozen=True, eq=False)
class Registration:
    """How a scan lies over the atlas, and what speaks for it.

    Parameters
    ----------
    scan_to_atlas, fossa_to_atlas, other_to_atlas : array of shape (4, 4)
        From the scan's RAS mm to the atlas': the whole scan's; the one of the second step, good around the brainstem;
        and the one from another start.
    likeness, rival_likeness : float
        In nats, of the whole, and of the best pose that lies elsewhere (0 where there was none).
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
            is_affine = np.shape(matrix) == (4, 4) and np.isfinite(matrix).all() and (matrix[3] == (0, 0, 0, 1)).all()
            if not is_affine or not 1e-3 < np.linalg.det(matrix[:3, :3]) < 1e3:
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
        atlas_to_scan: FloatArray = np.asarray(np.linalg.inv(self.fossa_to_atlas), dtype=np.float64)
        return midline_of(atlas_to_scan)

    @property
    def axes_ras(self) -> FloatArray:
        """Right, anterior and superior of the head itself, a row each, shape (3, 3): directions in the scan's RAS."""
        u, _, vt = np.linalg.svd(self.fossa_to_atlas[:3, :3])
        return np.asarray(u @ vt, dtype=np.float64)

    @property
    def turned_deg(self) -> float:
        """How far the head lies turned in the scanner, about whatever axis."""
        return float(np.degrees(np.arccos(np.clip((np.trace(self.axes_ras) - 1) / 2, -1, 1))))


def midline_of(atlas_to_scan: FloatArray) -> Midline:
    """Give the plane of a scan on which the atlas' own midline (R 0) lies, with its normal towards the right."""
    normal = np.linalg.inv(atlas_to_scan[:3, :3])[0]
    normal = normal / np.linalg.norm(normal)
    return Midline(normal, float(normal @ atlas_to_scan[:3, 3]), 1.0)
