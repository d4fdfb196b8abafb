"""A lesson in one file: there and back, and files that anyone may have sent."""

from __future__ import annotations

import stat
import zipfile

import numpy as np
import pytest
from conftest import affine_of

from napari_vascular_loop import Annotation, Arrow, Volume
from napari_vascular_loop.domain.errors import LessonError, LessonSaveError
from napari_vascular_loop.formats import lesson_archive
from napari_vascular_loop.formats.lesson_archive import ENDING, is_archive, pack_lesson, unpack_lesson
from napari_vascular_loop.lesson_making import create_lesson
from napari_vascular_loop.lessons import is_lesson, lesson_volume, open_lesson, own_lessons_folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A lesson with a volume, a mark, a picture, and what is nobody's business."""
    monkeypatch.setenv("VASCULAR_LOOP_LESSONS", str(tmp_path / "own"))
    voxels = np.random.default_rng(3).integers(0, 900, (7, 9, 5)).astype(np.int16)
    volume = Volume(voxels, affine_of((1, 0, 2), (-1, 1, 1), (0.5, 0.7, 1.1)))
    store = create_lesson(tmp_path, "Schleife am Nerv", volume)
    store.add(Annotation(Arrow((1, 2, 3), (0.25, 1.5, 2)), "volume", "Loop"))
    store.save()
    store.close()
    (store.folder / "pictures").mkdir()
    (store.folder / "pictures" / "drawing.png").write_bytes(b"\x89PNG drawing")
    (store.folder / "LICENSE").write_text("CC BY 4.0", "utf-8")
    (store.folder / "private notes.txt").write_text("Jane Doe, born 1970", "utf-8")
    with (store.folder / "article.md").open("a", encoding="utf-8") as file:
        file.write("\n![A drawing](pictures/drawing.png)\n\n![Not here](../private.png)\n")
        file.write('\n![The same place][other]\n\n[other]: <pictures/other side.png> "With a title"\n')
    (store.folder / "pictures" / "other side.png").write_bytes(b"\x89PNG other")
    (store.folder / "pictures" / "plain.png").write_bytes(b"\x89PNG plain")
    (store.folder / "article.plain.md").write_text("# In plain words\n\n![Simple](pictures/plain.png)\n", "utf-8")
    return store.folder


def packed_with(path, *members, attributes=0):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = attributes << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return path


def test_a_lesson_comes_back_as_it_was_and_nothing_else_goes_with_it(folder, tmp_path):
    made = pack_lesson(folder, tmp_path / "sent")
    assert made.name == "sent.vlesson.zip"
    with zipfile.ZipFile(made) as archive:
        names = {name.split("/", 1)[1] for name in archive.namelist()}
        dates = {entry.date_time for entry in archive.infolist()}
    volumes = {name for name in names if name.startswith("volumes/")}
    assert len(volumes) == 1
    pictures = {"pictures/drawing.png", "pictures/other side.png", "pictures/plain.png"}
    files = {"lesson.json", "article.md", "article.plain.md", "annotations.json", "LICENSE"}
    assert names - volumes == files | pictures
    assert not any("private" in name for name in names)
    assert dates == {(1980, 1, 1, 0, 0, 0)}
    back = unpack_lesson(made, tmp_path / "there")
    for name in names:
        assert (back / name).read_bytes() == (folder / name).read_bytes()


def test_the_same_lesson_gives_the_same_bytes(folder, tmp_path):
    one, other = (pack_lesson(folder, tmp_path / name) for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()


def test_a_packed_lesson_is_opened_like_a_folder_and_what_is_changed_stays(folder, tmp_path):
    made = pack_lesson(folder, tmp_path / "Schleife.vlesson.zip")
    assert is_lesson(made)
    store = open_lesson(made)
    assert store.folder.parent == own_lessons_folder()
    (mark,) = store.annotations
    np.testing.assert_allclose(mark.geometry.tip_ras_mm, (0.25, 1.5, 2))
    np.testing.assert_array_equal(lesson_volume(store).voxels, lesson_volume(open_lesson(folder)).voxels)
    store.change(mark.id, label="Mine")
    store.save()
    store.close()
    again = open_lesson(made)
    assert again.annotations[0].label == "Mine"
    again.close()

    # A newer version of the lesson does not take the place of what was changed in the old one.
    with (folder / "article.md").open("a", encoding="utf-8") as file:
        file.write("\nOne more sentence.\n")
    newer = open_lesson(pack_lesson(folder, tmp_path / "newer"))
    assert newer.annotations[0].label == "Loop"
    assert newer.folder != again.folder
    newer.close()


def test_a_file_that_is_there_stays_unless_it_may_go(folder, tmp_path):
    made = pack_lesson(folder, tmp_path / "sent")
    before = made.read_bytes()
    (folder / "LICENSE").write_text("CC0", "utf-8")
    with pytest.raises(LessonSaveError, match=r"already something at .*sent\.vlesson\.zip"):
        pack_lesson(folder, made)
    assert made.read_bytes() == before
    pack_lesson(folder, made, overwrite=True)
    assert made.read_bytes() != before
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("../outside.txt", 0),
        ("lesson/../../outside.txt", 0),
        ("/outside.txt", 0),
        ("C:/outside.txt", 0),
        ("..\\outside.txt", 0),
        ("lesson/link", stat.S_IFLNK | 0o777),
    ],
)
def test_what_leads_out_of_the_folder_is_not_opened(folder, tmp_path, name, attributes):
    files = [(f"lesson/{file}", (folder / file).read_bytes()) for file in ("lesson.json", "article.md")]
    path = packed_with(tmp_path / f"bad{ENDING}", *files)
    with zipfile.ZipFile(path, "a") as archive:
        entry = zipfile.ZipInfo(name)
        entry.filename = name
        entry.external_attr = attributes << 16
        archive.writestr(entry, "/etc/hostname")
    with pytest.raises(LessonError, match="leads out of its folder"):
        unpack_lesson(path, tmp_path / "there")
    assert not list(tmp_path.rglob("outside.txt"))
    assert not list((tmp_path / "there").glob("*"))


def test_damaged_empty_and_foreign_files_are_named(folder, tmp_path):
    made = pack_lesson(folder, tmp_path / "sent")
    cut = tmp_path / f"cut{ENDING}"
    cut.write_bytes(made.read_bytes()[:-40])
    flipped = tmp_path / f"flipped{ENDING}"
    data = bytearray(made.read_bytes())
    data[len(data) // 3] ^= 0xFF
    flipped.write_bytes(data)
    empty = tmp_path / f"empty{ENDING}"
    empty.write_bytes(b"")
    holiday = packed_with(tmp_path / f"holiday{ENDING}", ("beach.jpg", b"sand"))
    for path in (cut, flipped, empty, holiday):
        with pytest.raises(LessonError, match=path.name.split(".")[0]):
            unpack_lesson(path, tmp_path / "there")
    assert not [path for path in (tmp_path / "there").glob("*") if path.is_dir()]


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    zeros = b"\0" * (300 * 2**20)
    bomb = packed_with(tmp_path / f"bomb{ENDING}", ("lesson.json", b"{}"), ("volumes/zeros.nii", zeros))
    assert bomb.stat().st_size < 2**20
    with pytest.raises(LessonError, match="would grow to 300 MB"):
        unpack_lesson(bomb, tmp_path / "there")
    monkeypatch.setattr(lesson_archive, "MOST_BYTES", 2**20)
    with pytest.raises(LessonError, match=r"0\.3 GB: too much"):
        unpack_lesson(bomb, tmp_path / "there")
    assert not (tmp_path / "there").exists()


def test_only_the_ending_makes_a_packed_lesson(tmp_path):
    assert is_archive(tmp_path / "A.VLESSON.ZIP")
    assert not is_archive(tmp_path / "scan.zip")
    assert not is_lesson(tmp_path / f"not there{ENDING}")
