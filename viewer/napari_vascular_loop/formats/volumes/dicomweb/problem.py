"""What went wrong between here and a server, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError, ReadTimeoutError

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicom.file import DAMAGE
from napari_vascular_loop.formats.volumes.dicomweb.credentials import CredentialsNeededError, how_to_give
from napari_vascular_loop.formats.volumes.dicomweb.session import RedirectedError, TruncatedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_vascular_loop.formats.volumes.dicomweb.address import Server

FAILURES = (requests.RequestException, *DAMAGE, UserWarning)
"""What requests, dicomweb-client and pydicom raise when a server or the way to it fails."""

_CUT = "the connection to {name} was cut before all had come; nothing was kept: try again"


def problem(error: BaseException, server: Server, timeout_s: float, with_credentials: bool) -> VolumeReadError:
    """Say what went wrong. The original error is not shown: it may repeat what was searched for.

    Parameters
    ----------
    error : exception
        One of `FAILURES`.
    server : Server
        Which was asked.
    timeout_s : float
        How long an answer was waited for.
    with_credentials : bool
        Whether credentials were sent.
    """
    name = repr(server.authority)
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return _refusal(error.response.status_code, server, with_credentials)
    if isinstance(error, requests.RequestException):
        return VolumeReadError(_network(error, name, server, timeout_s))
    return VolumeReadError(
        f"{name} answers with something that is not DICOM; "
        f"see whether the path {server.path or '/'!r} is that of its DICOMweb service"
    )


def _refusal(status: int, server: Server, with_credentials: bool) -> VolumeReadError:
    name = repr(server.authority)
    if status in (401, 403):
        if not server.is_private:
            text = f"{name} lets nobody in without credentials ({status}), and these are only sent by https"
        elif with_credentials:
            text = f"{name} does not accept this user name and password, or token ({status}); {how_to_give(server)}"
        else:
            text = f"{name} asks who you are ({status}): {how_to_give(server)}"
        return CredentialsNeededError(text)
    if status == 404:
        return VolumeReadError(
            f"{name} has no such study or series, or no DICOMweb service at the path {server.path or '/'!r} (404)"
        )
    if status in (429, 503):
        return VolumeReadError(f"{name} is busy ({status}); try again later")
    if status >= 500:
        return VolumeReadError(f"{name} had a failure of its own ({status}); try again, or ask who runs it")
    return VolumeReadError(f"{name} refused the request ({status})")


def _network(error: requests.RequestException, name: str, server: Server, timeout_s: float) -> str:
    causes = tuple(_causes(error))
    if isinstance(error, RedirectedError):
        target = urlsplit(error.target)
        return f"{name} points to another server, {target.scheme}://{target.netloc.rpartition('@')[2]}: name that one"
    if isinstance(error, TruncatedError):
        return _CUT.format(name=name)
    if isinstance(error, requests.exceptions.SSLError):
        return _tls(causes, name)
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy on the way to {name} can't be used; see HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
    if isinstance(error, requests.Timeout) or any(isinstance(cause, ReadTimeoutError) for cause in causes):
        return f"{name} did not answer within {timeout_s:g} s; try again, or set VASCULAR_LOOP_DICOMWEB_TIMEOUT to more"
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return f"no machine of the name {server.host!r} is known; check the name and the network"
    if any(isinstance(cause, NewConnectionError | ConnectionRefusedError) for cause in causes):
        return f"there is no server at {name}, or it can't be reached from here; check the port and whether it runs"
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return _CUT.format(name=name)
    if isinstance(error, requests.TooManyRedirects):
        return f"{name} sends us round in circles; check the path {server.path or '/'!r}"
    return (
        f"{name} answers with something that is not DICOMweb; "
        f"see whether the path {server.path or '/'!r} is that of its DICOMweb service"
    )


def _tls(causes: tuple[BaseException, ...], name: str) -> str:
    said = " ".join(str(cause) for cause in causes)
    if any(word in said for word in ("WRONG_VERSION_NUMBER", "RECORD_LAYER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL")):
        return f"{name} does not speak https at this port; if it is meant to be plain http, write dicomweb+http://"
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return (
            f"the certificate of {name} is not trusted, so it may be another machine; if your hospital signs its own, "
            "name the file of its authority in REQUESTS_CA_BUNDLE"
        )
    return f"no safe connection to {name} came about (TLS failed); ask who runs it"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give the error and what lies behind it: requests and urllib3 wrap one in the other."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
