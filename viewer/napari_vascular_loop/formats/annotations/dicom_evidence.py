"""The DICOM images that marks lie in: how they may be referred to, and nothing of whom they show.

What is written must name its study, series and images, so their UIDs stay. Nothing else is taken over from a source:
its elements are picked one by one, so what is not known here can't slip through.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as DicomSequence

from napari_vascular_loop.domain.errors import LessonError, VolumeReadError
from napari_vascular_loop.formats.volumes.dicom import frames_of
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE, read_header
from napari_vascular_loop.formats.volumes.dicom.quiet import quietly
from napari_vascular_loop.formats.volumes.dicomweb.address import is_uid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.formats.volumes.dicom.file import DicomFile
    from napari_vascular_loop.formats.volumes.dicom.frame import DicomFrame

INSTEAD = "write Slicer markups (.mrk.json) or CSV instead"

_EMPTY = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)
"""Elements that every object of DICOM must have, but that may be empty (type 2)."""


@dataclass(frozen=True, eq=False)
class SourceImage:
    """An image that marks may refer to, with its slices.

    Parameters
    ----------
    file : DicomFile
        Its header.
    frames : tuple of DicomFrame
        Where its slices lie: one; or those of an enhanced file; or the tiles of a mosaic.
    """

    file: DicomFile
    frames: tuple[DicomFrame, ...]

    def uid(self, keyword: str) -> str:
        """UID of the study, series, instance or SOP class."""
        return str(self.file.get(keyword, ""))

    @property
    def frame_count(self) -> int:
        """How many frames the file says that it has."""
        return int(self.file.get("NumberOfFrames", 1))

    @cached_property
    def neutral(self) -> Dataset:
        """A header that says what the image is, and nothing of whom it shows."""
        dataset = Dataset()
        for keyword in _EMPTY:
            setattr(dataset, keyword, "")
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPClassUID", "SOPInstanceUID"):
            setattr(dataset, keyword, self.uid(keyword))
        dataset.Rows, dataset.Columns = int(self.file.get("Rows")), int(self.file.get("Columns"))
        dataset.SamplesPerPixel = 1
        dataset.PhotometricInterpretation = "MONOCHROME2"
        dataset.NumberOfFrames = self.frame_count
        dataset.SharedFunctionalGroupsSequence = DicomSequence([Dataset()])
        return dataset

    def window(self, frame_number: int) -> tuple[float, float] | None:
        """Centre and width of the grey values that the file proposes for a frame; None where it proposes none."""
        try:
            with quietly():
                dataset = self.file.dataset()
                for place in _window_places(dataset, frame_number):
                    centre, width = _first(place.get("WindowCenter")), _first(place.get("WindowWidth"))
                    if centre is not None and width is not None and width >= 1:
                        return centre, width
        except (VolumeReadError, *DAMAGE):
            return None
        return None


@dataclass(frozen=True)
class Evidence:
    """The images of the volume that marks lie in, all of one study.

    Parameters
    ----------
    images : tuple of SourceImage
        Each SOP instance once.
    frame_of_reference_uid : str or None
        Of all of them; None where they do not say.
    """

    images: tuple[SourceImage, ...]
    frame_of_reference_uid: str | None


def read_evidence(sources: Sequence[Path | str], what: str) -> Evidence:
    """Read the headers of the images that a volume was read from.

    Parameters
    ----------
    sources : sequence of Path
        The volume's `source_files`.
    what : str
        What is to be written, for the errors: "a DICOM SR".

    Raises
    ------
    LessonError
        If they are no DICOM images of one study; the message says what to write instead.
    """
    if any(not isinstance(source, Path) for source in sources):
        raise LessonError(
            f"{what} is made of the images themselves, and this volume's lie on a server: fetch them to this computer "
            "first"
        )
    paths = [source for source in sources if isinstance(source, Path)]
    if not paths:
        raise LessonError(f"{what} must name the DICOM images that its marks lie in, and there are none: {INSTEAD}")
    images: dict[str, SourceImage] = {}
    for number, path in enumerate(paths, start=1):
        image = _image(path, f"{what} can't be written: image {number} of {len(paths)}", what)
        images.setdefault(image.uid("SOPInstanceUID"), image)
    found = tuple(images.values())
    if len({one.uid("StudyInstanceUID") for one in found}) > 1:
        raise LessonError(f"{what} belongs to one study, and these images are of several: {INSTEAD}")
    frames = {str(one.file.get("FrameOfReferenceUID") or "") for one in found}
    if len(frames) > 1:
        raise LessonError(f"{what} has one frame of reference, and these images have several: {INSTEAD}")
    frame = frames.pop()
    return Evidence(found, frame if is_uid(frame) else None)


def _image(path: Path, where: str, what: str) -> SourceImage:
    try:
        header = read_header(path)
    except VolumeReadError as error:
        if "not a known kind" in str(error):
            raise LessonError(
                f"{what} must name the DICOM images that its marks lie in, and this volume was not read from DICOM: "
                f"{INSTEAD}"
            ) from error
        raise LessonError(f"{where} could not be read ({error})") from error
    try:
        frames = tuple(frames_of(header))
    except VolumeReadError as error:
        raise LessonError(f"{where} is no slice of a volume ({error})") from error
    image = SourceImage(header, frames)
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID"):
        # Never shown: whoever filled a header in by hand may have put a name there.
        if not is_uid(image.uid(keyword)):
            raise LessonError(f"{where} has no valid {keyword}, by which it could be named: {INSTEAD}")
    return image


def _window_places(dataset: Dataset, frame_number: int) -> list[Dataset]:
    """Where a window may be written: in the header; of enhanced files, in the functional groups."""
    places = [dataset]
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence") or []
    groups = [*per_frame[frame_number : frame_number + 1], *(dataset.get("SharedFunctionalGroupsSequence") or [])[:1]]
    for group in groups:
        places += (group.get("FrameVOILUTSequence") or [])[:1]
    return places


def _first(value: Any) -> float | None:
    """First of one or several numbers; None where there is none that is finite."""
    if value is None or value == "":
        return None
    several = (
        value
        if isinstance(value, list | tuple) or (hasattr(value, "__iter__") and not isinstance(value, str))
        else [value]
    )
    number = float(next(iter(several), math.nan))
    return number if math.isfinite(number) else None
