"""Get a volume: from where a package installed it, from the user's own folder, computed, or by download."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import zipfile
import zlib
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.errors import DownloadError, SampleUnavailableError
from napari_vascular_loop.domain.text import megabytes
from napari_vascular_loop.formats.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_vascular_loop.samples.catalogue import CatalogueEntry, Variant
    from napari_vascular_loop.samples.transfer import Patience, Progress

_log = logging.getLogger(__name__)

FOLDER_VARIABLE = "VASCULAR_LOOP_SAMPLES"
OFFLINE_VARIABLE = "VASCULAR_LOOP_OFFLINE"


def _no_progress(_done: float) -> None:
    """Nobody waits."""


def samples_folder() -> Path:
    """Where downloads are kept, and where a user may put a volume by hand."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("napari-vascular-loop") / "samples"


def sample_paths(
    entry: CatalogueEntry,
    progress: Progress = _no_progress,
    *,
    known_only: bool = False,
    patience: Patience | None = None,
) -> Iterator[Path]:
    """Give the files that hold a volume, the best first; it is computed or downloaded only when that is reached.

    A file whose hash is known and different is passed over, and what can't be downloaded is said in the log.

    Parameters
    ----------
    entry : CatalogueEntry
        Which volume.
    progress : callable, optional
        Told how much of a download is done; raises ReadCancelledError to end it.
    known_only : bool
        Pass over variants whose content nobody has checked yet: no lesson can be bound to them.
    patience : Patience, optional
        How long to try.
    """
    variants = [variant for variant in entry.variants if variant.is_known or not known_only]
    failed: list[DownloadError] = []
    yield from _paths(entry, variants, progress, patience, failed)
    for error in failed:
        _log.warning("%s could not be downloaded: %s", entry.id, error)


def local_path(entry: CatalogueEntry) -> Path | None:
    """Give the file of a volume that is on this computer already, or None; nothing is downloaded."""
    places = ((path, variant) for variant in entry.variants for path in local_places(variant))
    return next((path for path, variant in places if path.is_file() and is_right(path, variant)), None)


def fetch_sample(entry: CatalogueEntry, progress: Progress = _no_progress, *, patience: Patience | None = None) -> Path:
    """Give the file of a volume, computing or downloading it if need be.

    Parameters
    ----------
    entry : CatalogueEntry
        Which volume.
    progress : callable, optional
        Told how much is done, from 0 to 1; raises ReadCancelledError to end it. What has come is kept.
    patience : Patience, optional
        How long to try.

    Raises
    ------
    SampleUnavailableError
        If it can't be had; the sentence says why, and what to do.
    """
    failed: list[DownloadError] = []
    path = next(_paths(entry, entry.variants, progress, patience, failed), None)
    if path is not None:
        return path
    if failed:
        how = " or ".join(variant.how for variant in entry.variants if variant.how)
        raise DownloadError(f"{failed[0]}{f' Or {how}.' if how else ''}")
    raise unavailable(entry)


def unavailable(entry: CatalogueEntry) -> SampleUnavailableError:
    """Say that a volume can't be had, and what to do about it."""
    how = " or ".join(variant.how for variant in entry.variants if variant.how)
    if entry.is_pointer:
        first = entry.variants[0]
        size = f" ({megabytes(first.bytes)})" if first.bytes else ""
        return SampleUnavailableError(
            f"{entry.title} is too large{size} to be downloaded from here; get it from {first.url} and open the file "
            "that you want"
        )
    if os.environ.get(OFFLINE_VARIABLE) and entry.can_be_downloaded:
        return SampleUnavailableError(
            f"{entry.title} is not on this computer, and {OFFLINE_VARIABLE} forbids to download it"
            f"{f'; {how}' if how else ''}"
        )
    return SampleUnavailableError(
        f"{entry.title} is neither on this computer nor could it be downloaded; {how or 'check the network'}"
    )


def local_places(variant: Variant) -> Iterator[Path]:
    """Give the paths at which the file of a variant may lie on this computer."""
    yield samples_folder() / variant.file
    if variant.content:
        yield content_folder("sample_data") / variant.content
    for place in variant.places:
        yield Path(place).expanduser()


def is_right(path: Path, variant: Variant) -> bool:
    """Whether a file is what the catalogue states, as far as that can be told."""
    try:
        about = path.stat()
        right = _is_right(path, about.st_size, about.st_mtime_ns, variant)
    except OSError as error:
        _log.warning("%s could not be read: %s", path, error.strerror)
        return False
    if not right:
        _log.warning("%s is passed over: its hash is not the one that the catalogue states", path)
    return right


@lru_cache(maxsize=256)
def _is_right(path: Path, size: int, _mtime_ns: int, variant: Variant) -> bool:
    """Look at a file, once for as long as it stays the same."""
    if variant.crop is not None:
        from napari_vascular_loop.samples.dicom_crop import is_crop

        return is_crop(path, variant.crop)
    if variant.series is not None:
        return zipfile.is_zipfile(path)
    if variant.bytes is not None and variant.member is None and size != variant.bytes:
        return False
    for kind, known in (("sha256", variant.sha256), ("md5", variant.md5)):
        if known is not None:
            with path.open("rb") as file:
                return hashlib.file_digest(file, kind).hexdigest() == known
    return True


def _paths(
    entry: CatalogueEntry,
    variants: Sequence[Variant],
    progress: Progress,
    patience: Patience | None,
    failed: list[DownloadError],
) -> Iterator[Path]:
    for variant in variants:
        for path in local_places(variant):
            if path.is_file() and is_right(path, variant):
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
        if variant.can_be_downloaded:
            try:
                yield _download(variant, progress, patience)
            except DownloadError as error:
                _log.info("%s of %s: %s", variant.file, entry.id, error)
                failed.append(error)


def _download(variant: Variant, progress: Progress, patience: Patience | None) -> Path:
    """Download one variant, and check it."""
    path = samples_folder() / variant.file
    if variant.crop is not None:
        from napari_vascular_loop.samples.dicom_crop import fetch_crop

        return fetch_crop(variant.crop, path, progress, patience)
    from napari_vascular_loop.samples.download import download

    check = None
    if variant.series is not None:
        from napari_vascular_loop.samples.series_zip import check_series_zip

        check = partial(check_series_zip, series=variant.series)
    target = path if variant.member is None else path.with_name(f".{path.name}.zip")
    got = download(
        str(variant.url),
        target,
        known_hash=variant.known_hash,
        size=variant.bytes,
        check=check,
        progress=progress,
        patience=patience,
    )
    return _take_member(got, variant) if variant.member is not None else got


def _take_member(archive: Path, variant: Variant) -> Path:
    """Take a file out of a downloaded archive, which is not needed afterwards, whatever it is."""
    path = samples_folder() / variant.file
    try:
        with replacing(path) as half:
            with (
                zipfile.ZipFile(archive) as opened,
                opened.open(str(variant.member)) as member,
                half.open("wb") as file,
            ):
                shutil.copyfileobj(member, file)
            if not is_right(half, variant):
                raise DownloadError(
                    f"the archive at {variant.url} holds another {variant.member} than the catalogue states: it is "
                    "refused"
                )
    except (OSError, zipfile.BadZipFile, KeyError, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise DownloadError(
            f"what came from {variant.url} is no whole archive that holds {variant.member}: it is refused and removed; "
            "try again, or later"
        ) from error
    finally:
        archive.unlink(missing_ok=True)
    return path
