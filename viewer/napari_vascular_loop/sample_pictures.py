"""What of the catalogue is on this computer, with small pictures that are kept beside the files.

Where catalogue, reader and display meet; no window is needed.
"""

from __future__ import annotations

import contextlib
import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.display.thumbnail import Thumbnail, thumbnail
from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.formats.volumes import find_volumes
from napari_vascular_loop.formats.volumes.found import no_progress
from napari_vascular_loop.samples.fetch import fetch_sample, local_path, samples_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_vascular_loop.formats.volumes import Progress
    from napari_vascular_loop.samples.catalogue import CatalogueEntry
    from napari_vascular_loop.samples.transfer import Patience

_FOLDER = ".pictures"


@dataclass(frozen=True, eq=False)
class Here:
    """A volume of the catalogue that is on this computer.

    Parameters
    ----------
    entry : CatalogueEntry
        Which.
    path : Path
        Its file.
    picture : Thumbnail or None
        Its middle slice.
    """

    entry: CatalogueEntry
    path: Path
    picture: Thumbnail | None


def look(entries: Sequence[CatalogueEntry], progress: Progress = no_progress) -> dict[str, Here]:
    """Find what is on this computer, by its id; nothing is downloaded or computed."""
    found = {}
    for number, entry in enumerate(entries):
        progress(number / max(1, len(entries)))
        path = local_path(entry)
        if path is not None:
            found[entry.id] = Here(entry, path, picture_of_sample(entry, path))
    return found


def fetch(entry: CatalogueEntry, progress: Progress = no_progress, *, patience: Patience | None = None) -> Here:
    """Fetch a volume, and make its picture.

    Raises
    ------
    SampleUnavailableError
        If it can't be had; the sentence says why, and what to do.
    """
    path = fetch_sample(entry, progress, patience=patience)
    return Here(entry, path, picture_of_sample(entry, path))


def picture_of_sample(entry: CatalogueEntry, path: Path) -> Thumbnail | None:
    """Give the picture of a volume, made once for each state of its file; None if it has none.

    Parameters
    ----------
    entry : CatalogueEntry
        Which volume.
    path : Path
        Its file on this computer.
    """
    with contextlib.suppress(OSError):
        about = path.stat()
        kept = samples_folder() / _FOLDER / f"{entry.id}-{about.st_size}-{about.st_mtime_ns}.npz"
        picture = _read(kept)
        if picture is None:
            picture = _made(path)
            if picture is not None:
                _keep(entry, picture, kept)
        return picture
    return None


def _made(path: Path) -> Thumbnail | None:
    with contextlib.suppress(VascularLoopError):
        volumes = find_volumes(path).volumes
        if volumes:
            return thumbnail(volumes[0].header, volumes[0].middle_slice())
    return None


def _read(kept: Path) -> Thumbnail | None:
    try:
        with np.load(kept) as held:
            letters = {str(side): str(letter) for side, letter in held["letters"].tolist()}
            height_mm, width_mm = held["size_mm"].tolist()
            return Thumbnail(held["grey"], height_mm, width_mm, letters)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _keep(entry: CatalogueEntry, picture: Thumbnail, kept: Path) -> None:
    """Keep a picture; that it can't be kept is no loss but time."""
    buffer = io.BytesIO()
    np.savez(
        buffer,
        grey=picture.grey,
        size_mm=np.array([picture.height_mm, picture.width_mm]),
        letters=np.array(sorted(picture.letters.items()), dtype="U8").reshape(-1, 2),
    )
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in kept.parent.glob(f"{entry.id}-[0-9]*-[0-9]*.npz"):
            old.unlink()
        write_bytes(kept, buffer.getvalue())
