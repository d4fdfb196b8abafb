"""Lessons as a user opens, makes and copies them."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from conftest import DOT_IJK, affine_of, make_dot_volume
from dicom_series import PATIENT, write_series

from napari_vascular_loop import lesson_making, lessons
from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point
from napari_vascular_loop.domain.errors import (
    AnnotationError,
    LessonError,
    LessonSaveError,
    SampleUnavailableError,
    WrongVolumeError,
)
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.domain.volume import Provenance, Volume
from napari_vascular_loop.formats.journal.journal import Journal
from napari_vascular_loop.formats.journal.place import BESIDE
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
from napari_vascular_loop.lesson_check import check_lesson
from napari_vascular_loop.samples.catalogue import Catalogue, load_catalogue
from napari_vascular_loop.store import LessonStore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def no_colin27(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer on which Colin27 is not installed."""
    entries = tuple(
        msgspec.structs.replace(e, variants=tuple(msgspec.structs.replace(v, places=()) for v in e.variants))
        for e in load_catalogue().entries
    )
    monkeypatch.setattr(lessons, "load_catalogue", lambda: Catalogue(entries))


def made(tmp_path: Path, title: str = "A loop") -> LessonStore:
    volume = make_dot_volume(affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3), (12, -7, 4)))
    return lesson_making.create_lesson(tmp_path, title, volume)


def arrow(volume_id: str = "volume", label: str = "Loop") -> Annotation:
    return Annotation(Arrow((0, 0, 0), (1, 1, 1)), volume_id, label)


# ------------------------------------------------------------------ the first lesson


@pytest.mark.usefixtures("no_colin27")
def test_without_colin27_the_synthetic_head_is_shown_and_it_is_said():
    store, volume, notice = lessons.open_first_lesson()
    assert "SYNTHETIC" in notice
    assert "not an image of a person" in notice
    assert "mricron-data" in notice, "it is not said how to get the real one"
    assert store.lesson.volumes[0].synthetic
    assert store.lesson.id == lessons.PHANTOM_LESSON
    assert volume.grid.shape == (213, 126, 72)
    with pytest.raises(SampleUnavailableError):
        lessons.lesson_volume(lessons.open_shipped_lesson(lessons.FIRST_LESSON))


def test_the_users_own_copy_of_a_shipped_lesson_is_opened_again():
    shipped = content_folder("annotations") / lessons.STAND_IN_LESSON
    before = (shipped / "annotations.json").read_bytes()
    store = lessons.open_shipped_lesson(lessons.STAND_IN_LESSON)
    assert not lesson_making.is_own_copy(store)
    store.change(store.annotations[0].id, label="Mine")
    assert store.save_state.saved
    assert lesson_making.is_own_copy(store)
    assert store.folder == lessons.own_lessons_folder() / lessons.STAND_IN_LESSON
    assert (shipped / "annotations.json").read_bytes() == before
    assert lessons.open_shipped_lesson(lessons.STAND_IN_LESSON).annotations[0].label == "Mine"
    assert lessons.find_lesson(lessons.STAND_IN_LESSON).annotations[0].label == "Mine"


def test_back_to_the_original_keeps_the_users_copy():
    store = lessons.open_shipped_lesson(lessons.STAND_IN_LESSON)
    shipped_label = store.annotations[0].label
    store.change(store.annotations[0].id, label="Mine")
    original, kept = lesson_making.back_to_original(store)
    assert original.annotations[0].label == shipped_label
    assert lessons.open_lesson(kept).annotations[0].label == "Mine"
    with pytest.raises(LessonError, match="not a copy"):
        lesson_making.back_to_original(original)


# ------------------------------------------------------------------ making a lesson


def test_a_new_lesson_has_the_volume_as_it_was(tmp_path):
    volume = make_dot_volume(affine_of((2, 0, 1), (-1, 1, -1), (0.9, 1.1, 2.3), (12, -7, 4)))
    store = lesson_making.create_lesson(tmp_path, "Où est le nerf? (A/B)", volume)
    assert store.folder == tmp_path / "ou-est-le-nerf-a-b"
    assert store.lesson.title == "Où est le nerf? (A/B)"
    tail, tip = volume.grid.ras_from_voxel([(1, 2, 3), DOT_IJK]).tolist()
    store.add(Annotation(Arrow(tail, tip), "volume", "Loop"))
    again = lessons.open_lesson(store.folder)
    assert again.annotations == store.annotations
    back = lessons.lesson_volume(again)
    assert volume.fingerprint.differences(back.fingerprint) == ()
    assert back.voxels[DOT_IJK] == 1000
    assert check_lesson(again).problems == ()


def test_a_new_lesson_holds_nothing_that_names_the_patient(tmp_path):
    write_series(
        tmp_path / "DOE^JANE",
        make_dot_volume(np.eye(4)).voxels,
        affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3)),
        SeriesDescription="DOE^JANE, facial spasm",
        PatientBirthDate="19700102",
    )
    (volume,) = read_volumes(tmp_path / "DOE^JANE")
    store = lesson_making.create_lesson(tmp_path / "out" / "..", "A loop", volume)
    assert store.folder is not None
    for path in store.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            data += gzip.decompress(data) if path.suffix == ".gz" else b""
            # lesson.json holds the frame of reference, by which other things of the same session are known.
            frame = ["1.2.3.4"] if path.name != "lesson.json" else []
            for secret in (PATIENT, "DOE", "ID-4711", "19700102", "facial spasm", *frame):
                assert secret.encode() not in data, (path.name, secret)


@pytest.mark.parametrize(
    ("title", "folder"),
    [("", "lesson"), ("???", "lesson"), ("神経 1", "神経-1"), ("Нерв", "нерв"), ("Aux", "aux-lesson")],
)
def test_every_title_makes_a_folder(tmp_path, title, folder):
    assert made(tmp_path, title).folder == tmp_path / folder


def test_a_lesson_is_not_made_over_another(tmp_path):
    store = made(tmp_path)
    store.add(arrow())
    with pytest.raises(LessonSaveError, match=r"already something at .* choose another title"):
        made(tmp_path)
    assert lessons.open_lesson(store.folder).annotations == store.annotations


def test_a_lesson_that_can_not_be_made_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(LessonSaveError, match="no lesson could be made"):
        made(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_lesson_whose_volume_can_not_be_written_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nibabel.save", full)
    with pytest.raises(LessonSaveError, match="No space left"):
        made(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("title", "name"),
    [("A loop", "a-loop"), ("../../etc/passwd", "etc-passwd"), ("x" * 99, "x" * 60), ("Öl & Co.", "ol-co")],
)
def test_slugs_are_safe_names(title, name):
    assert lessons.slug(title) == name


# ------------------------------------------------------------------ copying and saving


def test_a_copy_goes_on_by_itself(tmp_path):
    store = made(tmp_path)
    store.add(arrow())
    copy = lesson_making.copy_lesson(store, tmp_path / "copies")
    copy.change(copy.annotations[0].id, label="In the copy")
    assert lessons.open_lesson(copy.folder).annotations[0].label == "In the copy"
    assert lessons.open_lesson(store.folder).annotations[0].label == "Loop"
    assert lessons.lesson_volume(copy).voxels[DOT_IJK] == 1000
    with pytest.raises(LessonSaveError, match="not empty"):
        lesson_making.copy_lesson(store, tmp_path / "copies")


def test_a_lesson_without_a_folder_can_not_be_copied(tmp_path):
    with pytest.raises(LessonSaveError, match="no folder yet"):
        lesson_making.copy_lesson(LessonStore(Lesson("Loop", (LessonVolume("tof"),))), tmp_path)


def full(*_args, **_values):
    raise LessonSaveError("the disk is full")


def test_marks_whose_file_can_not_be_written_are_in_the_journal(tmp_path):
    folder = made(tmp_path).folder
    store = lessons.open_lesson(folder)
    # Something in the way that can't be replaced, even by a user who may write everywhere.
    (folder / "annotations.json").unlink()
    (folder / "annotations.json").mkdir()
    store.add(arrow())
    assert store.save_state.saved
    assert "safe in this lesson's journal, but not yet in its files" in store.save().note
    assert lessons.open_lesson(folder).annotations == store.annotations
    (aside,) = folder.glob("damaged *annotations.json")
    assert aside.is_dir()


@pytest.mark.parametrize("lesson_id", ["a-loop", "../../elsewhere", "{absolute}"])
def test_marks_that_can_be_written_nowhere_in_the_lesson_are_rescued(tmp_path, monkeypatch, lesson_id):
    folder = made(tmp_path).folder
    text = (folder / "lesson.json").read_text("utf-8")
    lesson_id = lesson_id.format(absolute=tmp_path / "elsewhere")
    (folder / "lesson.json").write_text(text.replace('"id": "a-loop"', f'"id": "{lesson_id}"'), "utf-8")
    store = lessons.open_lesson(folder)
    assert store.lesson.id == lesson_id
    with monkeypatch.context() as broken:
        broken.setattr(Journal, "append", full)
        store.add(arrow())
    assert not store.save_state.saved
    assert "disk is full" in store.save_state.problem
    assert "safe in" in store.save_state.problem
    (rescued,) = (lessons.own_lessons_folder() / "rescued").iterdir()
    assert lessons.open_lesson(rescued).annotations == store.annotations
    assert not (tmp_path / "elsewhere").exists()


# ------------------------------------------------------------------ the right volume


def test_another_volume_in_the_place_of_the_lessons_is_refused_by_its_name(tmp_path):
    store = made(tmp_path)
    entry = store.lesson.volumes[0]
    volume = lessons.lesson_volume(store)
    voxels = volume.voxels.copy()
    voxels[0, 0, 0] += 1
    write_nifti(Volume(voxels, volume.voxel_to_ras), store.folder / entry.file)
    with pytest.raises(WrongVolumeError, match=rf"\({entry.title}\): its voxels are not the same\. No mark is shown"):
        lessons.lesson_volume(store)
    (problem,) = check_lesson(store).problems
    assert entry.title in problem


def test_of_several_volumes_the_lessons_is_picked():
    right = make_dot_volume(np.eye(4))
    wrong = make_dot_volume(np.diag([2, 1, 1, 1]))
    entry = LessonVolume("tof", "TOF", file="x", fingerprints=(right.fingerprint,))
    assert lessons.check_volume(entry, [wrong, right]) is right
    with pytest.raises(WrongVolumeError, match="TOF"):
        lessons.check_volume(entry, [wrong])
    with pytest.raises(WrongVolumeError, match="no volume to show for 'TOF'"):
        lessons.check_volume(entry, [])


# ------------------------------------------------------------------ finding


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("1", "Loop (L)"),
        ("2", "Nerve"),
        ("nerve", "Nerve"),
        ("urn:uuid:abc", "Nerve"),
        ("abc", "Nerve"),
        ("LOOP (l)", "Loop (L)"),
    ],
)
def test_an_annotation_is_found_by_number_id_or_label(said, label):
    assert lessons.find_annotation(three_marks(), said).label == label


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("0", "no annotation is called '0'; the lesson has: 1 Loop (L); 2 Nerve; 3 twice; 4 twice"),
        ("5", "no annotation is called '5'"),
        ("vein", "no annotation is called 'vein'"),
        ("Twice", "2 annotations are called 'Twice'"),
    ],
)
def test_what_is_not_found_is_answered_with_what_there_is(said, message):
    with pytest.raises(LessonError) as raised:
        lessons.find_annotation(three_marks(), said)
    assert message in str(raised.value)


def three_marks() -> Lesson:
    marks = (
        arrow("tof", "Loop (L)"),
        replace(arrow("tof", "Nerve"), id="urn:uuid:abc"),
        arrow("tof", "twice"),
        arrow("tof", "twice"),
    )
    return Lesson("Loop", (LessonVolume("tof"),), annotations=marks)


@pytest.mark.parametrize("name", ["nowhere", "../facial-nerve-root", ""])
def test_a_lesson_that_is_not_there(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LessonError, match=r"no lesson folder|holds no lesson\.json"):
        lessons.find_lesson(name)


# ------------------------------------------------------------------ checking


def test_a_check_finds_what_students_would(tmp_path):
    store = made(tmp_path)
    inside = lessons.lesson_volume(store).grid.ras_from_voxel((3, 4, 2))
    store.add(Annotation(Point(tuple(inside)), "volume", ""))
    store.add(Annotation(Point((900, 0, 0)), "volume", "Far away"))
    store.link(store.annotations[1].id, 2, 8)
    (store.folder / "article.md").write_text("Something else.\n", "utf-8")
    report = check_lesson(lessons.open_lesson(store.folder))
    assert [problem.split(" (")[0] for problem in report.problems[1:]] == [
        "mark 1: point without a label",
        "'Far away' has a place outside the volume:",
    ]
    assert report.problems[0] == "'Far away' is linked to words that are not in the article: 'A loop'"
    assert "'point without a label' is linked to no passage" in report.notes


def test_what_students_should_know_before_is_asked_for_gently_and_of_a_lesson_that_ships_not(tmp_path, monkeypatch):
    store = made(tmp_path)
    store.edit_details(objectives=("show the loop",), audience="for residents")
    lacks = "The lesson does not say how long it takes (minutes in lesson.json)"
    report = check_lesson(store)
    assert report.problems == ()
    assert lacks in report.notes
    monkeypatch.setattr("napari_vascular_loop.lesson_check.content_folder", lambda _name: tmp_path)
    assert check_lesson(store).problems == (lacks,)
    store.edit_details(minutes=40)
    assert check_lesson(store).problems == ()
    assert lessons.open_lesson(store.folder).lesson.minutes == 40
    with pytest.raises(AnnotationError, match="minutes are a whole number from 1, or None; got 0"):
        store.edit_details(minutes=0)


def test_a_side_that_contradicts_the_place_is_noted(tmp_path):
    store = made(tmp_path)
    store.add(Annotation(Point((8, 0, 25)), "volume", "Loop", side="left"))
    assert "'Loop' is said to be left, but lies right of the origin" in check_lesson(store).notes


def test_orientation_unknown_stays_so_in_a_lesson(tmp_path):
    volume = Volume(np.zeros((4, 5, 6), dtype=np.int16), np.eye(4), Provenance(orientation_known=False))
    assert lessons.lesson_volume(lesson_making.create_lesson(tmp_path, "x", volume)).orientation is None


def test_two_lessons_that_can_not_be_saved_are_rescued_apart(tmp_path, monkeypatch):
    for name in "ab":
        (tmp_path / name).mkdir()
    stores = [made(tmp_path / name, "The loop") for name in "ab"]

    with monkeypatch.context() as broken:
        broken.setattr(Journal, "append", full)
        for n, store in enumerate(stores):
            store.add(replace(arrow(), label=f"mark {n}"))
            assert "A copy of the marks is safe in" in store.save_state.problem
    rescued = sorted((lessons.own_lessons_folder() / "rescued").glob("*/annotations.json"))
    assert len(rescued) == 2
    assert {lessons.open_lesson(file.parent).annotations[0].label for file in rescued} == {"mark 0", "mark 1"}


def damage(path):
    path.write_bytes(path.read_bytes()[:100])


def test_a_damaged_own_copy_is_restored_from_its_journal(tmp_path):
    own = lessons.own_lessons_folder() / lessons.STAND_IN_LESSON
    store = lessons.open_shipped_lesson(lessons.STAND_IN_LESSON)
    store.remove(store.annotations[0].id)
    store.close()
    damage(own / "lesson.json")
    opened, _ = lessons._first_that_opens(lessons.STAND_IN_LESSON, as_shipped=False)
    assert opened.lesson == store.lesson
    assert len(opened.annotations) == 7
    assert "lesson.json: not valid JSON" in opened.notice
    assert "It was restored from the journal; the damaged file is kept as 'damaged " in opened.notice
    assert lessons.open_lesson(own).notice == ""


def test_a_damaged_own_copy_without_a_journal_is_put_aside_and_said(tmp_path):
    own = lessons.own_lessons_folder() / lessons.STAND_IN_LESSON
    store = lessons.open_shipped_lesson(lessons.STAND_IN_LESSON)
    store.remove(store.annotations[0].id)
    store.close()
    shutil.rmtree(own / BESIDE)
    damage(own / "lesson.json")
    opened, notice = lessons._first_that_opens(lessons.STAND_IN_LESSON, as_shipped=False)
    assert len(opened.annotations) == 8
    assert "can't be read" in notice
    (aside,) = own.parent.glob(f"{lessons.STAND_IN_LESSON} (damaged*")
    assert str(aside) in notice


def test_opening_and_saving_unchanged_leaves_a_shipped_lesson_uncopied():
    store = lessons.open_shipped_lesson(lessons.STAND_IN_LESSON)
    assert store.save().saved
    assert store.is_original
    assert not lessons.own_lessons_folder().exists()
    assert lessons.reopen(store).is_original
