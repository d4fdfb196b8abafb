"""Choose the slice, the crop and the grey scale in which one annotation is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_vascular_loop.domain.contrast import grey_window
from napari_vascular_loop.domain.frame import DisplayFrame, plane_of, runs_to_the_left

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.space import FloatArray, Plane
    from napari_vascular_loop.domain.volume import Volume


@dataclass(frozen=True, eq=False)
class SliceView:
    """A slice laid out for print: row 0 at the top, in display coordinates (mm).

    Parameters
    ----------
    pixels : array of shape (rows, columns)
        Grey values, rescaled.
    left, right, bottom, top : float
        Outer edges of the pixels along the horizontal and the vertical display axis; left > right where that
        axis runs to the left.
    display_axis : int
        The axis that the slice is square to (0 S, 1 A, 2 R).
    slice_mm : float
        Its place along that axis.
    """

    pixels: npt.NDArray[np.float32]
    left: float
    right: float
    bottom: float
    top: float
    display_axis: int
    slice_mm: float
    slice_number: int
    slice_count: int

    @property
    def plane(self) -> Plane:
        """The anatomical plane it is closest to."""
        return plane_of(self.display_axis)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """As matplotlib's imshow takes it."""
        return (self.left, self.right, self.bottom, self.top)


def best_display_axis(annotation: Annotation, frame: DisplayFrame) -> int:
    """Axis along which the mark is thinnest, the axial plane among equals."""
    vertices = frame.display_from_ras(annotation.geometry.vertices_ras_mm)
    extent = np.round(vertices.max(axis=0) - vertices.min(axis=0), 2)
    if annotation.geometry.kind in ("point", "text", "path"):
        return 0
    return int(np.argmin(extent))


def slice_through(
    volume: Volume, annotation: Annotation, width_mm: float, height_mm: float, radiological: bool = True
) -> SliceView:
    """Cut the slice nearest to a mark and crop it around the mark.

    Parameters
    ----------
    volume : Volume
        The volume that the mark lies in.
    annotation : Annotation
        The mark.
    width_mm, height_mm : float
        Size of the crop; less where the volume is smaller.
    radiological : bool
        Patient's left on the right of the picture.
    """
    frame = volume.frame
    axis = best_display_axis(annotation, frame)
    vertical, horizontal = (a for a in range(3) if a != axis)
    anchor = frame.display_from_ras(annotation.geometry.anchor_ras_mm)
    index = int(np.clip(np.rint(frame.index_from_display(anchor)[axis]), 0, frame.shape[axis] - 1))
    low = {a: frame.translate_mm[a] - frame.scale_mm[a] / 2 for a in (vertical, horizontal)}
    flat = frame.display_from_ras(annotation.geometry.vertices_ras_mm)
    rows = _crop(flat[:, vertical], height_mm, low[vertical], frame.scale_mm[vertical], frame.shape[vertical])
    columns = _crop(flat[:, horizontal], width_mm, low[horizontal], frame.scale_mm[horizontal], frame.shape[horizontal])
    return _view(volume, axis, index, rows, columns, radiological)


def whole_slice(volume: Volume, display_axis: int, index: int, radiological: bool = True) -> SliceView:
    """Lay out a slice, whole.

    Parameters
    ----------
    volume : Volume
        The volume.
    display_axis, index : int
        The axis that the slice is square to (0 S, 1 A, 2 R), and its number along it.
    radiological : bool
        Patient's left on the right of the picture.
    """
    vertical, horizontal = (a for a in range(3) if a != display_axis)
    shape = volume.frame.shape
    return _view(volume, display_axis, index, (0, shape[vertical]), (0, shape[horizontal]), radiological)


def _view(
    volume: Volume, axis: int, index: int, rows: tuple[int, int], columns: tuple[int, int], radiological: bool
) -> SliceView:
    frame = volume.frame
    vertical, horizontal = (a for a in range(3) if a != axis)
    voxels = np.take(frame.reorder(volume.voxels), index, axis=axis)
    low = {a: frame.translate_mm[a] - frame.scale_mm[a] / 2 for a in (vertical, horizontal)}
    cut = voxels[slice(*rows), slice(*columns)].astype(np.float32)
    cut = cut * np.float32(volume.rescale.slope) + np.float32(volume.rescale.intercept)
    bottom, top = (low[vertical] + n * frame.scale_mm[vertical] for n in rows)
    left, right = (low[horizontal] + n * frame.scale_mm[horizontal] for n in columns)
    pixels = cut[::-1]
    if runs_to_the_left(plane_of(axis), radiological):
        pixels, left, right = pixels[:, ::-1], right, left
    slice_mm = frame.translate_mm[axis] + index * frame.scale_mm[axis]
    return SliceView(pixels, left, right, bottom, top, axis, slice_mm, index + 1, frame.shape[axis])


def window_for(volume: Volume, chosen: tuple[float, float] | None) -> tuple[float, float]:
    """Grey scale as the teacher chose it, or one that fits the volume."""
    return chosen or grey_window(volume)


def _crop(places_mm: FloatArray, size_mm: float, low_mm: float, spacing_mm: float, count: int) -> tuple[int, int]:
    """Choose the voxels from first up to last that show `places_mm` in the middle, within the volume."""
    span = float(places_mm.max() - places_mm.min())
    wanted = min(count, max(1, round(max(size_mm, span * 1.4) / spacing_mm)))
    middle = (float(places_mm.max() + places_mm.min()) / 2 - low_mm) / spacing_mm
    first = int(np.clip(round(middle - wanted / 2), 0, count - wanted))
    return first, first + wanted
