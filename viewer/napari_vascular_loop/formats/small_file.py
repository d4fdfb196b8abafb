"""Files that come with a lesson from anywhere, read without trusting what they are."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonError

if TYPE_CHECKING:
    from pathlib import Path


def read_small(path: Path, name: str, most: int) -> bytes:
    """Read a file whole, if it is one, and not larger than it may be.

    Parameters
    ----------
    path : Path
        Of the file.
    name : str
        For errors.
    most : int
        So many bytes it may have.

    Raises
    ------
    LessonError
        If it is a pipe, a device, a folder, or too large.
    OSError
        If it can't be read.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise LessonError(f"{name} is no file: not opened")
    _check_size(found.st_size, name, most)
    with path.open("rb") as file:
        data = file.read(most + 1)
    _check_size(len(data), name, most)  # it may have grown
    return data


def _check_size(size: int, name: str, most: int) -> None:
    if size > most:
        raise LessonError(f"{name}: {size} bytes is more than it may hold ({most})")
