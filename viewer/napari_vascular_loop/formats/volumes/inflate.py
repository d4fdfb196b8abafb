"""Packed bytes to arrays: gzip, zlib and bzip2, each straight into the memory where the numbers stay.

Inflating is what the time goes into when a .nii.gz is opened. libdeflate is the fastest that one core offers, but
takes a stream in one go, and a gzip file may hold several streams one after the other; isal is a little slower and
takes all. So libdeflate gets the plain cases, and isal whatever is large or unusual.
"""

from __future__ import annotations

import bz2
import mmap
import zlib
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt
from isal import igzip, isal_zlib

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_vascular_loop.formats.volumes.found import Progress

Bytes = npt.NDArray[np.uint8]

DAMAGE = cast("tuple[type[Exception], ...]", (OSError, EOFError, zlib.error, isal_zlib.error))
"""What is raised where a stream is damaged or cut short."""

MOST_GROWTH = {"": 1, "text": 8, "gzip": 1032, "zlib": 1032, "bzip2": 25_000}
"""How many bytes a stored one can become at most: bounds of the formats. In text, a figure may be a number."""

_GZIP_MAGIC = b"\x1f\x8b"
_AT_ONCE = 1 << 20
_BETWEEN_PROGRESS = 1 << 23
_IN_ONE_GO = 1 << 28
"""A larger volume is streamed, so that its progress can be told and it can be cancelled."""
_ROOM_AFTER = 1 << 20
"""Tags that follow the voxels (as in .mgz) are seldom longer."""
_LONGEST_TAIL = 1 << 26
_ALIGNMENT = 16
_MAPPED_AT_ONCE = 1 << 24


def first_bytes(path: Path, count: int) -> bytes:
    """Read how a file begins, unpacked where it is gzip; no more is inflated than is asked for.

    Returns
    -------
    bytes
        Fewer than `count` where the file is shorter, cut short or damaged.

    Raises
    ------
    OSError
        If the file can't be opened.
    """
    with path.open("rb") as file:
        start = file.read(max(count, len(_GZIP_MAGIC)))
        if not start.startswith(_GZIP_MAGIC):
            return start[:count]
        file.seek(0)
        found = b""
        try:
            for piece, _ in _pieces(file, 256):
                found += piece
                if len(found) >= count:
                    break
        except DAMAGE:
            pass
        return found[:count]


def packing_of(path: Path, start: int = 0) -> str:
    """Tell by the first bytes, whatever the name says: "gzip" or "" for not packed."""
    with path.open("rb") as file:
        file.seek(start)
        return "gzip" if file.read(2) == _GZIP_MAGIC else ""


def stated_length(path: Path) -> int:
    """Unpacked length, modulo 4 GiB, that the last member of a gzip file states at its end."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4))
        return int.from_bytes(file.read(4), "little")


def unpack(path: Path, packing: str, start: int, skip: int, count: int, progress: Progress) -> Bytes:
    """Unpack a stream and check its checksum.

    Parameters
    ----------
    path : Path
        The file.
    packing : str
        "gzip", "zlib" or "bzip2".
    start : int
        Where in the file the stream begins.
    skip, count : int
        Of the unpacked bytes, how many to leave out, and how many to return after them.
    progress : callable
        Told how much is done; may raise ReadCancelledError.

    Returns
    -------
    array of shape (count,)
        In memory of its own, aligned for numbers of any type.

    Raises
    ------
    OSError, EOFError, zlib.error, isal.isal_zlib.error
        If the stream is damaged or cut short.
    MemoryError
        If there is not enough memory.
    """
    if packing == "zlib":
        found = _in_one_go(path, start, skip + count, skip, count, _zlib)
        if found is None:
            raise zlib.error("a zlib stream that is damaged, cut short or of another length")
        return found
    if packing == "gzip" and count <= _IN_ONE_GO:
        total = stated_length(path)
        if 0 <= total - (skip + count) <= _ROOM_AFTER:
            found = _in_one_go(path, start, total, skip, count, _gzip)
            if found is not None:
                return found
    with path.open("rb") as file:
        file.seek(start)
        try:
            with _stream(file, packing) as unpacked:
                out = _filled(unpacked, skip, count, progress)
                _to_the_end(unpacked)
                return out
        except DAMAGE:
            if packing != "gzip":
                raise
            # What follows the voxels may be no stream at all, if only theirs is whole.
            file.seek(start)
            return _of_members(file, skip, count, progress, whole=True)


def unpack_part(path: Path, packing: str, start: int, skip: int, count: int) -> Bytes:
    """Unpack a stream only up to the end of a part, of which the checksum can't be known.

    Raises
    ------
    OSError, EOFError, zlib.error, isal.isal_zlib.error
        If the stream is damaged or cut short before that.
    """
    with path.open("rb") as file:
        file.seek(start)
        if packing == "gzip":
            return _of_members(file, skip, count, lambda _done: None, whole=False)
        with _stream(file, packing) as unpacked:
            return _filled(unpacked, skip, count, lambda _done: None)


def _stream(file: BinaryIO, packing: str) -> io.BufferedIOBase:
    if packing == "gzip":
        return cast("io.BufferedIOBase", igzip.open(file))
    if packing == "bzip2":
        return cast("io.BufferedIOBase", bz2.open(file))
    raise ValueError(f"there is no stream of {packing!r}")


def _to_the_end(unpacked: io.BufferedIOBase) -> None:
    """Read on, as the checksum is compared at the end of the stream only.

    What follows the voxels is short, or it is not ours.
    """
    for _ in range(_LONGEST_TAIL // _AT_ONCE):
        if not unpacked.read(_AT_ONCE):
            break


def _pieces(file: BinaryIO, at_once: int) -> Iterator[tuple[bytes, bool]]:
    """Unpack the members of a gzip file piece by piece, and tell with each whether a member ends with it.

    A reader of streams looks ahead, and fails before it gives what it has got from a file that is cut short.
    """
    rest = file.read(at_once)
    while rest:
        member = isal_zlib.decompressobj(wbits=31)
        while not member.eof:
            # What could not yet be unpacked for want of room goes first.
            packed = member.unconsumed_tail or rest or file.read(at_once)
            rest = b""
            piece = member.decompress(packed, at_once)
            if not packed and not piece:
                raise EOFError("the stream ends before its checksum")
            yield piece, member.eof
        # Some programs fill the file up with zeros.
        rest = member.unused_data.lstrip(b"\0")
        while not rest and (more := file.read(at_once)):
            rest = more.lstrip(b"\0")


def _of_members(file: BinaryIO, skip: int, count: int, progress: Progress, *, whole: bool) -> Bytes:
    """Unpack a part of a gzip file; if `whole`, up to the checksum of the last member that it is in, and no further."""
    out = np.empty(count, np.uint8)
    done = -skip
    for piece, is_end in _pieces(file, _AT_ONCE):
        begin = min(max(0, done), count)
        part = piece[max(0, -done) :][: count - begin]
        out[begin : begin + len(part)] = np.frombuffer(part, np.uint8)
        done += len(piece)
        progress(min(max(0, done), count) / max(1, count))
        if done >= count and (is_end or not whole):
            return out
    raise EOFError("the stream ends before the voxels do")


def _filled(unpacked: io.BufferedIOBase, skip: int, count: int, progress: Progress) -> Bytes:
    while skip > 0:
        passed = len(unpacked.read(min(skip, _AT_ONCE)))
        if not passed:
            raise EOFError("the stream ends before the voxels begin")
        skip -= passed
    out = np.empty(count, np.uint8)
    view = out.data
    done = told = 0
    while done < count:
        got = unpacked.readinto(view[done : done + _AT_ONCE])
        if not got:
            raise EOFError("the stream ends before the voxels do")
        done += got
        if done - told >= _BETWEEN_PROGRESS:
            progress(done / count)
            told = done
    return out


def _in_one_go(
    path: Path, start: int, total: int, skip: int, count: int, decode: Callable[[Bytes, Bytes], int]
) -> Bytes | None:
    """Unpack a stream of known length with libdeflate; None where it is not what it seems."""
    lead = -skip % _ALIGNMENT
    out = np.empty(lead + total, np.uint8)[lead:]
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    packed = np.frombuffer(mapped, np.uint8)[start:]
    if packed.size <= _MAPPED_AT_ONCE or not hasattr(mmap, "MADV_DONTNEED"):
        done = decode(packed, out)
    else:
        with ThreadPoolExecutor(1) as one_thread:
            work = one_thread.submit(decode, packed, out)
            while True:
                try:
                    done = work.result(timeout=0.02)
                    break
                except NotYetError:
                    # What has been read of the file need not stay in memory beside the voxels.
                    mapped.madvise(mmap.MADV_DONTNEED)
    return out[skip : skip + count] if done == total else None


def _gzip(packed: Bytes, out: Bytes) -> int:
    # Imported late: it takes long, and many files need no unpacking.
    import imagecodecs

    return _length(imagecodecs.gzip_decode, packed, out)


def _zlib(packed: Bytes, out: Bytes) -> int:
    import imagecodecs

    return _length(imagecodecs.deflate_decode, packed, out)


def _length(decode: Any, packed: Bytes, out: Bytes) -> int:
    try:
        return len(decode(packed, out=out))
    except RuntimeError:  # the base of what libdeflate's wrapper raises
        return -1
