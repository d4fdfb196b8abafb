"""Annotation files: nothing is lost, not even what we don't know; errors say where the trouble is."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Grade, Path, Point, Region, Side
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.domain.errors import AnnotationError, LessonError
from napari_vascular_loop.domain.terms import STRUCTURES, structure_by_name
from napari_vascular_loop.formats.annotations.web_annotation import decode, encode

TIME = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LOOP = Annotation(
    Arrow((-20.1, -8.0, -39.2), (-10.9, -21.5, 0.1 + 0.2)),
    "tof",
    "Loop of the AICA",
    "At the root of the left facial nerve",
    "aica",
    Side.LEFT,
    Grade.MODERATE,
    "A. Teacher",
    TIME,
    TIME,
    (Passage("a loop", "there is ", " of vessel", 9, 15), Passage("the nerve", start=30, end=39)),
    "urn:uuid:00000000-0000-4000-8000-000000000001",
)


def document(*annotations: Annotation) -> dict[str, Any]:
    return json.loads(encode(annotations or (LOOP,)))


def decoded(changed: dict[str, Any]) -> tuple[Annotation, ...]:
    return decode(json.dumps(changed).encode())[0]


# ------------------------------------------------------------------ round trip

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
    places.map(Point),
    st.lists(places, min_size=2, max_size=5).map(lambda v: Path(tuple(v))),
    st.lists(places, min_size=3, max_size=5).map(lambda v: Region(tuple(v))),
)
passages = st.one_of(
    st.builds(Passage, st.text(min_size=1).filter(str.strip), st.text(), st.text()),
    st.builds(
        Passage,
        st.text(min_size=1).filter(str.strip),
        st.text(),
        st.text(),
        st.integers(0, 10**6),
        st.integers(0, 10**6),
    ),
)
free_texts = st.text(min_size=1).filter(lambda text: structure_by_name(text) is None)
times = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
annotations = st.builds(
    Annotation,
    geometries,
    st.text(min_size=1),
    st.text(),
    st.text(),
    st.one_of(st.none(), st.sampled_from([s.id for s in STRUCTURES]), free_texts),
    st.one_of(st.none(), st.sampled_from(Side)),
    st.one_of(st.none(), st.sampled_from(Grade)),
    st.text(),
    times,
    times,
    st.lists(passages, max_size=3, unique_by=lambda p: (p.exact, p.start)).map(tuple),
)


@given(st.lists(annotations, max_size=4).map(tuple))
@settings(deadline=None)
def test_any_annotation_comes_back_as_it_was(several):
    data = encode(several)
    back, foreign = decode(data)
    assert back == several
    assert encode(back, foreign) == data, "a file that was only read and written changed"


def test_the_example_of_the_design():
    (item,) = document()["first"]["items"]
    assert item["target"] == {
        "source": "volume:tof",
        "selector": {
            "type": "ArrowSelector",
            "coordinateSystem": "RAS",
            "unit": "mm",
            "tail": [-20.1, -8.0, -39.2],
            "tip": [-10.9, -21.5, 0.30000000000000004],
        },
    }
    assert (item["laterality"], item["compressionGrade"]) == ("left", "moderate")
    assert item["created"] == "2026-03-04T05:06:07Z"
    assert [(body["purpose"], body.get("value") or body["source"]) for body in item["body"]] == [
        ("identifying", "Loop of the AICA"),
        ("describing", "At the root of the left facial nerve"),
        ("classifying", "http://purl.obolibrary.org/obo/UBERON_0009689"),
        ("linking", "article.md"),
        ("linking", "article.md"),
    ]
    assert [selector["type"] for selector in item["body"][3]["selector"]] == [
        "TextQuoteSelector",
        "TextPositionSelector",
    ]


# ------------------------------------------------------------------ what we don't know


def with_strangers() -> dict[str, Any]:
    """A file in which another program has put members of its own at every level."""
    file = document()
    (item,) = file["first"]["items"]
    file["@context"].append({"other": "http://example.org/"})
    file["schemaVersion"] = "1.7"
    item["body"].append({"type": "Audio", "purpose": "commenting", "source": "http://example.org/voice.mp3"})
    item["body"].append({"type": "TextualBody", "purpose": "tagging", "value": "exam"})
    for level in (
        file,
        file["first"],
        item,
        item["creator"],
        item["target"],
        item["target"]["selector"],
        *item["body"],
    ):
        level["other:member"] = {"kept": [1, 2.5, "ü"]}
    return file


def test_unknown_members_survive_at_every_level():
    file = with_strangers()
    back, foreign = decode(json.dumps(file).encode())
    assert json.loads(encode(back, foreign)) == file


def test_unknown_members_survive_a_change():
    file = with_strangers()
    (annotation,), foreign = decode(json.dumps(file).encode())
    moved = replace(
        annotation, geometry=Arrow((0, 0, 0), (1, 1, 1)), label="New", structure="pica", side=None, author="B"
    )
    expected = copy.deepcopy(file)
    (item,) = expected["first"]["items"]
    item["target"]["selector"].update(tail=[0, 0, 0], tip=[1, 1, 1])
    item["body"][0]["value"] = "New"
    item["body"][2]["source"] = "http://purl.obolibrary.org/obo/UBERON_0009688"
    item["laterality"] = None
    item["creator"]["name"] = "B"
    assert json.loads(encode((moved,), foreign)) == expected


@pytest.mark.parametrize(
    ("change", "gone"),
    [
        ({"passages": LOOP.passages[1:]}, 3),
        ({"label": ""}, 0),
        ({"note": ""}, 1),
        ({"structure": None}, 2),
    ],
)
def test_what_is_taken_away_is_gone_and_only_that(change, gone):
    file = with_strangers()
    (annotation,), foreign = decode(json.dumps(file).encode())
    bodies = json.loads(encode((replace(annotation, **change),), foreign))["first"]["items"][0]["body"]
    kept = file["first"]["items"][0]["body"]
    assert bodies == kept[:gone] + kept[gone + 1 :]


def test_a_removed_annotation_is_gone_and_the_total_is_right():
    two = document(LOOP, replace(LOOP, id="urn:x", label="Second"))
    back, foreign = decode(json.dumps(two).encode())
    left = json.loads(encode(back[1:], foreign))
    assert left["total"] == 1
    assert [item["id"] for item in left["first"]["items"]] == ["urn:x"]


# ------------------------------------------------------------------ other spellings


@pytest.mark.parametrize(
    ("selector", "geometry"),
    [
        ({"type": "ArrowSelector", "tail": [1, 2, 3], "tip": [4, -5, 6]}, Arrow((-1, -2, 3), (-4, 5, 6))),
        ({"type": "PointSelector", "position": [1, 2, 3]}, Point((-1, -2, 3))),
        ({"type": "PathSelector", "vertices": [[1, 2, 3], [0, 0, 4]]}, Path(((-1, -2, 3), (0, 0, 4)))),
        (
            {"type": "RegionSelector", "vertices": [[1, 2, 3], [0, 0, 4], [5, 0, 0]]},
            Region(((-1, -2, 3), (0, 0, 4), (-5, 0, 0))),
        ),
    ],
)
def test_lps_is_converted_and_written_as_ras(selector, geometry):
    file = document()
    file["first"]["items"][0]["target"]["selector"] = {**selector, "coordinateSystem": "LPS", "unit": "mm"}
    (annotation,), foreign = decode(json.dumps(file).encode())
    assert annotation.geometry == geometry
    again = encode((annotation,), foreign)
    assert b"LPS" not in again
    assert decode(again)[0][0].geometry == geometry


def test_what_a_person_may_leave_out():
    (annotation,) = decoded(
        {
            "schemaVersion": "1.0",
            "first": {
                "items": [{"target": {"source": "tof", "selector": {"type": "PointSelector", "position": [1, 2, 3]}}}]
            },
        }
    )
    assert annotation.geometry == Point((1, 2, 3))
    assert annotation.volume_id == "tof"
    assert annotation.id.startswith("urn:uuid:")
    assert annotation.passages == ()


def test_structures_by_name_or_unknown_address():
    file = document()
    bodies = file["first"]["items"][0]["body"]
    bodies[2] = {"type": "TextualBody", "purpose": "classifying", "value": "PICA"}
    assert decoded(file)[0].structure == "pica"
    bodies[2] = {"type": "SpecificResource", "purpose": "classifying", "source": "http://example.org/9"}
    assert decoded(file)[0].structure == "http://example.org/9"
    assert b"http://example.org/9" in encode(decoded(file))


# ------------------------------------------------------------------ errors

SELECTOR = ("first", "items", 0, "target", "selector")
REMOVE = object()


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ((*SELECTOR, "tip"), [1, 2], "item 0, target.selector.tip: expected array of length 3, got 2"),
        ((*SELECTOR, "tip"), "there", "item 0, target.selector.tip: expected array, got str ('there')"),
        ((*SELECTOR, "tip", 1), "5", "item 0, target.selector.tip[1]: expected float, got str ('5')"),
        ((*SELECTOR, "tip", 1), float("nan"), "item 0, target.selector.tip[1] is NaN, which is no number"),
        ((*SELECTOR, "tip", 2), float("inf"), "item 0, target.selector.tip[2] is Infinity, which is no number"),
        ((*SELECTOR, "tip", 2), 1e9, "item 0, target.selector.tip[2]: expected float <= 100000.0 (1000000000.0)"),
        ((*SELECTOR, "tip"), REMOVE, "item 0, target.selector: object missing required field tip"),
        ((*SELECTOR, "tip"), [-20.1, -8.0, -39.2], "item 0, an arrow needs a length"),
        ((*SELECTOR, "type"), "CircleSelector", "item 0, target.selector.type: invalid value 'CircleSelector'"),
        ((*SELECTOR, "type"), REMOVE, "item 0, target.selector: object missing required field type"),
        ((*SELECTOR, "unit"), "cm", "target.selector.unit should be 'mm', got 'cm'"),
        ((*SELECTOR, "coordinateSystem"), "MNI", "target.selector.coordinateSystem should be 'RAS', got 'MNI'"),
        (("first", "items", 0, "target"), REMOVE, "item 0: object missing required field target"),
        (("first", "items", 0, "laterality"), "port", "item 0, laterality: invalid enum value 'port'"),
        (("first", "items", 0, "compressionGrade"), 3, "item 0, compressionGrade: expected str | null, got int (3)"),
        (("first", "items", 0, "created"), "yesterday", "item 0, created: invalid RFC3339"),
        (("first", "items", 0), "an arrow", "item 0: it should hold a JSON object, not a text"),
        (("first", "items"), {}, "first.items should be the list"),
        (("first",), REMOVE, "first.items should be the list"),
        (("schemaVersion",), "2.0", "written by a later version of this program (schemaVersion 2.0); update"),
        (("schemaVersion",), 1, "schemaVersion should be like '1.0', got 1"),
        (("schemaVersion",), REMOVE, "schemaVersion should be like '1.0', got None"),
    ],
)
def test_errors_name_file_item_member_and_value(path, value, said):
    file = document()
    part = file
    for key in path[:-1]:
        part = part[key]
    if value is REMOVE:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    with pytest.raises(LessonError) as raised:
        decode(json.dumps(file).encode(), "marks.json")
    assert str(raised.value).startswith("marks.json")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1, column 1: it is cut short"),
        (encode((LOOP,))[:-300], "it is cut short|delimiter|Unterminated|Expecting"),
        (b'{"schemaVersion": "1.0", "first": {}, "first": {}}', "the member 'first' stands twice"),
        (b'{"schemaVersion": "1.0", "x": {"a": {"b": 1, "b": 2}}}', "marks.json, x.a: the member 'b' stands twice"),
        (b"[1, 2]", "JSON object, not a list"),
        (b"\xff\xfe{}", "not UTF-8 text"),
        (b'{"a": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"a": 1,\n "b" 2}', "line 2, column 6"),
    ],
)
def test_files_that_are_no_such_json(data, said):
    with pytest.raises(LessonError, match=said) as raised:
        decode(data, "marks.json")
    assert str(raised.value).startswith("marks.json")
    assert "\n" not in str(raised.value)


def test_a_byte_order_mark_is_let_pass():
    assert decode(b"\xef\xbb\xbf" + encode((LOOP,)))[0] == (LOOP,)


def test_a_file_is_laid_out_for_people_and_for_git():
    written = encode((replace(LOOP, label="Schlinge, 神経 🧠"),)).decode()
    lines = [line.strip().rstrip(",") for line in written.splitlines()]
    assert '"tip": [-10.9, -21.5, 0.30000000000000004]' in lines
    assert '"value": "Schlinge, 神経 🧠"' in lines
    assert written.endswith("}\n")
