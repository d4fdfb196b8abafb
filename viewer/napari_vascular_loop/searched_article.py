"""An article prepared for finding passages in it: folded, cut into words, each word with its places."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from rapidfuzz.distance import Levenshtein

from napari_vascular_loop.domain.folded import FoldedText, character_class, folded, is_mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_vascular_loop.domain.article import Passage

_SINGLE: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Letters of scripts that put no space between words (Thai, Lao, Burmese, Khmer, Chinese, Japanese): each is a word."""
_ASCII_WORDS: Final = re.compile(r"\w+|[^\w\s]")
_OFTEN = 64
"""A word that stands more often than this says nothing about where."""
_MOST_VOTES = 150
_OLD_PLACE = 0.1
_PLACES = 4
_FEW_VOTES = 0.15
"""A place with less than this of the votes of the likeliest is not looked at."""


class SearchedArticle:
    """A text, with what is worked out from it once and used for every passage.

    Parameters
    ----------
    text : str
        The article as given.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def folded(self) -> FoldedText:
        """The text as it is compared."""
        return folded(self.text)

    @cached_property
    def _words(self) -> tuple[list[str], list[int], list[int]]:
        return words_of(self.folded.low)

    @property
    def words(self) -> list[str]:
        """The words and the single signs between them, folded."""
        return self._words[0]

    @property
    def word_starts(self) -> list[int]:
        """Where each word begins in the folded text."""
        return self._words[1]

    @property
    def word_ends(self) -> list[int]:
        """Where each word ends in the folded text."""
        return self._words[2]

    def number_of_word(self, start: int) -> int:
        """Give the first word that begins at or after a place in the text as given."""
        return bisect_left(self.word_starts, self.folded.index(start))

    @cached_property
    def where(self) -> dict[str, list[int]]:
        """The numbers of the words that are this one."""
        found: dict[str, list[int]] = {}
        for number, word in enumerate(self.words):
            found.setdefault(word, []).append(number)
        return found


@dataclass(frozen=True)
class Needle:
    """A passage as it is sought.

    Parameters
    ----------
    plain, low : str
        Its words folded, as they are and in small letters.
    before, after : str
        What stood on either side, in small letters.
    words, words_before, words_after : list of str
        The words of each.
    cut_before, cut_after : bool
        Whether it began or ended within a word.
    opens_paragraph, closes_paragraph : bool
        Whether it stood at the beginning or the end of a paragraph, an item or a row.
    old_start : int
        Where it stood, in code points of the text of then; -1 where unknown.
    """

    plain: str
    low: str
    before: str
    after: str
    words: list[str]
    words_before: list[str]
    words_after: list[str]
    cut_before: bool
    cut_after: bool
    opens_paragraph: bool
    closes_paragraph: bool
    old_start: int

    @classmethod
    def of(cls, passage: Passage) -> Needle:
        """Fold a passage together with its surroundings, as the article is folded."""
        text = folded(passage.prefix + passage.exact + passage.suffix)
        start = text.index(len(passage.prefix))
        end = text.index(len(passage.prefix) + len(passage.exact))
        while start < end and text.low[start] == " ":
            start += 1
        while start < end and text.low[end - 1] == " ":
            end -= 1
        before, after = text.low[:start].lstrip(" "), text.low[end:].rstrip(" ")
        words_before, words_after = words_of(before)[0], words_of(after)[0]
        return cls(
            plain=text.plain[start:end],
            low=text.low[start:end],
            before=before,
            after=after,
            words=words_of(text.low[start:end])[0],
            # The outermost word may have been cut off in its middle.
            words_before=words_before[1:] if len(words_before) > 2 else words_before,
            words_after=words_after[:-1] if len(words_after) > 2 else words_after,
            cut_before=cuts_word(text.low, start),
            cut_after=cuts_word(text.low, end),
            opens_paragraph=opens_paragraph(passage.prefix),
            closes_paragraph=closes_paragraph(passage.suffix),
            old_start=passage.start,
        )

    @property
    def whole(self) -> str:
        """The words with what stood on either side."""
        return self.before + self.low + self.after

    @property
    def has_context(self) -> bool:
        """Whether anything is known of what stood around it."""
        return bool(self.before.strip() or self.after.strip())

    @cached_property
    def only_letters(self) -> str:
        """Its letters and digits without anything between them."""
        return "".join(letter for letter in self.low if letter.isalnum())

    @property
    def letters(self) -> int:
        """How many letters and digits it has."""
        return len(self.only_letters)


@lru_cache(maxsize=1024)
def needle_of(passage: Passage) -> Needle:
    """Give :meth:`Needle.of`, from memory where the same passage is sought after every edit."""
    return Needle.of(passage)


def words_of(low: str) -> tuple[list[str], list[int], list[int]]:
    """Cut folded text into words and single signs: these, where they begin, where they end."""
    pattern = _ASCII_WORDS if low.isascii() else _word_pattern(low)
    matches = list(pattern.finditer(low))
    return [match[0] for match in matches], [match.start() for match in matches], [match.end() for match in matches]


def _word_pattern(low: str) -> re.Pattern[str]:
    marks = character_class(letter for letter in set(low) if is_mark(letter))
    some = f"[{marks}]*" if marks else ""
    sign = rf"[^\w\s]{some}"
    return re.compile(rf"[{_SINGLE}]{some}|(?:(?![{_SINGLE}])[\w{marks}])+|{sign}(?:\u200d{sign})*")


def occurrences(text: str, words: str) -> Iterator[int]:
    """Where words stand in a text, one after the other; places may overlap."""
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


def cuts_word(text: str, at: int) -> bool:
    """Whether a place lies between two letters, or before a mark of the letter before it."""
    if not 0 < at < len(text):
        return False
    return is_mark(text[at]) or (text[at].isalnum() and (text[at - 1].isalnum() or is_mark(text[at - 1])))


def opens_paragraph(before: str) -> bool:
    """Whether a line of the article begins behind this text, Markdown's signs aside."""
    return not before or re.search(r"[\r\n][\s#>*+\-\d.)|_]*\Z", before) is not None


def closes_paragraph(after: str) -> bool:
    """Whether a line of the article ends before this text, Markdown's signs aside."""
    return not after or re.match(r"[ \t*|_]*[\r\n]", after) is not None


def agreement(
    article: SearchedArticle, context: str, words: Sequence[str], *, start: int | None = None, end: int | None = None
) -> float:
    """Say how much of what stood beside the words stands there now, from 0 to 1.

    It stands from `start` on, or up to `end`. What was put in between does not count against it, nor do a few
    letters that differ. Where nothing stood, at an end of the text, nothing may stand now.
    """
    low = article.folded.low
    here = low[start : start + len(context)] if start is not None else low[max(0, (end or 0) - len(context)) : end]
    if not context.strip():
        beside = low[start:] if start is not None else low[:end]
        return float(not beside.strip())
    by_letters = Levenshtein.normalized_similarity(context, here)
    reach = len(context) * 2
    beside = low[start : start + reach] if start is not None else low[max(0, (end or 0) - reach) : end]
    total = sum(map(len, words))
    if by_letters == 1 or not total:
        return by_letters
    there = words_of(beside)[0]
    there = there[: len(words) + 4] if start is not None else there[-len(words) - 4 :]
    kept = sum(
        len(word)
        for code in Levenshtein.opcodes(words, there)
        if code.tag == "equal"
        for word in words[code.src_start : code.src_end]
    )
    return max(by_letters, kept / total)


def near_diagonals(article: SearchedArticle, needle: Needle) -> Iterator[tuple[int, int]]:
    """Yield where a passage may stand: the numbers of the first and the last word there, the likeliest first.

    A word that it shares with the article, or its surroundings do, votes for the place where they would lie on
    each other, the rarer the stronger; the old place has a vote too.
    """
    needle_words = [*needle.words_before, *needle.words, *needle.words_after]
    lead = len(needle.words_before)
    slack = 3 + len(needle.words) // 4
    votes = _votes(article, needle_words)
    old = article.number_of_word(needle.old_start) - lead
    votes[old] = votes.get(old, 0.0) + _OLD_PLACE
    near = dict.fromkeys(votes, 0.0)
    for at, weight in votes.items():
        for other in range(at - 3, at + 4):
            if other in near:
                near[other] += weight
    most = max(near.values())
    for _ in range(_PLACES):
        best = max(near, key=near.__getitem__, default=None)
        if best is None or near[best] < _FEW_VOTES * most:
            return
        for other in range(best - slack, best + slack + 1):
            near.pop(other, None)
        found = _aligned(article.words, needle_words, range(lead, lead + len(needle.words)), best, slack)
        if found:
            yield found


def _votes(article: SearchedArticle, needle_words: list[str]) -> dict[int, float]:
    seeds = sorted(
        (len(places), number)
        for number, word in enumerate(needle_words)
        if len(places := article.where.get(word, ())) in range(1, _OFTEN + 1)
    )
    votes: dict[int, float] = {}
    left = _MOST_VOTES
    for count, number in seeds:
        left -= count
        if left < 0:
            break
        for place in article.where[needle_words[number]]:
            votes[place - number] = votes.get(place - number, 0.0) + 1 / count
    return votes


def _aligned(words: list[str], needle_words: list[str], inner: range, at: int, slack: int) -> tuple[int, int] | None:
    """Lay a passage, which is `inner` of some words, on the article near a place: its first and last word there."""
    low, high = max(0, at - slack), max(0, at + len(needle_words) + slack)
    first = last = -1
    for code in Levenshtein.opcodes(needle_words, words[low:high]):
        if code.tag not in ("equal", "replace"):
            continue
        start, end = max(code.src_start, inner.start), min(code.src_end, inner.stop)
        if start < end:
            first = code.dest_start + start - code.src_start if first < 0 else first
            last = code.dest_start + end - 1 - code.src_start
    return None if first < 0 else (low + first, low + last)
