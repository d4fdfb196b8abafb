"""NIfTI-1 and NIfTI-2, in a single file (.nii, .nii.gz) or a pair (.hdr and .img); headers with nibabel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
from nibabel.spatialimages import HeaderDataError
from nibabel.wrapstruct import WrapStructError

from napari_vascular_loop.domain.errors import GeometryError, VolumeReadError
from napari_vascular_loop.domain.space import FloatArray, Grid
from napari_vascular_loop.domain.volume import Provenance, VolumeHeader
from napari_vascular_loop.formats.volumes import analyze, beside, inflate
from napari_vascular_loop.formats.volumes.damage import while_looking
from napari_vascular_loop.formats.volumes.found import FoundVolume, grid_warnings
from napari_vascular_loop.formats.volumes.header_text import Notes, decoded, rescale_of
from napari_vascular_loop.formats.volumes.identity import content_id
from napari_vascular_loop.formats.volumes.stored import StoredArray, StoredVolumes, several_warnings

if TYPE_CHECKING:
    from pathlib import Path

_MM_PER_UNIT = {"meter": 1000.0, "mm": 1.0, "micron": 0.001, "unknown": 1.0}
_CODES = {0: "unknown", 1: "scanner", 2: "aligned", 3: "talairach", 4: "mni", 5: "template"}
_CIFTI_INTENTS = range(3000, 3100)
_HEAD_BYTES = 560
_QFORM_MAY_DIFFER_MM = 0.1


def looks_like(path: Path) -> bool:
    """Whether a file calls itself NIfTI, or is half of a pair."""
    name = path.name.lower()
    return name.endswith((".nii", ".nii.gz")) or beside.is_pair_header(path) or beside.is_pair_voxels(path)


def companions(path: Path) -> tuple[Path, ...]:
    """Files that are read together with this one."""
    if not beside.is_pair_header(path):
        return ()
    return tuple(one for one in (beside.voxels_beside(path), beside.mat_beside(path)) if one is not None)


def find(path: Path) -> list[FoundVolume]:
    """Read the header of a NIfTI or Analyze file.

    Raises
    ------
    VolumeReadError
        If the file is empty, is not NIfTI, or its header makes no sense.
    """
    is_pair = beside.is_pair_header(path) or beside.is_pair_voxels(path)
    header_path, data_path = beside.pair_of(path) if is_pair else (path, path)
    kind = "NIfTI or Analyze" if is_pair else "NIfTI"
    with while_looking(header_path, kind, HeaderDataError, WrapStructError):
        head = inflate.first_bytes(header_path, _HEAD_BYTES)
        header_class = _class_of(head, is_pair)
        if header_class is None and is_pair:
            return analyze.find(header_path, data_path, head)
        if header_class is None:
            raise ValueError("no NIfTI header")
        if is_pair and data_path.stat().st_size == 0:
            raise VolumeReadError(f"{data_path.name}: the file is empty")
        notes = Notes()
        nifti = header_class(head[: header_class.template_dtype.itemsize], check=False)
        nifti.check_fix(logger=notes, error_level=40)
        return [_found(header_path, data_path, nifti, head, notes)]


def _class_of(head: bytes, is_pair: bool) -> Any:
    """Nibabel's class for a header, or None."""
    if head[344:348] in (b"n+1\0", b"ni1\0"):
        return nibabel.Nifti1Pair.header_class if is_pair else nibabel.Nifti1Header
    if nibabel.Nifti2Header.may_contain_header(head):
        return nibabel.Nifti2Pair.header_class if is_pair else nibabel.Nifti2Header
    return None


def _found(path: Path, data_path: Path, nifti: Any, head: bytes, notes: Notes) -> FoundVolume:
    if int(nifti["intent_code"]) in _CIFTI_INTENTS:
        raise VolumeReadError(f"{path.name}: it is CIFTI (numbers on a surface), not a volume of the head")
    shape = tuple(int(n) for n in nifti.get_data_shape())
    if len(shape) < 2 or min(shape) < 1:
        raise VolumeReadError(f"{path.name}: it has shape {shape}, which is no volume")
    volumes, count = _volumes(data_path, shape, nifti)
    warnings = [*volumes.array.end_warnings(count // volumes.count), *several_warnings(count)]
    if count != volumes.count:
        notes.dropped.append(f"all but the first of {count} volumes, as they lie along more than one further dimension")
    mm_per_unit = _mm_per_unit(nifti, warnings, notes)
    grid = Grid(volumes.grid_shape, _in_mm(nifti.get_best_affine(), mm_per_unit))
    warnings += grid_warnings(grid)
    known = _say_codes(nifti, grid, mm_per_unit, warnings, notes)
    _say_extensions(nifti, head, notes)
    paths = (path,) if path == data_path else (path, data_path)
    provenance = Provenance(
        id=content_id("nifti", *paths),
        format="nifti",
        description=decoded(nifti["descrip"]),
        orientation_known=known,
        source_files=paths,
        warnings=tuple(warnings),
        said=tuple(notes.said),
        assumed=tuple(notes.assumed),
        dropped=tuple(notes.dropped),
    )
    dtype = volumes.array.dtype.newbyteorder("=").name
    return volumes.found(VolumeHeader(grid, provenance, rescale_of(nifti), dtype, volumes.count))


def _volumes(path: Path, shape: tuple[int, ...], nifti: Any) -> tuple[StoredVolumes, int]:
    """What is read of the voxels, and how many volumes the file holds."""
    shape = (*shape, 1)[: max(3, len(shape))]
    count = math.prod(shape[3:])
    offset = nifti.get_data_offset()
    if nifti.is_single:
        offset = max(offset, nifti.single_vox_offset)
    dtype = np.dtype(nifti.get_data_dtype())
    packing = inflate.packing_of(path)
    # The whole claim is held against the file, also where less is read.
    StoredArray(path, shape, dtype, offset, packing)
    if count == 1 or count != shape[3]:
        return StoredVolumes(StoredArray(path, shape[:3], dtype, offset, packing)), count
    return StoredVolumes(StoredArray(path, shape[:4], dtype, offset, packing), list_axis=3), count


def _mm_per_unit(nifti: Any, warnings: list[str], notes: Notes) -> float:
    """Length of the unit that the file is in."""
    code = int(nifti["xyzt_units"]) % 8
    try:
        unit = nifti.get_xyzt_units()[0]
    except KeyError:
        unit = "unknown"
    if unit not in _MM_PER_UNIT or (unit == "unknown" and code != 0):
        notes.assumed.append(f"a unit of length with the unknown code {code}: mm assumed")
    elif unit == "unknown":
        notes.assumed.append("no unit of length: mm assumed")
    else:
        notes.said.append(f"unit of length {unit}")
    factor = _MM_PER_UNIT.get(unit, 1.0)
    if factor != 1.0:
        warnings.append(f"its unit of length is the {unit}; converted to mm")
    return factor


def _in_mm(affine: FloatArray, mm_per_unit: float) -> FloatArray:
    matrix = np.array(affine, dtype=np.float64)
    matrix[:3] *= mm_per_unit
    return matrix


def _say_codes(nifti: Any, grid: Grid, mm_per_unit: float, warnings: list[str], notes: Notes) -> bool:
    """Say which of the two matrices is used, and whether the file says how the patient lies."""
    sform, qform = int(nifti["sform_code"]), int(nifti["qform_code"])
    codes = f"sform code {sform} ({_CODES[sform]}), qform code {qform} ({_CODES[qform]})"
    used = "; the sform is used" if sform else "; the qform is used" if qform else ""
    notes.said.insert(0, codes + used)
    if not sform and not qform:
        warnings.append("the file does not say how the patient lies in it (sform and qform codes are 0)")
        notes.assumed.append(f"axes towards {grid.orientation}, the origin in the middle")
    elif sform and qform:
        shift_mm = grid.farthest_corner_shift_mm(_qform_grid(nifti, grid, mm_per_unit))
        if shift_mm > _QFORM_MAY_DIFFER_MM:
            warnings.append(f"its sform and qform disagree by up to {shift_mm:.1f} mm; the sform is used")
    return bool(sform or qform)


def _qform_grid(nifti: Any, grid: Grid, mm_per_unit: float) -> Grid:
    try:
        return Grid(grid.shape, _in_mm(nifti.get_qform(), mm_per_unit))
    except (GeometryError, HeaderDataError, ValueError):
        return grid


def _say_extensions(nifti: Any, head: bytes, notes: Notes) -> None:
    size = nifti.template_dtype.itemsize
    if len(head) > size and head[size] != 0:
        length = nifti.get_data_offset() - size - 4
        how_long = f" ({length} bytes)" if nifti.is_single and length > 0 else ""
        notes.dropped.append(f"extensions of the header{how_long}")
