"""What decides between poses: a head whose brain sits otherwise in its skull than the atlas' is laid by its brain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import COLIN27

from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.locate.atlas_brain import without_skull
from napari_vascular_loop.locate.fit import Fit
from napari_vascular_loop.locate.head import head_of
from napari_vascular_loop.locate.likeness import Likeness, random_places

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
