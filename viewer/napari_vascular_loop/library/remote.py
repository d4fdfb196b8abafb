"""A library on a web server: its index, and the lessons that a student opens, brought here and checked."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

import requests

from napari_vascular_loop.domain.errors import DownloadError, LessonError
from napari_vascular_loop.domain.text import megabytes
from napari_vascular_loop.formats.lesson_archive import ENDING, MOST_BYTES
from napari_vascular_loop.library.entry import sha256
from napari_vascular_loop.library.published import LONGEST_HEAD, check_published, head_of, read_published
from napari_vascular_loop.samples.download import download
from napari_vascular_loop.samples.fetch import OFFLINE_VARIABLE
from napari_vascular_loop.samples.http_stream import Stream, StreamBrokenError
from napari_vascular_loop.samples.transfer import Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from napari_vascular_loop.library.entry import Card, Entry, File
    from napari_vascular_loop.library.index import Index
    from napari_vascular_loop.library.published import Head

    Progress = Callable[[float], None]

_TRIES = 3
_AT_ONCE = 200
_DOWNLOADED = 0.6
"""The share of the work that the download is; the rest is the making of the index."""

_MOST_FILES = 20_000


def update_from(address: str, index: Index, progress: Progress, *, patience: Patience | None = None) -> bool:
    """Bring an index up to date with the one that a server publishes; what has come is kept if it ends early.

    A server that changes the file meanwhile gives another than its first line had said: it is then asked anew.

    Parameters
    ----------
    address : str
        Of the published index.
    index : Index
        Of the library here.
    progress : callable
        Told how much is done; raises ReadCancelledError to end it.
    patience : Patience, optional
        How long to try.

    Returns
    -------
    bool
        Whether it is another than before.

    Raises
    ------
    DownloadError
        If it can't be had.
    LessonError
        If it is no index, or damaged.
    """
    with requests.Session() as session:
        head, length = _head(address, session, lambda: progress(0.0), patience or Patience())
        if index.fact("sha256") == head.sha256:
            return False
        path = index.path.with_name("published.vlibrary")
        for number in range(_TRIES):
            try:
                download(
                    address,
                    path,
                    size=length + head.size,
                    check=_check,
                    progress=lambda done: progress(done * _DOWNLOADED),
                    patience=patience,
                    session=session,
                )
                head = check_published(path)
                break
            except DownloadError:
                again, length = _head(address, session, lambda: progress(0.0), patience or Patience())
                if again == head or number + 1 == _TRIES:
                    raise
                head = again
    _take(path, head, index, progress)
    path.unlink(missing_ok=True)
    return True


def fetch_lesson(
    address: str,
    card: Card,
    files: Sequence[File],
    folder: Path,
    progress: Progress,
    *,
    patience: Patience | None = None,
) -> Path:
    """Bring a lesson of a library here, or find where it was brought before.

    Parameters
    ----------
    address : str
        Of the published index.
    card : Card
        Of the lesson.
    files : sequence of File
        What it consists of; each is compared with its size and hash.
    folder : Path
        In which lessons of this library are kept.
    progress : callable
        Told how much is done; raises ReadCancelledError to end it. What has come is kept.
    patience : Patience, optional
        How long to try.

    Returns
    -------
    Path
        The packed lesson, or the lesson's folder.

    Raises
    ------
    DownloadError, LessonError
        If it can't be had, or the index doesn't say of what it consists.
    """
    total = sum(file.size for file in files)
    if not files or card.problem:
        raise LessonError(f"{card.name!r} can't be opened: {card.problem or 'the index does not list its files'}")
    if total > MOST_BYTES or len(files) > _MOST_FILES:
        raise LessonError(f"{card.name!r} has {len(files)} files of {megabytes(total)}: too much for a lesson")
    # A newer version of it gets a folder of its own: what a student did in the older one stays.
    version = sha256(*(part.encode() for file in files for part in (file.name, file.sha256)))[:8]
    name = PurePosixPath(card.path).name
    top = folder / version / (name if name.lower().endswith(ENDING) else f"{name}-{version}")
    done = 0
    for file in files:
        path = top / PurePosixPath(file.name) if file.name else top
        if not (path.is_file() and path.stat().st_size == file.size):
            _check_online(address)
            inside = f"{card.path}/{file.name}" if file.name else card.path
            begun = done
            download(
                urljoin(address, quote(inside)),
                path,
                known_hash=f"sha256:{file.sha256}",
                size=file.size,
                progress=lambda part, begun=begun, size=file.size: progress((begun + part * size) / max(1, total)),  # type: ignore[misc]
                patience=patience,
            )
        done += file.size
    return top


def _head(address: str, session: requests.Session, alive: Callable[[], None], patience: Patience) -> tuple[Head, int]:
    """Read the first line, and no more: whether what is here is still the newest."""
    _check_online(address)
    host = urlsplit(address).netloc.rpartition("@")[2]
    headers = {"Accept-Encoding": "identity", "Cache-Control": "no-cache"}
    begun = b""
    try:
        with Stream(
            session, address, headers, alive, connect_s=patience.connect_s, silence_s=patience.silence_s
        ) as stream:
            answer = stream.answer()
            if answer.status in (404, 410):
                raise DownloadError(
                    f"there is no library at {address} ({host} answered {answer.status}); check the address"
                )
            if answer.status != 200:
                raise DownloadError(f"{host} answered {answer.status} instead of giving the library; try again later")
            if answer.is_web_page:
                raise DownloadError(
                    f"{host} answered with a web page instead of the library; check the address, and whether the "
                    "network wants one to log in first"
                )
            for block in stream.blocks():
                begun += block
                if b"\n" in begun or len(begun) > LONGEST_HEAD:
                    break
    except StreamBrokenError as broken:
        raise DownloadError(
            f"the library at {host} could not be reached: {broken}. Check the network, then try again"
        ) from broken
    line = begun[: begun.find(b"\n") + 1] or begun[:LONGEST_HEAD]
    return head_of(line), len(line)


def _check(path: Path) -> None:
    try:
        check_published(path)
    except LessonError as error:
        raise DownloadError(f"{error}: it is refused; try again") from error


def _take(path: Path, head: Head, index: Index, progress: Progress) -> None:
    """Make the index of what was published: what has not changed stays."""
    known, here = index.stamps(), set()
    waiting: list[tuple[Entry, str]] = []
    for number, entry in enumerate(read_published(path)):
        progress(_DOWNLOADED + (1 - _DOWNLOADED) * min(1.0, number / max(1, head.lessons)))
        here.add(entry.card.path)
        if not entry.hash or known.get(entry.card.path, ("", "", ""))[1] != entry.hash:
            waiting.append((entry, ""))
        if len(waiting) >= _AT_ONCE:
            index.put(waiting)
            waiting.clear()
    index.put(waiting)
    index.drop([path for path in known if path not in here])
    index.note(sha256=head.sha256)


def _check_online(address: str) -> None:
    if os.environ.get(OFFLINE_VARIABLE):
        raise DownloadError(f"{urlsplit(address).netloc} is not asked: {OFFLINE_VARIABLE} forbids downloads")
