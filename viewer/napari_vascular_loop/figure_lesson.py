"""From a figure back to the lesson that it was made of."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.formats.lesson_folder import LESSON_FILE
from napari_vascular_loop.lessons import open_lesson, open_shipped_lesson, own_lessons_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_vascular_loop.domain.figure_memory import FigureMemory
    from napari_vascular_loop.store import LessonStore

_MOST_BYTES = 5_000_000
_MOST_FOLDERS = 200


def remembered_lesson(memory: FigureMemory, figure: Path) -> Path | None:
    """Find the folder of the lesson that a figure was made of.

    Looked for beside the figure (in its folder, the one above, and the folders within either), among the user's own
    lessons, and among those that ship with the program. The figure holds no path of the
    machine on which it was made.

    Parameters
    ----------
    memory : FigureMemory
        What the figure remembers.
    figure : Path
        The figure's file.
    """
    return next((folder for folder in _places(figure) if _id_of(folder) == memory.lesson_id), None)


def open_remembered(folder: Path) -> LessonStore:
    """Open a lesson that was found; one that ships with the program stays as it is.

    Raises
    ------
    LessonError
        If a file of it is damaged.
    """
    if folder.parent.resolve() == content_folder("annotations").resolve():
        return open_shipped_lesson(folder.name)
    return open_lesson(folder)


def lesson_needed(memory: FigureMemory) -> str:
    """Say what is needed to open a figure at its slice, where the lesson is not found."""
    sha = f" (voxels {memory.voxels_sha256[:12]}…)" if memory.voxels_sha256 else ""
    return (
        f"This figure shows {memory.words}{sha}. That lesson is not among yours, nor beside the figure: open the "
        "lesson's folder or its packed file, then drop the figure again"
    )


def _places(figure: Path) -> Iterator[Path]:
    here = figure.resolve().parent
    for place in (here, here.parent):
        yield place
        yield from _folders(place)
    yield from _folders(own_lessons_folder())
    yield from _folders(content_folder("annotations"))


def _folders(place: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        inside = sorted(one for one in place.iterdir() if (one / LESSON_FILE).is_file())
        return inside[:_MOST_FOLDERS]
    return []


def _id_of(folder: Path) -> str | None:
    """The lesson's id; None where there is no lesson that can be read."""
    file = folder / LESSON_FILE
    with contextlib.suppress(OSError, ValueError, RecursionError):
        if file.stat().st_size <= _MOST_BYTES:
            said = json.loads(file.read_text(encoding="utf-8"))
            found = said.get("id") if isinstance(said, dict) else None
            return found if isinstance(found, str) and found else None
    return None
