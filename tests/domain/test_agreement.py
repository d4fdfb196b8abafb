"""How far apart teachers put their marks."""

from __future__ import annotations

import pytest

from napari_vascular_loop.domain.agreement import agreements, distance_mm
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region, Side

LINE = Path(((0, 0, 0), (10, 0, 0), (10, 20, 0)))
SQUARE = Region(((0, 0, 5), (4, 0, 5), (4, 4, 5), (0, 4, 5)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Point((0, 0, 0)), Point((1, 2, 2)), 3),
        (Arrow((9, 9, 9), (0, 0, 0)), Point((0, 3, 4)), 5),
        (Point((5, 3, 0)), LINE, 3),
        (Point((10, 25, 0)), LINE, 5),
        (Point((-3, -4, 0)), LINE, 5),
        (Point((0, 2, 5)), SQUARE, 0),
        (LINE, Path(((5, 1, 0), (5, 9, 0))), 1),
        (SQUARE, Point((2, -2, 5)), 2),
    ],
)
def test_distances(one, other, expected):
    assert distance_mm(one, other) == pytest.approx(expected)
    assert distance_mm(other, one) == pytest.approx(expected)


def mark(author: str, x: float, **values: object) -> Annotation:
    told = {"structure": "facial_nerve", "side": Side.LEFT, **values}
    return Annotation(Point((x, 0, 0)), "tof", f"{author} {x}", author=author, **told)  # type: ignore[arg-type]


def test_marks_of_the_same_thing_are_paired_the_closest_first():
    marks = [mark("A", 0), mark("A", 10), mark("B", 9), mark("B", 3)]
    assert [(a.one.label, a.other.label, a.distance_mm) for a in agreements(marks)] == [
        ("A 10", "B 9", 1.0),
        ("A 0", "B 3", 3.0),
    ]


def test_each_two_authors_are_compared():
    found = agreements([mark("A", 0), mark("B", 1), mark("C", 3)])
    assert sorted(a.distance_mm for a in found) == [1.0, 2.0, 3.0]


def test_what_is_not_of_the_same_thing_is_not_compared():
    marks = [mark("A", 0), mark("A", 1), mark("B", 0, side=Side.RIGHT), mark("C", 0, structure="aica"), mark("", 0)]
    assert agreements(marks) == ()
    assert agreements([mark("A", 0), mark("B", 0, structure=None)]) == ()
