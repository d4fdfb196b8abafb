"""The way from anywhere to the neighbourhood: many poses, the best of them climbed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats.qmc import Sobol

from napari_vascular_loop.locate.fossa import ROOTS_ATLAS_MM
from napari_vascular_loop.locate.likeness import Likeness, random_places
from napari_vascular_loop.locate.pose import NUMBERS, scan_to_atlas

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.locate.head import Head

_POSES = 4096
_CLIMBED, _CLIMBED_OF_SLABS = 16, 24
_FINER = 5
_THREADS = 2
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


class Found:
    """A pose that was climbed to.

    Parameters
    ----------
    matrix : array of shape (4, 4)
        From the scan's RAS mm to the atlas'.
    likeness : float
        In nats, less what the pose costs.
    """

    def __init__(self, matrix: FloatArray, likeness: float) -> None:
        self.matrix, self.likeness = matrix, likeness


def search(
    scan: Head,
    atlas: Head,
    fit: Callable[[FloatArray], float],
    progress: Callable[[float], None],
    *,
    seed: int = 7,
    climbed_most: int | None = None,
) -> list[Found]:
    """Find the poses in which a scan fits the atlas best, the best first.

    Parameters
    ----------
    scan, atlas : Head
        The scan may be a part of a head.
    fit : callable
        Says how good a pose is, of what was climbed to roughly; a `Fit`.
    progress : callable
        Told how much is done, from 0 to 1.
    seed : int
        Of the poses that are tried.
    climbed_most : int, optional
        How many of them are climbed; else as many as are needed mostly.
    """
    boxes = _Boxes(scan, atlas)
    if climbed_most is None:
        climbed_most = _CLIMBED if boxes.is_tall else _CLIMBED_OF_SLABS
    rough = Likeness(scan, atlas, random_places(scan, 1500, 1), 3.0)
    starts = _starts(boxes, seed)

    def score(like: Callable[[FloatArray], float], pose: FloatArray) -> float:
        cost = float((_WEIGHT * ((pose[:NUMBERS] - _USUAL) / _SPREAD) ** 2).sum())
        return like(scan_to_atlas(pose, boxes.centre_mm, boxes.atlas_centre_mm)) - cost

    with ThreadPoolExecutor(_THREADS) as pool:
        halves = pool.map(lambda part: [score(rough, one) for one in part], np.array_split(starts, _THREADS))
        scored = np.concatenate(list(halves))
        progress(0.3)
        best = _distinct(starts, scored, climbed_most)
        climbed = []
        for one in pool.map(lambda n: _climb(lambda pose: score(rough, pose), starts[n], _STEPS, 0.12), best):
            climbed.append(one)
            progress(0.3 + 0.5 * len(climbed) / len(best))
        climbed.sort(key=lambda pair: -pair[1])
        poses = np.array([pose for pose, _ in climbed])
        chosen = _distinct(poses, np.array([value for _, value in climbed]), _FINER)
        found = []
        for pose, value in pool.map(lambda n: _climb(lambda p: score(fit, p), poses[n], _STEPS / 4, 0.2), chosen):
            found.append(Found(scan_to_atlas(pose, boxes.centre_mm, boxes.atlas_centre_mm), value))
            progress(0.8 + 0.2 * len(found) / len(chosen))
    return sorted(found, key=lambda one: -one.likeness)


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
    score: Callable[[FloatArray], float], start: FloatArray, steps: FloatArray, last: float
) -> tuple[FloatArray, float]:
    """Go uphill along one number after the other, in steps that grow smaller, and along the way made so far."""
    best, value, size = start.copy(), score(start), 1.0
    while size >= last:
        before = best.copy()
        for axis in range(len(steps)):
            for sign in (-1.0, 1.0):
                tried = best.copy()
                tried[axis] += sign * size * steps[axis]
                found = score(tried)
                if found > value:
                    best, value = tried, found
                    break
        moved = best - before
        if not moved.any():
            size /= 2
            continue
        tried = best + moved
        found = score(tried)
        if found > value:
            best, value = tried, found
    return best, value
