"""Whose a file is: found again by where it lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_vascular_loop.samples.catalogue import load_catalogue
from napari_vascular_loop.samples.fetch import is_right, local_places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.samples.catalogue import CatalogueEntry


def entry_of_files(files: Iterable[Path | str]) -> CatalogueEntry | None:
    """Find the volume of the catalogue that files are, or lie in the archive of; None if they are none of it."""
    paths = {path for file in files for path in (Path(file), *Path(file).parents)}
    for entry in load_catalogue().entries:
        for variant in entry.variants:
            for place in local_places(variant):
                if place in paths and place.is_file() and is_right(place, variant):
                    return entry
    return None


def credit_lines(files: Iterable[Path | str]) -> list[tuple[str, str]]:
    """Credit and licence as the receipt shows them, (heading, text); none of files that are not the catalogue's."""
    entry = entry_of_files(files)
    return [] if entry is None else [("credit", entry.credit), ("licence", entry.licence)]
