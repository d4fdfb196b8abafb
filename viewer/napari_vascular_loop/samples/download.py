"""Download a file with pooch: it gets its name only once it has been checked."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import shutil
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from napari_vascular_loop.domain.errors import DownloadError
from napari_vascular_loop.domain.text import megabytes
from napari_vascular_loop.samples.transfer import Patience, Wanted, transfer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_vascular_loop.samples.transfer import Progress

_under_way: set[Path] = set()
_guard = threading.Lock()
_DISK_TO_LEAVE = 64 << 20


@dataclass(frozen=True)
class ResumingDownloader:
    """A downloader for pooch that goes on where the last one ended, and ends when told; pooch's own does neither.

    Parameters
    ----------
    wanted : Wanted
        What is known of the file.
    part : Path
        Where it grows: this is kept, pooch's own temporary file is not.
    session : requests.Session
        Keeps connections open.
    progress : callable
        Told how much is done; raises ReadCancelledError to end it.
    patience : Patience
        How long to try.
    """

    wanted: Wanted
    part: Path
    session: requests.Session
    progress: Progress
    patience: Patience

    def __call__(self, url: str, output_file: str, pooch: Any, check_only: bool = False) -> None:
        """Bring the file to `output_file`, as pooch asks."""
        transfer(self.wanted, self.part, self.session, self.progress, self.patience)
        with self.part.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(self.part, output_file)
        self.part.with_name(f"{self.part.name}.tag").unlink(missing_ok=True)


def download(
    url: str,
    path: Path,
    *,
    known_hash: str | None = None,
    size: int | None = None,
    check: Callable[[Path], None] | None = None,
    progress: Progress,
    patience: Patience | None = None,
    session: requests.Session | None = None,
    keep_part: bool = True,
) -> Path:
    """Download a file.

    Parameters
    ----------
    url : str
        Where it is.
    path : Path
        What it is to be called. Whatever goes wrong, nothing unchecked ever has this name.
    known_hash : str, optional
        Such as "sha256:..." or "md5:...".
    size : int, optional
        In bytes.
    check : callable, optional
        Looks at the whole file; raises DownloadError if it is not the right one.
    progress : callable
        Told how much is done; raises ReadCancelledError to end it. What has come is then kept, to go on from there.
    patience : Patience, optional
        How long to try.
    session : requests.Session, optional
        Keeps connections open, where there are many files.
    keep_part : bool
        Whether the folder, and so what has come, outlives a download that fails.

    Raises
    ------
    DownloadError
        If it can't be had, or is another file.
    """
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)
    name = hashlib.sha256(url.encode()).hexdigest()[:8]
    part, new = (path.with_name(f".{path.name}.{name}.{end}") for end in ("part", "new"))
    wanted = Wanted(url, size, known_hash is not None, keep_part)
    with _guard:
        if part in _under_way:
            raise DownloadError(f"{path.name} is being downloaded already, in another window; wait for it there")
        _under_way.add(part)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _leave_room(path.parent, size)
        new.unlink(missing_ok=True)
        with contextlib.nullcontext(session) if session else requests.Session() as used:
            downloader = ResumingDownloader(wanted, part, used, progress, patience or Patience())
            try:
                pooch.retrieve(url, known_hash, fname=new.name, path=path.parent, downloader=downloader)
            except ValueError as error:
                raise DownloadError(
                    f"{wanted.host} sent another file than the catalogue states (its hash differs): it is refused and "
                    "removed; try again, and if it stays so, the publisher has changed it"
                ) from error
        if check is not None:
            check(new)
        os.replace(new, path)
    except OSError as error:
        full = " Make room on the disk, then try again: it goes on from there." * (error.errno == errno.ENOSPC)
        raise DownloadError(f"{str(path.parent)!r} could not be written: {error.strerror or error}.{full}") from error
    finally:
        _remove(new)
        with _guard:
            _under_way.discard(part)
    return path


def _leave_room(folder: Path, size: int | None) -> None:
    free = shutil.disk_usage(folder).free
    if size is not None and size + _DISK_TO_LEAVE > free:
        raise DownloadError(
            f"it needs {megabytes(size)} on the disk of {str(folder)!r}, and {megabytes(free)} are free; make room, or "
            "set VASCULAR_LOOP_SAMPLES to a folder on another disk"
        )


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        logging.getLogger(__name__).warning("%s could not be removed", path)
