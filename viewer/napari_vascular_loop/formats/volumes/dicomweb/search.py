"""Searching a DICOMweb server (QIDO-RS): which studies there are, which series of a study, which images of a series."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicomweb.address import is_uid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dicomweb_client.api import DICOMwebClient

    from napari_vascular_loop.formats.volumes.dicomweb.connection import Connection

MOST_STUDIES = 200
_PAGE = 1000

_NEEDS_ENCODING = re.compile(r"[^A-Za-z0-9._~*?-]")
"""Characters that may not stand in a web address as they are."""

_PATIENT_NAME, _PATIENT_ID, _STUDY, _SERIES = "00100010", "00100020", "0020000D", "0020000E"
_STUDY_DATE, _STUDY_DESCRIPTION, _MODALITIES = "00080020", "00081030", "00080061"
_SERIES_COUNT, _IMAGE_COUNT, _SERIES_IMAGE_COUNT = "00201206", "00201208", "00201209"
_MODALITY, _SERIES_DESCRIPTION, _SERIES_NUMBER = "00080060", "0008103E", "00200011"
_SOP_CLASS, _SOP_INSTANCE = "00080016", "00080018"


@dataclass(frozen=True)
class StudyQuery:
    """What is looked for; what is empty matches all.

    Parameters
    ----------
    patient_id : str
        The whole of it, or with stars for what is left open.
    patient_name : str
        As DICOM writes it, FAMILY^GIVEN; without a star, what it begins with.
    date : str
        "2024", "2024-03", "2024-03-01", or two of these with " to " between them.
    study : str
        Study Instance UID.
    """

    patient_id: str = field(default="", repr=False)
    patient_name: str = field(default="", repr=False)
    date: str = field(default="", repr=False)
    study: str = ""

    def filters(self) -> dict[str, str]:
        """What is sent to the server.

        Raises
        ------
        VolumeReadError
            If the date can't be understood.
        """
        name = re.sub(r"\s*[,^]\s*", "^", self.patient_name.strip())
        filters = {
            "PatientID": _sendable(self.patient_id.strip()),
            "PatientName": _sendable(name if not name or re.search(r"[*?]", name) else f"{name}*"),
            "StudyDate": dicom_dates(self.date),
            "StudyInstanceUID": self.study,
        }
        return {keyword: value for keyword, value in filters.items() if value}


@dataclass(frozen=True)
class Study:
    """A study on a server. What names the patient is for the screen only, and hidden when printed."""

    uid: str
    patient_name: str = field(default="", repr=False)
    patient_id: str = field(default="", repr=False)
    date: str = field(default="", repr=False)
    description: str = field(default="", repr=False)
    modalities: tuple[str, ...] = ()
    series_count: int | None = None
    image_count: int | None = None


@dataclass(frozen=True)
class Series:
    """A series of a study."""

    uid: str
    modality: str = ""
    description: str = field(default="", repr=False)
    number: int | None = None
    image_count: int | None = None


@dataclass(frozen=True)
class Instance:
    """One image, or whatever else a series may hold."""

    uid: str
    sop_class: str = ""


T = TypeVar("T", Series, Instance)


def find_studies(connection: Connection, query: StudyQuery) -> list[Study]:
    """Find studies, the newest first; not more than `MOST_STUDIES`.

    Raises
    ------
    VolumeReadError
        If the date of the query can't be understood, or the server does not answer as it should.
    """
    filters = query.filters()
    fields = ["StudyDescription", "ModalitiesInStudy", "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances"]

    def ask(client: DICOMwebClient) -> Any:
        return client.search_for_studies(search_filters=filters, fields=fields, limit=MOST_STUDIES)

    found = {study.uid: study for study in map(_study, _records(connection, ask)) if is_uid(study.uid)}
    return sorted(found.values(), key=lambda study: study.date, reverse=True)[:MOST_STUDIES]


def find_series(connection: Connection, study: str) -> list[Series]:
    """Find the series of a study, in the order of their numbers.

    Raises
    ------
    VolumeReadError
        If the server does not answer as it should.
    """
    fields = ["SeriesDescription", "NumberOfSeriesRelatedInstances"]

    def ask(client: DICOMwebClient, offset: int) -> Any:
        return client.search_for_series(study, fields=fields, limit=_PAGE, offset=offset)

    found = _all_pages(connection, ask, _series)
    return sorted(found, key=lambda one: (one.number is None, one.number or 0))


def find_instances(connection: Connection, study: str, series: Series) -> list[Instance]:
    """Find what a series holds.

    Raises
    ------
    VolumeReadError
        If the server does not answer as it should.
    """

    def ask(client: DICOMwebClient, offset: int) -> Any:
        return client.search_for_instances(study, series.uid, limit=_PAGE, offset=offset)

    return _all_pages(connection, ask, _instance, series.image_count)


def dicom_dates(text: str) -> str:
    """Turn a day, month or year, or a span of these, into DICOM's form.

    Examples
    --------
    >>> dicom_dates("2024-03")
    '20240301-20240331'

    Raises
    ------
    VolumeReadError
        If it is none.
    """
    text = text.strip()
    if not text:
        return ""
    first, _, last = (part.strip() for part in re.sub(r"\s*\bto\b\s*", " to ", text).partition(" to "))
    begin, end = _days(first), _days(last or first)
    if begin is None or end is None or begin[0] > end[1]:
        raise VolumeReadError("the date is not understood; write 2024, 2024-03, 2024-03-01, or 2023-11 to 2024-02")
    return begin[0] if begin[0] == end[1] else f"{begin[0]}-{end[1]}"


def _sendable(text: str) -> str:
    """Put wildcards for characters that a web address can't hold as they are.

    Orthanc 1.10 does not decode them, and knows names without what is not ASCII. A wildcard finds them on any server.
    """
    return _NEEDS_ENCODING.sub(lambda found: "?" if found[0].isascii() else "*", text)


def _days(text: str) -> tuple[str, str] | None:
    """First and last day of a year, a month or a day; None if it is none."""
    parts = re.fullmatch(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d))?)?", text)
    if parts is None:
        return None
    year, month, day = (int(part) if part else None for part in parts.groups())
    if year is None or year < 1 or not 1 <= (month or 1) <= 12:
        return None
    last_month = month or 12
    last_day = calendar.monthrange(year, last_month)[1]
    if not 1 <= (day or 1) <= last_day:
        return None
    return f"{year:04}{month or 1:02}{day or 1:02}", f"{year:04}{last_month:02}{day or last_day:02}"


def _all_pages(
    connection: Connection,
    ask: Callable[[DICOMwebClient, int], Any],
    read: Callable[[dict[str, Any]], T],
    announced: int | None = None,
) -> list[T]:
    """Ask for page after page, until one brings nothing new: servers may give less than asked for, or all at once."""
    found: dict[str, T] = {}
    offset = 0
    while True:
        records = _records(connection, partial(_ask_from, ask, offset))
        known = len(found)
        for one in map(read, records):
            if is_uid(one.uid):
                found.setdefault(one.uid, one)
        offset += len(records)
        if len(found) == known or len(found) == announced:
            return list(found.values())


def _ask_from(ask: Callable[[DICOMwebClient, int], Any], offset: int, client: DICOMwebClient) -> Any:
    return ask(client, offset)


def _records(connection: Connection, ask: Callable[[DICOMwebClient], Any]) -> list[dict[str, Any]]:
    """Ask, and see that the answer is a list of data sets in DICOM's JSON."""
    answer = connection.get(ask)
    if not isinstance(answer, list) or not all(isinstance(one, dict) for one in answer):
        raise VolumeReadError(f"{connection.server.authority!r} answers with something that is not DICOMweb")
    return answer


def _study(record: dict[str, Any]) -> Study:
    date = _text(record, _STUDY_DATE)
    return Study(
        uid=_text(record, _STUDY),
        patient_name=_text(record, _PATIENT_NAME),
        patient_id=_text(record, _PATIENT_ID),
        date=f"{date[:4]}-{date[4:6]}-{date[6:]}" if re.fullmatch(r"\d{8}", date) else date,
        description=_text(record, _STUDY_DESCRIPTION),
        modalities=tuple(str(one) for one in _values(record, _MODALITIES) if one),
        series_count=_count(record, _SERIES_COUNT),
        image_count=_count(record, _IMAGE_COUNT),
    )


def _series(record: dict[str, Any]) -> Series:
    return Series(
        uid=_text(record, _SERIES),
        modality=_text(record, _MODALITY),
        description=_text(record, _SERIES_DESCRIPTION),
        number=_count(record, _SERIES_NUMBER),
        image_count=_count(record, _SERIES_IMAGE_COUNT),
    )


def _instance(record: dict[str, Any]) -> Instance:
    return Instance(_text(record, _SOP_INSTANCE), _text(record, _SOP_CLASS))


def _values(record: dict[str, Any], tag: str) -> Iterable[Any]:
    element = record.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    return values if isinstance(values, list) else ()


def _text(record: dict[str, Any], tag: str) -> str:
    value = next(iter(_values(record, tag)), "")
    if isinstance(value, dict):  # a person's name, in up to three scripts
        value = value.get("Alphabetic") or value.get("Ideographic") or value.get("Phonetic") or ""
    return "" if value is None else str(value).strip()


def _count(record: dict[str, Any], tag: str) -> int | None:
    try:
        return int(_text(record, tag))
    except ValueError:
        return None
