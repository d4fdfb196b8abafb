"""Marks of a slice as polygons, lines, dots and labels for two napari layers.

Sizes are in screen pixels: the glyphs are made anew when the zoom changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.display.glyphs import CLEAR, SELECTED_COLOUR, DotGlyph, Glyphs, Rgba, ShapeGlyph, rgba
from napari_vascular_loop.display.label_layout import labels_of
from napari_vascular_loop.domain.annotation import Arrow, Path, Point, Region
from napari_vascular_loop.domain.drawing import MarkOnSlice, arrow_outline, colour_of, grow_outline

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray

ARROW_UNIT_PX = 4.2
RIM_PX = 1.7
LINE_PX = 2.6
DOT_PX = 11.0
HANDLE_PX = 10.0


def glyphs_of(
    marks: list[MarkOnSlice],
    mm_per_pixel: float,
    selected_id: str | None,
    horizontal_sign: int = 1,
    vertical_sign: int = 1,
    seen_mm: FloatArray | None = None,
) -> Glyphs:
    """Turn the marks of a slice into glyphs.

    Parameters
    ----------
    marks : list of MarkOnSlice
        In drawing order.
    mm_per_pixel : float
        Size of a screen pixel.
    selected_id : str or None
        This mark gets a golden rim and handles.
    horizontal_sign, vertical_sign : int
        +1 where the axis grows to the right, or downwards, on screen; -1 otherwise.
    seen_mm : array of shape (2, 2), optional
        Lowest and highest place that is on screen.
    """
    glyphs = Glyphs()
    signs = np.array([vertical_sign, horizontal_sign], dtype=np.float64)
    for mark in sorted(marks, key=lambda m: m.annotation.id == selected_id):
        if not mark.strokes:
            continue
        selected = mark.annotation.id == selected_id
        _draw(glyphs, mark, mm_per_pixel, selected)
    glyphs.labels, leaders = labels_of(marks, mm_per_pixel, selected_id, signs, seen_mm)
    glyphs.shapes.extend(leaders)
    return glyphs


def handles_of(vertices_mm: FloatArray, mm_per_pixel: float) -> list[DotGlyph]:
    """Discs by which the ends and corners of the selected mark are moved."""
    return [DotGlyph(vertex, HANDLE_PX * mm_per_pixel, CLEAR, rgba(SELECTED_COLOUR)) for vertex in vertices_mm]


def _draw(glyphs: Glyphs, mark: MarkOnSlice, mm_per_pixel: float, selected: bool) -> None:
    colour = colour_of(mark.annotation)
    rim = SELECTED_COLOUR if selected else "#FFFFFF"
    dark = SELECTED_COLOUR if selected else "#000000"
    for stroke in mark.strokes:
        opacity, vertices = stroke.opacity, stroke.vertices_mm
        match mark.annotation.geometry:
            case Arrow():
                outline = arrow_outline(vertices[0], vertices[1], ARROW_UNIT_PX * mm_per_pixel)
                # The rim is drawn inside the outline, so that the tip stays where it was placed.
                inner = grow_outline(outline, -RIM_PX * mm_per_pixel)
                glyphs.shapes.append(_filled(outline, rgba(rim, opacity)))
                glyphs.shapes.append(_filled(inner, rgba("#000000", opacity)))
            case Point():
                size = DOT_PX * mm_per_pixel
                glyphs.dots.append(DotGlyph(vertices[0], size * 1.3, rgba(rim, opacity), rgba(rim, opacity)))
                glyphs.dots.append(DotGlyph(vertices[0], size, rgba(colour, opacity), rgba("#000000", opacity)))
            case Path() | Region():
                kind = "path" if isinstance(mark.annotation.geometry, Path) else "polygon"
                for ink, width_px in ((dark, LINE_PX * 2), (colour, LINE_PX)):
                    glyphs.shapes.append(ShapeGlyph(kind, vertices, CLEAR, rgba(ink, opacity), width_px * mm_per_pixel))


def _filled(outline: FloatArray, face: Rgba) -> ShapeGlyph:
    return ShapeGlyph("polygon", outline, face, CLEAR, 0.0)
