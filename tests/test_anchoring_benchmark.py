"""What the benchmark of passages takes for the truth is true: the words lie where an edit says that they lie."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

if not (Path(__file__).parents[1] / "benchmarks").is_dir():
    pytest.skip("there are no benchmarks beside these tests (an sdist has none)", allow_module_level=True)

from benchmarks.anchoring import Tally, common, table
from benchmarks.article_cases import articles, kinds, stretches
from benchmarks.article_edits import Case

from napari_vascular_loop.domain.article import Anchor, How, Span
from napari_vascular_loop.domain.folded import folded

EDITS_OF_IT = {
    "words inserted in it",
    "a word deleted in it",
    "one word in six reworded",
    "one word in three reworded",
    "typos made, in it and beside",
    "typos mended, in it and beside",
    "sentence split",
    "sentences joined",
    "a word set bold",
    "emoji inserted in it",
    "five edits at once",
    "its paragraph moved, a word in six reworded",
    "same sentence elsewhere; words inserted in ours",
    "similar sentence beside; ours reworded",
    "similar sentence elsewhere; ours reworded",
}


@pytest.mark.parametrize("kind", kinds())
def test_the_words_lie_where_an_edit_says(kind):
    make, rng = kinds()[kind], random.Random(7)
    made = 0
    for text in articles().values():
        for span in stretches(text, rng)[::7]:
            case = make(text, span, rng)
            if case is None:
                continue
            made += 1
            was = folded(case.old_text[case.old.start : case.old.end]).plain
            if "deleted;" in kind or kind in ("deleted", "deleted with its paragraph", "another sentence in its place"):
                assert case.now is None
                assert case.text != case.old_text
                continue
            now = folded(case.text[case.now.start : case.now.end]).plain
            assert now.strip() == now
            if kind not in EDITS_OF_IT:
                assert now == was
            elif len(was) > 30:
                # A few words of it are left at least, or the letters at its ends.
                assert set(now.split()) & set(was.split()) or was[:2] == now[:2], (was, now)
    assert made


@pytest.mark.parametrize(
    ("found", "right", "wrong"),
    [
        (None, 0, 0),
        (Anchor(10, 20, How.MOVED), 1, 0),
        (Anchor(10, 19, How.SIMILAR, 0.9), 1, 0),
        (Anchor(10, 30), 0, 1),
        (Anchor(40, 50), 0, 1),
    ],
)
def test_a_place_is_right_or_wrong(found, right, wrong):
    tally = Tally()
    tally.count(Case("old", Span(0, 3), "new", Span(10, 20)), found, found, None)
    assert (tally.right, tally.wrong, tally.right_among, tally.wrong_among) == (right, wrong) * 2
    gone = Tally()
    gone.count(Case("old", Span(0, 3), "new", None), found, None, None)
    assert (gone.right, gone.wrong) == (0, found is not None)


def test_the_table_counts_all():
    tally = Tally(cases=4, kept=4, right=3, wrong=1)
    page = table({"moved": tally, "deleted": Tally(cases=2, wrong=1)}, "edit")
    assert "| moved | 4 | 75.0 % | 1 |" in page
    assert "| deleted | 2 | - | 1 |" in page
    assert "| **all** | 6 | 75.0 % | 2 |" in page


def test_what_is_common():
    assert common(Span(0, 10), Span(5, 15)) == pytest.approx(1 / 3)
    assert common(Span(0, 10), Span(10, 15)) == 0
