"""A process that edits a lesson at random, and says of each edit when it is acknowledged: made to be killed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point, Side
from napari_vascular_loop.lessons import open_lesson

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from napari_vascular_loop.store import LessonStore


_EDITS = ("add", "add", "move", "text", "remove", "reorder", "article", "title", "undo", "redo", "gesture")


def edit_at_random(store: LessonStore, luck: random.Random, number: int) -> None:
    """Make one edit, any that a teacher may make."""
    marks = store.annotations
    place = tuple(round(luck.uniform(-80, 80), 3) for _ in range(3))
    what = luck.choice(
        ("add", "add", "move", "text", "remove", "reorder", "article", "title", "undo", "redo", "gesture")
    )
    chosen = luck.choice(marks) if marks else None
    match what:
        case "undo":
            if store.undo():
                return
        case "redo":
            if store.redo():
                return
        case "article":
            store.edit_article(f"{store.lesson.article}\nLine {number}.")
            return
        case "title":
            store.edit_details(title=f"Title {number}")
            return
        case "move" if chosen is not None:
            store.move(chosen.id, Arrow(place, (0.5, 1.5, 100 + number)))
            return
        case "text" if chosen is not None:
            store.change(chosen.id, note=f"Note {number}", side=luck.choice(list(Side)))
            return
        case "remove" if chosen is not None and len(marks) > 3:
            store.remove(chosen.id)
            return
        case "reorder" if len(marks) > 1:
            first = marks[0].id
            store.reorder(first, len(marks) - 1)
            return
        case "gesture" if chosen is not None:
            with store.gesture(f"gesture {number}"):
                store.add(_mark(number, place))
                store.change(chosen.id, label=f"changed {number}")
            return
    store.add(_mark(number, place))


def _mark(number: int, place: tuple[float, ...]) -> Annotation:
    x, y, z = place
    return Annotation(Point((x, y, z)), "volume", f"mark {number}", id=f"urn:test:{number}:{x}")


def edit_until_killed(folder: Path, seed: int, count: int, say: Connection) -> None:
    """Open a lesson and make edits that follow from the seed alone; say of each whether it is saved."""
    store = open_lesson(folder)
    luck = random.Random(seed)
    say.send("open")
    for number in range(count):
        edit_at_random(store, luck, number)
        say.send((number, store.save_state.saved))
    store.close()
