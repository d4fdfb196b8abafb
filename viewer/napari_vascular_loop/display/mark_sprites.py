"""The small pictures that marks are made of: a line's cross-section, with dark edges or plain, a disc, a ring, a head.

All else is white; what is drawn with them gives the colour. Their edges are as soft as a screen pixel is wide at the
size at which they are used, and they are finer than that: OpenGL takes the nearest texel, which is then the right one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_vascular_loop.domain.space import FloatArray

SIZE = 128
"""Texels of each side of a sprite."""

LINE_STEP_PX = 0.25
"""The sprites of lines have a row for each width, so many pixels apart."""

EDGE_PART = 0.25
"""Of the width of an edged line: each of its dark edges."""

WIDEST_LINE_PX = SIZE * LINE_STEP_PX
DISC_PX = 13.0
RING_PX = 10.0
RING_WIDTH_PX = 2.2
HEAD_PX = 26.0
"""Length of the arrow's head that the sprite is made for; its base is as wide."""

MARGIN_PX = 1.0
"""Round disc, ring and head at these sizes."""


class Sprite(NamedTuple):
    """Where a sprite lies in the texture: of rows and columns the first, and the one after the last."""

    top: float
    left: float
    bottom: float
    right: float

    def corners(self) -> FloatArray:
        """Top left, top right, bottom right, bottom left, as (row, column)."""
        corners: FloatArray = corners_of([self])[0]
        return corners


def corners_of(sprites: Sequence[Sprite]) -> FloatArray:
    """Corners of sprites, shape (N, 4, 2): top left, top right, bottom right, bottom left, as (row, column)."""
    corners: FloatArray = np.array(sprites, np.float64)[:, _CORNERS]
    return corners


_CORNERS = np.array([(0, 1), (0, 3), (2, 3), (2, 1)])
LINE, DISC, RING, HEAD, EDGED_LINE = (Sprite(0, n * SIZE, SIZE, (n + 1) * SIZE) for n in range(5))


@lru_cache(maxsize=1)
def sprites() -> NDArray[np.uint8]:
    """All sprites side by side, shape (SIZE, 5 * SIZE, 2): brightness and cover of each texel, 0 to 255."""
    along = (np.arange(SIZE) + 0.5) / SIZE
    width = np.arange(SIZE)[:, None] * LINE_STEP_PX
    off_px = np.abs(along - 0.5) * (width + 2 * MARGIN_PX)
    line = width / 2 + 0.5 - off_px
    between_edges = width * (0.5 - EDGE_PART) + 0.5 - off_px
    from_middle = np.hypot(*np.meshgrid(along - 0.5, along - 0.5))
    disc = DISC_PX / 2 + 0.5 - from_middle * (DISC_PX + 2 * MARGIN_PX)
    middle_of_ring = (RING_PX - RING_WIDTH_PX) / 2
    ring = RING_WIDTH_PX / 2 + 0.5 - np.abs(from_middle * (RING_PX + 2 * MARGIN_PX) - middle_of_ring)
    # The base of the head at the top of its sprite, the tip in the middle of its bottom.
    y = along[:, None] * (HEAD_PX + 2 * MARGIN_PX) - MARGIN_PX
    x = np.abs(along[None, :] - 0.5) * (HEAD_PX + 2 * MARGIN_PX)
    beside = (x - (HEAD_PX - y) / 2) * 2 / np.sqrt(5)
    head = 0.5 - np.maximum(beside, -y)
    cover = np.hstack([line, disc, ring, head, line])
    white = np.ones((SIZE, 4 * SIZE))
    both = np.stack([np.hstack([white, between_edges]), cover], axis=-1)
    return np.asarray(np.rint(np.clip(both, 0, 1) * 255), dtype=np.uint8)
