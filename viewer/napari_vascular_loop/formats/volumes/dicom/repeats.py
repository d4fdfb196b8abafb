"""Why the same places were imaged more than once, where the files say so."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.datadict import dictionary_description, dictionary_has_tag

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame, FrameHeader
from napari_vascular_loop.formats.volumes.dicom.private import private_values, seldom_values
from napari_vascular_loop.formats.volumes.dicom.times import TIMING, index_of, is_number, tags_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt


_PROBES = 16
"""So many images of one place are asked for what vendors say in their own elements."""

_FULL = 0.5
"""Each part of a split has at least this share of the places, else it is by chance that they differ."""

_SAME_OFFSET_MM = 0.1
_PLACING = tags_of("StackID", "InStackPositionNumber", "ImagePositionPatient", "ImageOrientationPatient")
_PLACING |= tags_of("PlanePositionSequence", "PlaneOrientationSequence")
"""Dimensions of an enhanced file that are places."""


def _offset_from(first: DicomFrame) -> Callable[[DicomFrame], Any]:
    """Make a function that says how far in its own plane a slice lies from the first, roughly."""
    origin = first.position_lps_mm or (0.0, 0.0, 0.0)

    def offset(one: DicomFrame) -> Any:
        if one.position_lps_mm is None:
            return None
        shift = [a - b for a, b in zip(one.position_lps_mm, origin, strict=True)]
        return tuple(
            round(sum(a * b for a, b in zip(shift, axis, strict=True)) / _SAME_OFFSET_MM)
            for axis in (one.plane.row_lps, one.plane.column_lps)
        )

    return offset


def _component(one: DicomFrame) -> Any:
    return str(one.header.get("ComplexImageComponent", "")) or None


def _b_value(one: DicomFrame) -> Any:
    value = one.header.get("DiffusionBValue")
    return round(value) if is_number(value) else None


def _direction(one: DicomFrame) -> Any:
    if str(one.header.get("DiffusionDirectionality", "")) == "ISOTROPIC":
        return "trace"
    value = one.header.get("DiffusionGradientOrientation")
    if not _b_value(one) or not isinstance(value, list | tuple) or len(value) != 3 or not all(map(is_number, value)):
        return None
    return tuple(round(float(v), 3) + 0.0 for v in value)


def _rounded(keyword: str) -> Callable[[DicomFrame], Any]:
    def value_of(one: DicomFrame) -> Any:
        value = one.header.get(keyword)
        return round(value, 2) if is_number(value) else None

    return value_of


def _text(keyword: str) -> Callable[[DicomFrame], Any]:
    return lambda one: str(one.header.get(keyword, "")) or None


_KINDS: tuple[tuple[str, Callable[[DicomFrame], Any], str], ...] = (
    ("component", _component, "{value}"),
    ("b-value", _b_value, "b {value}"),
    ("direction", _direction, "direction {number}"),
    ("inversion time", _rounded("InversionTime"), "inversion time {value:g} ms"),
    ("label", _text("ASLContext"), "{value}"),
    ("flip angle", _rounded("FlipAngle"), "flip angle {value:g} degrees"),
    ("tube voltage", _rounded("KVP"), "{value:g} kV"),
    ("kernel", _text("ConvolutionKernel"), "kernel {value}"),
    ("coil", _text("ReceiveCoilName"), "coil {value}"),
)


def best_split(
    slices: Sequence[DicomFrame], places: npt.NDArray[np.intp]
) -> list[tuple[tuple[str, str], list[DicomFrame]]] | None:
    """Split images by the first thing that tells images of the same place apart; None if nothing does.

    Returns
    -------
    list of ((kind, what to call it), images)
    """
    offset = ("offset", _offset_from(slices[0]), "part {number}")
    for name, value_of, words in (offset, *_KINDS, *_dimensions(slices)):
        values = [value_of(one) for one in slices]
        if len(set(values)) > 1 and _explains(values, places):
            return _split(slices, values, name, words)
    return None


def _explains(values: Sequence[Any], places: npt.NDArray[np.intp]) -> bool:
    """Whether images of one place differ in the value, and each value is found at most places."""
    numbers: dict[Any, int] = {}
    codes = np.array([numbers.setdefault(value, len(numbers)) for value in values])
    table = np.zeros((len(numbers), int(places.max()) + 1), dtype=np.intp)
    np.add.at(table, (codes, places), 1)
    if table.max() >= table.sum(axis=0).max():
        return False
    return bool((np.count_nonzero(table, axis=1) >= _FULL * table.shape[1]).all())


def _split(
    slices: Sequence[DicomFrame], values: Sequence[Any], name: str, words: str
) -> list[tuple[tuple[str, str], list[DicomFrame]]]:
    parts: dict[Any, list[DicomFrame]] = defaultdict(list)
    for one, value in zip(slices, values, strict=True):
        parts[value].append(one)

    def order(value: Any) -> tuple[Any, ...]:
        # Directions are counted in the order in which they were imaged, all else by its value.
        first = min((one.instance_number, one.number) for one in parts[value])
        return (value is not None, first) if name in ("direction", "offset") else (value is not None, value or 0, first)

    split = []
    number = 0
    for value in sorted(parts, key=order):
        if value is None:
            text = f"no {name}"
        elif value == "trace":
            text = "trace"
        else:
            number += 1
            lower = isinstance(value, str) and name not in ("coil", "kernel")
            text = words.format(value=value.lower() if lower else value, number=number)
        split.append(((name, text), parts[value]))
    return split


def _dimensions(slices: Sequence[DicomFrame]) -> list[tuple[str, Callable[[DicomFrame], Any], str]]:
    """What else the file calls a dimension along which its frames are laid out."""
    tags = slices[0].header.get("Dimensions") or ()
    kinds = []
    for number, tag in enumerate(tags):
        if tag in _PLACING or tag in TIMING:
            continue
        name = dictionary_description(tag) if dictionary_has_tag(tag) else "dimension"
        kinds.append((name, index_of(number), name.replace("{", "").replace("}", "") + " {value}"))
    return kinds


def looked_deeper(slices: list[DicomFrame], places: npt.NDArray[np.intp]) -> list[DicomFrame]:
    """Ask vendors' own elements, where nothing else tells images of one place apart.

    That needs all of each header, so a few images of one place are tried first.
    """
    first = slices[0]
    if first.number or first.tile or first.header.get("Dimensions") is not None or first.header.get("IsMosaic"):
        return slices
    if any(one.header.get("DiffusionBValue") is not None for one in slices) or best_split(slices, places):
        return slices
    crowded = np.flatnonzero(places == np.bincount(places).argmax())
    probes = crowded[np.linspace(0, len(crowded) - 1, min(_PROBES, len(crowded))).astype(int)]
    said = [_private(slices[n]) for n in probes]
    if all(one == said[0] for one in said):
        return slices
    return [replace(one, header=FrameHeader(_private(one), one.header)) for one in slices]


def _private(one: DicomFrame) -> dict[str, Any]:
    try:
        dataset = one.file.dataset()
        return {**seldom_values(dataset), **private_values(dataset)}
    except VolumeReadError:
        return {}
