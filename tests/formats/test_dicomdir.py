"""DICOMDIR: the directory of a disc names its files."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import affine_of, make_dot_volume
from dicom_series import save, write_series
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, MediaStorageDirectoryStorage, generate_uid

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import dicom, find_volumes
from napari_vascular_loop.formats.volumes.dicom.directory import files_of, is_dicomdir

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MATRIX = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3))
VOXELS = make_dot_volume(MATRIX).voxels


def write_directory(path: Path, names: Iterable[str | list[str]], in_use: int = 0xFFFF) -> Path:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    records = []
    for name in names:
        record = Dataset()
        record.RecordInUseFlag = in_use
        record.DirectoryRecordType = "IMAGE"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            record.ReferencedFileID = name
        records.append(record)
    dataset.DirectoryRecordSequence = Sequence([Dataset(), *records])
    with warnings.catch_warnings():
        # Names that the standard does not allow are to be written all the same.
        warnings.simplefilter("ignore")
        return save(dataset, path)


@pytest.fixture
def disc(tmp_path: Path) -> Path:
    folder = tmp_path / "disc"
    write_series(folder / "DICOM" / "S1", VOXELS, MATRIX)
    names = [["DICOM", "S1", f"IM{k:04d}"] for k in range(VOXELS.shape[2])]
    return write_directory(folder / "DICOMDIR", names)


def test_the_files_that_it_names_are_found_and_form_the_volume(disc):
    assert is_dicomdir(disc)
    files, strays = files_of(disc)
    assert strays == ()
    (found,) = dicom.find(files).volumes
    assert np.array_equal(found.read().voxels, VOXELS)


def test_the_directory_itself_can_be_opened(disc):
    (found,) = find_volumes(disc).volumes
    assert np.array_equal(found.read().voxels, VOXELS)


def test_in_a_folder_it_is_listed_and_its_images_are_read(disc):
    found = find_volumes(disc.parent)
    assert len(found.volumes) == 1
    assert {stray.path.name: stray.reason for stray in found.strays} == {
        "DICOMDIR": "a directory of the disc (its images are read by themselves)"
    }


def test_only_what_is_named_and_in_use_is_read(tmp_path):
    write_series(tmp_path, VOXELS, MATRIX)
    files, _ = files_of(write_directory(tmp_path / "DICOMDIR", ["IM0002", "IM0003", "IM0002"]))
    assert [file.name for file in files] == ["IM0002", "IM0003"]
    files, (stray,) = files_of(write_directory(tmp_path / "OLD", ["IM0002"], in_use=0))
    assert files == ()
    assert stray.reason == "a directory of a disc that names no files"


@pytest.mark.parametrize("written", ["dicom/s1/im0001", "DICOM/S1/IM0001.;1", "Dicom/S1/im0001."])
def test_names_in_other_letters_than_on_the_disc(tmp_path, written):
    path = tmp_path / written
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    files, strays = files_of(write_directory(tmp_path / "DICOMDIR", [["DICOM", "S1", "IM0001"]]))
    assert files == (path,)
    assert strays == ()


@pytest.mark.parametrize(
    "name",
    [
        ["..", "secret"],
        ["DICOM", "..", "..", "secret"],
        "/etc/passwd",
        ["", "etc", "passwd"],
        "../secret",
        ["C:", "secret"],
        [".", "IM0001"],
    ],
)
def test_what_lies_outside_its_folder_is_refused_and_listed(tmp_path, name):
    (tmp_path / "secret").write_bytes(b"x")
    (tmp_path / "disc" / "DICOM").mkdir(parents=True)
    files, (stray,) = files_of(write_directory(tmp_path / "disc" / "DICOMDIR", [name]))
    assert files == ()
    assert "outside its folder: not opened" in stray.reason


def test_a_link_that_leads_outside_is_refused(tmp_path):
    (tmp_path / "secret").write_bytes(b"x")
    (tmp_path / "disc").mkdir()
    try:
        (tmp_path / "disc" / "LINK").symlink_to(tmp_path / "secret")
    except OSError:
        pytest.skip("links can't be made here")
    files, (stray,) = files_of(write_directory(tmp_path / "disc" / "DICOMDIR", ["LINK"]))
    assert files == ()
    assert "outside its folder" in stray.reason


def test_missing_files_are_listed(disc):
    (disc.parent / "DICOM" / "S1" / "IM0003").unlink()
    files, (stray,) = files_of(disc)
    assert len(files) == VOXELS.shape[2] - 1
    assert stray.path.name == "IM0003"
    assert "not there" in stray.reason


def test_what_is_no_directory(tmp_path):
    paths = write_series(tmp_path, VOXELS, MATRIX)
    (tmp_path / "text").write_text("1.2.840.10008.1.3.10")
    assert not any(is_dicomdir(path) for path in [*paths, tmp_path / "text", tmp_path / "none", tmp_path])


def test_a_damaged_directory_is_said(disc):
    whole = disc.read_bytes()
    disc.write_bytes(whole[:130])
    with pytest.raises(VolumeReadError, match=r"DICOMDIR: a damaged directory of a disc"):
        files_of(disc)
    disc.write_bytes(whole[:300])
    files, (stray,) = files_of(disc)
    assert files == ()
    assert "names no files" in stray.reason
