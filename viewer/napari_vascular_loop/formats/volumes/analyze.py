"""Analyze 7.5 pairs (.hdr and .img), and what SPM made of them, with nibabel.

The format has no word for left and right. Only a .mat file of SPM beside it says how the patient lies.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from nibabel.fileholders import FileHolder
from nibabel.spm2analyze import Spm2AnalyzeHeader, Spm2AnalyzeImage

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.space import FloatArray, Grid
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.domain.volume import Provenance, VolumeHeader
from napari_vascular_loop.formats.volumes import beside, inflate
from napari_vascular_loop.formats.volumes.found import FoundVolume, grid_warnings
from napari_vascular_loop.formats.volumes.header_text import Notes, decoded, rescale_of
from napari_vascular_loop.formats.volumes.identity import content_id
from napari_vascular_loop.formats.volumes.stored import StoredArray, StoredVolumes, several_warnings

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST_MAT = 1 << 14


def find(header_path: Path, data_path: Path, head: bytes) -> list[FoundVolume]:
    """Read an Analyze header.

    Parameters
    ----------
    header_path, data_path : Path
        The pair.
    head : bytes
        How the header begins, unpacked.

    Raises
    ------
    VolumeReadError
        If the voxels are not what the header says.
    ValueError, nibabel.spatialimages.HeaderDataError
        If it is no Analyze header.
    """
    if not Spm2AnalyzeHeader.may_contain_header(head):
        raise ValueError("no Analyze header")
    if data_path.stat().st_size == 0:
        raise VolumeReadError(f"{data_path.name}: the file is empty")
    notes = Notes()
    analyze = Spm2AnalyzeHeader(head[: Spm2AnalyzeHeader.template_dtype.itemsize], check=False)
    analyze.check_fix(logger=notes, error_level=40)
    shape = tuple(int(n) for n in analyze.get_data_shape())
    if not 2 <= len(shape) <= 4 or min(shape) < 1:
        raise VolumeReadError(f"{header_path.name}: it has shape {shape}, which is no volume")
    volumes = _volumes(data_path, shape, analyze)
    paths, matrix = [header_path, data_path], analyze.get_best_affine()
    remarks = [*volumes.array.end_warnings(), *several_warnings(volumes.count)]
    mat = beside.mat_beside(header_path)
    from_mat = None if mat is None else _affine_of_mat(mat, head, notes)
    if mat is not None and from_mat is not None:
        paths.append(mat)
        matrix = from_mat
        notes.said.append("Analyze 7.5 with a .mat file of SPM, which says how the patient lies")
    elif mat is not None:
        remarks.append(f"{mat.name} beside it is no matrix of SPM, and is not used")
    grid = Grid(volumes.grid_shape, matrix)
    remarks += grid_warnings(grid)
    if from_mat is None:
        notes.said.append("Analyze 7.5, which has no word for left and right")
        notes.assumed.append(f"axes towards {grid.orientation}, as SPM keeps them; left and right may be swapped")
        remarks.append("the file does not say how the patient lies in it (Analyze 7.5)")
    notes.assumed.append("no unit of length: mm assumed")
    with np.errstate(all="ignore"):
        rescale = rescale_of(analyze)
    provenance = Provenance(
        id=content_id("analyze", *paths),
        format="analyze",
        description=decoded(analyze["descrip"]),
        orientation_known=from_mat is not None,
        source_files=tuple(paths),
        warnings=tuple(remarks),
        said=tuple(notes.said),
        assumed=tuple(notes.assumed),
    )
    dtype = volumes.array.dtype.newbyteorder("=").name
    return [volumes.found(VolumeHeader(grid, provenance, rescale, dtype, volumes.count))]


def _volumes(path: Path, shape: tuple[int, ...], analyze: Any) -> StoredVolumes:
    packing = inflate.packing_of(path)
    several = len(shape) == 4 and shape[3] > 1
    shape = shape if several else (*shape, 1)[:3]
    dtype = np.dtype(analyze.get_data_dtype())
    array = StoredArray(path, shape, dtype, analyze.get_data_offset(), packing)
    return StoredVolumes(array, 3 if several else None)


def _affine_of_mat(mat: Path, head: bytes, notes: Notes) -> FloatArray | None:
    """The matrix of SPM's .mat file, whose voxels are counted from 1, as nibabel turns it; None if it is another's."""
    from scipy.io.matlab import MatReadError

    # nibabel takes an empty one for none.
    if not 0 < mat.stat().st_size <= _LARGEST_MAT:
        return None
    files = {"header": head, "image": b"", "mat": mat.read_bytes()}
    holders = {name: FileHolder(fileobj=io.BytesIO(data)) for name, data in files.items()}
    damage = (ValueError, TypeError, KeyError, IndexError, NotImplementedError, OSError, struct.error, zlib.error)
    try:
        with warnings.catch_warnings(record=True) as remarks:
            warnings.simplefilter("always")
            affine = np.array(Spm2AnalyzeImage.from_file_map(holders).affine, dtype=np.float64)
    except (*damage, MatReadError):
        return None
    notes.assumed.extend(f"{mat.name}: {shown(remark.message)}" for remark in remarks)
    return affine
