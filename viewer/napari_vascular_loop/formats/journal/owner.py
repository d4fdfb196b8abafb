"""Who has a lesson open for editing: a small file in the lesson's folder, which other machines see as well."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import platform
import secrets
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import psutil

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.formats.journal.place import folder_id
from napari_vascular_loop.formats.small_file import read_small

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES = 65_536

_SAME_TIME_S = 2.0
_SAME_AFTER_BOOT_S = 0.05

SEEN_EVERY_S = 30.0
GONE_AFTER_S = 180.0
"""An owner on another machine that was not seen for so long is taken for gone."""


@dataclass(frozen=True)
class Owner:
    """A program that has a lesson open for editing.

    Parameters
    ----------
    user, host : str
        Whose, and on which machine.
    pid : int
        Of the process.
    process_started : float
        When that process began, in s since 1970: numbers of processes come again.
    since : str
        When it opened the lesson; ISO 8601, UTC.
    token : str
        Known to that window only.
    place : str
        Of the folder that its file was written in, as :func:`folder_id` tells it: a copied file speaks of another.
    started_after_boot_s : float
        When the process began, in s since the machine did, which holds when its clock is set; -1 if it is not known.
    """

    user: str
    host: str
    pid: int
    process_started: float
    since: str
    token: str
    place: str = ""
    started_after_boot_s: float = -1.0

    @property
    def is_this_process(self) -> bool:
        """Whether it is this very process."""
        return self.host == _this_host() and self.pid == os.getpid() and self._runs

    @property
    def _runs(self) -> bool:
        """Whether there is that process on this machine: numbers come again, so its start must fit too."""
        try:
            started = psutil.Process(self.pid).create_time()
            after_boot_s = started - psutil.boot_time()
            return bool(
                abs(started - self.process_started) < _SAME_TIME_S
                or abs(after_boot_s - self.started_after_boot_s) < _SAME_AFTER_BOOT_S
            )
        except (psutil.Error, ValueError, TypeError, OverflowError):
            return False

    @property
    def words(self) -> str:
        """The owner in words."""
        since = self.since
        with contextlib.suppress(ValueError):
            since = f"{datetime.fromisoformat(self.since).astimezone():%H:%M on %Y-%m-%d}"
        return f"{shown(self.user)} on {shown(self.host)}, since {shown(since)}"


def _this_host() -> str:
    return platform.node() or "this machine"


def this_owner() -> Owner:
    """Name this process, with a new token."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = "somebody"
    started = psutil.Process().create_time()
    since = datetime.now(UTC).isoformat(timespec="seconds")
    after_boot_s = started - psutil.boot_time()
    return Owner(
        user,
        _this_host(),
        os.getpid(),
        started,
        since,
        secrets.token_hex(8),
        started_after_boot_s=after_boot_s,
    )


class OwnerFile:
    """The file that names the owner.

    Parameters
    ----------
    path : Path
        Of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen_at = 0.0

    def read(self) -> Owner | None:
        """Whoever is named, gone or not; None where nobody is, or the file can't be made out."""
        try:
            if self.path.is_symlink():
                return None
            return msgspec.json.decode(read_small(self.path, self.path.name, _MOST_BYTES), type=Owner)
        except (OSError, LessonError, msgspec.MsgspecError):
            return None

    def living(self) -> Owner | None:
        """Whoever is named and still runs, as far as can be told."""
        owner = self.read()
        return owner if owner is not None and self._lives(owner) else None

    def _lives(self, owner: Owner) -> bool:
        if owner.host == _this_host():
            return owner._runs and owner.place in ("", folder_id(self.path.parent))
        with contextlib.suppress(OSError):
            # A clock that goes ahead must not keep a lesson for ever.
            return abs(time.time() - self.path.stat().st_mtime) < GONE_AFTER_S
        return False

    def write(self, owner: Owner) -> None:
        """Name an owner.

        Raises
        ------
        OSError
            If it can't be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        owner = replace(owner, place=folder_id(self.path.parent))
        write_bytes(self.path, json.dumps(asdict(owner)).encode("utf-8"))
        self._seen_at = time.monotonic()

    def touch(self) -> None:
        """Let others see that the owner still runs; costs nothing if that was done a moment ago."""
        if time.monotonic() - self._seen_at < SEEN_EVERY_S:
            return
        self._seen_at = time.monotonic()
        with contextlib.suppress(OSError):
            os.utime(self.path)

    def remove(self, owner: Owner) -> None:
        """Name nobody any more, if it is this owner that is named."""
        named = self.read()
        if named is not None and named.token == owner.token:
            with contextlib.suppress(OSError):
                self.path.unlink()
