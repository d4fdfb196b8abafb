"""The rows of one annotation in a table, and what they say together."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from napari_vascular_loop.domain.annotation import Annotation, Grade, Side, new_id, now
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.terms import structure_by_name
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.formats.annotations.control_points import ras_mm, shaped
from napari_vascular_loop.formats.annotations.item_reader import view_of
from napari_vascular_loop.formats.annotations.loss import Loss
from napari_vascular_loop.formats.annotations.separated import written_number
from napari_vascular_loop.formats.annotations.table_cells import read_passages, read_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from napari_vascular_loop.domain.mark_view import MarkView
    from napari_vascular_loop.domain.space import Vector3

RAS = ("ras_x_mm", "ras_y_mm", "ras_z_mm")
LPS = ("lps_x_mm", "lps_y_mm", "lps_z_mm")

_Choice = TypeVar("_Choice", bound=StrEnum)

_KINDS = ("arrow", "point", "text", "path", "region")
_SAME_MM = 0.001


@dataclass(frozen=True, eq=False)
class Row:
    """A row.

    Parameters
    ----------
    where : str
        File and line, as errors name it.
    cells : tuple of str
        As many as there are columns.
    columns : mapping
        Number of each column, by its name.
    """

    where: str
    cells: tuple[str, ...]
    columns: Mapping[str, int]

    def text(self, column: str) -> str:
        """What stands in a column; "" where there is no such column."""
        at = self.columns.get(column)
        return "" if at is None else self.cells[at]

    def position_ras_mm(self) -> Vector3:
        """Place of the vertex.

        Raises
        ------
        LessonError
            If there is none, or its RAS and LPS numbers are of two places.
        """
        ras, lps = self._position(RAS, "RAS"), self._position(LPS, "LPS")
        if ras and lps and max(abs(a - b) for a, b in zip(ras, lps, strict=True)) > _SAME_MM:
            raise LessonError(
                f"{self.where}: the RAS and LPS columns are of two places, {ras} and {lps} in RAS mm; "
                "correct one of them, or leave it empty"
            )
        position = ras or lps
        if position is None:
            raise LessonError(f"{self.where}: there are no numbers in {', '.join(RAS)}, nor in {', '.join(LPS)}")
        return position

    def _position(self, columns: tuple[str, ...], system: str) -> Vector3 | None:
        cells = [self.text(column).strip() for column in columns]
        if not any(cells):
            return None
        values = [written_number(c, f"{self.where}, {n}") for c, n in zip(cells, columns, strict=True)]
        return ras_mm(values, system, 1.0, f"{self.where}, {columns[0][:3]}")


def annotation_of(rows: Sequence[Row], volume_id: str) -> tuple[Annotation, list[Loss]]:
    """Make an annotation of its rows; in `volume_id`, or in the volume that the rows name where that is "".

    Raises
    ------
    LessonError
        Naming the line, the column and the value that is wrong.
    """
    kind = _word(rows, "kind") or "point"
    if kind not in _KINDS:
        raise LessonError(f"{rows[0].where}: kind should be one of {', '.join(_KINDS)}, got {shown(kind)!r}")
    said: list[str] = []
    ordered = _by_vertex(rows, said)
    if kind in ("point", "text") and len(ordered) > 1:
        raise LessonError(f"{ordered[1].where}: a {kind} has one row; is its id that of another annotation?")
    geometry, difference = shaped(kind, [row.position_ras_mm() for row in ordered])
    said += [difference] if difference else []
    created = _time(rows, "created", said)
    modified = _time(rows, "modified", said)
    words = _one(rows, "passages") if "passages" in rows[0].columns else None
    passages, damaged = read_passages(words, _one(rows, "selectors"))
    said += ["where its passages stand: the column selectors can't be read"] if damaged else []
    structure = _one(rows, "structure")
    known = structure_by_name(structure)
    annotation = Annotation(
        geometry=geometry,
        volume_id=volume_id or _one(rows, "volume"),
        label=_one(rows, "label"),
        note=_one(rows, "note"),
        structure=known.id if known else structure or None,
        side=_choice(rows, "side", Side),
        grade=_choice(rows, "grade", Grade),
        author=_one(rows, "author"),
        created=created or modified or now(),
        modified=modified or created or now(),
        passages=passages,
        id=_one(rows, "id") or new_id(),
        view=_view(rows, said),
    )
    return annotation, [Loss.of(annotation, words) for words in said]


def _word(rows: Sequence[Row], column: str) -> str:
    """What the rows of an annotation say in a column of a few known words, in small letters."""
    return _one(rows, column, lambda cell: cell.strip().casefold())


def _one(rows: Sequence[Row], column: str, read: Callable[[str], str] = str) -> str:
    """What the rows of an annotation say in a column: the first text, and no other."""
    text = ""
    for row in rows:
        other = read(row.text(column))
        if text and other and other != text:
            raise LessonError(
                f"{row.where}: {column} is {shown(other)!r}, but {shown(text)!r} in another row of the same annotation"
            )
        text = text or other
    return text


def _by_vertex(rows: Sequence[Row], said: list[str]) -> list[Row]:
    numbers: dict[int, Row] = {}
    for n, row in enumerate(rows, start=1):
        cell = row.text("vertex").strip()
        value = written_number(cell, f"{row.where}, vertex") if cell else float(n)
        if not value.is_integer() or not 1 <= value <= 10**9:
            raise LessonError(f"{row.where}: vertex should be a number from 1, got {shown(cell)!r}")
        if int(value) in numbers:
            raise LessonError(f"{row.where}: vertex {int(value)} of this annotation stands twice")
        numbers[int(value)] = row
    if max(numbers) > len(numbers):
        said.append("vertices whose rows are missing")
    return [numbers[number] for number in sorted(numbers)]


def _choice(rows: Sequence[Row], column: str, kind: type[_Choice]) -> _Choice | None:
    said = _word(rows, column)
    if not said:
        return None
    if said not in list(kind):
        raise LessonError(f"{rows[0].where}: {column} should be one of {', '.join(kind)}, got {shown(said)!r}")
    return kind(said)


def _view(rows: Sequence[Row], said: list[str]) -> MarkView | None:
    cell = _one(rows, "view").strip()
    if not cell:
        return None
    view = None
    with contextlib.suppress(ValueError, RecursionError):
        view = view_of(json.loads(cell))
    if view is None:
        said.append("how it is to be looked at: the column view can't be read")
    return view


def _time(rows: Sequence[Row], column: str, said: list[str]) -> datetime | None:
    cell = _one(rows, column)
    if not cell.strip():
        return None
    try:
        return read_time(cell)
    except ValueError:
        said.append(f"when it was {column}: {shown(cell)!r} is not a time such as 2026-03-04T05:06:07Z")
        return None
