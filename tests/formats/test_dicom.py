"""DICOM series become volumes by geometry alone; what is no slice is listed with the reason."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import nibabel
import numpy as np
import pydicom
import pytest
from conftest import DOT_IJK, TILT_DEG, affine_of, make_dot_volume
from dicom_series import save, series, slice_dataset, write_series
from pydicom.uid import SecondaryCaptureImageStorage, generate_uid

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes, read_volumes

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume

SPACING_MM = (0.9, 1.1, 2.3)
PLANES = {
    # columns, rows and slices run along these RAS axes, this way
    "axial": affine_of((0, 1, 2), (-1, -1, 1), SPACING_MM),
    "axial, feet last": affine_of((0, 1, 2), (-1, -1, -1), SPACING_MM),
    "sagittal": affine_of((1, 2, 0), (-1, -1, 1), SPACING_MM),
    "coronal": affine_of((0, 2, 1), (-1, -1, 1), SPACING_MM),
    "coronal, back first": affine_of((0, 2, 1), (-1, -1, -1), SPACING_MM),
    "oblique": affine_of((0, 1, 2), (-1, -1, 1), SPACING_MM, TILT_DEG),
    "oblique sagittal": affine_of((1, 2, 0), (-1, -1, -1), SPACING_MM, TILT_DEG),
}
AXIAL = PLANES["axial"]
VOXELS = make_dot_volume(AXIAL).voxels
DOT_RAS_MM = AXIAL[:3] @ [*DOT_IJK, 1]


def read_one(folder: Path) -> Volume:
    (volume,) = read_volumes(folder)
    return volume


def dot_place_mm(volume: Volume) -> np.ndarray:
    """Where the one bright voxel lies."""
    (ijk,) = np.argwhere(volume.voxels == 1000)
    return volume.grid.ras_from_voxel(ijk)


def reasons(folder: Path) -> dict[str, str]:
    return {stray.path.name: stray.reason for stray in find_volumes(folder).strays}


@pytest.mark.parametrize("plane", PLANES)
def test_bright_voxel_lies_where_it_was_scanned(tmp_path, plane):
    matrix = PLANES[plane]
    write_series(tmp_path, VOXELS, matrix)
    volume = read_one(tmp_path)
    assert np.linalg.norm(dot_place_mm(volume) - matrix[:3] @ [*DOT_IJK, 1]) < 0.01
    assert sorted(volume.spacing_mm) == pytest.approx(sorted(SPACING_MM))
    assert volume.voxels.dtype == np.int16
    assert volume.orientation is not None
    assert volume.provenance.warnings == ()


@pytest.mark.parametrize("plane", PLANES)
def test_the_same_head_as_dicom_and_as_nifti(tmp_path, plane):
    matrix = PLANES[plane]
    write_series(tmp_path / "dicom", VOXELS, matrix)
    ras = nibabel.as_closest_canonical(nibabel.Nifti1Image(VOXELS, matrix))
    nibabel.save(ras, tmp_path / "head.nii.gz")
    dicom, nifti = read_one(tmp_path / "dicom"), read_one(tmp_path / "head.nii.gz")
    assert nifti.orientation == "RAS"
    assert np.linalg.norm(dot_place_mm(dicom) - dot_place_mm(nifti)) < 0.01
    assert nifti.fingerprint.differences(dicom.fingerprint) == ()


POSITIONS = {
    # which way columns, rows and slices of an image of the same table run in patients who lie on it so
    "HFS": affine_of((0, 1, 2), (-1, -1, 1), SPACING_MM, TILT_DEG),
    "HFP": affine_of((0, 1, 2), (1, 1, 1), SPACING_MM, TILT_DEG),
    "HFDL": affine_of((1, 0, 2), (-1, 1, 1), SPACING_MM, TILT_DEG),
    "HFDR": affine_of((1, 0, 2), (1, -1, 1), SPACING_MM, TILT_DEG),
    "FFS": affine_of((0, 1, 2), (1, -1, -1), SPACING_MM, TILT_DEG),
    "FFP": affine_of((0, 1, 2), (-1, 1, -1), SPACING_MM, TILT_DEG),
}


@pytest.mark.parametrize("claimed", ["HFS", "FFP", "HFDL", None])
@pytest.mark.parametrize("position", POSITIONS)
def test_the_place_comes_from_orientation_and_position_alone(tmp_path, position, claimed):
    matrix = POSITIONS[position]
    write_series(tmp_path, VOXELS, matrix, PatientPosition=claimed)
    volume = read_one(tmp_path)
    assert np.linalg.norm(dot_place_mm(volume) - matrix[:3] @ [*DOT_IJK, 1]) < 0.01
    said = volume.provenance.said[0]
    assert said.startswith("Image Orientation (Patient) ")
    assert said.endswith("no Patient Position" if claimed is None else f", Patient Position {claimed}")


def test_slices_are_ordered_by_place_not_by_name_or_number(tmp_path):
    shuffled = [3, 0, 6, 1, 5, 2, 4]
    write_series(
        tmp_path, VOXELS, AXIAL, file_name=lambda k: f"{shuffled[k]}.dcm", InstanceNumber=lambda k: (k * 5) % 7
    )
    volume = read_one(tmp_path)
    assert np.array_equal(volume.voxels, VOXELS)
    assert np.allclose(volume.voxel_to_ras, AXIAL, atol=1e-6)
    assert [path.name for path in volume.provenance.source_files] == [f"{n}.dcm" for n in shuffled]


def test_jitter_of_the_last_digits_is_let_pass(tmp_path):
    random = np.random.default_rng(5)
    datasets = series(VOXELS, PLANES["oblique"])
    for k, dataset in enumerate(datasets):
        place = np.array(dataset.ImagePositionPatient, dtype=float) + random.uniform(-1e-4, 1e-4, 3)
        dataset.ImagePositionPatient = [f"{mm:.6f}" for mm in place]
        save(dataset, tmp_path / f"{k}.dcm")
    volume = read_one(tmp_path)
    assert np.linalg.norm(dot_place_mm(volume) - PLANES["oblique"][:3] @ [*DOT_IJK, 1]) < 0.01


def test_series_in_one_folder_are_kept_apart(tmp_path):
    write_series(tmp_path, VOXELS, AXIAL, file_name=lambda k: f"a{k}")
    write_series(
        tmp_path / "sub",
        VOXELS[:, :, :4] + 1,
        PLANES["sagittal"],
        file_name=lambda k: f"b{k}",
        SeriesInstanceUID="1.2.9",
        SeriesDescription="TOF",
    )
    volumes = {volume.provenance.description: volume for volume in read_volumes(tmp_path)}
    assert {name: volume.grid.shape for name, volume in volumes.items()} == {"CISS": (11, 13, 7), "TOF": (11, 13, 4)}
    assert np.array_equal(volumes["CISS"].voxels, VOXELS)
    ids = {volume.provenance.id for volume in volumes.values()}
    assert len(ids) == 2
    assert all(one.startswith("mr-") for one in ids)


def test_the_name_of_a_series_steers_no_terminal(tmp_path):
    write_series(tmp_path, VOXELS, AXIAL, SeriesDescription="T2 \x07 TSE\r\n tra")
    assert read_one(tmp_path).provenance.description == "T2 ? TSE tra"


@pytest.mark.parametrize(
    "different",
    [
        {"ImageType": ["ORIGINAL", "PRIMARY", "P"]},
        {"EchoTime": 93},
        {"EchoNumbers": 2},
    ],
)
def test_images_of_another_kind_in_a_series_are_kept_apart(tmp_path, different):
    write_series(tmp_path / "1", VOXELS, AXIAL, ImageType=["ORIGINAL", "PRIMARY", "M"], EchoTime=10, EchoNumbers=1)
    common = {"ImageType": ["ORIGINAL", "PRIMARY", "M"], "EchoTime": 10, "EchoNumbers": 1}
    write_series(tmp_path / "2", VOXELS + 1, AXIAL, **{**common, **different})
    volumes = read_volumes(tmp_path)
    assert sorted(int(volume.voxels[DOT_IJK]) for volume in volumes) == [1000, 1001]


def test_a_localizer_of_another_plane_in_the_series_is_kept_apart(tmp_path):
    write_series(tmp_path / "1", VOXELS, AXIAL)
    write_series(tmp_path / "2", VOXELS[:, :, :3], PLANES["coronal"])
    assert sorted(volume.grid.shape[2] for volume in read_volumes(tmp_path)) == [3, 7]


def test_places_imaged_twice_become_two_volumes(tmp_path):
    write_series(tmp_path / "1", VOXELS, AXIAL)
    write_series(tmp_path / "2", VOXELS + 1, AXIAL, InstanceNumber=lambda k: k + 101)
    first, second = read_volumes(tmp_path)
    assert np.array_equal(first.voxels, VOXELS)
    assert np.array_equal(second.voxels, VOXELS + 1)
    assert "imaged 2 times" in first.provenance.warnings[0]


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ([3], "S 30.0 mm"),
        ([2, 4], "S 27.7 mm, S 32.3 mm"),
        ([2, 3], "S 27.7 to S 30.0 mm"),
        ([1, 3, 4], "S 25.4 mm, S 30.0 to S 32.3 mm"),
    ],
)
def test_missing_slices_are_black_and_said(tmp_path, missing, said):
    paths = write_series(tmp_path, VOXELS - 900, AXIAL)
    for k in missing:
        paths[k].unlink()
    volume = read_one(tmp_path)
    expected = VOXELS - 900
    expected[:, :, missing] = -900
    assert np.array_equal(volume.voxels, expected)
    assert np.allclose(volume.voxel_to_ras, AXIAL, atol=1e-6)
    (warning,) = volume.provenance.warnings
    are = "1 slice is" if len(missing) == 1 else f"{len(missing)} slices are"
    assert warning == f"{are} missing and shown black, at {said}"


def test_files_copied_twice_count_once(tmp_path):
    paths = write_series(tmp_path, VOXELS, AXIAL)
    for path in paths[:3]:
        shutil.copyfile(path, path.with_name(f"{path.name} (copy)"))
    volume = read_one(tmp_path)
    assert np.array_equal(volume.voxels, VOXELS)
    assert volume.provenance.warnings == ("3 files are copies of others and were left out",)


@pytest.mark.parametrize(
    ("values", "slope", "intercept"),
    [
        ({}, 1, 0),
        ({"RescaleSlope": "2.5", "RescaleIntercept": "-10"}, 2.5, -10),
        ({"RescaleIntercept": "-1024"}, 1, -1024),
    ],
)
def test_rescaling_is_applied_only_where_the_file_asks(tmp_path, values, slope, intercept):
    write_series(tmp_path, VOXELS, AXIAL, **values)
    volume = read_one(tmp_path)
    assert volume.voxels.dtype == np.int16
    assert np.array_equal(volume.voxels, VOXELS)
    assert volume.value_at(DOT_IJK) == slope * 1000 + intercept


def test_rescaling_of_each_slice_is_applied(tmp_path):
    write_series(tmp_path, VOXELS, AXIAL, RescaleSlope=lambda k: str(1 + k / 4), RescaleIntercept="3")
    volume = read_one(tmp_path)
    assert np.allclose(volume.voxels, VOXELS * (1 + np.arange(7) / 4) + 3)
    assert volume.rescale.is_identity
    assert volume.value_at(DOT_IJK) == 1000 * 1.5 + 3
    assert "its own rescaling" in volume.provenance.warnings[0]


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16])
def test_types_of_pixels(tmp_path, dtype):
    voxels = (np.arange(VOXELS.size).reshape(VOXELS.shape) * 37).astype(dtype)
    write_series(tmp_path, voxels, AXIAL)
    volume = read_one(tmp_path)
    assert volume.voxels.dtype == dtype
    assert np.array_equal(volume.voxels, voxels)


@pytest.mark.parametrize("sign_extended", [True, False])
def test_signed_12_bits_in_16(tmp_path, sign_extended):
    voxels = (np.arange(VOXELS.size).reshape(VOXELS.shape) * 5 - 2048).clip(-2048, 2047).astype(np.int16)
    stored = voxels if sign_extended else voxels & 0x0FFF
    write_series(tmp_path, stored, AXIAL, BitsStored=12, HighBit=11)
    assert np.array_equal(read_one(tmp_path).voxels, voxels)


def test_without_orientation_nothing_is_said_of_left_and_right(tmp_path):
    write_series(
        tmp_path, VOXELS, AXIAL, ImageOrientationPatient=None, ImagePositionPatient=None, InstanceNumber=lambda k: 9 - k
    )
    volume = read_one(tmp_path)
    assert volume.orientation is None
    assert "do not say how the patient lies" in volume.provenance.warnings[0]
    assert np.array_equal(volume.voxels, VOXELS[:, :, ::-1])
    assert volume.spacing_mm == pytest.approx(SPACING_MM)


def test_a_single_slice_has_the_thickness_that_the_file_says(tmp_path):
    write_series(tmp_path, VOXELS[:, :, 2:3], PLANES["sagittal"])
    volume = read_one(tmp_path)
    assert volume.grid.shape == (11, 13, 1)
    assert volume.spacing_mm == pytest.approx(SPACING_MM)
    assert "single slice" in volume.provenance.warnings[0]


def test_uneven_slices_are_refused_with_the_reason(tmp_path):
    def place(k: int) -> list[float]:
        return [0.0, 0.0, 2.3 * k + 0.3 * k * k]

    write_series(tmp_path, VOXELS, AXIAL, ImagePositionPatient=place)
    assert len(reasons(tmp_path)) == 7
    with pytest.raises(VolumeReadError, match=r"7 slices are unevenly spaced \(2.60 to 5.60 mm\)"):
        read_volumes(tmp_path)


def test_a_series_with_most_slices_missing_is_refused(tmp_path):
    paths = write_series(tmp_path, VOXELS, AXIAL)
    for k in (2, 3, 4, 5):
        paths[k].unlink()
    with pytest.raises(VolumeReadError, match="unevenly spaced"):
        read_volumes(tmp_path)


def test_the_tilt_of_a_gantry_is_kept_in_the_grid(tmp_path):
    def place(k: int) -> list[float]:
        return [0.0, k * 2.3 * np.sin(np.radians(15)), k * 2.3 * np.cos(np.radians(15))]

    write_series(tmp_path, VOXELS, AXIAL, ImagePositionPatient=place)
    volume = read_one(tmp_path)
    assert volume.grid.shear_deg == pytest.approx(15, abs=0.01)


def test_tilt_and_spacing_are_said(tmp_path):
    def place(k: int) -> list[float]:
        return [0.0, k * 2.3 * np.sin(np.radians(15)), k * 2.3 * np.cos(np.radians(15))]

    write_series(tmp_path, VOXELS, AXIAL, ImagePositionPatient=place, GantryDetectorTilt="-15")
    provenance = read_one(tmp_path).provenance
    assert "Gantry/Detector Tilt -15 degrees" in provenance.said
    assert "sheared by 15.0 degrees" in provenance.warnings[0]


@pytest.mark.parametrize(
    ("values", "warned", "said"),
    [
        ({}, "", "7 slices, 2.3 mm apart by Image Position (Patient)"),
        ({"SpacingBetweenSlices": "2.3"}, "", "7 slices, 2.3 mm apart"),
        ({"SpacingBetweenSlices": "-2.3"}, "", "7 slices, 2.3 mm apart"),
        ({"SpacingBetweenSlices": "2.301"}, "", "7 slices, 2.3 mm apart"),
        ({"SpacingBetweenSlices": "1.15"}, "2 times the Spacing Between Slices (1.15 mm): slices in between", ""),
        ({"SpacingBetweenSlices": "3"}, "2.3 mm apart, not 3 mm as Spacing Between Slices says", ""),
        ({"SpacingBetweenSlices": "0"}, "", ""),
        ({"SliceThickness": "2"}, "", "0.3 mm between slices of 2 mm thickness"),
        ({"SliceThickness": "4.6"}, "", "slices of 4.6 mm thickness overlap by 2.3 mm"),
        ({"SliceThickness": None}, "", "7 slices, 2.3 mm apart"),
    ],
)
def test_what_the_file_says_of_spacing_is_held_against_the_positions(tmp_path, values, warned, said):
    write_series(tmp_path, VOXELS, AXIAL, **values)
    volume = read_one(tmp_path)
    assert np.allclose(volume.voxel_to_ras, AXIAL, atol=1e-6)
    assert warned in " ".join(volume.provenance.warnings)
    assert bool(warned) == bool(volume.provenance.warnings)
    assert said in " ".join((*volume.provenance.said, *volume.provenance.gaps))


def test_every_second_slice_missing_is_noticed_where_the_file_tells_the_spacing(tmp_path):
    paths = write_series(tmp_path, VOXELS, AXIAL, SpacingBetweenSlices="2.3")
    for path in paths[1::2]:
        path.unlink()
    volume = read_one(tmp_path)
    assert volume.grid.shape[2] == 4
    assert "slices in between may be missing" in volume.provenance.warnings[0]


def test_slices_that_drift_unevenly_in_their_plane_are_refused(tmp_path):
    write_series(tmp_path, VOXELS, AXIAL, ImagePositionPatient=lambda k: [0.0, float(k == 3), k * 2.3])
    with pytest.raises(VolumeReadError, match="shifted against each other in their plane"):
        read_volumes(tmp_path)


def test_without_pixel_spacing_a_millimetre_is_taken_and_said(tmp_path):
    write_series(tmp_path, VOXELS, AXIAL, PixelSpacing=None)
    volume = read_one(tmp_path)
    assert volume.spacing_mm == pytest.approx((1, 1, 2.3))
    assert "pixels of 1 mm" in volume.provenance.assumed
    assert "no Pixel Spacing" in volume.provenance.warnings[0]


@pytest.mark.parametrize(
    ("values", "spacing_mm", "assumed"),
    [
        ({"SpacingBetweenSlices": "3"}, 3, "slices 3 mm thick, from Spacing Between Slices"),
        ({"SliceThickness": "2"}, 2, "slices 2 mm thick, from Slice Thickness"),
        ({"SliceThickness": None}, 1, "slices 1 mm thick: the file does not say"),
    ],
)
def test_what_is_assumed_of_a_single_slice_is_said(tmp_path, values, spacing_mm, assumed):
    write_series(tmp_path, VOXELS[:, :, :1], AXIAL, **values)
    volume = read_one(tmp_path)
    assert volume.spacing_mm[2] == pytest.approx(spacing_mm)
    assert volume.provenance.assumed == (assumed,)


def test_an_inverted_grey_scale_is_said(tmp_path):
    write_series(tmp_path, VOXELS, AXIAL, PhotometricInterpretation="MONOCHROME1")
    volume = read_one(tmp_path)
    assert np.array_equal(volume.voxels, VOXELS)
    assert volume.provenance.warnings == (
        "its grey scale is inverted (MONOCHROME1): dark and bright are shown the other way round",
    )


@pytest.mark.parametrize(("dtype", "slope"), [("uint8", "1"), ("int16", "2"), ("uint16", "1"), ("float32", None)])
def test_the_type_of_numbers_is_known_before_they_are_read(tmp_path, dtype, slope):
    stored = np.int16 if slope is None else dtype
    write_series(tmp_path, (VOXELS % 99).astype(stored), AXIAL, RescaleSlope=slope or (lambda k: str(k + 1)))
    (found,) = find_volumes(tmp_path).volumes
    assert found.header.dtype == dtype
    assert found.header.time_points == 1
    assert found.header.nbytes == VOXELS.size * np.dtype(dtype).itemsize
    assert found.read().voxels.dtype.name == dtype


def test_the_middle_slice_needs_one_file_only(tmp_path):
    paths = write_series(tmp_path, VOXELS, AXIAL)
    (found,) = find_volumes(tmp_path).volumes
    for k, path in enumerate(paths):
        if k != 3:
            path.unlink()
    assert np.array_equal(found.middle_slice(), VOXELS[:, :, 3])


def test_the_middle_slice_where_it_is_missing_is_the_next(tmp_path):
    paths = write_series(tmp_path, VOXELS, AXIAL)
    paths[3].unlink()
    (found,) = find_volumes(tmp_path).volumes
    assert np.array_equal(found.middle_slice(), VOXELS[:, :, 2])


def test_copies_are_said_to_be_left_out(tmp_path):
    paths = write_series(tmp_path, VOXELS, AXIAL)
    shutil.copyfile(paths[0], tmp_path / "copy")
    assert read_one(tmp_path).provenance.dropped == ("1 file is a copy of another",)


def test_frames_of_reference_that_differ_are_none(tmp_path):
    write_series(tmp_path, VOXELS, AXIAL, FrameOfReferenceUID=lambda k: f"1.2.3.{k}")
    assert read_one(tmp_path).provenance.frame_of_reference_uid is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"PixelSpacing": ["0", "1"]}, "PixelSpacing must be greater than 0"),
        ({"PixelSpacing": ["1"]}, "PixelSpacing should hold 2 numbers"),
        ({"ImagePositionPatient": ["1", "2"]}, "ImagePositionPatient should hold 3 numbers"),
        ({"ImageOrientationPatient": ["1"]}, "ImageOrientationPatient should hold 6 numbers"),
        ({"ImageOrientationPatient": ["0"] * 6}, "not two square unit vectors"),
        ({"ImagePositionPatient": ["0", "0", "9e30"]}, "can't be in mm"),
        ({"PixelSpacing": ["1", "9e30"]}, "PixelSpacing must be greater than 0 and in mm"),
    ],
)
def test_a_place_that_makes_no_sense_is_refused_with_the_value(tmp_path, values, reason):
    (dataset,) = series(VOXELS[:, :, :1], AXIAL)
    for name, value in values.items():
        setattr(dataset, name, value)
    path = save(dataset, tmp_path / "one")
    with pytest.raises(VolumeReadError, match=reason) as raised:
        read_volumes(path)
    assert "\n" not in str(raised.value)


# ------------------------------------------------------------------ strays


def colour_picture(path: Path) -> None:
    save(
        slice_dataset(
            np.zeros((4, 12), dtype=np.uint8),
            SOPClassUID=SecondaryCaptureImageStorage,
            Columns=4,
            SamplesPerPixel=3,
            PlanarConfiguration=0,
            PhotometricInterpretation="RGB",
        ),
        path,
    )


def multi_frame(path: Path) -> None:
    save(slice_dataset(np.zeros((12, 4), dtype=np.uint8), Rows=4, NumberOfFrames=3), path)


def report(path: Path) -> None:
    dataset = slice_dataset(
        np.zeros((2, 2), dtype=np.uint8), SOPClassUID="1.2.840.10008.5.1.4.1.1.104.1", Rows=None, PixelData=None
    )
    save(dataset, path)


def odd_orientation(path: Path) -> None:
    (dataset,) = series(VOXELS[:, :, :1], AXIAL, SeriesInstanceUID="1.2.77")
    dataset.ImageOrientationPatient = [1, 0, 0, 1, 0, 0]
    save(dataset, path)


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("letter.pdf", lambda path: path.write_bytes(b"%PDF-1.7\n" + b"x" * 500), "not a known kind of volume"),
        ("README.txt", lambda path: path.write_text("Read me. " * 50), "not a known kind of volume"),
        ("short", lambda path: path.write_bytes(b"abc"), "not a known kind of volume"),
        ("nothing.dcm", lambda path: path.write_bytes(b""), "the file is empty"),
        ("capture.dcm", colour_picture, "a colour picture, not a slice (Secondary Capture Image Storage)"),
        ("enhanced.dcm", multi_frame, "a multi-frame image, which is not read yet (MR Image Storage)"),
        ("report.dcm", report, "DICOM without an image (Encapsulated PDF Storage)"),
        ("odd.dcm", odd_orientation, "Image Orientation (Patient) is not two square unit vectors"),
        ("notes.nii", lambda path: path.write_text("notes"), "not a readable NIfTI"),
    ],
)
def test_what_is_no_slice_is_listed_with_the_reason(tmp_path, name, make, reason):
    write_series(tmp_path, VOXELS, AXIAL)
    make(tmp_path / name)
    assert np.array_equal(read_one(tmp_path).voxels, VOXELS)
    assert list(reasons(tmp_path)) == [name]
    assert reason in reasons(tmp_path)[name]


STORAGE = "1.2.840.10008.5.1.4.1.1."
PLACE = {"ImagePositionPatient": [0, 0, 0], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "PixelSpacing": [1, 1]}
KINDS = {
    # SOP class, other values, reason
    "radiography": ("1", {"Modality": "CR"}, "a projection (computed radiography)"),
    "digital X-ray": ("1.1", {"Modality": "DX"}, "a projection (digital X-ray)"),
    "mammography": ("1.2", {"Modality": "MG"}, "a projection (mammography)"),
    "angiography": ("12.1", {"Modality": "XA", **PLACE}, "a projection (angiography or fluoroscopy)"),
    "fluoroscopy": ("12.2", {"Modality": "RF"}, "a projection (angiography or fluoroscopy)"),
    "X-ray called otherwise": ("7", {"Modality": "DX", **PLACE}, "a projection (digital X-ray)"),
    "projection image": ("4", {"ImageType": ["DERIVED", "SECONDARY", "PROJECTION IMAGE"], **PLACE}, "a projection"),
    "scout view": ("2", {"Modality": "CT", "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"], **PLACE}, "a scout view"),
    "dose sheet": ("7", {"Modality": "CT"}, "a picture (secondary capture) that does not say where it lies"),
    "several captures": ("7.2", {"Modality": "OT", "NumberOfFrames": 2, "Rows": 2}, "a multi-frame image"),
    "ultrasound": ("6.1", {"Modality": "US"}, "ultrasound that does not say where it lies"),
    "nuclear medicine": ("20", {"Modality": "NM"}, "an image that does not say where it lies"),
    "nuclear medicine, many": ("20", {"Modality": "NM", "NumberOfFrames": 2, "Rows": 2}, "a multi-frame image"),
    "colour": ("4.3", {"PhotometricInterpretation": "YBR_FULL_422", **PLACE}, "a colour picture"),
    "palette": ("7", {"PhotometricInterpretation": "PALETTE COLOR", **PLACE}, "a colour picture"),
    "photograph": ("77.1.4", {"Modality": "XC"}, "a photograph or video"),
    "segmentation": ("66.4", PLACE, "a segmentation, not a scan"),
    "parametric map": ("30", PLACE, "a parametric map"),
    "dose": ("481.2", {"Modality": "RTDOSE", **PLACE}, "a radiotherapy dose"),
    "radiotherapy image": ("481.1", {"Modality": "RTIMAGE"}, "a projection (radiotherapy image)"),
    "report": ("88.33", {"Rows": None}, "a report, not an image"),
    "dose report": ("88.67", {"Rows": None}, "a report of radiation dose"),
    "key images": ("88.59", {"Rows": None}, "a list of key images"),
    "presentation state": ("11.1", {"Rows": None}, "a presentation state"),
    "raw data": ("66", {"Rows": None}, "raw data, not an image"),
    "spectroscopy": ("4.2", PLACE, "spectroscopy, not an image"),
    "waveform": ("9.1.1", {"Rows": None}, "a waveform, not an image"),
    "document": ("104.1", {"Rows": None}, "an encapsulated document"),
    "registration": ("66.1", {"Rows": None}, "a registration, not an image"),
    "outlines": ("481.3", {"Rows": None}, "outlines for radiotherapy"),
    "plan": ("481.5", {"Rows": None}, "a radiotherapy plan"),
}


@pytest.mark.parametrize("what", KINDS)
def test_other_kinds_of_dicom_do_not_spoil_a_series_and_are_said(tmp_path, what):
    ending, values, reason = KINDS[what]
    write_series(tmp_path, VOXELS, AXIAL)
    pixels = np.zeros((4, 4), dtype=np.uint8)
    save(slice_dataset(pixels, **{"SOPClassUID": STORAGE + ending, **values}), tmp_path / "other")
    assert np.array_equal(read_one(tmp_path).voxels, VOXELS)
    said = reasons(tmp_path)["other"]
    assert reason in said
    assert "\n" not in said
    assert len(said) < 160


def test_a_capture_that_says_where_it_lies_is_a_slice(tmp_path):
    write_series(tmp_path, VOXELS, PLANES["oblique"], SOPClassUID=SecondaryCaptureImageStorage, Modality="OT")
    volume = read_one(tmp_path)
    assert np.linalg.norm(dot_place_mm(volume) - PLANES["oblique"][:3] @ [*DOT_IJK, 1]) < 0.01
    assert "a secondary capture" in volume.provenance.warnings[0]


def test_an_odd_image_in_a_series_does_not_spoil_it(tmp_path):
    write_series(tmp_path / "1", VOXELS, AXIAL)
    write_series(tmp_path / "2", VOXELS[:5, :6, :1], AXIAL, InstanceNumber=4)
    shapes = {volume.provenance.description: volume.grid.shape for volume in read_volumes(tmp_path)}
    assert shapes == {"CISS, 11 x 13": (11, 13, 7), "CISS, 5 x 6": (5, 6, 1)}


def test_maxima_of_a_turning_view_are_refused_and_of_parallel_slabs_are_shown_with_a_warning(tmp_path):
    for n in range(4):
        matrix = affine_of((0, 1, 2), (-1, -1, 1), SPACING_MM, (0, 20 * n, 0))
        values = {"ImageType": ["DERIVED", "SECONDARY", "MPR", "MIP"], "SeriesInstanceUID": "1.2.66"}
        write_series(tmp_path / f"turn{n}", VOXELS[:, :, :1], matrix, lambda k, n=n: f"turn{n}", **values)
    write_series(tmp_path / "slabs", VOXELS, AXIAL, ImageType=["DERIVED", "PRIMARY", "M", "MIP_TRA"])
    volume = read_one(tmp_path)
    assert "maximum intensity projections of slabs" in volume.provenance.warnings[0]
    assert set(reasons(tmp_path)) == {f"turn{n}" for n in range(4)}
    assert "maximum intensity projection" in reasons(tmp_path)["turn0"]


def test_a_folder_without_any_volume_says_why(tmp_path):
    colour_picture(tmp_path / "capture.dcm")
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(VolumeReadError, match=r"no volume in .*colour picture.*not a known kind"):
        read_volumes(tmp_path)


def test_one_file_of_a_series_can_be_opened_alone(tmp_path):
    paths = write_series(tmp_path, VOXELS, AXIAL)
    volume = read_one(paths[2])
    assert np.linalg.norm(dot_place_mm(volume) - DOT_RAS_MM) < 0.01


def test_headers_are_enough_to_find_a_volume(tmp_path):
    paths = write_series(tmp_path, VOXELS, AXIAL)
    (found,) = find_volumes(tmp_path).volumes
    assert found.header.grid.shape == (11, 13, 7)
    assert found.header.provenance.frame_of_reference_uid == "1.2.3.4"
    assert set(found.header.provenance.source_files) == set(paths)


def test_the_name_of_a_volume_tells_nothing_of_the_patient_and_stays(tmp_path):
    uid = generate_uid()
    same = {"SeriesInstanceUID": uid, "SOPInstanceUID": lambda k: f"1.2.3.{k}"}
    write_series(tmp_path / "1", VOXELS, AXIAL, **same)
    write_series(tmp_path / "2", VOXELS, AXIAL, **same, PatientName="ROE^RICHARD", PatientID="0815")
    one, other = (find_volumes(tmp_path / name).volumes[0].header.provenance.id for name in "12")
    assert one == other
    assert uid not in one


@pytest.mark.parametrize(("spacing_mm", "jitter_mm"), [(2.3, 0.03), (6.0, 0.05), (10.0, 0.09)])
def test_what_lies_farther_off_the_grid_than_promised_is_said(tmp_path, spacing_mm, jitter_mm):
    """Thick slices are no excuse: all places are right to 0.02 mm, or it is said how far they may be off."""
    matrix = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, spacing_mm))
    to_lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ matrix
    off = [jitter_mm * sign for sign in (0, 1, -1, 1, 0, -1, 1)]

    def place(k):
        return (to_lps[:3, 3] + (k + off[k] / spacing_mm) * to_lps[:3, 2]).tolist()

    write_series(tmp_path, VOXELS, matrix, ImagePositionPatient=place)
    volume = read_one(tmp_path)
    true_mm = np.array([matrix[:3, 3] + (k + off[k] / spacing_mm) * matrix[:3, 2] for k in range(7)])
    found_mm = volume.grid.ras_from_voxel([(0, 0, k) for k in range(7)])
    assert np.linalg.norm(found_mm - true_mm, axis=1).max() < 1.5 * jitter_mm
    (warning,) = volume.provenance.warnings
    assert "mm off an even grid" in warning


def test_a_slice_more_or_less_is_another_volume_with_another_name(tmp_path):
    paths = write_series(tmp_path, VOXELS, AXIAL)
    whole = read_one(tmp_path).provenance.id
    assert read_one(tmp_path).provenance.id == whole
    paths[3].unlink()
    assert read_one(tmp_path).provenance.id != whole


def test_a_header_without_pixels_is_no_volume(tmp_path):
    paths = write_series(tmp_path, VOXELS, AXIAL)
    dataset = pydicom.dcmread(paths[6])
    del dataset.PixelData
    dataset.save_as(paths[6])
    found = find_volumes(tmp_path)
    assert [(stray.path, stray.reason) for stray in found.strays] == [(paths[6], "a header without pixels")]
    assert found.volumes[0].header.grid.shape == (11, 13, 6)


def test_a_header_that_promises_more_pixels_than_there_are_spoils_no_other_file(tmp_path):
    paths = write_series(tmp_path, VOXELS, AXIAL)
    dataset = pydicom.dcmread(paths[6])
    dataset.Rows = dataset.Columns = 60_000
    dataset.save_as(paths[6])
    found = find_volumes(tmp_path)
    assert found.strays[0].reason == "its pixels are cut short, at 286 of 7200000000 bytes"
    assert read_one(tmp_path).grid.shape == (11, 13, 6)
