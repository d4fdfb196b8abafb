"""Who is named by the files that a volume comes from."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.identifiers import Identifiers
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom.dataset import Dataset

_NUMBERS = re.findall(
    r"\S+",
    """
    PatientID OtherPatientIDs AccessionNumber StudyID AdmissionID IssuerOfPatientID PatientTelephoneNumbers
    PatientInsurancePlanCodeSequence MilitaryRank MedicalRecordLocator FillerOrderNumberImagingServiceRequest
    PlacerOrderNumberImagingServiceRequest RequestedProcedureID ScheduledProcedureStepID
    PerformedProcedureStepID
    """,
)
_DATES = ("PatientBirthDate", "StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate", "AcquisitionDateTime")
_PLACES = ("InstitutionName", "InstitutionAddress", "PatientAddress", "InstitutionalDepartmentName", "StationName")
_SIDECAR_NAMES = re.compile(r"name|physician|operator", re.IGNORECASE)
_MOST_BYTES_OF_SIDECAR = 2**20


def of_dataset(dataset: Dataset) -> Identifiers:
    """Who and what is named in a DICOM header: every person, whatever the attribute; numbers, dates, institutions."""
    names: set[str] = set()
    _people(dataset, names, 0)
    return Identifiers.of(
        names=names,
        numbers=_texts(dataset, _NUMBERS),
        dates=_texts(dataset, _DATES),
        places=_texts(dataset, _PLACES),
    )


def of_files(files: Iterable[Path | str]) -> Identifiers:
    """Who is named in the first of some files that is DICOM, or beside a NIfTI file.

    Parameters
    ----------
    files : iterable of Path or str
        As a volume knows its source; addresses are passed over.
    """
    import pydicom

    for file in files:
        path = Path(file) if not str(file).startswith(("http:", "https:")) else None
        if path is None or not path.is_file():
            continue
        if path.name.lower().endswith((".nii", ".nii.gz")):
            return _of_sidecar(path.with_name(re.sub(r"\.nii(\.gz)?$", ".json", path.name, flags=re.IGNORECASE)))
        try:
            with quietly():
                return of_dataset(pydicom.dcmread(path, stop_before_pixels=True, force=False))
        except Exception:
            return Identifiers()
    return Identifiers()


def _people(dataset: Dataset, names: set[str], depth: int) -> None:
    for tag in dataset.keys():  # noqa: SIM118 (a data set is no dict)
        try:
            element = dataset[tag]
            if element.VR == "PN":
                values = element.value if element.VM > 1 else [element.value]
                names.update(str(value) for value in values if value)
            elif element.VR == "SQ" and depth < 8:
                for item in element.value:
                    _people(item, names, depth + 1)
        except Exception:
            continue


def _texts(dataset: Dataset, keywords: Iterable[str]) -> list[str]:
    found = []
    for keyword in keywords:
        try:
            value = dataset.get(keyword)
        except Exception:
            continue
        if isinstance(value, str | int | float) or hasattr(value, "original_string"):
            found.append(str(value))
        elif value is not None and not hasattr(value, "keys"):
            found += [str(one) for one in value if isinstance(one, str | int | float)]
    return found


def _of_sidecar(path: Path) -> Identifiers:
    """Those of the JSON file that BIDS puts beside an image."""
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES_OF_SIDECAR:
            return Identifiers()
        said: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return Identifiers()
    if not isinstance(said, dict):
        return Identifiers()
    texts = {key: str(value) for key, value in said.items() if isinstance(value, str | int)}
    return Identifiers.of(
        names=[
            texts[key] for key in texts if _SIDECAR_NAMES.search(key) and not key.startswith(("Institution", "Station"))
        ],
        numbers=_given(texts, _NUMBERS),
        dates=[re.sub(r"[-:]", "", one) for one in _given(texts, _DATES)],
        places=_given(texts, _PLACES),
    )


def _given(texts: dict[str, str], keywords: Iterable[str]) -> list[str]:
    return [texts[keyword] for keyword in keywords if keyword in texts]
