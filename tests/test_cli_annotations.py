"""`vascular-loop annotations`, as a user or a script calls it."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

import pytest
from conftest import affine_of, make_dot_volume
from marks import LOOP, NERVE, SPOT, replace
from said import Said

from napari_vascular_loop import lesson_making
from napari_vascular_loop.cli_annotations import add_parser
from napari_vascular_loop.domain.annotation import Arrow
from napari_vascular_loop.domain.errors import LessonError, LessonReadOnlyError, LessonSaveError
from napari_vascular_loop.formats.journal.owner import Owner, OwnerFile
from napari_vascular_loop.formats.journal.place import BESIDE
from napari_vascular_loop.lessons import open_lesson

if TYPE_CHECKING:
    from pathlib import Path

ARROW = replace(LOOP, volume_id="volume")
PLACE = replace(SPOT, volume_id="volume", label="A place")
TRACE = replace(NERVE, volume_id="volume")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def call(*arguments: object) -> Said:
        parser = argparse.ArgumentParser()
        add_parser(parser.add_subparsers())
        options = parser.parse_args(["annotations", *map(str, arguments)])
        return Said(options.run(options), *capsys.readouterr())

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lesson with an arrow and a place."""
    volume = make_dot_volume(affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3), (12, -7, 4)))
    store = lesson_making.create_lesson(tmp_path, "A loop", volume)
    for annotation in (ARROW, PLACE):
        store.add(annotation)
    store.close()
    assert store.folder is not None
    return store.folder


def marks_of(folder: Path):
    return open_lesson(folder).annotations


def test_list(run, folder):
    said = run("list", folder)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "1  arrow  Loop of the AICA",
        "   L 10.9 P 21.5 S 0.3 mm, anterior inferior cerebellar artery, left, moderate",
        "2  point  A place",
        "   R 12.5 P 40.8 I 55.0 mm, right",
    ]


def test_a_lesson_without_marks_says_so(run, folder):
    store = open_lesson(folder)
    for annotation in store.annotations:
        store.remove(annotation.id)
    store.close()
    assert run("list", folder).out == "no marks\n"
    assert run("list", folder, "--json").document["annotations"] == []


def test_list_as_json(run, folder):
    document = run("list", folder, "--json").document
    assert document["title"] == "A loop"
    first, second = document["annotations"]
    assert (first["number"], first["id"], first["kind"], first["volume"]) == (1, LOOP.id, "arrow", "volume")
    assert first["vertices_ras_mm"] == [[-20.1, -8.0, -39.2], [-10.9, -21.5, 0.30000000000000004]]
    assert (first["structure"], first["side"], first["grade"]) == ("aica", "left", "moderate")
    assert first["passages"] == [passage.exact for passage in LOOP.passages]
    assert (second["label"], second["grade"]) == ("A place", None)
    assert len(run("list", folder, "--json", "--volume", "volume").document["annotations"]) == 2
    with pytest.raises(LessonError, match="no volume 'tof'"):
        run("list", folder, "--volume", "tof")


def test_export_says_the_file_and_what_is_not_kept(run, folder, tmp_path):
    out = tmp_path / "marks.mrk.json"
    said = run("export", folder, out)
    assert (said.code, said.out) == (0, f"{out}\n")
    assert said.err == "  not kept: the heads of arrows: in Slicer an arrow is a line, from its tail to its tip\n"
    assert len(json.loads(out.read_bytes())["markups"]) == 2


def test_what_another_program_can_not_hold_of_each_mark_is_said_once(run, folder, tmp_path):
    said = run("export", folder, tmp_path / "a.txt")
    assert f"not kept: its side ({ARROW.label}, {PLACE.label})" in said.err
    assert f"not kept: its grade (moderate) ({ARROW.label})" in said.err


def test_export_as_json(run, folder, tmp_path):
    out = tmp_path / "marks"
    said = run("export", folder, out, "--format", "fsleyes", "--json")
    assert said.err == ""
    assert (said.document["path"], said.document["annotations"]) == (str(out), 2)
    assert {"words": "its grade (moderate)", "annotation_id": LOOP.id, "title": LOOP.label} in said.document["losses"]


def test_import_adds_marks_which_are_there_when_the_lesson_is_opened_again(run, folder, tmp_path):
    out = tmp_path / "marks.csv"
    run("export", folder, out)
    other = lesson_making.create_lesson(
        tmp_path, "Another", make_dot_volume(affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3)))
    ).folder
    said = run("import", other, out)
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{other}: 2 added, 0 replaced\n"
    assert marks_of(other) == (ARROW, PLACE)
    again = run("import", other, out)
    assert again.out == f"{other}: 0 added, 0 replaced\n"
    assert again.err == "  note: 2 marks were in the lesson already and stay as they are\n"
    document = run("import", other, out, "--json").document
    assert (document["already_there"], document["losses"]) == ([ARROW.id, PLACE.id], [])
    assert marks_of(other) == (ARROW, PLACE)


def test_import_replaces_if_asked_and_says_so_as_json(run, folder, tmp_path):
    out = tmp_path / "marks.jsonld"
    run("export", folder, out)
    store = open_lesson(folder)
    store.change(ARROW.id, label="Moved", geometry=Arrow((1, 2, 3), (4, -5, 6)))
    store.remove(PLACE.id)
    store.add(TRACE)
    document = run("import", folder, out, "--replace", "--json").document
    assert (document["added"], document["replaced"]) == ([PLACE.id], [ARROW.id])
    assert [loss["words"] for loss in document["losses"]] == [
        "what the mark of the same id was before: it was replaced"
    ]
    arrow, trace, place = marks_of(folder)
    assert arrow == replace(ARROW, modified=arrow.modified)
    assert (trace, place) == (TRACE, PLACE)


def test_an_import_that_fails_changes_nothing(run, folder, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("ras_x_mm,ras_y_mm,ras_z_mm\n1,2,3\n1,2,three\n")
    with pytest.raises(LessonError, match=r"bad\.csv: line 3, ras_z_mm should be a number in mm, got 'three'"):
        run("import", folder, bad)
    assert marks_of(folder) == (ARROW, PLACE)


def test_marks_come_into_a_lesson_that_is_open_elsewhere_only_knowingly(run, folder, tmp_path):
    out = tmp_path / "marks.csv"
    out.write_text("label,ras_x_mm,ras_y_mm,ras_z_mm\nNerve,-1,2,30\n")
    owner = OwnerFile(folder / BESIDE / "owner.json")
    owner.write(Owner("carla", "reading-room", 1, 0.0, "2024-02-29T12:00:00", "token"))
    with pytest.raises(LessonReadOnlyError, match=r"open for editing by carla on reading-room.* say --take-over"):
        run("import", folder, out)
    assert marks_of(folder) == (ARROW, PLACE)
    said = run("import", folder, out, "--take-over")
    assert (said.code, said.out) == (0, f"{folder}: 1 added, 0 replaced\n")
    assert said.err.startswith("  note: taken over from carla on reading-room, since ")
    assert [mark.label for mark in marks_of(folder)] == [ARROW.label, "A place", "Nerve"]
    assert owner.read() is None, "the lesson was not let go"


def test_an_export_does_not_touch_the_lesson(run, folder):
    with pytest.raises(LessonSaveError, match="is a file of a lesson itself"):
        run("export", folder, folder / "annotations.json")
    assert marks_of(folder) == (ARROW, PLACE)
