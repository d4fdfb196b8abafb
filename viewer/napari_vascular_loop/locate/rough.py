"""How well a scan fits the atlas in many poses at once, told quickly: for the thousands that are tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.locate.likeness import (
    LEAST_BRAIN,
    LEAST_COVERED,
    blurred,
    by_chance,
    equal_bins,
    mutual,
    places_of_brain,
    random_places,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.locate.head import Head

_BINS, _BRAIN_BINS = 24, 16
_CODES = 128
"""A scan's values are kept as one of so many, as often each; those of a brain are binned by these."""

_BOTTOM = 1.0
_SEED = 1
_AT_ONCE = 16
"""More poses at once no longer fit the processor's cache."""


class Rough:
    """A scan held against the atlas at some places, by the voxels that are nearest: as `Fit`, but many times as fast.

    Parameters
    ----------
    scan, atlas : Head
        To be compared.
    brain : array of bool, shape of the atlas
        Its brain.
    blur_mm : float
        Both are blurred by so much: a wider hill to climb.
    count : int
        At so many places each.
    """

    def __init__(self, scan: Head, atlas: Head, brain: npt.NDArray[np.bool_], *, blur_mm: float, count: int) -> None:
        theirs = blurred(atlas, blur_mm)
        self._atlas = _Lookup(atlas, np.minimum((theirs * _BINS).astype(np.int32), _BINS - 1), mode="edge")
        values = blurred(scan, blur_mm)
        places = random_places(scan, count, _SEED)
        nearest = np.round((places - scan.origin_ras_mm) / scan.spacing_mm).astype(np.int64)
        nearest = np.clip(nearest, 0, np.array(values.shape) - 1)
        self._places = places.astype(np.float32)
        self._rows = (equal_bins(values[tuple(nearest.T)], _BINS) * _BINS).astype(np.int32)

        index = places_of_brain(brain, count)
        self._brain_places = (index * atlas.spacing_mm + atlas.origin_ras_mm).astype(np.float32)
        self._columns = equal_bins(theirs[tuple(np.round(index).astype(np.int64).T)], _BRAIN_BINS).astype(np.int32)
        codes = equal_bins(values, _CODES, values[scan.body][::11])
        self._scan = _Lookup(scan, np.where(scan.body, codes, _CODES).astype(np.int32), constant_values=_CODES)

    def __call__(self, matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give two measures of poses, shape (N, 4, 4), from scan to atlas.

        Returns
        -------
        whole : array of shape (N,)
            Mutual information of the whole scan, in nats, times the part of it that the atlas covers; -1 where that is
            hardly any.
        fit : array of shape (N,)
            The geometric mean of that of the whole and that of the brain; 0 where it is none.
        """
        if not len(matrices):
            return np.zeros(0), np.zeros(0)
        parts = [self._some(matrices[at : at + _AT_ONCE]) for at in range(0, len(matrices), _AT_ONCE)]
        whole, brain = (np.concatenate(one) for one in zip(*parts, strict=True))
        return whole, np.sqrt(np.maximum(whole, 0) * brain)

    def _some(self, matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
        return self._of_whole(matrices), self._of_brain(np.asarray(np.linalg.inv(matrices), dtype=np.float64))

    def _of_whole(self, matrices: FloatArray) -> FloatArray:
        index, numbers = self._atlas.at(matrices, self._places)
        # Beside and above the atlas' head there is air; below it the neck goes on: nothing is known of it.
        known = index[..., 2] >= _BOTTOM
        covered = known.mean(axis=1)
        both = np.where(known, self._rows + numbers, _BINS**2)
        counts = _counted(both, _BINS**2 + 1)[:, :-1].reshape(-1, _BINS, _BINS)
        return np.where(covered < LEAST_COVERED, -1.0, covered * mutual(counts))

    def _of_brain(self, matrices: FloatArray) -> FloatArray:
        _, codes = self._scan.at(matrices, self._brain_places)
        joint = _counted(codes * _BRAIN_BINS + self._columns, (_CODES + 1) * _BRAIN_BINS)
        joint = joint.reshape(-1, _CODES + 1, _BRAIN_BINS)[:, :-1]
        ranks = joint.sum(axis=2).cumsum(axis=1)
        shown = ranks[:, -1]
        # About as many in each bin: a code goes to the bin of the last that has it.
        bins = np.maximum(ranks - 1, 0) * _BRAIN_BINS // np.maximum(shown, 1)[:, None]
        sums = (bins[:, None, :] == np.arange(_BRAIN_BINS)[None, :, None]).astype(np.float32) @ joint.astype(np.float32)
        there = shown >= LEAST_BRAIN * len(self._columns)
        return np.where(there, np.maximum(mutual(sums) - by_chance(np.maximum(shown, 1), _BRAIN_BINS), 0), 0.0)


def _counted(numbers: npt.NDArray[np.int32], below: int) -> npt.NDArray[np.int64]:
    """How often each number, from 0 to `below`, is in each row, shape (rows, below)."""
    rows = len(numbers)
    numbers = numbers + np.arange(rows, dtype=np.int32)[:, None] * below
    return np.bincount(numbers.ravel(), minlength=rows * below).reshape(rows, below)


class _Lookup:
    """Whole numbers on a head's grid, looked up by place; with a rim of what lies outside."""

    def __init__(self, head: Head, numbers: npt.NDArray[np.int32], **rim: Any) -> None:
        self._origin_mm, self._spacing_mm = head.origin_ras_mm - head.spacing_mm, head.spacing_mm
        padded = np.pad(numbers, 1, **rim)
        self._last = np.array(padded.shape, dtype=np.int32) - 1
        self._shape = padded.shape
        self._numbers = np.ascontiguousarray(padded).ravel()

    def at(
        self, to_here: FloatArray, places_mm: npt.NDArray[np.float32]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
        """Indices of places, (N, 3), brought here by M matrices, (M, N, 3), 0 at the first voxel, and the numbers."""
        linear = (to_here[:, :3, :3] / self._spacing_mm).astype(np.float32)
        shift = ((to_here[:, :3, 3] - self._origin_mm) / self._spacing_mm + 0.5).astype(np.float32)
        index = places_mm @ linear.transpose(0, 2, 1) + shift[:, None]
        whole = index.astype(np.int32)
        np.clip(whole, 0, self._last, out=whole)
        flat = (whole[..., 0] * self._shape[1] + whole[..., 1]) * self._shape[2] + whole[..., 2]
        return index - 1.5, self._numbers[flat]
