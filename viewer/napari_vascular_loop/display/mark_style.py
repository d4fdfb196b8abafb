"""The drawing style sheet: what marks on a canvas look like. Sizes are in screen pixels, whatever the zoom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from napari_vascular_loop.display.mark_sprites import EDGE_PART

Rgba = tuple[float, float, float, float]

SELECTED_COLOUR = "#FFD23F"


@dataclass(frozen=True)
class MarkStyle:
    """Sizes and inks of marks.

    Parameters
    ----------
    ink : str
        #RRGGBB, of arrows and of what edges lines.
    rim : str
        Round arrows and points, so that they stand out from bright and from dark tissue.
    arrow_unit_px : float
        Half the width of an arrow's shaft.
    rim_px, edged_line_px : float
        Widths of the rim, and of a line with its dark edges.
    point_px, rimmed_point_px, point_border_px : float
        Diameters of a point, of it with its rim, and the width of its border.
    handle_px : float
        Diameter of the rings by which a selected mark is moved.
    tick_px : float
        Length of the lines across the ends of a ruler.
    letter_px : float
        Size of the letters of labels.
    """

    ink: str = "#000000"
    rim: str = "#FFFFFF"
    arrow_unit_px: float = 4.2
    rim_px: float = 1.7
    edged_line_px: float = 5.2
    point_px: float = 11.0
    rimmed_point_px: float = 14.3
    point_border_px: float = 1.3
    handle_px: float = 10.0
    tick_px: float = 14.0
    letter_px: float = 14.0

    @property
    def line_px(self) -> float:
        """Width of a line between its edges."""
        return self.edged_line_px * (1 - 2 * EDGE_PART)


DARK = MarkStyle()
"""Black with a white rim, as in printed radiology."""

LIGHT = MarkStyle(ink="#FFFFFF", rim="#000000")
"""White with a black rim."""


@lru_cache(maxsize=256)
def rgba(colour: str, opacity: float = 1.0) -> Rgba:
    """Turn #RRGGBB and an opacity into numbers from 0 to 1."""
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return (red, green, blue, opacity)
