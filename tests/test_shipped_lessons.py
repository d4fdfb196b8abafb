"""The lessons that ship with the program: whole, tied both ways, and on the right side of the right head."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest
from readability import flesch_kincaid_grade, shown_words

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.question import QuestionKind
from napari_vascular_loop.formats.lesson_json import questions_of
from napari_vascular_loop.formats.plain_article import PLAIN_FILE
from napari_vascular_loop.imaging_part import untied_paragraphs
from napari_vascular_loop.lesson_check import remarks_on
from napari_vascular_loop.lessons import STAND_IN_LESSON, open_lesson
from napari_vascular_loop.reading_levels import plain_level_of
from napari_vascular_loop.samples.catalogue import load_catalogue
from napari_vascular_loop.study.tour import tour_steps

ANNOTATIONS = content_folder("annotations")
LESSONS = sorted(path.parent.name for path in ANNOTATIONS.glob("*/lesson.json") if path.parent.name != STAND_IN_LESSON)
TWO_LEVELS = [name for name in LESSONS if (ANNOTATIONS / name / PLAIN_FILE).is_file()]
_CROSSES_MM = 2.0


@pytest.fixture(params=LESSONS)
def store(request):
    return open_lesson(ANNOTATIONS / request.param)


def test_there_are_four_and_each_has_its_own_title():
    assert set(LESSONS) >= {
        "contact-indentation-deviation",
        "facial-nerve-root",
        "look-alike-schwannoma",
        "vascular-loop",
    }
    titles = [open_lesson(ANNOTATIONS / name).lesson.title for name in LESSONS]
    headings = [(ANNOTATIONS / name / "article.md").read_text("utf-8").splitlines()[0] for name in LESSONS]
    assert len(set(titles)) == len(set(headings)) == len(LESSONS)


def test_the_check_finds_nothing_to_mend(store):
    assert [remark.words for remark in remarks_on(store) if remark.is_problem] == []


def test_every_mark_is_tied_to_words_and_every_paragraph_on_the_images_to_a_mark(store):
    lesson = store.lesson
    tied = {found.annotation_id for found in store.passages() if not found.is_orphan}
    assert {mark.id for mark in lesson.annotations} == tied
    assert lesson.imaging
    assert list(untied_paragraphs(lesson.article, lesson.imaging, store.passages())) == []
    plain = plain_level_of(store)
    if plain is not None:
        assert list(untied_paragraphs(plain.text, lesson.imaging, plain.passages(lesson.annotations))) == []


def test_a_mark_without_words_and_a_paragraph_without_a_mark_would_be_found(tmp_path):
    folder = shutil.copytree(ANNOTATIONS / "look-alike-schwannoma", tmp_path / "copy")
    article = (folder / "article.md").read_text("utf-8")
    whole = "Some parts took up less contrast agent."
    assert whole in article
    (folder / "article.md").write_text(article.replace(whole, "Nothing of it is left, not a word."), "utf-8")
    broken = open_lesson(folder)
    problems = [remark.words for remark in remarks_on(broken) if remark.is_problem]
    assert any("linked to words that are not in the article" in words for words in problems)
    assert any("no mark is tied to" in words for words in problems)


def test_students_have_a_tour_questions_and_know_what_awaits_them(store):
    lesson = store.lesson
    assert len(tour_steps(store.passages())) >= 8
    questions = questions_of(lesson)
    assert len(questions) >= 8
    assert len({question.id for question in questions}) == len(questions)
    marks = {mark.id: mark for mark in lesson.annotations}
    for question in questions:
        assert question.annotation_id in marks
        assert question.prompt.strip()
        if question.kind is QuestionKind.NAME:
            # The prompt doesn't give the answer away.
            answer = marks[question.annotation_id].label.partition(" (")[0].casefold()
            assert answer not in question.prompt.casefold()
    assert lesson.objectives
    assert lesson.audience.strip()
    assert lesson.minutes is not None
    assert 15 <= lesson.minutes <= 90


def test_whom_everything_is_owed_to_and_under_which_terms(store):
    lesson = store.lesson
    assert lesson.licence
    assert lesson.credit
    assert any(author.strip() for author in lesson.authors)
    entries = {entry.id: entry for entry in load_catalogue().entries}
    for volume in lesson.volumes:
        assert volume.licence
        assert volume.credit
        assert volume.synthetic or volume.catalogue_id in entries
        if not volume.synthetic:
            assert "unverified by a radiologist" in lesson.notice
            assert "unverified by a radiologist" in lesson.article
    assert "not for diagnosis" in lesson.article
    assert "## References" in lesson.article or all(volume.synthetic for volume in lesson.volumes)


def test_marks_lie_within_their_volume_and_on_the_side_that_they_name(store):
    lesson = store.lesson
    middle_mm = np.mean(
        [np.mean(mark.geometry.vertices_ras_mm, axis=0)[0] for mark in lesson.annotations if mark.side is Side.MIDLINE]
        or [0.0]
    )
    for mark in lesson.annotations:
        (fingerprint, *_) = lesson.volume(mark.volume_id).fingerprints
        places, voxel_to_ras = np.array(mark.geometry.vertices_ras_mm), np.array(fingerprint.voxel_to_ras)
        ijk = (places - voxel_to_ras[:3, 3]) @ np.linalg.inv(voxel_to_ras[:3, :3]).T
        assert (ijk > -0.5).all(), mark.label
        assert (ijk < np.array(fingerprint.shape) - 0.5).all(), mark.label
        shown = places[-1] if mark.geometry.kind == "arrow" else places.mean(axis=0)
        # A vertebral artery may cross the midline before it joins the other.
        if mark.side is Side.LEFT:
            assert shown[0] < middle_mm + _CROSSES_MM, mark.label
        elif mark.side is Side.RIGHT:
            assert shown[0] > middle_mm - _CROSSES_MM, mark.label
        for letter, side in (("(L)", Side.LEFT), ("(R)", Side.RIGHT)):
            assert letter not in mark.label or mark.side is side, mark.label


@pytest.mark.parametrize("name", TWO_LEVELS)
def test_plain_words_are_read_with_ease_at_sixteen(name):
    text = (ANNOTATIONS / name / PLAIN_FILE).read_text("utf-8")
    assert flesch_kincaid_grade(shown_words(text)) <= 9
    assert plain_level_of(open_lesson(ANNOTATIONS / name)) is not None


@pytest.mark.parametrize("name", LESSONS)
def test_pictures_in_the_article_are_marks_of_the_lesson(name):
    lesson = open_lesson(ANNOTATIONS / name).lesson
    ids = {mark.id for mark in lesson.annotations}
    for text in (lesson.article, *(each.read_text("utf-8") for each in (ANNOTATIONS / name).glob(PLAIN_FILE))):
        assert set(re.findall(r"\]\(view:([^)]+)\)", text)) <= ids


def test_what_a_lesson_says_of_itself_is_in_its_file():
    for name in LESSONS:
        told = json.loads((ANNOTATIONS / name / "lesson.json").read_text("utf-8"))
        assert told["id"] == name
