"""A slice, a slab or a mirrored plane of a volume, laid out on paper: samples, and where RAS mm lie on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_vascular_loop.domain.frame import plane_of, runs_to_the_left
from napari_vascular_loop.domain.mark_view import SlabProjection
from napari_vascular_loop.domain.space import direction_letters
from napari_vascular_loop.reformat import sampled

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.midline import Midline
    from napari_vascular_loop.domain.space import FloatArray, Plane
    from napari_vascular_loop.domain.volume import Volume

_PROJECT: dict[SlabProjection, Callable[..., Any]] = {
    SlabProjection.MEAN: np.mean,
    SlabProjection.MAXIMUM: np.max,
    SlabProjection.MINIMUM: np.min,
}
_STEP_IN_SLAB_MM = 0.5


@dataclass(frozen=True, eq=False)
class Cut:
    """A plane of a volume, seen as it is printed.

    Parameters
    ----------
    values : array of shape (rows, columns), float32
        As the scanner meant them, row 0 at the top; NaN beside the volume.
    first_mm : (float, float)
        Across to the right and up, of the middle of the sample in the upper left corner, from the origin.
    spacing_mm : (float, float)
        Between rows, between columns.
    origin_ras_mm, right_ras, up_ras : array of shape (3,)
        A place of the plane, and where right and up of the paper are.
    plane : Plane
        The anatomical plane it is closest to.
    place_mm : float
        Of the plane, along the anatomical axis it is closest to, at the origin.
    slab_mm : float
        Thickness that was projected; 0 for one slice.
    projection : SlabProjection
        What is shown of it.
    is_mirrored : bool
        Whether it is the other side of another cut.
    """

    values: npt.NDArray[np.float32]
    first_mm: tuple[float, float]
    spacing_mm: tuple[float, float]
    origin_ras_mm: FloatArray
    right_ras: FloatArray
    up_ras: FloatArray
    plane: Plane
    slab_mm: float = 0.0
    projection: SlabProjection = SlabProjection.MAXIMUM
    is_mirrored: bool = False

    def across_up_mm(self, ras_mm: npt.ArrayLike) -> FloatArray:
        """Places in RAS mm, shape (N, 3), as mm to the right and up from the origin, shape (N, 2)."""
        away = np.atleast_2d(np.asarray(ras_mm, dtype=np.float64)) - self.origin_ras_mm
        # Axes that are not quite square are resolved, not projected.
        basis = np.stack([self.right_ras, self.up_ras, self.normal_ras], axis=1)
        return np.asarray(np.linalg.solve(basis, away.T).T[:, :2])

    def depth_mm(self, ras_mm: npt.ArrayLike) -> FloatArray:
        """How far places in RAS mm, shape (N, 3), lie in front of the plane or behind it, shape (N,)."""
        away = np.atleast_2d(np.asarray(ras_mm, dtype=np.float64)) - self.origin_ras_mm
        return np.asarray(away @ self.normal_ras)

    @property
    def normal_ras(self) -> FloatArray:
        """Square to the plane."""
        normal = np.cross(self.right_ras, self.up_ras)
        return np.asarray(normal / np.linalg.norm(normal))

    @property
    def letters(self) -> dict[str, str]:
        """Letters of the patient's directions by the edges of the picture."""
        return {
            "left": direction_letters(-self.right_ras),
            "right": direction_letters(self.right_ras),
            "top": direction_letters(self.up_ras),
            "bottom": direction_letters(-self.up_ras),
        }

    @property
    def bounds_mm(self) -> tuple[float, float, float, float]:
        """Outer edges of the samples: left, right, bottom, top, from the origin."""
        rows, columns = self.values.shape
        left = self.first_mm[0] - self.spacing_mm[1] / 2
        top = self.first_mm[1] + self.spacing_mm[0] / 2
        return left, left + columns * self.spacing_mm[1], top - rows * self.spacing_mm[0], top

    @property
    def place_mm(self) -> float:
        """Of the plane along the RAS axis that it is square to."""
        return float(self.origin_ras_mm[self.plane.value])


def cut_through(
    volume: Volume,
    place_ras_mm: npt.ArrayLike,
    display_axis: int,
    *,
    slab_mm: float = 0.0,
    projection: SlabProjection = SlabProjection.MAXIMUM,
    radiological: bool = True,
) -> Cut:
    """The slice of a volume nearest to a place, or the slab around it, in the scan's own voxels.

    Parameters
    ----------
    volume : Volume
        Of single values.
    place_ras_mm : array of shape (3,)
        In RAS mm.
    display_axis : int
        The axis that it is square to (0 S, 1 A, 2 R).
    slab_mm : float
        Whole slices are taken: those of which the middle lies within.
    projection : SlabProjection
        What is shown of a slab.
    radiological : bool
        Patient's left on the right of the picture.
    """
    frame = volume.frame
    vertical, horizontal = (axis for axis in range(3) if axis != display_axis)
    place = frame.on_slice(frame.display_from_ras(place_ras_mm), display_axis)
    middle = round(float(frame.index_from_display(place)[display_axis]))
    spacing, count = frame.scale_mm[display_axis], frame.shape[display_axis]
    half = int(np.floor(max(0.0, slab_mm) / 2 / spacing + 1e-6))
    low, high = max(0, middle - half), min(count - 1, middle + half)
    chosen = [slice(None)] * 3
    chosen[display_axis] = slice(low, high + 1)
    block: npt.NDArray[Any] = np.asarray(frame.reorder(volume.voxels)[tuple(chosen)]).astype(np.float32)
    block = block * np.float32(volume.rescale.slope) + np.float32(volume.rescale.intercept)
    values = np.asarray(_PROJECT[projection](block, axis=display_axis), dtype=np.float32)[::-1]
    to_ras = frame.display_to_ras[:3, :3]
    to_left = runs_to_the_left(plane_of(display_axis), radiological)
    first, last = (
        frame.translate_mm,
        [frame.translate_mm[a] + (frame.shape[a] - 1) * frame.scale_mm[a] for a in (0, 1, 2)],
    )
    top = last[vertical] - place[vertical]
    left = place[horizontal] - last[horizontal] if to_left else first[horizontal] - place[horizontal]
    taken_mm = (high - low + 1) * spacing
    return Cut(
        values[:, ::-1] if to_left else values,
        (float(left), float(top)),
        (frame.scale_mm[vertical], frame.scale_mm[horizontal]),
        frame.ras_from_display(place),
        to_ras[:, horizontal] * (-1.0 if to_left else 1.0),
        to_ras[:, vertical].copy(),
        plane_of(display_axis),
        float(taken_mm) if high > low else 0.0,
        projection,
    )


def other_side_of(cut: Cut, volume: Volume, midline: Midline, *, field_mm: float, radiological: bool = True) -> Cut:
    """The plane that mirrors another across the midline, resampled, seen as the patient lies: nothing is flipped.

    Parameters
    ----------
    cut : Cut
        Whose other side is wanted, about its origin.
    volume : Volume
        The same.
    midline : Midline
        The plane between left and right.
    field_mm : float
        How much is resampled to each side of the origin.
    radiological : bool
        As for the other.
    """
    across, up = midline.mirrored_direction(cut.right_ras), midline.mirrored_direction(cut.up_ras)
    if cut.plane.name != "SAGITTAL":
        # Mirrored, right runs to where left is shown: turned back, so that both lie as the patient does.
        across = -across
    origin = midline.mirrored(cut.origin_ras_mm)
    row_mm, column_mm = cut.spacing_mm
    rows, columns = int(np.ceil(field_mm / row_mm)), int(np.ceil(field_mm / column_mm))
    v = np.arange(rows, -rows - 1, -1) * row_mm
    u = np.arange(-columns, columns + 1) * column_mm
    plane = origin + v[:, None, None] * up + u[None, :, None] * across
    normal = np.cross(across, up)
    normal = normal / np.linalg.norm(normal)
    half = int(np.ceil(cut.slab_mm / 2 / _STEP_IN_SLAB_MM))
    depths = np.linspace(-cut.slab_mm / 2, cut.slab_mm / 2, 2 * half + 1) if half else np.zeros(1)
    layers = np.stack([sampled(volume, plane + depth * normal) for depth in depths])
    beside = np.isnan(layers).any(axis=0)
    values = _PROJECT[cut.projection](np.nan_to_num(layers), axis=0).astype(np.float32)
    return Cut(
        np.where(beside, np.float32(np.nan), values),
        (float(u[0]), float(v[0])),
        cut.spacing_mm,
        np.asarray(origin),
        across,
        up,
        cut.plane,
        cut.slab_mm,
        cut.projection,
        is_mirrored=True,
    )
