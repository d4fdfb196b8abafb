"""The plane between the left and the right half of a head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray


@dataclass(frozen=True, eq=False)
class Midline:
    """A plane that mirrors left onto right.

    Parameters
    ----------
    normal_ras : array of shape (3,)
        Square to it, towards the patient's right; of length 1.
    offset_mm : float
        How far it lies from the RAS origin, along the normal.
    likeness : float
        Correlation of the image with its mirror image, from -1 to 1; 0 where nothing was estimated.
    """

    normal_ras: FloatArray
    offset_mm: float
    likeness: float = 0.0

    @property
    def is_estimated(self) -> bool:
        """Whether it was found in the image; else it is the middle of the scanner."""
        return self.likeness > 0

    def mirrored(self, ras_mm: npt.ArrayLike) -> FloatArray:
        """Places, shape (..., 3), on the other side, in RAS mm."""
        places = np.asarray(ras_mm, dtype=np.float64)
        beyond = places @ self.normal_ras - self.offset_mm
        return np.asarray(places - 2 * beyond[..., None] * self.normal_ras)

    def mirrored_direction(self, ras: npt.ArrayLike) -> FloatArray:
        """A direction, shape (3,), as it is on the other side."""
        direction = np.asarray(ras, dtype=np.float64)
        return np.asarray(direction - 2 * (direction @ self.normal_ras) * self.normal_ras)

    @property
    def turned_deg(self) -> float:
        """How far the head is turned or tilted against the scanner's middle plane."""
        return float(np.degrees(np.arccos(np.clip(self.normal_ras[0], -1, 1))))

    @property
    def words(self) -> str:
        """How it was found, for a caption."""
        if not self.is_estimated:
            return (
                "mirrored across the middle of the scanner, since the image did not show the head's own midline clearly"
            )
        shift = self.offset_mm
        beside = f"{abs(shift):.1f} mm {'right' if shift > 0 else 'left'} of the scanner's"
        return f"mirrored across the midline as estimated from the image ({beside}, turned by {self.turned_deg:.1f}°)"


SCANNERS_MIDDLE = Midline(np.array([1.0, 0.0, 0.0]), 0.0)
"""R 0: right where the head lay in the middle, and straight."""
