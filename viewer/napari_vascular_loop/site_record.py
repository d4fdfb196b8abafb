"""What a site was made of, kept in it: by this only those pages are made anew whose lessons have changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from napari_vascular_loop.domain.errors import LessonError, PageError
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.formats.small_file import read_small

if TYPE_CHECKING:
    from pathlib import Path

RECORD = "site.json"
LESSONS = "lessons"
"""Folder of the pages."""

_MOST_BYTES = 200_000_000
_TYPE, _VERSION = "VascularLoopSite", 1
_PAGE = re.compile(rf"{LESSONS}/[\w-]+\.html")


class Page(msgspec.Struct, frozen=True):
    """A page that is there, and what it was made of.

    Parameters
    ----------
    file : str
        Below the site's folder.
    fingerprint : str
        Of the lesson, and of the program that made it; "" where it is to be made anew.
    size : int
        In bytes.
    """

    file: str
    fingerprint: str
    size: int


class Record(msgspec.Struct):
    """Pages by their lessons' paths below the library's folder; nothing of the computer that made them is in it."""

    type: str = _TYPE
    version: int = _VERSION
    pages: dict[str, Page] = msgspec.field(default_factory=dict)


def read_record(out: Path) -> Record:
    """Read what is known of a site; of a folder in which there is none, that it is empty.

    Raises
    ------
    PageError
        If it holds other files: they might be overwritten.
    """
    path = out / RECORD
    try:
        if out.exists() and not out.is_dir():
            raise PageError(f"{str(out)!r} is a file; name a folder for the site")
        if not path.exists():
            if out.is_dir() and next(out.iterdir(), None) is not None:
                raise PageError(f"{str(out)!r} holds other files, which are left alone; name a new or an empty folder")
            return Record()
        record = msgspec.json.decode(read_small(path, RECORD, _MOST_BYTES), type=Record)
        if record.type != _TYPE or record.version != _VERSION:
            raise PageError(f"{str(path)!r} is not of a site that this program makes; name a new or an empty folder")
        inside = {name: page for name, page in record.pages.items() if _PAGE.fullmatch(page.file)}
        return Record(pages=inside)
    except OSError as error:
        raise PageError(f"{str(out)!r} can't be read ({error.strerror or error})") from error
    except (msgspec.MsgspecError, LessonError, UnicodeDecodeError, RecursionError) as error:
        raise PageError(
            f"{str(path)!r} is damaged ({error}); delete it and what else is in the folder, and make the site anew"
        ) from error


def keep_record(out: Path, record: Record) -> None:
    """Write it, whole or not at all.

    Raises
    ------
    OSError
        If it can't be written.
    """
    write_bytes(out / RECORD, msgspec.json.encode(record))
