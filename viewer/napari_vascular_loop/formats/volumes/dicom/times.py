"""Images of the same places as points in time, where the files say so."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pydicom.datadict import dictionary_description, tag_for_keyword

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame


def tags_of(*keywords: str) -> frozenset[int | None]:
    """Tags of elements."""
    return frozenset(map(tag_for_keyword, keywords))


TIMING = tags_of("TemporalPositionIndex", "TemporalPositionTimeOffset", "NominalCardiacTriggerDelayTime", "TriggerTime")
TIMING |= tags_of("FrameAcquisitionDateTime", "FrameReferenceDateTime", "FrameAcquisitionNumber")
"""Dimensions of an enhanced file that are time."""


@dataclass(frozen=True, eq=False)
class TimeSeries:
    """Images of each place in order of time.

    Parameters
    ----------
    by_place : list of list of DicomFrame
        Of each place as many as of the others.
    why : str
        What the file calls the time points.
    dropped : tuple of str
        What was left out, as it was incomplete.
    """

    by_place: list[list[DicomFrame]]
    why: str
    dropped: tuple[str, ...] = ()


def is_number(value: Any) -> bool:
    """Whether a value is a finite number."""
    return isinstance(value, int | float) and math.isfinite(value)


def index_of(number: int) -> Callable[[DicomFrame], Any]:
    """Make a function that says where a frame lies along a dimension of its file."""

    def index(one: DicomFrame) -> Any:
        values = one.header.get("DimensionIndexValues")
        return values[number] if isinstance(values, list | tuple) and len(values) > number else None

    return index


def _acquisition(one: DicomFrame) -> Any:
    return one.header.get("AcquisitionNumber")


_TIMES: tuple[tuple[str, Callable[[DicomFrame], Any]], ...] = (
    ("Temporal Position", lambda one: one.header.get("TemporalPositionIdentifier")),
    ("Temporal Position Time Offset", lambda one: one.header.get("TemporalPositionTimeOffset")),
    ("Trigger Time", lambda one: one.header.get("TriggerTime")),
    ("Frame Reference Time", lambda one: one.header.get("FrameReferenceTime")),
    ("Acquisition Number", _acquisition),
)
_LATE = 0.02
_CLOCK = ("Acquisition Time", lambda one: one.header.get("AcquisitionTime"))


def time_points_of(by_place: list[list[DicomFrame]]) -> TimeSeries | None:
    """Put the images of each place in order of time, if the files say that they are time points."""
    everything = [one for some in by_place for one in some]
    for why, time_of in (*_TIMES, *_timing_dimensions(everything), _CLOCK):
        times = [[time_of(one) for one in some] for some in by_place]
        if any(not (isinstance(time, str) or is_number(time)) for some in times for time in some):
            continue
        if why == "Acquisition Number" and not _acquired_apart(by_place):
            continue
        series = _in_order_of_time(by_place, times, why)
        if series is not None:
            return series
    counts = {len(some) for some in by_place}
    if counts == {everything[0].header.get("NumberOfTemporalPositions")}:
        return TimeSeries(by_place, "Number of Temporal Positions, in order of instance number")
    if all(one.header.get("IsMosaic") for one in everything) and len(counts) == 1:
        return TimeSeries(by_place, "one mosaic each, in order of instance number")
    return None


def _timing_dimensions(slices: Sequence[DicomFrame]) -> list[tuple[str, Callable[[DicomFrame], Any]]]:
    tags = slices[0].header.get("Dimensions") or ()
    return [(dictionary_description(tag), index_of(number)) for number, tag in enumerate(tags) if tag in TIMING]


def _acquired_apart(by_place: list[list[DicomFrame]]) -> bool:
    """Whether images of one place were taken at times of their own, or nothing is said of it."""
    for some in by_place:
        clock = [one.header.get("AcquisitionTime") for one in some]
        if any(time is not None for time in clock) and len(set(map(str, clock))) < len(clock):
            return False
    return True


def _in_order_of_time(by_place: list[list[DicomFrame]], times: list[list[Any]], why: str) -> TimeSeries | None:
    if any(len({*some}) < len(some) for some in times) or len({type(t) is str for some in times for t in some}) > 1:
        return None
    if len({len(some) for some in by_place}) > 1:
        # The last time point may have been broken off: what is complete is kept.
        complete = set(times[0]).intersection(*times[1:])
        # What few of the times have in common they have by chance: each place has times of its own.
        if 2 * len(complete) < max(map(len, times)):
            return _aligned(by_place, times, why)
        everything = {time for some in times for time in some}
        kept = [
            [one for one, time in zip(some, own, strict=True) if time in complete]
            for some, own in zip(by_place, times, strict=True)
        ]
        kept_times = [[time for time in own if time in complete] for own in times]
        series = _in_order_of_time(kept, kept_times, why)
        return series and replace(series, dropped=(_incomplete(len(everything) - len(complete)),))
    ordered = [
        [some[n] for n in sorted(range(len(some)), key=own.__getitem__)]
        for some, own in zip(by_place, times, strict=True)
    ]
    return TimeSeries(ordered, why)


def _incomplete(count: int) -> str:
    return f"{count} {'time point that is' if count == 1 else 'time points that are'} incomplete"


def whole_rounds(
    by_place: list[list[DicomFrame]], times: list[list[float]], first: float | None = None
) -> list[list[DicomFrame]] | None:
    """Keep the rounds over all places that are whole, where some images are missing.

    Parameters
    ----------
    by_place : list of list of DicomFrame
        Images of each place.
    times : list of list of float
        When each was taken, or its number. Either a round over all places ends before the next begins, or, of numbers,
        one place comes after the other.
    first : float, optional
        When all began; else at the earliest of the times.

    Returns
    -------
    list of list of DicomFrame, or None
        Images of each place in order of time, as many as of the others; None if fewer than two rounds are whole, or
        it can't be told which images are of one round.
    """
    count = max(map(len, times))
    steps = [b - a for some in times if len(some) == count for a, b in pairwise(sorted(some))]
    period, begin = sorted(steps)[len(steps) // 2] if steps else 0.0, first or min(map(min, times))
    if period <= 0:
        return None

    def number_of_round(time: float) -> int:
        return int(time - begin) % count if period == 1 else math.floor((time - begin) / period + _LATE)

    numbers = [[number_of_round(time) for time in own] for own in times]
    if any(len({*own}) < len(own) or min(own) < 0 or max(own) >= count for own in numbers):
        return None
    whole = set(numbers[0]).intersection(*numbers[1:])
    if len(whole) < 2:
        return None
    rounds = [dict(zip(own, some, strict=True)) for own, some in zip(numbers, by_place, strict=True)]
    return [[own[number] for number in sorted(whole)] for own in rounds]


def _aligned(by_place: list[list[DicomFrame]], times: list[list[Any]], why: str) -> TimeSeries | None:
    if not all(is_number(time) for some in times for time in some):
        return None
    whole = whole_rounds(by_place, times)
    left = max(map(len, by_place)) - len(whole[0]) if whole else 0
    return TimeSeries(whole, why, (_incomplete(left),)) if whole else None
