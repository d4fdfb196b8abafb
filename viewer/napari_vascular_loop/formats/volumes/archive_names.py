"""Names of the files in an archive: which are worth unpacking, and under which safe names.

The names of an archive are never used as paths. A file's or folder's name is kept where every system can hold it,
since some formats find one file by the name of another (.hdr and .img, .mhd and .raw); otherwise it is a number.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".cab", ".iso")

_NEVER_VOLUMES = re.compile(
    r"\.(bat|bmp|bval|bvec|chm|cmd|com|css|csv|dll|docx?|exe|gif|html?|ico|inf|ini|jar|jpe?g|js|json|lnk|log|md|mp4|pdf|"
    r"png|pptx?|ps1|py|rtf|sh|so|svg|tiff?|tsv|txt|xlsx?|xml|xsl|ya?ml)"
)

_STORE_FILES = ("zarr.json", ".zattrs", ".zgroup", ".zarray")

_SAFE_NAME = re.compile(r"[\w()\[\]+=,@#!^-][\w .()\[\]+=,@#!~^-]*")
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""

_DRIVE = re.compile("[A-Za-z]:")

_MAX_NAME_BYTES = 100
_MAX_DEPTH = 12


def reason_not_to_unpack(name: str) -> str | None:
    """Why a member is left packed, by its name alone.

    Returns
    -------
    str or None
        None where it is worth unpacking; "" where it is not even worth a word, as a hidden file.
    """
    if any(ord(c) < 32 or ord(c) == 127 for c in name):
        return "its name holds control characters: not unpacked"
    parts = _parts(name)
    if name.startswith(("/", "\\")) or ".." in parts or _DRIVE.match(name):
        return "its name leads out of the archive: not unpacked"
    parts = [part for part in parts if part]
    if not parts:
        return "it has no name: not unpacked"
    if any(part.startswith(".") or part == "__MACOSX" for part in parts) or parts[-1].lower() in (
        "thumbs.db",
        "desktop.ini",
    ):
        return ""
    base = parts[-1].lower()
    if base.endswith(_ARCHIVES):
        return "an archive inside the archive: not opened; unpack it by itself"
    suffix = base[base.rfind(".") :] if "." in base else ""
    if _NEVER_VOLUMES.fullmatch(suffix):
        return f"a {suffix} file is no volume: not unpacked"
    return None


def store_of(name: str, stores: frozenset[str]) -> str | None:
    """The Zarr store, of those of `stores_in`, in which a member lies."""
    path = "/".join(_parts(name))
    return next((store for store in stores if path.startswith(store)), None)


def stores_in(names: Iterable[str]) -> frozenset[str]:
    """Folders of an archive that are Zarr stores, the outermost ones, each with a slash at its end."""
    found = {"".join(f"{part}/" for part in _parts(name)[:-1]) for name in names if _parts(name)[-1] in _STORE_FILES}
    return frozenset(one for one in found if not any(one != other and one.startswith(other) for other in found))


def shown_as(archive: Path, name: str) -> Path:
    """How a member is spoken of: archive / name, which is never the path of another file."""
    parts = (re.sub(r"[\x00-\x1f\x7f:]", "_", part) for part in _parts(name))
    return archive.joinpath(*("__" if part == ".." else part for part in parts if part not in ("", ".")))


class Places:
    """Where the members of an archive are unpacked to.

    Parameters
    ----------
    folder : Path
        All places lie in it; it is there, and empty.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folders: dict[tuple[str, ...], Path] = {}
        self._stems: dict[tuple[Path, str], str] = {}
        self._taken: set[str] = set()
        self._number = 0

    def place_for(self, name: str) -> Path:
        """Choose a place that no other member has, on any system; its folder is made."""
        *parents, base = (part for part in _parts(name) if part not in ("", "."))
        folder = self._folder_for(tuple(parents))
        if _is_safe(base) and self._take(folder / base):
            return folder / base
        stem, dot, suffix = base.partition(".")
        ending = f".{suffix}" if dot and _is_safe(suffix) and len(suffix) < 32 else ""
        # Files that belong together by their names still do.
        renamed = self._stems.get((folder, stem))
        if renamed is None or not self._take(folder / f"{renamed}{ending}"):
            renamed = self._new_stem(folder, ending)
            self._stems[(folder, stem)] = renamed
        return folder / f"{renamed}{ending}"

    def _folder_for(self, parents: tuple[str, ...]) -> Path:
        if len(parents) > _MAX_DEPTH or sum(map(len, parents)) > _MAX_NAME_BYTES:
            # Windows wants short paths.
            return self._folders.get(parents) or self._make_folder(parents, self._folder, "")
        folder = self._folder
        for depth in range(1, len(parents) + 1):
            known = self._folders.get(parents[:depth])
            folder = known or self._make_folder(parents[:depth], folder, parents[depth - 1])
        return folder

    def _make_folder(self, parents: tuple[str, ...], above: Path, name: str) -> Path:
        folder = above / name
        while not (_is_safe(folder.name) and folder != above and self._take(folder)):
            self._number += 1
            folder = above / f"folder-{self._number}"
        folder.mkdir()
        self._folders[parents] = folder
        return folder

    def _new_stem(self, folder: Path, ending: str) -> str:
        while True:
            self._number += 1
            if self._take(folder / f"file-{self._number}{ending}"):
                return f"file-{self._number}"

    def _take(self, path: Path) -> bool:
        """Whether nobody has the path yet, on systems that don't tell upper from lower case either."""
        key = unicodedata.normalize("NFKC", str(path)).casefold()
        if key in self._taken:
            return False
        self._taken.add(key)
        return True


def _parts(name: str) -> list[str]:
    """Parts of a member's name; some programs for Windows write backslashes."""
    return name.replace("\\", "/").split("/")


def _is_safe(base: str) -> bool:
    return (
        _SAFE_NAME.fullmatch(base) is not None
        and not base.endswith((".", " "))
        and _RESERVED.fullmatch(base) is None
        and len(base.encode("utf-8", "replace")) <= _MAX_NAME_BYTES
    )
