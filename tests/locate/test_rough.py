"""The quick measures of many poses at once: they say what the slow ones say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import COLIN27

from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.locate.atlas_brain import without_skull
from napari_vascular_loop.locate.fit import Fit
from napari_vascular_loop.locate.head import head_of
from napari_vascular_loop.locate.pose import apart_mm, rotation, scan_to_atlas
from napari_vascular_loop.locate.rough import Rough
from napari_vascular_loop.locate.search import search

ORIGIN = np.zeros(3)


@pytest.fixture(scope="module")
def atlas():
    if not COLIN27.is_file():
        pytest.skip("Colin27 (mricron-data) is not installed")
    return head_of(read_volumes(COLIN27)[0])


@pytest.fixture(scope="module")
def brain(atlas):
    return without_skull(atlas).values > 0


@pytest.fixture(scope="module")
def inverted(atlas):
    return replace(atlas, values=np.where(atlas.values > 0.05, 1 - 0.8 * atlas.values, 0).astype(np.float32))


@pytest.fixture(scope="module")
def poses():
    chance = np.random.default_rng(2)
    spread = np.array([0.3, 0.3, 0.3, 30, 30, 30, 0.1])
    return np.concatenate([np.zeros((1, 7)), chance.uniform(-1, 1, (40, 7)) * spread])


def test_they_order_poses_as_the_slow_ones_do(atlas, brain, inverted, poses):
    matrices = scan_to_atlas(poses, ORIGIN, ORIGIN)
    whole, fit = Rough(inverted, atlas, brain, blur_mm=2.0, count=3500)(matrices)
    slow = Fit(inverted, atlas, brain, blur_mm=2.0, count=8000)
    slowly = np.array([slow(matrix) for matrix in matrices])
    assert whole.argmax() == fit.argmax() == slowly.argmax() == 0
    assert np.corrcoef(fit, slowly)[0, 1] > 0.98


def test_many_at_once_are_as_each_alone(atlas, brain, inverted, poses):
    matrices = scan_to_atlas(poses, ORIGIN, ORIGIN)
    rough = Rough(inverted, atlas, brain, blur_mm=3.0, count=500)
    whole, fit = rough(matrices)
    alone = [rough(matrix[None]) for matrix in matrices]
    np.testing.assert_allclose(whole, [one[0][0] for one in alone])
    np.testing.assert_allclose(fit, [one[1][0] for one in alone])
    assert [part.shape for part in rough(np.zeros((0, 4, 4)))] == [(0,), (0,)]


def test_a_pose_that_lays_the_scan_beside_the_atlas_is_none(atlas, brain, inverted):
    away = scan_to_atlas(np.array([[0, 0, 0, 0, 0, -400.0, 0], [0, 0, 0, 0, 500.0, 0, 0]]), ORIGIN, ORIGIN)
    whole, fit = Rough(inverted, atlas, brain, blur_mm=3.0, count=500)(away)
    assert whole[0] == -1, "below the atlas nothing is known"
    assert (fit == 0).all()


def test_a_pose_turns_about_r_then_a_then_s_and_about_the_centre_of_the_scan():
    turned = rotation(np.array([np.pi / 2, 0, np.pi / 2]))
    np.testing.assert_allclose(turned @ [0, 1, 0], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(turned @ [0, 0, 1], [1, 0, 0], atol=1e-12)
    centre, at = np.array([10.0, -20, 30]), np.array([1.0, 2, 3])
    poses = np.array([[0.1, -0.2, 0.3, 4, 5, 6, 0.1], [0, 0, 0, 0, 0, 0, -0.2]])
    matrices = scan_to_atlas(poses, centre, at)
    np.testing.assert_allclose(matrices @ [*centre, 1], [[5, 7, 9, 1], [*at, 1]])
    np.testing.assert_allclose(np.linalg.det(matrices[:, :3, :3]), np.exp(3 * poses[:, 6]))
    np.testing.assert_allclose(matrices[0], scan_to_atlas(poses[0], centre, at))


@pytest.mark.slow
def test_the_search_comes_near_the_pose_in_which_a_head_was_laid(atlas, brain, inverted):
    laid = scan_to_atlas(np.array([0.25, -0.15, 0.2, 0, 0, 0, 0.12]), ORIGIN, ORIGIN)
    from scipy.ndimage import affine_transform

    # The scan's voxels at x show what the atlas has at `laid` x.
    shift = (laid[:3, :3] @ atlas.origin_ras_mm - atlas.origin_ras_mm) / atlas.spacing_mm
    values = affine_transform(inverted.values, laid[:3, :3], shift, order=1)
    done: list[float] = []
    found = search(replace(inverted, values=values), atlas, brain, done.append)
    assert apart_mm(found[0], laid, np.array([[12.0, -20, -36], [-12, -20, -36]])) < 5
    assert done == sorted(done)
    assert done[-1] == 1
    fit = Fit(replace(inverted, values=values), atlas, brain)
    assert fit(found[0]) > 0.9 * max(fit(matrix) for matrix in found), "the best comes first"
