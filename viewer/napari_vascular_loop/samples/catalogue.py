"""The catalogue of public volumes, `sample_data/catalogue.json`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.errors import SampleUnavailableError

if TYPE_CHECKING:
    from pathlib import Path


class Variant(msgspec.Struct, frozen=True, rename="camel"):
    """One file that holds the volume.

    Parameters
    ----------
    name : str
        Who publishes it.
    file : str
        Its name on disk.
    places : tuple of str
        Paths at which a package or program installs it; "~" is the user's folder.
    content : str or None
        Path below `sample_data` where it ships with this program.
    computed : str or None
        By which recipe it is computed on this computer.
    sha256 : str or None
        Of the file.
    url : str or None
        Where to download it.
    member : str or None
        Which file to take from the archive at `url`.
    archive_sha256 : str or None
        Of the archive; None where its publisher states none.
    how : str
        How a person can get it.
    """

    name: str
    file: str
    places: tuple[str, ...] = ()
    content: str | None = None
    computed: str | None = None
    sha256: str | None = None
    url: str | None = None
    member: str | None = None
    archive_sha256: str | None = None
    how: str = ""

    @property
    def is_known(self) -> bool:
        """Whether its content is known: it ships with the program, is computed, or has a hash."""
        if self.computed is not None:
            return True
        return self.content is not None or self.sha256 is not None or self.archive_sha256 is not None


class CatalogueEntry(msgspec.Struct, frozen=True, rename="camel"):
    """A public volume, in one or more variants, the best first."""

    id: str
    title: str
    modality: str
    licence: str
    credit: str
    variants: tuple[Variant, ...]
    synthetic: bool = False


@dataclass(frozen=True)
class Catalogue:
    """All entries."""

    entries: tuple[CatalogueEntry, ...]

    def entry(self, entry_id: str) -> CatalogueEntry:
        """Find an entry.

        Raises
        ------
        SampleUnavailableError
            If there is none of that name.
        """
        for entry in self.entries:
            if entry.id == entry_id:
                return entry
        raise SampleUnavailableError(
            f"the catalogue has no volume {entry_id!r}; it has {', '.join(e.id for e in self.entries)}"
        )


class _File(msgspec.Struct, rename="camel"):
    schema_version: str
    volumes: tuple[CatalogueEntry, ...]


@cache
def load_catalogue(path: Path | None = None) -> Catalogue:
    """Read the catalogue that ships with the program, or another."""
    data = (path or content_folder("sample_data") / "catalogue.json").read_bytes()
    return Catalogue(msgspec.json.decode(data, type=_File).volumes)
