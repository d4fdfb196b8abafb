"""The catalogue of public volumes, `sample_data/catalogue.json`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated

import msgspec

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.errors import SampleUnavailableError

if TYPE_CHECKING:
    from pathlib import Path

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Series(msgspec.Struct, frozen=True, rename="camel"):
    """A DICOM series that comes as a ZIP archive, of which no hash is known: what is looked at instead.

    Parameters
    ----------
    uid : str
        SeriesInstanceUID of every file.
    files : int
        How many images it has.
    """

    uid: str
    files: Annotated[int, msgspec.Meta(ge=1)]


class Crop(msgspec.Struct, frozen=True, rename="camel"):
    """A volume that is cut out of DICOM files, which are not kept.

    Parameters
    ----------
    table : str
        Name below `sample_data` of a table of the files: path, bytes, sha256.
    base : str
        Address that the paths are added to.
    base_variable : str
        Environment variable that names another, such as a mirror.
    box : three pairs of int
        From and to (not included) along the axes of the volume that is closest to R, A, S.
    voxels_sha256 : str
        Of the voxels in the box, as little-endian int16, the last axis fastest.
    """

    table: str
    base: str
    base_variable: str
    box: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    voxels_sha256: Sha256


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
    sha256, md5 : str or None
        Of the file, or of what `url` gives where the file is made of that.
    bytes : int or None
        Of what is downloaded.
    series_bytes : int or None
        About how much an archive is that is packed anew for each download.
    url : str or None
        Where to download it.
    member : str or None
        Which file to take from the archive at `url`.
    archive_sha256 : str or None
        Of the archive; None where its publisher states none.
    series : Series or None
        What an archive of a DICOM series must hold.
    crop : Crop or None
        How it is cut out of DICOM files.
    pointer : bool
        Too large to be downloaded from here: the address is for people.
    verified : bool
        Whether a download by this program has matched.
    how : str
        How a person can get it.
    """

    name: str
    file: str
    places: tuple[str, ...] = ()
    content: str | None = None
    computed: str | None = None
    sha256: Sha256 | None = None
    md5: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")] | None = None
    bytes: Annotated[int, msgspec.Meta(ge=1)] | None = None
    series_bytes: Annotated[int, msgspec.Meta(ge=1)] | None = None
    url: str | None = None
    member: str | None = None
    archive_sha256: Sha256 | None = None
    series: Series | None = None
    crop: Crop | None = None
    pointer: bool = False
    verified: bool = False
    how: str = ""

    @property
    def is_known(self) -> bool:
        """Whether its content is known: it ships with the program, is computed, or has a hash or the like."""
        marks = (self.content, self.computed, self.sha256, self.md5, self.archive_sha256, self.series, self.crop)
        return any(mark is not None for mark in marks)

    @property
    def can_be_downloaded(self) -> bool:
        """Whether this program can bring it from the network."""
        return not self.pointer and (self.url is not None or self.crop is not None)

    @property
    def known_hash(self) -> str | None:
        """Hash of what the address gives, as pooch takes it."""
        if self.member is not None:
            return f"sha256:{self.archive_sha256}" if self.archive_sha256 else None
        if self.sha256:
            return f"sha256:{self.sha256}"
        return f"md5:{self.md5}" if self.md5 else None


class CatalogueEntry(msgspec.Struct, frozen=True, rename="camel"):
    """A public volume, in one or more variants, the best first.

    Parameters
    ----------
    id : str
        Short name, the same for ever: lessons name it.
    title : str
        For people.
    modality : str
        DICOM's two letters.
    licence, credit : str
        Shown wherever the volume is.
    variants : tuple of Variant
        Files that hold it.
    shows : str
        What one sees there, and what not.
    page : str
        The publisher's own page.
    synthetic : bool
        Whether it was computed, not taken of a person.
    """

    id: str
    title: str
    modality: str
    licence: Annotated[str, msgspec.Meta(min_length=1)]
    credit: Annotated[str, msgspec.Meta(min_length=1)]
    variants: tuple[Variant, ...]
    shows: str = ""
    page: str = ""
    synthetic: bool = False

    @property
    def download_bytes(self) -> int | None:
        """How much would be downloaded; None where there is nothing to download, or nobody knows."""
        return next((one.bytes or one.series_bytes for one in self.variants if one.can_be_downloaded), None)

    @property
    def can_be_downloaded(self) -> bool:
        """Whether this program can bring it from the network."""
        return any(variant.can_be_downloaded for variant in self.variants)

    @property
    def is_pointer(self) -> bool:
        """Whether the catalogue only says where it is."""
        return all(variant.pointer for variant in self.variants)

    @property
    def credit_line(self) -> str:
        """Credit and licence in one line."""
        return f"{self.credit}. Licence: {self.licence}"


@dataclass(frozen=True)
class Catalogue:
    """All entries, and what is to be said of them together."""

    entries: tuple[CatalogueEntry, ...]
    notes: tuple[str, ...] = ()

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

    def search(self, text: str) -> tuple[CatalogueEntry, ...]:
        """Find the entries that hold every word of a text, in any case, in what is said of them."""
        words = text.casefold().split()
        return tuple(entry for entry in self.entries if all(word in _searched(entry) for word in words))


def _searched(entry: CatalogueEntry) -> str:
    said = (entry.id, entry.title, entry.modality, entry.shows, entry.credit, entry.licence)
    return " ".join(said).casefold()


class _File(msgspec.Struct, rename="camel"):
    schema_version: str
    volumes: tuple[CatalogueEntry, ...]
    notes: tuple[str, ...] = ()


@cache
def load_catalogue(path: Path | None = None) -> Catalogue:
    """Read the catalogue that ships with the program, or another."""
    data = (path or content_folder("sample_data") / "catalogue.json").read_bytes()
    read = msgspec.json.decode(data, type=_File)
    return Catalogue(read.volumes, read.notes)
