"""What marks are drawn with: shapes, discs and labels in the plane of a slice.

Places are (vertical, horizontal) mm; colours are red, green, blue and opacity from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import FloatArray

Rgba = tuple[float, float, float, float]

CLEAR: Rgba = (0.0, 0.0, 0.0, 0.0)
SELECTED_COLOUR = "#FFD23F"


@dataclass(frozen=True, eq=False)
class ShapeGlyph:
    """A polygon or a line ("path")."""

    kind: str
    vertices_mm: FloatArray
    face: Rgba
    edge: Rgba
    edge_width_mm: float


@dataclass(frozen=True, eq=False)
class DotGlyph:
    """A disc."""

    position_mm: FloatArray
    size_mm: float
    face: Rgba
    border: Rgba


@dataclass(frozen=True, eq=False)
class LabelGlyph:
    """A text centred on a place."""

    position_mm: FloatArray
    text: str
    colour: Rgba


@dataclass(eq=False)
class Glyphs:
    """All that is drawn on a slice."""

    shapes: list[ShapeGlyph] = field(default_factory=list)
    dots: list[DotGlyph] = field(default_factory=list)
    labels: list[LabelGlyph] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn."""
        return not (self.shapes or self.dots or self.labels)


def rgba(colour: str, opacity: float = 1.0) -> Rgba:
    """Turn #RRGGBB and an opacity into numbers from 0 to 1."""
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return (red, green, blue, opacity)
