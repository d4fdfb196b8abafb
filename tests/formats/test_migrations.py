"""Files of every version that there was open as they did; older layouts are brought up to date step by step."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from napari_vascular_loop.domain.annotation import Arrow, Grade, Point, Region, Side
from napari_vascular_loop.domain.annotation import Path as Polyline
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats import lesson_json
from napari_vascular_loop.formats.annotations import web_annotation
from napari_vascular_loop.formats.json_text import SCHEMA_VERSION
from napari_vascular_loop.formats.migrations import STEPS, Step, is_older, migrated

VERSIONS = Path(__file__).parent.parent / "lessons_of_versions"


@pytest.mark.parametrize("version", sorted(folder.name for folder in VERSIONS.iterdir()))
def test_a_lesson_of_each_version_says_what_it_said(version):
    """The same lesson, as the program of each version wrote it."""
    folder = VERSIONS / version
    lesson = lesson_json.decode((folder / "lesson.json").read_bytes())
    annotations, _ = web_annotation.decode((folder / "annotations.json").read_bytes())
    assert (lesson.title, lesson.id, lesson.language, lesson.notice) == (
        "The loop: Où?",
        "the-loop",
        "fr",
        "Unverified.",
    )
    assert lesson.authors == ("A. Teacher", "B. Müller")
    tof, colin = lesson.volumes
    assert (tof.id, tof.file, tof.catalogue_id, tof.window, tof.synthetic) == (
        "tof",
        "volumes/tof.nii.gz",
        None,
        (0.5, 280.25),
        True,
    )
    (fingerprint,) = tof.fingerprints
    assert fingerprint.shape == (280, 272, 60)
    assert fingerprint.voxel_to_ras == ((-0.45, 0, 0, 61.5), (0, 0.44, 0, -70.25), (0, 0, 0.6, -55.125), (0, 0, 0, 1))
    assert (fingerprint.voxels_sha256, fingerprint.frame_of_reference_uid) == ("0123456789abcdef" * 4, "1.2.840.99.7")
    assert (colin.catalogue_id, colin.file, colin.fingerprints) == ("colin27", None, ())
    loop, pons, nerve, outline = annotations
    assert loop.geometry == Arrow((-20.1, -8.25, -39.2), (-10.9, -21.5, -38.7))
    assert pons.geometry == Point((11.3, -7.9, 23.1))
    assert nerve.geometry == Polyline(((1.5, -2.5, 3.25), (4.5, -5.5, 6.25), (7.5, -8.5, 10.25)))
    assert outline.geometry == Region(((0.5, 0.25, -1.0), (10.5, 0.25, -1.0), (10.5, 7.75, -1.0)))
    assert [a.volume_id for a in annotations] == ["tof", "colin", "tof", "tof"]
    assert [a.structure for a in annotations] == ["aica", "pons", "http://example.org/structures/9", "my own words"]
    assert [a.side for a in annotations] == [Side.LEFT, None, Side.RIGHT, Side.MIDLINE]
    assert [a.grade for a in annotations] == [Grade.MODERATE, None, None, Grade.SEVERE]
    assert [a.author for a in annotations] == ["A. Teacher", "B. Müller", "", "A. Teacher"]
    assert (loop.label, loop.note, outline.label, outline.note) == (
        "Loop of the AICA",
        'It touches the root.\nSee "there".',
        "",
        "Outline",
    )
    assert loop.modified == datetime(2026, 3, 5, 6, 7, 8, tzinfo=UTC)
    article = (folder / "article.md").read_text("utf-8")
    for passage in (*loop.passages, *nerve.passages):
        assert article[passage.start : passage.end] == passage.exact
    assert loop.passages[0].exact == "loop of the AICA 🧠"
    assert loop.foreign["other:score"] == {"kept": [1, 2.5, "ü"]}


def test_files_of_this_version_are_written_as_they_were():
    folder = VERSIONS / SCHEMA_VERSION
    data = (folder / "annotations.json").read_bytes()
    annotations, foreign = web_annotation.decode(data)
    assert web_annotation.encode([replace(one) for one in annotations], foreign) == data
    data = (folder / "lesson.json").read_bytes()
    assert lesson_json.encode(lesson_json.decode(data)) == data


# ------------------------------------------------------------------ steps, of a file that never was


def named(document: dict[str, Any]) -> dict[str, Any]:
    return {**{k: v for k, v in document.items() if k != "name"}, "title": document["name"]}


def listed(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "volumes": [document["volumes"]]}


TRIAL = {("lesson", "0.7"): Step("0.8", named), ("lesson", "0.8"): Step(SCHEMA_VERSION, listed)}
OLD = {"schemaVersion": "0.7", "name": "A loop", "volumes": {"id": "tof", "file": "a.nii"}, "other": {"kept": [1]}}


def test_an_older_file_is_migrated_step_by_step_and_keeps_the_members_of_others():
    was = json.dumps(OLD)
    assert migrated(OLD, "lesson", "x.json", TRIAL) == {
        "schemaVersion": SCHEMA_VERSION,
        "title": "A loop",
        "volumes": [{"id": "tof", "file": "a.nii"}],
        "other": {"kept": [1]},
    }
    assert json.dumps(OLD) == was


def test_a_file_is_migrated_before_it_is_read(monkeypatch):
    monkeypatch.setattr(lesson_json, "migrated", lambda *given: migrated(*given, TRIAL))
    lesson = lesson_json.decode(json.dumps(OLD).encode())
    assert (lesson.title, lesson.volumes[0].file) == ("A loop", "a.nii")
    again = json.loads(lesson_json.encode(lesson))
    assert (again["schemaVersion"], again["other"]) == (SCHEMA_VERSION, {"kept": [1]})


@pytest.mark.parametrize("layout", [{"first": {"items": []}, "marks": None}, {"marks": None}])
def test_annotations_are_migrated_before_they_are_read(monkeypatch, layout):
    steps = {("annotations", "0.9"): Step("1.0", lambda old: {"first": {"items": old["marks"]}, "other": old["other"]})}
    monkeypatch.setattr(web_annotation, "is_older", lambda *given: is_older(*given, steps))
    monkeypatch.setattr(web_annotation, "migrated", lambda *given: migrated(*given, steps))
    mark = {"id": "urn:x", "target": {"source": "tof", "selector": {"type": "PointSelector", "position": [1, -2, 3]}}}
    document = {"schemaVersion": "0.9", **layout, "marks": [mark], "other": [1]}
    (annotation,), foreign = web_annotation.decode(json.dumps(document).encode())
    assert annotation.geometry == Point((1, -2, 3))
    assert foreign["other"] == [1]
    assert json.loads(web_annotation.encode([annotation], foreign))["schemaVersion"] == SCHEMA_VERSION


def test_an_older_file_that_is_damaged_is_refused():
    document = {key: value for key, value in OLD.items() if key != "name"}
    with pytest.raises(LessonError, match=r"^x.json: it says that it has schemaVersion 0.7, but is not laid out so"):
        migrated(document, "lesson", "x.json", TRIAL)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("2.0", "it was written by a later version of this program (schemaVersion 2.0); update napari-vascular-loop"),
        ("0.8", "schemaVersion 0.8 is not known; the first that there was is 1.0"),
        (None, "schemaVersion should be like '1.0', got None"),
        (1.0, "schemaVersion should be like '1.0', got 1.0"),
        ("1", "schemaVersion should be like '1.0', got '1'"),
        ("1.0.0", "schemaVersion should be like '1.0', got '1.0.0'"),
        ("1.0\n", "schemaVersion should be like '1.0', got '1.0\\n'"),
        ("9" * 5000 + ".0", "schemaVersion should be like '1.0', got '"),
        ("\u0661.\u0660", "schemaVersion should be like '1.0', got '"),
        (["1.0"], "schemaVersion should be like '1.0', got ['1.0']"),
    ],
)
@pytest.mark.parametrize("decode", [lesson_json.decode, web_annotation.decode])
def test_versions_that_are_not_read(decode, version, said):
    document = {"schemaVersion": version, "title": "", "volumes": [], "first": {"items": []}}
    with pytest.raises(LessonError) as raised:
        decode(json.dumps(document).encode(), "x.json")
    assert said in str(raised.value)
    assert len(str(raised.value)) < 200


def test_every_step_leads_to_what_this_program_reads():
    for (kind, version), step in STEPS.items():
        assert (VERSIONS / version).is_dir(), f"a lesson of version {version} is kept"
        assert tuple(map(int, step.to.split("."))) > tuple(map(int, version.split(".")))
        assert step.to == SCHEMA_VERSION or (kind, step.to) in STEPS


def test_there_is_a_lesson_of_the_version_that_is_written():
    assert (VERSIONS / SCHEMA_VERSION / "annotations.json").is_file()
