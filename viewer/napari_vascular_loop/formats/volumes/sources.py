"""What a source consists of: a file, a folder with all that lies below it, an address, or a list of these."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes import ome_zarr, zip_archive
from napari_vascular_loop.formats.volumes.found import Progress, Stray, no_progress

Source = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A file, a folder, an archive, an address; or a list of these."""

# pathlib makes one slash of two, and on Windows a backslash.
_ADDRESS = re.compile(
    r"(?P<scheme>dicomweb(\+https?)?|https?|s3|gs|gcs|az|abfs|memory):[/\\]{1,2}(?P<rest>[^/\\].*)",
    re.DOTALL | re.IGNORECASE,
)


def address_of(source: str | os.PathLike[str]) -> str | None:
    """The address that a source is, or None where it is a path on this computer."""
    text = os.fspath(source)
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return None
    rest = found["rest"] if "://" in text else found["rest"].replace("\\", "/")
    return f"{found['scheme'].lower()}://{rest}"


@dataclass(frozen=True, eq=False)
class Gathered:
    """What a source consists of; each thing once, in the order of the source, that of a folder sorted by name.

    Parameters
    ----------
    files : tuple of Path
        Plain files, to be looked at together.
    archives : tuple of Path
        ZIP archives that were named themselves.
    stores : tuple of Path
        Folders that are OME-Zarr stores.
    addresses : tuple of str
        On servers.
    strays : tuple of Stray
        What could not be looked into.
    is_single : bool
        Whether the source is one file or address, of which a reader wants to know what is wrong with it.
    """

    files: tuple[Path, ...] = ()
    archives: tuple[Path, ...] = ()
    stores: tuple[Path, ...] = ()
    addresses: tuple[str, ...] = ()
    strays: tuple[Stray, ...] = ()
    is_single: bool = False


def gather(source: Source, progress: Progress = no_progress) -> Gathered:
    """List what a source consists of.

    Raises
    ------
    VolumeReadError
        If a path does not exist, or a folder holds nothing.
    ReadCancelledError
        If `progress` raises it.
    """
    if isinstance(source, str | os.PathLike):
        named: tuple[str | os.PathLike[str], ...] = (source,)
    else:
        named = tuple(dict.fromkeys(source))
    if not named:
        raise VolumeReadError("the list of files to read is empty")
    gathering = _Gathering(progress)
    for one in named:
        gathering.add(one)
    return gathering.gathered(is_single=len(named) == 1)


_Listed = tuple[dict[str, Path], Path, str]
"""What a thing is kept among, its path, and where it really lies."""


@dataclass(eq=False)
class _Gathering:
    """What has been gathered so far; things are told apart by where they really lie."""

    progress: Progress
    files: dict[str, Path] = field(default_factory=dict)
    archives: dict[str, Path] = field(default_factory=dict)
    stores: dict[str, Path] = field(default_factory=dict)
    addresses: dict[str, None] = field(default_factory=dict)
    strays: list[Stray] = field(default_factory=list)
    real_parents: dict[Path, str] = field(default_factory=dict)
    is_plain: bool = True
    """Whether nothing but files, stores and addresses was named, which stand for themselves."""

    def gathered(self, *, is_single: bool) -> Gathered:
        count = len(self.files) + len(self.stores) + len(self.addresses)
        return Gathered(
            tuple(self.files.values()),
            tuple(self.archives.values()),
            tuple(self.stores.values()),
            tuple(self.addresses),
            tuple(self.strays),
            is_single=is_single and self.is_plain and count == 1 and not self.archives,
        )

    def add(self, source: str | os.PathLike[str]) -> None:
        address = address_of(source)
        if address is not None:
            self.addresses[address] = None
            return
        path = _path(source)
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError, ValueError) as error:
            raise VolumeReadError(f"there is no file or folder {str(path)!r}; check the path") from error
        except OSError as error:
            raise VolumeReadError(f"{str(path)!r} can't be looked at ({error.strerror or error})") from error
        if stat.S_ISDIR(mode):
            self._add_folder(path)
        elif not stat.S_ISREG(mode):
            raise VolumeReadError(f"{str(path)!r} is neither a file nor a folder but a pipe or a device; not opened")
        elif zip_archive.looks_like(path):
            self.archives.setdefault(self._real(path), path)
        else:
            self._add_file(path)

    def _add_file(self, path: Path) -> None:
        from napari_vascular_loop.formats.volumes.dicom import directory

        if directory.is_dicomdir(path):
            self.is_plain = False
            files, strays = directory.files_of(path)
            self.files.update({self._real(file): file for file in files if self._real(file) not in self.files})
            self.strays.extend(strays)
        else:
            self.files.setdefault(self._real(path), path)

    def _real(self, path: Path) -> str:
        """Where a path really lies, but for the last part: a link to a file is a file of its own."""
        parent = self.real_parents.get(path.parent)
        if parent is None:
            parent = self.real_parents[path.parent] = os.path.realpath(path.parent)
        return os.path.normcase(os.path.join(parent, path.name))

    def _add_folder(self, path: Path) -> None:
        if ome_zarr.looks_like(path):
            self.stores.setdefault(self._real(path), path)
            return
        self.is_plain = False
        is_empty = True
        for found in self._walk(path):
            is_empty = False
            if isinstance(found, Stray):
                self.strays.append(found)
            else:
                kind, one, real = found
                kind.setdefault(os.path.normcase(real), one)
        if is_empty:
            raise VolumeReadError(f"the folder {str(path)!r} holds no files")

    def _walk(self, top: Path) -> Iterator[_Listed | Stray]:
        """All below a folder but what is hidden, such as .DS_Store; without recursion, however deep it goes."""
        # Of the folders below none is a link, so that where the first really lies tells it of all.
        waiting = [(top, os.path.realpath(top))]
        seen: set[tuple[int, int]] = set()
        while waiting:
            folder, real = waiting.pop()
            self.progress(0.0)
            try:
                # A folder may lie in itself, by a junction on Windows.
                about = folder.stat()
                if about.st_ino and (about.st_dev, about.st_ino) in seen:
                    continue
                seen.add((about.st_dev, about.st_ino))
                with os.scandir(folder) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError as error:
                yield Stray(folder, f"a folder that can't be read ({error.strerror or error})")
                continue
            if ome_zarr.is_marked(entry.name for entry in entries):
                if ome_zarr.looks_like(folder):
                    yield self.stores, folder, real
                    continue
                if ome_zarr.is_bare_array(folder):
                    yield Stray(folder, "a Zarr array without OME-Zarr metadata, which alone would say where it lies")
                    continue
            below: list[tuple[Path, str]] = []
            for entry in entries:
                if not entry.name.startswith("."):
                    found = self._look_at(entry, folder / entry.name, os.path.join(real, entry.name), below)
                    if found is not None:
                        yield found
            waiting.extend(reversed(below))

    def _look_at(
        self, entry: os.DirEntry[str], path: Path, real: str, below: list[tuple[Path, str]]
    ) -> _Listed | Stray | None:
        try:
            if entry.is_dir(follow_symlinks=False):
                below.append((path, real))
                return None
            if entry.is_dir():
                return Stray(path, "a link to a folder: not followed; open that folder by itself")
            if not entry.is_file():
                what = "a link that leads nowhere" if entry.is_symlink() else "neither a file nor a folder"
                return Stray(path, what)
        except OSError as error:
            return Stray(path, f"it can't be looked at ({error.strerror or error})")
        if entry.name[-4:].lower() == ".zip":
            return Stray(path, "a ZIP archive: open it by itself")
        return self.files, path, real


def _path(source: str | os.PathLike[str]) -> Path:
    text = os.fspath(source)
    if text.startswith("file://"):
        return Path(url2pathname(urlsplit(text).path))
    try:
        return Path(text).expanduser()
    except RuntimeError:
        # A name such as "~scan", of which no user is called.
        return Path(text)
