"""The thin lines that show where the other planes cut this one; they meet at the scene's place, which stays free."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Vectors

if TYPE_CHECKING:
    from napari_vascular_loop.display.view_state import ViewState
    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.space import FloatArray

CROSSHAIR_LAYER = "Crosshair"
_COLOUR = "#4FC3F7"
_OPACITY = 0.75
_WIDTH_PX = 1.2
_GAP_PX = 14.0
_OFF_GRID = 0.1234567
"""Of the layer's scale; see MarkLayers."""


class CrosshairLines:
    """Owns the layer of one viewer; kept and fed anew, made at the first line.

    Parameters
    ----------
    layers : napari.components.LayerList
        The viewer's layers.
    """

    def __init__(self, layers: Any) -> None:
        self._layers = layers
        self._layer: Vectors | None = None
        self._drawn: tuple[Any, ...] = ()

    def owned(self) -> tuple[Any, ...]:
        """The layer, where it exists."""
        return (self._layer,) if self._layer is not None and self._layer in self._layers else ()

    def clear(self) -> None:
        """Show nothing."""
        for layer in self.owned():
            if layer.visible:
                layer.visible = False

    def draw(self, frame: DisplayFrame, state: ViewState, shown_mm: float, place_mm: FloatArray) -> None:
        """Show the lines through a place.

        Parameters
        ----------
        frame : DisplayFrame
            Of the volume, from one end of which to the other the lines run.
        state : ViewState
            The slice on screen.
        shown_mm : float
            Where napari's slider stands along the slice's axis.
        place_mm : array of shape (3,)
            Display coordinates.
        """
        lines = _lines(frame, state, shown_mm, place_mm)
        scale_mm = max(frame.scale_mm)
        layer = self._ensure(scale_mm)
        key = (lines.tobytes(), scale_mm, state.mm_per_pixel)
        if key != self._drawn or not len(layer.data):
            self._drawn = key
            lines[:, 0] -= scale_mm * _OFF_GRID
            layer.data = lines / scale_mm
            layer.edge_width = _WIDTH_PX * state.mm_per_pixel / scale_mm
        if not layer.visible:
            layer.visible = True

    def bring_below(self, number: int) -> None:
        """Stay above all layers but so many at the top."""
        for layer in self.owned():
            wanted = len(self._layers) - 1 - number
            at = self._layers.index(layer)
            if at != wanted:
                self._layers.move(at, wanted + (1 if at < wanted else 0))

    def _ensure(self, scale_mm: float) -> Vectors:
        if self._layer is None or self._layer not in self._layers:
            self._layer = Vectors(
                np.zeros((1, 2, 3)),
                ndim=3,
                name=CROSSHAIR_LAYER,
                units=("mm",) * 3,
                edge_color=_COLOUR,
                opacity=_OPACITY,
                vector_style="line",
            )
            self._drawn = ()
            active = self._layers.selection.active
            self._layers.append(self._layer)
            self._layers.selection.active = active
        if self._layer.scale[0] != scale_mm:
            self._layer.scale, self._layer.translate = (scale_mm,) * 3, (scale_mm * _OFF_GRID,) * 3
        return self._layer


def _lines(frame: DisplayFrame, state: ViewState, shown_mm: float, place_mm: FloatArray) -> FloatArray:
    """Give start and displacement of the pieces on both sides of the place, shape (N, 2, 3), in display mm."""
    low = np.array(frame.translate_mm)
    high = low + np.multiply(frame.scale_mm, np.subtract(frame.shape, 1))
    gap = _GAP_PX * state.mm_per_pixel
    pieces = []
    for axis in state.in_plane:
        for start, end in ((low[axis], place_mm[axis] - gap), (place_mm[axis] + gap, high[axis])):
            if end <= start:
                continue
            line = np.zeros((2, 3))
            line[0] = np.clip(place_mm, low, high)
            line[0, state.display_axis] = shown_mm
            line[0, axis], line[1, axis] = start, end - start
            pieces.append(line)
    return np.array(pieces).reshape(-1, 2, 3)
