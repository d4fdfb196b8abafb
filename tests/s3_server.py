"""A bucket on this machine, as S3 shows it to its clients: enough of the protocol to read from."""

from __future__ import annotations

import contextlib
import http.server
import threading
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
_LISTING = (
    '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Name>{bucket}</Name><KeyCount>{count}</KeyCount><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
)


class _Bucket(http.server.BaseHTTPRequestHandler):
    """Objects are the files below `folder`; the first part of a path is the bucket's name."""

    folder: ClassVar[Path]
    is_public: ClassVar[bool]
    signed: ClassVar[list[bool]]

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        parts = urlsplit(self.path)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        signed = "Authorization" in self.headers
        self.signed.append(signed)
        file = self.folder / key
        if not (signed or self.is_public):
            self._send(403, _ERROR.format(code="AccessDenied").encode(), with_body)
        elif bucket != "bucket":
            self._send(404, _ERROR.format(code="NoSuchBucket").encode(), with_body)
        elif not key:
            self._send(200, self._listing(parts.query), with_body)
        elif file.is_file():
            self._send(200, file.read_bytes(), with_body)
        else:
            self._send(404, _ERROR.format(code="NoSuchKey").encode(), with_body)

    def _listing(self, query: str) -> bytes:
        asked = dict(part.partition("=")[::2] for part in query.split("&"))
        prefix = unquote(asked.get("prefix", ""))
        files = [file for file in sorted(self.folder.rglob("*")) if file.is_file()]
        keys = [key for file in files if (key := file.relative_to(self.folder).as_posix()).startswith(prefix)]
        entries = "".join(f"<Contents><Key>{escape(key)}</Key><Size>1</Size></Contents>" for key in keys)
        return _LISTING.format(bucket="bucket", count=len(keys), entries=entries).encode()

    def _send(self, status: int, body: bytes, with_body: bool) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"0"')
        self.send_header("Last-Modified", "Wed, 01 Jan 2025 00:00:00 GMT")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def bucket_of(folder: Path, *, is_public: bool) -> Iterator[tuple[str, list[bool]]]:
    """Serve a folder as s3://bucket; gives the endpoint, and of each request whether it was signed."""
    handler = type("Bucket", (_Bucket,), {"folder": folder, "is_public": is_public, "signed": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", handler.signed
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
