"""The index of a folder: what is in it, what is read anew, what a broken or hostile lesson does."""

from __future__ import annotations

import os
import sqlite3

import numpy as np
import pytest
from conftest import ROOT
from library_shelf import a_shelf, hostile_zip, lesson, put, titles, updated

from napari_vascular_loop.domain.annotation import Annotation, Arrow
from napari_vascular_loop.domain.errors import LessonError, ReadCancelledError
from napari_vascular_loop.domain.volume import Provenance, Volume
from napari_vascular_loop.formats.lesson_folder import new_lesson_files
from napari_vascular_loop.lesson_making import create_lesson
from napari_vascular_loop.library import reading
from napari_vascular_loop.library.indexing import Indexed, index_folder
from napari_vascular_loop.library.library import Library
from napari_vascular_loop.library.picture import decoded


@pytest.fixture
def shelf(tmp_path):
    root = tmp_path / "shelf"
    root.mkdir()
    return a_shelf(root, tmp_path)


def by_path(index):
    return {card.path: card for card in index.cards().values()}


def again(library, index, **how):
    return index_folder(library.root, index, lambda _done: None, **how)


def test_cards_say_what_a_student_wants_to_know(shelf):
    _, index = updated(shelf)
    cards = by_path(index)
    assert list(cards) == ["artery", "year 1/nerve", "packed.vlesson.zip", "loop", "broken"]
    loop = cards["loop"]
    assert (loop.title, loop.minutes, loop.about, loop.marks, loop.questions) == (
        "The loop",
        40,
        "About 40 minutes",
        1,
        2,
    )
    assert loop.structures == ("anterior inferior cerebellar artery",)
    assert "A. Teacher (CC-BY-4.0)" in loop.credit
    assert cards["packed.vlesson.zip"].structures == ("facial nerve root",)
    assert cards["broken"].problem.startswith("annotations.json: ")
    assert str(shelf) not in cards["broken"].problem


def test_only_what_changed_is_read_again(shelf, monkeypatch):
    library, index = updated(shelf)
    read = []
    real = reading._entry
    monkeypatch.setattr(reading, "_entry", lambda path, *rest: read.append(path.name) or real(path, *rest))
    assert again(library, index) == Indexed(0, 5, 0)
    assert not read
    put(shelf, "loop", lesson("The loop, revised", "New words.", "aica"))
    put(shelf, "new", lesson("A new one"))
    os.utime(shelf / "artery" / "article.md", ns=(1, 1))  # another date, the same bytes
    (shelf / "packed.vlesson.zip").unlink()
    assert again(library, index) == Indexed(2, 3, 1)
    assert read == ["loop", "new"]
    assert titles(index, "revised") == ["The loop, revised"]
    assert titles(index, "touches") == titles(index, "zipped") == []
    assert again(library, index) == Indexed(0, 5, 0)
    assert again(library, index, anew=True).read == 5


def test_what_was_read_before_it_was_ended_is_kept(shelf):
    library = Library(str(shelf))
    calls = []

    def progress(done):
        calls.append(done)
        if done >= 0.4:
            raise ReadCancelledError("enough")

    with library.open_index() as index:
        with pytest.raises(ReadCancelledError):
            library.update(index, progress)
        some = len(index.stamps())
        assert 0 < some < 5
        assert again(library, index) == Indexed(5 - some, some, 0)


@pytest.mark.parametrize("damage", [b"no database at all" * 500, b""])
def test_a_damaged_index_is_made_anew(shelf, damage):
    library, index = updated(shelf)
    path = index.path
    index.close()
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    path.write_bytes(damage)
    with library.open_index() as index:
        assert index.cards() == {}
        assert again(library, index).read == 5


def test_an_index_of_another_format_is_made_anew(shelf):
    library, index = updated(shelf)
    index.close()
    with sqlite3.connect(index.path) as base:
        base.execute("PRAGMA user_version = 99")
    base.close()
    with library.open_index() as index:
        assert index.cards() == {}


def test_a_folder_that_is_none_or_a_lesson_is_refused_in_a_sentence(shelf, tmp_path):
    with pytest.raises(LessonError, match=r"no folder .*check the path"):
        updated(tmp_path / "nowhere")
    with pytest.raises(LessonError, match="is itself a lesson"):
        updated(shelf / "loop")


def test_hostile_lessons_are_listed_with_a_sentence_and_the_rest_is_read(shelf, tmp_path):
    good = {f"x/{name}": data for name, data in new_lesson_files(lesson("Good", id="good")).items()}
    hostile_zip(shelf / "out.vlesson.zip", {**good, "../../evil.txt": b"x"})
    hostile_zip(shelf / "bomb.vlesson.zip", {**good, "x/volumes/big.nii": bytes(300 * 2**20)})
    hostile_zip(shelf / "empty.vlesson.zip", {"readme.txt": b"nothing"})
    (shelf / "no zip.vlesson.zip").write_bytes(b"PK\3\4 and then no more")
    put(shelf, "deep", lesson("Deep")).joinpath("lesson.json").write_bytes(b"[" * 100_000)
    put(shelf, "no text", lesson("x")).joinpath("article.md").write_bytes(b"\xff\xfe\0")
    secret = tmp_path / "secret.md"
    secret.write_text("the secret", "utf-8")
    leading = put(shelf, "leading", lesson("Leading"))
    (leading / "article.md").unlink()
    (leading / "article.md").symlink_to(secret)
    (shelf / "round").symlink_to(shelf, target_is_directory=True)
    put(shelf, ".hidden", lesson("Hidden"))
    put(shelf, "loop/inside", lesson("Inside another"))
    _, index = updated(shelf)
    problems = {card.path: card.problem for card in index.cards().values() if card.problem}
    assert set(problems) == {
        "broken", "out.vlesson.zip", "bomb.vlesson.zip", "empty.vlesson.zip", "no zip.vlesson.zip", "deep", "no text",
        "leading",
    }  # fmt: skip
    assert "leads out of its folder" in problems["out.vlesson.zip"]
    assert "would grow" in problems["bomb.vlesson.zip"]
    assert "holds no lesson" in problems["empty.vlesson.zip"]
    assert "leads out" in problems["leading"]
    assert titles(index, "secret") == titles(index, "hidden") == titles(index, "inside") == []
    assert len(index.cards()) == 4 + len(problems)
    assert not any(str(tmp_path) in problem for problem in problems.values())


def test_a_huge_article_is_found_by_its_beginning_and_keeps_the_index_small(tmp_path):
    put(tmp_path, "huge", lesson("Huge", "needle " + "hay " * 1_000_000 + "pin"))
    _, index = updated(tmp_path)
    assert titles(index, "needle") == ["Huge"]
    assert titles(index, "pin") == []
    assert index.path.stat().st_size < 4_000_000


def test_the_picture_is_the_figure_of_the_article_where_there_is_one(tmp_path):
    from PIL import Image

    folder = put(tmp_path, "one", lesson("One", "![a](https://x.org/a.png) ![b](../out.png) ![c](fig%20a.png)"))
    picture = Image.new("RGB", (300, 200), (200, 30, 30))
    picture.save(folder / "fig a.png")
    Image.new("RGB", (9, 9), (30, 200, 30)).save(tmp_path / "out.png")
    _, index = updated(tmp_path)
    (number,) = index.cards()
    colours, width, height = decoded(index.picture(number))
    assert (width, height) == (112, 112)
    assert colours[0] > 180
    assert colours[1] < 60


def test_a_picture_that_is_none_does_no_harm(tmp_path):
    folder = put(tmp_path, "one", lesson("One", "![c](a.png)"))
    (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    _, index = updated(tmp_path)
    ((number, card),) = index.cards().items()
    assert card.problem == ""
    assert index.picture(number) == b""
    assert decoded(b"RIFF\0\0\0\0WEBPVP8 ") is None


def test_the_picture_shows_the_slice_of_the_first_mark_with_an_arrow_on_it(tmp_path):
    voxels = np.full((31, 33, 17), 900, np.int16)
    voxels[:3] = 0
    volume = Volume(voxels, np.diag([4.0, 4, 4, 1]), Provenance(orientation_known=True))
    store = create_lesson(tmp_path, "On a volume", volume)
    store.add(Annotation(Arrow((30, 60, 20), (80, 60, 20)), store.lesson.volumes[0].id, "a", structure="pons"))
    store.close()
    _, index = updated(tmp_path)
    (number,) = index.cards()
    colours, width, _ = decoded(index.picture(number))
    black = np.frombuffer(colours, np.uint8).reshape(-1, width, 3).max(axis=2) < 60
    per_column = black[30:82].sum(axis=0)
    columns = np.flatnonzero((per_column > 0) & (per_column < 40))
    # Radiological: the tip, at the patient's right, is left of the tail, and the head is broader than the shaft.
    widest = int(columns[np.argmax(per_column[columns])])
    assert len(columns) > 15
    assert widest < np.median(columns)
    assert all(file.sha256 and not file.name.startswith("/") for file in index.files(number))
    assert {file.name for file in index.files(number)} >= {"lesson.json", "article.md", "annotations.json"}


def test_the_lessons_that_ship_are_all_in_the_default_library():
    library, index = updated("")
    names = {folder.name for folder in (ROOT / "annotations").glob("*/lesson.json") for folder in [folder.parent]}
    cards = by_path(index)
    assert set(cards) == names
    assert not any(card.problem for card in cards.values())
    assert library.name == "Lessons of this program"
    assert "contact-indentation-deviation" in {index.cards()[number].path for number in index.search("AICA")}
