"""conflicts.json comes back as it was, and says in words what is in it."""

from __future__ import annotations

import json

import pytest

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Grade, Point, Side
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.merge import Conflict
from napari_vascular_loop.formats.conflicts_json import decode, encode

MARK = Annotation(Arrow((1, 2, 3), (4, 5, 6)), "tof", "Loop", author="A", side=Side.LEFT)
CONFLICTS = [
    Conflict("urn:a", "label", "Loop", "old", "Où", "theirs"),
    Conflict("urn:a", "geometry", "Loop", Point((1, 2, 3)), MARK.geometry, Point((7, 8, 9))),
    Conflict("urn:a", "side", "Loop", None, Side.LEFT, Side.RIGHT),
    Conflict("urn:a", "grade", "Loop", None, Grade.MILD, Grade.SEVERE),
    Conflict("urn:a", "structure", "Loop", None, "facial_nerve", "something else"),
    Conflict("urn:a", "volume_id", "Loop", "tof", "t1", "ciss"),
    Conflict("urn:a", "deleted", "Loop", MARK, None, MARK.changed(label="x")),
    Conflict("", "article", "Lesson", "a\n", "b\n", "c\n"),
    Conflict("", "title", "Lesson", None, "Ours", "Theirs"),
    Conflict("", "authors", "Lesson", (), ("A",), ("B", "C")),
    Conflict("", "objectives", "Lesson", (), ("see the loop",), ("see it", "name it")),
    Conflict("", "minutes", "Lesson", None, 20, 40),
]


@pytest.mark.parametrize("conflict", CONFLICTS, ids=lambda one: one.member)
def test_a_conflict_comes_back(conflict):
    data = encode([conflict])
    assert decode(data) == (conflict,)
    assert json.loads(data)["conflicts"][0]["said"] == conflict.words


@pytest.mark.parametrize("data", [b"", b"{}", b'{"conflicts": [1]}', b'{"conflicts": [{"annotation": "x"}]}'])
def test_what_is_none_is_said(data):
    with pytest.raises(LessonError, match=r"conflicts\.json"):
        decode(data)
