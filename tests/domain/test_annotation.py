"""Annotations: a mark that makes no sense can't be made."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from napari_vascular_loop.domain.annotation import (
    Annotation,
    Arrow,
    Grade,
    Path,
    Point,
    Region,
    Side,
    new_id,
    with_vertices,
)
from napari_vascular_loop.domain.errors import AnnotationError

A, B, C = (1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 9.0, 8.0)
NAN = (1.0, math.nan, 3.0)
LONG_AGO = datetime(2001, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Arrow(A, A), "length of at least 0.1 mm"),
        (lambda: Arrow(A, (1.0, 2.0, 3.05)), "length of at least 0.1 mm"),
        (lambda: Arrow(A, NAN), "finite"),
        (lambda: Arrow((1, 2), B), "three numbers"),
        (lambda: Point(NAN), "finite"),
        (lambda: Point((1e9, 0, 0)), "finite numbers in mm"),
        (lambda: Path((A,)), "at least two vertices, got 1"),
        (lambda: Path((A, B, NAN)), r"path\[2\]"),
        (lambda: Region((A, B)), "at least three vertices, got 2"),
        (lambda: Region((A, B, (0, math.inf, 0))), r"region\[2\]"),
    ],
)
def test_a_geometry_that_makes_no_sense_is_refused(make, said):
    with pytest.raises(AnnotationError, match=said):
        make()


@pytest.mark.parametrize(
    ("geometry", "anchor", "count"),
    [
        (Arrow(A, B), B, 2),
        (Point(A), A, 1),
        (Path((A, B, C)), B, 3),
        (Region((A, B, C)), (4.0, 16 / 3, 17 / 3), 3),
    ],
)
def test_the_anchor_is_what_the_mark_is_about(geometry, anchor, count):
    assert geometry.anchor_ras_mm == pytest.approx(anchor)
    assert len(geometry.vertices_ras_mm) == count
    assert with_vertices(geometry, geometry.vertices_ras_mm) == geometry


@pytest.mark.parametrize(
    ("geometry", "vertices", "result"),
    [
        (Arrow(A, B), (B, C), Arrow(B, C)),
        (Point(A), (C,), Point(C)),
        (Path((A, B)), (C, B, A), Path((C, B, A))),
        (Region((A, B, C)), (C, B, A, (0, 0, 0)), Region((C, B, A, (0, 0, 0)))),
    ],
)
def test_a_mark_keeps_its_kind_when_it_is_moved(geometry, vertices, result):
    assert with_vertices(geometry, vertices) == result


@pytest.mark.parametrize(
    ("geometry", "vertices"),
    [
        (Arrow(A, B), (A,)),
        (Arrow(A, B), (A, B, C)),
        (Point(A), (A, B)),
        (Path((A, B)), (A,)),
        (Region((A, B, C)), (A, B)),
    ],
)
def test_another_number_of_vertices_is_refused(geometry, vertices):
    with pytest.raises(AnnotationError):
        with_vertices(geometry, vertices)


def test_places_are_plain_floats_and_no_minus_zero():
    point = Point((-0.0, 1, 2))
    assert point.position_ras_mm == (0.0, 1.0, 2.0)
    assert math.copysign(1, point.position_ras_mm[0]) == 1


def test_a_change_keeps_all_else_and_says_when():
    before = Annotation(Point(A), "tof", "Loop", side=Side.LEFT, created=LONG_AGO, modified=LONG_AGO)
    after = before.changed(label="Hairpin", grade=Grade.MILD)
    assert (after.label, after.grade, after.side, after.id) == ("Hairpin", Grade.MILD, Side.LEFT, before.id)
    assert after.created == LONG_AGO
    assert (datetime.now(UTC) - after.modified).total_seconds() < 60
    assert before.label == "Loop"


@pytest.mark.parametrize(
    ("label", "title"),
    [("Loop", "Loop"), ("  Loop ", "Loop"), ("", "point without a label"), (" ", "point without a label")],
)
def test_a_mark_without_a_label_has_a_title_still(label, title):
    assert Annotation(Point(A), "tof", label).title == title


def test_ids_are_unique_urns():
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(one.startswith("urn:uuid:") for one in ids)


def test_grades_are_those_of_campos_benitez_and_kaufmann():
    assert {grade.value: grade.definition.split()[0] for grade in Grade} == {
        "mild": "contact",
        "moderate": "indentation",
        "severe": "deviation",
    }


def test_side_and_grade_may_be_given_as_words():
    mark = Annotation(Point(A), "tof", side="left", grade="severe")
    assert mark.side is Side.LEFT
    assert mark.grade is Grade.SEVERE


@pytest.mark.parametrize("values", [{"side": "port"}, {"grade": "IV"}])
def test_another_word_for_side_or_grade_is_refused(values):
    with pytest.raises(AnnotationError, match=next(iter(values.values()))):
        Annotation(Point(A), "tof", **values)
