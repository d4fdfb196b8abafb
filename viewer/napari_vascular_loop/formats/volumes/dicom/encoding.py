"""How the images of a DICOM file are encoded, as far as that is usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.formats.volumes.dicom.file import DicomFile

_TYPES = {
    (bits, sign): np.dtype(f"{letter}{bits // 8}") for bits in (8, 16, 32) for sign, letter in enumerate(("u", "i"))
}
_NUMBERS = ("Rows", "Columns", "BitsAllocated", "BitsStored", "PixelRepresentation", "SamplesPerPixel")


@dataclass(frozen=True, slots=True)
class PixelEncoding:
    """Images of one sample per pixel.

    Parameters
    ----------
    rows, columns : int
        Of each image.
    frames : int
        How many images there are.
    dtype : numpy.dtype
        Of the decoded numbers, in this machine's byte order.
    bits_stored : int
        How many bits of a number count; the others are no part of it.
    photometric : str
        MONOCHROME1 or MONOCHROME2.
    """

    rows: int
    columns: int
    frames: int
    dtype: np.dtype[Any]
    bits_stored: int
    photometric: str

    @property
    def bits_allocated(self) -> int:
        """Bits that a number takes."""
        return self.dtype.itemsize * 8

    @property
    def is_signed(self) -> bool:
        """Whether numbers may be negative."""
        return self.dtype.kind == "i"

    @property
    def frame_bytes(self) -> int:
        """Length of one decoded image."""
        return self.rows * self.columns * self.dtype.itemsize

    @property
    def has_unused_bits(self) -> bool:
        """Whether numbers take more bits than count."""
        return self.bits_stored < self.bits_allocated


def encoding_of(file: DicomFile) -> PixelEncoding | None:
    """Say how the images of a file are encoded; None where that is unusual, and only pydicom knows."""
    get = file.get
    numbers = [get(keyword) for keyword in _NUMBERS]
    numbers.append(get("NumberOfFrames", 1))
    if not all(type(number) is int for number in numbers):
        return None
    rows, columns, allocated, stored, sign, samples, frames = numbers
    photometric = get("PhotometricInterpretation")
    if (
        (allocated, sign) not in _TYPES
        or samples != 1
        or photometric not in ("MONOCHROME1", "MONOCHROME2")
        or not (0 < rows < 1 << 16 and 0 < columns < 1 << 16 and 0 < stored <= allocated and frames > 0)
    ):
        return None
    return PixelEncoding(rows, columns, frames, _TYPES[allocated, sign], stored, photometric)


def sign_extend(pixels: npt.NDArray[Any], bits: int) -> None:
    """Drop all but the lowest bits of numbers, in place; where they are signed the uppermost of these is the sign.

    PS3.5 section 8.1.1: what is in the other bits is not said. pydicom shifts up and down, to the same end.
    """
    unused = pixels.dtype.itemsize * 8 - bits
    if unused <= 0:
        return
    if pixels.dtype.kind == "u":
        np.bitwise_and(pixels, pixels.dtype.type((1 << bits) - 1), out=pixels)
    else:
        np.left_shift(pixels, unused, out=pixels)
        np.right_shift(pixels, unused, out=pixels)
