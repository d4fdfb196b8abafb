"""Pixels as they are, and nothing beside them: no bits that are no pixels, no comments, nothing behind the end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from napari_vascular_loop.domain.errors import PrivacyError
from napari_vascular_loop.formats.volumes.dicom.codestream import JPEG, JPEG_2000, JPEG_LS
from napari_vascular_loop.privacy.codestream import without_comments

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_NATIVE = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian)
_PHOTOGRAPHED = frozenset(
    re.findall(
        r"\S+",
        """
    US IVUS ES XC GM OP OPT ECG EPS HD OT SC DOC KO SR PR SEG
    """,
    )
)
"""Modalities whose images often have words burned into them, or are none."""
_SCREENS = "1.2.840.10008.5.1.4.1.1.7"
"""Secondary Capture, and what stands below it."""


def why_not_sure(source: Dataset) -> str:
    """Why words may be burned into an image; "" where nothing speaks for it."""
    if str(source.get("BurnedInAnnotation", "")).upper() == "YES":
        return "its header says that words are burned into the image"
    sop_class = str(source.get("SOPClassUID", ""))
    if sop_class == _SCREENS or sop_class.startswith(f"{_SCREENS}."):
        return "it is a picture of a screen or a page (secondary capture)"
    if str(source.get("Modality", "")) in _PHOTOGRAPHED:
        return f"images of modality {source.Modality} often have words burned into them"
    if str(source.get("PhotometricInterpretation", "")).startswith(("RGB", "YBR", "PALETTE")):
        return "it is in colour, as pictures of a screen are"
    return ""


def clean_pixels(source: Dataset, made: Dataset) -> UID:
    """Put the pixels of a data set into the one that is made of it.

    Returns
    -------
    UID
        The transfer syntax in which they are now.

    Raises
    ------
    PrivacyError
        If there are none, or they are in a form that can't be looked into.
    """
    if "FloatPixelData" in source or "DoubleFloatPixelData" in source:
        keyword = "FloatPixelData" if "FloatPixelData" in source else "DoubleFloatPixelData"
        size = _pixels_of(source) * (4 if keyword == "FloatPixelData" else 8)
        setattr(made, keyword, _cut(bytes(source[keyword].value), size))
        return ExplicitVRLittleEndian
    if "PixelData" not in source:
        raise PrivacyError("it holds no image; only images can be de-identified")
    syntax = UID(source.file_meta.TransferSyntaxUID)
    if syntax == RLELossless:
        # Between its segments anything may stand.
        source.decompress(generate_instance_uid=False)
        syntax = UID(source.file_meta.TransferSyntaxUID)
        made.PhotometricInterpretation = source.PhotometricInterpretation
    if syntax in _NATIVE:
        _native(source, made, "<" if syntax != ExplicitVRBigEndian else ">")
        return ExplicitVRLittleEndian
    if str(syntax) in JPEG | JPEG_LS | JPEG_2000:
        count = int(source.get("NumberOfFrames", 1) or 1)
        frames = list(generate_frames(source.PixelData, number_of_frames=count))
        if len(frames) != count:
            raise PrivacyError(f"it says to hold {count} images, and holds {len(frames)}")
        made.PixelData = encapsulate([without_comments(frame) for frame in frames])
        made["PixelData"].VR = "OB"
        made["PixelData"].is_undefined_length = True
        return syntax
    raise PrivacyError(f"its image is stored as {syntax.name}, which can't be looked into")


def _pixels_of(source: Dataset) -> int:
    parts = (source.Rows, source.Columns, source.get("SamplesPerPixel", 1), source.get("NumberOfFrames", 1) or 1)
    return int(np.prod([int(part) for part in parts], dtype=np.int64))


def _cut(data: bytes, size: int) -> bytes:
    if len(data) < size:
        raise PrivacyError(f"its image breaks off: {len(data)} bytes of {size}")
    return data[:size] + b"\0" * (size % 2)


def _native(source: Dataset, made: Dataset, order: str) -> None:
    allocated = int(source.BitsAllocated)
    if allocated not in (8, 16, 32, 64):
        raise PrivacyError(f"its pixels have {allocated} bits, which are not looked into")
    bytes_each = allocated // 8
    subsampled = str(source.get("PhotometricInterpretation", "")) == "YBR_FULL_422"
    if subsampled:
        raise PrivacyError("its pixels are YBR_FULL_422, which are not looked into")
    data = _cut(bytes(source.PixelData), _pixels_of(source) * bytes_each)
    stored, high = int(source.get("BitsStored", allocated)), int(source.get("HighBit", allocated - 1))
    if not 1 <= stored <= allocated or not stored - 1 <= high < allocated:
        raise PrivacyError(f"its header says {stored} bits up to bit {high} of {allocated}")
    # An odd number of bytes was filled up to an even one.
    whole = len(data) - len(data) % bytes_each
    numbers: Any = np.frombuffer(data[:whole], dtype=np.dtype(f"{order}u{bytes_each}"))
    numbers = numbers.astype(f"<u{bytes_each}")
    if stored < allocated:
        numbers = _only_pixels(numbers, stored, high, is_signed=bool(source.get("PixelRepresentation", 0)))
    made.PixelData = numbers.tobytes() + data[whole:]
    made["PixelData"].VR = "OB" if bytes_each == 1 else "OW"


def _only_pixels(numbers: Any, stored: int, high: int, *, is_signed: bool) -> Any:
    """Pixels without what old overlays hide in the bits about them."""
    low = high + 1 - stored
    mask = numbers.dtype.type((1 << stored) - 1)
    kept = (numbers >> numbers.dtype.type(low)) & mask
    if is_signed:
        sign = numbers.dtype.type(1 << (stored - 1))
        beyond = numbers.dtype.type(((1 << (numbers.dtype.itemsize * 8)) - 1) ^ int(mask))
        kept = np.where(kept & sign, kept | beyond, kept)
    return (kept << numbers.dtype.type(low)).astype(numbers.dtype)
