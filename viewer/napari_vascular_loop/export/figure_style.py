"""How a figure is to look: size, colours, which pictures are in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.domain.mark_view import SlabProjection

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import Plane


@dataclass(frozen=True)
class FigureStyle:
    """What a figure shows, and how.

    Parameters
    ----------
    columns : int
        Of a journal's page: 1 is 88 mm wide, 2 are 180 mm.
    width_mm : float or None
        Another width; None for that of the columns.
    dpi : int
        Of a PNG or TIFF, and of the picture within an SVG or PDF.
    dark : bool
        White on black, for slides; else black on white.
    arrows : str
        "black" with a white rim, or "white" with a black one.
    crop_mm : float or None
        The smaller side of what is shown around the mark; None for what its teacher chose, or what suits it.
    whole : bool
        The whole slice in place of a crop.
    inset : bool
        In a corner of the crop the whole slice, or of the whole slice the crop.
    slab_mm : float or None
        Thickness that is projected; 0 for one slice; None for what the mark's teacher chose.
    projection : SlabProjection or None
        What is shown of a slab; None for what the teacher chose, or the maximum.
    planes : tuple of Plane
        A panel for each; none for the one that shows the mark best.
    volume_ids : tuple of str
        A panel for each of these sequences of one head; none for the mark's own.
    other_side : bool
        Beside each panel the same place of the patient's other side.
    radiological : bool
        The patient's left is on the right of the picture.
    labels, caption : bool
        Whether the words beside marks are written; whether there is a text below.
    window : (float, float) or None
        Darkest and brightest value, in place of the lesson's.

    Raises
    ------
    FigureError
        Naming the value that makes no sense.
    """

    COLUMN_MM: ClassVar[dict[int, float]] = {1: 88.0, 2: 180.0}
    SMALLEST_MM: ClassVar[float] = 40.0
    LARGEST_MM: ClassVar[float] = 600.0

    columns: int = 1
    width_mm: float | None = None
    dpi: int = 300
    dark: bool = False
    arrows: str = "black"
    crop_mm: float | None = None
    whole: bool = False
    inset: bool = False
    slab_mm: float | None = None
    projection: SlabProjection | None = None
    planes: tuple[Plane, ...] = field(default=())
    volume_ids: tuple[str, ...] = field(default=())
    other_side: bool = False
    radiological: bool = True
    labels: bool = True
    caption: bool = True
    window: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.columns not in self.COLUMN_MM:
            raise FigureError(f"a figure is one column wide or two, got {self.columns!r}")
        if self.width_mm is not None and not self.SMALLEST_MM <= self.width_mm <= self.LARGEST_MM:
            raise FigureError(f"a figure is {self.SMALLEST_MM:g} to {self.LARGEST_MM:g} mm wide, got {self.width_mm}")
        if not 50 <= self.dpi <= 1200:
            raise FigureError(f"a figure has 50 to 1200 dots per inch, got {self.dpi}")
        if self.arrows not in ("black", "white"):
            raise FigureError(f"arrows are black or white, got {self.arrows!r}")
        for name, value, least in (("crop", self.crop_mm, 5.0), ("slab", self.slab_mm, 0.0)):
            if value is not None and not (math.isfinite(value) and least <= value <= 500):
                raise FigureError(f"a figure's {name} is {least:g} to 500 mm, got {value}")
        if self.window is not None and not self.window[0] < self.window[1]:
            raise FigureError(f"a window has a darkest value below its brightest, got {self.window}")
        try:
            projection = None if self.projection is None else SlabProjection(self.projection)
        except ValueError as error:
            raise FigureError(f"a slab shows its mean, maximum or minimum, got {self.projection!r}") from error
        object.__setattr__(self, "projection", projection)

    @property
    def width(self) -> float:
        """The width in mm."""
        return self.COLUMN_MM[self.columns] if self.width_mm is None else float(self.width_mm)

    @property
    def ink(self) -> str:
        """Colour of the text below."""
        return "#F2F2F2" if self.dark else "#111111"

    @property
    def faint_ink(self) -> str:
        """Colour of what is said in passing; still easily read."""
        return "#B8B8B8" if self.dark else "#4A4A4A"

    @property
    def warning_ink(self) -> str:
        """Colour of what must not be overlooked."""
        return "#FF9A8A" if self.dark else "#A00000"

    @property
    def paper(self) -> str:
        """Colour behind all."""
        return "#000000" if self.dark else "#FFFFFF"
