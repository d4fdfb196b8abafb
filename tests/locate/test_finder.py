"""From a name and a scan to a place: what was meant, how far it is believed, and that left is never taken for right."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from benchmarks.locate.bases import Base
from benchmarks.locate.heads import make
from conftest import COLIN27, rotation
from nibabel.testing import data_path

from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.errors import LocateError, ReadCancelledError
from napari_vascular_loop.domain.registration import Registration, midline_of
from napari_vascular_loop.domain.volume import Provenance, Volume
from napari_vascular_loop.formats.registration_json import registration_entry
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
from napari_vascular_loop.head_pose import note_registration
from napari_vascular_loop.locate import cache, finder, process
from napari_vascular_loop.locate.asking import ask
from napari_vascular_loop.locate.atlas_brain import without_skull
from napari_vascular_loop.locate.fossa import ROOTS_ATLAS_MM
from napari_vascular_loop.locate.head import head_of
from napari_vascular_loop.locate.landmarks import locate_by_landmarks
from napari_vascular_loop.locate.places import atlas_places, places_of
from napari_vascular_loop.locate.quality import Verdict, judge

nibabel_data = Path(data_path)
PLACE = np.array([19.0, -34.0, -42.0])
needs_atlas = pytest.mark.skipif(not COLIN27.is_file(), reason="Colin27 (mricron-data) is not installed")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path / "locate")


@pytest.mark.parametrize(
    ("said", "structure", "sides"),
    [
        ("facial nerve root", "facial-nerve-root", {Side.RIGHT, Side.LEFT}),
        ("left REZ", "facial-nerve-root", {Side.LEFT}),
        ("facial nerve rooot (R)", "facial-nerve-root", {Side.RIGHT}),
        ("the pontomedulary sulcus", "pontomedullary-sulcus", None),
        ("Porus, right", "internal-acoustic-meatus", None),
    ],
)
def test_a_name_is_understood_as_people_write_it(said, structure, sides):
    first = ask(said)[0]
    assert structure in (first.structure.id, *[one.structure.id for one in ask(said)])
    if sides is not None:
        assert set(first.sides) == sides


def test_what_the_atlas_does_not_have_is_said_with_what_it_has():
    with pytest.raises(LocateError, match=r"no structure like 'big toe'; it has .*facial-nerve-root"):
        finder.places_asked("big toe")


def test_the_table_has_both_sides_alike_and_says_who_read_it():
    assert len(atlas_places()) >= 15
    for place in atlas_places():
        assert place.source
        assert 0 < place.spread_mm < 15
        if place.side is Side.RIGHT:
            assert place.atlas_ras_mm[0] > 0
        if place.side is Side.LEFT:
            assert place.atlas_ras_mm[0] < 0


POSE = np.eye(4)
POSE[:3, :3] = 1.07 * rotation(11, -8, 17)
POSE[:3, 3] = (14.0, -22.0, 31.0)


def clicked(count, noise_mm=0.0):
    chance = np.random.default_rng(3)
    places = [
        place
        for name in ("anterior-commissure", "internal-acoustic-meatus", "pontomedullary-sulcus", "posterior-commissure")
        for place in places_of(name)
    ][:count]
    return [(place, POSE[:3, :3] @ place.as_array + POSE[:3, 3] + chance.normal(0, noise_mm, 3)) for place in places]


def test_three_landmarks_are_enough_and_say_how_sure_that_is():
    root = next(place for place in places_of("facial-nerve-root") if place.side is Side.RIGHT)
    truth = POSE[:3, :3] @ root.as_array + POSE[:3, 3]
    exact = locate_by_landmarks(root, clicked(4))
    assert exact.verdict is Verdict.FOUND
    assert exact.place_ras_mm == pytest.approx(truth, abs=1e-6)
    rough = locate_by_landmarks(root, clicked(4, 1.5))
    assert np.linalg.norm(np.subtract(rough.place_ras_mm, truth)) < rough.radius_mm
    for wrong, why in ((clicked(2), "3 to 6"), ([clicked(3)[0], *clicked(3)[:2]], "twice")):
        with pytest.raises(LocateError, match=why):
            locate_by_landmarks(root, wrong)
    swapped = clicked(4)
    (one, at), (other, there) = swapped[1], swapped[2]
    swapped[1:3] = [(one, there), (other, at)]
    assert locate_by_landmarks(root, swapped).verdict is not Verdict.FOUND, "left and right taken for each other"


def registration(**values):
    known = {"likeness": 0.8, "rival_likeness": 0.3, "random_likeness": 0.2, "covered": 0.9, "has_fossa": True}
    matrices = {name: values.pop(name, np.eye(4)) for name in ("scan_to_atlas", "fossa_to_atlas", "other_to_atlas")}
    return Registration(**matrices, **{**known, **values})


def stretched_about(place_mm, factor):
    matrix = np.diag((1.0, factor, 1.0, 1.0))
    matrix[1, 3] = place_mm[1] * (1 - factor)
    return matrix


def moved(by_mm):
    matrix = np.eye(4)
    matrix[2, 3] = by_mm
    return matrix


@pytest.mark.parametrize(
    ("values", "verdict", "why"),
    [
        ({}, Verdict.FOUND, "two starts agree"),
        ({"likeness": 0.1}, Verdict.NOT_FOUND, "not much like the atlas"),
        ({"rival_likeness": 0.78}, Verdict.NOT_FOUND, "fits nearly as well"),
        ({"random_likeness": 0.6}, Verdict.DOUBTFUL, "by chance"),
        ({"other_to_atlas": moved(8)}, Verdict.DOUBTFUL, "8 mm apart"),
        ({"other_to_atlas": moved(40)}, Verdict.NOT_FOUND, "40 mm apart"),
        ({"fossa_to_atlas": moved(9)}, Verdict.DOUBTFUL, "second step"),
        ({"scan_to_atlas": np.diag((1.7, 1.7, 1.7, 1.0))}, Verdict.NOT_FOUND, "too small"),
        ({"scan_to_atlas": np.diag((1.0, 1.0, 1.35, 1.0))}, Verdict.DOUBTFUL, "unevenly"),
        ({"fossa_to_atlas": stretched_about(PLACE, 1.35)}, Verdict.DOUBTFUL, "unevenly"),
        ({"covered": 0.2}, Verdict.NOT_FOUND, "little of the scan"),
        ({"random_likeness": 0.6, "other_to_atlas": moved(8)}, Verdict.NOT_FOUND, "by chance"),
    ],
)
def test_a_registration_is_believed_only_as_far_as_it_deserves(values, verdict, why):
    same = {name: values.get("scan_to_atlas", np.eye(4)) for name in ("fossa_to_atlas", "other_to_atlas")}
    judged = judge(registration(**{**same, **values}), PLACE)
    assert judged.verdict is verdict
    assert any(why in reason for reason in judged.reasons)


def test_the_midline_of_a_tilted_head_comes_with_it():
    midline = midline_of(np.linalg.inv(POSE))
    root = np.array([19.0, -34.0, -42.0])
    right, left = (POSE[:3, :3] @ (root * [sign, 1, 1]) + POSE[:3, 3] for sign in (1, -1))
    assert midline.mirrored(right[None])[0] == pytest.approx(left, abs=1e-6)


def made(seed):
    atlas = read_volumes(COLIN27)[0]
    brain = read_volumes(COLIN27.with_name("ch2bet.nii.gz"))[0].voxels > 0
    return make(Base(atlas, brain, dict(zip(("right", "left"), ROOTS_ATLAS_MM, strict=True))), seed)


@needs_atlas
@pytest.mark.slow
def test_a_head_in_another_pose_contrast_and_grid_is_found_and_known_the_second_time(tmp_path, run):
    head = made(4)
    assert head.is_slab
    told = []
    answers = finder.locate(head.volume, "REZ", progress=told.append)
    assert [answer.place.side for answer in answers] == [Side.RIGHT, Side.LEFT]
    for answer in answers:
        truth = head.truth_ras_mm[str(answer.place.side)]
        off_mm = np.linalg.norm(np.subtract(answer.place_ras_mm, truth))
        assert off_mm < 4
        assert off_mm < answer.radius_mm < 20
        assert answer.verdict is Verdict.FOUND
    assert told == sorted(told)
    assert told[-1] == 1.0
    began = time.perf_counter()
    (pons,) = finder.locate(head.volume, "pons")
    assert time.perf_counter() - began < 2, "the whole head is known now"
    assert pons.place.side is Side.MIDLINE
    path = tmp_path / "slab.nii.gz"
    write_nifti(head.volume, path)
    said = run("locate", path, "--structure", "facial nerve root", "--side", "left", "--json")
    assert said.code == 0, said.err
    (answer,) = said.document["answers"]
    assert np.linalg.norm(np.subtract(answer["place_ras_mm"], head.truth_ras_mm["left"])) < 4


@needs_atlas
@pytest.mark.slow
def test_a_brain_whose_skull_was_cut_away_is_found_by_its_outline():
    head = made(4022)
    assert "stripped" in head.name
    for answer in finder.locate(head.volume):
        assert answer.verdict is Verdict.FOUND, answer.words
        assert np.linalg.norm(np.subtract(answer.place_ras_mm, head.truth_ras_mm[str(answer.place.side)])) < 4


@needs_atlas
def test_the_brain_that_ships_with_the_program_is_that_of_the_atlas():
    atlas = head_of(read_volumes(COLIN27)[0])
    brain = without_skull(atlas)
    assert brain.is_stripped

    def at(head, place_mm):
        return head.values[tuple(np.round((np.array(place_mm) - head.origin_ras_mm) / head.spacing_mm).astype(int))]

    for inside in ((0, -25, -33), (40, -20, 40), (-30, -60, -40)):
        assert at(brain, inside) == at(atlas, inside) > 0.1, inside
    for outside in ((0, -25, 84), (60, 60, -20), (0, 85, -40)):
        assert at(brain, outside) == 0, outside


@needs_atlas
@pytest.mark.slow
def test_a_monkey_is_no_man():
    volume = read_volumes(COLIN27.with_name("inia19-t1-brain.nii.gz"))[0]
    assert [answer.verdict for answer in finder.locate(volume)] == [Verdict.NOT_FOUND] * 2


@needs_atlas
@pytest.mark.slow
@pytest.mark.parametrize("name", ["example4d.nii.gz", "anatomical.nii"])
def test_a_real_scan_that_ends_above_the_root_shows_none(name):
    # Real people's brains, which come with nibabel: a series of slabs, and a block of 6 cm about the ventricles.
    volume = read_volumes(nibabel_data / name)[0]
    assert [answer.verdict for answer in finder.locate(volume)] == [Verdict.NOT_FOUND] * 2


@needs_atlas
@pytest.mark.slow
def test_what_is_no_head_is_not_found_rather_than_pointed_at(tmp_path, run):
    chance = np.random.default_rng(2)
    noise = Volume(chance.integers(0, 900, (70, 80, 60)).astype(np.int16), np.diag((2.0, 2.0, 2.0, 1.0)), Provenance())
    for answer in finder.locate(noise):
        assert answer.verdict is not Verdict.FOUND
    path = tmp_path / "noise.nii.gz"
    write_nifti(noise, path)
    said = run("locate", path)
    assert said.code == (0 if "doubtful" in said.out else 1)


@needs_atlas
def test_it_can_be_ended_at_any_moment_and_goes_on_afterwards():
    head = made(3)
    asked = []

    def enough():
        asked.append(1)
        return len(asked) > 3

    began = time.perf_counter()
    with pytest.raises(ReadCancelledError):
        finder.locate(head.volume, cancelled=enough)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("volume", "why"),
    [
        (Volume(np.zeros((60, 60, 60), np.int16), np.diag((2.0, 2, 2, 1)), Provenance()), "same value"),
        (Volume(np.arange(27, dtype=np.int16).reshape(3, 3, 3), np.eye(4), Provenance()), "covers 3 x 3 x 3 mm"),
        (
            Volume(
                np.arange(64000, dtype=np.int32).reshape(40, 40, 40), np.eye(4), Provenance(orientation_known=False)
            ),
            "does not say how the head lies",
        ),
    ],
)
def test_what_can_not_be_looked_at_is_said(volume, why):
    with pytest.raises(LocateError, match=why):
        finder.head_of(volume)


def test_what_the_lesson_knows_is_not_looked_for_again(monkeypatch):
    def refuse():
        raise AssertionError("nothing is to be registered")

    monkeypatch.setattr(finder, "_worker", refuse)
    grid = np.diag((2.0, 2.0, 2.0, 1.0))
    grid[:3, 3] = POSE[:3, :3] @ (0, -34, -42) + POSE[:3, 3] - 60
    volume = Volume(np.zeros((60, 60, 60), np.int16), grid, Provenance())
    atlas_to_scan = np.linalg.inv(POSE)
    kept = registration(scan_to_atlas=atlas_to_scan, fossa_to_atlas=atlas_to_scan, other_to_atlas=atlas_to_scan)
    note_registration(volume, kept)
    right, left = finder.locate(volume)
    for answer, sign in ((right, 1), (left, -1)):
        place = places_of("facial-nerve-root")[0].as_array * [sign, 1, 1]
        assert answer.place_ras_mm == pytest.approx(POSE[:3, :3] @ place + POSE[:3, 3], abs=1e-6)


def test_without_elastix_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(process.importlib.util, "find_spec", lambda _name: None)
    worker = process.Worker(None)
    with pytest.raises(LocateError, match=r"napari-vascular-loop\[locate\]"):
        worker.start()


def test_what_was_kept_and_damaged_is_found_anew(tmp_path):
    known = registration()
    cache.keep("key", known)
    assert cache.kept("key") == known
    path = cache.cache_folder() / "key.json"
    for damaged in ("", "[]", "{}", json.dumps({**registration_entry(known), "scanToAtlas": [[1, 2]]})):
        path.write_text(damaged)
        assert cache.kept("key") is None
    assert cache.kept("nothing") is None
