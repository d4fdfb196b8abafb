"""A walk over the bytes of an enhanced multi-frame file, to its functional groups.

It answers only where the file is written as usual; for all else it has no answer, and pydicom is asked.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from pydicom.datadict import dictionary_VR, tag_for_keyword

from napari_vascular_loop.domain.errors import VolumeReadError

if TYPE_CHECKING:
    from collections.abc import Mapping

Values = dict[str, Any]
_Leaves = dict[int, tuple[str, str]]
"""Elements that are looked at, by tag: keyword and value representation."""

_SHARED, _PER_FRAME, _DIMENSIONS = 0x52009229, 0x52009230, 0x00209222
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_DEEPEST = 16
_SHORT_LENGTHS = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
_LONG_LENGTHS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_read_tag = struct.Struct("<HH").unpack_from
_read_head = struct.Struct("<HH2sH").unpack_from
_read_u4 = struct.Struct("<I").unpack_from


def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    return int(tag)


_INNER = _tag("DiffusionGradientDirectionSequence")


def _leaves(keywords: tuple[str, ...]) -> _Leaves:
    return {_tag(keyword): (keyword, dictionary_VR(_tag(keyword))) for keyword in keywords}


_POINTER = {_tag("DimensionIndexPointer"): ("DimensionIndexPointer", "AT")}


class OddFileError(ValueError):
    """Here pydicom should be asked."""


class Walk:
    """A walk over the elements of a little-endian file, picking some.

    Parameters
    ----------
    data : bytes
        The file, as far as the functional groups reach at least.
    is_explicit : bool
        Whether its elements tell their value representation.
    wanted : mapping
        For each sequence of a functional group, by keyword, what is looked at in its first item.
    """

    def __init__(self, data: bytes, is_explicit: bool, wanted: Mapping[str, tuple[str, ...]]) -> None:
        self.data = data
        self.is_explicit = is_explicit
        self.seen: dict[tuple[int, bytes], list[Values]] = {}
        self.wanted = {_tag(sequence): _leaves(keywords) for sequence, keywords in wanted.items()}

    def functional_groups(self, most: int) -> tuple[list[Values], tuple[int, ...]]:
        """Values of each frame, shared ones included, and the tags of the dimensions.

        Parameters
        ----------
        most : int
            How many frames there may be.

        Raises
        ------
        VolumeReadError
            If there are more; the message is the reason, without the file's name.
        OddFileError
            If the file is not as usual; other kinds of ValueError, IndexError or struct.error if it is damaged.
        """
        data = self.data
        if data[128:132] != b"DICM" or _read_tag(data, 132) != (2, 0) or data[136:138] != b"UL":
            raise OddFileError
        place = 144 + _read_u4(data, 140)[0]
        dimensions: list[Values] = []
        shared: list[Values] = []
        frames: list[Values] = []
        before = -1

        def frame(a: int, b: int) -> int:
            if len(frames) >= most:
                raise VolumeReadError(
                    f"a damaged multi-frame image: it should hold {most} frames, but speaks of more than that"
                )
            return self._group(a, b, frames, shared[0] if shared else {})

        while True:
            tag, start, length = self._element(place)
            if tag <= before or tag > _PER_FRAME:
                raise OddFileError  # nothing of interest comes after, or elements are out of order
            before = tag
            if tag == _PER_FRAME:
                self._items(start, length, frame)
                return frames, tuple(one["DimensionIndexPointer"] for one in dimensions)
            if tag == _SHARED:
                place = self._items(start, length, lambda a, b: self._group(a, b, shared, {}))
            elif tag == _DIMENSIONS:
                place = self._items(start, length, lambda a, b: self._leaves(a, b, _POINTER, dimensions))
            else:
                place = self._skip(start, length, 0)

    def _element(self, place: int) -> tuple[int, int, int]:
        """Tag, start and length of the element at a place."""
        group, number, vr, short = _read_head(self.data, place)
        if not self.is_explicit or group == 0xFFFE:
            return group << 16 | number, place + 8, _read_u4(self.data, place + 4)[0]
        if vr in _SHORT_LENGTHS:
            return group << 16 | number, place + 8, short
        if vr not in _LONG_LENGTHS:
            raise OddFileError
        length = _read_u4(self.data, place + 8)[0]
        if vr == b"UN" and length == _UNDEFINED:
            raise OddFileError  # implicit inside explicit
        return group << 16 | number, place + 12, length

    def _skip(self, start: int, length: int, depth: int) -> int:
        """Place after an element, which may be a sequence of no stated length."""
        if length != _UNDEFINED:
            return start + length
        if depth > _DEEPEST:
            raise OddFileError
        return self._items(start, length, lambda a, b: self._skip_item(a, b, depth + 1))

    def _skip_item(self, place: int, end: int, depth: int) -> int:
        if end != _UNDEFINED:
            return end
        while True:
            tag, start, length = self._element(place)
            if tag == _ITEM_END:
                return start
            place = self._skip(start, length, depth)

    def _items(self, start: int, length: int, visit: Any) -> int:
        """Visit each item as visit(start, end), which gives back where it ended; the place after the sequence."""
        place, end = start, start + length
        if length != _UNDEFINED and end > len(self.data):
            raise OddFileError
        while length == _UNDEFINED or place < end:
            tag, inside, size = self._element(place)
            if tag == _SEQUENCE_END:
                if length != _UNDEFINED:
                    raise OddFileError
                return inside
            if tag != _ITEM:
                raise OddFileError
            place = visit(inside, _UNDEFINED if size == _UNDEFINED else inside + size)
        if place != end:
            raise OddFileError
        return place

    def _group(self, place: int, end: int, into: list[Values], common: Values) -> int:
        """One item of the shared or per-frame functional groups."""
        values = dict(common)
        into.append(values)
        while place < end:
            tag, start, length = self._element(place)
            if tag == _ITEM_END:
                return start
            wanted = self.wanted.get(tag)
            if wanted is None or tag == _INNER:
                place = self._skip(start, length, 0)
            else:
                place = self._macro(start, length, wanted, values)
        return _checked(place, end)

    def _macro(self, start: int, length: int, wanted: _Leaves, values: Values) -> int:
        """A sequence of a functional group: what is wanted of its first item."""
        found: list[Values] = []
        if length == _UNDEFINED:
            place = self._items(start, length, lambda a, b: self._leaves(a, b, wanted, found))
        else:
            # Most frames say the same, but for their place.
            place = start + length
            same = id(wanted), self.data[start:place]
            if same not in self.seen:
                self._items(start, length, lambda a, b: self._leaves(a, b, wanted, found))
                self.seen[same] = found[:1]
            found = self.seen[same]
        if found:
            values.update(found[0])
        return place

    def _leaves(self, place: int, end: int, wanted: _Leaves, into: list[Values]) -> int:
        """An item of a macro: pick what is wanted."""
        values: Values = {}
        into.append(values)
        data = self.data
        while place < end:
            tag, start, length = self._element(place)
            if tag == _ITEM_END:
                return start
            leaf = wanted.get(tag)
            if leaf is not None and 0 < length < _UNDEFINED:
                value = _decode(data[start : start + length], leaf[1])
                if value is not None and value != "" and value != []:
                    values[leaf[0]] = value
                place = start + length
            elif tag == _INNER:
                place = self._macro(start, length, self.wanted[tag], values)
            else:
                place = self._skip(start, length, 0)
        return _checked(place, end)


def _checked(place: int, end: int) -> int:
    if place != end:
        raise OddFileError
    return place


_NUMBERS = {"FD": ("d", 8), "FL": ("f", 4), "UL": ("I", 4), "US": ("H", 2), "SL": ("i", 4), "SS": ("h", 2)}


def _decode(raw: bytes, vr: str) -> Any:
    """Value of an element as `_plain` gives pydicom's: a number, a text, or a list of several."""
    if vr == "AT":
        group, number = struct.unpack("<HH", raw)
        return group << 16 | number
    if vr in _NUMBERS:
        letter, size = _NUMBERS[vr]
        several = list(struct.unpack(f"<{len(raw) // size}{letter}", raw))
        return several[0] if len(several) == 1 else several
    parts = raw.rstrip(b" \0").split(b"\\")
    if vr == "DS":
        decimals = [float(part) for part in parts if part.strip()]
        return decimals[0] if len(parts) == 1 else decimals
    if vr == "IS":
        return [int(part) for part in parts] if len(parts) > 1 else int(parts[0]) if parts[0] else None
    texts = [part.decode("ascii").strip(" \0") for part in parts]
    return texts[0] if len(texts) == 1 else texts
