"""Laying a scan over the atlas: search, affine from two starts, and a second step around the brainstem."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from napari_vascular_loop.domain.registration import Registration
from napari_vascular_loop.domain.space import transform_points
from napari_vascular_loop.locate import elastix
from napari_vascular_loop.locate.atlas_brain import without_skull
from napari_vascular_loop.locate.fit import Fit
from napari_vascular_loop.locate.fossa import ROOTS_ATLAS_MM
from napari_vascular_loop.locate.likeness import random_places
from napari_vascular_loop.locate.pose import apart_mm, rotation, scan_to_atlas
from napari_vascular_loop.locate.search import Found, search

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.locate.head import Head

_FAR_MM = 15.0
_PLAIN = 1.3
"""So many times as good as any pose elsewhere: then nothing else is tried."""

_COMPARABLE = 0.75
_RIVALS = 3
"""So many poses elsewhere are climbed to their end."""

_ALIKE = 0.92
"""An end that fits so well, as a part of the best, is an answer, too."""

_CLIMBS, _GAIN, _SHORT_MM = 3, 0.01, 2.0
"""So many times a pose is climbed at most: again where so much was gained, as a part, and so far was gone."""

_NUDGE = np.array([0.07, -0.07, 0.07, 6.0, -6.0, 6.0, 0.04])

_SEED_AGAIN, _MORE = 11, 32
_PROBES = 4000


def register(scan: Head, atlas: Head, progress: Callable[[float], None]) -> Registration:
    """Lay a scan over the atlas; the same answer for the same scan each time.

    Parameters
    ----------
    scan, atlas : Head
        The scan may be a part of a head, and of any contrast.
    progress : callable
        Told how much is done, from 0 to 1.
    """
    scan = scan.without_neck()
    brain = without_skull(atlas)
    if scan.is_stripped:
        atlas = brain
    fine = Fit(scan, atlas, brain.values > 0)
    ends: list[_End] = []
    coarse = Fit(scan, atlas, brain.values > 0, blur_mm=2.0, count=3500)
    _add_ends(scan, atlas, fine, search(scan, atlas, coarse, lambda done: progress(0.4 * done)), ends)
    progress(0.6)
    best, rival = _best_and_rival(ends)
    if best.likeness < _PLAIN * rival:
        # Several poses are as good: other ones are tried before anything is believed.
        again = partial(search, scan, atlas, coarse, seed=_SEED_AGAIN, climbed_most=_MORE)
        more = again(lambda done: progress(0.6 + 0.2 * done))
        _add_ends(scan, atlas, fine, more, ends)
        best, rival = _best_and_rival(ends)
    progress(0.9)
    local = elastix.refine(scan, atlas, best.matrix, elastix.fossa_of(scan, best.matrix))
    progress(0.95)
    return Registration(
        best.matrix,
        best.matrix if local is None else local,
        _other_end(scan, atlas, fine, best, ends),
        best.likeness,
        rival,
        _by_chance(fine, best.matrix),
        _covered(scan, atlas, best.matrix),
        local is not None,
    )


@dataclass(frozen=True, eq=False)
class _End:
    """A pose, how well it fits, and whether elastix came to it; else the search did."""

    likeness: float
    matrix: FloatArray
    is_climbed: bool


_Posed = TypeVar("_Posed", _End, Found)
_likeness = attrgetter("likeness")


def _climbed(scan: Head, atlas: Head, fine: Fit, start: FloatArray) -> _End:
    """Climb from a start until nothing is gained; the start itself where elastix finds nothing better."""
    best = _End(fine(start), start, False)
    for _ in range(_CLIMBS):
        matrix = elastix.refine(scan, atlas, best.matrix, elastix.brain_of(scan, best.matrix))
        if matrix is None:
            break
        end = _End(fine(matrix), matrix, True)
        gained = end.likeness - best.likeness
        if gained > 0 or not best.is_climbed:
            best = end
        if gained < _GAIN * best.likeness or _apart_mm(matrix, start) < _SHORT_MM:
            break
        start = matrix
    return best


def _add_ends(scan: Head, atlas: Head, fine: Fit, found: list[Found], ends: list[_End]) -> None:
    """Climb the best two of what a search found, and what lies elsewhere and fits nearly as well, and add them all.

    A pose far away may only not have been climbed to its end, and come to the same place: then it speaks for it, and is
    struck off the ends.
    """
    ends += [_End(fine(one.matrix), one.matrix, False) for one in found]
    ends += [_climbed(scan, atlas, fine, start.matrix) for start in _two_starts(found)]
    for _ in range(_RIVALS):
        best = max(ends, key=_likeness)
        far = [one for one in _elsewhere(ends, best) if not one.is_climbed]
        rival = max(far, key=_likeness, default=None)
        if rival is None or rival.likeness < _COMPARABLE * best.likeness:
            return
        end = _climbed(scan, atlas, fine, rival.matrix)
        if end.is_climbed:
            ends.remove(rival)
        ends.append(end)


def _best_and_rival(ends: list[_End]) -> tuple[_End, float]:
    """The best end, and the likeness of the best that lies elsewhere, 0 if none does."""
    best = max(ends, key=_likeness)
    return best, max([0.0, *map(_likeness, _elsewhere(ends, best))])


def _two_starts(found: list[Found]) -> list[Found]:
    """The best pose, and the best of those that lie elsewhere; else the second."""
    others = _elsewhere(found[1:], found[0]) or found[1:]
    return [found[0], *others[:1]]


def _elsewhere(some: list[_Posed], than: _Posed) -> list[_Posed]:
    """Those of some poses that lay the scan so far from where another does that they mean another place."""
    return [one for one in some if _apart_mm(one.matrix, than.matrix) > _FAR_MM]


def _other_end(scan: Head, atlas: Head, fine: Fit, best: _End, ends: list[_End]) -> FloatArray:
    """Where another start ended, the farthest of those that fit as well; one that fits worse lost, and says nothing.

    Where the best one is alone, it is nudged away, to see whether it is come back to.
    """
    others = [one for one in ends if one is not best]
    alike = [one for one in others if one.is_climbed and one.likeness >= _ALIKE * best.likeness]
    if not alike:
        middle = transform_points(np.linalg.inv(best.matrix), ROOTS_ATLAS_MM.mean(axis=0))
        nudge = scan_to_atlas(_NUDGE, middle, middle)
        end = _climbed(scan, atlas, fine, best.matrix @ nudge)
        alike = [end] if end.likeness >= _ALIKE * best.likeness else others
    return max(alike, key=lambda one: _apart_mm(one.matrix, best.matrix)).matrix


def _apart_mm(one: FloatArray, other: FloatArray) -> float:
    """How far two poses lie apart at the roots, in the scan."""
    return apart_mm(one, other, ROOTS_ATLAS_MM)


def _by_chance(fine: Fit, best: FloatArray, count: int = 60) -> float:
    """The largest likeness among random poses that are turned and shifted far from the best one."""
    chance = np.random.default_rng(5)
    middle = fine.middle_ras_mm
    most = 0.0
    for _ in range(count):
        direction = chance.normal(size=3)
        shift = direction / np.linalg.norm(direction) * chance.uniform(25, 45)
        turned = np.eye(4)
        turned[:3, :3] = rotation(chance.uniform(-0.5, 0.5, 3))
        turned[:3, 3] = middle - turned[:3, :3] @ middle + shift
        most = max(most, fine(best @ turned))
    return most


def _covered(scan: Head, atlas: Head, matrix: FloatArray) -> float:
    places = random_places(scan, _PROBES, 4)
    index = (transform_points(matrix, places) - atlas.origin_ras_mm) / atlas.spacing_mm
    return float(((index >= 0) & (index <= np.array(atlas.values.shape) - 1)).all(axis=1).mean())
