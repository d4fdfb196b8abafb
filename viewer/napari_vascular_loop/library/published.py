"""The index that is put on a web server beside the lessons: one file, `library.vlibrary`.

Its first line is JSON and says what follows and how to know it; then come the entries, gzip, one JSON object a line.
It is no database: whoever reads it makes one of it, so that nobody's SQLite file is ever opened here, and
it is a seventh of the size. All paths in it are relative, and nothing of the computer that made it is said.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zlib
from typing import TYPE_CHECKING

import msgspec

from napari_vascular_loop.domain.errors import LessonError, LessonSaveError
from napari_vascular_loop.domain.text import megabytes, shown
from napari_vascular_loop.formats.atomic import replacing
from napari_vascular_loop.library.entry import Entry, checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_vascular_loop.library.index import Index

INDEX_FILE = "library.vlibrary"
TYPE, VERSION = "VascularLoopLibrary", 1
LONGEST_HEAD = 4096
MOST_BYTES = 1 << 30
"""Of the file."""

_MOST_UNPACKED = 8 << 30
_LONGEST_LINE = 4_000_000
_MOST_LESSONS = 200_000
_BLOCK = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS


class Head(msgspec.Struct, frozen=True):
    """The first line.

    Parameters
    ----------
    type, version
        Of the format.
    lessons : int
        How many there are.
    size : int
        Bytes that follow the line.
    sha256 : str
        Of these bytes.
    """

    type: str
    version: int
    lessons: int
    size: int
    sha256: str


def publish(index: Index, path: Path, progress: Callable[[float], None]) -> Head:
    """Write the file, whole or not at all; the same index gives the same bytes.

    Raises
    ------
    LessonSaveError
        If it can't be written.
    """
    count = len(index.stamps())
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        for number, entry in enumerate(index.entries()):
            progress(number / max(1, count))
            file.write(msgspec.json.encode(entry) + b"\n")
    data = packed.getvalue()
    head = Head(TYPE, VERSION, count, len(data), hashlib.sha256(data).hexdigest())
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(msgspec.json.encode(head) + b"\n" + data)
    except OSError as error:
        raise LessonSaveError(f"{str(path)!r} can't be written ({error.strerror or error})") from error
    return head


def head_of(line: bytes) -> Head:
    """Read the first line.

    Raises
    ------
    LessonError
        If it is not that of a library's index, or of a newer one.
    """
    try:
        head = msgspec.json.decode(line, type=Head)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise LessonError(f"this is no index of a library: its first line is {shown(line[:40])}") from error
    if head.type != TYPE:
        raise LessonError(f"this is no index of a library: its type is {shown(head.type)}, not {TYPE}")
    if head.version != VERSION:
        raise LessonError(
            f"the index of this library is of version {head.version}, this program reads {VERSION}; update it"
        )
    if (
        not re.fullmatch("[0-9a-f]{64}", head.sha256)
        or not 0 <= head.size <= MOST_BYTES
        or not 0 <= head.lessons <= _MOST_LESSONS
    ):
        raise LessonError("the first line of this library's index states a size or a hash that can't be")
    return head


def check_published(path: Path) -> Head:
    """Compare a file with what its first line says.

    Raises
    ------
    LessonError
        If it is another, or was cut short.
    """
    whole, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        head = head_of(file.readline(LONGEST_HEAD))
        while block := file.read(_BLOCK):
            whole.update(block)
            size += len(block)
    if size != head.size or whole.hexdigest() != head.sha256:
        raise LessonError(
            f"the index of this library is damaged: {megabytes(size)} of {megabytes(head.size)}, or other bytes"
        )
    return head


def read_published(path: Path) -> Iterator[Entry]:
    """Read the entries, each made harmless.

    Raises
    ------
    LessonError
        If the file is damaged, or holds more than it may.
    """
    seen: set[str] = set()
    for number, line in enumerate(_lines(path)):
        if number >= _MOST_LESSONS:
            raise LessonError(f"the index of this library lists more than {_MOST_LESSONS} lessons: not read")
        try:
            entry = checked(msgspec.json.decode(line, type=Entry))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise LessonError(f"the index of this library is damaged: line {number + 2}: {shown(error)}") from error
        if entry.card.path not in seen:
            seen.add(entry.card.path)
            yield entry


def _lines(path: Path) -> Iterator[bytes]:
    """Unpack bit by bit: a few bytes may unpack to more than there is memory."""
    unpacking, rest, unpacked = zlib.decompressobj(_GZIP), b"", 0
    try:
        with path.open("rb") as file:
            head_of(file.readline(LONGEST_HEAD))
            while block := unpacking.unconsumed_tail or file.read(_BLOCK):
                data = unpacking.decompress(block, _BLOCK)
                unpacked += len(data)
                *lines, rest = (rest + data).split(b"\n")
                yield from lines
                if len(rest) > _LONGEST_LINE or unpacked > _MOST_UNPACKED:
                    raise LessonError("the index of this library unpacks to more than it may hold: not read")
                if unpacking.eof:
                    break
    except zlib.error as error:
        raise LessonError(f"the index of this library is damaged ({error})") from error
    if rest or not unpacking.eof:
        raise LessonError("the index of this library was cut short; have it made again")
