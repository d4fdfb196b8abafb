"""Passages are found again after the article has changed, or not at all, but never in a wrong place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_vascular_loop.anchoring import find_passage
from napari_vascular_loop.domain.article import Anchor, How, Passage, Span, passage_at
from napari_vascular_loop.domain.errors import AnnotationError

TEXT = (
    "The nerve leaves the pons.\n\nA loop of the artery touches the nerve on the left. "
    "On the right, a vein touches the nerve too.\n\nNothing is proven by a loop.\n"
)


def passage_of(text: str, words: str, occurrence: int = 0) -> Passage:
    start = -1
    for _ in range(occurrence + 1):
        start = text.index(words, start + 1)
    return passage_at(text, start, start + len(words))


def found_words(text: str, passage: Passage) -> str | None:
    span = find_passage(text, passage)
    return None if span is None else text[span.start : span.end]


def test_passage_keeps_its_words_surroundings_and_place():
    passage = passage_of(TEXT, "a vein touches")
    assert passage.exact == "a vein touches"
    assert TEXT[passage.start : passage.end] == "a vein touches"
    assert TEXT[: passage.start].endswith(passage.prefix)
    assert TEXT[passage.end :].startswith(passage.suffix)
    assert len(passage.prefix) == len(passage.suffix) == 32


def test_unchanged_text():
    passage = passage_of(TEXT, "A loop of the artery")
    assert find_passage(TEXT, passage) == Span(passage.start, passage.end)


def test_moved_words_are_followed():
    passage = passage_of(TEXT, "A loop of the artery")
    moved = "New first paragraph.\n\n" + TEXT
    assert find_passage(moved, passage) == Span(passage.start + 22, passage.end + 22)


@pytest.mark.parametrize("occurrence", [0, 1])
def test_repeated_words_are_told_apart_by_what_stands_around_them(occurrence):
    passage = passage_of(TEXT, "touches the nerve", occurrence)
    for added in ("", "x", "A loop of an artery touches the nerve. ", "word " * 40):
        expected = len(added) + passage.start
        assert find_passage(added + TEXT, passage) == Span(expected, expected + len(passage.exact)), added


@pytest.mark.parametrize(
    "rewrapped",
    [
        TEXT.replace("A loop of the artery touches", "A loop\nof the artery\n    touches"),
        TEXT.replace("loop of", "loop  of"),
        TEXT.replace("of the artery", "of the\u00a0artery"),
    ],
)
def test_words_that_were_wrapped_anew_are_found(rewrapped):
    passage = passage_of(TEXT, "A loop of the artery touches")
    words = found_words(rewrapped, passage)
    assert words is not None
    assert words.split() == passage.exact.split()


@pytest.mark.parametrize("words", ["👩‍⚕️ says", "naïve 神経", "🧠", "a.*b (c) [d] $"])
def test_places_are_counted_in_code_points(words):
    text = f"Before 🫀🫀 {words} after."
    passage = passage_of(text, words)
    assert passage.start == len("Before 🫀🫀 ")
    longer = f"🧠🧠🧠 {text}"
    assert find_passage(longer, passage) == Span(passage.start + 4, passage.end + 4)


@pytest.mark.parametrize(
    ("start", "end", "exact"), [(3, 10, "nerve"), (-5, 9, "The nerve"), (len(TEXT) - 6, len(TEXT) + 50, "loop.")]
)
def test_white_space_at_the_ends_and_what_lies_outside_is_no_part_of_it(start, end, exact):
    assert passage_at(TEXT, start, end).exact == exact


@pytest.mark.parametrize(("start", "end"), [(5, 5), (26, 28), (9, 4), (1000, 1010)])
def test_a_passage_needs_words(start, end):
    with pytest.raises(AnnotationError, match="select part of the article"):
        passage_at(TEXT, start, end)


@pytest.mark.parametrize("start", [-1, 0, 3, 10_000])
def test_a_wrong_or_missing_position_does_not_mislead(start):
    passage = Passage("leaves the pons", start=start, end=start + 5 if start >= 0 else -1)
    assert found_words(TEXT, passage) == "leaves the pons"


@pytest.mark.parametrize(
    ("other", "overlap"), [(Span(0, 5), False), (Span(0, 6), True), (Span(7, 8), True), (Span(10, 12), False)]
)
def test_overlap_needs_a_common_character(other, overlap):
    assert Span(5, 10).overlaps(other) is overlap
    assert other.overlaps(Span(5, 10)) is overlap


def test_a_stretch_is_the_same_however_it_was_found():
    assert Anchor(3, 9, How.SIMILAR, 0.8) == Span(3, 9) == Anchor(3, 9)
    assert Anchor(3, 9) != Span(3, 8)
    assert len({Anchor(3, 9, How.MOVED), Span(3, 9), Span(4, 9)}) == 2
    assert Span(3, 9) != (3, 9)


@pytest.mark.parametrize(
    ("anchor", "description"),
    [
        (Anchor(3, 9), "found where it stood"),
        (Anchor(3, 9, How.MOVED), "found again at another place"),
        (Anchor(3, 9, How.WHITE_SPACE), "found again, set otherwise"),
        (Anchor(3, 9, How.SIMILAR, 0.934), "found again by similar words (93 %)"),
        (Anchor(3, 9, How.SIMILAR, 1.0), "found again by similar words (99 %)"),
    ],
)
def test_how_it_was_found_is_said_in_words(anchor, description):
    assert anchor.description == description


PROSE = st.text(st.sampled_from("ab \n🧠é.*$"), max_size=60)


@given(before=PROSE, words=st.text(st.sampled_from("ab 🧠.*"), max_size=20), after=PROSE, added=PROSE, more=PROSE)
def test_a_passage_is_found_where_it_went_when_text_is_added_around_it(before, words, after, added, more):
    words = f"§{words}§"
    text = before + words + after
    passage = passage_at(text, len(before), len(before) + len(words))
    shifted = added + before + words + after + more
    start = len(added) + len(before)
    assert find_passage(shifted, passage) == Span(start, start + len(words))


@given(text=PROSE, changed=PROSE, start=st.integers(0, 60), length=st.integers(1, 20))
def test_whatever_is_found_has_the_same_words(text, changed, start, length):
    try:
        passage = passage_at(text, start, start + length)
    except AnnotationError:
        return
    assert found_words(text, passage) == passage.exact
    words = found_words(changed, passage)
    assert words is None or words.split() == passage.exact.split()
