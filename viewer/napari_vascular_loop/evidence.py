"""What speaks for and against a place in the article being a passage's: the words, and what stands around them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from rapidfuzz.distance import LCSseq, Levenshtein

from napari_vascular_loop.searched_article import (
    Needle,
    SearchedArticle,
    agreement,
    closes_paragraph,
    cuts_word,
    near_diagonals,
    occurrences,
    opens_paragraph,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MARGIN = 0.2
"""By how much a place must agree better than the next best, of 1 for the words and 1 for the surroundings."""
SAME_WORDS_CONTEXT = 0.5
"""The same words: how much of the surroundings must agree, of 1."""
PARAGRAPH_LETTERS = 40
"""The same words, if they are a whole paragraph: from how many letters on nothing around them need agree."""
BOTH_SIDES = (0.6, 0.6)
"""Similar words: what must agree on either side, and how alike the words must be then."""
ONE_SIDE = (0.75, 0.8)
"""Similar words: what must agree on one side, and how alike the words must be then."""
SIMILAR_LETTERS = 12
"""Fewer letters than these are not found by similar words: "the AICA" is not "the PICA"."""
TYPO_LETTERS = 6
"""From how many letters on a typo is allowed in fewer than those, if both sides agree to the letter."""

SIDES: Final = frozenset(
    re.findall(
        r"\w+",
        "left right anterior posterior superior inferior medial lateral rostral caudal dorsal ventral upper lower "
        "links rechts linke rechte linken rechten linker rechter linkes rechtes "
        "gauche droite droit izquierda derecha izquierdo derecho sinistra destra sinistro destro esquerda direita "
        "левый правый левая правая слева справа",
    )
)
"""Words that name a side: a sentence with the other one is another sentence, however alike."""

STRONG_LETTERS = 50
"""How many letters must stand in a row, of the words and beside them, where the neighbours are elsewhere."""

_MOST_PLACES = 64
_BESIDE_LETTERS = 20
_SEAM_LETTERS = 10
_ENDS_LETTERS = 48


@dataclass(frozen=True)
class Place:
    """A stretch of the folded text that may be the passage: how alike the words are, what agrees on each side."""

    start: int
    end: int
    likeness: float
    before: float
    after: float

    @property
    def context(self) -> float:
        """How much of what stands around it agrees, from 0 to 1."""
        return (self.before + self.after) / 2

    @property
    def evidence(self) -> float:
        """What speaks for it, from 0 to 2."""
        return self.likeness + self.context

    def overlaps(self, other: Place) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end


def same_words(article: SearchedArticle, needle: Needle) -> list[Place]:
    """Give the places of the passage's words; where they stand very often, those with some of its surroundings."""
    low, length = article.folded.low, len(needle.low)
    starts = list(islice(occurrences(low, needle.low), _MOST_PLACES + 1))
    if len(starts) > _MOST_PLACES:
        starts = _beside_their_context(low, needle)
    ends = [(start, start + length) for start in starts]
    return [rated(article, needle, *place) for place in ends if not cuts_other_word(low, *place, needle)]


def _beside_their_context(low: str, needle: Needle) -> list[int]:
    """Places of words that stand very often: those with some of what stood before or after them."""
    before, after = needle.before[-_SEAM_LETTERS:], needle.after[:_SEAM_LETTERS]
    found = [n + len(before) for n in islice(occurrences(low, before + needle.low), _MOST_PLACES)] if before else []
    found += islice(occurrences(low, needle.low + after), _MOST_PLACES) if after else []
    return sorted(set(found))


def cuts_other_word(low: str, start: int, end: int, needle: Needle) -> bool:
    """Whether the place begins or ends within a word where the passage did not."""
    return (cuts_word(low, start) and not needle.cut_before) or (cuts_word(low, end) and not needle.cut_after)


def rated(article: SearchedArticle, needle: Needle, start: int, end: int, likeness: float = 1.0) -> Place:
    """Look at what stands around a place."""
    if not needle.has_context:
        return Place(start, end, likeness, 0.0, 0.0)
    return Place(
        start,
        end,
        likeness,
        agreement(article, needle.before, needle.words_before, end=start),
        agreement(article, needle.after, needle.words_after, start=end),
    )


def similar_words(article: SearchedArticle, needle: Needle) -> list[Place]:
    """Give a few places of words that are like the passage's, each with its best beginning and end."""
    if needle.letters < TYPO_LETTERS:
        return []
    places: dict[tuple[int, int], Place] = {}
    for first, last in near_diagonals(article, needle):
        start, end = _ends(article, needle, first, last)
        if start < end and (start, end) not in places:
            likeness = Levenshtein.normalized_similarity(needle.low, article.folded.low[start:end])
            if likeness < 1:
                places[start, end] = rated(article, needle, start, end, likeness)
    return list(places.values())


# -------------------------------------------------------------------- evidence


def is_enough(article: SearchedArticle, needle: Needle, place: Place) -> bool:
    """Whether a place is taken for the passage's: enough agrees, and nothing speaks against it."""
    if _letters(article.folded.low[place.start : place.end]) == needle.only_letters and (
        not needle.has_context or _is_whole_paragraph(article, needle, place)
    ):
        return True
    if _is_twin(article, needle, place) or _left_behind(article, needle, place):
        return False
    if place.likeness == 1:
        return place.context >= SAME_WORDS_CONTEXT
    if all(_verbatim(article, needle, place)) and (
        place.likeness >= ONE_SIDE[1] or _keeps_all_words(article, needle, place)
    ):
        return True
    if needle.letters < SIMILAR_LETTERS:
        return False
    least, most = sorted((place.before, place.after))
    if least >= BOTH_SIDES[0] and place.likeness >= BOTH_SIDES[1]:
        return True
    return most >= ONE_SIDE[0] and place.likeness >= ONE_SIDE[1] and not _was_deleted(article, needle)


def _keeps_all_words(article: SearchedArticle, needle: Needle, place: Place) -> bool:
    """Whether words were put in, and none was taken out or changed."""
    here = words_of(article.folded.low[place.start : place.end])[0]
    return LCSseq.similarity(needle.words, here) == len(needle.words) and len(here) <= 3 * len(needle.words) + 2


def is_strong(article: SearchedArticle, needle: Needle, place: Place) -> bool:
    """Whether a place is taken even where its neighbours do not stand around it: enough stands there to the letter."""
    beside = sum(
        len(_letters(part[:_BESIDE_LETTERS]))
        for part, kept in zip((needle.before[::-1], needle.after), _verbatim(article, needle, place), strict=True)
        if kept
    )
    return place.likeness == 1 and beside > 0 and needle.letters + beside >= STRONG_LETTERS


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def _is_whole_paragraph(article: SearchedArticle, needle: Needle, place: Place) -> bool:
    opens, closes = _paragraph_ends(article, place)
    return (
        needle.letters >= PARAGRAPH_LETTERS and needle.opens_paragraph and needle.closes_paragraph and opens and closes
    )


def _paragraph_ends(article: SearchedArticle, place: Place) -> tuple[bool, bool]:
    span = article.folded.span(place.start, place.end)
    before = article.text[max(0, span.start - _BESIDE_LETTERS) : span.start]
    return opens_paragraph(before), closes_paragraph(article.text[span.end : span.end + _BESIDE_LETTERS])


def _verbatim(article: SearchedArticle, needle: Needle, place: Place) -> tuple[bool, bool]:
    """Whether what stands before and after the place is, some words far, what stood there to the letter."""
    before, after = needle.before[-_BESIDE_LETTERS:], needle.after[:_BESIDE_LETTERS]
    low = article.folded.low
    return low.endswith(before, 0, place.start), low.startswith(after, place.end)


def _left_behind(article: SearchedArticle, needle: Needle, place: Place) -> bool:
    """Whether what stood beside the words stands elsewhere to the letter, and not here.

    Where a whole paragraph was moved, what stood before its first words or after its last ones stays behind.
    """
    low, reach = article.folded.low, 2 * _BESIDE_LETTERS
    before, after = needle.before[-_BESIDE_LETTERS:], needle.after[:_BESIDE_LETTERS]
    # The ends of a place may be some letters off.
    near_before = low[max(0, place.start - reach) : place.start + _SEAM_LETTERS]
    near_after = low[max(0, place.end - _SEAM_LETTERS) : place.end + reach]
    verbatim_before, verbatim_after = _verbatim(article, needle, place)
    opens, closes = _paragraph_ends(article, place)
    left_before = len(before) > _SEAM_LETTERS and before not in near_before and before in low
    left_after = len(after) > _SEAM_LETTERS and after not in near_after and after in low
    moved_from = needle.opens_paragraph and opens and verbatim_after
    moved_to = needle.closes_paragraph and closes and verbatim_before
    return (left_before and not moved_from) or (left_after and not moved_to)


def _is_twin(article: SearchedArticle, needle: Needle, place: Place) -> bool:
    """Whether this is the twin of the passage: another side is named in it or beside it, or another number.

    A number may be another one where both sides agree to the letter: it was corrected.
    """
    words = [*needle.words_before, *needle.words, *needle.words_after]
    if not any(word in SIDES or word.isdigit() for word in words):
        return False
    corrected = all(_verbatim(article, needle, place))
    low = article.folded.low
    here = words_of(low[max(0, place.start - len(needle.before)) : place.end + len(needle.after)])[0]
    for code in Levenshtein.opcodes(words, here):
        if code.tag == "replace":
            was, now = words[code.src_start : code.src_end], here[code.dest_start : code.dest_end]
            if _differ(was, now, SIDES.__contains__) or (not corrected and _differ(was, now, str.isdigit)):
                return True
    return False


def _differ(was: list[str], now: list[str], kind: Callable[[str], bool]) -> bool:
    before, after = set(filter(kind, was)), set(filter(kind, now))
    return bool(before and after) and before != after


def _was_deleted(article: SearchedArticle, needle: Needle) -> bool:
    """Whether what stood before the words and what stood after them have closed up."""
    before, after = needle.before.rstrip(" ")[-_SEAM_LETTERS:], needle.after.lstrip(" ")[:_SEAM_LETTERS]
    return bool(before and after) and any(before + gap + after in article.folded.low for gap in ("", " "))


def _ends(article: SearchedArticle, needle: Needle, first: int, last: int) -> tuple[int, int]:
    """Where exactly the place of words `first` to `last` begins and ends: within two words, where most agrees."""
    low = article.folded.low
    head, tail = needle.low[:_ENDS_LETTERS], needle.low[-_ENDS_LETTERS:]
    near = article.word_starts[max(0, first - 2) : first + 3]
    start = min(near, key=lambda at: (_distance_at(low, at, needle.before, head), abs(at - article.word_starts[first])))
    near = article.word_ends[max(0, last - 2) : last + 3]
    end = min(near, key=lambda at: (_distance_at(low, at, tail, needle.after), abs(at - article.word_ends[last])))
    return start, end


def _distance_at(low: str, at: int, before: str, after: str) -> int:
    return Levenshtein.distance(before, low[max(0, at - len(before)) : at]) + Levenshtein.distance(
        after, low[at : at + len(after)]
    )
