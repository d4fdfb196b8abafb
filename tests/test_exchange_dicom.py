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
from napari_vascular_loop.domain.errors import LessonError, WrongVolumeError
from napari_vascular_loop.exchange_dicom import export_dicom, find_source, import_report, send
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.lessons import open_lesson

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
    said = " ".join(loss.words for loss in losses)
    assert "there already" in said


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
    assert "give it with --dicom" in err


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
        code, out, _ = run("export", store.folder, study, "--format", "gsps", "--dicom", study)
        assert code == 0
        assert out.startswith("2.25.") or out.startswith("1.")
    same(open_lesson(store.folder).annotations, before)
