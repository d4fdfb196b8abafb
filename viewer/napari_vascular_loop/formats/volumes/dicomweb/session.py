"""The web session: what is sent where, and what comes back whole."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import HTTPBasicAuth
from requests.utils import get_environ_proxies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_vascular_loop.formats.volumes.dicomweb.address import Server
    from napari_vascular_loop.formats.volumes.dicomweb.credentials import Credentials

_CLOSING_ROOM = 200
"""Bytes at the end of a message among which its closing boundary lies: a boundary has 70 at most (RFC 2046)."""

_TALKATIVE = ("dicomweb_client.web", "urllib3.connectionpool")
_QUERY = re.compile(r"(/studies)\?[^\s\"']*")


class TruncatedError(requests.RequestException):
    """A message of several parts ended before its closing boundary."""


class RedirectedError(requests.RequestException):
    """The server sends us to another one."""

    def __init__(self, target: str) -> None:
        super().__init__("redirected")
        self.target = target


class Session(requests.Session):
    """Speaks with one server.

    It follows no redirect to another server, takes no credentials from .netrc, and notices answers that are cut off.
    Proxies and certificates are those of the environment, but this very machine is never reached through a proxy.
    """

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server
        self._response: requests.Response | None = None
        self.trust_env = False
        if not server.is_loopback:
            self.proxies = dict(get_environ_proxies(server.url))
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        self.hooks["response"].append(self._on_response)
        for name in _TALKATIVE:
            logging.getLogger(name).addFilter(_without_queries)

    def authorise(self, credentials: Credentials) -> None:
        """Send credentials with every request from now on."""
        if credentials.token:
            self.headers["Authorization"] = f"Bearer {credentials.token}"
        else:
            self.auth = HTTPBasicAuth(credentials.user.encode(), credentials.password.encode())

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Leave wildcards as they are, which a query may hold: not every server decodes them."""
        prepared = super().prepare_request(request)
        prepared.url = (prepared.url or "").replace("%2A", "*").replace("%3F", "?")
        return prepared

    def abandon(self) -> None:
        """End what is under way in another thread, at once where that is possible."""
        raw: Any = getattr(self._response, "raw", None)
        with contextlib.suppress(AttributeError, ValueError, RuntimeError, OSError):
            raw.shutdown()
        self.close()

    def _on_response(self, response: requests.Response, **_: Any) -> None:
        self._response = response
        if response.is_redirect:
            target = urljoin(response.url, response.headers["location"])
            if not _is_same_place(response.url, target):
                response.close()
                raise RedirectedError(target)
        kind, boundary = _boundary_of(response.headers.get("content-type", ""))
        if response.ok and kind == "multipart/related" and boundary:
            whole = _until_closed(response.iter_content, f"--{boundary}--".encode())
            response.iter_content = whole  # type: ignore[method-assign]


def _until_closed(iter_content: Any, closing: bytes) -> Any:
    """Wrap an answer's content: it is an error if it ends without its closing boundary."""

    def content(*arguments: Any, **keywords: Any) -> Iterator[bytes]:
        end = b""
        for chunk in iter_content(*arguments, **keywords):
            end = (end + chunk[-_CLOSING_ROOM:])[-_CLOSING_ROOM:]
            yield chunk
        if closing not in end:
            raise TruncatedError("the closing boundary is missing")

    return content


def _boundary_of(content_type: str) -> tuple[str, str]:
    kind, *parameters = (part.strip() for part in content_type.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.lower() == "boundary":
            return kind.lower(), value.strip('"')
    return kind.lower(), ""


def _is_same_place(url: str, target: str) -> bool:
    """Whether a redirect stays with the server, and does not give up its encryption."""
    old, new = urlsplit(url), urlsplit(target)
    if old.hostname != new.hostname:
        return False
    ports = (old.port or _port(old.scheme), new.port or _port(new.scheme))
    return (old.scheme == new.scheme and ports[0] == ports[1]) or (
        (old.scheme, new.scheme) == ("http", "https") and ports == (80, 443)
    )


def _port(scheme: str) -> int:
    return {"http": 80, "https": 443}.get(scheme, 0)


def _without_queries(record: logging.LogRecord) -> bool:
    """Take what was searched for, which may be a patient's name, out of what libraries log."""
    text = record.getMessage()
    if _QUERY.search(text):
        record.msg, record.args = _QUERY.sub(r"\1?...", text), ()
    return True
