"""The ring around a place that was looked for, in every plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.display.glyphs import ABOVE_MARKS, LineGlyph
from napari_vascular_loop.display.mark_style import rgba
from napari_vascular_loop.domain.ring import ring_on_slice

if TYPE_CHECKING:
    from napari_vascular_loop.display.view_state import ViewState
    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.ring import Ring

_FOUND, _DOUBTFUL = rgba("#7CFC9A", 0.95), rgba("#FFB74D", 0.95)
_WIDTH_PX, _CROSS_PX = 3.0, 5.0
_DASH = 6


def ring_lines(frame: DisplayFrame, state: ViewState, ring: Ring) -> list[LineGlyph]:
    """Give the ring on a slice, dashed where it is doubtful, with a small cross at its middle on the middle's slice.

    Parameters
    ----------
    frame : DisplayFrame
        Of the volume.
    state : ViewState
        The slice on screen.
    ring : Ring
        In RAS mm.
    """
    place_mm = np.asarray(frame.display_from_ras([ring.place_ras_mm]))[0]
    corners = ring_on_slice(place_mm, ring.radius_mm, state.display_axis, state.slice_mm)
    if corners is None:
        return []
    colour = _DOUBTFUL if ring.is_doubtful else _FOUND
    if ring.is_doubtful:
        around = np.vstack([corners, corners[:1]])
        pieces = [around[at : at + _DASH // 2 + 1] for at in range(0, len(corners), _DASH)]
        lines = [LineGlyph(piece, False, _WIDTH_PX, colour, ABOVE_MARKS, 0, edged=True) for piece in pieces]
    else:
        lines = [LineGlyph(corners, True, _WIDTH_PX, colour, ABOVE_MARKS, 0, edged=True)]
    if abs(state.slice_mm - place_mm[state.display_axis]) <= frame.scale_mm[state.display_axis] / 2 + 1e-6:
        middle, reach = place_mm[list(state.in_plane)], _CROSS_PX * state.mm_per_pixel
        for axis in range(2):
            ends = np.array([middle, middle])
            ends[:, axis] += (-reach, reach)
            lines.append(LineGlyph(ends, False, _WIDTH_PX, colour, ABOVE_MARKS, 0, edged=True))
    return lines
