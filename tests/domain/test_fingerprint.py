"""Fingerprints: the same head is known however its file keeps the axes, and any other head is not taken for it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import nibabel
import numpy as np
import pytest
from conftest import ORIENTATIONS, TILT_DEG, affine_of
from nibabel.orientations import apply_orientation, axcodes2ornt, inv_ornt_aff, io_orientation, ornt_transform

from napari_vascular_loop.domain.fingerprint import voxels_sha256
from napari_vascular_loop.domain.volume import Provenance, Volume

SHAPE = (6, 7, 5)
VOXELS = np.random.default_rng(1).integers(-500, 500, size=SHAPE).astype(np.int16)


def head(tilt_deg: tuple[float, float, float] = (0, 0, 0)) -> Volume:
    return Volume(VOXELS, affine_of((0, 1, 2), (1, 1, 1), (0.9, 1.1, 2.3), tilt_deg))


def stored_as(volume: Volume, codes: str) -> Volume:
    """The same head in another order of axes, by nibabel."""
    turn = ornt_transform(io_orientation(volume.voxel_to_ras), axcodes2ornt(codes))
    voxels = apply_orientation(volume.voxels, turn)
    return Volume(voxels, volume.voxel_to_ras @ inv_ornt_aff(turn, volume.voxels.shape))


@pytest.mark.parametrize("tilt_deg", [(0, 0, 0), TILT_DEG], ids=["straight", "tilted"])
@pytest.mark.parametrize("codes", [case.id for case in ORIENTATIONS])
def test_the_order_of_the_axes_makes_no_difference(codes, tilt_deg):
    wanted, found = head(tilt_deg), stored_as(head(tilt_deg), codes)
    assert "".join(nibabel.aff2axcodes(found.voxel_to_ras)) == codes
    assert wanted.fingerprint.differences(found.fingerprint) == ()
    assert found.fingerprint.differences(wanted.fingerprint) == ()


def test_anyone_can_compute_the_hash():
    expected = hashlib.sha256(np.ascontiguousarray(VOXELS.astype("<i2")).tobytes()).hexdigest()
    assert head().fingerprint.voxels_sha256 == expected


def test_byte_order_makes_no_difference():
    swapped = VOXELS.astype(VOXELS.dtype.newbyteorder())
    assert voxels_sha256(swapped, head().frame) == voxels_sha256(VOXELS, head().frame)


def with_one_voxel_changed(volume: Volume) -> Volume:
    voxels = volume.voxels.copy()
    voxels[3, 4, 2] += 1
    return Volume(voxels, volume.voxel_to_ras)


def shifted(volume: Volume, mm: float) -> Volume:
    matrix = volume.voxel_to_ras.copy()
    matrix[1, 3] += mm
    return Volume(volume.voxels, matrix)


def mirrored(volume: Volume) -> Volume:
    return Volume(volume.voxels[::-1], volume.voxel_to_ras)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (with_one_voxel_changed(head()), ("its voxels are not the same",)),
        (mirrored(head()), ("its voxels are not the same",)),
        (shifted(head(), 0.02), ("it lies up to 0.02 mm away",)),
        (shifted(with_one_voxel_changed(head()), 5), ("it lies up to 5.00 mm away", "its voxels are not the same")),
        (Volume(VOXELS[:5], head().voxel_to_ras), ("it has 5 x 7 x 5 voxels, not 6 x 7 x 5",)),
        (Volume(VOXELS.astype(np.int32), head().voxel_to_ras), ("its voxels are not the same",)),
        (shifted(head(), 0.005), ()),
    ],
    ids=["a voxel", "mirrored", "shifted", "shifted and a voxel", "cropped", "another type", "rounding"],
)
def test_differences_are_said(other, said):
    assert head().fingerprint.differences(other.fingerprint) == said


def test_a_turn_about_the_origin_is_told_by_the_corner_that_moves_most():
    (said,) = head().fingerprint.differences(head((0, 0, 1)).fingerprint)
    assert said.startswith("it lies up to ")


@pytest.mark.parametrize(
    ("wanted", "found", "same"), [("1.2", "1.2", True), ("1.2", "1.3", False), (None, "1.3", True), ("1.2", None, True)]
)
def test_frame_of_reference_counts_where_both_have_one(wanted, found, same):
    volumes = [
        Volume(VOXELS, head().voxel_to_ras, Provenance(frame_of_reference_uid=uid)).fingerprint
        for uid in (wanted, found)
    ]
    assert (volumes[0].differences(volumes[1]) == ()) is same


def test_without_a_hash_only_the_geometry_counts():
    wanted = replace(head().fingerprint, voxels_sha256=None)
    assert wanted.differences(with_one_voxel_changed(head()).fingerprint) == ()
    assert wanted.differences(shifted(head(), 1).fingerprint) == ("it lies up to 1.00 mm away",)
