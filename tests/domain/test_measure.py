"""Lengths, rulers, and where two lines come closest."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region
from napari_vascular_loop.domain.measure import closest_approach, is_ruler, length_mm, length_text, words_of
from napari_vascular_loop.domain.reshape import moved, with_vertex, without_vertex

LINE = Path(((0.0, 0.0, 0.0), (10.0, 0.0, 0.0)))


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        (LINE, 10.0),
        (Path(((0, 0, 0), (3, 4, 0), (3, 4, 12))), 17.0),
        (Arrow((1, 2, 3), (1, 2, 5.5)), 2.5),
        (Point((1, 2, 3)), 0.0),
        (Region(((0, 0, 0), (3, 0, 0), (3, 4, 0))), 0.0),
    ],
)
def test_length(geometry, expected):
    assert length_mm(geometry) == pytest.approx(expected)


def test_a_ruler_says_its_length_beside_its_label():
    assert is_ruler(LINE)
    assert words_of(Annotation(LINE, "head")) == "10.0 mm"
    assert words_of(Annotation(LINE, "head", "Width of\nthe nerve")) == "Width of the nerve 10.0 mm"
    bent = Path((*LINE.vertices_ras_mm, (10.0, 5.0, 0.0)))
    assert not is_ruler(bent)
    assert words_of(Annotation(bent, "head", "AICA")) == "AICA"
    assert length_text(Point((1, 2, 3))) == ""


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # Crossing at right angles, 2 mm above each other.
        (LINE, Path(((4, -5, 2), (4, 5, 2))), ((4, 0, 0), (4, 0, 2))),
        # The nearest place is an end of both.
        (LINE, Path(((13, 4, 0), (20, 9, 0))), ((10, 0, 0), (13, 4, 0))),
        # An end of the one, and a place along the other.
        (LINE, Path(((12, -5, 0), (12, 5, 0))), ((10, 0, 0), (12, 0, 0))),
        # A point, and the third side of an outline.
        (Point((5, 3, 0)), LINE, ((5, 3, 0), (5, 0, 0))),
        (Point((-1, 5, 0)), Region(((0, 0, 0), (10, 0, 0), (0, 10, 0))), ((-1, 5, 0), (0, 5, 0))),
    ],
)
def test_closest_approach(one, other, expected):
    np.testing.assert_allclose(closest_approach(one, other), expected, atol=1e-9)
    np.testing.assert_allclose(closest_approach(other, one), expected[::-1], atol=1e-9)


def test_closest_approach_of_parallel_lines_is_their_distance():
    a, b = closest_approach(LINE, Path(((2, 3, 4), (30, 3, 4))))
    assert np.linalg.norm(np.subtract(a, b)) == pytest.approx(5.0)


def test_no_pair_of_places_is_closer_than_the_closest_approach():
    rng = np.random.default_rng(8)
    for _ in range(20):
        one, other = (Path(tuple(map(tuple, rng.uniform(-20, 20, (4, 3))))) for _ in range(2))
        a, b = closest_approach(one, other)
        least = float(np.linalg.norm(np.subtract(a, b)))
        dense = [
            np.vstack([np.linspace(p, q, 200) for p, q in itertools.pairwise(line.vertices_ras_mm)])
            for line in (one, other)
        ]
        sampled = np.linalg.norm(dense[0][:, None] - dense[1][None], axis=-1).min()
        assert least <= sampled + 1e-9
        assert least == pytest.approx(sampled, abs=0.3)


def test_corners_are_added_where_the_line_is_and_taken():
    path = Path(((0, 0, 0), (10, 0, 0), (10, 10, 0)))
    longer = with_vertex(path, (9.0, 4.0, 1.0))
    assert longer.vertices_ras_mm == ((0, 0, 0), (10, 0, 0), (10, 4, 0), (10, 10, 0))
    assert without_vertex(longer, 1).vertices_ras_mm == ((0, 0, 0), (10, 4, 0), (10, 10, 0))
    assert without_vertex(LINE, 0) is None
    region = Region(((0, 0, 0), (10, 0, 0), (0, 10, 0)))
    closing = with_vertex(region, (-1.0, 5.0, 0.0))
    assert closing.vertices_ras_mm[-1] == (0, 5, 0), "the side back to the first corner has corners, too"
    assert without_vertex(region, 2) is None
    assert with_vertex(Point((1, 2, 3)), (1, 2, 4)) is None
    assert without_vertex(Arrow((0, 0, 0), (1, 0, 0)), 0) is None


def test_a_vertex_that_would_fall_on_the_other_end_of_an_arrow_is_not_moved_there():
    arrow = Arrow((0, 0, 0), (5, 0, 0))
    assert moved(arrow, 0, np.array([5.0, 0, 0])) is None
    assert moved(arrow, 1, np.array([0, 2.0, 0])).vertices_ras_mm == ((0, 0, 0), (5, 2, 0))
