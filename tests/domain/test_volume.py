"""Volumes: voxels with a place."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import DOT_IJK, affine_of, make_dot_volume

from napari_vascular_loop.domain.contrast import grey_window
from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.volume import Provenance, Rescale, Volume

MATRIX = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3))


@pytest.mark.parametrize("shape", [(4,), (4, 5), (4, 5, 6, 2)])
def test_a_volume_has_three_dimensions(shape):
    with pytest.raises(GeometryError, match="three dimensions"):
        Volume(np.zeros(shape), MATRIX)


def test_a_volume_keeps_its_own_matrix():
    matrix = MATRIX.copy()
    volume = make_dot_volume(matrix)
    matrix[:] = 7
    assert np.array_equal(volume.voxel_to_ras, MATRIX)


@pytest.mark.parametrize(("known", "said"), [(True, "LPS"), (False, None)])
def test_orientation_is_said_only_where_the_file_says_it(known, said):
    volume = Volume(np.zeros((2, 3, 4)), MATRIX, Provenance(orientation_known=known))
    assert volume.orientation == said
    assert volume.header.orientation == said


@pytest.mark.parametrize(
    ("rescale", "value", "identity"),
    [(Rescale(), 1000, True), (Rescale(0.5, -3), 497, False), (Rescale(1, 4), 1004, False)],
)
def test_values_are_rescaled_as_the_file_asks(rescale, value, identity):
    volume = Volume(make_dot_volume(MATRIX).voxels, MATRIX, rescale=rescale)
    assert volume.value_at(DOT_IJK) == value
    assert rescale.is_identity is identity


def window_of(voxels: np.ndarray, rescale: Rescale | None = None) -> tuple[float, float]:
    return grey_window(Volume(voxels, np.eye(4), rescale=rescale or Rescale()))


def test_grey_scale_is_not_darkened_by_a_few_bright_voxels():
    voxels = np.random.default_rng(0).integers(0, 200, size=(30, 30, 30)).astype(np.int16)
    voxels[0, 0, :5] = 30000
    low, high = window_of(voxels)
    assert 0 <= low < 10
    assert 190 < high <= 200


@pytest.mark.parametrize(
    "voxels",
    [np.zeros((4, 4, 4)), np.full((4, 4, 4), np.nan), np.full((4, 4, 4), -7, dtype=np.int16)],
    ids=["zeros", "nan", "all the same"],
)
def test_grey_scale_of_an_empty_volume_has_a_low_and_a_high_end(voxels):
    low, high = window_of(voxels)
    assert np.isfinite([low, high]).all()
    assert low < high


def test_grey_scale_is_in_the_values_that_the_file_means_even_if_it_turns_them_round():
    voxels = np.arange(1000).reshape(10, 10, 10)
    low, high = window_of(voxels, Rescale(-2, 100))
    assert low == pytest.approx(100 - 2 * 996, abs=5)
    assert high == pytest.approx(100 - 2 * 5, abs=5)


def test_a_volume_is_shown_in_one_line(dot_volume):
    assert repr(dot_volume) == "<Volume : 11 x 13 x 7 int16, LPS>"
