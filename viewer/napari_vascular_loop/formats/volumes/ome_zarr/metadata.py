"""What the metadata of an OME-Zarr image say: axes, levels, units, directions (https://ngff.openmicroscopy.org).

Versions 0.4 and 0.5, and the older ones as far as they go. Directions are those of RFC-4: coordinates grow from the
first named side towards the second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import VolumeReadError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_LEVELS = 64

MM_PER_UNIT = {
    "angstrom": 1e-7,
    "picometer": 1e-9,
    "nanometer": 1e-6,
    "micrometer": 1e-3,
    "micron": 1e-3,
    "um": 1e-3,
    "µm": 1e-3,
    "millimeter": 1.0,
    "mm": 1.0,
    "centimeter": 10.0,
    "decimeter": 100.0,
    "meter": 1e3,
    "inch": 25.4,
    "foot": 304.8,
}

_RAS_OF_DIRECTION = {
    "left-to-right": (0, 1),
    "right-to-left": (0, -1),
    "posterior-to-anterior": (1, 1),
    "anterior-to-posterior": (1, -1),
    "inferior-to-superior": (2, 1),
    "superior-to-inferior": (2, -1),
    "caudal-to-cranial": (2, 1),
    "cranial-to-caudal": (2, -1),
}

_KINDS = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}


@dataclass(frozen=True)
class Axis:
    """One axis of the arrays.

    Parameters
    ----------
    name : str
        Such as "x".
    kind : str
        "space", "time", "channel", or what else the file calls it.
    unit : str or None
        As the file has it.
    direction : str or None
        Such as "left-to-right": where coordinates grow to.
    """

    name: str
    kind: str
    unit: str | None = None
    direction: str | None = None

    @property
    def towards(self) -> tuple[int, int] | None:
        """RAS axis (0 R, 1 A, 2 S) along which it runs, and +1 or -1; None where that is not said."""
        return _RAS_OF_DIRECTION.get(self.direction or "")


@dataclass(frozen=True)
class Level:
    """One array: the image at one resolution. Coordinate = scale * index + translation, for each of its axes."""

    path: str
    scale: tuple[float, ...] | None
    translation: tuple[float, ...] | None


@dataclass(frozen=True)
class Multiscale:
    """One image, at one or more resolutions.

    Parameters
    ----------
    name : str
        May be empty.
    version : str
        Of OME-Zarr.
    axes : tuple of Axis
        In the order of the arrays' dimensions.
    levels : tuple of Level
        From fine to coarse.
    """

    name: str
    version: str
    axes: tuple[Axis, ...]
    levels: tuple[Level, ...]


def metadata_of(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Part of a group's attributes that OME-Zarr is about: since version 0.5 it has a key of its own."""
    ome = attributes.get("ome")
    return ome if isinstance(ome, dict) and "multiscales" in ome else attributes


def multiscales_of(attributes: Mapping[str, Any]) -> list[Multiscale]:
    """Read the images that a group's attributes describe.

    Raises
    ------
    VolumeReadError
        If something in them makes no sense, or is of a version not known here; without the name of the store.
    """
    metadata = metadata_of(attributes)
    described = metadata.get("multiscales")
    if not isinstance(described, list) or not described:
        raise VolumeReadError("it has no multiscale image in its metadata")
    return [_multiscale(_mapping(one, "multiscales"), metadata.get("version")) for one in described]


def _multiscale(described: Mapping[str, Any], version: Any) -> Multiscale:
    version = str(described.get("version", version) or "0.4")
    if "axes" not in described and "coordinateSystems" in described:
        raise VolumeReadError(f"it is of OME-Zarr version {version}, which is not read here; write it as 0.4 or 0.5")
    axes = _axes(described.get("axes"))
    datasets = described.get("datasets")
    if not isinstance(datasets, list) or not 0 < len(datasets) <= MAX_LEVELS:
        raise VolumeReadError("its metadata list no datasets")
    common = described.get("coordinateTransformations")
    levels = tuple(_level(_mapping(one, "datasets"), common, len(axes)) for one in datasets)
    return Multiscale(str(described.get("name") or ""), version, axes, levels)


def _axes(described: Any) -> tuple[Axis, ...]:
    if described is None:
        # Versions 0.1 and 0.2 knew these five only.
        described = list("tczyx")
    if not isinstance(described, list) or not 2 <= len(described) <= 5:
        raise VolumeReadError(f"its metadata speak of axes {described!r:.60}, two to five are possible")
    axes = tuple(_axis(one) for one in described)
    if len({axis.name for axis in axes}) != len(axes):
        raise VolumeReadError("two of its axes have the same name")
    if not 2 <= sum(axis.kind == "space" for axis in axes) <= 3:
        raise VolumeReadError("its metadata do not have two or three axes in space")
    return axes


def _axis(described: Any) -> Axis:
    if isinstance(described, str):
        return Axis(described, _KINDS.get(described, "other"))
    described = _mapping(described, "axes")
    name = str(described.get("name", ""))
    unit = described.get("unit")
    # A draft of RFC-4 had a plain word under another name.
    orientation = described.get("orientation", described.get("anatomicalOrientation"))
    if isinstance(orientation, dict):
        orientation = orientation.get("value") if orientation.get("type", "anatomical") == "anatomical" else None
    return Axis(
        name,
        str(described.get("type") or _KINDS.get(name, "other")),
        unit if isinstance(unit, str) and unit else None,
        orientation if isinstance(orientation, str) else None,
    )


def _level(described: Mapping[str, Any], common: Any, count: int) -> Level:
    path = described.get("path")
    if not isinstance(path, str) or not path or len(path) > 1000 or ".." in path.replace("\\", "/").split("/"):
        raise VolumeReadError(f"one of its datasets has the path {path!r:.60}, which leads nowhere in it")
    own = described.get("coordinateTransformations")
    if own is None and common is None:
        return Level(path, None, None)
    scale, translation = [1.0] * count, [0.0] * count
    for one in (*_transformations(own), *_transformations(common)):
        kind = one.get("type")
        if kind == "identity":
            continue
        if kind not in ("scale", "translation") or kind not in one:
            raise VolumeReadError(
                f"its metadata place it by a transformation of type {kind!r:.40}, which is not read here"
            )
        numbers = _numbers(one[kind], count, kind)
        if kind == "scale":
            if not all(numbers):
                raise VolumeReadError(f"its metadata scale it by zero: {numbers}")
            scale = [a * b for a, b in zip(scale, numbers, strict=True)]
            translation = [a * b for a, b in zip(translation, numbers, strict=True)]
        else:
            translation = [a + b for a, b in zip(translation, numbers, strict=True)]
    return Level(path, tuple(scale), tuple(translation))


def _transformations(described: Any) -> Sequence[Mapping[str, Any]]:
    if described is None:
        return ()
    if not isinstance(described, list):
        raise VolumeReadError(f"its coordinateTransformations are {described!r:.60}, not a list")
    return [_mapping(one, "coordinateTransformations") for one in described]


def _numbers(values: Any, count: int, name: str) -> list[float]:
    if (
        not isinstance(values, list)
        or len(values) != count
        or not all(isinstance(v, int | float) and math.isfinite(v) for v in values)
    ):
        raise VolumeReadError(f"its {name} is {values!r:.80}, where {count} numbers should be")
    return [float(v) for v in values]


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise VolumeReadError(f"its metadata are damaged: {value!r:.60} in {name}")
    return value
