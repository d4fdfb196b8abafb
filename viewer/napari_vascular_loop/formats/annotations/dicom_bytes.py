"""DICOM objects without pixels, from and to bytes: what is read is measured before pydicom is let at it."""

from __future__ import annotations

import io
import struct
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.filereader import read_dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE, most_unpacked_bytes
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly
from napari_vascular_loop.formats.volumes.dicom.scan import file_meta

if TYPE_CHECKING:
    from types import ModuleType

    from pydicom.dataset import Dataset

LARGEST_BYTES = 128 << 20
MOST_ELEMENTS = 2_500_000
"""pydicom takes some microseconds and a few hundred bytes for each; three thousand marks are in two thirds of it."""
DEEPEST = 64
_ITEM_COUNTS = 10
"""An item costs as much as so many elements."""

_SYNTAXES = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian)
_LONGEST_META = 4096
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_SHORT_LENGTHS = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
_LONG_LENGTHS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_read_head = struct.Struct("<HH2sH").unpack_from
_read_u4 = struct.Struct("<I").unpack_from


def highdicom_part(name: str) -> ModuleType:
    """A part of highdicom ("sr", "pr"), which is not installed with the base.

    Raises
    ------
    LessonError
        If it is not there; the message says how to install it.
    """
    from importlib import import_module

    try:
        return import_module(f"highdicom.{name}" if name else "highdicom")
    except ImportError as error:
        raise LessonError(
            'marks in DICOM need highdicom, which is not installed: pip install "napari-vascular-loop[sr]"'
        ) from error


def write_object(dataset: Dataset) -> bytes:
    """Bytes of a DICOM file."""
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def read_object(data: bytes, name: str) -> Dataset:
    """Read an object without pixels.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What the errors call it.

    Raises
    ------
    LessonError
        If it is none, is damaged, or is not to be believed in its size or nesting.
    """
    if len(data) > LARGEST_BYTES:
        raise LessonError(f"{name}: it has {len(data) >> 20} MiB; marks take up to {LARGEST_BYTES >> 20} MiB")
    if data[128:132] != b"DICM":
        raise LessonError(f"{name}: it is not a DICOM file; choose a structured report")
    try:
        with quietly():
            return _read(data, name)
    except MemoryError as error:
        raise LessonError(f"{name}: it needs more memory than there is") from error
    except (*DAMAGE, zlib.error) as error:
        raise LessonError(f"{name}: it is damaged, or breaks off; export it anew") from error


def _read(data: bytes, name: str) -> Dataset:
    syntax, start = file_meta(data[:_LONGEST_META])
    if syntax not in _SYNTAXES:
        raise LessonError(f"{name}: it is packed as images are, and no report is ({syntax[:40]}); choose another file")
    if syntax == DeflatedExplicitVRLittleEndian:
        data, start = _inflated(data[start:], name), 0
    is_implicit = syntax == ImplicitVRLittleEndian
    _Measure(data, name).elements(start, len(data), is_implicit, 0)
    body = io.BytesIO(data)
    body.seek(start)
    return read_dataset(body, is_implicit, True)


def _inflated(packed: bytes, name: str) -> bytes:
    most = min(most_unpacked_bytes(len(packed)), LARGEST_BYTES)
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    data = unpacker.decompress(packed, most)
    if not unpacker.eof:
        raise LessonError(f"{name}: it breaks off, or unpacks to more than {most >> 20} MiB, which is not believed")
    return data


@lru_cache(maxsize=4096)
def _is_sequence(tag: int) -> bool:
    return dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ"


class _Measure:
    """A walk over all elements, which sees that there are not too many, nor too deep, and that none breaks off."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data = data
        self._name = name
        self._count = 0

    def _add(self, count: int) -> None:
        self._count += count
        if self._count > MOST_ELEMENTS:
            raise LessonError(f"{self._name}: it is in more than {MOST_ELEMENTS} pieces, as no report is")

    def elements(self, place: int, end: int, is_implicit: bool, depth: int, is_open: bool = False) -> int:
        """Walk over a data set up to its end, or to the mark of it where the length is not said; the place after."""
        data = self._data
        while place < end:
            group, number, vr, length = _read_head(data, place)
            tag = group << 16 | number
            if tag == _ITEM_END and is_open:
                return place + 8
            self._add(1)
            if is_implicit or vr in _LONG_LENGTHS:
                length = _read_u4(data, place + (4 if is_implicit else 8))[0]
                place += 8 if is_implicit else 12
            elif vr in _SHORT_LENGTHS:
                place += 8
            else:
                raise ValueError("an unknown value representation")
            inside_implicit = is_implicit or vr == b"UN"
            if length == _UNDEFINED or vr == b"SQ" or (inside_implicit and _is_sequence(tag)):
                place = self._items(place, end, length, inside_implicit, depth + 1)
            else:
                place += length
        if place != end or is_open:
            raise ValueError("a length that leads beyond the end")
        return place

    def _items(self, place: int, outer_end: int, length: int, is_implicit: bool, depth: int) -> int:
        if depth > DEEPEST:
            raise LessonError(f"{self._name}: it is nested more than {DEEPEST} deep, as no report is")
        is_open = length == _UNDEFINED
        end = outer_end if is_open else place + length
        if end > outer_end:
            raise ValueError("a length that leads beyond the end")
        while place < end:
            group, number, _, _ = _read_head(self._data, place)
            size = _read_u4(self._data, place + 4)[0]
            tag = group << 16 | number
            place += 8
            if tag == _SEQUENCE_END and is_open:
                return place
            if tag != _ITEM:
                raise ValueError("something between the items of a sequence")
            self._add(_ITEM_COUNTS)
            if size == _UNDEFINED:
                place = self.elements(place, end, is_implicit, depth, is_open=True)
            elif place + size > end:
                raise ValueError("a length that leads beyond the end")
            else:
                place = self.elements(place, place + size, is_implicit, depth)
        if is_open:
            raise ValueError("a sequence that does not end")
        return place
