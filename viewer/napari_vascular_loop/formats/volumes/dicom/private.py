"""What vendors say of diffusion, and of the kind of numbers, in elements of their own.

Element numbers are those of the notes of dcm2niix (https://github.com/rordenlab/dcm2niix, a folder for each vendor).
Each is looked for only where its private creator has reserved the block.
"""

from __future__ import annotations

import math
import re
import struct
from typing import TYPE_CHECKING, Any

from pydicom.multival import MultiValue

from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_B_VALUES = (
    (0x0019, "SIEMENS MR HEADER", 0x0C),
    (0x0043, "GEMS_PARM_01", 0x39),
    (0x2001, "Philips Imaging DD 001", 0x03),
    (0x0065, "Image Private Header", 0x09),
)
_DIRECTIONS = (
    # one element of three numbers, or three elements of one
    (0x0019, "SIEMENS MR HEADER", (0x0E,)),
    (0x0019, "GEMS_ACQU_01", (0xBB, 0xBC, 0xBD)),
    (0x2005, "Philips MR Imaging DD 001", (0xB0, 0xB1, 0xB2)),
    (0x0065, "Image Private Header", (0x37,)),
)
_GE_BIAS = 1_000_000_000
"""GE adds this to some b-values."""

_GE_KINDS = {0: "MAGNITUDE", 1: "PHASE", 2: "REAL", 3: "IMAGINARY"}


@quietly()
def private_values(dataset: Dataset) -> dict[str, Any]:
    """What private elements say, by the keywords of the standard elements that would say the same."""
    values: dict[str, Any] = {}
    for group, creator, number in _B_VALUES:
        numbers = _numbers(dataset, group, creator, number)
        if numbers:
            b_value = numbers[0] % _GE_BIAS if creator.startswith("GEMS") else numbers[0]
            values["DiffusionBValue"] = b_value
            break
    for group, creator, elements in _DIRECTIONS:
        direction = [number for element in elements for number in _numbers(dataset, group, creator, element)]
        if len(direction) == 3 and any(direction):
            values["DiffusionGradientOrientation"] = direction
            break
    if _text(dataset, 0x2001, "Philips Imaging DD 001", 0x04) == "I":
        values["DiffusionDirectionality"] = "ISOTROPIC"
    kind = _numbers(dataset, 0x0043, "GEMS_PARM_01", 0x2F)
    if kind and kind[0] in _GE_KINDS:
        values["ComplexImageComponent"] = _GE_KINDS[int(kind[0])]
    coil = _text(dataset, 0x0051, "SIEMENS MR HEADER", 0x0F)
    if coil:
        values["ReceiveCoilName"] = coil
    return values


@quietly()
def seldom_values(dataset: Dataset) -> dict[str, Any]:
    """What standard elements say that tell images of one place apart in few series only."""
    values: dict[str, Any] = {}
    for keyword in ("FlipAngle", "KVP"):
        try:
            value = float(dataset.get(keyword))
        except DAMAGE:
            continue
        if math.isfinite(value):
            values[keyword] = value
    try:
        kernel = str(dataset.get("ConvolutionKernel", ""))
    except DAMAGE:
        return values
    return {**values, "ConvolutionKernel": kernel} if _NAME.fullmatch(kernel) else values


def _text(dataset: Dataset, group: int, creator: str, element: int) -> str:
    """Text of a private element; none where it is missing, or other than a short name."""
    try:
        value = dataset.private_block(group, creator)[element].value
        text = (value.decode("ascii") if isinstance(value, bytes) else str(value)).strip(" \0")
    except DAMAGE:
        return ""
    return text if _NAME.fullmatch(text) else ""


_NAME = re.compile(r"[A-Za-z0-9:;,_ -]{1,32}")


def _numbers(dataset: Dataset, group: int, creator: str, element: int) -> list[float]:
    """Numbers of a private element, in whatever way they are written; none where it is missing or makes no sense."""
    try:
        found = dataset.private_block(group, creator)[element]
        numbers = _decode(found.value)
    except (struct.error, *DAMAGE):
        return []
    return numbers if all(map(math.isfinite, numbers)) else []


def _decode(value: Any) -> list[float]:
    if isinstance(value, MultiValue | list | tuple):
        return [float(one) for one in value]
    if not isinstance(value, bytes):
        return [] if value is None or str(value).strip() == "" else [float(value)]
    # Where the private dictionary was not known to whoever wrote the file, it is text, doubles or floats.
    try:
        return [float(part) for part in value.strip(b" \0").split(b"\\") if part]
    except ValueError:
        letter, size = ("d", 8) if len(value) % 8 == 0 else ("f", 4)
        return list(struct.unpack(f"<{len(value) // size}{letter}", value))
