"""One image of a DICOM file as a slice: what geometry and grouping need, and nothing that names a patient.

Thousands of these are made when a folder is opened, so they hold plain tuples, and what many slices share is
worked out once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.space import MAX_COORDINATE_MM
from napari_vascular_loop.domain.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_vascular_loop.formats.volumes.dicom.file import DicomFile

Vector = tuple[float, float, float]

ECHO_TIME = 6
"""Where the echo time is in the key of a slice."""

MAX_SLANT = 0.01
"""Largest cosine of the angle between rows and columns that is still called square."""


class Header(Protocol):
    """Whatever answers for the elements of one image by keyword."""

    def get(self, keyword: str, default: Any = None) -> Any:
        """Value of an element, or the default."""


class FrameHeader:
    """Header of one image among several of a file, or of one about which more was found out.

    Parameters
    ----------
    own : mapping
        What is said of this image alone; it goes before what is said of the file.
    others : Header
        The header of the file.
    """

    __slots__ = ("others", "own")

    def __init__(self, own: Mapping[str, Any], others: Header) -> None:
        self.own = own
        self.others = others

    def get(self, keyword: str, default: Any = None) -> Any:
        """Value of an element, or the default."""
        if keyword in self.own:
            return self.own[keyword]
        return self.others.get(keyword, default)


@dataclass(frozen=True, eq=False, slots=True)
class SlicePlane:
    """How the pixels of a slice lie; vectors are LPS and of length 1.

    Parameters
    ----------
    row_lps, column_lps : tuple of 3
        Along a row (growing column index) and down a column (growing row index).
    normal_lps : tuple of 3
        Square to both, right-handed.
    row_spacing_mm, column_spacing_mm : float
        Between rows and between columns.
    orientation_known, spacing_known : bool
        Whether the file says so; else the axes are x and y, and 1 mm.
    """

    row_lps: Vector
    column_lps: Vector
    normal_lps: Vector
    row_spacing_mm: float
    column_spacing_mm: float
    orientation_known: bool
    spacing_known: bool


@dataclass(frozen=True, eq=False, slots=True)
class DicomFrame:
    """A slice.

    Parameters
    ----------
    file : DicomFile
        Where it is kept.
    header : Header
        What is said of it.
    key : tuple
        Slices of one volume have the same, but for `plane`, which may differ in the last digits.
    plane : SlicePlane
        How its pixels lie; the same object wherever the file says the same.
    position_lps_mm : tuple of 3, or None
        Centre of the first pixel (Image Position (Patient)).
    number : int
        Which of the file's images it is, from 0.
    tile : tuple of (row, column), or None
        First pixel of the slice in the stored image, where that is a mosaic of slices.
    """

    file: DicomFile
    header: Header
    key: tuple[Any, ...]
    plane: SlicePlane
    rows: int
    columns: int
    position_lps_mm: Vector | None
    instance_number: int
    slope: float
    intercept: float
    number: int = 0
    tile: tuple[int, int] | None = None

    @property
    def path(self) -> Path:
        """The file."""
        return self.file.path

    @property
    def sop_instance_uid(self) -> str:
        """UID of the file's content."""
        return str(self.file.get("SOPInstanceUID", ""))

    @property
    def thickness_mm(self) -> float | None:
        """How thick the slice is, where the file says so."""
        return _length(self.header, "SliceThickness")

    @property
    def stated_spacing_mm(self) -> float | None:
        """Distance to the next slice, where the file says so."""
        return _length(self.header, "SpacingBetweenSlices")


def frame_of(file: DicomFile, header: Header | None = None, number: int = 0) -> DicomFrame:
    """Make a slice of an image.

    Parameters
    ----------
    file : DicomFile
        Where it is kept.
    header : Header, optional
        What is said of this image, where the file holds several.
    number : int
        Which of them it is, from 0.

    Raises
    ------
    VolumeReadError
        If what is said of it makes no sense; the message is the reason, without the file's name.
    """
    header = file if header is None else header
    get = header.get
    orientation = _numbers(get("ImageOrientationPatient"), 6, "ImageOrientationPatient")
    position = _numbers(get("ImagePositionPatient"), 3, "ImagePositionPatient")
    if orientation is None or position is None:
        orientation, position = None, None
    elif max(position) > MAX_COORDINATE_MM or min(position) < -MAX_COORDINATE_MM:
        raise VolumeReadError(f"its ImagePositionPatient can't be in mm: {_told(list(position))}")
    plane = plane_of(orientation, _numbers(get("PixelSpacing"), 2, "PixelSpacing"))
    rows, columns = int(get("Rows")), int(get("Columns"))
    if not (0 < rows < 1 << 16 and 0 < columns < 1 << 16):
        raise VolumeReadError(f"its Rows and Columns can't be so many: {_told([rows, columns])}")
    image_type = get("ImageType", ())
    echo_time = get("EchoTime")
    key = (
        series_of(file, header),
        rows,
        columns,
        (image_type,) if isinstance(image_type, str) else tuple(map(str, image_type)),
        str(get("ComplexImageComponent", "")),
        str(get("EchoNumbers", "")),
        round(echo_time, 2) if isinstance(echo_time, float) else str(echo_time or ""),
        plane,
    )
    slope = number_of(header, "RescaleSlope")
    return DicomFrame(
        file,
        header,
        key,
        plane,
        rows,
        columns,
        position,  # type: ignore[arg-type]
        _instance_number(header),
        slope or 1.0,
        number_of(header, "RescaleIntercept") or 0.0,
        number,
    )


def _instance_number(header: Header) -> int:
    """Which image of its series it is; 0 where that is not said, or an anonymiser wrote something else."""
    try:
        return int(number_of(header, "InstanceNumber") or 0)
    except VolumeReadError:
        return 0


def series_of(file: DicomFile, header: Header) -> str:
    """What tells its series from others: its UID and number, and the description where there is no true UID.

    Whoever takes the patient out of files may leave out the UIDs, or write the same for all.
    """
    get = header.get
    uid = str(get("SeriesInstanceUID", ""))
    if is_true_uid(uid):
        return f"{uid} {get('SeriesNumber', '')}"
    # Files of no series belong together if they lie together.
    return f"{uid or file.path.parent} {get('SeriesNumber', '')} {get('SeriesDescription', '')}"


def is_true_uid(uid: str) -> bool:
    """Whether it can be a UID of a series: such as were wiped have no root."""
    return "." in uid


@lru_cache(maxsize=4096)
def plane_of(orientation: tuple[float, ...] | None, spacing_mm: tuple[float, ...] | None) -> SlicePlane:
    """Make a plane of Image Orientation (Patient) and Pixel Spacing (between rows, between columns).

    Raises
    ------
    VolumeReadError
        If the orientation is not two unit vectors at a right angle, or the spacing not positive.
    """
    row_mm, column_mm = (1.0, 1.0) if spacing_mm is None else spacing_mm
    if not (min(row_mm, column_mm) > 0 and max(row_mm, column_mm) <= MAX_COORDINATE_MM):
        raise VolumeReadError(f"its PixelSpacing must be greater than 0 and in mm, got {_told([row_mm, column_mm])}")
    said = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0) if orientation is None else orientation
    lengths = math.hypot(*said[:3]), math.hypot(*said[3:])
    if not (min(lengths) >= 0.5 and max(lengths) <= 2 and abs(_dot(said[:3], said[3:])) <= MAX_SLANT):
        raise VolumeReadError(f"its Image Orientation (Patient) is not two square unit vectors: {_told(list(said))}")
    a, b, c = (v / lengths[0] for v in said[:3])
    x, y, z = (v / lengths[1] for v in said[3:])
    normal = (b * z - c * y, c * x - a * z, a * y - b * x)
    size = math.hypot(*normal)
    normal = (normal[0] / size, normal[1] / size, normal[2] / size)
    return SlicePlane((a, b, c), (x, y, z), normal, row_mm, column_mm, orientation is not None, spacing_mm is not None)


def _dot(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def number_of(header: Header, keyword: str) -> float | None:
    """Value of an element as a number; None where there is none.

    Raises
    ------
    VolumeReadError
        If it is no finite number.
    """
    value = header.get(keyword)
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise VolumeReadError(f"its {keyword} is not a number: {_told(value)}")
    return number


def _length(header: Header, keyword: str) -> float | None:
    """A length in mm; what makes no sense is as if it were not said."""
    try:
        value = abs(number_of(header, keyword) or 0.0)
    except VolumeReadError:
        return None
    return value if 0 < value <= MAX_COORDINATE_MM else None


def _numbers(value: Any, count: int, keyword: str) -> tuple[float, ...] | None:
    if value is None or value == "" or value == []:
        return None
    try:
        numbers = tuple(map(float, value))
    except (TypeError, ValueError, OverflowError):
        numbers = ()
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        raise VolumeReadError(f"its {keyword} should hold {count} numbers, got {_told(value)}")
    return numbers


def _told(value: Any) -> str:
    """What should be numbers, for a message, in four digits: in a damaged header more may be a patient's date."""
    several = value if isinstance(value, list) else [value]
    try:
        return shown(", ".join(f"{float(one):.4g}" for one in several))
    except (TypeError, ValueError, OverflowError):
        return "text that holds something else"
