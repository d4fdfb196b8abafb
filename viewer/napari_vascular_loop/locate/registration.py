"""Laying a scan over the atlas: search, affine from two starts, and a second step around the brainstem."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.space import transform_points
from napari_vascular_loop.locate import elastix
from napari_vascular_loop.locate.likeness import Likeness, random_places
from napari_vascular_loop.locate.pose import apart_mm, rotation
from napari_vascular_loop.locate.registration_record import Registration
from napari_vascular_loop.locate.search import Found, search

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.locate.head import Head

ROOTS_ATLAS_MM = np.array([[19.0, -34.0, -42.0], [-19.0, -34.0, -42.0]])
"""Both facial nerve roots: where answers of two starts are compared."""

_FAR_MM = 15.0
_PLAIN = 1.5
"""So many times as good as any pose elsewhere: then nothing else is tried."""

_COMPARABLE = 0.75
_RIVALS = 3
"""So many poses elsewhere are climbed to their end."""

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
    found = search(scan, atlas, lambda done: progress(0.45 * done))
    if found[0].likeness < _PLAIN * max([0.0, *(one.likeness for one in found if _is_elsewhere(one, found[0]))]):
        # Several poses are as good: other ones are tried before anything is believed.
        again = search(scan, atlas, lambda done: progress(0.45 + 0.15 * done), seed=_SEED_AGAIN, climbed_most=_MORE)
        found = sorted([*found, *again], key=lambda one: -one.likeness)
    fine = Likeness(scan, atlas, random_places(scan, 8000, 3), 1.0)
    ends: list[tuple[float, FloatArray]] = []
    for start in _two_starts(found):
        end = elastix.refine(scan, atlas, start.matrix, elastix.brain_of(scan, start.matrix))
        if end is not None:
            ends.append((fine(end), end))
        ends.append((fine(start.matrix), start.matrix))
        progress(0.6 + 0.1 * len(ends) / 2)
    ends.sort(key=lambda pair: -pair[0])
    likeness, best = ends[0]
    other = _other_end(ends, found)
    best, likeness, rival = _without_rivals(scan, atlas, fine, (likeness, best), [*ends, *_valued(fine, found)])
    local = elastix.refine(scan, atlas, best, elastix.fossa_of(scan, best), rigid=True)
    progress(0.95)
    return Registration(
        best,
        best if local is None else local,
        other,
        likeness,
        rival,
        _by_chance(fine, best),
        _covered(scan, atlas, best),
        local is not None,
    )


def _valued(fine: Likeness, found: list[Found]) -> list[tuple[float, FloatArray]]:
    return [(fine(one.matrix), one.matrix) for one in found]


def _without_rivals(
    scan: Head,
    atlas: Head,
    fine: Likeness,
    best: tuple[float, FloatArray],
    others: list[tuple[float, FloatArray]],
) -> tuple[FloatArray, float, float]:
    """Climb what lies elsewhere and fits nearly as well; give the best pose, its likeness, and that of the best rival.

    A pose far away may only not have been climbed to its end, and come to the same place: then it speaks for it.
    """
    far = sorted(((v, m) for v, m in others if _apart_mm(m, best[1]) > _FAR_MM), key=lambda pair: -pair[0])
    ended = far[_RIVALS:]
    for value, start in far[:_RIVALS]:
        end = None
        if value > _COMPARABLE * best[0]:
            end = elastix.refine(scan, atlas, start, elastix.brain_of(scan, start))
        reached = fine(end) if end is not None else value
        ended.append((reached, end) if end is not None and reached > value else (value, start))
    top = max([best, *ended], key=lambda pair: pair[0])
    rivals = [value for value, matrix in [best, *ended] if _apart_mm(matrix, top[1]) > _FAR_MM]
    return top[1], top[0], max([0.0, *rivals])


def _two_starts(found: list[Found]) -> list[Found]:
    """The best pose, and the best of those that lie elsewhere; else the second."""
    others = [one for one in found[1:] if _is_elsewhere(one, found[0])] or found[1:]
    return [found[0], *others[:1]]


def _is_elsewhere(one: Found, other: Found) -> bool:
    return _apart_mm(one.matrix, other.matrix) > _FAR_MM


def _other_end(ends: list[tuple[float, FloatArray]], found: list[Found]) -> FloatArray:
    """Where another start ended; one that fits far worse is a rival that lost, and says nothing of the winner."""
    starts = [one.matrix for one in found]
    likeness, best = ends[0]
    refined = [pair for pair in ends[1:] if not any(pair[1] is start for start in starts)]
    for value, matrix in refined:
        if value >= _COMPARABLE * likeness:
            return matrix
    # Its own start: how far the affine step went from there.
    return min(starts, key=lambda start: _apart_mm(start, best))


def _apart_mm(one: FloatArray, other: FloatArray) -> float:
    """How far two poses lie apart at the roots, in the scan."""
    return apart_mm(one, other, ROOTS_ATLAS_MM)


def _by_chance(fine: Likeness, best: FloatArray, count: int = 60) -> float:
    """The largest likeness among random poses that are turned and shifted far from the best one."""
    chance = np.random.default_rng(5)
    middle = fine.places_ras_mm.mean(axis=0)
    most = 0.0
    for _ in range(count):
        direction = chance.normal(size=3)
        shift = direction / np.linalg.norm(direction) * chance.uniform(25, 45)
        turned = np.eye(4)
        turned[:3, :3] = rotation(chance.uniform(-0.5, 0.5, 3))
        turned[:3, 3] = middle - turned[:3, :3] @ middle + shift
        most = max(most, fine(best @ turned))
    return most


def _covered(scan: Head, atlas: Head, scan_to_atlas: FloatArray) -> float:
    places = random_places(scan, _PROBES, 4)
    index = (transform_points(scan_to_atlas, places) - atlas.origin_ras_mm) / atlas.spacing_mm
    return float(((index >= 0) & (index <= np.array(atlas.values.shape) - 1)).all(axis=1).mean())
