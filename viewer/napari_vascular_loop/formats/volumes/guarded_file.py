"""Files that speak of their own lengths, and are not believed."""

from __future__ import annotations

import io
import os

from napari_vascular_loop.domain.errors import VolumeReadError

_PLAUSIBLE_READ = 1 << 16
"""No read at once of more than this goes by what a file says."""

MOST_READS = 400_000
"""Libraries in Python take some ten microseconds for each element of a header, and two or three reads: beyond this
they would be at it for more than a few seconds, and no scan needs as many."""

_ITEM_COUNTS = 3
"""An item of a DICOM sequence costs as much as so many elements."""

_ITEMS = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")


class _Unpacked(io.BytesIO):
    """Bytes in memory. pydicom asks a reader for the name of its file."""

    name = ""


class GuardedFile(io.BufferedReader):
    """A file of which no more is asked than it holds: a read of 2 GB would take the memory before it comes to its end.

    Nor is it read in a million pieces, as a header of nothing but tiny elements would be.

    Parameters
    ----------
    source : Path or bytes
        The file, or what it was unpacked to.
    """

    def __init__(self, source: os.PathLike[str] | bytes) -> None:
        super().__init__(_Unpacked(source) if isinstance(source, bytes) else io.FileIO(source))
        self._size = len(source) if isinstance(source, bytes) else os.fstat(self.fileno()).st_size
        self._reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read so many bytes, or what is left; never "all that there is", which no header needs.

        Raises
        ------
        ValueError
            If no size is given.
        VolumeReadError
            If there have been too many reads; the message is the reason, without the file's name.
        """
        if size is None or size < 0:
            raise ValueError("a file whose header asks for all of it at once")
        self._reads += 1
        if self._reads > MOST_READS:
            raise VolumeReadError(f"its header is in more than {MOST_READS // 2} pieces, as no scan's is")
        if size > _PLAUSIBLE_READ:
            size = min(size, max(0, self._size - self.tell()))
        data = super().read(size)
        if size == 8 and data.startswith(_ITEMS):
            self._reads += _ITEM_COUNTS - 1
        return data
