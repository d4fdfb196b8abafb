"""Fingerprints: the same head is known however its file keeps the axes, and any other head is not taken for it."""

from __future__ import annotations

import gc
import hashlib
import weakref
from dataclasses import replace

import dask.array
import nibabel
import numpy as np
import pytest
from conftest import ORIENTATIONS, TILT_DEG, affine_of
from nibabel.orientations import apply_orientation, axcodes2ornt, inv_ornt_aff, io_orientation, ornt_transform

from napari_vascular_loop.domain import volume as volume_module
from napari_vascular_loop.domain.errors import WrongVolumeError
from napari_vascular_loop.domain.fingerprint import Fingerprint, voxels_sha256
from napari_vascular_loop.domain.lesson import LessonVolume
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
def test_a_frame_of_reference_decides_only_where_there_is_no_hash_and_is_said_otherwise(wanted, found, same):
    volumes = [
        Volume(VOXELS, head().voxel_to_ras, Provenance(frame_of_reference_uid=uid)).fingerprint
        for uid in (wanted, found)
    ]
    assert volumes[0].differences(volumes[1]) == ()
    remark = LessonVolume("tof", "The TOF", fingerprints=volumes[:1]).remark(volumes[1])
    assert ("DICOM's frame of reference is another" in remark) is not same
    assert ("The TOF" in remark) is not same
    without_hash = replace(volumes[0], voxels_sha256=None)
    assert without_hash.differences(volumes[1]) == (() if same else ("its frame of reference is another",))


def test_of_several_variants_one_in_the_same_frame_is_enough():
    one, other = (
        Volume(VOXELS, head().voxel_to_ras, Provenance(frame_of_reference_uid=uid)).fingerprint
        for uid in ("1.2", "1.3")
    )
    entry = LessonVolume("tof", fingerprints=(one, other))
    assert entry.remark(other) == ""
    assert entry.frame_of_reference_uid == "1.2"
    assert LessonVolume("tof", fingerprints=(one,)).remark(shifted(head(), 5).fingerprint) == ""


def test_without_a_hash_only_the_geometry_counts():
    wanted = replace(head().fingerprint, voxels_sha256=None)
    assert wanted.differences(with_one_voxel_changed(head()).fingerprint) == ()
    assert wanted.differences(shifted(head(), 1).fingerprint) == ("it lies up to 1.00 mm away",)


# ------------------------------------------------------------------ hashed only where it is needed


@pytest.fixture
def hashed(monkeypatch):
    """How often the voxels of a volume were hashed."""
    times = []

    def count(voxels, frame):
        times.append(voxels.shape)
        return voxels_sha256(voxels, frame)

    monkeypatch.setattr(volume_module, "voxels_sha256", count)
    return times


def test_another_grid_is_told_without_a_look_at_the_voxels(hashed):
    wanted = Fingerprint("ab" * 32, SHAPE, tuple(map(tuple, head().voxel_to_ras.tolist())))
    entry = LessonVolume("tof", fingerprints=(wanted,))
    for other in (shifted(head(), 5), Volume(VOXELS[:5], head().voxel_to_ras)):
        with pytest.raises(WrongVolumeError, match=r"it lies up to 5\.00 mm away|5 x 7 x 5 voxels"):
            entry.check(other.fingerprint)
    assert hashed == []
    with pytest.raises(WrongVolumeError, match="its voxels are not the same"):
        entry.check(head().fingerprint)
    assert hashed == [SHAPE]


def test_a_fingerprint_is_a_value_whenever_it_is_hashed(hashed):
    lazy, again = head().fingerprint, head().fingerprint
    assert hashed == []
    assert lazy == again
    assert hash(lazy) == hash(again)
    assert lazy.voxels_sha256 in repr(lazy)
    assert len(hashed) == 2
    with pytest.raises(AttributeError, match="no 'voxel_sha256'"):
        _ = lazy.voxel_sha256


def test_once_hashed_a_fingerprint_does_not_hold_the_voxels():
    volume = head()
    gone = weakref.ref(volume)
    kept = volume.fingerprint
    assert kept.voxels_sha256 == head().fingerprint.voxels_sha256
    del volume
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("chunks", [(6, 7, 5), (2, 3, 2), (1, 7, 5), (6, 1, 1), (5, 4, 3)])
@pytest.mark.parametrize("codes", ["RAS", "LPI", "SAR", "PIR"])
def test_a_lazy_volume_has_the_same_hash_and_no_chunk_is_read_twice(codes, chunks):
    whole = stored_as(head(), codes)
    read = []

    def block(block_id):
        read.append(block_id)
        starts = [sum(lengths[:n]) for lengths, n in zip(lazy.chunks, block_id, strict=True)]
        return whole.voxels[tuple(slice(s, s + c) for s, c in zip(starts, sizes, strict=True))]

    sizes = tuple(min(c, n) for c, n in zip(chunks, whole.voxels.shape, strict=True))
    lengths = dask.array.core.normalize_chunks(sizes, whole.voxels.shape)
    lazy = dask.array.map_blocks(block, chunks=lengths, dtype=VOXELS.dtype, meta=np.empty((0, 0, 0), VOXELS.dtype))
    volume = Volume(lazy, whole.voxel_to_ras)
    assert read == []
    assert volume.fingerprint.voxels_sha256 == head().fingerprint.voxels_sha256
    assert len(read) == len(set(read)) == np.prod([len(one) for one in lengths])
