"""ZIP archives: unpacked into a private folder, under names of our own, and read as a folder is.

An archive is somebody else's word. No name in it becomes a path, nothing is believed of a size that is not counted
while it is written, and what can't be unpacked is listed with the reason.
"""

from __future__ import annotations

import lzma
import shutil
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.archive_names import (
    Places,
    reason_not_to_unpack,
    shown_as,
    store_of,
    stores_in,
)
from napari_vascular_loop.formats.volumes.found import Found, Progress, Stray, part_of
from napari_vascular_loop.formats.volumes.private_folder import PrivateFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import IO


MAX_MEMBERS = 200_000
MAX_TOTAL_BYTES = 16 << 30
MAX_RATIO = 1032
"""Deflate can't do better; what claims more lies, or is made to fill a disk."""

MAX_RATIO_OF_LARGE = 200
"""Above `_LARGE` bytes in all, no scans are packed tighter than this."""

_LARGE = 1 << 30
_DISK_TO_LEAVE = 256 << 20
_BLOCK = 1 << 20
_ENTRY_BYTES = 46
_MAX_DIRECTORY_BYTES = MAX_MEMBERS * 1024
_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")

_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, struct.error)
_METHODS = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}


def looks_like(path: Path) -> bool:
    """Whether a file begins as a ZIP archive does."""
    try:
        with path.open("rb") as file:
            return file.read(4) in _SIGNATURES
    except OSError:
        return False


def find(archive: Path, look: Callable[[Sequence[Path], Progress], Found], progress: Progress) -> Found:
    """Look what volumes an archive holds.

    The volumes, and what they were read into, keep the unpacked files; when they are gone, so are the files.

    Parameters
    ----------
    archive : Path
        The file.
    look : callable
        Finds the volumes among unpacked files.
    progress : callable
        Told how much is done; may raise ReadCancelledError.

    Raises
    ------
    VolumeReadError
        If it is no ZIP archive, is damaged, or would grow out of all proportion.
    """
    folder = PrivateFolder()
    try:
        members, strays = _unpack(archive, folder.path, part_of(progress, 0, 2))
        found = look(list(members), part_of(progress, 1, 2))
    except BaseException:
        folder.remove()
        raise
    return Found(
        tuple(folder.holding(volume, members) for volume in found.volumes),
        (*(Stray(members.get(one.path, one.path), one.reason) for one in found.strays), *strays),
    )


def _unpack(archive: Path, folder: Path, progress: Progress) -> tuple[dict[Path, Path], list[Stray]]:
    """Unpack what may be part of a volume.

    Returns
    -------
    members : dict
        For each unpacked file, how the archive calls it: archive / name.
    strays : list of Stray
        What was left packed, and why.
    """
    try:
        _refuse_endless_lists(archive)
        with zipfile.ZipFile(archive) as opened:
            return _Unpacking(archive, folder, opened, progress).run()
    except VolumeReadError:
        raise
    except PermissionError as error:
        raise VolumeReadError(f"{archive.name}: it may not be read by you ({error.strerror})") from error
    except (*_DAMAGE, NotImplementedError) as error:
        raise VolumeReadError(f"{archive.name}: a damaged ZIP archive; fetch or pack it anew") from error


def _refuse_endless_lists(archive: Path) -> None:
    """Count the entries before Python's zipfile makes an object of each."""
    with archive.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - 65_557 - 20))
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) < at + 22:
            raise zipfile.BadZipFile
        size = int.from_bytes(tail[at + 12 : at + 16], "little")
        directory_end = end - len(tail) + at
        if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
            file.seek(min(end, int.from_bytes(tail[at - 12 : at - 4], "little")))
            record = file.read(56)
            size = max(size if size != 0xFFFFFFFF else 0, int.from_bytes(record[40:48], "little"))
            directory_end -= 76
        if size > _MAX_DIRECTORY_BYTES:
            raise VolumeReadError(f"{archive.name}: its list of files is {size} bytes long; not opened")
        file.seek(max(0, directory_end - size))
        count = file.read(size).count(b"PK\x01\x02") if size > MAX_MEMBERS * _ENTRY_BYTES else 0
    _refuse_many(archive, count)


def _refuse_many(archive: Path, count: int) -> None:
    if count > MAX_MEMBERS:
        raise VolumeReadError(
            f"{archive.name}: it holds {count} files, more than {MAX_MEMBERS}; unpack it and open the folder you need"
        )


@dataclass(frozen=True, eq=False)
class _Unpacking:
    """One run over an archive."""

    archive: Path
    folder: Path
    opened: zipfile.ZipFile
    progress: Progress

    def run(self) -> tuple[dict[Path, Path], list[Stray]]:
        infos = [info for info in self.opened.infolist() if not _is_folder(info)]
        _refuse_many(self.archive, len(infos))
        stores = stores_in(info.filename for info in infos)
        wanted: list[zipfile.ZipInfo] = []
        strays = [
            Stray(shown_as(self.archive, store), "a Zarr store inside an archive: unpack it, then open its folder")
            for store in sorted(stores)
        ]
        for info in infos:
            if store_of(info.filename, stores) is not None:
                continue
            # zipfile cuts a name at its first NUL.
            reason = reason_not_to_unpack(info.orig_filename)
            if reason is None:
                reason = _reason_of_kind(info)
            if reason is None:
                wanted.append(info)
            elif reason:
                strays.append(Stray(shown_as(self.archive, info.filename), reason))
        total = sum(info.file_size for info in wanted)
        self._refuse_bombs(total)
        members: dict[Path, Path] = {}
        places = Places(self.folder)
        done = 0
        for info in wanted:
            self.progress(done / max(1, total))
            shown = shown_as(self.archive, info.filename)
            target = places.place_for(info.filename)
            reason = self._write(info, target, partial(self._tell, done, total))
            if reason:
                target.unlink(missing_ok=True)
                strays.append(Stray(shown, reason))
            else:
                members[target] = shown
            done += info.file_size
        return members, strays

    def _tell(self, done: int, total: int, written: int) -> None:
        self.progress(min(1.0, (done + written) / max(1, total)))

    def _refuse_bombs(self, total: int) -> None:
        packed = self.archive.stat().st_size
        if total > MAX_TOTAL_BYTES:
            raise VolumeReadError(
                f"{self.archive.name}: unpacked it would be {_gib(total)}, more than {_gib(MAX_TOTAL_BYTES)}; "
                "unpack it yourself and open the folder"
            )
        if total > packed * MAX_RATIO or (total > _LARGE and total > packed * MAX_RATIO_OF_LARGE):
            raise VolumeReadError(
                f"{self.archive.name}: it would grow from {_gib(packed)} to {_gib(total)}, as no scans do; not unpacked"
            )
        free = shutil.disk_usage(self.folder).free
        if total + _DISK_TO_LEAVE > free:
            raise VolumeReadError(
                f"{self.archive.name}: it needs {_gib(total)} of room for temporary files, {_gib(free)} are free; make "
                "room, or set TMPDIR to a folder on another disk"
            )

    def _write(self, info: zipfile.ZipInfo, target: Path, tell: Callable[[int], None]) -> str | None:
        """Unpack one member; return the reason if it can't be."""
        try:
            source = self.opened.open(info)
        except NotImplementedError:
            method = _METHODS.get(info.compress_type, f"method {info.compress_type}")
            return f"its compression ({method}) can't be undone here; unpack the archive with another program"
        except RuntimeError:
            return "it can't be unpacked without a password or a library that is missing; unpack the archive yourself"
        except _DAMAGE:
            return "damaged in the archive"
        try:
            with source, target.open("xb") as out:
                return _copy(source, out, info.file_size, tell)
        except OSError as error:
            raise VolumeReadError(
                f"{self.archive.name}: it could not be unpacked to temporary files ({error.strerror or error})"
            ) from error


def _copy(source: IO[bytes], out: IO[bytes], stated: int, tell: Callable[[int], None]) -> str | None:
    """Copy a member, counting; return what is wrong with it."""
    written = 0
    while True:
        try:
            block = source.read(_BLOCK)
        except _DAMAGE:
            return "damaged in the archive: its checksum is wrong, or it is cut short"
        if not block:
            break
        written += len(block)
        if written > stated:
            return f"damaged in the archive: it is longer than the {stated} bytes stated"
        out.write(block)
        tell(written)
    return None if written == stated else f"damaged in the archive: {written} bytes instead of the {stated} stated"


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.filename.endswith(("/", "\\")) and info.file_size == 0


def _reason_of_kind(info: zipfile.ZipInfo) -> str | None:
    """Why a member is not unpacked, whatever its name."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "a symbolic link: not followed"
    if kind not in (0, stat.S_IFREG):
        return "neither a file nor a folder"
    if info.flag_bits & 0x1:
        return "it is encrypted; unpack the archive with its password, then open the folder"
    if info.file_size > max(1, info.compress_size) * MAX_RATIO:
        return f"it claims to grow from {info.compress_size} to {info.file_size} bytes, as no scan does; not unpacked"
    return None


def _gib(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 28 else f"{count / (1 << 20):.1f} MiB"
