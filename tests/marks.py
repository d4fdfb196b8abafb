"""Annotations for the tests of other programs' files: four that no flip can pass, and any."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Grade, Path, Point, Region, Side
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.domain.errors import AnnotationError, LessonError
from napari_vascular_loop.domain.mark_view import MarkView, SlabProjection
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.domain.terms import STRUCTURES, structure_by_name

TIME = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LATER = datetime(2026, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)

LOOP = Annotation(
    Arrow((-20.1, -8.0, -39.2), (-10.9, -21.5, 0.1 + 0.2)),
    "tof",
    "Loop of the AICA",
    'At the root of the left facial nerve, "kissing" it;\nsee below: [vascular-loop {"id": "x"}]',
    "aica",
    Side.LEFT,
    Grade.MODERATE,
    "A. Teacher",
    TIME,
    LATER,
    (Passage("a loop", "there is ", " of vessel", 9, 15), Passage("the\nnerve, [vascular-loop ", start=30, end=39)),
    "urn:uuid:00000000-0000-4000-8000-000000000001",
    MarkView(Plane.CORONAL, 62.5, (-20.0, 810.5), 7.5, SlabProjection.MAXIMUM),
)
NERVE = Annotation(
    Path(((-11.5, -22.25, -38.0), (-14.0, -20.5, -37.125), (-19.75, -17.0, -36.5))),
    "tof",
    "=Facial nerve, 神経 🧠",
    "",
    "own words, with a comma",
    created=TIME,
    modified=TIME,
    id="urn:uuid:00000000-0000-4000-8000-000000000002",
)
OUTLINE = Annotation(
    Region(((3.5, -30.0, -41.0), (9.0, -31.5, -41.0), (7.25, -36.0, -41.0), (2.0, -34.5, -41.0))),
    "tof",
    "Pons",
    created=TIME,
    modified=TIME,
    id="urn:uuid:00000000-0000-4000-8000-000000000003",
)
SPOT = Annotation(
    Point((12.5, -40.75, -55.0)),
    "tof",
    "",
    "A place\r\nwithout a label",
    side=Side.RIGHT,
    created=TIME,
    modified=TIME,
    id="urn:uuid:00000000-0000-4000-8000-000000000004",
)
SECOND_SPOT = replace(SPOT, geometry=Point((-1.5, 2.25, 3.0)), label="'=Second", id="another-id")
# Points with a line between them: an order that files with one list of points have to bring back.
ALL = (SPOT, LOOP, NERVE, SECOND_SPOT, OUTLINE)

coordinates = st.floats(-1e5, 1e5, allow_nan=False)
places = st.tuples(coordinates, coordinates, coordinates)


def apart(tail_and_tip: tuple[Any, Any]) -> bool:
    try:
        Arrow(*tail_and_tip)
    except AnnotationError:
        return False
    return True


geometries = st.one_of(
    st.tuples(places, places).filter(apart).map(lambda ends: Arrow(*ends)),
    st.builds(Point, places, st.booleans()),
    st.lists(places, min_size=2, max_size=5).map(lambda v: Path(tuple(v))),
    st.lists(places, min_size=3, max_size=5).map(lambda v: Region(tuple(v))),
)
_some_words = st.text(min_size=1).filter(str.strip)
passages = st.one_of(
    st.builds(Passage, _some_words, st.text(), st.text()),
    st.builds(Passage, _some_words, st.text(), st.text(), st.integers(0, 10**6), st.integers(0, 10**6)),
)
times = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
annotations = st.builds(
    Annotation,
    geometries,
    st.just("tof"),
    st.text(),
    st.text(),
    st.one_of(
        st.none(),
        st.sampled_from([s.id for s in STRUCTURES]),
        st.text(min_size=1).filter(lambda text: structure_by_name(text) is None),
    ),
    st.one_of(st.none(), st.sampled_from(Side)),
    st.one_of(st.none(), st.sampled_from(Grade)),
    st.text(),
    times,
    times,
    st.lists(passages, max_size=3, unique_by=lambda p: " ".join(p.exact.split())).map(tuple),
)
viewed = st.builds(
    lambda annotation, view: replace(annotation, view=view),
    annotations,
    st.one_of(
        st.none(),
        st.builds(
            MarkView,
            st.one_of(st.none(), st.sampled_from(Plane)),
            st.one_of(st.none(), st.floats(0.1, 2000)),
            st.one_of(st.none(), st.tuples(st.floats(-1e6, 0), st.floats(1, 1e6))),
            st.one_of(st.none(), st.floats(0, 2000)),
            st.one_of(st.none(), st.sampled_from(SlabProjection)),
        ),
    ),
)
several = st.lists(viewed, max_size=4).map(tuple)


def differences(meant: tuple[Annotation, ...], found: tuple[Annotation, ...]) -> list[str]:
    """Say how annotations differ, for an assertion that can be read."""
    if len(meant) != len(found):
        return [f"{len(meant)} annotations were written, {len(found)} came back"]
    return [
        f"{one.title}: {field.name} was {getattr(one, field.name)!r}, came back {getattr(other, field.name)!r}"
        for one, other in zip(meant, found, strict=True)
        for field in fields(Annotation)
        if field.compare and getattr(one, field.name) != getattr(other, field.name)
    ]


def read_or_refused(decode: Any, data: bytes, name: str) -> None:
    """Read a damaged file: it may be refused, in one sentence, but nothing else may happen."""
    try:
        decode(data, name, "tof")
    except LessonError as error:
        said = str(error)
    else:
        return
    assert "\n" not in said
    assert said.startswith(name)
