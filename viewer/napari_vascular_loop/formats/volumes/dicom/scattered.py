"""Slices of one series that each claim to be a series of their own, as some anonymisers leave them.

MATLAB's dicomanon, for one, gives each file a Series Instance UID of its own.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame, SlicePlane
from napari_vascular_loop.formats.volumes.dicom.groups import places_of, same_plane
from napari_vascular_loop.formats.volumes.dicom.run import Run
from napari_vascular_loop.formats.volumes.dicom.stack import stack_slices

if TYPE_CHECKING:
    from collections.abc import Sequence

_FEWEST = 3


def gathered(groups: Sequence[list[DicomFrame]]) -> list[list[DicomFrame]]:
    """Put together groups of a single slice that say the same of themselves and lie on an even grid."""
    alone: dict[tuple[Any, ...], list[list[DicomFrame]]] = defaultdict(list)
    result: list[list[DicomFrame]] = []
    for group in groups:
        name = _name(group[0]) if len(group) == 1 else None
        if name is None:
            result.append(group)
            continue
        for other in alone[name]:
            if same_plane(other[0].plane, group[0].plane):
                other += group
                break
        else:
            alone[name].append(list(group))
    for some in (some for several in alone.values() for some in several):
        result += [some] if _are_slices(some) else [[one] for one in some]
    return result


def series_count_note(slices: Sequence[DicomFrame]) -> tuple[str, ...]:
    """What to say of slices of several series; nothing of those of one."""
    if len({str(one.header.get("SeriesInstanceUID")) for one in slices}) == 1:
        return ()
    return ("each of its files claims to be a series of its own; they are taken as one, as they lie on an even grid",)


def _name(one: DicomFrame) -> tuple[Any, ...] | None:
    if one.number or one.tile or one.position_lps_mm is None or not one.header.get("SeriesInstanceUID"):
        return None
    rest = tuple(part for part in one.key[1:] if not isinstance(part, SlicePlane))
    get = one.header.get
    return (one.path.parent, str(get("SeriesNumber")), str(get("SeriesDescription")), str(get("Modality")), *rest)


def _are_slices(some: list[DicomFrame]) -> bool:
    if len(some) < _FEWEST:
        return False
    by_place = dict(zip(places_of(some).tolist(), some, strict=True))
    if len(by_place) < _FEWEST:
        return False
    try:
        stack = stack_slices(Run((tuple(by_place[place] for place in sorted(by_place)),)))
    except VolumeReadError:
        return False
    return stack.slice_count == len(by_place)
