"""A quick walk over the header of a usual DICOM file (PS3.5 section 7, PS3.10 section 7.1).

It answers only where the file is written as the standard wants it; for everything else it has no answer, and
pydicom is asked. So each rule here is stricter than pydicom's, and where both answer, they answer the same.
"""

from __future__ import annotations

import os
import stat
from struct import Struct, unpack
from typing import TYPE_CHECKING, Any, NamedTuple

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.uid import (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000TransferSyntaxes,
    JPEGLSTransferSyntaxes,
    JPEGTransferSyntaxes,
    RLELossless,
)

from napari_vascular_loop.formats.volumes.dicom.values import CONVERTERS, UnusualError, character_set

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

PIXEL_DATA = 0x7FE00010
UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_CHARACTER_SET = 0x00080005

ENCAPSULATED = frozenset(
    str(uid) for uid in (*JPEGTransferSyntaxes, *JPEGLSTransferSyntaxes, *JPEG2000TransferSyntaxes, RLELossless)
)
_SYNTAXES = {*ENCAPSULATED, str(ImplicitVRLittleEndian), str(ExplicitVRLittleEndian)}

_SHORT = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
"""Value representations with lengths of two bytes, and of four (PS3.5 section 7.1.2)."""

# Kinds of element, by how the length is written.
_IS_SHORT, _IS_LONG, _IS_IMPLICIT = range(3)

# The first look holds most of a usual header, the others what lies between two large private elements.
_FIRST_WINDOW, _WINDOW = 16384, 4096
_LONGEST_VALUE = 2048
_DEEPEST = 8
_MOST_KINDS, _MOST_REMEMBERED = 20_000, 1000

_read_u4 = Struct("<I").unpack_from
_read_tag = Struct("<HH").unpack_from

_NON_BLOCKING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Scanned(NamedTuple):
    """What a walk found: see `DicomFile`."""

    values: dict[str, Any]
    transfer_syntax: str
    pixels_offset: int
    pixels_length: int | None


class _Kind(NamedTuple):
    """What is known of an element from its tag and value representation; `memory` holds values met before."""

    tag: int
    form: int
    is_sequence: bool
    keyword: str
    convert: Callable[[bytes], Any] | None
    memory: dict[bytes, Any]


class HeaderScan:
    """Reads the values of some elements.

    Parameters
    ----------
    keywords : iterable of str
        The elements; a file that has one of a value representation that is not known here is left to pydicom.
    """

    def __init__(self, keywords: Iterable[str]) -> None:
        self._wanted: dict[int, tuple[str, bytes]] = {}
        for keyword in keywords:
            tag = tag_for_keyword(keyword)
            if tag is None:
                raise ValueError(f"{keyword} is no keyword of DICOM")
            self._wanted[tag] = keyword, dictionary_VR(tag).encode()
        self._explicit: dict[bytes, _Kind] = {}
        self._implicit: dict[bytes, _Kind] = {}

    def read(self, path: Path) -> Scanned | None:
        """Walk over the header of a file, up to its Pixel Data; None where pydicom should be asked."""
        try:
            descriptor = os.open(path, os.O_RDONLY | _NON_BLOCKING)
        except OSError:
            return None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            return self._walk(descriptor)
        except (UnusualError, ValueError, OSError):
            return None
        finally:
            os.close(descriptor)

    def _walk(self, descriptor: int) -> Scanned:
        data = os.read(descriptor, _FIRST_WINDOW)
        syntax, position = file_meta(data)
        if syntax not in _SYNTAXES:
            raise UnusualError
        explicit = syntax != ImplicitVRLittleEndian
        if not explicit and _looks_like_explicit(data[position + 4 : position + 6]):
            raise UnusualError
        kinds, key_length = (self._explicit, 6) if explicit else (self._implicit, 4)
        known = kinds.get
        values: dict[str, Any] = {}
        start, end, last_tag = 0, len(data), 0
        while True:
            if position + 12 > end:
                start += position
                data = _read_at(descriptor, start, _WINDOW)
                position, end = 0, len(data)
                if end < 12:
                    raise UnusualError
            key = data[position : position + key_length]
            tag, form, is_sequence, keyword, convert, memory = known(key) or self._learn(kinds, key)
            if tag <= last_tag:
                raise UnusualError
            last_tag = tag
            if form == _IS_SHORT:
                length = data[position + 6] | data[position + 7] << 8
                position += 8
            elif form == _IS_LONG:
                if data[position + 6] or data[position + 7]:
                    raise UnusualError
                length = _read_u4(data, position + 8)[0]
                position += 12
            else:
                length = _read_u4(data, position + 4)[0]
                position += 8
            if tag == PIXEL_DATA:
                return Scanned(values, syntax, start + position, _pixels_length(length, syntax))
            if length & 1:
                if length != UNDEFINED:
                    raise UnusualError
                start = _after_items(descriptor, start + position, explicit, is_sequence, 0)
                position = end = 0
            elif convert is None:
                position += length
            elif length:
                if length > _LONGEST_VALUE:
                    raise UnusualError
                if position + length > end:
                    start += position
                    data = _read_at(descriptor, start, _WINDOW)
                    position, end = 0, len(data)
                    if length > end:
                        raise UnusualError
                raw = data[position : position + length]
                position += length
                # The slices of a series differ in a few elements only.
                value = memory.get(raw)
                if value is None:
                    value = convert(raw)
                    if len(memory) < _MOST_REMEMBERED:
                        memory[raw] = value
                if value != "":
                    values[keyword] = value.copy() if type(value) is list else value

    def _learn(self, kinds: dict[bytes, _Kind], key: bytes) -> _Kind:
        """Find out about a tag that has not been met before."""
        group, element = _read_tag(key)
        tag = group << 16 | element
        keyword, expected = self._wanted.get(tag, ("", b""))
        if tag < 0x00040000 or PIXEL_DATA - 0x10 < tag < PIXEL_DATA or tag > PIXEL_DATA:
            raise UnusualError
        if kinds is self._implicit:
            form, vr = _IS_IMPLICIT, expected
            is_sequence = bool(group & 1) or _is_public_sequence(tag)
        else:
            vr = key[4:6]
            form = _IS_SHORT if vr in _SHORT else _IS_LONG
            is_sequence = vr == b"SQ"
            if form == _IS_LONG and vr not in _LONG:
                raise UnusualError
            if tag == PIXEL_DATA and vr not in (b"OB", b"OW"):
                raise UnusualError
        if keyword and (vr != expected or vr not in CONVERTERS):
            raise UnusualError
        kind = _Kind(tag, form, is_sequence, keyword, CONVERTERS[vr] if keyword else None, {})
        if tag == _CHARACTER_SET:
            kind = kind._replace(convert=character_set)
        if len(kinds) < _MOST_KINDS:
            kinds[key] = kind
        return kind


def file_meta(data: bytes) -> tuple[str, int]:
    """Read the File Meta Information (PS3.10 section 7.1).

    Parameters
    ----------
    data : bytes
        The beginning of a file.

    Returns
    -------
    str
        UID of the transfer syntax.
    int
        Where the data set begins.

    Raises
    ------
    ValueError
        If it is not written as the standard wants it, or does not end within the data.
    """
    if data[128:132] != b"DICM" or data[132:140] != b"\x02\0\0\0UL\x04\0":
        raise ValueError("no usual File Meta Information")
    end = 144 + _u4(data, 140)
    if end + 12 > len(data):
        raise ValueError("no usual File Meta Information")
    position, last, syntax = 144, 0, b""
    while position < end:
        group, element = _read_tag(data, position)
        vr = data[position + 4 : position + 6]
        if group != 2 or element <= last:
            raise ValueError("no usual File Meta Information")
        last = element
        if vr in _SHORT:
            length = data[position + 6] | data[position + 7] << 8
            position += 8
        elif vr in _LONG:
            length = _u4(data, position + 8)
            position += 12
        else:
            raise ValueError("no usual File Meta Information")
        if element == 0x0010 and vr == b"UI":
            syntax = data[position : position + length]
        position += length
    if position != end or _read_tag(data, end)[0] <= 2 or not syntax:
        raise ValueError("no usual File Meta Information")
    return syntax.rstrip(b"\0").decode("ascii"), end


def _u4(data: bytes, position: int) -> int:
    (number,) = unpack("<I", data[position : position + 4].ljust(4, b"\0"))
    return int(number)


def _read_at(descriptor: int, offset: int, count: int) -> bytes:
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, count)


def _looks_like_explicit(vr: bytes) -> bool:
    """Whether pydicom would take the bytes after the first tag for a value representation."""
    return all(0x40 < letter < 0x5B for letter in vr)


def _is_public_sequence(tag: int) -> bool:
    try:
        return dictionary_VR(tag) == "SQ"
    except KeyError:
        return False


def _pixels_length(length: int, syntax: str) -> int | None:
    if (syntax in ENCAPSULATED) != (length == UNDEFINED) or (length & 1 and length != UNDEFINED):
        raise UnusualError
    return None if length == UNDEFINED else length


# ------------------------------------------------------------------ sequences of undefined length


def _after_items(descriptor: int, offset: int, explicit: bool, is_sequence: bool, depth: int) -> int:
    """Where a sequence of undefined length ends; its elements are walked over as pydicom does."""
    if not is_sequence or depth > _DEEPEST:
        raise UnusualError
    while True:
        tag, length = _tag_and_length(_read_at(descriptor, offset, 8))
        offset += 8
        if tag == _SEQUENCE_END and length == 0:
            return offset
        if tag != _ITEM:
            raise UnusualError
        end = None if length == UNDEFINED else offset + length
        offset = _after_item(descriptor, offset, end, explicit, depth)


def _after_item(descriptor: int, offset: int, end: int | None, explicit: bool, depth: int) -> int:
    data, start = b"", offset
    while end is None or offset < end:
        if offset + 12 > start + len(data):
            data, start = _read_at(descriptor, offset, _WINDOW), offset
        tag, length = _tag_and_length(data, offset - start)
        if tag == _ITEM_END and length == 0 and end is None:
            return offset + 8
        if tag >> 16 == 0xFFFE:
            raise UnusualError
        vr = b""
        if explicit:
            vr = data[offset - start + 4 : offset - start + 6]
            if vr in _LONG:
                length = _u4(data, offset - start + 8)
                offset += 4
            elif vr in _SHORT:
                length >>= 16
            else:
                raise UnusualError
        offset += 8
        if length == UNDEFINED:
            is_sequence = vr == b"SQ" if explicit else bool(tag >> 16 & 1) or _is_public_sequence(tag)
            offset = _after_items(descriptor, offset, explicit, is_sequence, depth + 1)
            continue
        # A character set of an item can make pydicom stumble; they are rare.
        if length & 1 or tag == _CHARACTER_SET:
            raise UnusualError
        offset += length
    if offset != end:
        raise UnusualError
    return offset


def _tag_and_length(data: bytes, position: int = 0) -> tuple[int, int]:
    if position + 8 > len(data):
        raise UnusualError
    group, element = _read_tag(data, position)
    return group << 16 | element, _read_u4(data, position + 4)[0]
