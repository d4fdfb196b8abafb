"""NIfTI headers of every kind, held against what nibabel makes of the same bytes."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
import pytest
from conftest import DOT_IJK, ORIENTATIONS, affine_of, make_dot_volume, rotation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.volume import Volume
from napari_vascular_loop.formats.volumes import find_volumes, read_volumes
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti

if TYPE_CHECKING:
    from pathlib import Path

SPACING_MM = (0.9, 1.1, 2.3)
MATRIX = affine_of((2, 0, 1), (-1, 1, -1), SPACING_MM, (12, -7, 4))
OTHER = affine_of((1, 0, 2), (1, 1, -1), SPACING_MM, (-5, 20, 9), (-40.0, 3.0, 8.0))
VOXELS = make_dot_volume(MATRIX).voxels
KINDS = {"NIfTI-1": nibabel.Nifti1Image, "NIfTI-2": nibabel.Nifti2Image}


def image(kind: str = "NIfTI-1", voxels: np.ndarray = VOXELS, sform: Any = MATRIX, qform: Any = MATRIX) -> Any:
    made = KINDS[kind](voxels, sform)
    made.set_sform(sform, 2)
    made.set_qform(qform, 1)
    return made


def write(path: Path, made: Any, **fields: Any) -> Path:
    """Write an image with fields of its header changed as no careful program would."""
    data = bytearray(made.to_bytes())
    header = type(made.header)(bytes(data[: made.header.template_dtype.itemsize]), check=False)
    for name, value in fields.items():
        header[name] = value
    data[: made.header.template_dtype.itemsize] = header.binaryblock
    path.write_bytes(data)
    return path


def read_one(path: Path) -> Volume:
    (volume,) = read_volumes(path)
    return volume


def same(path: Path, mm_per_unit: float = 1.0) -> Volume:
    """Read a file, and hold every voxel, value and corner against nibabel."""
    volume, theirs = read_one(path), nibabel.load(path)
    series = volume.voxels[..., None] if volume.series is None else volume.series
    values = np.asanyarray(theirs.dataobj)
    values = values.reshape((*(*values.shape, 1, 1)[:3], -1))
    ours = series * np.float64(volume.rescale.slope) + volume.rescale.intercept
    assert np.allclose(ours, values[..., : series.shape[3]], rtol=1e-6, equal_nan=True)
    corners = np.array(list(itertools.product(*[(0, n - 1) for n in volume.grid.shape])))
    expected = nibabel.affines.apply_affine(theirs.affine, corners) * mm_per_unit
    assert np.abs(volume.grid.ras_from_voxel(corners) - expected).max() < 0.001
    return volume


# ------------------------------------------------------------------ sform and qform


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("sform", "qform"), list(itertools.product(range(6), range(6))))
def test_every_pair_of_codes(tmp_path, kind, sform, qform):
    made = image(kind, qform=OTHER)
    volume = same(write(tmp_path / "head.nii", made, sform_code=sform, qform_code=qform))
    if sform:
        expected = MATRIX
    elif qform:
        expected = OTHER
    else:
        assert volume.orientation is None
        return
    assert volume.orientation == "".join(nibabel.orientations.aff2axcodes(expected))
    place = volume.grid.ras_from_voxel(DOT_IJK)
    assert np.linalg.norm(place - expected[:3] @ [*DOT_IJK, 1]) < 0.001
    disagree = [warning for warning in volume.provenance.warnings if "disagree" in warning]
    assert len(disagree) == bool(sform and qform)


@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS)
def test_a_qform_alone_of_every_handedness(tmp_path, axes, signs):
    """A mirrored grid needs qfac -1: what forgets it puts the dot elsewhere."""
    matrix = affine_of(axes, signs, SPACING_MM, (12, -7, 4))
    made = image(qform=matrix)
    path = write(tmp_path / "head.nii", made, sform_code=0)
    assert float(made.header["pixdim"][0]) == np.sign(np.linalg.det(matrix))
    volume = same(path)
    assert np.linalg.norm(volume.grid.ras_from_voxel(DOT_IJK) - matrix[:3] @ [*DOT_IJK, 1]) < 0.001
    assert not any("disagree" in one for one in volume.provenance.warnings)


@pytest.mark.parametrize("qfac", [0.0, 5.0, 0.5, np.nan])
def test_a_qfac_that_is_none_is_taken_as_one(tmp_path, qfac):
    matrix = affine_of((0, 1, 2), (1, 1, 1), SPACING_MM, (12, -7, 4))
    made = image(qform=matrix)
    pixdim = made.header["pixdim"].copy()
    pixdim[0] = qfac
    volume = same(write(tmp_path / "head.nii", made, sform_code=0, pixdim=pixdim))
    assert np.allclose(volume.voxel_to_ras, matrix, atol=1e-4)
    assert any("qfac" in one for one in volume.provenance.assumed)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("axis", [1, 2, 3])
@pytest.mark.parametrize("value", [-1.7, 0.0])
@pytest.mark.parametrize("codes", [(0, 1), (0, 0), (1, 0)])
def test_spacing_that_is_negative_or_nothing(tmp_path, kind, axis, value, codes):
    made = image(kind)
    pixdim = made.header["pixdim"].copy()
    pixdim[axis] = value
    path = write(tmp_path / "head.nii", made, sform_code=codes[0], qform_code=codes[1], pixdim=pixdim)
    volume = same(path)
    assert any("pixdim" in one for one in volume.provenance.assumed)
    if codes[0]:
        assert volume.spacing_mm == pytest.approx(SPACING_MM, rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shear", [(0.2, 0.0, 0.0), (0.0, 0.3, 0.0), (0.1, -0.2, 0.3)])
def test_a_sheared_sform_is_kept_and_said(tmp_path, kind, shear):
    sheared = MATRIX.copy()
    sheared[:3, :3] = MATRIX[:3, :3] @ np.array([[1, shear[0], shear[1]], [0, 1, shear[2]], [0, 0, 1]])
    volume = same(write(tmp_path / "head.nii", image(kind, sform=sheared), qform_code=0))
    assert np.allclose(volume.voxel_to_ras, sheared, atol=1e-4)
    assert ["sheared" in one for one in volume.provenance.warnings] == [True]


def test_a_sheared_volume_is_written_without_a_qform_which_could_not_say_it(tmp_path):
    sheared = MATRIX.copy()
    sheared[:3, 2] += 0.4 * MATRIX[:3, 0]
    write_nifti(Volume(VOXELS, sheared), tmp_path / "head.nii")
    header = nibabel.load(tmp_path / "head.nii").header
    assert (int(header["sform_code"]), int(header["qform_code"])) == (1, 0)
    back = read_one(tmp_path / "head.nii")
    assert np.allclose(back.voxel_to_ras, sheared, atol=1e-4)
    assert not any("disagree" in one for one in back.provenance.warnings)


@pytest.mark.parametrize("turn_deg", [(180, 0, 0), (0, 180, 0), (0, 0, 180), (180, 12, 0), (0, 180, -33)])
@pytest.mark.parametrize("longer", [1.0, 1.000001, 1.0001, 1.005])
def test_a_quaternion_that_rounding_made_too_long(tmp_path, turn_deg, longer):
    """nibabel refuses some of these, which the standard's own code takes."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation(*turn_deg) @ np.diag(SPACING_MM)
    matrix[:3, 3] = (5, -6, 7)
    made = image(qform=matrix)
    quaternion = {f"quatern_{name}": float(made.header[f"quatern_{name}"]) * longer for name in "bcd"}
    volume = read_one(write(tmp_path / "head.nii", made, sform_code=0, **quaternion))
    assert np.linalg.norm(volume.grid.ras_from_voxel(DOT_IJK) - matrix[:3] @ [*DOT_IJK, 1]) < 0.02


@pytest.mark.parametrize("quaternion", [(1.0, 1.0, 0.0), (0.0, 3.0, 0.0), (np.nan, 0.0, 0.0), (np.inf, 0.0, 0.0)])
def test_a_quaternion_that_is_none(tmp_path, quaternion):
    fields = dict(zip(("quatern_b", "quatern_c", "quatern_d"), quaternion, strict=True))
    with pytest.raises(VolumeReadError, match="qform makes no sense"):
        read_volumes(write(tmp_path / "head.nii", image(), sform_code=0, **fields))
    volume = read_one(write(tmp_path / "head.nii", image(), **fields))
    assert "its qform makes no sense; the sform is used" in volume.provenance.warnings
    assert np.allclose(volume.voxel_to_ras, MATRIX, atol=1e-4)


# ------------------------------------------------------------------ units


@pytest.mark.parametrize("time", [0, 8, 16, 24, 32, 40, 48, 56])
@pytest.mark.parametrize(("space", "mm"), [(0, 1.0), (1, 1000.0), (2, 1.0), (3, 0.001), (4, 1.0), (7, 1.0)])
def test_units_of_length_whatever_the_unit_of_time(tmp_path, space, mm, time):
    matrix = np.diag([1 / mm, 1 / mm, 1 / mm, 1]) @ MATRIX
    made = image(sform=matrix, qform=matrix)
    volume = same(write(tmp_path / "head.nii", made, xyzt_units=space + time), mm)
    assert volume.spacing_mm == pytest.approx(SPACING_MM, rel=1e-5)
    notes = (*volume.provenance.said, *volume.provenance.assumed)
    word = {0: "no unit of length", 1: "meter", 2: "length mm", 3: "micron"}.get(space, f"unknown code {space}")
    assert sum(word in note for note in notes) == 1


# ------------------------------------------------------------------ rescaling


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("slope", "intercept", "expected"),
    [
        (0.0, 0.0, (1, 0)),
        (0.0, 5.0, (1, 0)),
        (np.nan, np.nan, (1, 0)),
        (np.inf, 0.0, (1, 0)),
        (-np.inf, 3.0, (1, 0)),
        (1.0, 0.0, (1, 0)),
        (2.5, -1024.0, (2.5, -1024)),
        (-1.0, 7.0, (-1, 7)),
        (1e-6, 0.0, (1e-6, 0)),
    ],
)
def test_slope_and_intercept(tmp_path, kind, slope, intercept, expected):
    volume = same(write(tmp_path / "head.nii", image(kind), scl_slope=slope, scl_inter=intercept))
    assert (volume.rescale.slope, volume.rescale.intercept) == pytest.approx(expected)
    assert volume.voxels.dtype == np.int16
    assert np.array_equal(volume.voxels, VOXELS)


@pytest.mark.parametrize("intercept", [np.nan, np.inf])
def test_an_intercept_that_is_no_number_beside_a_slope(tmp_path, intercept):
    with pytest.raises(VolumeReadError, match="rescaling makes no sense: slope 2, intercept"):
        read_volumes(write(tmp_path / "head.nii", image(), scl_slope=2.0, scl_inter=intercept))


# ------------------------------------------------------------------ shapes and types

SHAPES = {
    (11,): None,
    (11, 13): 1,
    (11, 13, 7): 1,
    (11, 13, 7, 1): 1,
    (11, 13, 7, 4): 4,
    (11, 13, 7, 1, 3): 3,
    (11, 13, 7, 4, 1): 4,
    (11, 13, 7, 2, 3): 6,
    (11, 13, 7, 1, 1, 1): 1,
    (5, 4, 3, 2, 1, 2, 2): 8,
    (1, 13, 7): 1,
    (1, 1, 1): 1,
}


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
@pytest.mark.parametrize("shape", SHAPES)
def test_from_one_to_seven_dimensions(tmp_path, shape, ending):
    voxels = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    path = tmp_path / f"head{ending}"
    nibabel.save(image(voxels=voxels), path)
    if SHAPES[shape] is None:
        with pytest.raises(VolumeReadError, match=r"it has shape \(11,\), which is no volume"):
            read_volumes(path)
        return
    volume = same(path)
    assert volume.grid.shape == (*shape, 1)[:3]
    count = SHAPES[shape]
    is_said = any(f"holds {count} volumes" in one for one in volume.provenance.warnings)
    assert is_said is (count > 1)
    is_series = sum(n > 1 for n in shape[3:]) == 1
    assert volume.time_points == (count if is_series else 1)
    if is_series:
        for number in range(count):
            assert np.array_equal(volume.at_time_point(number), voxels.reshape((*shape[:3], count))[..., number])
    assert any("all but the first" in one for one in volume.provenance.dropped) is (not is_series and count > 1)


TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", TYPES)
def test_every_type_in_both_orders_of_bytes(tmp_path, kind, dtype, order):
    random = np.random.default_rng(5)
    info = np.iinfo(dtype) if dtype[0] in "iu" else np.finfo(dtype)
    voxels = (random.uniform(0, 0.99, (6, 5, 4)) * float(info.max)).astype(dtype)
    header = KINDS[kind].header_class(endianness=order)
    header.set_data_dtype(np.dtype(dtype).newbyteorder(order))
    made = KINDS[kind](voxels, MATRIX, header)
    nibabel.save(made, tmp_path / "head.nii")
    volume = read_one(tmp_path / "head.nii")
    assert volume.voxels.dtype == dtype
    assert volume.voxels.dtype.isnative
    assert np.array_equal(volume.voxels, voxels)
    assert find_volumes(tmp_path / "head.nii").volumes[0].header.dtype == dtype


@pytest.mark.parametrize(
    ("code", "bits", "said"),
    [
        (1, 1, "single bits"),
        (32, 64, "complex64 numbers"),
        (1792, 128, "complex128 numbers"),
        (1536, 128, "128-bit floating-point numbers"),
        (2048, 256, "256-bit complex numbers"),
        (128, 24, "colour"),
        (2304, 32, "colour"),
        (0, 0, "unknown type 0"),
        (77, 16, "unknown type 77"),
    ],
)
def test_what_is_no_grey_value_is_refused_with_its_name(tmp_path, code, bits, said):
    path = write(tmp_path / "head.nii", image(), datatype=code, bitpix=bits, dim=[3, 3, 3, 3, 1, 1, 1, 1])
    with pytest.raises(VolumeReadError, match=said):
        read_volumes(path)


# ------------------------------------------------------------------ where the voxels begin, and what is before them


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("beyond", [0, 1, 16, 1000])
def test_voxels_that_begin_later(tmp_path, kind, beyond):
    made = image(kind)
    first = made.header.single_vox_offset
    data = made.to_bytes()
    (tmp_path / "head.nii").write_bytes(data[:first] + bytes([7]) * beyond + data[first:])
    raw = (tmp_path / "head.nii").read_bytes()
    size = made.header.template_dtype.itemsize
    header = type(made.header)(raw[:size], check=False)
    header["vox_offset"] = first + beyond
    (tmp_path / "head.nii").write_bytes(header.binaryblock + bytes(4) + raw[size + 4 :])
    assert np.array_equal(same(tmp_path / "head.nii").voxels, VOXELS)


@pytest.mark.parametrize("offset", [352.5, 352.99])
def test_an_offset_that_is_no_whole_number_is_cut_as_the_standard_s_code_does(tmp_path, offset):
    volume = same(write(tmp_path / "head.nii", image(), vox_offset=offset))
    assert np.array_equal(volume.voxels, VOXELS)


@pytest.mark.parametrize(("kind", "first"), [("NIfTI-1", 352), ("NIfTI-2", 544)])
def test_without_an_offset_the_voxels_are_behind_the_header(tmp_path, kind, first):
    """nibabel takes the header for voxels there."""
    volume = read_one(write(tmp_path / "head.nii", image(kind), vox_offset=0))
    assert np.array_equal(volume.voxels, VOXELS)
    assert f"it does not say where the voxels begin: at byte {first}" in volume.provenance.assumed


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("offset", [100, 351, -16, 1])
def test_voxels_inside_of_the_header_are_refused(tmp_path, kind, offset):
    with pytest.raises(VolumeReadError, match=f"begin at byte {offset}, inside itself"):
        read_volumes(write(tmp_path / "head.nii", image(kind), vox_offset=offset))


@pytest.mark.parametrize("offset", [np.nan, np.inf, 1e9])
def test_an_offset_beyond_the_file_is_refused(tmp_path, offset):
    with pytest.raises(VolumeReadError, match=r"cut short|not a readable NIfTI"):
        read_volumes(write(tmp_path / "head.nii", image(), vox_offset=offset))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lengths", [(10,), (10, 3000), (0,)])
def test_extensions_are_passed_over_and_said(tmp_path, kind, lengths):
    made = image(kind)
    for length in lengths:
        made.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"x" * length))
    nibabel.save(made, tmp_path / "head.nii.gz")
    volume = same(tmp_path / "head.nii.gz")
    assert np.array_equal(volume.voxels, VOXELS)
    assert ["extensions of the header" in one for one in volume.provenance.dropped] == [True]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (b"a head", "a head"),
        (b"  two\nlines\tof it  ", "two lines of it"),
        (b"\x1b[31mred\x07", "?[31mred?"),
        ("Sch\u00e4del".encode(), "Sch\u00e4del"),
        (b"Sch\xe4del", "Sch\u00e4del"),
        (b"cut\0rest", "cut"),
    ],
)
def test_a_description_steers_no_terminal(tmp_path, stored, shown):
    assert read_one(write(tmp_path / "head.nii", image(), descrip=stored)).provenance.description == shown


# ------------------------------------------------------------------ any header at all

numbers = st.floats(-200, 200, width=32)
unit = st.floats(-0.5625, 0.5625, width=32)
spacings = st.floats(0.125, 8.0, width=32)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(sorted(KINDS)),
    codes=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    quaternion=st.tuples(unit, unit, unit),
    offsets=st.tuples(numbers, numbers, numbers),
    rows=st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=3, max_size=3),
    pixdim=st.tuples(st.sampled_from([-1.0, 0.0, 1.0]), spacings, spacings, spacings),
    scale=st.tuples(st.sampled_from([0.0, 1.0, 0.5, -3.0, float("nan")]), st.sampled_from([0.0, -1024.0, 7.5])),
    units=st.integers(0, 63),
)
def test_any_header_is_placed_as_nibabel_places_it(
    tmp_path, kind, codes, quaternion, offsets, rows, pixdim, scale, units
):
    fields = {
        "sform_code": codes[0],
        "qform_code": codes[1],
        **dict(zip(("quatern_b", "quatern_c", "quatern_d"), quaternion, strict=True)),
        **dict(zip(("qoffset_x", "qoffset_y", "qoffset_z"), offsets, strict=True)),
        **dict(zip(("srow_x", "srow_y", "srow_z"), rows, strict=True)),
        "pixdim": (*pixdim, 1, 1, 1, 1),
        "scl_slope": scale[0],
        "scl_inter": scale[1],
        "xyzt_units": units,
    }
    path = write(tmp_path / "head.nii", image(kind), **fields)
    mm_per_unit = {1: 1000.0, 3: 0.001}.get(units % 8, 1.0)
    steps = np.array(nibabel.load(path).affine)[:3, :3] * mm_per_unit
    lengths = np.linalg.norm(steps, axis=0)
    makes_a_grid = lengths.min() >= 1e-6 and lengths.max() <= 1e4 and abs(np.linalg.det(steps / lengths)) >= 1e-3
    if makes_a_grid:
        same(path, mm_per_unit)
    else:
        with pytest.raises(VolumeReadError, match=r"spacing must lie between|is flat"):
            read_volumes(path)
