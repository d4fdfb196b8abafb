"""A volume cut out of DICOM files: each is checked, and none of them, nor what they say of a person, stays."""

from __future__ import annotations

import tempfile
import time
from typing import TYPE_CHECKING, Any

import nibabel
import numpy as np
import pytest
from conftest import affine_of
from dicom_series import PATIENT, write_series
from publisher import BadPublisher, go_online, publishing, sha256

from napari_vascular_loop.domain.errors import DownloadError, ReadCancelledError
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.samples import dicom_crop
from napari_vascular_loop.samples.catalogue import CatalogueEntry, Crop, Variant, load_catalogue
from napari_vascular_loop.samples.dicom_crop import voxels_sha256
from napari_vascular_loop.samples.fetch import fetch_sample, local_path, samples_folder
from napari_vascular_loop.samples.transfer import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HURRY = Patience(connect_s=2, silence_s=1, tries=2, pause_s=0.01)
BASE = "VASCULAR_LOOP_TEST_BASE"
BOX = ((3, 13), (2, 16), (1, 8))
SHAPE = (20, 17, 11)
RAS = affine_of((0, 1, 2), (1, 1, 1), (0.4, 0.5, 0.7), tilt_deg=(6, -2, 3))
NUMBERS = np.random.default_rng(5).permutation(np.prod(SHAPE)).astype(np.int16).reshape(SHAPE)


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[BadPublisher]:
    go_online(monkeypatch)
    (tmp_path / "private").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "private"))
    with publishing() as one:
        yield one
    assert list((tmp_path / "private").iterdir()) == [], "files of a person are left behind"


def as_scanned(voxels: np.ndarray, voxel_to_ras: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same volume as a scanner writes it: columns to the left, rows to the back, slices from above."""
    there = nibabel.orientations.axcodes2ornt("LPI")
    turn = nibabel.orientations.ornt_transform(nibabel.orientations.axcodes2ornt("RAS"), there)
    image = nibabel.Nifti1Image(voxels, voxel_to_ras).as_reoriented(turn)
    return np.asarray(image.dataobj), image.affine


def publish(
    publisher: BadPublisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crop: Crop, voxels: np.ndarray, ras: Any
) -> CatalogueEntry:
    """Publish a series, and make the entry of what is cut out of it."""
    rows = ["path\tbytes\tsha256"]
    for file in write_series(tmp_path / "scanner", *as_scanned(voxels, ras), SeriesDescription="TOF"):
        data = file.read_bytes()
        assert PATIENT.encode() in data
        publisher.put(f"mirror/DICOM/{file.name}", data)
        rows.append(f"DICOM/{file.name}\t{len(data)}\t{sha256(data)}")
    (tmp_path / crop.table).write_text("\n".join(rows) + "\n")
    monkeypatch.setattr(dicom_crop, "content_folder", lambda _: tmp_path)
    monkeypatch.setenv(crop.base_variable, publisher.url("mirror"))
    return CatalogueEntry("loop", "A loop", "MR", "CC BY-SA", "someone", (Variant("cut", "loop.nii.gz", crop=crop),))


def crop_of(**values: Any) -> Crop:
    wanted = NUMBERS[tuple(slice(*ends) for ends in BOX)]
    return Crop(
        **{
            "table": "table.tsv",
            "base": "http://127.0.0.1:1/",
            "base_variable": BASE,
            "box": BOX,
            "voxels_sha256": voxels_sha256(wanted),
            **values,
        }
    )


def test_the_box_is_cut_out_and_nothing_of_the_headers_is_kept(publisher, tmp_path, monkeypatch):
    entry = publish(publisher, tmp_path, monkeypatch, crop_of(), NUMBERS, RAS)
    told: list[float] = []
    path = fetch_sample(entry, told.append, patience=HURRY)
    assert path == local_path(entry) == samples_folder() / "loop.nii.gz"
    assert [one.name for one in samples_folder().iterdir()] == ["loop.nii.gz"]
    (volume,) = read_volumes(path)
    assert volume.orientation == "RAS"
    np.testing.assert_array_equal(volume.voxels, NUMBERS[3:13, 2:16, 1:8])
    corner = RAS @ [3, 2, 1, 1]
    np.testing.assert_allclose(volume.voxel_to_ras[:, 3], corner, atol=1e-3)
    np.testing.assert_allclose(volume.voxel_to_ras[:3, :3], RAS[:3, :3], atol=1e-4)
    unpacked = nibabel.load(path).to_bytes()
    assert not any(word in unpacked for word in (b"DOE", b"JANE", b"4711", b"TOF"))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(publisher.asked) == SHAPE[2]


def test_a_file_put_there_by_hand_is_known_by_its_voxels(publisher, tmp_path, monkeypatch):
    entry = publish(publisher, tmp_path, monkeypatch, crop_of(), NUMBERS, RAS)
    samples_folder().mkdir(parents=True)
    path = samples_folder() / "loop.nii.gz"
    nibabel.save(nibabel.Nifti1Image(NUMBERS[3:13, 2:16, 2:9], RAS), path)
    assert local_path(entry) is None
    nibabel.save(nibabel.Nifti1Image(NUMBERS[3:13, 2:16, 1:8], RAS), path)
    assert fetch_sample(entry, patience=HURRY) == path
    assert publisher.asked == []


def refused(entry: CatalogueEntry) -> str:
    with pytest.raises(DownloadError) as caught:
        fetch_sample(entry, patience=HURRY)
    assert not samples_folder().exists() or list(samples_folder().iterdir()) == []
    return str(caught.value)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("one is another", "its hash differs"),
        ("one is longer", "not the one of"),
        ("one is missing", "answered 404: it is not there"),
        ("one is cut again and again", "failed 2 times: the connection was cut. Try again later"),
        ("another volume", "is not the one that the catalogue states"),
        ("a box outside", "is not the one that the catalogue states"),
    ],
)
def test_what_is_wrong_is_refused_and_removed(publisher, tmp_path, monkeypatch, how, words):
    values: dict[str, Any] = {
        "another volume": {"voxels_sha256": "0" * 64},
        "a box outside": {"box": ((3, 40), (2, 16), (1, 8))},
    }.get(how, {})
    entry = publish(publisher, tmp_path, monkeypatch, crop_of(**values), NUMBERS, RAS)
    shelf = publisher.shelves["mirror/DICOM/IM0007"]
    if how == "one is another":
        shelf.data = shelf.data[:-1] + bytes([shelf.data[-1] ^ 1])
    elif how == "one is longer":
        shelf.data += b"\0"
    elif how == "one is missing":
        del publisher.shelves["mirror/DICOM/IM0007"]
    elif how.startswith("one is cut"):
        shelf.cuts = [100, 0, 0]
    assert words in refused(entry)


def test_a_cut_in_one_file_is_gone_on_with(publisher, tmp_path, monkeypatch):
    entry = publish(publisher, tmp_path, monkeypatch, crop_of(), NUMBERS, RAS)
    publisher.shelves["mirror/DICOM/IM0004"].cuts = [500]
    fetch_sample(entry, patience=HURRY)
    assert [asked for asked in publisher.ranges if asked] == ["bytes=500-"]


def test_it_ends_when_told_and_leaves_nothing(publisher, tmp_path, monkeypatch):
    entry = publish(publisher, tmp_path, monkeypatch, crop_of(), NUMBERS, RAS)
    publisher.shelves["mirror/DICOM/IM0005"].stalls = [100]
    began = time.monotonic()

    def stop(done: float) -> None:
        if time.monotonic() - began > 0.5:
            raise ReadCancelledError("enough")

    with pytest.raises(ReadCancelledError):
        fetch_sample(entry, stop, patience=Patience())
    assert list(samples_folder().glob("*")) == []


@pytest.mark.real
@pytest.mark.timeout(120)
def test_the_loop_of_the_catalogue_comes_out_as_it_is_known(publisher, tmp_path, monkeypatch, real_scans):
    """The known crop, put back into a larger series: what is cut out of that hashes as the catalogue states."""
    crop = load_catalogue().entry("tof-aica-loop").variants[0].crop
    image = nibabel.load(real_scans / "tof_posterior_fossa_crop.nii.gz")
    whole = np.zeros((400, 340, 70), np.int16)
    whole[120:400, 60:340, 4:64] = np.asarray(image.dataobj)
    ras = image.affine.copy()
    ras[:3, 3] -= ras[:3, :3] @ [120, 60, 4]
    entry = publish(publisher, tmp_path, monkeypatch, crop, whole, ras)
    (volume,) = read_volumes(fetch_sample(entry, patience=HURRY))
    assert voxels_sha256(volume.voxels) == "e73787763de3982d73ea5a4875ee6e6970f66f8fab1f96067e09f422e5157ed2"
    np.testing.assert_allclose(volume.voxel_to_ras, image.affine, atol=2e-4)
    (known,) = read_volumes(real_scans / "tof_posterior_fossa_crop.nii.gz")
    assert volume.fingerprint.voxels_sha256 == known.fingerprint.voxels_sha256
