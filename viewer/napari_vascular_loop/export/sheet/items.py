"""What lies on a sheet: all places in mm from its upper left corner, x to the right, y down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_vascular_loop.export.sheet.font import text_width_mm

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray

MM_PER_POINT = 25.4 / 72
MM_PER_INCH = 25.4
_ASCENT, _DESCENT = 0.74, 0.22
"""Of the size of letters: how far capitals and tails reach from the baseline."""


class Box(NamedTuple):
    """A rectangle in mm."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle."""
        return (self.left + self.width / 2, self.top + self.height / 2)

    def grown(self, by_mm: float) -> Box:
        """As much larger on each side."""
        return Box(self.left - by_mm, self.top - by_mm, self.width + 2 * by_mm, self.height + 2 * by_mm)

    def overlaps(self, other: Box) -> bool:
        """Whether the two have an area in common."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: Box, by_mm: float = 0.0) -> bool:
        """Whether another lies within, so far from the edges at least."""
        return (
            other.left >= self.left + by_mm
            and other.right <= self.right - by_mm
            and other.top >= self.top + by_mm
            and other.bottom <= self.bottom - by_mm
        )

    @property
    def corners(self) -> FloatArray:
        """The four corners, shape (4, 2)."""
        return np.array(
            [(self.left, self.top), (self.right, self.top), (self.right, self.bottom), (self.left, self.bottom)]
        )


@dataclass(frozen=True, eq=False)
class Picture:
    """Grey values, interpolated between samples.

    Parameters
    ----------
    samples : array of shape (rows, columns), float32
        From 0, black, to 1, white.
    box : Box
        Where it is shown.
    first : (float, float)
        Row and column, not whole, of the samples at the box's upper left corner; sample centres are whole numbers.
    per_mm : (float, float)
        Rows and columns of samples per mm of the sheet.
    role : str
        What it is for.
    """

    samples: npt.NDArray[np.float32]
    box: Box
    first: tuple[float, float]
    per_mm: tuple[float, float]
    role: str = "image"


@dataclass(frozen=True, eq=False)
class Shape:
    """A filled or stroked outline.

    Parameters
    ----------
    vertices : array of shape (N, 2)
        In mm.
    fill, stroke : str or None
        Colours, as #RRGGBB.
    stroke_mm : float
        Width of the line, round at corners and ends unless `butt`.
    closed : bool
        Whether the last vertex is joined with the first.
    butt : bool
        Whether a line ends at its last vertex, and no half width further.
    clip : Box or None
        Nothing is seen beyond it.
    role : str
        What it is for.
    """

    vertices: FloatArray
    fill: str | None = None
    stroke: str | None = None
    stroke_mm: float = 0.0
    closed: bool = True
    butt: bool = False
    clip: Box | None = None
    role: str = "mark"


@dataclass(frozen=True)
class Words:
    """A line of text.

    Parameters
    ----------
    text : str
        As it is to be read.
    x_mm, y_mm : float
        Left end of its baseline.
    points : float
        Size of the letters.
    colour : str
        As #RRGGBB.
    bold : bool
        In the bold face.
    halo : str or None
        Colour around the letters.
    halo_mm : float
        How far that reaches.
    role : str
        What it is for.
    """

    text: str
    x_mm: float
    y_mm: float
    points: float
    colour: str
    bold: bool = False
    halo: str | None = None
    halo_mm: float = 0.0
    role: str = "caption"

    @property
    def size_mm(self) -> float:
        """Size of the letters in mm."""
        return self.points * MM_PER_POINT

    @property
    def box(self) -> Box:
        """What the letters take, without the halo."""
        width = text_width_mm(self.text, self.points, self.bold)
        return Box(self.x_mm, self.y_mm - _ASCENT * self.size_mm, width, (_ASCENT + _DESCENT) * self.size_mm)


Item = Picture | Shape | Words


@dataclass(frozen=True, eq=False)
class Sheet:
    """All that is drawn, from the back to the front.

    Parameters
    ----------
    width_mm, height_mm : float
        Its size.
    paper : str
        Colour behind all, as #RRGGBB.
    items : tuple
        From the back to the front.
    """

    width_mm: float
    height_mm: float
    paper: str = "#FFFFFF"
    items: tuple[Item, ...] = field(default=())

    def without(self, roles: Collection[str]) -> Sheet:
        """The same sheet without what is for some purposes."""
        return Sheet(
            self.width_mm, self.height_mm, self.paper, tuple(item for item in self.items if item.role not in roles)
        )


def words_centred(
    text: str,
    x_mm: float,
    y_mm: float,
    points: float,
    colour: str,
    *,
    across: float = 0.5,
    down: float = 0.5,
    bold: bool = False,
    halo: str | None = None,
    halo_mm: float = 0.0,
    role: str = "caption",
) -> Words:
    """A line of text whose box lies about a place.

    Parameters
    ----------
    across, down : float
        Which share of the box lies to the left of the place, and above it.
    """
    size = points * MM_PER_POINT
    left = x_mm - across * text_width_mm(text, points, bold)
    baseline = y_mm - down * (_ASCENT + _DESCENT) * size + _ASCENT * size
    return Words(text, left, baseline, points, colour, bold, halo, halo_mm, role)
