"""Steps on their way to the disk, and what became of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import now
from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.store.keeping import LessonRenewedError, SaveState

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.edit import Step
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.store.keeping import Keeper, Kept


class Saving:
    """Hands steps to a keeper; those that could not be kept wait, and go with the next.

    Parameters
    ----------
    keeper : Keeper or None
        Without one nothing is saved, and the state says so.
    say : callable
        Told each new state.
    """

    def __init__(self, keeper: Keeper | None, say: Callable[[SaveState], None]) -> None:
        self._keeper, self._tell = keeper, say
        self._waiting: list[Step] = []
        self.state = SaveState(saved=True, note=keeper.reader_note or keeper.note if keeper else "")

    def keep(self, lesson: Lesson, *steps: Step) -> Kept | None:
        """Put steps on disk, those that wait first; on failure all wait, and the state says why.

        Returns
        -------
        Kept or None
            The lesson as it is now, if others edited it meanwhile.
        """
        self._waiting += steps
        if self._keeper is None:
            self.say(SaveState(False, self.state.at, "this lesson has no folder yet"))
            return None
        if not self._waiting:
            return None
        self.say(SaveState(False, self.state.at, saving=True))
        try:
            note = self._keeper.keep(tuple(self._waiting), lesson)
        except LessonRenewedError as renewed:
            self._waiting.clear()
            self.say(SaveState(True, now(), note=self._keeper.note))
            return renewed.kept
        except (VascularLoopError, OSError, ValueError) as error:
            self.say(SaveState(False, self.state.at, str(error), self._keeper.reader_note))
        else:
            self._waiting.clear()
            self.say(SaveState(True, now(), note=note))
        return None

    def file(self) -> None:
        """Bring the plain files up to date, if every step is kept."""
        if self._keeper is not None and not self.state.problem:
            self.say(replace(self.state, note=self._keeper.reader_note or self._keeper.file()))

    def look_at_note(self) -> None:
        """Say what the keeper has noted meanwhile."""
        if self._keeper is not None:
            note = self._keeper.reader_note or self._keeper.note
            if note != self.state.note:
                self.say(replace(self.state, note=note))

    def start_anew(self) -> None:
        """Forget what waits: the lesson was read anew."""
        self._waiting.clear()
        self.say(SaveState(True))

    def say(self, state: SaveState) -> None:
        """Take on a state, and tell it."""
        self.state = state
        self._tell(state)
