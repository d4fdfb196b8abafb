"""Text as it is compared: what a reader does not see is alike, and every character knows where it stood."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from napari_vascular_loop.domain.article import Span
from napari_vascular_loop.domain.folded import folded


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a loop\r\n  of\tthe\u00a0artery", "a loop of the artery"),
        ("ar\u00adte\u200bry", "artery"),
        ("cafe\u0301 ta\u0323\u0302p", "café tập"),
        ("\u201cit\u2019s\u201d \u2013 so\u2026", '"it\'s" - so...'),
        ("a---b", "a-b"),
        ("\u200fעצב\u200e", "עצב"),
        ("❤\ufe0f", "❤"),
        ("\u1112\u1161\u11ab", "한"),
        ("\u212b", "Å"),
        ("", ""),
    ],
)
def test_what_looks_alike_is_alike(text, plain):
    assert folded(text).plain == plain


def test_small_letters_keep_their_places():
    text = folded("İSTANBUL Ängste ẞ")
    assert len(text.low) == len(text.plain)
    assert "stanbul ängste" in text.low


def test_places_lead_back_to_the_text_as_given():
    text = "🫀 A\u00ad \r\n lo\u0301op…"
    found = folded(text)
    assert found.plain == "🫀 A lóop..."
    assert found.span(2, 3) == Span(2, 3)
    assert found.span(4, 8) == Span(8, 13)
    assert text[8:13] == "lo\u0301op"
    assert found.span(8, 9) == found.span(8, 11) == Span(13, 14)
    assert found.index(8) == 4
    assert folded("a \u0301b").span(2, 4) == Span(2, 4)


@given(st.text(st.sampled_from("aé\u0301\u0323 \n\r\u00ad–“…🧠\u200d\ufe0f한\u1161\ud800Z\u200f"), max_size=40))
@example("\u0301")
@example("\u0344\u0301")
def test_any_text_stays_within_its_bounds(text):
    found = folded(text)
    assert len(found.plain) == len(found.low) == len(found.starts) == len(found.ends)
    assert (found.starts[1:] >= found.starts[:-1]).all()
    assert (found.starts < found.ends).all()
    assert not len(found.ends) or found.ends[-1] <= len(text)


@given(st.text(st.sampled_from("aé\u0301\u0323 \n–“…🧠\u200d한\u1161Z'"), max_size=40))
def test_folded_text_folds_to_itself(text):
    plain = folded(text).plain
    assert folded(plain).plain == plain


@given(st.text(st.characters(exclude_categories=["Cs", "Cf"]), max_size=30))
def test_it_does_not_matter_how_letters_are_composed(text):
    assert folded(unicodedata.normalize("NFD", text)).plain == folded(unicodedata.normalize("NFC", text)).plain


@pytest.mark.parametrize("text", ["a\u0301\u0323" * 50_000, "a" + "\u0301\u0323" * 50_000, "\u00ad" * 100_000])
def test_hostile_text_takes_no_longer_than_other(text):
    start = time.perf_counter()
    folded(text)
    assert time.perf_counter() - start < 5
