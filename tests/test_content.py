"""What ships: every lesson opens, every mark is linked to words that are there, and lies in its volume."""

from __future__ import annotations

import math

import pytest
from conftest import COLIN27

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.annotation import Grade, Side
from napari_vascular_loop.domain.measure import is_ruler, words_of
from napari_vascular_loop.formats.lesson_json import questions_of
from napari_vascular_loop.lesson_check import check_lesson
from napari_vascular_loop.lessons import (
    FIRST_LESSON,
    LOOP_LESSON,
    PHANTOM_LESSON,
    STAND_IN_LESSON,
    lesson_volume,
    open_lesson,
    open_shipped_lesson,
)
from napari_vascular_loop.samples.cpa_anatomy import Anatomy, Compression
from napari_vascular_loop.study.tour import tour_steps

LESSONS = sorted(path.parent.name for path in content_folder("annotations").glob("*/lesson.json"))
every_lesson = pytest.mark.parametrize("name", LESSONS)


def test_the_lessons_that_the_program_opens_by_itself_ship():
    assert {FIRST_LESSON, LOOP_LESSON, PHANTOM_LESSON, STAND_IN_LESSON} <= set(LESSONS)


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


# ------------------------------------------------------------------ the lesson on the computed head


def test_each_grade_of_the_computed_head_is_marked_where_nerve_and_artery_meet():
    lesson = open_shipped_lesson(PHANTOM_LESSON).lesson
    for compression, grade in zip(Compression, Grade, strict=True):
        found = Anatomy(compression).contact(Side.LEFT)
        marks = {mark.grade: mark for mark in lesson.annotations if mark.volume_id == f"{compression.value}-ciss"}
        tip = marks[grade].geometry.anchor_ras_mm
        assert marks[grade].side is Side.LEFT
        assert math.dist(tip, found.on_first_ras_mm) == pytest.approx(0.6, abs=0.01), "on the wall of the nerve"
        assert math.dist(tip, found.on_second_ras_mm) == pytest.approx(found.between_lines_mm - 0.6, abs=0.01)


def test_its_rulers_say_the_distances_that_the_article_tells():
    lesson = open_shipped_lesson(PHANTOM_LESSON).lesson
    lengths = {words_of(mark) for mark in lesson.annotations if is_ruler(mark.geometry)}
    assert lengths == {"Nerve to AICA (R) 4.7 mm", "Off course (L) 2.2 mm"}
    assert "from wall to wall is 4.7 mm" in lesson.article
    assert "2.2 mm from where it would run" in lesson.article


def test_its_tour_goes_through_all_marks_and_its_questions_through_all_grades():
    store = open_shipped_lesson(PHANTOM_LESSON)
    steps = tour_steps(store.passages())
    assert {step.annotation_id for step in steps} == {mark.id for mark in store.annotations}
    questions = questions_of(store.lesson)
    assert len(questions) >= 8
    asked = {store.lesson.annotation(question.annotation_id).volume_id.partition("-")[0] for question in questions}
    assert asked == {"contact", "indentation", "deviation"}


def test_every_paragraph_on_its_images_is_tied_to_a_mark():
    store = open_shipped_lesson(PHANTOM_LESSON)
    assert paragraphs_without_a_mark(store, "## Find your way first", "## The grades in figures") == []


def paragraphs_without_a_mark(store, first_heading, heading_after):
    article = store.lesson.article
    start, end = article.index(first_heading), article.index(heading_after)
    spans = [one.span for one in store.passages() if one.span is not None]
    left = []
    for paragraph in article[start:end].split("\n\n"):
        at = article.index(paragraph, start)
        if paragraph.strip() and not paragraph.startswith(("#", "![")):
            left += [] if any(at <= span.start < at + len(paragraph) for span in spans) else [paragraph]
    return left


# ------------------------------------------------------------------ the lesson on the real time of flight


def test_each_paragraph_on_the_loops_images_is_tied_to_a_mark():
    store = open_shipped_lesson(LOOP_LESSON)
    assert paragraphs_without_a_mark(store, "## What MRI can and can't show", "## Stress") == []


def test_the_lesson_on_the_loop_says_what_it_can_not_show():
    lesson = open_shipped_lesson(LOOP_LESSON).lesson
    assert "unverified by a radiologist" in lesson.notice
    assert all("Reading unverified by a radiologist" in mark.note for mark in lesson.annotations)
    assert "**Contact is common in people without symptoms.**" in lesson.article
    assert not [mark.label for mark in lesson.annotations if mark.grade], "no grade without an image of the nerve"
    assert {mark.side for mark in lesson.annotations} == set(Side)
    assert len(questions_of(lesson)) >= 8
    for mark in lesson.annotations:
        assert mark.view is not None
        assert mark.view.window == (0.0, 280.0)
        assert mark.view.field_of_view_mm is not None
