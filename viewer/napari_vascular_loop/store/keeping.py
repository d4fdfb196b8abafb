"""What the store asks of whoever keeps a lesson on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from napari_vascular_loop.domain.edit import Edit, Step
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.merge import Conflict


@dataclass(frozen=True)
class SaveState:
    """Whether what is on screen is on disk.

    Parameters
    ----------
    saved : bool
        Every edit is on disk: a crash loses none.
    at : datetime or None
        When that was last so, if an edit was made.
    problem : str
        Why an edit could not be written; "" otherwise.
    note : str
        What else should be known: the lesson's own files can't be written, the lesson is open elsewhere.
    saving : bool
        An edit is just being written.
    """

    saved: bool
    at: datetime | None = None
    problem: str = ""
    note: str = ""
    saving: bool = False


@dataclass(frozen=True)
class Kept:
    """A lesson as it was found on disk.

    Parameters
    ----------
    lesson : Lesson
        With every edit that was ever acknowledged.
    done, undone : tuple of Edit
        What can be undone, the last one last; what can be done again, the next one last.
    conflicts : tuple of Conflict
        Where the same thing was changed here and elsewhere.
    notice : str
        What the user should know of how it was found; "" otherwise.
    earlier : callable
        Gives the edits that were done before those of `done`, some at each call, the last one last; none when it has
        given all.
    """

    lesson: Lesson
    done: tuple[Edit, ...] = ()
    undone: tuple[Edit, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    notice: str = ""
    earlier: Callable[[], Sequence[Edit]] = tuple


class LessonRenewedError(Exception):
    """The lesson is another than the store knows, since others edited it; steps that were to be kept are in it.

    Parameters
    ----------
    kept : Kept
        The lesson as it is now.
    """

    def __init__(self, kept: Kept) -> None:
        super().__init__("others edited the lesson meanwhile")
        self.kept = kept


class Keeper(Protocol):
    """Keeps a lesson on disk; see :class:`napari_vascular_loop.lesson_keeper.LessonKeeper`."""

    @property
    def folder(self) -> Path | None:
        """Where the lesson lies now."""

    @property
    def is_original(self) -> bool:
        """Whether this is a lesson as it ships, which the first edit copies."""

    @property
    def reader_note(self) -> str:
        """Why the lesson can be read only, by whom it is open elsewhere; "" if it can be edited."""

    @property
    def note(self) -> str:
        """What should be known of the plain files; "" if they are, or will be in a moment, up to date."""

    def keep(self, steps: Sequence[Step], lesson: Lesson) -> str:
        """Put steps on disk, all or none; return what should be known of it.

        Parameters
        ----------
        steps : sequence of Step
            What was done since the last that were kept.
        lesson : Lesson
            As it is after them.

        Raises
        ------
        LessonSaveError
            If they can't be written.
        LessonRenewedError
            If they were, on top of what others did since the lesson was read.
        """

    def file(self) -> str:
        """Bring the lesson's plain files up to date now; return what should be known of them."""

    def changed_outside(self, lesson: Lesson) -> Kept | None:
        """Look whether another program changed the lesson's files: the lesson with its changes, or None.

        Raises
        ------
        LessonRenewedError
            If it did, and nothing was edited here: the lesson is as if it were opened now.
        """

    def keep_conflicts(self, conflicts: Sequence[Conflict]) -> None:
        """Keep what waits for somebody to choose beside the lesson's files."""

    def take_over(self) -> Kept:
        """Make the lesson ours that is open elsewhere, and read it anew."""

    def close(self) -> None:
        """Write what is waiting, and let go of the lesson."""
