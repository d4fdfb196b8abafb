"""The page that explains the lesson's files: its example is a lesson, its code reads lessons as the program does."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from conftest import ORIENTATIONS, TILT_DEG, affine_of

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.annotation import Arrow, Grade, Side
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.fingerprint import SAME_PLACE_MM, voxels_sha256
from napari_vascular_loop.domain.frame import DisplayFrame
from napari_vascular_loop.domain.space import Grid
from napari_vascular_loop.domain.terms import structure_by_id
from napari_vascular_loop.formats import json_text, lesson_json
from napari_vascular_loop.formats.annotations import web_annotation
from napari_vascular_loop.formats.annotations.context import CONTEXT

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "lesson-format.md"
if not PAGE.is_file():
    pytest.skip("there are no docs beside these tests (an sdist has none)", allow_module_level=True)

TEXT = PAGE.read_text("utf-8")
SHIPPED = [
    content_folder("annotations") / name for name in ("facial-nerve-root", "vascular-loop", "synthetic-stand-in")
]
OLD = sorted((ROOT / "tests" / "lessons_of_versions").iterdir())


def example(name: str) -> str:
    """What the page shows as a file of that name."""
    match = re.search(rf"^`{re.escape(name)}`:\n\n```\w+\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert match, name
    return match[1]


@cache
def code(name: str) -> dict[str, Any]:
    """The page's Python that defines a function, run."""
    (block,) = [block for block in re.findall(r"^```python\n(.*?)^```$", TEXT, re.M | re.S) if f"def {name}(" in block]
    scope: dict[str, Any] = {}
    exec(compile(block, str(PAGE), "exec"), scope)
    return scope


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("lesson.json", "article.md", "annotations.json"):
        (tmp_path / name).write_text(example(name), "utf-8")
    return tmp_path


def test_the_example_is_a_lesson():
    lesson = lesson_json.decode(example("lesson.json").encode())
    (loop,), _ = web_annotation.decode(example("annotations.json").encode())
    assert loop.geometry == Arrow((-20.1, -8.25, -39.2), (-10.9, -21.5, -38.7))
    assert (loop.volume_id, loop.label, loop.structure) == ("tof", "Loop of the AICA", "aica")
    assert (loop.side, loop.grade, loop.author) == (Side.LEFT, Grade.MODERATE, "A. Teacher")
    (passage,) = loop.passages
    article = example("article.md")
    assert passage == passage_at(article, 16, 32)
    assert json.loads(example("annotations.json"))["@context"] == CONTEXT
    (question,) = lesson_json.questions_of(lesson)
    assert (question.annotation_id, question.tolerance_mm) == (loop.id, 4)
    assert [volume.id for volume in lesson.volumes] == [loop.volume_id]


@pytest.mark.parametrize("name", ["lesson", "annotations"])
def test_the_example_fits_the_schemas(name):
    schema = json.loads((content_folder("annotations") / "schema" / f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(example(f"{name}.json")))


def test_the_reader_reads_the_example(folder):
    read = code("read_lesson")["read_lesson"](folder)
    (mark,) = read["marks"]
    assert (read["title"], mark["label"], mark["note"]) == ("The loop", "Loop of the AICA", "It indents the nerve.")
    assert (mark["kind"], mark["volume"], mark["side"], mark["grade"]) == ("Arrow", "tof", "left", "moderate")
    assert mark["places_ras_mm"] == [(-20.1, -8.25, -39.2), (-10.9, -21.5, -38.7)]
    assert mark["passages"] == [("loop of the AICA", (16, 32))]


@pytest.mark.parametrize("folder", [*SHIPPED, *OLD], ids=lambda folder: folder.name)
def test_the_reader_reads_lessons_as_the_program_does(folder):
    read = code("read_lesson")["read_lesson"](folder)
    annotations, _ = web_annotation.decode((folder / "annotations.json").read_bytes())
    assert len(read["marks"]) == len(annotations) > 0
    for mark, annotation in zip(read["marks"], annotations, strict=True):
        assert mark["id"] == annotation.id
        assert mark["kind"].lower() == annotation.geometry.kind
        assert mark["places_ras_mm"] == list(annotation.geometry.vertices_ras_mm)
        assert (mark["label"], mark["note"], mark["volume"]) == (
            annotation.label,
            annotation.note,
            annotation.volume_id,
        )
        assert (mark["side"], mark["grade"]) == (annotation.side, annotation.grade)
        known = structure_by_id(annotation.structure)
        assert mark["structure"] == ((known.iri or known.name) if known else annotation.structure or "")
        assert [words for words, _ in mark["passages"]] == [passage.exact for passage in annotation.passages]
        assert [span for _, span in mark["passages"]] == [(p.start, p.end) for p in annotation.passages]


def test_the_reader_knows_lps_and_line_ends_and_refuses_what_it_must(folder):
    read_lesson = code("read_lesson")["read_lesson"]
    article = (folder / "article.md").read_text("utf-8")
    (folder / "article.md").write_bytes(b"\xef\xbb\xbf" + article.replace("\n", "\r\n").encode())
    text = example("annotations.json").replace('"RAS"', '"LPS"')
    (folder / "annotations.json").write_text(text, "utf-8")
    (mark,) = read_lesson(folder)["marks"]
    assert mark["places_ras_mm"] == [(20.1, 8.25, -39.2), (10.9, 21.5, -38.7)]
    assert mark["passages"] == [("loop of the AICA", (16, 32))]
    assert web_annotation.decode(text.encode())[0][0].geometry.vertices_ras_mm == tuple(mark["places_ras_mm"])
    for wrong in (text.replace('"1.0"', '"2.0"'), text.replace('"tail"', '"tip"')):
        (folder / "annotations.json").write_text(wrong, "utf-8")
        with pytest.raises(ValueError, match=r"version 2\.0|stands twice"):
            read_lesson(folder)


@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS)
@pytest.mark.parametrize("dtype", ["<i2", ">i2", "<f4", "u1"])
def test_the_hash_of_the_page_is_that_of_the_program(axes, signs, dtype):
    voxels = (np.arange(5 * 7 * 3).reshape(5, 7, 3) % 251).astype(dtype)
    for tilt_deg in ((0, 0, 0), TILT_DEG, (45, 0, 0), (45, 45, 45)):
        matrix = affine_of(axes, signs, (0.9, 1.1, 2.3), tilt_deg)
        frame = DisplayFrame(Grid(voxels.shape, matrix))
        assert code("voxels_sha256")["voxels_sha256"](voxels, matrix) == voxels_sha256(voxels, frame)


def test_the_numbers_of_the_page_are_those_of_the_program():
    assert f"farther than {SAME_PLACE_MM} mm" in TEXT
    assert f"larger than {json_text.MAX_BYTES >> 20} MiB" in TEXT
    assert f"holds more than {json_text._MAX_VALUES // 10**6} million values" in TEXT
    assert f"holds more than {json_text._MAX_VALUES_AT_ONCE // 10**6} million;" in TEXT
    assert f"deeper than {json_text._MAX_DEPTH};" in TEXT
    with pytest.raises(Exception, match=re.escape("annotations.json: item 0, target.selector.tip[2] is NaN")):
        web_annotation.decode(example("annotations.json").replace("-38.7", "NaN").encode())


def test_every_member_that_is_written_is_on_the_page():
    items = json.loads(example("annotations.json"))["first"]["items"]
    names = {*items[0], *json.loads(example("lesson.json")), *(name for name in CONTEXT[1] if name != "loop")}
    assert [name for name in sorted(names) if f"`{name}" not in TEXT and f'"{name}"' not in TEXT] == []
