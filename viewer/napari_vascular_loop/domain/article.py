r"""Passages: stretches of the article, kept so that they are found again after the text has changed.

A passage is a quote of the article's source text (Markdown as it lies on disk, line ends as "\\n") with a little
of what stands before and after it, and its position in Unicode code points: W3C's TextQuoteSelector and
TextPositionSelector.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from napari_vascular_loop.domain.errors import AnnotationError

CONTEXT_CHARACTERS = 32
"""How much of the text before and after a quote is kept with it."""


@dataclass(frozen=True)
class Passage:
    """A stretch of the article.

    Parameters
    ----------
    exact : str
        The quote.
    prefix, suffix : str
        What stood before and after it.
    start, end : int
        Where it stood, in code points; -1 where unknown.
    """

    exact: str
    prefix: str = ""
    suffix: str = ""
    start: int = -1
    end: int = -1

    def __post_init__(self) -> None:
        if not self.exact.strip():
            raise AnnotationError("a passage needs some words; select part of the article first")


@dataclass(frozen=True, eq=False)
class Span:
    """A stretch of text: from `start` up to, not including, `end`, in code points.

    Spans of the same stretch are equal, however they were found.
    """

    start: int
    end: int

    def __eq__(self, other: object) -> bool:
        return (self.start, self.end) == (other.start, other.end) if isinstance(other, Span) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.start, self.end))

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one character."""
        return self.start < other.end and other.start < self.end


class How(StrEnum):
    """How a passage was found again."""

    EXACT = "exact"
    """The same words where they stood, or at a place that the passage does not say."""
    MOVED = "moved"
    """The same words elsewhere."""
    WHITE_SPACE = "white space"
    """The same words set otherwise: white space, line ends, hyphenation, accents, quotes, dashes."""
    SIMILAR = "similar words"
    """Other words, so alike and in such surroundings that they are taken for a new wording."""


@dataclass(frozen=True, eq=False)
class Anchor(Span):
    """Where a passage was found again, and how.

    Parameters
    ----------
    how : How
        What led there.
    score : float
        How alike the words are, from 0 to 1; 1 unless `how` is SIMILAR.
    """

    how: How = How.EXACT
    score: float = 1.0

    @property
    def description(self) -> str:
        """How it was found, in words, such as "found again by similar words (93 %)"."""
        if self.how is How.SIMILAR:
            return f"found again by similar words ({min(99, int(self.score * 100))} %)"
        return {
            How.EXACT: "found where it stood",
            How.MOVED: "found again at another place",
            How.WHITE_SPACE: "found again, set otherwise",
        }[self.how]


def passage_at(text: str, start: int, end: int) -> Passage:
    """Make the passage text[start:end], without white space at its ends.

    Raises
    ------
    AnnotationError
        If there are no words in that stretch.
    """
    start, end = max(0, start), min(len(text), end)
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Passage(
        exact=text[start:end],
        prefix=text[max(0, start - CONTEXT_CHARACTERS) : start],
        suffix=text[end : end + CONTEXT_CHARACTERS],
        start=start,
        end=end,
    )


def find_passage(text: str, passage: Passage) -> Span | None:
    """Find a passage in a text that may have changed since.

    First where it stood, then the same words elsewhere, then the same words with other white space (a paragraph
    was wrapped anew). Where the words stand more than once, the place whose surroundings agree best is taken, the
    nearest to the old position among equals. A place is never guessed: other words are not accepted.

    Returns
    -------
    Span or None
        None where the words are not there: the passage is an orphan.
    """
    if passage.start >= 0 and text[passage.start : passage.end] == passage.exact:
        here = Span(passage.start, passage.end)
        if text.count(passage.exact) == 1 or _agreement(text, here, passage) == _best_possible(passage):
            return here
    candidates = _all_exact(text, passage.exact) or _all_loose(text, passage.exact)
    if not candidates:
        return None
    return max(candidates, key=lambda span: (_agreement(text, span, passage), -abs(span.start - passage.start)))


def _all_exact(text: str, words: str) -> list[Span]:
    # A look-ahead finds occurrences that overlap each other too.
    return [Span(m.start(), m.start() + len(words)) for m in re.finditer(f"(?={re.escape(words)})", text)]


def _all_loose(text: str, words: str) -> list[Span]:
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    return [Span(m.start(), m.end()) for m in re.finditer(pattern, text)]


def _best_possible(passage: Passage) -> int:
    return len(passage.prefix) + len(passage.suffix)


def _agreement(text: str, span: Span, passage: Passage) -> int:
    """Count the characters next to the quote that are as they were."""
    before = text[max(0, span.start - len(passage.prefix)) : span.start]
    after = text[span.end : span.end + len(passage.suffix)]
    return _common_start(before[::-1], passage.prefix[::-1]) + _common_start(after, passage.suffix)


def _common_start(a: str, b: str) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count
