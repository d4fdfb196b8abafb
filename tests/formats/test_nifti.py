"""NIfTI in and out: places and voxels are kept, damage is said in one sentence."""

from __future__ import annotations

import gzip
import tracemalloc
from typing import TYPE_CHECKING

import nibabel
import numpy as np
import pytest
from conftest import DOT_IJK, ORIENTATIONS, TILT_DEG, affine_of, make_dot_volume

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.volume import Provenance, Rescale, Volume
from napari_vascular_loop.formats.volumes import find_volumes, read_volumes
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti

if TYPE_CHECKING:
    from pathlib import Path

SPACING_MM = (0.9, 1.1, 2.3)
MATRIX = affine_of((2, 0, 1), (-1, 1, -1), SPACING_MM, TILT_DEG)
VOXELS = make_dot_volume(MATRIX).voxels


def read_one(path: Path) -> Volume:
    (volume,) = read_volumes(path)
    return volume


def save(path: Path, voxels: np.ndarray, matrix: np.ndarray = MATRIX, **changes) -> Path:
    """Write with nibabel, independently of the program."""
    image = nibabel.Nifti1Image(voxels, matrix)
    for name, value in changes.items():
        image.header[name] = value
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize("dtype", [np.int16, np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS)
def test_round_trip(tmp_path, axes, signs, dtype):
    matrix = affine_of(axes, signs, SPACING_MM, TILT_DEG)
    volume = Volume((VOXELS % 251).astype(dtype), matrix)
    write_nifti(volume, tmp_path / "head.nii.gz")
    back = read_one(tmp_path / "head.nii.gz")
    assert back.voxels.dtype == dtype
    assert np.array_equal(back.voxels, volume.voxels)
    assert back.rescale.is_identity
    assert np.linalg.norm(back.grid.ras_from_voxel(DOT_IJK) - volume.grid.ras_from_voxel(DOT_IJK)) < 0.01
    assert volume.fingerprint.differences(back.fingerprint) == ()
    other_program = nibabel.load(tmp_path / "head.nii.gz")
    assert np.array_equal(other_program.get_fdata(), volume.voxels)
    assert np.allclose(other_program.get_sform(), matrix, atol=1e-4)
    assert np.allclose(other_program.get_qform(), matrix, atol=1e-3)


@pytest.mark.parametrize("dtype", [bool, np.float16, np.int8, np.int32, np.float64])
def test_other_types_keep_their_values(tmp_path, dtype):
    volume = Volume((VOXELS % 2).astype(dtype), MATRIX)
    write_nifti(volume, tmp_path / "head.nii")
    assert np.array_equal(read_one(tmp_path / "head.nii").voxels, volume.voxels)


@pytest.mark.parametrize("rescale", [Rescale(0.25, -3), Rescale(1, -1024), Rescale(2, 0)])
@pytest.mark.parametrize("name", ["head.nii.gz", "head.nii"])
def test_rescaling_is_kept_beside_the_stored_voxels(tmp_path, name, rescale):
    write_nifti(Volume(VOXELS, MATRIX, rescale=rescale), tmp_path / name)
    back = read_one(tmp_path / name)
    assert back.voxels.dtype == np.int16
    assert np.array_equal(back.voxels, VOXELS)
    assert back.rescale == rescale
    assert back.value_at(DOT_IJK) == rescale.slope * 1000 + rescale.intercept
    assert np.allclose(nibabel.load(tmp_path / name).get_fdata(), VOXELS * rescale.slope + rescale.intercept)


def test_rescaling_of_another_program_is_read_lazily(tmp_path):
    values = np.linspace(-1.5, 7.5, VOXELS.size).reshape(VOXELS.shape)
    image = nibabel.Nifti1Image(values, MATRIX)
    image.set_data_dtype(np.int16)
    nibabel.save(image, tmp_path / "head.nii")
    volume = read_one(tmp_path / "head.nii")
    assert volume.voxels.dtype == np.int16
    assert volume.value_at(DOT_IJK) == pytest.approx(nibabel.load(tmp_path / "head.nii").get_fdata()[DOT_IJK])
    assert volume.value_at(DOT_IJK) == pytest.approx(values[DOT_IJK], abs=1e-3)


def with_codes(path: Path, sform: int, qform: int, qform_matrix: np.ndarray = MATRIX) -> Path:
    image = nibabel.Nifti1Image(VOXELS, MATRIX)
    image.set_sform(MATRIX, code=sform)
    image.set_qform(qform_matrix, code=qform)
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize(("sform", "qform", "known"), [(0, 0, False), (1, 0, True), (0, 1, True), (4, 2, True)])
def test_orientation_is_known_only_where_a_code_says_so(tmp_path, sform, qform, known):
    volume = read_one(with_codes(tmp_path / "head.nii", sform, qform))
    assert volume.orientation == ("IRP" if known else None)
    said = any("how the patient lies" in warning for warning in volume.provenance.warnings)
    assert said is not known
    if known:
        assert np.allclose(volume.grid.ras_from_voxel(DOT_IJK), MATRIX[:3] @ [*DOT_IJK, 1], atol=1e-3)


def test_unknown_orientation_stays_unknown_when_it_is_written(tmp_path):
    volume = read_one(with_codes(tmp_path / "head.nii", 0, 0))
    write_nifti(volume, tmp_path / "again.nii.gz")
    assert read_one(tmp_path / "again.nii.gz").orientation is None


def test_sform_and_qform_that_disagree_are_said(tmp_path):
    moved = MATRIX.copy()
    moved[2, 3] += 7
    volume = read_one(with_codes(tmp_path / "head.nii", 1, 1, moved))
    assert volume.provenance.warnings == ("its sform and qform disagree by up to 7.0 mm; the sform is used",)
    assert np.allclose(volume.voxel_to_ras, MATRIX, atol=1e-3)


@pytest.mark.parametrize(("unit", "per_mm"), [("meter", 0.001), ("mm", 1), ("micron", 1000), ("unknown", 1)])
def test_units(tmp_path, unit, per_mm):
    matrix = np.diag([per_mm, per_mm, per_mm, 1]) @ MATRIX
    image = nibabel.Nifti1Image(VOXELS, matrix)
    image.header.set_xyzt_units(unit)
    nibabel.save(image, tmp_path / "head.nii")
    volume = read_one(tmp_path / "head.nii")
    assert volume.spacing_mm == pytest.approx(SPACING_MM, rel=1e-5)
    assert np.allclose(volume.grid.ras_from_voxel(DOT_IJK), MATRIX[:3] @ [*DOT_IJK, 1], atol=0.01)


def test_big_endian(tmp_path):
    header = nibabel.Nifti1Header(endianness=">")
    header.set_data_dtype(">i2")
    nibabel.save(nibabel.Nifti1Image(VOXELS.astype(">i2"), MATRIX, header), tmp_path / "head.nii")
    volume = read_one(tmp_path / "head.nii")
    assert volume.voxels.dtype == np.int16
    assert volume.voxels.dtype.isnative
    assert np.array_equal(volume.voxels, VOXELS)


def test_nifti_2(tmp_path):
    nibabel.save(nibabel.Nifti2Image(VOXELS, MATRIX), tmp_path / "head.nii.gz")
    volume = read_one(tmp_path / "head.nii.gz")
    assert np.array_equal(volume.voxels, VOXELS)
    assert np.allclose(volume.voxel_to_ras, MATRIX)


def test_of_several_volumes_the_first_is_shown_and_it_is_said(tmp_path):
    save(tmp_path / "head.nii", np.stack([VOXELS, VOXELS + 1, VOXELS + 2], axis=-1))
    volume = read_one(tmp_path / "head.nii")
    assert np.array_equal(volume.voxels, VOXELS)
    assert "holds 3 volumes" in volume.provenance.warnings[0]


@pytest.mark.parametrize("shape", [(11, 13), (11, 13, 1), (11, 13, 1, 1)])
def test_a_single_slice(tmp_path, shape):
    save(tmp_path / "head.nii", VOXELS[:, :, 2].reshape(shape))
    volume = read_one(tmp_path / "head.nii")
    assert volume.grid.shape == (11, 13, 1)
    assert np.array_equal(volume.voxels[:, :, 0], VOXELS[:, :, 2])


def test_the_id_holds_nothing_of_the_name_and_is_that_of_the_content(tmp_path):
    one = save(tmp_path / "DOE^JANE.nii", VOXELS)
    other = save(tmp_path / "other.nii", VOXELS)
    different = save(tmp_path / "third.nii", VOXELS + 1)
    ids = [find_volumes(path).volumes[0].header.provenance.id for path in (one, other, different)]
    assert ids[0] == ids[1] != ids[2]
    assert "doe" not in ids[0].lower()


# ------------------------------------------------------------------ damage


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("These are my notes on the patient. " * 40)


def cut_in_half(path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 30000, size=(40, 40, 20)).astype(np.int16)
    save(path, noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def header_only(path: Path) -> None:
    save(path, VOXELS)
    path.write_bytes(path.read_bytes()[:200])


def gigantic(path: Path) -> None:
    header = nibabel.Nifti2Header()
    header.set_data_dtype(np.int16)
    header.set_data_shape((60000, 60000, 60000))
    header.set_sform(np.eye(4), 1)
    header["magic"] = b"n+2\0\r\n\x1a\n"
    header["vox_offset"] = 544
    data = bytes(header.binaryblock) + bytes(4000)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def colour(path: Path) -> None:
    rgb = np.zeros((4, 4, 4), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    nibabel.save(nibabel.Nifti1Image(rgb, MATRIX), path)


def complex_numbers(path: Path) -> None:
    save(path, np.zeros((4, 4, 4), dtype=np.complex64))


def flat(path: Path) -> None:
    image = nibabel.Nifti1Image(VOXELS, None)
    image.header["sform_code"] = 1
    for row in ("srow_x", "srow_y", "srow_z"):
        image.header[row] = (1, 1, 1, 0)
    path.write_bytes(bytes(image.header.binaryblock) + bytes(4) + VOXELS.tobytes())


def not_gzip(path: Path) -> None:
    path.write_bytes(b"\x1f\x8b\x08\x00" + b"nonsense" * 50)


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("head.nii", None, "no file or folder"),
        ("head.nii", empty, "empty"),
        ("head.nii.gz", empty, "empty"),
        ("head.nii", text, "not a readable NIfTI"),
        ("head.nii.gz", text, "not a readable NIfTI"),
        ("head.nii.gz", not_gzip, "not a readable NIfTI"),
        ("head.nii", cut_in_half, "cut short"),
        ("head.nii.gz", cut_in_half, "cut short or damaged"),
        ("head.nii", header_only, "not a readable NIfTI"),
        ("head.nii", gigantic, "60000 x 60000 x 60000 voxels"),
        ("head.nii.gz", gigantic, "60000 x 60000 x 60000 voxels"),
        ("head.nii", colour, "colour"),
        ("head.nii", complex_numbers, "complex64 numbers"),
        ("head.nii", flat, "flat|spacing"),
    ],
)
def test_damage_is_said_in_one_sentence_that_names_the_file(tmp_path, name, damage, said):
    path = tmp_path / name
    if damage:
        damage(path)
    tracemalloc.start()
    try:
        with pytest.raises(VolumeReadError, match=said) as raised:
            read_volumes(path)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    message = str(raised.value)
    assert name in message
    assert "\n" not in message
    assert len(message) < 400
    assert peak_bytes < 20e6


def test_a_damaged_file_does_not_hide_the_others_of_a_folder(tmp_path):
    save(tmp_path / "good.nii", VOXELS)
    empty(tmp_path / "bad.nii")
    found = find_volumes(tmp_path)
    assert [volume.header.grid.shape for volume in found.volumes] == [VOXELS.shape]
    assert [(stray.path.name, "empty" in stray.reason) for stray in found.strays] == [("bad.nii", True)]


def test_an_empty_folder_is_said(tmp_path):
    (tmp_path / ".hidden").write_text("x")
    with pytest.raises(VolumeReadError, match="holds no files"):
        read_volumes(tmp_path)


# ------------------------------------------------------------------ identity and safe writing


def test_nothing_that_names_the_patient_is_written(tmp_path):
    name = b"DOE^JANE"
    image = nibabel.Nifti1Image(VOXELS, MATRIX)
    for field in ("descrip", "aux_file", "intent_name", "db_name"):
        image.header[field] = name
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", name + b" 1970-01-02"))
    nibabel.save(image, tmp_path / "DOE^JANE.nii")
    volume = read_one(tmp_path / "DOE^JANE.nii")
    assert volume.provenance.description == name.decode()
    for file in ("out.nii.gz", "out.nii"):
        write_nifti(volume, tmp_path / file)
        written = (tmp_path / file).read_bytes()
        assert name not in written
        if file.endswith(".gz"):
            assert name not in gzip.decompress(written)


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "head.nii.gz"
    path.write_bytes(b"what was there before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nibabel.save", full)
    with pytest.raises(VolumeReadError, match="No space left"):
        write_nifti(Volume(VOXELS, MATRIX), path)
    assert path.read_bytes() == b"what was there before"
    assert [file.name for file in tmp_path.iterdir()] == ["head.nii.gz"]


def test_the_description_is_kept_for_the_screen(tmp_path):
    save(tmp_path / "head.nii", VOXELS, descrip="Schädel".encode("latin-1"))
    assert read_one(tmp_path / "head.nii").provenance == Provenance(
        id=read_one(tmp_path / "head.nii").provenance.id,
        format="nifti",
        description="Schädel",
        source_files=(tmp_path / "head.nii",),
        said=("sform code 2 (aligned), qform code 0 (unknown); the sform is used",),
        assumed=("no unit of length: mm assumed",),
    )


# ------------------------------------------------------------------ the orientation receipt


@pytest.mark.parametrize(
    ("sform", "qform", "said"),
    [
        (1, 1, "sform code 1 (scanner), qform code 1 (scanner); the sform is used"),
        (0, 2, "sform code 0 (unknown), qform code 2 (aligned); the qform is used"),
        (3, 0, "sform code 3 (talairach), qform code 0 (unknown); the sform is used"),
        (4, 1, "sform code 4 (mni), qform code 1 (scanner); the sform is used"),
        (0, 0, "sform code 0 (unknown), qform code 0 (unknown)"),
    ],
)
def test_the_receipt_names_the_codes_and_which_is_used(tmp_path, sform, qform, said):
    provenance = read_one(with_codes(tmp_path / "head.nii", sform, qform)).provenance
    assert provenance.said[0] == said
    assert any("origin in the middle" in one for one in provenance.assumed) is (sform == qform == 0)


@pytest.mark.parametrize("unit", ["mm", "micron", "unknown"])
def test_the_receipt_names_the_unit_or_what_was_assumed(tmp_path, unit):
    per_mm = 1000 if unit == "micron" else 1
    image = nibabel.Nifti1Image(VOXELS, np.diag([per_mm, per_mm, per_mm, 1]) @ MATRIX)
    image.set_qform(image.affine, 1)
    image.header.set_xyzt_units(unit)
    nibabel.save(image, tmp_path / "head.nii")
    provenance = read_one(tmp_path / "head.nii").provenance
    assert (f"unit of length {unit}" in provenance.said) is (unit != "unknown")
    assert ("no unit of length: mm assumed" in provenance.assumed) is (unit == "unknown")
    assert not any("disagree" in warning for warning in provenance.warnings)


def test_the_receipt_says_what_was_dropped_and_put_right(tmp_path):
    image = nibabel.Nifti1Image(VOXELS, MATRIX)
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"DOE^JANE"))
    image.header["sform_code"], image.header["qform_code"] = 77, 0
    nibabel.save(image, tmp_path / "head.nii")
    provenance = read_one(tmp_path / "head.nii").provenance
    assert provenance.dropped == ("extensions of the header (16 bytes)",)
    assert any("sform_code 77 not valid" in one for one in provenance.assumed)
    assert "DOE" not in repr(provenance)


# ------------------------------------------------------------------ several volumes in a file


def stacked(count: int) -> np.ndarray:
    return np.stack([VOXELS + n for n in range(count)], axis=-1)


@pytest.mark.parametrize("name", ["head.nii", "head.nii.gz"])
def test_time_points_are_kept(tmp_path, name):
    save(tmp_path / name, stacked(3))
    (found,) = find_volumes(tmp_path / name).volumes
    assert found.header.time_points == 3
    volume = found.read()
    assert volume.time_points == 3
    assert np.array_equal(volume.voxels, VOXELS)
    assert np.array_equal(volume.at_time_point(2), VOXELS + 2)
    assert found.header.nbytes == volume.series.nbytes
    assert np.array_equal(found.middle_slice(), VOXELS[:, :, 3])


@pytest.mark.parametrize("name", ["head.nii", "head.nii.gz"])
def test_of_more_dimensions_the_first_volume_is_shown_and_the_rest_said(tmp_path, name):
    save(tmp_path / name, stacked(6).reshape((*VOXELS.shape, 2, 3), order="F"))
    volume = read_one(tmp_path / name)
    assert volume.time_points == 1
    assert np.array_equal(volume.voxels, VOXELS)
    assert volume.provenance.warnings == ("it holds 6 volumes (time points or the like); marks bind to the first",)
    assert "all but the first of 6 volumes" in volume.provenance.dropped[0]


@pytest.mark.parametrize("name", ["again.nii", "again.nii.gz"])
@pytest.mark.parametrize("rescale", [Rescale(), Rescale(0.5, -7)])
def test_all_time_points_are_written(tmp_path, name, rescale):
    series = stacked(3)
    write_nifti(Volume(series[..., 0], MATRIX, rescale=rescale, series=series), tmp_path / name)
    back = read_one(tmp_path / name)
    assert np.array_equal(back.series, series)
    assert back.rescale == rescale
    expected = series * rescale.slope + rescale.intercept
    assert np.allclose(nibabel.load(tmp_path / name).get_fdata(), expected)


# ------------------------------------------------------------------ memory map


def test_an_unpacked_file_is_mapped_and_not_copied(tmp_path):
    save(tmp_path / "head.nii", np.zeros((200, 200, 200), np.int16))
    tracemalloc.start()
    try:
        volume = read_one(tmp_path / "head.nii")
        assert tracemalloc.get_traced_memory()[1] < 2e6
    finally:
        tracemalloc.stop()
    assert isinstance(volume.voxels, np.memmap)
    assert not volume.voxels.flags.writeable


@pytest.mark.parametrize("name", ["head.nii", "head.nii.gz"])
def test_a_file_may_be_replaced_by_what_was_read_from_it(tmp_path, name):
    save(tmp_path / name, stacked(2))
    volume = read_one(tmp_path / name)
    for _ in range(2):
        write_nifti(volume, tmp_path / name)
    assert np.array_equal(volume.voxels, VOXELS)
    assert np.array_equal(read_one(tmp_path / name).series, stacked(2))
    assert volume.fingerprint.differences(read_one(tmp_path / name).fingerprint) == ()


def test_the_fingerprint_of_a_mapped_volume_is_that_of_one_in_memory(tmp_path):
    save(tmp_path / "head.nii", VOXELS)
    volume = read_one(tmp_path / "head.nii")
    assert volume.fingerprint == Volume(VOXELS, volume.voxel_to_ras).fingerprint


def test_written_bytes_are_the_same_every_time(tmp_path):
    for name in ("one.nii.gz", "other.nii.gz"):
        write_nifti(Volume(VOXELS, MATRIX, rescale=Rescale(2, 1)), tmp_path / name)
    assert (tmp_path / "one.nii.gz").read_bytes() == (tmp_path / "other.nii.gz").read_bytes()


@pytest.mark.parametrize("rescale", [Rescale(), Rescale(2, 1)])
def test_a_long_axis_is_written_as_nifti_2(tmp_path, rescale):
    voxels = np.arange(40000, dtype=np.int16).reshape(40000, 1, 1)
    write_nifti(Volume(voxels, np.diag([0.01, 0.01, 0.01, 1]), rescale=rescale), tmp_path / "long.nii")
    assert isinstance(nibabel.load(tmp_path / "long.nii"), nibabel.Nifti2Image)
    assert np.array_equal(read_one(tmp_path / "long.nii").voxels, voxels)


# ------------------------------------------------------------------ identity of large files


def test_large_files_of_other_voxels_have_other_ids(tmp_path):
    """A single voxel in the middle of a .gz changes the checksum at its end."""
    voxels = np.random.default_rng(0).integers(0, 3000, size=(120, 120, 80)).astype(np.int16)
    ids = set()
    for number, name in enumerate(["one.nii.gz", "copy.nii.gz", "other.nii.gz"]):
        voxels[60, 60, 40] = 5 if number == 2 else 4
        save(tmp_path / name, voxels)
        ids.add(find_volumes(tmp_path / name).volumes[0].header.provenance.id)
    assert (tmp_path / "one.nii.gz").stat().st_size > 1 << 20
    assert len(ids) == 2


# ------------------------------------------------------------------ names that lie, and pairs


def test_the_content_says_whether_a_file_is_packed(tmp_path):
    save(tmp_path / "head.nii", VOXELS)
    plain = (tmp_path / "head.nii").read_bytes()
    (tmp_path / "not_packed.nii.gz").write_bytes(plain)
    (tmp_path / "packed.nii").write_bytes(gzip.compress(plain))
    for name in ("not_packed.nii.gz", "packed.nii"):
        assert np.array_equal(read_one(tmp_path / name).voxels, VOXELS)


def test_surfaces_are_told_from_volumes(tmp_path):
    image = nibabel.Nifti2Image(np.zeros((1, 1, 1, 1, 5, 5), np.float32), np.eye(4))
    image.header["intent_code"] = 3001
    nibabel.save(image, tmp_path / "head.dconn.nii")
    with pytest.raises(VolumeReadError, match="surface"):
        read_one(tmp_path / "head.dconn.nii")
