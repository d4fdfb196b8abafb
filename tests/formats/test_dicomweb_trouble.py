"""DICOMweb: servers that misbehave, and networks that fail."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import time
import traceback
from pathlib import Path

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
from conftest import affine_of
from dicom_series import series
from dicomweb_fixtures import is_empty, set_environment
from orthanc import written
from pydicom.uid import (
    BasicTextSRStorage,
    SecondaryCaptureImageStorage,
)

from napari_vascular_loop.domain.errors import ReadCancelledError, VolumeReadError
from napari_vascular_loop.formats.volumes.dicomweb import (
    Credentials,
    find,
)
from napari_vascular_loop.formats.volumes.dicomweb.search import Instance

MANY = 9

pytestmark = pytest.mark.usefixtures("private")


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


def test_a_secondary_capture_series_is_fetched_and_looked_at(images):
    """It holds images; that they are no slices is for the DICOM reader to say."""
    from napari_vascular_loop.formats.volumes.dicomweb import _why_no_images

    assert _why_no_images([Instance("1.2", str(SecondaryCaptureImageStorage))]) == ""
    assert _why_no_images([Instance("1.2", "1.3.46.670589.11.0.0.12.1")]) == ""
    assert _why_no_images([Instance("1.2", "")]) == ""
    assert "Text SR" in _why_no_images([Instance("1.2", str(BasicTextSRStorage))])
    assert _why_no_images([]) == "an empty series"
