"""Texts in the cells of a table: safe from spreadsheets, and the same when they come back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.formats.annotations.carried import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

_FORMULA = (
    *"=+-@\t\r\n",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)
"""What a spreadsheet may take for the start of a formula (OWASP, "CSV Injection")."""


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would calculate.

    Examples
    --------
    >>> guarded("=1+1")
    "'=1+1"
    >>> unguarded("'=1+1")
    '=1+1'
    """
    return f"'{text}" if text.startswith(_FORMULA) or _is_guarded(text) else text


def unguarded(cell: str) -> str:
    """Take the apostrophe of :func:`guarded` off again."""
    return cell[1:] if _is_guarded(cell) else cell


def _is_guarded(cell: str) -> bool:
    return cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'"))


def time_cell(time: datetime) -> str:
    """Write a time in ISO 8601, UTC."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_time(cell: str) -> datetime:
    """Read a time in ISO 8601; one without a zone is UTC.

    Raises
    ------
    ValueError
        If it is none.
    """
    time = datetime.fromisoformat(cell.strip())
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error


def passage_cells(passages: Sequence[Passage]) -> tuple[str, str]:
    """Write passages: their words for people, one passage a line, and all that is known of them as JSON."""
    if not passages:
        return "", ""
    known = [Words(p.exact, p.prefix, p.suffix, p.start, p.end) for p in passages]
    return "\n".join(_in_one_line(p.exact) for p in passages), msgspec.json.encode(known).decode()


def read_passages(words: str | None, selectors: str) -> tuple[tuple[Passage, ...], bool]:
    """Read passages; where a person has changed the words, they count.

    Parameters
    ----------
    words : str or None
        One passage a line; None where the table has no such column.
    selectors : str
        As JSON, or "".

    Returns
    -------
    passages : tuple of Passage
        In the order of `words`.
    damaged : bool
        Whether the selectors can't be read, so that there are only words.
    """
    known: list[Passage] = []
    damaged = False
    if selectors:
        try:
            read = msgspec.json.decode(selectors, type=list[Words])
        except (msgspec.MsgspecError, RecursionError):
            damaged = True
        else:
            known = [Passage(w.exact, w.prefix, w.suffix, w.start, w.end) for w in read if w.exact.strip()]
    if words is None:
        return tuple(known), damaged
    passages = []
    for line in filter(str.strip, words.split("\n")):
        same = next((p for p in known if _in_one_line(p.exact) == _in_one_line(line)), None)
        if same is not None:
            known.remove(same)
        passages.append(same or Passage(line.strip()))
    return tuple(passages), damaged


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
