"""MetaImage: voxels inside or beside, packed or not, lie where SimpleITK finds them; what is refused, and why."""

from __future__ import annotations

import bz2
import gzip
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
import SimpleITK
from conftest import DOT_IJK, ORIENTATIONS, affine_of, make_dot_volume

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes, metaimage, read_volumes

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume

SPACING_MM = (0.9, 1.1, 2.3)
MATRIX = affine_of((2, 0, 1), (-1, 1, -1), SPACING_MM, (12, -7, 4))
VOXELS = make_dot_volume(MATRIX).voxels
DOT_RAS_MM = (MATRIX @ [*DOT_IJK, 1])[:3]
LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
TYPES = {
    "MET_CHAR": np.int8,
    "MET_UCHAR": np.uint8,
    "MET_SHORT": np.int16,
    "MET_USHORT": np.uint16,
    "MET_INT": np.int32,
    "MET_UINT": np.uint32,
    "MET_LONG_LONG": np.int64,
    "MET_ULONG_LONG": np.uint64,
    "MET_FLOAT": np.float32,
    "MET_DOUBLE": np.float64,
}


def fields_of(voxels: np.ndarray = VOXELS, matrix: np.ndarray = MATRIX, **changes: object) -> dict[str, str]:
    """A header's fields; a change to None leaves a field out."""
    lps = LPS @ matrix
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    kind = next(name for name, dtype in TYPES.items() if voxels.dtype == dtype)
    fields = {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "False",
        "TransformMatrix": _row((lps[:3, :3] / spacing).T.ravel()),
        "Offset": _row(lps[:3, 3]),
        "CenterOfRotation": "0 0 0",
        "AnatomicalOrientation": "???",
        "ElementSpacing": _row(spacing),
        "DimSize": _row(voxels.shape),
        "ElementType": kind,
        "ElementDataFile": "LOCAL",
    } | changes
    data_file = fields.pop("ElementDataFile")
    return {name: value for name, value in fields.items() if value is not None} | {"ElementDataFile": data_file}


def _row(numbers: object) -> str:
    return " ".join(repr(float(n)) if float(n) % 1 else str(int(n)) for n in numbers)


def write(path: Path, data: bytes | None = None, voxels: np.ndarray = VOXELS, **changes: object) -> Path:
    """Write a header, and the voxels behind it unless they go into another file."""
    text = "".join(f"{name} = {value}\n" for name, value in fields_of(voxels, **changes).items())
    data = voxels.tobytes(order="F") if data is None else data
    path.write_bytes(text.encode() + (data if text.endswith("LOCAL\n") else b""))
    return path


def read_one(path: Path) -> Volume:
    (volume,) = read_volumes(path)
    return volume


def assert_as_itk(path: Path) -> Volume:
    """Hold a volume against SimpleITK's: the same voxels at the same places, corners too."""
    volume, image = read_one(path), SimpleITK.ReadImage(str(path))
    assert np.array_equal(volume.voxels, SimpleITK.GetArrayFromImage(image).T)
    for corner in np.ndindex(2, 2, 2):
        ijk = [int(n) for n in np.array(corner) * (np.array(volume.grid.shape) - 1)]
        there = LPS[:3, :3] @ image.TransformIndexToPhysicalPoint(ijk)
        assert np.linalg.norm(volume.grid.ras_from_voxel(ijk) - there) < 1e-4
    return volume


# ------------------------------------------------------------------ places


@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS)
def test_every_orientation_lies_where_itk_finds_it(tmp_path, axes, signs):
    matrix = affine_of(axes, signs, SPACING_MM, (12, -7, 4))
    volume = assert_as_itk(write(tmp_path / "head.mha", matrix=matrix))
    dot = np.unravel_index(np.argmax(volume.voxels), volume.voxels.shape)
    assert np.linalg.norm(volume.grid.ras_from_voxel(dot) - (matrix @ [*DOT_IJK, 1])[:3]) < 0.001
    letters = ["RAS"[axis] if sign > 0 else "LPI"[axis] for axis, sign in zip(axes, signs, strict=True)]
    assert volume.orientation == "".join(letters)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("name", ["head.mha", "head.mhd"])
def test_what_itk_writes(tmp_path, name, compressed):
    image = SimpleITK.GetImageFromArray(VOXELS.T)
    lps = LPS @ MATRIX
    image.SetSpacing([float(n) for n in np.linalg.norm(lps[:3, :3], axis=0)])
    image.SetDirection([float(n) for n in (lps[:3, :3] / np.linalg.norm(lps[:3, :3], axis=0)).ravel()])
    image.SetOrigin([float(n) for n in lps[:3, 3]])
    SimpleITK.WriteImage(image, str(tmp_path / name), useCompression=compressed)
    volume = assert_as_itk(tmp_path / name)
    assert np.linalg.norm(volume.grid.ras_from_voxel(DOT_IJK) - DOT_RAS_MM) < 0.001
    found = find_volumes(tmp_path)
    assert len(found.volumes) == 1
    assert found.strays == ()


@pytest.mark.parametrize(
    "other",
    [
        {"TransformMatrix": None, "Rotation": fields_of()["TransformMatrix"]},
        {"TransformMatrix": None, "Orientation": fields_of()["TransformMatrix"]},
        {"Offset": None, "Position": fields_of()["Offset"]},
        {"Offset": None, "Origin": fields_of()["Offset"]},
        {"ElementSpacing": None, "ElementSize": fields_of()["ElementSpacing"]},
        {"CenterOfRotation": "5 -6 7"},
        {"ElementSize": "4 4 4"},
    ],
)
def test_other_words_for_the_same(tmp_path, other):
    volume = assert_as_itk(write(tmp_path / "head.mha", **other))
    assert np.allclose(volume.voxel_to_ras, MATRIX, atol=1e-6)


def test_an_axis_of_negative_spacing_runs_the_other_way_and_is_said(tmp_path):
    volume = assert_as_itk(write(tmp_path / "head.mha", ElementSpacing="-0.9 1.1 2.3"))
    assert "an axis of negative spacing runs the other way" in volume.provenance.assumed[0]


@pytest.mark.parametrize(
    ("changes", "assumed"),
    [
        ({"ElementSpacing": None}, "no spacing: 1 mm assumed"),
        ({"Offset": None}, "no Offset: the first voxel is taken as 0 0 0"),
        ({}, "its space is not named (AnatomicalOrientation ???): LPS assumed, as ITK does"),
        ({"AnatomicalOrientation": None}, "its space is not named (AnatomicalOrientation ???): LPS assumed"),
    ],
)
def test_what_the_file_does_not_say_is_assumed_as_itk_does_and_said(tmp_path, changes, assumed):
    volume = assert_as_itk(write(tmp_path / "head.mha", **changes))
    assert any(one.startswith(assumed) for one in volume.provenance.assumed)
    assert "no unit of length: mm assumed" in volume.provenance.assumed
    assert volume.provenance.orientation_known


def test_without_a_matrix_the_orientation_is_unknown(tmp_path):
    volume = assert_as_itk(write(tmp_path / "head.mha", TransformMatrix=None))
    assert volume.orientation is None
    assert any("does not say how the patient lies in it (no TransformMatrix)" in w for w in volume.provenance.warnings)


@pytest.mark.parametrize(("letters", "agrees"), [("RAI", True), ("LPS", False), ("rai", True)])
def test_letters_are_held_against_the_matrix(tmp_path, letters, agrees):
    """MetaImage's letters name where an axis comes from: RAI runs to L, P, S."""
    matrix = affine_of((0, 1, 2), (-1, -1, 1), SPACING_MM)
    volume = assert_as_itk(write(tmp_path / "head.mha", matrix=matrix, AnatomicalOrientation=letters))
    assert volume.orientation == "LPS"
    complaints = [one for one in volume.provenance.warnings if "AnatomicalOrientation" in one]
    assert complaints == (
        []
        if agrees
        else [
            "its AnatomicalOrientation LPS (towards RAI) disagrees with its TransformMatrix (towards LPS); "
            "the matrix is used"
        ]
    )


def test_a_single_picture_has_no_orientation(tmp_path):
    flat = VOXELS[:, :, 2]
    changes = {"NDims": "2", "TransformMatrix": "1 0 0 1", "Offset": "3 4", "ElementSpacing": "0.5 0.75"}
    write(tmp_path / "head.mha", voxels=flat, **changes)
    volume = read_one(tmp_path / "head.mha")
    assert np.array_equal(volume.voxels[:, :, 0], flat)
    assert volume.orientation is None
    assert volume.spacing_mm == pytest.approx((0.5, 0.75, 1.0))
    assert "a single slice, taken as 1 mm thick" in volume.provenance.assumed


# ------------------------------------------------------------------ voxels


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("kind", TYPES)
def test_types_and_byte_orders_are_kept(tmp_path, kind, big_endian):
    voxels = (VOXELS % 120).astype(TYPES[kind])
    voxels[DOT_IJK] = 125
    data = voxels.astype(voxels.dtype.newbyteorder(">" if big_endian else "<")).tobytes(order="F")
    write(tmp_path / "head.mha", data, voxels=voxels, BinaryDataByteOrderMSB=str(big_endian))
    volume = assert_as_itk(tmp_path / "head.mha")
    assert volume.voxels.dtype == TYPES[kind]
    assert volume.voxels.dtype.isnative


def test_long_numbers_have_four_bytes(tmp_path):
    """As in MetaIO, whatever a C compiler makes of them."""
    assert_as_itk(write(tmp_path / "head.mha", voxels=VOXELS.astype(np.int32), ElementType="MET_LONG"))


def test_numbers_in_figures(tmp_path):
    data = " ".join(map(str, VOXELS.ravel(order="F"))).encode() + b"\n"
    assert_as_itk(write(tmp_path / "head.mha", data, BinaryData="False"))


def test_slope_and_offset_are_kept_beside_the_stored_numbers(tmp_path):
    slope = {"ElementToIntensityFunctionSlope": "0.5", "ElementToIntensityFunctionOffset": "-10"}
    volume = read_one(write(tmp_path / "head.mha", **slope))
    assert np.array_equal(volume.voxels, VOXELS)
    assert volume.value_at(DOT_IJK) == pytest.approx(490)


PACKED = {
    "zlib": zlib.compress,
    "gzip": gzip.compress,
}


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("name", ["LOCAL", "head.zraw"])
def test_packed_voxels(tmp_path, packing, name):
    packed = PACKED[packing](VOXELS.tobytes(order="F"))
    size = str(len(packed))
    write(tmp_path / "head.mhd", packed, CompressedData="True", CompressedDataSize=size, ElementDataFile=name)
    if name != "LOCAL":
        (tmp_path / name).write_bytes(packed)
    volume = read_one(tmp_path / "head.mhd")
    assert np.array_equal(volume.voxels, VOXELS)
    (found,) = find_volumes(tmp_path / "head.mhd").volumes
    assert np.array_equal(found.middle_slice(), VOXELS[:, :, 3])


@pytest.mark.parametrize(("head", "size"), [(b"", "0"), (b"x" * 37, "37"), (b"x" * 37, "-1")])
def test_bytes_before_the_voxels_are_skipped(tmp_path, head, size):
    (tmp_path / "head.raw").write_bytes(head + VOXELS.tobytes(order="F"))
    assert_as_itk(write(tmp_path / "head.mhd", HeaderSize=size, ElementDataFile="head.raw"))


def test_bytes_before_voxels_in_the_same_file_are_counted_from_its_beginning(tmp_path):
    write(tmp_path / "short.mha", HeaderSize="5")
    with pytest.raises(VolumeReadError, match="its header says that the voxels begin before the file"):
        read_volumes(tmp_path / "short.mha")
    write(tmp_path / "head.mha", b"", HeaderSize="600")
    filled = (tmp_path / "head.mha").read_bytes().ljust(600, b" ")
    (tmp_path / "head.mha").write_bytes(filled + VOXELS.tobytes(order="F"))
    assert_as_itk(tmp_path / "head.mha")


def test_a_fourth_axis_is_time(tmp_path):
    series = np.stack([VOXELS, VOXELS + 1, VOXELS + 2], axis=-1)
    turn = np.eye(4)
    turn[:3, :3] = np.array(fields_of()["TransformMatrix"].split(), dtype=float).reshape(3, 3)
    changes = {
        "NDims": "4",
        "TransformMatrix": _row(turn.ravel()),
        "Offset": fields_of()["Offset"] + " 0",
        "ElementSpacing": "0.9 1.1 2.3 2.5",
        "CenterOfRotation": "0 0 0 0",
    }
    volume = read_one(write(tmp_path / "head.mha", voxels=series, **changes))
    assert volume.time_points == 3
    assert [volume.at_time_point(n)[DOT_IJK] for n in range(3)] == [1000, 1001, 1002]
    assert np.linalg.norm(volume.grid.ras_from_voxel(DOT_IJK) - DOT_RAS_MM) < 0.001
    image = SimpleITK.ReadImage(str(tmp_path / "head.mha"))
    assert np.array_equal(np.moveaxis(SimpleITK.GetArrayFromImage(image), 0, -1).transpose(2, 1, 0, 3), series)
    turn[3, 0] = 0.5
    with pytest.raises(VolumeReadError, match="its fourth axis is not square to the others"):
        read_volumes(write(tmp_path / "head.mha", voxels=series, **changes | {"TransformMatrix": _row(turn.ravel())}))


def test_channels_follow_each_other_as_volumes(tmp_path):
    channels = np.stack([VOXELS, -VOXELS])
    shape = _row(VOXELS.shape)
    write(tmp_path / "head.mha", voxels=channels, ElementNumberOfChannels="2", DimSize=shape)
    volume = read_one(tmp_path / "head.mha")
    theirs = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(tmp_path / "head.mha")))
    assert volume.time_points == 2
    for n in range(2):
        assert np.array_equal(volume.at_time_point(n), channels[n])
        assert np.array_equal(volume.at_time_point(n), theirs[..., n].T)


# ------------------------------------------------------------------ refused


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ElementNumberOfChannels": "3", "ElementType": "MET_UCHAR"}, "it holds colour, which is not shown"),
        ({"ElementType": "MET_STRING"}, "it holds 'MET_STRING', which is not shown"),
        ({"ObjectType": "Tube"}, "which is not shown as an MR volume"),
        ({"NDims": "5", "DimSize": "2 2 2 2 2"}, "it has shape (2, 2, 2, 2, 2), which is no volume"),
        ({"DimSize": "11 13"}, "is not a readable MetaImage file"),
        ({"DimSize": None}, "is not a readable MetaImage file"),
        ({"DimSize": "11 -13 7"}, "which is no volume"),
        ({"ElementSpacing": "0 1 1"}, "its spacing must not be 0, got 0 1 1"),
        ({"ElementSpacing": "1 1"}, "its elementspacing has not 3 finite numbers"),
        ({"Offset": "0 nan 0"}, "its offset has not 3 finite numbers"),
        ({"TransformMatrix": "1 0 0 1 0 0 0 0 1"}, "is flat: its axes lie in one plane"),
        ({"Position": "9 9 9"}, "its header says two different things of offset"),
        ({"ElementDataFile": "LIST"}, "its voxels are spread over several files"),
        ({"ElementDataFile": "slice%03d.raw 1 7 1"}, "its voxels are spread over several files"),
        ({"ElementDataFile": "gone.raw"}, "the file with its voxels, 'gone.raw', does not lie beside it"),
    ],
)
def test_what_is_not_read_has_a_reason(tmp_path, changes, reason):
    write(tmp_path / "head.mha", **changes)
    with pytest.raises(VolumeReadError) as caught:
        read_volumes(tmp_path / "head.mha")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["../secret.raw", "/etc/hostname", "..\\secret.raw", "C:\\secret.raw", "a/../../x.raw"]
)
def test_voxels_outside_of_the_folder_are_not_read(tmp_path, name):
    (tmp_path / "secret.raw").write_bytes(VOXELS.tobytes(order="F"))
    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / "head.mhd", ElementDataFile=name)
    with pytest.raises(VolumeReadError, match="points to voxels outside its own folder"):
        read_volumes(tmp_path / "in")


@pytest.mark.parametrize("content", [b"", b"ObjectType = Image\n", b"no header at all", b"NDims = 3\n" * 9000])
def test_what_is_not_metaimage_is_said(tmp_path, content):
    (tmp_path / "head.mha").write_bytes(content)
    with pytest.raises(VolumeReadError, match=r"not a readable MetaImage file|the file is empty"):
        read_volumes(tmp_path / "head.mha")


@pytest.mark.parametrize("kept", [0, 1, 1000])
def test_voxels_cut_short_are_said_before_they_are_read(tmp_path, kept):
    write(tmp_path / "head.mha", VOXELS.tobytes(order="F")[:kept])
    with pytest.raises(VolumeReadError, match="it is cut short; its header speaks of 11 x 13 x 7 voxels"):
        find_volumes(tmp_path / "head.mha")


@pytest.mark.parametrize(
    "packed",
    [
        zlib.compress(VOXELS.tobytes(order="F"))[:-40],
        zlib.compress(VOXELS.tobytes(order="F"))[:-1] + b"?",
        zlib.compress(VOXELS[:, :, :3].tobytes(order="F")),
        bz2.compress(VOXELS.tobytes(order="F")),
        b"\x78\x9cnonsense" * 200,
    ],
    ids=["cut", "checksum", "too few", "of another kind", "nonsense"],
)
def test_packed_voxels_that_are_damaged_are_never_made_up(tmp_path, packed):
    write(tmp_path / "head.mha", packed, CompressedData="True")
    with pytest.raises(VolumeReadError, match=r"head\.mha.*cut short or damaged"):
        read_volumes(tmp_path / "head.mha")


@pytest.mark.parametrize("compressed", ["True", "False"])
def test_a_claim_of_gigantic_size_takes_no_memory(tmp_path, compressed):
    write(tmp_path / "head.mha", zlib.compress(b"x" * 1000), DimSize="60000 60000 60000", CompressedData=compressed)
    tracemalloc.start()
    try:
        with pytest.raises(VolumeReadError, match="its header speaks of 60000 x 60000 x 60000 voxels"):
            read_volumes(tmp_path / "head.mha")
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()


def test_raw_voxels_are_mapped_not_read(tmp_path):
    volume = read_one(write(tmp_path / "head.mha"))
    base = volume.voxels
    while base is not None and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)


def test_header_beside_its_voxels_is_one_volume_in_a_folder(tmp_path):
    (tmp_path / "head.raw").write_bytes(VOXELS.tobytes(order="F"))
    write(tmp_path / "head.mhd", ElementDataFile="head.raw", Modality="MET_MOD_MR")
    (tmp_path / "stray.raw").write_bytes(b"x" * 500)
    found = find_volumes(tmp_path)
    (volume,) = found.volumes
    assert volume.header.provenance.modality == "MR"
    assert [path.name for path in volume.header.provenance.source_files] == ["head.mhd", "head.raw"]
    assert [stray.path.name for stray in found.strays] == ["stray.raw"]


def test_the_headers_of_a_folder_are_parsed_once(tmp_path, monkeypatch):
    parsed: list[Path] = []
    parse = metaimage._parsed
    monkeypatch.setattr(metaimage, "_parsed", lambda path: parsed.append(path) or parse(path))
    for number in range(3):
        (tmp_path / f"{number}.raw").write_bytes((VOXELS + number).tobytes(order="F"))
        write(tmp_path / f"{number}.mhd", ElementDataFile=f"{number}.raw")
    found = find_volumes(tmp_path)
    assert [volume.read().voxels[0, 0, 0] for volume in found.volumes] == [0, 1, 2]
    assert found.strays == ()
    assert len(parsed) == 3


@pytest.mark.parametrize("tail", [b"\n", bytes(100), b"end of file"])
def test_what_follows_packed_voxels_is_left_alone(tmp_path, tail):
    packed = zlib.compress(VOXELS.tobytes(order="F"))
    changes = {"CompressedData": "True", "CompressedDataSize": str(len(packed))}
    assert_as_itk(write(tmp_path / "head.mha", packed + tail, **changes))


@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS[::5])
def test_letters_that_agree_with_the_matrix_need_no_assumption(tmp_path, axes, signs):
    letters = "".join("LPI"[axis] if sign > 0 else "RAS"[axis] for axis, sign in zip(axes, signs, strict=True))
    matrix = affine_of(axes, signs, SPACING_MM, (12, -7, 4))
    about = read_one(write(tmp_path / "head.mha", matrix=matrix, AnatomicalOrientation=letters)).provenance
    assert about.warnings == ()
    assert about.assumed == ("no unit of length: mm assumed",)
