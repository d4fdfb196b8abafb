"""A lesson's marks as DICOM objects: tied to the series that its volume was made of, and to no other."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import affine_of
from dicom_marks import CANARIES, FRAME, MARKS, STUDY, tilted_series, written_series
from dicom_series import write_series
from orthanc import running_orthanc
from pydicom import dcmread

from napari_vascular_loop import cli, lesson_making
from napari_vascular_loop.dicom_source import find_source
from napari_vascular_loop.domain.errors import LessonError, WrongVolumeError
from napari_vascular_loop.exchange_dicom import export_dicom, import_report, send
from napari_vascular_loop.formats.annotations.loss import already_there_words, loss_lines
from napari_vascular_loop.formats.volumes import FoundVolume, read_volumes
from napari_vascular_loop.lessons import lesson_volume, open_lesson

pytestmark = pytest.mark.usefixtures("private")


@pytest.fixture
def scan(tmp_path):
    folder = tmp_path / "scan"
    written_series(folder)
    return folder


@pytest.fixture
def store(tmp_path, scan):
    """A lesson on the series, with an arrow, a point, a path and a region."""
    (volume,) = read_volumes(scan)
    made = lesson_making.create_lesson(tmp_path, "The loop", volume)
    made.put_all([replace(mark, volume_id="volume") for mark in MARKS])
    yield made
    made.close()


@pytest.fixture
def renewed_scan(tmp_path):
    """The same images under other UIDs, as a program that de-identifies writes them."""
    folder = tmp_path / "renewed"
    uids = {"StudyInstanceUID": "2.25.1", "SeriesInstanceUID": "2.25.2", "FrameOfReferenceUID": "2.25.3"}
    written_series(folder, **uids, SOPInstanceUID=lambda k: f"2.25.4.{k + 1}")
    return folder


@pytest.fixture
def other_scan(tmp_path):
    voxels = np.arange(11 * 13 * 7, dtype=np.int16).reshape(11, 13, 7)
    write_series(tmp_path / "other", voxels, affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3)))
    return tmp_path / "other"


def same(marks, others):
    assert [replace(mark, geometry=None) for mark in marks] == [replace(mark, geometry=None) for mark in others]
    for mark, other in zip(marks, others, strict=True):
        assert type(mark.geometry) is type(other.geometry)
        np.testing.assert_allclose(mark.geometry.vertices_ras_mm, other.geometry.vertices_ras_mm, atol=0.001, rtol=0)


def test_a_report_of_a_lessons_marks_comes_back(store, scan, tmp_path):
    source = find_source(store.lesson, scan)
    assert (source.volume_id, source.frame_of_reference_uid) == ("volume", FRAME)
    (path,), losses = export_dicom(store.lesson, tmp_path / "out" / "marks.dcm", source, "sr")
    assert losses == ()
    before = store.annotations
    data = path.read_bytes()
    assert not any(canary.encode() in data for canary in CANARIES)
    for mark in before:
        store.remove(mark.id)
    back, losses = import_report([("marks.dcm", data)], store.lesson, source=source)
    assert losses == ()
    same(back, before)


def test_marks_that_are_there_already_come_once(store, scan, tmp_path):
    source = find_source(store.lesson, scan)
    (path,), _ = export_dicom(store.lesson, tmp_path / "marks.dcm", source, "sr")
    back, losses = import_report([("marks.dcm", path.read_bytes())], store.lesson)
    assert back == ()
    assert already_there_words(losses) == "4 marks were in the lesson already and stay as they are"
    assert loss_lines(losses) == []


def test_presentation_states_go_to_a_folder(store, scan, tmp_path):
    paths, losses = export_dicom(store.lesson, tmp_path / "states", find_source(store.lesson, scan), "gsps")
    assert paths
    for path in paths:
        dataset = dcmread(path)
        assert dataset.Modality == "PR"
        assert dataset.StudyInstanceUID == STUDY
    assert losses, "a state holds no structure, no side, no passage"


def test_another_scan_is_refused(store, other_scan, tmp_path):
    with pytest.raises(WrongVolumeError, match="not the volume that the marks were made on"):
        find_source(store.lesson, other_scan)


def test_a_volume_without_marks_has_nothing_to_write(store, scan, tmp_path):
    source = find_source(store.lesson, scan)
    for mark in store.annotations:
        store.remove(mark.id)
    with pytest.raises(LessonError, match="no mark to export"):
        export_dicom(store.lesson, tmp_path / "marks.dcm", source, "sr")


def test_marks_in_the_space_of_another_scan_are_refused(store, scan, tmp_path):
    source = find_source(store.lesson, scan)
    (path,), _ = export_dicom(store.lesson, tmp_path / "marks.dcm", source, "sr")
    with pytest.raises(WrongVolumeError):
        import_report([("x", path.read_bytes())], store.lesson, source=replace(source, frame_of_reference_uid="1.2.3"))


def test_a_lesson_on_a_dicom_series_knows_its_frame_of_reference(store, tmp_path):
    (entry,) = json.loads((store.folder / "lesson.json").read_bytes())["volumes"]
    assert [one["frameOfReferenceUid"] for one in entry["fingerprints"]] == [FRAME]
    assert store.lesson.volume("volume").frame_of_reference_uid == FRAME
    assert lesson_volume(store).provenance.frame_of_reference_uid is None, "the copy holds a UID"
    names = ("STUDY", "SERIES", *CANARIES)
    assert not any(name.encode() in (store.folder / "lesson.json").read_bytes() for name in names)
    assert STUDY + '"' not in (store.folder / "lesson.json").read_text()


def test_what_is_no_uid_is_not_kept(tmp_path, scan):
    (volume,) = read_volumes(scan)
    about = replace(volume.provenance, frame_of_reference_uid="ZZNAME^ZZNAME")
    made = lesson_making.create_lesson(tmp_path, "Filled in by hand", replace(volume, provenance=about))
    assert b"ZZNAME" not in (made.folder / "lesson.json").read_bytes()
    assert made.lesson.volume("volume").frame_of_reference_uid is None


def test_marks_of_another_frame_are_refused_without_the_series_too_and_it_is_said_how_to_go_on(
    store, renewed_scan, tmp_path
):
    """The report was made on a de-identified copy: only its voxels can tell that it is the same scan."""
    source = find_source(store.lesson, renewed_scan)
    assert source.frame_of_reference_uid == "2.25.3"
    assert "frame of reference is another than when the lesson was made" in source.remark
    (path,), _ = export_dicom(store.lesson, tmp_path / "marks.dcm", source, "sr")
    before = store.annotations
    for mark in before:
        store.remove(mark.id)
    with pytest.raises(
        WrongVolumeError, match=r"another frame of reference.*open its series first, or name it with --dicom"
    ):
        import_report([("marks.dcm", path.read_bytes())], store.lesson)
    back, losses = import_report([("marks.dcm", path.read_bytes())], store.lesson, source=source)
    assert losses == ()
    same(back, before)


def test_a_report_that_is_of_no_use_keeps_no_other_out(store, scan, tmp_path):
    """As in a study in which the scanner has left a report of its own."""
    source = find_source(store.lesson, scan)
    (path,), _ = export_dicom(store.lesson, tmp_path / "marks.dcm", source, "sr")
    before = store.annotations
    for mark in before:
        store.remove(mark.id)
    report = dcmread(path)
    report.ContentSequence = []
    report.save_as(tmp_path / "empty.dcm")
    reports = [("report 1", (tmp_path / "empty.dcm").read_bytes()), ("report 2", path.read_bytes())]
    back, losses = import_report(reports, store.lesson, source=source)
    same(back, before)
    assert [loss.words for loss in losses] == [
        "report 1: the report holds no mark in space (no SCOORD3D); it can't be placed in a volume"
    ]
    with pytest.raises(LessonError, match=r"report 1: the report holds no mark in space"):
        import_report(reports[:1], store.lesson, source=source)


def test_only_what_lies_in_the_lessons_frame_is_read(store, scan, tmp_path, monkeypatch):
    """The other series of the study stand before it in the folder, and one of them is damaged."""
    voxels = np.arange(11 * 13 * 7, dtype=np.int16).reshape(11, 13, 7)
    for number in (1, 2):
        write_series(tmp_path / "a study" / f"{number}", voxels, affine_of((0, 1, 2), (-1, -1, 1), (0.9, 1.1, 2.3)))
    scan.rename(tmp_path / "a study" / "3")
    read = []
    reading = FoundVolume.read
    monkeypatch.setattr(
        FoundVolume, "read", lambda one, *more: read.append(one.header.provenance) or reading(one, *more)
    )
    source = find_source(store.lesson, tmp_path / "a study")
    assert source.frame_of_reference_uid == FRAME
    assert [about.frame_of_reference_uid for about in read] == [FRAME]


# ------------------------------------------------------------------ from the command line


@pytest.fixture
def run(capsys):
    def call(*arguments):
        code = cli.main([str(argument) for argument in ("annotations", *arguments)])
        return code, *capsys.readouterr()

    return call


def test_export_and_import_from_the_command_line(run, store, scan, tmp_path):
    before = store.annotations
    store.save()
    code, out, err = run("export", store.folder, tmp_path / "marks.dcm", "--dicom", scan, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["annotations"] == 4
    for mark in before:
        store.remove(mark.id)
    store.close()
    code, out, err = run("import", store.folder, tmp_path / "marks.dcm", "--dicom", scan)
    assert (code, out) == (0, f"{store.folder}: 4 added, 0 replaced\n")
    same(open_lesson(store.folder).annotations, before)


def test_the_series_is_asked_for(run, store, tmp_path):
    code, _, err = run("export", store.folder, tmp_path / "marks.dcm")
    assert code == 2
    assert f"give their series (frame of reference {FRAME}) with --dicom FOLDER" in err
    assert "or send the marks to dicomweb://host/path?study=UID" in err


def test_a_series_under_other_uids_is_taken_and_said(run, store, renewed_scan, tmp_path):
    store.close()
    code, out, err = run("export", store.folder, tmp_path / "marks.dcm", "--dicom", renewed_scan)
    assert (code, out) == (0, f"{tmp_path / 'marks.dcm'}\n")
    assert "note: This is 'MR' of the lesson, voxel by voxel" in err
    assert dcmread(tmp_path / "marks.dcm").StudyInstanceUID == "2.25.1"


@pytest.mark.orthanc
def test_a_department_shares_marks_through_its_server(run, store, scan, tmp_path_factory):
    before = store.annotations
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as server:
        server.put(tilted_series(PatientName="ZZNAME^ZZNAME"))
        study = f"{server.address}?study={STUDY}"
        source = find_source(store.lesson, study)
        sent, losses = send(store.lesson, server.address, source, "sr")
        assert (len(sent), losses) == (1, ())
        for mark in before:
            store.remove(mark.id)
        store.close()
        code, out, _ = run("import", store.folder, study, "--dicom", scan)
        assert (code, out) == (0, f"{store.folder}: 4 added, 0 replaced\n")
        code, out, _ = run("export", store.folder, study, "--format", "gsps")
        assert code == 0
        assert out.startswith("2.25.") or out.startswith("1.")
    same(open_lesson(store.folder).annotations, before)
