"""Marks as DICOM objects: made on the images that they were placed in, to files, to a DICOMweb server, and back.

Stands beside exchange.py. A lesson's own volume is a copy without anything of the patient; what is written needs the
series itself, for the UIDs by which an archive ties marks to images. It is read, compared with the lesson's volume,
and nothing but UIDs and numbers is taken of it (dicom_source.py).
"""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonError, LessonSaveError, WrongVolumeError
from napari_vascular_loop.exchange import beside_those_there, write_checked
from napari_vascular_loop.exchange_formats import ExportFormat, check_places
from napari_vascular_loop.formats.annotations import dicom_gsps, dicom_sr, dicomweb_marks
from napari_vascular_loop.formats.annotations.loss import Loss, lost_views
from napari_vascular_loop.formats.atomic import replacing
from napari_vascular_loop.formats.volumes.dicomweb.address import parse_address
from napari_vascular_loop.formats.volumes.found import Progress, no_progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_vascular_loop.dicom_source import DicomSource
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.formats.volumes.dicomweb.address import Address
    from napari_vascular_loop.formats.volumes.dicomweb.credentials import Credentials

KINDS = ("sr", "gsps")
"""Structured report, which comes back; presentation states, which every viewer draws."""

_OR_THE_SERIES = (
    "If that is the lesson's scan under other UIDs, open its series first, or name it with --dicom: "
    "its voxels are compared"
)


def encode_marks(
    lesson: Lesson,
    source: DicomSource,
    kind: str,
    progress: Progress = no_progress,
    credentials: Credentials | None = None,
) -> tuple[list[tuple[str, bytes]], tuple[Loss, ...]]:
    """Make the DICOM objects of the marks in a volume; whoever writes or sends them reads them again.

    Returns
    -------
    list of (str, bytes)
        File names without anything of the patient, and contents.
    tuple of Loss
        What did not fit.

    Raises
    ------
    LessonError
        If there is no mark in the volume, or it can't be written.
    """
    annotations = source.marks_of(lesson)
    if not annotations:
        raise LessonError(f"there is no mark to export in {source.volume_id!r}")
    with dicomweb_marks.fetched_sources(source.files, progress, credentials) as files:
        if kind == "gsps":
            objects, losses = dicom_gsps.encode_gsps(annotations, files)
        else:
            data, losses = dicom_sr.encode_sr(annotations, files)
            objects = [("marks.dcm", data)]
    return objects, (*losses, *lost_views(annotations))


def export_dicom(
    lesson: Lesson, out: Path, source: DicomSource, kind: str, progress: Progress = no_progress
) -> tuple[tuple[Path, ...], tuple[Loss, ...]]:
    """Write the marks of a volume as DICOM files; each is read again before it takes its place.

    Parameters
    ----------
    lesson : Lesson
        Any.
    out : Path
        The file of a structured report; the folder of presentation states, of which there may be several.
    source : DicomSource
        The images.
    kind : str
        One of :data:`KINDS`.
    progress : callable, optional
        Told how much is done; may raise ReadCancelledError.

    Raises
    ------
    LessonError, LessonSaveError
        If they can't be written.
    """
    objects, losses = encode_marks(lesson, source, kind, progress)
    if kind == "sr":
        (_, data), *_ = objects
        made = ExportFormat("DICOM SR", (".dcm",), lambda *_: (data, losses), partial(_check, source))
        return (out,), write_checked(made, source.marks_of(lesson), lesson, out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in objects:
            with replacing(out / name) as temporary:
                temporary.write_bytes(data)
                _check_state(temporary.read_bytes(), data)
    except OSError as error:
        raise LessonSaveError(f"{str(out)!r} could not be written ({error.strerror or error})") from error
    return tuple(out / name for name, _ in objects), losses


def send(
    lesson: Lesson,
    address: str | Address,
    source: DicomSource,
    kind: str,
    progress: Progress = no_progress,
    credentials: Credentials | None = None,
) -> tuple[tuple[str, ...], tuple[Loss, ...]]:
    """Store the marks of a volume on a DICOMweb server, in the study of its images.

    `credentials` are for this server alone; those of the environment or the keyring where None.

    Returns
    -------
    tuple of str
        SOP Instance UIDs of what the server has now.
    tuple of Loss
        What did not fit.

    Raises
    ------
    LessonError, LessonSaveError, VolumeReadError
        If they can't be made, were refused, or the server fails.
    """
    address = parse_address(address) if isinstance(address, str) else address
    servers = {series.server for series in dicomweb_marks.series_of(source.files)}
    for_images = credentials if servers <= {address.server} else None
    objects, losses = encode_marks(lesson, source, kind, progress, for_images)
    if kind == "sr":
        for _, data in objects:
            _check(source, data, source.marks_of(lesson), losses)
    return dicomweb_marks.send_marks(address, [data for _, data in objects], progress, credentials), losses


def import_report(
    reports: Sequence[tuple[str, bytes]],
    lesson: Lesson,
    volume_id: str | None = None,
    source: DicomSource | None = None,
    *,
    replace: bool = False,
) -> tuple[tuple[Annotation, ...], tuple[Loss, ...]]:
    """Read structured reports for a lesson, which is not changed yet.

    Parameters
    ----------
    reports : sequence of (str, bytes)
        Names for errors, and the files.
    lesson : Lesson
        Into which they shall come.
    volume_id : str, optional
        In which of the lesson's volumes the marks lie; that of the source, or the only one, if not given.
    source : DicomSource, optional
        The images: marks in another frame of reference are refused. Without it the lesson's own is held against
        them; where it knows none, that is said.
    replace : bool
        As for `import_annotations`.

    Raises
    ------
    LessonError, WrongVolumeError
        If a report can't be read, or lies in the space of other images. Of several, those are told as losses as long
        as there is one that can be used.
    """
    wanted = source.volume_id if source else volume_id
    if wanted is None:
        if len(lesson.volumes) != 1:
            raise LessonError(f"say in which volume the marks lie: {[volume.id for volume in lesson.volumes]}")
        wanted = lesson.volumes[0].id
    frame = source.frame_of_reference_uid if source else lesson.volume(wanted).frame_of_reference_uid
    annotations: list[Annotation] = []
    losses: list[Loss] = []
    refused: list[LessonError | WrongVolumeError] = []
    for name, data in reports:
        try:
            found, said = dicom_sr.decode_sr(data, name, wanted, frame)
        except WrongVolumeError as error:
            refused.append(error if source else WrongVolumeError(f"{error}. {_OR_THE_SERIES}"))
        except LessonError as error:
            refused.append(error)
        else:
            annotations += found
            losses += said
    if refused and len(refused) == len(reports):
        raise next((error for error in refused if isinstance(error, WrongVolumeError)), refused[0])
    losses += [Loss(str(error)) for error in refused]
    if frame is None and annotations:
        losses.append(
            Loss("whether the marks were made on this very scan: the lesson does not know its frame of reference")
        )
    return beside_those_there(annotations, losses, lesson, replace)


def fetch_reports(
    address: str | Address, progress: Progress = no_progress, credentials: Credentials | None = None
) -> tuple[list[tuple[str, bytes]], tuple[Loss, ...]]:
    """Fetch the structured reports of a study from a DICOMweb server; of `series`, where the address names them.

    Raises
    ------
    LessonError, VolumeReadError
        If there are none, or the server fails.
    """
    found = dicomweb_marks.find_marks(address, progress, credentials)
    reports = [(f"report {number}", one.data) for number, one in enumerate(found, start=1) if one.modality == "SR"]
    states = len(found) - len(reports)
    if not reports:
        raise LessonError(f"there is no structured report in {address}")
    return reports, (Loss(f"{states} presentation states, which are drawings only"),) if states else ()


def _check(source: DicomSource, data: bytes, annotations: Sequence[Annotation], _losses: Sequence[Loss]) -> None:
    """Read a report again: every mark has to come back in its place."""
    back, _ = dicom_sr.decode_sr(data, "the report", source.volume_id, source.frame_of_reference_uid)
    check_places(annotations, back)


def _check_state(data: bytes, meant: bytes) -> None:
    from pydicom import dcmread
    from pydicom.uid import GrayscaleSoftcopyPresentationStateStorage

    kind = dcmread(io.BytesIO(data), specific_tags=["SOPClassUID"]).SOPClassUID
    if data != meant or kind != GrayscaleSoftcopyPresentationStateStorage:
        raise LessonSaveError("a presentation state did not come back from the disk as it was written")
