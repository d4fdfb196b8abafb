"""What is to be read of one DICOM file's images, and which way."""

from __future__ import annotations

import io
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.formats.volumes.dicom.codestream import is_padding
from napari_vascular_loop.formats.volumes.dicom.encoding import PixelEncoding, encoding_of
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE, DicomFile, most_unpacked_bytes
from napari_vascular_loop.formats.volumes.dicom.refusal import kind_name
from napari_vascular_loop.formats.volumes.dicom.scan import ENCAPSULATED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame

PLAIN, COMPRESSED, UNUSUAL = "plain", "compressed", "unusual"
"""Routes: bytes read as they lie, images decoded on all cores, all else through pydicom."""

_KNOWN = ENCAPSULATED.union(
    map(
        str,
        (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian),
    )
)

# What follows the pixels is looked at up to this length.
_LONGEST_PADDING = 16 << 20

# Compressed images may unpack to so much, or so many times their size, which only blank ones come near.
_UNPACKED_FLOOR, _UNPACKED_TIMES = 64 << 20, 1000

_QUOTED = re.compile(r"'[^']*'?|\"[^\"]*\"?")
_LONGEST_REASON = 160


@dataclass(eq=False, slots=True)
class PixelSource:
    """Images of a file.

    Parameters
    ----------
    file : DicomFile
        The file.
    encoding : PixelEncoding or None
        How its images are encoded; None where that is unusual.
    wanted : list of (number, index, frame)
        Image of the file, slice that it becomes, and frame; several frames of one image are tiles of it.
    route : str
        Which way they should be read.
    packed_bytes : int
        Length of all that the file holds of pixels.
    """

    file: DicomFile
    encoding: PixelEncoding | None
    wanted: list[tuple[int, int, DicomFrame]] = field(default_factory=list)
    route: str = ""
    packed_bytes: int = 0

    def by_image(self) -> dict[int, list[tuple[int, DicomFrame]]]:
        """Slices and frames that are made of each image, in the order of the images."""
        images: dict[int, list[tuple[int, DicomFrame]]] = {}
        for number, index, frame in sorted(self.wanted, key=lambda one: one[:2]):
            images.setdefault(number, []).append((index, frame))
        return images

    def claimed_bytes(self) -> int:
        """What the wanted images take once they are decoded, by the word of the header."""
        rows, columns, bits = (self.file.get(keyword, 8) for keyword in ("Rows", "Columns", "BitsAllocated"))
        if not all(isinstance(number, int) for number in (rows, columns, bits)):
            return 0
        count = len({number for number, _, _ in self.wanted})
        return int(rows * columns * max(1, bits // 8) * count)


def sources_of(frames: Sequence[DicomFrame], indices: Sequence[int]) -> list[PixelSource]:
    """Sort frames by file, and choose the route of each.

    Raises
    ------
    VolumeReadError
        If a file is too short for what it claims to hold; the message names it.
    """
    sources: dict[DicomFile, PixelSource] = {}
    for frame, index in zip(frames, indices, strict=True):
        source = sources.get(frame.file)
        if source is None:
            source = sources[frame.file] = PixelSource(frame.file, encoding_of(frame.file))
        source.wanted.append((frame.number, index, frame))
    for source in sources.values():
        with naming(source.file):
            source.route = _route_of(source)
    _refuse_bombs(list(sources.values()))
    return list(sources.values())


def refuse_missing_pixels(file: DicomFile) -> None:
    """Raise an error if a file plainly holds fewer pixels than its header speaks of.

    Raises
    ------
    VolumeReadError
        The message is the reason, without the file's name.
    """
    offset, length = file.pixels_offset, file.pixels_length
    if length is None or file.transfer_syntax in ENCAPSULATED:
        return
    if offset is None:
        if length == 0:
            raise VolumeReadError("a header without pixels")
        return
    encoding = encoding_of(file)
    needed = encoding.frames * encoding.frame_bytes if encoding is not None else 0
    there = max(0, min(length, os.stat(file.path).st_size - offset))
    if there < needed:
        raise VolumeReadError(f"its pixels are cut short, at {there} of {needed} bytes")


@contextmanager
def naming(file: DicomFile) -> Iterator[None]:
    """Put the file's name before the reason of what goes wrong with its pixels."""
    start = f"{file.path.name}: its pixels could not be read: "
    try:
        yield
    except VolumeReadError as error:
        raise VolumeReadError(start + str(error)) from error
    except MemoryError as error:
        raise VolumeReadError(f"{start}they need more memory than there is") from error
    except OSError as error:
        raise VolumeReadError(start + (error.strerror or type(error).__name__)) from error
    except DAMAGE as error:
        # What libraries quote of a damaged header may be anything, a patient's name among it.
        reason = _QUOTED.sub("...", shown(str(error).partition("\n")[0], _LONGEST_REASON))
        raise VolumeReadError(start + (reason or type(error).__name__)) from error
    except BaseException as error:
        # So a decoder that is written in Rust gives up on damaged data; its class can't be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise VolumeReadError(f"{start}a compressed image is damaged") from error


def _route_of(source: PixelSource) -> str:
    file, encoding = source.file, source.encoding
    offset, length = file.pixels_offset, file.pixels_length
    size = os.stat(file.path).st_size
    source.packed_bytes = size - (offset or 0)
    if file.transfer_syntax not in _KNOWN:
        # One of GE's own has its pixels, and these alone, the other way round.
        raise VolumeReadError(f"their encoding is not read ({kind_name(file.transfer_syntax)})")
    if encoding is None:
        return UNUSUAL
    for number, _, frame in source.wanted:
        row, column = frame.tile or (0, 0)
        if number >= encoding.frames:
            raise VolumeReadError(f"it holds {encoding.frames} images, not {number + 1}")
        if row + frame.rows > encoding.rows or column + frame.columns > encoding.columns:
            raise VolumeReadError(f"they are of {encoding.rows} x {encoding.columns} pixels, fewer than is said")
    if length is None:
        if file.transfer_syntax in ENCAPSULATED:
            return UNUSUAL if offset is None else COMPRESSED
        there = most_unpacked_bytes(size) if file.transfer_syntax == DeflatedExplicitVRLittleEndian else size
    else:
        there = max(0, min(length, source.packed_bytes))
    needed = encoding.frames * encoding.frame_bytes
    if there < needed:
        raise VolumeReadError(f"they are cut short, at {there} of {needed} bytes")
    if offset is None or length is None or not _ends_after_pixels(file, offset + length, size):
        return UNUSUAL
    # Single bytes may lie there in pairs, swapped.
    return UNUSUAL if file.transfer_syntax == ExplicitVRBigEndian and encoding.dtype.itemsize == 1 else PLAIN


def _ends_after_pixels(file: DicomFile, end: int, size: int) -> bool:
    """Whether nothing follows the pixels that could change what pydicom makes of them."""
    if end + 8 > size:
        return True
    with io.FileIO(file.path) as opened:
        opened.seek(end)
        rest: Any = opened.read(min(size - end, _LONGEST_PADDING))
        return is_padding(rest)


def _refuse_bombs(sources: Sequence[PixelSource]) -> None:
    """Refuse compressed files that claim to unpack to more than can be believed."""
    packed = [source for source in sources if source.file.transfer_syntax in ENCAPSULATED]
    claimed = sum(source.claimed_bytes() for source in packed)
    there = sum(source.packed_bytes for source in packed)
    if claimed > _UNPACKED_FLOOR + _UNPACKED_TIMES * there:
        raise VolumeReadError(
            f"{packed[0].file.path.name}: its pixels could not be read: {there} bytes claim to unpack to "
            f"{claimed >> 20} MiB, which is not to be believed"
        )
