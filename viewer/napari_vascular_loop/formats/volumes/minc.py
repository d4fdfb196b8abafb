"""MINC 1 files, and MINC 2 where h5py is installed (.mnc), with nibabel."""

from __future__ import annotations

import math
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from nibabel.externals.netcdf import netcdf_file
from nibabel.minc1 import Minc1File, MincError
from nibabel.minc2 import Minc2File

from napari_vascular_loop.domain.errors import GeometryError, VolumeReadError
from napari_vascular_loop.domain.space import Grid
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.domain.volume import Provenance, Rescale, Volume, VolumeHeader
from napari_vascular_loop.formats.volumes import inflate
from napari_vascular_loop.formats.volumes.damage import while_looking, while_reading
from napari_vascular_loop.formats.volumes.found import FoundVolume, Look, Progress, grid_warnings
from napari_vascular_loop.formats.volumes.guarded_file import GuardedFile
from napari_vascular_loop.formats.volumes.identity import content_id
from napari_vascular_loop.formats.volumes.stored import several_warnings

if TYPE_CHECKING:
    from pathlib import Path

_DAMAGE = (MincError, RuntimeError, TypeError, KeyError, IndexError, AttributeError, AssertionError)
"""What nibabel and h5py raise on damaged files besides the usual."""


_H5PY = 'pip install "napari-vascular-loop[minc]"'
_OF_AXES = {"start": "0", "step": "1 mm", "direction_cosines": "the patient's own axis"}


def looks_like(path: Path) -> bool:
    """Whether a file calls itself MINC."""
    return path.name.lower().endswith(".mnc")


def look(path: Path) -> Look:
    """Look at a file, which has no companions."""
    return Look(partial(find, path))


def find(path: Path) -> list[FoundVolume]:
    """Read the header of a MINC file.

    Raises
    ------
    VolumeReadError
        If the file is empty, is not MINC, its header makes no sense, or h5py is needed and missing.
    """
    with while_looking(path, "MINC", *_DAMAGE):
        with warnings.catch_warnings(record=True) as remarks:
            warnings.simplefilter("always")
            minc = _open(path)
        # nibabel warns of nothing else here.
        irregular = ["steps of equal length, though an axis does not say so in MINC's words"] if remarks else []
        return [_found(path, minc, irregular)]


class _MappedNetcdf(netcdf_file):
    """A NetCDF file whose arrays outlive it: the map lasts as long as they do, which its base warns of."""

    def __init__(self, path: Path) -> None:
        super().__init__(GuardedFile(path), mmap=True)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Close the file, not the map."""
        if "fp" in self.__dict__:
            self.fp.close()

    __del__ = close


def _open(path: Path) -> Any:
    magic = inflate.first_bytes(path, 4)
    if magic[:3] == b"CDF":
        mapped = _MappedNetcdf(path)
        mapped.close()
        return Minc1File(mapped)
    if magic != b"\x89HDF":
        raise ValueError("neither NetCDF nor HDF5")
    try:
        import h5py
    except ImportError as error:
        raise VolumeReadError(f"{path.name}: it is MINC 2, which needs h5py: {_H5PY}") from error
    return Minc2File(h5py.File(path, "r"))


def _found(path: Path, minc: Any, remarks: list[str]) -> FoundVolume:
    names = list(minc._dim_names)
    shape = tuple(int(n) for n in minc.get_data_shape())
    dtype = np.dtype(minc.get_data_dtype())
    space = [axis for axis, name in enumerate(names) if name.endswith("space")]
    others = [axis for axis in range(len(shape)) if axis not in space]
    if len(shape) != len(names) or len(space) != 3 or len(others) > 1 or min(shape) < 1:
        raise VolumeReadError(f"{path.name}: its axes are {', '.join(names)}, which is no volume")
    if dtype.kind not in "iuf":
        raise VolumeReadError(f"{path.name}: it holds {dtype.name} values, which are not shown as an MR volume")
    most = path.stat().st_size * (1 if isinstance(minc, Minc1File) and not isinstance(minc, Minc2File) else 1032)
    if math.prod(shape) * dtype.itemsize > most:
        raise VolumeReadError(
            f"{path.name}: it is cut short; its header speaks of {' x '.join(map(str, shape))} voxels, "
            f"the file has {path.stat().st_size} bytes"
        )
    rescale = _one_rescale(minc, dtype)
    count = shape[others[0]] if others else 1
    grid = Grid((shape[space[0]], shape[space[1]], shape[space[2]]), minc.get_affine())
    said, assumed = _said_of_axes(minc)
    if not rescale:
        assumed.append("values, where each slice has its own scale, are kept as 32-bit floating numbers")
    provenance = Provenance(
        id=content_id("minc", path),
        format="minc",
        source_files=(path,),
        warnings=(*several_warnings(count), *grid_warnings(grid)),
        said=(f"MINC world space, axes {', '.join(names)}", *said),
        assumed=(*assumed, *remarks),
    )
    native = dtype.newbyteorder("=").name if rescale else "float32"
    header = VolumeHeader(grid, provenance, rescale or Rescale(), native, count)
    list_axis = others[0] if others else None
    return FoundVolume(header, partial(_read, path, minc, header, list_axis, rescale is not None))


def _said_of_axes(minc: Any) -> tuple[list[str], list[str]]:
    """What the axes of space say of themselves, and what has to be assumed, with nibabel, as they don't.

    Raises
    ------
    GeometryError
        If they are in another unit than mm.
    """
    axes = {name: dim for name, dim in zip(minc._dim_names, minc._dims, strict=True) if name.endswith("space")}
    lacking = {word: [name for name, axis in axes.items() if not hasattr(axis, word)] for word in _OF_AXES}
    assumed = [f"no {word} of {', '.join(names)}: {_OF_AXES[word]} assumed" for word, names in lacking.items() if names]
    units = {_text(getattr(axis, "units", b"")) for axis in axes.values()} - {""}
    if not units:
        return [], [*assumed, "no unit of length: mm assumed"]
    if units != {"mm"}:
        raise GeometryError(f"its axes are in {shown(', '.join(sorted(units)))}, and only mm is read")
    return ["unit of length mm"], assumed


def _text(raw: Any) -> str:
    return raw.decode("latin-1").strip("\0 ") if isinstance(raw, bytes) else str(raw)


def _one_rescale(minc: Any, dtype: np.dtype[Any]) -> Rescale | None:
    """The one scale of all slices, or None where they have several (nibabel's `Minc1File._normalize`)."""
    if dtype.kind == "f":
        return Rescale()
    scales = []
    for var in (minc._image_min, minc._image_max):
        whole = bool(minc._get_dimensions(var))
        scales.append(np.asarray(minc._get_array(var) if whole else minc._get_scalar(var), dtype=np.float64))
    if any(not np.isfinite(one).all() or np.ptp(one) > 1e-9 * np.abs(one).max() for one in scales):
        return None
    least, most = (float(one.flat[0]) for one in scales)
    low, high = (float(one) for one in minc._get_valid_range())
    slope = (most - least) / (high - low)
    return Rescale(slope, least - low * slope) if slope and math.isfinite(slope) else None


def _read(
    path: Path, minc: Any, header: VolumeHeader, list_axis: int | None, as_stored: bool, progress: Progress
) -> Volume:
    with while_reading(path, *_DAMAGE):
        stored = _stored(minc) if as_stored else _scaled(minc, progress)
    series = None if list_axis is None else np.moveaxis(stored, list_axis, -1)
    voxels = stored if series is None else series[..., 0]
    progress(1.0)
    return Volume(voxels, header.grid.voxel_to_ras, header.provenance, header.rescale, series)


def _stored(minc: Any) -> npt.NDArray[Any]:
    dtype = np.dtype(minc.get_data_dtype())
    raw = minc._image if isinstance(minc, Minc2File) else minc._image.data.view(dtype)
    stored = np.array(raw, dtype=dtype.newbyteorder("="))
    if dtype.kind != "f":
        low, high = (int(one) for one in minc._get_valid_range())
        np.clip(stored, low, high, out=stored)
    return stored


def _scaled(minc: Any, progress: Progress) -> npt.NDArray[np.float32]:
    shape = minc.get_data_shape()
    out = np.empty(shape, np.float32)
    for n in range(shape[0]):
        out[n] = minc.get_scaled_data((n,))
        progress((n + 1) / shape[0])
    return out
