"""A library of 10,000 lessons: its cards opened, its search, and the making of its index.

The lessons are files, made once: each with an article of about 1,200 words, of a vocabulary in which words are as
unequally common as in a language, and five marks. What is searched is what a student types: a structure, a code, a
common word, the first letters of one.

A cold start is a process of its own, from its first line to all cards in memory; Python has been compiled. Peers are
what one would write without an index: reading every lesson's files anew, and comparing what is typed with every text
by rapidfuzz.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from functools import cache, partial
from typing import TYPE_CHECKING

from benchmarks import scans
from benchmarks.row import Row, at_most, rows_of
from benchmarks.timing import medians_ms
from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.terms import STRUCTURES
from napari_vascular_loop.formats.lesson_folder import LessonFolder, new_lesson_files
from napari_vascular_loop.library.library import Library
from napari_vascular_loop.library.places import LIBRARIES_VARIABLE
from napari_vascular_loop.library.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MANY = 10_000
WORDS = 1_200
_SEED = 21
_VOCABULARY = 8_000
_SOME = 200

OPENED = f"the cards of {MANY:,} lessons"
SEARCHED = f"search in {MANY:,} lessons of {WORDS:,} words, as one types"
CARDS = "from the index (ours)"
COLD = "a cold process, from its first line (ours)"
FILES = f"read from the lessons' files (reckoned from {_SOME})"
TYPED = {
    "a structure: AICA (ours)": "AICA",
    "a code: UBERON:0004674 (ours)": "UBERON:0004674",
    "two words (ours)": "",
    "one letter (ours)": "a",
    "the words round what was found, eight cards (ours)": "",
}
FUZZY = "two words, compared with every text by rapidfuzz (reckoned from 200)"


def run(rounds: int) -> list[Row]:
    os.environ[LIBRARIES_VARIABLE] = str(scans.FOLDER / "libraries")
    library = Library(str(shelf_of(MANY)))
    with library.open_index() as index:
        began = time.perf_counter()
        library.update(index, lambda _done: None)
        updated_s = time.perf_counter() - began
    return [*_opening(library, rounds), *_searching(library, rounds), *_updating(library, updated_s)]


def _opening(library: Library, rounds: int) -> list[Row]:
    medians = medians_ms({CARDS: lambda: _cards(library)}, rounds)
    medians[COLD] = statistics.median(_cold_ms() for _ in range(rounds))
    folders = [library.root / f"{number:05}" for number in range(_SOME)]
    one = medians_ms({FILES: lambda: [LessonFolder(folder).read() for folder in folders]}, 3)
    medians[FILES] = one[FILES] * MANY / _SOME
    return rows_of(OPENED, medians, CARDS, {CARDS: at_most(300), COLD: at_most(1000)})


def _cards(library: Library) -> int:
    with library.open_index() as index:
        count = len(Shelf(index).cards)
    assert count == MANY, count
    return count


def _searching(library: Library, rounds: int) -> list[Row]:
    from rapidfuzz import fuzz, process

    vocabulary = words()
    two = f"{vocabulary[300]} {vocabulary[900][:5]}"
    texts = [text_of(number) for number in range(_SOME)]
    with library.open_index() as index:
        shelf = Shelf(index)
        found = shelf.find(two)
        assert 3 < len(found) < MANY, len(found)
        *searched, snippets = TYPED
        contenders: dict[str, Callable[[], object]] = {
            name: partial(shelf.find, TYPED[name] or two) for name in searched
        }
        contenders[snippets] = lambda: [index.snippet(number, two) for number in found[:8]]
        contenders[FUZZY] = lambda: process.extract(two, texts, scorer=fuzz.partial_token_set_ratio, limit=50)
        medians = medians_ms(contenders, rounds)
    medians[FUZZY] *= MANY / _SOME
    bars = {name: at_most(100) for name in TYPED}
    return rows_of(SEARCHED, medians, "two words (ours)", bars)


def _updating(library: Library, updated_s: float) -> list[Row]:
    """How long it takes to see that nothing has changed; and, where it was just made, the making of it."""
    with library.open_index() as index:
        medians = medians_ms({"nothing has changed (ours)": lambda: library.update(index, lambda _done: None)}, 3)
    same = medians["nothing has changed (ours)"]
    what = f"the index of {MANY:,} lessons, brought up to date"
    rows = [Row(what, "nothing has changed (ours)", same, same)]
    if updated_s * 1000 > 5 * same:
        rows.append(Row(what, "all are new (ours)", updated_s * 1000, same))
    return rows


# ------------------------------------------------------------------ a process of its own


def _cold_ms() -> float:
    start = time.time()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.library", str(shelf_of(MANY))],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return (float(done.stdout.splitlines()[-1]) - start) * 1000


# ------------------------------------------------------------------ lessons


@cache
def words() -> list[str]:
    """Made-up words, each once."""
    rng = random.Random(_SEED)
    parts = ["ba", "cor", "de", "fi", "gra", "ho", "lin", "mu", "ner", "os", "pal", "ra", "sin", "tu", "vas", "zy"]
    found: dict[str, None] = {}
    while len(found) < _VOCABULARY:
        found["".join(rng.choice(parts) for _ in range(rng.randint(2, 5)))] = None
    return list(found)


@cache
def _weights() -> list[float]:
    total, summed = 0.0, []
    for rank in range(_VOCABULARY):
        total += 1 / (rank + 2.7)  # Zipf and Mandelbrot: the second word comes half as often as the first
        summed.append(total)
    return summed


def text_of(number: int) -> str:
    """The article of a lesson."""
    rng = random.Random(_SEED * 1_000_003 + number)
    said = rng.choices(words(), cum_weights=_weights(), k=WORDS)
    return "\n\n".join(" ".join(said[at : at + 80]) + "." for at in range(0, WORDS, 80))


def lesson_of(number: int) -> Lesson:
    """One of the lessons, on a volume that is not here."""
    rng = random.Random(number)
    marks = tuple(
        Annotation(
            Point((n, 2.0, 3.0)), "head", f"Mark {n}", structure=rng.choice(STRUCTURES).id, id=f"urn:mark:{number}-{n}"
        )
        for n in range(5)
    )
    title = " ".join(rng.choices(words(), k=4)).capitalize()
    return Lesson(
        title,
        (LessonVolume("head", catalogue_id="ixi"),),
        f"# {title}\n\n{text_of(number)}",
        marks,
        id=f"lesson-{number}",
        licence="CC-BY-4.0",
        credit="A. Teacher",
        minutes=rng.randint(5, 60),
        audience="for first-year students",
    )


def shelf_of(count: int) -> Path:
    """A folder of so many lessons; made once."""
    root: Path = scans.FOLDER / f"library-{count}-{_SEED}"
    if not (root / f"{count - 1:05}" / "lesson.json").is_file():
        for number in range(count):
            folder = root / f"{number:05}"
            folder.mkdir(parents=True, exist_ok=True)
            for name, data in reversed(new_lesson_files(lesson_of(number)).items()):
                (folder / name).write_bytes(data)
    return root


if __name__ == "__main__":
    _cards(Library(sys.argv[1]))
    print(time.time())
