"""FreeSurfer's MGH files (.mgh, .mgz); headers with nibabel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from nibabel.freesurfer.mghformat import MGHHeader
from nibabel.spatialimages import HeaderDataError
from nibabel.wrapstruct import WrapStructError

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.space import FloatArray, Grid
from napari_vascular_loop.domain.volume import Provenance, VolumeHeader
from napari_vascular_loop.formats.volumes import inflate
from napari_vascular_loop.formats.volumes.damage import while_looking
from napari_vascular_loop.formats.volumes.found import FoundVolume, Look, grid_warnings
from napari_vascular_loop.formats.volumes.identity import content_id
from napari_vascular_loop.formats.volumes.stored import StoredArray, StoredVolumes, several_warnings

if TYPE_CHECKING:
    from pathlib import Path

_HEAD_BYTES = 284


def looks_like(path: Path) -> bool:
    """Whether a file calls itself MGH."""
    return path.name.lower().endswith((".mgh", ".mgz", ".mgh.gz"))


def look(path: Path) -> Look:
    """Look at a file, which has no companions."""
    return Look(partial(find, path))


def find(path: Path) -> list[FoundVolume]:
    """Read the header of an MGH file.

    Raises
    ------
    VolumeReadError
        If the file is empty, is not MGH, or its header makes no sense.
    """
    with while_looking(path, "MGH", HeaderDataError, WrapStructError):
        head = inflate.first_bytes(path, _HEAD_BYTES)
        if len(head) < _HEAD_BYTES:
            raise ValueError("no MGH header")
        mgh = MGHHeader(head, check=False)
        if int(mgh["version"]) != 1:
            raise ValueError("no MGH header")
        return [_found(path, mgh, _says_orientation(head))]


def _says_orientation(head: bytes) -> bool:
    """The goodRASFlag; nibabel puts in a default where it is not set, and sets it."""
    return head[28:30] != b"\0\0"


def _conformed(shape: tuple[int, int, int]) -> FloatArray:
    """The matrix that FreeSurfer takes where a file gives none; nibabel takes its transpose."""
    matrix = np.array([[-1.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
    matrix[:3, 3] = -matrix[:3, :3] @ (np.array(shape) / 2)
    return matrix


def _found(path: Path, mgh: MGHHeader, known: bool) -> FoundVolume:
    try:
        dtype = np.dtype(mgh.get_data_dtype())
    except KeyError:
        raise VolumeReadError(f"{path.name}: it holds numbers of the unknown type {int(mgh['type'])}") from None
    i, j, k, frames = (int(n) for n in mgh["dims"])
    shape = (i, j, k, frames) if frames != 1 else (i, j, k)
    array = StoredArray(path, shape, dtype, mgh.get_data_offset(), inflate.packing_of(path))
    volumes = StoredVolumes(array, 3 if frames != 1 else None)
    grid = Grid(volumes.grid_shape, mgh.get_affine() if known else _conformed((i, j, k)))
    warnings = [*array.end_warnings(), *several_warnings(volumes.count), *grid_warnings(grid)]
    if not known:
        warnings.append("the file does not say how the patient lies in it (its goodRASFlag is 0)")
    provenance = Provenance(
        id=content_id("mgh", path),
        format="mgh",
        orientation_known=known,
        source_files=(path,),
        warnings=tuple(warnings),
        said=(f"goodRASFlag {int(known)}: direction cosines and centre are {'given' if known else 'not given'}",),
        assumed=() if known else (f"axes towards {grid.orientation}, 1 mm, as FreeSurfer takes them",),
    )
    return volumes.found(VolumeHeader(grid, provenance, dtype=dtype.newbyteorder("=").name, time_points=volumes.count))
