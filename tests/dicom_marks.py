"""What the tests of marks in DICOM share: a tilted series, marks in it, and headers that are full of the patient."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from conftest import make_dot_volume
from dicom_series import save, series
from head_study import TILTED
from pydicom.datadict import DicomDictionary
from pydicom.dataset import Dataset

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Grade, Path, Point, Region, Side
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.formats.volumes.dicom.file import KEYWORDS
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly

if TYPE_CHECKING:
    import pathlib

STUDY, SERIES, FRAME = "1.2.826.0.7", "1.2.826.0.7.1", "1.2.826.0.7.9"
TIME = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)

CANARIES = ("ZZNAME", "ZZNUMBER", "19470411", "114233", "079Y")
"""A patient's name, number, birth date, an hour and an age."""


def ras_mm(i: float, j: float, k: float) -> tuple[float, float, float]:
    """Place of a voxel of the tilted series."""
    x, y, z = (TILTED @ np.array([i, j, k, 1.0]))[:3]
    return (float(x), float(y), float(z))


LOOP = Annotation(
    Arrow(ras_mm(1, 2, 3), ras_mm(6.25, 7.5, 3.2)),
    "tof",
    "Loop of the AICA, 神経 🧠",
    "At the root of the left facial nerve\nsee the article",
    "aica",
    Side.LEFT,
    Grade.MODERATE,
    "A. Teacher",
    TIME,
    TIME.replace(day=5),
    (Passage("a loop", "there is ", " of vessel ", 9, 15), Passage("der Nerv «VII»", start=30, end=39)),
    "urn:uuid:00000000-0000-4000-8000-000000000001",
)
SPOT = Annotation(Point(ras_mm(2, 9, 4)), "tof", "REZ", structure="facial-nerve-root", side=Side.RIGHT, author="B")
NERVE = Annotation(Path((ras_mm(1, 2, 0.5), ras_mm(4, 9, 2.5), ras_mm(9, 10, 5))), "tof", "CN VII", structure="a nerve")
PONS = Annotation(Region((ras_mm(1, 2, 2), ras_mm(4, 9, 2), ras_mm(8, 9, 2), ras_mm(7, 3, 2))), "tof", structure="pons")
MARKS = tuple(replace(one, created=TIME, modified=TIME) for one in (LOOP, SPOT, NERVE, PONS))


def tilted_series(**values: Any) -> list[Dataset]:
    elements = {
        "StudyInstanceUID": STUDY,
        "SeriesInstanceUID": SERIES,
        "FrameOfReferenceUID": FRAME,
        "SOPInstanceUID": lambda k: f"{SERIES}.{k + 1}",
        **values,
    }
    return series(make_dot_volume(TILTED).voxels, TILTED, **elements)


def written_series(folder: pathlib.Path, **values: Any) -> list[pathlib.Path]:
    with quietly():
        return [save(dataset, folder / f"{n}.dcm") for n, dataset in enumerate(tilted_series(**values))]


_TEXTS = {
    "PN": "ZZNAME^ZZNAME",
    "DA": "19470411",
    "DT": "19470411114233",
    "TM": "114233",
    "AS": "079Y",
    "UI": "1.2.19470411",
    "IS": "19470411",
    "DS": "19470411",
    **dict.fromkeys(("LO", "SH", "ST", "LT", "UT", "UC", "UR", "AE"), "ZZNAME ZZNUMBER"),
}


def filled_with_the_patient(dataset: Dataset) -> Dataset:
    """Put the patient's name, number or dates into every element of the dictionary that is not looked at."""
    kept = {
        *KEYWORDS,
        *(element.keyword for element in dataset if not element.keyword.startswith(("Patient", "Study"))),
    }
    kept |= {"StudyInstanceUID", "PixelData", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"}
    with quietly():
        for tag, (vr, _, _, retired, keyword) in DicomDictionary.items():
            if keyword and keyword not in kept and not retired and tag >> 16 > 2 and vr in _TEXTS:
                setattr(dataset, keyword, _TEXTS[vr])
    inner = Dataset()
    inner.PatientName, inner.CodeMeaning, inner.PatientBirthDate = "ZZNAME^ZZNAME", "ZZNUMBER", "19470411"
    for keyword in ("ReferencedPatientSequence", "OtherPatientIDsSequence", "RequestAttributesSequence"):
        setattr(dataset, keyword, [inner])
    for keyword in ("ReferencedStudySequence", "ProcedureCodeSequence", "ContributingEquipmentSequence"):
        setattr(dataset, keyword, [inner])
    block = dataset.private_block(0x0011, "ZZNAME", create=True)
    block.add_new(0x01, "LO", "ZZNUMBER")
    dataset.SeriesDescription = "ZZNAME 19470411"
    return dataset


def holds_the_patient(data: bytes) -> list[str]:
    """What of the patient is in a file, in whatever encoding."""
    encodings = ("ascii", "utf-16-le", "utf-16-be")
    lowered = data.lower()
    return [one for one in CANARIES if any(one.lower().encode(encoding) in lowered for encoding in encodings)]
