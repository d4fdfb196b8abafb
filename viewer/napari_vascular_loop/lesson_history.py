"""What can be undone of a lesson that was opened anew: as far back as its journal goes, read as it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.edit import Edit, stacks_after
from napari_vascular_loop.domain.errors import LessonError, LessonSaveError
from napari_vascular_loop.formats.journal.edit_text import decode_edit
from napari_vascular_loop.formats.journal.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from napari_vascular_loop.formats.journal.journal import JournalStep

PAGE = 300
"""So many edits are read at once."""


class History:
    """The edits of a journal that can be undone or done again.

    Parameters
    ----------
    journal : Journal
        Open; it is opened anew when earlier edits are asked for.
    """

    def __init__(self, journal: Journal) -> None:
        self._path: Path = journal.path
        kinds = journal.kinds()
        self._seqs = [seq for seq, _ in kinds]
        done, undone = stacks_after([kind for _, kind in kinds])
        self._left = list(done)
        self.done = self._page(journal)
        """The last edits, the last one last; :meth:`earlier` gives those before."""
        self.undone = tuple(edit.inverse for edit in self._edits(journal, undone))
        """What can be done again, the next one last."""

    def earlier(self) -> tuple[Edit, ...]:
        """The edits before those that were given, the last one last; none when all were, or can't be read.

        Raises
        ------
        LessonSaveError
            If the journal is gone, or can't be read.
        """
        if not self._left:
            return ()
        if not self._path.is_file():
            raise LessonSaveError(
                f"earlier edits can't be undone: the lesson's journal {str(self._path)!r} is gone; "
                "its folder was moved or deleted"
            )
        journal = Journal(self._path)
        try:
            return self._page(journal)
        finally:
            journal.close()

    def _page(self, journal: Journal) -> tuple[Edit, ...]:
        wanted, self._left = self._left[-PAGE:], self._left[:-PAGE]
        edits = self._edits(journal, wanted)
        if len(edits) < len(wanted):
            self._left = []
        return edits

    def _edits(self, journal: Journal, numbers: Sequence[int]) -> tuple[Edit, ...]:
        """Read some steps; of those before one that can't be understood none can be undone."""
        if not numbers:
            return ()
        seqs = [self._seqs[number] for number in numbers]
        steps: Mapping[int, JournalStep] = {
            step.seq: step for step in journal.steps_between(min(seqs), max(seqs)) if step.seq in set(seqs)
        }
        edits: list[Edit] = []
        for seq in reversed(seqs):
            try:
                edits.append(decode_edit(steps[seq].edit))
            except (LessonError, KeyError):
                break
        return tuple(edits[::-1])
