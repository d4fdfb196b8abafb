"""Which slices belong together: what differs in series, matrix, plane, echo or kind of image is kept apart.

Where the slices of such a group lie at the same places, they differ in something else: gradient, inversion time, or
time itself. `runs_of` finds out in what.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame, SlicePlane
from napari_vascular_loop.formats.volumes.dicom.repeats import best_split, looked_deeper, time_points_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

SAME_POSITION_MM = 0.01
SAME_ORIENTATION = 1e-3
"""Components of the unit vectors of a plane may differ by this much: what is written is rounded."""

SAME_SPACING_MM = 1e-4


@dataclass(frozen=True, eq=False)
class Run:
    """Slices of one volume: one for each place and time.

    Parameters
    ----------
    times : tuple of tuple of DicomFrame
        For each time point, a slice for each place, in order along the normal.
    kinds : tuple of (str, str)
        What sets it apart from others of its group: ("b", "b 1000").
    why : str
        What the file calls the time points.
    warnings, dropped : tuple of str
        What a reader should know, and what was left out.
    """

    times: tuple[tuple[DicomFrame, ...], ...]
    kinds: tuple[tuple[str, str], ...] = ()
    why: str = ""
    warnings: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def groups_of(frames: Sequence[DicomFrame]) -> list[list[DicomFrame]]:
    """Keep apart what is no part of the same volume, whatever its places."""
    by_key: dict[tuple[Any, ...], list[DicomFrame]] = defaultdict(list)
    for one in frames:
        by_key[one.key].append(one)
    # The last digits of an orientation may jitter from slice to slice: near planes are one.
    merged: dict[tuple[Any, ...], list[list[DicomFrame]]] = defaultdict(list)
    for slices in by_key.values():
        rest = tuple(part for part in slices[0].key if not isinstance(part, SlicePlane))
        for group in merged[rest]:
            if _same_plane(group[0].plane, slices[0].plane):
                group.extend(slices)
                break
        else:
            merged[rest].append(list(slices))
    return [group for groups in merged.values() for group in groups]


def _same_plane(one: SlicePlane, other: SlicePlane) -> bool:
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
    runs = _runs(unique) if unique[0].position_lps_mm is not None else [_in_order(unique)]
    if not copies:
        return runs
    return [replace(run, warnings=(*warnings, *run.warnings), dropped=(*dropped, *run.dropped)) for run in runs]


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
    times_each = int(counts.max())
    if counts.min() == times_each:
        note = f"each place was imaged {times_each} times; they are kept apart in order of instance number"
        return [
            Run((tuple(some[n] for some in by_place),), (*kinds, ("pass", f"pass {n + 1}")), warnings=(note,))
            for n in range(times_each)
        ]
    left = int((counts - 1).sum())
    note = "some places were imaged more than once; the image of the lowest instance number is used"
    said = f"{left} {'image' if left == 1 else 'images'} of places that were imaged more than once"
    return [Run((tuple(some[0] for some in by_place),), kinds, warnings=(note,), dropped=(said,))]
