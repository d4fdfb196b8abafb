"""The fine steps: what each may do to a head, and that it does it; in a process of their own, as in the program."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from multiprocessing import get_context

import numpy as np
import pytest
from conftest import COLIN27

from napari_vascular_loop.domain.registration import Deformation
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.locate.atlas_brain import without_skull
from napari_vascular_loop.locate.elastix import Freedom, brain_of, fossa_of, refine
from napari_vascular_loop.locate.fossa import ROOTS_ATLAS_MM
from napari_vascular_loop.locate.head import head_of
from napari_vascular_loop.locate.pose import apart_mm, scan_to_atlas

needs_elastix = pytest.mark.skipif(find_spec("itk") is None, reason="itk-elastix (extra locate) is not installed")
START = scan_to_atlas(np.array([0.06, -0.05, 0.07, 5.0, -4.0, 6.0, 0.05]), np.zeros(3), np.zeros(3))


@pytest.fixture(scope="module")
def atlas():
    if not COLIN27.is_file():
        pytest.skip("Colin27 (mricron-data) is not installed")
    return head_of(read_volumes(COLIN27)[0])


@pytest.fixture(scope="module")
def refined():
    """As `refine`, in a process into which nothing else was loaded: ITK does not live with everything else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield lambda *asked: pool.submit(refine, *asked).result(timeout=120)


@needs_elastix
@pytest.mark.slow
@pytest.mark.parametrize("freedom", Freedom)
@pytest.mark.parametrize("where", [brain_of, fossa_of])
def test_a_step_finds_the_way_back_and_does_no_more_than_it_may(refined, atlas, where, freedom):
    scan = replace(atlas, values=np.where(atlas.values > 0.05, 1 - 0.8 * atlas.values, 0).astype(np.float32))
    found = refined(scan, atlas, START, where(scan, START), freedom)
    assert apart_mm(START, np.eye(4), ROOTS_ATLAS_MM) > 8
    assert apart_mm(found, np.eye(4), ROOTS_ATLAS_MM) < 1.5
    deformed = Deformation.of(found)
    if freedom is Freedom.SIMILARITY:
        assert deformed.shear == pytest.approx(1, abs=1e-6)
    else:
        assert deformed.shear > 1.0001


@needs_elastix
@pytest.mark.slow
def test_only_an_affine_step_follows_a_head_that_is_stretched(refined, atlas):
    stretched = np.diag([1.12, 1.0, 0.92, 1.0])
    from scipy.ndimage import affine_transform

    shift = (stretched[:3, :3] @ atlas.origin_ras_mm - atlas.origin_ras_mm) / atlas.spacing_mm
    scan = replace(atlas, values=affine_transform(atlas.values, stretched[:3, :3], shift, order=1))
    ends = [refined(scan, atlas, np.eye(4), brain_of(scan, np.eye(4)), freedom) for freedom in Freedom]
    similar, affine = (apart_mm(end, stretched, ROOTS_ATLAS_MM) for end in ends)
    assert affine < 1 < similar


def test_a_brain_that_was_cut_out_is_looked_at_with_a_rim(atlas):
    brain = without_skull(atlas)
    looked_at = brain_of(brain, np.eye(4))
    around = looked_at & (brain.values == 0)
    assert 0.05 < around.sum() / looked_at.sum() < 0.5, "its outline tells where it is"


def test_too_little_to_look_at_is_no_step(atlas):
    far_away = scan_to_atlas(np.array([0, 0, 0, 900.0, 0, 0, 0]), np.zeros(3), np.zeros(3))
    assert refine(atlas, atlas, far_away, fossa_of(atlas, far_away), Freedom.AFFINE) is None
