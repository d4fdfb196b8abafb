"""NRRD files (.nrrd) and their detached headers (.nhdr); headers with pynrrd."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import nrrd
import numpy as np

from napari_vascular_loop.domain.errors import GeometryError, VolumeReadError
from napari_vascular_loop.domain.space import RAS_FROM_LPS, FloatArray, Grid
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.domain.volume import Provenance, VolumeHeader
from napari_vascular_loop.formats.volumes import beside
from napari_vascular_loop.formats.volumes.axes import matrix_of
from napari_vascular_loop.formats.volumes.beside import HeaderAndData
from napari_vascular_loop.formats.volumes.damage import while_looking
from napari_vascular_loop.formats.volumes.found import FoundVolume, Look, grid_warnings, refused
from napari_vascular_loop.formats.volumes.header_text import Notes, described
from napari_vascular_loop.formats.volumes.identity import content_id
from napari_vascular_loop.formats.volumes.stored import StoredArray, StoredVolumes, several_warnings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_LONGEST_HEADER = 1 << 20
_SPACES = {
    "right-anterior-superior": np.eye(4),
    "left-anterior-superior": np.diag([-1.0, 1.0, 1.0, 1.0]),
    "left-posterior-superior": RAS_FROM_LPS,
}
_SHORT = {"ras": "right-anterior-superior", "las": "left-anterior-superior", "lps": "left-posterior-superior"}
_PACKINGS = {"raw": "", "gz": "gzip", "gzip": "gzip", "bz2": "bzip2", "bzip2": "bzip2"} | dict.fromkeys(
    ("ascii", "txt", "text"), "text"
)
_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_TYPE_OF_NAME = {name: code for code, names in _TYPES.items() for name in names}
_IN_SPACE = ("space", "domain")
_MM_PER_UNIT = (
    dict.fromkeys(("mm", "millimeter", "millimetre"), 1.0)
    | dict.fromkeys(("cm", "centimeter", "centimetre"), 10.0)
    | dict.fromkeys(("m", "meter", "metre"), 1000.0)
    | dict.fromkeys(("um", "\N{MICRO SIGN}m", "\N{GREEK SMALL LETTER MU}m"), 0.001)
    | dict.fromkeys(("micron", "micrometer", "micrometre"), 0.001)
)
"""By the unit's name without the s of its plural."""


def looks_like(path: Path) -> bool:
    """Whether a file calls itself NRRD."""
    return path.name.lower().endswith((".nrrd", ".nhdr"))


def look(path: Path) -> Look:
    """Parse the header of a file."""
    try:
        with while_looking(path, "NRRD", *_DAMAGE):
            nrrd_file = _parsed(path)
    except VolumeReadError as error:
        return refused(error)
    return Look(partial(_find, nrrd_file), nrrd_file.companions)


def _find(file: HeaderAndData) -> list[FoundVolume]:
    with while_looking(file.path, "NRRD", *_DAMAGE):
        return [_found(file)]


_DAMAGE = (nrrd.NRRDError, TypeError, IndexError, KeyError)


def _parsed(path: Path) -> HeaderAndData:
    lines, length = [], 0
    with path.open("rb") as file:
        if file.read(4) != b"NRRD":
            raise ValueError("no NRRD header")
        file.seek(0)
        while length < _LONGEST_HEADER and (line := file.readline(_LONGEST_HEADER)):
            length += len(line)
            if not line.strip():
                break
            lines.append(line)
    fields = nrrd.read_header(lines)
    return HeaderAndData(path, _data_path(path, fields), fields, length)


def _data_path(path: Path, header: Mapping[str, Any]) -> Path:
    name = header.get("data file", header.get("datafile"))
    if name is None:
        return path
    if name.split()[:1] == ["LIST"] or ("%" in name and len(name.split()) > 1):
        raise VolumeReadError(f"{path.name}: its voxels are spread over several files, which is not read")
    return beside.named_beside(path, name)


def _found(file: HeaderAndData) -> FoundVolume:
    path, header = file.path, file.fields
    shape = tuple(int(n) for n in header["sizes"])
    if len(shape) != header["dimension"]:
        raise ValueError("as many sizes as dimensions")
    notes = Notes()
    directions = _directions(header, len(shape))
    list_axis = _list_axis(path, header, shape, directions)
    volumes = _volumes(file, shape, list_axis)
    in_space = [axis for axis in range(len(shape)) if axis != list_axis]
    matrix, why_unknown = _voxel_to_ras(header, None if directions is None else directions[in_space], in_space, notes)
    grid = Grid(volumes.grid_shape, matrix)
    warnings = [*several_warnings(volumes.count), *grid_warnings(grid)]
    if why_unknown:
        warnings.append(f"the file does not say how the patient lies in it ({why_unknown})")
    if header.get("old min", header.get("oldmin")) is not None:
        notes.dropped.append("the range of values before they were stored (old min, old max)")
    provenance = Provenance(
        id=content_id("nrrd", *file.paths),
        format="nrrd",
        description=described(str(header.get("content", ""))),
        orientation_known=not why_unknown,
        source_files=file.paths,
        warnings=tuple(warnings),
        said=tuple(notes.said),
        assumed=tuple(notes.assumed),
        dropped=tuple(notes.dropped),
    )
    dtype = volumes.array.dtype.newbyteorder("=").name
    return volumes.found(VolumeHeader(grid, provenance, dtype=dtype, time_points=volumes.count))


def _volumes(file: HeaderAndData, shape: tuple[int, ...], list_axis: int | None) -> StoredVolumes:
    header, path, data_path, start = file.fields, file.path, file.data_path, file.data_start
    encoding, kind = str(header["encoding"]).lower(), str(header["type"])
    if encoding not in _PACKINGS:
        encodings = "raw, gzip, bzip2 and ascii"
        raise VolumeReadError(f"{path.name}: its encoding ({shown(encoding, 20)}) is not read; {encodings} are")
    if kind not in _TYPE_OF_NAME:
        raise VolumeReadError(
            f"{path.name}: it holds values of type {shown(kind, 20)}, which are not shown as an MR volume"
        )
    dtype = np.dtype(_TYPE_OF_NAME[kind])
    # Numbers that are written out have no order of bytes.
    if dtype.itemsize > 1 and _PACKINGS[encoding] != "text":
        dtype = np.dtype({"little": "<", "big": ">"}[str(header["endian"]).lower()] + _TYPE_OF_NAME[kind])
    if int(header.get("line skip", header.get("lineskip", 0))) != 0:
        raise VolumeReadError(f"{path.name}: its header asks to skip lines, which is not read")
    packing = _PACKINGS[encoding]
    if len(shape) - (list_axis is not None) == 2:  # a single slice
        shape = (*shape, 1)
        if list_axis == 2:
            shape, list_axis = (shape[0], shape[1], 1, shape[2]), 3
    skip = int(header.get("byte skip", header.get("byteskip", 0)))
    if skip == -1 and not packing:
        last = StoredArray(data_path, shape, dtype, 0, "", start)
        skip = data_path.stat().st_size - start - last.nbytes
    array = StoredArray(data_path, shape, dtype, skip, packing, start)
    return StoredVolumes(array, list_axis)


def _directions(header: Mapping[str, Any], dimension: int) -> FloatArray | None:
    """A row for each axis; not a number where the axis is none of space."""
    rows = header.get("space directions")
    if rows is None:
        return None
    width = max(len(row) for row in rows if row is not None)
    table = np.array([np.full(width, np.nan) if row is None else row for row in rows], dtype=np.float64)
    if len(table) != dimension:
        raise ValueError("as many directions as axes")
    return table


def _list_axis(
    path: Path, header: Mapping[str, Any], shape: tuple[int, ...], directions: FloatArray | None
) -> int | None:
    """The axis that is none of space."""
    kinds = [str(kind).lower() for kind in header.get("kinds", [])]
    if any("color" in kind for kind in kinds):
        raise VolumeReadError(f"{path.name}: it holds colour, which is not shown as an MR volume")
    if "complex" in kinds:
        raise VolumeReadError(f"{path.name}: it holds complex numbers, which is not shown as an MR volume")
    if directions is not None and not directions[:, :3].any(axis=1).all():
        # Time may be an axis of "space": its step has no part in the first three.
        others = [axis for axis, row in enumerate(directions) if not row[:3].any()]
    elif directions is not None and np.isnan(directions).any():
        others = [axis for axis, row in enumerate(directions) if np.isnan(row).all()]
    elif any(kind in _IN_SPACE for kind in kinds) and len(kinds) == len(shape):
        others = [axis for axis, kind in enumerate(kinds) if kind not in _IN_SPACE]
    else:
        others = [3] if len(shape) == 4 else []
    if len(others) > 1 or len(shape) - len(others) not in (2, 3):
        raise VolumeReadError(f"{path.name}: it has shape {shown(shape)}, which is no volume")
    return others[0] if others else None


def _voxel_to_ras(
    header: Mapping[str, Any], directions: FloatArray | None, in_space: list[int], notes: Notes
) -> tuple[FloatArray, str]:
    """The matrix, and why it is not known to lead to the patient's space; "" where it is."""
    space = _space(header)
    words = f"space {shown(space, 40)}" if space else "no anatomical space"
    if directions is None:
        spacings = np.array(header.get("spacings", np.full(max(in_space) + 1, np.nan)), dtype=np.float64)[in_space]
        if not np.isfinite(spacings).all():
            notes.assumed.append("no spacing: 1 mm assumed")
            spacings = np.where(np.isfinite(spacings), spacings, 1.0)
        directions, origin = np.diag(spacings), np.zeros(len(spacings))
        mm_per_unit = _mm_per_unit([_at(header.get("units"), axis) for axis in in_space], notes)
        if space:
            words, space = f"{words}, but no space directions, which alone would place it there", ""
    else:
        directions = directions[:, :3]
        given = header.get("space origin")
        if given is None:
            notes.assumed.append("no origin: the first voxel is taken as 0 0 0")
        origin = np.zeros(directions.shape[1]) if given is None else np.array(given, dtype=np.float64)[:3]
        mm_per_unit = _mm_per_unit([_at(header.get("space units"), axis) for axis in range(3)], notes)
    notes.said.append(words)
    matrix = matrix_of(directions * mm_per_unit, origin * mm_per_unit)
    if len(directions) == 2:
        notes.assumed.append("a single slice, taken as 1 mm thick")
    if space in _SPACES:
        return _SPACES[space] @ matrix, ""
    notes.assumed.append("axes of its space towards R, A, S")
    return matrix, words


def _space(header: Mapping[str, Any]) -> str:
    """Name of the space in full, without the time that may be a part of it."""
    space = str(header.get("space", "")).strip().lower().removesuffix("-time")
    return _SHORT.get(space[:3], space) if len(space) in (3, 4) and space[3:] in ("", "t") else space


def _at(units: Sequence[Any] | None, axis: int) -> str:
    return "" if units is None or axis >= len(units) else str(units[axis]).strip()


def _mm_per_unit(units: Sequence[str], notes: Notes) -> float:
    named = {unit for unit in units if unit not in ("", "none", "???")}
    # The s of a plural goes, that of ms stays.
    singular = [unit.lower() if len(unit) < 4 else unit.lower().removesuffix("s") for unit in named]
    known = {_MM_PER_UNIT[unit] for unit in singular if unit in _MM_PER_UNIT}
    if len(known) > 1:
        raise GeometryError(f"its axes are in different units of length ({shown(', '.join(sorted(named)), 40)})")
    if not known:
        strange = f"the unit of length {shown(', '.join(sorted(named)), 40)} is not known" if named else ""
        notes.assumed.append(f"{strange or 'no unit of length'}: mm assumed")
        return 1.0
    notes.said.append(f"unit of length {shown(min(named), 20)}")
    return known.pop()
