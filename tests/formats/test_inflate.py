"""Packed bytes: however a stream is put together, the voxels are right or the damage is said."""

from __future__ import annotations

import bz2
import gzip
import struct
import zlib
from typing import TYPE_CHECKING

import nibabel
import numpy as np
import pytest
from conftest import DOT_IJK, affine_of, make_dot_volume

from napari_vascular_loop.domain.errors import ReadCancelledError, VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes, inflate, read_volumes

if TYPE_CHECKING:
    from pathlib import Path

MATRIX = affine_of((2, 0, 1), (-1, 1, -1), (0.9, 1.1, 2.3), (12, -7, 4))
VOXELS = make_dot_volume(MATRIX).voxels
NIFTI = nibabel.Nifti1Image(VOXELS, MATRIX).to_bytes()
HEADER_BYTES = 352


def with_trailer(packed: bytes, *, crc_by: int = 0, length: int | None = None) -> bytes:
    """Change checksum or length at the end of a gzip member."""
    crc, stated = struct.unpack("<II", packed[-8:])
    return packed[:-8] + struct.pack("<II", crc ^ crc_by, stated if length is None else length)


WHOLE = gzip.compress(NIFTI)
EMPTY = gzip.compress(b"")
RIGHT = {
    "one member": WHOLE,
    "no compression": gzip.compress(NIFTI, 0),
    "with a name and a comment": b"\x1f\x8b\x08\x18" + bytes(6) + b"DOE.nii\0scan\0" + WHOLE[10:],
    "cut into members by header and voxels": gzip.compress(NIFTI[:HEADER_BYTES]) + gzip.compress(NIFTI[HEADER_BYTES:]),
    "cut inside of the header": gzip.compress(NIFTI[:100]) + gzip.compress(NIFTI[100:]),
    "a member for each row": b"".join(gzip.compress(NIFTI[n : n + 22]) for n in range(0, len(NIFTI), 22)),
    "an empty member first": EMPTY + WHOLE,
    "an empty member last": WHOLE + EMPTY,
    "empty members between": gzip.compress(NIFTI[:700]) + EMPTY + EMPTY + gzip.compress(NIFTI[700:]),
    "zeros after it": WHOLE + bytes(512),
    "zeros after members": gzip.compress(NIFTI[:700]) + gzip.compress(NIFTI[700:]) + bytes(1000),
    "tags after the voxels": gzip.compress(NIFTI + b"tags" * 50),
    "many tags after the voxels": gzip.compress(NIFTI + bytes(3 << 20)),
    "tags in a member of their own": WHOLE + gzip.compress(b"tags" * 50),
    "a few bytes of no stream after it": WHOLE + b"end\n",
    "many bytes of no stream after it": WHOLE + b"this is no stream\n" * 5000,
    "many tags, and no stream after them": gzip.compress(NIFTI + bytes(3 << 20)) + b"end of file, truly",
    "a broken member after it": WHOLE + WHOLE[:40],
    "no stream after members": gzip.compress(NIFTI[:700]) + gzip.compress(NIFTI[700:]) + b"end of file, truly",
    "a wrong checksum after the voxels": WHOLE + with_trailer(gzip.compress(b"tags"), crc_by=1),
}


@pytest.mark.parametrize("in_one_go", [True, False], ids=["in one go", "as a large file"])
@pytest.mark.parametrize("stream", RIGHT)
def test_streams_of_every_make(tmp_path, monkeypatch, stream, in_one_go):
    if not in_one_go:
        monkeypatch.setattr(inflate, "_IN_ONE_GO", 100)
    (tmp_path / "head.nii.gz").write_bytes(RIGHT[stream])
    (found,) = find_volumes(tmp_path / "head.nii.gz").volumes
    volume = found.read()
    assert np.array_equal(volume.voxels, VOXELS)
    assert volume.voxels.dtype == np.int16
    assert volume.voxels[DOT_IJK] == 1000
    assert np.allclose(volume.voxel_to_ras, MATRIX, atol=1e-4)
    assert not any("cut short" in warning for warning in volume.provenance.warnings)
    assert np.array_equal(found.middle_slice(), VOXELS[:, :, 3])


HALF = len(WHOLE) // 2
DAMAGED = {
    "a wrong checksum": with_trailer(WHOLE, crc_by=1),
    "a wrong checksum, and zeros": with_trailer(WHOLE, crc_by=1) + bytes(100),
    "a wrong checksum, and no stream": with_trailer(WHOLE, crc_by=1) + b"end of file, truly",
    "a length that is too long": with_trailer(WHOLE, length=len(NIFTI) + 4),
    "a length that is too short": with_trailer(WHOLE, length=len(NIFTI) - 4),
    "a length of nothing": with_trailer(WHOLE, length=0),
    "the greatest length": with_trailer(WHOLE, length=(1 << 32) - 1),
    "cut in half": WHOLE[:HALF],
    "cut in the checksum": WHOLE[:-6],
    "cut before the checksum": WHOLE[:-8],
    "a bit of the voxels changed": WHOLE[: HALF + 50] + bytes([WHOLE[HALF + 50] ^ 4]) + WHOLE[HALF + 51 :],
    "its first member only": gzip.compress(NIFTI[:HEADER_BYTES]),
    "a wrong checksum of the first member": with_trailer(gzip.compress(NIFTI[:700]), crc_by=1)
    + gzip.compress(NIFTI[700:]),
    "a wrong checksum of the last member": gzip.compress(NIFTI[:700])
    + with_trailer(gzip.compress(NIFTI[700:]), crc_by=1),
    "too few voxels": gzip.compress(NIFTI[:-2]),
    "the second member is no stream": gzip.compress(NIFTI[:700]) + b"nonsense" * 400,
}


@pytest.mark.parametrize("in_one_go", [True, False], ids=["in one go", "as a large file"])
@pytest.mark.parametrize("stream", DAMAGED)
def test_damage_is_said(tmp_path, monkeypatch, stream, in_one_go):
    if not in_one_go:
        monkeypatch.setattr(inflate, "_IN_ONE_GO", 100)
    (tmp_path / "head.nii.gz").write_bytes(DAMAGED[stream])
    with pytest.raises(VolumeReadError, match=r"head\.nii\.gz: it is cut short or damaged"):
        read_volumes(tmp_path / "head.nii.gz")


def test_a_file_whose_end_does_not_agree_is_said_before_it_is_read(tmp_path):
    (tmp_path / "head.nii.gz").write_bytes(WHOLE[:HALF])
    (found,) = find_volumes(tmp_path / "head.nii.gz").volumes
    assert found.header.provenance.warnings == ("its end does not agree with its header: it may be cut short",)


@pytest.mark.parametrize(
    ("name", "data"),
    [("packed.nii", WHOLE), ("plain.nii.gz", NIFTI), ("packed.NII", WHOLE), ("PLAIN.NII.GZ", NIFTI)],
)
def test_the_content_tells_whether_it_is_packed(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    (volume,) = read_volumes(tmp_path / name)
    assert np.array_equal(volume.voxels, VOXELS)


# ------------------------------------------------------------------ progress and cancelling


def pack(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "packed"
    path.write_bytes(gzip.compress(data, 1))
    return path


def test_of_a_large_volume_progress_is_told_evenly(tmp_path, monkeypatch):
    monkeypatch.setattr(inflate, "_IN_ONE_GO", 0)
    monkeypatch.setattr(inflate, "_BETWEEN_PROGRESS", 1 << 20)
    data = np.random.default_rng(0).integers(0, 8, 10 << 20).astype(np.uint8)
    told: list[float] = []
    out = inflate.unpack(pack(tmp_path, data.tobytes()), "gzip", 0, 100, data.size - 100, told.append)
    assert np.array_equal(out, data[100:])
    assert len(told) >= 9
    assert told == sorted(told)
    assert 0 < told[0] < 0.3
    assert max(np.diff(told)) < 0.3


def test_a_large_volume_can_be_cancelled_midway(tmp_path, monkeypatch):
    monkeypatch.setattr(inflate, "_IN_ONE_GO", 0)
    monkeypatch.setattr(inflate, "_BETWEEN_PROGRESS", 1 << 20)
    voxels = np.zeros((256, 256, 80), np.int16)
    nibabel.save(nibabel.Nifti1Image(voxels, MATRIX), tmp_path / "head.nii.gz")
    (found,) = find_volumes(tmp_path / "head.nii.gz").volumes
    told: list[float] = []

    def cancel(done: float) -> None:
        told.append(done)
        if done > 0.4:
            raise ReadCancelledError("enough")

    with pytest.raises(ReadCancelledError, match="enough"):
        found.read(cancel)
    assert 0.4 < told[-1] < 0.7


# ------------------------------------------------------------------ each kind of packing


PACKERS = {"gzip": gzip.compress, "zlib": zlib.compress, "bzip2": bz2.compress}


@pytest.mark.parametrize("before", [b"", b"a header\n\n"])
@pytest.mark.parametrize("packing", PACKERS)
def test_a_stream_may_begin_anywhere_and_a_part_be_left_out(tmp_path, packing, before):
    data = bytes(range(256)) * 40
    path = tmp_path / "packed"
    path.write_bytes(before + PACKERS[packing](data))
    out = inflate.unpack(path, packing, len(before), 7, 1000, lambda _done: None) if packing != "zlib" else None
    if out is not None:
        assert out.tobytes() == data[7:1007]
        assert inflate.unpack_part(path, packing, len(before), 300, 50).tobytes() == data[300:350]
    whole = inflate.unpack(path, packing, len(before), 0, len(data), lambda _done: None)
    assert whole.tobytes() == data
    assert whole.ctypes.data % 8 == 0
    assert whole.flags.writeable


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("damage", ["cut", "changed", "short"])
def test_damage_of_each_kind_is_raised(tmp_path, packing, damage):
    data = np.random.default_rng(1).integers(0, 99, 5000).astype(np.uint8).tobytes()
    packed = bytearray(PACKERS[packing](data[:-1] if damage == "short" else data))
    if damage == "cut":
        del packed[-20:]
    elif damage == "changed":
        packed[len(packed) // 2] ^= 16
    path = tmp_path / "packed"
    path.write_bytes(packed)
    with pytest.raises(inflate.DAMAGE):
        inflate.unpack(path, packing, 0, 0, len(data), lambda _done: None)


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 560, 100_000])
def test_first_bytes_are_those_of_the_unpacked_file(tmp_path, count):
    (tmp_path / "packed").write_bytes(RIGHT["a member for each row"])
    (tmp_path / "plain").write_bytes(NIFTI)
    assert inflate.first_bytes(tmp_path / "packed", count) == NIFTI[:count]
    assert inflate.first_bytes(tmp_path / "plain", count) == NIFTI[:count]


def test_first_bytes_of_a_cut_file_are_those_that_are_left(tmp_path):
    (tmp_path / "cut").write_bytes(RIGHT["no compression"][:400])
    left = inflate.first_bytes(tmp_path / "cut", 560)
    assert left == NIFTI[: len(left)]
    assert 256 <= len(left) < 400
