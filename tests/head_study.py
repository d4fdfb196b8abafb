"""A study as a DICOMweb server may hold it: series that differ in all, and what is no image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from conftest import TILT_DEG, affine_of, make_dot_volume
from dicom_series import series, slice_dataset
from pydicom.uid import BasicTextSRStorage, GrayscaleSoftcopyPresentationStateStorage, RLELossless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

TILTED = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3), TILT_DEG)
SAGITTAL = affine_of((1, 2, 0), (-1, -1, 1), (1.0, 1.2, 3.0))
HEAD_STUDY, AXIAL, UPRIGHT, REPORT, MARKS, SQUEEZED = (f"1.2.826.0.1.{number}" for number in range(6))
OTHER_STUDY = "1.2.826.0.2"


def datasets_of_head() -> Iterator[Dataset]:
    """A study of two series that differ in all, a third that is compressed, a report, and a presentation state."""
    tilted = make_dot_volume(TILTED).voxels
    common = {"StudyInstanceUID": HEAD_STUDY, "StudyDate": "20240229", "StudyDescription": "Head"}
    yield from series(tilted, TILTED, **_own(AXIAL), SeriesNumber=2, SeriesDescription="CISS", **common)
    sagittal = make_dot_volume(SAGITTAL, (6, 9, 5)).voxels
    yield from series(sagittal, SAGITTAL, **_own(UPRIGHT), SeriesNumber=1, SeriesDescription="T1", **common)
    squeezed = series(tilted, TILTED, **_own(SQUEEZED), SeriesNumber=3, SeriesDescription="RLE", **common)
    for dataset in squeezed:
        dataset.compress(RLELossless, generate_instance_uid=False)
        yield dataset
    for number, (uid, modality, kind) in enumerate(
        [(REPORT, "SR", BasicTextSRStorage), (MARKS, "OT", GrayscaleSoftcopyPresentationStateStorage)], start=4
    ):
        yield without_image(SOPClassUID=kind, Modality=modality, SeriesInstanceUID=uid, SeriesNumber=number, **common)


def _own(series_uid: str) -> dict[str, Any]:
    return {"SeriesInstanceUID": series_uid, "SOPInstanceUID": lambda k: f"{series_uid}.{k + 1}"}


def without_image(**values: Any) -> Dataset:
    dataset = slice_dataset(np.zeros((2, 2), np.uint16), **values)
    for name in ("Rows", "Columns", "PixelData", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated"):
        delattr(dataset, name)
    return dataset
