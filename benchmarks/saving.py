"""What one edit costs in a lesson of 10,000 marks: until it is durable, undone, and written to the plain files."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.row import Row, at_most, rows_of
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point, Side
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.formats.lesson_folder import new_lesson_files
from napari_vascular_loop.lessons import open_lesson

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 10_000
EDITS = 40
WHAT = f"one edit in a lesson of {COUNT:,} marks"
FLUSH = "limit: 2 kB written and flushed (fsync)"
DURABLE = "an edit, until it is durable (ours)"


def lesson_of(count: int) -> Lesson:
    """A lesson of many marks, each with a label, a note, a structure, a side and a link."""
    rng = np.random.default_rng(4)
    article = "\n\n".join(f"Paragraph {n}: a loop touches the nerve at place {n}." for n in range(500))
    marks = []
    for n, (x, y, z) in enumerate(rng.uniform(-80, 80, (count, 3)).round(3).tolist()):
        geometry = Arrow((x + 9, y + 7, z), (x, y, z)) if n % 2 else Point((x, y, z))
        start = article.index(f"place {n % 500}.")
        marks.append(
            Annotation(
                geometry,
                "v",
                f"mark {n}",
                "What a student should know of it",
                "facial-nerve",
                Side.LEFT if x < 0 else Side.RIGHT,
                author="A. Teacher",
                passages=(passage_at(article, start, start + 7),),
            )
        )
    return Lesson("Many marks", (LessonVolume("v", catalogue_id="colin27"),), article, tuple(marks), id="many")


def median_ms(act: Callable[[int], object], count: int = EDITS) -> float:
    times = []
    for number in range(count):
        start = time.perf_counter()
        act(number)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def flushed(path: Path, number: int) -> None:
    """What any program has to do that keeps its word."""
    with path.open("ab") as file:
        file.write(bytes([number % 256]) * 2000)
        file.flush()
        os.fsync(file.fileno())


def run(_rounds: int) -> list[Row]:
    """Measure."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name) / "lesson"
        folder.mkdir()
        for file, data in new_lesson_files(lesson_of(COUNT)).items():
            (folder / file).write_bytes(data)
        medians = {}
        medians["open the lesson, all of it checked"] = median_ms(lambda _: open_lesson(folder).close(), 5)
        store = open_lesson(folder)
        ids = [annotation.id for annotation in store.annotations]
        store.change(ids[0], label="the first edit makes the journal")
        # Between edits the plain files are written in the background: as when somebody works without a pause.
        medians[FLUSH] = median_ms(lambda n: flushed(folder / "probe", n))
        medians[DURABLE] = median_ms(lambda n: store.change(ids[n * 7], label=f"new {n}"))
        medians["undo, durable too"] = median_ms(lambda _: store.undo())
        start = time.perf_counter()
        note = store.save().note
        medians["the plain files, written whole"] = (time.perf_counter() - start) * 1000
        if note:
            raise RuntimeError(note)
        store.close()
    bars = {
        "open the lesson, all of it checked": at_most(400),
        DURABLE: at_most(round(20 + medians[FLUSH], 1)),
        "undo, durable too": at_most(round(10 + medians[FLUSH], 1)),
    }
    return rows_of(WHAT, medians, DURABLE, bars)
