"""Passages found again after the article has been edited.

First the words where they stood, then the same words elsewhere, by what stands around them, then words that are
alike (rapidfuzz). A wrong place is worse than none: words that could stand for the passage in two places, or in
one without enough to tell, are an orphan. See docs/anchoring.md for the rules and what they were measured with.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.article import Anchor, How, Passage, Span, passage_at
from napari_vascular_loop.domain.lesson import FoundPassage
from napari_vascular_loop.evidence import (
    MARGIN,
    Place,
    cuts_other_word,
    is_enough,
    is_strong,
    rated,
    same_words,
    similar_words,
)
from napari_vascular_loop.searched_article import Needle, SearchedArticle, needle_of, occurrences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from napari_vascular_loop.domain.lesson import Lesson

_WORTH_SHOWING = 0.9
"""Of 1 for the words and 1 for the surroundings: what a place must have to be offered to a user."""


def find_passage(text: str, passage: Passage) -> Anchor | None:
    """Find a passage in a text that may have changed since.

    Returns
    -------
    Anchor or None
        The place in code points of `text` as given, without white space at its ends, and how it was found; None
        where it is not there or not told from another: the passage is an orphan.
    """
    article = SearchedArticle(text)
    return _without_doubt(article, passage) or _with_doubt(article, passage)


def find_passages(text: str, passages: Sequence[Passage]) -> tuple[Anchor | None, ...]:
    """Find many passages in one text; as :func:`find_passage`, with the text prepared once, and surer.

    Those of which there is no doubt say where the others are to be sought: between the same neighbours. And where
    the same words stood in two places and stand in one now, only the passage whose surroundings are there keeps it.

    Returns
    -------
    tuple of Anchor or None
        One for each passage, in their order.
    """
    article = SearchedArticle(text)
    known = {passage: _without_doubt(article, passage) for passage in dict.fromkeys(passages)}
    neighbours = _Neighbours.of(known)
    for passage, anchor in known.items():
        if anchor is None:
            known[passage] = _with_doubt(article, passage, neighbours.between(passage))
    for passage in _crowded_out(article, known):
        known[passage] = None
    return tuple(known[passage] for passage in passages)


def likely_places(text: str, passage: Passage, most: int = 3) -> tuple[Anchor, ...]:
    """Where an orphan may belong, for a user to choose; the likeliest first.

    These are the places that :func:`find_passage` weighs, and one that it takes is the first of them.
    """
    article = SearchedArticle(text)
    sure = _without_doubt(article, passage)
    if sure is not None:
        return (sure,)
    needle = needle_of(passage)
    chosen: list[Place] = []
    for place in _places(article, needle):
        if place.evidence >= _WORTH_SHOWING and not any(place.overlaps(other) for other in chosen):
            chosen.append(place)
    return tuple(_anchor(article, needle, passage, place) for place in chosen[:most])


def links_of(lesson: Lesson) -> list[tuple[str, Passage]]:
    """Every link of a lesson: an annotation's id, and a passage."""
    return [(annotation.id, passage) for annotation in lesson.annotations for passage in annotation.passages]


def found_passages(lesson: Lesson) -> tuple[FoundPassage, ...]:
    """Every link of a lesson, in reading order, orphans last."""
    links = links_of(lesson)
    spans = find_passages(lesson.article, [passage for _, passage in links])
    found = [FoundPassage(id_, passage, span) for (id_, passage), span in zip(links, spans, strict=True)]
    return tuple(sorted(found, key=lambda one: (one.span is None, one.span.start if one.span else 0)))


def reanchored(text: str, passage: Passage, span: Span) -> Passage:
    """Give a passage that was found at a place the words, surroundings and position that it has there.

    Returns
    -------
    Passage
        The same object where nothing differs.

    Raises
    ------
    AnnotationError
        If there are no words in that stretch.
    """
    fresh = passage_at(text, span.start, span.end)
    return passage if fresh == passage else fresh


def _without_doubt(article: SearchedArticle, passage: Passage) -> Anchor | None:
    """Find a passage by its words with all that stood around them."""
    if _stands_as_it_did(article.text, passage):
        trimmed = passage_at(article.text, passage.start, passage.start + len(passage.exact))
        return Anchor(trimmed.start, trimmed.end)
    needle = needle_of(passage)
    low = article.folded.low
    whole = list(islice(occurrences(low, needle.whole), 2)) if needle.low and needle.has_context else []
    if len(whole) != 1:
        return None
    start = whole[0] + len(needle.before)
    end = start + len(needle.low)
    return (
        None
        if cuts_other_word(low, start, end, needle)
        else _anchor(article, needle, passage, Place(start, end, 1, 1, 1))
    )


def _with_doubt(article: SearchedArticle, passage: Passage, between: Span | None = None) -> Anchor | None:
    """Find a passage by its words or similar ones, and some of what stood around them."""
    needle = needle_of(passage)
    places = _places(article, needle)
    best = None
    if between is not None:
        best = _best(article, needle, [place for place in places if _lies_in(article, place, between)])
        places = [place for place in places if is_strong(article, needle, place)]
    best = best or _best(article, needle, places)
    return _anchor(article, needle, passage, best) if best else None


def _best(article: SearchedArticle, needle: Needle, places: Sequence[Place]) -> Place | None:
    """Choose one of some places, the likeliest first, if it is told from the others and enough speaks for it."""
    if not places:
        return None
    best, *others = places
    rivals = [other for other in others if not other.overlaps(best) and best.evidence - other.evidence < MARGIN]
    if rivals:
        here = [place for place in (best, *rivals) if article.folded.starts[place.start] == needle.old_start]
        if not here or here[0].likeness < 1 or best.likeness < 1:
            return None
        best = here[0]
    return best if is_enough(article, needle, best) else None


def _places(article: SearchedArticle, needle: Needle) -> list[Place]:
    """Give the places that may be the passage's, the likeliest first."""
    if not needle.low:
        return []
    places = [*same_words(article, needle), *similar_words(article, needle)]
    return sorted(places, key=lambda place: -place.evidence)


def _lies_in(article: SearchedArticle, place: Place, between: Span) -> bool:
    span = article.folded.span(place.start, place.end)
    return between.start <= span.start and span.end <= between.end


def _stands_as_it_did(text: str, passage: Passage) -> bool:
    start, end = passage.start, passage.start + len(passage.exact)
    return (
        start >= 0
        and text[start:end] == passage.exact
        and text[max(0, start - len(passage.prefix)) : start] == passage.prefix
        and text[end : end + len(passage.suffix)] == passage.suffix
    )


def _anchor(article: SearchedArticle, needle: Needle, passage: Passage, place: Place) -> Anchor:
    span = article.folded.span(place.start, place.end)
    words = passage.exact.strip()
    if article.text[span.start : span.end] == words:
        here = passage.start < 0 or passage.start == span.start
        return Anchor(span.start, span.end, How.EXACT if here else How.MOVED)
    plain = article.folded.plain[place.start : place.end]
    if plain == needle.plain:
        return Anchor(span.start, span.end, How.WHITE_SPACE)
    return Anchor(span.start, span.end, How.SIMILAR, place.likeness)


# -------------------------------------------------------------------- many passages


@dataclass(frozen=True)
class _Neighbours:
    """Passages that were found without doubt, in the order in which they stood."""

    passages: list[Passage]
    anchors: list[Anchor]

    @classmethod
    def of(cls, known: Mapping[Passage, Anchor | None]) -> _Neighbours:
        """Take those that were found and say where they stood."""
        sure = [(passage, anchor) for passage, anchor in known.items() if anchor is not None and passage.start >= 0]
        sure.sort(key=lambda found: found[0].start)
        return cls([passage for passage, _ in sure], [anchor for _, anchor in sure])

    def between(self, passage: Passage) -> Span | None:
        """Give the stretch between the neighbours of a passage; None where one is missing or they changed places."""
        if passage.start < 0:
            return None
        after = bisect_left(self.passages, passage.start, key=lambda other: other.start)
        if not 0 < after < len(self.anchors):
            return None
        start, end = self.anchors[after - 1].start, self.anchors[after].end
        return Span(start, end) if start < end else None


def _crowded_out(article: SearchedArticle, known: dict[Passage, Anchor | None]) -> Iterator[Passage]:
    """Passages that stood apart from another of the same words, and were found where that one is at home."""
    by_place: dict[tuple[int, int], list[tuple[Passage, Anchor]]] = {}
    for passage, anchor in known.items():
        if anchor is not None and passage.start >= 0:
            by_place.setdefault((anchor.start, anchor.end), []).append((passage, anchor))
    for group in by_place.values():
        olds = [Span(passage.start, passage.start + len(passage.exact)) for passage, _ in group]
        if all(old.overlaps(olds[0]) for old in olds):
            continue
        contexts = [_context_at(article, passage, anchor) for passage, anchor in group]
        best = contexts.index(max(contexts))
        for old, (passage, _) in zip(olds, group, strict=True):
            if not old.overlaps(olds[best]):
                yield passage


def _context_at(article: SearchedArticle, passage: Passage, anchor: Anchor) -> float:
    start = article.folded.index(anchor.start)
    end = article.folded.index(anchor.end - 1) + 1
    return rated(article, needle_of(passage), start, end).context
