"""How well a scan fits the atlas in a pose: mutual information of values at a few thousand places."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from napari_vascular_loop.domain.space import transform_points

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.locate.head import Head

_BINS = 24

_RIM = 4
"""So many voxels around a brain are looked at: its outline tells where it is."""

LEAST_COVERED = 0.35
"""Where less of a scan lies on the atlas, nothing is known of a pose."""

_BRAIN_BINS, _BRAIN_SEED = 16, 6
LEAST_BRAIN = 0.06
"""Less of the brain than so much tells nothing."""


class Likeness:
    """A scan's values at some places, held against the atlas.

    Parameters
    ----------
    scan, atlas : Head
        To be compared.
    places_ras_mm : array of shape (N, 3)
        In the scan.
    blur_mm : float
        Both are blurred by so much: a wider hill to climb.
    """

    def __init__(self, scan: Head, atlas: Head, places_ras_mm: FloatArray, blur_mm: float) -> None:
        self.places_ras_mm = places_ras_mm
        self._atlas = blurred(atlas, blur_mm)
        self._origin, self._spacing = atlas.origin_ras_mm, atlas.spacing_mm
        own = blurred(scan, blur_mm)
        values = map_coordinates(
            own, ((places_ras_mm - scan.origin_ras_mm) / scan.spacing_mm).T, order=1, mode="nearest"
        )
        self._bins = equal_bins(values)
        self._bottom = 1.0
        self._last = np.array(atlas.values.shape, dtype=np.float64) - 1

    def __call__(self, scan_to_atlas: FloatArray) -> float:
        """Give the mutual information, in nats, times the part of the places that the atlas covers."""
        index = (transform_points(scan_to_atlas, self.places_ras_mm) - self._origin) / self._spacing
        # Beside and above the atlas' head there is air; below it the neck goes on: nothing is known of it.
        known = index[:, 2] >= self._bottom
        covered = float(known.mean())
        if covered < LEAST_COVERED:
            return -1.0
        index = np.clip(index[known], 0, self._last)
        values = map_coordinates(self._atlas, index.T, order=1, mode="nearest", prefilter=False)
        theirs = np.minimum((values * _BINS).astype(np.int64), _BINS - 1)
        joint = np.bincount(self._bins[known] * _BINS + theirs, minlength=_BINS * _BINS).reshape(_BINS, _BINS)
        return covered * float(mutual(joint))


class BrainLikeness:
    """The atlas' brain, held against what lies there in a scan: a face and a neck are not asked, and no air.

    In a pose in which a small head is taken for a large one, the atlas' brain lies over all of it, bright in a dark
    rim, as a brain is: only what is no air can tell them apart.

    Parameters
    ----------
    scan, atlas : Head
        To be compared.
    brain : array of bool, shape of the atlas
        Its brain.
    blur_mm : float
        Both are blurred by so much.
    count : int
        At so many places of the atlas.
    """

    def __init__(self, scan: Head, atlas: Head, brain: npt.NDArray[np.bool_], blur_mm: float, count: int) -> None:
        index = places_of_brain(brain, count)
        self._places_atlas_mm = index * atlas.spacing_mm + atlas.origin_ras_mm
        theirs = map_coordinates(blurred(atlas, blur_mm), index.T, order=1, mode="nearest")
        self._theirs = equal_bins(theirs, _BRAIN_BINS)
        self._scan, self._values = scan, blurred(scan, blur_mm)

    def __call__(self, scan_to_atlas: FloatArray) -> float:
        """Give the mutual information, in nats, of what the scan shows of the brain; 0 where that is hardly any."""
        places = transform_points(np.linalg.inv(scan_to_atlas), self._places_atlas_mm)
        index = (places - self._scan.origin_ras_mm) / self._scan.spacing_mm
        nearest = np.round(index).astype(np.int64)
        seen = np.flatnonzero(((nearest >= 0) & (nearest < self._scan.values.shape)).all(axis=1))
        seen = seen[self._scan.body[tuple(nearest[seen].T)]]
        count = len(seen)
        if count < LEAST_BRAIN * len(nearest):
            return 0.0
        values = map_coordinates(self._values, index[seen].T, order=1, mode="nearest", prefilter=False)
        both = equal_bins(values, _BRAIN_BINS) * _BRAIN_BINS + self._theirs[seen]
        joint = np.bincount(both, minlength=_BRAIN_BINS**2).reshape(_BRAIN_BINS, _BRAIN_BINS)
        return max(0.0, float(mutual(joint) - by_chance(count, _BRAIN_BINS)))


def by_chance(count: npt.ArrayLike, bins: int) -> FloatArray:
    """Few samples look alike by chance: so much, about, has what has nothing in common, in nats (Miller and Madow)."""
    return np.asarray((bins - 1) ** 2 / (2 * np.asarray(count, dtype=np.float64)))


def mutual(joint: npt.NDArray[Any]) -> FloatArray:
    """Mutual information, in nats, of counts, shape (..., bins, bins)."""
    counts = joint.astype(np.float64)
    rows, columns = _x_log_x(counts.sum(axis=-1)), _x_log_x(counts.sum(axis=-2))
    total = np.maximum(counts.sum(axis=(-2, -1)), 1.0)
    own = _x_log_x(counts.reshape(*counts.shape[:-2], -1))
    return np.asarray(np.log(total) + (own - rows - columns) / total)


def _x_log_x(counts: FloatArray) -> FloatArray:
    from scipy.special import xlogy

    return np.asarray(xlogy(counts, counts).sum(axis=-1))


def equal_bins(
    values: npt.NDArray[np.float32], count: int = _BINS, like: npt.NDArray[np.float32] | None = None
) -> npt.NDArray[np.int64]:
    """Bins that hold about as many values each, or as many of others; air, as one value, is in one."""
    edges = np.unique(np.quantile(values if like is None else like, np.linspace(0, 1, count + 1)[1:-1]))
    return np.asarray(np.searchsorted(edges, values, side="right"), dtype=np.int64)


@lru_cache(maxsize=8)
def blurred(head: Head, blur_mm: float) -> npt.NDArray[np.float32]:
    """Blurred values of a head; the atlas' are used again and again."""
    sigma = blur_mm / head.spacing_mm
    weight = gaussian_filter(head.inside.astype(np.float32), sigma)
    total = gaussian_filter(head.values * head.inside, sigma)
    return np.asarray(np.where(weight > 0.05, total / np.maximum(weight, 0.05), 0), dtype=np.float32)


def places_of_brain(brain: npt.NDArray[np.bool_], count: int) -> FloatArray:
    """Indices of places in a brain and a rim around it, shape (N, 3), the same ones each time."""
    near = np.argwhere(_grown(brain)).astype(np.float64)
    chance = np.random.default_rng(_BRAIN_SEED)
    chosen = chance.choice(len(near), min(count, len(near)), replace=False)
    return np.asarray(near[chosen] + chance.uniform(-0.4, 0.4, (len(chosen), 3)))


def random_places(scan: Head, count: int, seed: int) -> FloatArray:
    """Places within what is not air and a margin around it, shape (N, 3), the same ones each time."""
    low, high = scan.box_ras_mm()
    centres = np.argwhere(scan.inside if not scan.is_stripped else around(scan)).astype(np.float64)
    places = centres * scan.spacing_mm + scan.origin_ras_mm
    places = places[((places >= low) & (places <= high)).all(axis=1)]
    chance = np.random.default_rng(seed)
    chosen = chance.choice(len(places), min(count, len(places)), replace=False)
    return np.asarray(places[chosen] + chance.uniform(-0.4, 0.4, (len(chosen), 3)) * scan.spacing_mm)


def around(scan: Head) -> npt.NDArray[np.bool_]:
    """Where a brain that was cut out of a scan lies, with a rim."""
    return np.asarray(_grown(scan.values > 0) & scan.inside)


def _grown(brain: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    from scipy.ndimage import binary_dilation

    return np.asarray(binary_dilation(brain, iterations=_RIM))
