"""What most programs do to find a quote again: the same words, where their surroundings agree best."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.article import Span

if TYPE_CHECKING:
    from napari_vascular_loop.domain.article import Passage


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
