"""Values of attributes of which the profile says nothing: what of them can't name anybody."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from pydicom.datadict import dictionary_has_tag, keyword_for_tag, tag_for_keyword
from pydicom.multival import MultiValue

from napari_vascular_loop.privacy.vocabulary import cleaned, is_term

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement

    from napari_vascular_loop.domain.identifiers import Identifiers

NUMBERS = frozenset(("FL", "FD", "SL", "SS", "SV", "UL", "US", "UV", "AT"))
NUMBERS_IN_TEXT = frozenset(("DS", "IS"))
BYTES = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "UN"))
_MOST_DIGITS = 6


def _tags(keywords: str) -> frozenset[int]:
    found = {keyword: tag_for_keyword(keyword) for keyword in keywords.split()}
    missing = [keyword for keyword, tag in found.items() if tag is None]
    if missing:
        raise ValueError(f"DICOM has no attribute {missing[0]}")
    return frozenset(tag for tag in found.values() if tag is not None)


PIXELS = _tags("PixelData FloatPixelData DoubleFloatPixelData")
_IMAGE_BYTES = PIXELS | _tags(
    "RedPaletteColorLookupTableData GreenPaletteColorLookupTableData BluePaletteColorLookupTableData LUTData"
)
DATES_OF_IMAGES = _tags(
    "StudyDate SeriesDate AcquisitionDate ContentDate InstanceCreationDate AcquisitionDateTime FrameAcquisitionDateTime"
    " FrameReferenceDateTime StudyTime SeriesTime AcquisitionTime ContentTime InstanceCreationTime"
)
DESCRIPTIONS = _tags(
    "StudyDescription SeriesDescription ProtocolName SequenceName AcquisitionProtocolName PulseSequenceName"
)
DEVICE = _tags("Manufacturer ManufacturerModelName SoftwareVersions")
CHARACTERISTICS = _tags("PatientSex PatientAge PatientSize PatientWeight")
_OF_THE_IMAGE = _tags(
    "ImagePositionPatient ImageOrientationPatient PixelSpacing SliceThickness SpacingBetweenSlices SliceLocation"
    " RescaleSlope RescaleIntercept WindowCenter WindowWidth InstanceNumber AcquisitionNumber NumberOfFrames"
    " TemporalPositionIdentifier NumberOfTemporalPositions TriggerTime EchoTime RepetitionTime InversionTime FlipAngle"
    " EchoNumbers EchoTrainLength MagneticFieldStrength ImagingFrequency PixelBandwidth"
)
"""Without these an image would lie elsewhere, or mean other values: they stay though a patient has the same number."""
(STACK_ID,) = _tags("StackID")
_CHARACTER_SET = _tags("SpecificCharacterSet")
_MODEL = re.compile(r"[A-Za-z0-9 .,/()+_-]{1,40}")


def is_known(tag: int) -> bool:
    """Whether the standard has such an attribute."""
    return dictionary_has_tag(tag)


def kept_value(element: DataElement, known: Identifiers) -> Any:
    """What may stay of a value that no rule names; None where nothing may.

    Parameters
    ----------
    element : DataElement
        Of the source; no sequence and no UID.
    known : Identifiers
        Of the source: nothing in which they are found stays.
    """
    tag, vr = int(element.tag), element.VR
    if vr in BYTES:
        return element.value if tag in _IMAGE_BYTES else None
    if vr in NUMBERS:
        return element.value if _all(element.value, lambda one: not isinstance(one, str | bytes)) else None
    if vr in NUMBERS_IN_TEXT:
        told = None if tag in _OF_THE_IMAGE else known
        return element.value if _all(element.value, lambda one: _is_number(one, told)) else None
    if vr != "CS":
        return None
    if tag in _CHARACTER_SET:
        return (
            element.value
            if _all(element.value, lambda one: re.fullmatch(r"|ISO[ _]?[A-Z0-9 _]+|GBK?\d*", str(one)))
            else None
        )
    return element.value if _all(element.value, lambda one: is_term(str(one)) and not known.search(str(one))) else None


def kept_by_option(element: DataElement, known: Identifiers) -> Any:
    """What stays of a value that the user wants to keep; None where it is not what it should be."""
    tag = int(element.tag)
    said = str(element.value or "")
    if tag in DESCRIPTIONS:
        said = cleaned(said)
    if not said or known.search(said):
        return None
    if tag in DESCRIPTIONS:
        return said
    if tag in DEVICE:
        values = list(element.value) if isinstance(element.value, MultiValue) else [said]
        return element.value if all(_MODEL.fullmatch(str(one)) for one in values) else None
    if element.VR == "CS":
        return said if said in ("M", "F", "O") else None
    if element.VR == "AS":
        return said if re.fullmatch(r"\d{3}[DWMY]", said) else None
    return element.value if _is_number(said, known) else None


def keyword_of(tag: int) -> str:
    """For a report; nothing of the value."""
    if tag >> 16 & 1:
        return "private"
    return keyword_for_tag(tag) or ("overlays and curves" if tag >> 24 in (0x50, 0x60) else "unknown")


def _all(value: Any, fits: Any) -> bool:
    values = value if isinstance(value, MultiValue | list | tuple) else [value]
    return all(one is None or fits(one) for one in values)


def _is_number(said: Any, known: Identifiers | None) -> bool:
    text = str(said).strip()
    if not text:
        return True
    try:
        is_finite = math.isfinite(float(text))
    except ValueError:
        return False
    # What is as long as a patient's number may be one.
    whole = text.lstrip("+-").partition(".")[0]
    return is_finite and len(whole) <= _MOST_DIGITS and not (known is not None and known.search(text))
