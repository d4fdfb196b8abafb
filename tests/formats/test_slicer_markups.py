"""3D Slicer's markups: what Slicer keeps brings everything back, and what it has besides is said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marks import ALL, LOOP, NERVE, OUTLINE, SECOND_SPOT, SPOT, differences, read_or_refused, several

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.annotations.loss import loss_lines
from napari_vascular_loop.formats.annotations.slicer_markups import decode, encode, is_markups

NUMBERS = {"type": "array", "items": {"type": "number"}}
CONTROL_POINT = {
    "id": {"type": "string"},
    "label": {"type": "string"},
    "description": {"type": "string"},
    "associatedNodeID": {"type": "string"},
    "position": {**NUMBERS, "minItems": 3, "maxItems": 3},
    "orientation": {**NUMBERS, "minItems": 9, "maxItems": 9},
    "selected": {"type": "boolean"},
    "locked": {"type": "boolean"},
    "visibility": {"type": "boolean"},
    "positionStatus": {"enum": ["undefined", "preview", "defined"]},
}
MARKUP = {
    "type": {"enum": ["Fiducial", "Line", "Angle", "Curve", "ClosedCurve", "Plane", "ROI"]},
    "name": {"type": "string"},
    "coordinateSystem": {"enum": ["LPS", "RAS"]},
    "coordinateUnits": {"enum": ["mm", "um"]},
    "locked": {"type": "boolean"},
    "fixedNumberOfControlPoints": {"type": "boolean"},
    "labelFormat": {"type": "string"},
    "lastUsedControlPointNumber": {"type": "integer"},
    "controlPoints": {
        "type": "array",
        "items": {"type": "object", "properties": CONTROL_POINT, "additionalProperties": False},
    },
}
RULES = {
    "type": "object",
    "required": ["@schema", "markups"],
    "properties": {
        "@schema": {"type": "string", "pattern": r"markups-schema-v1\.[0-9]+\.[0-9]+\.json#*$"},
        "markups": {
            "type": "array",
            "items": {"type": "object", "required": ["type"], "properties": MARKUP, "additionalProperties": False},
        },
    },
}
"""What Slicer's own schema (markups-schema-v1.0.3.json) says of the members that Slicer reads, and no others."""


def document(*annotations: Annotation) -> dict[str, Any]:
    return json.loads(encode(annotations)[0])


def read(file: Any) -> tuple[tuple[Annotation, ...], list[str]]:
    annotations, losses = decode(json.dumps(file).encode(), "marks.mrk.json", "tof")
    return annotations, loss_lines(losses)


def saved_again(data: bytes) -> list[bytes]:
    """Do what Slicer does: read what it knows, and write every markup to a file of its own, with all that it adds."""
    files = []
    for markup in json.loads(data)["markups"]:
        points = [
            {
                # Strings end at a zero byte, as they do in C++.
                **{key: point[key].partition("\0")[0] for key in ("label", "description", "associatedNodeID")},
                "id": f"vtkMRMLMarkupsNode_{number + 17}",
                "position": [float(f"{mm:.17g}") for mm in point["position"]],
                "orientation": [-1.0, -0.0, -0.0, -0.0, -1.0, -0.0, 0.0, 0.0, 1.0],
                "selected": True,
                "locked": False,
                "visibility": True,
                "positionStatus": point["positionStatus"],
            }
            for number, point in enumerate(markup["controlPoints"])
        ]
        again = {
            "type": markup["type"],
            "coordinateSystem": "LPS",
            "coordinateUnits": "mm",
            "locked": False,
            "fixedNumberOfControlPoints": False,
            "labelFormat": "%N-%d",
            "lastUsedControlPointNumber": len(points),
            "controlPoints": points,
            "measurements": [{"name": "length", "enabled": True, "value": float("nan"), "units": "mm"}],
            "display": {"visibility": True, "opacity": 1.0, "color": [0.4, 1.0, 1.0]},
        }
        schema = "https://raw.githubusercontent.com/slicer/slicer/master/x/markups-schema-v1.0.3.json#"
        files.append(json.dumps({"@schema": schema, "markups": [again]}).encode())
    return files


# ------------------------------------------------------------------ round trips


@given(several)
@settings(deadline=None)
def test_any_annotation_comes_back_as_it_was(annotations):
    data, _ = encode(annotations)
    back, losses = decode(data, "marks.mrk.json", "")
    assert differences(annotations, back) == []
    assert losses == ()


@given(several)
@settings(deadline=None)
def test_any_annotation_comes_back_after_slicer_has_saved_it_again(annotations):
    data, _ = encode(annotations)
    back = [one for file in saved_again(data) for one in decode(file, "marks.mrk.json", "")[0]]
    order = {annotation.id: number for number, annotation in enumerate(annotations)}
    assert differences(annotations, tuple(sorted(back, key=lambda one: order[one.id]))) == []


def test_what_slicer_adds_is_said_when_it_comes_back():
    (file,) = saved_again(encode((LOOP,))[0])
    (back,), losses = decode(file, "marks.mrk.json", "")
    assert differences((LOOP,), (back,)) == []
    assert loss_lines(losses) == ["measurements: length", "colours, sizes and other ways of drawing"]


# ------------------------------------------------------------------ as Slicer takes it


def test_the_file_keeps_to_slicers_schema():
    file = document(*ALL)
    jsonschema.validate(file, RULES)
    assert [(m["type"], m["name"], len(m["controlPoints"])) for m in file["markups"]] == [
        ("Fiducial", "Points", 2),
        ("Line", "Loop of the AICA", 2),
        ("Curve", "=Facial nerve, 神経 🧠", 3),
        ("ClosedCurve", "Pons", 4),
    ]
    points = [point for markup in file["markups"] for point in markup["controlPoints"]]
    assert {point["positionStatus"] for point in points} == {"defined"}


def test_places_are_lps_and_an_arrow_runs_from_tail_to_tip():
    (line,) = document(LOOP)["markups"]
    assert line["coordinateSystem"] == "LPS"
    assert [point["position"] for point in line["controlPoints"]] == [
        [20.1, 8.0, -39.2],
        [10.9, 21.5, 0.30000000000000004],
    ]


def test_label_and_note_stand_where_slicers_users_look_for_them():
    first, second = document(LOOP)["markups"][0]["controlPoints"]
    assert first["label"] == "Loop of the AICA"
    assert first["description"].startswith('At the root of the left facial nerve, "kissing" it;\nsee below: ')
    assert (second["label"], second["description"]) == ("", "")


def test_what_slicer_shows_differently_is_said():
    assert loss_lines(encode(ALL)[1]) == [
        "the heads of arrows: in Slicer an arrow is a line, from its tail to its tip",
        "straight edges: Slicer draws a smooth curve through the vertices, until its Curve Type is set to Linear",
    ]
    assert encode((SPOT,))[1] == ()


def test_a_text_is_a_labelled_point_in_slicer_and_a_text_again_here():
    text = replace(SPOT, geometry=Point((1.5, -2.5, 3.25), as_text=True), label="Mind the vein")
    file = document(SECOND_SPOT, text)
    (markup,) = file["markups"]
    assert markup["type"] == "Fiducial"
    assert [point["label"] for point in markup["controlPoints"]] == ["'=Second", "Mind the vein"]
    assert loss_lines(encode((text,))[1]) == ["that texts have no point: Slicer draws one beside the words"]
    back = changed(text, label=lambda _: "Mind the artery")
    assert (back.geometry, back.label) == (text.geometry, "Mind the artery")


# ------------------------------------------------------------------ changed in Slicer


def changed(annotation: Annotation, **members: Any) -> Annotation:
    """The annotation after its first control point was changed in Slicer."""
    file = document(annotation)
    point = file["markups"][0]["controlPoints"][0]
    for member, change in members.items():
        point[member] = change(point[member])
    (back,), _ = read(file)
    return back


def test_a_label_a_note_and_a_place_that_were_changed_in_slicer_come_in():
    moved = changed(LOOP, position=lambda _: [21.5, 8.0, -39.25])
    assert moved == replace(LOOP, geometry=Arrow((-21.5, -8.0, -39.25), LOOP.geometry.vertices_ras_mm[1]))
    assert changed(LOOP, label=lambda _: "New") == replace(LOOP, label="New")
    assert changed(SPOT, description=lambda text: "Now: " + text) == replace(SPOT, note="Now: " + SPOT.note)
    assert changed(SPOT, description=lambda text: text + " More") == replace(SPOT, note=SPOT.note + " More")


def test_a_text_with_a_zero_byte_comes_back_unless_it_was_changed():
    odd = replace(SPOT, label="a\0b", note="c\0d")
    assert changed(odd) == odd
    assert changed(odd, label=lambda text: text + "!") == replace(odd, label="a?b!")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-20],
        lambda text: text.replace('"id"', '"if"'),
        lambda text: text.replace("right", "port"),
        lambda text: text.replace("[vascular-loop {", "[vascular-loop " + "[" * 100_000),
    ],
)
def test_a_description_that_was_damaged_is_kept_as_the_note(damage):
    file = document(SPOT)
    point = file["markups"][0]["controlPoints"][0]
    point["description"] = damage(point["description"])
    (back,), losses = read(file)
    assert (back.geometry, back.note) == (SPOT.geometry, point["description"])
    assert len(losses) == 1
    assert losses[0].startswith("what this program had written into its description can't be read any more")


def test_a_time_that_there_is_not_in_utc_is_left_out():
    back = changed(SPOT, description=lambda text: text.replace("2026-03-04T05:06:07Z", "0001-01-01T00:00:00+23:00", 1))
    assert back == SPOT


def test_a_path_that_lost_all_but_one_point_is_a_point():
    file = document(NERVE)
    del file["markups"][0]["controlPoints"][1:]
    (back,), losses = read(file)
    assert back == replace(NERVE, geometry=Point((-11.5, -22.25, -38.0)))
    assert losses == [f"the other places of this path: only one is defined ({NERVE.label})"]


def test_an_outline_of_two_points_is_a_path_and_that_is_said():
    file = document(OUTLINE)
    del file["markups"][0]["controlPoints"][2:]
    (back,), losses = read(file)
    assert back == replace(OUTLINE, geometry=Path(OUTLINE.geometry.vertices_ras_mm[:2]))
    assert losses == ["its kind: a region can't have 2 places, so that it is a path now (Pons)"]


# ------------------------------------------------------------------ drawn in Slicer


def drawn(slicer_type: str, *positions: Any, **members: Any) -> dict[str, Any]:
    """A file as Slicer writes it of what was drawn in it."""
    points = [{"id": str(n), "label": f"L-{n}", "position": p} for n, p in enumerate(positions, start=1)]
    return {
        "@schema": "markups-schema-v1.0.3.json#",
        "markups": [{"type": slicer_type, "controlPoints": points} | members],
    }


@pytest.mark.parametrize(
    ("file", "geometry", "label"),
    [
        (drawn("Line", [1, 2, 3], [4, -5, 6]), Arrow((-1, -2, 3), (-4, 5, 6)), "L"),
        (drawn("Line", [1, 2, 3], [4, -5, 6], coordinateSystem="RAS"), Arrow((1, 2, 3), (4, -5, 6)), "L"),
        (
            drawn("Line", [1000, 2000, 3500], [4, -5, 6], coordinateUnits="um"),
            Arrow((-1, -2, 3.5), (-0.004, 0.005, 0.006)),
            "L",
        ),
        (drawn("Curve", [1, 2, 3], [4, -5, 6], name="Nerve"), Path(((-1, -2, 3), (-4, 5, 6))), "Nerve"),
        (drawn("Fiducial", [1, 2, 3], coordinateUnits=["mm", "UCUM", "millimeter"]), Point((-1, -2, 3)), "L-1"),
        (drawn("Line", [1, 2, 3], [4, 5, 6], labelFormat="%d"), Arrow((-1, -2, 3), (-4, -5, 6)), "L-1"),
    ],
)
def test_what_was_drawn_in_slicer_comes_in(file, geometry, label):
    (annotation,), losses = read(file)
    assert (annotation.geometry.kind, annotation.label, annotation.volume_id) == (geometry.kind, label, "tof")
    assert np.allclose(annotation.geometry.vertices_ras_mm, geometry.vertices_ras_mm, rtol=0, atol=1e-9)
    assert annotation.id.startswith("urn:uuid:")
    assert losses == []


def test_what_is_no_mark_is_said_and_the_rest_comes_in():
    file = drawn("Line", [1, 2, 3], [4, -5, 6])
    for kind in ("Angle", "Plane", "ROI"):
        file["markups"] += drawn(kind, [0, 0, 0], name="W")["markups"]
    file["markups"] += drawn("Curve", "", name="E")["markups"]
    undefined = drawn("Fiducial", [7, 8, 9], [1, 1, 1], "")
    points = undefined["markups"][0]["controlPoints"]
    points[1]["positionStatus"], points[2]["positionStatus"] = "preview", "undefined"
    points[0]["visibility"] = False
    file["markups"] += undefined["markups"]
    annotations, losses = read(file)
    assert [annotation.geometry for annotation in annotations] == [Arrow((-1, -2, 3), (-4, 5, 6)), Point((-7, -8, 9))]
    assert losses == [
        "a markup of the type Angle: there is no such mark (W)",
        "a markup of the type Plane: there is no such mark (W)",
        "a markup of the type ROI: there is no such mark (W)",
        "a control point that was not placed (L-1, L-2, L-3)",
        "a markup of the type Curve that has no defined point (E)",
        "which control points were hidden or locked",
    ]


def test_a_line_without_length_is_a_point_and_that_is_said():
    (annotation,), losses = read(drawn("Line", [1, 2, 3], [1, 2, 3]))
    assert annotation.geometry == Point((-1, -2, 3))
    assert losses == ["its direction: both ends of this arrow lie in one place (L)"]


def test_other_annotations_come_after_ours_in_their_own_order():
    file = document(SPOT, LOOP, SECOND_SPOT)
    file["markups"].insert(0, drawn("Line", [1, 2, 3], [4, -5, 6])["markups"][0])
    annotations, _ = read(file)
    assert [annotation.label for annotation in annotations] == ["", "Loop of the AICA", "'=Second", "L"]


# ------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (drawn("Line", [1, 2]), r"markups\[0\]\.controlPoints\[0\]\.position needs three numbers, got 2"),
        (drawn("Line", [1, 2, None]), r"controlPoints\[0\]\.position should be three numbers"),
        (drawn("Line", [1, 2, float("nan")]), r"controlPoints\[0\]\.position should be three numbers"),
        (drawn("Line", "here"), r"controlPoints\[0\]\.position should be three numbers, got 'here'"),
        (drawn("Line", [1, 2, 1e9]), r"must be three finite numbers in mm"),
        (drawn("Line", [1, 2, 10**400]), r"number out of range"),
        (drawn("Line", [True, 2, 3]), r"controlPoints\[0\]\.position\[0\]: expected float"),
        (drawn("Line", [1, 2, 3], coordinateSystem="IJK"), "coordinateSystem should be 'LPS' or 'RAS', got 'IJK'"),
        (drawn("Line", [1, 2, 3], coordinateUnits="in"), "coordinateUnits should be 'mm' or 'um', got 'in'"),
        (drawn("Line", controlPoints={"a": 1}), r"controlPoints: expected array, got object"),
        ({"markups": [5]}, r"markups\[0\]: expected object, got int"),
        ({"markups": {}}, "it holds no list of markups"),
        ([], "it holds no list of markups"),
        ({"@schema": "markups-schema-v2.0.0.json", "markups": []}, "its schema is version 2, known is 1"),
    ],
)
def test_errors_name_the_file_the_member_and_the_value(file, said):
    with pytest.raises(LessonError, match=said) as raised:
        read(file)
    assert str(raised.value).startswith("marks.mrk.json: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1, column 1"),
        (encode((LOOP,))[0][:-40], "not valid JSON at line"),
        (b"\xff{}", "not UTF-8 text"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"markups": [' + b"1" * 5000 + b"]}", "thousands of digits"),
    ],
)
def test_files_that_are_no_json(data, said):
    with pytest.raises(LessonError, match=said):
        decode(data, "marks.mrk.json", "tof")
    assert not is_markups(data)


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_a_damaged_file_is_read_or_refused_in_a_sentence(data):
    file = bytearray(encode(ALL)[0])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(file) - 1))
        file[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    read_or_refused(decode, bytes(file), "marks.mrk.json")
