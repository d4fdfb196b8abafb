"""Which paragraphs on the images are tied to no mark."""

from __future__ import annotations

from napari_vascular_loop.domain.annotation import Annotation, Arrow
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.imaging_part import untied_paragraphs
from napari_vascular_loop.lesson_check import remarks_on
from napari_vascular_loop.store import LessonStore

ARTICLE = """\
# The loop

Before.

## What *MRI* shows

The nerve is tied. The rest of it is not.

![A picture](view:urn:a)

Untied words.

### Below it

- a tied item
- an item that is not

## Stress

After.
"""


def store_with(*quotes: str, imaging: tuple[str, ...] = ("What MRI shows",)) -> LessonStore:
    passages = tuple(passage_at(ARTICLE, ARTICLE.index(q), ARTICLE.index(q) + len(q)) for q in quotes)
    mark = Annotation(Arrow((1, 2, 3), (4, 5, 6)), "tof", "Loop", passages=passages)
    return LessonStore(Lesson("x", (LessonVolume("tof"),), ARTICLE, (mark,), imaging=imaging))


def test_paragraphs_and_items_below_a_heading_and_those_below_it():
    store = store_with("The nerve is tied.", "tied item")
    assert list(untied_paragraphs(ARTICLE, store.lesson.imaging, store.passages())) == [
        "no mark is tied to 'Untied words.'",
        "no mark is tied to 'an item that is not'",
    ]


def test_only_the_headings_that_are_named():
    store = store_with("The nerve is tied.", imaging=("Below it",))
    assert len(list(untied_paragraphs(ARTICLE, store.lesson.imaging, store.passages()))) == 2
    assert list(untied_paragraphs(ARTICLE, (), store.passages())) == []


def test_the_check_tells_of_them_and_of_a_heading_that_is_not_there():
    store = store_with(
        "The nerve is tied.", "Untied words", "tied item", "item that", imaging=("What MRI shows", "Arteries")
    )
    assert [one.words for one in remarks_on(store) if one.is_problem] == [
        "article.md, on the images: there is no heading 'Arteries', which lesson.json names among imaging"
    ]
