"""JSON of lessons: whatever comes is read to the last value, or refused with the place of what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats import json_text
from napari_vascular_loop.formats.json_object import JsonObject
from napari_vascular_loop.formats.json_text import parse, render

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)
DOCUMENTS = st.dictionaries(st.text(), VALUES)


def nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


# ------------------------------------------------------------------ what is read


@given(DOCUMENTS, st.booleans(), st.sampled_from([None, 1, 4]), st.sampled_from(["", "\ufeff"]))
def test_any_document_is_read_as_it_is(document, ascii_only, indent, mark):
    text = mark + json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    assert parse(text.encode(), "x.json") == document


@given(DOCUMENTS)
def test_any_document_comes_back(document):
    data = render(document)
    assert parse(data, "x.json") == document
    assert render(parse(data, "x.json")) == data


@pytest.mark.parametrize(
    ("data", "document"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{\r\n"a": "b\\r\\nc"\r\n}', {"a": "b\r\nc"}),
        (rb'{"a\u003ab": 1, "a": {"\u003A": ":\\u003a"}}', {"a:b": 1, "a": {":": ":\\u003a"}}),
        (b'{"a": "x\\u0000y"}', {"a": "x\0y"}),
        (b'{"a": 123456789012345678901234567890}', {"a": 123456789012345678901234567890}),
        (b'{"a": 1E2, "b": 1e308, "c": -0}', {"a": 100.0, "b": 1e308, "c": 0}),
        # A text that was cut in the middle of an emoji: what no file can hold is replaced, what can is not.
        (rb'{"a": "x\ud83d"}', {"a": "x\ufffd"}),
        (rb'{"a": "\udde0 \ud83e\udde0 \\ud83d \ud83e\ud83e\udde0"}', {"a": "\ufffd 🧠 \\ud83d \ufffd🧠"}),
    ],
)
def test_odd_spellings(data, document):
    assert parse(data, "x.json") == document


def test_a_hundred_levels_are_read_and_no_more():
    assert parse(nested(100), "x.json")
    with pytest.raises(LessonError, match=r"^x\.json: it is nested too deeply \(more than 100 levels\)$"):
        parse(nested(101), "x.json")
    many = json.dumps({"a": [[[]]] * 1000})
    assert len(parse(many.encode(), "x.json")["a"]) == 1000


def test_what_has_a_hundred_levels_can_be_written_from_deep_within_a_program():
    document = parse(nested(100), "x.json")

    def deep(calls: int) -> bytes:
        return render(document) if calls == 0 else deep(calls - 1)

    assert deep(500)


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "x.json: not valid JSON at line 1, column 1: it is cut short; restore it from a copy"),
        (b'{"a": [1,\n2', "x.json: not valid JSON at line 2, column 2: it is cut short; restore it from a copy"),
        (b'{"a": "\xc3\xa4', "x.json: not valid JSON at line 1, column 9: it is cut short; restore it from a copy"),
        ('{"ä": 1,\n "ö" 2}'.encode(), "x.json: not valid JSON at line 2, column 6: expected ':'"),
        (b'{"a": 1,}', "x.json: not valid JSON at line 1, column 9: trailing comma in object"),
        (b"{'a': 1}", "x.json: not valid JSON at line 1, column 2: object keys must be strings"),
        (b'{"a": 1} // note', "x.json: not valid JSON at line 1, column 11: trailing characters"),
        (b'{"a": "b\nc"}', "x.json: not valid JSON at line 1, column 9: invalid character"),
        (b"\0" * 40, "x.json: not valid JSON at line 1, column 1: invalid character"),
        (b"[1, 2]", "x.json: it should hold a JSON object, not a list"),
        (b"null", "x.json: it should hold a JSON object, not null"),
        (b'"a"', "x.json: it should hold a JSON object, not a text"),
        (b"1.5", "x.json: it should hold a JSON object, not a number"),
        (b'{"a": {"b": [0, NaN]}}', "x.json, a.b[1] is NaN, which is no number"),
        (b'{"a": [{"b": -Infinity}]}', "x.json, a[0].b is -Infinity, which is no number"),
        (b'{"a": [0, 0, 1e400]}', "x.json, a[2] is 1e400, which is too large a number"),
        (b'{"a": {"b": -1e999}}', "x.json, a.b is -1e999, which is too large a number"),
        (b'{"a": %s}' % (b"9" * 5000), "x.json, a is 99999999999999999999999…, which is too large a number"),
        (b'{"a": 1, "b": {"a": 1}, "a": 2}', "x.json: the member 'a' stands twice; take one of them out"),
        (b'{"a": [{}, {"b": 1, "c": ":", "b": 1}]}', "x.json, a[1]: the member 'b' stands twice; take one of them out"),
        (rb'{"a": {"x\u003a": 1, "x:": 1}}', "x.json, a: the member 'x:' stands twice; take one of them out"),
        (rb'{"a": 1, "\u0061": 1}', "x.json: the member 'a' stands twice; take one of them out"),
        (b'{"a\\n\\u001b": 1, "a\\n\\u001b": 1}', "x.json: the member 'a??' stands twice; take one of them out"),
        (b'{"a": {"b": "\xff"}}', "x.json, a.b: it is not UTF-8 text; save it as UTF-8"),
        (b'{"\xff": 1}', "x.json: it is not UTF-8 text; save it as UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "x.json: it is not UTF-8 text; save it as UTF-8"),
        (b'{"a": ' + b"[" * 200_000, "x.json: it is nested too deeply (more than 100 levels)"),
        (b'{"a": ' * 5000 + b"1" + b"}" * 5000, "x.json: it is nested too deeply (more than 100 levels)"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_with_its_place(data, said):
    with pytest.raises(LessonError) as raised:
        parse(data, "x.json")
    assert str(raised.value) == said


@pytest.mark.parametrize(
    "twice", ['"{0}": 1, "{0}": 2', '"x": {{"{0}": {{}}, "{0}": []}}', '"x": [[{{"{0}": 1, "{0}": 1}}]]']
)
@pytest.mark.parametrize("key", ["a", ":", "a:b:c", "", "\\\\", '\\"', "ä", "{", "]"])
def test_a_key_that_stands_twice_is_found_wherever_it_is(twice, key):
    rest = '"y": {"a": "::", "b": {":": ":"}, "c": [":"]}'
    with pytest.raises(LessonError, match="stands twice"):
        parse(f"{{{twice.format(key)}, {rest}}}".encode(), "x.json")


def test_a_place_is_said_shortly_and_printably():
    deep: Any = 1.5
    for _ in range(60):
        deep = {"member\x1b\n" * 3: deep}
    data = json.dumps(deep).replace("1.5", "NaN").encode()
    with pytest.raises(LessonError) as raised:
        parse(data, "x.json")
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 240


# ------------------------------------------------------------------ what is too large


@pytest.mark.parametrize("value", [b"[]", b"{}", b"0"])
def test_millions_of_values_are_refused_before_memory_is_taken_for_them(monkeypatch, value):
    monkeypatch.setattr(json_text, "_MAX_VALUES_AT_ONCE", 1000)
    few = b'{"a": [' + b",".join([value] * 300) + b"]}"
    many = b'{"a": [' + b",".join([value] * 3000) + b"]}"
    assert len(parse(few, "x.json")["a"]) == 300
    with pytest.raises(LessonError, match=r"^x\.json: \d+ values are more than are read \(1000\)$"):
        parse(many, "x.json")


def test_one_long_text_is_as_good_as_any():
    text = "ein Satz: [1, 2, {3}], " * 450_000
    assert parse(render({"note": text}), "x.json") == {"note": text}


# ------------------------------------------------------------------ how it is laid out


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({}, "{}\n"),
        ({"a": []}, '{\n  "a": []\n}\n'),
        ({"a": [1, 2.5, -3e-7, True]}, '{\n  "a": [1, 2.5, -3e-7, true]\n}\n'),
        ({"a": [[1, 2], [3, 4]]}, '{\n  "a": [\n    [1, 2],\n    [3, 4]\n  ]\n}\n'),
        ({"a": ["b, c", 'd"]']}, '{\n  "a": ["b, c", "d\\"]"]\n}\n'),
        ({"a": ["b" * 79]}, '{\n  "a": [\n    "' + "b" * 79 + '"\n  ]\n}\n'),
        ({"a": "[\n  1,\n  2\n]"}, '{\n  "a": "[\\n  1,\\n  2\\n]"\n}\n'),
        ({"ü": "神経 🧠"}, '{\n  "ü": "神経 🧠"\n}\n'),
        ({"a": "x\ud83d"}, '{\n  "a": "x\\ufffd"\n}\n'),
    ],
)
def test_the_layout_for_people_and_for_git(document, text):
    assert render(document).decode() == text


# ------------------------------------------------------------------ objects kept as text


def test_an_object_that_is_kept_as_text_is_a_mapping():
    kept = JsonObject(b'{"b": [1, 2], "a": null}')
    assert dict(kept) == {"b": [1, 2], "a": None}
    assert (list(kept), len(kept), kept["b"], kept.get("c"), "a" in kept) == (["b", "a"], 2, [1, 2], None, True)
    assert kept == JsonObject(b'{"a":null,"b":[1,2]}') == {"a": None, "b": [1, 2]}
    assert kept != JsonObject(b'{"a":null,"b":[1,3]}')
    kept.members()["b"].append(3)
    assert kept["b"] == [1, 2], "nobody changes what was read"
