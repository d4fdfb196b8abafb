"""A lesson cut around its marks: what is there lies where it lay, and the rest is not there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import affine_of
from dicom_series import write_series

from napari_vascular_loop.domain.annotation import Annotation, Arrow
from napari_vascular_loop.domain.crop import box_around, cropped
from napari_vascular_loop.domain.errors import PrivacyError
from napari_vascular_loop.domain.volume import Rescale, Volume
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.lesson_crop import pack_cropped, shows_face
from napari_vascular_loop.lesson_making import create_lesson
from napari_vascular_loop.lessons import lesson_volume, open_lesson
from napari_vascular_loop.privacy.gate import named_in
from napari_vascular_loop.privacy.known import remember

MATRIX = affine_of((1, 2, 0), (-1, 1, -1), (3.0, 2.5, 2.0), (9, -5, 4))
SHAPE = (60, 70, 80)
MARK_IJK, TAIL_IJK = (40, 12, 33), (43, 15, 35)


def ras(ijk):
    return tuple(float(v) for v in (MATRIX @ (*ijk, 1))[:3])


@pytest.fixture
def folder(tmp_path):
    """A lesson on a volume as large as a head."""
    voxels = np.random.default_rng(5).integers(0, 900, SHAPE).astype(np.int16)
    store = create_lesson(tmp_path, "A loop", Volume(voxels, MATRIX))
    store.add(Annotation(Arrow(ras(TAIL_IJK), ras(MARK_IJK)), "volume", "Loop", note="Here."))
    store.save()
    store.close()
    (store.folder / "README.md").write_text("Read me", "utf-8")
    return store.folder


def test_voxels_marks_and_words_are_the_same_and_what_is_far_is_gone(folder, tmp_path):
    whole = open_lesson(folder)
    assert shows_face(whole.lesson)
    before = lesson_volume(whole)
    made = pack_cropped(folder, tmp_path / "cut", crop_mm=40)
    store = open_lesson(made)
    part = lesson_volume(store)
    assert (np.array(part.grid.shape) * part.spacing_mm < 48).all()
    assert not shows_face(store.lesson)
    assert store.annotations == whole.annotations
    assert store.lesson.article == whole.lesson.article
    assert (store.folder / "README.md").read_text("utf-8") == "Read me"
    for ijk in ((0, 0, 0), tuple(np.array(part.grid.shape) - 1), part.grid.nearest_voxel(ras(MARK_IJK))):
        place = part.grid.ras_from_voxel(ijk)
        assert part.value_at(ijk) == before.value_at(before.grid.nearest_voxel(place))
        np.testing.assert_allclose(before.grid.ras_from_voxel(before.grid.nearest_voxel(place)), place, atol=1e-3)
    assert part.grid.nearest_voxel(ras(MARK_IJK)) != before.grid.nearest_voxel(ras(MARK_IJK))
    assert len(list((store.folder / "volumes").iterdir())) == 1
    assert lesson_volume(open_lesson(folder)).grid.shape == SHAPE, "the author's own stays whole"
    store.close()
    whole.close()


def test_the_command_line_says_that_a_face_goes_along_and_how_not(folder, tmp_path, run):
    said = run("lesson", "pack", folder, tmp_path / "whole.vlesson.zip")
    assert said.code == 0
    assert "a face can be recognised" in said.err
    assert "--crop 80" in said.err
    cut = run("lesson", "pack", folder, tmp_path / "cut.vlesson.zip", "--crop", "40")
    assert (cut.code, cut.err) == (0, "")
    assert (tmp_path / "cut.vlesson.zip").stat().st_size < (tmp_path / "whole.vlesson.zip").stat().st_size / 5
    wrong = run("lesson", "pack", folder, tmp_path / "none.vlesson.zip", "--crop", "-3")
    assert wrong.code == 2
    assert "got -3" in wrong.err
    page = run("page", folder, tmp_path / "whole.html", "--whole")
    assert "a face can be recognised" in page.err
    assert "face" not in run("page", folder, tmp_path / "cut.html").err


def test_dicom_files_of_a_lesson_become_nifti_and_tell_nothing(folder, tmp_path, run):
    voxels = lesson_volume(open_lesson(folder)).voxels
    path = next((folder / "volumes").iterdir())
    write_series(folder / "volumes" / "scan", np.asarray(voxels), MATRIX, PatientName="QUIXLER^JANOSCH")
    text = (folder / "lesson.json").read_text("utf-8")
    volume = read_volumes(folder / "volumes" / "scan")[0]
    remember(volume.fingerprint, volume.provenance.source_files)
    assert volume.fingerprint.voxels_sha256 in text
    (folder / "lesson.json").write_text(text.replace(f"volumes/{path.name}", "volumes/scan"), "utf-8")
    path.unlink()
    assert run("lesson", "pack", folder, tmp_path / "whole.vlesson.zip").code == 2
    assert run("lesson", "pack", folder, tmp_path / "cut.vlesson.zip", "--crop", "60").code == 0
    store = open_lesson(tmp_path / "cut.vlesson.zip")
    store.change(store.annotations[0].id, note="Herr Quixler")
    assert named_in(store.lesson), "whom it must not name is known of what was cut, too"
    (file,) = (store.folder / "volumes").iterdir()
    assert file.name.startswith("nifti-")
    assert lesson_volume(store).voxels.dtype == volume.voxels.dtype
    store.close()


def test_the_box_holds_the_places_and_time_points_are_cut_alike():
    series = np.arange(9 * 8 * 7 * 2, dtype=np.int32).reshape(9, 8, 7, 2)
    volume = Volume(series[..., 0], MATRIX, rescale=Rescale(2, 1), series=series)
    box = box_around(volume.voxel_to_ras, volume.grid.shape, [ras((7, 6, 1))], 8)
    part = cropped(volume, box)
    assert all(start <= at < stop for at, (start, stop) in zip((7, 6, 1), box, strict=True))
    assert part.series.shape[:3] == part.voxels.shape != volume.voxels.shape
    first = part.grid.ras_from_voxel((0, 0, 0))
    assert part.value_at((0, 0, 0)) == volume.value_at(volume.grid.nearest_voxel(first))
    assert box_around(volume.voxel_to_ras, (9, 8, 7), [], None) == [(0, 9), (0, 8), (0, 7)]


@pytest.mark.gui
def test_the_window_asks_how_much_goes_out(folder, qtbot, monkeypatch):
    from qtpy.QtWidgets import QMessageBox

    from napari_vascular_loop.widgets.privacy_question import how_much_goes_out

    store = open_lesson(folder)
    words, chosen = [], []

    def choose(box):
        words.append(box.text())
        wanted = chosen.pop()
        box.clickedButton = lambda: next((one for one in box.buttons() if one.text().replace("&", "") == wanted), None)
        return 0

    monkeypatch.setattr(QMessageBox, "exec", choose)
    for answer, kept in (("Around the marks", 80.0), ("The whole head", 0.0), ("Cancel", None)):
        chosen.append(answer)
        assert how_much_goes_out(None, store) == kept
    assert "see the face" in words[0]
    synthetic = tuple(replace(one, synthetic=True) for one in store.lesson.volumes)
    assert not shows_face(replace(store.lesson, volumes=synthetic))
    store.close()


def test_a_length_that_is_none(folder, tmp_path):
    with pytest.raises(PrivacyError, match="got inf"):
        pack_cropped(folder, tmp_path / "cut", crop_mm=float("inf"))
