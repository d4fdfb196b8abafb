"""Annotations as 3D Slicer's point lists (.fcsv), of all its versions.

Slicer's reader and writer are vtkMRMLMarkupsFiducialStorageNode. The file holds points only: every vertex is one, and
its description says of which annotation. Slicer 4.11 and later name the frame (LPS, RAS), older ones number it
(0 RAS, 1 LPS, 2 voxels), and Slicer 3 knew RAS only.
"""

from __future__ import annotations

import csv
import io
import itertools
from typing import TYPE_CHECKING

import msgspec

from napari_vascular_loop.domain.annotation import Point
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.formats.annotations.carried import Record, description, record_of
from napari_vascular_loop.formats.annotations.control_points import (
    ControlPoint,
    annotations_of_list,
    in_order,
    lps_mm,
    ras_mm,
)
from napari_vascular_loop.formats.annotations.loss import Loss
from napari_vascular_loop.formats.annotations.separated import rows, text_of, written_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_vascular_loop.domain.annotation import Annotation

_COLUMNS = ("id", "x", "y", "z", "ow", "ox", "oy", "oz", "vis", "sel", "lock", "label", "desc", "associatedNodeID")
_SLICER_3_COLUMNS = ("label", "x", "y", "z", "sel", "vis")
_SYSTEMS = {"0": "RAS", "RAS": "RAS", "1": "LPS", "LPS": "LPS"}

# Slicer reads lines into 1024 bytes and stops at the first that is longer; it may write longer numbers than we do.
_LONGEST_LINE = 960
_LONGEST_ID = 200

_POINTS_ONLY = "the lines of arrows, paths and regions: the file holds points, one for each vertex"


def encode(annotations: Sequence[Annotation]) -> tuple[bytes, tuple[Loss, ...]]:
    """Write a point list in LPS; lost are texts for which Slicer's lines have no room, and what is more than points.

    Raises
    ------
    LessonError
        If an annotation's id is too long for a line.
    """
    lines = [
        "# Markups fiducial file version = 5.0",
        "# CoordinateSystem = LPS",
        f"# columns = {','.join(_COLUMNS)}",
    ]
    losses: list[Loss] = []
    numbers = itertools.count(1)
    for order, annotation in enumerate(annotations):
        if len(annotation.id.encode()) > _LONGEST_ID:
            raise LessonError(f"the id {shown(annotation.id)!r} is too long for .fcsv; export to .mrk.json instead")
        for vertex, place in enumerate(lps_mm(annotation.geometry.vertices_ras_mm)):
            number = next(numbers)
            if vertex == 0:
                line, left_out = _fitting(annotation, order, number, place)
                losses += [Loss.of(annotation, left_out)] if left_out else []
            else:
                record = Record(annotation.id, annotation.geometry.kind, vertex, order)
                line = _line(number, place, "", description("", record))
            lines.append(line)
    if any(not isinstance(annotation.geometry, Point) for annotation in annotations):
        losses.append(Loss(_POINTS_ONLY))
    return ("\n".join(lines) + "\n").encode(), tuple(losses)


def decode(data: bytes, name: str, volume_id: str) -> tuple[tuple[Annotation, ...], tuple[Loss, ...]]:
    """Read a point list.

    Raises
    ------
    LessonError
        Naming the line and the value that is wrong, or if the file does not say its frame.
    """
    text = text_of(data, name)
    said, lines_before, text = _without_header(text)
    columns = [column.strip() for column in said.get("columns", ",".join(_COLUMNS)).split(",")]
    slicer_3 = "Markups fiducial file version" not in said and columns[0] == "label"
    losses: list[Loss] = []
    if slicer_3:
        losses.append(Loss("its frame: Slicer 3 did not write it, and it was read as RAS, which it always was"))
    system = "RAS" if slicer_3 else _system(said.get("CoordinateSystem"), name)
    if not {"x", "y", "z"} <= set(columns):
        raise LessonError(f"{name}: its columns should be {','.join(_COLUMNS)}, got {shown(','.join(columns))!r}")
    points: list[ControlPoint] = []
    hidden = False
    for line, cells in rows(text, ",", name, lines_before):
        if cells[0].startswith("#"):
            continue
        row = dict(zip(columns, cells, strict=False))
        values = [written_number(row.get(axis, ""), f"{name}: line {line}, {axis}") for axis in "xyz"]
        position_ras_mm = ras_mm(values, system, 1.0, f"{name}: line {line}")
        points.append(ControlPoint(position_ras_mm, row.get("label", ""), row.get("desc", "")))
        hidden = hidden or row.get("vis") == "0" or row.get("lock") == "1"
    if hidden:
        losses.append(Loss("which points were hidden or locked"))
    found, more = annotations_of_list(points, volume_id, _as_shown)
    return in_order(found), (*losses, *more)


def _as_shown(text: str) -> str:
    """Put a text into one line, which is all that Slicer reads; its strings end at a zero byte."""
    return " ".join(text.replace("\0", "?").splitlines())


def _line(number: int, place: list[float], label: str, text: str) -> str:
    cells = [str(number), *map(repr, place), "0", "0", "0", "1", "1", "1", "0", label, text, ""]
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _fitting(annotation: Annotation, order: int, number: int, place: list[float]) -> tuple[str, str]:
    """Write the first vertex with as much of the texts as a line has room for, and say what is left out."""
    label, note = _as_shown(annotation.label), _as_shown(annotation.note)
    for record, shown_note, left_out in _shorter_and_shorter(record_of(annotation, order, _as_shown), note):
        line = _line(number, place, label, description(shown_note, record, " "))
        if len(line.encode()) <= _LONGEST_LINE:
            return line, left_out
    record = Record(annotation.id, annotation.geometry.kind, 0, order, short=True)
    line = _line(number, place, shown(label, 60), description("", record))
    return line, "all but the start of its label: Slicer reads 1024 bytes of a line"


def _shorter_and_shorter(record: Record, note: str) -> Iterator[tuple[Record, str, str]]:
    why = "Slicer reads 1024 bytes of a line"
    yield record, note, ""
    bare = tuple(msgspec.structs.replace(words, prefix="", suffix="") for words in record.passages)
    record = msgspec.structs.replace(record, passages=bare, short=True)
    yield record, note, f"the words around its passages: {why}"
    record = msgspec.structs.replace(record, note=None)
    yield record, note, f"the words around its passages, and the lines of its note: {why}"
    record = msgspec.structs.replace(record, passages=())
    yield record, note, f"its passages, and the lines of its note: {why}"
    for length in range(min(len(note), _LONGEST_LINE), 0, -20):
        yield record, f"{note[:length].rstrip()}…", f"its passages, and the end of its note: {why}"


def _without_header(text: str) -> tuple[dict[str, str], int, str]:
    """Take off the lines at the head that start with "#", and say what they say and how many they are."""
    said: dict[str, str] = {}
    lines = text.splitlines(keepends=True)
    count = next((n for n, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    for line in lines[:count]:
        key, _, value = line[1:].partition("=")
        said[key.strip()] = value.strip()
    return said, count, "".join(lines[count:])


def _system(said: str | None, name: str) -> str:
    if said in _SYSTEMS:
        return _SYSTEMS[said]
    if said in ("2", "IJK"):
        raise LessonError(f"{name}: its numbers are voxels, not mm; save it in Slicer as .mrk.json")
    got = "it doesn't say in which frame its numbers are" if said is None else f"its frame is {shown(said)!r}"
    raise LessonError(f"{name}: {got}; write '# CoordinateSystem = LPS' or '# CoordinateSystem = RAS' at its head")
