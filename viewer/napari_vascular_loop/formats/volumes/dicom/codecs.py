"""Compressed images decoded (PS3.5 section 8.2).

Decoded with imagecodecs, outside of Python's lock; pydicom and its plugins are asked in any doubt. No decoder sees
an image whose own header speaks of another size than the file's.
"""

from __future__ import annotations

import itertools
import struct
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    UID,
    JPEGLossless,
    JPEGLosslessSV1,
    RLELossless,
)

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.codestream import (
    JPEG,
    JPEG_2000,
    JPEG_LS,
    LOSSLESS_FRAME,
    ImageHeader,
    check_header,
)
from napari_vascular_loop.formats.volumes.dicom.encoding import PixelEncoding, sign_extend
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE
from napari_vascular_loop.formats.volumes.dicom.refusal import kind_name

if TYPE_CHECKING:
    import numpy.typing as npt

_JPEG_LOSSLESS = frozenset((JPEGLossless, JPEGLosslessSV1))


def decode(data: bytes, syntax: str, encoding: PixelEncoding, out: npt.NDArray[Any]) -> bool:
    """Decode an image with imagecodecs.

    Parameters
    ----------
    data : bytes
        The compressed image.
    syntax : str
        UID of the transfer syntax.
    encoding : PixelEncoding
        What the file says of its images.
    out : array of shape (rows, columns)
        Is filled; in one piece, of the type of `encoding`.

    Returns
    -------
    bool
        False where pydicom should be asked; `out` may hold anything then.

    Raises
    ------
    VolumeReadError
        If the image is of another size than it should be, or breaks off; the message is the reason, without the
        file's name.
    """
    header = check_header(data, syntax, encoding.rows, encoding.columns)
    try:
        if syntax == RLELossless:
            return _decode_rle(data, encoding, out)
        if header is None or header.samples != 1 or not 1 < header.precision <= 16:
            return False
        if syntax in JPEG_LS:
            return _decode_jpeg_ls(data, header, out)
        if syntax in JPEG_2000:
            return _decode_jpeg_2000(data, header, out)
        # Decoders differ in the last digit of JPEG with losses: there pydicom's are the measure.
        if syntax in _JPEG_LOSSLESS and header.frame_marker == LOSSLESS_FRAME:
            return _decode_jpeg(data, header, encoding, out)
    except (ImportError, RuntimeError, ValueError, TypeError):
        # imagecodecs' errors are of the second kind.
        return False
    return False


def _decode_rle(data: bytes, encoding: PixelEncoding, out: npt.NDArray[Any]) -> bool:
    """Decode run lengths (PS3.5 annex G): one segment for each byte of a number, the highest first."""
    from imagecodecs import packbits_decode

    size = out.itemsize
    if len(data) < 64:
        return False
    count, *starts = struct.unpack_from("<16I", data)
    bounds = [*starts[:size], len(data)]
    if count != size or starts[0] != 64 or any(b <= a for a, b in itertools.pairwise(bounds)):
        return False
    into = out.reshape(-1).view(np.uint8).reshape(-1, size)
    for number in range(size):
        segment = packbits_decode(data[bounds[number] : bounds[number + 1]])
        if len(segment) < out.size:
            return False
        byte = size - 1 - number if sys.byteorder == "little" else number
        into[:, byte] = np.frombuffer(segment, np.uint8, out.size)
    sign_extend(out, encoding.bits_stored)
    return True


def _decode_jpeg_ls(data: bytes, header: ImageHeader, out: npt.NDArray[Any]) -> bool:
    from imagecodecs import jpegls_decode

    if not _fits(header, out):
        return False
    _take(jpegls_decode, data, out, "u", header)
    # An image can't say that its numbers are signed; where they are not they fill no unused bits.
    if out.dtype.kind == "i":
        sign_extend(out, header.precision)
    return True


def _decode_jpeg_2000(data: bytes, header: ImageHeader, out: npt.NDArray[Any]) -> bool:
    from imagecodecs import jpeg2k_decode

    if not _fits(header, out):
        return False
    _take(jpeg2k_decode, data, out, "i" if header.is_signed else "u", header)
    if header.is_signed != (out.dtype.kind == "i"):
        sign_extend(out, header.precision)
    return True


def _decode_jpeg(data: bytes, header: ImageHeader, encoding: PixelEncoding, out: npt.NDArray[Any]) -> bool:
    from imagecodecs import jpeg8_decode

    if _container(header) != out.itemsize:
        return False
    _take(jpeg8_decode, data, out, "u", header)
    sign_extend(out, encoding.bits_stored)
    return True


def _container(header: ImageHeader) -> int:
    """Bytes in which a decoder gives a number."""
    return 1 if header.precision <= 8 else 2


def _fits(header: ImageHeader, out: npt.NDArray[Any]) -> bool:
    return _container(header) <= out.itemsize


def _take(decoder: Any, data: bytes, out: npt.NDArray[Any], kind: str, header: ImageHeader) -> None:
    """Decode straight into an array; through another one where the numbers are narrower than it."""
    container = np.dtype(f"{kind}{_container(header)}")
    if container.itemsize == out.itemsize:
        decoder(data, out=out.view(container))
        return
    pixels = decoder(data)
    if pixels.dtype != container or pixels.shape != out.shape:
        raise ValueError(f"an image of shape {pixels.shape} and type {pixels.dtype}")
    out[...] = pixels.view(f"{out.dtype.kind}{container.itemsize}")


def decode_with_pydicom(data: bytes, syntax: str, encoding: PixelEncoding) -> npt.NDArray[Any]:
    """Decode an image with pydicom's plugins; their warnings are the caller's.

    Raises
    ------
    VolumeReadError
        If it is damaged or there is no decoder; the message is the reason, without the file's name.
    """
    header = check_header(data, syntax, encoding.rows, encoding.columns)
    if _only_imagecodecs_can(syntax, header):
        return _decode_lossy_jpeg(data, syntax, encoding)
    decoder = decoder_of(syntax)
    try:
        pixels, _ = decoder.as_array(
            encapsulate([data]),
            index=0,
            decoding_plugin=plugin_of(syntax),
            rows=encoding.rows,
            columns=encoding.columns,
            samples_per_pixel=1,
            number_of_frames=1,
            bits_allocated=encoding.bits_allocated,
            bits_stored=encoding.bits_stored,
            pixel_representation=int(encoding.is_signed),
            photometric_interpretation=encoding.photometric,
            pixel_keyword="PixelData",
        )
    except DAMAGE as error:
        raise VolumeReadError(f"a compressed image is damaged ({UID(syntax).name})") from error
    return np.asarray(pixels)


def _only_imagecodecs_can(syntax: str, header: ImageHeader | None) -> bool:
    """Whether it is JPEG with losses that no installed plugin of pydicom's takes: Pillow takes 8 bits only."""
    if syntax not in JPEG or syntax in _JPEG_LOSSLESS or header is None:
        return False
    plugins = set(get_decoder(UID(syntax)).available_plugins)
    return not plugins or (plugins == {"pillow"} and header.precision > 8)


def _decode_lossy_jpeg(data: bytes, syntax: str, encoding: PixelEncoding) -> npt.NDArray[Any]:
    from imagecodecs import jpeg8_decode

    pixels = np.empty((encoding.rows, encoding.columns), encoding.dtype)
    try:
        jpeg8_decode(data, out=pixels.view(f"u{pixels.itemsize}"))
    except (ImportError, RuntimeError, ValueError, TypeError) as error:
        raise VolumeReadError(f"a compressed image is damaged ({UID(syntax).name})") from error
    sign_extend(pixels, encoding.bits_stored)
    return pixels


def decoder_of(syntax: str) -> Any:
    """Find pydicom's decoder of a transfer syntax.

    Raises
    ------
    VolumeReadError
        If there is none; the message names the syntax and what to install, without the file's name.
    """
    name = kind_name(syntax)
    try:
        decoder = get_decoder(UID(syntax))
    except NotImplementedError as error:
        raise VolumeReadError(f"no decoder is known for their encoding, {name}") from error
    if not decoder.is_available:
        raise VolumeReadError(f'no decoder is installed for their encoding, {name}: pip install "pylibjpeg[all]"')
    return decoder


def plugin_of(syntax: str) -> str:
    """Name of the plugin that pydicom should use, or "" for whichever there is."""
    # pylibjpeg-rle panics on damaged data, which no caller can catch as an error.
    return "pydicom" if syntax == RLELossless else ""
