"""DICOMweb: what a real server holds is found, fetched and read as local files are."""

from __future__ import annotations

import gc
import logging

import numpy as np
import pytest
from conftest import DOT_IJK, affine_of
from dicom_series import PATIENT, save, series
from dicomweb_fixtures import is_empty
from head_study import AXIAL, HEAD_STUDY, MARKS, OTHER_STUDY, REPORT, SQUEEZED, UPRIGHT, datasets_of_head
from orthanc import running_orthanc

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.formats.volumes.dicomweb import (
    StudyQuery,
    find,
    parse_server,
    search_series,
    search_studies,
)

pytestmark = pytest.mark.usefixtures("private")


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    folder = tmp_path_factory.mktemp("orthanc")
    with running_orthanc(folder) as server:
        server.put(datasets_of_head())
        common = {"PatientName": "MÜLLER^JO", "PatientID": "ID-12", "SpecificCharacterSet": "ISO_IR 100"}
        server.put(
            series(
                np.zeros((4, 4, 3), np.int16),
                affine_of((0, 1, 2), (-1, -1, 1), (1, 1, 1)),
                StudyInstanceUID=OTHER_STUDY,
                SeriesInstanceUID=f"{OTHER_STUDY}.1",
                StudyDate="20230115",
                **common,
            )
        )
        yield server


@pytest.fixture
def head_on_disk(tmp_path):
    folder = tmp_path / "head"
    for number, dataset in enumerate(datasets_of_head()):
        save(dataset, folder / f"{number}.dcm")
    return folder


@pytest.mark.orthanc
def test_series_are_as_those_of_local_files(orthanc, head_on_disk):
    local = {volume.provenance.id: volume for volume in read_volumes(head_on_disk)}
    found = find(f"{orthanc.address}?study={HEAD_STUDY}")
    volumes = {volume.header.provenance.id: volume for volume in found.volumes}
    assert volumes.keys() == local.keys()
    assert len(volumes) == 3
    for name, one in volumes.items():
        volume = one.read()
        np.testing.assert_array_equal(volume.voxels, local[name].voxels)
        np.testing.assert_array_equal(volume.voxel_to_ras, local[name].voxel_to_ras)
        assert volume.voxels.dtype == local[name].voxels.dtype
        assert volume.voxels[DOT_IJK if volume.voxels.shape[0] == 11 else (3, 8, 2)] == 1000
        assert one.middle_slice().shape == volume.voxels.shape[:2]


@pytest.mark.orthanc
def test_what_is_asked_for_is_fetched(orthanc):
    one = find(f"{orthanc.address}?study={HEAD_STUDY}&series={UPRIGHT}")
    assert [volume.header.provenance.description for volume in one.volumes] == ["T1"]
    assert one.strays == ()
    two = find(f"{orthanc.address}?study={HEAD_STUDY}&series={UPRIGHT}&series={AXIAL}")
    assert {volume.header.provenance.description for volume in two.volumes} == {"T1", "CISS"}


@pytest.mark.orthanc
def test_reports_are_listed_but_not_fetched(orthanc):
    strays = {str(stray.path): stray.reason for stray in find(f"{orthanc.address}?study={HEAD_STUDY}").strays}
    assert len(strays) == 2
    (report,) = (reason for place, reason in strays.items() if place.endswith(f"series={REPORT}"))
    (marks,) = (reason for place, reason in strays.items() if place.endswith(f"series={MARKS}"))
    assert report == "a structured report (SR), not images"
    assert "Presentation State" in marks
    only_report = find(f"{orthanc.address}?study={HEAD_STUDY}&series={REPORT}")
    assert only_report.volumes == ()
    assert len(only_report.strays) == 1


@pytest.mark.orthanc
def test_sources_are_addresses_without_a_patient(orthanc):
    (volume,) = find(f"{orthanc.address}?study={HEAD_STUDY}&series={UPRIGHT}").volumes
    sources = volume.read().provenance.source_files
    assert len(set(sources)) == 5
    assert all(
        source.startswith(f"{orthanc.address}?study={HEAD_STUDY}&series={UPRIGHT}&instance=") for source in sources
    )
    assert sources == volume.header.provenance.source_files
    said = f"{volume.header!r} {volume.header.provenance!r}"
    assert not any(word in said for word in ("DOE", "JANE", "4711", "20240229"))


@pytest.mark.orthanc
def test_progress_runs_from_nothing_to_all(orthanc):
    told = []
    find(f"{orthanc.address}?study={HEAD_STUDY}", told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    # Three series of 7, 5 and 7 images: each moves it.
    assert len(set(told)) >= 19


@pytest.mark.orthanc
def test_the_temporary_folder_goes_with_the_volumes(orthanc, private):
    found = find(f"{orthanc.address}?study={HEAD_STUDY}&series={UPRIGHT}")
    (folder,) = private.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    assert all("4711" not in path.name and "DOE" not in path.name for path in folder.rglob("*"))
    volume = found.volumes[0]
    del found
    gc.collect()
    assert folder.exists()
    read = volume.read()
    del volume
    assert is_empty(private)
    assert read.voxels.max() == 1000


@pytest.mark.orthanc
def test_memory_mapped_voxels_keep_the_folder(orthanc, private, monkeypatch):
    import napari_vascular_loop.formats.volumes.dicom as dicom

    def mapped(files, progress):
        found = real(files, progress)

        def read(progress):
            volume = found.volumes[0].read(progress)
            file = next(private.iterdir()) / "voxels"
            np.asfortranarray(volume.voxels).tofile(file)
            voxels = np.memmap(file, volume.voxels.dtype, "r", shape=volume.voxels.shape)
            return type(volume)(np.flip(voxels, 2), volume.voxel_to_ras)

        return type(found)((type(found.volumes[0])(found.volumes[0].header, read),))

    real = dicom.find
    monkeypatch.setattr(dicom, "find", mapped)
    (volume,) = find(f"{orthanc.address}?study={HEAD_STUDY}&series={UPRIGHT}").volumes
    voxels = volume.read().voxels[1:]
    del volume
    gc.collect()
    assert len(list(private.iterdir())) == 1
    assert voxels.size
    del voxels
    assert is_empty(private)


@pytest.mark.orthanc
def test_unknown_studies_and_series_are_said(orthanc, private):
    with pytest.raises(VolumeReadError, match=r"no study 1\.2\.99"):
        find(f"{orthanc.address}?study=1.2.99")
    with pytest.raises(VolumeReadError, match=r"no series 1\.2\.99"):
        find(f"{orthanc.address}?study={HEAD_STUDY}&series=1.2.99")
    with pytest.raises(VolumeReadError, match="no DICOMweb service at the path '/elsewhere'"):
        find(f"dicomweb://127.0.0.1:{orthanc.port}/elsewhere?study={HEAD_STUDY}")
    assert is_empty(private)


@pytest.mark.orthanc
@pytest.mark.parametrize(
    ("query", "studies"),
    [
        (StudyQuery(), [HEAD_STUDY, OTHER_STUDY]),
        (StudyQuery(patient_name="doe"), [HEAD_STUDY]),
        (StudyQuery(patient_name="DOE^JANE"), [HEAD_STUDY]),
        (StudyQuery(patient_name="Doe, J*"), [HEAD_STUDY]),
        (StudyQuery(patient_name="*JO"), [OTHER_STUDY]),
        (StudyQuery(patient_name="Müller"), [OTHER_STUDY]),
        (StudyQuery(patient_name="nobody"), []),
        (StudyQuery(patient_id="ID-4711"), [HEAD_STUDY]),
        (StudyQuery(patient_id="ID-47*"), [HEAD_STUDY]),
        (StudyQuery(patient_id="ID-*"), [HEAD_STUDY, OTHER_STUDY]),
        (StudyQuery(date="2024"), [HEAD_STUDY]),
        (StudyQuery(date="2023-01 to 2023-02"), [OTHER_STUDY]),
        (StudyQuery(patient_name="doe", date="2023"), []),
        (StudyQuery(study=OTHER_STUDY), [OTHER_STUDY]),
    ],
)
def test_studies_are_searched_for(orthanc, query, studies):
    found = search_studies(parse_server(orthanc.address).server, query)
    assert [study.uid for study in found] == studies


@pytest.mark.orthanc
def test_what_a_search_brings(orthanc):
    server = parse_server(orthanc.address).server
    head, other = search_studies(server, StudyQuery())
    parts = search_series(server, HEAD_STUDY)
    assert (head.patient_name, head.patient_id, head.date, head.description) == (
        PATIENT,
        "ID-4711",
        "2024-02-29",
        "Head",
    )
    assert (set(head.modalities), head.series_count, head.image_count) == ({"MR", "SR", "OT"}, 5, 21)
    assert other.patient_name == "MÜLLER^JO"
    assert [(one.uid, one.modality, one.description, one.image_count) for one in parts[:3]] == [
        (UPRIGHT, "MR", "T1", 5),
        (AXIAL, "MR", "CISS", 7),
        (SQUEEZED, "MR", "RLE", 7),
    ]
    # On the screen, yes; in a log or a traceback, no.
    assert not any(word in repr((head, other)) for word in ("DOE", "4711", "2024-02-29", "MÜLLER"))


@pytest.mark.orthanc
def test_a_search_leaves_no_name_in_any_log(orthanc, caplog):
    caplog.set_level(logging.DEBUG)
    server = parse_server(orthanc.address).server
    assert search_studies(server, StudyQuery(patient_name="DOE^JANE", patient_id="ID-4711"))
    assert "/dicom-web/studies?..." in caplog.text
    assert not any(word in caplog.text for word in ("DOE", "JANE", "4711"))


@pytest.mark.orthanc
@pytest.mark.real
def test_a_real_scan_comes_as_it_is(tmp_path_factory, real_scans):
    folder = real_scans / "vs-seg-001-t1c-dicom"
    (local,) = read_volumes(folder)
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as server:
        server.put(sorted(folder.iterdir()))
        (study,) = search_studies(parse_server(server.address).server, StudyQuery())
        (found,) = find(f"{server.address}?study={study.uid}").volumes
        volume = found.read()
    np.testing.assert_array_equal(volume.voxels, local.voxels)
    np.testing.assert_array_equal(volume.voxel_to_ras, local.voxel_to_ras)
    assert volume.provenance.id == local.provenance.id
    assert len(volume.provenance.source_files) == 120
