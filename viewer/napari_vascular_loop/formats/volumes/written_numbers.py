"""Voxels that are written out in figures, as NRRD and MetaImage allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.formats.volumes.found import Progress

_AT_ONCE = 1 << 18
_LONGEST_NUMBER = 64


def read_written(
    path: Path, start: int, count: int, dtype: np.dtype[Any], progress: Progress
) -> npt.NDArray[np.generic]:
    """Read numbers that blanks, line ends or commas part.

    Parameters
    ----------
    path : Path
        The file.
    start : int
        Bytes before the first number.
    count : int
        How many numbers there have to be; what follows them is left alone.
    dtype : numpy dtype
        In which they are kept; a whole number has to be written as one.
    progress : callable
        Told how much is done; may raise ReadCancelledError.

    Returns
    -------
    array of shape (count,)

    Raises
    ------
    ValueError, OverflowError
        If something is no number, or none that fits the type.
    EOFError
        If there are too few.
    """
    out = np.empty(count, dtype.newbyteorder("="))
    done = 0
    with path.open("rb") as file:
        file.seek(start)
        rest = b""
        while done < count:
            block = file.read(_AT_ONCE)
            words = (rest + block).replace(b",", b" ").split()
            # The last one may go on in the next block.
            rest = words.pop() if words and block and not block[-1:].isspace() else b""
            if max(map(len, (*words, rest))) > _LONGEST_NUMBER:
                raise ValueError("what stands there is no number")
            some = np.array(words[: count - done], dtype="S").astype(out.dtype)
            out[done : done + some.size] = some
            done += some.size
            progress(done / count)
            if not block and done < count:
                raise EOFError("the numbers end before the voxels do")
    return out
