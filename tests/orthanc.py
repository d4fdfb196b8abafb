"""A real DICOMweb server for tests: an Orthanc of their own, on a free port of this machine, that ends with them."""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import json
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydicom.dataset import Dataset

# Debian's package may run a server of its own as a service; it is not used here.
PROGRAM = shutil.which("Orthanc", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
_START_S = 30
_PORTS = 5


@dataclass(frozen=True)
class Orthanc:
    port: int
    user: str = ""
    password: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/dicom-web"

    @property
    def address(self) -> str:
        return f"dicomweb://127.0.0.1:{self.port}/dicom-web"

    def put(self, things: Iterable[Path | Dataset]) -> None:
        """Fill it with DICOM files, or with data sets as they would be written."""
        for thing in things:
            body = thing.read_bytes() if isinstance(thing, Path) else written(thing)
            status, answer = self.ask("POST", "/instances", body)
            assert status == 200, answer

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Authorization": f"Basic {token}"} if self.user else {})
            response = connection.getresponse()
            return response.status, response.read()


def written(dataset: Dataset) -> bytes:
    """Bytes of a DICOM file."""
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def need_orthanc() -> None:
    """Skip the test where there is no Orthanc, unless it is required."""
    if PROGRAM is not None and PLUGIN.is_file():
        return
    reason = "there is no DICOMweb server here (Debian's packages orthanc and orthanc-dicomweb)"
    if os.environ.get("VASCULAR_LOOP_REQUIRE_ORTHANC"):
        pytest.fail(f"it is required, but {reason}")
    pytest.skip(reason)


@contextlib.contextmanager
def running_orthanc(folder: Path, user: str = "", password: str = "") -> Iterator[Orthanc]:
    """Run a server that keeps its data in a folder; with a user name, it lets nobody else in."""
    need_orthanc()
    for _ in range(_PORTS):
        server = Orthanc(_free_port(), user, password)
        process = _start(server, folder)
        try:
            if _comes_up(server, process):
                yield server
                return
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    raise AssertionError(f"Orthanc does not start:\n{(folder / 'log.txt').read_text(errors='replace')[-2000:]}")


def _start(server: Orthanc, folder: Path) -> subprocess.Popen[bytes]:
    settings = {
        "Name": "test",
        "StorageDirectory": str(folder / "DB"),
        "IndexDirectory": str(folder / "DB"),
        "HttpPort": server.port,
        "DicomServerEnabled": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": bool(server.user),
        "RegisteredUsers": {server.user: server.password} if server.user else {},
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings), encoding="utf-8")
    with (folder / "log.txt").open("wb") as log:
        assert PROGRAM is not None
        command = [PROGRAM, str(folder / "orthanc.json")]
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)


def _comes_up(server: Orthanc, process: subprocess.Popen[bytes]) -> bool:
    """Wait until it answers; False where it has ended, as when another program took the port."""
    until = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if server.ask("GET", "/system")[0] == 200:
                return True
        time.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
