"""The article in plain words beside the article: the same headings, the same passages, and easy to read."""

from __future__ import annotations

import json
import shutil

import pytest
from readability import flesch_kincaid_grade, shown_words, syllables

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.lesson import Lesson, LessonVolume
from napari_vascular_loop.formats.plain_article import PLAIN_FILE
from napari_vascular_loop.lesson_check import remarks_on
from napari_vascular_loop.lessons import LOOP_LESSON, open_lesson
from napari_vascular_loop.reading_levels import PlainLevel, plain_level_of
from napari_vascular_loop.store import LessonStore

GRADE = 9
"""Of the school in which the plain text must be read with ease."""


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(content_folder("annotations") / LOOP_LESSON, tmp_path / LOOP_LESSON)


def problems(folder):
    return [one.words for one in remarks_on(open_lesson(folder)) if one.is_problem]


def rewrite(folder, old, new):
    text = (folder / PLAIN_FILE).read_text("utf-8")
    assert old in text
    (folder / PLAIN_FILE).write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("word", "count"), [("nerve", 1), ("muscles", 2), ("artery", 3), ("tumour", 2), ("hemifacial", 5), ("twitches", 2)]
)
def test_syllables_are_counted_as_they_are_spoken(word, count):
    assert abs(syllables(word) - count) <= 1
    assert syllables("pontomedullary") == 6
    assert syllables("2.8".replace(".", "")) == 2


def test_the_plain_article_is_read_with_ease_and_the_other_is_harder(folder):
    plain, advanced = (
        flesch_kincaid_grade(shown_words((folder / n).read_text("utf-8"))) for n in (PLAIN_FILE, "article.md")
    )
    assert plain < GRADE
    assert plain < advanced - 2


def test_both_say_first_that_contact_is_common_and_whose_the_facts_are(folder):
    for name in (PLAIN_FILE, "article.md"):
        text = (folder / name).read_text("utf-8")
        assert text.count("**Contact is common in people") == 2
        assert text.index("**Contact is common") < text.index("## What it is"), "among the key points"
        for fact in (
            "13 of 13",
            "21 %",
            "43 %",
            "31 %",
            "64 %",
            "12 %",
            "9.9 mm",
            "about 4 mm",
            "2 %",
            "B12",
            "sclerosis",
        ):
            assert fact in text, (name, fact)
    references = [
        (folder / name).read_text("utf-8").partition("## References")[2] for name in (PLAIN_FILE, "article.md")
    ]
    assert references[0] == references[1]
    assert references[0].count("\n- ") == 8


def test_every_passage_is_found_in_plain_words_at_the_same_place_of_the_text(folder):
    store = open_lesson(folder)
    level = plain_level_of(store)
    plain = level.passages(store.annotations)
    assert len(plain) == len(store.passages()) == 24
    for found in plain:
        assert level.text[found.span.start : found.span.end] == found.passage.exact
    for found in store.passages():
        span = level.counterpart(store, found.span)
        number = store.lesson.article[: found.span.start].count("\n## ")
        assert level.text[: span.start].count("\n## ") == number, found.passage.exact


def test_the_k_th_passage_of_a_mark_is_the_k_th_in_plain_words(folder):
    store = open_lesson(folder)
    level = plain_level_of(store)
    article = store.lesson.article
    wanted = "the arch on the right"
    at = next(one.span for one in store.passages() if one.passage.exact == wanted)
    assert article[at.start : at.end] == wanted
    span = level.counterpart(store, at)
    assert level.text[span.start : span.end] == "the arch on the right"
    assert "To know if they touch" in level.text[span.end : span.end + 160]


def test_a_lesson_with_one_level_has_nothing_to_check(folder):
    (folder / PLAIN_FILE).unlink()
    assert problems(folder) == []
    assert plain_level_of(open_lesson(folder)) is None
    assert plain_level_of(LessonStore(Lesson("x", (LessonVolume("tof"),)))) is None


def test_a_heading_that_only_one_level_has_is_a_problem(folder):
    rewrite(folder, "## Vitamins", "## Food")
    assert problems(folder) == [
        f"{PLAIN_FILE} has other headings than article.md: '## Food' where '## Vitamins' is expected"
    ]
    rewrite(folder, "## Food", "### Vitamins")
    assert "'### Vitamins' where '## Vitamins'" in problems(folder)[0]
    rewrite(folder, "### Vitamins\n", "")
    assert "'## Heredity' where '## Vitamins'" in problems(folder)[0]


def test_words_that_went_from_the_plain_article_are_a_problem(folder):
    rewrite(folder, "an artery that loops here", "this")
    said, untied = problems(folder)
    assert untied.startswith(f"{PLAIN_FILE}, on the images: no mark is tied to 'Doctors looked at 115 people")
    assert said == f"'Looping artery (R)' is linked to words that are not in {PLAIN_FILE}: 'an artery that loops here'"


def test_a_link_that_only_one_level_has_is_a_problem(folder):
    path = folder / "annotations.json"
    document = json.loads(path.read_bytes())
    bodies = document["first"]["items"][1]["body"]
    bodies[:] = [body for body in bodies if body.get("source") != PLAIN_FILE]
    path.write_text(json.dumps(document), "utf-8")
    (said,) = problems(folder)
    assert said.startswith("'Vertebral artery (L)' is linked to 1 passages of article.md and to 0 of article.plain.md")


def test_a_passage_under_another_heading_is_a_problem(folder):
    text = (folder / PLAIN_FILE).read_text("utf-8")
    paragraph = text.partition("## The bend on the left\n\n")[2].partition("\n\n")[0]
    moved = text.replace(f"{paragraph}\n\n", "").replace("## Vitamins\n\n", f"## Vitamins\n\n{paragraph}\n\n")
    (folder / PLAIN_FILE).write_text(moved, "utf-8")
    assert any("under other headings in article.plain.md" in said for said in problems(folder))


def test_a_plain_article_that_can_not_be_read_is_a_problem(folder):
    (folder / PLAIN_FILE).write_bytes(b"# Spasm \xff")
    (said,) = problems(folder)
    assert said == f"{PLAIN_FILE}: it is not UTF-8 text (byte 8); save it as UTF-8"


def test_links_to_the_plain_article_stay_when_a_mark_is_edited(folder):
    store = open_lesson(folder)
    mark = store.annotations[0]
    store.change(mark.id, label="Arch")
    store.close()
    again = open_lesson(folder)
    assert again.annotations[0].label == "Arch"
    assert len(PlainLevel((folder / PLAIN_FILE).read_text("utf-8")).passages(again.annotations)) == 24
    assert problems(folder) == []
