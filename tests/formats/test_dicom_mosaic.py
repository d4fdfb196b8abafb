"""Siemens mosaics: all slices as tiles of one image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import DOT_IJK, TILT_DEG, affine_of, make_dot_volume
from dicom_mosaic import csa2_header, mosaic_dataset
from dicom_series import save

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes, read_volumes

if TYPE_CHECKING:
    from pathlib import Path

SPACING_MM = (0.9, 1.1, 2.3)
PLANES = {
    "axial": affine_of((0, 1, 2), (-1, -1, 1), SPACING_MM),
    "axial, feet last": affine_of((0, 1, 2), (-1, -1, -1), SPACING_MM, TILT_DEG),
    "coronal": affine_of((0, 2, 1), (-1, -1, 1), SPACING_MM, TILT_DEG),
    "sagittal": affine_of((1, 2, 0), (-1, -1, -1), SPACING_MM, TILT_DEG),
}
OBLIQUE = affine_of((0, 1, 2), (-1, -1, 1), SPACING_MM, TILT_DEG)
VOXELS = make_dot_volume(OBLIQUE).voxels


def write(folder: Path, number: int = 0, matrix: np.ndarray = OBLIQUE, **values: Any) -> Path:
    values = {"InstanceNumber": number + 1, **values}
    return save(mosaic_dataset(VOXELS + number, matrix, **values), folder / f"{number}.dcm")


@pytest.mark.parametrize("plane", PLANES)
def test_the_bright_voxel_of_a_mosaic_lies_where_it_was_scanned(tmp_path, plane):
    write(tmp_path, matrix=PLANES[plane])
    (volume,) = read_volumes(tmp_path)
    (ijk,) = np.argwhere(volume.voxels == 1000)
    assert np.linalg.norm(volume.grid.ras_from_voxel(ijk) - PLANES[plane][:3] @ [*DOT_IJK, 1]) < 0.01
    assert volume.spacing_mm == pytest.approx(SPACING_MM, abs=1e-5)
    assert volume.voxels.shape == VOXELS.shape
    assert "Siemens mosaic: tiles of 11 x 13 pixels in one file" in volume.provenance.said
    assert volume.provenance.warnings == ()


@pytest.mark.parametrize("slices", [1, 2, 4, 5, 7])
def test_any_number_of_tiles(tmp_path, slices):
    save(mosaic_dataset(VOXELS[:, :, :slices], OBLIQUE), tmp_path / "one.dcm")
    (volume,) = read_volumes(tmp_path)
    assert np.array_equal(volume.voxels, VOXELS[:, :, :slices])
    assert np.allclose(volume.voxel_to_ras, OBLIQUE, atol=1e-4)


def test_several_mosaics_are_time_points(tmp_path):
    for number in (2, 0, 1):
        write(tmp_path, number)
    (found,) = find_volumes(tmp_path).volumes
    assert (found.header.time_points, found.header.dtype) == (3, "int16")
    volume = found.read()
    for number in range(3):
        assert np.array_equal(volume.at_time_point(number), VOXELS + number)
    assert np.array_equal(np.sort(found.middle_slice(), axis=None), np.sort(VOXELS[:, :, 3], axis=None))


def test_mosaics_of_several_gradients_are_kept_apart(tmp_path):
    for number, direction in enumerate([None, [1.0, 0.0, 0.0], [0.0, 0.6, 0.8]]):
        dataset = mosaic_dataset(VOXELS + number, OBLIQUE, InstanceNumber=number + 1, AcquisitionNumber=number + 1)
        block = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
        block.add_new(0x0C, "IS", "1000" if direction else "0")
        if direction:
            block.add_new(0x0E, "FD", direction)
        save(dataset, tmp_path / f"{number}")
    volumes = read_volumes(tmp_path)
    assert {volume.provenance.description: int(volume.voxels[DOT_IJK]) for volume in volumes} == {
        "CISS, b 0": 1000,
        "CISS, b 1000, direction 1": 1001,
        "CISS, b 1000, direction 2": 1002,
    }


def test_the_number_of_tiles_may_come_from_the_vendors_element(tmp_path):
    header = csa2_header(SliceNormalVector=[f"{v:.8f}" for v in np.diag([-1, -1, 1]) @ OBLIQUE[:3, 2] / 2.3])
    save(mosaic_dataset(VOXELS, OBLIQUE, csa=header), tmp_path / "one.dcm")
    (volume,) = read_volumes(tmp_path)
    assert np.array_equal(volume.voxels, VOXELS)


NORMAL = [f"{v:.8f}" for v in np.diag([-1, -1, 1]) @ OBLIQUE[:3, 2] / 2.3]
WHOLE = csa2_header(NumberOfImagesInMosaic=7, SliceNormalVector=NORMAL)


@pytest.mark.parametrize(
    ("csa", "values", "reason"),
    [
        (None, {}, "Siemens header, which tells their order, is missing"),
        (WHOLE[:200], {}, "Siemens header is damaged"),
        (b"SV10" + b"\xff" * 400, {}, "Siemens header is damaged"),
        (b"\x07" * 400, {}, "Siemens header is damaged"),
        (csa2_header(NumberOfImagesInMosaic=7, SliceNormalVector=["1", "0", "0"]), {}, "not square to their normal"),
        (csa2_header(NumberOfImagesInMosaic=50, SliceNormalVector=NORMAL), {}, "can't be cut: 50 tiles in 39 x 33"),
        (csa2_header(NumberOfImagesInMosaic=99999, SliceNormalVector=NORMAL), {}, "does not say how many"),
        (WHOLE, {"SpacingBetweenSlices": None, "SliceThickness": None}, "does not say how far apart"),
        (WHOLE, {"ImagePositionPatient": None}, "does not say where it lies"),
    ],
)
def test_a_mosaic_that_can_not_be_cut_is_listed_with_the_reason(tmp_path, csa, values, reason):
    path = save(mosaic_dataset(VOXELS, OBLIQUE, csa=csa, **values), tmp_path / "one.dcm")
    with pytest.raises(VolumeReadError, match=reason) as raised:
        find_volumes(path)
    assert "\n" not in str(raised.value)
