"""One picture of a figure: which part of which plane, where it lies on the sheet, and what is marked on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_vascular_loop.export.sheet.items import Box, Picture

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import LessonVolume
    from napari_vascular_loop.domain.midline import Midline
    from napari_vascular_loop.domain.space import FloatArray, Vector3
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.export.figure_cut import Cut

DEFAULT_CROP_MM = 60.0
_ROOM_AROUND = 1.35
_MAGNIFIED = 2.0


class Field(NamedTuple):
    """What is shown of a plane, in mm of the head: its middle, to the right and up from the cut's origin; its size."""

    across_mm: float
    up_mm: float
    width_mm: float
    height_mm: float


@dataclass(frozen=True)
class PlacedArrow:
    """An arrow on the sheet, for who draws it as a shape of its own.

    Parameters
    ----------
    annotation_id : str
        Of which mark.
    tail_mm, tip_mm : (float, float)
        x and y in mm from the figure's upper left corner.
    is_mirrored : bool
        Whether it points at the same place of the other side.
    """

    annotation_id: str
    tail_mm: tuple[float, float]
    tip_mm: tuple[float, float]
    is_mirrored: bool = False


@dataclass(frozen=True)
class PlacedLabel:
    """The words beside a mark.

    Parameters
    ----------
    annotation_id : str
        Of which mark.
    text : str
        As they are written, broken into lines.
    box : Box
        In mm from the figure's upper left corner.
    points : float
        Size of the letters.
    """

    annotation_id: str
    text: str
    box: Box
    points: float


@dataclass(frozen=True, eq=False)
class PanelPlan:
    """What a panel is to show.

    Parameters
    ----------
    annotation : Annotation
        Its mark.
    volume : Volume
        Of which.
    entry : LessonVolume
        What the lesson says of it.
    cut : Cut
        Which plane.
    window : (float, float)
        Darkest and brightest value.
    midline : Midline or None
        Across which it is mirrored; None where it is not.
    """

    annotation: Annotation
    volume: Volume
    entry: LessonVolume
    cut: Cut
    window: tuple[float, float]
    midline: Midline | None = None

    @property
    def vertices_ras_mm(self) -> FloatArray:
        """Of the mark or, on the other side, of its mirror image; shape (N, 3)."""
        vertices = np.array(self.annotation.geometry.vertices_ras_mm, dtype=np.float64)
        return vertices if self.midline is None else self.midline.mirrored(vertices)

    @property
    def anchor_ras_mm(self) -> Vector3:
        """The place that the panel is about."""
        anchor = np.array(self.annotation.geometry.anchor_ras_mm)
        r, a, s = (anchor if self.midline is None else self.midline.mirrored(anchor)).tolist()
        return (r, a, s)

    def crop(self, smaller_side_mm: float | None, aspect: float) -> Field:
        """What is to be seen around the mark, `aspect` times as wide as high."""
        places = self.cut.across_up_mm(self.vertices_ras_mm)
        low, high = places.min(axis=0), places.max(axis=0)
        wide, high_ = max(aspect, 1.0), max(1 / aspect, 1.0)
        left, right, bottom, top = self.cut.bounds_mm
        size = smaller_side_mm
        if size is None:
            view = self.annotation.view
            wished = (view.field_of_view_mm if view is not None else None) or DEFAULT_CROP_MM
            needed = float(((high - low) * _ROOM_AROUND / [wide, high_]).max())
            # No more than there is, unless the mark needs it: nobody wants to see black edges.
            size = max(needed, min(wished, (right - left) / wide, (top - bottom) / high_))
        width, height = size * wide, size * high_
        across, up = ((low + high) / 2).tolist()
        if self.midline is None:
            across, up = _within(across, width, left, right), _within(up, height, bottom, top)
        return Field(across, up, width, height)

    def close_up(self, smaller_side_mm: float | None, share: float) -> Field:
        """What a small picture within that of the whole plane is to show: twice as large, at least, as there."""
        whole = self.whole()
        return self.crop(smaller_side_mm or min(whole.width_mm, whole.height_mm) * share / _MAGNIFIED, 1.0)

    def whole(self) -> Field:
        """All of the plane."""
        left, right, bottom, top = self.cut.bounds_mm
        return Field((left + right) / 2, (bottom + top) / 2, right - left, top - bottom)


@dataclass(frozen=True, eq=False)
class Panel:
    """A plan with its place on the sheet.

    Parameters
    ----------
    plan : PanelPlan
        What it shows.
    field : Field
        Which part of the plane.
    box : Box
        Where.
    letter : str
        "A", "B", ...; "" of a panel that stands alone.
    is_large : bool
        Whether all panels of the figure have room for letters and arrows of full size.
    """

    plan: PanelPlan
    field: Field
    box: Box
    letter: str = ""
    is_large: bool = True

    @property
    def scale(self) -> float:
        """Millimetres on paper for one in the head."""
        return self.box.height / self.field.height_mm

    def sheet_from_ras(self, ras_mm: npt.ArrayLike) -> FloatArray:
        """Places in RAS mm, shape (N, 3), on the sheet, x and y in mm, shape (N, 2)."""
        places = self.plan.cut.across_up_mm(ras_mm)
        away = (places - [self.field.across_mm, self.field.up_mm]) * [self.scale, -self.scale]
        return np.asarray(away + self.box.middle)

    def picture(self, role: str = "image") -> Picture:
        """The grey values in the panel's box."""
        cut, (low, high) = self.plan.cut, self.plan.window
        values = np.nan_to_num(cut.values, nan=low, posinf=high, neginf=low)
        samples = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1).astype(np.float32)
        top = self.field.up_mm + self.field.height_mm / 2
        left = self.field.across_mm - self.field.width_mm / 2
        row_mm, column_mm = cut.spacing_mm
        return Picture(
            samples,
            self.box,
            ((cut.first_mm[1] - top) / row_mm, (left - cut.first_mm[0]) / column_mm),
            (1 / self.scale / row_mm, 1 / self.scale / column_mm),
            role,
        )


def _within(middle: float, size: float, low: float, high: float) -> float:
    """Move a stretch so that it does not reach beyond the volume; one that is larger to the volume's middle."""
    if high - low <= size:
        return (low + high) / 2
    return float(np.clip(middle, low + size / 2, high - size / 2))
