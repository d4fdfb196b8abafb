"""What compressed Pixel Data says of itself: its frames (PS3.5 annex A), and the size that each claims to have."""

from __future__ import annotations

import struct
from typing import NamedTuple

from pydicom.encaps import generate_frames
from pydicom.uid import UID, JPEG2000TransferSyntaxes, JPEGLSTransferSyntaxes, JPEGTransferSyntaxes

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE

JPEG, JPEG_LS, JPEG_2000 = (
    frozenset(map(str, family)) for family in (JPEGTransferSyntaxes, JPEGLSTransferSyntaxes, JPEG2000TransferSyntaxes)
)
"""Transfer syntaxes by family."""

LOSSLESS_FRAME = 0xC3
"""Marker of a frame of JPEG without losses."""

_ITEM, _SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_START_OF_FRAME = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
_END_OF_IMAGE = b"\xff\xd9"
# What some write after the end of an image, to fill it up, is shorter.
_LONGEST_TAIL = 1024
_MOST_FRAGMENTS = 200_000
_MOST_TILES = 4096
# JPEG 2000 decoders set aside some kB for each tile that an image says to have.


class ImageHeader(NamedTuple):
    """What a compressed image says of itself."""

    rows: int
    columns: int
    samples: int
    precision: int
    is_signed: bool = False
    frame_marker: int = 0


def refuse_many_fragments(data: bytes) -> None:
    """Raise an error for Pixel Data in so many pieces that no library in Python gets through them in time.

    Raises
    ------
    VolumeReadError
        The message is the reason, without the file's name.
    """
    if len(data) > 8 * _MOST_FRAGMENTS and data.count(_ITEM) > _MOST_FRAGMENTS:
        raise VolumeReadError(f"they are in more than {_MOST_FRAGMENTS} fragments, as no scan's are")


def split_frames(data: bytes, count: int) -> list[bytes] | None:
    """Cut encapsulated Pixel Data into its frames.

    Parameters
    ----------
    data : bytes
        From the item of the Basic Offset Table to the end of the file.
    count : int
        How many frames there should be.

    Returns
    -------
    list of bytes, or None
        None where the data breaks off or is unusual.

    Raises
    ------
    VolumeReadError
        If there are too many fragments; the message is the reason, without the file's name.
    """
    refuse_many_fragments(data)
    items: list[tuple[int, int]] = []
    position, size = 0, len(data)
    while data[position : position + 4] == _ITEM and position + 8 <= size:
        (length,) = struct.unpack_from("<I", data, position + 4)
        if length & 1 or position + 8 + length > size:
            return None
        items.append((position + 8, length))
        position += 8 + length
    end = data[position : position + 8]
    if len(items) < 2 or end != _SEQUENCE_END + bytes(4) or not is_padding(data[position + 8 :]):
        return None
    (table, table_length), *fragments = items
    first = table + table_length
    if table_length % 4:
        return None
    offsets = list(struct.unpack_from(f"<{table_length // 4}I", data, table))
    if len(fragments) == count and offsets in ([], [start - 8 - first for start, _ in fragments]):
        return [data[start : start + length] for start, length in fragments]
    try:
        frames = list(generate_frames(data[:position], number_of_frames=count))
    except DAMAGE:
        return None
    return frames if len(frames) == count else None


def is_padding(rest: bytes) -> bool:
    """Whether what follows Pixel Data, to the end of the file, tells nothing more of the images."""
    if len(rest) < 8:
        return True
    # Data Set Trailing Padding, as OB with explicit or implicit value representation.
    if rest[:4] != b"\xfc\xff\xfc\xff":
        return False
    head, length = (12, rest[8:12]) if rest[4:8] == b"OB\0\0" else (8, rest[4:8])
    return len(length) == 4 and 0 <= len(rest) - head - int.from_bytes(length, "little") < 8


def check_header(data: bytes, syntax: str, rows: int, columns: int) -> ImageHeader | None:
    """Read a compressed image's own header, and see that it is of the size that the file says, and has an end.

    Decoders of JPEG and JPEG-LS make something up for what is missing of an image that breaks off, some after seconds.

    Returns
    -------
    ImageHeader or None
        None for an encoding that has no header of its own.

    Raises
    ------
    VolumeReadError
        If there is none, it speaks of another size, or the image breaks off; the message is the reason, without the
        file's name.
    """
    if syntax in JPEG_2000:
        header = _jpeg_2000_header(data)
    elif syntax in JPEG or syntax in JPEG_LS:
        header = _jpeg_header(data)
        if header is not None and _END_OF_IMAGE not in data[-_LONGEST_TAIL:]:
            raise VolumeReadError(f"a compressed image breaks off: it has no end ({UID(syntax).name})")
    else:
        return None
    if header is None:
        raise VolumeReadError(f"a compressed image without a readable header ({UID(syntax).name})")
    if (header.rows, header.columns) != (rows, columns):
        raise VolumeReadError(
            f"a compressed image is of {header.rows} x {header.columns} pixels, where {rows} x {columns} are said"
        )
    return header


def _jpeg_header(data: bytes) -> ImageHeader | None:
    """Frame header of JPEG (ISO/IEC 10918-1, B.2.2) and JPEG-LS (ISO/IEC 14495-1, C.2.2)."""
    position = 2
    if data[:2] != b"\xff\xd8":
        return None
    while position + 12 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in _START_OF_FRAME:
            precision, rows, columns, samples = struct.unpack_from(">BHHB", data, position + 4)
            return ImageHeader(rows, columns, samples, precision, frame_marker=marker)
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None


def _jpeg_2000_header(data: bytes) -> ImageHeader | None:
    """Image and tile size of JPEG 2000 (ISO/IEC 15444-1, A.5.1), which may be wrapped in a file of boxes (I.4)."""
    start = 0
    if data[:8] == b"\0\0\0\x0cjP  ":
        start = 12
        while data[start + 4 : start + 8] != b"jp2c":
            length = int.from_bytes(data[start : start + 4], "big")
            if length < 8 or start + length > len(data):
                return None
            start += length
        start += 8
    if data[start : start + 4] != b"\xff\x4f\xff\x51" or len(data) < start + 45:
        return None
    right, bottom, left, top, tile_width, tile_height, tile_left, tile_top, samples = struct.unpack_from(
        ">8IH", data, start + 8
    )
    depth, across, down = data[start + 42 : start + 45]
    if min(tile_width, tile_height, across, down) == 0 or (samples == 1 and (across, down) != (1, 1)):
        return None
    if -(-(right - tile_left) // tile_width) * -(-(bottom - tile_top) // tile_height) > _MOST_TILES:
        return None
    return ImageHeader(bottom - top, right - left, samples, (depth & 0x7F) + 1, bool(depth & 0x80))
