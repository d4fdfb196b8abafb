"""One DICOM file: the part of its header that is needed here, and where its pixels lie.

`read_header` has one answer whichever way it came to it, so that everything above speaks to `DicomFile` only.
"""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.multival import MultiValue
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from pydicom.valuerep import DSdecimal

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly
from napari_vascular_loop.formats.volumes.dicom.scan import ENCAPSULATED, PIXEL_DATA, UNDEFINED, HeaderScan, file_meta
from napari_vascular_loop.formats.volumes.guarded_file import GuardedFile

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
    "ComplexImageComponent",
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
    "SeriesNumber",
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
    "FrameReferenceTime",
)
"""All that is looked at in a plain image's header; nothing of it names a patient."""

# What pydicom raises on damaged or unusual files.
DAMAGE = (
    InvalidDicomError,
    BytesLengthException,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    RuntimeError,
    ArithmeticError,
    struct.error,
    zlib.error,
)

_SCAN = HeaderScan(KEYWORDS)

_META_LENGTH = 4096

# A file without preamble begins with a short element of the group of file meta or of identification.
_SHORTEST_BARE, _LATEST_FIRST, _LONGEST_FIRST = 256, 0x18, 128
_FIRST_KINDS = (b"UL", b"CS", b"UI", b"DA", b"TM", b"SH")

# Deflated files may unpack to so much, or so many times their size: a real image shrinks to a half or a third.
_UNPACKED_FLOOR, _UNPACKED_TIMES = 64 << 20, 200
_PLAIN_META = b"".join(
    [
        bytes(128),
        b"DICM\x02\0\0\0UL\x04\0\x1c\0\0\0\x02\0\x10\0UI\x14\0",
        ExplicitVRLittleEndian.encode().ljust(20, b"\0"),
    ]
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
        How many; None where the file does not say (encapsulated); 0 where it ends before them.
    """

    path: Path
    values: dict[str, Any]
    transfer_syntax: str
    pixels_offset: int | None
    pixels_length: int | None

    def get(self, keyword: str, default: Any = None) -> Any:
        """Value of an element of `KEYWORDS`, or the default where the file has none, or an empty one."""
        return self.values.get(keyword, default)

    def dataset(self, with_pixels: bool = False) -> Dataset:
        """All of the header, with pydicom: for what is nested in sequences, or private.

        Parameters
        ----------
        with_pixels : bool
            Whether to read what lies behind the header too.

        Raises
        ------
        VolumeReadError
            If the file is damaged.
        """
        return _read(self.path, with_pixels)[0]


def read_header(path: Path) -> DicomFile:
    """Read the header of a DICOM file.

    Raises
    ------
    VolumeReadError
        If it is no DICOM file, is damaged, or may not be read; the message is the reason, without the file's name.
    """
    scanned = _SCAN.read(path)
    return read_with_pydicom(path) if scanned is None else DicomFile(path, *scanned)


def read_with_pydicom(path: Path) -> DicomFile:
    """Read the header with pydicom: the truth, whatever the file's habits.

    Raises
    ------
    VolumeReadError
        If it is no DICOM file, is damaged, or may not be read; the message is the reason, without the file's name.
    """
    dataset, syntax, offset, length = _read(path)
    values = {}
    try:
        with quietly():
            for keyword in KEYWORDS:
                value = _plain(dataset.get(keyword))
                if value is not None and value != "" and value != []:
                    values[keyword] = value
    except DAMAGE as error:
        raise VolumeReadError(f"a damaged DICOM file ({type(error).__name__})") from error
    return DicomFile(path, values, syntax, offset, length)


def _read(path: Path, with_pixels: bool = False) -> tuple[Dataset, str, int | None, int | None]:
    """Read a data set; with its transfer syntax, and where its Pixel Data begins and how long it is."""
    try:
        if path.stat().st_size == 0:
            raise VolumeReadError("the file is empty")
        with quietly(), GuardedFile(path) as file:
            return _read_opened(file, with_pixels)
    except InvalidDicomError as error:
        raise VolumeReadError("not a known kind of volume") from error
    except PermissionError as error:
        raise VolumeReadError(f"it may not be read by you ({error.strerror})") from error
    except MemoryError as error:
        raise VolumeReadError("it needs more memory than there is") from error
    except DAMAGE as error:
        raise VolumeReadError(f"a damaged DICOM file ({type(error).__name__})") from error


def _read_opened(file: GuardedFile, with_pixels: bool) -> tuple[Dataset, str, int | None, int | None]:
    head = file.read(_META_LENGTH)
    try:
        syntax, start = file_meta(head)
    except ValueError:
        syntax, start = "", 0
    if syntax == DeflatedExplicitVRLittleEndian:
        unpacked = GuardedFile(_PLAIN_META + _inflated(file, start))
        return pydicom.dcmread(unpacked, stop_before_pixels=not with_pixels), syntax, None, None
    file.seek(0)
    bare = is_bare(head)
    dataset = pydicom.dcmread(file, stop_before_pixels=not with_pixels, force=bare)
    offset, length = None, None
    if bare and not dataset.file_meta.get("TransferSyntaxUID"):
        if "SOPClassUID" not in dataset:
            raise InvalidDicomError
        is_implicit, _ = dataset.original_encoding
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian
    syntax = str(dataset.file_meta.get("TransferSyntaxUID") or ImplicitVRLittleEndian)
    if not with_pixels and not any(tag in dataset for tag in range(PIXEL_DATA - 0xF, PIXEL_DATA)):
        offset, length = _pixels_at(file, syntax)
    return dataset, syntax, offset, length


def is_bare(head: bytes) -> bool:
    """Whether a file begins with the elements themselves, as some archives write them, with no preamble before.

    Parameters
    ----------
    head : bytes
        The beginning of a file.
    """
    if head[128:132] == b"DICM" or len(head) < _SHORTEST_BARE:
        return False
    group, element, length = struct.unpack("<HHI", head[:8])
    if head[4:6] in _FIRST_KINDS:
        length >>= 16
    return group in (0x0002, 0x0008) and element <= _LATEST_FIRST and length <= _LONGEST_FIRST


def most_unpacked_bytes(size: int) -> int:
    """Up to how many bytes a deflated file of a size may unpack to."""
    return _UNPACKED_FLOOR + _UNPACKED_TIMES * size


def _inflated(file: GuardedFile, start: int) -> bytes:
    """Unpack a deflated data set (PS3.5 section A.5), unless it is a bomb."""
    size = os.fstat(file.fileno()).st_size
    most = most_unpacked_bytes(size)
    file.seek(start)
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    data = unpacker.decompress(file.read(size - start), most)
    if not unpacker.eof:
        raise VolumeReadError(
            f"its deflated data set breaks off, or unpacks to more than {most >> 20} MiB, which is not to be believed"
        )
    return data


def _pixels_at(file: GuardedFile, syntax: str) -> tuple[int | None, int | None]:
    """Find where Pixel Data begins, once pydicom has stopped before it, and its length; None where it is unusual."""
    start = file.tell()
    file.seek(max(0, start - 8))
    before = file.read(min(8, start))
    head = file.read(12)
    if not head:
        return None, 0
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    # A file may break off right after the header of the element.
    head = head.ljust(12, b"\0") if len(head) >= 8 else head
    if len(head) < 12 or struct.unpack(f"{order}HH", head[:4]) != (PIXEL_DATA >> 16, PIXEL_DATA & 0xFFFF):
        return None, None
    # There pydicom takes the end of an item for the end of all.
    if struct.unpack(f"{order}HH", before[:4]) == (0xFFFE, 0xE00D):
        return None, None
    is_explicit = head[4:6] in (b"OB", b"OW")
    if is_explicit == (syntax == ImplicitVRLittleEndian):
        return None, None
    (length,) = struct.unpack(f"{order}L", head[8:12] if is_explicit else head[4:8])
    if (syntax in ENCAPSULATED) != (length == UNDEFINED):
        return None, None
    return start + (12 if is_explicit else 8), None if length == UNDEFINED else length


def _plain(value: Any) -> Any:
    """Turn pydicom's numbers and lists into Python's own."""
    if isinstance(value, MultiValue | list | tuple):
        return [_plain(one) for one in value]
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    return float(value) if isinstance(value, DSdecimal) else value
