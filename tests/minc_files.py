"""MINC files, written without nibabel's MINC reader or the program: MINC 1 is NetCDF, MINC 2 is HDF5."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from scipy.io import netcdf_file

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Axis:
    """An axis of a MINC file, the slowest first; of time if it has no direction."""

    name: str
    start: float = 0.0
    step: float = 1.0
    direction: tuple[float, float, float] | None = None
    lacking: tuple[str, ...] = ()
    units: bytes = b"mm"

    def attributes(self) -> dict[str, Any]:
        said: dict[str, Any] = {"spacing": b"regular__", "start": self.start, "step": self.step, "units": self.units}
        if self.direction is not None:
            said["direction_cosines"] = np.array(self.direction, dtype=np.float64)
        return {name: value for name, value in said.items() if name not in self.lacking}


@dataclass
class Minc:
    """What is written: stored numbers, their axes, and the real values of the least and the greatest.

    Parameters
    ----------
    stored : array
        One axis for each of `axes`.
    axes : list of Axis
    least, most : array
        Real values of the ends of the valid range: one for all, or one for each index of the first axes.
    valid_range : (float, float), optional
    """

    stored: np.ndarray
    axes: list[Axis]
    least: Any = 0.0
    most: Any = 1.0
    valid_range: tuple[float, float] | None = None
    scaled_axes: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.least, self.most = np.asarray(self.least, np.float64), np.asarray(self.most, np.float64)
        self.scaled_axes = [axis.name for axis in self.axes][: self.least.ndim]


def write_minc_1(path: Path, minc: Minc) -> Path:
    with netcdf_file(path, "w") as file:
        for axis, length in zip(minc.axes, minc.stored.shape, strict=True):
            file.createDimension(axis.name, length)
            variable = file.createVariable(axis.name, "d", ())
            for name, value in axis.attributes().items():
                setattr(variable, name, value)
        signed = minc.stored.dtype.kind != "u"
        code = {1: "b", 2: "h", 4: "i"}[minc.stored.dtype.itemsize] if minc.stored.dtype.kind in "iu" else "d"
        code = "f" if minc.stored.dtype == np.float32 else code
        image = file.createVariable("image", code, tuple(axis.name for axis in minc.axes))
        image[:] = minc.stored.view(image.data.dtype.newbyteorder("=")) if code != "d" else minc.stored
        image.signtype = b"signed__" if signed else b"unsigned"
        if minc.valid_range is not None:
            image.valid_range = np.array(minc.valid_range, np.float64)
        for name, value in (("image-min", minc.least), ("image-max", minc.most)):
            variable = file.createVariable(name, "d", tuple(minc.scaled_axes))
            if value.ndim:
                variable[:] = value
            else:
                variable.data[...] = value
    return path


def write_minc_2(path: Path, minc: Minc, **how: Any) -> Path:
    with h5py.File(path, "w") as file:
        root = file.create_group("minc-2.0")
        dimensions = root.create_group("dimensions")
        for axis, length in zip(minc.axes, minc.stored.shape, strict=True):
            made = dimensions.create_dataset(axis.name, data=0)
            made.attrs["length"] = length
            for name, value in axis.attributes().items():
                # MINC's texts have a fixed length.
                made.attrs[name] = np.bytes_(value) if isinstance(value, bytes) else value
        folder = root.create_group("image/0")
        image = folder.create_dataset("image", data=minc.stored, **how)
        image.attrs["dimorder"] = np.bytes_(",".join(axis.name for axis in minc.axes))
        if minc.valid_range is not None:
            image.attrs["valid_range"] = np.array(minc.valid_range, np.float64)
        for name, value in (("image-min", minc.least), ("image-max", minc.most)):
            made = folder.create_dataset(name, data=value)
            if value.ndim:
                made.attrs["dimorder"] = np.bytes_(",".join(minc.scaled_axes))
    return path
