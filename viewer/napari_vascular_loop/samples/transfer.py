"""Bring a file here over a line that may break: go on where it broke, wait where the server asks to, end when told."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from napari_vascular_loop.domain.errors import DownloadError
from napari_vascular_loop.domain.text import megabytes
from napari_vascular_loop.samples.http_stream import Answer, Stream, StreamBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import requests

    Progress = Callable[[float], None]

_CUT = "the connection was cut"
_NOW_AND_THEN = frozenset((408, 425, 429, 500, 502, 503, 504, 507, 509))
"""Answers after which it is worth asking again."""

_WORDS = {401: "it wants a password", 403: "it does not allow it", 404: "it is not there", 410: "it is gone"}
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "napari-vascular-loop (teaching)"}
_LOOK_EVERY_S = 0.05


@dataclass(frozen=True)
class Patience:
    """How long a download is tried.

    Parameters
    ----------
    connect_s : float
        After which a server that does not take the connection is given up.
    silence_s : float
        After which a server that says nothing is taken for stalled.
    tries : int
        How many times in a row nothing may be gained.
    tries_to_reach : int
        How many times a server that can't be reached at all is tried: without network one wants to know soon.
    pause_s : float
        Before the second try; doubled for each further one.
    longest_pause_s : float
        A server that asks to wait for longer is not waited for.
    """

    connect_s: float = 10.0
    silence_s: float = 30.0
    tries: int = 5
    tries_to_reach: int = 2
    pause_s: float = 1.0
    longest_pause_s: float = 120.0


@dataclass(frozen=True)
class Wanted:
    """What is known of a file before it comes.

    Parameters
    ----------
    url : str
        Where it is.
    size : int or None
        In bytes.
    has_hash : bool
        Whether it is compared with a hash once it is here.
    is_kept : bool
        Whether what has come outlives a transfer that fails.
    """

    url: str
    size: int | None = None
    has_hash: bool = False
    is_kept: bool = True

    @property
    def host(self) -> str:
        """Name of the server, for a sentence."""
        return urlsplit(self.url).netloc.rpartition("@")[2] or self.url


class _AgainError(Exception):
    """Worth another try, after `pause_s` if the server asks for it."""

    def __init__(self, why: str, pause_s: float | None = None, *, reached: bool = True) -> None:
        super().__init__(why)
        self.pause_s = pause_s
        self.reached = reached


def transfer(wanted: Wanted, part: Path, session: requests.Session, progress: Progress, patience: Patience) -> None:
    """Bring a file to `part`, going on with what is there already.

    Parameters
    ----------
    wanted : Wanted
        Which.
    part : Path
        Where it grows. It is kept when the transfer ends early, and gone where what came can't be right.
    session : requests.Session
        Keeps connections open.
    progress : callable
        Told how much is done, and called all the time; raises ReadCancelledError to end it.
    patience : Patience
        How long to try.

    Raises
    ------
    DownloadError
        If it can't be had; the sentence names the server, what it did, and what to do.
    """
    work = _Transfer(wanted, part, session, progress, patience)
    failed, furthest = 0, work.here
    while True:
        try:
            work.attempt()
            return
        except _AgainError as again:
            gained, furthest = work.here > furthest, max(work.here, furthest)
            failed = 0 if gained else failed + 1
            if failed >= (patience.tries if again.reached else patience.tries_to_reach):
                raise work.given_up(str(again), again.reached) from again
            pause_s = patience.pause_s * 2 ** max(0, failed - 1) if again.pause_s is None else again.pause_s
            if pause_s > patience.longest_pause_s:
                raise DownloadError(
                    f"{wanted.host} has too much to do and asks to wait for {pause_s / 60:.0f} minutes; try again then"
                ) from again
            work.rest(pause_s)


@dataclass
class _Transfer:
    wanted: Wanted
    part: Path
    session: requests.Session
    progress: Progress
    patience: Patience
    told: float = 0.0

    @property
    def here(self) -> int:
        """Bytes that have come."""
        try:
            return self.part.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def _mark(self) -> Path:
        """Holds by what the server tells this version of the file from others."""
        return self.part.with_name(f"{self.part.name}.tag")

    def attempt(self) -> None:
        """Try once."""
        start, tag = self._start()
        if start and start == self.wanted.size:
            return
        headers = dict(_HEADERS)
        if start:
            headers["Range"] = f"bytes={start}-"
            if tag:
                headers["If-Range"] = tag
        self.tell(start, self.wanted.size)
        patience = self.patience
        try:
            with Stream(
                self.session,
                self.wanted.url,
                headers,
                self.alive,
                connect_s=patience.connect_s,
                silence_s=patience.silence_s,
            ) as stream:
                answer = stream.answer()
                offset, total = self._judge(answer, start)
                self._write(stream, answer, offset, total)
        except StreamBrokenError as broken:
            raise _AgainError(str(broken), reached=broken.reached) from broken
        if total is not None and self.here < total:
            raise _AgainError(_CUT)

    def _start(self) -> tuple[int, str]:
        """From where to go on, and the tag of what is here."""
        tag = self._mark.read_text("utf-8") if self._mark.is_file() else ""
        too_much = self.wanted.size is not None and self.here > self.wanted.size
        if too_much or (self.here and not tag and not self.wanted.has_hash):
            self.forget()
        return self.here, tag if self.here else ""

    def forget(self) -> None:
        """Begin anew: what is here is not, or can't be known to be, the beginning of the file."""
        self.part.unlink(missing_ok=True)
        self._mark.unlink(missing_ok=True)

    def _judge(self, answer: Answer, start: int) -> tuple[int, int | None]:
        """Where what comes belongs, and how long the whole is."""
        status, size = answer.status, self.wanted.size
        if status in _NOW_AND_THEN:
            raise _AgainError(f"it answered {status}", _pause_asked(answer.headers.get("Retry-After")))
        if status == 416 and start:
            self.forget()
            raise _AgainError("it has less than came before", 0.0)
        if status not in (200, 206):
            words = _WORDS.get(status, "it does not give the file")
            raise DownloadError(f"{self.wanted.host} answered {status}: {words}. {_BY_HAND}")
        if answer.is_web_page:
            raise DownloadError(
                f"{self.wanted.host} answered with a web page instead of the file, as a network does that wants one to "
                "log in first; open any page in a browser, then try again"
            )
        offset, total = 0, answer.length
        if status == 206:
            said = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", "").strip())
            if said is None or int(said[1]) != start:
                self.forget()
                raise _AgainError("it sent another part than was asked for", 0.0)
            offset, total = start, None if said[2] == "*" else int(said[2])
        if total is not None and size is not None and total != size:
            self.forget()
            raise DownloadError(
                f"{self.wanted.host} has a file of {total} bytes, not the one of {size} bytes that the catalogue "
                f"states: it is refused. {_BY_HAND}"
            )
        return offset, size if total is None else total

    def _write(self, stream: Stream, answer: Answer, offset: int, total: int | None) -> None:
        if not offset:
            self.forget()
            tag = answer.headers.get("ETag", "")
            tag = tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")
            if tag:
                self._mark.write_text(tag, "utf-8")
        with self.part.open("ab") as file:
            for data in stream.blocks():
                offset += len(data)
                if total is not None and offset > total:
                    break
                file.write(data)
                self.tell(offset, total)
        if total is not None and offset > total:
            self.forget()
            raise DownloadError(
                f"{self.wanted.host} sent more than the {total} bytes of the file: it is refused. {_BY_HAND}"
            )

    def tell(self, done: int, total: int | None) -> None:
        """Tell how much is done, where that can be known."""
        self.told = done / total if total else self.told
        self.alive()

    def alive(self) -> None:
        """Ask whether it is still wanted."""
        self.progress(self.told)

    def rest(self, pause_s: float) -> None:
        """Wait, but no longer than one wants it."""
        until = time.monotonic() + pause_s
        while (left := until - time.monotonic()) > 0:
            self.alive()
            time.sleep(min(left, _LOOK_EVERY_S))

    def given_up(self, why: str, reached: bool) -> DownloadError:
        """Say that it is tried no longer."""
        here = self.here if self.wanted.is_kept else 0
        kept = f" What has come ({megabytes(here)}) is kept: try again, and it goes on from there." * bool(here)
        if not reached:
            return DownloadError(
                f"{self.wanted.host} could not be reached: {why}. Check the network, and the proxy if there is "
                f"one.{kept}"
            )
        return DownloadError(
            f"{self.wanted.host} failed {self.patience.tries} times: {why}.{kept or ' Try again later.'}"
        )


_BY_HAND = "The catalogue may be out of date: see the publisher's own pages"


def _pause_asked(stated: str | None) -> float | None:
    """Seconds that a server asks to wait, which it says as such or as a time of day."""
    stated = (stated or "").strip()
    if stated.isdecimal():
        return float(stated)
    try:
        return max(0.0, (parsedate_to_datetime(stated) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
