"""What is no slice of a volume, and why."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydicom import config
from pydicom.uid import UID

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.directory import is_dicomdir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.formats.volumes.dicom.file import DicomFile
    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame, Header

# A part of eight digits or more may be a patient's number or date, in a damaged header.
_UID = re.compile(r"[0-9]{1,7}(\.[0-9]{1,7}){1,31}")
_STORAGE = "1.2.840.10008.5.1.4.1.1."

SECONDARY_CAPTURES = frozenset(_STORAGE + end for end in ("7", "7.1", "7.2", "7.3", "7.4"))

_SLICES = frozenset(
    _STORAGE + end for end in ("2", "2.1", "2.2", "4", "4.1", "4.3", "4.4", "128", "128.1", "130", "13.1.1")
)
"""CT, MR, PET, enhanced and legacy converted ones, and volumes from a rotating X-ray tube (PS3.4 annex B.5)."""

_KINDS = {
    # UIDs of PS3.4 annex B.5, or what they begin with, and what is in them
    "1": "a projection (computed radiography)",
    "1.1": "a projection (digital X-ray)",
    "1.2": "a projection (mammography)",
    "1.3": "a projection (dental X-ray)",
    "4.2": "spectroscopy, not an image",
    "9": "a waveform, not an image",
    "11": "a presentation state: it says how to show images, and holds none",
    "12": "a projection (angiography or fluoroscopy)",
    "30": "a parametric map, which is not read",
    "66": "raw data, not an image",
    "66.1": "a registration, not an image",
    "66.2": "fiducials, not an image",
    "66.3": "a deformable registration, not an image",
    "66.4": "a segmentation, not a scan",
    "66.5": "a surface, not an image",
    "66.7": "a segmentation, not a scan",
    "67": "a table of real-world values, not an image",
    "77.1": "a photograph or video, not a slice",
    "88": "a report, not an image",
    "88.59": "a list of key images, not an image",
    "88.67": "a report of radiation dose, not an image",
    "104": "an encapsulated document, not an image",
    "481.1": "a projection (radiotherapy image)",
    "481.2": "a radiotherapy dose, not a scan",
    "481.3": "outlines for radiotherapy, not an image",
    "481.5": "a radiotherapy plan, not an image",
}

_PROJECTING = {
    "CR": "computed radiography",
    "DX": "digital X-ray",
    "MG": "mammography",
    "IO": "dental X-ray",
    "PX": "panoramic X-ray",
    "RG": "radiography",
    "XA": "angiography",
    "RF": "fluoroscopy",
    "RTIMAGE": "radiotherapy image",
}
_PROJECTIONS = ("PROJECTION IMAGE", "PJN")
"""Values of Image Type; GE writes the short one."""

_COLOURS = ("PALETTE COLOR", "RGB", "YBR_", "HSV", "ARGB", "CMYK")


def refuse_what_is_no_slice(file: DicomFile) -> None:
    """Raise an error if a file can't hold slices of a volume.

    Raises
    ------
    VolumeReadError
        The message is the reason, without the file's name.
    """
    image_type = file.get("ImageType", ())
    reason = _reason(
        str(file.get("SOPClassUID", "")),
        str(file.get("Modality", "")),
        (image_type,) if isinstance(image_type, str) else tuple(map(str, image_type)),
        bool(file.get("Rows") and file.get("Columns")),
        file.get("SamplesPerPixel", 1),
        str(file.get("PhotometricInterpretation", "")),
        file.get("NumberOfFrames", 1),
        file.get("ImagePositionPatient") is not None and file.get("ImageOrientationPatient") is not None,
    )
    if reason == _NO_IMAGE and is_dicomdir(file.path):
        reason = "a directory of the disc (its images are read by themselves)"
    if reason:
        raise VolumeReadError(reason)


_NO_IMAGE = "a DICOM file that does not say what it is, and holds no image: damaged, or no scan"


def kind_name(sop_class: object) -> str:
    """What the standard calls a SOP class; its UID where it is not the standard's."""
    uid = str(sop_class)
    return UID(uid, config.IGNORE).name if _UID.fullmatch(uid) else "unknown kind"


@lru_cache(maxsize=1024)
def _reason(
    sop_class: str,
    modality: str,
    image_type: tuple[str, ...],
    has_image: bool,
    samples: Any,
    photometric: str,
    frames: Any,
    has_place: bool,
) -> str:
    kind = kind_name(sop_class)
    if not has_image and not sop_class:
        return _NO_IMAGE
    if not has_image:
        what = _kind_of(sop_class)
        return f"DICOM without an image ({kind})" + (f": {what}" if what else "")
    if samples != 1 or photometric.startswith(_COLOURS):
        return f"a colour picture, not a slice ({kind})"
    what = _kind_of(sop_class)
    if what:
        return f"{what} ({kind})"
    # A volume that was computed from the turn of an X-ray tube may keep the tube's name.
    if modality in _PROJECTING and not (sop_class in _SLICES and has_place):
        return f"a projection ({_PROJECTING[modality]}): the depth of what it shows is not known"
    for value in _PROJECTIONS:
        if value in image_type:
            return f"a projection (ImageType {value}): the depth of what it shows is not known"
    if not has_place and "SCREEN SAVE" in image_type and frames == 1:
        return f"a picture of a screen (ImageType SCREEN SAVE), not a slice ({kind})"
    if "LOCALIZER" in image_type and modality == "CT":
        return "a scout view (CT localizer), not a slice"
    # Whether the frames of a file of many say where they lie is known only when they have been looked into.
    if sop_class in _SLICES or has_place or frames != 1:
        return ""
    is_known = bool(kind.strip("0123456789."))
    if modality in ("MR", "CT", "PT", "") and (not is_known or not sop_class):
        return ""
    return _without_place(sop_class, modality, kind)


def _without_place(sop_class: str, modality: str, kind: str) -> str:
    if modality == "US":
        return f"ultrasound that does not say where it lies in the patient ({kind})"
    if sop_class in SECONDARY_CAPTURES:
        return f"a picture (secondary capture) that does not say where it lies in the patient ({kind})"
    return f"an image that does not say where it lies in the patient ({kind})"


def _kind_of(sop_class: str) -> str:
    """What a SOP class holds that is no scan, by the longest beginning that is listed; or nothing."""
    if not sop_class.startswith(_STORAGE) or sop_class in _SLICES:
        return ""
    parts = sop_class.removeprefix(_STORAGE).split(".")
    for count in range(len(parts), 0, -1):
        what = _KINDS.get(".".join(parts[:count]))
        if what:
            return what
    return ""


def projection_of(header: Header) -> str:
    """Whether an image calls itself a "maximum" or "minimum" intensity projection; else nothing."""
    values = tuple(map(str, header.get("ImageType", ())))
    if any(value in _MINIMA for value in values):
        return "minimum"
    return "maximum" if any(value in _MAXIMA or value.startswith("MIP_") for value in values) else ""


_MAXIMA = ("MIP", "CSA MIP", "MAX_IP")
_MINIMA = ("MINIP", "MNIP", "MIN_IP", "CSA MINIP")
"""Values of Image Type; those of susceptibility-weighted series are minima."""


def refuse_lone_projection(slices: Sequence[DicomFrame]) -> None:
    """Raise an error for a projection that is not one of a stack of parallel ones, as of a rotating view.

    Raises
    ------
    VolumeReadError
        The message is the reason.
    """
    kind = projection_of(slices[0].header)
    if len(slices) == 1 and kind:
        raise VolumeReadError(f"a {kind} intensity projection: the depth of what it shows is not known")


def refuse_frames_without_place(slices: Sequence[DicomFrame]) -> None:
    """Raise an error for frames of a file of many that do not say where they lie, as its others do.

    Raises
    ------
    VolumeReadError
        The message is the reason.
    """
    if slices[0].position_lps_mm is None and slices[0].header.get("Dimensions") is not None:
        are = "a frame that does not say where it lies" if len(slices) == 1 else f"{len(slices)} frames without a place"
        raise VolumeReadError(f"{are} in the patient")
