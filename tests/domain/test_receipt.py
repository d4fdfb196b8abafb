"""The orientation receipt: what a teacher reads of where a volume lies is true, and what is assumed is said."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import nibabel
import numpy as np
import pytest
from conftest import ORIENTATIONS, TILT_DEG, affine_of

from napari_vascular_loop.domain.receipt import LEFT_HANDED, NOTES, RIGHT_HANDED, lines, receipt
from napari_vascular_loop.domain.space import Grid
from napari_vascular_loop.domain.volume import Provenance, Rescale, VolumeHeader

SHAPE = (11, 13, 7)
SPACING_MM = (0.9, 1.1, 2.3)
MATRIX = affine_of((0, 1, 2), (-1, -1, 1), SPACING_MM, TILT_DEG)


def header(matrix: np.ndarray = MATRIX, about: Provenance | None = None, **changes) -> VolumeHeader:
    return VolumeHeader(Grid(SHAPE, matrix), about or Provenance(), **changes)


def said(of: VolumeHeader) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for heading, text in lines(receipt(of)):
        found.setdefault(heading, []).append(text)
    return found


@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS)
def test_letters_and_handedness_are_those_of_nibabel_and_the_determinant(axes, signs):
    matrix = affine_of(axes, signs, SPACING_MM, TILT_DEG)
    made = receipt(header(matrix))
    assert made.orientation == "".join(nibabel.aff2axcodes(matrix))
    swaps = sum(a > b for n, a in enumerate(axes) for b in axes[n + 1 :]) + sum(sign < 0 for sign in signs)
    assert made.handedness == (LEFT_HANDED if swaps % 2 else RIGHT_HANDED)
    assert made.spacing_mm == pytest.approx(SPACING_MM)
    assert made.extent_mm == pytest.approx((9.9, 14.3, 16.1))
    assert made.first_voxel_ras_mm == pytest.approx(tuple(matrix[:3, 3]))
    assert made.last_voxel_ras_mm == pytest.approx(tuple(nibabel.affines.apply_affine(matrix, (10, 12, 6))))
    assert made.obliquity_deg == pytest.approx(float(np.degrees(nibabel.affines.obliquity(matrix)).max()))


def test_a_receipt_in_words():
    about = Provenance(
        said=("sform code 1 (scanner)",),
        assumed=("no unit of length: mm assumed",),
        dropped=("3 files are copies of others",),
        warnings=("2 slices are missing and shown black, at S 27.7 mm", "its end does not agree"),
        gaps=("2 slices are missing and shown black, at S 27.7 mm", "0.3 mm between slices of 2 mm thickness"),
    )
    found = said(header(about=about, rescale=Rescale(0.5, -3), dtype="int16", time_points=4))
    assert found["orientation"] == ["LPS: the axes of the array run to the patient's left, back, head"]
    assert found["the file says"] == ["sform code 1 (scanner)"]
    assert found["assumed"] == ["no unit of length: mm assumed"]
    assert found["left out"] == ["3 files are copies of others"]
    missing, between = found["gaps"]
    assert missing == "2 slices are missing and shown black, at S 27.7 mm"
    assert between == "0.3 mm between slices of 2 mm thickness"
    assert found[NOTES] == ["its end does not agree"]
    assert found["spacing"] == ["0.9 x 1.1 x 2.3 mm, 11 x 13 x 7 voxels"]
    assert found["extent"] == ["9.9 x 14.3 x 16.1 mm"]
    assert found["first voxel"] == ["R 11.30 P 7.90 S 23.10 mm"]
    assert found["oblique by"][0].startswith("13.87 degrees")
    assert found["values"] == ["stored as int16; value = 0.5 x stored - 3"]
    assert found["time points"] == ["4; marks bind to the first"]


def test_a_plain_scan_has_a_short_receipt():
    found = said(header(affine_of((0, 1, 2), (1, 1, 1), SPACING_MM), dtype="uint16"))
    assert found["gaps"] == ["none found"]
    assert found["oblique by"] == ["0 degrees: the axes run along the patient's"]
    assert found["values"] == ["stored as uint16, not rescaled"]
    assert found["handedness"][0].startswith(RIGHT_HANDED)
    assert found.keys().isdisjoint({NOTES, "time points", "left out", "assumed", "the file says", "sheared by"})


def test_mirrored_storage_is_explained():
    found = said(header(affine_of((0, 1, 2), (-1, 1, 1), SPACING_MM)))
    (text,) = found["handedness"]
    assert text.startswith(LEFT_HANDED)
    assert "swapped" in text


def test_an_unknown_orientation_is_loud_and_nothing_is_told_that_needs_it():
    about = Provenance(orientation_known=False, assumed=("x, y and z are laid out as if",))
    made = receipt(header(about=about))
    assert made.orientation is None
    assert made.handedness is None
    found = said(header(about=about))
    assert found["orientation"][0].startswith("UNKNOWN")
    assert found.keys().isdisjoint({"handedness", "first voxel", "last voxel", "oblique by"})
    assert found["assumed"] == ["x, y and z are laid out as if"]
    assert next(iter(found)) == "orientation"


def test_shear_is_said():
    matrix = affine_of((0, 1, 2), (1, 1, 1), (1, 1, 1))
    matrix[1, 2] = np.tan(np.radians(10))
    assert receipt(header(matrix)).shear_deg == pytest.approx(10)
    assert said(header(matrix))["sheared by"] == ["10.00 degrees: the axes do not stand square on each other"]


def test_a_receipt_can_not_be_altered():
    made = receipt(header())
    with pytest.raises(FrozenInstanceError):
        made.orientation = "RAS"
