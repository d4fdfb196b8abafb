"""A stretch of the article is followed while a teacher types."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_vascular_loop.domain.article import Span
from napari_vascular_loop.following import Difference, follow

TEXT = "First words. A loop of the artery touches the nerve. Last words."
QUOTE = "A loop of the artery touches the nerve."
SPAN = Span(13, 52)


def followed(was: str, now: str, words: str = QUOTE) -> str | None:
    start = TEXT.index(words)
    edited = TEXT.replace(was, now, 1)
    span = follow(TEXT, edited, Span(start, start + len(words)))
    return None if span is None else edited[span.start : span.end]


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("First", "First", QUOTE),
        ("First", "The very first 🫀", QUOTE),
        ("First words. ", "", QUOTE),
        (" Last words.", "", QUOTE),
        (" Last", " It may do so. Last", QUOTE),
        ("artery", "small artery", QUOTE.replace("artery", "small artery")),
        ("artery", "", QUOTE.replace("artery", "")),
        ("A loop", "One loop", QUOTE.replace("A", "One")),
        ("A loop", "loop", "loop of the artery touches the nerve."),
        ("nerve.", "root.", QUOTE.replace("nerve", "root")),
        ("nerve. Last", "nerve. And then? Last", QUOTE),
        ("the artery", "AICA often", QUOTE.replace("the artery", "AICA often")),
        ("words. A loop of", "words. Of", "Of the artery touches the nerve."),
        (QUOTE, "", None),
        (QUOTE, "Blood is bright.", None),
        (QUOTE, "A loop.", None),
        (TEXT, "", None),
        (TEXT, " \n", None),
    ],
)
def test_one_edit(was, now, expected):
    assert followed(was, now) == expected


@pytest.mark.parametrize(
    ("was", "now", "words", "expected"),
    [
        ("nerve. Last", "nerves. Last", "the nerve", "the nerves"),
        ("nerve. Last", "nerve root. Last", "the nerve", "the nerve"),
        ("artery", "arteries", "artery", "arteries"),
        ("A loop", "A subloop", "loop", "subloop"),
        ("loop of", "loophole of", "loop of", "loophole of"),
        ("artery", "atrery", "artery", "atrery"),
        ("arte", "ante", "rte", "nte"),
    ],
)
def test_a_word_that_is_typed_on_stays_whole(was, now, words, expected):
    assert followed(was, now, words) == expected


def test_letter_by_letter():
    """As a teacher types it: into the middle, then a word at the end taken away and another put there."""
    text, span = TEXT, SPAN
    for n in range(len("very small ")):
        at = TEXT.index("artery") + n
        new = text[:at] + "very small "[n] + text[at:]
        text, span = new, follow(text, new, span)
    for _ in "nerve":
        at = text.index(". Last")
        new = text[: at - 1] + text[at:]
        text, span = new, follow(text, new, span)
    for letter in "root":
        at = text.index(". Last")
        new = text[:at] + letter + text[at:]
        text, span = new, follow(text, new, span)
    assert text[span.start : span.end] == "A loop of the very small artery touches the root."


def test_edits_in_two_places_at_once():
    edited = TEXT.replace("First", "Some first").replace("touches", "may touch").replace("Last words.", "")
    span = follow(TEXT, edited, SPAN)
    assert edited[span.start : span.end] == QUOTE.replace("touches", "may touch")


def test_a_sentence_that_was_moved_is_followed_if_it_stands_once():
    moved = "Last words. " + QUOTE + " First words."
    assert follow(TEXT, moved, SPAN) == Span(12, 51)


@pytest.mark.parametrize("span", [Span(0, 0), Span(60, 900), Span(-9, 3), Span(5, 6), Span(9, 2)])
def test_odd_stretches_stay_inside(span):
    found = follow(TEXT, "x" + TEXT, span)
    assert found is None or 0 <= found.start < found.end <= len(TEXT) + 1


LETTERS = st.text(st.sampled_from("ab .\n🧠é\u0301神"), max_size=40)


@given(LETTERS, LETTERS, st.integers(0, 40), st.integers(1, 20))
def test_it_never_raises_and_stays_inside(old, new, start, length):
    span = follow(old, new, Span(start, start + length))
    if span is not None:
        assert 0 <= span.start < span.end <= len(new)
        assert new[span.start : span.end].strip() == new[span.start : span.end]


@given(LETTERS, LETTERS, LETTERS, LETTERS)
def test_edits_elsewhere_leave_its_words(before, after, new_before, new_after):
    words = "A loop of the artery touches the nerve."
    old, new = f"{before} {words} {after}", f"{new_before} {words} {new_after}"
    span = follow(old, new, Span(len(before) + 1, len(before) + 1 + len(words)))
    assert span == Span(len(new_before) + 1, len(new_before) + 1 + len(words))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a" * 100_000, "a" * 90_000),
        ("ab" * 50_000, "ba" * 50_000),
        ("." * 100_000, "," * 100_000),
        ("a\n" * 50_000, "\na" * 40_000),
        ("a b " * 25_000, "b a c " * 16_000),
        (TEXT * 1500, "\n".join([TEXT[::-1]] * 1500)),
    ],
)
def test_hostile_texts_take_no_time(old, new):
    start = time.perf_counter()
    difference = Difference(old, new)
    for n in range(500):
        span = difference.follow(Span(n * 150, n * 150 + 120))
        assert span is None or 0 <= span.start < span.end <= len(new)
    assert time.perf_counter() - start < 10
