"""Thick slices: what of their thickness is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.mark_view import SlabProjection

if TYPE_CHECKING:
    from napari_vascular_loop.domain.space import Vector3
    from napari_vascular_loop.domain.volume import Volume

_MODES = {SlabProjection.MEAN: "mean", SlabProjection.MAXIMUM: "max", SlabProjection.MINIMUM: "min"}
SLAB_NAMES = {SlabProjection.MEAN: "Mean", SlabProjection.MAXIMUM: "MIP", SlabProjection.MINIMUM: "MinIP"}
THICKNESSES_MM = (0.0, 2.0, 5.0, 10.0, 20.0, 40.0)
_OFF_HALF = 0.25
_USUAL_MM = 10.0
THICKEST_MM = 200.0


@dataclass(frozen=True)
class Slab:
    """How thick slices are, and what of them is shown.

    Parameters
    ----------
    thickness_mm : float
        0 for single slices.
    projection : SlabProjection
        Mean, maximum or minimum along the line of sight.

    Raises
    ------
    ValueError
        If it is thicker than a head, or negative.
    """

    thickness_mm: float = 0.0
    projection: SlabProjection = SlabProjection.MEAN

    def __post_init__(self) -> None:
        if not 0 <= self.thickness_mm <= THICKEST_MM:
            raise ValueError(f"a slab is 0 to {THICKEST_MM:g} mm thick, got {self.thickness_mm:g} mm")

    @property
    def text(self) -> str:
        """Say it, such as "MIP 10 mm"; "" for single slices."""
        return f"{SLAB_NAMES[self.projection]} {self.thickness_mm:g} mm" if self.thickness_mm else ""

    def of_kind(self, projection: SlabProjection | None) -> Slab:
        """Show something else of it, 10 mm thick if it was not thick; None for single slices."""
        return Slab() if projection is None else Slab(self.thickness_mm or _USUAL_MM, projection)

    def next_kind(self) -> Slab:
        """Single slices, mean, maximum, minimum, and single slices again."""
        kinds: list[SlabProjection | None] = [None, *SlabProjection]
        now = kinds.index(self.projection) if self.thickness_mm else 0
        return self.of_kind(kinds[(now + 1) % len(kinds)])

    def thicker(self, steps: int) -> Slab:
        """Go to the next usual thickness, or to the one before with -1."""
        nearest = min(range(len(THICKNESSES_MM)), key=lambda n: abs(THICKNESSES_MM[n] - self.thickness_mm))
        at = max(0, min(len(THICKNESSES_MM) - 1, nearest + steps))
        return Slab(THICKNESSES_MM[at], self.projection)

    def slices(self, spacing_mm: float) -> int:
        """How many slices it is made of: an odd number, so that the slice on screen is its middle."""
        return max(1, 2 * round((self.thickness_mm / spacing_mm - 1) / 2) + 1) if self.thickness_mm else 1

    def shown_mm(self, spacing_mm: float) -> float:
        """How thick what is shown really is: whole slices; 0 for single ones."""
        return self.slices(spacing_mm) * spacing_mm if self.thickness_mm else 0.0

    def text_at(self, spacing_mm: float) -> str:
        """Say it for a plane: "MIP 10 mm (11 slices)"; "" for single slices."""
        count = self.slices(spacing_mm)
        return f"{self.text} ({count} slice{'s' if count > 1 else ''})" if self.thickness_mm else ""

    def show_on(self, viewer: Any, scale_mm: Vector3) -> None:
        """Make a viewer's slices so thick.

        Parameters
        ----------
        viewer : napari.components.ViewerModel
            That shows a volume.
        scale_mm : (float, float, float)
            Spacing of the slices along S, A, R.
        """
        if viewer.dims.ndim != len(scale_mm):
            return
        # napari takes the slices from round(left end) up to, and not with, round(right end): clear of the halves.
        halves = [self.slices(mm) / 2 if self.thickness_mm else 0.0 for mm in scale_mm]
        off = _OFF_HALF if self.thickness_mm else 0.0
        left = tuple((half - off) * mm for half, mm in zip(halves, scale_mm, strict=True))
        right = tuple((half + off) * mm for half, mm in zip(halves, scale_mm, strict=True))
        if (tuple(viewer.dims.margin_left), tuple(viewer.dims.margin_right)) != (left, right):
            viewer.dims.margin_left, viewer.dims.margin_right = left, right

    def project(self, layer: Any) -> None:
        """Have a layer show it; one of several levels of detail shows single slices."""
        mode = _MODES[self.projection] if self.thickness_mm else "none"
        if str(layer.projection_mode) != mode:
            layer.projection_mode = mode


def can_be_thick(volume: Volume | None) -> bool:
    """Whether slabs of a volume can be shown: not of one that is kept in levels of detail."""
    return volume is not None and not (volume.levels and volume.time_points == 1)
