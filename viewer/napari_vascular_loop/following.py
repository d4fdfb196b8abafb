"""Stretches of the article followed through an edit of which both texts are known, as while a teacher types."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import LCSseq, Levenshtein

from napari_vascular_loop.domain.article import Span
from napari_vascular_loop.searched_article import cuts_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KEPT = 0.5
"""How much of the letters of a stretch must be kept for it to be the same one."""
_SHORTEST = 3
"""Fewer letters that two words share by chance, in their middle, are not kept letters."""
_MOVED_LETTERS = 20
_MOST_CELLS = 10_000_000
"""Above this many pieces times pieces, stretches are not compared: they count as rewritten."""
_LINES, _WORDS = re.compile(r"\S.*\S|\S"), re.compile(r"\w+|[^\w\s]")


class _Kept(NamedTuple):
    """Letters that both texts have: from `old` on in the old one, from `new` on in the new one."""

    old: int
    new: int
    length: int


class Difference:
    """What an edit did to a text; made once, asked for every stretch.

    Parameters
    ----------
    old, new : str
        The text before and after.
    """

    def __init__(self, old: str, new: str) -> None:
        self.old = old
        self.new = new
        self._head = _common_start(old, new)
        self._tail = _common_end(old[self._head :], new[self._head :])

    def follow(self, span: Span) -> Span | None:
        """Say where a stretch of the old text lies in the new one.

        Words put in at its ends are left outside, but a word that is continued stays whole.

        Returns
        -------
        Span or None
            None where more than half of its letters are gone, and where there were none.
        """
        start, end = max(0, span.start), min(span.end, len(self.old))
        old_end = len(self.old) - self._tail
        grown = len(self.new) - len(self.old)
        if end < self._head or (end == self._head and not cuts_word(self.new, end)):
            return _trimmed(self.new, start, end)
        if start >= old_end and (start > old_end or not cuts_word(self.new, start + grown)):
            return _trimmed(self.new, start + grown, end + grown)
        return self._as_it_was(start, end, self._through_changes(start, end))

    def _through_changes(self, start: int, end: int) -> Span | None:
        first, behind = self._reaching(start), self._reaching(end - 1)
        behind += behind < len(self._kept) and self._kept[behind].old < end
        inside = self._kept[first:behind]
        letters = sum(_letters(self.old[max(start, k.old) : min(end, k.old + k.length)]) for k in inside)
        if not letters or letters < _KEPT * _letters(self.old[start:end]):
            return None
        new_start, new_end = self._ends(start, end, first, behind)
        return _trimmed(self.new, *self._whole_words(start, end, new_start, new_end))

    def _as_it_was(self, start: int, end: int, found: Span | None) -> Span | None:
        """Prefer the same words: where a change has two readings, or where they were moved and stood and stand once."""
        words = self.old[start:end].strip()
        if found is None:
            if _letters(words) < _MOVED_LETTERS or self.old.count(words) != 1 or self.new.count(words) != 1:
                return None
            at = self.new.index(words)
            return Span(at, at + len(words))
        at = self.new.find(words, max(0, found.start - len(words) + 1), found.end + len(words) - 1)
        same = Span(at, at + len(words))
        joined = cuts_word(self.new, same.start) or cuts_word(self.new, same.end)
        return same if at >= 0 and same.overlaps(found) and not joined else found

    def _ends(self, start: int, end: int, first: int, behind: int) -> tuple[int, int]:
        """Where the kept letters begin and end; what took the place of others at an end of the stretch is in it."""
        before = self._kept[first - 1] if first else _Kept(0, 0, 0)
        after = self._kept[behind] if behind < len(self._kept) else _Kept(len(self.old), len(self.new), 0)
        head, tail = self._kept[first], self._kept[behind - 1]
        new_start = head.new + max(0, start - head.old)
        new_end = tail.new + min(end - tail.old, tail.length)
        # A full stop may count as kept in the next sentence: it is taken back.
        lost_head, lost_tail = self.old[start : max(start, head.old)], self.old[tail.old + tail.length : end]
        if lost_head and self.new.endswith(lost_head, 0, new_start):
            new_start -= len(lost_head)
        elif head.old > start == before.old + before.length:
            new_start = before.new + before.length
        if lost_tail and self.new.startswith(lost_tail, new_end):
            new_end += len(lost_tail)
        elif tail.old + tail.length < end == after.old:
            new_end = after.new
        return new_start, new_end

    def _whole_words(self, start: int, end: int, new_start: int, new_end: int) -> tuple[int, int]:
        """Take in what was put to a word at either end."""
        if not cuts_word(self.old, end):
            number = self._reaching(end)
            limit = len(self.new)
            if number < len(self._kept):
                limit = self._kept[number].new + max(0, end - self._kept[number].old)
            while new_end < limit and cuts_word(self.new, new_end):
                new_end += 1
        if not cuts_word(self.old, start):
            number = self._reaching(start - 1)
            limit = 0
            if number < len(self._kept) and self._kept[number].old < start:
                limit = self._kept[number].new + start - self._kept[number].old
            elif number:
                limit = self._kept[number - 1].new + self._kept[number - 1].length
            while new_start > limit and cuts_word(self.new, new_start):
                new_start -= 1
        return new_start, new_end

    @cached_property
    def _kept(self) -> list[_Kept]:
        """What both texts have, in order, by words and then by the letters of the words that differ."""
        was = Span(self._head, len(self.old) - self._tail)
        now = Span(self._head, len(self.new) - self._tail)
        found = [
            _Kept(0, 0, self._head),
            *_kept_pieces(self.old, self.new, was, now, (_LINES, _WORDS)),
            _Kept(was.end, now.end, self._tail),
        ]
        return [kept for kept in found if kept.length]

    def _reaching(self, place: int) -> int:
        """Give the number of the first kept letters that end behind a place of the old text."""
        return bisect_right(self._kept, place, key=lambda kept: kept.old + kept.length)


def follow(old_text: str, new_text: str, span: Span) -> Span | None:
    """Say where a stretch of a text lies after an edit; for many stretches, ask one :class:`Difference`.

    Returns
    -------
    Span or None
        In code points of `new_text`; None where more than half of its letters are gone.
    """
    return Difference(old_text, new_text).follow(span)


def _kept_pieces(old: str, new: str, was: Span, now: Span, cuts: Sequence[re.Pattern[str]]) -> Iterator[_Kept]:
    """Find what two stretches share: by their lines, the lines that differ by words, the words by letters."""
    if was.start == was.end or now.start == now.end:
        return
    if not cuts:
        yield from _kept_letters(old, new, was, now)
        return
    olds = list(cuts[0].finditer(old, was.start, was.end))
    news = list(cuts[0].finditer(new, now.start, now.end))
    if len(olds) * len(news) > _MOST_CELLS:
        return
    done = was.start, now.start
    for code in LCSseq.opcodes([piece[0] for piece in olds], [piece[0] for piece in news]):
        if code.tag == "equal":
            for before, after in zip(olds[code.src_start : code.src_end], news[code.dest_start :], strict=False):
                between = Span(done[0], before.start()), Span(done[1], after.start())
                yield from _kept_pieces(old, new, *between, cuts[1:])
                yield _Kept(before.start(), after.start(), len(before[0]))
                done = before.end(), after.end()
    yield from _kept_pieces(old, new, Span(done[0], was.end), Span(done[1], now.end), cuts[1:])


def _kept_letters(old: str, new: str, was: Span, now: Span) -> Iterator[_Kept]:
    """Find letters that a changed stretch kept: at its ends, and in its middle if there are a few in a row."""
    before, after = old[was.start : was.end], new[now.start : now.end]
    head = _common_start(before, after)
    tail = _common_end(before[head:], after[head:])
    if head:
        yield _Kept(was.start, now.start, head)
    before, after = before[head : len(before) - tail], after[head : len(after) - tail]
    if len(before) * len(after) <= _MOST_CELLS:
        for code in Levenshtein.opcodes(before, after):
            length = code.src_end - code.src_start
            if code.tag == "equal" and length >= _SHORTEST:
                yield _Kept(was.start + head + code.src_start, now.start + head + code.dest_start, length)
    if tail:
        yield _Kept(was.end - tail, now.end - tail, tail)


def _letters(text: str) -> int:
    return sum(not letter.isspace() for letter in text)


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None


def _common_start(a: str, b: str) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(a: str, b: str) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low
