"""Where a lesson's journal lies: beside the lesson, or with the user where the lesson's drive is no place for it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

import platformdirs
import psutil

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.formats.small_file import read_small

STATE_VARIABLE = "VASCULAR_LOOP_STATE"
BESIDE = ".vascular-loop"
"""Name of the folder in a lesson's folder."""

JOURNAL_FILE = "journal.sqlite"
_OF = "lesson.json"
_MOST_BYTES = 65_536

_NETWORK_TYPES = (
    "nfs",
    "cifs",
    "smb",
    "afp",
    "9p",
    "webdav",
    "davfs",
    "sshfs",
    "rclone",
    "ncp",
    "ceph",
    "gluster",
    "afs",
)
_SYNCHRONISED = (
    "dropbox", "onedrive", "google drive", "googledrive", "my drive", "mobile documents", "nextcloud", "owncloud",
    "icloud drive", "iclouddrive", "cloudstorage", "box", "box sync", "box-box", "pcloud", "seafile", "syncthing",
    "switchdrive", "sciebo", "mega", "megasync", "sync", "tresorit", "creative cloud files", "yandex.disk", "nutstore",
)  # fmt: skip
_MARKERS = (".dropbox", ".stfolder", ".sync", ".sync_folder", ".owncloudsync.log")
_DRIVE_REMOTE = 4


def journal_folder(lesson: Path) -> Path:
    """Choose where a lesson's journal and its earlier generations lie.

    SQLite relies on locks that drives of a network often don't keep, and a program that synchronises a folder
    would copy half a transaction. There, and where the lesson can't be written at all, they lie with the user.

    Parameters
    ----------
    lesson : Path
        The lesson's folder.
    """
    lesson = lesson.resolve()
    beside = lesson / BESIDE
    leads_elsewhere = (
        beside.is_symlink() or (beside / JOURNAL_FILE).is_symlink() or (beside / "generations").is_symlink()
    )
    if leads_elsewhere or is_synchronised(lesson) or is_on_network(lesson) or not os.access(lesson, os.W_OK):
        return state_folder(lesson)
    return beside


def state_folder(lesson: Path) -> Path:
    """The folder of a lesson's journal among the user's own files."""
    known_as = hashlib.sha256(os.path.normcase(lesson.resolve()).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return _state() / known_as


def _state() -> Path:
    chosen = os.environ.get(STATE_VARIABLE)
    return Path(chosen).expanduser() if chosen else platformdirs.user_state_path("napari-vascular-loop") / "journals"


def folder_id(folder: Path) -> str:
    """What a folder is known by on this machine, whatever its name; "" if it can't be told."""
    try:
        found = folder.stat()
    except OSError:
        return ""
    return f"{found.st_dev:x}-{found.st_ino:x}" if found.st_ino else ""


def note_lesson(state: Path, lesson: Path) -> None:
    """Note beside a journal of the user's own files whose it is, so that it is found when the lesson was renamed.

    Raises
    ------
    OSError
        If it can't be written.
    """
    write_bytes(state / _OF, json.dumps({"path": str(lesson.resolve()), "id": folder_id(lesson)}).encode("utf-8"))


def states_of_moved(lesson: Path) -> list[Path]:
    """Folders of journals among the user's own files that may be of this lesson, under a name that it had before."""
    known, found = folder_id(lesson), []
    if known and not state_folder(lesson).exists():
        for note in _state().glob(f"*/{_OF}"):
            with contextlib.suppress(OSError, LessonError, ValueError, TypeError, KeyError):
                of = json.loads(read_small(note, note.name, _MOST_BYTES))
                if of["id"] == known and not Path(of["path"]).exists():
                    found.append(note.parent)
    return found


def is_synchronised(path: Path) -> bool:
    """Whether a path lies in a folder that another program copies to other machines, as its names and marks tell."""
    parts = [part.casefold() for part in path.parts]
    endings = (" -", "-", " (")
    named = any(
        part == name or part.startswith(tuple(name + e for e in endings)) for part in parts for name in _SYNCHRONISED
    )
    return named or any((folder / mark).exists() for folder in (path, *path.parents) for mark in _MARKERS)


def is_on_network(path: Path) -> bool:
    """Whether a path lies on a drive of another machine, as far as this one can tell."""
    if os.name == "nt":
        return _is_remote_on_windows(path)
    try:
        mounts = psutil.disk_partitions(all=True)
    except (OSError, RuntimeError):
        return False
    holding = [mount for mount in mounts if path.is_relative_to(mount.mountpoint)]
    if not holding:
        return False
    kind = max(holding, key=lambda mount: len(mount.mountpoint)).fstype.casefold()
    return any(kind.removeprefix("fuse.").startswith(name) for name in _NETWORK_TYPES)


def _is_remote_on_windows(path: Path) -> bool:
    import ctypes

    if path.drive.startswith("\\\\"):
        return True
    kernel = getattr(ctypes, "windll", None)
    return kernel is not None and kernel.kernel32.GetDriveTypeW(f"{path.drive}\\") == _DRIVE_REMOTE
