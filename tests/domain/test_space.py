"""Frames, letters and mm of a voxel, held against nibabel and against arithmetic done here."""

from __future__ import annotations

import math

import nibabel
import numpy as np
import pytest
from conftest import DOT_IJK, ORIENTATIONS, TILT_DEG, affine_of, rotation
from nibabel.affines import apply_affine, obliquity

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.space import Grid, closest_axes, direction_letters, format_ras_mm, vector3

SPACING_MM = (0.9, 1.1, 2.3)
SHAPE = (11, 13, 7)
TILTS = [pytest.param((0, 0, 0), id="straight"), pytest.param(TILT_DEG, id="tilted")]


def grid_of(axes: tuple[int, ...], signs: tuple[int, ...], tilt_deg: tuple[float, float, float] = (0, 0, 0)) -> Grid:
    return Grid(SHAPE, affine_of(axes, signs, SPACING_MM, tilt_deg))


@pytest.mark.parametrize("tilt_deg", TILTS)
@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS)
def test_place_of_the_bright_voxel(axes, signs, tilt_deg):
    matrix = affine_of(axes, signs, SPACING_MM, tilt_deg)
    expected = matrix[:3, 3] + sum(matrix[:3, n] * DOT_IJK[n] for n in range(3))
    grid = Grid(SHAPE, matrix)
    ras_mm = grid.ras_from_voxel(DOT_IJK)
    assert np.linalg.norm(ras_mm - expected) < 0.01
    assert np.allclose(grid.voxel_from_ras(expected), DOT_IJK, atol=1e-9)
    assert grid.nearest_voxel(expected) == DOT_IJK
    assert grid.spacing_mm == pytest.approx(SPACING_MM)


@pytest.mark.parametrize("tilt_deg", TILTS)
@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS)
def test_orientation_is_nibabels(axes, signs, tilt_deg):
    grid = grid_of(axes, signs, tilt_deg)
    assert grid.orientation == "".join(nibabel.aff2axcodes(grid.voxel_to_ras))


def test_orientation_of_an_untilted_grid_is_what_it_was_made_of():
    assert grid_of((2, 0, 1), (-1, 1, -1)).orientation == "IRP"
    assert closest_axes(grid_of((2, 0, 1), (-1, 1, -1)).voxel_to_ras) == ((2, -1), (0, 1), (1, -1))


def test_orientation_is_nibabels_for_any_rotation():
    random = np.random.default_rng(3)
    for _ in range(500):
        turn, _ = np.linalg.qr(random.normal(size=(3, 3)))
        matrix = np.eye(4)
        matrix[:3, :3] = turn * random.uniform(0.3, 3, size=3)
        assert Grid(SHAPE, matrix).orientation == "".join(nibabel.aff2axcodes(matrix)), matrix.tolist()


@pytest.mark.parametrize("tilt_deg", [(0, 0, 0), (5.9, 0, 0), (0, -30, 0), (12, -7, 4), (-20, 10, 15), (0, 0, 44)])
@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS[::7])
def test_obliquity_is_nibabels(axes, signs, tilt_deg):
    grid = grid_of(axes, signs, tilt_deg)
    assert grid.obliquity_deg == pytest.approx(np.degrees(obliquity(grid.voxel_to_ras)).max(), abs=1e-5)


@pytest.mark.parametrize("angle_deg", [0, 1, 5.9, 30, 44])
def test_obliquity_is_the_angle_of_the_tilt(angle_deg):
    assert grid_of((0, 1, 2), (1, 1, 1), (angle_deg, 0, 0)).obliquity_deg == pytest.approx(angle_deg, abs=1e-5)


def test_shear_is_told_in_degrees():
    matrix = np.eye(4)
    matrix[:3, 2] = (math.tan(math.radians(8)), 0, 1)
    assert Grid(SHAPE, matrix).shear_deg == pytest.approx(8)
    assert grid_of((1, 2, 0), (1, -1, 1), TILT_DEG).shear_deg == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("ijk", "inside"),
    [
        ((0, 0, 0), True),
        ((-0.49, 12.49, 6.49), True),
        ((-0.51, 0, 0), False),
        ((10.51, 0, 0), False),
        ((0, 0, 7), False),
    ],
)
def test_a_place_is_inside_up_to_the_edge_of_the_last_voxel(ijk, inside):
    grid = grid_of((1, 0, 2), (-1, 1, 1), TILT_DEG)
    assert (grid.nearest_voxel(grid.ras_from_voxel(ijk)) is not None) == inside


@pytest.mark.parametrize(
    ("direction", "letters"),
    [
        ((1, 0, 0), "R"),
        ((-2, 0, 0), "L"),
        ((0, 0.5, 0), "A"),
        ((0, -1, 0), "P"),
        ((0, 0, 9), "S"),
        ((0, 0, -9), "I"),
        (rotation(0, 0, -2.9)[:, 0], "R"),
        (rotation(0, 0, -3.1)[:, 0], "RP"),
        (rotation(0, 0, -30)[:, 0], "RP"),
        (rotation(0, 0, -60)[:, 0], "PR"),
        (rotation(0, 0, 120)[:, 0], "AL"),
        ((-0.5, 0.3, -0.8), "ILA"),
        ((1, 1, 0), "RA"),
    ],
)
def test_letters_name_the_dominant_direction_first(direction, letters):
    assert direction_letters(direction) == letters


@pytest.mark.parametrize(
    ("ras_mm", "decimals", "said"),
    [
        ((17.63, -35.3, 12.1), 1, "R 17.6 P 35.3 S 12.1 mm"),
        ((-10.9, 21.5, -39.2), 1, "L 10.9 A 21.5 I 39.2 mm"),
        ((0, 0, 0), 0, "R 0 A 0 S 0 mm"),
        ((-1.005, 2.5, 3), 2, "L 1.00 A 2.50 S 3.00 mm"),
    ],
)
def test_places_are_said_as_radiologists_do(ras_mm, decimals, said):
    assert format_ras_mm(ras_mm, decimals) == said


def test_a_value_that_is_rounded_to_zero_is_not_said_to_be_left():
    assert format_ras_mm((-0.04, -0.01, -0.049)) == "R 0.0 A 0.0 S 0.0 mm"


def changed(row: int, column: int, value: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[row, column] = value
    return matrix


@pytest.mark.parametrize(
    ("shape", "matrix", "said"),
    [
        (SHAPE, np.eye(3), "finite 4x4"),
        (SHAPE, changed(0, 3, math.nan), "finite 4x4"),
        (SHAPE, changed(1, 1, math.inf), "finite 4x4"),
        (SHAPE, changed(3, 0, 1), "last row"),
        (SHAPE, changed(1, 1, 0), "spacing"),
        (SHAPE, changed(2, 2, 1e5), "spacing"),
        (SHAPE, np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]), "flat"),
        ((4, 4), np.eye(4), "three sides"),
        ((4, 0, 4), np.eye(4), "at least one voxel"),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused(shape, matrix, said):
    with pytest.raises(GeometryError, match=said):
        Grid(shape, matrix)


@pytest.mark.parametrize("values", [(1, 2), (1, 2, 3, 4), (1, math.nan, 3), (1, 2, -math.inf), (1e6, 0, 0)])
def test_a_position_that_makes_no_sense_is_refused_with_its_name(values):
    with pytest.raises(GeometryError, match="tip"):
        vector3(values, "tip")


def test_minus_zero_is_zero():
    assert [math.copysign(1, v) for v in vector3((-0.0, 0.0, -0.0))] == [1, 1, 1]


def test_the_matrix_of_a_grid_can_not_be_changed_behind_its_back():
    matrix = np.eye(4)
    grid = Grid(SHAPE, matrix)
    matrix[0, 3] = 99
    assert np.array_equal(grid.ras_from_voxel((0, 0, 0)), (0, 0, 0))
    with pytest.raises(ValueError, match="read-only"):
        grid.voxel_to_ras[0, 3] = 99


def test_how_far_two_grids_lie_apart_is_measured_at_the_farthest_corner():
    straight = Grid((101, 3, 3), np.eye(4))
    turned = np.eye(4)
    turned[:3, :3] = rotation(0, 0, 1)
    apart_mm = straight.farthest_corner_shift_mm(Grid((101, 3, 3), turned))
    corner = np.array([100, 2, 2])
    assert apart_mm == pytest.approx(np.linalg.norm(apply_affine(turned, corner) - corner))
