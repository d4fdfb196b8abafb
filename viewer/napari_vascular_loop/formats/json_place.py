"""Where in a JSON text the trouble is: the member, the line, and the key that stands twice.

For errors only. The text is gone over once, from the front, and nothing of it is built, so that a damaged or hostile
file costs no more than its own size.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_TOKENS = 3_000_000
"""Beyond so many nothing is looked for: it would take too long."""


_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[{}\[\],:]|[^\s"{}\[\],:]+', re.DOTALL)
_NUMBER_STARTS = {bytes([letter]) for letter in b"-0123456789"}
_LONGEST_PATH = 12
_DEEPEST_SEARCHED = 1000


@dataclass
class _Open:
    """An object or array that has begun and not ended.

    Parameters
    ----------
    is_object : bool
        Or an array.
    index : int
        The element that is being read.
    keys : set of str
        Those that came so far.
    """

    is_object: bool
    index: int = 0
    keys: set[str] = field(default_factory=set)


class _Token(NamedTuple):
    text: bytes
    start: int
    path: list[str]
    """Of the member that it belongs to; valid until the next token is asked for."""
    twice: str | None = None


def line_and_column(data: bytes, byte: int) -> tuple[int, int]:
    """Line and column of a byte, both from 1; columns count characters."""
    before = data[:byte]
    line_start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[line_start:].decode("utf-8", "replace")) + 1


def place_at(data: bytes, byte: int) -> str:
    """Name the member that a byte belongs to.

    Returns
    -------
    str
        Such as "first.items[14].target.selector.tip[2]"; "" for the document itself, or where it is not looked for.
    """
    for token in _tokens(data):
        if token.start + len(token.text) > byte:
            return _joined(token.path)
    return ""


def key_twice(data: bytes) -> tuple[str, str] | None:
    """Find the first key that stands twice in one object.

    Returns
    -------
    (place, key) or None
        The place of the object; None where there is no such key, or it is not looked for.
    """
    for token in _tokens(data):
        if token.twice is not None:
            return _joined(token.path), token.twice
    return None


def number_too_large(data: bytes) -> tuple[str, str] | None:
    """Find the first number that no computer holds.

    Returns
    -------
    (place, number) or None
        The number as it is spelled; None where there is no such number, or it is not looked for.
    """
    for token in _tokens(data):
        if token.text[:1] in _NUMBER_STARTS and _is_too_large(token.text):
            return _joined(token.path), token.text.decode("ascii", "replace")
    return None


def _is_too_large(number: bytes) -> bool:
    try:
        return math.isinf(float(number))
    except ValueError:
        return False


def _tokens(data: bytes) -> Iterator[_Token]:
    """All tokens, each with the member that it belongs to; damage is passed over."""
    around: list[_Open] = []
    path: list[str] = []
    wants_key = False
    for match in islice(_TOKEN.finditer(data), _MOST_TOKENS):
        text = match[0]
        if text in (b"{", b"["):
            if len(around) > _DEEPEST_SEARCHED:
                return
            yield _Token(text, match.start(), path)
            wants_key = text == b"{"
            around.append(_Open(wants_key))
            path.append("" if wants_key else "[0]")
            continue
        if text in (b"}", b"]") and around:
            around.pop()
            path.pop()
            wants_key = False
        elif text == b"," and around:
            one = around[-1]
            one.index += 1
            wants_key = one.is_object
            path[-1] = "" if wants_key else f"[{one.index}]"
        elif wants_key and text[:1] == b'"':
            wants_key = False
            keys, key = around[-1].keys, _unquoted(text)
            yield _Token(text, match.start(), path, key if key in keys else None)
            keys.add(key)
            path[-1] = key
            continue
        yield _Token(text, match.start(), path)


def _joined(path: list[str]) -> str:
    """Write a place; only its ends where it lies very deep."""
    parts = path if len(path) <= _LONGEST_PATH else [*path[:4], "…", *path[-4:]]
    joined = "".join(part if part.startswith("[") else f".{part}" for part in parts if part)
    return joined.removeprefix(".")


def _unquoted(text: bytes) -> str:
    if b"\\" in text:
        with contextlib.suppress(ValueError):
            return str(json.loads(text))
    return text[1:-1].decode("utf-8", "replace")
