"""Lesson files of every kind of damage: read without loss, or one clear sentence; in time."""

from __future__ import annotations

import copy
import itertools
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hostile import mutated
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats import lesson_json
from napari_vascular_loop.formats.annotations import web_annotation
from napari_vascular_loop.formats.json_text import MAX_BYTES, parse
from napari_vascular_loop.formats.markdown import article_html, parse_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent.parent / "lessons_of_versions" / "1.0"
ANNOTATIONS = (FOLDER / "annotations.json").read_bytes()
LESSON = json.dumps(
    {
        **json.loads((FOLDER / "lesson.json").read_bytes()),
        "questions": [{"id": "q", "kind": "find", "annotation": "urn:x", "prompt": "Où?", "toleranceMm": 2.5}],
    },
    indent=1,
    ensure_ascii=False,
).encode()
LONGEST_S = 10.0
LONGEST_SENTENCE = 420


def check_annotations(data: bytes) -> bool:
    """Hold what becomes of a file against what may; whether it was read."""
    began = time.process_time()
    try:
        annotations, foreign = web_annotation.decode(data, "m.json")
    except LessonError as error:
        check_sentence(error, "m.json")
        return False
    finally:
        assert time.process_time() - began < LONGEST_S
    document = parse(data, "m.json")
    written = web_annotation.encode(annotations, foreign)
    assert web_annotation.decode(written)[0] == annotations
    check_nothing_lost(document, parse(written, "m.json"))
    # As if each of them had been changed.
    written = web_annotation.encode([replace(one) for one in annotations], foreign)
    assert web_annotation.decode(written)[0] == annotations
    check_nothing_lost(document, parse(written, "m.json"))
    return True


def check_lesson(data: bytes) -> bool:
    began = time.process_time()
    try:
        lesson = lesson_json.decode(data, "m.json")
    except LessonError as error:
        check_sentence(error, "m.json")
        return False
    finally:
        assert time.process_time() - began < LONGEST_S
    written = lesson_json.encode(lesson)
    assert lesson_json.decode(written) == lesson
    document, again = parse(data, "m.json"), parse(written, "m.json")
    assert {k: v for k, v in again.items() if k in document} == document, "something was lost"
    questions = lesson_json.questions_of(lesson)
    assert lesson_json.questions_of(lesson_json.decode(lesson_json.encode(lesson, questions))) == questions
    return True


def check_sentence(error: LessonError, name: str) -> None:
    said = str(error)
    assert said.startswith(name) or "of the lesson have the same id" in said, said
    assert said.isprintable(), said
    assert len(said) < LONGEST_SENTENCE, said
    assert not any(word in said for word in ("Traceback", "object at 0x", "msgspec", "None, None")), said


def check_nothing_lost(document: dict[str, Any], again: dict[str, Any]) -> None:
    assert of_collection(again) == of_collection(document)
    for old, new in zip(document["first"]["items"], again["first"]["items"], strict=True):
        assert not texts(old) - texts(new), (old, new)
        known = {"created", "modified", "creator", "body", "target", "laterality", "compressionGrade"}
        for member in set(old) - known - {"id"}:
            assert new[member] == old[member]
        selector, was = new["target"]["selector"], old["target"]["selector"]
        if was.get("coordinateSystem") != "LPS":
            assert {k: v for k, v in selector.items() if k in was} == was
        assert {**new["target"], "selector": 0} == {**old["target"], "selector": 0}


def of_collection(document: dict[str, Any]) -> list[dict[str, Any]]:
    """What of a collection is not its annotations, and is not written anew with each writing."""
    page = {k: v for k, v in document["first"].items() if k != "items"}
    return [page, {k: v for k, v in document.items() if k not in ("@context", "type", "total", "first")}]


def texts(value: Any) -> set[str]:
    """All words of a document, keys too, but for the frame, which is written as ours."""
    if isinstance(value, dict):
        return {one for key, item in value.items() for one in {key, *texts(item)}}
    if isinstance(value, list):
        return {one for item in value for one in texts(item)}
    return {value} if isinstance(value, str) and value != "LPS" else set()


# ------------------------------------------------------------------ bytes


def test_the_files_that_are_damaged_are_good_ones():
    assert check_annotations(ANNOTATIONS)
    assert check_lesson(LESSON)


def damaged(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    return itertools.islice(mutated(data, seed, header=len(data)), count)


def test_damaged_files_are_read_whole_or_refused():
    assert sum(map(check_annotations, damaged(ANNOTATIONS, 400, seed=1))) > 8
    assert sum(map(check_lesson, damaged(LESSON, 400, seed=2))) > 8


@pytest.mark.long
def test_many_damaged_files_are_read_whole_or_refused():
    assert sum(map(check_annotations, damaged(ANNOTATIONS, 40_000, seed=1000))) > 1000
    assert sum(map(check_lesson, damaged(LESSON, 40_000, seed=2000))) > 1000


def test_every_length_of_a_file_that_was_cut_short():
    for length in range(0, len(ANNOTATIONS) - 2, 7):
        with pytest.raises(LessonError, match=r"cut short|expected|should hold"):
            web_annotation.decode(ANNOTATIONS[:length])
    for length in range(0, len(LESSON) - 1, 7):
        with pytest.raises(LessonError, match=r"cut short|expected|should hold"):
            lesson_json.decode(LESSON[:length])


# ------------------------------------------------------------------ values

ODD_TEXTS = [
    "",
    " ",
    "\0",
    "\ufeff",
    "\u202e",
    "\ud83d",
    "\n",
    "a" * 5000,
    "<script>alert(1)</script>",
    "javascript:x",
    "../../x",
]
ODD_VALUES = [None, True, 0, -1, 1e308, -1e308, 5e-324, 10**30, 2**63, "1e400", [], {}, [[]], [{}], ["a"], {"": {}}]
TIMES = [
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-02-29T00:00:00Z",
    "1969-12-31T23:59:59.999999999Z",
]
ODD = st.one_of(st.sampled_from([*ODD_TEXTS, *ODD_VALUES, *TIMES]), st.text(max_size=6), st.floats(-1e6, 1e6))
MEMBERS = [
    "id",
    "type",
    "purpose",
    "value",
    "source",
    "selector",
    "exact",
    "start",
    "name",
    "tip",
    "unit",
    "x:y",
    "window",
]


def containers(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value, *(one for item in value.values() for one in containers(item))]
    return [value, *(one for item in value for one in containers(item))] if isinstance(value, list) else []


def changed(document: Any, data: st.DataObject) -> bytes:
    """Put odd values in odd places, a few times."""
    for _ in range(data.draw(st.integers(1, 3))):
        one = data.draw(st.sampled_from(containers(document)))
        value = copy.deepcopy(data.draw(ODD))
        if isinstance(one, dict):
            one[data.draw(st.sampled_from([*one, *MEMBERS]))] = value
        elif one and data.draw(st.booleans()):
            one[data.draw(st.integers(0, len(one) - 1))] = value
        else:
            one.append(value)
    return json.dumps(document, indent=data.draw(st.sampled_from([None, 2])), ensure_ascii=True).encode()


SETTINGS = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LONG = settings(SETTINGS, max_examples=20_000)


@SETTINGS
@given(st.data())
def test_odd_values_in_annotations(data):
    check_annotations(changed(json.loads(ANNOTATIONS), data))


@SETTINGS
@given(st.data())
def test_odd_values_in_a_lesson(data):
    check_lesson(changed(json.loads(LESSON), data))


@pytest.mark.long
@LONG
@given(st.data())
def test_many_odd_values_in_annotations(data):
    check_annotations(changed(json.loads(ANNOTATIONS), data))


@pytest.mark.long
@LONG
@given(st.data())
def test_many_odd_values_in_a_lesson(data):
    check_lesson(changed(json.loads(LESSON), data))


# ------------------------------------------------------------------ made to do harm


def item(**members: Any) -> dict[str, Any]:
    (one,) = json.loads(web_annotation.encode(web_annotation.decode(ANNOTATIONS)[0][:1]))["first"]["items"]
    return {**one, **members}


def collection(*items: Any) -> bytes:
    return json.dumps({"schemaVersion": "1.0", "first": {"items": items}}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100_000,
        b"\xff" * 1000,
        b"[" * 5_000_000,
        b'{"a":' * 1_000_000,
        b'{"schemaVersion":"1.0","first":{"items":[' + b"[" * 1_000_000,
        b'{"schemaVersion":"1.0","first":{"items":[' + b"{}," * 500_000 + b"{}]}}",
        b'{"schemaVersion":"1.0","first":{"items":[' + b"[]," * 3_000_000 + b"[]]}}",
        b'{"schemaVersion":"1.0","x":[' + b"[]," * 5_000_000 + b'[]],"first":{"items":[]}}',
        b'{"schemaVersion":"1.0","first":{"items":[]},"x":"' + b'\\"' * 2_000_000,
        b'{"schemaVersion":"1.0","first":{"items":[]},"x":"' + b"\\" * 2_000_001,
        b'{"schemaVersion":' + b"9" * 1_000_000 + b"}",
        b'{"schemaVersion":"1.0","first":{"items":[' + b"1e999999999," * 10 + b"1]}}",
        b'{"' + b"a" * 20_000_000 + b'": 1, "' + b"a" * 20_000_000 + b'": 2}',
        b"".join([b'{"k%d":1,' % n for n in range(200_000)]),
        b"{" + b",".join(b'"k%d":1' % (n % 199_999) for n in range(200_000)) + b"}",
        b"/* " + b"*" * 1_000_000,
        b'"' + b"\\ud800" * 1_000_000 + b'"',
    ],
    ids=lambda data: repr(data[:24]),
)
def test_files_that_are_made_to_do_harm_are_refused_at_once(data):
    assert not check_annotations(data)
    assert not check_lesson(data)


def test_a_note_of_ten_megabytes_is_a_note():
    note = "Ein Satz mit \u0000, <b>HTML</b> und 🧠. " * 300_000
    one = item()
    one["body"][1]["value"] = note
    (annotation,), foreign = web_annotation.decode(collection(one))
    assert annotation.note == note
    (again,), _ = web_annotation.decode(web_annotation.encode([replace(annotation, label="New")], foreign))
    assert (again.note, again.label) == (note, "New")


def test_html_in_labels_and_notes_stays_text():
    script = '<script>alert(1)</script><img src="http://a.org/x" onerror=1>'
    one = item()
    one["body"][0]["value"] = one["body"][1]["value"] = script
    (annotation,), _ = web_annotation.decode(collection(one))
    assert annotation.label == annotation.note == script


@pytest.mark.parametrize("value", [1e308, -1e308, 1e5 + 0.001])
def test_coordinates_that_no_head_has_are_refused_by_name(value):
    one = item()
    one["target"]["selector"]["tip"][2] = value
    with pytest.raises(LessonError, match=r"m\.json: item 1, target\.selector\.tip\[2\]: expected float [<>]= "):
        web_annotation.decode(collection(item(id="urn:first"), one), "m.json")


@pytest.mark.parametrize(
    "source",
    [
        "[" * 20_000,
        "> " * 20_000,
        "*" * 20_000,
        "![" * 10_000,
        "- " * 10_000,
        "`" * 20_000,
        "<" * 50_000,
        "[a](" * 10_000,
        "&#x110000;" * 1000,
        "\0" * 1000,
        "a\u202eb" * 1000,
        "**a" * 10_000,
        "[a]: b\n" * 5000,
        "|" * 20_000,
    ],
    ids=lambda source: repr(source[:8]),
)
def test_articles_that_are_made_to_take_long_do_not(source):
    began = time.process_time()
    parse_markdown(source)
    html = article_html(source)
    assert "<script" not in html
    assert time.process_time() - began < LONGEST_S


def test_the_limit_is_above_what_a_lesson_of_a_hundred_thousand_marks_needs():
    assert 100_000 * 3 * len(json.dumps(item())) < MAX_BYTES
