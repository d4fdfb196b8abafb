"""Small pictures: the right way up, in true proportion, with true letters, whatever the file's own order."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import ORIENTATIONS, TILT_DEG, affine_of

from napari_vascular_loop.display.thumbnail import thumbnail
from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.space import Grid
from napari_vascular_loop.domain.volume import Provenance, Rescale, VolumeHeader

SHAPE = (12, 10, 5)
SPACING_MM = (0.9, 1.1, 2.3)

# Where a direction of the patient points in the picture, as (down, right): as slices are looked at, radiological.
SEEN = {
    2: {"R": (0, -1), "L": (0, 1), "A": (-1, 0), "P": (1, 0)},
    1: {"R": (0, -1), "L": (0, 1), "S": (-1, 0), "I": (1, 0)},
    0: {"A": (0, -1), "P": (0, 1), "S": (-1, 0), "I": (1, 0)},
}


@pytest.mark.parametrize("tilt_deg", [(0, 0, 0), TILT_DEG], ids=["straight", "oblique"])
@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS)
def test_the_bright_corner_lies_where_the_patient_s_side_is_seen(axes, signs, tilt_deg):
    header = VolumeHeader(Grid(SHAPE, affine_of(axes, signs, SPACING_MM, tilt_deg)))
    middle = np.zeros(SHAPE[:2])
    middle[9:, 8:] = 100
    picture = thumbnail(header, middle)
    bright = np.argwhere(picture.grey > 200).mean(axis=0) - (np.array(picture.grey.shape) - 1) / 2
    seen = SEEN[axes[2]]
    # The corner lies at the high ends of i and j.
    towards = ["RAS"[axis] if sign > 0 else "LPI"[axis] for axis, sign in zip(axes[:2], signs[:2], strict=True)]
    expected = np.add(seen[towards[0]], seen[towards[1]])
    np.testing.assert_array_equal(np.sign(bright), expected)

    sides = {"left": (0, -1), "right": (0, 1), "top": (-1, 0), "bottom": (1, 0)}
    for side, direction in sides.items():
        letter = next(letter for letter, at in seen.items() if at == direction)
        assert picture.letters[side].startswith(letter)
    lengths = {tuple(np.abs(seen[letter])): SHAPE[n] * SPACING_MM[n] for n, letter in enumerate(towards)}
    assert (picture.height_mm, picture.width_mm) == pytest.approx((lengths[1, 0], lengths[0, 1]))


def test_no_letters_where_the_orientation_is_unknown():
    header = VolumeHeader(Grid(SHAPE, affine_of((0, 1, 2), (1, 1, 1), SPACING_MM)), Provenance(orientation_known=False))
    assert thumbnail(header, np.zeros(SHAPE[:2])).letters == {}


def test_a_sheared_volume_is_shown_as_the_file_has_it_without_letters():
    matrix = affine_of((0, 1, 2), (1, 1, 1), SPACING_MM)
    matrix[1, 2] = 1.0
    middle = np.zeros(SHAPE[:2])
    middle[9:, 8:] = 100
    picture = thumbnail(VolumeHeader(Grid(SHAPE, matrix)), middle)
    assert picture.letters == {}
    assert picture.grey.shape == (10, 12)
    assert picture.grey[9, 11] == 255
    assert (picture.height_mm, picture.width_mm) == pytest.approx((11.0, 10.8))


def test_one_bright_vessel_does_not_darken_the_brain():
    header = VolumeHeader(Grid((64, 64, 5), np.eye(4)))
    middle = np.random.default_rng(0).integers(400, 600, (64, 64)).astype(float)
    middle[3, 3] = 30_000
    assert 60 < np.median(thumbnail(header, middle).grey) < 200


@pytest.mark.parametrize(
    "middle", [np.full((12, 10), 7), np.full((12, 10), np.nan), np.where(np.eye(12, 10) > 0, np.inf, 1.0)]
)
def test_flat_and_impossible_values_make_a_picture(middle):
    assert thumbnail(VolumeHeader(Grid(SHAPE, np.eye(4))), middle).grey.shape == (10, 12)


def test_a_falling_scale_of_values_is_turned():
    middle = np.zeros(SHAPE[:2])
    middle[6:] = 100
    plain = thumbnail(VolumeHeader(Grid(SHAPE, np.eye(4))), middle)
    turned = thumbnail(VolumeHeader(Grid(SHAPE, np.eye(4)), rescale=Rescale(-1.0, 0.0)), middle)
    np.testing.assert_array_equal(turned.grey, 255 - plain.grey)


def test_a_large_slice_makes_a_small_picture():
    picture = thumbnail(VolumeHeader(Grid((2048, 1024, 3), np.eye(4))), np.zeros((2048, 1024)))
    assert max(picture.grey.shape) < 512
    assert (picture.height_mm, picture.width_mm) == (1024, 2048)


def test_a_slice_of_another_volume_is_refused():
    with pytest.raises(GeometryError, match="10, 12"):
        thumbnail(VolumeHeader(Grid(SHAPE, np.eye(4))), np.zeros((10, 12)))
