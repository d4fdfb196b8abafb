"""An answer of a web server, read in a thread of its own: whoever waits for it can give up at any moment."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import requests
import urllib3
from requests.exceptions import RequestException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

_BLOCK = 1 << 16
_BLOCKS_AHEAD = 16
_LOOK_EVERY_S = 0.05


class StreamBrokenError(Exception):
    """The answer did not come, or not to its end; the text says why, as part of a sentence.

    Parameters
    ----------
    why : str
        Such as "the connection was cut".
    reached : bool
        Whether the server had begun to answer.
    """

    def __init__(self, why: str, *, reached: bool) -> None:
        super().__init__(why)
        self.reached = reached


@dataclass(frozen=True)
class Answer:
    """How an answer begins.

    Parameters
    ----------
    status : int
        HTTP's.
    headers : mapping
        Names in any case.
    url : str
        Where it came from, after all redirections.
    """

    status: int
    headers: Mapping[str, str]
    url: str

    @property
    def length(self) -> int | None:
        """How many bytes are announced."""
        stated = self.headers.get("Content-Length", "")
        return int(stated) if stated.isdecimal() else None

    @property
    def is_web_page(self) -> bool:
        """Whether it is a page for people, such as one on which to log in to a network."""
        return self.headers.get("Content-Type", "").lower().startswith("text/html")


@dataclass(frozen=True)
class _Block:
    data: bytes


class Stream:
    """Asks for an address, and gives what comes.

    Proxies are those of the environment (HTTPS_PROXY, NO_PROXY), as requests takes them.

    Parameters
    ----------
    session : requests.Session
        Keeps connections open.
    url : str
        What to ask for.
    headers : mapping
        To be sent.
    alive : callable
        Called again and again while one waits; raises to give up.
    connect_s : float
        After which a server that does not take the connection is given up.
    silence_s : float
        After which a server that says nothing is given up.
    """

    def __init__(
        self,
        session: requests.Session,
        url: str,
        headers: Mapping[str, str],
        alive: Callable[[], None],
        *,
        connect_s: float,
        silence_s: float,
    ) -> None:
        self._session, self._url, self._headers = session, url, dict(headers)
        self._alive = alive
        self._connect_s, self._silence_s = connect_s, silence_s
        self._items: queue.Queue[Answer | _Block | StreamBrokenError | None] = queue.Queue(_BLOCKS_AHEAD)
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vascular-loop download", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._given_up.set()

    def answer(self) -> Answer:
        """Wait for the answer to begin.

        Raises
        ------
        StreamBrokenError
            If none comes.
        """
        item = self._next(self._connect_s + self._silence_s)
        assert isinstance(item, Answer)
        return item

    def blocks(self) -> Iterator[bytes]:
        """Give what follows, as it comes.

        Raises
        ------
        StreamBrokenError
            If it is cut, or stalls.
        """
        while (item := self._next(self._silence_s)) is not None:
            assert isinstance(item, _Block)
            yield item.data

    def _next(self, patience_s: float) -> Answer | _Block | None:
        until = time.monotonic() + patience_s
        while True:
            self._alive()
            try:
                item = self._items.get(timeout=_LOOK_EVERY_S)
            except queue.Empty:
                if time.monotonic() > until:
                    raise StreamBrokenError(f"nothing came for {patience_s:g} s", reached=True) from None
                continue
            if isinstance(item, StreamBrokenError):
                raise item
            return item

    # ---------------------------------------------------------------- in the thread

    def _run(self) -> None:
        reached = False
        try:
            with self._session.get(
                self._url, headers=self._headers, stream=True, timeout=(self._connect_s, self._silence_s)
            ) as response:
                reached = True
                self._put(Answer(response.status_code, response.headers, response.url))
                # What has come, and not only once a block is full: a slow line is not a silent one.
                while not self._given_up.is_set() and (data := response.raw.read1(_BLOCK)):
                    self._put(_Block(data))
            self._put(None)
        except (RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            self._put(StreamBrokenError(_why(error, reached), reached=reached))

    def _put(self, item: Answer | _Block | StreamBrokenError | None) -> None:
        while not self._given_up.is_set():
            with contextlib.suppress(queue.Full):
                self._items.put(item, timeout=_LOOK_EVERY_S)
                return


def _why(error: Exception, reached: bool) -> str:
    text = f"{type(error).__name__} {error}"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy did not answer (see HTTPS_PROXY and HTTP_PROXY)"
    if isinstance(error, requests.exceptions.SSLError) or "CERTIFICATE_VERIFY_FAILED" in text:
        return "its certificate is not one that this computer trusts"
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return "it sends one round in a circle"
    if isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError) or "timed out" in text:
        return "nothing came for too long"
    if any(sign in text for sign in ("NameResolution", "getaddrinfo", "Name or service")):
        return "its name could not be looked up"
    if isinstance(error, ValueError) and not isinstance(error, RequestException):
        return "it does not speak HTTP as it should"
    return "the connection was cut" if reached else "no connection could be made"
