"""The front: a scan and a structure, and where it is to be looked for."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.errors import LocateError
from napari_vascular_loop.domain.registration import ATLAS_ID
from napari_vascular_loop.domain.space import transform_points, vector3
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.head_pose import note_registration, registration_known
from napari_vascular_loop.locate import cache
from napari_vascular_loop.locate.answer import Answer
from napari_vascular_loop.locate.asking import ask
from napari_vascular_loop.locate.fossa import FOSSA_CENTRE_MM, FOSSA_HALF_MM, ROOTS_ATLAS_MM
from napari_vascular_loop.locate.head import Head, head_of
from napari_vascular_loop.locate.places import Place, atlas_places, places_of
from napari_vascular_loop.locate.process import Worker
from napari_vascular_loop.locate.quality import Verdict, disagreement_mm, judge, second_step_mm
from napari_vascular_loop.locate.ring import radius_mm
from napari_vascular_loop.samples.catalogue import load_catalogue
from napari_vascular_loop.samples.fetch import fetch_sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.registration import Registration
    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.domain.volume import Volume

DEFAULT_STRUCTURE = "facial-nerve-root"

_starting = threading.Lock()


def _no_progress(_done: float) -> None:
    """Nobody waits."""


def prepare() -> None:
    """Start the process that registers, which takes some seconds; worth doing before somebody asks.

    Raises
    ------
    LocateError, SampleUnavailableError
        If elastix or the atlas is missing.
    """
    with _starting:
        _worker().start()


def locate(
    volume: Volume,
    structure: str = DEFAULT_STRUCTURE,
    side: Side | None = None,
    *,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] = _no_progress,
) -> list[Answer]:
    """Find a structure in a scan of a head.

    The first time for a scan it takes some seconds, in a process of its own; afterwards all structures of this scan
    are answered at once. To be called from a thread where a window is to stay alive.

    Parameters
    ----------
    volume : Volume
        Any contrast; a head, or a part of one.
    structure : str
        Id, name, synonym or code; words for the side may stand with it.
    side : Side, optional
        Else the one that is named in `structure`, else all.
    cancelled : callable, optional
        Asked ten times a second; True ends it.
    progress : callable, optional
        Told how much is done, from 0 to 1.

    Returns
    -------
    list of Answer
        One a side.

    Raises
    ------
    LocateError
        If the structure is not known or several are meant, the scan can't be a head, or elastix is missing.
    SampleUnavailableError
        If the atlas is not at hand; it says how to get it.
    ReadCancelledError
        If it was cancelled.
    """
    places = places_asked(structure, side)
    registration = register_volume(volume, cancelled=cancelled, progress=progress)
    return [answer_of(volume, registration, place) for place in places]


def places_asked(structure: str, side: Side | None = None) -> list[Place]:
    """Find the atlas' places for what somebody typed.

    Raises
    ------
    LocateError
        If nothing or several things fit, or there is none on this side.
    """
    asked = ask(structure)
    if not asked:
        known = ", ".join(dict.fromkeys(place.structure.id for place in atlas_places()))
        raise LocateError(f"the atlas has no structure like {structure!r}; it has {known}")
    if len(asked) > 1:
        names = ", ".join(one.structure.name for one in asked)
        raise LocateError(f"{structure!r} may be one of several: {names}; say which")
    sides = asked[0].sides if side is None else (side,)
    places = [place for place in places_of(asked[0].structure.id) if place.side in sides]
    if places:
        return places
    there = places_of(asked[0].structure.id)
    if side in (Side.LEFT, Side.RIGHT) and [place.side for place in there] == [Side.MIDLINE]:
        return list(there)
    raise LocateError(f"the atlas has the {asked[0].structure.name} on the left and the right, not on {side}")


def register_volume(
    volume: Volume,
    *,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] = _no_progress,
) -> Registration:
    """Lay a scan over the atlas, or take what its lesson or the cache knows of it; errors as for `locate`."""
    known = registration_known(volume)
    if known is not None and known.atlas_id == ATLAS_ID:
        progress(1.0)
        return known
    scan = head_of(volume)
    atlas = _atlas()
    key = cache.key_of(scan, atlas)
    found = cache.kept(key)
    if found is None:
        found = _worker().register(scan, cancelled, progress)
        cache.keep(key, found)
    progress(1.0)
    if judge(found, ROOTS_ATLAS_MM.mean(axis=0)).verdict is Verdict.FOUND:
        note_registration(volume, found)
    return found


def answer_of(volume: Volume, registration: Registration, place: Place) -> Answer:
    """Say where a place of the atlas lies in a scan, and how far that is to be believed; at once."""
    judged = judge(registration, place.as_array)
    if judged.verdict is Verdict.NOT_FOUND:
        return Answer(place, judged.verdict, judged.reasons, None, None, None)
    near = (np.abs(place.as_array - FOSSA_CENTRE_MM) < FOSSA_HALF_MM).all()
    to_atlas = registration.fossa_to_atlas if near else registration.scan_to_atlas
    atlas_to_scan: FloatArray = np.asarray(np.linalg.inv(to_atlas), dtype=np.float64)
    found = transform_points(atlas_to_scan, place.as_array)
    radius = radius_mm(
        place.spread_mm,
        disagreement_mm(registration, place.as_array),
        second_step_mm(registration, place.as_array) if near else 0.0,
        max(volume.spacing_mm),
        judged.verdict,
    )
    if volume.grid.nearest_voxel(found) is None:
        why = "by the rest of the head, it lies outside of what was scanned"
        return Answer(place, Verdict.NOT_FOUND, (why,), None, None, atlas_to_scan)
    return Answer(place, judged.verdict, judged.reasons, vector3(found), radius, atlas_to_scan)


@lru_cache(maxsize=1)
def _atlas() -> Head:
    volume = read_volumes(fetch_sample(load_catalogue().entry(ATLAS_ID)))[0]
    return head_of(volume)


@lru_cache(maxsize=1)
def _worker() -> Worker:
    return Worker(_atlas())
