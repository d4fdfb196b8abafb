"""Where the indexes of libraries are kept on this computer, and which libraries were opened last."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import platformdirs

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.formats.small_file import read_small
from napari_vascular_loop.library.published import INDEX_FILE

LIBRARIES_VARIABLE = "VASCULAR_LOOP_LIBRARIES"
_LAST = "last.json"
_MOST_LAST = 8
_MOST_BYTES = 100_000


def libraries_folder() -> Path:
    """Where indexes are kept: in the user's cache, or where the environment says."""
    chosen = os.environ.get(LIBRARIES_VARIABLE)
    return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("napari-vascular-loop") / "libraries"


def is_address(said: str) -> bool:
    """Whether a library is named by an address, not by a folder."""
    return said.lower().startswith(("http://", "https://"))


def index_address(said: str) -> str:
    """The address of the index, where a user may have given that of its folder.

    Raises
    ------
    LessonError
        If it is none.

    Examples
    --------
    >>> index_address("https://example.org/lessons")
    'https://example.org/lessons/library.vlibrary'
    """
    parts = urlsplit(said.strip())
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        raise LessonError(f"{said!r} is no address of a library; it begins with https://")
    path = parts.path if parts.path.endswith(".vlibrary") else f"{parts.path.rstrip('/')}/{INDEX_FILE}"
    return parts._replace(path=path, fragment="").geturl()


def place_of(said: str) -> Path:
    """The folder in which what is known of a library is kept."""
    known_as = index_address(said) if is_address(said) else os.path.normcase(Path(said).expanduser().resolve())
    return libraries_folder() / hashlib.sha256(known_as.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def last_libraries() -> list[str]:
    """Folders and addresses that were opened last, the latest first."""
    with contextlib.suppress(OSError, LessonError, msgspec.MsgspecError, RecursionError):
        return msgspec.json.decode(read_small(libraries_folder() / _LAST, _LAST, _MOST_BYTES), type=list[str])[
            :_MOST_LAST
        ]
    return []


def remember(said: str) -> None:
    """Note that a library was opened; that it can't be noted is no loss."""
    last = [said, *(one for one in last_libraries() if one != said)][:_MOST_LAST]
    with contextlib.suppress(OSError, UnicodeEncodeError):
        libraries_folder().mkdir(parents=True, exist_ok=True)
        write_bytes(libraries_folder() / _LAST, msgspec.json.encode(last))
