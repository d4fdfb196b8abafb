"""Earlier generations of a lesson's files: what was on disk a moment, an hour, a week ago."""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from napari_vascular_loop.formats.atomic import write_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

GENERATIONS_VARIABLE = "VASCULAR_LOOP_GENERATIONS"
"""How many of the latest generations are kept of each file, beside one of each hour and of each day."""

_LATEST = 10
_HASH_LENGTH = 12
_STAMP = "%Y-%m-%dT%H.%M.%S.%fZ"
_NAMED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d\.\d{6}Z) ([0-9a-f]{12}) (.+)\.gz")
_HOURS, _DAYS = timedelta(days=1), timedelta(days=30)
_MOST_BYTES = 512 << 20


@dataclass(frozen=True)
class Generation:
    """A file as it was at some time."""

    path: Path
    name: str
    at: datetime
    sha256_start: str


class Generations:
    """Keeps earlier generations of some files in a folder.

    Of each file there are the latest ten (:data:`GENERATIONS_VARIABLE`), the last of every hour of a day, and the
    last of every day of a month.

    Parameters
    ----------
    folder : Path
        Where they are; it is made when the first is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, name: str, data: bytes, sha256: str, spare: Iterable[str] = ()) -> None:
        """Keep a file as it is about to be written; drop those that are no longer wanted.

        Parameters
        ----------
        name, data, sha256 : str, bytes, str
            The file, its bytes, and their hash.
        spare : iterable of str
            Hashes of bytes that must not be dropped: what the file was last, until these are written. That they are
            the latest, the clock does not tell: it may have gone back.

        Raises
        ------
        OSError
            If it can't be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._is_latest(name, sha256):
            write_bytes(
                self.folder / f"{datetime.now(UTC):{_STAMP}} {sha256[:_HASH_LENGTH]} {name}.gz", gzip.compress(data, 1)
            )
        spared = {known[:_HASH_LENGTH] for known in (sha256, *spare)}
        for old in superseded(self.of(name), latest_kept()):
            if old.sha256_start in spared:
                continue
            with contextlib.suppress(OSError):
                old.path.unlink()

    def of(self, name: str) -> list[Generation]:
        """All of a file, the latest first."""
        found = []
        for path in self.folder.glob(f"*{name}.gz") if self.folder.is_dir() else ():
            match = _NAMED.fullmatch(path.name)
            if match and match[3] == name:
                at = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
                found.append(Generation(path, name, at, match[2]))
        return sorted(found, key=lambda one: one.at, reverse=True)

    def _is_latest(self, name: str, sha256: str) -> bool:
        """Whether it is kept already, by an attempt that failed."""
        latest = self.of(name)[:1]
        return bool(latest) and sha256.startswith(latest[0].sha256_start) and contents(latest[0]) is not None

    def has(self, name: str, sha256: str) -> bool:
        """Whether the bytes with such a hash are kept."""
        return any(sha256.startswith(one.sha256_start) for one in self.of(name))

    def read(self, name: str, sha256: str) -> bytes | None:
        """The bytes with such a hash, or None if they are not there, or damaged."""
        for one in self.of(name):
            if sha256.startswith(one.sha256_start) and (data := contents(one)) is not None:
                return data
        return None


def contents(generation: Generation) -> bytes | None:
    """The bytes of a generation, or None if it is damaged."""
    try:
        with gzip.open(generation.path) as file:
            return file.read(_MOST_BYTES)
    except (OSError, EOFError, zlib.error):
        return None


def latest_kept() -> int:
    """How many of the latest are kept, at least one."""
    said = os.environ.get(GENERATIONS_VARIABLE, "")
    return max(1, int(said)) if said.isdigit() else _LATEST


def superseded(generations: Iterable[Generation], latest: int) -> list[Generation]:
    """Which generations of one file, the latest first, are not wanted any more."""
    ordered = list(generations)
    if not ordered:
        return []
    newest = ordered[0].at
    hours: set[str] = set()
    days: set[str] = set()
    dropped = []
    for number, one in enumerate(ordered):
        age, hour, day = newest - one.at, f"{one.at:%Y%m%d%H}", f"{one.at:%Y%m%d}"
        wanted = number < latest or (age < _HOURS and hour not in hours) or (age < _DAYS and day not in days)
        hours.add(hour)
        days.add(day)
        if not wanted:
            dropped.append(one)
    return dropped
