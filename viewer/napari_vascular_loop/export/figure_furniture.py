"""What stands on every panel: its letter, the patient's directions, a scale bar, the small picture in a corner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.space import format_ras_mm, round_length
from napari_vascular_loop.export.figure_marks import draw_mark
from napari_vascular_loop.export.figure_panel import Panel
from napari_vascular_loop.export.sheet.items import Box, Item, Shape, Words, words_centred

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray

_GAP_MM = 1.2
_WHITE, _BLACK = "#FFFFFF", "#000000"
_BAR_MM, _BAR_CASING_MM = 0.55, 0.2
_INSET_SHARE, _MAGNIFIED_SHARE = 0.3, 0.42
_SYNTHETIC = "SYNTHETIC"
UNKNOWN = "orientation unknown"


def draw_letters(panel: Panel) -> list[Words]:
    """Letters of the patient's directions at the four edges; where they are not known, that is said instead."""
    box = panel.box
    points = 8.5 if panel.is_large else 7.5
    if not panel.plan.volume.provenance.orientation_known:
        return [_on_picture(UNKNOWN, box.middle[0], box.top + _GAP_MM, points, 0.5, 0.0, "letter")]
    letters = panel.plan.cut.letters
    return [
        _on_picture(letters["left"], box.left + _GAP_MM, box.middle[1], points, 0.0, 0.5, "letter"),
        _on_picture(letters["right"], box.right - _GAP_MM, box.middle[1], points, 1.0, 0.5, "letter"),
        _on_picture(letters["top"], box.middle[0], box.top + _GAP_MM, points, 0.5, 0.0, "letter"),
        _on_picture(letters["bottom"], box.middle[0], box.bottom - _GAP_MM, points, 0.5, 1.0, "letter"),
    ]


def draw_names(panel: Panel) -> list[Words]:
    """The panel's own letter and, of a computed volume, that it is one."""
    box = panel.box
    out = []
    if panel.letter:
        points = 11.0 if panel.is_large else 9.5
        out.append(_on_picture(panel.letter, box.left + _GAP_MM, box.top + _GAP_MM, points, 0.0, 0.0, "panel"))
    if is_synthetic(panel):
        out.append(_on_picture(_SYNTHETIC, box.right - _GAP_MM, box.top + _GAP_MM, 6.5, 1.0, 0.0, "synthetic"))
    return out


def is_synthetic(panel: Panel) -> bool:
    """Whether a panel's volume was computed."""
    return panel.plan.entry.synthetic or panel.plan.volume.provenance.is_synthetic


def bar_length_mm(panel: Panel) -> float:
    """How long the scale bar is, in mm of the head: 1, 2 or 5 times a power of ten, about a fifth of the width."""
    return round_length(panel.field.width_mm / 3.6)


def draw_scale_bar(panel: Panel) -> list[Item]:
    """A bar of a round length, and how long it is, at the lower right."""
    box, length = panel.box, bar_length_mm(panel)
    points = 7.0 if panel.is_large else 6.5
    right, bottom = box.right - 1.6 * _GAP_MM, box.bottom - 1.6 * _GAP_MM
    bar = Box(right - length * panel.scale, bottom - _BAR_MM, length * panel.scale, _BAR_MM)
    words = _on_picture(
        f"{length:g} mm", bar.middle[0], bar.top - 0.5 - _BAR_CASING_MM, points, 0.5, 1.0, "scale", halo_mm=0.22
    )
    if words.box.right > box.right - _GAP_MM:
        words = _on_picture(
            f"{length:g} mm", box.right - _GAP_MM, bar.top - 0.5 - _BAR_CASING_MM, points, 1.0, 1.0, "scale"
        )
    return [
        Shape(bar.grown(_BAR_CASING_MM).corners, fill=_BLACK, role="scale"),
        Shape(bar.corners, fill=_WHITE, role="scale bar"),
        words,
    ]


def draw_inset(panel: Panel, whole: bool, crop_mm: float | None, occupied_mm: FloatArray, arrows: str) -> list[Item]:
    """In a corner the whole plane with what the panel shows of it, or, in a whole plane, what is about the mark.

    Parameters
    ----------
    panel : Panel
        The panel.
    whole : bool
        Whether the panel shows the whole plane.
    crop_mm : float or None
        The smaller side of what is about the mark.
    occupied_mm : array of shape (N, 2)
        Where the mark lies on the sheet.
    arrows : str
        Their ink.
    """
    share = _MAGNIFIED_SHARE if whole else _INSET_SHARE
    field = panel.plan.close_up(crop_mm, share) if whole else panel.plan.whole()
    aspect = field.width_mm / field.height_mm
    longest = share * min(panel.box.width, panel.box.height * 1.2)
    width, height = longest * min(1.0, aspect), longest * min(1.0, 1 / aspect)
    box = _corner(panel, width, height, occupied_mm)
    small = Panel(panel.plan, field, box, is_large=False)
    shown = panel if not whole else small
    onto = small if not whole else panel
    frame = _field_box(shown, onto)
    items: list[Item] = [
        Shape(box.grown(0.25).corners, fill=_WHITE, role="inset"),
        small.picture("inset"),
        Shape(frame.corners, stroke=_BLACK, stroke_mm=0.5, clip=onto.box, role="inset"),
        Shape(frame.corners, stroke=_WHITE, stroke_mm=0.22, clip=onto.box, role="inset"),
    ]
    if whole:
        items = [*items[2:], *items[:2], *draw_mark(small, arrows).items]
    return items


def inset_box(items: list[Item]) -> Box | None:
    """Where an inset stands."""
    for item in items:
        if isinstance(item, Shape) and item.fill == _WHITE and item.role == "inset":
            (left, top), (right, bottom) = item.vertices[0].tolist(), item.vertices[2].tolist()
            return Box(left, top, right - left, bottom - top)
    return None


def position_words(panel: Panel, *, with_title: bool) -> str:
    """Which plane a panel shows, and where it lies, such as "Axial, S −44.4 mm, MIP 2 mm"."""
    plan, cut = panel.plan, panel.plan.cut
    said = [plan.entry.title] if with_title and plan.entry.title else []
    if not plan.volume.provenance.orientation_known:
        said.append("slice through the mark")
    else:
        name = cut.plane.name.lower()
        said.append(f"{name}, {position_of(panel)}")
        tilt = plan.volume.grid.obliquity_deg
        if tilt >= 1:
            said.append(f"oblique by {tilt:.0f}°")
    if cut.slab_mm:
        kind = {"maximum": "MIP", "minimum": "MinIP", "mean": "mean of"}[cut.projection.value]
        said.append(f"{kind} {cut.slab_mm:.1f} mm")
    if cut.is_mirrored:
        said.append("other side")
    words = ", ".join(said)
    return words[:1].upper() + words[1:]


def position_of(panel: Panel) -> str:
    """Where a panel's plane lies along its axis, such as "I 44.4 mm"."""
    axis = panel.plan.cut.plane.value
    place = np.zeros(3)
    place[axis] = panel.plan.cut.place_mm
    letter, number = format_ras_mm(place).removesuffix(" mm").split(" ")[2 * axis : 2 * axis + 2]
    return f"{letter} {number} mm"


def _on_picture(
    text: str, x_mm: float, y_mm: float, points: float, across: float, down: float, role: str, halo_mm: float = 0.28
) -> Words:
    return words_centred(
        text,
        x_mm,
        y_mm,
        points,
        _WHITE,
        across=across,
        down=down,
        bold=True,
        halo=_BLACK,
        halo_mm=halo_mm,
        role=role,
    )


def _field_box(shown: Panel, onto: Panel) -> Box:
    """What one panel shows, as a box in another of the same plane."""
    scale = onto.scale
    width, height = shown.field.width_mm * scale, shown.field.height_mm * scale
    x = onto.box.middle[0] + (shown.field.across_mm - onto.field.across_mm) * scale
    y = onto.box.middle[1] - (shown.field.up_mm - onto.field.up_mm) * scale
    return Box(x - width / 2, y - height / 2, width, height)


def _corner(panel: Panel, width: float, height: float, occupied_mm: FloatArray) -> Box:
    """The corner farthest from the mark; not that of the scale bar."""
    box, gap = panel.box, 0.25
    letter = 5.6 if panel.letter else 0.0
    synthetic = 3.6 if is_synthetic(panel) else 0.0
    corners = [
        Box(box.right - width - gap, box.top + gap + synthetic, width, height),
        Box(box.left + gap, box.top + gap + letter, width, height),
        Box(box.left + gap, box.bottom - height - gap, width, height),
    ]
    if len(occupied_mm) == 0:
        return corners[0]
    return max(corners, key=lambda one: float(np.min(np.sum((occupied_mm - one.middle) ** 2, axis=1))))
