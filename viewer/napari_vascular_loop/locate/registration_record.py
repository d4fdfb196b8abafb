"""What a registration found, as it goes through a pipe and into a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray

FOSSA_CENTRE_MM, FOSSA_HALF_MM = np.array([0.0, -30.0, -38.0]), np.array([45.0, 32.0, 28.0])
"""The box of the atlas, with brainstem and both inner ears, in which the second step is done."""


@dataclass(frozen=True, eq=False)
class Registration:
    """How a scan lies over the atlas, and what speaks for it.

    Parameters
    ----------
    scan_to_atlas, fossa_to_atlas, other_to_atlas : array of shape (4, 4)
        The whole scan's; the one of the second step, good around the brainstem; and the one from another start.
    likeness, rival_likeness : float
        In nats, of the whole, and of the best pose that lies elsewhere (0 where there was none).
    random_likeness : float
        What poses far from it reach by chance: the largest of many.
    covered : float
        Part of the scan, air left out, that the atlas covers.
    has_fossa : bool
        Whether there was enough of the scan around the brainstem for the second step.
    """

    scan_to_atlas: FloatArray
    fossa_to_atlas: FloatArray
    other_to_atlas: FloatArray
    likeness: float
    rival_likeness: float
    random_likeness: float
    covered: float
    has_fossa: bool

    def as_json(self) -> dict[str, Any]:
        """For a file, or a pipe."""
        return {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in vars(self).items()}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Registration:
        """Read what `as_json` wrote; ValueError, KeyError or TypeError if it is something else."""
        matrices = [np.array(document[key], dtype=np.float64) for key in _MATRICES]
        if any(one.shape != (4, 4) or not np.isfinite(one).all() for one in matrices):
            raise ValueError("a registration has three 4x4 matrices")
        scan, fossa, other = matrices
        likeness, rival, chance, covered = (float(document[key]) for key in _NUMBERS)
        return cls(scan, fossa, other, likeness, rival, chance, covered, bool(document["has_fossa"]))


_MATRICES = ("scan_to_atlas", "fossa_to_atlas", "other_to_atlas")
_NUMBERS = ("likeness", "rival_likeness", "random_likeness", "covered")
