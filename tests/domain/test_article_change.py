"""A change of the article: the lines that differ, done, taken back, and done to a text that others changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_vascular_loop.domain.edit import ArticleChange
from napari_vascular_loop.domain.errors import AnnotationError
from napari_vascular_loop.domain.text_merge import patched

ARTICLE = "".join(f"Paragraph {n} tells of the nerve.\n\n" for n in range(200))

LINES = st.lists(st.sampled_from(["a\n", "b\n", "ä\r\n", "\n", "a", "\U0001f9e0 b\n", "לולאה\n"]), max_size=12).map(
    "".join
)


@given(LINES, LINES)
def test_it_makes_the_new_text_of_the_old_and_back(old, new):
    change = ArticleChange.between(old, new)

    assert change.applied(old) == new
    assert change.inverse.applied(new) == old


@given(LINES, LINES)
def test_done_as_far_as_possible_it_is_exact_where_nothing_else_changed(old, new):
    change = ArticleChange.between(old, new)

    if change.before and old.count(change.before) == 1:
        assert patched(old, change.at, change.before, change.after) == new


@given(LINES, LINES, LINES)
def test_what_was_put_in_is_there_whatever_others_did(old, new, theirs):
    change = ArticleChange.between(old, new)

    result = patched(theirs, change.at, change.before, change.after)

    kept = old.splitlines()
    for line in new.splitlines():
        assert line in kept or line in result.splitlines()


def test_a_word_in_a_long_article_takes_a_few_lines():
    change = ArticleChange.between(ARTICLE, ARTICLE.replace("Paragraph 120 tells", "Paragraph 120 speaks"))

    assert "Paragraph 120 speaks" in change.after
    assert len(change.before) < 100


def test_a_text_that_is_another_is_refused():
    change = ArticleChange.between("One.\nTwo.\n", "One.\nThree.\n")

    with pytest.raises(AnnotationError, match="not what it was"):
        change.applied("Zero.\nTwo.\n")


CASES = {
    "moved down": ("New.\n" * 9 + ARTICLE, "New.\n" * 9),
    "its neighbour was reworded": (ARTICLE.replace("Paragraph 119 tells", "Number 119 says"), "Number 119 says"),
    "far away, something was deleted": (ARTICLE.replace("Paragraph 3 tells of the nerve.\n\n", ""), "Paragraph 4"),
}


@pytest.mark.parametrize("case", CASES)
def test_it_finds_its_lines_in_a_text_that_others_changed(case):
    theirs, in_theirs = CASES[case]
    change = ArticleChange.between(ARTICLE, ARTICLE.replace("Paragraph 120 tells", "Paragraph 120 speaks"))

    result = patched(theirs, change.at, change.before, change.after)

    assert in_theirs in result
    assert result == theirs.replace("Paragraph 120 tells", "Paragraph 120 speaks")


def test_where_all_its_lines_are_gone_only_what_is_new_is_put_in():
    change = ArticleChange.between("One.\nTwo.\nThree.\n", "One.\nTwo.\nTwo and a half.\nThree.\n")

    assert patched("Others wrote this.\n", change.at, change.before, change.after) == (
        "Two and a half.\nOthers wrote this.\n"
    )
