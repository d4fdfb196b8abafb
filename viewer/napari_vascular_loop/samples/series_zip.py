"""A DICOM series in a ZIP archive of which no hash is known: whether it is whole, and the right one."""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import DownloadError

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.samples.catalogue import Series

_DICOM_AT = 128
_HEAD = 1 << 20
_BLOCK = 1 << 20


def check_series_zip(path: Path, series: Series) -> None:
    """Check that an archive is whole (its CRCs), and holds as many images as it should, all of the one series.

    Raises
    ------
    DownloadError
        If it is not; the sentence says in what.
    """
    try:
        with zipfile.ZipFile(path) as opened:
            images = sum(_is_image_of(opened, info, series) for info in opened.infolist() if not info.is_dir())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DownloadError(
            "what came is no whole ZIP archive: it is refused and removed; try again, or later"
        ) from error
    if images != series.files:
        raise DownloadError(
            f"the archive holds {images} images, not the {series.files} of the series that the catalogue states: it is "
            "refused and removed; try again, and if it stays so, the publisher has changed it"
        )


def _is_image_of(opened: zipfile.ZipFile, info: zipfile.ZipInfo, series: Series) -> bool:
    """Whether a member is an image of the series; it is read to its end, which checks its CRC."""
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError
    from pydicom.filebase import DicomBytesIO

    with opened.open(info) as member:
        head = member.read(_HEAD)
        while member.read(_BLOCK):
            pass
    if head[_DICOM_AT : _DICOM_AT + 4] != b"DICM":
        return False
    try:
        read = dcmread(DicomBytesIO(head), stop_before_pixels=True, specific_tags=["SeriesInstanceUID"])
    except (InvalidDicomError, EOFError, ValueError):
        return False
    found = str(read.get("SeriesInstanceUID", ""))
    if found != series.uid:
        raise DownloadError(
            f"the archive holds images of the series {found[:64] or 'without a UID'}, not of {series.uid}: it is "
            "refused"
        )
    return True
