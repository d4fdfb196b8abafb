"""A lesson that is ours to write: its journal, its generations, and our name on it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import LessonSaveError
from napari_vascular_loop.formats.journal.generations import Generations
from napari_vascular_loop.formats.journal.journal import Journal
from napari_vascular_loop.formats.journal.owner import OwnerFile, this_owner
from napari_vascular_loop.formats.journal.place import BESIDE, JOURNAL_FILE, note_lesson, state_folder
from napari_vascular_loop.formats.lesson_folder import sha256

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Hold:
    """Claims the journal, so that nobody else's steps go in, and names the owner for other machines.

    Parameters
    ----------
    lesson : Path
        The lesson's folder.
    journal : Journal
        Open; closed when the lesson is let go.

    Raises
    ------
    LessonSaveError
        If the journal can't be written.
    """

    def __init__(self, lesson: Path, journal: Journal) -> None:
        self.journal = journal
        self.generations = Generations(journal.path.parent / "generations")
        self._owner = this_owner()
        self._owner_file = owner_file(lesson)
        journal.claim(self._owner.token)
        with contextlib.suppress(OSError):
            self._owner_file.write(self._owner)
        if journal.path.parent.name != BESIDE:
            with contextlib.suppress(OSError):
                note_lesson(journal.path.parent, lesson)

    def note_start(self, files: Mapping[str, bytes]) -> None:
        """Keep what the first edit is an edit of."""
        hashes = {name: sha256(data) for name, data in files.items()}
        with contextlib.suppress(OSError):
            for name, data in files.items():
                self.generations.keep(name, data, hashes[name])
        self.journal.note_filing(self.journal.last_seq, hashes, is_written=True)

    def is_lost(self) -> bool:
        """Let others see that we are still here, and look whether one of them has taken the lesson over."""
        self._owner_file.touch()
        try:
            return not self.journal.is_ours
        except LessonSaveError:
            return False

    def release(self) -> None:
        """Let the lesson go."""
        self._owner_file.remove(self._owner)
        with contextlib.suppress(LessonSaveError):
            self.journal.close()


def owner_file(lesson: Path) -> OwnerFile:
    """The file that names who has a lesson open; never one that a link leads to."""
    beside = lesson / BESIDE
    place = state_folder(lesson) if beside.is_symlink() else beside
    return OwnerFile(place / "owner.json")


def held_by(lesson: Path) -> str:
    """Who has a lesson open for editing in another program, in words; "" if nobody has, as far as can be told."""
    owner = owner_file(lesson).living()
    return "" if owner is None or owner.is_this_process else owner.words


def journal_in(folder: Path) -> Journal:
    """Open a journal, or make one.

    Raises
    ------
    OSError, LessonSaveError
        If that can't be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        # What was deleted is still in here: it is nobody else's business.
        ignore.write_text("*\n", "utf-8")
    return Journal(folder / JOURNAL_FILE)
