"""Where an OME-Zarr image lies: from its axes to voxel_to_ras, and what had to be assumed for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.ome_zarr.metadata import MM_PER_UNIT, Axis, Level, Multiscale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.space import FloatArray


@dataclass(frozen=True, eq=False)
class Placing:
    """How the arrays' dimensions become i, j, k.

    Parameters
    ----------
    dimensions : tuple of 3 (int or None)
        The dimension that runs along each of i, j, k, which are x, y, z; None where there is but one voxel.
    time : int or None
        The dimension of time.
    others : tuple of int
        Dimensions, such as channels, of which only the first index is taken.
    voxel_to_ras : array of shape (4, 4)
        Of the finest level.
    orientation_known : bool
        Whether the file says to which side each axis runs.
    """

    dimensions: tuple[int | None, int | None, int | None]
    time: int | None
    others: tuple[int, ...]
    voxel_to_ras: FloatArray
    orientation_known: bool
    said: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def place(image: Multiscale) -> Placing:
    """Find out where an image lies.

    Raises
    ------
    VolumeReadError
        If the axes can't be those of a head.
    """
    dimensions = _dimensions(image.axes)
    time = next((n for n, axis in enumerate(image.axes) if axis.kind == "time"), None)
    others = tuple(n for n in range(len(image.axes)) if n not in dimensions and n != time)
    assumed: list[str] = []
    warnings: list[str] = []
    spatial = [image.axes[n] for n in dimensions if n is not None]
    known = _is_oriented(spatial)
    if not known:
        warnings.append("the file does not say how the patient lies in it (no orientation of its axes)")
        assumed.append("x, y and z are laid out as if they ran to the right, the front and the head")
    matrix = np.zeros((4, 4))
    matrix[3, 3] = 1.0
    free = [ras_axis for ras_axis in range(3) if not known or ras_axis not in {_towards(a)[0] for a in spatial}]
    for voxel_axis, dimension in enumerate(dimensions):
        scale_mm, translation_mm, towards = 1.0, 0.0, None
        if dimension is None:
            assumed.append("it has one plane, taken to be 1 mm thick")
        else:
            mm = _millimetres(image.axes[dimension], assumed)
            scale_mm, translation_mm = _along(image.levels[0], dimension, mm, assumed)
            towards = image.axes[dimension].towards if known else None
        ras_axis, sign = towards or (voxel_axis if not known else free[0], 1)
        matrix[ras_axis, voxel_axis] = sign * scale_mm
        matrix[ras_axis, 3] = sign * translation_mm
    said = [f"OME-Zarr {image.version}, axes {' '.join(axis.name for axis in image.axes)}"]
    said += [f"{axis.name} runs {axis.direction}" for axis in spatial if axis.direction]
    return Placing(dimensions, time, others, matrix, known, tuple(said), tuple(dict.fromkeys(assumed)), tuple(warnings))


def _dimensions(axes: Sequence[Axis]) -> tuple[int | None, int | None, int | None]:
    """Find the dimensions of x, y, z: by these names, or else by their order, which is z, y, x."""
    spatial = [n for n, axis in enumerate(axes) if axis.kind == "space"]
    by_name = {axes[n].name.lower(): n for n in spatial}
    if by_name.keys() <= {"x", "y", "z"}:
        return by_name.get("x"), by_name.get("y"), by_name.get("z")
    *z, y, x = spatial
    return x, y, z[0] if z else None


def _is_oriented(spatial: Sequence[Axis]) -> bool:
    towards = [axis.towards for axis in spatial]
    if any(one is None for one in towards):
        return False
    if len({one[0] for one in towards if one is not None}) != len(towards):
        named = ", ".join(axis.direction or "" for axis in spatial)
        raise VolumeReadError(f"two of its axes run along the same line of the body ({named})")
    return True


def _towards(axis: Axis) -> tuple[int, int]:
    return axis.towards or (-1, 1)


def _millimetres(axis: Axis, assumed: list[str]) -> float:
    if axis.unit is None:
        assumed.append("no unit of length: mm assumed")
        return 1.0
    mm = MM_PER_UNIT.get(axis.unit.lower().replace("metre", "meter"))
    if mm is None:
        assumed.append(f"its unit {axis.unit!r:.40} is no known length: mm assumed")
        return 1.0
    return mm


def _along(level: Level, dimension: int, mm: float, assumed: list[str]) -> tuple[float, float]:
    """Scale and translation of the finest level along a dimension, in mm."""
    if level.scale is None or level.translation is None:
        assumed.append("no voxel spacing: 1 unit assumed")
        return mm, 0.0
    return level.scale[dimension] * mm, level.translation[dimension] * mm
