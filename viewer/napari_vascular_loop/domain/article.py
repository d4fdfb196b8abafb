r"""Passages: stretches of the article, kept so that they are found again after the text has changed.

A passage is a quote of the article's source text (Markdown as it lies on disk, line ends as "\\n") with a little
of what stands before and after it, and its position in Unicode code points: W3C's TextQuoteSelector and
TextPositionSelector.
"""

from __future__ import annotations

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
