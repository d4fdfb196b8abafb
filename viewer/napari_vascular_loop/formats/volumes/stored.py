"""Voxels as they lie in a file: where they begin, how they are packed, and how they get into memory.

What all formats of one array share is here, so that the bound on memory, the memory map, the unpacking and the
order of bytes are right once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.domain.volume import Volume, VolumeHeader
from napari_vascular_loop.formats.volumes import inflate
from napari_vascular_loop.formats.volumes.damage import while_reading
from napari_vascular_loop.formats.volumes.found import FoundVolume, Progress
from napari_vascular_loop.formats.volumes.written_numbers import read_written

if TYPE_CHECKING:
    from pathlib import Path

_MAY_BE_CUT = "its end does not agree with its header: it may be cut short"

_LONGEST_HEADER = 1 << 20


@dataclass(frozen=True)
class StoredArray:
    """Numbers in a file, the first index running fastest.

    Parameters
    ----------
    path : Path
        The file.
    shape : tuple of int
        Fastest first; three axes at least.
    dtype : numpy dtype
        With the byte order of the file.
    offset : int
        Bytes before the first number, counted after unpacking.
    packing : str
        "", "gzip", "zlib" or "bzip2"; "text" where the numbers are written out in figures.
    start : int
        Bytes of the file before the packed stream.

    Raises
    ------
    VolumeReadError
        If the file can't hold as many numbers; no memory has been taken then.
    """

    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int = 0
    packing: str = ""
    start: int = 0

    def __post_init__(self) -> None:
        if self.dtype.kind not in "iufb":
            what = "colour" if self.dtype.names is not None else f"{self.dtype.name} numbers"
            raise VolumeReadError(f"{self.path.name}: it holds {what}, which is not shown as an MR volume")
        if len(self.shape) < 3 or min(self.shape) < 1:
            raise VolumeReadError(f"{self.path.name}: it has shape {shown(self.shape)}, which is no volume")
        size = self.path.stat().st_size
        if self.offset < 0 or self.start < 0:
            raise VolumeReadError(f"{self.path.name}: its header says that the voxels begin before the file")
        if self.offset + self.nbytes > (size - self.start) * inflate.MOST_GROWTH[self.packing]:
            sides = shown(" x ".join(map(str, self.shape)))
            raise VolumeReadError(
                f"{self.path.name}: it is cut short; its header speaks of {sides} voxels "
                f"({shown(self.nbytes, 20)} bytes, from byte {shown(self.offset, 20)} on), the file has {size} bytes"
            )

    @property
    def nbytes(self) -> int:
        """Memory that the numbers take."""
        return math.prod(self.shape) * self.dtype.itemsize

    def end_warnings(self, times: int = 1) -> list[str]:
        """Compare the length that a .gz states at its end with `times` that of the array, without unpacking it."""
        if self.packing != "gzip":
            return []
        # The stated length is that of header and voxels, modulo 4 GiB; a header is seldom longer than 1 MiB.
        rest = (inflate.stated_length(self.path) - self.nbytes * times) % (1 << 32)
        return [] if rest <= _LONGEST_HEADER else [_MAY_BE_CUT]

    def read(self, progress: Progress) -> npt.NDArray[Any]:
        """All numbers, in the machine's byte order: mapped where they are not packed, else in memory, once."""
        if not self.packing:
            return self._native(self._mapped())
        if self.packing == "text":
            count, start = math.prod(self.shape), self.start + self.offset
            return read_written(self.path, start, count, self.dtype, progress).reshape(self.shape, order="F")
        unpacked = inflate.unpack(self.path, self.packing, self.start, self.offset, self.nbytes, progress)
        return self._native(unpacked.view(self.dtype).reshape(self.shape, order="F"))

    def plane(self, axis: int) -> npt.NDArray[Any]:
        """The middle along an axis, and the first along those after it: shape[:axis].

        A packed file is unpacked only as far as that.
        """
        middle = self.shape[axis] // 2
        if not self.packing:
            first_of_rest: tuple[Any, ...] = (..., *(0,) * (len(self.shape) - axis - 1))
            first = self._mapped()[first_of_rest]
            return self._native(np.array(first[..., middle]))
        shape = self.shape[:axis]
        count = math.prod(shape) * self.dtype.itemsize
        unpacked = inflate.unpack_part(self.path, self.packing, self.start, self.offset + middle * count, count)
        return self._native(unpacked.view(self.dtype).reshape(shape, order="F"))

    def _mapped(self) -> npt.NDArray[Any]:
        return np.memmap(self.path, self.dtype, "r", self.offset + self.start, self.shape, order="F")

    def _native(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        if array.dtype.isnative:
            return array
        native = array.dtype.newbyteorder("=")
        if array.flags.writeable:
            return array.byteswap(inplace=True).view(native)
        return np.asarray(array).astype(native, order="F")


@dataclass(frozen=True)
class StoredVolumes:
    """A stored array that holds a volume, or several of the same grid.

    Parameters
    ----------
    array : StoredArray
        Three axes of space, and at most one more.
    list_axis : int, optional
        The one along which time points, or the like, follow each other.
    """

    array: StoredArray
    list_axis: int | None = None

    def __post_init__(self) -> None:
        if len(self.array.shape) != (3 if self.list_axis is None else 4):
            raise VolumeReadError(f"{self.array.path.name}: it has shape {shown(self.array.shape)}, which is no volume")

    @property
    def grid_shape(self) -> tuple[int, int, int]:
        """Voxels along i, j, k."""
        i, j, k = (n for axis, n in enumerate(self.array.shape) if axis != self.list_axis)
        return (i, j, k)

    @property
    def count(self) -> int:
        """How many volumes there are."""
        return 1 if self.list_axis is None else self.array.shape[self.list_axis]

    def found(self, header: VolumeHeader) -> FoundVolume:
        """Offer the volume for reading."""
        in_parts = self.array.packing not in ("zlib", "text")
        return FoundVolume(header, partial(self._read, header), self._middle if in_parts else None)

    def _read(self, header: VolumeHeader, progress: Progress) -> Volume:
        with while_reading(self.array.path):
            stored = self.array.read(progress)
        progress(1.0)
        series = None if self.list_axis is None else np.moveaxis(stored, self.list_axis, -1)
        voxels = stored if series is None else series[..., 0]
        # Its checksum was right, and nothing was missing.
        warnings = tuple(one for one in header.provenance.warnings if one != _MAY_BE_CUT)
        provenance = replace(header.provenance, warnings=warnings)
        return Volume(voxels, header.grid.voxel_to_ras, provenance, header.rescale, series)

    def _middle(self) -> npt.NDArray[Any]:
        k_axis = [axis for axis in range(len(self.array.shape)) if axis != self.list_axis][2]
        with while_reading(self.array.path):
            plane = self.array.plane(k_axis)
        return plane if plane.ndim == 2 else np.take(plane, 0, axis=self.list_axis or 0)


def several_warnings(count: int) -> list[str]:
    """What to say where only one of several volumes is on the screen at first."""
    return [f"it holds {count} volumes (time points or the like); marks bind to the first"] if count > 1 else []
