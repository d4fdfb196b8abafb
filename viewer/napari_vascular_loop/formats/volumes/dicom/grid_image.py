"""United Imaging's grids: all slices of a volume as tiles of one image, each with a position of its own.

Image Type holds VFRAME; there are ceil(sqrt(slices)) tiles in a row, and as few rows as will do. Elements are those of
the maker's notes in dcm2niix (https://github.com/rordenlab/dcm2niix, UIH): (0065,1050) tells how many slices there
are, (0065,1051) is a sequence with the position of each.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydicom.sequence import Sequence

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE
from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame, FrameHeader, frame_of
from napari_vascular_loop.formats.volumes.dicom.private import private_values
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from napari_vascular_loop.formats.volumes.dicom.file import DicomFile

_GROUP, _CREATOR, _COUNT, _FRAMES = 0x0065, "Image Private Header", 0x50, 0x51
_MOST = 10_000


def is_grid(file: DicomFile) -> bool:
    """Whether an image calls itself a grid of slices."""
    return "VFRAME" in file.get("ImageType", ())


@quietly()
def frames_of(file: DicomFile) -> list[DicomFrame]:
    """Make slices of the tiles of a grid.

    Raises
    ------
    VolumeReadError
        If it does not say where its slices lie; the message is the reason, without the file's name.
    """
    dataset = file.dataset()
    places = _places(dataset)
    across = math.ceil(math.sqrt(len(places)))
    down = math.ceil(len(places) / across)
    values = {**private_values(dataset), "IsMosaic": True, "ImagePositionPatient": None}
    whole = frame_of(file, FrameHeader({**values, "ImagePositionPatient": places[0]}, file))
    if whole.position_lps_mm is None:
        raise VolumeReadError("a grid of slices that does not say how it lies in the patient")
    if whole.rows % down or whole.columns % across:
        raise VolumeReadError(
            f"a grid of slices that can't be cut: {len(places)} tiles in {whole.rows} x {whole.columns} pixels"
        )
    rows, columns = whole.rows // down, whole.columns // across
    key = (whole.key[0], rows, columns, *whole.key[3:])
    frames = []
    for tile, place in enumerate(places):
        one = frame_of(file, FrameHeader({**values, "ImagePositionPatient": place}, file))
        corner = (tile // across * rows, tile % across * columns)
        frames.append(replace(one, key=key, rows=rows, columns=columns, tile=corner))
    return frames


def _places(dataset: Dataset) -> list[Any]:
    try:
        block = dataset.private_block(_GROUP, _CREATOR)
        count = int(float(block[_COUNT].value))
        items = block[_FRAMES].value
        places = [list(item.ImagePositionPatient) for item in items] if isinstance(items, Sequence) else []
    except DAMAGE as error:
        raise VolumeReadError("a grid of slices that does not say where they lie (MRVFrameSequence)") from error
    if not 1 <= count <= _MOST or len(places) != count:
        raise VolumeReadError(f"a grid of {count} slices that says where {len(places)} of them lie (MRVFrameSequence)")
    return places
