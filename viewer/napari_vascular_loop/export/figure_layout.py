"""Where everything of a figure lies on its sheet."""

from __future__ import annotations

import math
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.export.figure_caption import caption_paragraphs
from napari_vascular_loop.export.figure_furniture import (
    draw_inset,
    draw_letters,
    draw_names,
    draw_scale_bar,
    inset_box,
    position_words,
)
from napari_vascular_loop.export.figure_marks import draw_label, draw_mark
from napari_vascular_loop.export.figure_panel import Field, Panel, PanelPlan, PlacedArrow, PlacedLabel
from napari_vascular_loop.export.figure_text import Paragraph, height_mm, set_paragraph
from napari_vascular_loop.export.sheet.items import Box, Item, Shape, Sheet, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.export.figure_style import FigureStyle

_MARGIN_MM, _GAP_MM = 3.0, 2.0
_NARROWEST_PANEL_MM = 39.5
_MOST_IN_ROW = 3
_LARGE_PANEL_MM = 58.0
_POSITION_POINTS = 6.5
_ALONE, _WIDE, _SQUARE = 4 / 3, 4 / 3, 1.0


@dataclass(frozen=True, eq=False)
class LaidOut:
    """A sheet, and what lies where on it."""

    sheet: Sheet
    panels: tuple[Panel, ...]
    arrows: tuple[PlacedArrow, ...]
    labels: tuple[PlacedLabel, ...]


def lay_out(lesson: Lesson, plans: Sequence[PanelPlan], style: FigureStyle) -> LaidOut:
    """Lay panels in rows, texts below them, the caption below all."""
    inner = style.width - 2 * _MARGIN_MM
    panels: list[Panel] = []
    items: list[Item] = []
    arrows: list[PlacedArrow] = []
    labels: list[PlacedLabel] = []
    top = _MARGIN_MM
    several = len({plan.entry.id for plan in plans}) > 1
    rows = _rows(len(plans), inner)
    is_large = inner / max(len(row) for row in rows) >= _LARGE_PANEL_MM
    for row in rows:
        chosen = [plans[number] for number in row]
        placed = _place_row(chosen, row, len(plans), top, style, is_large)
        lowest = top
        for panel in placed:
            drawn, arrow, label = _draw(panel, style)
            items += drawn
            arrows += [arrow] if arrow else []
            labels += [label] if label else []
            position = Paragraph(position_words(panel, with_title=several), _POSITION_POINTS, style.faint_ink)
            words = set_paragraph(position, panel.box.left, panel.box.bottom + 0.7, panel.box.width, "position")
            items += words
            lowest = max(lowest, panel.box.bottom + 0.7 + height_mm(position, panel.box.width))
        panels += placed
        top = lowest + _GAP_MM
    if style.caption:
        for number, paragraph in enumerate(caption_paragraphs(lesson, panels, style)):
            top += 0.8 if number else -0.4
            items += set_paragraph(paragraph, _MARGIN_MM, top, inner, "caption")
            top += height_mm(paragraph, inner)
        top += _MARGIN_MM
    else:
        top += _MARGIN_MM - _GAP_MM
    # To whole tenths of a millimetre, so that sizes are the same whatever the dpi.
    sheet = Sheet(style.width, math.ceil(top * 10 - 1e-9) / 10, style.paper, tuple(items))
    return LaidOut(sheet, tuple(panels), tuple(arrows), tuple(labels))


def _rows(count: int, inner_mm: float) -> list[range]:
    """Numbers of the panels in each row; rows that are not full come first, and show their panels larger."""
    in_row = max(1, min(_MOST_IN_ROW, int((inner_mm + _GAP_MM) // (_NARROWEST_PANEL_MM + _GAP_MM))))
    if count == 4:
        in_row = min(in_row, 2)
    first = count % in_row or in_row
    rows = [range(first)]
    while rows[-1].stop < count:
        rows.append(range(rows[-1].stop, rows[-1].stop + in_row))
    return rows


def _place_row(
    plans: Sequence[PanelPlan], numbers: Sequence[int], count: int, top: float, style: FigureStyle, is_large: bool
) -> list[Panel]:
    """Give the panels of a row the same height, and the same scale where whole planes are shown."""
    inner = style.width - 2 * _MARGIN_MM
    aspect = _ALONE if count == 1 else _SQUARE if len(plans) > 1 and inner / len(plans) < 70 else _WIDE
    if style.whole:
        fields = [plan.whole() for plan in plans]
        highest = max(field.height_mm for field in fields)
        fields = [field._replace(height_mm=highest) for field in fields]
    else:
        fields = [plan.crop(style.crop_mm, aspect) for plan in plans]
        fields = _same_for_both_sides(plans, fields)
    aspects = [field.width_mm / field.height_mm for field in fields]
    room = inner - _GAP_MM * (len(plans) - 1)
    # A narrow plane that stands alone is not blown up to a whole page.
    height = min(room / sum(aspects), 1.25 * style.width)
    used = height * sum(aspects) + _GAP_MM * (len(plans) - 1)
    left = _MARGIN_MM + (inner - used) / 2
    out = []
    for plan, field, number, ratio in zip(plans, fields, numbers, aspects, strict=True):
        box = Box(left, top, height * ratio, height)
        out.append(Panel(plan, field, box, string.ascii_uppercase[number] if count > 1 else "", is_large))
        left += box.width + _GAP_MM
    return out


def _same_for_both_sides(plans: Sequence[PanelPlan], fields: list[Field]) -> list[Field]:
    """The other side shows as much as its own side does, about the mirrored middle."""
    out = list(fields)
    for number, plan in enumerate(plans):
        before = plans[number - 1] if number else None
        if plan.midline is None or before is None:
            continue
        own = out[number - 1]
        middle = before.cut.origin_ras_mm + own.across_mm * before.cut.right_ras + own.up_mm * before.cut.up_ras
        across, up = plan.cut.across_up_mm(plan.midline.mirrored(middle))[0].tolist()
        out[number] = Field(across, up, own.width_mm, own.height_mm)
    return out


def _draw(panel: Panel, style: FigureStyle) -> tuple[list[Item], PlacedArrow | None, PlacedLabel | None]:
    """All that lies in a panel's box."""
    known = [*draw_letters(panel), *draw_names(panel)]
    bar = draw_scale_bar(panel)
    mark = draw_mark(panel, style.arrows)
    inset: list[Item] = []
    if style.inset and panel.plan.midline is None:
        inset = draw_inset(
            panel, style.whole, style.crop_mm, np.vstack([mark.occupied_mm, mark.anchor_mm]), style.arrows
        )
    taken = [item.box.grown(0.3) for item in (*known, *bar) if isinstance(item, Words)]
    taken += [Box(*_around(item.vertices)) for item in bar if isinstance(item, Shape)]
    corner = inset_box(inset)
    taken += [corner] if corner else []
    taken += [one for item in inset if isinstance(item, Shape) and item.stroke for one in _sides(item.vertices)]
    if corner:
        # Letters stay readable: none stands on the inset.
        known = [words for words in known if words.role != "letter" or not words.box.overlaps(corner)]
    label = draw_label(panel, mark, taken) if style.labels else []
    return [panel.picture(), *inset, *mark.items, *known, *bar, *label], mark.arrow, mark.label


def _sides(corners: FloatArray) -> list[Box]:
    """The four sides of a frame, as boxes that a label must not cover."""
    left, top, width, height = _around(corners)
    return [
        Box(left, top, width, 0.2),
        Box(left, top + height, width, 0.2),
        Box(left, top, 0.2, height),
        Box(left + width, top, 0.2, height),
    ]


def _around(vertices: FloatArray) -> tuple[float, float, float, float]:
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    return (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
