"""How a user left the marks of a lesson: which are hidden, which locked. Kept with the user, never in the lesson."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.atomic import write_bytes
from napari_vascular_loop.formats.journal.place import STATE_VARIABLE, folder_id
from napari_vascular_loop.formats.small_file import read_small

_MOST_BYTES = 8_000_000


@dataclass(frozen=True)
class MarksLeft:
    """Ids of marks.

    Parameters
    ----------
    hidden, locked : frozenset of str
        Those that the user does not see, and those that he can't change.
    """

    hidden: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()


def read_marks_left(lesson: Path) -> MarksLeft:
    """Read how the marks of a lesson were left; none is hidden or locked where that is not known.

    Parameters
    ----------
    lesson : Path
        The lesson's folder. It is known again when it was renamed or moved on its drive.
    """
    found = _read(_file(lesson))
    if found is None and (known := folder_id(lesson)):
        others = (_read(path) for path in _folder().glob("*.json"))
        moved = (one for one in others if one is not None and one.get("id") == known and not _is_there(one))
        found = next(moved, None)
    return MarksLeft(_ids(found, "hidden"), _ids(found, "locked"))


def keep_marks_left(lesson: Path, left: MarksLeft) -> None:
    """Keep how the marks of a lesson are.

    Raises
    ------
    OSError
        If it can't be written.
    """
    path = _file(lesson)
    if not path.exists() and left == MarksLeft():
        return
    document = {
        "lesson": str(lesson.resolve()),
        "id": folder_id(lesson),
        "hidden": sorted(left.hidden),
        "locked": sorted(left.locked),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, json.dumps(document, indent=1).encode("utf-8"))


def _folder() -> Path:
    chosen = os.environ.get(STATE_VARIABLE)
    home = Path(chosen).expanduser() if chosen else platformdirs.user_state_path("napari-vascular-loop")
    return home / "marks"


def _file(lesson: Path) -> Path:
    known_as = os.path.normcase(lesson.resolve()).encode("utf-8", "surrogatepass")
    return _folder() / f"{hashlib.sha256(known_as).hexdigest()[:16]}.json"


def _read(path: Path) -> dict[str, Any] | None:
    """What a file says; None where there is none, or where it is damaged."""
    with contextlib.suppress(OSError, LessonError, ValueError, RecursionError):
        document = json.loads(read_small(path, path.name, _MOST_BYTES))
        return document if isinstance(document, dict) else None
    return None


def _is_there(document: dict[str, Any]) -> bool:
    """Whether the folder that a file tells of still exists: then it is another lesson."""
    lesson = document.get("lesson")
    return isinstance(lesson, str) and Path(lesson).exists()


def _ids(document: dict[str, Any] | None, name: str) -> frozenset[str]:
    ids = document.get(name) if document is not None else None
    return frozenset(one for one in ids if isinstance(one, str)) if isinstance(ids, list) else frozenset()
