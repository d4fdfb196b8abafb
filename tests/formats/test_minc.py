"""MINC 1 and 2: axes of any order and direction, scales of slices, time, and what is lacking."""

from __future__ import annotations

import itertools
import sys
import tracemalloc
from typing import TYPE_CHECKING

import h5py
import nibabel
import numpy as np
import pytest
from conftest import rotation
from minc_files import Axis, Minc, write_minc_1, write_minc_2
from scipy.io import netcdf_file

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes, read_volumes

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume

WRITERS = {"MINC 1": write_minc_1, "MINC 2": write_minc_2}
SHAPE = {"xspace": 11, "yspace": 13, "zspace": 7}
STEPS = {"xspace": -0.9, "yspace": 1.1, "zspace": 2.3}
STARTS = {"xspace": 40.5, "yspace": -33.25, "zspace": 12.0}
DOT = {"xspace": 3, "yspace": 8, "zspace": 2}
TURN = rotation(12, -7, 4)
DIRECTIONS = dict(zip(SHAPE, TURN.T, strict=True))
ORDERS = list(itertools.permutations(SHAPE))
AXIAL = ("zspace", "yspace", "xspace")
DOT_RAS_MM = sum(DIRECTIONS[name] * (STARTS[name] + DOT[name] * STEPS[name]) for name in SHAPE)


def axes_of(order: tuple[str, ...] = AXIAL, **changes) -> list[Axis]:
    return [Axis(name, STARTS[name], STEPS[name], tuple(DIRECTIONS[name]), **changes) for name in order]


def numbers(order: tuple[str, ...] = AXIAL, dtype: type = np.int16) -> np.ndarray:
    shape = [SHAPE[name] for name in order]
    stored = (np.arange(np.prod(shape)) % 50).astype(dtype).reshape(shape)
    stored[tuple(DOT[name] for name in order)] = 100
    return stored


def read_one(path: Path) -> Volume:
    (volume,) = read_volumes(path)
    return volume


def values(volume: Volume) -> np.ndarray:
    return volume.voxels * np.float64(volume.rescale.slope) + volume.rescale.intercept


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("order", ORDERS)
def test_axes_of_every_order_lie_where_the_file_says(tmp_path, kind, order):
    stored = numbers(order)
    path = WRITERS[kind](tmp_path / "head.mnc", Minc(stored, axes_of(order), 0.0, 2000.0, (0, 100)))
    volume, theirs = read_one(path), nibabel.load(path)
    dot = np.unravel_index(np.argmax(volume.voxels), volume.voxels.shape)
    assert np.linalg.norm(volume.grid.ras_from_voxel(dot) - DOT_RAS_MM) < 0.001
    assert np.allclose(volume.voxel_to_ras, theirs.affine, atol=1e-9)
    assert volume.voxels.dtype == np.int16
    assert np.array_equal(volume.voxels, stored)
    assert np.allclose(values(volume), theirs.get_fdata())
    assert volume.value_at(dot) == pytest.approx(2000)
    letters = {"xspace": "L", "yspace": "A", "zspace": "S"}
    assert volume.orientation == "".join(letters[name] for name in order)
    assert volume.provenance.said == (f"MINC world space, axes {', '.join(order)}", "unit of length mm")
    assert volume.provenance.assumed == ()


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.float32, np.float64])
def test_types(tmp_path, kind, dtype):
    stored = numbers(dtype=dtype)
    valid = None if np.dtype(dtype).kind == "f" else (0, 100)
    path = WRITERS[kind](tmp_path / "head.mnc", Minc(stored, axes_of(), -5.0, 45.0, valid))
    (found,) = find_volumes(path).volumes
    volume = found.read()
    assert volume.voxels.dtype == dtype
    assert volume.voxels.dtype.isnative
    assert found.header.dtype == np.dtype(dtype).name
    assert np.array_equal(volume.voxels, stored)
    assert np.allclose(values(volume), nibabel.load(path).get_fdata(), atol=1e-6)
    assert volume.rescale.is_identity is (np.dtype(dtype).kind == "f")


@pytest.mark.parametrize("kind", WRITERS)
def test_slices_with_scales_of_their_own_keep_their_values(tmp_path, kind):
    most = np.linspace(10, 70, SHAPE["zspace"])
    minc = Minc(numbers(dtype=np.uint8), axes_of(), -most / 2, most, (0, 200))
    path = WRITERS[kind](tmp_path / "head.mnc", minc)
    volume = read_one(path)
    assert volume.voxels.dtype == np.float32
    assert volume.rescale.is_identity
    expected = minc.stored / 200 * (1.5 * most)[:, None, None] - most[:, None, None] / 2
    assert np.allclose(volume.voxels, expected, rtol=1e-5)
    assert np.allclose(volume.voxels, nibabel.load(path).get_fdata(), rtol=1e-5)
    assert any("each slice has its own scale" in one for one in volume.provenance.assumed)


@pytest.mark.parametrize("kind", WRITERS)
def test_slices_whose_scales_are_all_the_same_stay_as_they_are_stored(tmp_path, kind):
    count = SHAPE["zspace"]
    minc = Minc(numbers(dtype=np.uint8), axes_of(), np.full(count, -1.0), np.full(count, 9.0), (0, 200))
    volume = read_one(WRITERS[kind](tmp_path / "head.mnc", minc))
    assert volume.voxels.dtype == np.uint8
    assert (volume.rescale.slope, volume.rescale.intercept) == pytest.approx((0.05, -1.0))


@pytest.mark.parametrize("kind", WRITERS)
def test_numbers_outside_of_the_valid_range_are_cut_to_it(tmp_path, kind):
    stored = numbers()
    stored[0, 0, 0], stored[0, 0, 1] = 30000, -30000
    path = WRITERS[kind](tmp_path / "head.mnc", Minc(stored, axes_of(), 0.0, 10.0, (0, 100)))
    volume = read_one(path)
    assert np.allclose(values(volume), nibabel.load(path).get_fdata())
    assert values(volume)[0, 0, :2] == pytest.approx([10.0, 0.0])


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("place", [0, 3])
def test_time_may_be_the_slowest_axis_or_the_fastest(tmp_path, kind, scaled, place):
    frames = np.stack([numbers() + n for n in range(3)], axis=place)
    axes = axes_of()
    axes.insert(place, Axis("time", 0.0, 2.0, units=b"s"))
    most = np.linspace(10, 70, frames.shape[0]) if scaled else 50.0
    path = WRITERS[kind](tmp_path / "head.mnc", Minc(frames, axes, 0.0 * np.asarray(most), most, (0, 200)))
    volume = read_one(path)
    theirs = np.moveaxis(nibabel.load(path).get_fdata(), place, -1)
    assert volume.time_points == 3
    for number in range(3):
        ours = volume.at_time_point(number) * np.float64(volume.rescale.slope) + volume.rescale.intercept
        assert np.allclose(ours, theirs[..., number], rtol=1e-5)
    dot = tuple(DOT[name] for name in AXIAL)
    assert np.linalg.norm(volume.grid.ras_from_voxel(dot) - DOT_RAS_MM) < 0.001
    assert any("it holds 3 volumes" in one for one in volume.provenance.warnings)


@pytest.mark.parametrize("kind", WRITERS)
def test_what_the_axes_do_not_say_is_assumed_and_said(tmp_path, kind):
    lacking = ("start", "step", "direction_cosines", "units")
    path = WRITERS[kind](tmp_path / "head.mnc", Minc(numbers(), axes_of(lacking=lacking)))
    volume = read_one(path)
    assert np.allclose(volume.voxel_to_ras, nibabel.load(path).affine)
    assert volume.grid.ras_from_voxel((2, 8, 3)) == pytest.approx([3, 8, 2])
    assert volume.provenance.assumed == (
        "no start of zspace, yspace, xspace: 0 assumed",
        "no step of zspace, yspace, xspace: 1 mm assumed",
        "no direction_cosines of zspace, yspace, xspace: the patient's own axis assumed",
        "no unit of length: mm assumed",
    )


@pytest.mark.parametrize("chunks", [None, (2, 5, 5)])
def test_packed_minc_2_is_unpacked(tmp_path, chunks):
    how = {"chunks": chunks, "compression": "gzip"} if chunks else {}
    path = write_minc_2(tmp_path / "head.mnc", Minc(numbers(), axes_of()), **how)
    assert np.array_equal(read_one(path).voxels, numbers())


def test_minc_2_without_h5py_names_what_is_missing(tmp_path, monkeypatch):
    write_minc_2(tmp_path / "two.mnc", Minc(numbers(), axes_of()))
    write_minc_1(tmp_path / "one.mnc", Minc(numbers(), axes_of()))
    monkeypatch.setitem(sys.modules, "h5py", None)
    found = find_volumes(tmp_path)
    assert len(found.volumes) == 1
    assert [one.path.name for one in found.strays] == ["two.mnc"]
    assert 'needs h5py: pip install "napari-vascular-loop[minc]"' in found.strays[0].reason


# ------------------------------------------------------------------ damage


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    ("minc", "said"),
    [
        (Minc(numbers()[0], axes_of()[1:]), "its axes are yspace, xspace, which is no volume"),
        (Minc(numbers(), axes_of(units=b"m")), "its axes are in m, and only mm is read"),
        (
            Minc(numbers()[None, None], [Axis("a"), Axis("b"), *axes_of()]),
            "its axes are a, b, zspace, yspace, xspace, which is no volume",
        ),
    ],
)
def test_what_is_no_volume_is_said(tmp_path, kind, minc, said):
    with pytest.raises(VolumeReadError, match=said):
        read_volumes(WRITERS[kind](tmp_path / "head.mnc", minc))


@pytest.mark.parametrize("content", [b"", b"CDF\x01", b"CDF\x01" + b"x" * 500, b"\x89HDF\r\n\x1a\n", b"nonsense" * 20])
def test_what_is_not_minc_is_said(tmp_path, content):
    (tmp_path / "head.mnc").write_bytes(content)
    with pytest.raises(VolumeReadError, match=r"not a readable MINC file|the file is empty"):
        read_volumes(tmp_path / "head.mnc")


def test_netcdf_that_is_no_minc_is_said(tmp_path):
    with netcdf_file(tmp_path / "other.mnc", "w") as file:
        file.createDimension("depth", 3)
        file.createVariable("temperature", "d", ("depth",))[:] = (1, 2, 3)
    with pytest.raises(VolumeReadError, match="not a readable MINC file"):
        read_volumes(tmp_path / "other.mnc")


@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_that_was_cut_short_is_said(tmp_path, kind):
    path = WRITERS[kind](tmp_path / "head.mnc", Minc(numbers(), axes_of()))
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(VolumeReadError, match=r"head\.mnc"):
        read_volumes(path)


def test_a_claim_of_gigantic_size_takes_no_memory(tmp_path):
    path = write_minc_2(tmp_path / "head.mnc", Minc(numbers(), axes_of()))
    with h5py.File(path, "r+") as file:
        folder = file["minc-2.0/image/0"]
        del folder["image"]
        image = folder.create_dataset("image", (60000, 60000, 60000), np.int16, chunks=(64, 64, 64))
        image.attrs["dimorder"] = np.bytes_("zspace,yspace,xspace")
    tracemalloc.start()
    try:
        with pytest.raises(VolumeReadError, match="its header speaks of 60000 x 60000 x 60000 voxels"):
            read_volumes(path)
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()
