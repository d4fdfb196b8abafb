"""Annotation files: nothing is lost, not even what we don't know; errors say where the trouble is."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from textwrap import indent
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from marks import apart, geometries, passages, places, times

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Grade, Path, Point, Region, Side
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.domain.errors import AnnotationError, LessonError
from napari_vascular_loop.domain.terms import STRUCTURES, structure_by_name
from napari_vascular_loop.formats.annotations import checked_geometry, web_annotation
from napari_vascular_loop.formats.annotations.web_annotation import decode, encode

REMOVE = object()
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

free_texts = st.text(min_size=1).filter(lambda text: structure_by_name(text) is None)
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


def test_a_text_is_a_point_that_says_so_and_other_words_there_are_of_others():
    text = replace(LOOP, geometry=Point((1.5, -2.5, 3.25), as_text=True), label="Mind the vein")
    (item,) = document(text)["first"]["items"]
    selector = {"type": "PointSelector", "coordinateSystem": "RAS", "unit": "mm", "position": [1.5, -2.5, 3.25]}
    assert item["target"]["selector"] == {**selector, "shownAs": "text"}
    (read,) = decoded(document(text))
    assert read == text
    # Made a point, it says so no more; a word that is not ours makes no text of it, and stays.
    point = replace(read, geometry=Point((1.5, -2.5, 3.25)))
    assert document(point)["first"]["items"][0]["target"]["selector"] == selector
    strange = document(text)
    strange["first"]["items"][0]["target"]["selector"]["shownAs"] = {"their": "own"}
    (read,) = decoded(strange)
    assert read.geometry == Point((1.5, -2.5, 3.25))
    kept = document(read)["first"]["items"][0]["target"]["selector"]
    assert kept["shownAs"] == {"their": "own"}
    lps = document(text)
    lps["first"]["items"][0]["target"]["selector"]["coordinateSystem"] = "LPS"
    assert decoded(lps)[0].geometry == Point((-1.5, 2.5, 3.25), as_text=True)


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


# ------------------------------------------------------------------ members of others, anywhere

leaves = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(-1e300, 1e300) | st.text(max_size=8)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
names = st.text(min_size=1, max_size=8).map("x:".__add__)


def objects_of(value: Any) -> list[dict[str, Any]]:
    """All objects of a document but its contexts."""
    if isinstance(value, list):
        return [one for item in value for one in objects_of(item)]
    if isinstance(value, dict):
        return [value, *(one for key, item in value.items() if key != "@context" for one in objects_of(item))]
    return []


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_any_member_of_another_program_anywhere_survives_a_rewrite_and_a_change(data):
    file = document(LOOP, replace(LOOP, id="urn:x", geometry=Region(((0, 0, 0), (1, 0, 0), (0, 2, 0)))))
    for one in data.draw(st.lists(st.sampled_from(objects_of(file)), min_size=1, max_size=5)):
        one[data.draw(names)] = data.draw(values)
    several, foreign = decode(json.dumps(file).encode())
    assert json.loads(encode(several, foreign)) == file
    assert json.loads(encode([replace(one, label="New", note="New too") for one in several], foreign)) == with_texts(
        file
    )


def with_texts(file: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(file)
    for item in changed["first"]["items"]:
        item["body"][0]["value"], item["body"][1]["value"] = "New", "New too"
    return changed


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("creator",), "http://example.org/people/7"),
        (("creator",), [{"type": "Person", "name": "A"}, "http://example.org/people/7"]),
        (("creator",), {"type": "Person", "name": ["A", "B"]}),
        (("creator",), {"id": "http://example.org/people/7"}),
        (("creator",), None),
        (("body",), "http://example.org/remark"),
        (("body",), ["http://example.org/remark", {"type": "Choice", "items": [1]}]),
        (("body",), {"type": ["TextualBody", "x:Text"], "purpose": ["identifying", "tagging"], "value": "Loop"}),
        (("body", 2), {"purpose": "classifying", "source": "urn:x:9", "value": "beside it"}),
        (("body", 3, "source"), "http://example.org/paper"),
        (("body", 3, "source"), "./article.md"),
        (("body", 3, "selector", 0, "exact"), "  "),
        (("body", 3, "selector"), {"type": "TextQuoteSelector", "exact": "a loop", "x:y": 1}),
        (("body", 3, "selector"), "http://example.org/selector"),
        (("body", 3, "selector", 1), {"type": "RangeSelector", "startSelector": {"value": "//p[1]"}}),
        (("target", "source"), "tof"),
        (("motivation",), "assessing"),
        (("created",), "2026-03-04T06:06:07.5+01:00"),
        (("modified",), None),
        (("type",), ["Annotation", "x:Mark"]),
    ],
)
def test_what_the_w3c_model_allows_survives_a_change_of_the_geometry(place, value):
    file = document()
    (item,) = file["first"]["items"]
    part: Any = item
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    (annotation,), foreign = decode(json.dumps(file).encode())
    item["target"]["selector"] |= {"tail": [1, -2, 3], "tip": [4, 5, -6]}
    moved = replace(annotation, geometry=Arrow((1, -2, 3), (4, 5, -6)))
    (again,) = json.loads(encode([moved], foreign))["first"]["items"]
    if isinstance(item["body"], str | dict):
        item["body"] = [item["body"]]
    if item["modified"] is None:
        item["modified"] = item["created"]
    assert again == item


def test_links_are_written_in_the_order_that_they_have_and_each_keeps_what_else_is_said_of_it():
    first, second, third = (Passage(words, start=n, end=n + 1) for n, words in enumerate(("a", "b", "c")))
    file = json.loads(encode((LOOP.changed(passages=(first, third)),)))
    bodies = file["first"]["items"][0]["body"]
    for body in bodies:
        if body["purpose"] == "linking":
            body["x:of"] = body["selector"][0]["exact"]
    (read,), foreign = decode(json.dumps(file).encode())
    again = json.loads(encode((read.changed(passages=(third, second, first)),), foreign))
    links = [body for body in again["first"]["items"][0]["body"] if body["purpose"] == "linking"]
    assert [(body["selector"][0]["exact"], body.get("x:of")) for body in links] == [("c", "c"), ("b", None), ("a", "a")]


def test_a_link_to_another_source_is_no_passage_and_is_kept():
    file = document()
    file["first"]["items"][0]["body"][3]["source"] = "http://example.org/paper"
    (annotation,), foreign = decode(json.dumps(file).encode())
    assert [passage.exact for passage in annotation.passages] == ["the nerve"]
    assert b"http://example.org/paper" in encode([replace(annotation, passages=())], foreign)


def test_a_passage_that_was_found_elsewhere_keeps_what_others_say_of_it():
    file = document()
    link = file["first"]["items"][0]["body"][3]
    link["selector"][0]["x:y"] = link["x:z"] = "kept"
    link["selector"].append({"type": "CssSelector", "value": "p"})
    (annotation,), foreign = decode(json.dumps(file).encode())
    found = Passage("the loop", "and ", " of", 40, 48)
    (item,) = json.loads(encode([replace(annotation, passages=(found, annotation.passages[1]))], foreign))["first"][
        "items"
    ]
    link["selector"][0] |= {"exact": "the loop", "prefix": "and ", "suffix": " of"}
    link["selector"][1] |= {"start": 40, "end": 48}
    assert item["body"][3] == link
    unplaced = Passage("the loop")
    (item,) = json.loads(encode([replace(annotation, passages=(unplaced,))], foreign))["first"]["items"]
    assert [s["type"] for s in item["body"][3]["selector"]] == ["TextQuoteSelector"]


def test_a_mark_of_another_kind_leaves_no_coordinates_of_the_old_one():
    file = document()
    file["first"]["items"][0]["target"]["selector"]["x:y"] = "kept"
    (annotation,), foreign = decode(json.dumps(file).encode())
    (item,) = json.loads(encode([replace(annotation, geometry=Point((1, -2, 3)))], foreign))["first"]["items"]
    assert item["target"]["selector"] == {
        "type": "PointSelector",
        "coordinateSystem": "RAS",
        "unit": "mm",
        "position": [1, -2, 3],
        "x:y": "kept",
    }


def test_the_same_items_elsewhere_in_the_file_are_kept():
    for place in ("before", "after", "in the page"):
        file = document()
        copies = {"x:copy": copy.deepcopy(file["first"]["items"])}
        if place == "before":
            file = {**copies, **file}
        elif place == "after":
            file |= copies
        else:
            file["first"] |= copies
        several, foreign = decode(json.dumps(file).encode())
        assert len(several) == 1
        assert json.loads(encode(several, foreign)) == file


# ------------------------------------------------------------------ only what changed is written


def laid_out_by_hand() -> str:
    """Three annotations with four spaces, members in an order of their own, numbers as a person types them."""
    return json.dumps(
        {
            "first": {
                "items": [
                    {
                        "target": {
                            "selector": {"position": [n, -2, 3], "type": "PointSelector"},
                            "source": "volume:tof",
                        },
                        "id": f"urn:x:{n}",
                    }
                    for n in range(3)
                ]
            },
            "schemaVersion": "1.0",
        },
        indent=4,
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_annotation_that_was_not_changed_stays_as_it_was_typed(line_end):
    text = laid_out_by_hand()
    several, foreign = decode(text.replace("\n", line_end).encode())
    first, second, third = several
    written = encode([first, replace(second, label="New"), third], foreign).decode()
    items = json.loads(text)["first"]["items"]
    texts = [indent(json.dumps(item, indent=4), " " * 12).strip() for item in items]
    assert [one in written for one in texts] == [True, False, True]
    assert '"label"' not in written
    assert written.count('"New"') == 1
    assert "\r" not in written
    again = decode(written.encode())[0]
    assert [one.geometry for one in again] == [Point((n, -2, 3)) for n in range(3)]


def test_what_stands_in_one_line_is_laid_out_when_it_is_written():
    several, foreign = decode(json.dumps(document(LOOP)).encode())
    assert encode(several, foreign) == encode((LOOP,))


def test_of_many_annotations_only_those_that_changed_are_rendered(monkeypatch):
    several = tuple(replace(LOOP, id=f"urn:x:{n}") for n in range(50))
    data = encode(several)
    read, foreign = decode(data)
    rendered: list[str] = []
    item_of = web_annotation.item_of
    monkeypatch.setattr(web_annotation, "item_of", lambda one: rendered.append(one.id) or item_of(one))
    assert encode(read, foreign) == encode(several) == data
    changed = (*read[:7], replace(read[7], label="New"), *read[8:])
    assert encode(changed, foreign) == encode(changed, foreign) != data
    assert encode(read, foreign) == data, "undo brings back the very text"
    assert encode(changed[::-1], foreign).count(b'"New"') == 1
    assert rendered == ["urn:x:7"]


# ------------------------------------------------------------------ ids and times


@pytest.mark.parametrize("missing", [REMOVE, None])
def test_an_annotation_without_an_id_gets_one_that_stays(missing):
    file = document(LOOP, LOOP, replace(LOOP, label="Other"))
    for item in file["first"]["items"]:
        item["id"] = missing
        if missing is REMOVE:
            del item["id"]
    data = json.dumps(file, indent=2).encode()
    several, foreign = decode(data)
    ids = [one.id for one in several]
    assert len(set(ids)) == 3
    assert all(one.startswith("urn:uuid:") for one in ids)
    assert [one.id for one in decode(data)[0]] == ids
    assert [one.id for one in decode(encode(several, foreign))[0]] == ids


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["a", "b", "a"], "m.json: item 2, id (a) is that of item 0 too; give one of them another"),
        (["a", 7, "b"], "m.json: item 1, id: expected str | null, got int (7)"),
        (["a", "b", ""], "m.json: item 2, id: expected str of length >= 1 ('')"),
        ([["a"], "b", "c"], "m.json: item 0, id: expected str | null, got array"),
        (["x\n" * 99] * 3, "m.json: item 1, id (x?x?x?x?x?"),
    ],
)
def test_ids_that_collide_or_are_none(ids, said):
    file = document(*(replace(LOOP, id=f"urn:{n}") for n in range(3)))
    for item, one in zip(file["first"]["items"], ids, strict=True):
        item["id"] = one
    with pytest.raises(LessonError) as raised:
        decode(json.dumps(file).encode(), "m.json")
    assert str(raised.value).startswith(said)
    assert len(str(raised.value)) < 200


def test_a_hundred_thousand_ids_that_collide_are_found_at_once():
    one = '{"id":"a","target":{"source":"t","selector":{"type":"PointSelector","position":[1,2,3]}}}'
    items = ",".join([one.replace('"a"', f'"{n}"') for n in range(20_000)] + [one, one])
    with pytest.raises(LessonError, match="item 20001, id"):
        decode(f'{{"schemaVersion":"1.0","first":{{"items":[{items}]}}}}'.encode())


@pytest.mark.parametrize(
    ("created", "said"),
    [
        ("9999-12-31T23:59:59-14:00", "created is outside the years 1 to 9999"),
        ("0001-01-01T00:00:00+14:00", "created is outside the years 1 to 9999"),
        ("0000-01-01T00:00:00Z", "created: invalid RFC3339"),
        ("2026-02-30T00:00:00Z", "created: invalid RFC3339"),
        ("10000-01-01T00:00:00Z", "created: invalid RFC3339"),
        (1e18, "created: expected datetime | null, got float (1e+18)"),
    ],
)
def test_dates_out_of_range(created, said):
    file = document()
    file["first"]["items"][0]["created"] = created
    with pytest.raises(LessonError) as raised:
        decoded(file)
    assert said in str(raised.value)


def test_a_time_that_the_file_does_not_tell_is_not_made_up():
    file = document()
    del file["first"]["items"][0]["created"], file["first"]["items"][0]["modified"]
    (annotation,), foreign = decode(json.dumps(file).encode())
    (item,) = json.loads(encode([replace(annotation, label="New")], foreign))["first"]["items"]
    assert not {"created", "modified"} & set(item)
    (item,) = json.loads(encode([annotation.changed(label="New")], foreign))["first"]["items"]
    assert item["modified"].startswith("20")


@given(st.lists(places, min_size=3, max_size=4))
def test_geometries_that_are_made_quickly_are_those_of_the_domain(vertices):
    vertices = [tuple(-0.0 if value == 0 else value for value in place) for place in vertices]
    for made, wanted in (
        (checked_geometry.checked_point(vertices[0]), Point(vertices[0])),
        (checked_geometry.checked_path(vertices), Path(tuple(vertices))),
        (checked_geometry.checked_region(vertices), Region(tuple(vertices))),
    ):
        assert made == wanted
        assert repr(made) == repr(wanted)
        assert hash(made) == hash(wanted)
    assume(apart((vertices[0], vertices[1])))
    assert repr(checked_geometry.checked_arrow(*vertices[:2])) == repr(Arrow(*vertices[:2]))


@pytest.mark.parametrize("length_mm", [0.0, 0.05, 0.0999])
def test_an_arrow_that_is_too_short_is_refused(length_mm):
    with pytest.raises(AnnotationError, match="length"):
        checked_geometry.checked_arrow((1.0, 2.0, 3.0), (1.0, 2.0, 3.0 + length_mm))


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
        (b"[1, 2]", "marks.json: expected object, got array"),
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
