"""Every file that nibabel brings: the voxels and places that nibabel finds in it, or a reason."""

from __future__ import annotations

import re
import shutil
import warnings
from pathlib import Path

import nibabel
import numpy as np
import pytest
from reference import Block, blocks_of, unmatched

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import find_volumes, looks_like_volume, read_volumes
from napari_vascular_loop.formats.volumes.nifti_out import write_nifti

PACKAGE = Path(nibabel.__path__[0])
FILES = sorted(
    path
    for path in PACKAGE.rglob("*")
    if path.is_file()
    and {"data", "tests"} <= set(path.relative_to(PACKAGE).parts)
    # DICOM is held against another reference.
    and not path.name.endswith((".py", ".pyc", ".dcm", ".dcm.gz", ".gitignore"))
)

VOLUMES = {
    # name: time points, data type, orientation
    "anatomical.nii": (1, "int16", "LAS"),
    "example4d.nii.gz": (2, "int16", "LAS"),
    "example_nifti2.nii.gz": (2, "int16", "LAS"),
    "functional.nii": (20, "int16", "LAS"),
    "minc1-no-att.mnc": (1, "uint8", "SAR"),
    "minc1_1_scale.mnc": (1, "uint8", "SAR"),
    "minc1_4d.mnc": (2, "float32", "SAR"),
    "minc2-4d-d.mnc": (5, "float64", "RAS"),
    "minc2-no-att.mnc": (1, "uint8", "SAR"),
    "minc2_1_scale.mnc": (1, "uint8", "SAR"),
    "minc2_4d.mnc": (2, "float32", "SAR"),
    "minc2_baddim.mnc": (1, "float32", "SAR"),
    "reoriented_anat_moved.nii": (1, "float32", "RAS"),
    "resampled_anat_moved.nii": (1, "float32", "LAS"),
    "small.mnc": (1, "float32", "SAR"),
    "standard.nii.gz": (1, "uint8", "RAS"),
    "test.mgz": (2, "float32", "SAR"),
    "tiny.mnc": (1, "float32", "SAR"),
}
REFUSED = {
    "analyze.hdr": "its other half, analyze.img, does not lie beside it",
    "nifti1.hdr": "its other half, nifti1.img, does not lie beside it",
    "nifti2.hdr": "its other half, nifti2.img, does not lie beside it",
    "row_major.dconn.nii": "it is CIFTI",
}
"""By their names they are ours, but are no volumes."""

FOREIGN = {
    (".HEAD", ".BRIK", ".BRIK.gz"): "AFNI's own format, which is not read; make NIfTI of it with 3dAFNItoNIFTI",
    (".PAR", ".REC"): "Philips PAR/REC, which is not read; make NIfTI of it with dcm2niix, or export DICOM",
    (".v",): "ECAT, which is not read; make NIfTI of it first",
    (".gii", ".gii.gz"): "GIFTI: a surface, and no volume",
    (".trk", ".tck"): "streamlines, and no volume",
}

SHOWN_FIRST = {".mnc": 0}
"""The axis along which time points follow each other, where it is not the last."""


def theirs(path: Path) -> list[Block]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = nibabel.load(path)
    values = np.asanyarray(image.dataobj)
    if values.ndim == 4:
        values = np.moveaxis(values, SHOWN_FIRST.get(path.suffix, 3), -1)
    series = values.reshape((*values.shape[:3], -1))
    return [Block(series[..., n], np.array(image.affine)) for n in range(series.shape[3])]


def test_the_tables_name_every_file_that_could_be_a_volume():
    """Also the other way round: a file that nibabel no longer brings is to leave the table."""
    assert len(FILES) > 90
    assert {path.name for path in FILES if looks_like_volume(path)} == {*VOLUMES, *REFUSED}


@pytest.mark.parametrize("name", VOLUMES)
def test_a_volume_holds_what_nibabel_finds_where_nibabel_finds_it(name):
    (path,) = [path for path in FILES if path.name == name]
    (found,) = find_volumes(path).volumes
    volume = found.read()
    assert unmatched(blocks_of(volume), theirs(path)) == []
    assert (volume.time_points, volume.voxels.dtype.name, volume.orientation) == VOLUMES[name]
    assert (found.header.time_points, found.header.dtype, found.header.orientation) == VOLUMES[name]
    assert volume.provenance == found.header.provenance
    middle = volume.voxels[:, :, volume.voxels.shape[2] // 2]
    assert np.array_equal(found.middle_slice(), middle, equal_nan=True)


@pytest.mark.parametrize("name", VOLUMES)
def test_what_is_written_anew_is_the_same_to_nibabel(name, tmp_path):
    (path,) = [path for path in FILES if path.name == name]
    (volume,) = read_volumes(path)
    write_nifti(volume, tmp_path / "again.nii.gz")
    assert unmatched(theirs(tmp_path / "again.nii.gz"), theirs(path)) == []


@pytest.mark.parametrize("path", [path for path in FILES if path.name not in VOLUMES], ids=lambda path: path.name)
def test_whatever_else_there_is_has_a_reason(path):
    known = (reason for endings, reason in FOREIGN.items() if path.name.endswith(endings))
    reason = REFUSED.get(path.name) or next(known, "not a known kind of volume")
    with pytest.raises(VolumeReadError, match=re.escape(f"{path.name}' can't be read as a volume: {reason}")):
        find_volumes(path)


def test_the_whole_folder_at_once(tmp_path):
    """As a user would who drops a folder of everything: each volume once, each other file with its reason."""
    for path in FILES:
        shutil.copyfile(path, tmp_path / path.name)
    found = find_volumes(tmp_path)
    assert {volume.header.provenance.source_files[0].name for volume in found.volumes} == set(VOLUMES)
    assert {stray.path.name for stray in found.strays} == {path.name for path in FILES} - set(VOLUMES)
