"""DICOMweb: a real server, servers that misbehave, and what is kept secret."""

from __future__ import annotations

import datetime
import gc
import ipaddress
import itertools
import logging
import socket
import ssl
import time
import traceback
from pathlib import Path

import keyring
import numpy as np
import pytest
from bad_dicomweb import (
    MULTIPART,
    SERIES,
    STUDY,
    Behaviour,
    bad_server,
    multipart,
    series_record,
)
from conftest import DOT_IJK, affine_of
from dicom_series import PATIENT, save, series
from head_study import AXIAL, HEAD_STUDY, MARKS, OTHER_STUDY, REPORT, SQUEEZED, UPRIGHT, datasets_of_head
from keyrings import Drawer, private_session
from orthanc import running_orthanc, written
from pydicom.uid import (
    BasicTextSRStorage,
    SecondaryCaptureImageStorage,
)

from napari_vascular_loop.domain.errors import ReadCancelledError, VolumeReadError
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.formats.volumes.dicomweb import (
    Credentials,
    CredentialsNeededError,
    StudyQuery,
    find,
    is_dicomweb,
    parse_server,
    search_series,
    search_studies,
)
from napari_vascular_loop.formats.volumes.dicomweb import credentials as credentials_module
from napari_vascular_loop.formats.volumes.dicomweb.address import parse_address
from napari_vascular_loop.formats.volumes.dicomweb.credentials import has_keyring, keep_in_keyring, keyring_service
from napari_vascular_loop.formats.volumes.dicomweb.search import Instance, dicom_dates

MANY = 9


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


@pytest.fixture(autouse=True)
def private(tmp_path, monkeypatch):
    """The folder in which temporary folders are made; no keyring, no credentials, no proxy but those of a test."""
    with private_session(tmp_path / "private", monkeypatch) as folder:
        yield folder


@pytest.fixture
def drawer():
    backend = Drawer()
    keyring.set_keyring(backend)
    return backend


def is_empty(folder):
    gc.collect()
    return list(folder.iterdir()) == []


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("text", "url", "again"),
    [
        ("dicomweb://pacs.example.org/dicom-web?study=1.2", "https://pacs.example.org/dicom-web", None),
        ("dicomweb://PACS.example.org:8443/a/b/?study=1.2", "https://pacs.example.org:8443/a/b", None),
        ("dicomweb://localhost:8042/dicom-web?study=1.2", "http://localhost:8042/dicom-web", None),
        ("dicomweb://127.8.9.1?study=1.2", "http://127.8.9.1", None),
        ("dicomweb://[::1]:8042/dicom-web?study=1.2", "http://[::1]:8042/dicom-web", None),
        ("dicomweb+https://localhost/d?study=1.2", "https://localhost/d", "dicomweb+https://localhost/d?study=1.2"),
        ("DICOMweb+HTTP://pacs/d?study=1.2", "http://pacs/d", "dicomweb+http://pacs/d?study=1.2"),
        ("dicomweb+https://pacs/d?study=1.2", "https://pacs/d", "dicomweb://pacs/d?study=1.2"),
    ],
)
def test_an_address_says_where_and_how(text, url, again):
    assert is_dicomweb(text)
    address = parse_address(text)
    assert address.server.url == url
    assert address.study == "1.2"
    assert parse_address(str(address)) == address
    if again:
        assert str(address) == again


def test_several_series_each_once():
    address = parse_address("dicomweb://pacs/d?study=1.2&series=1.3&series=1.4&series=1.3")
    assert address.series == ("1.3", "1.4")
    assert str(address) == "dicomweb://pacs/d?study=1.2&series=1.3&series=1.4"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dicomweb://pacs/d?study=1.2.x", "not a DICOM UID"),
        ("dicomweb://pacs/d?study=1..2", "not a DICOM UID"),
        ("dicomweb://pacs/d?study=" + "1." * 32 + "1", "not a DICOM UID"),
        ("dicomweb://pacs/d?study=../etc", "not a DICOM UID"),
        ("dicomweb://pacs/d?study=1.2&series=", "not a DICOM UID"),
        ("dicomweb://pacs/d?series=1.2", "not its study"),
        ("dicomweb://pacs/d?study=1.2&study=1.3", "one by one"),
        ("dicomweb://pacs/d?study=1.2&patient=DOE", "'patient'"),
        ("dicomweb:///d?study=1.2", "does not name"),
        ("dicomweb://pacs:eighty/d?study=1.2", "not an address"),
        ("dicomweb://pacs:99999/d?study=1.2", "not an address"),
        ("dicomweb://[::1/d?study=1.2", "not an address"),
        ("dicomweb://pacs/d e?study=1.2", "not an address"),
        ("ftp://pacs/d?study=1.2", "does not name"),
        ("dicomweb://pacs/d", "study=UID"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text, says):
    with pytest.raises(VolumeReadError, match=says):
        find(text)


@pytest.mark.parametrize(
    "text",
    [
        "dicomweb://jane:hunter2@pacs/d?study=1.2",
        "dicomweb://jane:hun/ter2@pacs/d?study=1.2",
        "dicomweb://hunter2@pacs:x/d",
        "dicomweb+http://jane:hunter2@localhost/d?study=1.2",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(text):
    with pytest.raises(VolumeReadError, match=r"not written in addresses.*keyring") as caught:
        find(text)
    assert "ter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("source", ["/home/dicomweb", "http://pacs/d", "dicomweb", "", None, 3])
def test_other_sources_are_no_addresses(source):
    assert not is_dicomweb(source)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://pacs.example.org/dicom-web/", "https://pacs.example.org/dicom-web"),
        ("http://10.0.0.3:8042/dicom-web", "http://10.0.0.3:8042/dicom-web"),
        (" pacs.example.org/dicom-web ", "https://pacs.example.org/dicom-web"),
        ("localhost:8042/dicom-web", "http://localhost:8042/dicom-web"),
        ("dicomweb://pacs/d?study=1.2", "https://pacs/d"),
    ],
)
def test_what_is_typed_as_a_server(typed, url):
    assert parse_server(typed).server.url == url


# ---------------------------------------------------------------- a real server


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


# ---------------------------------------------------------------- credentials


@pytest.fixture(scope="module")
def locked_orthanc(tmp_path_factory):
    with running_orthanc(tmp_path_factory.mktemp("locked"), "jane", "hünter2") as server:
        server.put(itertools.islice(datasets_of_head(), 7))
        yield server


def set_environment(monkeypatch, **values):
    for name, value in values.items():
        monkeypatch.setenv(f"VASCULAR_LOOP_DICOMWEB_{name}", value)


@pytest.mark.orthanc
def test_a_locked_server_asks_and_says_how_to_answer(locked_orthanc, private):
    with pytest.raises(CredentialsNeededError, match=r"asks who you are.*VASCULAR_LOOP_DICOMWEB_USER.*keyring set"):
        find(f"{locked_orthanc.address}?study={HEAD_STUDY}")
    assert is_empty(private)


@pytest.mark.orthanc
def test_wrong_credentials_are_said_but_not_repeated(locked_orthanc, monkeypatch, private):
    set_environment(monkeypatch, USER="janedoe", PASSWORD="sesame")
    with pytest.raises(CredentialsNeededError, match="does not accept") as caught:
        find(f"{locked_orthanc.address}?study={HEAD_STUDY}")
    assert not any(word in "".join(traceback.format_exception(caught.value)) for word in ("janedoe", "sesame"))
    assert is_empty(private)


@pytest.mark.orthanc
def test_credentials_of_environment_keyring_and_caller(locked_orthanc, monkeypatch, drawer):
    address = f"{locked_orthanc.address}?study={HEAD_STUDY}"
    assert len(find(address, credentials=Credentials("jane", "hünter2")).volumes) == 1
    with monkeypatch.context() as patch:
        set_environment(patch, USER="jane", PASSWORD="hünter2")
        assert len(find(address).volumes) == 1
    server = parse_server(locked_orthanc.address).server
    keep_in_keyring(server, Credentials("jane", "hünter2"))
    assert drawer.kept[keyring_service(server), "jane"] == "hünter2"
    assert keyring_service(server) == "napari-vascular-loop dicomweb 127.0.0.1"
    (volume,) = find(address).volumes
    assert "hünter2" not in repr(volume.read().provenance)


@pytest.mark.orthanc
def test_a_password_that_the_user_put_into_the_keyring_himself(locked_orthanc, monkeypatch, drawer):
    server = parse_server(locked_orthanc.address).server
    drawer.set_password(keyring_service(server), "jane", "hünter2")
    set_environment(monkeypatch, USER="jane")
    assert len(find(f"{locked_orthanc.address}?study={HEAD_STUDY}").volumes) == 1


def test_what_is_sent_to_whom(monkeypatch):
    with bad_server(Behaviour(all=lambda request: request.give_json([]))) as server:
        address = f"{server.address}?study={STUDY}"
        for values in (
            {},
            {"USER": "jane", "PASSWORD": "é"},
            {"TOKEN": "abc.def"},
            {"TOKEN": "abc.def", "HOST": "elsewhere.example.org"},
            {"TOKEN": "abc.def", "HOST": "127.0.0.1"},
        ):
            with monkeypatch.context() as patch:
                set_environment(patch, **values)
                with pytest.raises(VolumeReadError, match="no study"):
                    find(address)
        sent = [headers.get("Authorization") for _, headers in server.seen]
    assert sent == [None, "Basic amFuZTrDqQ==", "Bearer abc.def", None, "Bearer abc.def"]


@pytest.mark.parametrize("values", [{"TOKEN": "abc"}, {"USER": "jane", "PASSWORD": "hunter2"}])
def test_no_credentials_go_over_plain_http_to_another_machine(monkeypatch, values):
    set_environment(monkeypatch, **values)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("it was tried"))
    with pytest.raises(VolumeReadError, match=r"'pacs\.example\.org' over plain http.*use https") as caught:
        find("dicomweb+http://pacs.example.org/d?study=1.2")
    assert "hunter2" not in str(caught.value)


def test_a_password_without_a_user_name_is_said(monkeypatch):
    set_environment(monkeypatch, PASSWORD="hunter2")
    with pytest.raises(VolumeReadError, match="VASCULAR_LOOP_DICOMWEB_USER is not"):
        find("dicomweb://127.0.0.1:9/d?study=1.2")


def test_netrc_is_not_asked(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login jane password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with bad_server(Behaviour(all=lambda request: request.give_json([]))) as server:
        with pytest.raises(VolumeReadError, match="no study"):
            find(f"{server.address}?study={STUDY}")
        assert "Authorization" not in server.seen[0][1]


def test_a_computer_without_a_keyring():
    assert not has_keyring()
    server = parse_server("https://pacs").server
    assert credentials_module.from_keyring(server) is None
    with pytest.raises(VolumeReadError, match="no keyring"):
        keep_in_keyring(server, Credentials("jane", "hunter2"))
    assert "hunter2" not in repr(Credentials("jane", "hunter2", "abc"))


def test_this_machine_is_not_reached_through_a_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with (
        bad_server(Behaviour(all=lambda request: request.give_json([]))) as server,
        pytest.raises(VolumeReadError, match="no study"),
    ):
        find(f"{server.address}?study={STUDY}")
    with pytest.raises(VolumeReadError, match="the proxy on the way"):
        find("dicomweb+http://pacs.example.org/d?study=1.2")


# ---------------------------------------------------------------- servers that misbehave


@pytest.fixture(scope="module")
def images():
    """Some images as their bytes, and their UIDs."""
    voxels = np.arange(32 * 32 * MANY, dtype=np.int16).reshape(32, 32, MANY)
    matrix = affine_of((0, 1, 2), (-1, -1, 1), (1, 1, 2))
    datasets = series(voxels, matrix, StudyInstanceUID=STUDY, SeriesInstanceUID=SERIES)
    return [written(dataset) for dataset in datasets], [str(dataset.SOPInstanceUID) for dataset in datasets]


def status(code):
    return lambda request: request.give(code, body=b"DOE^JANE is not to be seen")


def html(request):
    request.give(200, "text/html; charset=utf-8", b"<html><body>Welcome to the intranet</body></html>")


def no_type(request):
    request.give(200, "", b"<html></html>")


def json_of_another_kind(request):
    request.give(200, "application/json", b'["DOE^JANE"]')


def hang_up(request):
    request.connection.shutdown(socket.SHUT_RDWR)


def cut(share, **headers):
    """Only a share of the message comes; then the connection ends."""

    def answer(request):
        body = multipart(request.server.answer.parts)
        request.send_response(200)
        request.send_header("Content-Type", MULTIPART)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value or str(len(body)))
        request.end_headers()
        part = body[: int(len(body) * share)]
        if "Transfer_Encoding" in headers:
            part = b"%x\r\n%s\r\n" % (len(part), part)
        request.wfile.write(part)

    return answer


def multipart_of(make):
    return lambda request: request.give(200, MULTIPART, make(request.server.answer.parts))


def redirect(target):
    return lambda request: request.give(302, Location=target)


PROBLEMS = {
    "403": (status(403), "asks who you are .403"),
    "404": (status(404), "no such study or series.*404"),
    "500": (status(500), "failure of its own .500"),
    "503": (status(503), "busy .503.; try again"),
    "418": (status(418), "refused the request .418"),
    "a web page": (html, "not DICOM"),
    "without a type": (no_type, "not DICOM"),
    "nothing": (hang_up, "was cut"),
    "to elsewhere": (
        redirect("https://jane:hunter2@elsewhere.example.org/d"),
        "points to .*https://elsewhere.example.org",
    ),
    "to another port": (redirect("http://127.0.0.1:1/d"), "points to another server, http://127.0.0.1:1"),
    "in circles": (redirect(f"/dicom-web/studies/{STUDY}/series/{SERIES}"), "round in circles"),
}
OF_IMAGES = {
    "cut, of unknown length": (cut(0.5), "was cut"),
    "cut, of known length": (cut(0.5, Content_Length=""), "was cut"),
    "cut, in chunks": (cut(0.5, Transfer_Encoding="chunked"), "was cut"),
    "cut in the last image": (cut(0.99), "was cut"),
    "only the closing boundary is missing": (multipart_of(lambda parts: multipart(parts, closed=False)), "was cut"),
    "fewer than announced": (
        multipart_of(lambda parts: multipart(parts[:-2])),
        f"sent {MANY - 2} of the {MANY} images",
    ),
    "one twice for another": (
        multipart_of(lambda parts: multipart([*parts[:-1], parts[0]])),
        f"sent {MANY - 1} of the",
    ),
    "without end": (multipart_of(lambda parts: multipart(parts * 5)), "more images than it announced"),
    "empty": (multipart_of(lambda parts: multipart([])), f"sent 0 of the {MANY}"),
    "no DICOM in the parts": (multipart_of(lambda parts: multipart([b"<html></html>"] * 3)), "not DICOM"),
    "no head in the parts": (multipart_of(lambda parts: multipart(parts).replace(b"\r\n\r\n", b"")), "not DICOM"),
    "no parts at all": (lambda request: request.give(200, MULTIPART, b"<html>"), "was cut"),
}


def tell_of(caught):
    """All that a user or a log may see of an error."""
    return "".join(traceback.format_exception(caught.value))


def is_one_sentence(text):
    return "\n" not in text and 20 < len(text) < 330 and "Error(" not in text and "0x" not in text


@pytest.mark.parametrize("case", PROBLEMS)
def test_a_server_that_does_not_do_its_work(case, private):
    answer, says = PROBLEMS[case]
    with bad_server(Behaviour(all=answer)) as server, pytest.raises(VolumeReadError, match=says) as caught:
        find(f"{server.address}?study={STUDY}")
    assert is_one_sentence(str(caught.value))
    assert not any(word in tell_of(caught) for word in ("DOE", "hunter2"))
    assert is_empty(private)


@pytest.mark.parametrize("case", PROBLEMS | OF_IMAGES)
def test_a_server_that_fails_at_the_images(case, private, images):
    parts, uids = images
    answer, says = (PROBLEMS | OF_IMAGES)[case]
    with bad_server(Behaviour(parts, uids, images=answer)) as server:
        with pytest.raises(VolumeReadError, match=says) as caught:
            find(f"{server.address}?study={STUDY}")
        assert any(path.startswith(f"/dicom-web/studies/{STUDY}/series/{SERIES}") for path, _ in server.seen)
    assert is_one_sentence(str(caught.value))
    assert not any(word in tell_of(caught) for word in ("DOE", "hunter2"))
    assert is_empty(private)


def test_json_of_another_kind(private):
    with (
        bad_server(Behaviour(all=json_of_another_kind)) as server,
        pytest.raises(VolumeReadError, match="not DICOMweb") as caught,
    ):
        find(f"{server.address}?study={STUDY}")
    assert "DOE" not in tell_of(caught)
    assert is_empty(private)


def test_a_server_that_does_as_it_should(images, private):
    parts, uids = images
    with bad_server(Behaviour(parts, uids)) as server:
        (found,) = find(f"{server.address}?study={STUDY}").volumes
        assert server.seen[0][1]["Host"] == f"127.0.0.1:{server.server_port}"
    voxels = found.read().voxels
    np.testing.assert_array_equal(voxels, np.arange(32 * 32 * MANY).reshape(32, 32, MANY))


def test_a_server_that_gives_few_at_a_time(images):
    parts, uids = images
    with bad_server(Behaviour(parts, uids, page=2)) as server:
        (found,) = find(f"{server.address}?study={STUDY}").volumes
    assert found.header.grid.shape == (32, 32, MANY)


def test_a_server_that_heeds_no_offset(images):
    """It answers each question for further results with the same ones."""
    parts, uids = images
    behaviour = Behaviour(parts, uids)

    def answer(request):
        if request.path.partition("?")[0].endswith("/series"):
            request.give_json([series_record(99)])
        elif "/instances" in request.path:
            request.path = request.path.partition("?")[0]
            behaviour(request)
        else:
            behaviour(request)

    with bad_server(answer) as server:
        assert len(find(f"{server.address}?study={STUDY}").volumes) == 1


def test_a_server_that_can_not_send_as_it_is_stored(images):
    parts, uids = images

    def answer(request):
        if "transfer-syntax=*" in request.headers["Accept"]:
            request.give(406)
        else:
            request.give(200, MULTIPART, multipart(parts))

    with bad_server(Behaviour(parts, uids, images=answer)) as server:
        (found,) = find(f"{server.address}?study={STUDY}").volumes
        assert "transfer-syntax=1.2.840.10008.1.2.1" in server.seen[-1][1]["Accept"]
    assert found.header.grid.shape == (32, 32, MANY)


def test_a_redirect_on_the_same_server_is_followed(images):
    parts, uids = images
    behaviour = Behaviour(parts, uids)

    def answer(request):
        if request.path.startswith("/dicom-web/"):
            request.give(307, Location=request.path.replace("/dicom-web/", "/pacs/dicom-web/", 1))
        else:
            behaviour(request)

    with bad_server(answer) as server:
        assert len(find(f"{server.address}?study={STUDY}", credentials=Credentials("a", "b")).volumes) == 1
        assert all("Authorization" in headers for _, headers in server.seen)


def test_credentials_do_not_follow_a_redirect(images):
    with bad_server(Behaviour(*images)) as other, bad_server(Behaviour(all=redirect(f"{other.address[8:]}"))) as server:
        server.answer = Behaviour(all=redirect(f"http://127.0.0.1:{other.server_port}/dicom-web"))
        with pytest.raises(VolumeReadError, match="points to another server"):
            find(f"{server.address}?study={STUDY}", credentials=Credentials("a", "b"))
        assert other.seen == []


def test_no_server_there(private):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(VolumeReadError, match=f"no server at '127.0.0.1:{port}'"):
        find(f"dicomweb://127.0.0.1:{port}/dicom-web?study=1.2")
    assert time.monotonic() - began < 5
    assert is_empty(private)


def test_a_name_that_nobody_knows(private, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(VolumeReadError, match=r"no machine of the name 'pacs\.example\.org'"):
        find("dicomweb://pacs.example.org/d?study=1.2")
    assert is_empty(private)


def stall_at_once(request):
    request.stall()


def stall_midway(request):
    body = multipart(request.server.answer.parts)
    request.send_response(200)
    request.send_header("Content-Type", MULTIPART)
    request.end_headers()
    request.wfile.write(body[: len(body) // 2])
    request.stall()


@pytest.mark.parametrize("answer", [stall_at_once, stall_midway])
def test_a_server_that_says_no_more_is_given_up(images, private, monkeypatch, answer):
    set_environment(monkeypatch, TIMEOUT="0.4")
    began = time.monotonic()
    with (
        bad_server(Behaviour(*images, images=answer)) as server,
        pytest.raises(VolumeReadError, match=r"did not answer within 0\.4 s.*VASCULAR_LOOP_DICOMWEB_TIMEOUT"),
    ):
        find(f"{server.address}?study={STUDY}")
    assert time.monotonic() - began < 10
    assert is_empty(private)


@pytest.mark.parametrize("answer", [stall_at_once, stall_midway])
def test_cancelling_ends_the_wait_at_once(images, private, answer):
    """With the usual time of 30 s to wait for a server that says nothing more."""
    began = []

    def cancel(done):
        if any(path.partition("?")[0].endswith(SERIES) for path, _ in server.seen):
            began.append(began[0] if began else time.monotonic())
            if time.monotonic() - began[0] > 0.3:
                raise ReadCancelledError("enough")

    with bad_server(Behaviour(*images, images=answer)) as server:
        with pytest.raises(ReadCancelledError):
            find(f"{server.address}?study={STUDY}", cancel)
        assert time.monotonic() - began[0] < 3
    assert is_empty(private)


def test_cancelling_in_the_middle_leaves_nothing(images, private):
    seen = []

    def cancel(done):
        seen.append(sum(path.is_file() for path in private.rglob("*")))
        if done > 0.4:
            raise ReadCancelledError("enough")

    with bad_server(Behaviour(*images)) as server, pytest.raises(ReadCancelledError):
        find(f"{server.address}?study={STUDY}", cancel)
    assert 3 <= max(seen) < MANY
    assert is_empty(private)


@pytest.mark.parametrize("text", ["soon", "0", "-3", "inf", "nan"])
def test_a_time_that_is_none(monkeypatch, text):
    set_environment(monkeypatch, TIMEOUT=text)
    with pytest.raises(VolumeReadError, match="VASCULAR_LOOP_DICOMWEB_TIMEOUT"):
        find("dicomweb://127.0.0.1:9/d?study=1.2")


def write_certificate(file):
    """Key and certificate of a server of this machine, signed by itself."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(host, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + certificate.public_bytes(pem))
    return file


def test_a_certificate_that_nobody_vouches_for(tmp_path, private):
    certificate = write_certificate(tmp_path / "certificate.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with bad_server(Behaviour(all=lambda request: request.give_json([])), tls) as server:
        address = f"dicomweb+https://127.0.0.1:{server.server_port}/d?study=1.2"
        with pytest.raises(VolumeReadError, match=r"certificate of .* is not trusted.*REQUESTS_CA_BUNDLE"):
            find(address)
        assert server.seen == []
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
            with pytest.raises(VolumeReadError, match="no study"):
                find(address)
    assert is_empty(private)


def test_https_to_a_server_of_plain_http(private):
    with (
        bad_server(Behaviour()) as server,
        pytest.raises(VolumeReadError, match=r"does not speak https.*dicomweb\+http"),
    ):
        find(f"dicomweb+https://127.0.0.1:{server.server_port}/d?study=1.2")
    assert is_empty(private)


def test_no_room_for_the_images(images, private, monkeypatch):

    def full(dataset, file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with (
        bad_server(Behaviour(*images)) as server,
        pytest.raises(VolumeReadError, match=r"takes no more \(No space left on device\)"),
    ):
        find(f"{server.address}?study={STUDY}")
    monkeypatch.undo()
    assert is_empty(private)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("", ""),
        ("2024", "20240101-20241231"),
        ("2024-02", "20240201-20240229"),
        ("2024-02-29", "20240229"),
        ("20240229", "20240229"),
        ("2023-11 to 2024-02", "20231101-20240229"),
        (" 2023 to 2023-06-30 ", "20230101-20230630"),
    ],
)
def test_dates_as_people_write_them(typed, sent):
    assert dicom_dates(typed) == sent


@pytest.mark.parametrize("typed", ["yesterday", "2023-13", "2023-02-29", "29.02.2024", "2024 to 2023", "to", "0000"])
def test_dates_that_are_none(typed):
    with pytest.raises(VolumeReadError, match="date is not understood"):
        dicom_dates(typed)


def test_a_secondary_capture_series_is_fetched_and_looked_at(images):
    """It holds images; that they are no slices is for the DICOM reader to say."""
    from napari_vascular_loop.formats.volumes.dicomweb import _why_no_images

    assert _why_no_images([Instance("1.2", str(SecondaryCaptureImageStorage))]) == ""
    assert _why_no_images([Instance("1.2", "1.3.46.670589.11.0.0.12.1")]) == ""
    assert _why_no_images([Instance("1.2", "")]) == ""
    assert "Text SR" in _why_no_images([Instance("1.2", str(BasicTextSRStorage))])
    assert _why_no_images([]) == "an empty series"
