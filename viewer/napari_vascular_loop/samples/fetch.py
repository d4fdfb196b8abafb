"""Get a volume: from where a package installed it, from the user's own folder, computed, or by download."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.errors import SampleUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_vascular_loop.samples.catalogue import CatalogueEntry, Variant

_log = logging.getLogger(__name__)

FOLDER_VARIABLE = "VASCULAR_LOOP_SAMPLES"
OFFLINE_VARIABLE = "VASCULAR_LOOP_OFFLINE"
_TIMEOUT_S = (5, 60)


def samples_folder() -> Path:
    """Where downloads are kept, and where a user may put a volume by hand."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("napari-vascular-loop") / "samples"


def sample_paths(entry: CatalogueEntry, *, known_only: bool = False) -> Iterator[Path]:
    """Give the files that hold a volume, the best first; it is computed or downloaded only when that is reached.

    A file whose hash is known and different is passed over.

    Parameters
    ----------
    entry : CatalogueEntry
        Which volume.
    known_only : bool
        Pass over variants whose content nobody has checked yet: no lesson can be bound to them.
    """
    variants = [variant for variant in entry.variants if variant.is_known or not known_only]
    for variant in variants:
        for path in _local_places(variant):
            if path.is_file() and _is_right(path, variant):
                yield path
    for variant in variants:
        if variant.computed:
            # Reached only where there is no file of it yet, or one that the reader refused.
            from napari_vascular_loop.samples.computed import write_computed

            made = write_computed(variant.computed, samples_folder() / variant.file)
            if made is not None:
                yield made
    if os.environ.get(OFFLINE_VARIABLE):
        return
    for variant in variants:
        if variant.url:
            downloaded = _download(variant)
            if downloaded is not None:
                yield downloaded


def local_path(entry: CatalogueEntry) -> Path | None:
    """Give the file of a volume that is on this computer already, or None; nothing is downloaded."""
    places = ((path, variant) for variant in entry.variants for path in _local_places(variant))
    return next((path for path, variant in places if path.is_file() and _is_right(path, variant)), None)


def unavailable(entry: CatalogueEntry) -> SampleUnavailableError:
    """Say that a volume can't be had, and what to do about it."""
    how = " or ".join(variant.how for variant in entry.variants if variant.how)
    return SampleUnavailableError(
        f"{entry.title} is neither on this computer nor could it be downloaded; {how or 'check the network'}"
    )


def _local_places(variant: Variant) -> Iterator[Path]:
    yield samples_folder() / variant.file
    if variant.content:
        yield content_folder("sample_data") / variant.content
    for place in variant.places:
        yield Path(place).expanduser()


def _is_right(path: Path, variant: Variant) -> bool:
    if variant.sha256 is None:
        return True
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        _log.warning("%s could not be read: %s", path, error.strerror)
        return False
    if found != variant.sha256:
        _log.warning("%s is passed over: its hash is not the one that the catalogue states", path)
    return found == variant.sha256


def _download(variant: Variant) -> Path | None:
    """Download one variant, checked by its hash where one is known; None if that fails."""
    import pooch
    from requests.exceptions import RequestException

    pooch.get_logger().setLevel(logging.WARNING)
    known_hash = variant.archive_sha256 if variant.member else variant.sha256
    try:
        downloaded = Path(
            pooch.retrieve(
                url=str(variant.url),
                known_hash=f"sha256:{known_hash}" if known_hash else None,
                path=samples_folder(),
                fname=None if variant.member else variant.file,
                downloader=pooch.HTTPDownloader(timeout=_TIMEOUT_S),
            )
        )
        path = _take_member(downloaded, variant) if variant.member else downloaded
    except (RequestException, OSError, ValueError, zipfile.BadZipFile, KeyError) as error:
        _log.warning("%s could not be downloaded: %s", variant.file, type(error).__name__)
        return None
    return path if _is_right(path, variant) else None


def _take_member(archive: Path, variant: Variant) -> Path:
    """Take a file out of a downloaded archive, which is not needed afterwards, whatever it is."""
    path = samples_folder() / variant.file
    half = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(str(variant.member)) as member, half.open("wb") as file:
            shutil.copyfileobj(member, file)
        half.replace(path)
    finally:
        archive.unlink(missing_ok=True)
        half.unlink(missing_ok=True)
    return path
