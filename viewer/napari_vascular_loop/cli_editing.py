"""What verbs that change a lesson share: who has it open is said, and it is taken over only where that is asked for."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_vascular_loop.cli_output import remark
from napari_vascular_loop.domain.errors import LessonReadOnlyError, LessonSaveError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from napari_vascular_loop.store import LessonStore


def add_take_over(parser: argparse.ArgumentParser) -> None:
    """Add `--take-over` to a verb that changes a lesson."""
    parser.add_argument(
        "--take-over",
        action="store_true",
        help="change it though another program has it open, which can only read it from then on",
    )


@contextmanager
def editing(store: LessonStore, *, takes_over: bool) -> Iterator[None]:
    """Change a lesson inside, and let go of it afterwards.

    Parameters
    ----------
    store : LessonStore
        Just opened.
    takes_over : bool
        Whether to go on where somebody else has it open; what was done there is read first.

    Raises
    ------
    LessonReadOnlyError
        If somebody else has it open, and it is not to be taken over.
    LessonSaveError
        If it can't be taken over, or what was changed could not be written.
    """
    try:
        if store.reader_note:
            _take_over(store, takes_over)
        yield
        problem = store.save_state.problem
    finally:
        store.close()
    if problem:
        raise LessonSaveError(problem)


def _take_over(store: LessonStore, asked_for: bool) -> None:
    from napari_vascular_loop.lesson_hold import held_by

    holder = held_by(store.folder) if store.folder is not None else ""
    if not asked_for:
        if not holder:
            raise LessonReadOnlyError(store.reader_note)
        raise LessonReadOnlyError(
            f"{str(store.folder)!r} is open for editing by {holder}: nothing was changed; close it there, or say "
            "--take-over, and it can only be read there from then on"
        )
    store.take_over()
    remark("note", [f"taken over from {holder or 'another program'}, which can only read it from now on"])
