"""The synthetic stand-in is what ships, says what it is, and its marks lie on what they name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.samples.phantom import ARTERY, BONE, FLUID, NERVE, stand_in_annotations, stand_in_volume

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import Volume

MARKS = stand_in_annotations()

pytestmark = pytest.mark.xdist_group("phantom")  # computed once


@cache
def computed() -> Volume:
    return stand_in_volume()


def grey_near(ras_mm: tuple[float, float, float], radius_voxels: int = 0) -> float:
    """Median grey value of the voxels around a place."""
    ijk = computed().grid.nearest_voxel(ras_mm)
    assert ijk is not None
    box = tuple(slice(n - radius_voxels, n + radius_voxels + 1) for n in ijk)
    return float(np.median(computed().voxels[box]))


def test_it_is_the_shipped_file():
    (shipped,) = read_volumes(content_folder("sample_data") / "synthetic" / "stand_in.nii.gz")
    assert shipped.provenance.is_synthetic
    assert shipped.voxels.dtype == computed().voxels.dtype == np.uint8
    assert np.abs(shipped.voxels.astype(int) - computed().voxels).max() <= 1
    assert np.allclose(shipped.voxel_to_ras, computed().voxel_to_ras, atol=1e-5)
    assert shipped.orientation == "RAS"


def test_it_says_that_it_is_synthetic():
    assert "SYNTHETIC" in computed().provenance.description
    assert any("not an image of a person" in warning for warning in computed().provenance.warnings)


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.label)
def test_marks_lie_inside_and_on_their_side(mark):
    assert all(computed().grid.nearest_voxel(place) for place in mark.geometry.vertices_ras_mm)
    x = mark.geometry.anchor_ras_mm[0]
    assert {Side.LEFT: x < -10, Side.RIGHT: x > 10, Side.MIDLINE: abs(x) < 3}[mark.side]


@pytest.mark.parametrize(
    ("structure", "grey"), [("facial-nerve-root", NERVE), ("aica", ARTERY), ("basilar-artery", ARTERY)]
)
def test_marks_point_at_what_they_name(structure, grey):
    found = [mark for mark in MARKS if mark.structure == structure]
    assert found
    for mark in found:
        value = grey_near(mark.geometry.anchor_ras_mm)
        assert abs(value - grey) < abs(value - FLUID), f"{mark.label}: {value}"


@pytest.mark.parametrize("mark", [m for m in MARKS if m.structure == "facial-nerve"], ids=lambda mark: mark.label)
def test_the_path_runs_along_the_nerve(mark):
    in_the_cistern = mark.geometry.vertices_ras_mm[1:3]
    for place in in_the_cistern:
        assert grey_near(place) > (FLUID + NERVE) / 2, place


@pytest.mark.parametrize("x_mm", [-37, 37])
def test_there_is_bone_beside_the_canal(x_mm):
    assert grey_near((x_mm, -12, -47), 1) == pytest.approx(BONE, abs=6)


def test_the_loop_is_on_the_left_only():
    loop = (-20.0, -22.4, -42.0)
    mirrored = (20.0, -22.4, -42.0)
    assert grey_near(loop) > FLUID + 20
    assert grey_near(mirrored) == pytest.approx(FLUID, abs=10)
