"""NRRD with its voxels behind the header or in another file, held against ITK."""

from __future__ import annotations

import bz2
import gzip
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import DOT_IJK, ORIENTATIONS, affine_of, make_dot_volume
from itk_reference import itk_volume

from napari_vascular_loop.domain.errors import ReadCancelledError, VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes, nrrd_image, read_volumes

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume

SPACING_MM = (0.9, 1.1, 2.3)
MATRIX = affine_of((2, 0, 1), (-1, 1, -1), SPACING_MM, (12, -7, 4))
VOXELS = make_dot_volume(MATRIX).voxels
TO_SPACE = {
    "right-anterior-superior": np.diag([1.0, 1, 1, 1]),
    "left-anterior-superior": np.diag([-1.0, 1, 1, 1]),
    "left-posterior-superior": np.diag([-1.0, -1, 1, 1]),
}
SHORT = {"RAS": "right-anterior-superior", "LAS": "left-anterior-superior", "LPS": "left-posterior-superior"}
TYPES = {
    np.int8: "signed char",
    np.uint8: "uchar",
    np.int16: "short",
    np.uint16: "unsigned short",
    np.int32: "int",
    np.uint32: "uint",
    np.int64: "long long int",
    np.uint64: "unsigned long long",
    np.float32: "float",
    np.float64: "double",
}


def as_text(voxels: np.ndarray) -> bytes:
    rows = voxels.ravel(order="F").reshape(-1, voxels.shape[0])
    return "\n".join(" ".join(str(value.item()) for value in row) for row in rows).encode() + b"\n"


PACKERS = {
    "raw": bytes,
    "gzip": gzip.compress,
    "gz": gzip.compress,
    "bzip2": bz2.compress,
    "bz2": bz2.compress,
}


def vectors(matrix: np.ndarray, *, none_at: int | None = None) -> str:
    rows = [f"({','.join(repr(float(v)) for v in row)})" for row in matrix[:3, :3].T]
    if none_at is not None:
        rows.insert(none_at, "none")
    return " ".join(rows)


def header_of(voxels: np.ndarray, matrix: np.ndarray | None = MATRIX, to: str = "LPS", **fields: Any) -> str:
    """Text of a header; a field that is None is left out."""
    said: dict[str, Any] = {
        "type": TYPES[voxels.dtype.newbyteorder("=").type],
        "dimension": voxels.ndim,
        "sizes": " ".join(map(str, voxels.shape)),
        "endian": "big" if voxels.dtype.byteorder == ">" else "little",
        "encoding": "raw",
    }
    if matrix is not None:
        in_space = TO_SPACE[SHORT.get(to, to)] @ matrix
        said |= {
            "space": to,
            "space directions": vectors(in_space),
            "space origin": f"({','.join(repr(float(v)) for v in in_space[:3, 3])})",
        }
    said |= {name.replace("_", " "): value for name, value in fields.items()}
    lines = [f"{name}: {value}" for name, value in said.items() if value is not None]
    return "\n".join(["NRRD0005", "# a comment", *lines, "", ""])


def packed(voxels: np.ndarray, encoding: str) -> bytes:
    if encoding in ("ascii", "text", "txt"):
        return as_text(voxels)
    return PACKERS[encoding](voxels.tobytes(order="F"))


def write(path: Path, voxels: np.ndarray = VOXELS, *args: Any, data_file: str | None = None, **fields: Any) -> Path:
    """Write header and voxels, those into a file of their own if it has a name."""
    data = packed(voxels, fields.get("encoding", "raw"))
    header = header_of(voxels, *args, **fields, **({"data_file": data_file} if data_file else {}))
    if data_file:
        (path.parent / data_file).write_bytes(data)
        data = b""
    path.write_bytes(header.encode() + data)
    return path


def read_one(path: Path) -> Volume:
    (volume,) = read_volumes(path)
    return volume


def place_of_dot(volume: Volume) -> np.ndarray:
    return volume.grid.ras_from_voxel(DOT_IJK)


# ------------------------------------------------------------------ places


@pytest.mark.parametrize("space", [*TO_SPACE, *SHORT])
@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS[::5])
def test_every_space_lies_where_itk_puts_it(tmp_path, axes, signs, space):
    matrix = affine_of(axes, signs, SPACING_MM, (12, -7, 4))
    path = write(tmp_path / "head.nrrd", VOXELS, matrix, space)
    volume = read_one(path)
    theirs, their_matrix = itk_volume(path)
    assert np.array_equal(volume.voxels, VOXELS)
    assert np.array_equal(volume.voxels, theirs)
    assert np.linalg.norm(place_of_dot(volume) - matrix[:3] @ [*DOT_IJK, 1]) < 0.001
    assert np.allclose(volume.voxel_to_ras, their_matrix, atol=1e-6)
    assert volume.provenance.said[-1] == f"space {SHORT.get(space, space)}"
    assert volume.provenance.warnings == ()


@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS)
def test_all_handednesses(tmp_path, axes, signs):
    matrix = affine_of(axes, signs, SPACING_MM)
    volume = read_one(write(tmp_path / "head.nrrd", VOXELS, matrix))
    assert np.allclose(volume.voxel_to_ras, matrix)
    assert volume.orientation == "".join("RAS"[a] if s > 0 else "LPI"[a] for a, s in zip(axes, signs, strict=True))


@pytest.mark.parametrize("space", ["scanner-xyz", "3D-right-handed", "3D-left-handed", "scanner-xyz-time"])
def test_a_space_that_is_not_the_patient_s_leaves_the_orientation_unknown(tmp_path, space):
    fields = {"space": space, "space_directions": vectors(MATRIX), "space_origin": "(1,2,3)"}
    if space.endswith("time"):
        fields["space_directions"] = vectors(MATRIX).replace(")", ",0)")
        fields["space_origin"] = "(1,2,3,0)"
    volume = read_one(write(tmp_path / "head.nrrd", VOXELS, None, **fields))
    assert volume.orientation is None
    assert volume.spacing_mm == pytest.approx(SPACING_MM)
    words = f"space {space.lower().removesuffix('-time')}"
    assert words in volume.provenance.said
    assert "axes of its space towards R, A, S" in volume.provenance.assumed
    assert volume.provenance.warnings == (f"the file does not say how the patient lies in it ({words})",)


@pytest.mark.parametrize(
    ("fields", "spacing_mm", "said", "assumed"),
    [
        ({}, (1, 1, 1), "no anatomical space", "no spacing: 1 mm assumed"),
        ({"spacings": "0.9 1.1 2.3"}, SPACING_MM, "no anatomical space", "no unit of length: mm assumed"),
        ({"spacings": "0.9 1.1 nan"}, (0.9, 1.1, 1), "no anatomical space", "no spacing: 1 mm assumed"),
        (
            {"space": "RAS", "spacings": "0.9 1.1 2.3"},
            SPACING_MM,
            "space right-anterior-superior, but no space directions, which alone would place it there",
            "axes of its space towards R, A, S",
        ),
        (
            {"space_dimension": 3, "space_directions": vectors(np.diag([*SPACING_MM, 1]))},
            SPACING_MM,
            "no anatomical space",
            "no origin: the first voxel is taken as 0 0 0",
        ),
    ],
)
def test_without_a_space_the_orientation_is_unknown(tmp_path, fields, spacing_mm, said, assumed):
    volume = read_one(write(tmp_path / "head.nrrd", VOXELS, None, **fields))
    assert volume.orientation is None
    assert volume.spacing_mm == pytest.approx(spacing_mm)
    assert said in volume.provenance.said
    assert f"the file does not say how the patient lies in it ({said})" in volume.provenance.warnings
    assert assumed in volume.provenance.assumed
    assert np.array_equal(volume.voxels, VOXELS)


def test_a_space_without_an_origin_is_said(tmp_path):
    volume = read_one(write(tmp_path / "head.nrrd", space_origin=None))
    assert volume.orientation == "IRP"
    assert volume.grid.ras_from_voxel((0, 0, 0)) == pytest.approx([0, 0, 0])
    assert "no origin: the first voxel is taken as 0 0 0" in volume.provenance.assumed


@pytest.mark.parametrize(
    ("unit", "mm"),
    [("mm", 1), ("cm", 10), ("m", 1000), ("um", 0.001), ("microns", 0.001), ("millimeters", 1), ("Meter", 1000)],
)
def test_units_of_length(tmp_path, unit, mm):
    matrix = np.diag([1 / mm, 1 / mm, 1 / mm, 1]) @ MATRIX
    units = " ".join([f'"{unit}"'] * 3)
    volume = read_one(write(tmp_path / "head.nrrd", VOXELS, matrix, space_units=units))
    assert np.allclose(volume.voxel_to_ras, MATRIX, atol=1e-6)
    assert f"unit of length {unit}" in volume.provenance.said


@pytest.mark.parametrize("unit", ["ms", "s", "inch", "furlongs"])
def test_a_unit_that_is_not_known_is_named(tmp_path, unit):
    volume = read_one(write(tmp_path / "head.nrrd", space_units=" ".join([f'"{unit}"'] * 3)))
    assert np.allclose(volume.voxel_to_ras, MATRIX)
    assert f"the unit of length {unit} is not known: mm assumed" in volume.provenance.assumed


def test_axes_in_different_units_are_refused(tmp_path):
    with pytest.raises(VolumeReadError, match="different units of length"):
        read_volumes(write(tmp_path / "head.nrrd", space_units='"mm" "mm" "m"'))


def test_a_sheared_space_is_kept_and_said(tmp_path):
    sheared = MATRIX.copy()
    sheared[:3, 2] += 0.4 * MATRIX[:3, 0]
    volume = read_one(write(tmp_path / "head.nrrd", VOXELS, sheared))
    assert np.allclose(volume.voxel_to_ras, sheared)
    assert ["sheared" in one for one in volume.provenance.warnings] == [True]


# ------------------------------------------------------------------ voxels


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", TYPES)
def test_types_in_both_orders_of_bytes(tmp_path, dtype, order):
    voxels = (VOXELS % 120).astype(np.dtype(dtype).newbyteorder(order))
    path = write(tmp_path / "head.nrrd", voxels)
    (found,) = find_volumes(path).volumes
    volume = found.read()
    assert volume.voxels.dtype == dtype
    assert volume.voxels.dtype.isnative
    assert found.header.dtype == np.dtype(dtype).name
    assert np.array_equal(volume.voxels, VOXELS % 120)
    assert np.array_equal(volume.voxels, itk_volume(path)[0])


@pytest.mark.parametrize("data_file", [None, "head.bin"])
@pytest.mark.parametrize("encoding", [*PACKERS, "ascii", "text", "txt"])
def test_encodings_in_one_file_and_in_two(tmp_path, encoding, data_file):
    path = write(tmp_path / ("head.nhdr" if data_file else "head.nrrd"), encoding=encoding, data_file=data_file)
    (found,) = find_volumes(path).volumes
    volume = found.read()
    assert np.array_equal(volume.voxels, VOXELS)
    assert volume.voxels.dtype == np.int16
    assert np.linalg.norm(place_of_dot(volume) - MATRIX[:3] @ [*DOT_IJK, 1]) < 0.001
    assert np.array_equal(found.middle_slice(), VOXELS[:, :, 3])
    names = ["head.nhdr", "head.bin"] if data_file else ["head.nrrd"]
    assert [one.name for one in volume.provenance.source_files] == names
    if not encoding.startswith("bz"):  # which ITK can't read
        assert np.array_equal(volume.voxels, itk_volume(path)[0])


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.uint64, np.float32, np.float64])
def test_numbers_that_are_written_out(tmp_path, dtype):
    info = np.finfo(dtype) if np.dtype(dtype).kind == "f" else np.iinfo(dtype)
    voxels = (VOXELS % 120).astype(dtype)
    voxels[0, 0, 0], voxels[1, 0, 0] = info.max, info.min
    assert np.array_equal(read_one(write(tmp_path / "head.nrrd", voxels, encoding="ascii")).voxels, voxels)


@pytest.mark.parametrize(
    "text", [b"1,2, 3 ,4\n5\t6\r\n7 8", b"1 2 3 4 5 6 7 8 and notes", b"\n\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10"]
)
def test_numbers_may_be_parted_by_anything(tmp_path, text):
    voxels = np.arange(1, 9, dtype=np.int16).reshape((2, 2, 2), order="F")
    path = tmp_path / "head.nrrd"
    path.write_bytes(header_of(voxels, encoding="ascii").encode() + text)
    assert np.array_equal(read_one(path).voxels, voxels)


@pytest.mark.parametrize("last", [b"", b" x", b" 8.5", b" 99999", b" 8-", b" " + b"8" * 500])
def test_numbers_that_are_none_are_said(tmp_path, last):
    path = tmp_path / "head.nrrd"
    path.write_bytes(header_of(np.zeros((2, 2, 2), np.int16), encoding="ascii").encode() + b"1 2 3 4 5 6 7" + last)
    with pytest.raises(VolumeReadError, match="it is cut short"):
        read_volumes(path)


def test_many_numbers_that_are_written_out_can_be_cancelled(tmp_path):
    voxels = np.full((60, 60, 60), 1234, np.int16)
    (found,) = find_volumes(write(tmp_path / "head.nrrd", voxels, encoding="ascii")).volumes
    told: list[float] = []

    def cancel(done: float) -> None:
        told.append(done)
        if done > 0.3:
            raise ReadCancelledError("enough")

    with pytest.raises(ReadCancelledError):
        found.read(cancel)
    assert told[-1] < 0.7
    assert np.array_equal(found.read().voxels, voxels)


@pytest.mark.parametrize("skip", [16, -1])
@pytest.mark.parametrize("data_file", [None, "head.raw"])
def test_bytes_before_the_voxels_are_skipped(tmp_path, skip, data_file):
    path = write(tmp_path / "head.nhdr", byte_skip=skip, data_file=data_file)
    header, data = header_of(VOXELS, byte_skip=skip), VOXELS.tobytes(order="F")
    if data_file:
        (tmp_path / data_file).write_bytes(b"sixteen bytes 16" + data)
    else:
        path.write_bytes(header.encode() + b"sixteen bytes 16" + data)
    assert np.array_equal(read_one(path).voxels, VOXELS)


# ------------------------------------------------------------------ lists, slices

SERIES = np.stack([VOXELS + n for n in range(4)], axis=-1)


@pytest.mark.parametrize("axis", [0, 1, 2, 3])
@pytest.mark.parametrize("how", ["none", "zeros", "kinds"])
@pytest.mark.parametrize("encoding", ["raw", "gzip"])
def test_the_axis_of_a_list_may_be_any(tmp_path, axis, how, encoding):
    stored = np.moveaxis(SERIES, 3, axis)
    directions = vectors(TO_SPACE[SHORT["LPS"]] @ MATRIX, none_at=axis)
    kinds = ["domain"] * 3
    kinds.insert(axis, "list")
    fields = {"kinds": " ".join(kinds), "space_directions": directions}
    if how == "zeros":
        fields = {"space_directions": directions.replace("none", "(0,0,0)")}
    elif how == "none":
        fields = {"space_directions": directions}
    path = write(tmp_path / "head.nrrd", stored, encoding=encoding, **fields)
    (found,) = find_volumes(path).volumes
    volume = found.read()
    assert volume.time_points == 4
    assert np.array_equal(volume.voxels, VOXELS)
    for number in range(4):
        assert np.array_equal(volume.at_time_point(number), VOXELS + number)
    assert np.linalg.norm(place_of_dot(volume) - MATRIX[:3] @ [*DOT_IJK, 1]) < 0.001
    assert np.array_equal(found.middle_slice(), VOXELS[:, :, 3])
    assert "it holds 4 volumes (time points or the like); marks bind to the first" in volume.provenance.warnings
    if axis == 0 and how == "kinds":
        theirs, their_matrix = itk_volume(path)
        assert np.array_equal(volume.series, theirs)
        assert np.allclose(volume.voxel_to_ras, their_matrix, atol=1e-6)


def test_time_may_be_an_axis_of_the_space(tmp_path):
    in_space = TO_SPACE[SHORT["LPS"]] @ MATRIX
    directions = vectors(in_space).replace(")", ",0)") + " (0,0,0,2.5)"
    origin = ",".join(str(float(v)) for v in in_space[:3, 3])
    fields = {"space_directions": directions, "space_origin": f"({origin},0)"}
    path = write(tmp_path / "head.nrrd", SERIES, None, space="left-posterior-superior-time", **fields)
    volume = read_one(path)
    assert np.array_equal(volume.series, SERIES)
    assert np.allclose(volume.voxel_to_ras, MATRIX)


def test_of_four_axes_without_a_word_the_last_is_the_list(tmp_path):
    volume = read_one(write(tmp_path / "head.nrrd", SERIES, None))
    assert np.array_equal(volume.series, SERIES)


@pytest.mark.parametrize("axis", [None, 0, 1, 2])
def test_single_slices_and_lists_of_them(tmp_path, axis):
    stored = VOXELS[:, :, 2] if axis is None else np.moveaxis(SERIES[:, :, 2], -1, axis)
    rows = [f"({','.join(repr(float(v)) for v in row)})" for row in (TO_SPACE[SHORT["LPS"]] @ MATRIX)[:3, :2].T]
    if axis is not None:
        rows.insert(axis, "none")
    volume = read_one(write(tmp_path / "head.nrrd", stored, space_directions=" ".join(rows)))
    assert volume.grid.shape == (11, 13, 1)
    assert volume.time_points == (1 if axis is None else 4)
    assert np.array_equal(volume.voxels[:, :, 0], VOXELS[:, :, 2])
    assert np.allclose(volume.voxel_to_ras[:3, [0, 1, 3]], MATRIX[:3, [0, 1, 3]])
    assert volume.spacing_mm[2] == pytest.approx(1)
    assert "a single slice, taken as 1 mm thick" in volume.provenance.assumed


# ------------------------------------------------------------------ headers and their data


@pytest.mark.parametrize("name", ["head.raw", "head.RAW", "parts/head.raw", "./head.raw", "parts\\head.raw", "a b.raw"])
def test_voxels_in_another_file_are_read_with_their_header(tmp_path, name):
    (tmp_path / "parts").mkdir()
    path = write(tmp_path / "head.nhdr", data_file=name.replace("\\", "/"))
    path.write_bytes(path.read_bytes().replace(name.replace("\\", "/").encode(), name.encode()))
    for source in (path, tmp_path):
        assert np.array_equal(read_one(source).voxels, VOXELS)
    assert find_volumes(tmp_path).strays == ()


@pytest.mark.parametrize(
    "name",
    [
        "../secret.raw",
        "/etc/passwd",
        "parts/../../secret.raw",
        "C:\\secret.raw",
        "\\\\server\\share\\x.raw",
        "..",
        "//x/y",
    ],
)
def test_names_that_lead_out_of_the_folder_are_refused(tmp_path, name):
    folder = tmp_path / "folder"
    (folder / "parts").mkdir(parents=True)
    (tmp_path / "secret.raw").write_bytes(VOXELS.tobytes(order="F"))
    (folder / "head.nhdr").write_bytes(header_of(VOXELS, data_file=name).encode())
    with pytest.raises(VolumeReadError, match="points to voxels outside its own folder"):
        read_volumes(folder / "head.nhdr")


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret.raw").write_bytes(VOXELS.tobytes(order="F"))
    try:
        (folder / "head.raw").symlink_to(tmp_path / "secret.raw")
    except OSError:
        pytest.skip("no links here")
    (folder / "head.nhdr").write_bytes(header_of(VOXELS, data_file="head.raw").encode())
    with pytest.raises(VolumeReadError, match="points to voxels outside its own folder"):
        read_volumes(folder / "head.nhdr")


def test_a_header_is_parsed_once_in_a_folder(tmp_path, monkeypatch):
    for number in range(3):
        write(tmp_path / f"{number}.nhdr", VOXELS + number, data_file=f"{number}.raw")
    parsed: list[int] = []
    read_header = nrrd_image.nrrd.read_header

    def counting(lines):
        parsed.append(1)
        return read_header(lines)

    monkeypatch.setattr(nrrd_image.nrrd, "read_header", counting)
    found = find_volumes(tmp_path)
    assert len(found.volumes) == 3
    assert found.strays == ()
    assert len(parsed) == 3


def test_of_a_broken_header_the_voxels_are_not_listed_beside_it(tmp_path):
    write(tmp_path / "head.nhdr", data_file="head.raw", space_units='"mm" "mm" "m"')
    found = find_volumes(tmp_path)
    assert [(one.path.name, "units" in one.reason) for one in found.strays] == [("head.nhdr", True)]


COLOUR = np.zeros((3, 4, 5, 6), np.uint8)
REFUSED = {
    "missing data": (header_of(VOXELS, data_file="gone.raw"), "the file with its voxels, 'gone.raw', does not lie"),
    "a list of files": (header_of(VOXELS, data_file="LIST"), "spread over several files"),
    "a pattern of files": (header_of(VOXELS, data_file="head%03d.raw 1 7 1"), "spread over several files"),
    "hex": (header_of(VOXELS, encoding="hex"), r"its encoding \(hex\) is not read; raw, gzip, bzip2 and ascii are"),
    "blocks": (header_of(VOXELS, type="block", block_size=3), "it holds values of type block, which are not shown"),
    "skipped lines": (header_of(VOXELS, line_skip=2), "asks to skip lines"),
    "colour": (
        header_of(COLOUR, None, kinds="RGB-color domain domain domain"),
        "it holds colour, which is not shown as an MR volume",
    ),
    "complex": (header_of(np.zeros((2, 4, 5, 6), np.float32), None, kinds="complex domain domain domain"), "complex"),
    "one axis": (header_of(np.zeros(9, np.int16), None), "which is no volume"),
    "five axes": (header_of(np.zeros((2, 2, 2, 2, 2), np.int16), None), "which is no volume"),
    "nothing": (header_of(VOXELS, sizes="0 13 7"), "which is no volume"),
    "gigantic": (header_of(VOXELS, sizes="60000 60000 60000"), "60000 x 60000 x 60000 voxels"),
    "gigantic, packed": (header_of(VOXELS, sizes="60000 60000 60000", encoding="gzip"), "60000 x 60000 x 60000"),
    "gigantic, bzip2": (header_of(VOXELS, sizes="60000 60000 60000", encoding="bzip2"), "60000 x 60000 x 60000"),
    "gigantic, in figures": (header_of(VOXELS, sizes="60000 60000 60000", encoding="ascii"), "60000 x 60000 x 60000"),
    "too few sizes": (header_of(VOXELS, sizes="11 13"), "not a readable NRRD file"),
    "too few directions": (header_of(VOXELS, space_directions="(1,0,0) (0,1,0)"), "not a readable NRRD file"),
    "flat": (header_of(VOXELS, space_directions="(1,0,0) (1,0,0) (0,0,1)"), "flat"),
    "no numbers": (header_of(VOXELS, space_directions="(1,0,0) (0,1,0) (0,0,nan)"), "no finite directions"),
    "a short origin": (header_of(VOXELS, space_origin="(1,2)"), "don't fit each other"),
    "no order of bytes": (header_of(VOXELS, endian=None), "not a readable NRRD file"),
    "no type": (header_of(VOXELS, type=None), "not a readable NRRD file"),
    "no header": ("notes on the patient\n" * 30, "not a readable NRRD file"),
    "empty": ("", "the file is empty"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_t_be_read_is_said_and_takes_no_memory(tmp_path, case):
    header, said = REFUSED[case]
    path = tmp_path / "head.nhdr"
    path.write_bytes(header.encode() + (VOXELS.tobytes(order="F") if header else b""))
    tracemalloc.start()
    try:
        with pytest.raises(VolumeReadError, match=said) as raised:
            read_volumes(path)
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
def test_a_file_that_was_cut_short_is_said(tmp_path, encoding):
    path = write(tmp_path / "head.nrrd", encoding=encoding)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(VolumeReadError, match="it is cut short"):
        read_volumes(path)


def test_the_range_before_storing_is_said_to_be_left_out(tmp_path):
    volume = read_one(write(tmp_path / "head.nrrd", old_min=0, old_max=4095, content="a head"))
    assert volume.provenance.dropped == ("the range of values before they were stored (old min, old max)",)
    assert volume.provenance.description == "a head"


@pytest.mark.parametrize(("content", "begins"), [("\x1b[31mred", "?[31mred"), ("long " * 200, "long long")])
def test_a_description_steers_no_terminal_and_fills_none(tmp_path, content, begins):
    description = read_one(write(tmp_path / "head.nrrd", content=content)).provenance.description
    assert description.startswith(begins)
    assert len(description) <= 100
