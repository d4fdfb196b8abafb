"""What a group of content items of a structured report says of a mark, besides its place."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.annotation import Annotation, Grade, Side, now
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.domain.errors import AnnotationError
from napari_vascular_loop.formats.annotations import dicom_codes as codes
from napari_vascular_loop.formats.annotations.dicom_tree import said_uid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Geometry
    from napari_vascular_loop.formats.annotations.dicom_tree import Item

_SIDES = {codes.key(code): side for side, code in codes.SIDES.items()}
_GRADES = {codes.key(code): grade for grade, code in codes.GRADES.items()}
_SHAPES = {codes.key(code): kind for kind, code in codes.SHAPES.items()}
_FREE_TEXT = "CORNERSTONEFREETEXT"
"""Value of the code in which OHIF keeps a label."""

_DATE_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,6}))?(?:([+-])(\d\d)(\d\d))?")
_KINDS = {
    "NUM": "a measured number",
    "SCOORD": "a drawing in the pixels of one image (SCOORD)",
    "TCOORD": "a stretch of time",
    "CODE": "a coded statement",
    "TEXT": "a text",
    "WAVEFORM": "a waveform",
}
"""What is told where it has no place; what the items are called is not shown: they may name a patient."""


@dataclass
class Said:
    """What is said of a mark."""

    id: str = ""
    label: str | None = None
    tracking_label: str = ""
    note: str = ""
    structure: str | None = None
    site: str | None = None
    side: Side | None = None
    grade: Grade | None = None
    author: str = ""
    created: datetime | None = None
    modified: datetime | None = None
    passages: list[Passage] = field(default_factory=list)
    shape: str = ""
    losses: tuple[str, ...] = ()

    def annotation(self, geometry: Geometry, volume_id: str, annotation_id: str) -> Annotation:
        """Make an annotation of it.

        Parameters
        ----------
        geometry : Arrow, Point, Path or Region
            Where it is, in RAS mm.
        volume_id : str
            In which volume.
        annotation_id : str
            Its id.
        """
        # A report of our own says its shape, and its label where it has one: others name a finding by its identifier.
        label = self.label if self.label is not None else "" if self.shape else self.tracking_label
        created = self.created or self.modified or now()
        return Annotation(
            geometry=geometry,
            volume_id=volume_id,
            label=label,
            note=self.note,
            structure=self.structure or self.site,
            side=self.side,
            grade=self.grade,
            author=self.author,
            created=created,
            modified=self.modified or created,
            passages=tuple(self.passages),
            id=annotation_id,
        )


def said_in(items: Sequence[Item]) -> Said:
    """Read what items say, each in its place; what has none is counted among the losses."""
    said = Said()
    strays: Counter[str] = Counter()
    for item in items:
        if not _take(item, said) and item.kind in _KINDS:
            strays[_KINDS[item.kind]] += 1
    said.losses = tuple(what if count == 1 else f"{what}, {count} times" for what, count in strays.items())
    return said


def _take(item: Item, said: Said) -> bool:
    """Take an item over; False where it has no place."""
    taker = _TAKERS.get((item.kind, item.code))
    return taker is not None and taker(item, said) is not False


def _tracking_uid(item: Item, said: Said) -> None:
    uid = said_uid(item, "UID")
    if uid and not said.id:
        said.id = codes.id_of(uid)


def _identifier(item: Item, said: Said) -> None:
    said.id = item.text


def _finding(item: Item, said: Said) -> None:
    (value, scheme), meaning = item.value
    if value == _FREE_TEXT:
        said.label = said.label or meaning
    else:
        said.structure = codes.structure_of((value, scheme), meaning)


def _finding_text(item: Item, said: Said) -> None:
    said.structure = item.text or None


def _site(item: Item, said: Said) -> None:
    code, meaning = item.value
    said.site = codes.structure_of(code, meaning)


def _side(item: Item, said: Said) -> bool:
    said.side = _SIDES.get(item.value[0])
    return said.side is not None


def _grade(item: Item, said: Said) -> bool:
    said.grade = _GRADES.get(item.value[0])
    return said.grade is not None


def _shape(item: Item, said: Said) -> None:
    said.shape = _SHAPES.get(item.value[0], "")


def _tracking_label(item: Item, said: Said) -> None:
    said.tracking_label = item.text


def _label(item: Item, said: Said) -> None:
    said.label = item.text


def _note(item: Item, said: Said) -> None:
    said.note = f"{said.note}\n{item.text}" if said.note else item.text


def _observer(item: Item, said: Said) -> None:
    name = item.dataset.get("PersonName")
    parts = [
        getattr(name, part, "") for part in ("name_prefix", "given_name", "middle_name", "family_name", "name_suffix")
    ]
    said.author = " ".join(part for part in parts if part)


def _author(item: Item, said: Said) -> None:
    said.author = item.text


def _created(item: Item, said: Said) -> bool:
    said.created = _time(item.dataset.get("DateTime"))
    return said.created is not None


def _modified(item: Item, said: Said) -> bool:
    said.modified = _time(item.dataset.get("DateTime"))
    return said.modified is not None


def _passage(item: Item, said: Said) -> bool:
    try:
        several = {one["type"]: one for one in json.loads(item.text)}
        quote, position = several["TextQuoteSelector"], several.get("TextPositionSelector", {})
        exact, prefix, suffix = (str(quote.get(name, "")) for name in ("exact", "prefix", "suffix"))
        start, end = int(position.get("start", -1)), int(position.get("end", -1))
        said.passages.append(Passage(exact, prefix, suffix, start, end))
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError, AnnotationError):
        return False
    return True


def _nothing(_item: Item, _said: Said) -> None:
    """What is said in another way already."""


def _time(value: Any) -> datetime | None:
    """A moment, in UTC; None where it is none."""
    found = _DATE_TIME.fullmatch(str(value or "").strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    fraction, sign, hours, minutes = found.groups()[6:]
    away = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        time = datetime(year, month, day, hour, minute, second, int((fraction or "0").ljust(6, "0")), timezone(away))
        return time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


_TAKERS: dict[tuple[str, tuple[str, str]], Any] = {
    ("UIDREF", codes.key(codes.TRACKING_UID)): _tracking_uid,
    ("TEXT", codes.key(codes.TRACKING_LABEL)): _tracking_label,
    ("TEXT", codes.key(codes.IDENTIFIER)): _identifier,
    ("CODE", codes.key(codes.FINDING)): _finding,
    ("TEXT", codes.key(codes.FINDING)): _finding_text,
    ("CODE", codes.key(codes.FINDING_SITE)): _site,
    ("CODE", codes.key(codes.LATERALITY)): _side,
    ("CODE", codes.key(codes.GRADE)): _grade,
    ("CODE", codes.key(codes.SHAPE)): _shape,
    ("CODE", codes.key(codes.OBSERVER_TYPE)): _nothing,
    ("TEXT", codes.key(codes.LABEL)): _label,
    ("TEXT", codes.key(codes.COMMENT)): _note,
    ("PNAME", codes.key(codes.OBSERVER_NAME)): _observer,
    ("TEXT", codes.key(codes.AUTHOR)): _author,
    ("DATETIME", codes.key(codes.CREATED)): _created,
    ("DATETIME", codes.key(codes.MODIFIED)): _modified,
    ("TEXT", codes.key(codes.PASSAGE)): _passage,
}
