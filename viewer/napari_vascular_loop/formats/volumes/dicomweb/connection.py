"""A connection to a DICOMweb server: asked in a thread of its own, so that the wait can be ended at any moment."""

from __future__ import annotations

import math
import os
import threading
import warnings as python_warnings
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Any, TypeVar

import requests

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicomweb.credentials import (
    Credentials,
    CredentialsNeededError,
    check_may_be_sent,
    from_environment,
    from_keyring,
)
from napari_vascular_loop.formats.volumes.dicomweb.problem import FAILURES, problem
from napari_vascular_loop.formats.volumes.dicomweb.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from dicomweb_client.api import DICOMwebClient

    from napari_vascular_loop.formats.volumes.dicomweb.address import Server

TIMEOUT = "VASCULAR_LOOP_DICOMWEB_TIMEOUT"
TIMEOUT_S = 30.0
"""After so many seconds without a byte a server is given up."""

_CONNECT_TIMEOUT_S = 10.0
_TICK_S = 0.05
_CHUNK = 1 << 16
"""Bytes that are waited for at a time: few, so that progress is told on slow lines too."""

_NOT_IN_THIS_FORM = (400, 406, 415, 501)

T = TypeVar("T")


class UnknownFormError(VolumeReadError):
    """The server does not know the request in this form; another may do."""


class Connection:
    """Asks one server; to be used in a `with`.

    Parameters
    ----------
    server : Server
        Whom to ask.
    tick : callable
        Called many times a second while an answer is waited for; what it raises ends the wait at once.
    credentials : Credentials, optional
        Those of the environment where None; and where the server asks for some, those of the keyring.

    Raises
    ------
    VolumeReadError
        If dicomweb-client is not installed, or credentials would be sent where others can read them.
    """

    def __init__(self, server: Server, tick: Callable[[], None], credentials: Credentials | None = None) -> None:
        self.server = server
        self._tick = tick
        self._credentials = credentials or from_environment(server)
        if self._credentials is not None:
            check_may_be_sent(server)
        self._timeout_s = _timeout_s()
        self._session = Session(server)
        if self._credentials is not None:
            self._session.authorise(self._credentials)
        self._client = _client(server, self._session, self._timeout_s)

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.abandon()

    def get(self, ask: Callable[[DICOMwebClient], T]) -> T:
        """Ask the server one thing.

        Raises
        ------
        VolumeReadError
            In one sentence, if the server does not answer as it should.
        UnknownFormError
            If it does not know the request in this form.
        """
        try:
            answer: T = self._wait(ask, self._client)
            return answer
        except FAILURES as error:
            sentence = self._problem(error)
        if isinstance(sentence, CredentialsNeededError) and self._take_credentials_of_keyring():
            return self.get(ask)
        raise sentence from None

    def each(self, ask: Callable[[DICOMwebClient], Iterable[T]]) -> Iterator[T]:
        """Ask the server for one thing after the other, as they come.

        Raises
        ------
        VolumeReadError, UnknownFormError
            As `get`.
        """
        things = iter(self.get(ask))
        while True:
            try:
                one = self._wait(next, things, _END)
            except FAILURES as error:
                raise self._problem(error) from None
            if one is _END:
                return
            yield one

    def _wait(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function in a thread of its own, which is left to itself when the tick raises."""
        future: Future[Any] = Future()
        # A daemon: a server that does not answer must not hold up the end of the program.
        threading.Thread(target=_run, args=(future, function, arguments), name="dicomweb", daemon=True).start()
        while not future.done():
            wait([future], timeout=_TICK_S)
            self._tick()
        return future.result()

    def _problem(self, error: BaseException) -> Exception:
        if isinstance(error, requests.HTTPError) and error.response is not None:
            status = error.response.status_code
            error.response.close()
            if status in _NOT_IN_THIS_FORM:
                return UnknownFormError(f"{self.server.authority!r} does not understand the request ({status})")
        return problem(error, self.server, self._timeout_s, self._credentials is not None)

    def _take_credentials_of_keyring(self) -> bool:
        if self._credentials is not None or not self.server.is_private:
            return False
        # A locked keyring asks the user to open it, and that can take its time.
        self._credentials = self._wait(from_keyring, self.server)
        if self._credentials is None:
            return False
        self._session.authorise(self._credentials)
        return True


_END: Any = object()


def _run(future: Future[Any], function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")  # of dicomweb-client and pydicom, on servers' bad habits
            future.set_result(function(*arguments))
    except BaseException as error:  # not handled here: it is raised again in the thread that waits
        future.set_exception(error)


def _client(server: Server, session: Session, timeout_s: float) -> DICOMwebClient:
    try:
        from dicomweb_client.api import DICOMwebClient
    except ImportError as error:
        raise VolumeReadError(
            'DICOMweb needs dicomweb-client, which is not installed: pip install "napari-vascular-loop[dicomweb]"'
        ) from error
    timeouts = (min(_CONNECT_TIMEOUT_S, timeout_s), timeout_s)
    # UIDs are checked here, at the border: not all that exist in the world are as strict as dicomweb-client.
    client = DICOMwebClient(server.url, session, permissive_uid=True, timeout=timeouts, chunk_size=_CHUNK)
    client.host = server.authority  # goes into the Host header, which wants the port too
    # Its retries would repeat every failed connection for half a minute.
    client.set_http_retry_params(retry=False)
    return client


def _timeout_s() -> float:
    text = os.environ.get(TIMEOUT, "").strip()
    try:
        seconds = float(text) if text else TIMEOUT_S
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise VolumeReadError(f"{TIMEOUT}={text!r} is not a number of seconds above 0")
    return seconds
