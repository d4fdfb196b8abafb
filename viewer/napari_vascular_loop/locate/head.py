"""A head as the finder sees it: a coarse copy on a plain grid of 2 mm along R, A, S."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.errors import LocateError
from napari_vascular_loop.domain.space import transform_points

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.domain.volume import Volume

SPACING_MM = 2.0
_MARGIN_MM = 10.0
_MOST_SIDE_MM = 600.0
_SMALLEST_SIDE_MM = 20.0
_TALLEST_MM = 225.0
"""The atlas ends 180 mm below the top of its head; other heads are up to an eighth taller, and may be tilted."""


@dataclass(frozen=True, eq=False)
class Head:
    """A coarse copy of a scan.

    Parameters
    ----------
    values : array of shape (I, J, K), float32
        Along R, A, S; from 0 (darkest) to 1 (brightest), outliers cut off.
    inside : array of bool of shape (I, J, K)
        Where the scan has voxels.
    origin_ras_mm : array of shape (3,)
        Centre of the first voxel.
    spacing_mm : float
        Distance of voxel centres along each axis.
    is_stripped : bool
        Whether what is not brain was cut away by a program: most of the voxels have the very same value.
    """

    values: npt.NDArray[np.float32]
    inside: npt.NDArray[np.bool_]
    origin_ras_mm: FloatArray
    spacing_mm: float = SPACING_MM
    is_stripped: bool = False

    def box_ras_mm(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest corner, shape (3,) each, of what is not air, with a margin, in RAS mm."""
        shown = self.foreground
        if not shown.any():
            shown = self.inside
        corners = [np.flatnonzero(shown.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))]
        low = self.origin_ras_mm + self.spacing_mm * np.array([float(one[0]) for one in corners])
        high = self.origin_ras_mm + self.spacing_mm * np.array([float(one[-1]) for one in corners])
        margin = 2.0 if self.is_stripped else _MARGIN_MM
        return low - margin, high + margin

    def without_neck(self) -> Head:
        """Cut off what lies farther below the top of the head than the atlas reaches; itself where nothing does."""
        _, high = self.box_ras_mm()
        lowest = int((high[2] - _TALLEST_MM - self.origin_ras_mm[2]) / self.spacing_mm)
        if lowest <= 0:
            return self
        origin = self.origin_ras_mm + np.array([0.0, 0.0, lowest * self.spacing_mm])
        return replace(self, values=self.values[:, :, lowest:], inside=self.inside[:, :, lowest:], origin_ras_mm=origin)

    @cached_property
    def foreground(self) -> npt.NDArray[np.bool_]:
        """What is not air, roughly."""
        from scipy.ndimage import binary_opening, uniform_filter

        if self.is_stripped:
            return np.asarray(self.inside & (self.values > 0))
        smooth = uniform_filter(self.values, 3)
        return np.asarray(binary_opening(self.inside & (smooth > _between(smooth[self.inside])), iterations=2))

    @cached_property
    def body(self) -> npt.NDArray[np.bool_]:
        """All that is scanned but the air around a head; where a brain was cut out, all that is scanned."""
        shown = self.foreground
        if self.is_stripped or not shown.any():
            return self.inside
        # What is dark, and has something bright on either side along two of the axes, lies within.
        enclosed = sum(_between_ends(shown, axis).astype(np.int8) for axis in range(3))
        return np.asarray(self.inside & (enclosed >= 2))


def _between_ends(shown: npt.NDArray[np.bool_], axis: int) -> npt.NDArray[np.bool_]:
    """From the first to the last that is shown along an axis."""
    after_first = np.logical_or.accumulate(shown, axis=axis)
    before_last = np.flip(np.logical_or.accumulate(np.flip(shown, axis), axis=axis), axis)
    return np.asarray(after_first & before_last)


def head_of(volume: Volume) -> Head:
    """Reduce a volume.

    Raises
    ------
    LocateError
        If it is flat, too small or too large to be a part of a head, or does not say how the patient lies.
    """
    if not volume.provenance.orientation_known:
        raise LocateError("the file does not say how the head lies in it, so left and right can't be told: not looked")
    sides_mm = np.array(volume.grid.shape) * np.array(volume.spacing_mm)
    if sides_mm.min() < _SMALLEST_SIDE_MM or sides_mm.max() > _MOST_SIDE_MM:
        sides = " x ".join(f"{side:.0f}" for side in sides_mm)
        raise LocateError(
            f"the scan covers {sides} mm; a part of a head of at least {_SMALLEST_SIDE_MM:.0f} mm along each side, "
            f"and at most {_MOST_SIDE_MM:.0f} mm, is needed"
        )
    values, to_ras = _reduced(volume)
    if float(np.ptp(values)) == 0:
        raise LocateError("all voxels of the scan have the same value: nothing to be found in it")
    stripped = _is_stripped(volume)
    if stripped is not None:
        zero = stripped
        kept = values != zero
    else:
        kept = np.ones(values.shape, dtype=bool)
    low, high = np.percentile(values[kept], [0.5, 99.5]) if kept.any() else (0.0, 1.0)
    if high <= low:
        low, high = float(values.min()), float(values.max())
    values = np.clip((values - low) / (high - low), 0.001, 1)
    if stripped is not None:
        values[~kept] = 0
    return _resampled(values.astype(np.float32), to_ras, stripped is not None)


def _is_stripped(volume: Volume) -> float | None:
    """Give the value that fills what was cut away, or None: real air is noisy, a mask is not."""
    few = np.asarray(volume.voxels[::4, ::4, ::2])
    found, counts = np.unique(few, return_counts=True)
    most = int(np.argmax(counts))
    if counts[most] < 0.3 * few.size or found.size < 16:
        return None
    cut = few == found[most]
    # A brain's mask has no air in it, nor around it: the shell of the box is all cut, and what is left is one lump that
    # is smaller than a head.
    voxel_mm3 = float(abs(np.linalg.det(volume.voxel_to_ras[:3, :3])))
    left_ml = float((~cut).mean()) * volume.voxels.size * voxel_mm3 / 1000
    return float(found[most]) * volume.rescale.slope + volume.rescale.intercept if left_ml < 2100 else None


def _reduced(volume: Volume) -> tuple[FloatArray, FloatArray]:
    """Means over blocks of voxels, no coarser than the head's grid; 4x4 from their indices to RAS mm."""
    voxels: npt.NDArray[Any] = volume.voxels
    step = np.maximum(1, np.floor(SPACING_MM * 1.01 / np.array(volume.spacing_mm)).astype(int))
    step = np.minimum(step, np.array(voxels.shape))
    kept = np.array(voxels.shape) // step * step
    total: FloatArray | None = None
    for i in range(step[0]):
        for j in range(step[1]):
            for k in range(step[2]):
                part = voxels[i : kept[0] : step[0], j : kept[1] : step[1], k : kept[2] : step[2]]
                total = np.asarray(part, dtype=np.float64) if total is None else total + part
    assert total is not None
    values = np.nan_to_num(np.asarray(total)) / float(step.prod()) * volume.rescale.slope + volume.rescale.intercept
    from_index = np.eye(4)
    from_index[:3, :3] = np.diag(step.astype(float))
    from_index[:3, 3] = (step - 1) / 2
    return values, np.asarray(volume.voxel_to_ras @ from_index)


def _resampled(values: npt.NDArray[np.float32], to_ras: FloatArray, is_stripped: bool) -> Head:
    from scipy.ndimage import affine_transform

    corners = np.array(np.meshgrid(*[(0, n - 1) for n in values.shape])).reshape(3, -1).T
    places = transform_points(to_ras, corners)
    low, high = places.min(axis=0), places.max(axis=0)
    shape = tuple(int(n) for n in np.floor((high - low) / SPACING_MM) + 1)
    to_index = np.linalg.inv(to_ras)
    matrix, offset = to_index[:3, :3] * SPACING_MM, to_index[:3, :3] @ low + to_index[:3, 3]
    # Outside is -1, and so is a little of what lies between outside and the border.
    there = affine_transform(values, matrix, offset, output_shape=shape, order=1, cval=-1.0)
    inside = there >= 0
    return Head(np.where(inside, there, 0).astype(np.float32), inside, low, SPACING_MM, is_stripped)


def _between(values: npt.NDArray[np.float32]) -> float:
    """Threshold between air and head: Otsu's, of a histogram with 64 bins, but never a high one."""
    counts, edges = np.histogram(values, 64, (0, 1))
    middles = (edges[:-1] + edges[1:]) / 2
    weight = np.cumsum(counts)
    total = weight[-1]
    mean = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (mean[-1] * weight / total - mean) ** 2 / (weight * (total - weight))
    return min(0.15, float(middles[int(np.nanargmax(between))]))
