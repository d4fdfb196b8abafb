"""Compressed images read into their places, decoded on all cores; and what only pydicom can read."""

from __future__ import annotations

import io
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.encaps import generate_frames
from pydicom.pixels.utils import iter_pixels

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.codecs import (
    decode,
    decode_with_pydicom,
    decoder_of,
    plugin_of,
)
from napari_vascular_loop.formats.volumes.dicom.codestream import check_header, refuse_many_fragments, split_frames
from napari_vascular_loop.formats.volumes.dicom.pixel_source import PixelSource, naming
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly
from napari_vascular_loop.formats.volumes.dicom.scan import ENCAPSULATED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydicom.dataset import Dataset

    from napari_vascular_loop.formats.volumes.dicom.encoding import PixelEncoding
    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame
    from napari_vascular_loop.formats.volumes.dicom.planes import Planes

Tick = Any
"""Called with the number of slices that were filled; may raise ReadCancelledError."""

_Places = list[tuple[int, "DicomFrame"]]

# What a decoder leaves for pydicom: nothing (False), the compressed image, or the whole file (True).
_Left = bytes | bool


def decode_sources(sources: Sequence[PixelSource], planes: Planes, tick: Tick) -> None:
    """Decode the images of files on all cores; those in doubt one after the other, with pydicom.

    Raises
    ------
    VolumeReadError
        If one is damaged, or there is no decoder; the message names the file.
    """
    workers = _workers()
    pending: deque[tuple[PixelSource, _Places, Future[_Left]]] = deque()

    def settle() -> None:
        source, places, future = pending.popleft()
        with naming(source.file):
            left = future.result()
            if left is True:
                read_unusual(source, planes, lambda _count: None)
            elif left is not False:
                _put_with_pydicom(left, source, places, planes)
        tick(len(places))

    pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
    try:
        for source in sources:
            for places, task in _tasks_of(source, planes, tick):
                pending.append((source, places, pool.submit(task)))
                # Few at a time, so that compressed images don't pile up and a cancelled read ends at once.
                while len(pending) > 3 * workers:
                    settle()
        while pending:
            settle()
    finally:
        pool.shutdown(cancel_futures=True)


def _workers() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def _tasks_of(source: PixelSource, planes: Planes, tick: Tick) -> Iterator[tuple[_Places, Callable[[], _Left]]]:
    encoding = source.encoding
    assert encoding is not None
    images = source.by_image()
    if encoding.frames == 1:
        yield images[0], partial(_decode_file, source, images[0], planes)
        return
    with naming(source.file):
        frames = split_frames(_packed(source), encoding.frames)
        if frames is None:
            read_unusual(source, planes, tick)
            return
    for number, places in images.items():
        yield places, partial(_decode_image, frames[number], source.file.transfer_syntax, encoding, places, planes)


def _packed(source: PixelSource) -> bytes:
    """Encapsulated Pixel Data, and all that follows it."""
    assert source.file.pixels_offset is not None
    with io.FileIO(source.file.path) as file:
        file.seek(source.file.pixels_offset)
        return file.readall() or b""


def _decode_file(source: PixelSource, places: _Places, planes: Planes) -> _Left:
    assert source.encoding is not None
    frames = split_frames(_packed(source), 1)
    if frames is None:
        return True
    return _decode_image(frames[0], source.file.transfer_syntax, source.encoding, places, planes)


def _decode_image(data: bytes, syntax: str, encoding: PixelEncoding, places: _Places, planes: Planes) -> _Left:
    """Decode an image into its place; return it where pydicom should be asked."""
    (index, frame), *others = places
    direct = None if others or frame.tile is not None else planes.direct(index, 1, encoding.dtype)
    image = np.empty((encoding.rows, encoding.columns), encoding.dtype) if direct is None else direct[0]
    if not decode(data, syntax, encoding, image):
        return data
    if direct is None:
        for index, frame in places:
            planes.put(index, frame, image)
    return False


def _put_with_pydicom(data: bytes, source: PixelSource, places: _Places, planes: Planes) -> None:
    assert source.encoding is not None
    with quietly():
        image = decode_with_pydicom(data, source.file.transfer_syntax, source.encoding)
    for index, frame in places:
        planes.put(index, frame, image)


# ------------------------------------------------------------------ what only pydicom can read


def read_unusual(source: PixelSource, planes: Planes, tick: Tick) -> None:
    """Read the images of a file with pydicom.

    Raises
    ------
    VolumeReadError
        If they are damaged, or there is no decoder; the message is the reason, without the file's name.
    """
    dataset = source.file.dataset(with_pixels=True)
    images = source.by_image()
    syntax, plugin = source.file.transfer_syntax, ""
    with quietly():
        if syntax in ENCAPSULATED:
            frames = _frames_of(dataset)
            if max(images) >= len(frames):
                raise VolumeReadError(f"it holds {len(frames)} images, not {max(images) + 1}")
            if source.encoding is not None:
                for number, places in images.items():
                    if _decode_image(frames[number], syntax, source.encoding, places, planes) is not False:
                        _put_with_pydicom(frames[number], source, places, planes)
                    tick(len(places))
                return
            decoder_of(syntax)
            for number in images:
                check_header(frames[number], syntax, int(dataset.Rows), int(dataset.Columns))
            plugin = plugin_of(syntax)
        for image, places in zip(
            iter_pixels(dataset, indices=list(images), decoding_plugin=plugin), images.values(), strict=False
        ):
            for index, frame in places:
                planes.put(index, frame, image)
            tick(len(places))


def _frames_of(dataset: Dataset) -> list[bytes]:
    offsets = None
    if "ExtendedOffsetTable" in dataset and "ExtendedOffsetTableLengths" in dataset:
        offsets = dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths
    count = int(dataset.get("NumberOfFrames") or 1)
    refuse_many_fragments(dataset.PixelData)
    return list(generate_frames(dataset.PixelData, number_of_frames=count, extended_offsets=offsets))
