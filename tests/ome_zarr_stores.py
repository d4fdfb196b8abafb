"""OME-Zarr stores, written by zarr itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import zarr
from conftest import make_dot_volume

VOXELS = make_dot_volume(np.eye(4), (22, 26, 14)).voxels
"""voxels[x, y, z]"""

LPS = {"x": "right-to-left", "y": "anterior-to-posterior", "z": "inferior-to-superior"}
SCALE_UM = {"x": 900.0, "y": 1100.0, "z": 2300.0}
SHIFT_UM = {"x": 11300.0, "y": -7900.0, "z": 23100.0}


def axes_of(names: str, unit: str | None = "micrometer", directions: dict[str, str] | None = None) -> list[Any]:
    kinds = {"t": "time", "c": "channel"}
    axes: list[dict[str, Any]] = []
    for name in names:
        axis: dict[str, Any] = {"name": name, "type": kinds.get(name, "space")}
        if name in "xyz" and unit:
            axis["unit"] = unit
        if name in (directions or {}):
            axis["orientation"] = {"type": "anatomical", "value": directions[name]}
        axes.append(axis)
    return axes


def transforms(names: str, factor: float = 1) -> list[dict[str, Any]]:
    return [
        {"type": "scale", "scale": [SCALE_UM.get(name, 1.0) * (factor if name in "xyz" else 1) for name in names]},
        {"type": "translation", "translation": [SHIFT_UM.get(name, 0.0) for name in names]},
    ]


def write_store(
    path: Any,
    data: np.ndarray,
    names: str,
    *,
    zarr_format: int = 3,
    levels: int = 1,
    chunks: int = 8,
    directions: dict[str, str] | None = None,
    unit: str | None = "micrometer",
    **changes: Any,
) -> Any:
    """Write data, whose dimensions are called `names`, as version 0.5 (Zarr 3) or 0.4 (Zarr 2)."""
    group = zarr.open_group(path, mode="w", zarr_format=zarr_format)
    datasets = []
    for level in range(levels):
        step = 2**level
        coarse = data[tuple(slice(None, None, step if name in "xyz" else None) for name in names)]
        sizes = tuple(min(chunks, n) if name in "xyz" else 1 for name, n in zip(names, coarse.shape, strict=True))
        group.create_array(f"s{level}", data=coarse, chunks=sizes)
        datasets.append({"path": f"s{level}", "coordinateTransformations": transforms(names, step)})
    version = "0.5" if zarr_format == 3 else "0.4"
    image = {"name": "head", "axes": axes_of(names, unit, directions), "datasets": datasets, **changes}
    if zarr_format == 3:
        group.attrs["ome"] = {"version": version, "multiscales": [image]}
    else:
        group.attrs["multiscales"] = [{"version": version, **image}]
    return path


def stored(names: str, voxels: np.ndarray = VOXELS) -> np.ndarray:
    """voxels[x, y, z] in the order of `names`, two channels and three time points where these are named."""
    data = voxels.transpose(["xyz".index(name) for name in names if name in "xyz"])
    for n, name in enumerate(names):
        if name == "t":
            data = np.stack([data, data + 1, data + 2], axis=n)
        if name == "c":
            data = np.stack([data, np.zeros_like(data)], axis=n)
    return data
