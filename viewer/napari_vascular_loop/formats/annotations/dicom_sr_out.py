"""Writing marks as a DICOM structured report."""

from __future__ import annotations

import json
import re
from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.uid import generate_uid

from napari_vascular_loop.domain.annotation import Annotation, Point, Region
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.space import RAS_FROM_LPS, FloatArray, transform_points
from napari_vascular_loop.formats.annotations import dicom_codes as codes
from napari_vascular_loop.formats.annotations.dicom_bytes import highdicom_part, write_object
from napari_vascular_loop.formats.annotations.dicom_evidence import INSTEAD, read_evidence
from napari_vascular_loop.formats.annotations.loss import Loss

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path
    from types import ModuleType

    from pydicom.dataset import Dataset
    from pydicom.sr.coding import Code

    from napari_vascular_loop.domain.article import Passage

MANUFACTURER = "napari-vascular-loop"
SERIES_NUMBER = 9901
MOST_MARKS = 3000
"""Larger reports take other programs minutes; and this one does not read them, see `dicom_bytes.MOST_ELEMENTS`."""
_OBSERVER_UID = "2.25.96433264530137386041925413108911726177"
"""Stands for this program, on whatever machine."""

_PLANAR_MM = 1e-5
"""How far from one plane the vertices of a POLYGON may lie, for highdicom."""
_FLATTENED_MM = 1e-3
_ROUNDED_MM = 5e-4
"""Coordinates are stored as numbers of 32 bits: that is felt beyond some metres only."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_LONGEST_NAME = 64


def encode_sr(annotations: Sequence[Annotation], sources: Sequence[Path | str]) -> tuple[bytes, tuple[Loss, ...]]:
    """Write marks as a Comprehensive 3D SR.

    Parameters
    ----------
    annotations : sequence of Annotation
        All of one volume.
    sources : sequence of Path
        The DICOM files that the volume was read from. Of their headers only UIDs are taken over: nothing of the
        patient's name, number or dates.

    Returns
    -------
    bytes
        The DICOM file.
    tuple of Loss
        What did not fit.

    Raises
    ------
    LessonError
        If the volume was not read from DICOM, its images name no frame of reference, there is no mark, or highdicom
        is not installed; or there are more than `MOST_MARKS`.
    """
    sr = highdicom_part("sr")
    if not annotations:
        raise LessonError("a DICOM SR needs at least one mark, and there is none")
    if len(annotations) > MOST_MARKS:
        raise LessonError(
            f"a DICOM SR takes up to {MOST_MARKS} marks, and there are {len(annotations)}: export some at a time"
        )
    if len({annotation.volume_id for annotation in annotations}) > 1:
        raise LessonError("a DICOM SR holds the marks of one volume, and these are of several: export them one by one")
    evidence = read_evidence(sources, "a DICOM SR")
    frame = evidence.frame_of_reference_uid
    if frame is None:
        raise LessonError(f"the images name no frame of reference, to which a DICOM SR binds its marks: {INSTEAD}")
    losses: list[Loss] = []
    try:
        groups = [_Group(sr, annotation, frame, losses).build() for annotation in annotations]
        document = _document(sr, groups, [image.neutral for image in evidence.images])
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise LessonError(
            f"the marks could not be written as a DICOM SR of these images ({type(error).__name__}): {INSTEAD}"
        ) from error
    return write_object(document), tuple(losses)


def _document(sr: ModuleType, groups: list[Any], evidence: list[Dataset]) -> Dataset:
    observer = sr.ObserverContext(
        sr.CodedConcept("121007", "DCM", "Device"),
        sr.DeviceObserverIdentifyingAttributes(uid=_OBSERVER_UID, name=MANUFACTURER),
    )
    report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=codes.PROCEDURE,
        imaging_measurements=groups[:1],
    )
    document: Dataset = sr.Comprehensive3DSR(
        evidence=evidence,
        content=report,
        series_instance_uid=generate_uid(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        series_description="Teaching marks",
        specific_character_set="ISO_IR 192",
        coding_schemes=[
            highdicom_part("").coding_schemes.CodingSchemeIdentificationItem(
                codes.OWN_SCHEME, name="Marks of napari-vascular-loop", responsible_organization=MANUFACTURER
            )
        ],
    )
    # highdicom copies its content several times: with thousands of groups that would take minutes.
    document.ContentSequence[-1].ContentSequence.extend(group[0] for group in groups[1:])
    mark_without_identity(document)
    return document


def mark_without_identity(document: Dataset) -> None:
    """Say in an object that it names no patient (PS3.3 section C.7.1.1)."""
    document.PatientIdentityRemoved = "YES"
    document.DeidentificationMethod = "Nothing but UIDs was taken from the source"


def lps_mm(ras_mm: Any) -> FloatArray:
    """Turn RAS mm into LPS mm."""
    return transform_points(RAS_FROM_LPS, ras_mm)


def written_text(text: str) -> str:
    """What of a text comes back from an element of DICOM: no control characters, no blanks at its end."""
    return _CONTROLS.sub("?", text).rstrip(" \0")


def is_person_name(text: str) -> bool:
    """Whether a text stands as it is where DICOM wants a person's name."""
    return (
        bool(text.strip())
        and len(text) <= _LONGEST_NAME
        and text == text.strip()
        and not re.search(r"[\\^=\x00-\x1f\x7f]", text)
    )


class _Group:
    """The measurement group of one mark."""

    def __init__(self, sr: ModuleType, annotation: Annotation, frame_of_reference_uid: str, losses: list[Loss]) -> None:
        self._sr = sr
        self._annotation = annotation
        self._frame = frame_of_reference_uid
        self._losses = losses
        self._relations = sr.RelationshipTypeValues

    def build(self) -> Any:
        """Make the template's content."""
        sr, annotation = self._sr, self._annotation
        structure = codes.structure_code(annotation.structure)
        side = codes.SIDES[annotation.side] if annotation.side else None
        evaluations = [sr.QualitativeEvaluation(codes.SHAPE, codes.SHAPES[annotation.geometry.kind])]
        if annotation.grade:
            evaluations.append(sr.QualitativeEvaluation(codes.GRADE, codes.GRADES[annotation.grade]))
        if side and not structure:
            evaluations.append(sr.QualitativeEvaluation(codes.LATERALITY, side))
        region = self._region()
        template = sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=sr.TrackingIdentifier(codes.uid_of(annotation.id), written_text(annotation.title)),
            referenced_region=region,
            finding_type=structure,
            finding_sites=[sr.FindingSite(structure, laterality=side)] if structure else None,
            qualitative_evaluations=evaluations,
        )
        self._add_texts(template[0].ContentSequence, free_structure=None if structure else annotation.structure)
        return template

    def _lose(self, words: str) -> None:
        self._losses.append(Loss.of(self._annotation, words))

    def _region(self) -> Any:
        geometry = self._annotation.geometry
        vertices = lps_mm(geometry.vertices_ras_mm)
        if np.abs(vertices - vertices.astype(np.float32)).max() > _ROUNDED_MM:
            self._lose("digits of its coordinates: so far from the origin, DICOM keeps them to less than 0.001 mm")
        kind = "POLYLINE"
        if isinstance(geometry, Point):
            kind = "POINT"
        elif isinstance(geometry, Region):
            kind, vertices = self._outline(vertices)
        return self._sr.ImageRegion3D(kind, vertices, self._frame)

    def _outline(self, vertices: FloatArray) -> tuple[str, FloatArray]:
        """Close an outline; a POLYGON must lie in one plane."""
        centre = vertices.mean(axis=0)
        normal = np.linalg.svd(vertices - centre)[2][-1]
        heights = (vertices - centre) @ normal
        kind = "POLYGON"
        if np.abs(heights).max() > _FLATTENED_MM:
            self._lose("that it is an area: it does not lie in one plane, so it is written as a closed line")
            kind = "POLYLINE"
        elif np.abs(heights).max() > _PLANAR_MM / 2:
            vertices = vertices - heights[:, np.newaxis] * normal
        return kind, np.vstack([vertices, vertices[:1]])

    def _add_texts(self, content: Any, free_structure: str | None) -> None:
        annotation = self._annotation
        context, contains = self._relations.HAS_OBS_CONTEXT, self._relations.CONTAINS
        if codes.id_of(codes.uid_of(annotation.id)) != annotation.id:
            self._text(content, codes.IDENTIFIER, annotation.id, "its id", context)
        if is_person_name(annotation.author):
            content.append(self._sr.CodeContentItem(codes.OBSERVER_TYPE, codes.PERSON, context))
            content.append(self._sr.PnameContentItem(codes.OBSERVER_NAME, f"{annotation.author}^", context))
        else:
            self._text(content, codes.AUTHOR, annotation.author, "its author's name", context)
        self._time(content, codes.CREATED, annotation.created)
        self._time(content, codes.MODIFIED, annotation.modified)
        self._text(content, codes.LABEL, annotation.label, "its label", contains)
        self._text(content, codes.COMMENT, annotation.note, "its note", contains)
        self._text(content, codes.FINDING, free_structure or "", "its structure", contains)
        for passage in annotation.passages:
            self._text(content, codes.PASSAGE, selectors(passage), "a passage", contains)

    def _text(self, content: Any, name: Code, text: str, what: str, relation: Any) -> None:
        kept = written_text(text)
        if kept != text:
            self._lose(f"characters of {what} that no text of DICOM holds (control characters, blanks at the end)")
        if kept:
            content.append(self._sr.TextContentItem(name, kept, relation))

    def _time(self, content: Any, name: Code, time: datetime) -> None:
        utc = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        text = f"{utc.year:04}{utc:%m%d%H%M%S.%f}+0000"
        content.append(self._sr.DateTimeContentItem(name, text, self._relations.HAS_OBS_CONTEXT))


def selectors(passage: Passage) -> str:
    """A passage as W3C's selectors, in one line of JSON: it ends in no blank, which DICOM would cut off."""
    several: list[dict[str, Any]] = [
        {"type": "TextQuoteSelector", "exact": passage.exact, "prefix": passage.prefix, "suffix": passage.suffix}
    ]
    if passage.start >= 0:
        several.append({"type": "TextPositionSelector", "start": passage.start, "end": passage.end})
    return json.dumps(several, ensure_ascii=False).replace("\x7f", "\\u007f")
