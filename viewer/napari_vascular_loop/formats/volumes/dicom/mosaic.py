"""Siemens mosaics: all slices of a volume as tiles of one image, in rows from left to right.

Image Position (Patient) of a mosaic is that of a single image as large as the mosaic with the same centre as its
slices, so the first pixel of the first slice lies half the difference of the two sizes further in. Source: nibabel,
"Siemens mosaic" (https://nipy.org/nibabel/dicom/dicom_mosaic.html). The slices follow each other along
SliceNormalVector of Siemens' own header ("CSA"), which may be against the right-handed normal of rows and columns.
"""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE
from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame, FrameHeader, Vector, frame_of
from napari_vascular_loop.formats.volumes.dicom.private import private_values
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from napari_vascular_loop.formats.volumes.dicom.file import DicomFile

_PARALLEL = 1e-3


def is_mosaic(file: DicomFile) -> bool:
    """Whether an image calls itself a mosaic of slices."""
    return "MOSAIC" in file.get("ImageType", ())


def frames_of(file: DicomFile) -> list[DicomFrame]:
    """Make slices of the tiles of a mosaic.

    Raises
    ------
    VolumeReadError
        If it does not say how many slices it holds or which way they follow each other; the message is the reason,
        without the file's name.
    """
    dataset = file.dataset()
    count, normal = _tiles_and_normal(dataset)
    # What time or gradient a mosaic is of, all its slices are of.
    whole = frame_of(file, FrameHeader({**private_values(dataset), "IsMosaic": True}, file))
    if whole.position_lps_mm is None:
        raise VolumeReadError("a mosaic of slices that does not say where it lies in the patient")
    across = math.ceil(math.sqrt(count))
    if whole.rows % across or whole.columns % across:
        raise VolumeReadError(
            f"a mosaic of slices that can't be cut: {count} tiles in {whole.rows} x {whole.columns} pixels"
        )
    rows, columns = whole.rows // across, whole.columns // across
    step_mm = whole.stated_spacing_mm or whole.thickness_mm
    if step_mm is None:
        raise VolumeReadError("a mosaic of slices that does not say how far apart they are (SpacingBetweenSlices)")
    plane = whole.plane
    cosine = sum(a * b for a, b in zip(normal, plane.normal_lps, strict=True))
    if abs(abs(cosine) - 1) > _PARALLEL:
        raise VolumeReadError("a mosaic whose slices are not square to their normal (SliceNormalVector)")
    step_mm = math.copysign(step_mm, cosine)
    right_mm = plane.column_spacing_mm * (whole.columns - columns) / 2
    down_mm = plane.row_spacing_mm * (whole.rows - rows) / 2
    key = (whole.key[0], rows, columns, *whole.key[3:])
    frames = []
    for tile in range(count):
        x, y, z = (
            first + right * right_mm + down * down_mm + forward * step_mm * tile
            for first, right, down, forward in zip(
                whole.position_lps_mm, plane.row_lps, plane.column_lps, plane.normal_lps, strict=True
            )
        )
        place = (tile // across * rows, tile % across * columns)
        frames.append(replace(whole, key=key, rows=rows, columns=columns, position_lps_mm=(x, y, z), tile=place))
    return frames


def _tiles_and_normal(dataset: Dataset) -> tuple[int, Vector]:
    with quietly():
        # Imported here: few people have mosaics. It warns of being experimental; what it gives is checked below.
        from nibabel.nicom import csareader

    try:
        with quietly():
            csa: Any = csareader.get_csa_header(dataset) or {"tags": {}}
            count = csareader.get_n_mosaic(csa) if csa["tags"] else None
            normal = csareader.get_slice_normal(csa) if csa["tags"] else None
            if not count:
                count = _stated_count(dataset)
    # It stumbles over a name of its own in some headers of the first kind ("CSA1").
    except (csareader.CSAError, struct.error, AssertionError, MemoryError, NameError, *DAMAGE) as error:
        raise VolumeReadError(f"a mosaic of slices whose Siemens header is damaged ({type(error).__name__})") from error
    if not count or not 1 <= int(count) <= 10_000:
        raise VolumeReadError("a mosaic of slices that does not say how many it holds (NumberOfImagesInMosaic)")
    if normal is None or len(normal) != 3:
        raise VolumeReadError("a mosaic of slices whose Siemens header, which tells their order, is missing")
    x, y, z = map(float, normal)
    return int(count), (x, y, z)


def _stated_count(dataset: Dataset) -> int | None:
    try:
        value = dataset.private_block(0x0019, "SIEMENS MR HEADER")[0x0A].value
    except KeyError:
        return None
    return int.from_bytes(value, "little") if isinstance(value, bytes) else int(value)
