"""Where a lesson's journal lies: beside the lesson, or with the user where the lesson's drive is no place for it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import platformdirs
import psutil

STATE_VARIABLE = "VASCULAR_LOOP_STATE"
BESIDE = ".vascular-loop"
"""Name of the folder in a lesson's folder."""

JOURNAL_FILE = "journal.sqlite"

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
    chosen = os.environ.get(STATE_VARIABLE)
    state = Path(chosen).expanduser() if chosen else platformdirs.user_state_path("napari-vascular-loop") / "journals"
    known_as = hashlib.sha256(os.path.normcase(lesson.resolve()).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return state / known_as


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
