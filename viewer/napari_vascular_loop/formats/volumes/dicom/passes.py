"""Places that were imaged more than once, where nothing in the files says why: copies, repeats in time, or passes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.formats.volumes.dicom.times import whole_rounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame

_MANY = 5
"""So many images of each place are a series in time, even if no element says so; of echo-planar images the next."""

_MANY_ECHO_PLANAR = 3
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Repeats:
    """Images of each place in order of instance number.

    Parameters
    ----------
    by_place : list of list of DicomFrame
        Of each place as many as of the others, if they are whole.
    are_times : bool
        Whether they are taken for points in time.
    warnings, dropped : tuple of str
        What a reader should know, and what was left out.
    """

    by_place: list[list[DicomFrame]]
    are_times: bool = False
    warnings: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def without_resent(by_place: list[list[DicomFrame]]) -> tuple[list[list[DicomFrame]], int]:
    """Leave out images that were sent twice, under other names: with the same number, time and pixels.

    Only if that explains all images of places that were imaged more than once; how many they are.
    """
    crowded = [some for some in by_place if len(some) > 1]
    if not all(_says_the_same(some) for some in crowded):
        return by_place, 0
    for some in crowded:
        pixels = {_pixels_of(one) for one in some}
        if len(pixels) > 1 or None in pixels:
            return by_place, 0
    return [some[:1] for some in by_place], sum(len(some) - 1 for some in crowded)


def _says_the_same(some: Sequence[DicomFrame]) -> bool:
    if any(one.number or one.tile for one in some):
        return False
    return len({(one.instance_number, str(one.header.get("AcquisitionTime"))) for one in some}) == 1


def _pixels_of(one: DicomFrame) -> bytes | None:
    """Hash of all that a file holds from its pixels on; None if that can't be told."""
    offset = one.file.pixels_offset
    if offset is None:
        return None
    length = one.file.pixels_length
    digest = hashlib.blake2b(digest_size=16)
    try:
        with one.path.open("rb") as file:
            file.seek(offset)
            while length is None or length > 0:
                part = file.read(_READ_BYTES if length is None else min(length, _READ_BYTES))
                if not part:
                    break
                digest.update(part)
                length = None if length is None else length - len(part)
    except OSError:
        return None
    return digest.digest()


def repeats_of(by_place: list[list[DicomFrame]]) -> Repeats | None:
    """Sort repeated images into rounds over all places; None where they are no rounds."""
    whole = by_place
    dropped: tuple[str, ...] = ()
    if len({len(some) for some in by_place}) > 1:
        numbers = [[float(one.instance_number) for one in some] for some in by_place]
        begins_at_1 = 1 <= min(map(min, numbers)) <= len(by_place)
        found = whole_rounds(by_place, numbers, 1.0 if begins_at_1 else None)
        if found is None:
            return None
        left = max(map(len, by_place)) - len(found[0])
        noun = "round over the places that is" if left == 1 else "rounds over the places that are"
        whole, dropped = found, (f"{left} {noun} incomplete",)
    rounds, most = len(whole[0]), max(map(len, by_place))
    times = f"{rounds}" if most == rounds else f"up to {most}"
    if _is_time(whole, most):
        note = (
            f"each place was imaged {times} times and the files do not say why; taken as time points, in order of "
            "instance number"
        )
        return Repeats(whole, True, (note,), dropped)
    note = f"each place was imaged {times} times; they are kept apart in order of instance number"
    return Repeats(whole, False, (note,), dropped)


def _is_time(by_place: list[list[DicomFrame]], rounds: int) -> bool:
    if any(len({one.instance_number for one in some}) < len(some) for some in by_place):
        return False
    everything = [one for some in by_place for one in some]
    if _is_file_each(by_place) or rounds >= _MANY:
        return True
    sequences: set[Any] = set()
    for one in everything:
        value = one.header.get("ScanningSequence", "")
        sequences.update(value if isinstance(value, list) else [value])
    return rounds >= _MANY_ECHO_PLANAR and "EP" in sequences


def _is_file_each(by_place: list[list[DicomFrame]]) -> bool:
    """Whether each round is a file of many frames, as Siemens writes functional series."""
    if len(by_place) == 1 or not all(one.header.get("Dimensions") is not None for one in by_place[0]):
        return False
    files = [{some[n].path for some in by_place} for n in range(len(by_place[0]))]
    return all(len(some) == 1 for some in files) and len(set.union(*files)) == len(files)
