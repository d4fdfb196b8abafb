"""DICOM of every habit, held against dcm2niix: the same values at the same places."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import highdicom
import numpy as np
import pydicom
import pytest
from corpus.habits import HABITS
from corpus.reference import Block, blocks_of, converted, difference, unmatched
from dicom_files import FOLDERS, package_files, unzipped

from napari_vascular_loop.formats.volumes import dicom, find_volumes

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.formats.volumes import Found

# ------------------------------------------------------------------ generated

HABITS_IT_MISREADS = {
    "enhanced MR in odd order, Siemens": "it takes the spacing from the file's first and last frames",
}


def blocks_in(found: Found) -> list[Block]:
    return [block for volume in found.volumes for block in blocks_of(volume.read())]


@pytest.mark.parametrize("habit", HABITS)
def test_generated_series_lie_where_the_reference_puts_them(tmp_path, habit):
    HABITS[habit](tmp_path / "in")
    found = find_volumes(tmp_path / "in")
    assert found.strays == ()
    ours, theirs = blocks_in(found), converted(tmp_path / "in", tmp_path / "out")
    assert ours
    if habit in HABITS_IT_MISREADS:
        # It reads the same frames: only where they lie differs, and a truth of its own is in the other tests.
        assert [np.sort(one.values, axis=None).tolist() for one in ours] == [
            np.sort(one.values, axis=None).tolist() for one in theirs
        ]
        assert unmatched(ours, theirs)
    else:
        assert unmatched(ours, theirs) == []


@pytest.mark.parametrize("habit", ["oblique sagittal", "HFDR", "interleaved", "signed", "CT"])
def test_generated_series_lie_where_highdicom_puts_them(tmp_path, habit):
    HABITS[habit](tmp_path / "in")
    (ours,) = blocks_in(find_volumes(tmp_path / "in"))
    datasets = [pydicom.dcmread(path) for path in (tmp_path / "in").iterdir()]
    volume = highdicom.get_volume_from_series(datasets, apply_real_world_transform=False)
    matrix = np.diag([-1.0, -1.0, 1.0, 1.0]) @ volume.affine
    assert difference(ours, Block(volume.array, matrix)) == ""


# ------------------------------------------------------------------ real

SERIES = "vs-seg-001-t1c-dicom"


@pytest.mark.real
@pytest.mark.slow
def test_the_real_series_lies_where_the_reference_puts_it(real_scans, tmp_path):
    assert unmatched(blocks_in(find_volumes(real_scans / SERIES)), converted(real_scans / SERIES, tmp_path)) == []


# ------------------------------------------------------------------ files that packages bring

DIFFERENT = {
    # file: what is complained of, and why dcm2niix's is not the same
    "MR-SIEMENS-DICOM-WithOverlays.dcm": ("only theirs", "it writes the overlay as a volume beside the image"),
    "examples_overlay.dcm": ("only theirs", "it writes the overlay as a volume beside the image"),
    "J2K_pixelrep_mismatch.dcm": (
        "values differ by up to 8192",
        "it takes the signed numbers of 13 bits as unsigned, as the JPEG 2000 stream says and the header does not",
    ),
}
WITHOUT_PIXELS = {
    # file: why it is no volume, though its header says so
    "MR_truncated.dcm": "its pixels are cut short, at 8130 of 8192 bytes",
    "csa_slice_norm.dcm": "a header without pixels",
}
VOLUMES = {
    "pydicom": {
        "693_J2KI.dcm",
        "CT_small.dcm",
        "J2K_pixelrep_mismatch.dcm",
        "MR_small.dcm",
        "MR_small_RLE.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_expb.dcm",
        "MR_small_implicit.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "MR_small_padded.dcm",
        "examples_overlay.dcm",
        "zipMR.gz",
    },
    "pydicom characters": set(),
    "pydicom-data": {
        "693_J2KR.dcm",
        "693_UNCI.dcm",
        "693_UNCR.dcm",
        "MR-SIEMENS-DICOM-WithOverlays.dcm",
        "MR2_J2KI.dcm",
        "MR2_J2KR.dcm",
        "MR2_UNCI.dcm",
        "MR2_UNCR.dcm",
        "bad_sequence.dcm",
        "eCT_Supplemental.dcm",
        "explicit_VR-UN.dcm",
    },
    "highdicom": set(),
    "nibabel": {
        "decimal_rescale.dcm",
        "philips_mprage.dcm.gz",
        "siemens_dwi_0.dcm.gz",
        "siemens_dwi_1000.dcm.gz",
    },
    "nibabel more": set(),
}
"""Files that form a volume by themselves, but for those of pydicom's file sets, which are tested as sets."""

FILE_SETS = {
    # folder of pydicom's: how many volumes, how many more dcm2niix makes, and why we don't
    "98892001": (1, 1, "the scout view"),
    "98892003": (10, 7, "the projections"),
    "77654033": (0, 5, "the radiographs, and CT slices scattered over 200 mm, which it lays one upon the other"),
}


def in_file_set(path: Path) -> bool:
    return "dicomdirtests" in path.parts


@pytest.mark.parametrize("package", FOLDERS)
def test_every_file_is_a_volume_or_has_a_reason(package, tmp_path):
    volumes = set()
    for path in package_files(package):
        file = unzipped(path, tmp_path)
        found = dicom.find([file])
        assert len(found.volumes) + len(found.strays) == 1, path.name
        for stray in found.strays:
            assert stray.path == file
            assert stray.reason, path.name
            assert "\n" not in stray.reason, path.name
            assert len(stray.reason) < 200, path.name
            assert stray.reason == WITHOUT_PIXELS.get(path.name, stray.reason)
        if found.volumes and not in_file_set(path):
            volumes.add(path.name)
    assert volumes == VOLUMES[package]


SINGLE_FILES = [pytest.param(package, name, id=name) for package, names in VOLUMES.items() for name in sorted(names)]


@pytest.mark.parametrize(("package", "name"), SINGLE_FILES)
def test_a_volume_of_a_package_lies_where_the_reference_puts_it(package, name, tmp_path):
    (path,) = [path for path in package_files(package) if path.name == name]
    (tmp_path / "in").mkdir()
    file = unzipped(path, tmp_path / "in")
    if file == path:
        file = shutil.copyfile(path, tmp_path / "in" / name)
    found = dicom.find([file])
    ours, theirs = blocks_in(found), converted(tmp_path / "in", tmp_path / "out")
    (header,) = [volume.header for volume in found.volumes]
    assert header.dtype == found.volumes[0].read().voxels.dtype.name
    complaints = unmatched(ours, theirs)
    if name in DIFFERENT:
        assert DIFFERENT[name][0] in complaints[0]
    else:
        assert complaints == []


@pytest.mark.parametrize("name", FILE_SETS)
def test_a_file_set_lies_where_the_reference_puts_it(name, tmp_path):
    files = [path for path in package_files("pydicom") if in_file_set(path) and name in path.parts]
    found = dicom.find(files)
    count, more, _ = FILE_SETS[name]
    ours = blocks_in(found)
    assert len(ours) == count
    complaints = unmatched(ours, converted(files[0].parents[1], tmp_path / "out"))
    assert [one.split(":")[0] for one in complaints] == ["only theirs"] * more
