"""Draw a mark and its label on the axes of a figure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Polygon
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region
from napari_vascular_loop.domain.drawing import arrow_outline, colour_of
from napari_vascular_loop.domain.frame import DisplayFrame
from napari_vascular_loop.domain.space import FloatArray
from napari_vascular_loop.export.slice_view import SliceView

_ARROW_UNIT_POINTS = 1.9
_LABEL_POINTS = 8.5
_GAP_POINTS = 5.0


@dataclass(frozen=True, eq=False)
class DrawnMark:
    """What the label must know: where the mark is, where the label may begin, and what it must not cover.

    Places are (horizontal, vertical) mm.
    """

    anchor_mm: FloatArray
    away: FloatArray
    occupied_mm: FloatArray


def draw_mark(axes: Axes, annotation: Annotation, frame: DisplayFrame, view: SliceView, points_per_mm: float) -> DrawnMark:
    """Draw one mark, projected onto the slice."""
    vertical, horizontal = (axis for axis in range(3) if axis != view.display_axis)
    vertices = frame.display_from_ras(annotation.geometry.vertices_ras_mm)[:, [horizontal, vertical]]
    colour = colour_of(annotation)
    match annotation.geometry:
        case Arrow():
            outline = arrow_outline(vertices[0], vertices[1], _ARROW_UNIT_POINTS / points_per_mm)
            axes.add_patch(Polygon(outline, closed=True, facecolor="black", edgecolor="white", linewidth=1.1, joinstyle="miter"))
            away = vertices[0] - vertices[1]
            return DrawnMark(vertices[0], away / np.linalg.norm(away), np.vstack([outline, vertices]))
        case Point():
            axes.plot(*vertices.T, marker="o", markersize=6.5, markerfacecolor=colour, markeredgecolor="black", markeredgewidth=1.2,
                      linestyle="none", path_effects=[withStroke(linewidth=2.6, foreground="white")])
            return DrawnMark(vertices[0], np.array([0.0, 1.0]), vertices)
        case Path():
            axes.plot(*vertices.T, color=colour, linewidth=1.6, solid_joinstyle="round",
                      path_effects=[withStroke(linewidth=3.4, foreground="black")])
            return DrawnMark(vertices[len(vertices) // 2], np.array([0.0, 1.0]), vertices)
        case Region():
            axes.add_patch(Polygon(vertices, closed=True, fill=False, edgecolor=colour, linewidth=1.6,
                                   path_effects=[withStroke(linewidth=3.4, foreground="black")]))
            top = vertices[int(np.argmax(vertices[:, 1]))]
            return DrawnMark(top, np.array([0.0, 1.0]), vertices)


def draw_label(axes: Axes, annotation: Annotation, mark: DrawnMark) -> Text | None:
    """Write the label where it touches neither the mark nor an edge or another text.

    Places around the anchor are tried, the nearest first, and of those the one straight away from the tip.
    """
    if not annotation.label.strip():
        return None
    text = axes.text(
        0, 0, annotation.label.strip().replace("$", r"\$"), fontsize=_LABEL_POINTS, fontweight="bold", color="white",
        path_effects=[withStroke(linewidth=2.4, foreground="black")], ha="center", va="center",
    )
    figure = axes.get_figure(root=True)
    if figure is None:
        return text
    renderer = FigureCanvasAgg(figure).get_renderer()
    frame = axes.get_window_extent(renderer)
    size = text.get_window_extent(renderer)
    taken = [t.get_window_extent(renderer) for t in axes.texts if t is not text]
    to_pixels = axes.transData
    anchor = to_pixels.transform(mark.anchor_mm)
    occupied = to_pixels.transform(mark.occupied_mm)
    away = to_pixels.transform(mark.anchor_mm + mark.away) - anchor
    away = away / np.linalg.norm(away)
    gap = _GAP_POINTS * figure.dpi / 72
    angles = np.radians([0, 45, -45, 90, -90, 135, -135, 180])
    boxes = []
    for distance, angle in itertools.product((1.0, 2.5, 4.5), angles):
        c, s = np.cos(angle), np.sin(angle)
        direction = np.array([c * away[0] - s * away[1], s * away[0] + c * away[1]])
        middle = anchor + direction * gap * distance + direction * np.array([size.width, size.height]) / 2
        low = np.clip(middle - [size.width / 2, size.height / 2], frame.min + gap, frame.max - gap - [size.width, size.height])
        boxes.append(Bbox.from_bounds(low[0], low[1], size.width, size.height))
    best = min(range(len(boxes)), key=lambda n: (_cost(boxes[n], occupied, taken), n))
    middle = (boxes[best].min + boxes[best].max) / 2
    text.set_position(tuple(to_pixels.inverted().transform(middle)))
    return text


def _cost(box: Bbox, occupied: FloatArray, taken: list[Bbox]) -> int:
    grown = box.padded(3)
    on_mark = sum(grown.contains(*place) for place in _dense(occupied))
    return on_mark + 10 * sum(grown.overlaps(other) for other in taken)


def _dense(vertices: FloatArray) -> FloatArray:
    """Places along the outline, close enough that a box can't slip between them."""
    if len(vertices) < 2:
        return vertices
    steps = np.linspace(0, 1, 24)[:, None]
    return np.vstack([a + (b - a) * steps for a, b in zip(vertices[:-1], vertices[1:], strict=True)])
