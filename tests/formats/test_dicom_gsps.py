"""DICOM presentation states: marks stand on the right pixels of the right slices, and what leaves them is told."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from conftest import ORIENTATIONS, affine_of, make_dot_volume
from dicom_enhanced import enhanced_dataset, frames
from dicom_marks import (
    CANARIES,
    LOOP,
    MARKS,
    NERVE,
    PONS,
    SERIES,
    SPOT,
    STUDY,
    filled_with_the_patient,
    holds_the_patient,
    ras_mm,
    tilted_series,
    written_series,
)
from dicom_mosaic import csa2_header, mosaic_dataset
from dicom_series import save, write_series
from head_study import TILTED

from napari_vascular_loop.domain.annotation import Arrow, Path, Point, Region
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.annotations.dicom_gsps import LONGEST_TEXT, encode_gsps
from napari_vascular_loop.formats.annotations.dicom_slabs import parts_in_box

MOST_PIXELS = 0.01


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    return written_series(tmp_path_factory.mktemp("series"))


def state(marks, sources):
    ((_, data),), losses = encode_gsps(marks, sources)
    return pydicom.dcmread(io.BytesIO(data)), losses


def drawn(dataset):
    """Each line: (SOP instance, frame, kind, points)."""
    return [
        (
            one.ReferencedImageSequence[0].ReferencedSOPInstanceUID,
            one.ReferencedImageSequence[0].get("ReferencedFrameNumber"),
            graphic.GraphicType,
            np.reshape(graphic.GraphicData, (-1, 2)),
        )
        for one in dataset.GraphicAnnotationSequence
        for graphic in one.GraphicObjectSequence
    ]


def pixel_by_the_standard(dataset, place_ras_mm):
    """Column and row of a place, by solving the equation of PS3.3 section C.7.6.2.1.1 for the image's own header.

    It counts from the centre of the first pixel; GSPS from its corner.
    """
    along_row, down_column = np.reshape([float(v) for v in dataset.ImageOrientationPatient], (2, 3))
    row_mm, column_mm = map(float, dataset.PixelSpacing)
    matrix = np.column_stack([along_row * column_mm, down_column * row_mm, np.cross(along_row, down_column)])
    place_lps_mm = np.multiply(place_ras_mm, (-1, -1, 1))
    index = np.linalg.solve(matrix, place_lps_mm - np.array([float(v) for v in dataset.ImagePositionPatient]))
    return index[:2] + 0.5, index[2]


@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS)
def test_a_point_stands_on_its_pixel_in_any_orientation(tmp_path, axes, signs):
    voxel_to_ras = affine_of(axes, signs, (0.7, 1.3, 2.9), (23, -17, 9))
    # DICOM's slices are right-handed or not as they come; the first pixel is where it is.
    files = write_series(tmp_path, make_dot_volume(voxel_to_ras).voxels, voxel_to_ras, StudyInstanceUID=STUDY)
    place = (voxel_to_ras @ np.array([3.25, 8.5, 2.2, 1]))[:3]
    dataset, _ = state([replace(SPOT, geometry=Point(tuple(place)))], files)
    ((instance, _, kind, points),) = drawn(dataset)
    assert kind == "POINT"
    (image,) = (one for one in map(pydicom.dcmread, files) if one.SOPInstanceUID == instance)
    pixel, away_mm = pixel_by_the_standard(image, place)
    assert image.InstanceNumber == 3
    assert abs(away_mm) == pytest.approx(0.2 * 2.9, abs=1e-4)
    np.testing.assert_allclose(points, [pixel], atol=MOST_PIXELS)
    np.testing.assert_allclose(points, [[3.75, 9.0]], atol=MOST_PIXELS)


def test_a_text_is_words_at_their_place_without_a_point(sources):
    text = replace(SPOT, geometry=Point(ras_mm(3, 4, 1), as_text=True), label="Mind the vein")
    dataset, _ = state([text], sources)
    (one,) = dataset.GraphicAnnotationSequence
    assert "GraphicObjectSequence" not in one
    (words,) = one.TextObjectSequence
    assert words.UnformattedTextValue == "Mind the vein"
    np.testing.assert_allclose(words.AnchorPoint, [3.5, 4.5], atol=MOST_PIXELS)
    # Without words the place is all there is.
    dataset, _ = state([replace(text, label="")], sources)
    assert [line[2] for line in drawn(dataset)] == ["POINT"]


def test_the_corner_of_the_image_is_the_origin(sources):
    """The first pixel's centre is 0.5\\0.5; the last one's corner is Columns\\Rows."""
    corner = replace(SPOT, geometry=Point(ras_mm(-0.4999, -0.4999, 1)))
    centre = replace(SPOT, geometry=Point(ras_mm(0, 0, 1)))
    last = replace(SPOT, geometry=Point(ras_mm(10.4999, 12.4999, 1)))
    dataset, _ = state([corner, centre, last], sources)
    points = [line[3][0] for line in drawn(dataset)]
    np.testing.assert_allclose(points, [[0, 0], [0.5, 0.5], [11, 13]], atol=MOST_PIXELS)
    (area,) = dataset.DisplayedAreaSelectionSequence
    assert list(area.DisplayedAreaTopLeftHandCorner) == [1, 1]
    assert list(area.DisplayedAreaBottomRightHandCorner) == [11, 13]


def test_an_arrow_is_a_line_with_a_head_and_its_label(sources):
    dataset, losses = state([LOOP], sources)
    ((instance, frame, kind, points),) = drawn(dataset)
    assert (instance, frame, kind) == (f"{SERIES}.4", None, "POLYLINE")
    tail, tip, barb, back, other = points
    np.testing.assert_allclose(tail, [1.5, 2.5], atol=MOST_PIXELS)
    np.testing.assert_allclose(tip, [6.75, 8.0], atol=MOST_PIXELS)
    np.testing.assert_array_equal(tip, back)
    # In mm, since the pixels are not square: the head opens evenly on both sides of the shaft.
    shaft, *barbs = ((point - tip) * (0.9, 1.1) for point in (tail, barb, other))
    for one in barbs:
        cosine = one @ shaft / np.linalg.norm(one) / np.linalg.norm(shaft)
        assert math.degrees(math.acos(cosine)) == pytest.approx(25, abs=0.1)
        assert np.linalg.norm(one) == pytest.approx(min(3, 0.35 * np.linalg.norm(shaft)), rel=1e-3)
    sides = [np.sign(np.linalg.det([shaft, one])) for one in barbs]
    assert sorted(sides) == [-1, 1]
    (text,) = dataset.GraphicAnnotationSequence[0].TextObjectSequence
    assert text.UnformattedTextValue == LOOP.label
    np.testing.assert_allclose(text.AnchorPoint, tail)
    assert [loss.words for loss in losses] == [
        "its note",
        "its structure",
        "its side",
        "its grade",
        "its passages of the article",
        "when it was made",
    ]
    assert dataset.ContentCreatorName.family_name == "A. Teacher"


def test_a_region_in_one_slice_is_closed(sources):
    dataset, losses = state([PONS], sources)
    ((instance, _, _, points),) = drawn(dataset)
    assert instance == f"{SERIES}.3"
    np.testing.assert_allclose(points, [[1.5, 2.5], [4.5, 9.5], [8.5, 9.5], [7.5, 3.5], [1.5, 2.5]], atol=MOST_PIXELS)
    assert {loss.words for loss in losses} == {"its structure", "when it was made"}


def test_a_path_is_cut_at_the_slices(sources):
    """From slice 0.5 by 2.5 to 5: half of it is told where it leaves, all of it is drawn."""
    dataset, losses = state([NERVE], sources)
    lines = drawn(dataset)
    assert [instance for instance, *_ in lines] == [f"{SERIES}.{n}" for n in (2, 3, 4, 5, 6)]
    ends = np.array([points[[0, -1]] for *_, points in lines])
    # One goes on where the one before ends.
    np.testing.assert_allclose(ends[1:, 0], ends[:-1, 1], atol=MOST_PIXELS)
    np.testing.assert_allclose(ends[[0, -1], [0, 1]], [[1.5, 2.5], [9.5, 10.5]], atol=MOST_PIXELS)
    # At the border between slices 2 and 3 lies half of the first stretch: (1, 2) to (4, 9).
    np.testing.assert_allclose(ends[0, 1], [3.0, 6.0], atol=MOST_PIXELS)
    assert losses[0].words.startswith("its way through 5 slices")
    assert all(one.TextObjectSequence[0].UnformattedTextValue == "CN VII" for one in dataset.GraphicAnnotationSequence)


def test_an_arrow_that_leaves_its_slice_is_told(sources):
    deep = replace(LOOP, geometry=Arrow(ras_mm(1, 2, 0), ras_mm(6, 7, 3)))
    dataset, losses = state([deep], sources)
    ((instance, _, _, points),) = drawn(dataset)
    assert instance == f"{SERIES}.4"
    np.testing.assert_allclose(points[:2], [[1.5, 2.5], [6.5, 7.5]], atol=MOST_PIXELS)
    assert losses[0].words.startswith("its depth")
    upright = replace(LOOP, geometry=Arrow(ras_mm(6, 7, 0), ras_mm(6, 7, 3)))
    dataset, losses = state([upright], sources)
    assert drawn(dataset)[0][2] == "POINT"
    assert any(loss.words.startswith("its direction") for loss in losses)


def test_an_arrow_that_begins_outside_the_image_is_cut(sources):
    outside = replace(LOOP, geometry=Arrow(ras_mm(-6, 2, 3), ras_mm(5, 2, 3)))
    dataset, losses = state([outside], sources)
    ((_, _, _, points),) = drawn(dataset)
    np.testing.assert_allclose(points[:2], [[0, 2.5], [5.5, 2.5]], atol=MOST_PIXELS)
    assert losses[0].words.startswith("the end of its tail")


def test_a_region_that_crosses_slices_is_told(sources):
    crossing = replace(PONS, geometry=Region((ras_mm(1, 2, 1), ras_mm(8, 2, 1), ras_mm(8, 9, 4), ras_mm(1, 9, 4))))
    dataset, losses = state([crossing], sources)
    assert {instance for instance, *_ in drawn(dataset)} == {f"{SERIES}.{n}" for n in (2, 3, 4, 5)}
    assert any(loss.words.startswith("its way through 4 slices") for loss in losses)


def test_what_lies_outside_is_told(sources):
    out = replace(SPOT, id="urn:uuid:1", geometry=Point(ras_mm(5, 5, 9)))
    half = replace(NERVE, geometry=Path((ras_mm(5, 5, 1), ras_mm(25, 5, 1))))
    dataset, losses = state([out, half], sources)
    ((_, _, _, points),) = drawn(dataset)
    np.testing.assert_allclose(points, [[5.5, 5.5], [11, 5.5]], atol=MOST_PIXELS)
    assert [loss.words for loss in losses if loss.annotation_id == out.id] == [
        "the mark itself: it lies in none of the images"
    ]
    assert any("outside the images" in loss.words for loss in losses if loss.annotation_id == half.id)
    with pytest.raises(LessonError, match=r"none of the marks lies in these images.*Slicer markups"):
        encode_gsps([out], sources)


def test_where_a_slice_is_missing_nothing_is_drawn_on_its_neighbours(tmp_path):
    files = [file for n, file in enumerate(written_series(tmp_path)) if n != 3]
    there, missing = replace(SPOT, geometry=Point(ras_mm(5, 5, 2.4))), replace(SPOT, geometry=Point(ras_mm(5, 5, 3)))
    dataset, losses = state([there, missing], files)
    assert [instance for instance, *_ in drawn(dataset)] == [f"{SERIES}.3"]
    assert any("none of the images" in loss.words for loss in losses)


def test_half_way_between_slices_it_is_drawn_once(sources):
    between = replace(PONS, geometry=Region((ras_mm(1, 2, 2.5), ras_mm(4, 9, 2.5), ras_mm(8, 9, 2.5))))
    dataset, _ = state([replace(SPOT, geometry=Point(ras_mm(5, 5, 2.5)))], sources)
    assert len(drawn(dataset)) == 1
    dataset, _ = state([between], sources)
    assert {instance for instance, *_ in drawn(dataset)} <= {f"{SERIES}.3", f"{SERIES}.4"}


def test_a_long_label_is_cut_and_told(sources):
    dataset, losses = state([replace(SPOT, label="ü" * 2000)], sources)
    text = dataset.GraphicAnnotationSequence[0].TextObjectSequence[0].UnformattedTextValue
    assert len(text) == LONGEST_TEXT
    assert text.endswith("ü…")
    assert any("1023 characters fit" in loss.words for loss in losses)


def test_a_mark_without_a_label_has_no_text(sources):
    dataset, _ = state([replace(SPOT, label="  ")], sources)
    assert "TextObjectSequence" not in dataset.GraphicAnnotationSequence[0]


# ------------------------------------------------------------------ grey values, and how many states


def test_grey_values_are_shown_as_the_images_propose(tmp_path):
    files = written_series(
        tmp_path, RescaleSlope="2", RescaleIntercept="-7", WindowCenter=["400", "40"], WindowWidth=["900", "80"]
    )
    dataset, _ = state(MARKS, files)
    assert (dataset.RescaleSlope, dataset.RescaleIntercept) == (2, -7)
    (window,) = dataset.SoftcopyVOILUTSequence
    assert (window.WindowCenter, window.WindowWidth) == (400, 900)
    assert "ReferencedImageSequence" not in window


def test_each_slice_keeps_its_own_window(tmp_path):
    files = written_series(tmp_path, WindowCenter=lambda k: str(100 + k), WindowWidth="300")
    dataset, _ = state([PONS, LOOP], files)
    windows = {
        one.ReferencedImageSequence[0].ReferencedSOPInstanceUID: one.WindowCenter
        for one in dataset.SoftcopyVOILUTSequence
    }
    assert windows == {f"{SERIES}.3": 102, f"{SERIES}.4": 103}


def test_slices_of_different_rescaling_take_a_state_each(tmp_path):
    files = written_series(tmp_path, RescaleSlope=lambda k: str(1 + k), RescaleIntercept="0")
    written, _ = encode_gsps([PONS, LOOP], files)
    assert [name for name, _ in written] == ["marks-1.dcm", "marks-2.dcm"]
    slopes = [pydicom.dcmread(io.BytesIO(data)).RescaleSlope for _, data in written]
    assert slopes == [3, 4]


def test_one_state_refers_to_all_marked_images_and_no_others(sources):
    dataset, _ = state([PONS, LOOP], sources)
    (series,) = dataset.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == SERIES
    assert {one.ReferencedSOPInstanceUID for one in series.ReferencedImageSequence} == {f"{SERIES}.3", f"{SERIES}.4"}
    assert (dataset.StudyInstanceUID, dataset.Modality) == (STUDY, "PR")
    assert dataset.SpecificCharacterSet == "ISO_IR 192"


# ------------------------------------------------------------------ files of many slices


def test_frames_of_an_enhanced_file_are_named(tmp_path):
    voxels = make_dot_volume(TILTED).voxels
    images = frames(voxels, TILTED, FrameVOILUTSequence={"WindowCenter": lambda k: 50 + k, "WindowWidth": 200})
    file = save(enhanced_dataset(images[::-1], StudyInstanceUID=STUDY, SeriesInstanceUID=SERIES), tmp_path / "x.dcm")
    dataset, _ = state([PONS, LOOP], [file])
    (pons, loop) = drawn(dataset)
    assert (pons[1], loop[1]) == (5, 4)  # the frames are stored from the last on
    np.testing.assert_allclose(loop[3][:2], [[1.5, 2.5], [6.75, 8.0]], atol=MOST_PIXELS)
    windows = {
        one.ReferencedImageSequence[0].ReferencedFrameNumber: one.WindowCenter for one in dataset.SoftcopyVOILUTSequence
    }
    assert windows == {5: 52, 4: 53}


def test_tiles_of_a_mosaic_are_found(tmp_path):
    voxels = make_dot_volume(TILTED).voxels
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ TILTED
    normal = np.cross(lps[:3, 0] / 0.9, lps[:3, 1] / 1.1)
    csa = csa2_header(NumberOfImagesInMosaic=7, SliceNormalVector=[f"{v:.8f}" for v in normal])
    tiles = math.ceil(math.sqrt(7))
    dataset = mosaic_dataset(voxels, TILTED, csa, StudyInstanceUID=STUDY, SeriesInstanceUID=SERIES)
    file = save(dataset, tmp_path / "x.dcm")
    made, _ = state([LOOP], [file])
    ((_, _, _, points),) = drawn(made)
    row, column = divmod(3, tiles)  # slice 3, in tiles of 11 columns and 13 rows
    np.testing.assert_allclose(
        points[:2], [[11 * column + 1.5, 13 * row + 2.5], [11 * column + 6.75, 13 * row + 8]], atol=MOST_PIXELS
    )


# ------------------------------------------------------------------ nothing of the patient


def test_no_byte_of_the_patient_comes_out(tmp_path):
    files = [
        save(filled_with_the_patient(one), tmp_path / "ZZNAME" / f"ZZNUMBER{n}.dcm")
        for n, one in enumerate(tilted_series(PatientName="ZZNAME^ZZNAME", WindowCenter="400", WindowWidth="900"))
    ]
    assert all(set(holds_the_patient(file.read_bytes())) == set(CANARIES) for file in files)
    written, _ = encode_gsps(MARKS, files)
    for name, data in written:
        assert holds_the_patient(data) == []
        assert holds_the_patient(name.encode()) == []
        assert pydicom.dcmread(io.BytesIO(data)).PatientIdentityRemoved == "YES"


def test_a_volume_from_nifti_has_no_slices(tmp_path):
    path = tmp_path / "head.nii"
    path.write_bytes(bytes(352))
    with pytest.raises(LessonError, match=r"not read from DICOM.*Slicer markups"):
        encode_gsps(MARKS, [path])


# ------------------------------------------------------------------ cutting lines


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ([(1, 1), (2, 3)], [[(1, 1), (2, 3)]]),
        ([(-5, 1), (5, 1)], [[(0, 1), (4, 1)]]),
        ([(-5, 1), (-5, 9)], []),
        ([(1, 1), (9, 1), (9, 3), (1, 3)], [[(1, 1), (4, 1)], [(4, 3), (1, 3)]]),
        ([(1, 1), (2, 1), (2, 9)], [[(1, 1), (2, 1), (2, 6)]]),
        ([(1, 1), (1, 1)], [[(1, 1), (1, 1)]]),
        ([(5, 5), (9, 9)], []),
    ],
)
def test_lines_are_cut_to_a_box(line, parts):
    found = parts_in_box(np.array(line, float), np.array([0.0, 0.0]), np.array([4.0, 6.0]))
    assert [part.tolist() for part in found] == [[list(map(float, point)) for point in part] for part in parts]


def test_annotations_are_not_mixed_up(sources):
    """Each line carries the id of its mark."""
    dataset, _ = state(MARKS, sources)
    seen = {
        graphic.TrackingUID: graphic.TrackingID
        for one in dataset.GraphicAnnotationSequence
        for graphic in one.GraphicObjectSequence
    }
    assert sorted(seen.values()) == sorted(one.title for one in MARKS)
