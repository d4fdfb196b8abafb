"""Addresses of DICOMweb servers and of the studies on them; no password is ever part of one."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from napari_vascular_loop.domain.errors import VolumeReadError

_SCHEMES = {"dicomweb": "", "dicomweb+http": "http", "dicomweb+https": "https"}
_WEB_SCHEMES = {**_SCHEMES, "http": "http", "https": "https"}
_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_UID_LENGTH = 64  # PS3.5 section 9.1
_HOW = "dicomweb://host[:port]/path?study=UID[&series=UID]"


@dataclass(frozen=True)
class Server:
    """A DICOMweb service.

    Parameters
    ----------
    scheme : str
        "http" or "https".
    host : str
        Name or number of the machine; an IPv6 number without brackets.
    port : int or None
        None for that of the scheme.
    path : str
        Of the service, such as "/dicom-web"; without a slash at the end.
    """

    scheme: str
    host: str
    port: int | None = None
    path: str = ""

    @property
    def authority(self) -> str:
        """Host and port, as in a web address and in messages."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Web address of the service."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this very machine."""
        return _is_loopback(self.host)

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read what is sent."""
        return self.scheme == "https" or self.is_loopback

    def __str__(self) -> str:
        """Address without a study."""
        is_usual = self.scheme == _usual_scheme(self.host)
        return f"{'dicomweb' if is_usual else f'dicomweb+{self.scheme}'}://{self.authority}{self.path}"


@dataclass(frozen=True)
class Address:
    """A study on a server, or some of its series.

    Parameters
    ----------
    server : Server
        Where it is.
    study : str
        Study Instance UID; "" for none.
    series : tuple of str
        Series Instance UIDs; empty for all of the study.
    instance : str
        SOP Instance UID, for the name of one image; "" for all.
    """

    server: Server
    study: str = ""
    series: tuple[str, ...] = ()
    instance: str = ""

    def __str__(self) -> str:
        """Address in one line; UIDs only, nothing else of a patient's."""
        parts = [("study", self.study), *(("series", uid) for uid in self.series), ("instance", self.instance)]
        query = "&".join(f"{name}={uid}" for name, uid in parts if uid)
        return f"{self.server}?{query}" if query else str(self.server)

    def of_series(self, series: str, instance: str = "") -> Address:
        """Address of one series of the study, or of one of its images."""
        return replace(self, series=(series,), instance=instance)


def is_dicomweb(source: object) -> bool:
    """Whether a source is an address of this kind; it is not looked at closer."""
    return isinstance(source, str) and source.partition("://")[0].strip().lower() in _SCHEMES and "://" in source


def parse_address(text: str) -> Address:
    """Read an address.

    Parameters
    ----------
    text : str
        ``dicomweb://host[:port]/path?study=UID[&series=UID]``. It means https, and http for this very machine;
        ``dicomweb+http://`` and ``dicomweb+https://`` say which. `series` may be given several times.

    Raises
    ------
    VolumeReadError
        If it is not such an address, or holds a user name or password.
    """
    return _parse(text.strip(), _SCHEMES)


def parse_server(text: str) -> Address:
    """Read what a user types to name a server: an address as above, a web address, or only host and path.

    Raises
    ------
    VolumeReadError
        If it names no server, or holds a user name or password.
    """
    text = text.strip()
    return _parse(text if "://" in text else f"dicomweb://{text}", _WEB_SCHEMES)


def is_uid(text: object) -> bool:
    """Whether a text is a DICOM UID: digits and points, 64 at most."""
    return isinstance(text, str) and len(text) <= _UID_LENGTH and _UID.fullmatch(text) is not None


def _parse(text: str, schemes: dict[str, str]) -> Address:
    # First of all, so that no message below can repeat a password. No part of an address needs an @.
    if "@" in text:
        raise VolumeReadError(
            "user names and passwords are not written in addresses: leave out all up to the @, and sign in in the "
            "DICOMweb window, or by VASCULAR_LOOP_DICOMWEB_USER and VASCULAR_LOOP_DICOMWEB_PASSWORD, or by the keyring"
        )
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise VolumeReadError(f"{text!r} is not an address ({error}); write {_HOW}") from None
    scheme = parts.scheme.lower()
    if scheme not in schemes or not re.fullmatch(r"[\w.-]+|[0-9a-f:.]+", host):
        raise VolumeReadError(f"{text!r} does not name a DICOMweb server; write {_HOW}")
    if re.search(r"[\s?#\\]", parts.path) or parts.fragment:
        raise VolumeReadError(f"{text!r} is not an address; write {_HOW}")
    server = Server(schemes[scheme] or _usual_scheme(host), host, port, parts.path.rstrip("/"))
    return _with_uids(server, parts.query)


def _with_uids(server: Server, query: str) -> Address:
    studies: list[str] = []
    series: list[str] = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in ("study", "series"):
            raise VolumeReadError(f"an address names study and series, not {name!r}; write {_HOW}")
        if not is_uid(value):
            raise VolumeReadError(f"{name}={value!r} is not a DICOM UID (digits and points, 64 at most)")
        (studies if name == "study" else series).append(value)
    if len(studies) > 1:
        raise VolumeReadError(f"an address names one study, this one {len(studies)}; open them one by one")
    if series and not studies:
        raise VolumeReadError(f"the address names a series but not its study; write {_HOW}")
    return Address(server, studies[0] if studies else "", tuple(dict.fromkeys(series)))


def _usual_scheme(host: str) -> str:
    return "http" if _is_loopback(host) else "https"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
