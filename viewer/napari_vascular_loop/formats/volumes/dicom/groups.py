"""Which slices belong together: what differs in series, matrix, plane, echo or kind of image is kept apart.

Where the slices of such a group lie at the same places, they differ in something else: gradient, inversion time, or
time itself. `runs_of` finds out in what.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.formats.volumes.dicom.frame import ECHO_TIME, DicomFrame, SlicePlane, plane_of
from napari_vascular_loop.formats.volumes.dicom.parts import parts_of
from napari_vascular_loop.formats.volumes.dicom.passes import repeats_of, without_resent
from napari_vascular_loop.formats.volumes.dicom.repeats import best_split, looked_deeper
from napari_vascular_loop.formats.volumes.dicom.run import Run
from napari_vascular_loop.formats.volumes.dicom.times import time_points_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

SAME_POSITION_MM = 0.01
SAME_ORIENTATION = 1e-3
"""Components of the unit vectors of a plane may differ by this much: what is written is rounded."""

SAME_SPACING_MM = 1e-4
SAME_ECHO_TIME_MS = 0.011
"""Echo times may jitter from slice to slice; in a key they are rounded to 0.01 ms."""


def groups_of(frames: Sequence[DicomFrame]) -> list[list[DicomFrame]]:
    """Keep apart what is no part of the same volume, whatever its places."""
    by_key: dict[tuple[Any, ...], list[DicomFrame]] = defaultdict(list)
    for one in frames:
        by_key[one.key].append(one)
    # The last digits of an orientation may jitter from slice to slice: near planes are one.
    merged: dict[tuple[Any, ...], list[list[DicomFrame]]] = defaultdict(list)
    echo_times = _near_echo_times(by_key)
    for key, slices in by_key.items():
        rest = tuple(part for part in (*key[:ECHO_TIME], echo_times[key], *key[ECHO_TIME + 1 :]) if not _is_plane(part))
        for group in merged[rest]:
            if same_plane(group[0].plane, slices[0].plane):
                group.extend(slices)
                break
        else:
            merged[rest].append(list(slices))
    return [group for groups in merged.values() for group in groups]


def _is_plane(part: Any) -> bool:
    return isinstance(part, SlicePlane)


def _near_echo_times(keys: Iterable[tuple[Any, ...]]) -> dict[tuple[Any, ...], Any]:
    """Echo time of each key, the same for those that are the same but for their last digits."""
    alike: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for key in keys:
        alike[key[:ECHO_TIME]].append(key)
    echo_times = {key: key[ECHO_TIME] for some in alike.values() for key in some}
    for some in alike.values():
        numbers = sorted({key[ECHO_TIME] for key in some if isinstance(key[ECHO_TIME], float)})
        stands_for: dict[float, float] = {}
        for before, now in zip([-1.0, *numbers], numbers, strict=False):
            stands_for[now] = stands_for[before] if now - before <= SAME_ECHO_TIME_MS and before in stands_for else now
        echo_times.update((key, stands_for.get(key[ECHO_TIME], key[ECHO_TIME])) for key in some)
    return echo_times


def same_plane(one: SlicePlane, other: SlicePlane) -> bool:
    """Whether two planes are the same but for the last digits."""
    if (one.orientation_known, one.spacing_known) != (other.orientation_known, other.spacing_known):
        return False
    vectors = zip((*one.row_lps, *one.column_lps), (*other.row_lps, *other.column_lps), strict=True)
    return (
        abs(one.row_spacing_mm - other.row_spacing_mm) <= SAME_SPACING_MM
        and abs(one.column_spacing_mm - other.column_spacing_mm) <= SAME_SPACING_MM
        and all(abs(a - b) <= SAME_ORIENTATION for a, b in vectors)
    )


def runs_of(slices: Sequence[DicomFrame]) -> list[Run]:
    """Split the slices of a group into volumes, by what the files say of repeated places."""
    unique, copies = _without_copies(slices)
    noun = "file is a copy of another" if copies == 1 else "files are copies of others"
    warnings = (f"{copies} {noun} and were left out",) if copies > 1 else (f"{copies} {noun} and was left out",)
    dropped = (f"{copies} {noun}",)
    runs: list[Run] = []
    for kinds, some in _by_frame_of_reference(unique):
        known, why = _with_known_places(some)
        found = (
            _runs(known, kinds) if known[0].position_lps_mm is not None else [replace(_in_order(known), kinds=kinds)]
        )
        runs += [replace(run, warnings=(*why, *run.warnings)) for run in found] if why else found
    if not copies:
        return runs
    return [replace(run, warnings=(*warnings, *run.warnings), dropped=(*dropped, *run.dropped)) for run in runs]


def _by_frame_of_reference(slices: list[DicomFrame]) -> list[tuple[tuple[tuple[str, str], ...], list[DicomFrame]]]:
    """Keep apart what was scanned before and after the patient moved: their places have nothing to do with each other.

    A frame of reference of a single slice is none: careless anonymisers give each file its own.
    """
    frames: dict[str, list[DicomFrame]] = defaultdict(list)
    for one in slices:
        frames[str(one.file.get("FrameOfReferenceUID", ""))].append(one)
    if len(frames) == 1 or min(map(len, frames.values())) == 1:
        return [((), slices)]
    name = "frame of reference"
    ordered = sorted(frames.values(), key=lambda some: min(map(_by_number, some)))
    return [(((name, f"{name} {number}"),), some) for number, some in enumerate(ordered, start=1)]


def _with_known_places(slices: list[DicomFrame]) -> tuple[list[DicomFrame], tuple[str, ...]]:
    """Take places that are all 0 for what they are: wiped."""
    is_wiped = len({one.instance_number for one in slices}) > 1
    if not is_wiped or any(one.position_lps_mm is None or any(one.position_lps_mm) for one in slices):
        return slices, ()
    plane = slices[0].plane
    spacing_mm = (plane.row_spacing_mm, plane.column_spacing_mm) if plane.spacing_known else None
    unknown = plane_of(None, spacing_mm)
    why = "Image Position (Patient) is 0, 0, 0 in all files, as if it had been wiped: it is not used"
    return [replace(one, plane=unknown, position_lps_mm=None) for one in slices], (why,)


def _without_copies(slices: Sequence[DicomFrame]) -> tuple[list[DicomFrame], int]:
    """Leave out what says that it is the same image at the same place; how many files that concerns."""
    seen: dict[tuple[Any, ...], DicomFrame] = {}
    for one in slices:
        name = one.sop_instance_uid or str(one.path)
        seen.setdefault((name, one.number, one.tile, one.instance_number, one.position_lps_mm), one)
    if len(seen) == len(slices):
        return list(slices), 0
    kept = {one.path for one in seen.values()}
    return list(seen.values()), len({one.path for one in slices} - kept)


def _in_order(slices: Sequence[DicomFrame]) -> Run:
    return Run((tuple(sorted(slices, key=_by_number)),))


def _by_number(one: DicomFrame) -> tuple[Any, ...]:
    return (one.instance_number, one.number, one.path.name)


def places_of(slices: Sequence[DicomFrame]) -> npt.NDArray[np.intp]:
    """Number of the place of each slice, counted along the normal."""
    distances = np.array([one.position_lps_mm for one in slices]) @ np.array(slices[0].plane.normal_lps)
    order = np.argsort(distances, kind="stable")
    is_new = np.concatenate([[False], np.diff(distances[order]) > SAME_POSITION_MM])
    places = np.empty(len(slices), dtype=np.intp)
    places[order] = np.cumsum(is_new)
    return places


def _runs(slices: list[DicomFrame], kinds: tuple[tuple[str, str], ...] = ()) -> list[Run]:
    places = places_of(slices)
    counts = np.bincount(places)
    if counts.max() == 1:
        return [Run((tuple(slices[n] for n in np.argsort(places)),), kinds)]
    if not kinds:
        slices = looked_deeper(slices, places)
    split = best_split(slices, places)
    if split is not None:
        return [run for kind, some in split for run in _runs(some, (*kinds, kind))]
    by_place: list[list[DicomFrame]] = [[] for _ in counts]
    for one, place in zip(slices, places.tolist(), strict=True):
        by_place[place].append(one)
    for some in by_place:
        some.sort(key=_by_number)
    series = time_points_of(by_place)
    if series is not None:
        times = tuple(zip(*series.by_place, strict=True))
        return [Run(times, kinds, series.why if len(times) > 1 else "", dropped=series.dropped)]
    by_place, copies = without_resent(by_place)
    if copies:
        noun = "image was" if copies == 1 else "images were"
        said = f"{copies} {noun} sent twice, with the same pixels, and left out once"
        return [Run((tuple(some[0] for some in by_place),), kinds, warnings=(said,), dropped=(said,))]
    repeats = repeats_of(by_place)
    if repeats is None:
        return _overlapping(slices, by_place, kinds)
    rounds = tuple(zip(*repeats.by_place, strict=True))
    if repeats.are_times:
        return [
            Run(rounds, kinds, "instance number, as nothing else tells them apart", repeats.warnings, repeats.dropped)
        ]
    return [
        Run((places,), (*kinds, ("pass", f"pass {number}")), "", repeats.warnings, repeats.dropped)
        for number, places in enumerate(rounds, start=1)
    ]


def _overlapping(
    slices: list[DicomFrame], by_place: list[list[DicomFrame]], kinds: tuple[tuple[str, str], ...]
) -> list[Run]:
    """Part slabs that share some places; where there are none, take one image of each place."""
    places = places_of(slices)
    in_order = sorted(range(len(slices)), key=lambda index: (places[index], _by_number(slices[index])))
    slabs = parts_of(Run((tuple(slices[index] for index in in_order),), kinds))
    if len(slabs) > 1:
        return slabs
    left = sum(len(some) - 1 for some in by_place)
    note = "some places were imaged more than once; the image of the lowest instance number is used"
    said = f"{left} {'image' if left == 1 else 'images'} of places that were imaged more than once"
    return [Run((tuple(some[0] for some in by_place),), kinds, warnings=(note,), dropped=(said,))]
