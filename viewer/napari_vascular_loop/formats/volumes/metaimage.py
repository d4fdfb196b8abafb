"""MetaImage files (.mha, and .mhd with its voxels beside it).

Read without ITK: its reader was found to give half of the voxels of a damaged compressed file wrong, in silence.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import GeometryError, VolumeReadError
from napari_vascular_loop.domain.space import RAS_FROM_LPS, FloatArray, Grid
from napari_vascular_loop.domain.text import shown, shown_numbers
from napari_vascular_loop.domain.volume import Provenance, Rescale, VolumeHeader
from napari_vascular_loop.formats.volumes import beside, inflate
from napari_vascular_loop.formats.volumes.axes import matrix_of
from napari_vascular_loop.formats.volumes.beside import HeaderAndData
from napari_vascular_loop.formats.volumes.damage import while_looking
from napari_vascular_loop.formats.volumes.found import FoundVolume, Look, grid_warnings, refused
from napari_vascular_loop.formats.volumes.header_text import Notes
from napari_vascular_loop.formats.volumes.identity import content_id
from napari_vascular_loop.formats.volumes.stored import StoredArray, StoredVolumes, several_warnings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LONGEST_HEADER = 1 << 16
_TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG": "i4",
    "MET_ULONG": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
"""https://itk.org/Wiki/MetaIO/Documentation#Reference:_Tags_of_MetaImage"""

_OTHER_NAMES = {
    "origin": "offset",
    "position": "offset",
    "rotation": "transformmatrix",
    "orientation": "transformmatrix",
    "elementbyteordermsb": "binarydatabyteordermsb",
}
_LETTERS_FROM = {"R": "L", "L": "R", "A": "P", "P": "A", "I": "S", "S": "I", "?": "?"}
"""MetaImage names where an axis comes from, we where it runs to."""


def looks_like(path: Path) -> bool:
    """Whether a file calls itself MetaImage."""
    return path.name.lower().endswith((".mha", ".mhd"))


def look(path: Path) -> Look:
    """Parse the header of a file."""
    try:
        with while_looking(path, "MetaImage", KeyError):
            meta = _parsed(path)
    except VolumeReadError as error:
        return refused(error)
    return Look(partial(_find, meta), meta.companions)


def _find(file: HeaderAndData) -> list[FoundVolume]:
    with while_looking(file.path, "MetaImage", KeyError):
        return [_found(file)]


def _parsed(path: Path) -> HeaderAndData:
    """Fields of the header go by their names in small letters."""
    fields: dict[str, str] = {}
    length = 0
    with path.open("rb") as file:
        while "elementdatafile" not in fields:
            line = file.readline(_LONGEST_HEADER)
            length += len(line)
            name, equals, value = line.decode("latin-1").partition("=")
            name, value = name.strip().lower(), value.strip()
            name = _OTHER_NAMES.get(name, name)
            if not equals or length > _LONGEST_HEADER:
                raise ValueError("no MetaImage header")
            if fields.setdefault(name, value) != value:
                raise GeometryError(f"its header says two different things of {shown(name, 30)}")
    return HeaderAndData(path, _data_path(path, fields["elementdatafile"]), fields, length)


def _data_path(path: Path, name: str) -> Path:
    if name.upper() == "LOCAL":
        return path
    if name.split()[:1] == ["LIST"] or "%" in name:
        raise VolumeReadError(f"{path.name}: its voxels are spread over several files, which is not read")
    return beside.named_beside(path, name)


def _found(file: HeaderAndData) -> FoundVolume:
    path, header = file.path, file.fields
    size = [int(n) for n in header["dimsize"].split()]
    dimension = int(header["ndims"])
    if len(size) != dimension:
        raise ValueError("as many sizes as dimensions")
    if dimension not in (2, 3, 4):
        raise VolumeReadError(f"{path.name}: it has shape {shown(tuple(size))}, which is no volume")
    notes = Notes()
    volumes = _volumes(file, size)
    known = "transformmatrix" in header and dimension > 2
    grid = Grid(volumes.grid_shape, _voxel_to_ras(header, dimension, notes))
    warnings = [*several_warnings(volumes.count), *grid_warnings(grid)]
    if known:
        warnings += _say_anatomy(header.get("anatomicalorientation", "???"), grid, notes)
    else:
        why = "a picture of two dimensions" if dimension == 2 else "no TransformMatrix"
        warnings.append(f"the file does not say how the patient lies in it ({why})")
    provenance = Provenance(
        id=content_id("metaimage", *file.paths),
        format="metaimage",
        modality={"MET_MOD_MR": "MR", "MET_MOD_CT": "CT"}.get(header.get("modality", ""), ""),
        orientation_known=known,
        source_files=file.paths,
        warnings=tuple(warnings),
        said=tuple(notes.said),
        assumed=(*notes.assumed, "no unit of length: mm assumed"),
    )
    dtype = volumes.array.dtype.newbyteorder("=").name
    return volumes.found(VolumeHeader(grid, provenance, _rescale(header), dtype, volumes.count))


def _volumes(file: HeaderAndData, size: list[int]) -> StoredVolumes:
    path, header, data_path, start = file.path, file.fields, file.data_path, file.data_start
    kind, channels = header["elementtype"], int(header.get("elementnumberofchannels", "1"))
    if header.get("objecttype", "Image") != "Image" or kind not in _TYPES:
        raise VolumeReadError(f"{path.name}: it holds {shown(kind, 20)!r}, which is not shown as an MR volume")
    dtype = np.dtype(_TYPES[kind]).newbyteorder(">" if _is_true(header.get("binarydatabyteordermsb", "")) else "<")
    if channels in (3, 4) and kind == "MET_UCHAR":
        raise VolumeReadError(f"{path.name}: it holds colour, which is not shown as an MR volume")
    shape, list_axis = (*size, 1)[: max(3, len(size))], 3 if len(size) == 4 else None
    if channels != 1:
        if list_axis is not None:
            raise VolumeReadError(f"{path.name}: it holds vectors at several time points, which is not shown")
        shape, list_axis = (channels, *shape), 0
    if not _is_true(header.get("binarydata", "True")):
        return StoredVolumes(StoredArray(data_path, shape, dtype, 0, "text", start), list_axis)
    if _is_true(header.get("compresseddata", "False")):
        packing = inflate.packing_of(data_path, start) or "zlib"
        return StoredVolumes(StoredArray(data_path, shape, dtype, 0, packing, start), list_axis)
    skip = int(header.get("headersize", "0"))
    if skip == -1:
        last = StoredArray(data_path, shape, dtype, 0, "", start)
        skip = data_path.stat().st_size - start - last.nbytes
    elif skip > 0:
        # Counted from where the file begins, as ITK does, even where the header itself is part of it.
        skip -= start
    return StoredVolumes(StoredArray(data_path, shape, dtype, skip, "", start), list_axis)


def _voxel_to_ras(header: Mapping[str, str], dimension: int, notes: Notes) -> FloatArray:
    spacing = _numbers(header, "elementspacing", dimension)
    if spacing is None:
        spacing = _numbers(header, "elementsize", dimension)
    if spacing is None:
        notes.assumed.append("no spacing: 1 mm assumed")
        spacing = np.ones(dimension)
    if not spacing.all():
        raise GeometryError(f"its spacing must not be 0, got {shown_numbers(spacing)}")
    if spacing.min() < 0:
        notes.assumed.append(f"spacing {shown_numbers(spacing)}: an axis of negative spacing runs the other way")
    directions = _numbers(header, "transformmatrix", dimension**2)
    origin = _numbers(header, "offset", dimension)
    if origin is None:
        notes.assumed.append("no Offset: the first voxel is taken as 0 0 0")
        origin = np.zeros(dimension)
    # Row n is the direction of axis n, as ITK reads it.
    rows = (np.eye(dimension) if directions is None else directions.reshape(dimension, dimension)) * spacing[:, None]
    if dimension == 2:
        notes.assumed.append("a single slice, taken as 1 mm thick")
    if dimension == 4 and (rows[:3, 3].any() or rows[3, :3].any()):
        raise GeometryError("its fourth axis is not square to the others")
    return np.asarray(RAS_FROM_LPS @ matrix_of(rows[:3, :3], origin[:3]), dtype=np.float64)


def _say_anatomy(letters: str, grid: Grid, notes: Notes) -> list[str]:
    """Hold the letters that the file states against its matrix, which is used."""
    notes.said.append(f"TransformMatrix and Offset, AnatomicalOrientation {letters[:8]}")
    runs_to = "".join(_LETTERS_FROM.get(letter, "?") for letter in letters.upper())
    if "?" in runs_to or len(runs_to) != 3:
        notes.assumed.append("its space is not named (AnatomicalOrientation ???): LPS assumed, as ITK does")
    elif runs_to != grid.orientation:
        return [
            f"its AnatomicalOrientation {letters} (towards {runs_to}) disagrees with its TransformMatrix "
            f"(towards {grid.orientation}); the matrix is used"
        ]
    return []


def _rescale(header: Mapping[str, str]) -> Rescale:
    slope = _numbers(header, "elementtointensityfunctionslope", 1)
    offset = _numbers(header, "elementtointensityfunctionoffset", 1)
    if slope is None or slope[0] == 0:
        return Rescale()
    return Rescale(float(slope[0]), 0.0 if offset is None else float(offset[0]))


def _numbers(header: Mapping[str, str], name: str, count: int) -> FloatArray | None:
    if name not in header:
        return None
    numbers = np.array([float(word) for word in header[name].split()])
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise GeometryError(f"its {name} has not {count} finite numbers")
    return numbers


def _is_true(word: str) -> bool:
    return word.lower() in ("true", "t", "1")
