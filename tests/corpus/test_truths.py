"""DICOM of habits for which the reference is no truth, or not alone: each volume lies where it was scanned."""

from __future__ import annotations

import numpy as np
import pytest
from corpus.reference import Block, blocks_of, converted, unmatched
from corpus.truths import CT, GE, OBLIQUE, TRUTHS, VOXELS, write
from dicom_files import damaged

from napari_vascular_loop.formats.volumes import find_volumes

REFERENCE_DIFFERS = {
    "Dixon": "it lays images of all four kinds one upon the other",
    "Philips' gradients": "it leaves out the trace, which is no gradient",
    "Siemens' coils": "it lays one coil's slices upon the other's",
    "a functional series cut off": "it lays all slices one upon the other",
    "a series for each file": "it makes a volume of each slice",
    "a series for each file, and time points": "it makes a volume of each slice",
    "all sent twice": "it lays slices at one place",
    "big endian and deflated": "it does not read deflated files",
    "kernels": "it lays images of both one upon the other",
    "tube voltages": "it lays images of both one upon the other",
    "an image lost, slice by slice": "it lays all slices one upon the other",
    "images lost, volume by volume": "it lays all slices one upon the other",
    "an image lost of a heart beat": "it lays all slices one upon the other",
    "frames by the clock": "it lays all slices one upon the other",
    "stacks along a spine": "it makes one stack",
    "echo times that jitter": "it takes them for two echoes",
    "frames of all kinds": "it lays several echoes one upon the other",
    "frames without a place": "it takes them as slices",
    "slabs that overlap": "it lays one slab upon the other",
    "slabs that share slices": "it lays one slab upon the other",
    "some sent twice": "it takes them as slices",
    "the patient moved": "it makes one stack",
    "the patient moved by a stack": "it makes one stack",
    "two sides": "it makes one stack",
    "two spacings": "it makes one stack",
    "a scanner that follows the head": "it takes the place of the first for all",
    "places that jitter": "it converts them twice",
    "UIDs and numbers gone": "it makes a volume of each slice",
}


@pytest.mark.parametrize("habit", TRUTHS)
def test_volumes_lie_where_they_were_scanned(tmp_path, habit):
    make, names = TRUTHS[habit]
    truth = [Block(voxels, matrix) for voxels, matrix in make(tmp_path / "in")]
    found = find_volumes(tmp_path / "in")
    assert found.strays == ()
    assert unmatched([block for volume in found.volumes for block in blocks_of(volume.read())], truth) == []
    assert sorted(volume.header.provenance.description for volume in found.volumes) == sorted(names)
    theirs = unmatched(converted(tmp_path / "in", tmp_path / "out"), truth)
    assert bool(theirs) == (habit in REFERENCE_DIFFERS), theirs


SAID = {
    "five images of each place": "each place was imaged 5 times and the files do not say why",
    "a series for each file": "each of its files claims to be a series of its own",
    "all sent twice": "9 images were sent twice",
    "some sent twice": "2 images were sent twice",
    "a copied file": "1 file is a copy of another",
    "slabs that overlap": "its series has 18 slices that lie on no even grid together",
    "two sides": "its series has 18 slices that lie on no even grid together",
}


@pytest.mark.parametrize("habit", SAID)
def test_what_was_made_of_it_is_said(tmp_path, habit):
    TRUTHS[habit][0](tmp_path)
    for volume in find_volumes(tmp_path).volumes:
        (warning,) = volume.header.provenance.warnings
        assert warning.startswith(SAID[habit])


def test_what_was_left_out_is_said(tmp_path):
    TRUTHS["frames without a place"][0](tmp_path / "frames")
    TRUTHS["a functional series cut off"][0](tmp_path / "cut")
    dropped = [find_volumes(tmp_path / name).volumes[0].header.provenance.dropped for name in ("frames", "cut")]
    assert dropped == [
        ("other frames of the file: 2 frames without a place in the patient",),
        ("1 round over the places that is incomplete",),
    ]


def test_pictures_are_no_volumes(tmp_path):
    write(tmp_path, VOXELS, OBLIQUE)
    write(tmp_path, VOXELS[:, :, :2], OBLIQUE, "pjn", **GE | {"ImageType": ["DERIVED", "SECONDARY", "PJN"]})
    nowhere = {"ImagePositionPatient": None, "ImageOrientationPatient": None}
    write(tmp_path, VOXELS[:, :, :1], OBLIQUE, "save", **nowhere, ImageType=["DERIVED", "SECONDARY", "SCREEN SAVE"])
    found = find_volumes(tmp_path)
    (volume,) = found.volumes
    assert np.array_equal(volume.read().voxels, VOXELS)
    assert {stray.path.name: stray.reason for stray in found.strays} == {
        "pjn0": "a projection (ImageType PJN): the depth of what it shows is not known",
        "pjn1": "a projection (ImageType PJN): the depth of what it shows is not known",
        "save0": "a picture of a screen (ImageType SCREEN SAVE), not a slice (MR Image Storage)",
    }


def test_places_that_were_wiped_are_not_believed(tmp_path):
    write(tmp_path, VOXELS, OBLIQUE, ImagePositionPatient=[0, 0, 0], InstanceNumber=lambda k: 20 - k)
    (volume,) = find_volumes(tmp_path).volumes
    assert np.array_equal(volume.read().voxels, VOXELS[:, :, ::-1])
    assert not volume.header.provenance.orientation_known
    assert volume.header.provenance.warnings[0].startswith("Image Position (Patient) is 0, 0, 0 in all files")
    assert volume.header.provenance.said[0].startswith("no true Image Position (Patient)")


def test_rounded_places_are_said(tmp_path):
    to_lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ OBLIQUE
    write(tmp_path, VOXELS, OBLIQUE, ImagePositionPatient=lambda k: (to_lps @ [0, 0, k, 1])[:3].round(1).tolist())
    (volume,) = find_volumes(tmp_path).volumes
    assert np.abs(volume.header.grid.voxel_to_ras @ [8, 10, 4, 1] - OBLIQUE @ [8, 10, 4, 1]).max() < 0.03
    (warning,) = volume.header.provenance.warnings
    assert warning == (
        "its slices lie up to 0.06 mm off an even grid, as if Image Position (Patient) had been rounded; the nearest "
        "grid is used"
    )


def test_minima_of_slabs_are_called_so(tmp_path):
    write(tmp_path, VOXELS, OBLIQUE, ImageType=["DERIVED", "SECONDARY", "MNIP", "SWI"])
    (volume,) = find_volumes(tmp_path).volumes
    (warning,) = volume.header.provenance.warnings
    assert warning == "minimum intensity projections of slabs: the depth of what they show is not known"


def test_a_volume_from_a_turning_tube_is_no_projection(tmp_path):
    write(tmp_path, VOXELS, OBLIQUE, **{**CT, "Modality": "XA"})
    (volume,) = find_volumes(tmp_path).volumes
    assert np.array_equal(volume.read().voxels, VOXELS)


DELICATE = ("United Imaging's grid", "Philips' gradients", "Siemens' coils", "kernels", "a series for each file")
"""Habits of which more than the usual elements are read."""


@pytest.mark.parametrize("habit", DELICATE)
def test_damage_of_what_only_some_files_say_is_borne(tmp_path, habit):
    """Each file in its turn: what is made of the others, and of it, is a volume or has a reason in one line."""
    TRUTHS[habit][0](tmp_path)
    files = sorted(tmp_path.iterdir())
    for number in range(15):
        path = files[number % len(files)]
        whole = path.read_bytes()
        path.write_bytes(next(damaged(whole, number, header_share=1.0)))
        found = find_volumes(tmp_path)
        assert all(stray.reason and "\n" not in stray.reason for stray in found.strays)
        assert all(np.isfinite(volume.header.grid.voxel_to_ras).all() for volume in found.volumes)
        path.write_bytes(whole)


def test_a_flip_angle_in_words_is_none(tmp_path):
    for number in range(2):
        for path in write(tmp_path, VOXELS, OBLIQUE, f"{number}-", FlipAngle="15", InstanceNumber=lambda k: k + 1):
            data = path.read_bytes()
            path.write_bytes(data.replace(b"DS\2\x0015", b"DS\2\0xv"))
            assert path.read_bytes() != data
    assert len(find_volumes(tmp_path).volumes) == 1


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (["ImagePositionPatient"], "no Image Position (Patient)"),
        (["ImageOrientationPatient"], "no Image Orientation (Patient)"),
        (
            ["ImagePositionPatient", "ImageOrientationPatient", "InstanceNumber"],
            "no Image Orientation (Patient) and no Image Position (Patient)",
        ),
    ],
)
def test_what_is_missing_of_the_place_is_named(tmp_path, gone, said):
    write(tmp_path, VOXELS, OBLIQUE, **dict.fromkeys(gone))
    (volume,) = find_volumes(tmp_path).volumes
    (warning,) = volume.header.provenance.warnings
    order = "file name: they have no instance numbers" if "InstanceNumber" in gone else "instance number"
    assert f"({said}); slices are in order of {order}" in warning
    assert volume.header.provenance.said[0].startswith(said)
