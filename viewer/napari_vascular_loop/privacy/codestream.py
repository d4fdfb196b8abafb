"""Compressed images without what is no image in them: comments, application data, and what stands behind their end.

Segments are cut out of JPEG and JPEG-LS (ITU-T T.81 annex B, T.87) and of JPEG 2000 (T.800 annex A); the entropy-coded
data stay byte for byte, so that every pixel is what it was.
"""

from __future__ import annotations

import struct

from napari_vascular_loop.domain.errors import PrivacyError

_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
_APPLICATION = range(0xE0, 0xF0)
_COLOUR = ((0xEE, b"Adobe", 12), (0xE8, b"mrfx", 5))
"""Application data without which colours are other ones: marker, beginning, length."""
_J2K_SOC, _J2K_EOC, _J2K_SOT, _J2K_SOD, _J2K_COM = 0x4F, 0xD9, 0x90, 0x93, 0x64
_DAMAGED = "its compressed image is damaged, so nobody can say what else is in it"


def without_comments(data: bytes) -> bytes:
    """Give a compressed image without comments; of even length.

    Parameters
    ----------
    data : bytes
        One frame: JPEG, JPEG-LS, or JPEG 2000.

    Raises
    ------
    PrivacyError
        If it is none of these, or damaged.
    """
    try:
        if data[:2] == b"\xff\xd8":
            cleaned = _jpeg(data)
        elif data[:4] == b"\xff\x4f\xff\x51":
            cleaned = _jpeg_2000(data)
        else:
            raise PrivacyError("its compressed image is of a kind that can't be looked into")
    except (struct.error, IndexError) as error:
        raise PrivacyError(_DAMAGED) from error
    return cleaned + b"\0" * (len(cleaned) % 2)


def _segment(data: bytes, at: int) -> tuple[int, int]:
    """Marker at a place, and where its segment ends."""
    if data[at] != 0xFF:
        raise PrivacyError(_DAMAGED)
    marker = data[at + 1]
    (length,) = struct.unpack_from(">H", data, at + 2)
    if length < 2 or at + 2 + length > len(data):
        raise PrivacyError(_DAMAGED)
    return marker, at + 2 + length


def _jpeg(data: bytes) -> bytes:
    out = bytearray(data[:2])
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1  # fill bytes
        if data[at + 1] == _EOI:
            return bytes(out + data[at : at + 2])
        if data[at + 1] in _ALONE:
            at += 2
            continue
        marker, end = _segment(data, at)
        if (marker not in _APPLICATION and marker != _COM) or any(
            marker == one and data[at + 4 : end].startswith(begin) and end - at - 4 == size
            for one, begin, size in _COLOUR
        ):
            out += data[at:end]
        at = end
        if marker == _SOS:
            end = _end_of_scan(data, at)
            out += data[at:end]
            at = end


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker stands that is none within a scan."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            raise PrivacyError(_DAMAGED)
        following = data[at + 1]
        # In JPEG a stuffed byte is 0, in JPEG-LS a bit: markers have their highest one set.
        if following >= 0x80 and following not in _ALONE and following != 0xFF:
            return at
        at += 1 if following == 0xFF else 2


def _jpeg_2000(data: bytes) -> bytes:
    out = bytearray(data[:2])
    at = _headers(data, 2, out, (_J2K_SOT, _J2K_EOC))
    while data[at + 1] == _J2K_SOT:
        _, end = _segment(data, at)
        (length,) = struct.unpack_from(">I", data, at + 6)
        tile_end = at + length if length else data.rindex(b"\xff\xd9")
        if not end <= tile_end <= len(data):
            raise PrivacyError(_DAMAGED)
        tile = bytearray(data[at:end])
        body = _headers(data, end, tile, (_J2K_SOD,))
        tile += data[body:tile_end]
        if length:
            struct.pack_into(">I", tile, 6, len(tile))
        out += tile
        at = tile_end
    if data[at : at + 2] != b"\xff\xd9":
        raise PrivacyError(_DAMAGED)
    return bytes(out + b"\xff\xd9")


def _headers(data: bytes, at: int, out: bytearray, until: tuple[int, ...]) -> int:
    """Copy marker segments but comments up to one of some markers; give its place."""
    while data[at + 1] not in until:
        marker, end = _segment(data, at)
        if marker != _J2K_COM:
            out += data[at:end]
        at = end
    return at
