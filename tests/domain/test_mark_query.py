"""Searching, filtering and sorting marks."""

from __future__ import annotations

import pytest

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Side
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.mark_query import MarkQuery, Order

MARKS = (
    Annotation(
        Point((1, 2, 30)),
        "head",
        "Root",
        note="Exit zone",
        structure="facial-nerve-root",
        side=Side.LEFT,
        author="Dr. A",
    ),
    Annotation(Arrow((0, 0, 0), (5, 5, -10)), "head", "loop", structure="aica", side=Side.LEFT, author="Dr. B"),
    Annotation(
        Path(((1, 1, 50), (2, 2, 50), (3, 3, 50))),
        "head",
        "Ätzend",
        side=Side.RIGHT,
        passages=(passage_at("abc", 0, 3),),
    ),
)


def labels(**query):
    return [mark.label for mark in MarkQuery(**query).find(MARKS)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Root", "loop", "Ätzend"]),
        ({"words": "LOOP"}, ["loop"]),
        ({"words": "exit root"}, ["Root"]),
        ({"words": "REZ"}, ["Root"]),  # a synonym of the structure
        ({"words": "0009689"}, ["loop"]),  # its code
        ({"words": "dr. b"}, ["loop"]),
        ({"words": "path right"}, ["Ätzend"]),
        ({"words": "ätz"}, ["Ätzend"]),
        ({"words": "nothing of the kind"}, []),
        ({"side": Side.LEFT}, ["Root", "loop"]),
        ({"side": Side.LEFT, "words": "loop"}, ["loop"]),
        ({"structure": "aica"}, ["loop"]),
        ({"author": "Dr. A"}, ["Root"]),
        ({"linked": True}, ["Ätzend"]),
        ({"linked": False}, ["Root", "loop"]),
        ({"order": Order.NAME}, ["loop", "Root", "Ätzend"]),
        ({"order": Order.STRUCTURE}, ["loop", "Root", "Ätzend"]),
        ({"order": Order.PLACE}, ["Ätzend", "Root", "loop"]),
    ],
)
def test_query(query, expected):
    assert labels(**query) == expected


def test_an_open_query_wants_all():
    assert MarkQuery(order=Order.NAME).is_open
    assert not MarkQuery(words="x").is_open
    assert not MarkQuery(linked=False).is_open
