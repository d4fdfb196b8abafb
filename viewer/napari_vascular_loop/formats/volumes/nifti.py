"""NIfTI-1 and NIfTI-2 in a single file (.nii, .nii.gz), with nibabel."""

from __future__ import annotations

import hashlib
import math
import os
import struct
import zlib
from functools import partial
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
import numpy.typing as npt
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError

from napari_vascular_loop.domain.errors import GeometryError, VolumeReadError
from napari_vascular_loop.domain.space import FloatArray, Grid
from napari_vascular_loop.domain.volume import Provenance, Rescale, Volume, VolumeHeader
from napari_vascular_loop.formats.volumes.found import FoundVolume, Progress, grid_warnings

if TYPE_CHECKING:
    from pathlib import Path

# What nibabel, gzip and numpy raise on files that are not what their name says.
_DAMAGE = (ImageFileError, HeaderDataError, OSError, EOFError, zlib.error, struct.error, ValueError, OverflowError)

_MAX_DEFLATE_RATIO = 1100
"""Deflate can't shrink by more than 1032:1; a header that claims more is damaged."""

_MM_PER_UNIT = {"meter": 1000.0, "mm": 1.0, "micron": 0.001, "unknown": 1.0}


def looks_like(path: Path) -> bool:
    """Whether a file calls itself NIfTI."""
    return path.name.lower().endswith((".nii", ".nii.gz"))


def find(path: Path) -> list[FoundVolume]:
    """Read the header of a NIfTI file.

    Raises
    ------
    VolumeReadError
        If the file is empty, is not NIfTI, or its header makes no sense.
    """
    if path.stat().st_size == 0:
        raise VolumeReadError(f"{path.name}: the file is empty")
    try:
        image = nibabel.load(path)
        if not isinstance(image, nibabel.Nifti1Image):
            raise VolumeReadError(f"{path.name}: it is {type(image).__name__}, not NIfTI")
        header = _header(path, image)
    except VolumeReadError:
        raise
    except GeometryError as error:
        raise VolumeReadError(f"{path.name}: {error}") from error
    except PermissionError as error:
        raise VolumeReadError(f"{path.name}: it may not be read by you ({error.strerror})") from error
    except _DAMAGE as error:
        raise VolumeReadError(f"{path.name}: it is named as NIfTI but is not a readable NIfTI file") from error
    return [FoundVolume(header, partial(_read, path, image, header))]


def _header(path: Path, image: Any) -> VolumeHeader:
    nifti = image.header
    warnings: list[str] = []
    shape = tuple(int(n) for n in image.shape)
    dtype = np.dtype(nifti.get_data_dtype())
    if dtype.names is not None or dtype.kind not in "iufb":
        what = "colour" if dtype.names is not None else f"{dtype.name} numbers"
        raise VolumeReadError(f"{path.name}: it holds {what}, which is not shown as an MR volume")
    if len(shape) < 2 or min(shape, default=0) < 1:
        raise VolumeReadError(f"{path.name}: it has shape {shape}, which is no volume")
    _check_claim(path, math.prod(shape) * dtype.itemsize, shape)
    warnings.extend(_end_warnings(path, math.prod(shape) * dtype.itemsize))
    if len(shape) > 3 and math.prod(shape[3:]) > 1:
        warnings.append(f"it holds {math.prod(shape[3:])} volumes (time points or the like); the first is shown")
    grid = Grid((shape[0], shape[1], shape[2] if len(shape) > 2 else 1), _voxel_to_ras(image, warnings))
    warnings.extend(grid_warnings(grid))
    sform_code, qform_code = int(nifti["sform_code"]), int(nifti["qform_code"])
    known = sform_code > 0 or qform_code > 0
    if not known:
        warnings.append("the file does not say how the patient lies in it (sform and qform codes are 0)")
    elif sform_code > 0 and qform_code > 0:
        shift_mm = grid.farthest_corner_shift_mm(_qform_grid(image, grid))
        if shift_mm > 0.1:
            warnings.append(f"its sform and qform disagree by up to {shift_mm:.1f} mm; the sform is used")
    slope, intercept = float(image.dataobj.slope), float(image.dataobj.inter)
    provenance = Provenance(
        id="nifti-" + _content_hash(path)[:10],
        format="nifti",
        description=_text(nifti["descrip"]),
        orientation_known=known,
        source_files=(path,),
        warnings=tuple(warnings),
    )
    return VolumeHeader(grid, provenance, Rescale(slope, intercept), dtype.newbyteorder("=").name)


def _voxel_to_ras(image: Any, warnings: list[str]) -> FloatArray:
    """Take nibabel's affine, in mm whatever unit the file is in."""
    unit = image.header.get_xyzt_units()[0]
    factor = _MM_PER_UNIT.get(unit, 1.0)
    matrix = np.array(image.affine, dtype=np.float64)
    if factor != 1.0:
        warnings.append(f"its unit of length is the {unit}; converted to mm")
        matrix[:3] *= factor
    return matrix


def _qform_grid(image: Any, grid: Grid) -> Grid:
    try:
        return Grid(grid.shape, image.header.get_qform())
    except (GeometryError, HeaderDataError, ValueError):
        return grid


def _check_claim(path: Path, wanted_bytes: int, shape: tuple[int, ...]) -> None:
    """Refuse a header that claims more voxels than the file can hold, before any memory is taken."""
    size = path.stat().st_size
    most = size * _MAX_DEFLATE_RATIO if path.name.lower().endswith(".gz") else size
    if wanted_bytes > most:
        raise VolumeReadError(
            f"{path.name}: it is cut short: its header speaks of {' x '.join(map(str, shape))} voxels "
            f"({wanted_bytes} bytes), the file has {size} bytes"
        )


def _end_warnings(path: Path, voxel_bytes: int) -> list[str]:
    """Compare the length that a .gz states at its end with what its header promises, without unpacking it."""
    if not path.name.lower().endswith(".gz"):
        return []
    with path.open("rb") as file:
        file.seek(-4, os.SEEK_END)
        stated = int.from_bytes(file.read(4), "little")
    # The stated length is that of header and voxels, modulo 4 GiB; a header is seldom longer than 1 MiB.
    if (stated - voxel_bytes) % (1 << 32) <= 1 << 20:
        return []
    return ["its end does not agree with its header: it may be cut short"]


def _read(path: Path, image: Any, header: VolumeHeader, progress: Progress) -> Volume:
    try:
        stored: npt.NDArray[Any] = np.asanyarray(image.dataobj.get_unscaled())
    except _DAMAGE as error:
        raise VolumeReadError(f"{path.name}: it is cut short or damaged; the voxels could not be read") from error
    except MemoryError as error:
        raise VolumeReadError(f"{path.name}: there is not enough memory for its voxels") from error
    stored = stored.reshape((*stored.shape, 1)[: max(3, stored.ndim)])
    while stored.ndim > 3:
        stored = stored[..., 0]
    if not stored.dtype.isnative:
        stored = stored.astype(stored.dtype.newbyteorder("="))
    return Volume(stored, header.grid.voxel_to_ras, header.provenance, header.rescale)


def _text(raw: Any) -> str:
    """Decode a header string; what isn't UTF-8 is read as Latin-1."""
    data = bytes(np.asarray(raw).item()).split(b"\0")[0]
    try:
        return data.decode("utf-8").strip()
    except UnicodeDecodeError:
        return data.decode("latin-1").strip()


def _content_hash(path: Path) -> str:
    """Hash the whole file: two volumes never share an id."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
