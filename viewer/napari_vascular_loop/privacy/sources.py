"""Who is named by the files that a volume comes from."""

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.identifiers import Identifiers
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly
from napari_vascular_loop.formats.volumes.header_names import TEXTS_OF_NIFTI
from napari_vascular_loop.formats.volumes.private_folder import header_of
from napari_vascular_loop.privacy.path_names import look_like_names, look_like_numbers
from napari_vascular_loop.privacy.sidecar import is_nifti, read_sidecar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom.dataset import Dataset

_NUMBERS = frozenset(
    re.findall(
        r"\S+",
        """
    PatientID OtherPatientIDs AccessionNumber StudyID AdmissionID ServiceEpisodeID PatientTelephoneNumbers
    MedicalRecordLocator FillerOrderNumberImagingServiceRequest PlacerOrderNumberImagingServiceRequest
    RequestedProcedureID ScheduledProcedureStepID PerformedProcedureStepID IssuerOfPatientID DeviceSerialNumber
    """,
    )
)
_DATES = frozenset(
    re.findall(
        r"\S+",
        """
    PatientBirthDate StudyDate SeriesDate AcquisitionDate ContentDate AcquisitionDateTime AdmittingDate
    PerformedProcedureStepStartDate
    """,
    )
)
_PLACES = frozenset(
    re.findall(
        r"\S+",
        """
    InstitutionName InstitutionAddress PatientAddress InstitutionalDepartmentName StationName
    """,
    )
)
_SIDECAR_NAMES = re.compile(r"name|physician|operator", re.IGNORECASE)
_MOST_BYTES_OF_EXTENSION = 2**20
_DEEPEST = 8
_FOLDERS = 2
"""Above a file, that may be named after a patient."""


@dataclass
class _Said:
    names: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    whole_names: set[str] = field(default_factory=set)

    def identifiers(self, salt: bytes | None = None) -> Identifiers:
        return Identifiers.of(
            salt=salt,
            names=self.names,
            numbers=self.numbers,
            dates=self.dates,
            places=self.places,
            whole_names=self.whole_names,
        )

    def take_text(self, text: str) -> None:
        """What in a file's name, or in a text that could be anything, looks like a name, a number or a date."""
        self.whole_names.update(look_like_names(text))
        numbers = look_like_numbers(text)
        self.numbers.update(numbers)
        self.dates.update(numbers)


def of_dataset(dataset: Dataset) -> Identifiers:
    """Who and what is named in a DICOM header, nested or not: every person, numbers, dates, institutions."""
    said = _Said()
    _take_dataset(dataset, said, 0)
    return said.identifiers()


def of_files(files: Iterable[Path | str], *, with_names: bool = True, salt: bytes | None = None) -> Identifiers:
    """Who is named by the first of some files: in a DICOM header, a NIfTI header, the JSON beside it, in its name.

    Parameters
    ----------
    files : iterable of Path or str
        As a volume knows its source; within a ZIP archive, or at a DICOMweb server, too.
    with_names : bool
        Whether names of file and folders are looked at.
    salt : bytes, optional
        Of identifiers to which these are to be added.
    """
    said = _Said()
    for file in files:
        with contextlib.suppress(Exception), quietly():
            # Whatever is wrong with a file: what could be read of it is taken.
            _take_file(file, said)
        if with_names and not isinstance(file, str):
            _take_path(file, said)
        break
    return said.identifiers(salt)


def _take_file(file: Path | str, said: _Said) -> None:
    import pydicom

    header = header_of(file)
    if header is not None:
        _take_dataset(pydicom.dcmread(io.BytesIO(header), stop_before_pixels=True), said, 0)
        return
    path = Path(file)
    if path.is_dir():
        path = next(one for one in sorted(path.rglob("*")) if one.is_file())
    if is_nifti(path):
        _take_sidecar(read_sidecar(path), said)
        _take_nifti(path, said)
    else:
        _take_dataset(pydicom.dcmread(path, stop_before_pixels=True), said, 0)


def _take_path(path: Path, said: _Said) -> None:
    path = path.absolute()
    home = Path.home()
    said.take_text(path.name if path.is_dir() else re.split(r"\.(?=[A-Za-z])", path.name)[0])
    for folder in [*path.parents][:_FOLDERS]:
        if folder == home or home.is_relative_to(folder):
            break  # named after whoever works here
        said.take_text(folder.name)


def _take_dataset(dataset: Dataset, said: _Said, depth: int) -> None:
    for tag in dataset.keys():  # noqa: SIM118 (a data set is no dict)
        with contextlib.suppress(Exception):
            element = dataset[tag]
            if element.VR == "SQ":
                for item in element.value if depth < _DEEPEST else ():
                    _take_dataset(item, said, depth + 1)
                continue
            place = _place_for(element.keyword, said) if element.VR != "PN" else said.names
            if place is not None:
                values = element.value if element.VM > 1 else [element.value]
                place.update(str(value) for value in values if value)


def _place_for(keyword: str, said: _Said) -> set[str] | None:
    if keyword in _NUMBERS:
        return said.numbers
    if keyword in _DATES:
        return said.dates
    return said.places if keyword in _PLACES else None


def _take_nifti(path: Path, said: _Said) -> None:
    import nibabel

    header: Any = nibabel.load(path).header
    for name in TEXTS_OF_NIFTI:
        if name in header:
            said.take_text(bytes(header[name].item()).decode("utf-8", "replace"))
    for extension in getattr(header, "extensions", ()):
        content = extension.get_content()
        if hasattr(content, "keys") and hasattr(content, "top"):
            _take_dataset(content, said, 0)
        elif isinstance(content, bytes):
            said.take_text(content[:_MOST_BYTES_OF_EXTENSION].decode("utf-8", "replace"))


def _take_sidecar(document: dict[str, Any] | None, said: _Said) -> None:
    for key, value in (document or {}).items():
        if not isinstance(value, str | int):
            continue
        place = _place_for(key, said)
        if place is not None:
            place.add(str(value))
        elif _SIDECAR_NAMES.search(key) and re.search("patient|physician|operator", key, re.IGNORECASE):
            said.names.add(str(value))
