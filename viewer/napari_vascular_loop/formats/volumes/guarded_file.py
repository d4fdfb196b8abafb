"""Files that speak of their own lengths, and are not believed."""

from __future__ import annotations

import io
import os

_PLAUSIBLE_READ = 1 << 16
"""No read at once of more than this goes by what a file says."""


class GuardedFile(io.BufferedReader):
    """A file of which no more is asked than it holds: a read of 2 GB would take the memory before it comes to its end.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: os.PathLike[str]) -> None:
        super().__init__(io.FileIO(path))

    def read(self, size: int | None = -1, /) -> bytes:
        """Read so many bytes, or what is left; never "all that there is", which no header needs.

        Raises
        ------
        ValueError
            If no size is given.
        """
        if size is None or size < 0:
            raise ValueError("a file whose header asks for all of it at once")
        if size > _PLAUSIBLE_READ:
            size = min(size, max(0, os.fstat(self.fileno()).st_size - self.tell()))
        return super().read(size)
