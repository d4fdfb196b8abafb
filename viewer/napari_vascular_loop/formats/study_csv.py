"""Results of study as a table for spreadsheets: one row for each answer."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from napari_vascular_loop.formats.annotations.table_cells import guarded, time_cell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.domain.answer import Answer, StudyResults

COLUMNS = (
    "lesson", "student", "at_utc", "kind", "question", "prompt", "wanted", "given", "side", "verdict",
    "distance_mm", "r_mm", "a_mm", "s_mm", "seconds", "annotation",
)  # fmt: skip


def encode(results: Iterable[StudyResults]) -> bytes:
    """Write a table: UTF-8 with a byte order mark, so that spreadsheets read every letter."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in results:
        writer.writerows(_row(one, answer) for answer in one.answers)
    return table.getvalue().encode("utf-8-sig")


def _row(results: StudyResults, answer: Answer) -> list[str]:
    r_mm, a_mm, s_mm = answer.place_ras_mm or (None, None, None)
    texts = (
        results.lesson_id,
        results.student,
        time_cell(answer.at),
        answer.kind.value,
        answer.question_id,
        answer.prompt,
        answer.wanted,
        answer.given,
        answer.side.value if answer.side else "",
        answer.verdict.value,
    )
    numbers = ((answer.distance_mm, 2), (r_mm, 2), (a_mm, 2), (s_mm, 2), (answer.seconds, 1))
    # Numbers stay numbers: a minus before one is no formula.
    return [*map(guarded, texts), *(_number(*one) for one in numbers), guarded(answer.annotation_id)]


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
