"""The way from anywhere to the neighbourhood: many poses, the best of them climbed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats.qmc import Sobol

from napari_vascular_loop.locate.fossa import ROOTS_ATLAS_MM
from napari_vascular_loop.locate.pose import NUMBERS, scan_to_atlas
from napari_vascular_loop.locate.rough import Rough

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.locate.head import Head

_POSES = 4096
_CLIMBED = 8
"""So many of the poses that fit best are climbed, and as many by each of two measures."""

_FINER = 3
"""So many ends by each measure are climbed anew by a finer one."""
_ROUGH_MM, _ROUGH_COUNT = 3.0, 1500
_FINER_MM, _FINER_COUNT = 2.0, 3500
_THREADS, _PARTS = 2, 16
_TALL_MM = 110.0
"""A slab is lower."""

_TOP_MM = 25.0
"""So far from the atlas' top the top of a head is looked for."""

_TURN_DEG = 28.0
_STEPS = np.array([0.12, 0.12, 0.12, 8.0, 8.0, 8.0, 0.06])
_USUAL = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.06])
"""Most heads are somewhat smaller than the atlas'."""

_SPREAD = np.array([0.35, 0.35, 0.35, 60.0, 60.0, 60.0, 0.16])
_WEIGHT = np.array([0.004, 0.004, 0.004, 0.0, 0.0, 0.0, 0.012])
"""How much a pose costs in nats at one `_SPREAD` from the usual: large turns and odd sizes need a reason."""


def search(
    scan: Head,
    atlas: Head,
    brain: npt.NDArray[np.bool_],
    progress: Callable[[float], None],
    *,
    seed: int = 7,
    more: int = 1,
) -> FloatArray:
    """Find the poses in which a scan fits the atlas best.

    Parameters
    ----------
    scan, atlas : Head
        The scan may be a part of a head.
    brain : array of bool, shape of the atlas
        Its brain.
    progress : callable
        Told how much is done, from 0 to 1.
    seed : int
        Of the poses that are tried.
    more : int
        So many times as many are climbed as mostly.

    Returns
    -------
    array of shape (N, 4, 4)
        From the scan's RAS mm to the atlas', the best first.
    """
    boxes = _Boxes(scan, atlas)
    rough = Rough(scan, atlas, brain, blur_mm=_ROUGH_MM, count=_ROUGH_COUNT)
    finer = Rough(scan, atlas, brain, blur_mm=_FINER_MM, count=_FINER_COUNT)
    starts = _starts(boxes, seed)

    def laid(poses: FloatArray) -> FloatArray:
        return scan_to_atlas(poses, boxes.centre_mm, boxes.atlas_centre_mm)

    def measured(by: Rough, poses: FloatArray) -> FloatArray:
        """Two measures of poses, shape (2, N), less what the poses cost."""
        return np.asarray(np.array(by(laid(poses))) - (_WEIGHT * ((poses - _USUAL) / _SPREAD) ** 2).sum(axis=1))

    with ThreadPoolExecutor(_THREADS) as pool:
        some = pool.map(lambda part: measured(rough, part), np.array_split(starts, _PARTS))
        scored = np.concatenate(list(some), axis=1)
        progress(0.4)

        def climbed(way: tuple[int, int]) -> FloatArray:
            """Climb the best by one measure, of the usual poses or of the others; the best ends."""
            by, half = way
            best = starts[half::2][_distinct(starts[half::2], scored[by, half::2], _CLIMBED * more)]
            poses, values = _climb(lambda some: measured(rough, some)[by], best, _STEPS, 0.12)
            return poses[_distinct(poses, values, _FINER)]

        # The whole shows the way from afar, and misleads where much of it is air or bone: then the brain shows it.
        ends = np.concatenate(list(pool.map(climbed, product((0, 1), repeat=2))))
        progress(0.8)
        ends = ends[_distinct(ends, measured(finer, ends)[1], len(ends))]
        parts = np.array_split(ends, _THREADS)
        finest = list(pool.map(lambda some: _climb(lambda p: measured(finer, p)[1], some, _STEPS / 4, 0.2), parts))
        progress(1.0)
    poses, values = (np.concatenate(one) for one in zip(*finest, strict=True))
    return laid(poses[np.argsort(-values, kind="stable")])


class _Boxes:
    """What of a scan, and of the atlas, is not air: centres and halves of the sides, shape (3,) each, in RAS mm."""

    def __init__(self, scan: Head, atlas: Head) -> None:
        low, high = scan.box_ras_mm()
        last = scan.origin_ras_mm + scan.spacing_mm * (np.array(scan.values.shape) - 1)
        inner_low, inner_high = np.maximum(low, scan.origin_ras_mm), np.minimum(high, last)
        atlas_low, atlas_high = atlas.box_ras_mm()
        self.centre_mm, self.half_mm = (inner_low + inner_high) / 2, (inner_high - inner_low) / 2
        self.atlas_centre_mm = (atlas_low + atlas_high) / 2
        self.slack_mm = np.abs((atlas_high - atlas_low) / 2 - self.half_mm) + np.array([15.0, 20.0, 20.0])
        self.top_to_top_mm = (atlas_high[2] - high[2]) - (self.atlas_centre_mm[2] - self.centre_mm[2])
        self.is_tall = 2 * self.half_mm[2] > _TALL_MM


def _starts(boxes: _Boxes, seed: int) -> FloatArray:
    """Poses all over the place, shape (N, 7); half of them are nearly straight, and where most scans lie."""
    numbers = Sobol(NUMBERS, seed=seed).random(_POSES) * 2 - 1
    shifts = numbers[:, 3:6].copy()
    numbers[:, :3] *= np.radians(_TURN_DEG)
    numbers[::2, :3] *= 0.4
    numbers[:, 3:6] *= boxes.slack_mm
    numbers[:, 6] = _USUAL[6] + numbers[:, 6] * 0.2
    if boxes.is_tall:
        # A head in whole: its top is the atlas' top, however long the neck.
        numbers[::2, 5] = boxes.top_to_top_mm + shifts[::2, 2] * _TOP_MM
    else:
        # Most slabs are laid through what is asked for; in the others it can't be found.
        asked = ROOTS_ATLAS_MM.mean(axis=0) - boxes.atlas_centre_mm
        lowest = np.maximum(-boxes.slack_mm, asked - boxes.half_mm)
        highest = np.minimum(boxes.slack_mm, asked + boxes.half_mm)
        numbers[::2, 3:6] = (lowest + highest) / 2 + shifts[::2] * (highest - lowest) / 2
    return np.asarray(numbers)


def _distinct(poses: FloatArray, scores: FloatArray, count: int) -> list[int]:
    """Indices of the best that are not near a better one."""
    kept: list[int] = []
    for one in np.argsort(-scores, kind="stable"):
        near = (np.abs(poses[one] - poses[other]) / _STEPS for other in kept)
        if all(float(far.max()) > 1.0 for far in near):
            kept.append(int(one))
        if len(kept) == count:
            break
    return kept


def _climb(
    score: Callable[[FloatArray], FloatArray], starts: FloatArray, steps: FloatArray, last: float
) -> tuple[FloatArray, FloatArray]:
    """Go uphill from some poses, along one number after the other, in ever smaller steps, and along the way so far.

    Parameters
    ----------
    score : callable
        Gives how good poses are, shape (N,).
    starts : array of shape (N, 7)
        Each goes its own way.
    steps : array of shape (7,)
        The first ones; they are halved where no step is uphill, until they are less than `last` of these.
    """
    best, values, sizes = starts.copy(), score(starts), np.ones(len(starts))
    while (going := np.flatnonzero(sizes >= last)).size:
        before = best[going]
        for axis, step in enumerate(steps):
            for sign in (-1.0, 1.0):
                tried = best[going]
                tried[:, axis] += sign * step * sizes[going]
                _take_better(score, tried, going, best, values)
        moved = best[going] - before
        has_moved = moved.any(axis=1)
        sizes[going[~has_moved]] /= 2
        if has_moved.any():
            _take_better(score, best[going[has_moved]] + moved[has_moved], going[has_moved], best, values)
    return best, values


def _take_better(
    score: Callable[[FloatArray], FloatArray],
    tried: FloatArray,
    which: npt.NDArray[np.int64],
    best: FloatArray,
    values: FloatArray,
) -> None:
    found = score(tried)
    better = found > values[which]
    best[which[better]], values[which[better]] = tried[better], found[better]
