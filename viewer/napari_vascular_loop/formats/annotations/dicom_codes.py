"""Coded concepts of marks in DICOM: the standard's where it has one, our own where it has none (PS3.16)."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from pydicom.sr.coding import Code

from napari_vascular_loop.domain.annotation import Grade, Side
from napari_vascular_loop.domain.terms import STRUCTURES, structure_by_id, structure_by_name

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN_SCHEME = "99NVL"
"""Designator of our own codes: PS3.3 section 8.2 keeps what begins with 99 for private schemes."""

MEASUREMENT_GROUP = Code("125007", "DCM", "Measurement Group")
TRACKING_LABEL = Code("112039", "DCM", "Tracking Identifier")
TRACKING_UID = Code("112040", "DCM", "Tracking Unique Identifier")
FINDING = Code("121071", "DCM", "Finding")
FINDING_SITE = Code("363698007", "SCT", "Finding Site")
LATERALITY = Code("272741003", "SCT", "Laterality")
COMMENT = Code("121106", "DCM", "Comment")
OBSERVER_TYPE = Code("121005", "DCM", "Observer Type")
PERSON = Code("121006", "DCM", "Person")
OBSERVER_NAME = Code("121008", "DCM", "Person Observer Name")
PROCEDURE = Code("363679005", "SCT", "Imaging procedure")

SHAPE = Code("shape", OWN_SCHEME, "Shape of the mark")
LABEL = Code("label", OWN_SCHEME, "Label")
AUTHOR = Code("author", OWN_SCHEME, "Author")
IDENTIFIER = Code("identifier", OWN_SCHEME, "Identifier of the mark")
CREATED = Code("created", OWN_SCHEME, "Created")
MODIFIED = Code("modified", OWN_SCHEME, "Modified")
PASSAGE = Code("passage", OWN_SCHEME, "Passage of the article (W3C selectors)")
GRADE = Code("grade", OWN_SCHEME, "Grade of neurovascular compression")

SHAPES: Mapping[str, Code] = {
    kind: Code(kind, OWN_SCHEME, kind) for kind in ("arrow", "point", "text", "path", "region")
}

SIDES: Mapping[Side, Code] = {
    Side.LEFT: Code("7771000", "SCT", "Left"),
    Side.RIGHT: Code("24028007", "SCT", "Right"),
    Side.MIDLINE: Code("261129000", "SCT", "Midline"),
}
GRADES: Mapping[Grade, Code] = {
    Grade.MILD: Code("255604002", "SCT", "Mild"),
    Grade.MODERATE: Code("6736007", "SCT", "Moderate"),
    Grade.SEVERE: Code("24484000", "SCT", "Severe"),
}

_Key = tuple[str, str]
_EARLIER = {"SNM3": "SRT", "99SDM": "SRT"}
_OLD_CODES: Mapping[_Key, _Key] = {
    # SNOMED RT's codes of the same concepts, which older reports carry (PS3.16 annex O)
    ("G-C0E3", "SRT"): ("363698007", "SCT"),
    ("G-C171", "SRT"): ("272741003", "SCT"),
    ("G-A100", "SRT"): ("24028007", "SCT"),
    ("G-A101", "SRT"): ("7771000", "SCT"),
}


def key_of(value: str, scheme: str) -> _Key:
    """What codes are compared by: value and scheme, in today's spelling."""
    key = value.strip(), _EARLIER.get(scheme.strip(), scheme.strip())
    return _OLD_CODES.get(key, key)


def key(code: Code) -> _Key:
    """Value and scheme of one of the codes above."""
    return code.value, code.scheme_designator


def structure_code(structure: str | None) -> Code | None:
    """Code of a structure of the table; None for free text and for None."""
    known = structure_by_id(structure)
    if known is None:
        return None
    for value, scheme in ((known.snomed, "SCT"), (known.uberon, "UBERON"), (known.fma, "FMA")):
        if value:
            return Code(value, scheme, known.name)
    return Code(known.id, OWN_SCHEME, known.name)


_STRUCTURES = {
    (value, scheme): one.id
    for one in STRUCTURES
    for value, scheme in (
        (one.snomed, "SCT"),
        (one.uberon, "UBERON"),
        (f"UBERON:{one.uberon}", "UBERON"),
        (one.fma, "FMA"),
        (one.id, OWN_SCHEME),
    )
    if value and value != "UBERON:"
}


def structure_of(code: _Key, meaning: str) -> str | None:
    """Structure of the table that a code stands for; else what the code is called."""
    if code in _STRUCTURES:
        return _STRUCTURES[code]
    known = structure_by_name(meaning)
    return known.id if known else meaning.strip() or None


_UUID_ROOT = "2.25."
_OID = re.compile(r"urn:oid:([0-2](?:\.(?:0|[1-9][0-9]*))+)")
_LONGEST_UID = 64


def uid_of(annotation_id: str) -> str:
    """DICOM UID of a mark: the number of its urn:uuid (PS3.5 annex B.2) or urn:oid; one made of any other id."""
    found = _OID.fullmatch(annotation_id)
    if found and len(found[1]) <= _LONGEST_UID and not found[1].startswith(_UUID_ROOT):
        return found[1]
    try:
        number = uuid.UUID(annotation_id.removeprefix("urn:uuid:"))
    except ValueError:
        number = uuid.uuid5(uuid.NAMESPACE_URL, annotation_id)
    return f"{_UUID_ROOT}{number.int}"


def id_of(uid: str) -> str:
    """Id of the mark that a DICOM UID stands for."""
    number = uid.removeprefix(_UUID_ROOT)
    if uid.startswith(_UUID_ROOT) and number.isdecimal() and len(number) <= 39 and int(number) < 1 << 128:
        return uuid.UUID(int=int(number)).urn
    return f"urn:oid:{uid}"
