"""Cuts at any angle and straightened views: exact on a volume whose values say where they are."""

from __future__ import annotations

import numpy as np
import pytest

from napari_vascular_loop.domain.curve import Curve, distances_mm
from napari_vascular_loop.domain.cut import cut_grid, normal_through
from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.mark_view import SlabProjection
from napari_vascular_loop.domain.space import Grid
from napari_vascular_loop.domain.volume import Rescale, Volume
from napari_vascular_loop.reformat import cut, on_axes_of, sampled, straightened

TILT = np.array([[0.96, -0.2, 0.1], [0.2, 0.975, 0.05], [-0.11, -0.03, 0.99]])


def ramp_at(ras_mm):
    """A value for each place: no two directions alike."""
    return np.asarray(ras_mm) @ [3.0, -5.0, 11.0] + 40


def tilted_volume(flips=(-1, 1, 1), *, rescale=None):
    """A tilted, anisotropic volume whose values are the ramp, in RAS mm from about -22 to 22."""
    square, _ = np.linalg.qr(TILT)
    square = square * np.sign(np.diag(square))
    voxel_to_ras = np.eye(4)
    voxel_to_ras[:3, :3] = square @ np.diag(np.multiply(flips, [0.9, 1.1, 1.7]))
    shape = (50, 42, 28)
    voxel_to_ras[:3, 3] = -voxel_to_ras[:3, :3] @ (np.array(shape) / 2)
    ijk = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1)
    values = ramp_at(ijk @ voxel_to_ras[:3, :3].T + voxel_to_ras[:3, 3])
    rescale = rescale or Rescale()
    stored = (values - rescale.intercept) / rescale.slope
    return Volume(stored.astype(np.float32), voxel_to_ras, rescale=rescale)


VOLUME = tilted_volume()


@pytest.mark.parametrize("rescale", [Rescale(), Rescale(0.5, -100.0)])
@pytest.mark.parametrize("normal", [(0, 0, 1), (1, 0.2, -0.3), (0.1, -1, 0.4), (0.5, 0.5, 0.5), (-0.3, -0.2, -1)])
def test_each_pixel_of_a_cut_has_the_value_of_its_place(normal, rescale):
    grid = cut_grid((2.0, -1.0, 3.0), normal, 20.0, 14.0, 0.7)
    result = cut(tilted_volume(rescale=rescale), grid)

    columns, rows, _ = grid.shape
    for i, j in ((0, 0), (columns - 1, 0), (3, rows - 1), (columns // 2, rows // 2)):
        place = grid.ras_from_voxel([i, j, 0])
        assert result.voxels[i, j, 0] == pytest.approx(ramp_at(place), abs=2e-3)
        assert abs((place - [2.0, -1.0, 3.0]) @ normal) < 1e-9


@pytest.mark.parametrize(
    ("normal", "left_right_top_bottom"),
    [
        ((0.1, 0.05, 1), "RLAP"),
        ((0.1, 0.05, -1), "RLAP"),
        ((0.1, 1, 0.2), "RLSI"),
        ((-1, 0.1, 0.2), "APSI"),
    ],
)
def test_a_cut_is_turned_as_radiologists_turn_it(normal, left_right_top_bottom):
    frame = cut(VOLUME, cut_grid((0, 0, 0), normal, 20, 20, 1.0)).frame
    through = frame.voxel_axes.index(2)
    vertical, horizontal = (axis for axis in range(3) if axis != through)
    # Radiological pictures run to the left.
    right, left = frame.letters(horizontal)
    bottom, top = frame.letters(vertical)
    assert "".join(letters[0] for letters in (left, right, top, bottom)) == left_right_top_bottom


def test_three_places_lie_on_the_cut_that_goes_through_them():
    a, b, c = (1.0, 2.0, 3.0), (-8.0, 4.0, 5.0), (3.0, -6.0, 9.5)
    grid = cut_grid(np.mean([a, b, c], axis=0), normal_through(a, b, c), 30, 30, 0.5)
    for place in (a, b, c):
        i, j, k = grid.voxel_from_ras(place)
        assert k == pytest.approx(0, abs=1e-9)
        assert 0 <= i < grid.shape[0]
        assert 0 <= j < grid.shape[1]


def test_three_places_on_a_line_are_refused():
    with pytest.raises(GeometryError, match="on one line"):
        normal_through((0, 0, 0), (1, 1, 1), (5, 5, 5.001))


def test_beside_the_volume_there_is_nothing():
    values = sampled(VOLUME, np.array([[0.0, 0.0, 0.0], [200.0, 0.0, 0.0]]))
    assert values[0] == pytest.approx(40, abs=1e-3)
    assert np.isnan(values[1])
    assert np.isnan(sampled(VOLUME, np.full((4, 5, 3), 500.0))).all()


SIGNS = {SlabProjection.MEAN: 0, SlabProjection.MAXIMUM: 1, SlabProjection.MINIMUM: -1}


@pytest.mark.parametrize("projection", SIGNS)
def test_a_slab_shows_the_mean_the_brightest_or_the_darkest(projection):
    grid = cut_grid((0, 0, 0), (0, 0, 1), 6, 6, 1.0)
    middle = cut(VOLUME, grid).voxels
    slab = cut(VOLUME, grid, thickness_mm=4.0, projection=projection).voxels
    # The ramp grows by 11 for each mm upwards.
    assert np.allclose(slab - middle, SIGNS[projection] * 22.0, atol=1e-2)


def test_a_volume_on_the_axes_of_another_keeps_each_value_in_its_place():
    reference = Grid((60, 50, 40), np.array([[0.8, 0, 0, -20], [0, 0.8, 0, -18], [0, 0, 1.2, -20], [0, 0, 0, 1.0]]))
    made = on_axes_of(VOLUME, reference)
    assert made.grid.obliquity_deg == pytest.approx(0, abs=1e-6)
    assert np.allclose(sorted(made.spacing_mm), sorted(VOLUME.spacing_mm), rtol=0.1)
    inside = [(-5.0, 3.0, 4.0), (6.5, -7.0, -2.0), (0.0, 9.0, 8.0)]
    assert sampled(made, np.array(inside)) == pytest.approx(ramp_at(inside), abs=0.05)
    corners = made.grid.ras_from_voxel([[0, 0, 0], np.subtract(made.grid.shape, 1)])
    assert (np.abs(reference.voxel_from_ras(corners)) <= 61).all(), "no larger than the reference"


def test_a_volume_that_is_parallel_already_stays_as_it_is():
    other = Grid((5, 9, 7), VOLUME.voxel_to_ras @ np.array([[0, 0, 2, 1], [1, 0, 0, 3], [0, -1.0, 0, 9], [0, 0, 0, 1]]))
    assert on_axes_of(VOLUME, other) is VOLUME


def test_volumes_that_do_not_overlap_are_refused():
    far = Grid((5, 5, 5), np.array([[1.0, 0, 0, 500], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    with pytest.raises(GeometryError, match="do not overlap"):
        on_axes_of(VOLUME, far)


# ---------------------------------------------------------------- along a path

PATH = ((0.0, 0.0, 0.0), (4.0, 0.0, 0.0), (4.0, 6.0, 0.0), (4.0, 6.0, 5.0))


def test_a_curve_is_measured_along_itself():
    curve = Curve(PATH)
    assert curve.length_mm == pytest.approx(15)
    assert curve.at(7.0) == pytest.approx((4, 3, 0))
    assert curve.at(99.0) == PATH[-1]
    assert curve.direction(7.0) == pytest.approx((0, 1, 0))
    assert curve.nearest_mm((4.5, 2.0, -3.0)) == pytest.approx(6.0)
    assert curve.nearest_mm((-5.0, 1.0, 0.0)) == 0


def test_a_hairpin_has_a_direction_everywhere():
    curve = Curve(((0, 0, 0), (6, 0, 0), (6, 0.2, 0), (0, 0.2, 0)))
    directions = curve.directions(np.linspace(0, curve.length_mm, 60))
    assert np.allclose(np.linalg.norm(directions, axis=1), 1)
    assert directions[5] == pytest.approx((1, 0, 0))
    assert directions[-5] == pytest.approx((-1, 0, 0))


def test_a_path_without_length_is_refused():
    with pytest.raises(GeometryError, match="two places"):
        Curve(((1.0, 2.0, 3.0), (1.0, 2.0, 3.0)))


def test_planes_along_a_path_do_not_spin():
    along = np.linspace(0, 15, 150)
    curve = Curve(PATH)
    sides = curve.sideways(along)
    assert np.allclose(np.sum(sides * curve.directions(along), axis=1), 0, atol=1e-9)
    assert np.min(np.sum(sides[1:] * sides[:-1], axis=1)) > 0.9


def test_a_straightened_view_has_the_path_in_its_middle_row():
    curve = Curve(PATH)
    picture = straightened(VOLUME, curve, half_width_mm=5.0, step_mm=0.5, turned_deg=30.0)
    assert picture.shape == (21, 31)
    along = np.arange(0, 15.01, 0.5)
    assert picture[10] == pytest.approx(ramp_at(curve.places(along)), abs=2e-3)
    # Square to the path, so many mm apart, on either side.
    assert picture[8] + picture[12] == pytest.approx(2 * picture[10], abs=5e-3)


def test_distances_to_another_line():
    places = np.array([[0.0, 0, 0], [4.0, 3, 0], [9.0, 9, 9]])
    assert distances_mm(places, np.array([[0.0, 2, 0], [10.0, 2, 0]])) == pytest.approx([2, 1, np.hypot(7, 9)])
    assert distances_mm(places, np.array([[4.0, 3, 2]])) == pytest.approx([np.sqrt(29), 2, np.sqrt(25 + 36 + 49)])
