"""The array of a volume while it is being filled, slice by slice."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.errors import VolumeReadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame


class Planes:
    """Slices one after the other, each of (rows, columns).

    Parameters
    ----------
    first : DicomFrame
        All slices are of its size.
    indices : sequence of int
        The slices that will be filled; the others are black.
    count : int
        How many slices there are.
    types : iterable of numpy.dtype
        Of the numbers that will come, where they are known beforehand; the array takes them all.
    rescales : bool
        Whether the slope and intercept of each frame are applied; the array is then float32.
    """

    def __init__(
        self,
        first: DicomFrame,
        indices: Sequence[int],
        count: int,
        types: Iterable[np.dtype[Any]],
        rescales: bool = False,
    ) -> None:
        self._shape = count, first.rows, first.columns
        self._rescales = rescales
        self._black = sorted(set(range(count)) - set(indices))
        self._array: npt.NDArray[Any] | None = None
        types = [np.dtype(np.float32)] if rescales else list(types)
        if types:
            self._allocate(np.result_type(*types))

    def array(self) -> npt.NDArray[Any]:
        """All slices, shape (slices, rows, columns)."""
        assert self._array is not None
        return self._array

    def blacken(self) -> None:
        """Give the slices that no image fills the lowest number of the others; of numbers without a sign it is 0."""
        if self._black and self.array().dtype.kind != "u":
            array = self.array()
            filled = sorted(set(range(self._shape[0])) - set(self._black))
            array[self._black] = min(array[index].min() for index in filled) if filled else 0

    def direct(self, start: int, count: int, dtype: np.dtype[Any]) -> npt.NDArray[Any] | None:
        """Slices to be filled as they are with numbers of a type, shape (count, rows, columns).

        None where the array is of another type, and `put` should be used.
        """
        if self._array is None or self._rescales or self._array.dtype != dtype:
            return None
        return self._array[start : start + count]

    def put(self, index: int, frame: DicomFrame, image: npt.NDArray[Any]) -> None:
        """Fill a slice from the image of a frame, or from its tile of that.

        Raises
        ------
        VolumeReadError
            If the image is of another size; the message is the reason, without the file's name.
        """
        if frame.tile is not None:
            row, column = frame.tile
            image = image[row : row + frame.rows, column : column + frame.columns]
        if image.shape != self._shape[1:]:
            raise VolumeReadError(f"they have shape {image.shape}, its header says {self._shape[1:]}")
        native = image.dtype.newbyteorder("=")
        if self._array is None:
            self._allocate(native)
        elif not self._rescales and np.result_type(native, self._array.dtype) != self._array.dtype:
            self._array = self._array.astype(np.result_type(native, self._array.dtype))
        plane = self.array()[index]
        if not self._rescales:
            plane[...] = image
        elif native.itemsize <= 2:
            np.multiply(image, np.float32(frame.slope), out=plane, dtype=np.float32)
            plane += np.float32(frame.intercept)
        else:
            plane[...] = image * float(frame.slope) + float(frame.intercept)

    def _allocate(self, dtype: np.dtype[Any]) -> None:
        try:
            self._array = np.empty(self._shape, dtype)
        except (MemoryError, ValueError) as error:
            size = math.prod(self._shape) * dtype.itemsize / (1 << 30)
            raise VolumeReadError(f"its voxels need {size:.1f} GiB of memory, more than there is") from error
        self._array[self._black] = 0
