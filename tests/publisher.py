"""A web server on this computer that behaves as badly as publishers do."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


@dataclass
class Shelf:
    """A file, and how it is given.

    Parameters
    ----------
    data : bytes
        What it is.
    ranges : bool
        Whether a part can be asked for.
    tag : str
        An ETag, "" for none.
    answers : list
        Of the first requests, in place of the file: a status, or (status, headers).
    cuts : list of int
        After how many bytes of what is asked for the connection is cut, in the first of the requests that give the
        file.
    stalls : list of int
        The same, but nothing comes any more.
    says_length : int or None
        What Content-Length lies; with 0 none is sent.
    kind : str
        Content-Type.
    """

    data: bytes
    ranges: bool = True
    tag: str = '"one"'
    answers: list[Any] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    stalls: list[int] = field(default_factory=list)
    says_length: int | None = None
    kind: str = "application/octet-stream"
    trickle_s: float = 0.0


class BadPublisher:
    """Gives the files of its shelves, and remembers what was asked."""

    def __init__(self) -> None:
        self.shelves: dict[str, Shelf] = {}
        self.asked: list[tuple[str, str]] = []
        self.times: list[float] = []
        self.proxied: list[str] = []
        self.closing = threading.Event()
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                publisher.give(self)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """Say nothing of connections that the client has cut."""

        self.server = Server(("127.0.0.1", 0), Handler)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{name}"

    @property
    def ranges(self) -> list[str]:
        """What parts were asked for, "" for the whole."""
        return [asked for _, asked in self.asked]

    def put(self, name: str, data: bytes, **how: Any) -> str:
        self.shelves[name] = Shelf(data, **how)
        return self.url(name)

    def give(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path
        if path.startswith("http://"):
            self.proxied.append(path)
            path = "/" + path.split("/", 3)[3]
        asked = handler.headers.get("Range", "")
        self.asked.append((path, asked))
        self.times.append(time.monotonic())
        shelf = self.shelves.get(path.lstrip("/"))
        if shelf is None:
            self._short(handler, 404, {})
        elif shelf.answers:
            answer = shelf.answers.pop(0)
            self._short(handler, *(answer if isinstance(answer, tuple) else (answer, {})))
        else:
            self._file(handler, shelf, asked)

    def _short(self, handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def _file(self, handler: BaseHTTPRequestHandler, shelf: Shelf, asked: str) -> None:
        start, end = 0, len(shelf.data)
        same = handler.headers.get("If-Range", shelf.tag) == shelf.tag
        if asked and shelf.ranges and same:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start = int(first)
            end = min(end, int(last) + 1) if last else end
            if start >= len(shelf.data):
                self._short(handler, 416, {"Content-Range": f"bytes */{len(shelf.data)}"})
                return
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(shelf.data)}")
        else:
            handler.send_response(200)
        handler.send_header("Content-Type", shelf.kind)
        if shelf.tag:
            handler.send_header("ETag", shelf.tag)
        length = end - start if shelf.says_length is None else shelf.says_length
        if length:
            handler.send_header("Content-Length", str(length))
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        cut = shelf.cuts.pop(0) if shelf.cuts else None
        stall = shelf.stalls.pop(0) if shelf.stalls else None
        stop = next((one for one in (cut, stall) if one is not None), None)
        body = shelf.data[start:end] if stop is None else shelf.data[start:end][:stop]
        with contextlib.suppress(OSError):
            if shelf.trickle_s:
                for at in range(0, len(body), 1000):
                    handler.wfile.write(body[at : at + 1000])
                    if self.closing.wait(shelf.trickle_s):
                        return
            else:
                handler.wfile.write(body)
            handler.wfile.flush()
            if stall is not None:
                self.closing.wait(20)


def go_online(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test download, and straight from the server that it started."""
    monkeypatch.delenv("VASCULAR_LOOP_OFFLINE")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@contextlib.contextmanager
def publishing() -> Iterator[BadPublisher]:
    one = BadPublisher()
    thread = threading.Thread(target=one.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield one
    finally:
        one.closing.set()
        one.server.shutdown()
        one.server.server_close()
        thread.join()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
