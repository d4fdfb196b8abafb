"""Marks of a view as glyphs, after the style sheet.

Sizes are in screen pixels: the glyphs are made anew when the zoom changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.display.glyphs import ArrowGlyph, Glyphs, HandleGlyph, LineGlyph, PointGlyph
from napari_vascular_loop.display.label_layout import lay_out_labels
from napari_vascular_loop.display.mark_style import DARK, SELECTED_COLOUR, MarkStyle, rgba
from napari_vascular_loop.domain.annotation import Arrow, Point, Region, is_text
from napari_vascular_loop.domain.drawing import colour_of
from napari_vascular_loop.domain.measure import is_ruler

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_vascular_loop.display.label_places import LabelPlaces
    from napari_vascular_loop.domain.drawing import MarkOnSlice
    from napari_vascular_loop.domain.marks_on_slice import MarksOnSlice
    from napari_vascular_loop.domain.space import FloatArray

LAYERS_OF_A_MARK = 3


def labels_of(
    marks: MarksOnSlice,
    mm_per_pixel: float,
    selected_id: str | None,
    horizontal_sign: int = 1,
    vertical_sign: int = 1,
    seen_mm: FloatArray | None = None,
    *,
    size_px: Callable[[str], tuple[float, float]],
    style: MarkStyle = DARK,
    before: LabelPlaces | None = None,
    hurried: bool = False,
) -> tuple[Glyphs, bool]:
    """Give the labels of a view's marks with their leaders, without the marks themselves, and whether some wait.

    Parameters
    ----------
    marks : MarksOnSlice
        All that is drawn.
    mm_per_pixel : float
        Size of a screen pixel.
    selected_id : str or None
        This mark gets a golden rim, and is drawn last.
    horizontal_sign, vertical_sign : int
        +1 where the axis grows to the right, or downwards, on screen; -1 otherwise.
    seen_mm : array of shape (2, 2), optional
        Lowest and highest place that is on screen.
    size_px : callable
        Gives height and width of a label's picture.
    style : MarkStyle
        What marks look like.
    before : LabelPlaces, optional
        Where labels stood on the slice before; is told where they stand now.
    hurried : bool
        Whether the slice is one of many that are gone through: labels that are new on it may then wait.
    """
    glyphs = Glyphs(mm_per_pixel, np.array([vertical_sign, horizontal_sign], dtype=np.float64), style)
    wait = lay_out_labels(glyphs, marks, selected_id, seen_mm, size_px, before, hurried=hurried)
    return glyphs, wait


def add_marks(glyphs: Glyphs, marks: Sequence[MarkOnSlice], selected_id: str | None) -> None:
    """Add what the marks of a view are drawn with; the selected one is drawn last."""
    for number, mark in enumerate(marks):
        selected = mark.annotation.id == selected_id
        layer = (len(marks) if selected else number) * LAYERS_OF_A_MARK
        draw_mark(glyphs, mark, number, layer, selected, len(mark.strokes) == 1)


def handles_of(vertices_mm: FloatArray, mark: int = 0) -> list[HandleGlyph]:
    """Rings by which the ends and corners of the selected mark are moved."""
    return [HandleGlyph(vertex, rgba(SELECTED_COLOUR), mark) for vertex in vertices_mm]


def draw_mark(glyphs: Glyphs, mark: MarkOnSlice, number: int, layer: int, selected: bool, whole: bool) -> None:
    """Add what a mark is drawn with.

    Parameters
    ----------
    glyphs : Glyphs
        What it is added to.
    mark : MarkOnSlice
        The mark.
    number : int
        Of the mark in the drawing.
    layer : int
        The lowest of its `LAYERS_OF_A_MARK`.
    selected : bool
        Whether it has a golden rim.
    whole : bool
        Whether it is seen from end to end: only then a ruler has its ticks.
    """
    style = glyphs.style
    rim = SELECTED_COLOUR if selected else style.rim
    geometry = mark.annotation.geometry
    for stroke in mark.strokes:
        vertices, opacity = stroke.vertices_mm, stroke.opacity
        if isinstance(geometry, Arrow):
            ink = rgba(style.ink, opacity)
            glyphs.arrows.append(ArrowGlyph(vertices[0], vertices[1], ink, rgba(rim, opacity), layer, number))
        elif is_text(geometry):
            continue  # its label is all of it
        elif isinstance(geometry, Point):
            colour = rgba(colour_of(mark.annotation), opacity)
            border = rgba(style.ink if style.ink != style.rim else "#000000", opacity)
            glyphs.points.append(PointGlyph(vertices[0], colour, border, rgba(rim, opacity), layer, number))
        else:
            closed = isinstance(geometry, Region)
            colour = rgba(colour_of(mark.annotation), opacity)
            lines = [(vertices, closed)]
            if is_ruler(geometry) and whole and len(vertices) == 2:
                lines += [(tick, False) for tick in _ticks(vertices, glyphs)]
            for line, is_closed in lines:
                if selected:
                    edge = rgba(SELECTED_COLOUR, opacity)
                    glyphs.lines.append(LineGlyph(line, is_closed, style.edged_line_px, edge, layer, number))
                    glyphs.lines.append(LineGlyph(line, is_closed, style.line_px, colour, layer + 1, number))
                else:
                    glyphs.lines.append(LineGlyph(line, is_closed, style.edged_line_px, colour, layer, number, True))


def _ticks(ends_mm: FloatArray, glyphs: Glyphs) -> list[FloatArray]:
    """Short lines across both ends of a ruler."""
    along = ends_mm[1] - ends_mm[0]
    length = float(np.linalg.norm(along))
    if length <= 0:
        return []
    across = np.array([-along[1], along[0]]) / length * glyphs.style.tick_px / 2 * glyphs.mm_per_pixel
    return [np.array([end - across, end + across]) for end in ends_mm]
