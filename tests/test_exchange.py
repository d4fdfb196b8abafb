"""Marks for other programs and from them: what is written is what was meant, and what comes in harms nothing."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from marks import ALL, LATER, LOOP, NERVE, OUTLINE, SECOND_SPOT, SPOT, differences, several

from napari_vascular_loop import exchange
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point
from napari_vascular_loop.domain.errors import LessonError, LessonSaveError
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.exchange import EXPORTS, IMPORTS, export_annotations, import_annotations, write_checked
from napari_vascular_loop.formats.annotations import slicer_markups, web_annotation
from napari_vascular_loop.formats.annotations.loss import (
    AlreadyThere,
    Loss,
    already_there,
    already_there_words,
    loss_lines,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ENDINGS = [(name, ending) for name, one in EXPORTS.items() for ending in one.endings]
BOTH_WAYS = [(name, ending) for name, ending in ENDINGS if name in IMPORTS]


def lesson(*annotations: Annotation, volumes: tuple[str, ...] = ("tof",), **members: Any) -> Lesson:
    return Lesson("A loop", tuple(LessonVolume(one) for one in volumes), annotations=annotations, **members)


def there_and_back(out: Path, *annotations: Annotation, into: Lesson | None = None, **how: Any):
    """Export annotations, and import them into a lesson (an empty one, if none is given)."""
    export_annotations(lesson(*annotations), out)
    back, losses = import_annotations(out, into or lesson(), **how)
    return back, [*loss_lines(losses), *filter(None, [already_there_words(losses)])]


# ------------------------------------------------------------------ out


@pytest.mark.parametrize(("name", "ending"), BOTH_WAYS)
def test_every_format_brings_all_marks_back(name, ending, tmp_path):
    out = tmp_path / f"marks{ending.upper()}"
    back, _ = there_and_back(out, *ALL)
    assert differences(ALL, back) == []
    assert [one.name for one in tmp_path.iterdir()] == [out.name], "something else was left behind"
    by_name = tmp_path / "without_an_ending"
    export_annotations(lesson(*ALL), by_name, name)
    assert by_name.read_bytes() == out.read_bytes()
    assert import_annotations(by_name, lesson(), format=name)[0] == back


@given(several)
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize(("name", "ending"), ENDINGS)
def test_any_annotations_can_be_exported(name, ending, tmp_path, annotations):
    if annotations:
        export_annotations(lesson(*annotations), tmp_path / f"marks{ending}")


def test_the_losses_of_a_format_are_told(tmp_path):
    assert export_annotations(lesson(*ALL), tmp_path / "a.jsonld") == ()
    assert loss_lines(export_annotations(lesson(OUTLINE), tmp_path / "a.fcsv")) == [
        "the lines of arrows, paths and regions: the file holds points, one for each vertex"
    ]
    assert export_annotations(lesson(OUTLINE), tmp_path / "a.txt")[0].words.startswith("the right place, unless")


def test_members_of_other_programs_are_told_as_lost_but_in_a_w3c_file(tmp_path):
    file = json.loads(web_annotation.encode((LOOP, SPOT)))
    file["first"]["items"][0]["other:member"] = 5
    annotations, foreign = web_annotation.decode(json.dumps(file).encode())
    one = lesson(*annotations, annotations_foreign=foreign)
    assert export_annotations(one, tmp_path / "a.jsonld") == ()
    assert b"other:member" in (tmp_path / "a.jsonld").read_bytes()
    assert loss_lines(export_annotations(one, tmp_path / "a.csv")) == [
        "members of other programs, which only a W3C file can hold (Loop of the AICA)"
    ]


def test_only_the_marks_of_one_volume(tmp_path):
    two = lesson(LOOP, replace(SPOT, volume_id="ciss"), volumes=("tof", "ciss"))
    out = tmp_path / "a.csv"
    export_annotations(two, out, volume_id="ciss")
    assert [(a.id, a.volume_id) for a in import_annotations(out, lesson(volumes=("tof", "ciss")))[0]] == [
        (SPOT.id, "ciss")
    ]
    export_annotations(two, out)
    assert [a.volume_id for a in import_annotations(out, lesson(volumes=("tof", "ciss")))[0]] == ["tof", "ciss"]
    with pytest.raises(LessonError, match="holds the marks of one volume; choose one of"):
        export_annotations(two, tmp_path / "a.txt")
    export_annotations(two, tmp_path / "a.txt", volume_id="tof")
    with pytest.raises(LessonError, match="no volume 'flair'"):
        export_annotations(two, out, volume_id="flair")
    with pytest.raises(LessonError, match="no mark to export in 'A loop'"):
        export_annotations(lesson(), out)


@pytest.mark.parametrize(
    ("name", "format_", "said"),
    [
        ("a.xyz", None, r"the ending of 'a.xyz' names no format; known are .*\.mrk\.json \(slicer\)"),
        ("a.csv", "excel", "there is no format 'excel'; choose one of w3c, slicer, fcsv, csv, fsleyes"),
    ],
)
def test_formats_that_are_not_known(name, format_, said, tmp_path):
    with pytest.raises(LessonError, match=said):
        export_annotations(lesson(LOOP), tmp_path / name, format_)


def broken(change: Any) -> Any:
    """Slicer's format, with a fault in what it writes."""

    def encode(annotations: Sequence[Annotation], _: Lesson) -> tuple[bytes, tuple[Loss, ...]]:
        return slicer_markups.encode(change(annotations))

    return dataclasses.replace(EXPORTS["slicer"], encode=encode)


FAULTS = [
    (
        lambda some: [replace(some[0], geometry=Point((12.5, 40.75, -55.0)))],
        "'point without a label' came back in another",
    ),
    (lambda some: [replace(some[0], geometry=Point((12.5, -40.7485, -55.0)))], "came back in another place"),
    (lambda some: [replace(some[0], geometry=Arrow((12.5, -40.75, -55.0), (0, 0, 0)))], "came back in another place"),
    (lambda some: [replace(some[0], id="other")], "1 marks were written, 1 came back, or in another order"),
    (lambda some: [], "1 marks were written, 0 came back"),
    (lambda some: [replace(some[0], note="A place")], "the note of 'point without a label' came back different"),
    (lambda some: [replace(some[0], created=LATER)], "the created of 'point without a label' came back different"),
]


@pytest.mark.parametrize(("fault", "said"), FAULTS)
def test_a_file_that_is_not_what_was_meant_does_not_take_the_place_of_a_good_one(fault, said, tmp_path):
    out = tmp_path / "marks.mrk.json"
    out.write_bytes(b"the good one")
    with pytest.raises(LessonSaveError, match=f"was not written, since it would not be right: .*{said}"):
        write_checked(broken(fault), [SPOT], lesson(SPOT), out)
    assert out.read_bytes() == b"the good one"
    assert list(tmp_path.iterdir()) == [out]


def test_a_place_within_a_thousandth_of_a_millimetre_is_the_same(tmp_path):
    nearly = broken(lambda some: [replace(some[0], geometry=Point((12.5, -40.7495, -55.0)))])
    assert write_checked(nearly, [SPOT], lesson(SPOT), tmp_path / "a.mrk.json") == ()


def test_a_lessons_own_files_are_not_replaced(tmp_path):
    (tmp_path / "lesson.json").write_text("{}")
    for name in ("annotations.json", "Lesson.json"):
        with pytest.raises(LessonSaveError, match="is a file of a lesson itself; choose another name"):
            export_annotations(lesson(LOOP), tmp_path / name, "w3c")
    export_annotations(lesson(LOOP), tmp_path / "elsewhere" / "annotations.json", "w3c")


def test_a_place_that_can_not_be_written(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder.csv").mkdir()
    for out in (tmp_path / "file" / "a.csv", tmp_path / "folder.csv", tmp_path / "a\0.csv"):
        with pytest.raises(LessonSaveError, match="could not be written"):
            export_annotations(lesson(LOOP), out)
    assert {one.name for one in tmp_path.iterdir()} == {"file", "folder.csv"}


# ------------------------------------------------------------------ in: what is there already


@pytest.mark.parametrize(("name", "ending"), BOTH_WAYS)
def test_what_is_there_already_is_not_added_again(name, ending, tmp_path):
    there = lesson(replace(LOOP, modified=LATER), SPOT)
    back, said = there_and_back(tmp_path / f"a{ending}", LOOP, NERVE, SPOT, into=there)
    assert differences((NERVE,), back) == []
    assert said[-1] == "2 marks were in the lesson already and stay as they are"


def test_another_mark_of_the_same_id_comes_as_a_new_one(tmp_path):
    (back,), said = there_and_back(tmp_path / "a.csv", replace(LOOP, label="Other"), into=lesson(LOOP))
    assert back == replace(LOOP, label="Other", id=back.id)
    assert back.id.startswith("urn:uuid:")
    assert back.id != LOOP.id
    assert said == ["its id, which another mark has: it got a new one (Other)"]
    again, said = import_annotations(tmp_path / "a.csv", lesson(LOOP, back))
    assert again == ()
    assert already_there(said) == [AlreadyThere("the same mark", back.id, "Other")]
    assert loss_lines(said) == []


def test_a_mark_takes_the_place_of_one_with_its_id_if_asked(tmp_path):
    held = replace(LOOP, created=LATER, foreign={"id": LOOP.id, "other:member": 5})
    changed = replace(LOOP, label="Other", geometry=Arrow((1, 2, 3), (4, -5, 6)), grade=None)
    (back,), said = there_and_back(tmp_path / "a.mrk.json", changed, into=lesson(SPOT, held), replace=True)
    assert back == replace(changed, created=LATER)
    assert back.foreign == held.foreign
    assert said == ["what the mark of the same id was before: it was replaced (Other)"]


def test_what_a_file_had_no_room_for_is_not_taken_for_deleted(tmp_path):
    long = replace(LOOP, note="Nerve, root and loop; " * 200)
    moved = replace(long, label="Other", geometry=Arrow((1, 2, 3), (4, -5, 6)))
    (back,), said = there_and_back(tmp_path / "a.fcsv", moved, into=lesson(long), replace=True)
    assert back == moved
    assert said[-1].startswith(
        "all but its place and label, since the rest did not come whole: the mark of the same id"
    )


def test_a_mark_that_stands_twice_in_a_file(tmp_path):
    out = tmp_path / "a.mrk.json"
    file = json.loads(slicer_markups.encode((LOOP,))[0])
    copy = json.loads(json.dumps(file["markups"][0]))
    moved = json.loads(json.dumps(copy))
    moved["controlPoints"][0]["position"][0] += 1
    file["markups"] += [copy, moved]
    out.write_text(json.dumps(file))
    for how in (False, True):
        (first, second), losses = import_annotations(out, lesson(), replace=how)
        assert first == LOOP
        assert second.geometry.tail_ras_mm == (-21.1, -8.0, -39.2)
        assert second.id != first.id
        assert loss_lines(losses) == [
            "one of two marks of the file that are the same (Loop of the AICA)",
            "its id, which another mark has: it got a new one (Loop of the AICA)",
        ]


@pytest.mark.parametrize(("name", "ending"), BOTH_WAYS)
def test_two_marks_of_one_content_stay_two(name, ending, tmp_path):
    twins = (LOOP, replace(LOOP, id="urn:twin"))
    back, losses = there_and_back(tmp_path / f"a{ending}", *twins)
    assert differences(twins, back) == []
    assert not any("in the lesson already" in words for words in losses)


def test_what_was_drawn_in_slicer_comes_in_once(tmp_path):
    out = tmp_path / "L.mrk.json"
    points = [{"label": f"L-{n}", "position": p} for n, p in enumerate([[1, 2, 3], [4, -5, 6]], start=1)]
    out.write_text(json.dumps({"markups": [{"type": "Line", "controlPoints": points}]}))
    first, _ = import_annotations(out, lesson())
    assert [a.geometry for a in first] == [Arrow((-1, -2, 3), (-4, 5, 6))]
    second, losses = import_annotations(out, lesson(*first))
    assert second == ()
    assert already_there_words(losses) == "1 mark was in the lesson already and stays as it is"


# ------------------------------------------------------------------ in: which volume, which file


def test_the_volume_in_which_marks_lie(tmp_path):
    out = tmp_path / "a.csv"
    export_annotations(lesson(LOOP), out)
    both = lesson(volumes=("ciss", "tof"))
    assert import_annotations(out, both)[0][0].volume_id == "tof"
    assert import_annotations(out, both, "ciss")[0][0].volume_id == "ciss"
    with pytest.raises(
        LessonError, match=r"a\.csv: its marks were made in the volume 'tof', and the lesson has 'ciss'"
    ):
        import_annotations(out, lesson(volumes=("ciss",)))
    with pytest.raises(LessonError, match="no volume 'flair'"):
        import_annotations(out, both, "flair")


def test_marks_of_which_no_volume_is_known(tmp_path):
    out = tmp_path / "F.fcsv"
    out.write_text("# Markups fiducial file version = 5.6\n# CoordinateSystem = LPS\n1,1,2,3,0,0,0,1,1,1,0,F,,\n")
    assert [(a.volume_id, a.geometry) for a in import_annotations(out, lesson())[0]] == [("tof", Point((-1, -2, 3)))]
    with pytest.raises(LessonError, match=r"F\.fcsv: it does not say in which volume its marks lie; choose one of"):
        import_annotations(out, lesson(volumes=("ciss", "tof")))
    assert import_annotations(out, lesson(volumes=("ciss", "tof")), "ciss")[0][0].volume_id == "ciss"


def test_slicers_markups_are_known_by_what_is_in_them(tmp_path):
    out = tmp_path / "points.json"
    out.write_bytes(slicer_markups.encode((SPOT, SECOND_SPOT))[0])
    assert differences((SPOT, SECOND_SPOT), import_annotations(out, lesson())[0]) == []


def test_a_lessons_marks_can_be_taken_from_its_file(tmp_path):
    out = tmp_path / "annotations.json"
    out.write_bytes(web_annotation.encode(ALL))
    assert differences(ALL, import_annotations(out, lesson())[0]) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.csv", "there is no file '.*missing.csv'; check the path"),
        ("folder.csv", "folder.csv is no file: not opened"),
        ("a\0.csv", "there is no file|could not be read"),
        ("a.txt", "the ending of 'a.txt' names no format; known are .jsonld"),
        ("bad.json", "bad.json: .*not valid JSON"),
        ("bad.mrk.json", "bad.mrk.json: not valid JSON"),
    ],
)
def test_files_that_can_not_be_read(name, said, tmp_path):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "a.txt").write_bytes(b"")
    for bad in ("bad.json", "bad.mrk.json"):
        (tmp_path / bad).write_bytes(b"{")
    with pytest.raises(LessonError, match=said) as raised:
        import_annotations(tmp_path / name, lesson())
    assert "\n" not in str(raised.value)


def test_a_huge_file_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(exchange, "_MAX_BYTES", 10)
    (tmp_path / "a.csv").write_bytes(b"x" * 11)
    with pytest.raises(LessonError, match=r"a\.csv: 11 bytes is more than it may hold \(10\)"):
        import_annotations(tmp_path / "a.csv", lesson())
