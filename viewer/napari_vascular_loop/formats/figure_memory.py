"""What a figure's file remembers of its lesson: read from PNG, TIFF, SVG and PDF, which anyone may have written."""

from __future__ import annotations

import html
import re
import zlib
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.domain.figure_memory import KIND, FigureMemory

if TYPE_CHECKING:
    from pathlib import Path

ENDINGS = (".png", ".tif", ".tiff", ".svg", ".pdf")
KEY = "napari-vascular-loop"
_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_BYTES = 200_000_000
_MOST_TEXT = 200_000
_KIND = re.compile(rb'"kind": ?"' + KIND.encode() + rb'"')
_SVG_MEMORY = re.compile(rb"memory=(\"[^\"<]{0,200000}\"|'[^'<]{0,200000}')")
_PDF_MEMORY = re.compile(rb"<vl:memory>([^<]{0,200000})</vl:memory>")
_TIFF_MEMORY = re.compile(rb"\n(\{\"[^\x00\n]{0,100000}\})")


def figure_memory(path: Path) -> FigureMemory | None:
    """Read what a figure remembers.

    Parameters
    ----------
    path : Path
        Of a picture.

    Returns
    -------
    FigureMemory or None
        None of a picture that was not made by this program, or can't be read.

    Raises
    ------
    FigureError
        If it was, and its memory is damaged.
    """
    if path.suffix.lower() not in ENDINGS:
        return None
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    text = _text_of(data)
    return None if text is None else FigureMemory.from_json(text)


def is_figure(path: Path) -> bool:
    """Whether a picture was made by this program and remembers its lesson; one whose memory is damaged did, too."""
    try:
        return figure_memory(path) is not None
    except FigureError:
        return True


def _text_of(data: bytes) -> str | None:
    if data.startswith(_PNG):
        return _png_text(data)
    if data[:4] in (b"II*\0", b"MM\0*"):
        return next((one.decode("utf-8", "replace") for one in _TIFF_MEMORY.findall(data) if _KIND.search(one)), None)
    if data.startswith(b"%PDF-"):
        found = _PDF_MEMORY.search(data)
    elif b"<svg" in data[:2000]:
        found = _SVG_MEMORY.search(data)
    else:
        return None
    if found is None:
        return None
    text = html.unescape(found.group(1).decode("utf-8", "replace"))
    return text if data.startswith(b"%PDF-") else text[1:-1]


def _png_text(data: bytes) -> str | None:
    """The international text of a PNG under this program's name."""
    at = len(_PNG)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind == b"iTXt" and body.startswith(KEY.encode() + b"\0"):
            parts = body[len(KEY) + 3 :].split(b"\0", 2)
            if len(parts) == 3:
                return _unpacked(parts[2]) if body[len(KEY) + 1] else parts[2].decode("utf-8", "replace")
        if kind == b"IEND":
            break
        at += 12 + length
    return None


def _unpacked(data: bytes) -> str:
    try:
        return zlib.decompressobj().decompress(data, _MOST_TEXT).decode("utf-8", "replace")
    except zlib.error as error:
        raise FigureError("the figure's memory is damaged: it can't be unpacked") from error
