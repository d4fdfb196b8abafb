"""Headers with their voxels beside them: NIfTI pairs, and Analyze 7.5, which knows no left and right."""

from __future__ import annotations

import gzip
import shutil
import tracemalloc
from typing import TYPE_CHECKING

import nibabel
import numpy as np
import pytest
import scipy.io
from conftest import DOT_IJK, ORIENTATIONS, affine_of, make_dot_volume

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.receipt import lines, receipt
from napari_vascular_loop.formats.volumes import find_volumes, read_volumes
from napari_vascular_loop.report import describe_found

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume

SPACING_MM = (0.9, 1.1, 2.3)
MATRIX = affine_of((2, 0, 1), (-1, 1, -1), SPACING_MM, (12, -7, 4))
VOXELS = make_dot_volume(MATRIX).voxels
PAIRS = {"NIfTI-1": nibabel.Nifti1Pair, "NIfTI-2": nibabel.Nifti2Pair}


def read_one(path: Path) -> Volume:
    (volume,) = read_volumes(path)
    return volume


def save_pair(folder: Path, kind: str = "NIfTI-1", voxels: np.ndarray = VOXELS, matrix: np.ndarray = MATRIX) -> Path:
    nibabel.save(PAIRS[kind](voxels, matrix), folder / "head.img")
    return folder / "head.hdr"


def pack(path: Path, *, keep: bool = False) -> Path:
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    if not keep:
        path.unlink()
    return packed


# ------------------------------------------------------------------ NIfTI pairs


@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS[::5])
def test_either_half_gives_the_volume(tmp_path, kind, axes, signs):
    matrix = affine_of(axes, signs, SPACING_MM, (12, -7, 4))
    header = save_pair(tmp_path, kind, matrix=matrix)
    for half in (header, tmp_path / "head.img"):
        volume = read_one(half)
        assert np.array_equal(volume.voxels, VOXELS)
        assert np.linalg.norm(volume.grid.ras_from_voxel(DOT_IJK) - matrix[:3] @ [*DOT_IJK, 1]) < 0.001
        assert volume.orientation == "".join(nibabel.orientations.aff2axcodes(matrix))
        assert volume.provenance.source_files == (header, tmp_path / "head.img")
        assert volume.provenance.format == "nifti"


PACKED = {
    "both": (True, True),
    "the header": (True, False),
    "the voxels": (False, True),
}


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("kind", PAIRS)
def test_halves_may_be_packed(tmp_path, kind, packed):
    header, voxels = save_pair(tmp_path, kind), tmp_path / "head.img"
    header = pack(header) if PACKED[packed][0] else header
    voxels = pack(voxels) if PACKED[packed][1] else voxels
    for source in (header, voxels, tmp_path):
        volume = read_one(source)
        assert np.array_equal(volume.voxels, VOXELS)
        assert np.allclose(volume.voxel_to_ras, MATRIX, atol=1e-4)
        assert volume.provenance.source_files == (header, voxels)


@pytest.mark.parametrize("names", [("HEAD.HDR", "HEAD.IMG"), ("Head.hdr", "Head.IMG"), ("HEAD.HDR.GZ", "HEAD.IMG.GZ")])
def test_names_in_large_letters(tmp_path, names):
    (tmp_path / "from").mkdir()
    header = save_pair(tmp_path / "from")
    for one, name in zip((header, header.with_suffix(".img")), names, strict=True):
        one = pack(one) if name.endswith(".GZ") else one
        shutil.move(one, tmp_path / name)
    shutil.rmtree(tmp_path / "from")
    for source in (*(tmp_path / name for name in names), tmp_path):
        assert np.array_equal(read_one(source).voxels, VOXELS)


def test_a_folder_of_pairs_holds_each_once(tmp_path):
    for number in range(3):
        (tmp_path / "from").mkdir()
        header = save_pair(tmp_path / "from", voxels=VOXELS + number)
        for half in (header, header.with_suffix(".img")):
            shutil.move(half, tmp_path / f"run.{number}{half.suffix}")
        (tmp_path / "from").rmdir()
    found = find_volumes(tmp_path)
    assert [volume.read().voxels[0, 0, 0] for volume in found.volumes] == [0, 1, 2]
    assert found.strays == ()
    assert len({volume.header.provenance.id for volume in found.volumes}) == 3


def test_both_halves_in_a_list_are_one_volume(tmp_path):
    header = save_pair(tmp_path)
    (volume,) = read_volumes([header, header.with_suffix(".img")])
    assert np.array_equal(volume.voxels, VOXELS)


def test_a_missing_half_is_named(tmp_path):
    header = save_pair(tmp_path)
    header.with_suffix(".img").unlink()
    with pytest.raises(VolumeReadError, match=r"its other half, head\.img, does not lie beside it"):
        read_volumes(header)


def test_voxels_without_a_header_are_nothing_we_know(tmp_path):
    header = save_pair(tmp_path)
    header.unlink()
    with pytest.raises(VolumeReadError, match="not a known kind of volume"):
        read_volumes(tmp_path / "head.img")


@pytest.mark.parametrize("kind", PAIRS)
def test_voxels_behind_something_else(tmp_path, kind):
    """In a pair, unlike in a single file, they may begin anywhere."""
    header = save_pair(tmp_path, kind)
    voxels = header.with_suffix(".img")
    voxels.write_bytes(b"sixteen bytes 16" + voxels.read_bytes())
    parsed = PAIRS[kind].header_class(header.read_bytes()[: PAIRS[kind].header_class.template_dtype.itemsize])
    parsed["vox_offset"] = 16
    header.write_bytes(parsed.binaryblock)
    assert np.array_equal(read_one(header).voxels, VOXELS)


def test_time_points_of_a_pair_in_another_order_of_bytes(tmp_path):
    header = nibabel.Nifti1Pair.header_class(endianness=">")
    header.set_data_dtype(">i2")
    series = np.stack([VOXELS, VOXELS + 1, VOXELS + 2], axis=-1)
    nibabel.save(nibabel.Nifti1Pair(series, MATRIX, header), tmp_path / "head.img")
    volume = read_one(tmp_path / "head.hdr")
    assert np.array_equal(volume.series, series)
    assert volume.voxels.dtype == np.int16
    assert volume.voxels.dtype.isnative


# ------------------------------------------------------------------ Analyze


def save_analyze(folder: Path, voxels: np.ndarray = VOXELS, *, kind: type = nibabel.AnalyzeImage, order: str = "<"):
    header = kind.header_class(endianness=order)
    header.set_data_dtype(voxels.dtype.newbyteorder(order))
    nibabel.save(kind(voxels, np.diag([-0.9, 1.1, 2.3, 1]), header), folder / "head.img")
    (folder / "head.mat").unlink(missing_ok=True)
    return folder / "head.hdr"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_analyze_is_read_as_nibabel_does_and_its_orientation_is_unknown(tmp_path, dtype, packed, order):
    header = save_analyze(tmp_path, (VOXELS % 251).astype(dtype), order=order)
    theirs = nibabel.Spm2AnalyzeImage.from_filename(tmp_path / "head.img")
    if packed:
        header = pack(header, keep=True)
        pack(tmp_path / "head.img", keep=True)
    volume = read_one(header)
    assert np.array_equal(volume.voxels, VOXELS % 251)
    assert volume.voxels.dtype == dtype
    assert volume.voxels.dtype.isnative
    assert np.allclose(volume.voxel_to_ras, theirs.affine, atol=1e-4)
    assert volume.spacing_mm == pytest.approx(SPACING_MM)
    assert volume.orientation is None


def test_the_receipt_of_analyze_says_that_left_and_right_can_t_be_told(tmp_path):
    about = read_one(save_analyze(tmp_path)).provenance
    assert about.format == "analyze"
    assert about.said == ("Analyze 7.5, which has no word for left and right",)
    assert about.assumed[0] == "axes towards LAS, as SPM keeps them; left and right may be swapped"
    assert about.warnings == ("the file does not say how the patient lies in it (Analyze 7.5)",)
    said = dict(lines(receipt(find_volumes(tmp_path).volumes[0].header)))
    assert said["orientation"].startswith("UNKNOWN")
    assert "handedness" not in said


@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS[::3])
def test_a_mat_file_of_spm_places_analyze(tmp_path, axes, signs):
    matrix = affine_of(axes, signs, SPACING_MM, (12, -7, 4))
    header = save_analyze(tmp_path)
    nibabel.save(nibabel.Spm99AnalyzeImage(VOXELS, matrix), tmp_path / "head.img")
    assert (tmp_path / "head.mat").is_file()
    volume = read_one(header)
    assert volume.orientation == "".join(nibabel.orientations.aff2axcodes(matrix))
    assert np.linalg.norm(volume.grid.ras_from_voxel(DOT_IJK) - matrix[:3] @ [*DOT_IJK, 1]) < 0.001
    assert np.allclose(volume.voxel_to_ras, nibabel.load(tmp_path / "head.img").affine, atol=1e-4)
    about = volume.provenance
    assert about.said == ("Analyze 7.5 with a .mat file of SPM, which says how the patient lies",)
    assert [one.name for one in about.source_files] == ["head.hdr", "head.img", "head.mat"]
    assert len(find_volumes(tmp_path).volumes) == 1
    assert find_volumes(tmp_path).strays == ()


def test_the_older_variable_of_a_mat_file_is_mirrored_as_spm_did(tmp_path):
    """SPM99 kept M for its own mirrored space, SPM2 `mat` for the patient's."""
    header = save_analyze(tmp_path)
    by_one = np.eye(4)
    by_one[:3, 3] = 1
    scipy.io.savemat(tmp_path / "head.mat", {"M": MATRIX @ np.linalg.inv(by_one)}, format="4")
    expected = np.diag([-1, 1, 1, 1]) @ MATRIX
    assert np.allclose(read_one(header).voxel_to_ras, expected, atol=1e-4)


def test_the_first_of_several_matrices_is_taken_and_it_is_said(tmp_path):
    header = save_analyze(tmp_path)
    by_one = np.eye(4)
    by_one[:3, 3] = 1
    several = np.stack([MATRIX @ np.linalg.inv(by_one), np.eye(4)], axis=2)
    scipy.io.savemat(tmp_path / "head.mat", {"mat": several})
    volume = read_one(header)
    assert np.allclose(volume.voxel_to_ras, MATRIX, atol=1e-4)
    assert any("using first" in one for one in volume.provenance.assumed)


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense" * 100, bytes(1 << 15), b"1 0 0 5\n0 1 0 6\n0 0 1 7\n0 0 0 1\n"],
    ids=["empty", "nonsense", "too large", "FSL's"],
)
def test_a_mat_file_of_something_else_places_nothing(tmp_path, content):
    header = save_analyze(tmp_path)
    without = read_one(header)
    (tmp_path / "head.mat").write_bytes(content)
    volume = read_one(header)
    assert volume.orientation is None
    assert np.array_equal(volume.voxel_to_ras, without.voxel_to_ras)
    assert "head.mat beside it is no matrix of SPM, and is not used" in volume.provenance.warnings
    assert [one.name for one in volume.provenance.source_files] == ["head.hdr", "head.img"]


def test_analyze_with_a_scale_of_spm(tmp_path):
    image = nibabel.Spm99AnalyzeImage(VOXELS / 7.0, np.diag([-0.9, 1.1, 2.3, 1]))
    image.set_data_dtype(np.int16)
    nibabel.save(image, tmp_path / "head.img")
    volume = read_one(tmp_path / "head.hdr")
    assert volume.voxels.dtype == np.int16
    assert volume.value_at(DOT_IJK) == pytest.approx(1000 / 7, rel=1e-3)
    theirs = nibabel.load(tmp_path / "head.img").get_fdata()
    assert np.allclose(volume.voxels * volume.rescale.slope + volume.rescale.intercept, theirs, rtol=1e-6)


def test_time_points_of_analyze(tmp_path):
    series = np.stack([VOXELS, VOXELS + 1], axis=-1)
    volume = read_one(save_analyze(tmp_path, series))
    assert np.array_equal(volume.series, series)
    assert any("it holds 2 volumes" in one for one in volume.provenance.warnings)


# ------------------------------------------------------------------ damage


def gigantic(header: Path) -> None:
    data = bytearray(header.read_bytes())
    data[40:56] = np.array([3, 32000, 32000, 32000, 1, 1, 1, 1], np.int16).tobytes()
    header.write_bytes(data)


def cut(header: Path) -> None:
    voxels = header.with_suffix(".img")
    voxels.write_bytes(voxels.read_bytes()[:-10])


def no_voxels(header: Path) -> None:
    header.with_suffix(".img").write_bytes(b"")


def no_header(header: Path) -> None:
    header.write_bytes(b"")


def half_a_header(header: Path) -> None:
    header.write_bytes(header.read_bytes()[:200])


def notes(header: Path) -> None:
    header.write_text("notes on the patient\n" * 40)


def colour(header: Path) -> None:
    data = bytearray(header.read_bytes())
    data[70:74] = np.array([128, 24], np.int16).tobytes()
    header.write_bytes(data)


@pytest.mark.parametrize("make", [save_pair, save_analyze])
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (gigantic, "32000 x 32000 x 32000 voxels"),
        (cut, r"head\.img: it is cut short"),
        (no_voxels, r"head\.img: the file is empty"),
        (no_header, "the file is empty"),
        (half_a_header, "not a readable NIfTI or Analyze file"),
        (notes, "not a readable NIfTI or Analyze file"),
        (colour, "it is cut short|colour"),
    ],
)
def test_damage_is_said_and_takes_no_memory(tmp_path, make, damage, said):
    header = make(tmp_path)
    damage(header)
    tracemalloc.start()
    try:
        with pytest.raises(VolumeReadError, match=said):
            read_volumes(header)
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()


# ------------------------------------------------------------------ what is shown of it


def test_a_pair_is_shown_by_both_names(tmp_path):
    save_pair(tmp_path)
    assert f"nifti, {tmp_path / 'head.hdr'}, head.img\n" in describe_found(find_volumes(tmp_path))


def test_a_file_that_is_no_volume_is_named_once(tmp_path):
    """Each stray is shown as `name: reason`, so that the reason must not begin with the name."""
    no_voxels(save_pair(tmp_path))
    (tmp_path / "plain.nii").write_bytes(b"")
    shown = describe_found(find_volumes(tmp_path))
    assert f"  {tmp_path / 'plain.nii'}: the file is empty" in shown
    assert f"  {tmp_path / 'head.hdr'}: head.img: the file is empty" in shown


def test_a_reason_that_many_files_share_is_given_once_and_one_of_its_own_with_the_name(tmp_path):
    for number in range(4):
        (tmp_path / f"notes {number}.txt").write_text("no scan")
    (tmp_path / "plain.nii").write_bytes(b"")
    with pytest.raises(VolumeReadError) as raised:
        read_volumes(tmp_path)
    assert str(raised.value).endswith(": not a known kind of volume; plain.nii: the file is empty")
