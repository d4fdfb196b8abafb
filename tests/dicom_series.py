"""Synthetic DICOM series, written as a scanner would: LPS, one file a slice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENT = "DOE^JANE"


def slice_dataset(pixels: np.ndarray, **values: Any) -> Dataset:
    """One image, pixels[row, column], with whatever else is said of it; None leaves an element out."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = Dataset()
    dataset.file_meta = meta
    signed = pixels.dtype.kind == "i"
    bits = pixels.dtype.itemsize * 8
    elements: dict[str, Any] = {
        "SOPClassUID": MRImageStorage,
        "SOPInstanceUID": generate_uid(),
        "SeriesInstanceUID": "1.2.3",
        "FrameOfReferenceUID": "1.2.3.4",
        "PatientName": PATIENT,
        "PatientID": "ID-4711",
        "Modality": "MR",
        "SeriesDescription": "CISS",
        "Rows": pixels.shape[0],
        "Columns": pixels.shape[1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(signed),
        "PixelData": np.ascontiguousarray(pixels).tobytes(),
        **values,
    }
    for name, value in elements.items():
        if value is not None:
            setattr(dataset, name, value)
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return dataset


def save(dataset: Dataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def series(voxels: np.ndarray, voxel_to_ras: np.ndarray, **values: Any) -> list[Dataset]:
    """Slices of voxels[column, row, slice], in order of k; a value may be a function of k."""
    voxel_to_lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ voxel_to_ras
    column_step, row_step, slice_step = voxel_to_lps[:3, :3].T
    column_mm, row_mm, slice_mm = (float(np.linalg.norm(step)) for step in (column_step, row_step, slice_step))
    datasets = []
    for k in range(voxels.shape[2]):
        elements: dict[str, Any] = {
            "ImagePositionPatient": (voxel_to_lps[:3, 3] + k * slice_step).tolist(),
            "ImageOrientationPatient": [*(column_step / column_mm), *(row_step / row_mm)],
            "PixelSpacing": [row_mm, column_mm],
            "SliceThickness": slice_mm,
            "InstanceNumber": k + 1,
            **{name: value(k) if callable(value) else value for name, value in values.items()},
        }
        for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
            if elements[name] is not None:
                elements[name] = [f"{number:.10g}"[:16] for number in elements[name]]
        datasets.append(slice_dataset(voxels[:, :, k].T, **elements))
    return datasets


def write_series(
    folder: Path,
    voxels: np.ndarray,
    voxel_to_ras: np.ndarray,
    file_name: Callable[[int], str] = lambda k: f"IM{k:04d}",
    **values: Any,
) -> list[Path]:
    """Write the slices of voxels[column, row, slice]."""
    return [save(dataset, folder / file_name(k)) for k, dataset in enumerate(series(voxels, voxel_to_ras, **values))]
