"""The whole way on disk: from a DICOM series to a lesson, a figure, a web page, and a package that opens again."""

from __future__ import annotations

import json
import re
import shutil
import zipfile

import numpy as np
import pytest
from conftest import affine_of
from dicom_series import PATIENT, write_series

from napari_vascular_loop import Annotation, Arrow, Path, Side, lesson_volume, open_lesson
from napari_vascular_loop.cli import main
from napari_vascular_loop.formats.figure_memory import figure_memory

NEAR_MM = 0.01
SHAPE = (60, 70, 40)
TIP_IJK = (14, 20, 29)  # right, front, top: no other octant will do
NERVE_IJK = ((14, 20, 29), (18, 26, 28), (25, 33, 26))
VOXEL_TO_RAS = affine_of(
    (0, 1, 2), (-1, -1, 1), (0.8, 0.9, 1.5), tilt_deg=(8.0, -5.0, 11.0), origin_mm=(21.4, 17.9, -63.2)
)
SENTENCE = "The nerve leaves the brainstem here."
LABEL = "Root of the nerve"


def ras_mm(ijk):
    return tuple(float(value) for value in VOXEL_TO_RAS[:3, :3] @ np.array(ijk) + VOXEL_TO_RAS[:3, 3])


def say(*words) -> None:
    assert main([str(word) for word in words]) == 0, words


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The folder in which all of it was made; the series and the lesson's folder are gone."""
    out = tmp_path_factory.mktemp("out")
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in ("LESSONS", "STATE", "IDENTIFIERS"):
            monkeypatch.setenv(f"VASCULAR_LOOP_{name}", str(home / name.lower()))
        _make_all(out)
    return out


def _make_all(out) -> None:
    voxels = np.random.default_rng(5).integers(100, 300, SHAPE).astype(np.uint16)
    voxels[TIP_IJK] = 2000
    write_series(out / "series", voxels, VOXEL_TO_RAS, file_name=lambda k: f"{(k * 7) % SHAPE[2]:04}.dcm")
    say("lesson", "new", out / "series", out, "--title", "From the scanner")
    folder = out / "from-the-scanner"

    store = open_lesson(folder)
    volume_id = store.lesson.volumes[0].id
    tail_mm = ras_mm((8, 11, 29))
    arrow = Annotation(Arrow(tail_mm, ras_mm(TIP_IJK)), volume_id, LABEL, side=Side.RIGHT)
    store.add(arrow)
    store.add(Annotation(Path(tuple(map(ras_mm, NERVE_IJK))), volume_id, "The nerve", side=Side.RIGHT))
    store.edit_article(f"# From the scanner\n\nAbove. {SENTENCE} Below.\n\n![{LABEL}](view:{arrow.id})\n")
    start = store.lesson.article.index(SENTENCE)
    store.link(arrow.id, start, start + len(SENTENCE))
    store.close()

    say("lesson", "check", folder)
    say("figure", folder, arrow.id, out / "figure.png")
    say("page", folder, out / "page.html")
    say("lesson", "pack", folder, out / "sent.vlesson.zip")
    shutil.rmtree(out / "series")
    shutil.rmtree(folder)


def test_the_package_opens_with_every_place_and_link_where_it_was(out, tmp_path):
    store = open_lesson(shutil.copy(out / "sent.vlesson.zip", tmp_path))
    volume = lesson_volume(store)
    arrow, nerve = store.annotations

    assert arrow.geometry.tip_ras_mm == pytest.approx(ras_mm(TIP_IJK), abs=NEAR_MM)
    assert arrow.geometry.tail_ras_mm == pytest.approx(ras_mm((8, 11, 29)), abs=NEAR_MM)
    assert np.allclose(nerve.geometry.vertices_ras_mm, [ras_mm(ijk) for ijk in NERVE_IJK], rtol=0, atol=NEAR_MM)
    brightest = np.unravel_index(np.argmax(volume.voxels), volume.voxels.shape)
    assert volume.grid.ras_from_voxel(brightest) == pytest.approx(arrow.geometry.tip_ras_mm, abs=NEAR_MM)
    assert volume.value_at(volume.grid.nearest_voxel(arrow.geometry.tip_ras_mm)) == 2000
    (linked,) = store.passages()
    assert store.lesson.article[linked.span.start : linked.span.end] == SENTENCE
    store.close()


def test_the_figure_remembers_the_place(out):
    memory = figure_memory(out / "figure.png")
    assert memory is not None
    assert memory.place_ras_mm == pytest.approx(ras_mm(TIP_IJK), abs=NEAR_MM)
    assert memory.annotation_title.startswith(LABEL)


def test_the_page_has_the_marks_and_the_grid_that_they_lie_on(out):
    html = (out / "page.html").read_text(encoding="utf-8")
    said = json.loads(re.search(r'<script type="application/json" id="lesson">(.*?)</script>', html, re.DOTALL)[1])
    arrow, nerve = said["marks"]
    (volume,) = said["volumes"]

    assert arrow["anchor"] == pytest.approx(ras_mm(TIP_IJK), abs=NEAR_MM)
    assert np.allclose(nerve["vertices"], [ras_mm(ijk) for ijk in NERVE_IJK], rtol=0, atol=NEAR_MM)
    index = np.linalg.inv(np.reshape(volume["indexToRas"], (4, 4))) @ (*arrow["anchor"], 1)
    assert np.allclose(index, index.round(), rtol=0, atol=NEAR_MM), "the tip lies on a voxel's centre, as in the scan"
    assert (index[:3] >= 0).all()
    assert (index[:3] < volume["shape"]).all()
    assert SENTENCE in html


def test_nothing_that_went_out_names_the_patient(out):
    words = (*PATIENT.split("^"), "4711")
    with zipfile.ZipFile(out / "sent.vlesson.zip") as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    files |= {name: (out / name).read_bytes() for name in ("figure.png", "page.html")}
    for name, data in files.items():
        for word in words:
            assert word.lower() not in name.lower()
            found = (
                re.search(rb"\b" + word.encode() + rb"\b", data, re.IGNORECASE)
                if name.endswith((".json", ".md", ".html"))
                else None
            )
            assert found is None, name
            assert data.find(PATIENT.encode()) < 0, name
