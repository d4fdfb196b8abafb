"""What decides between poses: a head whose brain sits otherwise in its skull than the atlas' is laid by its brain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import COLIN27

from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.locate.atlas_brain import without_skull
from napari_vascular_loop.locate.fit import Fit
from napari_vascular_loop.locate.head import Head, head_of
from napari_vascular_loop.locate.likeness import BrainLikeness, Likeness, random_places

AWAY_VOXELS = (0, 5, 3)


def shifted(by_voxels):
    matrix = np.eye(4)
    matrix[:3, 3] = np.multiply(by_voxels, 2.0)
    return matrix


@pytest.fixture(scope="module")
def atlas():
    if not COLIN27.is_file():
        pytest.skip("Colin27 (mricron-data) is not installed")
    return head_of(read_volumes(COLIN27)[0])


@pytest.fixture(scope="module")
def brain(atlas):
    return without_skull(atlas).values > 0


def test_the_right_pose_fits_best_whatever_the_contrast(atlas, brain):
    other = replace(atlas, values=np.where(atlas.values > 0.05, 1 - 0.8 * atlas.values, 0).astype(np.float32))
    fit = Fit(other, atlas, brain)
    at_home = fit(np.eye(4))
    assert at_home > 0.5
    for by in ((3, 0, 0), (0, -4, 0), (0, 0, 5)):
        assert fit(shifted(by)) < 0.8 * at_home, by
    assert fit(shifted((0, 400, 0))) == 0, "nothing of the brain is seen"


def test_the_brain_decides_where_skull_face_and_neck_lie_otherwise(atlas, brain):
    moved = np.roll(np.where(brain, 0, atlas.values), AWAY_VOXELS, (0, 1, 2))
    # A scan with much neck and air: of what is looked at the brain is a small part.
    values = np.where(brain, atlas.values, moved)
    values[:, :, : values.shape[2] // 2] = np.where(brain, values, moved * 0.5)[:, :, : values.shape[2] // 2]
    scan = replace(atlas, values=values.astype(np.float32))
    by_brain, by_skull = np.eye(4), shifted([-n for n in AWAY_VOXELS])
    whole = Likeness(scan, atlas, random_places(scan, 8000, 3), 1.0)
    fit = Fit(scan, atlas, brain)
    assert fit(by_brain) / fit(by_skull) > 1.5 * whole(by_brain) / whole(by_skull)
    assert fit(by_brain) > 1.5 * fit(by_skull)


def test_the_air_around_a_head_is_told_from_what_is_dark_within_it():
    values = np.zeros((40, 44, 36), dtype=np.float32)
    values[8:30, 6:38, 5:36] = 0.8
    values[14:22, 12:30, 12:28] = 0.0  # a wide ventricle
    scanned = np.ones(values.shape, dtype=bool)
    scanned[:2] = False
    scan = Head(values, scanned, np.zeros(3))
    body = scan.body
    assert body[10:28, 8:36, 7:34].all()
    outside = body.copy()
    outside[6:32, 4:40, 3:] = False
    assert not outside.any()
    assert replace(scan, is_stripped=True).body is scanned, "what was cut away tells as much as what was left"
    speck = np.zeros_like(values)
    speck[20, 20, 20] = 1
    assert replace(scan, values=speck).body is scanned, "where nothing is shown, nothing is air"


def test_a_whole_head_is_not_taken_for_a_brain(atlas, brain):
    """A head with nothing in it, laid so large that the atlas' brain lies over all of it: bright, in a dark rim."""
    chance = np.random.default_rng(4)
    middle, axes = np.array([0.0, -18.0, 0.0]), np.array([72.0, 90.0, 70.0])
    places = np.moveaxis(np.indices(atlas.values.shape), 0, -1) * atlas.spacing_mm + atlas.origin_ras_mm
    values = np.where((((places - middle) / axes) ** 2).sum(axis=-1) < 1, 0.7, 0.02)
    scan = replace(atlas, values=(values + chance.uniform(0, 0.02, values.shape)).astype(np.float32))
    likeness = BrainLikeness(scan, atlas, brain, 1.0, 8000)
    without_air = likeness(np.eye(4))
    scan.__dict__["body"] = scan.inside
    assert likeness(np.eye(4)) > 2.5 * without_air, "had the air been asked, it would look like one"
