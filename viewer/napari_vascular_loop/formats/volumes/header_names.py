"""Which texts a file's header holds beside the image: their names, never what they say."""

from __future__ import annotations

import contextlib
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

import nibabel
import pydicom
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError
from nibabel.wrapstruct import WrapStructError
from pydicom.errors import InvalidDicomError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NIFTI = (".nii", ".nii.gz", ".hdr", ".img")
TEXTS_OF_NIFTI = ("descrip", "aux_file", "db_name", "intent_name")
_PATIENT = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "OtherPatientIDs",
    "OtherPatientNames",
    "PatientAddress",
    "PatientTelephoneNumbers",
    "AccessionNumber",
)
_NEW_NAME = re.compile(r"Patient \d+")
"""As `vascular-loop deidentify` gives it."""
_LOOKED_AT = 3
_MOST_LISTED = 2000


def texts_in_header(path: Path) -> list[str]:
    """Name the texts in the header of a NIfTI or Analyze file; none of any other, or of one that can't be read."""
    if not path.name.lower().endswith(_NIFTI):
        return []
    with contextlib.suppress(OSError, ValueError, EOFError, ImageFileError, HeaderDataError, WrapStructError):
        header = nibabel.load(path).header
        known = getattr(header, "structarr", None)
        names = [name for name in TEXTS_OF_NIFTI if known is not None and _has_text(known, name)]
        return [*names, *("an extension" for _ in getattr(header, "extensions", ())[:1])]
    return []


def patient_tags(path: Path) -> list[str]:
    """Name the tags about a patient that a DICOM file holds, or the first files of a folder."""
    found: dict[str, None] = {}
    for file in islice(_files(path), _LOOKED_AT):
        with contextlib.suppress(OSError, InvalidDicomError, ValueError, AttributeError, KeyError):
            dataset = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=list(_PATIENT))
            said = {name: str(dataset.get(name) or "").strip() for name in _PATIENT}
            found.update(dict.fromkeys(name for name in said if said[name] and not _NEW_NAME.fullmatch(said[name])))
    return list(found)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from (one for one in islice(sorted(path.rglob("*")), _MOST_LISTED) if one.is_file())


def _has_text(header: Any, name: str) -> bool:
    return name in (header.dtype.names or ()) and bool(bytes(header[name].item()).strip(b"\0 "))
