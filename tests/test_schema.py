"""The shipped files, and what the program writes, fit the published JSON Schemas; damaged ones don't."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Grade, Point, Region, Side
from napari_vascular_loop.domain.annotation import Path as Polyline
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats import lesson_json
from napari_vascular_loop.formats.annotations import web_annotation
from napari_vascular_loop.samples.catalogue import load_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

ANNOTATIONS = content_folder("annotations")
LESSONS = sorted(folder.parent.name for folder in ANNOTATIONS.glob("*/lesson.json"))


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((ANNOTATIONS / "schema" / f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def load(*parts: str) -> Any:
    return json.loads(ANNOTATIONS.joinpath(*parts).read_text("utf-8"))


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("name", ["lesson", "annotations"])
def test_shipped_lessons_fit_the_schema(lesson: str, name: str) -> None:
    validator(name).validate(load(lesson, f"{name}.json"))


def test_catalogue_fits_the_schema() -> None:
    validator("catalogue").validate(json.loads((content_folder("sample_data") / "catalogue.json").read_text("utf-8")))


def test_every_kind_of_annotation_that_is_written_fits_the_schema() -> None:
    text = "A loop of the artery touches the nerve."
    geometries = (
        Arrow((1, 2, 3), (4, 5, 6)),
        Point((1, 2, 3)),
        Polyline(((0, 0, 0), (1, 1, 1))),
        Region(((0, 0, 0), (1, 0, 0), (0, 1, 0))),
    )
    annotations = tuple(
        Annotation(
            geometry,
            "tof",
            label="Loop",
            note="n",
            structure="aica",
            side=Side.LEFT,
            grade=Grade.MILD,
            author="A",
            passages=(passage_at(text, 2, 6),),
        )
        for geometry in geometries
    )
    validator("annotations").validate(json.loads(web_annotation.encode(annotations)))


# ------------------------------------------------------------------ the schema and the reader say the same

REMOVE = object()
ITEM = ("first", "items", 0)
SELECTOR = (*ITEM, "target", "selector")
BODY = (*ITEM, "body")
QUOTE = (*BODY, 3, "selector", 0)

ANNOTATIONS_CASES: list[tuple[tuple[str | int, ...], Any, bool]] = [
    ((), REMOVE, True),
    # What may be left out, or be another program's.
    (("@context",), REMOVE, True),
    (("@context",), "http://example.org/context", True),
    (("type",), REMOVE, True),
    (("total",), "many", True),
    (("first", "type"), REMOVE, True),
    (("first", "next"), "http://example.org/2", True),
    (("first", "items"), [], True),
    ((*ITEM, "id"), REMOVE, True),
    ((*ITEM, "id"), None, True),
    ((*ITEM, "type"), ["Annotation", "x:Mark"], True),
    ((*ITEM, "created"), REMOVE, True),
    ((*ITEM, "created"), None, True),
    ((*ITEM, "created"), "2026-03-04T05:06:07", True),
    ((*ITEM, "created"), "2026-03-04 05:06:07.123456789-08:30", True),
    ((*ITEM, "creator"), REMOVE, True),
    ((*ITEM, "creator"), None, True),
    ((*ITEM, "creator"), "http://example.org/people/7", True),
    ((*ITEM, "creator"), {"nickname": "a"}, True),
    ((*ITEM, "creator"), {"name": ["A", "B"]}, True),
    ((*ITEM, "creator"), [{"name": "A"}, "http://example.org/people/7"], True),
    (BODY, REMOVE, True),
    (BODY, None, True),
    (BODY, "http://example.org/remark", True),
    (BODY, {"type": ["TextualBody"], "purpose": ["identifying", "tagging"], "value": "Loop"}, True),
    (BODY, ["http://example.org/remark", {}], True),
    ((*BODY, 3, "selector"), "http://example.org/selector", True),
    ((*BODY, 3, "selector"), {"type": "TextQuoteSelector", "exact": None}, True),
    ((*QUOTE, "refinedBy"), {"type": "FragmentSelector", "value": [1]}, True),
    ((*QUOTE, "start"), 2**53, True),
    ((*ITEM, "target", "source"), "tof", True),
    ((*SELECTOR, "coordinateSystem"), REMOVE, True),
    ((*SELECTOR, "coordinateSystem"), "LPS", True),
    ((*SELECTOR, "unit"), REMOVE, True),
    ((*SELECTOR, "tip"), [1, -2, 3], True),
    ((*SELECTOR, "tip", 2), 100_000, True),
    ((*SELECTOR, "vertices"), "not of an arrow", True),
    (SELECTOR, {"type": "PointSelector", "position": [1.5, -2, 3e1], "tip": None}, True),
    (SELECTOR, {"type": "PointSelector", "position": [1.5, -2, 3e1], "shownAs": "text"}, True),
    (SELECTOR, {"type": "PointSelector", "position": [1.5, -2, 3e1], "shownAs": [7]}, True),
    (SELECTOR, {"type": "PathSelector", "vertices": [[1, 2, 3], [4, 5, 6]]}, True),
    (SELECTOR, {"type": "RegionSelector", "vertices": [[1, 2, 3], [4, 5, 6], [7, 8, 10]]}, True),
    ((*ITEM, "laterality"), REMOVE, True),
    ((*ITEM, "laterality"), "midline", True),
    ((*ITEM, "compressionGrade"), "severe", True),
    (("schemaVersion",), "1.7", True),
    # What is refused.
    (("schemaVersion",), REMOVE, False),
    (("schemaVersion",), 1.0, False),
    (("schemaVersion",), "1", False),
    (("schemaVersion",), "2.0", False),
    (("schemaVersion",), "0.9", False),
    (("first",), REMOVE, False),
    (("first",), [], False),
    (("first", "items"), REMOVE, False),
    (("first", "items"), {}, False),
    (("first", "items"), None, False),
    (ITEM, "an arrow", False),
    (ITEM, None, False),
    ((*ITEM, "id"), 7, False),
    ((*ITEM, "id"), "", False),
    ((*ITEM, "created"), "yesterday", False),
    ((*ITEM, "created"), "2026-13-04T05:06:07Z", False),
    ((*ITEM, "created"), "2026-03-04", False),
    ((*ITEM, "created"), "2026-03-04T24:00:00Z", False),
    ((*ITEM, "modified"), 1_700_000_000, False),
    ((*ITEM, "modified"), "0000-01-01T00:00:00Z", False),
    ((*ITEM, "creator"), 7, False),
    ((*ITEM, "creator"), {"name": 7}, False),
    ((*ITEM, "creator"), [None], False),
    (BODY, 7, False),
    (BODY, [7], False),
    ((*BODY, 0, "purpose"), 7, False),
    ((*BODY, 0, "purpose"), [None], False),
    ((*BODY, 0, "value"), ["Loop"], False),
    ((*BODY, 2, "source"), {"id": "x"}, False),
    ((*BODY, 3, "selector"), 7, False),
    ((*QUOTE, "exact"), 7, False),
    ((*QUOTE, "prefix"), None, False),
    ((*QUOTE, "start"), -1, False),
    ((*QUOTE, "start"), 2**54, False),
    ((*QUOTE, "end"), "15", False),
    ((*QUOTE, "end"), 15.5, False),
    ((*ITEM, "target"), REMOVE, False),
    ((*ITEM, "target"), "volume:tof", False),
    ((*ITEM, "target", "source"), REMOVE, False),
    ((*ITEM, "target", "source"), "", False),
    ((*ITEM, "target", "source"), {"id": "volume:tof"}, False),
    (SELECTOR, REMOVE, False),
    (SELECTOR, [], False),
    ((*SELECTOR, "type"), REMOVE, False),
    ((*SELECTOR, "type"), "CircleSelector", False),
    ((*SELECTOR, "unit"), "cm", False),
    ((*SELECTOR, "unit"), None, False),
    ((*SELECTOR, "coordinateSystem"), "MNI", False),
    ((*SELECTOR, "tip"), REMOVE, False),
    ((*SELECTOR, "tip"), None, False),
    ((*SELECTOR, "tip"), [1, 2], False),
    ((*SELECTOR, "tip"), [1, 2, 3, 4], False),
    ((*SELECTOR, "tip", 1), "2", False),
    ((*SELECTOR, "tip", 1), None, False),
    ((*SELECTOR, "tip", 1), True, False),
    ((*SELECTOR, "tip", 1), 100_000.5, False),
    ((*SELECTOR, "tail", 0), -1e308, False),
    (SELECTOR, {"type": "PointSelector"}, False),
    (SELECTOR, {"type": "PointSelector", "position": [[1, 2, 3]]}, False),
    (SELECTOR, {"type": "PathSelector", "vertices": [[1, 2, 3]]}, False),
    (SELECTOR, {"type": "RegionSelector", "vertices": [[1, 2, 3], [4, 5, 6]]}, False),
    (SELECTOR, {"type": "RegionSelector", "vertices": [[1, 2, 3], [4, 5, 6], [7, 8]]}, False),
    ((*ITEM, "laterality"), "port", False),
    ((*ITEM, "laterality"), "Left", False),
    ((*ITEM, "compressionGrade"), "IV", False),
    ((*ITEM, "compressionGrade"), 3, False),
]

VOLUME = ("volumes", 0)
FINGERPRINT = (*VOLUME, "fingerprints", 0)
QUESTION = ("questions", 0)

QUESTION_CASES: list[tuple[tuple[str | int, ...], Any, bool]] = [
    ((*QUESTION, "language"), REMOVE, True),
    ((*QUESTION, "toleranceMm"), REMOVE, True),
    ((*QUESTION, "toleranceMm"), None, True),
    ((*QUESTION, "toleranceMm"), 1e-3, True),
    ((*QUESTION, "kind"), "name", True),
    ((*QUESTION, "askSide"), True, True),
    ((*QUESTION, "accepted"), [], True),
    ((*QUESTION, "accepted"), ["CN VII"], True),
    ((*QUESTION, "accepted"), "CN VII", False),
    ((*QUESTION, "accepted"), [7], False),
    ((*QUESTION, "picture"), {"x": 1}, True),
    (QUESTION, "Where?", False),
    ((*QUESTION, "id"), REMOVE, False),
    ((*QUESTION, "id"), "", False),
    ((*QUESTION, "kind"), REMOVE, False),
    ((*QUESTION, "kind"), "guess", False),
    ((*QUESTION, "annotation"), REMOVE, False),
    ((*QUESTION, "annotation"), 7, False),
    ((*QUESTION, "prompt"), REMOVE, False),
    ((*QUESTION, "prompt"), " \n", False),
    ((*QUESTION, "prompt"), None, False),
    ((*QUESTION, "toleranceMm"), 0, False),
    ((*QUESTION, "toleranceMm"), "3 mm", False),
    ((*QUESTION, "language"), None, False),
    ((*QUESTION, "askSide"), "yes", False),
    (("questions",), {}, False),
    (("questions",), None, False),
]

LESSON_CASES: list[tuple[tuple[str | int, ...], Any, bool]] = [
    ((), REMOVE, True),
    (("id",), REMOVE, True),
    (("authors",), [], True),
    (("authors",), [{"name": "", "orcid": 7}], True),
    (("questions",), REMOVE, True),
    (("questions",), [], True),
    (("volumes",), [], True),
    (("other",), [None], True),
    ((*VOLUME, "catalogue"), None, True),
    (VOLUME, {"id": "t", "catalogue": "c", "file": None}, True),
    (VOLUME, {"id": "t", "file": "a\nb"}, True),
    ((*VOLUME, "window"), None, True),
    ((*VOLUME, "window"), [-3, 1e9], True),
    ((*VOLUME, "fingerprints"), REMOVE, True),
    ((*FINGERPRINT, "voxelsSha256"), None, True),
    ((*FINGERPRINT, "frameOfReferenceUid"), REMOVE, True),
    (("schemaVersion",), "1.10", True),
    (("schemaVersion",), "1.01", False),
    (("schemaVersion",), "2.0", False),
    (("schemaVersion",), REMOVE, False),
    (("title",), REMOVE, False),
    (("title",), None, False),
    (("id",), 7, False),
    (("language",), None, False),
    (("authors",), ["A. Teacher"], False),
    (("authors",), [{}], False),
    (("authors",), [{"name": None}], False),
    (("notice",), [], False),
    (("volumes",), REMOVE, False),
    (("volumes",), {}, False),
    ((*VOLUME, "id"), REMOVE, False),
    ((*VOLUME, "id"), "", False),
    ((*VOLUME, "file"), REMOVE, False),
    ((*VOLUME, "file"), "", False),
    ((*VOLUME, "file"), "a\0b", False),
    ((*VOLUME, "file"), 7, False),
    ((*VOLUME, "catalogue"), "colin27", False),
    (VOLUME, {"id": "t", "catalogue": None, "file": None}, False),
    ((*VOLUME, "title"), None, False),
    ((*VOLUME, "synthetic"), 1, False),
    ((*VOLUME, "window"), [1], False),
    ((*VOLUME, "window"), [1, "2"], False),
    ((*VOLUME, "fingerprints"), None, False),
    ((*FINGERPRINT, "shape"), REMOVE, False),
    ((*FINGERPRINT, "shape"), [1, 2], False),
    ((*FINGERPRINT, "shape", 1), 0, False),
    ((*FINGERPRINT, "shape", 1), 2.5, False),
    ((*FINGERPRINT, "voxelToRas"), REMOVE, False),
    ((*FINGERPRINT, "voxelToRas", 3), [0, 0, 1], False),
    ((*FINGERPRINT, "voxelToRas", 0, 0), None, False),
    ((*FINGERPRINT, "voxelsSha256"), "ab" * 31, False),
    ((*FINGERPRINT, "voxelsSha256"), "AB" * 32, False),
    ((*FINGERPRINT, "frameOfReferenceUid"), 1.2, False),
    *QUESTION_CASES,
]

ENTRY = ("volumes", 0)
VARIANT = (*ENTRY, "variants", 0)
CROP = {
    "table": "t.tsv",
    "base": "https://x.example/",
    "baseVariable": "X",
    "box": [[0, 1], [0, 1], [0, 1]],
    "voxelsSha256": "0" * 64,
}
CATALOGUE_CASES: list[tuple[tuple[str | int, ...], Any, bool]] = [
    ((), REMOVE, True),
    ((*ENTRY, "synthetic"), True, True),
    ((*VARIANT, "sha256"), None, True),
    ((*VARIANT, "url"), None, True),
    ((*VARIANT, "member"), None, True),
    ((*VARIANT, "other"), 1, True),
    (("schemaVersion",), REMOVE, False),
    (("volumes",), {}, False),
    ((*ENTRY, "id"), REMOVE, False),
    ((*ENTRY, "licence"), REMOVE, False),
    ((*ENTRY, "variants"), REMOVE, False),
    ((*ENTRY, "synthetic"), "no", False),
    ((*VARIANT, "file"), REMOVE, False),
    ((*VARIANT, "places"), "here", False),
    ((*VARIANT, "url"), 7, False),
    ((*VARIANT, "how"), None, False),
    (("notes",), REMOVE, True),
    (("notes",), "one", False),
    ((*ENTRY, "licence"), "", False),
    ((*ENTRY, "shows"), None, False),
    ((*VARIANT, "sha256"), "abc", False),
    ((*VARIANT, "md5"), "0" * 32, True),
    ((*VARIANT, "md5"), "0" * 31, False),
    ((*VARIANT, "bytes"), None, True),
    ((*VARIANT, "bytes"), 0, False),
    ((*VARIANT, "bytes"), "12", False),
    ((*VARIANT, "verified"), 1, False),
    ((*VARIANT, "pointer"), True, True),
    ((*VARIANT, "series"), {"uid": "1.2", "files": 3}, True),
    ((*VARIANT, "series"), {"uid": "1.2"}, False),
    ((*VARIANT, "series"), {"uid": "1.2", "files": 0}, False),
    ((*VARIANT, "crop"), CROP, True),
    ((*VARIANT, "crop"), {**CROP, "box": [[0, 1], [0, 1]]}, False),
    ((*VARIANT, "crop"), {**CROP, "box": [[0, 1], [0, 1], [0, 1, 2]]}, False),
    ((*VARIANT, "crop"), {**CROP, "voxelsSha256": "0"}, False),
]


def changed(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy in which one member is another, or is gone."""
    document = copy.deepcopy(document)
    part = document
    for key in path[:-1]:
        part = part[key]
    if path and value is REMOVE:
        del part[path[-1]]
    elif path:
        part[path[-1]] = value
    return document


def annotations_document() -> Any:
    mark = Annotation(
        Arrow((-20.5, -8, -39), (-10, -21.5, -38)),
        "tof",
        "Loop",
        "n",
        "aica",
        Side.LEFT,
        Grade.MILD,
        "A",
        passages=(passage_at("A loop of the artery.", 2, 6),),
    )
    return json.loads(web_annotation.encode((mark,)))


def lesson_document() -> Any:
    folder = Path(__file__).parent / "lessons_of_versions" / "1.0"
    document = json.loads((folder / "lesson.json").read_text("utf-8"))
    question = {
        "id": "q",
        "kind": "find",
        "annotation": "urn:x",
        "prompt": "Where?",
        "toleranceMm": 2.5,
        "language": "en",
    }
    return {**document, "questions": [question]}


@pytest.mark.parametrize(("path", "value", "good"), ANNOTATIONS_CASES)
def test_annotations_are_good_to_the_schema_and_to_the_reader_alike(path, value, good):
    document = changed(annotations_document(), path, value)
    assert validator("annotations").is_valid(document) == good
    assert is_read(web_annotation.decode, document) == good


@pytest.mark.parametrize(("path", "value", "good"), LESSON_CASES)
def test_lessons_are_good_to_the_schema_and_to_the_reader_alike(path, value, good):
    document = changed(lesson_document(), path, value)
    assert validator("lesson").is_valid(document) == good
    assert is_read(lesson_json.decode, document) == good


@pytest.mark.parametrize(("path", "value", "good"), QUESTION_CASES)
def test_questions_are_good_to_their_schema_as_they_are_to_the_lessons(path, value, good):
    assert validator("questions").is_valid(changed(lesson_document(), path, value)["questions"]) == good


def test_the_lessons_schema_holds_that_of_questions():
    lesson, questions = validator("lesson").schema, validator("questions").schema
    assert lesson["$defs"]["question"] == questions["$defs"]["question"]


@pytest.mark.parametrize(("path", "value", "good"), CATALOGUE_CASES)
def test_catalogues_are_good_to_the_schema_and_to_the_reader_alike(tmp_path, path, value, good):
    document = json.loads((content_folder("sample_data") / "catalogue.json").read_text("utf-8"))
    document = changed(document, path, value)
    assert validator("catalogue").is_valid(document) == good
    (tmp_path / "catalogue.json").write_text(json.dumps(document))
    try:
        load_catalogue(tmp_path / "catalogue.json")
    except msgspec.ValidationError:
        assert not good
    else:
        assert good


def is_read(decode: Callable[[bytes], Any], document: Any) -> bool:
    return not reason(decode, document)


KEYS = ["id", "type", "name", "start", "exact", "selector", "source", "tip", "unit", "window", "file", "x"]
VALUES = st.sampled_from(
    [None, True, 0, -1, 2.5, 1e-9, 10**9, "", "mm", "LPS", [], {}, [1, -2, 3], ["a"], {"name": "a"}, [[]]]
)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_documents_that_are_changed_at_random_are_good_to_both_or_to_none(data):
    name, document, decode = data.draw(
        st.sampled_from(
            [
                ("annotations", annotations_document(), web_annotation.decode),
                ("lesson", lesson_document(), lesson_json.decode),
            ]
        )
    )
    places = [path for path in paths_of(document) if "@context" not in path]
    for path in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=2)):
        value = data.draw(st.one_of(VALUES, st.just(REMOVE)))
        try:
            document = changed(document, path, value)
        except (KeyError, IndexError, TypeError):
            continue
    said = reason(decode, document)
    assume(not any(words in said for words in ("a length of at least", "low end", "same id", "too; give")))
    assert validator(name).is_valid(document) == (not said), said


def reason(decode: Callable[[bytes], Any], document: Any) -> str:
    try:
        decode(json.dumps(document).encode())
    except LessonError as error:
        return str(error)
    return ""


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every member, and to some that are not there."""
    if isinstance(value, dict):
        inner = [one for key, item in value.items() for one in paths_of(item, (*path, key))]
        return [*inner, *((*path, key) for key in (*value, *KEYS))]
    if isinstance(value, list):
        return [(*path, 0), *(one for number, item in enumerate(value) for one in paths_of(item, (*path, number)))]
    return []
