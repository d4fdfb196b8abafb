"""Lesson folders: what is on disk is never lost, and nothing outside the folder is opened."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from napari_vascular_loop.anchoring import found_passages
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point
from napari_vascular_loop.domain.annotation import Path as Polyline
from napari_vascular_loop.domain.article import passage_at
from napari_vascular_loop.domain.errors import LessonConflictError, LessonError, LessonSaveError
from napari_vascular_loop.domain.fingerprint import Fingerprint
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.formats import atomic
from napari_vascular_loop.formats.lesson_folder import LessonFolder, new_lesson_files

if TYPE_CHECKING:
    from pathlib import Path

ARTICLE = "# A loop\n\nThe loop touches the nerve.\n"
MATRIX = ((0.1 + 0.2, 0.0, 0.0, -90.123456789012345), (0, 1 / 3, 0, -7.0), (0, 0, 0.7, 1e-17), (0, 0, 0, 1))
TOF = LessonVolume(
    "tof",
    "Time of flight",
    file="volumes/tof.nii.gz",
    fingerprints=(Fingerprint("ab" * 32, (280, 280, 60), MATRIX, "1.2.3"),),
    window=(0.1, 280.3),
    licence="CC BY-SA 4.0",
    credit="someone",
    synthetic=True,
)
LOOP = Annotation(
    Arrow((-1 / 3, 0.1 + 0.2, -39.2), (1e-9, 2 / 7, 5)), "tof", "Loop", passages=(passage_at(ARTICLE, 10, 18),)
)
LESSON = Lesson(
    "The loop: Où?",
    (TOF, LessonVolume("colin", catalogue_id="colin27")),
    ARTICLE,
    (LOOP, Annotation(Polyline(((0, 0, 0), (1, 1, 1))), "tof", "Nerve"), Annotation(Point((1, 2, 3)), "colin")),
    id="the-loop",
    authors=("A. Teacher", "B. Müller"),
    licence="CC-BY-4.0",
    credit="us",
    notice="Unverified.",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "lesson"
    (path / "volumes").mkdir(parents=True)
    for name, data in new_lesson_files(LESSON).items():
        (path / name).write_bytes(data)
    (path / "volumes" / "tof.nii.gz").write_bytes(b"voxels")
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def with_label(lesson: Lesson, label: str) -> Lesson:
    first, *others = lesson.annotations
    return lesson.with_annotations((replace(first, label=label), *others))


def labels(folder: Path) -> list[str]:
    return [annotation.label for annotation in LessonFolder(folder).read().annotations]


# ------------------------------------------------------------------ round trip


def test_a_lesson_comes_back_to_the_last_digit(folder):
    assert LessonFolder(folder).read() == LESSON
    assert LessonFolder(folder / "lesson.json").read() == LESSON


def test_only_what_changed_is_written(folder):
    before = files(folder)
    opened = LessonFolder(folder)
    lesson = opened.read()
    assert opened.write(lesson) == folder
    assert files(folder) == before
    opened.write(with_label(lesson, "Hairpin"))
    after = files(folder)
    assert {name for name in after if after[name] != before.get(name)} == {"annotations.json"}
    assert labels(folder) == ["Hairpin", "Nerve", ""]


def test_unknown_members_of_a_lesson_survive_saving(folder):
    document = json.loads((folder / "annotations.json").read_text("utf-8"))
    document["other"] = {"kept": True}
    (folder / "annotations.json").write_text(json.dumps(document))
    opened = LessonFolder(folder)
    opened.write(with_label(opened.read(), "Hairpin"))
    assert json.loads((folder / "annotations.json").read_text("utf-8"))["other"] == {"kept": True}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_move_no_passage(folder, line_end, mark):
    (folder / "article.md").write_bytes((mark + ARTICLE.replace("\n", line_end)).encode("utf-8"))
    lesson = LessonFolder(folder).read()
    assert lesson.article == ARTICLE
    (found,) = found_passages(lesson)
    assert found.span is not None
    assert (found.span.start, found.span.end) == (10, 18)


# ------------------------------------------------------------------ damage


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda f: half(f / "lesson.json"), "lesson.json: not valid JSON at line "),
        (lambda f: half(f / "annotations.json"), "annotations.json: not valid JSON at line "),
        (lambda f: (f / "annotations.json").write_bytes(b""), "annotations.json: not valid JSON at line 1"),
        (lambda f: (f / "article.md").write_bytes(b"na\xefve"), "article.md: it is not UTF-8 text (byte 2)"),
        (lambda f: (f / "article.md").unlink(), "has no article.md"),
        (lambda f: (f / "annotations.json").unlink(), "has no annotations.json"),
        (lambda f: edited(f / "lesson.json", '"volumes/tof.nii.gz"', "5"), "volumes[0].file: expected str | null"),
        (
            lambda f: edited(f / "lesson.json", '"file": "volumes/tof.nii.gz",', ""),
            "lesson.json, volumes[0]: it needs either 'file' or 'catalogue'",
        ),
        (lambda f: edited(f / "lesson.json", "[0.1, 280.3]", "[300, 280.3]"), "window: the low end must be below"),
        (lambda f: edited(f / "lesson.json", '"id": "colin"', '"id": "tof"'), "two volumes of the lesson"),
        (lambda f: edited(f / "lesson.json", '"1.0"', '"3.1"'), "lesson.json: it was written by a later version"),
        (lambda f: edited(f / "lesson.json", '"title": "The', '"titel": "The'), "missing required field title"),
        (
            lambda f: edited(f / "annotations.json", "volume:tof", "volume:ciss"),
            "annotations.json: item 0, target.source names the volume 'ciss', which lesson.json does not have",
        ),
    ],
)
def test_damage_is_said_with_file_and_member(folder, damage, said):
    damage(folder)
    with pytest.raises(LessonError) as raised:
        LessonFolder(folder).read()
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("name", "said"), [("nowhere", "no lesson folder"), (".", "holds no lesson.json")])
def test_a_folder_that_is_no_lesson(tmp_path, name, said):
    with pytest.raises(LessonError, match=said):
        LessonFolder(tmp_path / name)


# ------------------------------------------------------------------ nothing outside is opened


@pytest.mark.parametrize(
    "file", ["../secret.nii", "volumes/../../secret.nii", "{outside}/secret.nii", "volumes/link.nii", "..\\secret.nii"]
)
def test_a_volume_outside_the_folder_is_not_opened(folder, tmp_path, file):
    (tmp_path / "secret.nii").write_bytes(b"secret")
    (folder / "volumes" / "link.nii").symlink_to(tmp_path / "secret.nii")
    volume = replace(TOF, file=file.format(outside=tmp_path))
    with pytest.raises(LessonError, match="outside the lesson's folder"):
        LessonFolder(folder).volume_path(volume)


@pytest.mark.parametrize("name", ["lesson.json", "article.md", "annotations.json"])
def test_a_file_that_is_a_link_out_of_the_folder_is_not_opened(folder, tmp_path, name):
    (folder / name).rename(tmp_path / name)
    (folder / name).symlink_to(tmp_path / name)
    with pytest.raises(LessonError, match=f"{name} leads out of the lesson's folder"):
        LessonFolder(folder).read()


def test_a_volume_inside_the_folder_is_found(folder):
    assert LessonFolder(folder).volume_path(TOF) == (folder / "volumes" / "tof.nii.gz").resolve()
    assert LessonFolder(folder).volume_path(LESSON.volumes[1]) is None
    with pytest.raises(LessonError, match=r"'tof' is missing: there is no 'volumes/gone.nii'"):
        LessonFolder(folder).volume_path(replace(TOF, file="volumes/gone.nii"))


# ------------------------------------------------------------------ saving


def failing(*_args, **_kwargs):
    raise OSError(30, "Read-only file system")


@pytest.mark.parametrize("call", ["os.replace", "os.fsync", "pathlib.Path.write_bytes"])
def test_when_saving_fails_the_old_file_stays_and_it_is_said(folder, monkeypatch, call):
    opened = LessonFolder(folder)
    lesson = opened.read()
    before = files(folder)
    with monkeypatch.context() as broken:
        broken.setattr(call, failing)
        with pytest.raises(LessonSaveError, match=r"could not be saved .*Read-only file system"):
            opened.write(with_label(lesson, "Hairpin"))
    assert files(folder) == before
    opened.write(with_label(lesson, "Hairpin"))
    assert labels(folder)[0] == "Hairpin", "it could not be saved once the disk was well again"


def test_what_another_program_wrote_is_not_overwritten(folder):
    opened = LessonFolder(folder)
    lesson = opened.read()
    assert opened.outside_files() is None
    edited(folder / "annotations.json", '"Loop"', '"Theirs"')
    with pytest.raises(LessonConflictError, match=r"annotations\.json was changed by another program"):
        opened.write(with_label(lesson, "Mine"))
    assert labels(folder)[0] == "Theirs"
    outside = opened.outside_files()
    assert outside is not None
    assert opened.take(outside).annotations[0].label == "Theirs"
    opened.write(with_label(lesson, "Mine"))
    assert labels(folder)[0] == "Mine"


def test_a_file_that_was_only_touched_is_not_changed(folder):
    opened = LessonFolder(folder)
    opened.read()
    os.utime(folder / "article.md", (1, 1))
    assert opened.outside_files() is None


def test_the_article_keeps_its_line_ends_and_its_mark(folder):
    (folder / "article.md").write_bytes(b"\xef\xbb\xbf" + ARTICLE.replace("\n", "\r\n").encode("utf-8"))
    opened = LessonFolder(folder)
    lesson = opened.read()
    before = files(folder)
    opened.write(replace(lesson, article=lesson.article + "More.\n"))
    after = files(folder)
    assert after["article.md"] == before["article.md"] + b"More.\r\n"
    assert {name for name in after if after[name] != before[name]} == {"article.md"}


def test_another_title_is_written_to_the_description_alone(folder):
    opened = LessonFolder(folder)
    before = files(folder)
    opened.write(replace(opened.read(), title="Hairpin"))
    after = files(folder)
    assert {name for name in after if after[name] != before[name]} == {"lesson.json"}
    assert LessonFolder(folder).read() == replace(LESSON, title="Hairpin")


def test_an_original_is_copied_at_the_first_change_only(folder, tmp_path):
    before = files(folder)
    own = tmp_path / "own" / "lesson"
    opened = LessonFolder(folder, copy_to=own)
    lesson = opened.read()
    assert opened.is_original
    assert not own.exists()
    assert opened.write(with_label(lesson, "Mine")) == own
    assert not opened.is_original
    assert opened.write(with_label(lesson, "Mine, later")) == own
    assert files(folder) == before
    assert labels(own)[0] == "Mine, later"
    assert set(files(own)) == set(files(folder))
    assert [path.name for path in own.parent.iterdir()] == ["lesson"], "half a copy was left"


def test_a_copy_that_was_broken_off_is_no_lesson_and_does_not_disturb(folder, tmp_path):
    own = tmp_path / "own" / "lesson"
    broken_off = own.with_name(".lesson.copying")
    broken_off.mkdir(parents=True)
    (broken_off / "lesson.json").write_bytes(b"{")
    opened = LessonFolder(folder, copy_to=own)
    opened.write(with_label(opened.read(), "Mine"))
    assert labels(own)[0] == "Mine"
    assert not broken_off.exists()


def test_a_copy_that_can_not_be_made_is_said(folder, tmp_path):
    (tmp_path / "file").write_text("in the way")
    opened = LessonFolder(folder, copy_to=tmp_path / "file" / "lesson")
    with pytest.raises(LessonSaveError, match="no copy of the lesson could be made"):
        opened.write(with_label(opened.read(), "Mine"))


def test_save_as_takes_everything_along_and_goes_on_there(folder, tmp_path):
    opened = LessonFolder(folder)
    lesson = with_label(opened.read(), "Mine")
    assert opened.save_as(lesson, tmp_path / "new") == tmp_path / "new"
    assert labels(tmp_path / "new")[0] == "Mine"
    assert labels(folder)[0] == "Loop"
    assert (tmp_path / "new" / "volumes" / "tof.nii.gz").read_bytes() == b"voxels"
    opened.write(with_label(lesson, "Mine, later"))
    assert labels(tmp_path / "new")[0] == "Mine, later"


def test_save_as_does_not_touch_a_folder_in_use(folder, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "thesis.txt").write_text("ten years of work")
    opened = LessonFolder(folder)
    with pytest.raises(LessonSaveError, match="is not empty"):
        opened.save_as(opened.read(), tmp_path / "new")
    assert files(tmp_path / "new") == {"thesis.txt": b"ten years of work"}


def test_an_atomic_write_leaves_nothing_behind_when_it_fails(tmp_path, monkeypatch):
    path = tmp_path / "annotations.json"
    atomic.write_bytes(path, b"old")
    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", failing)
        with pytest.raises(OSError, match="Read-only"):
            atomic.write_bytes(path, b"new")
    assert files(tmp_path) == {"annotations.json": b"old"}
    atomic.write_bytes(path, b"new")
    assert files(tmp_path) == {"annotations.json": b"new"}


def test_the_data_is_on_disk_before_it_takes_the_place_of_the_old(tmp_path, monkeypatch):
    order: list[str] = []
    fsync, rename = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda n: (order.append("flush"), fsync(n))[1])
    monkeypatch.setattr(os, "replace", lambda a, b: (order.append("replace"), rename(a, b))[1])
    atomic.write_bytes(tmp_path / "annotations.json", b"new")
    assert order[:2] == ["flush", "replace"]
