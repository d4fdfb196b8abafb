"""The index of a library on this computer: an SQLite file with full-text search, made of what can be read again.

It is the user's own, in the cache: what others publish is never opened as a database (see :mod:`published`).
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Self

import msgspec

from napari_vascular_loop.domain.errors import LessonSaveError
from napari_vascular_loop.library.entry import Card, Entry, File
from napari_vascular_loop.library.query import query_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

FORMAT = 1
"""Of the file; one of another format is made anew."""

_WAIT_S = 10.0
_SCHEMA = """
CREATE TABLE lesson (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, stamp TEXT, hash TEXT, wants TEXT, card BLOB);
CREATE TABLE more (id INTEGER PRIMARY KEY, picture BLOB, files BLOB);
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT);
CREATE VIRTUAL TABLE words USING fts5(title, names, text, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
"""
_TITLE, _NAMES, _TEXT = 10.0, 5.0, 1.0
_START, _END = "\x02", "\x03"
_WORDS_OF_A_SNIPPET = 16
_TO_CARD = msgspec.json.Decoder(Card)
_TO_FILES = msgspec.json.Decoder(tuple[File, ...])
_encode = msgspec.json.encode


class Index:
    """An index that is open; to be used in the thread that opened it.

    Parameters
    ----------
    path : Path
        Of the file. It is made where there is none, and made anew where it is damaged or of another format.

    Raises
    ------
    LessonSaveError
        If it can't be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = self._opened()
        except (OSError, sqlite3.Error) as error:
            raise LessonSaveError(
                f"the index of the library can't be kept in {str(path.parent)!r} ({error})"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    # ---------------------------------------------------------------- what is in it

    def cards(self) -> dict[int, Card]:
        """All cards by their numbers, in the order of their titles; lessons that can't be read come last."""
        found = [(number, _TO_CARD.decode(card)) for number, card in self._all("SELECT id, card FROM lesson")]
        found.sort(key=lambda one: (bool(one[1].problem), one[1].name.casefold(), one[1].path))
        return dict(found)

    def stamps(self) -> dict[str, tuple[str, str, str]]:
        """Stamp, hash and awaited volume of each lesson, by its path."""
        rows = self._all("SELECT path, stamp, hash, wants FROM lesson")
        return {path: (stamp, digest, wants) for path, stamp, digest, wants in rows}

    def search(self, typed: str) -> list[int]:
        """Find lessons: those whose title fits come first, then structures, then texts; the best first within each.

        Parameters
        ----------
        typed : str
            Words; see :func:`query_of`.

        Returns
        -------
        list of int
            Numbers of cards. Where there is nothing to look for, of none.
        """
        query = query_of(typed)
        if not query:
            return []
        rank = f"ORDER BY bm25(words, {_TITLE}, {_NAMES}, {_TEXT}), rowid"
        found: dict[int, None] = {}
        for columns in ("{title} : ", "{title names} : ", ""):
            rows = self._all(f"SELECT rowid FROM words WHERE words MATCH ? {rank}", f"{columns}({query})")
            found.update(dict.fromkeys(row[0] for row in rows))
        return list(found)

    def snippet(self, number: int, typed: str) -> list[tuple[str, bool]]:
        """Give the words round what was found in a lesson's text or, where they are not in it, among its structures.

        Returns
        -------
        list of (str, bool)
            Stretches, and whether each is what was looked for; empty where it was found in the title only.
        """
        query = query_of(typed)
        for column in (2, 1) if query else ():
            rows = self._all(
                f"SELECT snippet(words, {column}, ?, ?, '…', {_WORDS_OF_A_SNIPPET}) FROM words "
                "WHERE words MATCH ? AND rowid = ?",
                _START, _END, query, number,
            )  # fmt: skip
            if rows and _START in rows[0][0]:
                return list(_stretches(rows[0][0]))
        return []

    def picture(self, number: int) -> bytes:
        """The small picture of a lesson; b"" where there is none."""
        rows = self._all("SELECT picture FROM more WHERE id = ?", number)
        return bytes(rows[0][0]) if rows else b""

    def files(self, number: int) -> tuple[File, ...]:
        """What a lesson consists of."""
        rows = self._all("SELECT files FROM more WHERE id = ?", number)
        return _TO_FILES.decode(rows[0][0]) if rows else ()

    def entries(self) -> Iterator[Entry]:
        """All that is held of each lesson, by its path."""
        for number, card, digest in self._all("SELECT id, card, hash FROM lesson ORDER BY path"):
            ((names, text),) = self._all("SELECT names, text FROM words WHERE rowid = ?", number)
            yield Entry(_TO_CARD.decode(card), names, text, self.picture(number), self.files(number), digest)

    def fact(self, name: str) -> str:
        """What was noted under a name; "" if nothing."""
        rows = self._all("SELECT value FROM fact WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    # ---------------------------------------------------------------- what is put into it

    def put(self, entries: Iterable[tuple[Entry, str]]) -> None:
        """Put lessons in, each in the place of what was held of it, in one transaction.

        Parameters
        ----------
        entries : iterable of (Entry, str)
            With their stamps.
        """
        with self._writing():
            for entry, stamp in entries:
                self._take(entry.card.path)
                card = _encode(entry.card)
                row = self._base.execute(
                    "INSERT INTO lesson (path, stamp, hash, wants, card) VALUES (?, ?, ?, ?, ?)",
                    (entry.card.path, stamp, entry.hash, entry.wants, card),
                )
                number = row.lastrowid
                self._base.execute("INSERT INTO more VALUES (?, ?, ?)", (number, entry.picture, _encode(entry.files)))
                self._base.execute(
                    "INSERT INTO words (rowid, title, names, text) VALUES (?, ?, ?, ?)",
                    (number, entry.card.name, entry.names, entry.text),
                )

    def restamp(self, stamps: Mapping[str, str]) -> None:
        """Note new dates of lessons of which nothing else has changed."""
        with self._writing():
            self._base.executemany(
                "UPDATE lesson SET stamp = ? WHERE path = ?", [(stamp, path) for path, stamp in stamps.items()]
            )

    def drop(self, paths: Iterable[str]) -> None:
        """Take lessons out."""
        with self._writing():
            for path in paths:
                self._take(path)

    def note(self, **facts: str) -> None:
        """Note facts under their names."""
        with self._writing():
            self._base.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)", list(facts.items()))

    def _take(self, path: str) -> None:
        row = self._base.execute("SELECT id FROM lesson WHERE path = ?", (path,)).fetchone()
        if row is not None:
            for table, key in (("lesson", "id"), ("more", "id"), ("words", "rowid")):
                self._base.execute(f"DELETE FROM {table} WHERE {key} = ?", row)

    # ---------------------------------------------------------------- the file

    def _opened(self) -> sqlite3.Connection:
        base = self._connected()
        try:
            # A lost transaction of an index costs no more than reading the lessons again.
            base.execute("PRAGMA synchronous = NORMAL")
            (found,) = base.execute("PRAGMA user_version").fetchone()
            if found == FORMAT:
                base.execute("SELECT count(*) FROM lesson").fetchone()
                return base
            is_new = not base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        except sqlite3.DatabaseError:
            is_new = False
        if not is_new:
            base.close()
            self.forget(self.path)
            base = self._connected()
            base.execute("PRAGMA synchronous = NORMAL")
        base.execute("PRAGMA journal_mode = WAL")
        base.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;")
        return base

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)

    @staticmethod
    def forget(path: Path) -> None:
        """Delete an index: it can be made again."""
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)

    def _all(self, sql: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]  # rows of any columns
        return self._base.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._base.execute("BEGIN IMMEDIATE")
            yield
            self._base.execute("COMMIT")
        except sqlite3.Error as error:
            raise LessonSaveError(
                f"the index of the library can't be written in {str(self.path.parent)!r} ({error})"
            ) from error
        finally:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")


def _stretches(marked: str) -> Iterator[tuple[str, bool]]:
    for number, part in enumerate(marked.split(_START)):
        found, end, rest = part.partition(_END)
        if number and end:
            yield found, True
            part = rest
        if part:
            yield part, False
