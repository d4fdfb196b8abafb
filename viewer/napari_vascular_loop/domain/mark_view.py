"""How a teacher wants a mark to be looked at: plane, zoom, grey scale, slab."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from napari_vascular_loop.domain.errors import AnnotationError

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import Plane


class SlabProjection(enum.StrEnum):
    """What is shown of a slab's thickness."""

    MEAN = "mean"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"


@dataclass(frozen=True)
class MarkView:
    """What is set when one goes to a mark; what is None stays as it is.

    Parameters
    ----------
    plane : Plane or None
        Of the main canvas.
    field_of_view_mm : float or None
        What the smaller side of the canvas shows.
    window : (float, float) or None
        Darkest and brightest value.
    slab_mm : float or None
        Thickness of the slab; 0 for a single slice.
    projection : SlabProjection or None
        What is shown of the slab.

    Raises
    ------
    AnnotationError
        Naming the value that makes no sense.
    """

    LARGEST_MM: ClassVar[float] = 2000.0

    plane: Plane | None = None
    field_of_view_mm: float | None = None
    window: tuple[float, float] | None = None
    slab_mm: float | None = None
    projection: SlabProjection | None = None

    def __post_init__(self) -> None:
        field, slab = self.field_of_view_mm, self.slab_mm
        if field is not None and not 0 < field <= self.LARGEST_MM:
            raise AnnotationError(f"a view's field of view is more than 0 and at most 2000 mm, got {field}")
        if slab is not None and not 0 <= slab <= self.LARGEST_MM:
            raise AnnotationError(f"a view's slab is 0 to 2000 mm thick, got {slab}")
        if self.window is not None:
            low, high = (float(value) for value in self.window)
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise AnnotationError(f"a view's window has a darkest value below its brightest, got {self.window}")
            object.__setattr__(self, "window", (low, high))
        try:
            projection = None if self.projection is None else SlabProjection(self.projection)
        except ValueError as error:
            raise AnnotationError(f"a slab shows its mean, maximum or minimum, got {self.projection!r}") from error
        object.__setattr__(self, "projection", projection)

    @property
    def words(self) -> str:
        """The view in a few words, such as "axial, 60 mm wide, W 90 L 66, 10 mm maximum"; "" if nothing is set."""
        said = []
        if self.plane is not None:
            said.append(self.plane.name.lower())
        if self.field_of_view_mm is not None:
            said.append(f"{self.field_of_view_mm:.0f} mm wide")
        if self.window is not None:
            low, high = self.window
            said.append(f"W {high - low:g} L {(low + high) / 2:g}")
        if self.slab_mm:
            said.append(f"{self.slab_mm:g} mm {self.projection or SlabProjection.MEAN}")
        return ", ".join(said)
