"""A quick look whether a path may hold volumes, before anything is read: a file's name or its first bytes decide."""

from __future__ import annotations

import itertools
import os
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from napari_vascular_loop.formats.volumes import looks_like_volume

if TYPE_CHECKING:
    from collections.abc import Iterator

_DICM_AT = 128
_MOST_FILES = 200
_HEADER_SIZES = (348, 540)
"""With which number a header of NIfTI-1 or Analyze, and one of NIfTI-2, begins."""

_ZARR_MEMBERS = frozenset((".zattrs", ".zgroup", "zarr.json"))


def may_hold_volume(path: Path) -> bool:
    """Whether a file, folder or ZIP looks as if there were a volume in it.

    Of a folder or a ZIP, no more than the first few hundred files are looked at.
    """
    try:
        if path.is_dir():
            return any(name in _ZARR_MEMBERS for name in os.listdir(path)) or any(
                _is_one(file) for file in itertools.islice(_files_below(path), _MOST_FILES)
            )
        if path.suffix.lower() == ".zip":
            return _zip_holds_one(path)
        return _is_one(path)
    except OSError:
        return False


def _is_one(path: Path) -> bool:
    if looks_like_volume(path):
        return not path.name.lower().endswith((".hdr", ".img")) or _is_analyze(path)
    try:
        with path.open("rb") as file:
            return _is_dicom(file)
    except OSError:
        return False


def _is_analyze(path: Path) -> bool:
    """Whether a .hdr, or the one beside a .img, begins as those of NIfTI and Analyze; other programs have both too."""
    header = next((one for one in (path.with_suffix(end) for end in (".hdr", ".HDR")) if one.is_file()), None)
    if header is None:
        return False
    with header.open("rb") as file:
        start = file.read(4)
    return any(int.from_bytes(start, order) in _HEADER_SIZES for order in ("little", "big"))


def _is_dicom(file: IO[bytes]) -> bool:
    return file.read(_DICM_AT + 4)[_DICM_AT:] == b"DICM"


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        # One folder full of pictures must not hide the scans that lie in the next.
        for name in itertools.islice((name for name in sorted(names) if not name.startswith(".")), 20):
            yield Path(parent, name)


def _zip_holds_one(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in itertools.islice((one for one in archive.infolist() if not one.is_dir()), _MOST_FILES):
                name = PurePosixPath(member.filename)
                if looks_like_volume(Path(name.name)):
                    return True
                with archive.open(member) as file:
                    if _is_dicom(file):
                        return True
    # What zipfile raises on damaged or locked archives.
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        return False
    return False
