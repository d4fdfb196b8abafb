"""A DICOM data set made anew: what the profile and the kind of each value let stay, and nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

from napari_vascular_loop.privacy import values
from napari_vascular_loop.privacy.options import Dates, Options
from napari_vascular_loop.privacy.people import People, shifted
from napari_vascular_loop.privacy.pixels import clean_pixels
from napari_vascular_loop.privacy.profile import EDITION, Action, action_on
from napari_vascular_loop.privacy.vocabulary import meaning_of

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement

    from napari_vascular_loop.domain.identifiers import Identifiers

_DEEPEST = 24
_SAYING = f"PS3.15 {EDITION} Annex E Basic Profile, napari-vascular-loop"
_EMPTY_BUT_THERE = [
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "ReferringPhysicianName",
    "PatientBirthDate",
    "PatientSex",
    "StudyID",
]
_DUMMY: dict[str, Any] = {
    "AE": "ANON",
    "AS": "000Y",
    "CS": "ANON",
    "DA": "19000101",
    "DT": "19000101",
    "TM": "000000",
    "DS": "0",
    "IS": "0",
    **dict.fromkeys(("LO", "LT", "SH", "ST", "UC", "UT", "PN"), "removed"),
    **dict.fromkeys(values.NUMBERS - {"AT"}, 0),
}


class Cleaner:
    """Makes data sets anew, those of one run alike.

    Parameters
    ----------
    options : Options
        What may stay.

    Attributes
    ----------
    removed : Counter of str
        How often something was taken out of each attribute, by keyword; nothing of what it was.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.people = People(keep_uids=options.uids)
        self.removed: Counter[str] = Counter()

    def clean(self, source: Dataset, known: Identifiers) -> Dataset:
        """Make a data set anew.

        Parameters
        ----------
        source : Dataset
            With its file meta; it is not changed.
        known : Identifiers
            Of the source.

        Raises
        ------
        PrivacyError
            If it is no image, or one whose pixels can't be made sure of.
        """
        patient = str(source.get("PatientID", "") or ""), str(source.get("PatientName", "") or "")
        made = self._set(source, known, self.people.shift_for(*patient), 0)
        made.PatientName = made.PatientID = self.people.name_for(*patient)
        for keyword in _EMPTY_BUT_THERE:
            if keyword not in made:
                setattr(made, keyword, "")
        made.PatientIdentityRemoved = "YES"
        made.DeidentificationMethod = _SAYING
        made.DeidentificationMethodCodeSequence = Sequence([_code(*code) for code in self.options.codes])
        made.LongitudinalTemporalInformationModified = self.options.temporal
        made.file_meta = FileMetaDataset()
        made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
        made.file_meta.TransferSyntaxUID = clean_pixels(source, made)
        return made

    def _set(self, source: Dataset, known: Identifiers, shift: timedelta, depth: int) -> Dataset:
        made = Dataset()
        for tag in source.keys():  # noqa: SIM118 (a data set is no dict)
            if int(tag) in values.PIXELS and depth == 0:
                continue  # see clean_pixels
            try:
                element = source[tag]
                kept = self._element(element, known, shift, depth)
            except Exception:
                # What can't be read can't be kept.
                self.removed[values.keyword_of(int(tag))] += 1
                continue
            if kept is not None:
                made.add_new(tag, element.VR, kept)
            if kept is None or not _same(kept, element.value):
                self.removed[values.keyword_of(int(tag))] += 1
        return made

    def _element(self, element: DataElement, known: Identifiers, shift: timedelta, depth: int) -> Any:
        tag, vr, options = int(element.tag), element.VR, self.options
        if not values.is_known(tag):
            return None
        is_wanted = (
            (tag in values.DESCRIPTIONS and options.descriptions)
            or (tag in values.DEVICE and options.device)
            or (tag in values.CHARACTERISTICS and options.characteristics)
        )
        if is_wanted:
            return values.kept_by_option(element, known)
        if tag in values.DATES_OF_IMAGES and options.dates is not Dates.REMOVED:
            return _date(str(element.value), vr, timedelta(0) if options.dates is Dates.KEPT else shift)
        action = action_on(tag)
        if vr == "SQ":
            return self._sequence(element, action, known, shift, depth)
        if action is Action.REMOVE:
            return None
        if vr == "UI":
            return self._uid(element.value)
        if tag == values.STACK_ID:
            return self.people.stack_for(str(element.value))
        if action is Action.EMPTY:
            return ""
        if action is Action.DUMMY:
            return _DUMMY.get(vr)
        return values.kept_value(element, known)

    def _sequence(
        self, element: DataElement, action: Action, known: Identifiers, shift: timedelta, depth: int
    ) -> Sequence | None:
        if action is not Action.LOOK or depth >= _DEEPEST:
            return None
        items = []
        for item in element.value:
            if coded := _coded(item):
                items.append(coded)
            elif "CodeMeaning" not in item:
                items.append(self._set(item, known, shift, depth + 1))
        return Sequence(items) if items else None

    def _uid(self, value: Any) -> Any:
        if isinstance(value, MultiValue | list):
            found = [self.people.uid_for(str(one)) for one in value]
            return None if None in found else found
        return self.people.uid_for(str(value))


def _coded(item: Dataset) -> Dataset | None:
    """An item that is a code of the standard's, in the standard's words; None for any other."""
    scheme, value = str(item.get("CodingSchemeDesignator", "")), str(item.get("CodeValue", ""))
    meaning = meaning_of(scheme, value)
    return None if meaning is None else _code(value, meaning, scheme)


def _code(value: str, meaning: str, scheme: str = "DCM") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning[:64]
    return item


def _date(value: str, vr: str, shift: timedelta) -> str | None:
    if vr == "TM":
        return value if value.replace(".", "").isdigit() and len(value) <= 13 else None
    return shifted(value, shift)


def _same(kept: Any, value: Any) -> bool:
    if isinstance(kept, Sequence):
        return True  # what was taken out of it has been counted
    return bool(kept == value)
