"""The two layers on which all marks are drawn.

They are kept and fed anew, never removed: napari's Shapes cost time for each shape even where it is not shown,
so they get only what is near the slice, and taking a Shapes layer away while drawing goes on is not safe with
every OpenGL driver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Points, Shapes

from napari_vascular_loop.display.glyphs import CLEAR, Glyphs, Rgba

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.space import FloatArray

MARKS_LAYER = "Marks"
LABELS_LAYER = "Labels"
_UNSEEN = 0.001
_OFF_GRID = 0.1234567
"""Of the layers' scale, by which they are moved: napari shows no shape on a slice that lies just half-way between two
of the layer's own steps, so none may."""
_LABEL_POINTS = 11


@dataclass(frozen=True, eq=False)
class GlyphsOnSlice:
    """Glyphs, and the slice that they lie on."""

    glyphs: Glyphs
    display_axis: int
    slice_mm: float

    def place(self, vertices_mm: FloatArray) -> FloatArray:
        """Give places in the plane, shape (..., 2), the third coordinate."""
        return np.insert(vertices_mm, self.display_axis, self.slice_mm, axis=-1)


class MarkLayers:
    """Owns the Shapes and the Points layer; creates them again if a user deletes them.

    Parameters
    ----------
    layers : napari.components.LayerList
        The viewer's layers.
    """

    def __init__(self, layers: Any) -> None:
        self._layers = layers
        self._shapes: Shapes | None = None
        self._points: Points | None = None
        self._drawn: dict[int, Any] = {}

    def owned(self) -> tuple[Any, ...]:
        """The layers that exist."""
        return tuple(layer for layer in (self._shapes, self._points) if layer is not None and layer in self._layers)

    def clear(self) -> None:
        """Show nothing; layers that don't exist yet are not made for it."""
        if self.owned():
            self.draw([], float(self.owned()[0].scale[0]))

    def draw(self, slices: Sequence[GlyphsOnSlice], scale_mm: float) -> None:
        """Show the glyphs of these slices, and nothing else.

        Parameters
        ----------
        slices : sequence of GlyphsOnSlice
            One in 2-D; one for each mark in 3-D.
        scale_mm : float
            The layers' scale. As large as the volume's largest voxel, so that the steps of napari's sliders stay
            those of the volume.
        """
        shapes, points = self._ensure(scale_mm)
        self._draw_shapes(shapes, slices, scale_mm)
        self._draw_points(points, slices, scale_mm)
        for layer in (shapes, points):
            # napari makes a layer editable anew with all new data; marks are moved with our own tools.
            layer.editable = False

    def _draw_shapes(self, layer: Shapes, slices: Sequence[GlyphsOnSlice], scale_mm: float) -> None:
        drawn = [(on_slice, glyph) for on_slice in slices for glyph in on_slice.glyphs.shapes]
        if self._is_drawn(layer, [on_slice.place(glyph.vertices_mm) for on_slice, glyph in drawn], drawn, scale_mm):
            return
        if layer.nshapes:
            layer.data = []
        if not drawn:
            return
        layer.add(
            [on_slice.place(glyph.vertices_mm) / scale_mm - _OFF_GRID for on_slice, glyph in drawn],
            shape_type=[glyph.kind for _, glyph in drawn],
            edge_width=[glyph.edge_width_mm / scale_mm for _, glyph in drawn],
            edge_color=np.array([glyph.edge for _, glyph in drawn]),
            face_color=np.array([glyph.face for _, glyph in drawn]),
        )
        layer.selected_data = set()

    def _draw_points(self, layer: Points, slices: Sequence[GlyphsOnSlice], scale_mm: float) -> None:
        dots = [(on_slice, dot) for on_slice in slices for dot in on_slice.glyphs.dots]
        labels = [(on_slice, label) for on_slice in slices for label in on_slice.glyphs.labels]
        places = [on_slice.place(dot.position_mm) for on_slice, dot in dots]
        places += [on_slice.place(label.position_mm) for on_slice, label in labels]
        if self._is_drawn(layer, places, (*dots, *labels), scale_mm):
            return
        if not dots and not labels:
            if len(layer.data):
                layer.data = np.empty((0, 3))
            return
        layer.data = np.array(places) / scale_mm - _OFF_GRID
        layer.features = {
            "text": [""] * len(dots) + [label.text for _, label in labels],
            "ink": [_hex(CLEAR)] * len(dots) + [_hex(label.colour) for _, label in labels],
        }
        layer.size = np.array([dot.size_mm / scale_mm for _, dot in dots] + [_UNSEEN] * len(labels))
        layer.face_color = np.array([dot.face for _, dot in dots] + [CLEAR] * len(labels))
        layer.border_color = np.array([dot.border for _, dot in dots] + [CLEAR] * len(labels))
        layer.selected_data = set()

    def _is_drawn(self, layer: Any, places: list[FloatArray], drawn: Sequence[Any], scale_mm: float) -> bool:
        """Whether a layer shows these glyphs already: while panning, most stay where they are."""
        looks = [
            tuple(value for name, value in vars(glyph).items() if name not in ("vertices_mm", "position_mm"))
            for _, glyph in drawn
        ]
        key = (scale_mm, tuple(place.tobytes() for place in places), tuple(looks))
        same = self._drawn.get(id(layer)) == key
        self._drawn[id(layer)] = key
        return same

    def _ensure(self, scale_mm: float) -> tuple[Shapes, Points]:
        if self._shapes is None or self._shapes not in self._layers:
            self._shapes = Shapes(ndim=3, name=MARKS_LAYER, units=("mm",) * 3, opacity=1.0)
            self._add(self._shapes)
        if self._points is None or self._points not in self._layers:
            self._points = Points(
                ndim=3,
                name=LABELS_LAYER,
                units=("mm",) * 3,
                border_width=0.12,
                border_width_is_relative=True,
                features={"text": [""], "ink": ["#00000000"]},
                data=np.zeros((1, 3)),
                text={
                    "string": {"feature": "text"},
                    "color": {"feature": "ink"},
                    "size": _LABEL_POINTS,
                    "anchor": "center",
                },
            )
            self._points.data = np.empty((0, 3))
            self._add(self._points)
        off_mm = scale_mm * _OFF_GRID
        for layer in (self._shapes, self._points):
            if layer.translate[0] != off_mm:
                layer.scale, layer.translate = (scale_mm,) * 3, (off_mm,) * 3
        return self._shapes, self._points

    def bring_to_top(self) -> None:
        """Stay above a volume that was opened after the marks were first drawn.

        Not to be called while napari is telling of a new layer: its list of layers would be out of step.
        """
        owned = list(self.owned())
        if owned and list(self._layers[-len(owned) :]) != owned:
            self._layers.move_multiple([self._layers.index(layer) for layer in owned], len(self._layers))

    def _add(self, layer: Any) -> None:
        """Add a layer without taking the selection away from the volume."""
        active = self._layers.selection.active
        layer.editable = False
        self._layers.append(layer)
        if active is not None:
            self._layers.selection.active = active


def _hex(colour: Rgba) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)
