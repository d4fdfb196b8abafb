"""Synthetic Siemens mosaics, with the vendor's own header ("CSA2") as nibabel and dcm2niix read it."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
from dicom_series import slice_dataset

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

ITEMS = 6


def csa2_header(**values: Any) -> bytes:
    """A CSA2 header of text items; a value is one, or a list of several."""
    out = b"SV10" + b"\4\3\2\1" + struct.pack("<2I", len(values), 77)
    for name, value in values.items():
        several = [str(one) for one in (value if isinstance(value, list) else [value])]
        vr = b"IS" if isinstance(value, int) else b"FD" if isinstance(several, list) and _is_number(several) else b"LO"
        count = max(ITEMS, len(several))
        out += struct.pack("<64si4s3i", name.encode(), len(several), vr, 4 if vr == b"FD" else 6, count, 77)
        for n in range(count):
            text = several[n].encode() + b"\0" if n < len(several) else b""
            out += struct.pack("<4i", 0, len(text), 77, 0) + text + b"\0" * (-len(text) % 4)
    return out


def _is_number(texts: list[str]) -> bool:
    try:
        return bool([float(one) for one in texts])
    except ValueError:
        return False


def mosaic_dataset(voxels: np.ndarray, voxel_to_ras: np.ndarray, csa: bytes | None = b"", **values: Any) -> Dataset:
    """All slices of voxels[column, row, slice] in one image, as the scanner writes them.

    Position: that of a single image of the mosaic's size about the centre of the first slice.
    """
    columns, rows, count = voxels.shape
    across = math.ceil(math.sqrt(count))
    pixels = np.zeros((rows * across, columns * across), dtype=voxels.dtype)
    for k in range(count):
        down, right = divmod(k, across)
        pixels[down * rows : (down + 1) * rows, right * columns : (right + 1) * columns] = voxels[:, :, k].T
    to_lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ voxel_to_ras
    column_step, row_step, slice_step = to_lps[:3, :3].T
    column_mm, row_mm, slice_mm = np.linalg.norm(to_lps[:3, :3], axis=0)
    corner = to_lps[:3, 3] - column_step * (across - 1) * columns / 2 - row_step * (across - 1) * rows / 2
    normal = [f"{value:.8f}" for value in slice_step / slice_mm]
    header = csa2_header(
        AcquisitionMatrixText=f"{columns}*{rows}",
        NumberOfImagesInMosaic=count,
        SliceNormalVector=normal,
        PhaseEncodingDirectionPositive=1,
        ProtocolSliceNumber=0,
        MosaicRefAcqTimes=[str(n * 50.0) for n in range(count)],
    )
    dataset = slice_dataset(
        pixels,
        **{
            "Manufacturer": "SIEMENS",
            "SoftwareVersions": "syngo MR E11",
            "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"],
            "ScanningSequence": "EP",
            "ImagePositionPatient": [f"{mm:.8g}" for mm in corner],
            "ImageOrientationPatient": [f"{v:.8f}" for v in (*(column_step / column_mm), *(row_step / row_mm))],
            "PixelSpacing": [f"{row_mm:.8g}", f"{column_mm:.8g}"],
            "SliceThickness": f"{slice_mm * 0.8:.8g}",
            "SpacingBetweenSlices": f"{slice_mm:.8g}",
            "InstanceNumber": 1,
            **values,
        },
    )
    block = dataset.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    if csa is not None:
        block.add_new(0x08, "CS", "IMAGE NUM 4")
        block.add_new(0x10, "OB", csa or header)
    block = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0A, "US", count)
    return dataset
