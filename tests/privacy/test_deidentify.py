"""What is taken out of DICOM and NIfTI files, and what has to stay."""

from __future__ import annotations

import json

import imagecodecs
import nibabel
import numpy as np
import pydicom
import pytest
from conftest import affine_of
from dicom_enhanced import frames, write_enhanced
from dicom_series import save, slice_dataset, write_series
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)
from telling_dicom import MATRIX, NAME, UID_NEEDLE, WORD, telling_series, told_in, voxels

from napari_vascular_loop.domain.errors import PrivacyError
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.privacy import Dates, Options, deidentify


def test_an_identifier_in_every_place_that_can_hold_one_is_gone_and_the_image_is_the_same(tmp_path):
    files = telling_series(tmp_path / "in")
    assert len(told_in(files[0])) > 4, "the test can fail"
    before = read_volumes(tmp_path / "in")[0]
    done = deidentify(tmp_path / "in", tmp_path / "out")
    assert [path.relative_to(tmp_path / "out").as_posix() for path in done.written] == [
        f"series-01/image-{number:04}.dcm" for number in range(1, 6)
    ]
    for path in done.written:
        assert told_in(path) == []
        assert UID_NEEDLE not in path.read_bytes()
    assert done.removed["PatientName"] >= 5
    assert not any(word in str(done) for word in (NAME, WORD)), "the report tells nothing of it"
    after = read_volumes(tmp_path / "out")[0]
    assert np.array_equal(after.voxels, before.voxels)
    assert np.array_equal(after.voxels, voxels())
    assert after.voxel_to_ras == pytest.approx(before.voxel_to_ras, abs=1e-9)
    assert after.voxel_to_ras == pytest.approx(MATRIX, abs=1e-4)


def test_the_file_says_how_it_was_made_and_belongs_together_as_before(tmp_path):
    telling_series(tmp_path / "in")
    deidentify(tmp_path / "in", tmp_path / "out", Options(descriptions=True, device=True))
    made = [pydicom.dcmread(path) for path in sorted((tmp_path / "out").rglob("*.dcm"))]
    first = made[0]
    assert first.PatientIdentityRemoved == "YES"
    assert [item.CodeValue for item in first.DeidentificationMethodCodeSequence] == ["113100", "113105", "113109"]
    assert first.LongitudinalTemporalInformationModified == "REMOVED"
    assert first.PatientName == first.PatientID == "Patient 1"
    assert first.SeriesDescription == "T2 CISS tra"
    assert "Manufacturer" not in first, "what is no maker's name in plain letters"
    assert len({one.SeriesInstanceUID for one in made}) == len({one.FrameOfReferenceUID for one in made}) == 1
    assert len({one.SOPInstanceUID for one in made}) == 5
    assert all(one.SOPInstanceUID == one.file_meta.MediaStorageSOPInstanceUID for one in made)
    assert first.SOPClassUID == "1.2.840.10008.5.1.4.1.1.4", "the standard's own stay"
    assert first[0x00100010].value == "Patient 1"
    assert not any(tag.is_private for tag in first.keys())  # noqa: SIM118


@pytest.mark.filterwarnings("ignore")  # of the other program
def test_another_program_takes_nothing_out_that_is_left_here(tmp_path):
    from dicognito.anonymizer import Anonymizer

    path = telling_series(tmp_path / "in")[0]
    source, theirs = pydicom.dcmread(path), pydicom.dcmread(path)
    Anonymizer(seed="seed").anonymize(theirs)
    deidentify(path, tmp_path / "out")
    ours = pydicom.dcmread(next((tmp_path / "out").rglob("*.dcm")))
    changed = [tag for tag in source.keys() if tag not in theirs or source[tag].value != theirs[tag].value]  # noqa: SIM118
    assert len(changed) > 50
    left = [tag for tag in changed if tag in ours and ours[tag].VR != "SQ" and ours[tag].value == source[tag].value]
    assert left == []


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_frames_of_an_enhanced_file_keep_their_places_and_stacks(tmp_path, syntax):
    ijk = np.random.default_rng(2).integers(0, 4000, (9, 7, 4)).astype(np.uint16)
    tilted = affine_of((0, 1, 2), (-1, -1, 1), (0.8, 1.1, 2.3), (4, 70, -3))
    images = [*frames(ijk, MATRIX, stack=NAME), *frames(ijk[:, ::-1] // 2, tilted, stack="B")]
    write_enhanced(tmp_path / "in" / "one.dcm", images[::-1], syntax, PatientName=NAME, AccessionNumber=WORD)
    assert told_in(tmp_path / "in" / "one.dcm")
    before = read_volumes(tmp_path / "in")
    (made,) = deidentify(tmp_path / "in", tmp_path / "out").written
    assert told_in(made) == []
    after = read_volumes(made)
    assert len(before) == len(after) == 2
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one.voxels, other.voxels)
        assert one.voxel_to_ras == pytest.approx(other.voxel_to_ras, abs=1e-9)


def test_dates_are_put_back_by_the_same_days_for_one_patient(tmp_path):
    ijk = np.zeros((4, 5, 2), np.int16)
    for name, patient, date in (("a", "P1", "20240301"), ("b", "P1", "20240311"), ("c", "P2", "20240301")):
        write_series(
            tmp_path / "in" / name,
            ijk,
            MATRIX,
            PatientID=patient,
            StudyDate=date,
            StudyTime="101112",
            AcquisitionDateTime=f"{date}101112.5",
            SeriesInstanceUID=f"1.2.{ord(name)}",
            PatientBirthDate="19500101",
            PatientSex="F",
            PatientAge="074Y",
            PatientWeight="61",
        )
    options = Options(dates=Dates.SHIFTED, characteristics=True)
    done = deidentify(tmp_path / "in", tmp_path / "out", options)
    made = [pydicom.dcmread(path) for path in done.written]
    days = {one.SeriesInstanceUID: one.StudyDate for one in made}
    assert len(days) == 3
    first, later, _other = (np.datetime64(f"{day[:4]}-{day[4:6]}-{day[6:]}") for day in days.values())
    assert later - first == np.timedelta64(10, "D")
    assert first < np.datetime64("2024-03-01")
    assert {one.PatientID for one in made} == {"Patient 1", "Patient 2"}
    assert made[0].AcquisitionDateTime == f"{made[0].StudyDate}101112.5"
    assert made[0].LongitudinalTemporalInformationModified == "MODIFIED"
    assert (made[0].PatientBirthDate, made[0].PatientSex, made[0].PatientAge, made[0].PatientWeight) == (
        "",
        "F",
        "074Y",
        61,
    )
    kept = deidentify(tmp_path / "in" / "a", tmp_path / "kept", Options(dates=Dates.KEPT, uids=True)).written[0]
    assert pydicom.dcmread(kept).StudyDate == "20240301"
    assert pydicom.dcmread(kept).SeriesInstanceUID == f"1.2.{ord('a')}"


PIXELS = (np.arange(24 * 20, dtype=np.uint16) * 53 % 4001).reshape(20, 24)


def with_jpeg_comment(data):
    return data[:2] + b"\xff\xfe" + (2 + len(WORD)).to_bytes(2, "big") + WORD.encode() + data[2:]


def with_jpeg_2000_comment(data):
    comment = b"\xff\x64" + (4 + len(WORD)).to_bytes(2, "big") + b"\0\1" + WORD.encode()
    at = data.index(b"\xff\x52")
    return data[:at] + comment + data[at:]


@pytest.mark.parametrize(
    ("syntax", "encode", "comment"),
    [
        (JPEGLosslessSV1, lambda image: imagecodecs.ljpeg_encode(image, bitspersample=12), with_jpeg_comment),
        (JPEGLSLossless, imagecodecs.jpegls_encode, with_jpeg_comment),
        (
            JPEG2000Lossless,
            lambda image: imagecodecs.jpeg2k_encode(image, codecformat="j2k", reversible=True),
            with_jpeg_2000_comment,
        ),
    ],
    ids=["JPEG", "JPEG-LS", "JPEG 2000"],
)
def test_comments_within_compressed_images_and_what_stands_behind_them_are_gone(tmp_path, syntax, encode, comment):
    dataset = slice_dataset(
        PIXELS,
        BitsStored=12,
        HighBit=11,
        ImagePositionPatient=[0, 0, 0],
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        PixelSpacing=[1, 1],
        SliceThickness=2,
    )
    data = comment(bytes(encode(PIXELS))) + WORD.encode()
    dataset.PixelData = encapsulate([data + b"\0" * (len(data) % 2)])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = syntax
    path = save(dataset, tmp_path / "in" / "one.dcm")
    assert told_in(path)
    (made,) = deidentify(path, tmp_path / "out").written
    assert told_in(made) == []
    assert np.array_equal(read_volumes(made)[0].voxels[:, :, 0].T, PIXELS)


def test_run_lengths_are_unpacked_since_anything_may_stand_between_them(tmp_path):
    dataset = slice_dataset(
        PIXELS, ImagePositionPatient=[0, 0, 0], ImageOrientationPatient=[1, 0, 0, 0, 1, 0], PixelSpacing=[1, 1]
    )
    dataset.compress(RLELossless, generate_instance_uid=False)
    path = save(dataset, tmp_path / "in" / "one.dcm")
    (made,) = deidentify(path, tmp_path / "out").written
    again = pydicom.dcmread(made)
    assert not again.file_meta.TransferSyntaxUID.is_compressed
    assert np.array_equal(again.pixel_array, PIXELS)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"BurnedInAnnotation": "YES"}, "words are burned into the image"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "secondary capture"),
        ({"Modality": "US"}, "of modality US"),
    ],
)
def test_burned_in_words_are_asked_about_not_promised(tmp_path, values, why):
    path = save(slice_dataset(PIXELS, **values), tmp_path / "in" / "one.dcm")
    with pytest.raises(PrivacyError, match=why):
        deidentify(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    done = deidentify(path, tmp_path / "out", Options(confirm_pixels=True))
    assert len(done.written) == 1
    assert why in next(iter(done.to_look_at))


def test_images_in_doubt_are_drawn_to_be_looked_at(tmp_path, run):
    import matplotlib.image

    # A faint word in one of many frames, in an image with a glaring pixel.
    cine = np.zeros((6, 20, 24), np.uint16)
    cine[:, 3, 4], cine[4, 8:11, 5] = 60_000, 7
    save(
        slice_dataset(cine[0], Modality="US", NumberOfFrames=6, PixelData=cine.tobytes(), PatientName=NAME),
        tmp_path / "in" / f"{WORD}.dcm",
    )
    write_series(tmp_path / "in" / "scan", np.zeros((4, 5, 2), np.int16), MATRIX)
    refused = run("deidentify", tmp_path / "in", tmp_path / "out")
    assert refused.code == 2
    assert "--show FOLDER" in refused.err
    said = run("deidentify", tmp_path / "in", tmp_path / "out", "--show", tmp_path / "look", "--json")
    assert json.loads(said.out)["files"] == ["0001-brightest.png", "0001-darkest.png"]
    assert not (tmp_path / "out").exists()
    seen = matplotlib.image.imread(tmp_path / "look" / "0001-brightest.png")
    assert seen.shape == (20, 24)
    assert seen[3, 4] == 1
    assert (seen[8:11, 5] > 0.4).all()
    assert (seen[12:] == 0).all()
    again = run("deidentify", tmp_path / "in", tmp_path / "out", "--show", tmp_path / "look")
    assert "not empty" in again.err
    plain = run("deidentify", tmp_path / "in", tmp_path / "out", "--show", tmp_path / "look2")
    assert "Pictures of 1 image are in" in plain.out
    assert "QUIXLER" not in plain.out
    assert "Nothing speaks" in run("deidentify", tmp_path / "in" / "scan", tmp_path / "o", "--show", tmp_path / "l").out


def test_no_number_of_the_image_is_lost_though_the_patient_has_the_same(tmp_path):
    matrix = affine_of((0, 1, 2), (-1, -1, 1), (0.8, 1.1, 2.3), (4.1024, 7, -1024))
    options = {"RescaleIntercept": "-1024", "RescaleSlope": "1", "RepetitionTime": "1024", "PatientWeight": "1024"}
    write_series(tmp_path / "in", np.arange(40, dtype=np.int16).reshape(4, 5, 2), matrix, PatientID="1024", **options)
    before = read_volumes(tmp_path / "in")[0]
    done = deidentify(tmp_path / "in", tmp_path / "out", Options(characteristics=True))
    after = read_volumes(tmp_path / "out")[0]
    assert after.rescale == before.rescale
    assert after.rescale.intercept == -1024
    assert after.voxel_to_ras == pytest.approx(before.voxel_to_ras, abs=1e-9)
    first = pydicom.dcmread(done.written[0])
    assert first.RepetitionTime == 1024
    assert "PatientWeight" not in first


def test_what_is_no_image_is_left_out_and_told(tmp_path):
    write_series(tmp_path / "in", np.zeros((4, 5, 2), np.int16), MATRIX)
    (tmp_path / "in" / "QUIXLER.txt").write_text("QUIXLER")
    (tmp_path / "in" / "broken").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 50)
    report = slice_dataset(PIXELS, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.22", Rows=None)
    del report.PixelData
    save(report, tmp_path / "in" / "report.dcm")
    mosaic = slice_dataset(PIXELS, ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"])
    save(mosaic, tmp_path / "in" / "mosaic.dcm")
    done = deidentify(tmp_path / "in", tmp_path / "out")
    assert len(done.written) == 2
    assert sum(done.left_out.values()) == 4
    assert any("free text" in why for why in done.left_out)
    assert any("mosaic" in why for why in done.left_out)
    assert not any(told_in(path) for path in done.written)


def test_nothing_is_mixed_up_or_written_into_the_source(tmp_path):
    write_series(tmp_path / "in", np.zeros((4, 5, 2), np.int16), MATRIX)
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "mine.txt").write_text("mine")
    with pytest.raises(PrivacyError, match="not empty"):
        deidentify(tmp_path / "in", tmp_path / "used")
    with pytest.raises(PrivacyError, match="within the folder"):
        deidentify(tmp_path / "in", tmp_path / "in" / "out")
    with pytest.raises(PrivacyError, match="no file at"):
        deidentify(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(PrivacyError, match="could be de-identified"):
        deidentify(tmp_path / "used", tmp_path / "out")


def test_a_nifti_file_and_the_json_beside_it(tmp_path):
    image = nibabel.Nifti1Image(
        np.arange(60, dtype=np.int16).reshape(3, 4, 5), affine_of((0, 2, 1), (1, -1, 1), (1, 2, 3))
    )
    for name in ("descrip", "aux_file", "db_name", "intent_name"):
        image.header[name] = b"QUIXLER"
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", WORD.encode()))
    (tmp_path / "in").mkdir()
    nibabel.save(image, tmp_path / "in" / "QUIXLER.nii.gz")
    (tmp_path / "in" / "QUIXLER.json").write_text(
        json.dumps({"EchoTime": 0.25, "PatientName": NAME, "FlipAngle": WORD})
    )
    done = deidentify(tmp_path / "in", tmp_path / "out")
    assert sorted(path.name for path in done.written) == ["volume-01.json", "volume-01.nii.gz"]
    assert not any(told_in(path) for path in done.written)
    assert json.loads((tmp_path / "out" / "volume-01.json").read_text()) == {"EchoTime": 0.25}
    made = nibabel.load(tmp_path / "out" / "volume-01.nii.gz")
    assert np.array_equal(np.asanyarray(made.dataobj), np.asanyarray(image.dataobj))
    assert made.affine == pytest.approx(image.affine)


def test_the_command_line_tells_attributes_and_nothing_of_what_they_said(tmp_path, run):
    telling_series(tmp_path / "in")
    said = run("deidentify", tmp_path / "in", tmp_path / "out", "--json")
    document = json.loads(said.out)
    assert len(document["files"]) == 5
    assert document["removed"]["PatientID"] == 5
    assert document["removed"]["private"] >= 5
    plain = run("deidentify", tmp_path / "in", tmp_path / "again", "--keep-descriptions", "--shift-dates")
    assert "PatientName" in plain.out
    for text in (said.out, said.err, plain.out, plain.err):
        assert not any(word in text for word in ("QUIXLER", WORD, "47110815"))
    assert run("deidentify", tmp_path / "nowhere", tmp_path / "third").code == 2
