"""Slanting slices are shifted back; what lay at a place in RAS mm lies there still."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import TILT_DEG, affine_of, make_dot_volume

from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.straighten import straightened
from napari_vascular_loop.domain.volume import Volume

SHAPE = (31, 37, 15)


def blob(matrix: np.ndarray, centre_ijk: tuple[float, ...], dtype: type = np.int16) -> Volume:
    """A smooth ball of 6 mm at a place."""
    ijk = np.stack(np.meshgrid(*[np.arange(n) for n in SHAPE], indexing="ij"), axis=-1)
    place = ijk @ matrix[:3, :3].T
    centre = matrix[:3, :3] @ centre_ijk
    distance = np.linalg.norm(place - centre, axis=-1)
    return Volume((1000 * np.exp(-((distance / 6) ** 2)) - 100).astype(dtype), matrix)


def centre_of_mass_mm(volume: Volume) -> np.ndarray:
    weight = volume.voxels.astype(float) + 100
    ijk = np.stack(np.meshgrid(*[np.arange(n) for n in volume.voxels.shape], indexing="ij"), axis=-1)
    return (weight[..., None] * volume.grid.ras_from_voxel(ijk)).sum(axis=(0, 1, 2)) / weight.sum()


@pytest.mark.parametrize("slanting", [0, 1, 2])
@pytest.mark.parametrize("drift", [(0.0, 0.5), (-0.4, 0.3), (0.45, -0.3)])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_places_stay(slanting, drift, dtype):
    matrix = affine_of((0, 1, 2), (-1, 1, -1), (0.9, 1.1, 2.3), TILT_DEG)
    others = [axis for axis in range(3) if axis != slanting]
    matrix[:3, slanting] += matrix[:3, others] @ drift
    volume = blob(matrix, (14.3, 19.2, 6.7), dtype)
    straight = straightened(volume)
    assert volume.grid.shear_deg > 5
    assert straight.grid.shear_deg < 1e-6
    assert straight.voxels.dtype == dtype
    assert np.linalg.norm(centre_of_mass_mm(straight) - centre_of_mass_mm(volume)) < 0.05
    assert "slant" in straight.provenance.resampled
    corners = straight.grid.voxel_from_ras(volume.grid.ras_from_voxel(np.array([[0, 0, 0], np.array(SHAPE) - 1])))
    assert (corners > -0.01).all()
    assert (corners < np.array(straight.grid.shape) - 0.99).all()


def test_a_straight_volume_comes_back_as_it_is(dot_volume):
    assert straightened(dot_volume) is dot_volume


def test_a_whole_pixel_a_slice_is_exact():
    matrix = np.diag([1.0, 1.0, 2.0, 1.0])
    matrix[0, 2] = 1.0
    volume = make_dot_volume(matrix)
    straight = straightened(volume)
    assert straight.grid.shape == (17, 13, 7)
    for k in range(7):
        assert np.array_equal(straight.voxels[k : k + 11, :, k], volume.voxels[:, :, k])


def test_a_registration_s_shear_is_refused():
    matrix = np.diag([1.0, 1.0, 1.0, 1.0])
    matrix[0, 1], matrix[0, 2], matrix[1, 2] = 0.3, 0.2, 0.25
    with pytest.raises(GeometryError, match="no two axes"):
        straightened(make_dot_volume(matrix))


def test_a_grid_that_would_grow_without_bound_is_refused():
    matrix = np.diag([0.1, 0.1, 1.0, 1.0])
    matrix[0, 2] = 30.0
    with pytest.raises(GeometryError, match="times as large"):
        straightened(make_dot_volume(matrix))


def test_all_time_points_are_straightened():
    matrix = np.diag([1.0, 1.0, 2.0, 1.0])
    matrix[0, 2] = 1.0
    first = make_dot_volume(matrix).voxels
    series = np.stack([first, first + 7], axis=-1)
    straight = straightened(Volume(series[..., 0], matrix, series=series))
    assert straight.time_points == 2
    for time in range(2):
        for k in range(7):
            assert np.array_equal(straight.at_time_point(time)[k : k + 11, :, k], series[:, :, k, time])
