"""Who is named by the scans on which this user's lessons were made: salted digests, kept with the user alone.

They lie in the user's folder of the program, never in a lesson, so that they travel nowhere.
"""

from __future__ import annotations

import functools
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from napari_vascular_loop.domain.identifiers import DATE, NAME, NUMBER, PLACE, Identifiers
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.privacy.sources import of_files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.domain.fingerprint import Fingerprint

_MOST_BYTES = 2**22
_KINDS = frozenset((NAME, NUMBER, DATE, PLACE))
_HEX = re.compile(r"[0-9a-f]{24}")


def folder() -> Path:
    """Where they are kept; VASCULAR_LOOP_IDENTIFIERS names another folder."""
    chosen = os.environ.get("VASCULAR_LOOP_IDENTIFIERS")
    if chosen:
        return Path(chosen).expanduser()
    return Path(platformdirs.user_data_path("napari-vascular-loop", appauthor=False)) / "identifiers"


def remember(fingerprint: Fingerprint, files: Iterable[Path | str]) -> None:
    """Keep who is named by the files that a volume was made of, beside what was known of it before.

    Parameters
    ----------
    fingerprint : Fingerprint
        Of the volume.
    files : iterable of Path or str
        See :func:`~napari_vascular_loop.privacy.sources.of_files`.
    """
    path = _path(fingerprint)
    if path is not None:
        before = _read(path)
        if before is None:
            _write(path, of_files(files))
        else:
            _write(path, before | of_files(files, salt=before.salt))


def hand_on(old: Iterable[Fingerprint], new: Fingerprint) -> None:
    """Keep of a volume that was made of another one who was named by that."""
    path = _path(new)
    if path is None:
        return
    for known in recalled(old):
        before = _read(path)
        # Whoever cuts a volume twice has the same.
        if before is None or before.salt == known.salt:
            _write(path, known if before is None else before | known)


def _write(path: Path, identifiers: Identifiers) -> None:
    """Where that can't be written, nothing is kept."""
    if not len(identifiers):
        return
    document = {"salt": identifiers.salt.hex(), "digests": dict(identifiers.kinds)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, json.dumps(document).encode())
    except OSError:
        return


def recalled(fingerprints: Iterable[Fingerprint]) -> tuple[Identifiers, ...]:
    """Who is named by the sources of some volumes, as far as it is known here."""
    paths = dict.fromkeys(filter(None, map(_path, fingerprints)))
    return tuple(filter(None, map(_read, paths)))


def _path(fingerprint: Fingerprint) -> Path | None:
    known = fingerprint.voxels_sha256 or ""
    return folder() / f"{known[:32]}.json" if re.fullmatch(r"[0-9a-f]{64}", known) else None


def _read(path: Path) -> Identifiers | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return None if about.st_size > _MOST_BYTES else _read_once(path, about.st_mtime_ns, about.st_size)


@functools.lru_cache(maxsize=64)
def _read_once(path: Path, _changed_ns: int, _size: int) -> Identifiers | None:
    try:
        said: Any = json.loads(path.read_text(encoding="utf-8"))
        digests = {
            digest: kind for digest, kind in said["digests"].items() if _HEX.fullmatch(digest) and kind in _KINDS
        }
        return Identifiers(bytes.fromhex(said["salt"]), digests)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
