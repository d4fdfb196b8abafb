"""Marks of a slice as polygons, lines, dots and labels for two napari layers.

Sizes are in screen pixels: the glyphs are made anew when the zoom changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from napari_vascular_loop.domain.annotation import Arrow, Path, Point, Region
from napari_vascular_loop.domain.drawing import MarkOnSlice, arrow_outline, colour_of
from napari_vascular_loop.domain.space import FloatArray

ARROW_UNIT_PX = 3.2
RIM_PX = 1.6
LINE_PX = 2.6
DOT_PX = 11.0
HANDLE_PX = 10.0
LABEL_GAP_PX = 15.0
LABEL_CHARACTER_PX = 7.6
LABEL_HEIGHT_PX = 17.0
MAX_LABELS = 40
SELECTED_COLOUR = "#FFD23F"

Rgba = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class ShapeGlyph:
    """A polygon or a line in the plane; vertices are (vertical, horizontal) mm."""

    kind: str
    vertices_mm: FloatArray
    face: Rgba
    edge: Rgba
    edge_width_mm: float


@dataclass(frozen=True, eq=False)
class DotGlyph:
    """A disc in the plane."""

    position_mm: FloatArray
    size_mm: float
    face: Rgba
    border: Rgba


@dataclass(frozen=True, eq=False)
class LabelGlyph:
    """A text centred on a place in the plane."""

    position_mm: FloatArray
    text: str
    colour: Rgba


@dataclass(eq=False)
class Glyphs:
    """All that is drawn on a slice."""

    shapes: list[ShapeGlyph] = field(default_factory=list)
    dots: list[DotGlyph] = field(default_factory=list)
    labels: list[LabelGlyph] = field(default_factory=list)


def glyphs_of(
    marks: list[MarkOnSlice], mm_per_pixel: float, selected_id: str | None, horizontal_sign: int = 1, vertical_sign: int = 1
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
    """
    glyphs = Glyphs()
    placed: list[tuple[float, float, float, float]] = []
    signs = np.array([vertical_sign, horizontal_sign], dtype=np.float64)
    labelled = 0
    for mark in sorted(marks, key=lambda m: m.annotation.id == selected_id):
        if not mark.strokes:
            continue
        selected = mark.annotation.id == selected_id
        _draw(glyphs, mark, mm_per_pixel, selected)
        if mark.annotation.label.strip() and labelled < MAX_LABELS:
            labelled += 1
            _label(glyphs, mark, mm_per_pixel, selected, signs, placed)
    return glyphs


def handles_of(vertices_mm: FloatArray, mm_per_pixel: float) -> list[DotGlyph]:
    """Discs by which the ends and corners of the selected mark are moved."""
    return [
        DotGlyph(vertex, HANDLE_PX * mm_per_pixel, rgba("#FFFFFF"), rgba(SELECTED_COLOUR)) for vertex in vertices_mm
    ]


def rgba(colour: str, opacity: float = 1.0) -> Rgba:
    """Turn #RRGGBB and an opacity into numbers from 0 to 1."""
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return (red, green, blue, opacity)


def _draw(glyphs: Glyphs, mark: MarkOnSlice, mm_per_pixel: float, selected: bool) -> None:
    colour = colour_of(mark.annotation)
    rim = SELECTED_COLOUR if selected else "#FFFFFF"
    dark = SELECTED_COLOUR if selected else "#000000"
    for stroke in mark.strokes:
        opacity, vertices = stroke.opacity, stroke.vertices_mm
        match mark.annotation.geometry:
            case Arrow():
                outline = arrow_outline(vertices[0], vertices[1], ARROW_UNIT_PX * mm_per_pixel)
                glyphs.shapes.append(
                    ShapeGlyph("polygon", outline, rgba("#000000", opacity), rgba(rim, opacity), RIM_PX * mm_per_pixel)
                )
            case Point():
                size = DOT_PX * mm_per_pixel
                glyphs.dots.append(DotGlyph(vertices[0], size * 1.3, rgba(rim, opacity), rgba(rim, opacity)))
                glyphs.dots.append(DotGlyph(vertices[0], size, rgba(colour, opacity), rgba("#000000", opacity)))
            case Path() | Region():
                kind = "path" if isinstance(mark.annotation.geometry, Path) else "polygon"
                for ink, width_px in ((dark, LINE_PX * 2), (colour, LINE_PX)):
                    glyphs.shapes.append(
                        ShapeGlyph(kind, vertices, (0.0, 0.0, 0.0, 0.0), rgba(ink, opacity), width_px * mm_per_pixel)
                    )


def _label(
    glyphs: Glyphs, mark: MarkOnSlice, mm_per_pixel: float, selected: bool, signs: FloatArray,
    placed: list[tuple[float, float, float, float]],
) -> None:
    """Put a label beside its mark: away from an arrow's tip, above anything else, clear of other labels."""
    text = mark.annotation.label.strip()
    half = np.array([LABEL_HEIGHT_PX, LABEL_CHARACTER_PX * len(text)]) / 2 * mm_per_pixel
    gap = LABEL_GAP_PX * mm_per_pixel
    anchor = mark.label_anchor_mm
    best = anchor
    for direction in _directions(mark, signs):
        middle = anchor + direction * (gap + np.abs(direction) * half)
        best = middle if best is anchor else best
        box = (*(middle - half), *(middle + half))
        if not any(_overlap(box, other) for other in placed):
            best = middle
            break
    placed.append((*(best - half), *(best + half)))
    ink = SELECTED_COLOUR if selected else "#FFFFFF"
    shift = 1.2 * mm_per_pixel
    opacity = max(mark.opacity, 0.6)
    for offset in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        glyphs.labels.append(LabelGlyph(best + np.array(offset) * shift, text, rgba("#000000", opacity)))
    glyphs.labels.append(LabelGlyph(best, text, rgba(ink, opacity)))


def _directions(mark: MarkOnSlice, signs: FloatArray) -> list[FloatArray]:
    """Directions in which a label may stand, the best first; (vertical, horizontal) in the plane."""
    on_screen = [(-1, 0), (1, 0), (-0.7, 0.7), (-0.7, -0.7), (0.7, 0.7), (0.7, -0.7), (0, 1), (0, -1)]
    around = [np.array(d) * signs for d in on_screen]
    if isinstance(mark.annotation.geometry, Arrow):
        tail, tip = mark.strokes[0].vertices_mm[0], mark.strokes[0].vertices_mm[1]
        away = tail - tip
        length = float(np.linalg.norm(away))
        if length > 0:
            return [away / length, *around]
    return around


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def hit_distance_px(mark: MarkOnSlice, place_mm: FloatArray, mm_per_pixel: float) -> float:
    """Distance in screen pixels from a place to the nearest part of a mark; infinite if it is not on the slice."""
    nearest = np.inf
    for stroke in mark.strokes:
        vertices = stroke.vertices_mm
        closed = isinstance(mark.annotation.geometry, Region)
        ends = np.vstack([vertices, vertices[:1]]) if closed else vertices
        if len(ends) == 1:
            nearest = min(nearest, float(np.linalg.norm(ends[0] - place_mm)))
        for a, b in zip(ends[:-1], ends[1:], strict=True):
            along = b - a
            t = float(np.clip((place_mm - a) @ along / max(float(along @ along), 1e-12), 0.0, 1.0))
            nearest = min(nearest, float(np.linalg.norm(a + t * along - place_mm)))
    return nearest / mm_per_pixel

