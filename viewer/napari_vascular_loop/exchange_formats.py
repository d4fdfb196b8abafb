"""The formats in which marks go to other programs and come from them.

A format that needs more than the annotations (a DICOM file needs the images that they were made on) is an
:class:`ExportFormat` whose `encode` was bound to it, handed to :func:`~napari_vascular_loop.exchange.write_checked`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.annotations import (
    fsleyes_text,
    slicer_fcsv,
    slicer_markups,
    table_csv,
    web_annotation,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.formats.annotations.loss import Loss

    Losses = tuple[Loss, ...]
    Encode = Callable[[Sequence[Annotation], Lesson], tuple[bytes, Losses]]
    Decode = Callable[[bytes, str, str], tuple[tuple[Annotation, ...], Losses]]
    Check = Callable[[bytes, Sequence[Annotation], Losses], None]

SAME_PLACE_MM = 0.001
"""Places that are this near to each other are one."""

WORDS = ("label", "note", "structure", "side", "grade", "author", "passages")
"""What is said of an annotation."""


@dataclass(frozen=True)
class ExportFormat:
    """A format that is written.

    Parameters
    ----------
    title : str
        For people.
    endings : tuple of str
        Of its files, the usual one first.
    encode : callable
        Makes the file of some of a lesson's annotations.
    check : callable
        Reads the file again and raises LessonError if it does not hold what was meant: an annotation of which no loss
        is told has to come back whole, one of which a loss is told with its id and place.
    names_volumes : bool
        Whether the file says in which volume an annotation lies.
    keeps_strangers : bool
        Whether members of other programs come through.
    keeps_views : bool
        Whether it comes through how a mark is to be looked at.
    """

    title: str
    endings: tuple[str, ...]
    encode: Encode
    check: Check
    names_volumes: bool = True
    keeps_strangers: bool = False
    keeps_views: bool = False


@dataclass(frozen=True)
class ImportFormat:
    """A format that is read.

    Parameters
    ----------
    title : str
        For people.
    endings : tuple of str
        Of its files.
    decode : callable
        Takes the file, its name for errors, and the id of a volume, or "" for the volumes that the file names.
    """

    title: str
    endings: tuple[str, ...]
    decode: Decode


def same_place(one: Annotation, other: Annotation) -> bool:
    """Whether two annotations have the same geometry, within `SAME_PLACE_MM` at each vertex."""
    ours, theirs = one.geometry.vertices_ras_mm, other.geometry.vertices_ras_mm
    if one.geometry.kind != other.geometry.kind or len(ours) != len(theirs):
        return False
    return bool(np.linalg.norm(np.subtract(ours, theirs), axis=1).max() <= SAME_PLACE_MM)


def check_places(meant: Sequence[Annotation], back: Sequence[Annotation]) -> None:
    """Make sure that all that was written came back in its place.

    Raises
    ------
    LessonError
        Naming the mark that did not.
    """
    if [one.id for one in back] != [one.id for one in meant]:
        raise LessonError(f"{len(meant)} marks were written, {len(back)} came back, or in another order")
    for one, other in zip(meant, back, strict=True):
        if not same_place(one, other):
            raise LessonError(f"{one.title!r} came back in another place")


def checked_by_decoding(decode: Decode) -> Check:
    """Make the check of a format that is also read."""

    def check(data: bytes, annotations: Sequence[Annotation], losses: Losses) -> None:
        back, _ = decode(data, "the file", "")
        check_places(annotations, back)
        with_losses = {loss.annotation_id for loss in losses}
        for meant, found in zip(annotations, back, strict=True):
            if meant.id in with_losses:
                continue
            for member in ("volume_id", *WORDS, "created", "modified"):
                if getattr(meant, member) != getattr(found, member):
                    raise LessonError(f"the {member} of {meant.title!r} came back different")

    return check


def _decode_w3c(data: bytes, name: str, volume_id: str) -> tuple[tuple[Annotation, ...], Losses]:
    annotations, _ = web_annotation.decode(data, name)
    return tuple(replace(a, volume_id=volume_id) if volume_id else a for a in annotations), ()


def _encode_w3c(annotations: Sequence[Annotation], lesson: Lesson) -> tuple[bytes, Losses]:
    return web_annotation.encode(tuple(annotations), dict(lesson.annotations_foreign)), ()


def _check_fsleyes(data: bytes, annotations: Sequence[Annotation], _losses: Losses) -> None:
    meant = tuple(drawing for annotation in annotations for drawing in fsleyes_text.drawings(annotation))
    if fsleyes_text.parse(data, "the file") != meant:
        raise LessonError("what FSLeyes would draw is not what was meant")


IMPORTS: Mapping[str, ImportFormat] = {
    "w3c": ImportFormat("W3C Web Annotation", (".jsonld", ".json"), _decode_w3c),
    "slicer": ImportFormat("3D Slicer markups", (".mrk.json",), slicer_markups.decode),
    "fcsv": ImportFormat("3D Slicer point list", (".fcsv",), slicer_fcsv.decode),
    "csv": ImportFormat("table", (".csv",), table_csv.decode),
}
"""What is read, by name."""

EXPORTS: Mapping[str, ExportFormat] = {
    "w3c": ExportFormat(
        "W3C Web Annotation",
        (".jsonld", ".json"),
        _encode_w3c,
        checked_by_decoding(_decode_w3c),
        keeps_strangers=True,
        keeps_views=True,
    ),
    "slicer": ExportFormat(
        "3D Slicer markups",
        (".mrk.json",),
        lambda annotations, _: slicer_markups.encode(annotations),
        checked_by_decoding(slicer_markups.decode),
        keeps_views=True,
    ),
    "fcsv": ExportFormat(
        "3D Slicer point list",
        (".fcsv",),
        lambda annotations, _: slicer_fcsv.encode(annotations),
        checked_by_decoding(slicer_fcsv.decode),
        keeps_views=True,
    ),
    "csv": ExportFormat(
        "table",
        (".csv",),
        lambda annotations, _: table_csv.encode(annotations),
        checked_by_decoding(table_csv.decode),
        keeps_views=True,
    ),
    "fsleyes": ExportFormat(
        "FSLeyes annotations",
        (".txt",),
        lambda annotations, _: fsleyes_text.encode(annotations),
        _check_fsleyes,
        names_volumes=False,
    ),
}
"""What is written, by name."""
