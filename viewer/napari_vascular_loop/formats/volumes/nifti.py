"""NIfTI-1 and NIfTI-2, in a single file (.nii, .nii.gz) or a pair (.hdr and .img); headers with nibabel."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
from nibabel.spatialimages import HeaderDataError
from nibabel.wrapstruct import WrapStructError

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.volume import SYNTHETIC, Provenance, VolumeHeader
from napari_vascular_loop.formats.volumes import analyze, beside, inflate
from napari_vascular_loop.formats.volumes.damage import while_looking
from napari_vascular_loop.formats.volumes.found import FoundVolume, Look, grid_warnings
from napari_vascular_loop.formats.volumes.header_text import Notes, decoded, rescale_of
from napari_vascular_loop.formats.volumes.identity import content_id
from napari_vascular_loop.formats.volumes.nifti_place import place
from napari_vascular_loop.formats.volumes.stored import StoredArray, StoredVolumes, several_warnings

if TYPE_CHECKING:
    from pathlib import Path

_CIFTI_INTENTS = range(3000, 3100)
_HEAD_BYTES = 560
_NOT_SHOWN = {1: "single bits", 1536: "128-bit floating-point numbers", 2048: "256-bit complex numbers"}
"""Types for which the machine has none, or for which that differs from machine to machine."""


def looks_like(path: Path) -> bool:
    """Whether a file calls itself NIfTI, or is half of a pair."""
    name = path.name.lower()
    return name.endswith((".nii", ".nii.gz")) or beside.is_pair_header(path) or beside.is_pair_voxels(path)


def look(path: Path) -> Look:
    """Look at a file, and for what lies beside it."""
    if not beside.is_pair_header(path):
        return Look(partial(find, path))
    along = (beside.voxels_beside(path), beside.mat_beside(path))
    return Look(partial(find, path), tuple(one for one in along if one is not None))


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
    # What is no number is told of by the grid, not by numpy.
    with np.errstate(all="ignore"), while_looking(header_path, kind, HeaderDataError, WrapStructError):
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
        _refuse_nonsense(header_path, nifti)
        _note_what_is_lacking(nifti, notes)
        nifti.check_fix(logger=notes, error_level=40)
        return [_found(header_path, data_path, nifti, head, notes)]


def _class_of(head: bytes, is_pair: bool) -> Any:
    """Nibabel's class for a header, or None."""
    if head[344:348] in (b"n+1\0", b"ni1\0"):
        return nibabel.Nifti1Pair.header_class if is_pair else nibabel.Nifti1Header
    if nibabel.Nifti2Header.may_contain_header(head):
        return nibabel.Nifti2Pair.header_class if is_pair else nibabel.Nifti2Header
    return None


def _refuse_nonsense(path: Path, nifti: Any) -> None:
    """Say in plain words what nibabel would refuse in its own, or read as something else."""
    code = int(nifti["datatype"])
    if code in _NOT_SHOWN:
        raise VolumeReadError(f"{path.name}: it holds {_NOT_SHOWN[code]}, which are not shown as an MR volume")
    if code == 0 or code not in nifti._data_type_codes:
        raise VolumeReadError(f"{path.name}: it holds numbers of the unknown type {code}")
    offset = float(nifti["vox_offset"])
    if nifti.is_single and 0 != offset < nifti.single_vox_offset:
        raise VolumeReadError(f"{path.name}: its header says that the voxels begin at byte {offset:g}, inside itself")
    slope, intercept = float(nifti["scl_slope"]), float(nifti["scl_inter"])
    if slope and math.isfinite(slope) and not math.isfinite(intercept):
        raise VolumeReadError(f"{path.name}: its rescaling makes no sense: slope {slope:g}, intercept {intercept:g}")


def _note_what_is_lacking(nifti: Any, notes: Notes) -> None:
    """Note what is set to the usual value without a word, though places and voxels depend on it."""
    if int(nifti["qform_code"]) and not int(nifti["sform_code"]) and float(nifti["pixdim"][0]) not in (-1.0, 1.0):
        notes.assumed.append("its qform does not say whether it is mirrored (qfac is neither 1 nor -1): not mirrored")
    if nifti.is_single and float(nifti["vox_offset"]) == 0:
        notes.assumed.append(f"it does not say where the voxels begin: at byte {nifti.single_vox_offset}")


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
    grid, known = place(nifti, volumes.grid_shape, notes, warnings)
    warnings += grid_warnings(grid)
    _say_extensions(nifti, head, notes)
    paths = (path,) if path == data_path else (path, data_path)
    description = decoded(nifti["descrip"])
    if description.startswith(SYNTHETIC):
        warnings.append(description)
    provenance = Provenance(
        id=content_id("nifti", *paths),
        format="nifti",
        description=description,
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
    if count == 1 or count not in shape[3:]:
        return StoredVolumes(StoredArray(path, shape[:3], dtype, offset, packing)), count
    # Vectors, such as those of a warp, lie along the fifth dimension, and the fourth is 1.
    return StoredVolumes(StoredArray(path, (*shape[:3], count), dtype, offset, packing), list_axis=3), count


def _say_extensions(nifti: Any, head: bytes, notes: Notes) -> None:
    size = nifti.template_dtype.itemsize
    if len(head) > size and head[size] != 0:
        length = nifti.get_data_offset() - size - 4
        how_long = f" ({length} bytes)" if nifti.is_single and length > 0 else ""
        notes.dropped.append(f"extensions of the header{how_long}")
