"""Whether somebody could be known by the face in a volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import Grid

_HEAD_MM = 140.0

WORDS = "it is large enough for a whole head, and a face can be recognised; what is cut around the marks leaves it out"


def may_show_face(grid: Grid) -> bool:
    """Whether a volume is as large as a head in all directions."""
    return bool((np.multiply(grid.spacing_mm, grid.shape) >= _HEAD_MM).all())
