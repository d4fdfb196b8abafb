"""lesson.json: read member by member, written over what was read; questions."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_vascular_loop.domain.errors import AnnotationError, LessonError
from napari_vascular_loop.domain.fingerprint import Fingerprint
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.question import Question, QuestionKind
from napari_vascular_loop.formats.lesson_json import decode, encode, questions_of

REMOVE = object()
MATRIX = ((0.1 + 0.2, 0.0, 0.0, -90.125), (0.0, 1 / 3, 0.0, -7.0), (0.0, 0.0, 0.7, 1e-17), (0.0, 0.0, 0.0, 1.0))
TOF = LessonVolume(
    "tof",
    "Time of flight",
    "volumes/tof.nii.gz",
    fingerprints=(Fingerprint("ab" * 32, (280, 270, 60), MATRIX, "1.2.3"), Fingerprint(None, (1, 2, 3), MATRIX)),
    window=(0.5, 280.25),
    licence="CC BY-SA 4.0",
    credit="someone",
    synthetic=True,
)
LESSON = Lesson(
    "The loop: Où?",
    (TOF, LessonVolume("colin", catalogue_id="colin27")),
    id="the-loop",
    authors=("A. Teacher", "B. Müller"),
    language="fr",
    licence="CC-BY-4.0",
    credit="us",
    notice="Unverified.",
    objectives=("show the loop", "dire où est le nerf"),
    minutes=40,
    audience="for residents",
    imaging=("The loop", "Où?"),
)
FIND = Question("q1", QuestionKind.FIND, "urn:uuid:1", "Where does the loop touch the nerve?", 3.5, "en")
NAME = Question("q2", QuestionKind.NAME, "urn:uuid:2", "Quel est ce vaisseau ?", asks_side=True, accepted=("AICA", "Ô"))


def document() -> dict[str, Any]:
    return json.loads(encode(LESSON, (FIND, NAME)))


def decoded(changed: dict[str, Any]) -> Lesson:
    return decode(json.dumps(changed).encode())


# ------------------------------------------------------------------ round trip


def test_a_lesson_and_its_questions_come_back():
    data = encode(LESSON, (FIND, NAME))
    back = decode(data)
    assert back == LESSON
    assert questions_of(back) == (FIND, NAME)
    assert encode(back) == data


def test_a_lesson_without_questions_has_none():
    assert questions_of(decode(encode(LESSON))) == ()
    assert questions_of(LESSON) == ()


def test_what_a_person_may_leave_out():
    lesson = decoded({"schemaVersion": "1.0", "title": "A loop", "volumes": [{"id": "t", "file": "t.nii"}]})
    assert lesson == Lesson("A loop", (LessonVolume("t", file="t.nii"),))
    assert json.loads(encode(lesson)) == {
        "schemaVersion": "1.0",
        "title": "A loop",
        "volumes": [{"id": "t", "file": "t.nii"}],
        "language": "en",
    }


leaves = st.none() | st.booleans() | st.integers() | st.floats(-1e300, 1e300) | st.text(max_size=8)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


def objects_of(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [one for item in value for one in objects_of(item)]
    return [value, *(one for item in value.values() for one in objects_of(item))] if isinstance(value, dict) else []


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_any_member_of_another_program_anywhere_survives_a_change(data):
    file = document()
    for one in data.draw(st.lists(st.sampled_from(objects_of(file)), min_size=1, max_size=5)):
        one[data.draw(st.text(min_size=1).map("x:".__add__))] = data.draw(values)
    lesson = decoded(file)
    assert json.loads(encode(lesson)) == file
    questions = [replace(question, prompt="New?") for question in questions_of(lesson)]
    volumes = tuple(replace(volume, title="New", window=(1.0, 2.5)) for volume in lesson.volumes)
    changed = replace(lesson, title="New", volumes=volumes, authors=lesson.authors[::-1])
    expected = copy.deepcopy(file)
    expected["title"] = "New"
    expected["authors"] = expected["authors"][::-1]
    for volume in expected["volumes"]:
        volume.update(title="New", window=[1, 2.5])
    for question in expected["questions"]:
        question["prompt"] = "New?"
    assert json.loads(encode(changed, questions)) == expected


def test_numbers_and_members_keep_their_spelling_and_order():
    text = '{"volumes": [{"window": [22, 110], "id": "t", "file": "t.nii"}], "title": "A", "schemaVersion": "1.3"}'
    lesson = decode(text.encode())
    written = encode(replace(lesson, title="B"))
    assert list(json.loads(written)) == ["volumes", "title", "schemaVersion", "language"]
    assert b"[22, 110]" in written
    assert json.loads(written)["schemaVersion"] == "1.3"


def test_a_volume_that_moves_to_the_catalogue_leaves_no_file_behind():
    lesson = decode(encode(LESSON))
    moved = replace(lesson.volumes[0], file=None, catalogue_id="tof-7")
    entry = json.loads(encode(replace(lesson, volumes=(moved,))))["volumes"][0]
    assert (entry["catalogue"], "file" in entry) == ("tof-7", False)


# ------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("title",), REMOVE, "m.json: object missing required field title"),
        (("title",), 7, "m.json, title: expected str, got int (7)"),
        (("volumes",), {}, "m.json, volumes: expected array, got object"),
        (("volumes", 1, "id"), "tof", "two volumes of the lesson have the same id: ['tof', 'tof']"),
        (("volumes", 1, "id"), "", "m.json, volumes[1].id: expected str of length >= 1 ('')"),
        (("volumes", 1, "catalogue"), REMOVE, "m.json, volumes[1]: it needs either 'file' or 'catalogue'"),
        (("volumes", 0, "catalogue"), "colin27", "m.json, volumes[0]: it needs either 'file' or 'catalogue'"),
        (("volumes", 0, "file"), "a\0b", "m.json, volumes[0], file: it is no path: 'a\\x00b'"),
        (("volumes", 0, "window"), [3, 3], "m.json, volumes[0], window: the low end must be below the high end"),
        (("volumes", 0, "window", 1), float("nan"), "m.json, volumes[0].window[1] is NaN, which is no number"),
        (("volumes", 0, "synthetic"), "no", "m.json, volumes[0].synthetic: expected bool, got str ('no')"),
        (
            ("volumes", 0, "fingerprints", 0, "shape", 2),
            0,
            "m.json, volumes[0].fingerprints[0].shape[2]: expected int >= 1 (0)",
        ),
        (
            ("volumes", 0, "fingerprints", 1, "voxelToRas", 3),
            [0, 0, 1],
            "m.json, volumes[0].fingerprints[1].voxelToRas[3]: expected array of length 4, got 3",
        ),
        (
            ("volumes", 0, "fingerprints", 0, "voxelsSha256"),
            "AB" * 32,
            "m.json, volumes[0].fingerprints[0].voxelsSha256: expected str matching regex",
        ),
        (("authors", 0), "A. Teacher", "m.json, authors[0]: expected object, got str ('A. Teacher')"),
        (("questions", 1, "kind"), "guess", "m.json, questions[1].kind: invalid enum value 'guess'"),
        (("questions", 1, "id"), "q1", "m.json, questions[1], id (q1) is that of number 0 too; give one of them"),
        (("questions", 0, "annotation"), REMOVE, "m.json, questions[0]: object missing required field annotation"),
        (("questions", 0, "prompt"), " \n", "m.json, questions[0].prompt: expected str matching regex"),
        (("questions", 0, "toleranceMm"), 0, "m.json, questions[0].toleranceMm: expected float > 0"),
        (("questions", 0, "toleranceMm"), float("inf"), "m.json, questions[0].toleranceMm is Infinity"),
        (("objectives", 1), " ", "m.json, objectives[1]: expected str matching regex"),
        (("objectives",), "show the loop", "m.json, objectives: expected array, got str ('show the loop')"),
        (("minutes",), 0, "m.json, minutes: expected int >= 1 (0)"),
        (("minutes",), 2.5, "m.json, minutes: expected int"),
        (("audience",), ["all"], "m.json, audience: expected str, got array"),
        (("imaging", 0), "", "m.json, imaging[0]: expected str matching regex"),
        (("schemaVersion",), "2.0", "m.json: it was written by a later version of this program"),
    ],
)
def test_errors_name_file_member_and_value(path, value, said):
    file = document()
    part: Any = file
    for key in path[:-1]:
        part = part[key]
    if value is REMOVE:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    with pytest.raises(LessonError) as raised:
        decode(json.dumps(file).encode(), "m.json")
    assert said in str(raised.value)
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "guess"}, "a question's kind is 'find' or 'name', got 'guess'"),
        ({"prompt": " \n"}, "a question needs some words"),
        ({"tolerance_mm": -0.5}, "tolerance must be more than 0 mm, got -0.5"),
        ({"tolerance_mm": float("nan")}, "tolerance must be more than 0 mm, got nan"),
    ],
)
def test_a_question_that_makes_no_sense_can_not_be_made(wrong, said):
    with pytest.raises(AnnotationError) as raised:
        replace(FIND, **wrong)
    assert said in str(raised.value)
