"""The nearest place of a mark; every answer can be worked out on paper."""

from __future__ import annotations

import math

import numpy as np
import pytest

from napari_vascular_loop.domain.annotation import Arrow, Path, Point, Region
from napari_vascular_loop.domain.nearest import distance_to_mm, nearest_of, nearest_ras_mm

L_SHAPE = Region(((10, 0, 5), (16, 0, 5), (16, 2, 5), (12, 2, 5), (12, 8, 5), (10, 8, 5)))
BENT = Path(((0, 0, 0), (10, 0, 0), (10, 20, 0)))


@pytest.mark.parametrize(
    ("geometry", "place", "nearest"),
    [
        pytest.param(Arrow((0, 0, 0), (3, 4, 12)), (3, 4, 13), (3, 4, 12), id="an arrow is its tip"),
        pytest.param(Arrow((0, 0, 0), (3, 4, 12)), (0, 0, 0), (3, 4, 12), id="not its tail"),
        pytest.param(Point((-3, 7, 1)), (-3, 7, 5), (-3, 7, 1), id="a point"),
        pytest.param(BENT, (4, -3, 0), (4, 0, 0), id="beside a path"),
        pytest.param(BENT, (13, 12, 4), (10, 12, 0), id="beside its second stretch"),
        pytest.param(BENT, (-5, 0, 0), (0, 0, 0), id="before its beginning"),
        pytest.param(BENT, (10, 26, 0), (10, 20, 0), id="after its end"),
        pytest.param(L_SHAPE, (11, 7, 5), (11, 7, 5), id="inside an outline"),
        pytest.param(L_SHAPE, (11, 7, 9), (11, 7, 5), id="above its inside"),
        pytest.param(L_SHAPE, (15, 3, 5), (15, 2, 5), id="in the nook of the L, which is outside"),
        pytest.param(L_SHAPE, (18, 1, 5), (16, 1, 5), id="beside an outline"),
        pytest.param(L_SHAPE, (9, 4, 5), (10, 4, 5), id="beside its closing side"),
    ],
)
def test_nearest_place(geometry, place, nearest):
    assert nearest_ras_mm(geometry, place) == pytest.approx(nearest)
    assert distance_to_mm(geometry, place) == pytest.approx(math.dist(place, nearest))


def test_an_outline_on_a_tilted_slice_is_as_good():
    turn = np.array([[1, 0, 0], [0, math.cos(0.3), -math.sin(0.3)], [0, math.sin(0.3), math.cos(0.3)]])
    tilted = Region(tuple(tuple(turn @ v) for v in L_SHAPE.vertices_ras_mm))
    assert distance_to_mm(tilted, tuple(turn @ (11, 7, 5))) == pytest.approx(0, abs=1e-9)
    assert distance_to_mm(tilted, tuple(turn @ (15, 3, 5))) == pytest.approx(1)
    assert distance_to_mm(tilted, tuple(turn @ (11, 7, 9))) == pytest.approx(4)


def test_flat_and_repeated_vertices_do_no_harm():
    assert distance_to_mm(Region(((0, 0, 0), (4, 0, 0), (8, 0, 0))), (4, 3, 0)) == pytest.approx(3)
    assert distance_to_mm(Path(((1, 1, 1), (1, 1, 1))), (1, 1, 3)) == pytest.approx(2)


def test_the_nearest_of_several_marks_counts():
    marks = [Point((0, 0, 0)), BENT, Point((10, 5, 3))]
    assert nearest_of(marks, (10, 5, 2)) == (1.0, (10, 5, 3))
    assert nearest_of([], (1, 2, 3))[0] == math.inf
