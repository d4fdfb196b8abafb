"""The pixels of a stack of DICOM images, as one array.

Plain pixels are read straight into their place, compressed ones decoded there on all cores; what is unusual goes
through pydicom. Whichever way they come, the numbers are those of pydicom's `pixel_array`.
"""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.uid import ExplicitVRBigEndian

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.compressed import Tick, decode_sources, read_unusual
from napari_vascular_loop.formats.volumes.dicom.encoding import PixelEncoding, sign_extend
from napari_vascular_loop.formats.volumes.dicom.pixel_source import (
    COMPRESSED,
    PLAIN,
    UNUSUAL,
    PixelSource,
    naming,
    sources_of,
)
from napari_vascular_loop.formats.volumes.dicom.planes import Planes
from napari_vascular_loop.formats.volumes.found import Progress, no_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame

# So much is read at once, to tell of progress in between; less where the numbers are gone over again, which is
# quicker while they are in the processor's cache.
_READ_BYTES, _READ_AGAIN_BYTES = 16 << 20, 1 << 19

# From so many bytes on the pixels of one file are mapped, where they lie in it as they should in the array.
_MAP_BYTES = 32 << 20


def read_pixels(
    frames: Sequence[DicomFrame],
    indices: Sequence[int],
    slice_count: int,
    rescale_each: bool = False,
    progress: Progress = no_progress,
) -> npt.NDArray[Any]:
    """Read the pixels of frames into one array.

    Parameters
    ----------
    frames : sequence of DicomFrame
        All of the same rows and columns.
    indices : sequence of int
        The slice k of each frame; slices that no frame has are black.
    slice_count : int
        Slices of the array.
    rescale_each : bool
        Whether to apply each frame's own slope and intercept; the array is then float32.
    progress : callable, optional
        Told how much is done; may raise ReadCancelledError.

    Returns
    -------
    array of shape (columns, rows, slices)
        A large one of a single file may be mapped from it, and can't be written to.

    Raises
    ------
    VolumeReadError
        If pixels are damaged, or their encoding can't be decoded here; the message names the file.
    """
    if not frames:
        raise VolumeReadError("the series holds no slices")
    progress(0.0)
    sources = sources_of(frames, indices)
    mapped = None if rescale_each else _mapped(sources, slice_count)
    if mapped is not None:
        return mapped.transpose(2, 1, 0)
    types = {source.encoding.dtype for source in sources if source.encoding is not None}
    with naming(sources[0].file):
        planes = Planes(frames[0], indices, slice_count, types, rescale_each)
    done = 0

    def tick(count: int) -> None:
        nonlocal done
        done += count
        progress(done / len(frames))

    # The unusual come first: what type they are of may show only when they are read.
    for route, read in ((UNUSUAL, read_unusual), (PLAIN, _read_plain)):
        for source in sources:
            if source.route == route:
                with naming(source.file):
                    read(source, planes, tick)
    decode_sources([source for source in sources if source.route == COMPRESSED], planes, tick)
    if done != len(frames):
        raise VolumeReadError(f"{len(frames) - done} of {len(frames)} slices could not be read: the files hold too few")
    planes.blacken()
    return planes.array().transpose(2, 1, 0)


def _mapped(sources: Sequence[PixelSource], slice_count: int) -> npt.NDArray[Any] | None:
    """Map the slices of a single file, where they lie there as they are wanted; None where that can't be."""
    source = sources[0]
    encoding, offset = source.encoding, source.file.pixels_offset
    if len(sources) > 1 or source.route != PLAIN or encoding is None or offset is None:
        return None
    if (
        _is_swapped(source)
        or encoding.has_unused_bits
        or offset % encoding.dtype.itemsize
        or slice_count * encoding.frame_bytes < _MAP_BYTES
        or len(source.wanted) != slice_count
    ):
        return None
    first = source.wanted[0][0]
    for n, (number, index, frame) in enumerate(source.wanted):
        if (number - first, index, frame.tile) != (n, n, None):
            return None
    shape = slice_count, encoding.rows, encoding.columns
    try:
        return np.memmap(source.file.path, encoding.dtype, "r", offset + first * encoding.frame_bytes, shape)
    except (OSError, ValueError):
        return None


def _is_swapped(source: PixelSource) -> bool:
    return (source.file.transfer_syntax == ExplicitVRBigEndian) == (sys.byteorder == "little")


def _read_plain(source: PixelSource, planes: Planes, tick: Tick) -> None:
    """Read images as they lie, in as few reads as can be."""
    encoding = source.encoding
    assert encoding is not None
    is_changed = encoding.has_unused_bits or _is_swapped(source)
    most = max(1, (_READ_AGAIN_BYTES if is_changed else _READ_BYTES) // encoding.frame_bytes)
    with io.FileIO(source.file.path) as file:
        if planes.direct(0, 1, encoding.dtype) is None or any(frame.tile is not None for _, _, frame in source.wanted):
            _read_aside(file, source, encoding, planes, tick)
            return
        wanted = sorted(source.wanted, key=_by_image) if len(source.wanted) > 1 else source.wanted
        start = 0
        while start < len(wanted):
            number, index, _ = wanted[start]
            count = 1
            while count < most and start + count < len(wanted):
                if wanted[start + count][:2] != (number + count, index + count):
                    break
                count += 1
            images = planes.direct(index, count, encoding.dtype)
            assert images is not None
            _read_images(file, source, encoding, number, images)
            start += count
            tick(count)


def _by_image(one: tuple[int, int, DicomFrame]) -> tuple[int, int]:
    return one[:2]


def _read_aside(file: io.FileIO, source: PixelSource, encoding: PixelEncoding, planes: Planes, tick: Tick) -> None:
    """Read images that do not become slices as they are: rescaled ones, mosaics, those of another type."""
    image = np.empty((1, encoding.rows, encoding.columns), encoding.dtype)
    for number, places in source.by_image().items():
        _read_images(file, source, encoding, number, image)
        for index, frame in places:
            planes.put(index, frame, image[0])
        tick(len(places))


def _read_images(
    file: io.FileIO, source: PixelSource, encoding: PixelEncoding, number: int, images: npt.NDArray[Any]
) -> None:
    """Fill an array of shape (images, rows, columns) from an image of the file on."""
    assert source.file.pixels_offset is not None
    file.seek(source.file.pixels_offset + number * encoding.frame_bytes)
    count = file.readinto(images.data)
    if count != images.nbytes:
        _read_rest(file, images.data.cast("B")[count:])
    if _is_swapped(source):
        images.byteswap(inplace=True)
    if encoding.has_unused_bits:
        for image in images:
            sign_extend(image, encoding.bits_stored)


def _read_rest(file: io.FileIO, into: memoryview) -> None:
    """Go on where a read ended early: no system reads more than 2 GiB at once."""
    while into:
        count = file.readinto(into)
        if not count:
            raise VolumeReadError(f"they are cut short, by {len(into)} bytes")
        into = into[count:]
