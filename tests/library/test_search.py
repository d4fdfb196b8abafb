"""Search in a library, as a typing student does it."""

from __future__ import annotations

import pytest
from library_shelf import a_shelf, lesson, put, titles, updated

from napari_vascular_loop.library.query import query_of

AICA = "Anterior inferior cerebellar artery"


@pytest.fixture
def index(tmp_path):
    root = tmp_path / "shelf"
    root.mkdir()
    _, index = updated(a_shelf(root, tmp_path))
    yield index
    index.close()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("CN VII", ["Nerve VII", "Packed root"]),  # the root of the facial nerve is of it
        ("cn vii", ["Nerve VII", "Packed root"]),
        ("seventh cranial nerve", ["Nerve VII", "Packed root"]),
        ("UBERON:0004674", ["Packed root"]),
        ("uberon_0004674", ["Packed root"]),
        ("0004674", ["Packed root"]),
        ("SNOMED:56052001", ["Nerve VII", "Packed root"]),
        ("REZ", ["Packed root"]),
        ("AICA", [AICA, "The loop"]),  # the title first, then the structure
        ("anterior inferior cer", [AICA, "The loop"]),
        ("ou est", ["Nerve VII"]),
        ("EPENDYMOME", ["Nerve VII"]),
        ("épend", ["Nerve VII"]),
        ("e\u0301pend", ["Nerve VII"]),
        ("touches art", ["The loop"]),
        ("art touches", []),  # only the last word may be no more than begun
        ("zip", ["Packed root"]),
        ("they say", ["The loop"]),
        ("x.org", []),  # the address of a link is no text
        ("broken", [""]),
        ("", []),
        ("   ", []),
        ("*", []),
        ('"', []),
        ('nerve" OR "loop', []),
        ("title : loop", []),
        ("NEAR(loop)", []),
        ("\0", []),
        ("a" * 5000, []),
    ],
)
def test_what_is_found(index, typed, found):
    assert titles(index, typed) == found


def test_titles_come_before_structures_and_these_before_texts(tmp_path):
    put(tmp_path, "text", lesson("A", "pons " * 300))
    put(tmp_path, "structure", lesson("B", "Nothing.", "pons"))
    put(tmp_path, "title", lesson("The pons and many other words that make the title a long one", "Nothing."))
    _, index = updated(tmp_path)
    found = [index.cards()[number].path for number in index.search("pons")]
    assert found == ["title", "structure", "text"]


def test_a_letter_more_never_finds_a_lesson_that_a_letter_less_did_not(index):
    for said in ("vertebral", "touches", "facial nerve r"):
        for length in range(2, len(said)):
            if said[length - 1] != " ":
                assert set(index.search(said[: length + 1])) <= set(index.search(said[:length])), said[: length + 1]


def test_the_snippet_shows_the_words_that_were_found(index):
    (number,) = index.search("touches")
    snippet = index.snippet(number, "touches")
    assert ("touches", True) in snippet
    assert "".join(words for words, _ in snippet).startswith("An artery touches the nerve")
    (number,) = index.search("0004674")
    assert any(is_found and "facial nerve root" in words for words, is_found in index.snippet(number, "0004674"))
    (first, _) = index.search("AICA")
    assert index.snippet(first, "no such word") == []


def test_what_was_typed_is_never_taken_for_words_of_the_database():
    assert query_of('a" OR text:"b') == '("a") AND ("or") AND ("text") AND ("b"*)'
    assert query_of("loop ") == '("loop")'
