"""New names, UIDs and dates, the same for all files of a run that belong together."""

from __future__ import annotations

import datetime
import re
import secrets
import uuid

from pydicom._uid_dict import UID_dictionary

_UID = re.compile(r"[0-2](\.(0|[1-9]\d*))+")
_MOST_DAYS = 3650


class People:
    """Who becomes whom.

    Parameters
    ----------
    keep_uids : bool
        Whether UIDs stay.
    """

    def __init__(self, *, keep_uids: bool = False) -> None:
        self._keep_uids = keep_uids
        self._uids: dict[str, str] = {}
        self._stacks: dict[str, str] = {}
        self._patients: dict[tuple[str, str], tuple[str, datetime.timedelta]] = {}

    def uid_for(self, uid: str) -> str | None:
        """The UID in the place of another; those of the standard itself stay. None for what is no UID."""
        uid = uid.strip(" \0")
        if _UID.fullmatch(uid) is None or len(uid) > 64:
            return None
        if uid in UID_dictionary or self._keep_uids:
            return uid
        if uid not in self._uids:
            self._uids[uid] = f"2.25.{uuid.uuid4().int}"
        return self._uids[uid]

    def stack_for(self, name: str) -> str:
        """A number in the place of a stack's name, by which frames of one file are kept apart."""
        return self._stacks.setdefault(name, str(len(self._stacks) + 1))

    def name_for(self, patient_id: str, name: str) -> str:
        """What a patient is called from now on."""
        return self._patient(patient_id, name)[0]

    def shift_for(self, patient_id: str, name: str) -> datetime.timedelta:
        """By how much the dates of a patient are put back."""
        return self._patient(patient_id, name)[1]

    def _patient(self, patient_id: str, name: str) -> tuple[str, datetime.timedelta]:
        key = (patient_id.strip(), "" if patient_id.strip() else name.strip())
        if key not in self._patients:
            days = 1 + secrets.randbelow(_MOST_DAYS)
            self._patients[key] = (f"Patient {len(self._patients) + 1}", datetime.timedelta(days=days))
        return self._patients[key]


def shifted(value: str, by: datetime.timedelta) -> str | None:
    """A DICOM date, or date and time, put back; None for what is none.

    Examples
    --------
    >>> shifted("20240301", datetime.timedelta(days=1))
    '20240229'
    """
    if re.fullmatch(r"\d{8}(\d{2,6}(\.\d{1,6})?([+-]\d{4})?)?", value) is None:
        return None
    try:
        day = datetime.date(int(value[:4]), int(value[4:6]), int(value[6:8])) - by
    except (ValueError, OverflowError):
        return None
    return f"{day:%Y%m%d}{value[8:]}" if day.year >= 1000 else None
