"""The journal: every step that was ever acknowledged, in an SQLite file.

Durability, locking and recovery after a crash are SQLite's (https://sqlite.org/atomiccommit.html): a transaction
with ``synchronous=FULL`` is on disk when it returns. A lesson's plain files follow later; the journal knows which
bytes of each file hold which steps, so that what is missing in them can be done again.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import (
    JournalDamagedError,
    JournalUnwritableError,
    LessonSaveError,
    LessonTakenError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

VERSION = 2
"""From the second on, edits of the article hold the lines that were changed, not the whole of it."""

_BUSY_S = 5.0
_UNWRITABLE = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR")
_FILINGS_KEPT = 200

_TABLES = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS step (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, edit BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS filing (
    number INTEGER PRIMARY KEY AUTOINCREMENT, seq INTEGER NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL,
    at TEXT NOT NULL, is_written INTEGER NOT NULL
);
"""


@dataclass(frozen=True)
class JournalStep:
    """A step as it is written down: its number, its kind, what it is called, and its edit as JSON."""

    seq: int
    kind: str
    title: str
    edit: bytes


class Journal:
    """The journal of one lesson; may be used from several threads.

    Parameters
    ----------
    path : Path
        The SQLite file; it is made if it is not there.

    Raises
    ------
    LessonSaveError
        If it can't be opened, or is no journal.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._token: str | None = None
        with self._told("opened"):
            self._connection = sqlite3.connect(path, timeout=_BUSY_S, check_same_thread=False, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise
        weakref.finalize(self, self._connection.close)
        self._identity = self._stat()

    def _stat(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return (found.st_dev, found.st_ino)

    def _prepare(self) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "fullfsync=ON", "checkpoint_fullfsync=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > VERSION:
            raise LessonSaveError(
                f"the journal {self.path.name!r} was written by a later version of this program; "
                "update napari-vascular-loop to edit this lesson"
            )
        if version < VERSION:
            # Within a transaction: two programs may open a new journal at once.
            self._connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version={VERSION}; COMMIT;")

    def close(self) -> None:
        """Close the file; nothing can be written after that."""
        with self._lock:
            self._connection.close()

    # ---------------------------------------------------------------- who writes

    def claim(self, token: str) -> None:
        """Make this the one that writes: whoever did before finds out at the next transaction.

        Raises
        ------
        LessonSaveError
            If it can't be written.
        """
        with self._transaction(is_claim=True):
            self._connection.execute("INSERT OR REPLACE INTO fact VALUES ('writer', ?)", (token,))
        self._token = token

    @property
    def is_ours(self) -> bool:
        """Whether nobody else has claimed it since."""
        with self._told("read"):
            return self._token is not None and self._writer() == self._token

    def _writer(self) -> str | None:
        row = self._connection.execute("SELECT value FROM fact WHERE name = 'writer'").fetchone()
        return str(row[0]) if row else None

    # ---------------------------------------------------------------- steps

    def append(self, steps: Sequence[tuple[str, str, bytes]]) -> int:
        """Put steps on disk, all or none.

        Parameters
        ----------
        steps : sequence of (kind, title, edit)
            In the order in which they were done.

        Returns
        -------
        int
            Number of the last.

        Raises
        ------
        LessonSaveError
            If they can't be written.
        LessonTakenError
            If another program has claimed the journal.
        """
        at = _now()
        with self._transaction():
            for kind, title, edit in steps:
                self._connection.execute(
                    "INSERT INTO step (at, kind, title, edit) VALUES (?, ?, ?, ?)", (at, kind, title, edit)
                )
            return self._last_seq()

    def kinds(self) -> tuple[tuple[int, str], ...]:
        """Number and kind of all steps, oldest first."""
        with self._told("read"), self._lock:
            rows = self._connection.execute("SELECT seq, kind FROM step ORDER BY seq").fetchall()
        return tuple((int(seq), str(kind)) for seq, kind in rows)

    def steps(self, after: int = 0) -> tuple[JournalStep, ...]:
        """All steps after a number, oldest first."""
        return self._steps("seq > ?", after)

    def steps_between(self, first: int, last: int) -> tuple[JournalStep, ...]:
        """The steps from a number to another, both among them, oldest first."""
        return self._steps("seq BETWEEN ? AND ?", first, last)

    def _steps(self, which: str, *numbers: int) -> tuple[JournalStep, ...]:
        with self._told("read"), self._lock:
            rows = self._connection.execute(
                f"SELECT seq, kind, title, edit FROM step WHERE {which} ORDER BY seq", numbers
            ).fetchall()
        return tuple(JournalStep(int(seq), str(kind), str(title), _bytes(edit)) for seq, kind, title, edit in rows)

    @property
    def last_seq(self) -> int:
        """Number of the last step; 0 if there is none."""
        with self._told("read"), self._lock:
            return self._last_seq()

    def _last_seq(self) -> int:
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'step'").fetchone()
        return int(row[0]) if row else 0

    def forget(self, up_to: int) -> None:
        """Drop steps up to a number: what they did is in the plain files, and can't be undone any more."""
        with self._transaction():
            self._connection.execute("DELETE FROM step WHERE seq <= ?", (up_to,))

    # ---------------------------------------------------------------- plain files

    def note_filing(self, seq: int, hashes: Mapping[str, str], *, is_written: bool = False) -> int:
        """Note which bytes of the plain files hold all steps up to a number, before these are written.

        Returns
        -------
        int
            What :meth:`filed` is to be told once they are.

        Raises
        ------
        LessonSaveError
            If it can't be written.
        LessonTakenError
            If another program has claimed the journal.
        """
        at = _now()
        with self._transaction():
            self._connection.executemany(
                "INSERT INTO filing (seq, name, sha256, at, is_written) VALUES (?, ?, ?, ?, ?)",
                [(seq, name, sha, at, int(is_written)) for name, sha in hashes.items()],
            )
            last = int(self._connection.execute("SELECT max(number) FROM filing").fetchone()[0])
            self._connection.execute("DELETE FROM filing WHERE number <= ?", (last - _FILINGS_KEPT,))
            return last

    def filed(self, number: int) -> None:
        """Note that the plain files are on disk as was noted."""
        with self._transaction():
            self._connection.execute("UPDATE filing SET is_written = 1 WHERE number <= ?", (number,))

    def filed_seq(self, name: str, sha256: str) -> int | None:
        """The last step that such bytes of a file hold, or None if it was not from here that they were written last.

        Older bytes that somebody put back are strange as well.
        """
        with self._told("read"), self._lock:
            rows = self._connection.execute(
                "SELECT sha256, seq, is_written FROM filing WHERE name = ? ORDER BY number DESC", (name,)
            ).fetchall()
        for found, seq, is_written in rows:
            if found == sha256:
                return int(seq)
            if is_written:
                return None
        return None

    def last_filing(self, name: str) -> tuple[str, int] | None:
        """Hash of what a file was when it was last written from here, and the last step in it; None if it never was."""
        with self._told("read"), self._lock:
            row = self._connection.execute(
                "SELECT sha256, seq FROM filing WHERE name = ? AND is_written ORDER BY number DESC LIMIT 1", (name,)
            ).fetchone()
        return None if row is None else (str(row[0]), int(row[1]))

    # ---------------------------------------------------------------- SQLite

    @contextmanager
    def _transaction(self, *, is_claim: bool = False) -> Iterator[None]:
        with self._told("written"), self._lock:
            if self._stat() != self._identity:
                raise LessonSaveError(
                    f"the lesson's journal {str(self.path)!r} is gone: its folder was moved or deleted"
                )
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                if not is_claim and self._writer() != self._token:
                    raise LessonTakenError("this lesson was taken over by another window: it can only be read here")
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            name = str(getattr(error, "sqlite_errorname", ""))
            is_damaged = name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "no such table" in str(error)
            kind: type[LessonSaveError] = JournalDamagedError if is_damaged else LessonSaveError
            if name.startswith(_UNWRITABLE):
                kind = JournalUnwritableError
            raise kind(f"the lesson's journal {str(self.path)!r} could not be {what} ({error})") from error


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
