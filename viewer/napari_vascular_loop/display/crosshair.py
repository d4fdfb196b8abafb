"""The thin lines that show where the other planes cut this one; they meet at the scene's place, which stays free."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.display.glyphs import BELOW_MARKS, LineGlyph
from napari_vascular_loop.display.mark_style import rgba

if TYPE_CHECKING:
    from napari_vascular_loop.display.view_state import ViewState
    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.space import FloatArray

_COLOUR = rgba("#4FC3F7", 0.75)
_WIDTH_PX = 1.2
_GAP_PX = 14.0


def crosshair_lines(frame: DisplayFrame, state: ViewState, place_mm: FloatArray) -> list[LineGlyph]:
    """Give the lines through a place, in the plane of a slice.

    Parameters
    ----------
    frame : DisplayFrame
        Of the volume, from one end of which to the other the lines run.
    state : ViewState
        The slice on screen.
    place_mm : array of shape (3,)
        Display coordinates.
    """
    low = np.array(frame.translate_mm)
    high = low + np.multiply(frame.scale_mm, np.subtract(frame.shape, 1))
    gap = _GAP_PX * state.mm_per_pixel
    within = np.clip(place_mm, low, high)[list(state.in_plane)]
    lines = []
    for row, axis in enumerate(state.in_plane):
        for start, end in ((low[axis], place_mm[axis] - gap), (place_mm[axis] + gap, high[axis])):
            if end <= start:
                continue
            vertices = np.array([within, within])
            vertices[:, row] = start, end
            lines.append(LineGlyph(vertices, False, _WIDTH_PX, _COLOUR, BELOW_MARKS, 0))
    return lines
