"""Marks and their labels on a panel."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Arrow, Path, Point, Region
from napari_vascular_loop.domain.drawing import arrow_outline, colour_of, grow_outline, resample
from napari_vascular_loop.domain.measure import words_of
from napari_vascular_loop.export.figure_panel import PlacedArrow, PlacedLabel
from napari_vascular_loop.export.figure_text import broken
from napari_vascular_loop.export.sheet.items import Box, Item, Picture, Shape, words_centred
from napari_vascular_loop.export.sheet.pixels import interpolated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.export.figure_panel import Panel

RIM_MM = 0.28
_LINE_MM, _CASING_MM = 0.5, 1.1
_DOT_MM = 1.1
_NEAR_MM = 1.5
_GAP_MM = 1.6
_LABEL_SHARE = 0.56
_END_ON_MM = 1.2
_SHORTEST_ARROW_MM = (6.0, 8.0)
_RING_MM = 1.7


@dataclass(eq=False)
class DrawnMark:
    """A mark as it was drawn, and what its label must know.

    Parameters
    ----------
    items : list of Item
        What was drawn.
    anchor_mm, away : array of shape (2,)
        Where its label belongs, and which way it should lie, on the sheet.
    occupied_mm : array of shape (N, 2)
        Places that the label must not cover.
    arrow : PlacedArrow or None
        Where it is one.
    """

    items: Sequence[Item]
    anchor_mm: FloatArray
    away: FloatArray
    occupied_mm: FloatArray
    arrow: PlacedArrow | None = None
    is_label_only: bool = False
    label: PlacedLabel | None = field(default=None)


def draw_mark(panel: Panel, arrows: str = "black", role: str = "arrow") -> DrawnMark:
    """Draw the mark of a panel, projected onto its plane; on the other side, in the other ink."""
    plan = panel.plan
    annotation, geometry = plan.annotation, plan.annotation.geometry
    places = panel.sheet_from_ras(plan.vertices_ras_mm)
    ink, rim = ("#000000", "#FFFFFF") if (arrows == "black") is (plan.midline is None) else ("#FFFFFF", "#000000")
    colour, clip = colour_of(annotation), panel.box
    up = np.array([0.0, -1.0])
    match geometry:
        case Arrow():
            tail, tip = places
            along = tip - tail
            length = float(np.sqrt(along @ along))
            if length < _END_ON_MM:
                # Seen from its end: a ring, which does not cover the place.
                ring = tip + _circle() * _RING_MM
                placed = PlacedArrow(annotation.id, _pair(tip), _pair(tip), plan.midline is not None)
                return DrawnMark(_outline(ring, "#FFFFFF", clip, role), tip, up, np.vstack([ring, ring[:1]]), placed)
            # One that would be a stump on paper begins farther off; its tip stays.
            tail = tip - along / length * max(length, _SHORTEST_ARROW_MM[panel.is_large])
            along = tip - tail
            length = float(np.sqrt(along @ along))
            placed = PlacedArrow(annotation.id, _pair(tail), _pair(tip), plan.midline is not None)
            outline = arrow_outline(tail, tip, 0.62 if panel.is_large else 0.46)
            # The tip of the rim, not of the ink, is where the arrow ends: it must touch the place, not cover it.
            drawn: list[Item] = [
                Shape(grow_outline(outline, RIM_MM), fill=rim, clip=clip, role=role),
                Shape(outline, fill=ink, clip=clip, role=role),
            ]
            return DrawnMark(drawn, tail, -along / length, np.vstack([outline, outline[:1]]), placed)
        case Point(as_text=True):
            return DrawnMark([], places[0], up, np.empty((0, 2)), is_label_only=True)
        case Point():
            ring = places[0] + _circle() * (_DOT_MM + RIM_MM)
            return DrawnMark(_dot(places[0], colour, "#000000", clip, role), places[0], up, ring)
        case Path():
            return DrawnMark(_line(panel, places, colour, role), places[len(places) // 2], up, places)
        case Region():
            drawn = _outline(places, colour, clip, role)
            return DrawnMark(drawn, places[int(np.argmin(places[:, 1]))], up, np.vstack([places, places[:1]]))


def draw_label(panel: Panel, mark: DrawnMark, taken: Sequence[Box]) -> list[Item]:
    """Write the label where it covers neither its mark nor other texts, near the tail, on quiet ground.

    Parameters
    ----------
    panel : Panel
        The panel.
    mark : DrawnMark
        Its mark; where the label stands is written into it.
    taken : sequence of Box
        Other texts of the panel.
    """
    annotation = panel.plan.annotation
    text = "same place, other side" if panel.plan.midline is not None else words_of(annotation)
    if not text:
        return []
    points = 8.0 if panel.is_large else 7.0
    lines = broken(text, points, panel.box.width * _LABEL_SHARE, bold=True)
    sample = [words_centred(line, 0, 0, points, "#FFFFFF", bold=True) for line in lines]
    leading = points * 0.41
    width, height = max(line.box.width for line in sample), leading * (len(lines) - 1) + sample[0].box.height
    boxes = _places(panel.box, mark, width, height)
    picture = panel.picture()
    costs = [_cost(picture, box, mark, taken) + 0.02 * n for n, box in enumerate(boxes)]
    box = boxes[int(np.argmin(costs))]
    mark.label = PlacedLabel(annotation.id, "\n".join(lines), box, points)
    first = box.top + sample[0].box.height / 2
    # Lines lean towards the mark.
    lean = 0.5 if abs(box.middle[0] - mark.anchor_mm[0]) < width / 2 else float(box.middle[0] < mark.anchor_mm[0])
    return [
        words_centred(
            line,
            box.left + lean * width,
            first + n * leading,
            points,
            "#FFFFFF",
            across=lean,
            bold=True,
            halo="#000000",
            halo_mm=0.32,
            role="label",
        )
        for n, line in enumerate(lines)
    ]


def _pair(place: FloatArray) -> tuple[float, float]:
    return (float(place[0]), float(place[1]))


def _circle() -> FloatArray:
    angles = np.arange(32) * (np.pi / 16)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _outline(vertices: FloatArray, colour: str, clip: Box, role: str) -> list[Item]:
    return [
        Shape(vertices, stroke="#000000", stroke_mm=_CASING_MM, clip=clip, role=role),
        Shape(vertices, stroke=colour, stroke_mm=_LINE_MM, clip=clip, role=role),
    ]


def _dot(place: FloatArray, ink: str, rim: str, clip: Box, role: str) -> list[Item]:
    ring = _circle()
    outer = "#FFFFFF" if rim == "#000000" else rim
    return [
        Shape(place + ring * (_DOT_MM + 2 * RIM_MM * 0.7), fill=outer, clip=clip, role=role),
        Shape(place + ring * (_DOT_MM + RIM_MM * 0.7), fill="#000000", clip=clip, role=role),
        Shape(place + ring * _DOT_MM, fill=ink, clip=clip, role=role),
    ]


def _line(panel: Panel, places: FloatArray, colour: str, role: str) -> list[Item]:
    """A path: full where it lies in the plane or the slab, thin where it is behind or in front of it."""
    cut = panel.plan.cut
    vertices = resample(panel.plan.vertices_ras_mm, 0.5)
    near = np.abs(cut.depth_mm(vertices)) <= max(_NEAR_MM, cut.slab_mm / 2)
    on_sheet = panel.sheet_from_ras(vertices)
    items: list[Item] = []
    thin: list[Item] = []
    start = 0
    for end in range(1, len(vertices)):
        if end < len(vertices) - 1 and near[end] == near[start]:
            continue
        part = on_sheet[start : end + 1]
        if near[start]:
            items.append(Shape(part, stroke="#000000", stroke_mm=_CASING_MM, closed=False, clip=panel.box, role=role))
            items.append(Shape(part, stroke=colour, stroke_mm=_LINE_MM, closed=False, clip=panel.box, role=role))
        else:
            thin.append(Shape(part, stroke="#000000", stroke_mm=0.5, closed=False, clip=panel.box, role=role))
            thin.append(Shape(part, stroke=colour, stroke_mm=0.2, closed=False, clip=panel.box, role=role))
        start = end
    return [*thin, *items]


def _places(frame: Box, mark: DrawnMark, width: float, height: float) -> list[Box]:
    """Boxes that a label could fill, the best first, none across the edge of the picture."""
    x, y = mark.anchor_mm
    middles = [(float(x), float(y))] if mark.is_label_only else []
    angles = np.radians([0, 25, -25, 50, -50, 90, -90, 135, -135, 180])
    for distance, angle in itertools.product((1.0, 2.5, 5.0, 9.0), angles):
        c, s = np.cos(angle), np.sin(angle)
        dx, dy = c * mark.away[0] - s * mark.away[1], s * mark.away[0] + c * mark.away[1]
        # Until the box is clear of the anchor in this direction.
        reach = min(width / 2 / max(abs(dx), 1e-6), height / 2 / max(abs(dy), 1e-6)) + _GAP_MM * distance
        middles.append((float(x + dx * reach), float(y + dy * reach)))
    gap = _GAP_MM
    boxes = []
    for across, down in middles:
        left = np.clip(across - width / 2, frame.left + gap, max(frame.left + gap, frame.right - gap - width))
        top = np.clip(down - height / 2, frame.top + gap, max(frame.top + gap, frame.bottom - gap - height))
        boxes.append(Box(float(left), float(top), width, height))
    return boxes


def _cost(picture: Picture, box: Box, mark: DrawnMark, taken: Sequence[Box]) -> float:
    grown = box.grown(0.5)
    dense = resample(mark.occupied_mm, 0.4) if len(mark.occupied_mm) > 1 else mark.occupied_mm
    covers = (dense[:, 0] > grown.left) & (dense[:, 0] < grown.right)
    covers &= (dense[:, 1] > grown.top) & (dense[:, 1] < grown.bottom)
    on_texts = sum(grown.overlaps(other) for other in taken)
    rows = np.linspace(box.top, box.bottom, 8) - picture.box.top
    columns = np.linspace(box.left, box.right, 24) - picture.box.left
    ground = interpolated(picture, rows, columns)
    return 5.0 * float(covers.any()) + 0.1 * float(covers.sum()) + 20.0 * on_texts + 1.2 * float(ground.std())
