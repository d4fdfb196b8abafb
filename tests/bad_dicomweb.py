"""A DICOMweb server that behaves as badly as a test wants."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydicom.uid import MRImageStorage

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

STUDY, SERIES = "1.2.826.1", "1.2.826.1.1"
BOUNDARY = "a-boundary"
MULTIPART = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'


class Request(BaseHTTPRequestHandler):
    """One request, with what an answer is made of."""

    server: BadServer

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))
        with contextlib.suppress(ConnectionError):
            self.server.answer(self)

    def give(self, status: int, kind: str = "text/plain", body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def give_json(self, records: Any) -> None:
        self.give(200, "application/dicom+json", json.dumps(records).encode())

    def stall(self) -> None:
        """Say nothing until the test is over."""
        self.wfile.flush()
        self.server.over.wait(60)

    @property
    def is_for_images(self) -> bool:
        return urlsplit(self.path).path.endswith(SERIES)

    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class Behaviour:
    """How a server behaves: by default as it should, with some images of one series.

    `images` answers the request for the images, `all` every request.
    """

    parts: list[bytes] = field(default_factory=list)
    uids: list[str] = field(default_factory=list)
    images: Callable[[Request], None] | None = None
    all: Callable[[Request], None] | None = None
    page: int | None = None

    def __call__(self, request: Request) -> None:
        path = urlsplit(request.path).path
        if self.all is not None:
            self.all(request)
        elif request.is_for_images:
            if self.images is not None:
                self.images(request)
            else:
                request.give(200, MULTIPART, multipart(self.parts))
        elif path.endswith("/instances"):
            query = dict(part.split("=") for part in urlsplit(request.path).query.split("&") if part)
            first = int(query.get("offset", 0))
            last = None if self.page is None else first + self.page
            request.give_json([instance_record(uid) for uid in self.uids[first:last]])
        elif path.endswith("/series"):
            request.give_json([] if "offset=0" not in request.path else [series_record(len(self.uids))])
        else:
            request.give_json([study_record()])


class BadServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answer: Callable[[Request], None], host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), Request)
        self.answer = answer
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()

    @property
    def address(self) -> str:
        return f"dicomweb://127.0.0.1:{self.server_port}/dicom-web"

    def handle_error(self, *_: Any) -> None:
        """A client that goes away is what is tested."""


@contextlib.contextmanager
def bad_server(answer: Callable[[Request], None], tls: ssl.SSLContext | None = None) -> Iterator[BadServer]:
    server = BadServer(answer)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def multipart(parts: list[bytes], closed: bool = True) -> bytes:
    head = f"\r\n--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return b"".join(head + part for part in parts) + (f"\r\n--{BOUNDARY}--".encode() if closed else b"")


def study_record(name: str = "DOE^JANE") -> dict[str, Any]:
    return {
        "0020000D": {"vr": "UI", "Value": [STUDY]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": name}]},
        "00080020": {"vr": "DA", "Value": ["20240229"]},
    }


def series_record(count: int, modality: str = "MR", uid: str = SERIES) -> dict[str, Any]:
    return {
        "0020000E": {"vr": "UI", "Value": [uid]},
        "00080060": {"vr": "CS", "Value": [modality]},
        "0008103E": {"vr": "LO", "Value": ["CISS"]},
        "00201209": {"vr": "IS", "Value": [count]},
    }


def instance_record(uid: str) -> dict[str, Any]:
    return {"00080018": {"vr": "UI", "Value": [uid]}, "00080016": {"vr": "UI", "Value": [str(MRImageStorage)]}}
