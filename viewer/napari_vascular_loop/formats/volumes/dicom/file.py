"""One DICOM file: the part of its header that is needed here, and where its pixels lie.

`read_header` has one answer whichever way it came to it, so that everything above speaks to `DicomFile` only.
"""

from __future__ import annotations

import warnings as python_warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.errors import InvalidDicomError
from pydicom.multival import MultiValue
from pydicom.uid import ImplicitVRLittleEndian
from pydicom.valuerep import IS, DSdecimal, DSfloat

from napari_vascular_loop.domain.errors import VolumeReadError

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

KEYWORDS = (
    "SpecificCharacterSet",
    "ImageType",
    "SOPClassUID",
    "SOPInstanceUID",
    "AcquisitionTime",
    "Modality",
    "SeriesDescription",
    "ScanningSequence",
    "SliceThickness",
    "RepetitionTime",
    "EchoTime",
    "InversionTime",
    "EchoNumbers",
    "SpacingBetweenSlices",
    "TriggerTime",
    "GantryDetectorTilt",
    "PatientPosition",
    "DiffusionBValue",
    "DiffusionGradientOrientation",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "AcquisitionNumber",
    "InstanceNumber",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "FrameOfReferenceUID",
    "TemporalPositionIdentifier",
    "NumberOfTemporalPositions",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "PixelSpacing",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "RescaleIntercept",
    "RescaleSlope",
)
"""All that is looked at in a plain image's header; nothing of it names a patient."""

# What pydicom raises on damaged or unusual files.
DAMAGE = (
    InvalidDicomError,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    IndexError,
)


@dataclass(frozen=True, eq=False, slots=True)
class DicomFile:
    """Header of a DICOM file.

    Parameters
    ----------
    path : Path
        The file.
    values : dict
        Of `KEYWORDS`, those that the file has and that are not empty: str, int, float, or a list of these.
    transfer_syntax : str
        UID of the encoding of the pixels.
    pixels_offset : int or None
        Where the bytes of Pixel Data begin in the file; None where there are none, or they can't be read as they
        lie (deflated).
    pixels_length : int or None
        How many; None where the file does not say (encapsulated).
    """

    path: Path
    values: dict[str, Any]
    transfer_syntax: str
    pixels_offset: int | None
    pixels_length: int | None

    def get(self, keyword: str, default: Any = None) -> Any:
        """Value of an element of `KEYWORDS`, or the default where the file has none, or an empty one."""
        return self.values.get(keyword, default)

    def dataset(self) -> Dataset:
        """All of the header, with pydicom: for what is nested in sequences, or private.

        Raises
        ------
        VolumeReadError
            If the file is damaged.
        """
        return _dataset(self.path)


def read_header(path: Path) -> DicomFile:
    """Read the header of a DICOM file.

    Raises
    ------
    VolumeReadError
        If it is no DICOM file, is damaged, or may not be read; the message is the reason, without the file's name.
    """
    return read_with_pydicom(path)


def read_with_pydicom(path: Path) -> DicomFile:
    """Read the header with pydicom: the truth, whatever the file's habits."""
    dataset = _dataset(path)
    try:
        values = {}
        for keyword in KEYWORDS:
            value = _plain(dataset.get(keyword))
            if value is not None and value != "" and value != []:
                values[keyword] = value
        syntax = str(getattr(dataset.file_meta, "TransferSyntaxUID", ImplicitVRLittleEndian))
    except DAMAGE as error:
        raise VolumeReadError(f"a damaged DICOM file ({type(error).__name__})") from error
    offset, length = None, None
    return DicomFile(path, values, syntax, offset, length)


def _dataset(path: Path) -> Dataset:
    try:
        if path.stat().st_size == 0:
            raise VolumeReadError("the file is empty")
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            return pydicom.dcmread(path, stop_before_pixels=True)
    except InvalidDicomError as error:
        raise VolumeReadError("neither a NIfTI nor a DICOM file") from error
    except PermissionError as error:
        raise VolumeReadError(f"it may not be read by you ({error.strerror})") from error
    except DAMAGE as error:
        raise VolumeReadError(f"a damaged DICOM file ({type(error).__name__})") from error


def _plain(value: Any) -> Any:
    """Turn pydicom's numbers and lists into Python's own."""
    if isinstance(value, MultiValue | list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, IS):
        return int(value)
    if isinstance(value, DSfloat | DSdecimal):
        return float(value)
    if isinstance(value, str):
        return str(value)
    return value
