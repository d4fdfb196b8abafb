"""What libraries raise on files that are not what their name says, turned into one sentence."""

from __future__ import annotations

import contextlib
import struct
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import GeometryError, VolumeReadError
from napari_vascular_loop.formats.volumes import inflate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OF_HEADERS = (ValueError, OverflowError, struct.error)


@contextlib.contextmanager
def while_looking(path: Path, kind: str, *more: type[Exception]) -> Iterator[None]:
    """Turn what a header's reader raises into a VolumeReadError that names the file.

    Parameters
    ----------
    path : Path
        The file that is looked at.
    kind : str
        What its name says it is, such as "NIfTI".
    more : exception types
        What the library of this format raises besides the usual.

    Raises
    ------
    VolumeReadError
        If the file is empty, or anything of these is raised.
    """
    expected: tuple[type[Exception], ...] = (*inflate.DAMAGE, *_OF_HEADERS, *more)
    try:
        if path.stat().st_size == 0:
            raise VolumeReadError(f"{path.name}: the file is empty")
        # Numbers that overflow make a matrix that is not finite, which is said where a grid is made of it.
        with np.errstate(all="ignore"):
            yield
    except GeometryError as error:
        raise VolumeReadError(f"{path.name}: {error}") from error
    except PermissionError as error:
        raise VolumeReadError(f"{path.name}: it may not be read by you ({error.strerror})") from error
    except expected as error:
        raise VolumeReadError(f"{path.name}: it is named as {kind} but is not a readable {kind} file") from error
    except MemoryError as error:
        raise VolumeReadError(f"{path.name}: there is not enough memory for its header") from error


@contextlib.contextmanager
def while_reading(path: Path, *more: type[Exception]) -> Iterator[None]:
    """Turn what goes wrong with voxels into a VolumeReadError that names the file; `more` as above."""
    expected: tuple[type[Exception], ...] = (*inflate.DAMAGE, ValueError, OverflowError, *more)
    try:
        yield
    except expected as error:
        raise VolumeReadError(f"{path.name}: it is cut short or damaged; the voxels could not be read") from error
    except MemoryError as error:
        raise VolumeReadError(f"{path.name}: there is not enough memory for its voxels") from error
