"""Draw a mark and its label on the axes of a figure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Polygon
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region
from napari_vascular_loop.domain.drawing import arrow_outline, colour_of
from napari_vascular_loop.export.figure_text import TextBlock, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.slice_view import SliceView
    from napari_vascular_loop.domain.space import FloatArray

_ARROW_UNIT_POINTS = 2.3
_LABEL_POINTS = 8.5
_GAP_POINTS = 5.0
_LABEL_SHARE = 0.6
_BOLD_IS_WIDER = 1.15
_MM_PER_INCH = 25.4


@dataclass(frozen=True, eq=False)
class DrawnMark:
    """What the label must know: where the mark is, where the label may begin, and what it must not cover.

    Places are (horizontal, vertical) mm.
    """

    anchor_mm: FloatArray
    away: FloatArray
    occupied_mm: FloatArray
    is_label_only: bool = False


def draw_mark(
    axes: Axes, annotation: Annotation, frame: DisplayFrame, view: SliceView, points_per_mm: float
) -> DrawnMark:
    """Draw one mark, projected onto the slice."""
    vertical, horizontal = (axis for axis in range(3) if axis != view.display_axis)
    vertices = frame.display_from_ras(annotation.geometry.vertices_ras_mm)[:, [horizontal, vertical]]
    colour = colour_of(annotation)
    match annotation.geometry:
        case Arrow():
            outline = arrow_outline(vertices[0], vertices[1], _ARROW_UNIT_POINTS / points_per_mm)
            axes.add_patch(
                Polygon(outline, closed=True, facecolor="black", edgecolor="white", linewidth=1.1, joinstyle="miter")
            )
            away = vertices[0] - vertices[1]
            return DrawnMark(vertices[0], away / np.linalg.norm(away), np.vstack([outline, vertices]))
        case Point(as_text=True):
            return DrawnMark(vertices[0], np.array([0.0, 1.0]), np.empty((0, 2)), is_label_only=True)
        case Point():
            axes.plot(
                *vertices.T,
                marker="o",
                markersize=6.5,
                markerfacecolor=colour,
                markeredgecolor="black",
                markeredgewidth=1.2,
                linestyle="none",
                path_effects=[withStroke(linewidth=2.6, foreground="white")],
            )
            return DrawnMark(vertices[0], np.array([0.0, 1.0]), vertices)
        case Path():
            axes.plot(
                *vertices.T,
                color=colour,
                linewidth=1.6,
                solid_joinstyle="round",
                path_effects=[withStroke(linewidth=3.4, foreground="black")],
            )
            return DrawnMark(vertices[len(vertices) // 2], np.array([0.0, 1.0]), vertices)
        case Region():
            axes.add_patch(
                Polygon(
                    vertices,
                    closed=True,
                    fill=False,
                    edgecolor=colour,
                    linewidth=1.6,
                    path_effects=[withStroke(linewidth=3.4, foreground="black")],
                )
            )
            top = vertices[int(np.argmax(vertices[:, 1]))]
            return DrawnMark(top, np.array([0.0, 1.0]), vertices)


def draw_label(axes: Axes, annotation: Annotation, mark: DrawnMark) -> Text | None:
    """Write the label where it touches neither the mark nor an edge or another text.

    Places around the anchor are tried, the nearest first, and of those the one straight away from the tip.
    """
    if not annotation.label.strip():
        return None
    text = axes.text(
        0,
        0,
        "\n".join(_label_lines(axes, annotation.label)),
        fontsize=_LABEL_POINTS,
        fontweight="bold",
        color="white",
        path_effects=[withStroke(linewidth=2.4, foreground="black")],
        ha="center",
        va="center",
        linespacing=1.1,
    )
    figure = axes.get_figure(root=True)
    if figure is None:
        return text
    renderer = FigureCanvasAgg(figure).get_renderer()
    size = text.get_window_extent(renderer)
    taken = [other.get_window_extent(renderer) for other in axes.texts if other is not text]
    occupied = axes.transData.transform(mark.occupied_mm)
    places = _label_places(axes, mark, size.width, size.height, _GAP_POINTS * figure.dpi / 72)
    best = min(range(len(places)), key=lambda n: (_cost(places[n], occupied, taken), n))
    x, y = axes.transData.inverted().transform(_middle(places[best]))
    text.set_position((float(x), float(y)))
    return text


def _label_lines(axes: Axes, label: str) -> list[str]:
    """Break a label so that it takes up no more than a good half of the picture's width."""
    figure = axes.get_figure(root=True)
    width_mm = axes.get_window_extent().width / (figure.dpi if figure else 72) * _MM_PER_INCH
    # Measured in the regular weight, drawn in bold.
    lines = wrap(TextBlock(label, _LABEL_POINTS, ""), width_mm * _LABEL_SHARE / _BOLD_IS_WIDER)
    return [line.text for line in lines]


def _label_places(axes: Axes, mark: DrawnMark, width: float, height: float, gap: float) -> list[Bbox]:
    """Boxes in pixels that a label could fill, the best first, none across the edge of the picture."""
    frame = axes.get_window_extent()
    anchor = axes.transData.transform(mark.anchor_mm)
    away = axes.transData.transform(mark.anchor_mm + mark.away) - anchor
    away = away / np.linalg.norm(away)
    boxes = []
    middles = [anchor] if mark.is_label_only else []
    for distance, angle in itertools.product((1.0, 2.5, 4.5), np.radians([0, 45, -45, 90, -90, 135, -135, 180])):
        c, s = np.cos(angle), np.sin(angle)
        direction = np.array([c * away[0] - s * away[1], s * away[0] + c * away[1]])
        middles.append(anchor + direction * (gap * distance + np.array([width, height]) / 2))
    for x, y in middles:
        left = np.clip(x - width / 2, frame.x0 + gap, frame.x1 - gap - width)
        bottom = np.clip(y - height / 2, frame.y0 + gap, frame.y1 - gap - height)
        boxes.append(Bbox.from_bounds(float(left), float(bottom), width, height))
    return boxes


def _middle(box: Bbox) -> tuple[float, float]:
    return ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)


def _cost(box: Bbox, occupied: FloatArray, taken: list[Bbox]) -> int:
    grown = box.padded(3)
    on_mark = sum(grown.contains(*place) for place in _dense(occupied))
    return on_mark + 10 * sum(grown.overlaps(other) for other in taken)


def _dense(vertices: FloatArray) -> FloatArray:
    """Places along the outline, close enough that a box can't slip between them."""
    if len(vertices) < 2:
        return vertices
    steps = np.linspace(0, 1, 24)[:, None]
    return np.vstack([a + (b - a) * steps for a, b in itertools.pairwise(vertices)])
