"""Marks on a DICOMweb server: what is sent comes back as it was, and a server that refuses is told."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import socket
from dataclasses import replace
from urllib.parse import urlsplit

import numpy as np
import pytest
from bad_dicomweb import Request, bad_server
from conftest import affine_of
from dicom_marks import FRAME, LOOP, MARKS, SERIES, STUDY, holds_the_patient, tilted_series, written_series
from dicom_series import series, slice_dataset
from dicomweb_fixtures import is_empty
from orthanc import running_orthanc, written
from pydicom import dcmread

from napari_vascular_loop.domain.errors import LessonError, LessonSaveError, ReadCancelledError, VolumeReadError
from napari_vascular_loop.formats.annotations.dicom_gsps import encode_gsps
from napari_vascular_loop.formats.annotations.dicom_sr import decode_sr, encode_sr
from napari_vascular_loop.formats.annotations.dicomweb_marks import fetched_sources, find_marks, send_marks
from napari_vascular_loop.formats.volumes.dicomweb import Credentials, CredentialsNeededError, find

pytestmark = pytest.mark.usefixtures("private")

OTHER_STUDY = "1.2.826.0.8"


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    return written_series(tmp_path_factory.mktemp("series"))


@pytest.fixture(scope="module")
def objects(sources):
    """A report, and a presentation state."""
    return [encode_sr(MARKS, sources)[0], *(data for _, data in encode_gsps(MARKS, sources)[0])]


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as server:
        server.put(tilted_series(PatientName="ZZNAME^ZZNAME", PatientID="ZZNUMBER"))
        voxels, matrix = np.zeros((4, 4, 3), np.int16), affine_of((0, 1, 2), (-1, -1, 1), (1, 1, 1))
        server.put(series(voxels, matrix, StudyInstanceUID=OTHER_STUDY, SeriesInstanceUID=f"{OTHER_STUDY}.1"))
        yield server


def uid_of(data):
    return str(dcmread(io.BytesIO(data)).SOPInstanceUID)


# ------------------------------------------------------------------ a real server


@pytest.mark.orthanc
def test_marks_come_back_from_the_server_as_they_were(orthanc, objects, private):
    sent = send_marks(f"{orthanc.address}?study={STUDY}", objects)
    assert list(sent) == [uid_of(data) for data in objects]
    found = {one.instance: one for one in find_marks(f"{orthanc.address}?study={STUDY}")}
    assert [found[uid].modality for uid in sent] == ["SR", "PR"]
    assert [found[uid].data for uid in sent] == objects
    back, losses = decode_sr(found[sent[0]].data, "marks", "tof", FRAME)
    assert losses == ()
    assert [replace(one, geometry=mark.geometry) for one, mark in zip(back, MARKS, strict=True)] == list(MARKS)
    for one, mark in zip(back, MARKS, strict=True):
        assert type(one.geometry) is type(mark.geometry)
        np.testing.assert_allclose(one.geometry.vertices_ras_mm, mark.geometry.vertices_ras_mm, atol=0.001, rtol=0)
    assert is_empty(private)


@pytest.mark.orthanc
def test_only_marks_are_fetched_and_only_those_asked_for(orthanc, objects):
    send_marks(orthanc.address, objects)
    all_of_them = find_marks(f"{orthanc.address}?study={STUDY}")
    assert {one.modality for one in all_of_them} == {"SR", "PR"}
    wanted = next(one for one in all_of_them if one.modality == "PR")
    ((uid),) = {part.removeprefix("series=") for part in wanted.address.split("&") if part.startswith("series=")}
    assert [one.instance for one in find_marks(f"{orthanc.address}?study={STUDY}&series={uid}")] == [wanted.instance]
    assert find_marks(f"{orthanc.address}?study={OTHER_STUDY}") == ()


@pytest.mark.orthanc
def test_many_marks_go_in_pieces(orthanc, sources):
    several = [replace(LOOP, id=f"urn:uuid:00000000-0000-4000-8000-{n:012}") for n in range(60)]
    data, _ = encode_sr(several, sources)
    assert len(data) > 1 << 16
    (uid,) = send_marks(orthanc.address, [data])
    assert next(one.data for one in find_marks(f"{orthanc.address}?study={STUDY}") if one.instance == uid) == data


@pytest.mark.orthanc
def test_marks_of_a_volume_that_came_from_the_server(orthanc, private):
    """The way through: open it from the server, mark it, write a report of it, send that."""
    (volume,) = find(f"{orthanc.address}?study={STUDY}&series={SERIES}").volumes
    files = volume.header.provenance.source_files
    assert all(isinstance(one, str) for one in files)
    with pytest.raises(LessonError, match="lie on a server"):
        encode_sr(MARKS, files)
    with fetched_sources(files) as paths:
        data, _ = encode_sr(MARKS, paths)
    del volume
    assert is_empty(private)
    assert not holds_the_patient(data)
    (uid,) = send_marks(f"{orthanc.address}?study={STUDY}", [data])
    back = next(one for one in find_marks(f"{orthanc.address}?study={STUDY}") if one.instance == uid)
    assert len(decode_sr(back.data, "marks", "tof", FRAME)[0]) == len(MARKS)


@pytest.mark.orthanc
def test_addresses_that_lead_nowhere(orthanc, objects):
    with pytest.raises(LessonError, match=r"no study 1\.2\.99"):
        find_marks(f"{orthanc.address}?study=1.2.99")
    with pytest.raises(LessonError, match=r"names no study; write dicomweb://.*\?study=UID"):
        find_marks(orthanc.address)
    with pytest.raises(LessonError, match=r"of another study than 1\.2\.99"):
        send_marks(f"{orthanc.address}?study=1.2.99", objects)
    with pytest.raises(VolumeReadError, match="no DICOMweb service at the path '/elsewhere'"):
        send_marks(f"dicomweb://127.0.0.1:{orthanc.port}/elsewhere", objects)


@pytest.mark.orthanc
def test_a_server_that_asks_who_you_are(tmp_path_factory, objects):
    with running_orthanc(tmp_path_factory.mktemp("orthanc"), "ann", "s3cret") as server:
        server.put(tilted_series())
        for ask in (
            lambda **given: send_marks(server.address, objects, **given),
            lambda **given: find_marks(f"{server.address}?study={STUDY}", **given),
        ):
            with pytest.raises(CredentialsNeededError, match="asks who you are"):
                ask()
            with pytest.raises(CredentialsNeededError, match="does not accept this user name") as caught:
                ask(credentials=Credentials("ann", "wr0ng"))
            assert "wr0ng" not in str(caught.value)
            assert len(ask(credentials=Credentials("ann", "s3cret"))) == 2


@pytest.mark.orthanc
def test_no_log_says_more_than_uids(orthanc, objects, caplog):
    caplog.set_level(logging.DEBUG)
    send_marks(orthanc.address, objects)
    find_marks(f"{orthanc.address}?study={STUDY}")
    assert not any(word in caplog.text for word in ("ZZNAME", "ZZNUMBER", "AICA"))


# ------------------------------------------------------------------ servers that misbehave


class Storing(Request):
    """A server that can be sent something."""

    def do_POST(self):  # noqa: N802 - http.server's own spelling
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        self.do_GET()


@contextlib.contextmanager
def storing(answer):
    with bad_server(answer) as server:
        server.RequestHandlerClass = Storing
        yield server


def answer_of(stored, failed):
    def items(pairs):
        return {
            "vr": "SQ",
            "Value": [
                {
                    "00081155": {"vr": "UI", "Value": [uid]},
                    **({"00081197": {"vr": "US", "Value": [reason]}} if reason else {}),
                }
                for uid, reason in pairs
            ],
        }

    said = {}
    if stored:
        said["00081199"] = items((uid, None) for uid in stored)
    if failed:
        said["00081198"] = items(failed)
    return json.dumps(said).encode()


def posted(status, body=b"", kind="application/dicom+json", there=()):
    """Answer what is sent so; and questions for what is there by these UIDs."""

    def answer(request):
        if request.command == "POST":
            request.give(status, kind, body)
        elif urlsplit(request.path).path.endswith("/instances") and "offset=0" in request.path:
            request.give_json([{"00080018": {"vr": "UI", "Value": [uid]}} for uid in there])
        else:
            request.give_json([])

    return answer


@pytest.mark.parametrize(("status", "stored"), [(200, 0), (202, 1), (409, 0)])
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (0x0122, "does not keep objects of this kind"),
        (0xA701, "has no room"),
        (0xA900, "don't fit what it expects"),
        (0xC122, "could not understand them"),
        (0x9999, "does not say why"),
        (None, "does not say why"),
    ],
)
def test_a_refused_object_is_told_with_the_reason(objects, status, stored, reason, words):
    uids = [uid_of(data) for data in objects]
    body = answer_of(uids[:stored], [(uid, reason) for uid in uids[stored:]])
    with storing(posted(status, body)) as server, pytest.raises(LessonSaveError, match=words) as caught:
        send_marks(server.address, objects)
    assert f"did not take {2 - stored} of the 2 objects" in str(caught.value)
    assert "still in the lesson" in str(caught.value)


def test_a_server_that_says_nothing_is_asked(objects):
    uids = [uid_of(data) for data in objects]
    with storing(posted(200, there=uids)) as server:
        assert list(send_marks(server.address, objects)) == uids
    with storing(posted(200, there=uids[:1])) as server, pytest.raises(LessonSaveError, match="1 of the 2"):
        send_marks(server.address, objects)
    with storing(posted(200, b"<html>", "text/html")) as server, pytest.raises(LessonSaveError, match="2 of the 2"):
        send_marks(server.address, objects)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (posted(401), "asks who you are .401"),
        (posted(403), "asks who you are .403"),
        (posted(404), "no DICOMweb service at the path"),
        (posted(409, b"ZZNAME", "text/plain"), "refused the request .409"),
        (posted(413), "refused the request .413"),
        (posted(415), "does not understand the request .415"),
        (posted(500), "failure of its own"),
        (posted(503), "busy"),
        (posted(200, b"{{{"), "not DICOM"),
        (posted(200, b'{"00081199": 5}'), "not DICOM"),
        (lambda request: request.connection.shutdown(socket.SHUT_RDWR), "was cut"),
    ],
)
def test_a_server_that_does_not_do_its_work(objects, answer, said):
    with storing(answer) as server, pytest.raises((VolumeReadError, LessonSaveError), match=said) as caught:
        send_marks(server.address, objects)
    assert "\n" not in str(caught.value)
    assert "ZZNAME" not in str(caught.value)


def test_a_server_that_is_gone(objects):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(VolumeReadError, match=f"no server at '127.0.0.1:{port}'"):
        send_marks(f"dicomweb://127.0.0.1:{port}/dicom-web", objects)
    with pytest.raises(VolumeReadError, match="no server at"):
        find_marks(f"dicomweb://127.0.0.1:{port}/dicom-web?study=1.2")


def test_the_wait_can_be_ended(objects):
    def cancel(_done):
        raise ReadCancelledError("enough")

    with storing(lambda request: request.stall()) as server, pytest.raises(ReadCancelledError):
        send_marks(server.address, objects, cancel)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a DICOM file"),
        (written(slice_dataset(np.zeros((2, 2), np.uint16), StudyInstanceUID="1.2")), "neither a structured report"),
        (written(slice_dataset(np.zeros((2, 2), np.uint16), Modality="SR")), "names no study, series or instance"),
    ],
)
def test_nothing_but_marks_is_sent(data, said):
    with storing(posted(200)) as server:
        with pytest.raises(LessonError, match=f"^object 1: .*{said}"):
            send_marks(server.address, [data])
        with pytest.raises(LessonError, match="no marks to send"):
            send_marks(server.address, [])
        assert server.seen == []
