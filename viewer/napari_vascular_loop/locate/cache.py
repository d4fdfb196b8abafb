"""Registrations kept in the user's cache, by the fingerprint of the scan: asked twice, answered at once."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

import numpy as np
import platformdirs

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.atomic import replacing
from napari_vascular_loop.formats.registration_json import decode_registration, encode_registration

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.domain.registration import Registration
    from napari_vascular_loop.locate.head import Head

_log = logging.getLogger(__name__)

VERSION = 8
"""Goes up whenever the same scan would be registered otherwise."""

_MOST_KEPT = 2000


def cache_folder() -> Path:
    """Where registrations are kept."""
    return platformdirs.user_cache_path("napari-vascular-loop") / "locate"


def key_of(scan: Head, atlas: Head) -> str:
    """Name what is to be kept: a hash of the coarse copies and where they lie. No scan can be told from it."""
    digest = hashlib.sha256(f"{VERSION}".encode())
    for head in (scan, atlas):
        digest.update(np.ascontiguousarray(head.values, dtype="<f4").data)
        digest.update(np.ascontiguousarray(head.origin_ras_mm, dtype="<f8").data)
        digest.update(np.packbits(head.inside).data)
    return digest.hexdigest()


def kept(key: str) -> Registration | None:
    """Give what was kept, or None; what can't be read is as if it were not there."""
    path = cache_folder() / f"{key}.json"
    try:
        return decode_registration(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, LessonError) as error:
        _log.info("a kept registration could not be read: %s", error)
        return None


def keep(key: str, registration: Registration) -> None:
    """Keep a registration; on a full disk it is found anew the next time."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / f"{key}.json") as temporary:
            temporary.write_bytes(encode_registration(registration))
        files = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for old in files[:-_MOST_KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        _log.info("a registration could not be kept: %s", error)
