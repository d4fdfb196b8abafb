"""DICOM images in every transfer syntax, compressed ones wrapped in every way; and what pydicom makes of them."""

from __future__ import annotations

import struct
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
import pydicom
from conftest import affine_of
from dicom_series import save, series
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.pixels.encoders import (
    JPEG2000Encoder,
    JPEG2000LosslessEncoder,
    JPEGLSLosslessEncoder,
    JPEGLSNearLosslessEncoder,
    RLELosslessEncoder,
)
from pydicom.uid import (
    JPEG2000,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pydicom.dataset import Dataset

AXIAL = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3))

PLAIN = {
    "implicit": ImplicitVRLittleEndian,
    "explicit": ExplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
}
COMPRESSED = {
    "RLE": RLELossless,
    "JPEG baseline": JPEGBaseline8Bit,
    "JPEG extended": JPEGExtended12Bit,
    "JPEG lossless": JPEGLossless,
    "JPEG lossless SV1": JPEGLosslessSV1,
    "JPEG-LS": JPEGLSLossless,
    "JPEG-LS near": JPEGLSNearLossless,
    "JPEG 2000 lossless": JPEG2000Lossless,
    "JPEG 2000": JPEG2000,
}
LOSSY = ("JPEG baseline", "JPEG extended", "JPEG-LS near", "JPEG 2000")

_PYDICOM_ENCODERS: dict[str, tuple[Any, dict[str, Any]]] = {
    RLELossless: (RLELosslessEncoder, {"encoding_plugin": "pylibjpeg"}),
    JPEGLSLossless: (JPEGLSLosslessEncoder, {}),
    JPEGLSNearLossless: (JPEGLSNearLosslessEncoder, {"jls_error": 3}),
    JPEG2000Lossless: (JPEG2000LosslessEncoder, {}),
    JPEG2000: (JPEG2000Encoder, {"j2k_cr": [8, 4]}),
}
_JPEG_OPTIONS: dict[str, dict[str, Any]] = {
    JPEGBaseline8Bit: {"level": 90},
    JPEGExtended12Bit: {"level": 90},
    JPEGLossless: {"lossless": True, "predictor": 4},
    JPEGLosslessSV1: {"lossless": True, "predictor": 1},
}


@dataclass(frozen=True)
class Kind:
    """Of numbers: their type, and how many bits of it count."""

    dtype: str
    bits: int

    @property
    def is_signed(self) -> bool:
        return self.dtype.startswith("i")

    def voxels(self, shape: tuple[int, int, int] = (23, 17, 5)) -> np.ndarray:
        """Numbers over the whole range, neither smooth nor mere noise; no two rows, columns or slices are alike."""
        low, high = (-(1 << self.bits - 1), (1 << self.bits - 1) - 1) if self.is_signed else (0, (1 << self.bits) - 1)
        i, j, k = np.ogrid[: shape[0], : shape[1], : shape[2]]
        wave = np.sin(i / 3 + k) * np.cos(j / 5 - k / 2) * 0.8 + np.random.default_rng(5).uniform(-0.05, 0.05, shape)
        voxels = low + (high - low) * (0.5 + 0.5 * wave) + 3 * k
        voxels = voxels.clip(low, high).astype(self.dtype)
        voxels[0, 0, 0], voxels[-1, 0, 0], voxels[0, -1, 0] = low, high, high
        return voxels


def encoded_image(pixels: np.ndarray, syntax: str, bits: int) -> bytes:
    """One image, pixels[row, column], compressed."""
    if syntax in _JPEG_OPTIONS:
        # JPEG knows no sign: the bits are stored as they are.
        stored = np.ascontiguousarray(pixels).view(f"u{pixels.itemsize}") & ((1 << bits) - 1)
        return bytes(imagecodecs.jpeg8_encode(stored, bitspersample=bits, **_JPEG_OPTIONS[syntax]))
    encoder, options = _PYDICOM_ENCODERS[syntax]
    return bytes(
        encoder.encode(
            np.ascontiguousarray(pixels),
            rows=pixels.shape[0],
            columns=pixels.shape[1],
            samples_per_pixel=1,
            number_of_frames=1,
            bits_allocated=pixels.itemsize * 8,
            bits_stored=bits,
            pixel_representation=int(pixels.dtype.kind == "i"),
            photometric_interpretation="MONOCHROME2",
            **options,
        )
    )


def write_encoded(
    folder: Path,
    voxels: np.ndarray,
    syntax: str,
    bits: int,
    wrap: Callable[[bytes], bytes] = lambda image: encapsulate([image]),
    **values: Any,
) -> list[Path]:
    """A series of voxels[column, row, slice], a file a slice, in any transfer syntax."""
    paths = []
    for k, dataset in enumerate(series(voxels, AXIAL, **{"BitsStored": bits, "HighBit": bits - 1, **values})):
        set_pixels(dataset, voxels[:, :, k].T, syntax, bits, wrap)
        paths.append(save(dataset, folder / f"IM{k:04}"))
    return paths


def set_pixels(
    dataset: Dataset,
    pixels: np.ndarray,
    syntax: str,
    bits: int,
    wrap: Callable[[bytes], bytes] = lambda image: encapsulate([image]),
) -> None:
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    if syntax == ExplicitVRBigEndian:
        pixels = pixels.astype(pixels.dtype.newbyteorder(">"))
    if syntax in COMPRESSED.values():
        dataset.PixelData = wrap(encoded_image(pixels, syntax, bits))
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
    else:
        dataset.PixelData = np.ascontiguousarray(pixels).tobytes()
        dataset["PixelData"].VR = "OW" if syntax == ImplicitVRLittleEndian or pixels.itemsize > 1 else "OB"


def with_pydicom(*paths: Path) -> np.ndarray:
    """What pydicom alone makes of files, in this order: array[column, row, slice]."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        images = [pydicom.dcmread(path).pixel_array for path in paths]
    return np.concatenate([one if one.ndim == 3 else one[None] for one in images]).T


# ------------------------------------------------------------------ compressed images in Pixel Data


def items(images: Sequence[Sequence[bytes]], table: bytes | None = b"") -> bytes:
    """Encapsulated Pixel Data of images, each in fragments; with a Basic Offset Table, or the right one for None."""
    fragments = [[part + bytes(len(part) % 2) for part in image] for image in images]
    starts = np.cumsum([0, *(sum(8 + len(part) for part in image) for image in fragments)])[:-1]
    if table is None:
        table = struct.pack(f"<{len(starts)}I", *starts)
    return (
        b"".join(map(_item, [table, *(part for image in fragments for part in image)])) + b"\xfe\xff\xdd\xe0" + bytes(4)
    )


def _item(value: bytes) -> bytes:
    return b"\xfe\xff\x00\xe0" + struct.pack("<I", len(value)) + value


def cut(image: bytes, count: int) -> list[bytes]:
    """An image in several fragments of even length."""
    step = -(-len(image) // count)
    step += step % 2
    return [image[start : start + step] for start in range(0, len(image), step)]


def put_frames(dataset: Dataset, data: bytes, syntax: str) -> None:
    """Give a file of many frames its encapsulated Pixel Data."""
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.PixelData = data
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True


def put_frames_with_extended_offsets(dataset: Dataset, images: Sequence[bytes], syntax: str) -> None:
    data, offsets, lengths = encapsulate_extended(list(images))
    put_frames(dataset, data, syntax)
    dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths = offsets, lengths
