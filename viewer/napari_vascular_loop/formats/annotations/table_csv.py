"""Annotations as a table for spreadsheets and scripts (.csv): a row for each vertex, in RAS mm and in LPS mm."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.annotations.control_points import lps_mm
from napari_vascular_loop.formats.annotations.item_reader import view_as_written
from napari_vascular_loop.formats.annotations.loss import Loss
from napari_vascular_loop.formats.annotations.separated import rows, text_of
from napari_vascular_loop.formats.annotations.table_cells import guarded, passage_cells, time_cell, unguarded
from napari_vascular_loop.formats.annotations.table_rows import LPS, RAS, Row, annotation_of
from napari_vascular_loop.formats.json_text import compact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation

_WORDS = (
    "label",
    "note",
    "structure",
    "side",
    "grade",
    "author",
    "created",
    "modified",
    "passages",
    "selectors",
    "view",
)
COLUMNS = ("volume", "id", "kind", "vertex", *RAS, *LPS, *_WORDS)
_LONGEST_IN_EXCEL = 32767


def encode(annotations: Sequence[Annotation]) -> tuple[bytes, tuple[Loss, ...]]:
    """Write a table; the texts stand in the row of the first vertex, the label in all.

    Told as a loss is what a spreadsheet may do to it.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    losses = []
    for annotation in annotations:
        words = _word_cells(annotation)
        if max(map(len, words)) > _LONGEST_IN_EXCEL:
            losses.append(Loss("texts of more than 32767 characters, if Excel saves the file", "", annotation.title))
        more = [words[0], *[""] * (len(words) - 1)]
        head = [guarded(annotation.volume_id), guarded(annotation.id), annotation.geometry.kind]
        vertices = annotation.geometry.vertices_ras_mm
        for vertex, (ras, lps) in enumerate(zip(vertices, lps_mm(vertices), strict=True), start=1):
            places = [*map(repr, ras), *map(repr, lps)]
            writer.writerow([*head, vertex, *places, *(words if vertex == 1 else more)])
    # Excel takes a file for UTF-8 only with this mark; pandas and R pass over it.
    return table.getvalue().encode("utf-8-sig"), tuple(losses)


def decode(data: bytes, name: str, volume_id: str) -> tuple[tuple[Annotation, ...], tuple[Loss, ...]]:
    """Read a table: with commas, semicolons or tabs between the cells, and points or commas in the numbers.

    Raises
    ------
    LessonError
        Naming the line, the column and the value that is wrong.
    """
    columns, table = _table(text_of(data, name), name)
    losses = []
    strangers = [column for n, column in enumerate(columns) if column not in COLUMNS and any(r.cells[n] for r in table)]
    if strangers:
        losses.append(Loss(f"columns that no annotation has: {', '.join(strangers)[:200]}"))
    _check_decimals(table, name)
    groups: dict[object, list[Row]] = {}
    for row in table:
        key = row.text("id")
        if not key and row.text("kind").strip().casefold() not in ("", "point"):
            raise LessonError(
                f"{row.where}: an id is missing, the same for all vertices of this {row.text('kind')[:20]}"
            )
        groups.setdefault(key or row, []).append(row)
    annotations = []
    for group in groups.values():
        annotation, said = annotation_of(group, volume_id)
        annotations.append(annotation)
        losses.extend(said)
    return tuple(annotations), tuple(losses)


def _word_cells(annotation: Annotation) -> list[str]:
    passages, selectors = passage_cells(annotation.passages)
    texts = (annotation.label, annotation.note, annotation.structure or "")
    return [
        *map(guarded, texts),
        annotation.side.value if annotation.side else "",
        annotation.grade.value if annotation.grade else "",
        guarded(annotation.author),
        time_cell(annotation.created),
        time_cell(annotation.modified),
        guarded(passages),
        selectors,
        compact(view_as_written(annotation.view)).decode() if annotation.view is not None else "",
    ]


def _table(text: str, name: str) -> tuple[list[str], list[Row]]:
    """Find out what parts the cells, and read all rows below the names of the columns."""
    lines_before = 0
    said = re.match(r"sep=([,;\t])\r?\n", text)
    if said:
        text, lines_before = text[said.end() :], 1
    for delimiter in (said[1],) if said else (",", ";", "\t"):
        every = rows(text, delimiter, name, lines_before)
        _, first = next(every, (0, []))
        columns = [cell.strip().casefold() for cell in first]
        if not (set(RAS) <= set(columns) or set(LPS) <= set(columns)):
            continue
        twice = [column for column in columns if column in COLUMNS and columns.count(column) > 1]
        if twice:
            raise LessonError(f"{name}: the column {twice[0]} stands twice; name one of them otherwise")
        where = {column: n for n, column in enumerate(columns)}
        table = []
        for line, cells in every:
            if len(cells) > len(columns) and any(cells[len(columns) :]):
                raise LessonError(f"{name}: line {line} has {len(cells)} cells, the first row has {len(columns)}")
            padded = [*cells, *[""] * (len(columns) - len(cells))]
            table.append(Row(f"{name}: line {line}", tuple(map(unguarded, padded)), where))
        return columns, table
    raise LessonError(
        f"{name}: its first row should name the columns, among them {', '.join(RAS)}, or {', '.join(LPS)}"
    )


def _check_decimals(table: list[Row], name: str) -> None:
    """Refuse numbers with commas beside numbers with points: "1,234" would be one or the other thousand."""
    cells = [(row, cell) for row in table for column in (*RAS, *LPS) if (cell := row.text(column))]
    comma = next((one for one in cells if "," in one[1] and "." not in one[1]), None)
    point = next((one for one in cells if "." in one[1] and "," not in one[1]), None)
    if comma and point:
        raise LessonError(
            f"{comma[0].where}: {comma[1][:40]!r} has a comma, {point[1][:40]!r} elsewhere a point; write all alike"
        )
