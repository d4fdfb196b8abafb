"""One image of a DICOM file as a slice: what geometry and grouping need, and nothing that names a patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.uid import UID

from napari_vascular_loop.domain.errors import VolumeReadError

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.formats.volumes.dicom.file import DicomFile

_SQUARE = 1e-3


@dataclass(frozen=True, eq=False)
class DicomFrame:
    """A slice; vectors are LPS, lengths mm.

    Parameters
    ----------
    file : DicomFile
        Where it is kept.
    number : int
        Which of the file's images it is, from 0.
    position_lps_mm : array of shape (3,) or None
        Centre of the first pixel (Image Position (Patient)).
    row_lps, column_lps : array of shape (3,)
        Unit vectors along a row (growing column index) and down a column (growing row index).
    column_spacing_mm, row_spacing_mm : float
        Between columns and between rows.
    """

    file: DicomFile
    group: tuple[Any, ...]
    sop_instance_uid: str
    instance_number: int
    rows: int
    columns: int
    position_lps_mm: FloatArray | None
    row_lps: FloatArray
    column_lps: FloatArray
    column_spacing_mm: float
    row_spacing_mm: float
    slice_spacing_mm: float
    slope: float
    intercept: float
    orientation_known: bool
    modality: str
    description: str
    frame_of_reference_uid: str | None
    number: int = 0

    @property
    def path(self) -> Path:
        """The file."""
        return self.file.path

    @property
    def normal_lps(self) -> FloatArray:
        """Unit vector square to the slice."""
        return np.asarray(np.cross(self.row_lps, self.column_lps), dtype=np.float64)


def frame_of(dataset: DicomFile) -> DicomFrame:
    """Take from a header what is needed.

    Raises
    ------
    VolumeReadError
        If this is no slice of a volume; the message is the reason, without the file's name.
    """
    _refuse_what_is_no_slice(dataset)
    orientation = _numbers(dataset, "ImageOrientationPatient", 6)
    position = _numbers(dataset, "ImagePositionPatient", 3)
    known = orientation is not None and position is not None
    row, column = _unit_vectors(orientation) if orientation is not None and known else (np.eye(3)[0], np.eye(3)[1])
    spacing = _numbers(dataset, "PixelSpacing", 2)
    thickness = _number(dataset, "SpacingBetweenSlices") or _number(dataset, "SliceThickness") or 1.0
    rows, columns = int(dataset.get("Rows")), int(dataset.get("Columns"))
    group = (
        str(dataset.get("SeriesInstanceUID", "")),
        rows,
        columns,
        *np.round(np.concatenate([row, column]), 3).tolist(),
        *([] if spacing is None else np.round(spacing, 4).tolist()),
        str(dataset.get("EchoNumbers", "")),
        str(dataset.get("EchoTime", "")),
        str(dataset.get("ImageType", "")),
    )
    return DicomFrame(
        file=dataset,
        group=group,
        sop_instance_uid=str(dataset.get("SOPInstanceUID", "")),
        instance_number=int(_number(dataset, "InstanceNumber") or 0),
        rows=rows,
        columns=columns,
        position_lps_mm=position if known else None,
        row_lps=row,
        column_lps=column,
        row_spacing_mm=1.0 if spacing is None else float(spacing[0]),
        column_spacing_mm=1.0 if spacing is None else float(spacing[1]),
        slice_spacing_mm=abs(thickness),
        slope=_slope(dataset),
        intercept=_number(dataset, "RescaleIntercept") or 0.0,
        orientation_known=known,
        modality=str(dataset.get("Modality", "")),
        description=str(dataset.get("SeriesDescription", "")),
        frame_of_reference_uid=str(dataset.get("FrameOfReferenceUID", "")) or None,
    )


def _refuse_what_is_no_slice(dataset: DicomFile) -> None:
    kind = UID(dataset.get("SOPClassUID", "")).name or "unknown kind"
    if not dataset.get("Rows") or not dataset.get("Columns"):
        raise VolumeReadError(f"DICOM without an image ({kind})")
    if int(dataset.get("SamplesPerPixel", 1)) != 1:
        raise VolumeReadError(f"a colour picture, not a slice ({kind})")
    if int(dataset.get("NumberOfFrames", 1) or 1) > 1:
        raise VolumeReadError(f"a multi-frame image, which is not read yet ({kind})")


def _unit_vectors(orientation: FloatArray) -> tuple[FloatArray, FloatArray]:
    row, column = orientation[:3], orientation[3:]
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if min(lengths) < 0.5 or abs(float(row @ column)) > _SQUARE * 10:
        raise VolumeReadError(f"its Image Orientation (Patient) is not two square unit vectors: {orientation.tolist()}")
    return row / lengths[0], column / lengths[1]


def _slope(dataset: DicomFile) -> float:
    slope = _number(dataset, "RescaleSlope")
    return 1.0 if slope is None or slope == 0 else slope


def _number(dataset: DicomFile, keyword: str) -> float | None:
    value = dataset.get(keyword)
    if value is None or value == "":
        return None
    number = float(value)
    if not np.isfinite(number):
        raise VolumeReadError(f"its {keyword} is not a number: {value}")
    return number


def _numbers(dataset: DicomFile, keyword: str, count: int) -> FloatArray | None:
    value = dataset.get(keyword)
    if value is None or value == "" or len(value) == 0:
        return None
    numbers = np.array([float(v) for v in value], dtype=np.float64)
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise VolumeReadError(f"its {keyword} should hold {count} numbers, got {list(value)}")
    if keyword == "PixelSpacing" and (numbers <= 0).any():
        raise VolumeReadError(f"its PixelSpacing must be greater than 0, got {list(value)}")
    return numbers
