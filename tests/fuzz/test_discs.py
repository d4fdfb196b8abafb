"""What names other files, under damage: directories of discs, and ZIP archives that lie of their sizes."""

from __future__ import annotations

import io
import itertools
import shutil
import struct
import zipfile
from pathlib import Path

import nibabel
import numpy as np
import pytest
from dicom_files import element
from hostile import CANARIES, mutated, outcome
from pydicom.data import get_testdata_file

NAME = CANARIES[0]


@pytest.fixture
def disc(tmp_path):
    """A copy of a disc, with a file beside its folder that is none of its own."""
    source = Path(get_testdata_file("DICOMDIR"))
    folder = tmp_path / "disc"
    shutil.copytree(source.parent, folder, ignore=shutil.ignore_patterns("DICOMDIR-*", "*.md", "README*"))
    nibabel.save(nibabel.Nifti1Image(np.zeros((3, 4, 5), np.int16), np.eye(4)), tmp_path / "other.nii")
    return folder / "DICOMDIR"


def test_damaged_directories(disc):
    data = disc.read_bytes()
    whole = outcome(disc, times_size=None)
    assert whole.volumes or whole.sentences
    for broken in itertools.islice(mutated(data, 71, header=len(data)), 25):
        disc.write_bytes(broken)
        outcome(disc, times_size=None)


@pytest.mark.parametrize(
    "name",
    [
        b"..\\other.nii",
        b"..\\..\\etc\\passwd",
        b"/etc/passwd",
        b"C:\\other.nii",
        b"",
        b"\\",
        b"\0\0",
        b"A" * 5000,
        b"B" * 200 + b"\\" + b"C" * 200 * 1,
    ],
)
def test_directories_that_name_what_is_not_theirs(disc, name):
    data = disc.read_bytes()
    start = data.index(b"\x04\0\x20\x12SQ")
    name = name + b" " * (len(name) % 2)
    record = element(4, 0x1410, b"US", b"\xff\xff") + element(4, 0x1500, b"CS", name)
    item = b"\xfe\xff\0\xe0" + struct.pack("<I", len(record)) + record
    disc.write_bytes(data[: start + 8] + struct.pack("<I", len(item)) + item)
    result = outcome(disc)
    assert not result.volumes
    assert result.sentences


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return packed.getvalue()


def a_nifti():
    return nibabel.Nifti1Image(np.arange(60, dtype=np.int16).reshape(3, 4, 5), np.eye(4)).to_bytes()


@pytest.mark.parametrize("size", [0, 1, 0xFFFFFFFE, 0xFFFFFFFF])
@pytest.mark.parametrize("member", ["packed", "unpacked", "offset"])
def test_archives_that_lie_of_their_sizes(tmp_path, member, size):
    """0xFFFFFFFF says: see the ZIP64 field, which is not there."""
    data = bytearray(zip_of([("a/head.nii", a_nifti()), ("a/other.nii", a_nifti())]))
    entry = data.index(b"PK\x01\x02")
    at = entry + {"packed": 20, "unpacked": 24, "offset": 42}[member]
    data[at : at + 4] = struct.pack("<I", size)
    path = tmp_path / "lies.zip"
    path.write_bytes(data)
    result = outcome(path, times_size=200)
    # The length of a packed stream is known from itself; what is read has its checksum.
    assert all(np.array_equal(volume.voxels.ravel(), range(60)) for volume in result.volumes)
    assert result.sentences or len(result.volumes) == 2


@pytest.mark.parametrize("sizes", [(2**63, 10), (10, 2**63), (2**64 - 1, 2**64 - 1), (0, 0)])
def test_archives_that_lie_of_their_sizes_in_zip64(tmp_path, sizes):
    data = zip_of([("head.nii", a_nifti())])
    entry, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    extra = struct.pack("<HHQQ", 1, 16, *sizes)
    directory = bytearray(data[entry:end] + extra)
    directory[20:28] = b"\xff" * 8
    directory[30:32] = struct.pack("<H", len(extra))
    path = tmp_path / "lies.zip"
    tail = data[end : end + 12] + struct.pack("<I", len(directory)) + data[end + 16 :]
    path.write_bytes(data[:entry] + directory + tail)
    assert not outcome(path).volumes


def test_archives_in_archives_and_twins(tmp_path):
    inner = zip_of([("head.nii", a_nifti())])
    path = tmp_path / "nested.zip"
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zip_of([("inner.zip", inner), ("inner.nii", inner), ("head.nii", a_nifti()), ("head.nii", a_nifti())])
    path.write_bytes(data)
    result = outcome(path)
    assert len(result.volumes) == 2
    assert len(result.sentences) == 2
