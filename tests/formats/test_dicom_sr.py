"""DICOM structured reports: marks come back as they were, nothing of the patient goes out, nothing hostile comes in."""

from __future__ import annotations

import io
import struct
import sys
import time
import uuid
import zlib
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from conftest import affine_of
from dicom_enhanced import enhanced_dataset, frames
from dicom_marks import (
    CANARIES,
    FRAME,
    LOOP,
    MARKS,
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
from dicom_series import save, slice_dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from orthanc import written
from pydicom.dataset import Dataset
from pydicom.uid import BasicTextSRStorage, DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Grade, Path, Point, Region, Side
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.domain.errors import LessonError, VascularLoopError, WrongVolumeError
from napari_vascular_loop.domain.terms import STRUCTURES
from napari_vascular_loop.formats.annotations import dicom_bytes
from napari_vascular_loop.formats.annotations.dicom_sr import decode_sr, encode_sr, frames_of_reference

MOST_MM = 0.001


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    return written_series(tmp_path_factory.mktemp("series"))


@pytest.fixture(scope="module")
def report(sources):
    """A report of four marks."""
    data, losses = encode_sr(MARKS, sources)
    assert losses == ()
    return data


def parsed(data):
    return pydicom.dcmread(io.BytesIO(data))


def groups(dataset):
    return dataset.ContentSequence[-1].ContentSequence


def item(dataset, kind, meaning):
    """The content item of a kind and name in a group."""
    (found,) = (
        one
        for one in dataset.ContentSequence
        if one.ValueType == kind and one.ConceptNameCodeSequence[0].CodeMeaning == meaning
    )
    return found


def assert_same(back, marks):
    assert len(back) == len(marks)
    for one, mark in zip(back, marks, strict=True):
        assert replace(one, geometry=mark.geometry) == mark
        assert type(one.geometry) is type(mark.geometry)
        np.testing.assert_allclose(one.geometry.vertices_ras_mm, mark.geometry.vertices_ras_mm, atol=MOST_MM, rtol=0)


# ------------------------------------------------------------------ round trip


def test_marks_come_back_as_they_were(report):
    back, losses = decode_sr(report, "marks.dcm", "tof", FRAME)
    assert losses == ()
    assert_same(back, MARKS)
    assert frames_of_reference(report, "marks.dcm") == (FRAME,)


places = st.tuples(*[st.floats(-400, 400, allow_nan=False)] * 3)
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x7f", min_codepoint=32)).map(
    lambda text: text.rstrip(" ")
)
passages = st.builds(
    Passage,
    st.text(min_size=1).filter(str.strip),
    st.text(),
    st.text(),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)


def planar(vertices):
    """Put vertices into one plane that is parallel to no axis."""
    x, y = np.array([0.6, 0.0, 0.8]), np.array([0.48, 0.8, -0.36])
    return Region(tuple(tuple(float(v) for v in a * x + b * y + 7) for a, b, _ in vertices))


geometries = st.one_of(
    st.tuples(places, places).filter(lambda ends: np.linalg.norm(np.subtract(*ends)) > 0.2).map(lambda e: Arrow(*e)),
    st.builds(Point, places, st.booleans()),
    st.lists(places, min_size=2, max_size=5).map(lambda v: Path(tuple(v))),
    st.lists(places, min_size=3, max_size=6).map(planar),
)
marks = st.builds(
    Annotation,
    geometries,
    st.just("tof"),
    texts,
    texts,
    st.one_of(st.none(), st.sampled_from([one.id for one in STRUCTURES]), texts.filter(bool)),
    st.one_of(st.none(), st.sampled_from(Side)),
    st.one_of(st.none(), st.sampled_from(Grade)),
    texts,
    passages=st.lists(passages, max_size=2).map(tuple),
    id=st.one_of(st.uuids().map(lambda one: one.urn), st.just("http://example.org/a b"), st.just("urn:oid:1.2.840.1")),
)


@given(st.lists(marks, min_size=1, max_size=3, unique_by=lambda one: one.id))
@settings(deadline=None, max_examples=40)
def test_any_mark_comes_back(sources, several):
    data, losses = encode_sr(several, sources)
    assert losses == ()
    back, losses = decode_sr(data, "marks.dcm", "tof", FRAME)
    assert losses == ()
    assert_same(back, tuple(several))


def test_it_is_written_as_the_standard_wants_it(report):
    """In LPS, in codes that other programs know, and bound to the images."""
    dataset = parsed(report)
    assert (dataset.SOPClassUID.name, dataset.Modality) == ("Comprehensive 3D SR Storage", "SR")
    assert dataset.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    assert dataset.SpecificCharacterSet == "ISO_IR 192"
    assert dataset.StudyInstanceUID == STUDY
    (evidence,) = dataset.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
    assert evidence.SeriesInstanceUID == SERIES
    assert [one.ReferencedSOPInstanceUID for one in evidence.ReferencedSOPSequence] == [
        f"{SERIES}.{n}" for n in range(1, 8)
    ]
    loop, spot, nerve, pons = groups(dataset)
    region = item(loop, "SCOORD3D", "Image Region")
    tail, tip = np.reshape(region.GraphicData, (2, 3))
    np.testing.assert_allclose(tail, np.multiply(ras_mm(1, 2, 3), (-1, -1, 1)), atol=1e-4)
    np.testing.assert_allclose(tip, np.multiply(ras_mm(6.25, 7.5, 3.2), (-1, -1, 1)), atol=1e-4)
    assert (region.GraphicType, region.ReferencedFrameOfReferenceUID) == ("POLYLINE", FRAME)
    assert [item(one, "SCOORD3D", "Image Region").GraphicType for one in (spot, nerve, pons)] == [
        "POINT",
        "POLYLINE",
        "POLYGON",
    ]
    assert f"2.25.{uuid.UUID(LOOP.id).int}" == item(loop, "UIDREF", "Tracking Unique Identifier").UID
    assert item(loop, "TEXT", "Tracking Identifier").TextValue == LOOP.label
    assert item(loop, "TEXT", "Comment").TextValue == LOOP.note
    assert item(loop, "PNAME", "Person Observer Name").PersonName.family_name == "A. Teacher"
    site = item(loop, "CODE", "Finding Site")
    (code,) = site.ConceptCodeSequence
    assert (code.CodeValue, code.CodingSchemeDesignator) == ("0009689", "UBERON")
    assert site.ContentSequence[0].ConceptCodeSequence[0].CodeValue == "7771000"  # left
    grade = item(loop, "CODE", "Grade of neurovascular compression")
    assert grade.ConceptCodeSequence[0].CodeMeaning == "Moderate"
    shape = item(loop, "CODE", "Shape of the mark")
    assert shape.ConceptCodeSequence[0].CodeMeaning == "arrow"
    assert item(nerve, "TEXT", "Finding").TextValue == "a nerve"


def test_highdicom_reads_it_as_a_measurement_report(report):
    import highdicom.sr

    content = highdicom.sr.Comprehensive3DSR.from_dataset(parsed(report)).content
    several = content.get_planar_roi_measurement_groups()
    assert [one.tracking_identifier for one in several] == [one.title for one in MARKS]
    assert several[3].roi.graphic_type.value == "POLYGON"


def test_enhanced_files_are_evidence_too(tmp_path):
    images = frames(np.zeros((6, 5, 4), np.int16), affine_of((0, 1, 2), (-1, -1, 1), (1, 1, 2)))
    dataset = enhanced_dataset(images, StudyInstanceUID=STUDY, FrameOfReferenceUID=FRAME)
    path = save(filled_with_the_patient(dataset), tmp_path / "x.dcm")
    data, _ = encode_sr(MARKS, [path])
    assert_same(decode_sr(data, "marks.dcm", "tof", FRAME)[0], MARKS)
    assert not holds_the_patient(data)


def test_ids_that_no_uid_can_be_stay(sources):
    ids = ["urn:uuid:00000000-0000-4000-8000-00000000000A", "https://example.org/7", "urn:oid:1.2.3", "x", LOOP.id]
    marks = [replace(LOOP, id=one) for one in ids]
    assert [one.id for one in decode_sr(encode_sr(marks, sources)[0], "m", "tof")[0]] == ids


# ------------------------------------------------------------------ losses


def test_an_outline_that_is_not_flat_is_told(sources):
    bent = replace(PONS, geometry=Region(((0, 0, 0), (9, 0, 0), (9, 7, 0), (0, 7, 0.5))))
    data, (loss,) = encode_sr([bent], sources)
    assert "does not lie in one plane" in loss.words
    assert loss.annotation_id == PONS.id
    assert item(groups(parsed(data))[0], "SCOORD3D", "Image Region").GraphicType == "POLYLINE"
    assert_same(decode_sr(data, "m", "tof")[0], [bent])


def test_an_outline_that_is_nearly_flat_is_flattened_by_less_than_a_micrometre(sources):
    bent = replace(PONS, geometry=Region(((0, 0, 0), (9, 0, 0), (9, 7, 0), (0, 7, 0.002))))
    data, losses = encode_sr([bent], sources)
    assert losses == ()
    assert item(groups(parsed(data))[0], "SCOORD3D", "Image Region").GraphicType == "POLYGON"
    assert_same(decode_sr(data, "m", "tof")[0], [bent])


def test_characters_that_no_text_holds_are_told(sources):
    data, losses = encode_sr([replace(SPOT, label="a\x1bb  ", note="c\x00")], sources)
    assert [loss.words.partition(":")[0].partition(" that")[0] for loss in losses] == [
        "characters of its label",
        "characters of its note",
    ]
    ((back,), _) = decode_sr(data, "m", "tof")
    assert (back.label, back.note) == ("a?b", "c?")


def test_far_coordinates_are_told(sources):
    _, (loss,) = encode_sr([replace(SPOT, geometry=Point((90000.123456, 1, 1)))], sources)
    assert "digits of its coordinates" in loss.words


# ------------------------------------------------------------------ nothing of the patient


def test_no_byte_of_the_patient_comes_out(tmp_path):
    files = [
        save(filled_with_the_patient(one), tmp_path / "ZZNAME" / f"ZZNUMBER{n}.dcm")
        for n, one in enumerate(tilted_series(PatientName="ZZNAME^ZZNAME", PatientID="ZZNUMBER", StudyDate="19470411"))
    ]
    assert all(set(holds_the_patient(file.read_bytes())) == set(CANARIES) for file in files)
    data, _ = encode_sr(MARKS, files)
    assert holds_the_patient(data) == []
    dataset = parsed(data)
    assert (dataset.PatientName, dataset.PatientID, dataset.PatientIdentityRemoved) == ("", "", "YES")
    assert dataset.StudyInstanceUID == STUDY


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"])
def test_a_name_in_place_of_a_uid_is_refused_and_not_shown(tmp_path, keyword):
    files = written_series(tmp_path, **{keyword: "ZZNAME.ZZNUMBER"})
    with pytest.raises(LessonError, match="Slicer markups") as caught:
        encode_sr(MARKS, files)
    assert not any(canary in str(caught.value) for canary in CANARIES)


# ------------------------------------------------------------------ sources that are none


def test_a_volume_from_nifti_has_no_report(tmp_path):
    path = tmp_path / "head.nii"
    path.write_bytes(bytes(352))
    with pytest.raises(LessonError, match=r"not read from DICOM.*write Slicer markups .*CSV instead"):
        encode_sr(MARKS, [path])
    with pytest.raises(LessonError, match=r"there are none.*Slicer markups"):
        encode_sr(MARKS, [])
    with pytest.raises(LessonError, match="lie on a server"):
        encode_sr(MARKS, ["dicomweb://127.0.0.1/d?study=1.2"])


def test_images_that_do_not_belong_together(tmp_path):
    one, other = written_series(tmp_path / "a")[0], written_series(tmp_path / "b", StudyInstanceUID="1.9")[1]
    with pytest.raises(LessonError, match="of several"):
        encode_sr(MARKS, [one, other])
    elsewhere = written_series(tmp_path / "c", FrameOfReferenceUID="1.9")[1]
    with pytest.raises(LessonError, match="frame of reference"):
        encode_sr(MARKS, [one, elsewhere])
    nowhere = written_series(tmp_path / "d", FrameOfReferenceUID=None)
    with pytest.raises(LessonError, match="name no frame of reference"):
        encode_sr(MARKS, nowhere)


def test_marks_of_several_volumes_and_none(sources):
    with pytest.raises(LessonError, match="one by one"):
        encode_sr([LOOP, replace(SPOT, volume_id="ciss")], sources)
    with pytest.raises(LessonError, match="at least one mark"):
        encode_sr([], sources)
    with pytest.raises(LessonError, match="up to 3000 marks, and there are 3001: export some"):
        encode_sr([LOOP] * 3001, sources)


def test_a_missing_highdicom_is_named(monkeypatch, sources, report):
    for name in [name for name in sys.modules if name == "highdicom" or name.startswith("highdicom.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "highdicom", None)
    monkeypatch.setitem(sys.modules, "highdicom.sr", None)
    with pytest.raises(LessonError, match=r'pip install "napari-vascular-loop\[sr\]"'):
        encode_sr(MARKS, sources)
    # Reading needs none.
    assert_same(decode_sr(report, "m", "tof")[0], MARKS)


# ------------------------------------------------------------------ frames of reference


def test_marks_of_another_scan_are_refused(report):
    with pytest.raises(WrongVolumeError, match="another frame of reference"):
        decode_sr(report, "marks.dcm", "tof", "1.2.3")


def test_marks_of_two_scans(report):
    dataset = parsed(report)
    item(groups(dataset)[1], "SCOORD3D", "Image Region").ReferencedFrameOfReferenceUID = "1.2.3"
    both = written(dataset)
    assert frames_of_reference(both, "m") == (FRAME, "1.2.3")
    with pytest.raises(WrongVolumeError, match="2 frames of reference"):
        decode_sr(both, "m", "tof")
    back, (loss,) = decode_sr(both, "m", "tof", FRAME)
    assert_same(back, [MARKS[0], MARKS[2], MARKS[3]])
    assert "another scan" in loss.words
    assert_same(decode_sr(both, "m", "tof", "1.2.3")[0], [MARKS[1]])


# ------------------------------------------------------------------ reports of others


def content(kind, code, relation="CONTAINS", **values):
    one = Dataset()
    one.ValueType, one.RelationshipType = kind, relation
    name = Dataset()
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = code
    one.ConceptNameCodeSequence = [name]
    for keyword, value in values.items():
        setattr(one, keyword, value)
    return one


def concept(value, scheme, meaning):
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return [code]


def region(kind, *places, frame=FRAME):
    numbers = [number for place in places for number in place]
    return content(
        "SCOORD3D",
        ("111030", "DCM", "Image Region"),
        GraphicType=kind,
        GraphicData=numbers,
        ReferencedFrameOfReferenceUID=frame,
    )


def foreign(*items, **values):
    """A report as other programs write it, of these items."""
    elements = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.34",
        "SOPInstanceUID": "1.2.3.77",
        "Modality": "SR",
        "ValueType": "CONTAINER",
        "ContentSequence": list(items),
        "PixelData": None,
        **values,
    }
    dataset = slice_dataset(np.zeros((2, 2), np.uint16), **elements)
    return written(dataset)


def group(*items):
    return content("CONTAINER", ("125007", "DCM", "Measurement Group"), ContentSequence=list(items))


def test_a_report_of_another_program():
    """After OHIF's way: old codes, a label as free text, measured numbers, a name in DICOM's form."""
    site = content(
        "CODE", ("G-C0E3", "SRT", "Finding Site"), ConceptCodeSequence=concept("85234005", "SCT", "vertebral")
    )
    site.ContentSequence = [
        content("CODE", ("G-C171", "SRT", "Laterality"), ConceptCodeSequence=concept("G-A100", "SRT", "Right"))
    ]
    number = content("NUM", ("410668003", "SCT", "Length"))
    number.ContentSequence = [region("POLYLINE", (10, 20, 30), (11, 25, 30))]
    label = concept("", "CORNERSTONEJS", "a vessel")
    label[0].LongCodeValue = "CORNERSTONEFREETEXT"
    del label[0].CodeValue
    data = foreign(
        content("PNAME", ("121008", "DCM", "Person Observer Name"), "HAS OBS CONTEXT", PersonName="Teacher^Ann"),
        content(
            "CONTAINER",
            ("126010", "DCM", "Imaging Measurements"),
            ContentSequence=[
                group(
                    content("TEXT", ("112039", "DCM", "Tracking Identifier"), TextValue="web annotation"),
                    content("UIDREF", ("112040", "DCM", "Tracking Unique Identifier"), UID="1.2.840.7"),
                    content("CODE", ("121071", "DCM", "Finding"), ConceptCodeSequence=label),
                    site,
                    number,
                )
            ],
        ),
    )
    (mark,), losses = decode_sr(data, "ohif.dcm", "tof", FRAME)
    assert mark.geometry == Path(((-10, -20, 30), (-11, -25, 30)))
    assert (mark.label, mark.structure, mark.side, mark.author) == (
        "a vessel",
        "vertebral-artery",
        Side.RIGHT,
        "Ann Teacher",
    )
    assert mark.id == "urn:oid:1.2.840.7"
    assert [loss.words for loss in losses] == ["a measured number"]


@pytest.mark.parametrize(
    ("kind", "places", "geometry"),
    [
        ("POINT", [(1, 2, 3)], Point((-1, -2, 3))),
        ("POLYGON", [(1, 2, 3), (4, 2, 3), (4, 9, 3), (1, 2, 3)], Region(((-1, -2, 3), (-4, -2, 3), (-4, -9, 3)))),
        ("POLYGON", [(1, 2, 3), (4, 2, 3), (4, 9, 3)], Region(((-1, -2, 3), (-4, -2, 3), (-4, -9, 3)))),
        ("POLYLINE", [(1, 2, 3), (4, 2, 3)], Path(((-1, -2, 3), (-4, -2, 3)))),
    ],
)
def test_shapes_of_others(kind, places, geometry):
    (mark,), losses = decode_sr(foreign(group(region(kind, *places))), "m", "tof")
    assert mark.geometry == geometry
    assert losses == ()
    # The same each time it is read, so that importing twice makes no copies.
    assert mark.id == decode_sr(foreign(group(region(kind, *places))), "m", "tof")[0][0].id


def test_an_ellipse_becomes_an_outline():
    ends = [(-6, 1, 5), (6, 1, 5), (0, -2, 5), (0, 4, 5)]
    (mark,), (loss,) = decode_sr(foreign(group(region("ELLIPSE", *ends))), "m", "tof")
    outline = np.array(mark.geometry.vertices_ras_mm)
    on_it = (outline[:, 0] / 6) ** 2 + ((outline[:, 1] + 1) / 3) ** 2
    np.testing.assert_allclose(on_it, 1)
    assert "ellipse" in loss.words


def test_several_points_and_copies_of_an_id():
    several = region("MULTIPOINT", (1, 2, 3), (4, 5, 6))
    uid = content("UIDREF", ("112040", "DCM", "Tracking Unique Identifier"), UID="2.25.5")
    back, _ = decode_sr(foreign(group(uid, several), group(uid, region("POINT", (7, 8, 9)))), "m", "tof")
    assert [one.geometry.anchor_ras_mm for one in back] == [(-1, -2, 3), (-4, -5, 6), (-7, -8, 9)]
    assert back[0].id == "urn:uuid:00000000-0000-0000-0000-000000000005"
    assert len({one.id for one in back}) == 3


def test_a_region_outside_any_group():
    (mark,), _ = decode_sr(
        foreign(content("CONTAINER", ("x", "99X", "y"), ContentSequence=[region("POINT", (1, 2, 3))])), "m", "tof"
    )
    assert mark.geometry == Point((-1, -2, 3))


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (region("POINT", (1, float("nan"), 3)), "no finite number"),
        (region("POLYLINE", (1, float("inf"), 3), (1, 2, 3)), "no finite number"),
        (region("POINT", (1, 2, 3e9)), "finite numbers in mm"),
        (region("POLYLINE", (1, 2)), "coordinates come in threes"),
        (region("POLYLINE", (1, 2, 3)), "at least two vertices"),
        (region("POLYGON", (1, 2, 3)), "at least three vertices"),
        (region("ELLIPSOID", *[(1, 2, 3)] * 6), "ellipsoid"),
        (region("CUBE", (1, 2, 3)), "no such shape"),
    ],
)
def test_coordinates_that_make_no_sense_are_told_and_the_others_read(one, said):
    back, (loss,) = decode_sr(foreign(group(one), group(region("POINT", (1, 2, 3)))), "m", "tof")
    assert [mark.geometry for mark in back] == [Point((-1, -2, 3))]
    assert said in loss.words


def test_a_passage_that_is_none_is_told(report):
    dataset = parsed(report)
    for text in ("[1]", "{", '[{"type": "TextQuoteSelector", "exact": " "}]', '[{"type": []}]', "[" * 100_000):
        item_ = next(
            one
            for one in groups(dataset)[0].ContentSequence
            if "selectors" in one.ConceptNameCodeSequence[0].CodeMeaning
        )
        item_.TextValue = text
        back, losses = decode_sr(written(dataset), "m", "tof")
        assert [loss.words for loss in losses] == ["a text"]
        assert len(back[0].passages) == 1


def test_names_in_what_has_no_place_are_not_repeated():
    one = group(
        region("POINT", (1, 2, 3)),
        content("TEXT", ("1", "99X", "ZZNAME"), TextValue="ZZNUMBER"),
        content("NUM", ("2", "99X", "ZZNAME")),
    )
    _, losses = decode_sr(foreign(one), "m", "tof")
    assert sorted(loss.words for loss in losses) == ["a measured number", "a text"]


# ------------------------------------------------------------------ hostile files


def nested(depth, undefined=False):
    """A report whose content goes ever deeper, written by hand: no library would."""
    head = foreign(region("POINT", (1, 2, 3)))
    start = head.index(b"\x40\x00\x30\xa7SQ")
    inner = b""
    for _ in range(depth):
        if undefined:
            inner = (
                b"\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
                + inner
                + b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
            )
        else:
            item_ = b"\xfe\xff\x00\xe0" + struct.pack("<I", len(inner)) + inner
            inner = b"\x40\x00\x30\xa7SQ\0\0" + struct.pack("<I", len(item_)) + item_
    return head[:start] + inner


def deflated(body):
    dataset = slice_dataset(np.zeros((2, 2), np.uint16), PixelData=None)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    data = written(dataset)
    (length,) = struct.unpack("<I", data[140:144])
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return data[: 144 + length] + packer.compress(body) + packer.flush()


IMAGE = written(slice_dataset(np.zeros((4, 4), np.uint16)))
HOSTILE = {
    "nothing": (b"", "not a DICOM file"),
    "text": (b"a report" * 100, "not a DICOM file"),
    "an image": (IMAGE, r"no structured report \(MR Image Storage\)"),
    "a presentation state": (
        written(slice_dataset(np.zeros((2, 2), np.uint16), SOPClassUID="1.2.840.10008.5.1.4.1.1.11.1")),
        "no structured report",
    ),
    "no class": (foreign(SOPClassUID="1.2.3"), "no structured report"),
    "empty": (foreign(), "no mark in space"),
    "a text report": (
        foreign(content("TEXT", ("1", "DCM", "x"), TextValue="y"), SOPClassUID=BasicTextSRStorage),
        "no mark in space",
    ),
    "deep": (nested(5000), "nested more than"),
    "deep and open": (nested(5000, undefined=True), "nested more than"),
    "a bomb": (deflated(bytes(200 << 20)), "unpacks to more than|damaged"),
    "as JPEG": (IMAGE.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.4\0"), "packed as images"),
    "only a head": (foreign()[:140], "damaged, or breaks off"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_files_that_are_no_reports(case):
    data, said = HOSTILE[case]
    with pytest.raises(LessonError, match=said) as caught:
        decode_sr(data, "marks.dcm", "tof")
    assert str(caught.value).startswith("marks.dcm: ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_report_cut_anywhere_is_refused(report):
    for end in range(0, len(report) - 2, max(1, len(report) // 300)):
        with pytest.raises(VascularLoopError, match=r"^m: "):
            decode_sr(report[:end], "m", "tof")


def test_many_tiny_pieces_are_given_up_soon(monkeypatch):
    monkeypatch.setattr(dicom_bytes, "MOST_ELEMENTS", 30_000)
    items = b"\xfe\xff\x00\xe0\0\0\0\0" * 100_000
    body = b"\x40\x00\x30\xa7SQ\0\0" + struct.pack("<I", len(items)) + items
    head = foreign(region("POINT", (1, 2, 3)))
    began = time.process_time()
    with pytest.raises(LessonError, match="more than 30000 pieces"):
        decode_sr(head[: head.index(b"\x40\x00\x30\xa7SQ")] + body, "m", "tof")
    assert time.process_time() - began < 3


def test_a_file_that_is_too_large(monkeypatch, report):
    monkeypatch.setattr(dicom_bytes, "LARGEST_BYTES", 1 << 10)
    with pytest.raises(LessonError, match="marks take up to"):
        decode_sr(report, "m", "tof")


def test_damaged_reports_are_read_or_refused(report):
    random = np.random.default_rng(11)
    read, said = 0, []
    for _ in range(400):
        broken = bytearray(report)
        for _ in range(random.integers(1, 4)):
            at = int(random.integers(132, len(broken)))
            match int(random.integers(4)):
                case 0:
                    broken[at] = int(random.integers(256))
                case 1:
                    broken[at : at + 4] = random.choice([b"\xff" * 4, b"\0" * 4, b"SQ\0\0", b"UN\0\0"])
                case 2:
                    del broken[at : at + int(random.integers(1, 30))]
                case _:
                    broken[at:at] = random.bytes(int(random.integers(1, 20)))
        try:
            back, losses = decode_sr(bytes(broken), "m", "tof")
        except VascularLoopError as error:
            said.append(str(error))
        else:
            read += 1
            assert back or losses
    assert read
    assert all(text.startswith("m: ") and "\n" not in text for text in said)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_other_encodings_are_read(report, syntax):
    dataset = parsed(report)
    dataset.file_meta.TransferSyntaxUID = syntax
    out = io.BytesIO()
    pydicom.dcmwrite(out, dataset, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True)
    assert_same(decode_sr(out.getvalue(), "m", "tof", FRAME)[0], MARKS)


def test_sequences_of_no_stated_length_are_read(report):
    dataset = parsed(report)

    def loosen(one):
        for element in one:
            if element.VR == "SQ":
                element.is_undefined_length = True
                for inner in element.value:
                    inner.is_undefined_length_sequence_item = True
                    loosen(inner)

    loosen(dataset)
    assert_same(decode_sr(written(dataset), "m", "tof", FRAME)[0], MARKS)


def test_hundreds_of_marks_take_seconds(sources):
    several = [replace(LOOP, id=f"urn:uuid:00000000-0000-4000-8000-{n:012}") for n in range(250)]
    began = time.process_time()
    data, _ = encode_sr(several, sources)
    back, _ = decode_sr(data, "m", "tof", FRAME)
    assert time.process_time() - began < 30
    assert_same(back, several)
