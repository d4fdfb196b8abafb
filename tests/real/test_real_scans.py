"""Real scans: known places and voxels, held against another reader of DICOM."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import SimpleITK

from napari_vascular_loop.cli import main
from napari_vascular_loop.domain.fingerprint import voxels_sha256
from napari_vascular_loop.formats.volumes import read_volumes

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume

pytestmark = pytest.mark.real

TOF = "tof_posterior_fossa_crop.nii.gz"
DICOM = "vs-seg-001-t1c-dicom"
HAIRPIN_IJK, HAIRPIN_RAS_MM = (94, 151, 22), (-10.9, -21.5, -39.2)
TOF_SHA256 = "e73787763de3982d73ea5a4875ee6e6970f66f8fab1f96067e09f422e5157ed2"


def one(path: Path) -> Volume:
    (volume,) = read_volumes(path)
    return volume


def itk_series(folder: Path) -> SimpleITK.Image:
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


def test_the_hairpin_of_the_artery_lies_where_it_is_known_to(real_scans):
    volume = one(real_scans / TOF)
    assert volume.grid.shape == (280, 280, 60)
    assert np.linalg.norm(volume.grid.ras_from_voxel(HAIRPIN_IJK) - HAIRPIN_RAS_MM) < 0.05 * np.sqrt(3)
    assert volume.grid.nearest_voxel(HAIRPIN_RAS_MM) == HAIRPIN_IJK
    assert volume.grid.obliquity_deg == pytest.approx(5.9, abs=0.1)


def test_the_voxels_of_the_time_of_flight_are_those_that_are_known(real_scans):
    volume = one(real_scans / TOF)
    assert voxels_sha256(volume.voxels, volume.frame) == TOF_SHA256
    assert volume.fingerprint.voxels_sha256 == TOF_SHA256


def test_the_bright_artery_is_brighter_than_what_lies_around_it(real_scans):
    volume = one(real_scans / TOF)
    i, j, k = HAIRPIN_IJK
    around = volume.voxels[i - 20 : i + 21, j - 20 : j + 21, k]
    assert volume.value_at(HAIRPIN_IJK) > 1.5 * np.median(around)


def test_a_dicom_series_lies_where_another_reader_puts_it(real_scans):
    volume, image = one(real_scans / DICOM), itk_series(real_scans / DICOM)
    assert sorted(volume.grid.shape) == sorted(image.GetSize())
    stored = SimpleITK.GetArrayViewFromImage(image).transpose(2, 1, 0)
    corners = np.array(np.meshgrid(*[(0, n // 3, n - 1) for n in image.GetSize()])).reshape(3, -1).T
    for ijk in corners.tolist():
        x, y, z = image.TransformIndexToPhysicalPoint(ijk)
        ras_mm = (-x, -y, z)
        ours = volume.grid.nearest_voxel(ras_mm)
        assert ours is not None
        assert np.linalg.norm(volume.grid.ras_from_voxel(ours) - ras_mm) < 0.01
        assert volume.value_at(ours) == stored[tuple(ijk)]


def test_all_voxels_of_a_dicom_series_are_those_of_another_reader(real_scans):
    volume, image = one(real_scans / DICOM), itk_series(real_scans / DICOM)
    stored = SimpleITK.GetArrayFromImage(image).transpose(2, 1, 0)
    first = volume.grid.nearest_voxel(np.array([-1, -1, 1]) * image.GetOrigin())
    assert first is not None
    flips = tuple(slice(None, None, -1 if n else 1) for n in first)
    assert np.array_equal(volume.voxels[flips], stored)


@pytest.mark.parametrize("name", [TOF, DICOM])
def test_converting_keeps_place_and_voxels(real_scans, tmp_path, name, capsys):
    assert main(["convert", str(real_scans / name), str(tmp_path)]) == 0
    original, converted = one(real_scans / name), one(tmp_path / capsys.readouterr().out.strip())
    assert original.fingerprint.differences(converted.fingerprint) == ()
    assert converted.voxels.dtype == original.voxels.dtype
    assert converted.rescale == original.rescale
    assert converted.provenance.description == ""
