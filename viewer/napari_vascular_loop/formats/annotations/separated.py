"""Rows of separated values, as spreadsheets and Slicer write them, and the numbers in them."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 256 * 1024 * 1024
_MOST_ROWS = 1_000_000
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,4})?")
_LONGEST_NUMBER = 400


def text_of(data: bytes, name: str) -> str:
    """Decode a file of text: UTF-8, or UTF-16 with its mark, as Excel's "Unicode text".

    Raises
    ------
    LessonError
        If it is in another encoding, or too large.
    """
    if len(data) > MAX_BYTES:
        raise LessonError(f"{name}: {len(data)} bytes is more than a file of marks may hold ({MAX_BYTES})")
    utf_16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        return data.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise LessonError(
            f"{name}: it is not UTF-8 text (byte {error.start}); in Excel, save it as 'CSV UTF-8'"
        ) from error


def rows(text: str, delimiter: str, name: str, lines_before: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Give every row that is not empty, with the line on which it starts, from 1.

    Parameters
    ----------
    text : str
        The rows, with any line ends.
    delimiter : str
        One character.
    name : str
        What the errors call the file.
    lines_before : int
        How many lines of the file stand before `text`.

    Raises
    ------
    LessonError
        If a quote is not closed as it should be, or there are more rows than marks can have vertices.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    count = 0
    while True:
        line = lines_before + reader.line_num + 1
        try:
            with _long_cells():
                cells = next(reader, None)
        except csv.Error as error:
            raise LessonError(f"{name}: line {line} is no row of separated values ({error})") from error
        if cells is None:
            return
        if any(cells):
            count += 1
            if count > _MOST_ROWS:
                raise LessonError(f"{name}: it has more than {_MOST_ROWS} rows; split it")
            yield line, cells


def written_number(text: str, where: str) -> float:
    """Read a number with a decimal point or comma.

    Raises
    ------
    LessonError
        If it is none; `where` says which.
    """
    bare = text.strip().replace("\N{MINUS SIGN}", "-")
    if len(bare) > _LONGEST_NUMBER or not _NUMBER.fullmatch(bare) or not bare.isascii():
        raise LessonError(f"{where} should be a number in mm, got {shown(text)!r}")
    return float(bare.replace(",", "."))


@contextlib.contextmanager
def _long_cells() -> Iterator[None]:
    """Let a note be longer than the csv module's 128 KiB, which is one setting for the whole program."""
    before = csv.field_size_limit(MAX_BYTES)
    try:
        yield
    finally:
        csv.field_size_limit(before)
