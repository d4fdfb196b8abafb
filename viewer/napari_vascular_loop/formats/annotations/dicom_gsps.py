"""Marks as grayscale softcopy presentation states: drawings that any DICOM viewer lays over the images.

One state holds all marked slices of a series: a viewer applies one state at a time, so that with one for each slice a
reader would have to choose anew at every slice. It takes several only where the standard asks for it: a state has one
rescaling of grey values (PS3.3 section C.11.1) and, in effect, one size of image.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from pydicom.uid import generate_uid

from napari_vascular_loop.domain.annotation import is_text
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.annotations.dicom_bytes import highdicom_part, write_object
from napari_vascular_loop.formats.annotations.dicom_codes import uid_of
from napari_vascular_loop.formats.annotations.dicom_drawing import Drawing, drawings_of
from napari_vascular_loop.formats.annotations.dicom_evidence import INSTEAD, SourceImage, read_evidence
from napari_vascular_loop.formats.annotations.dicom_slabs import slabs_of
from napari_vascular_loop.formats.annotations.dicom_sr_out import (
    MANUFACTURER,
    is_person_name,
    mark_without_identity,
    written_text,
)
from napari_vascular_loop.formats.annotations.loss import Loss

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType

    from pydicom.dataset import Dataset

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.space import FloatArray

SERIES_NUMBER = 9902
LONGEST_TEXT = 1023
"""Characters of an ST element (PS3.5 section 6.2), less the one that it may be padded with."""

_LAYER = "MARKS"

_Window = tuple[float, float] | None


def encode_gsps(
    annotations: Sequence[Annotation], sources: Sequence[Path | str]
) -> tuple[list[tuple[str, bytes]], tuple[Loss, ...]]:
    """Draw marks on the slices that they lie in.

    Parameters
    ----------
    annotations : sequence of Annotation
        All of one volume.
    sources : sequence of Path
        The DICOM files that the volume was read from. Of their headers only UIDs and numbers are taken over: nothing
        of the patient's name, number or dates.

    Returns
    -------
    list of (str, bytes)
        Names and contents of the files.
    tuple of Loss
        What did not fit: a presentation state knows lines and words on slices, and nothing else.

    Raises
    ------
    LessonError
        If the volume was not read from DICOM, no mark lies in its images, or highdicom is not installed.
    """
    pr = highdicom_part("pr")
    if len({annotation.volume_id for annotation in annotations}) > 1:
        raise LessonError(
            "DICOM presentation states draw the marks of one volume, and these are of several: export them one by one"
        )
    evidence = read_evidence(sources, "a DICOM presentation state")
    slabs = slabs_of(evidence.images)
    authors = {annotation.author for annotation in annotations}
    author = next(iter(authors)) if len(authors) == 1 and is_person_name(next(iter(authors))) else ""
    drawings: list[Drawing] = []
    losses: list[Loss] = []
    for annotation in annotations:
        drawn, told = drawings_of(annotation, slabs)
        drawings += drawn
        losses += [*told, *(_untold(annotation, author) if drawn else ())]
    if not drawings:
        raise LessonError(f"none of the marks lies in these images, so there is nothing to draw: {INSTEAD}")
    states: dict[tuple[Any, ...], list[Drawing]] = defaultdict(list)
    for drawing in drawings:
        frame = drawing.slab.frame
        image = drawing.slab.image
        several_frames = image.uid("SOPInstanceUID") if image.frame_count > 1 else ""
        size = int(image.file.get("Rows")), int(image.file.get("Columns"))
        states[image.uid("SeriesInstanceUID"), several_frames, *size, frame.slope, frame.intercept].append(drawing)
    series_uid = generate_uid()
    try:
        files = [
            (f"marks-{number}.dcm", write_object(_State(pr, some, author).build(series_uid, number)))
            for number, some in enumerate(states.values(), start=1)
        ]
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise LessonError(
            f"the marks could not be drawn as a presentation state of these images ({type(error).__name__}): {INSTEAD}"
        ) from error
    return files, tuple(losses)


def _untold(annotation: Annotation, author: str) -> list[Loss]:
    """What is said of a mark beside its label."""
    said = {
        "its note": annotation.note,
        "its structure": annotation.structure,
        "its side": annotation.side,
        "its grade": annotation.grade,
        "its passages of the article": annotation.passages,
        "its author's name": annotation.author != author and annotation.author,
        "when it was made": annotation.created,
    }
    losses = [Loss.of(annotation, words) for words, value in said.items() if value]
    if len(annotation.label) > LONGEST_TEXT:
        losses.append(Loss.of(annotation, f"the end of its label: {LONGEST_TEXT} characters fit"))
    return losses


class _State:
    """A presentation state of some drawings, all of one series, size and rescaling."""

    def __init__(self, pr: ModuleType, drawings: Sequence[Drawing], author: str) -> None:
        self._pr = pr
        self._drawings = drawings
        self._author = author
        self._images = list({one.slab.image.uid("SOPInstanceUID"): one.slab.image for one in drawings}.values())

    def build(self, series_uid: str, number: int) -> Dataset:
        """Make the object."""
        layer = self._pr.GraphicLayer(_LAYER, order=1, description="Teaching marks")
        state: Dataset = self._pr.GrayscaleSoftcopyPresentationState(
            referenced_images=[image.neutral for image in self._images],
            series_instance_uid=series_uid,
            series_number=SERIES_NUMBER,
            sop_instance_uid=generate_uid(),
            instance_number=number,
            manufacturer=MANUFACTURER,
            manufacturer_model_name=MANUFACTURER,
            software_versions="1",
            device_serial_number="0",
            content_label=_LAYER,
            content_description="Teaching marks, not for diagnosis",
            content_creator_name=f"{self._author}^" if self._author else None,
            graphic_annotations=[self._annotation(drawing, layer) for drawing in self._drawings],
            graphic_layers=[layer],
            modality_lut_transformation=self._rescaling(),
            voi_lut_transformations=self._windows() or None,
            series_description="Teaching marks",
            specific_character_set="ISO_IR 192",
        )
        mark_without_identity(state)
        return state

    def _annotation(self, drawing: Drawing, layer: Any) -> Any:
        annotation = drawing.annotation
        tracking = {"tracking_id": written_text(annotation.title) or "mark", "tracking_uid": uid_of(annotation.id)}
        text = written_text(annotation.label.strip())
        if len(text) > LONGEST_TEXT:
            text = f"{text[: LONGEST_TEXT - 1]}…"
        anchor = (float(drawing.text_at[0]), float(drawing.text_at[1]))
        texts = [self._pr.TextObject(text, units="PIXEL", anchor_point=anchor, anchor_point_visible=False, **tracking)]
        graphics = [self._graphic(line, tracking) for line in drawing.lines]
        return self._pr.GraphicAnnotation(
            referenced_images=[drawing.slab.image.neutral],
            graphic_layer=layer,
            referenced_frame_number=_frame_number(drawing),
            graphic_objects=None if text and is_text(annotation.geometry) else graphics,
            text_objects=texts if text else None,
        )

    def _graphic(self, line: FloatArray, tracking: dict[str, str]) -> Any:
        kind = "POINT" if len(line) == 1 else "POLYLINE"
        return self._pr.GraphicObject(kind, line, units="PIXEL", **tracking)

    def _rescaling(self) -> Any:
        frame = self._drawings[0].slab.frame
        if (frame.slope, frame.intercept) == (1.0, 0.0):
            return None
        return highdicom_part("").ModalityLUTTransformation(
            rescale_intercept=frame.intercept, rescale_slope=frame.slope, rescale_type="US"
        )

    def _windows(self) -> list[Any]:
        """Grey values as the images propose them: a state that says nothing of them would show all as stored."""
        places: dict[_Window, dict[str, tuple[SourceImage, set[int]]]] = defaultdict(dict)
        for drawing in self._drawings:
            image = drawing.slab.image
            some = places[image.window(drawing.slab.frame.number)]
            some.setdefault(image.uid("SOPInstanceUID"), (image, set()))[1].add(_frame_number(drawing) or 0)
        if len(places) == 1:
            (window,) = places
            return [] if window is None else [self._window(window, None)]
        several = []
        for window, images in places.items():
            if window is not None:
                several += [self._window(window, self._references(image, frames)) for image, frames in images.values()]
        return several

    def _references(self, image: SourceImage, frames: set[int]) -> Any:
        numbers = sorted(frames - {0}) or None
        return highdicom_part("").content.ReferencedImageSequence([image.neutral], referenced_frame_number=numbers)

    def _window(self, window: tuple[float, float], references: Any) -> Any:
        return self._pr.SoftcopyVOILUTTransformation(
            window_center=window[0], window_width=window[1], referenced_images=references
        )


def _frame_number(drawing: Drawing) -> int | None:
    """Number of a frame, from 1; None for an image of a single one."""
    return drawing.slab.frame.number + 1 if drawing.slab.image.frame_count > 1 else None
