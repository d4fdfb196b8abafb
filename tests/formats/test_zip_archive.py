"""ZIP archives: what is in them is read as from a folder, and what is hostile about them harms nobody."""

from __future__ import annotations

import gc
import io
import os
import stat
import struct
import tempfile
import zipfile
from pathlib import Path

import nibabel
import numpy as np
import pytest
from conftest import DOT_IJK, TILT_DEG, affine_of, make_dot_volume
from dicom_series import write_series

from napari_vascular_loop.domain.errors import ReadCancelledError, VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes, read_volumes, zip_archive
from napari_vascular_loop.formats.volumes.archive_names import Places, reason_not_to_unpack, shown_as
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti

MATRIX = affine_of((2, 0, 1), (-1, 1, -1), (0.9, 1.1, 2.3), TILT_DEG)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where archives are unpacked to in these tests."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder with a DICOM series, a NIfTI file, a pair, and notes."""
    folder = tmp_path / "scans"
    write_series(folder / "DICOM" / "1", make_dot_volume(MATRIX).voxels, MATRIX)
    write_nifti(make_dot_volume(MATRIX, (12, 9, 8)), folder / "head.nii")
    nibabel.save(nibabel.Nifti1Pair(make_dot_volume(MATRIX, (9, 9, 9)).voxels, MATRIX), folder / "pair.img")
    (folder / "notes.txt").write_text("notes")
    (folder / "DICOM" / "index").write_text("no image")
    return folder


def pack(folder: Path, archive: Path, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(archive, "w", method) as opened:
        for file in sorted(folder.rglob("*")):
            opened.write(file, file.relative_to(folder))
    return archive


def a_nifti(seed: int = 0) -> bytes:
    volume = make_dot_volume(MATRIX)
    volume.voxels[0, 0, 0] = seed
    return nibabel.Nifti1Image(volume.voxels, MATRIX).to_bytes()


def zip_of(archive: Path, *members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(archive, "w", method) as opened:
        for name, data in members:
            opened.writestr(name, data, method)
    return archive


def with_name(archive: Path, plain: bytes, hostile: bytes) -> Path:
    """Replace a name by another of the same length, which zipfile would not write."""
    data = archive.read_bytes()
    assert data.count(plain) == 2
    assert len(plain) == len(hostile)
    archive.write_bytes(data.replace(plain, hostile))
    return archive


def reasons(archive: Path) -> dict[str, str]:
    return {str(one.path.relative_to(archive)): one.reason for one in find_volumes(archive).strays}


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# ------------------------------------------------------------------ what is in it is read


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_volumes_are_those_of_the_unpacked_folder(scans, tmp_path, method):
    archive = pack(scans, tmp_path / "scans.zip", method)
    packed = {volume.provenance.id: volume for volume in read_volumes(archive)}
    plain = {volume.provenance.id: volume for volume in read_volumes(scans)}
    assert len(plain) == 3
    assert packed.keys() == plain.keys()
    for volume_id, volume in plain.items():
        assert np.array_equal(packed[volume_id].voxels, volume.voxels)
        assert packed[volume_id].voxels.dtype == volume.voxels.dtype
        assert np.array_equal(packed[volume_id].voxel_to_ras, volume.voxel_to_ras)
        assert packed[volume_id].voxels[DOT_IJK] == 1000
        told = {Path(one).relative_to(archive) for one in packed[volume_id].provenance.source_files}
        assert told == {Path(one).relative_to(scans) for one in volume.provenance.source_files}


def test_what_is_no_volume_is_listed_by_its_name_in_the_archive(scans, tmp_path):
    archive = pack(scans, tmp_path / "scans.zip")
    said = reasons(archive)
    assert said.keys() == {"notes.txt", "DICOM/index"} or said.keys() == {"notes.txt", "DICOM\\index"}
    assert said["notes.txt"] == "a .txt file is no volume: not unpacked"


def test_the_middle_slice_is_that_of_the_unpacked_file(scans, tmp_path):
    archive = pack(scans, tmp_path / "scans.zip")
    plain = {one.header.provenance.id: one.middle_slice() for one in find_volumes(scans).volumes}
    for one in find_volumes(archive).volumes:
        assert np.array_equal(one.middle_slice(), plain[one.header.provenance.id])


def test_an_archive_needs_no_ending_and_may_be_one_of_a_list(scans, tmp_path):
    archive = pack(scans, tmp_path / "export")
    write_nifti(make_dot_volume(MATRIX, (5, 9, 4)), tmp_path / "other.nii")
    assert len(read_volumes([tmp_path / "other.nii", archive, archive])) == 4


def test_in_a_folder_an_archive_is_left_packed(scans):
    pack(scans, scans / "more.zip")
    found = find_volumes(scans)
    assert len(found.volumes) == 3
    assert [one.reason for one in found.strays if one.path.name == "more.zip"] == ["a ZIP archive: open it by itself"]


@pytest.mark.parametrize("name", ["empty.zip", "hidden.zip"])
def test_an_archive_without_volumes_is_an_error(tmp_path, name):
    members = (("__MACOSX/._a.nii", b"x"), (".DS_Store", b"x"), ("Thumbs.db", b"x")) if name == "hidden.zip" else ()
    archive = zip_of(tmp_path / name, *members)
    assert find_volumes(archive).strays == ()
    with pytest.raises(VolumeReadError, match=rf"no volume in .*{name}.*empty"):
        read_volumes(archive)


# ------------------------------------------------------------------ how long the unpacked files live


def test_unpacked_files_go_with_the_last_view_of_the_last_volume(scans, tmp_path, temporary):
    archive = pack(scans, tmp_path / "scans.zip")
    found = find_volumes(archive)
    assert files_in(temporary)
    volumes = [one.read() for one in found.volumes]
    mapped = [volume for volume in volumes if isinstance(volume.voxels, np.memmap)]
    assert mapped, "an uncompressed file is mapped"
    views = [volume.frame.reorder(volume.voxels)[1:] for volume in mapped]
    expected = [view.copy() for view in views]
    del found, volumes, mapped
    gc.collect()
    assert files_in(temporary)
    assert all(np.array_equal(view, copy) for view, copy in zip(views, expected, strict=True))
    del views
    gc.collect()
    assert list(temporary.iterdir()) == []


def test_volumes_in_memory_do_not_keep_the_files(tmp_path, temporary):
    write_series(tmp_path / "s", make_dot_volume(MATRIX).voxels, MATRIX)
    (volume,) = read_volumes(pack(tmp_path / "s", tmp_path / "s.zip"))
    gc.collect()
    if not isinstance(volume.voxels, np.memmap):
        assert list(temporary.iterdir()) == []
    assert volume.voxels[DOT_IJK] == 1000


@pytest.mark.skipif(os.name == "nt", reason="rights are told otherwise there")
def test_only_the_user_may_look_into_the_folder(scans, tmp_path, temporary):
    found = find_volumes(pack(scans, tmp_path / "scans.zip"))
    (folder,) = temporary.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0
    assert found.volumes


@pytest.mark.parametrize("after", [0.0, 0.2, 0.7])
def test_cancelling_leaves_nothing_behind(scans, tmp_path, temporary, after):
    def cancel(done: float) -> None:
        if done > after:
            raise ReadCancelledError("cancelled")

    archive = pack(scans, tmp_path / "scans.zip")
    with pytest.raises(ReadCancelledError):
        find_volumes(archive, cancel)
    gc.collect()
    assert list(temporary.iterdir()) == []


def test_progress_runs_from_none_to_all(scans, tmp_path):
    told: list[float] = []
    read_volumes(pack(scans, tmp_path / "scans.zip"), told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


# ------------------------------------------------------------------ hostile names


@pytest.mark.parametrize(
    "name",
    [
        "../evil.nii",
        "a/../../evil.nii",
        "..\\evil.nii",
        "/evil.nii",
        "\\evil.nii",
        "C:\\evil.nii",
        "c:evil.nii",
        "\\\\server\\share\\evil.nii",
        "..",
        "a/..",
    ],
)
def test_names_that_lead_out_are_not_followed(tmp_path, temporary, name):
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    archive = zip_of(tmp_path / "x.zip", (info, a_nifti()), ("good.nii", a_nifti(1)))
    found = find_volumes(archive)
    assert [volume.header.provenance.source_files for volume in found.volumes] == [(archive / "good.nii",)]
    (stray,) = found.strays
    assert stray.reason == "its name leads out of the archive: not unpacked"
    assert stray.path.is_relative_to(archive)
    assert ".." not in stray.path.parts
    assert {path.name for path in files_in(temporary)} == {"good.nii"}
    assert not list(tmp_path.parent.rglob("evil*"))


def test_a_name_with_a_nul_is_not_followed(tmp_path):
    archive = with_name(zip_of(tmp_path / "x.zip", ("evilXnii", a_nifti())), b"evilXnii", b"evil\0nii")
    assert reasons(archive) == {"evil": "its name holds control characters: not unpacked"}


def test_backslashes_of_old_programs_part_folders(tmp_path):
    info = zipfile.ZipInfo("placeholder")
    info.filename = "STUDY\\SERIES\\head.nii"
    (found,) = find_volumes(zip_of(tmp_path / "x.zip", (info, a_nifti()))).volumes
    assert found.header.provenance.source_files == (tmp_path / "x.zip" / "STUDY" / "SERIES" / "head.nii",)


@pytest.mark.parametrize(
    ("mode", "reason"),
    [(stat.S_IFLNK | 0o777, "a symbolic link: not followed"), (stat.S_IFIFO | 0o666, "neither a file nor a folder")],
)
def test_links_and_devices_are_not_made(tmp_path, temporary, mode, reason):
    info = zipfile.ZipInfo("link.nii")
    info.create_system = 3
    info.external_attr = mode << 16
    archive = zip_of(tmp_path / "x.zip", (info, b"/etc/passwd"), ("good.nii", a_nifti()))
    found = find_volumes(archive)
    assert [one.reason for one in found.strays] == [reason]
    assert len(files_in(temporary)) == len(found.volumes) == 1


@pytest.mark.parametrize(
    "names",
    [
        ("a.nii", "A.nii", "A.NII"),
        ("a.nii", "a.nii", "a.nii"),
        ("con.nii", "NUL.nii", "com1.nii"),
        ("ab:c.nii", "a?b.nii", "a*b.nii"),
        ("x/a.nii", "X/a.nii", "x./a.nii"),
        ("a.nii", "a.nii/b.nii", "a.nii/b.nii/c.nii"),
        ("n" * 250 + ".nii", "n" * 250 + "x.nii", "n" * 4000 + ".nii"),
        ("a/" * 300 + "x.nii", "a/" * 300 + "y.nii", "x.nii"),
        ("\u0301e.nii", "\u00e9.nii", "e\u0301.nii"),
        ("~x/a.nii", "-rf/b.nii", "$(x)/c.nii"),
        ("file-1.nii", "con.nii", "file-2.nii"),
    ],
    ids=lambda names: names[0][:12],
)
def test_every_file_finds_a_place_of_its_own(tmp_path, temporary, names):
    with pytest.warns(UserWarning, match="Duplicate") if len(set(names)) < 3 else _quiet():
        archive = zip_of(tmp_path / "x.zip", *((name, a_nifti(seed)) for seed, name in enumerate(names)))
    volumes = read_volumes(archive)
    assert sorted(int(volume.voxels[0, 0, 0]) for volume in volumes) == [0, 1, 2]
    shown = [volume.provenance.source_files[0] for volume in volumes]
    assert {str(one) for one in shown} == {str(shown_as(archive, name)) for name in names}
    unpacked = [str(path.relative_to(temporary)) for path in files_in(temporary)]
    assert len({path.casefold() for path in unpacked}) == 3
    assert max(map(len, unpacked)) < 300


class _quiet:  # noqa: N801
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


@pytest.mark.parametrize("stem", ["pair", "con", "a:b", "Köpfe", "x" * 200])
def test_pairs_stay_pairs_whatever_their_name(tmp_path, stem):
    file_map = nibabel.Nifti1Pair.make_file_map({"header": io.BytesIO(), "image": io.BytesIO()})
    image = nibabel.Nifti1Pair(make_dot_volume(MATRIX).voxels, MATRIX)
    for holder in file_map.values():
        holder.fileobj = io.BytesIO()
    image.to_file_map(file_map)
    archive = zip_of(
        tmp_path / "x.zip",
        (f"f/{stem}.img", file_map["image"].fileobj.getvalue()),
        (f"f/{stem}.hdr", file_map["header"].fileobj.getvalue()),
    )
    (volume,) = read_volumes(archive)
    assert volume.voxels[DOT_IJK] == 1000


def test_places_are_below_their_folder_whatever_the_name(tmp_path):
    places = Places(tmp_path)
    for name in ("../../x", "/etc/x", "C:/x", "a/./b//x", "\\\\x\\y", "..\\..\\x", "~/x", "x" * 5000, "é" * 200, "."):
        place = places.place_for(f"{name}/a")
        assert place.resolve().is_relative_to(tmp_path.resolve())
        assert ".." not in place.relative_to(tmp_path).parts
        assert place.parent.is_dir()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a/IM0001", None),
        ("1.2.840.113619.2", None),
        ("head.nii.gz", None),
        ("12:30 scan/IM1", None),
        ("a/.hidden/x.nii", ""),
        ("a/Thumbs.db", ""),
        ("x/inner.zip", "an archive inside"),
        ("x.TAR.GZ", "an archive inside"),
        ("report.PDF", "a .pdf file"),
        ("", "no name"),
        ("a\nb.nii", "control characters"),
    ],
)
def test_what_is_worth_unpacking(name, reason):
    said = reason_not_to_unpack(name)
    assert (said is None) if reason is None else (said == reason or (reason and reason in said))


# ------------------------------------------------------------------ bombs


def test_an_archive_in_the_archive_stays_packed(tmp_path, temporary):
    inner = zip_of(tmp_path / "inner.zip", ("a.nii", a_nifti()))
    archive = zip_of(tmp_path / "x.zip", ("deep/inner.zip", inner.read_bytes()), ("good.nii", a_nifti()))
    found = find_volumes(archive)
    assert (len(found.volumes), len(files_in(temporary))) == (1, 1)
    assert "an archive inside the archive" in found.strays[0].reason


def stating(archive: Path, name: bytes, size: int) -> Path:
    """Let the archive's directory state another unpacked size for its first member."""
    data = bytearray(archive.read_bytes())
    at = data.index(b"PK\x01\x02")
    assert data[at + 46 : at + 46 + len(name)] == name
    struct.pack_into("<I", data, at + 24, size)
    archive.write_bytes(bytes(data))
    return archive


def test_too_tight_a_member_is_left_packed(tmp_path, temporary):
    archive = stating(zip_of(tmp_path / "x.zip", ("a.nii", b"x" * 1000), ("b.nii", a_nifti())), b"a.nii", 0x7FFFFFFF)
    found = find_volumes(archive)
    assert [one.reason for one in found.strays] == [
        f"it claims to grow from {len(_deflated(b'x' * 1000))} to 2147483647 bytes, as no scan does; not unpacked"
    ]
    assert [path.name for path in files_in(temporary)] == ["b.nii"]


def _deflated(data: bytes) -> bytes:
    import zlib

    packer = zlib.compressobj(-1, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("stated", [999, 1001])
def test_a_stated_size_is_not_believed(tmp_path, temporary, stated):
    archive = zip_of(tmp_path / "x.zip", ("a.nii", bytes(range(250)) * 4), ("b.nii", a_nifti()))
    said = reasons(stating(archive, b"a.nii", stated))
    assert said.keys() == {"a.nii"}
    assert "damaged in the archive" in said["a.nii"]
    gc.collect()
    assert files_in(temporary) == []


def test_not_one_byte_more_than_stated_is_written(tmp_path, temporary, monkeypatch):
    """Even if Python's zipfile gave more."""
    real = zipfile.ZipExtFile.read
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda self, n=-1: real(self, n) and b"\0" * (1 << 20))
    archive = zip_of(tmp_path / "x.zip", ("a.nii", a_nifti()))
    with pytest.raises(VolumeReadError, match=r"no volume in .* it is longer than the \d+ bytes stated"):
        read_volumes(archive)
    assert list(temporary.iterdir()) == []


def test_an_archive_that_is_too_large_unpacked_is_refused(tmp_path, temporary, monkeypatch):
    monkeypatch.setattr(zip_archive, "MAX_TOTAL_BYTES", 5000)
    archive = zip_of(tmp_path / "x.zip", ("a.nii", a_nifti()), ("b.nii", a_nifti(1)), ("c.nii", a_nifti(2)))
    with pytest.raises(VolumeReadError, match=r"x.zip: unpacked it would be .* unpack it yourself"):
        find_volumes(archive)
    assert list(temporary.iterdir()) == []


def test_members_that_share_their_bytes_are_refused(tmp_path, temporary):
    """As in the bombs that grow a few megabytes to petabytes without an archive in the archive."""
    archive = zip_of(tmp_path / "x.zip", ("a.nii", b"\0" * (1 << 20)))
    data = archive.read_bytes()
    at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entries = data[at:end] * 5000
    tail = bytearray(data[end:])
    struct.pack_into("<HHII", tail, 8, 5000, 5000, len(entries), at)
    archive.write_bytes(data[:at] + entries + bytes(tail))
    with pytest.raises(VolumeReadError, match=r"would grow from .* as no scans do"):
        find_volumes(archive)
    assert list(temporary.iterdir()) == []


def test_a_disk_that_is_too_small_is_said_before_it_is_full(tmp_path, temporary, monkeypatch):
    usage = type("usage", (), {"free": 1000})
    monkeypatch.setattr(zip_archive.shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(VolumeReadError, match=r"it needs .* of room for temporary files"):
        find_volumes(zip_of(tmp_path / "x.zip", ("a.nii", a_nifti())))
    assert list(temporary.iterdir()) == []


def test_a_disk_that_fills_up_is_said_and_cleaned(tmp_path, temporary, monkeypatch):
    def full(*_: object) -> str | None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zip_archive, "_copy", full)
    with pytest.raises(VolumeReadError, match=r"could not be unpacked to temporary files \(No space left"):
        find_volumes(zip_of(tmp_path / "x.zip", ("a.nii", a_nifti())))
    assert list(temporary.iterdir()) == []


def test_too_many_members_are_refused_before_they_are_listed(tmp_path, temporary, monkeypatch):
    monkeypatch.setattr(zip_archive, "MAX_MEMBERS", 100)
    archive = zip_of(tmp_path / "x.zip", *((f"{n}.dcm", b"") for n in range(101)))
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(VolumeReadError, match="it holds 101 files, more than 100"):
        find_volumes(archive)
    assert list(temporary.iterdir()) == []


# ------------------------------------------------------------------ damaged, locked


def with_bytes(archive: Path, change: dict[int, int]) -> Path:
    """Change bytes of the first member's local header and directory entry alike, by their place in the latter."""
    data = bytearray(archive.read_bytes())
    at = data.index(b"PK\x01\x02")
    for place, value in change.items():
        data[at + place] = value
        data[place - 2] = value
    archive.write_bytes(bytes(data))
    return archive


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({8: 1}, "it is encrypted; unpack the archive with its password"),
        ({10: 9}, "its compression (Deflate64) can't be undone here"),
        ({10: 98}, "its compression (PPMd) can't be undone here"),
        ({10: 77}, "its compression (method 77) can't be undone here"),
        ({16: 0x55}, "damaged in the archive: its checksum is wrong"),
    ],
)
def test_members_that_cannot_be_unpacked_are_listed_with_the_reason(tmp_path, change, reason):
    archive = with_bytes(zip_of(tmp_path / "x.zip", ("a.nii", a_nifti()), ("b.nii", a_nifti(1))), change)
    found = find_volumes(archive)
    assert [one.header.provenance.source_files for one in found.volumes] == [(archive / "b.nii",)]
    assert [one.path for one in found.strays] == [archive / "a.nii"]
    assert reason in found.strays[0].reason


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_an_archive_that_is_cut_short_is_said_to_be_damaged(scans, tmp_path, temporary, kept):
    data = pack(scans, tmp_path / "x.zip").read_bytes()
    (tmp_path / "x.zip").write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(VolumeReadError, match=r"x\.zip: a damaged ZIP archive"):
        find_volumes(tmp_path / "x.zip")
    assert list(temporary.iterdir()) == []


def test_flipped_bytes_are_said_or_do_no_harm(tmp_path, temporary):
    good = zip_of(tmp_path / "x.zip", ("a/a.nii", a_nifti()), ("b.nii", a_nifti(1))).read_bytes()
    rng = np.random.default_rng(3)
    said = []
    for _ in range(300):
        data = bytearray(good)
        for place in rng.integers(0, len(data), 3):
            data[place] = rng.integers(0, 256)
        # Names and sizes stand at the end.
        data[-int(rng.integers(1, 150))] ^= 1 << int(rng.integers(0, 8))
        (tmp_path / "x.zip").write_bytes(bytes(data))
        try:
            for volume in read_volumes(tmp_path / "x.zip"):
                assert volume.voxels.shape == (11, 13, 7)
                del volume
        except VolumeReadError as error:
            said.append(str(error))
    assert said
    assert not any("\n" in one for one in said)
    gc.collect()
    assert list(temporary.iterdir()) == []


def test_a_zarr_store_in_an_archive_is_one_stray(tmp_path):
    archive = zip_of(
        tmp_path / "x.zip",
        ("h/x.zarr/.zattrs", b"{}"),
        ("h/x.zarr/0/.zarray", b"{}"),
        ("h/x.zarr/0/0/0/0", b"123"),
        ("h/a.nii", a_nifti()),
    )
    found = find_volumes(archive)
    assert len(found.volumes) == 1
    assert [(one.path, one.reason) for one in found.strays] == [
        (archive / "h" / "x.zarr", "a Zarr store inside an archive: unpack it, then open its folder")
    ]
