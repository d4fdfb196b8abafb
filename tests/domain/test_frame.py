"""The display frame: nothing is resampled, and every place on screen leads back to its RAS mm."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import DOT_IJK, ORIENTATIONS, TILT_DEG, affine_of, make_dot_volume
from nibabel.affines import apply_affine

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.frame import DisplayFrame, display_axis_of, plane_of, runs_to_the_left
from napari_vascular_loop.domain.space import Grid, Plane

SPACING_MM = (0.9, 1.1, 2.3)
TILTS = [pytest.param((0, 0, 0), id="straight"), pytest.param(TILT_DEG, id="tilted")]

every_orientation = pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS)
every_tilt = pytest.mark.parametrize("tilt_deg", TILTS)


@every_tilt
@every_orientation
def test_bright_voxel_is_shown_where_the_frame_says(axes, signs, tilt_deg):
    matrix = affine_of(axes, signs, SPACING_MM, tilt_deg)
    volume = make_dot_volume(matrix)
    frame = volume.frame
    shown = frame.reorder(volume.voxels)
    index = frame.index_from_display(frame.display_from_ras(apply_affine(matrix, DOT_IJK)))
    assert np.allclose(index, np.rint(index), atol=1e-6)
    assert shown[tuple(np.rint(index).astype(int))] == 1000
    assert shown.shape == frame.shape
    assert np.shares_memory(shown, volume.voxels), "the voxels were copied"


@every_tilt
@every_orientation
def test_display_leads_back_to_ras(axes, signs, tilt_deg):
    matrix = affine_of(axes, signs, SPACING_MM, tilt_deg)
    volume = make_dot_volume(matrix)
    frame = volume.frame
    s, a, r = np.argwhere(frame.reorder(volume.voxels) == 1000)[0]
    sar_mm = np.asarray(frame.translate_mm) + np.asarray(frame.scale_mm) * (s, a, r)
    assert np.allclose(frame.ras_from_display(sar_mm), apply_affine(matrix, DOT_IJK), atol=1e-9)
    turn = frame.display_to_ras[:3, :3]
    assert np.allclose(turn.T @ turn, np.eye(3), atol=1e-9), "mm are stretched"


@every_orientation
def test_display_axes_run_to_superior_anterior_right(axes, signs):
    frame = DisplayFrame(Grid((11, 13, 7), affine_of(axes, signs, SPACING_MM)))
    places = np.array([(1.0, 2.0, 3.0), (-40.0, 0.5, 9.0)])
    assert np.allclose(frame.display_from_ras(places), places[:, ::-1], atol=1e-9)
    assert [frame.letters(axis) for axis in range(3)] == [("I", "S"), ("P", "A"), ("L", "R")]


@pytest.mark.parametrize(
    ("tilt_deg", "letters"),
    [
        ((0, 0, -10), [("I", "S"), ("PL", "AR"), ("LA", "RP")]),
        ((2, 0, 0), [("I", "S"), ("P", "A"), ("L", "R")]),
        ((20, 0, 0), [("IA", "SP"), ("PI", "AS"), ("L", "R")]),
    ],
)
def test_letters_of_an_oblique_scan_are_compound(tilt_deg, letters):
    frame = DisplayFrame(Grid((11, 13, 7), affine_of((2, 0, 1), (-1, 1, -1), SPACING_MM, tilt_deg)))
    assert [frame.letters(axis) for axis in range(3)] == letters


@pytest.mark.parametrize("shear_deg", [0.6, 8, 30])
def test_shear_is_refused_with_its_degrees(shear_deg):
    matrix = np.eye(4)
    matrix[0, 2] = np.tan(np.radians(shear_deg))
    with pytest.raises(GeometryError, match=rf"sheared by {shear_deg:.1f} degrees .* resample"):
        DisplayFrame(Grid((4, 4, 4), matrix))


def test_the_shear_that_rounding_leaves_is_let_pass():
    matrix = np.eye(4)
    matrix[0, 2] = np.tan(np.radians(0.3))
    assert DisplayFrame(Grid((4, 4, 4), matrix)).shape == (4, 4, 4)


@pytest.mark.parametrize(("plane", "axis"), [(Plane.AXIAL, 0), (Plane.CORONAL, 1), (Plane.SAGITTAL, 2)])
def test_planes_and_display_axes(plane, axis):
    assert display_axis_of(plane) == axis
    assert plane_of(axis) is plane


@pytest.mark.parametrize(
    ("plane", "radiological", "neurological"),
    [(Plane.AXIAL, True, False), (Plane.CORONAL, True, False), (Plane.SAGITTAL, True, True)],
)
def test_patients_left_is_on_the_right_in_radiological_views_and_the_nose_on_the_left(
    plane, radiological, neurological
):
    assert runs_to_the_left(plane, radiological=True) is radiological
    assert runs_to_the_left(plane, radiological=False) is neurological
