"""Laying a scan over the atlas: search, a climb from some starts, and a second step around the brainstem."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.registration import Deformation, Registration
from napari_vascular_loop.domain.space import transform_points
from napari_vascular_loop.locate import elastix
from napari_vascular_loop.locate.atlas_brain import without_skull
from napari_vascular_loop.locate.elastix import Freedom
from napari_vascular_loop.locate.ends import Ends
from napari_vascular_loop.locate.fit import Fit
from napari_vascular_loop.locate.likeness import random_places
from napari_vascular_loop.locate.pose import rotation
from napari_vascular_loop.locate.search import search

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.locate.head import Head

_PLAIN = 1.3
"""So many times as good as any pose elsewhere: then nothing else is tried."""

_SEED_AGAIN, _MORE = 11, 2
_MOST_SHEAR = 1.32
"""A second step that stretches a head by more than that one way than another ran away."""

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
    find = partial(search, scan, atlas, brain.values > 0)
    fit = Fit(scan, atlas, brain.values > 0)
    ends = Ends(scan, atlas, fit)
    ends.add(find(lambda done: progress(0.4 * done)))
    progress(0.6)
    if ends.best.likeness < _PLAIN * ends.rival_likeness:
        # Several poses are as good: other ones are tried before anything is believed.
        ends.add(find(lambda done: progress(0.6 + 0.2 * done), seed=_SEED_AGAIN, more=_MORE))
    progress(0.9)
    best = ends.best
    local = _fossa_step(scan, atlas, best.matrix)
    progress(0.95)
    return Registration(
        best.matrix,
        best.matrix if local is None else local,
        ends.other(),
        best.likeness,
        ends.rival_likeness,
        _by_chance(fit, best.matrix),
        _covered(scan, atlas, best.matrix),
        local is not None,
    )


def _fossa_step(scan: Head, atlas: Head, start: FloatArray) -> FloatArray | None:
    """Go on around the brainstem alone: turned, shifted and resized, and then stretched, where that is not absurd."""
    matrix: FloatArray | None = None
    for freedom in Freedom:
        before = start if matrix is None else matrix
        after = elastix.refine(scan, atlas, before, elastix.fossa_of(scan, before), freedom)
        if after is None or Deformation.of(after).shear > _MOST_SHEAR:
            break
        matrix = after
    return matrix


def _by_chance(fit: Fit, best: FloatArray, count: int = 60) -> float:
    """The largest likeness among random poses that are turned and shifted far from the best one."""
    chance = np.random.default_rng(5)
    middle = fit.middle_ras_mm
    most = 0.0
    for _ in range(count):
        direction = chance.normal(size=3)
        shift = direction / np.linalg.norm(direction) * chance.uniform(25, 45)
        turned = np.eye(4)
        turned[:3, :3] = rotation(chance.uniform(-0.5, 0.5, 3))
        turned[:3, 3] = middle - turned[:3, :3] @ middle + shift
        most = max(most, fit(best @ turned))
    return most


def _covered(scan: Head, atlas: Head, matrix: FloatArray) -> float:
    places = random_places(scan, _PROBES, 4)
    index = (transform_points(matrix, places) - atlas.origin_ras_mm) / atlas.spacing_mm
    return float(((index >= 0) & (index <= np.array(atlas.values.shape) - 1)).all(axis=1).mean())
