"""Files of study results: they come back as they were, fit their schema, and are refused in a sentence."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.answer import Answer, OwnMark, StudyResults, Verdict
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.formats import study_csv, study_json

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
FOUND = Answer(
    "find:urn:1", "urn:1", QuestionKind.FIND, Verdict.WRONG_SIDE, AT, "Find: the root", "facial nerve root",
    side=Side.RIGHT, place_ras_mm=(14.25, -26.5, -41.0), distance_mm=29.4, seconds=12.5,
)  # fmt: skip
NAMED = Answer(
    "q2", "urn:2", QuestionKind.NAME, Verdict.WRONG, AT, "Où?", "AICA", given="=HYPERLINK(1)", side=Side.LEFT
)
RESULTS = StudyResults("nerves", "Nerves", "Zoë", (FOUND, NAMED), (OwnMark((1, 2, 3), "t1", "hier"),))

ENTRY = {"question": "q", "annotation": "a", "kind": "find", "verdict": "wrong", "at": "2026-03-04"}

texts = st.text(max_size=20)
coordinates = st.floats(-999, 999).map(lambda value: round(value, 2))
answers = st.builds(
    Answer,
    st.text(min_size=1, max_size=9), st.text(min_size=1, max_size=9), st.sampled_from(QuestionKind),
    st.sampled_from(Verdict), st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    texts, texts, texts, st.none() | st.sampled_from(Side), st.none() | st.tuples(*[coordinates] * 3),
    st.none() | st.floats(0, 999).map(lambda v: round(v, 2)), st.none() | st.floats(0, 999).map(lambda v: round(v, 1)),
)  # fmt: skip
several = st.lists(answers, max_size=4).map(tuple)


def validate(data):
    schema = json.loads((content_folder("annotations") / "schema" / "study-results.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(data))


def test_results_come_back_and_fit_the_schema():
    data = study_json.encode(RESULTS)
    assert study_json.decode(data, "r.json") == (RESULTS,)
    validate(data)
    gathered = study_json.encode_gathered([RESULTS, StudyResults("nerves", student="B")], [{"question": "q2"}])
    assert study_json.decode(gathered, "g.json") == (RESULTS, StudyResults("nerves", student="B"))
    validate(gathered)


@given(several, texts)
def test_any_results_come_back(given_answers, student):
    results = StudyResults("nerves", "Nerves", student, given_answers)
    assert study_json.decode(study_json.encode(results), "r.json") == (results,)


def test_unknown_members_are_kept():
    document = json.loads(study_json.encode(RESULTS))
    document["school"] = {"x": 1}
    document["answers"][1]["confidence"] = 0.5
    (read,) = study_json.decode(json.dumps(document).encode(), "r.json")
    again = json.loads(study_json.encode(read.with_answer(FOUND)))
    assert again["school"] == {"x": 1}
    assert again["answers"][1]["confidence"] == 0.5
    assert len(again["answers"]) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"type": "Lesson"}, "no file of study results"),
        ({"schemaVersion": "2.0"}, "update it"),
        ({"lesson": ""}, "lesson"),
        ({"answers": 7}, "answers"),
        ({"answers": [{}]}, "answers"),
        ({"answers": [{**ENTRY, "kind": "guess"}]}, "kind"),
        ({"answers": [{**ENTRY, "at": "now"}]}, "time"),
        ({"answers": [{**ENTRY, "distanceMm": -1}]}, "distance"),
        ({"ownMarks": [{"placeRasMm": [1, 2, 1e9], "volume": "t1"}]}, "place"),
    ],
)
def test_what_is_no_such_file_is_refused_in_a_sentence(change, said):
    document = {**json.loads(study_json.encode(RESULTS)), **change}
    with pytest.raises(LessonError, match=said) as error:
        study_json.decode(json.dumps(document).encode(), "r.json")
    assert str(error.value).startswith("r.json")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"type": 7}', b"\xff\xfe"])
def test_rubbish_is_refused(data):
    with pytest.raises(LessonError, match=r"r\.json"):
        study_json.decode(data, "r.json")


def test_the_table_has_a_row_for_each_answer_and_no_formula():
    rows = list(csv.DictReader(io.StringIO(study_csv.encode([RESULTS]).decode("utf-8-sig"), newline="")))
    assert len(rows) == 2
    assert rows[0]["student"] == "Zoë"
    assert rows[0]["verdict"] == "wrong side"
    assert [rows[0][name] for name in ("r_mm", "a_mm", "s_mm", "distance_mm")] == ["14.25", "-26.50", "-41.00", "29.40"]
    assert rows[0]["at_utc"] == "2026-03-04T05:06:07Z"
    assert rows[1]["given"] == "'=HYPERLINK(1)"
    assert rows[1]["r_mm"] == ""


def read_or_refused(data):
    """Nothing else may happen."""
    try:
        study_json.decode(data, "r.json")
    except LessonError as error:
        said = str(error)
    else:
        return
    assert "\n" not in said
    assert said.startswith("r.json")


@given(st.data())
def test_damaged_files_are_read_or_refused_and_nothing_else(data):
    good = bytearray(study_json.encode_gathered([RESULTS], []))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(good) - 1))
        good[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=4))
    read_or_refused(bytes(good))


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [None], [7], True, -1e300, 1e308, [1, 2, 3, 4], "2026-13-45"])
@pytest.mark.parametrize("member", ["answers", "ownMarks", "student", "lesson", "lessonTitle", "schemaVersion"])
def test_members_of_every_wrong_kind(member, value):
    document = {**json.loads(study_json.encode(RESULTS)), member: value}
    read_or_refused(json.dumps(document).encode())


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [None], [7], True, -1e300, 1e308, [1, 2, 3, 4], "2026-13-45"])
@pytest.mark.parametrize("member", [*ENTRY, "placeRasMm", "distanceMm", "seconds", "side", "given", "prompt"])
def test_members_of_an_answer_of_every_wrong_kind(member, value):
    document = {**json.loads(study_json.encode(RESULTS)), "answers": [{**ENTRY, member: value}]}
    read_or_refused(json.dumps(document).encode())
