"""Keeps an open lesson on disk: each step in the journal at once, the plain files a moment later."""

from __future__ import annotations

import contextlib
import threading
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import (
    JournalDamagedError,
    JournalUnwritableError,
    LessonConflictError,
    LessonError,
    LessonReadOnlyError,
    LessonSaveError,
    VascularLoopError,
)
from napari_vascular_loop.domain.merge import difference, merge
from napari_vascular_loop.formats import conflicts_json
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.formats.conflicts_json import CONFLICTS_FILE
from napari_vascular_loop.formats.journal.edit_text import encode_edit
from napari_vascular_loop.formats.journal.journal import Journal
from napari_vascular_loop.formats.journal.place import JOURNAL_FILE, journal_folder, state_folder
from napari_vascular_loop.formats.lesson_folder import FILES, new_lesson_files, sha256
from napari_vascular_loop.formats.small_file import read_small
from napari_vascular_loop.lesson_bases import likely_base
from napari_vascular_loop.lesson_hold import Hold, held_by, journal_in
from napari_vascular_loop.lesson_joining import is_another, joined
from napari_vascular_loop.lesson_recovery import (
    OUTSIDE,
    Recovered,
    follow_moved,
    journal_paths,
    put_journal_aside,
    recovered,
    recovered_from_copy,
)
from napari_vascular_loop.store.keeping import Kept, LessonRenewedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from napari_vascular_loop.domain.edit import Step
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.merge import Conflict
    from napari_vascular_loop.formats.lesson_folder import LessonFolder

_MOST_BYTES = 64 << 20
"""Of conflicts.json."""

FILED_AFTER_S = 0.4
"""The plain files are written so long after the first edit that they lack."""

_open: weakref.WeakValueDictionary[Path, LessonKeeper] = weakref.WeakValueDictionary()
"""The keepers of this process that may write, by folder: of one lesson only one may."""


class LessonKeeper:
    """Keeps one lesson on disk; what :class:`napari_vascular_loop.store.Keeper` describes.

    Nothing is written before the first edit. Then the lesson is ours: an owner file says so to other programs, and
    the journal takes steps from no one else.

    Parameters
    ----------
    files : LessonFolder
        The lesson's plain files.
    rescue : callable
        Keeps a lesson that can't be written in another place, and says where.
    """

    def __init__(self, files: LessonFolder, rescue: Callable[[Lesson], str]) -> None:
        self._files = files
        self._rescue = rescue
        # Whoever needs both takes the one of the files first: an edit never waits for a file to be written.
        self._filing = threading.RLock()
        self._lock = threading.RLock()
        self._hold: Hold | None = None
        self._reader_note = ""
        self._note = ""
        self._waiting: tuple[int, Lesson] | None = None
        # The lesson as it is in the journal and the files, as far as we know: what the next step is a step from.
        self._known: Lesson | None = None
        self._timer: threading.Timer | None = None

    # ---------------------------------------------------------------- opening

    def open(self) -> Kept:
        """Read the lesson, with every step that its plain files lack.

        Raises
        ------
        LessonError
            Naming the file, the member and the value that is wrong.
        """
        kept = self._found()
        self._known = kept.lesson
        return kept

    def _found(self) -> Kept:
        if self._files.is_original:
            return Kept(self._files.read())
        if (other := self._other_window()) is not None:
            # It stays the one that writes until this one has something to write.
            other.file()
            with contextlib.suppress(LessonError):
                return self._with_conflicts(Kept(self._files.read()))
            other.hand_over()
        if holder := held_by(self._files.path):
            self._reader_note = (
                f"this lesson is open for editing by {holder}: it can be read here, or taken over, or copied"
            )
            return Kept(self._files.read())
        return self._with_conflicts(self._recover())

    def _with_conflicts(self, kept: Kept) -> Kept:
        """Add those that wait since an earlier time."""
        path = self._files.path / CONFLICTS_FILE
        try:
            waiting = () if path.is_symlink() else conflicts_json.decode(read_small(path, path.name, _MOST_BYTES))
        except (OSError, LessonError):
            waiting = ()
        if kept.conflicts:
            self.keep_conflicts((*waiting, *kept.conflicts))
        return replace(kept, conflicts=(*waiting, *kept.conflicts))

    def _recover(self) -> Kept:
        """Read the lesson with its journals: there may be one beside it, and one with the user."""
        kept: Kept | None = None
        notices: list[str] = []
        follow_moved(self._files)
        for path in journal_paths(self._files.path):
            try:
                kept = self._recover_from(path)
                notices.append(kept.notice)
            except JournalDamagedError as error:
                notices.append(f"{error}. It is kept as {put_journal_aside(path)!r}; the lesson's own files were read")
            except LessonSaveError as error:
                self._forget()
                self._reader_note = f"this lesson can only be read now: {error}"
                if isinstance(error, JournalUnwritableError):
                    kept = recovered_from_copy(self._files, path) or kept
        return replace(kept or Kept(self._files.read()), notice=". ".join(filter(None, notices)))

    def _recover_from(self, path: Path) -> Kept:
        journal = Journal(path)
        try:
            found = recovered(self._files, journal)
        except BaseException:
            journal.close()
            raise
        if not found.is_behind:
            journal.close()
            return found.kept
        # The plain files lack something: they are brought up to date before anything else.
        try:
            self._take(journal)
        except JournalUnwritableError as error:
            # A full disk, as a rule: what can't be written is shown all the same, and waits in the journal.
            self._note = _only_in_journal(error)
            return found.kept
        self._catch_up(found)
        # It is nobody's until somebody edits it.
        self._forget()
        return found.kept

    def _other_window(self) -> LessonKeeper | None:
        """Whoever else in this process may write the lesson now."""
        other = _open.get(self._files.path.resolve())
        return other if other is not self else None

    def hand_over(self) -> None:
        """Let another window of this program have the lesson; this one can only read it from now on."""
        self.close()
        self._reader_note = (
            "this lesson is being edited in another window of this program: it can be read here, or taken over"
        )

    def take_over(self) -> Kept:
        """Make the lesson ours that is open elsewhere, and read it anew.

        Raises
        ------
        LessonError
            If it can't be read any more, or not be written.
        """
        with self._filing, self._lock:
            self._forget()
            if (other := self._other_window()) is not None:
                other.hand_over()
            self._files.read()
            _, disk = self._claim(takes_over=True)
            self._reader_note = ""
            kept = disk or Kept(self._files.read())
            self._known = kept.lesson
            return self._with_conflicts(kept)

    def _catch_up(self, found: Recovered) -> None:
        """Bring the plain files up to date with what was found."""
        if self._hold is None:
            return
        try:
            if found.outside is not None:
                self._hold.journal.append([("do", OUTSIDE, encode_edit(found.outside))])
            self._file(self._hold.journal.last_seq, found.kept.lesson)
            if not found.kept.done and not found.kept.undone:
                # It can't be undone any more, so nobody must try to next time.
                self._hold.journal.forget(self._hold.journal.last_seq)
        except LessonSaveError as error:
            self._note = _only_in_journal(error)

    # ---------------------------------------------------------------- what the store asks

    @property
    def folder(self) -> Path | None:
        """Where the lesson lies now."""
        return self._files.path

    @property
    def is_original(self) -> bool:
        """Whether this is a lesson as it ships, which the first edit copies."""
        return self._files.is_original

    @property
    def reader_note(self) -> str:
        """Why the lesson can be read only; "" if it can be edited."""
        return self._reader_note

    @property
    def note(self) -> str:
        """What should be known of the plain files: "" if they are, or will be in a moment, up to date."""
        return self._note

    def keep(self, steps: Sequence[Step], lesson: Lesson) -> str:
        """Put steps into the journal; the plain files follow in the background.

        Raises
        ------
        LessonSaveError
            If they can't be written: the lesson is rescued to another place, if there is one.
        LessonReadOnlyError
            If the lesson is open elsewhere.
        """
        if self._reader_note:
            raise LessonReadOnlyError(self._reader_note)
        try:
            written = [(step.kind, step.edit.title, encode_edit(step.edit)) for step in steps]
            renewed: Kept | None = None
            if self._hold is None:
                with self._filing, self._lock:
                    base, disk = self._claim()
                    if disk is not None:
                        renewed, written = joined(base, disk, lesson, steps[-1].edit.title)
                        lesson = renewed.lesson
            with self._lock:
                if self._hold is None:
                    raise LessonSaveError("the lesson was closed")
                self._waiting = (self._hold.journal.append(written), lesson)
                self._known = lesson
                if self._timer is None:
                    self._timer = threading.Timer(FILED_AFTER_S, self._file_in_background)
                    self._timer.start()
        except LessonReadOnlyError as error:
            self._forget()
            self._reader_note = str(error)
            raise LessonReadOnlyError(f"{error}. {self._rescue(lesson)}") from error
        except (VascularLoopError, OSError, ValueError, TypeError, AttributeError) as error:
            self._forget()
            said = (error.strerror or error) if isinstance(error, OSError) else error
            raise LessonSaveError(f"{said}. {self._rescue(lesson)}") from error
        if renewed is not None:
            raise LessonRenewedError(renewed)
        return self._note

    def file(self) -> str:
        """Bring the plain files up to date now; return what should be known of them."""
        with self._filing:
            self._stop_timer()
            if self._waiting is not None:
                self._try_to_file()
        return self._note

    def changed_outside(self, lesson: Lesson) -> Kept | None:
        """Look whether another program changed the plain files: the lesson with its changes, or None.

        Files that can't be made out are left alone until they can: somebody may be writing them.

        Raises
        ------
        LessonRenewedError
            If it did, and nothing was edited here: who only reads takes the lesson from nobody.
        """
        if not self._filing.acquire(blocking=False):
            return None
        try:
            self._look_whose_it_is()
            base = self._files.on_disk
            try:
                files = self._files.outside_files()
                theirs = None if files is None else self._files.take(files)
            except LessonError as error:
                self._note = f"the lesson's files were changed by another program and can't be read now: {error}"
                return None
            if theirs is None or base is None:
                return None
            if self._hold is None:
                known, self._known = self._known, theirs
                if not self._reader_note and known is not None and not is_another(known, lesson):
                    raise LessonRenewedError(self._read_anew(theirs))
            if self._hold is not None:
                base = likely_base(base, theirs, self._files, self._hold.generations)
            merged = merge(base, lesson, theirs)
            edit = difference(lesson, merged.lesson, OUTSIDE)
            return Kept(merged.lesson, (edit,) if edit else (), conflicts=merged.conflicts)
        finally:
            self._filing.release()

    def _read_anew(self, files: Lesson) -> Kept:
        """The lesson that others changed, as if it were opened now; as its files have it while they edit it."""
        is_edited = self._other_window() is not None or held_by(self._files.path)
        kept = self._with_conflicts(Kept(files) if is_edited else self._recover())
        self._known = kept.lesson
        return kept

    def _look_whose_it_is(self) -> None:
        if self._hold is not None and self._hold.is_lost():
            self._forget()
            self._reader_note = "this lesson was taken over by another window: it can only be read here"

    def keep_conflicts(self, conflicts: Sequence[Conflict]) -> None:
        """Keep what waits for somebody to choose in conflicts.json, which goes when nothing is left."""
        path = self._files.path / CONFLICTS_FILE
        # They are a list for people: without it the lesson is whole, and ours stands in it.
        with contextlib.suppress(OSError):
            if conflicts:
                write_bytes(path, conflicts_json.encode(conflicts))
            else:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Write what is waiting, and let go of the lesson."""
        with self._filing:
            # What can't be written waits in the journal for the next time.
            self.file()
            self._forget()
            if _open.get(self._files.path.resolve()) is self:
                del _open[self._files.path.resolve()]

    # ---------------------------------------------------------------- the plain files

    def _file_in_background(self) -> None:
        with self._filing:
            self._timer = None
            self._try_to_file()

    def _try_to_file(self) -> None:
        with self._lock:
            waiting = self._waiting
        if waiting is None:
            return
        try:
            self._file(*waiting)
        except LessonConflictError:
            pass  # Taken in by whoever looks outside next, and written then.
        except LessonSaveError as error:
            self._note = _only_in_journal(error)

    def _file(self, seq: int, lesson: Lesson) -> None:
        """Write the plain files that lack something; before that, note in the journal what they will hold."""
        if self._hold is None:
            return
        journal, generations = self._hold.journal, self._hold.generations
        files = self._files.changed_files(lesson)
        hashes = {**self._files.hashes, **{name: sha256(data) for name, data in files.items()}}
        with contextlib.suppress(OSError, LessonError):
            for name in FILES:
                was = journal.last_filing(name)
                spare = () if was is None else was[:1]
                if name in files:
                    generations.keep(name, files[name], hashes[name], spare)
                elif not generations.has(name, hashes[name]):
                    # What another program wrote: the next time, it is what we compare with.
                    generations.keep(name, self._files.read_file(name), hashes[name], spare)
        noted = journal.note_filing(seq, hashes)
        self._files.write_files(files, lesson)
        journal.filed(noted)
        self._note = ""
        with self._lock:
            if self._waiting is not None and self._waiting[0] == seq:
                self._waiting = None
            elif self._waiting is not None and self._timer is None:
                self._timer = threading.Timer(FILED_AFTER_S, self._file_in_background)
                self._timer.start()

    def _stop_timer(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    # ---------------------------------------------------------------- whose it is

    def _claim(self, *, takes_over: bool = False) -> tuple[Lesson | None, Kept | None]:
        """Make the lesson ours, with a journal beside it or, where that can't be, among the user's own files.

        Returns
        -------
        base : Lesson or None
            As it was when we read or wrote it last.
        disk : Kept or None
            As it is on disk, if that is another, or if it was asked for by taking over.
        """
        base = self._known or self._files.on_disk
        self._files.settle()
        if not self._files.path.is_dir():
            raise LessonSaveError(f"the lesson's folder {str(self._files.path)!r} is gone")
        if not takes_over and (holder := held_by(self._files.path)):
            raise LessonReadOnlyError(f"this lesson was opened for editing by {holder}: it can only be read here")
        if (window := self._other_window()) is not None:
            window.hand_over()
        preferred, other = journal_folder(self._files.path), state_folder(self._files.path)
        try:
            self._take(journal_in(preferred))
        except (OSError, LessonSaveError):
            if preferred == other or (preferred / JOURNAL_FILE).exists():
                # What is only in that journal would be missing beside the other.
                raise
            self._forget()
            self._take(journal_in(other))
        if self._hold is None:
            raise LessonSaveError("the lesson was closed")
        try:
            found = recovered(self._files, self._hold.journal)
        except LessonError:
            # What we read is gone or broken: our edits are edits of that.
            self._hold.note_start({} if base is None else new_lesson_files(base))
            return base, None
        if found.is_behind:
            self._catch_up(found)
        elif any(self._hold.journal.filed_seq(name, sha) is None for name, sha in self._files.hashes.items()):
            # Earlier steps are of files that nobody has any more: undoing them would undo what others wrote.
            self._hold.journal.forget(self._hold.journal.last_seq)
            self._hold.note_start(self._files.read_files())
        differs = base is None or is_another(base, found.kept.lesson)
        return base, found.kept if takes_over or differs else None

    def _take(self, journal: Journal) -> None:
        try:
            self._hold = Hold(self._files.path, journal)
        except BaseException:
            journal.close()
            raise
        _open[self._files.path.resolve()] = self

    def _forget(self) -> None:
        self._stop_timer()
        with self._lock:
            if self._hold is not None:
                self._hold.release()
                self._hold = None


def _only_in_journal(error: Exception) -> str:
    return f"every edit is safe in this lesson's journal, but not yet in its files: {error}"
