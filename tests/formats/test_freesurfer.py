"""FreeSurfer's .mgh and .mgz, held against nibabel."""

from __future__ import annotations

import gzip
import tracemalloc
from typing import TYPE_CHECKING

import nibabel
import numpy as np
import pytest
from conftest import DOT_IJK, ORIENTATIONS, affine_of, make_dot_volume

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes, read_volumes

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume

SPACING_MM = (0.9, 1.1, 2.3)
MATRIX = affine_of((2, 0, 1), (-1, 1, -1), SPACING_MM, (12, -7, 4))
VOXELS = make_dot_volume(MATRIX).voxels
NAMES = ["head.mgh", "head.mgz", "HEAD.MGZ", "head.mgh.gz"]
HEADER_BYTES = 284


def save(path: Path, voxels: np.ndarray = VOXELS, matrix: np.ndarray = MATRIX, *, tail: bytes = b"") -> Path:
    data = nibabel.MGHImage(voxels, matrix).to_bytes() + tail
    path.write_bytes(data if path.suffix.lower() == ".mgh" else gzip.compress(data))
    return path


def changed(path: Path, at: int, new: bytes) -> Path:
    data = bytearray(path.read_bytes())
    data[at : at + len(new)] = new
    path.write_bytes(data)
    return path


def read_one(path: Path) -> Volume:
    (volume,) = read_volumes(path)
    return volume


@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS)
def test_every_orientation_lies_where_nibabel_puts_it(tmp_path, axes, signs):
    matrix = affine_of(axes, signs, SPACING_MM, (12, -7, 4))
    path = save(tmp_path / "head.mgz", matrix=matrix)
    volume = read_one(path)
    assert np.array_equal(volume.voxels, VOXELS)
    assert np.linalg.norm(volume.grid.ras_from_voxel(DOT_IJK) - matrix[:3] @ [*DOT_IJK, 1]) < 0.001
    assert np.allclose(volume.voxel_to_ras, nibabel.load(path).affine, atol=1e-6)
    assert volume.orientation == "".join(nibabel.orientations.aff2axcodes(matrix))
    assert volume.provenance.said == ("goodRASFlag 1: direction cosines and centre are given",)
    assert volume.provenance.assumed == ()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32])
def test_types_and_names(tmp_path, name, dtype):
    path = save(tmp_path / name, (VOXELS % 251).astype(dtype))
    (found,) = find_volumes(path).volumes
    volume = found.read()
    assert np.array_equal(volume.voxels, VOXELS % 251)
    assert volume.voxels.dtype == dtype
    assert volume.voxels.dtype.isnative
    assert found.header.dtype == np.dtype(dtype).name
    assert np.array_equal(found.middle_slice(), (VOXELS % 251)[:, :, 3])


@pytest.mark.parametrize("name", NAMES[:2])
def test_frames_are_time_points(tmp_path, name):
    series = np.stack([VOXELS + n for n in range(4)], axis=-1)
    volume = read_one(save(tmp_path / name, series))
    assert np.array_equal(volume.series, series)
    assert volume.time_points == 4
    assert any("it holds 4 volumes" in one for one in volume.provenance.warnings)


@pytest.mark.parametrize("name", NAMES[:2])
@pytest.mark.parametrize("tail", [b"", bytes(20), b"tags of mri_convert " * 100, bytes(2 << 20)])
def test_parameters_and_tags_behind_the_voxels_are_left_alone(tmp_path, name, tail):
    volume = read_one(save(tmp_path / name, tail=tail))
    assert np.array_equal(volume.voxels, VOXELS)
    assert volume.provenance.warnings == ()


def test_without_the_flag_the_orientation_is_unknown_and_what_freesurfer_takes_is_assumed(tmp_path):
    path = changed(save(tmp_path / "head.mgh"), 28, b"\0\0")
    volume = read_one(path)
    assert volume.orientation is None
    # In the middle of the array is the place 0 0 0; its columns run to the left, its rows to the feet.
    assert volume.grid.ras_from_voxel((5.5, 6.5, 3.5)) == pytest.approx([0, 0, 0])
    assert volume.grid.ras_from_voxel((6.5, 8.5, 6.5)) == pytest.approx([-1, 3, -2])
    about = volume.provenance
    assert about.said == ("goodRASFlag 0: direction cosines and centre are not given",)
    assert about.assumed == ("axes towards LIA, 1 mm, as FreeSurfer takes them",)
    assert about.warnings == ("the file does not say how the patient lies in it (its goodRASFlag is 0)",)


@pytest.mark.parametrize(
    ("at", "new", "said"),
    [
        (0, b"\0\0\0\2", "not a readable MGH file"),
        (4, np.array([60000, 60000, 60000], ">i4").tobytes(), "60000 x 60000 x 60000 voxels"),
        (4, np.array([-11, 13, 7], ">i4").tobytes(), "which is no volume"),
        (4, np.array([0, 13, 7], ">i4").tobytes(), "which is no volume"),
        (16, np.array([2**31 - 1], ">i4").tobytes(), "it is cut short"),
        (20, np.array([77], ">i4").tobytes(), "numbers of the unknown type 77"),
        (30, np.array([np.nan], ">f4").tobytes(), "finite|spacing"),
        (30, np.array([0.0], ">f4").tobytes(), "spacing"),
        (30, np.array([3e38, 3e38, 3e38], ">f4").tobytes(), "finite|spacing"),
        (42, np.array([3e38] * 12, ">f4").tobytes(), "finite|spacing"),
        (42, bytes(36), "flat|spacing|finite"),
    ],
)
def test_headers_that_make_no_sense_are_said_and_take_no_memory(tmp_path, at, new, said):
    path = changed(save(tmp_path / "head.mgh"), at, new)
    packed = path.with_suffix(".mgz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for one in (path, packed):
        tracemalloc.start()
        try:
            with pytest.raises(VolumeReadError, match=said):
                read_volumes(one)
            assert tracemalloc.get_traced_memory()[1] < 5e6
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("length", [0, 10, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 1000])
def test_a_file_that_was_cut_short_is_said(tmp_path, length):
    path = save(tmp_path / "head.mgh")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(VolumeReadError, match=r"the file is empty|not a readable MGH file|it is cut short"):
        read_volumes(path)
