"""What a source consists of: lists, folders deep and looped, links, addresses, discs."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import warnings
from pathlib import Path

import numpy as np
import pytest
from conftest import DOT_IJK, TILT_DEG, affine_of, make_dot_volume
from dicom_series import write_series
from pydicom.fileset import FileSet

from napari_vascular_loop.domain.errors import ReadCancelledError, VolumeReadError
from napari_vascular_loop.formats.volumes import dicomweb, find_volumes, read_volumes
from napari_vascular_loop.formats.volumes.found import Found
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti
from napari_vascular_loop.formats.volumes.sources import address_of, gather

MATRIX = affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3), TILT_DEG)
VOXELS = make_dot_volume(MATRIX).voxels

links = pytest.mark.skipif(os.name == "nt", reason="links need a right there")


@pytest.fixture
def slices(tmp_path: Path) -> list[Path]:
    return write_series(tmp_path / "series", VOXELS, MATRIX, lambda k: f"1.2.840.{97 - k}")


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


# ------------------------------------------------------------------ lists


@pytest.mark.parametrize("as_text", [True, False])
def test_a_list_of_slices_forms_one_stack(slices, as_text):
    source = [str(path) for path in slices] if as_text else tuple(reversed(slices))
    (volume,) = read_volumes(source)
    assert np.array_equal(volume.voxels, VOXELS)
    assert np.allclose(volume.voxel_to_ras, MATRIX, atol=1e-6)
    assert volume.voxels[DOT_IJK] == 1000


@links
def test_what_is_named_twice_counts_once(slices, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "series")
    source = [
        *slices,
        slices[0],
        tmp_path / "series",
        "series",
        "./series/../series",
        tmp_path / "link",
        tmp_path / "link" / slices[0].name,
        ".",
    ]
    gathered = gather(source)
    assert sorted(path.name for path in gathered.files) == sorted(path.name for path in slices)
    (volume,) = read_volumes(source)
    assert volume.provenance.warnings == ()


def test_files_and_folders_of_a_list_are_looked_at_together(slices, tmp_path):
    for path in slices[3:]:
        path.rename(touch(tmp_path / "rest" / path.name))
    write_nifti(make_dot_volume(MATRIX, (9, 9, 9)), tmp_path / "head.nii")
    volumes = read_volumes([*slices[:3], tmp_path / "rest", tmp_path / "head.nii"])
    assert sorted(volume.grid.shape for volume in volumes) == [(9, 9, 9), (11, 13, 7)]


@pytest.mark.parametrize("source", [[], ()])
def test_an_empty_list_is_an_error(source):
    with pytest.raises(VolumeReadError, match="the list of files to read is empty"):
        find_volumes(source)


@pytest.mark.parametrize("name", ["nowhere", "series/nowhere", "a\0b", "~nobody-of-that-name/x"])
def test_what_is_not_there_is_an_error(tmp_path, slices, name):
    with pytest.raises(VolumeReadError, match="there is no file or folder"):
        find_volumes([slices[0], tmp_path / name if name[0] != "~" else name])


def test_a_file_that_is_taken_for_a_folder_is_an_error(slices):
    with pytest.raises(VolumeReadError, match="there is no file or folder"):
        find_volumes(slices[0] / "x")


def test_a_list_without_volumes_is_spoken_of_without_listing_it(tmp_path):
    files = [touch(tmp_path / f"{n}.txt") for n in range(40)]
    with pytest.raises(VolumeReadError, match=r"^no volume in these 40 files and folders: ") as raised:
        read_volumes(files)
    assert len(str(raised.value)) < 200


def test_a_single_file_that_is_no_volume_says_why(tmp_path):
    for source in (touch(tmp_path / "a"), [tmp_path / "a"]):
        with pytest.raises(VolumeReadError, match="can't be read as a volume: "):
            find_volumes(source)


# ------------------------------------------------------------------ folders


def test_a_folder_is_looked_through_however_deep(tmp_path, slices):
    deep = tmp_path
    for _ in range(300):
        deep = deep / "d"
    deep.mkdir(parents=True)
    shutil.move(tmp_path / "series", deep / "series")
    (volume,) = read_volumes(tmp_path)
    assert volume.grid.shape == VOXELS.shape


def test_files_come_sorted_by_name_and_hidden_ones_not_at_all(tmp_path):
    for name in ("b/2", "b/10", "a", "c", ".DS_Store", ".git/x", "b/.hidden"):
        touch(tmp_path / name)
    assert [path.relative_to(tmp_path).as_posix() for path in gather(tmp_path).files] == ["a", "c", "b/10", "b/2"]


@pytest.mark.parametrize("name", ["empty", "hidden"])
def test_a_folder_without_files_is_an_error(tmp_path, name):
    (tmp_path / name / "below").mkdir(parents=True)
    if name == "hidden":
        touch(tmp_path / name / "below" / ".DS_Store")
    with pytest.raises(VolumeReadError, match=f"the folder .*{name}.* holds no files"):
        find_volumes(tmp_path / name)


@links
@pytest.mark.timeout(20)
def test_links_that_run_in_circles_do_not_hang(tmp_path, slices):
    (tmp_path / "series" / "loop").symlink_to(tmp_path)
    (tmp_path / "series" / "self").symlink_to("self")
    (tmp_path / "series" / "gone").symlink_to("nowhere")
    found = find_volumes(tmp_path)
    assert len(found.volumes) == 1
    said = {stray.path.name: stray.reason for stray in found.strays}
    assert said["loop"] == "a link to a folder: not followed; open that folder by itself"
    assert said["gone"] == "a link that leads nowhere"
    assert said.keys() == {"loop", "self", "gone"}


@links
def test_a_link_to_a_file_is_that_file(tmp_path, slices):
    (tmp_path / "links").mkdir()
    for path in slices:
        (tmp_path / "links" / path.name).symlink_to(path)
    (volume,) = read_volumes(tmp_path / "links")
    assert np.array_equal(volume.voxels, VOXELS)


@pytest.mark.skipif(os.name == "nt", reason="there are none there")
@pytest.mark.timeout(20)
def test_pipes_and_sockets_are_not_opened(tmp_path, slices):
    os.mkfifo(tmp_path / "series" / "pipe")
    with socket.socket(socket.AF_UNIX) as opened:
        here = os.open(tmp_path / "series", os.O_RDONLY)
        try:
            opened.bind(f"/proc/self/fd/{here}/socket" if Path("/proc/self/fd").exists() else "/dev/null/x")
        except OSError:
            pass
        finally:
            os.close(here)
        found = find_volumes(tmp_path / "series")
    assert len(found.volumes) == 1
    assert {stray.reason for stray in found.strays} == {"neither a file nor a folder"}
    with pytest.raises(VolumeReadError, match="a pipe or a device; not opened"):
        find_volumes(tmp_path / "series" / "pipe")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is closed to this user")
def test_a_folder_that_may_not_be_read_is_listed(tmp_path, slices):
    (tmp_path / "closed").mkdir(mode=0)
    found = find_volumes(tmp_path)
    assert [(stray.path.name, "can't be read" in stray.reason) for stray in found.strays] == [("closed", True)]


def test_a_folder_that_fails_is_listed(tmp_path, slices, monkeypatch):
    (tmp_path / "closed").mkdir()
    real = os.scandir

    def scandir(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = find_volumes(tmp_path)
    assert len(found.volumes) == 1
    assert [(one.path.name, one.reason) for one in found.strays] == [
        ("closed", "a folder that can't be read (Permission denied)")
    ]


def test_looking_through_folders_can_be_cancelled(tmp_path, slices):
    def cancel(_done: float) -> None:
        raise ReadCancelledError("cancelled")

    with pytest.raises(ReadCancelledError):
        find_volumes(tmp_path, cancel)


def test_progress_covers_finding_and_reading(tmp_path, slices):
    write_nifti(make_dot_volume(MATRIX, (9, 9, 9)), tmp_path / "head.nii.gz")
    for look in (find_volumes, read_volumes):
        told: list[float] = []
        look(tmp_path, told.append)
        assert told == sorted(told)
        assert (told[0], told[-1]) == (0.0, 1.0)
        assert len(set(told)) > 7


# ------------------------------------------------------------------ discs


def disc(folder: Path, slices: list[Path]) -> Path:
    files = FileSet()
    for path in slices:
        files.add(path)
    files.write(folder)
    with warnings.catch_warnings():
        # pydicom leaves a temporary folder to be cleaned up.
        warnings.simplefilter("ignore", ResourceWarning)
        del files
        gc.collect()
    return folder / "DICOMDIR"


@pytest.fixture
def named_slices(tmp_path: Path) -> list[Path]:
    """With what the directory of a disc has to say of each image."""
    said = {"StudyDate": "20200101", "StudyTime": "1200", "StudyID": "1", "StudyInstanceUID": "1.2", "SeriesNumber": 1}
    return write_series(tmp_path / "series", VOXELS, MATRIX, **said)


@pytest.mark.parametrize("whole_folder", [False, True])
def test_the_directory_of_a_disc_stands_for_its_files(tmp_path, named_slices, whole_folder):
    path = disc(tmp_path / "disc", named_slices)
    (volume,) = read_volumes(path.parent if whole_folder else path)
    assert np.array_equal(volume.voxels, VOXELS)


def test_files_that_the_disc_lacks_are_listed(tmp_path, named_slices):
    path = disc(tmp_path / "disc", named_slices)
    first = gather(path).files[0]
    first.unlink()
    found = find_volumes([path, path.parent])
    assert len(found.volumes) == 1
    assert any("it is not there" in stray.reason for stray in found.strays)


# ------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("dicomweb://host:8042/dicom-web?study=1.2", "dicomweb://host:8042/dicom-web?study=1.2"),
        ("dicomweb+http://host/x", "dicomweb+http://host/x"),
        ("HTTPS://host/h.zarr", "https://host/h.zarr"),
        (Path("https://host/a/h.zarr"), "https://host/a/h.zarr"),
        ("https:\\host\\a\\h.zarr", "https://host/a/h.zarr"),
        ("s3://bucket/h.zarr", "s3://bucket/h.zarr"),
        ("/data/http/x.nii", None),
        ("C:/data/x.nii", None),
        ("c:\\data\\x.nii", None),
        ("a:b.nii", None),
        ("http", None),
        (Path("series"), None),
        ("file:///data/x.nii", None),
    ],
)
def test_addresses_are_told_from_paths(source, address):
    assert address_of(source) == address


def test_a_file_address_is_a_path(tmp_path):
    write_nifti(make_dot_volume(MATRIX), tmp_path / "a head.nii")
    (volume,) = read_volumes((tmp_path / "a head.nii").as_uri())
    assert volume.voxels[DOT_IJK] == 1000


def test_a_server_is_asked_with_the_address_as_it_was_given(slices, monkeypatch):
    asked: list[str] = []

    def find(address, progress):
        asked.append(address)
        progress(0.5)
        return Found(find_volumes(slices).volumes)

    monkeypatch.setattr(dicomweb, "find", find)
    address = "dicomweb://host:8042/dicom-web?study=1.2&series=3"
    assert len(read_volumes([address, *slices, address])) == 2
    assert asked == [address]


def test_an_address_that_fails_is_an_error_of_its_own(monkeypatch):
    def find(address, progress):
        raise VolumeReadError("the server can't be reached")

    monkeypatch.setattr(dicomweb, "find", find)
    with pytest.raises(VolumeReadError, match=r"^the server can't be reached$"):
        find_volumes("dicomweb://host/x?study=1.2")
