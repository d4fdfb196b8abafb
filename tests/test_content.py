"""What ships: every lesson opens, every mark is linked to words that are there, and lies in its volume."""

from __future__ import annotations

import pytest
from conftest import COLIN27

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.lesson_check import check_lesson
from napari_vascular_loop.lessons import FIRST_LESSON, STAND_IN_LESSON, lesson_volume, open_lesson, open_shipped_lesson

LESSONS = sorted(path.parent.name for path in content_folder("annotations").glob("*/lesson.json"))
every_lesson = pytest.mark.parametrize("name", LESSONS)


def test_the_lessons_that_the_program_opens_by_itself_ship():
    assert {FIRST_LESSON, STAND_IN_LESSON} <= set(LESSONS)


@every_lesson
def test_nothing_is_wrong_in_it(name):
    report = check_lesson(open_shipped_lesson(name))
    assert report.problems == ()
    assert not [note for note in report.notes if "is said to be" in note or "linked to no passage" in note]


@every_lesson
def test_every_mark_has_a_label_and_is_linked_to_words_that_are_there(name):
    store = open_shipped_lesson(name)
    assert store.annotations
    for annotation in store.annotations:
        assert annotation.label.strip()
        assert annotation.passages, annotation.label
    orphans = [found.passage.exact for found in store.passages() if found.is_orphan]
    assert orphans == []
    for found in store.passages():
        assert found.span is not None
        assert store.lesson.article[found.span.start : found.span.end] == found.passage.exact


@every_lesson
def test_it_says_whose_it_is_and_what_it_is_not(name):
    lesson = open_shipped_lesson(name).lesson
    assert lesson.licence
    assert lesson.credit
    assert lesson.authors
    assert "not for diagnosis" in lesson.article
    assert all(volume.licence and volume.credit and volume.fingerprints for volume in lesson.volumes)
    assert all("SYNTHETIC" in lesson.title for volume in lesson.volumes if volume.synthetic)


@every_lesson
def test_opening_and_saving_it_changes_no_byte(name, tmp_path):
    source = content_folder("annotations") / name
    for path in source.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    store = open_lesson(tmp_path)
    store.change(store.annotations[0].id, label="x")
    store.undo()
    assert (tmp_path / "annotations.json").read_bytes() == (source / "annotations.json").read_bytes()


@pytest.mark.skipif(not COLIN27.is_file(), reason="Colin27 is not installed here (Debian's package mricron-data)")
def test_the_first_lesson_lies_on_colin27():
    store = open_shipped_lesson(FIRST_LESSON)
    volume = lesson_volume(store)
    assert volume.grid.shape == (181, 217, 181)
    assert volume.orientation == "RAS"
    for annotation in store.annotations:
        for place in annotation.geometry.vertices_ras_mm:
            assert volume.grid.nearest_voxel(place) is not None, annotation.label
