"""What marks are drawn with in the plane of a view: lines, arrows, points, handles and labels.

Places are (vertical, horizontal) mm; colours are red, green, blue and opacity from 0 to 1. `layer` says what covers
what: the higher is drawn later. `mark` says to which mark of the drawing, by number, a glyph belongs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_vascular_loop.display.mark_style import DARK, MarkStyle, Rgba

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray

BELOW_MARKS = -1
"""Layer of what marks cover: the crosshair."""

ABOVE_MARKS = 1_000_000
"""Layer of what covers all marks: leaders, handles and labels."""


class LineGlyph(NamedTuple):
    """A line of two vertices or more, shape (N, 2); an edged one is dark along both sides, within its width."""

    vertices_mm: FloatArray
    closed: bool
    width_px: float
    colour: Rgba
    layer: int
    mark: int
    edged: bool = False


class ArrowGlyph(NamedTuple):
    """A filled arrow with a rim; its tip is the rim's."""

    tail_mm: FloatArray
    tip_mm: FloatArray
    ink: Rgba
    rim: Rgba
    layer: int
    mark: int


class PointGlyph(NamedTuple):
    """A disc with a border and a rim."""

    place_mm: FloatArray
    colour: Rgba
    border: Rgba
    rim: Rgba
    layer: int
    mark: int


class HandleGlyph(NamedTuple):
    """A ring by which an end or a corner is moved."""

    place_mm: FloatArray
    colour: Rgba
    mark: int


class LabelGlyph(NamedTuple):
    """A text centred on a place; letters and halo are in its picture, which the colour tints."""

    place_mm: FloatArray
    text: str
    colour: Rgba
    mark: int


@dataclass(eq=False)
class Glyphs:
    """All that is drawn in a view.

    Parameters
    ----------
    mm_per_pixel : float
        Size of a screen pixel.
    signs : array of shape (2,)
        For (vertical, horizontal): +1 where the axis grows downwards, or to the right, on screen; else -1.
    style : MarkStyle
        Sizes.
    """

    mm_per_pixel: float
    signs: FloatArray = field(default_factory=lambda: np.ones(2))
    style: MarkStyle = DARK
    lines: list[LineGlyph] = field(default_factory=list)
    arrows: list[ArrowGlyph] = field(default_factory=list)
    points: list[PointGlyph] = field(default_factory=list)
    handles: list[HandleGlyph] = field(default_factory=list)
    labels: list[LabelGlyph] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn."""
        return not (self.lines or self.arrows or self.points or self.handles or self.labels)
