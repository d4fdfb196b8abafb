"""Texts that were changed in two places, put together line by line."""

from __future__ import annotations

import difflib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class TextConflict:
    """Lines that were changed in both places, as they were and as either has them, with a line of the rest around."""

    base: str
    ours: str
    theirs: str


def merge_texts(base: str, ours: str, theirs: str) -> tuple[str, tuple[TextConflict, ...]]:
    """Put together what was changed in two copies of a text.

    Parameters
    ----------
    base : str
        As it was before.
    ours, theirs : str
        As the two have it.

    Returns
    -------
    text : str
        With the changes of both; where both changed the same lines, with ours.
    conflicts : tuple of TextConflict
        Those lines.

    Notes
    -----
    Khanna, Kunal & Pierce, A formal investigation of diff3, 2007: lines that all three share cut the texts into
    pieces, of which each was changed by one, by both, or by none.
    """
    texts = [text.splitlines(keepends=True) for text in (base, ours, theirs)]
    merged: list[str] = []
    both: list[tuple[int, list[str], list[str], list[str]]] = []
    for old, mine, other in _pieces(*texts):
        if mine == other or other == old:
            merged += mine
        elif mine == old:
            merged += other
        else:
            both.append((len(merged), old, mine, other))
            merged += mine
    return "".join(merged), tuple(_in_context(merged, *piece) for piece in both)


def patched(text: str, at: int, before: str, after: str) -> str:
    """Put lines in place of others, in a text that may have been changed since.

    Parameters
    ----------
    text : str
        As it is now.
    at : int
        Where the lines were.
    before, after : str
        What stood there, and what is to stand there. Where it stands elsewhere now, the nearest place is taken; where
        some of its lines were changed, the rest tells the place; where none is left, what is new is put in at `at`.
    """
    if before and (places := _occurrences(text, before)):
        nearest = min(places, key=lambda place: abs(place - at))
        return text[:nearest] + after + text[nearest + len(before) :]
    lines, old = text.splitlines(keepends=True), before.splitlines(keepends=True)
    there = sorted(_places(old, lines).values())
    if there:
        first, last = there[0], there[-1] + 1
        merged, _ = merge_texts(before, after, "".join(lines[first:last]))
    else:
        starts = [0, *itertools.accumulate(map(len, lines))]
        first = last = min(range(len(starts)), key=lambda n: abs(starts[n] - at))
        wanted = after.splitlines(keepends=True)
        known = _places(wanted, old)
        merged = "".join(line for number, line in enumerate(wanted) if number not in known)
    if first and merged and not lines[first - 1].endswith(("\n", "\r")):
        merged = "\n" + merged
    if last < len(lines) and merged and not merged.endswith(("\n", "\r")):
        merged += "\n"
    return "".join(lines[:first]) + merged + "".join(lines[last:])


def shared_start(one: str, other: str) -> int:
    """How many characters at their beginnings two texts share."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def shared_end(one: str, other: str, start: int) -> int:
    """How many characters at their ends two texts share, not counting so many at their beginnings."""
    rest = min(len(one), len(other)) - start
    return shared_start(one[len(one) - rest :][::-1], other[len(other) - rest :][::-1])


def _occurrences(text: str, lines: str) -> list[int]:
    """Where whole lines stand in a text."""
    found, at = [], text.find(lines)
    while at >= 0:
        end = at + len(lines)
        if (at == 0 or text[at - 1] == "\n") and (lines.endswith("\n") or end == len(text) or text[end] == "\n"):
            found.append(at)
        at = text.find(lines, at + 1)
    return found


def _in_context(merged: Sequence[str], at: int, old: list[str], mine: list[str], other: list[str]) -> TextConflict:
    """Where ours has no line, or one that comes again, what stands around tells where theirs belongs."""
    before, after = merged[max(0, at - 1) : at], merged[at + len(mine) : at + len(mine) + 1]
    return TextConflict(*("".join((*before, *lines, *after)) for lines in (old, mine, other)))


def _pieces(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Cut three texts at the lines that they share."""
    in_ours, in_theirs = _places(base, ours), _places(base, theirs)
    shared = [(n, in_ours[n], in_theirs[n]) for n in sorted(in_ours.keys() & in_theirs.keys())]
    at = (0, 0, 0)
    for place in (*shared, (len(base), len(ours), len(theirs))):
        changed = tuple(list(text[a:b]) for text, a, b in zip((base, ours, theirs), at, place, strict=True))
        if any(changed):
            yield changed[0], changed[1], changed[2]
        if place[0] < len(base):
            line = [base[place[0]]]
            yield line, line, line
        at = (place[0] + 1, place[1] + 1, place[2] + 1)


def _places(base: Sequence[str], other: Sequence[str]) -> dict[int, int]:
    """Where the lines of a text are in another."""
    blocks = difflib.SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
    return {a + n: b + n for a, b, size in blocks for n in range(size)}
