"""Bring the index of a folder up to date: only lessons that are new or have changed are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.library.looking import find_lessons
from napari_vascular_loop.library.picture import Volumes
from napari_vascular_loop.library.reading import read_entry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_vascular_loop.library.entry import Entry
    from napari_vascular_loop.library.index import Index

_AT_ONCE = 100


@dataclass(frozen=True)
class Indexed:
    """What came of it.

    Parameters
    ----------
    read, unchanged, gone : int
        How many lessons were read, had not changed, and are no longer there.
    """

    read: int = 0
    unchanged: int = 0
    gone: int = 0

    @property
    def has_changed(self) -> bool:
        """Whether the index is another than before."""
        return bool(self.read or self.gone)


def index_folder(root: Path, index: Index, progress: Callable[[float], None], *, anew: bool = False) -> Indexed:
    """Bring an index up to date with a folder.

    What has been read is kept when it ends early: the next time it goes on from there.

    Parameters
    ----------
    root : Path
        The library's folder.
    index : Index
        Its index.
    progress : callable
        Told how much is done; raises ReadCancelledError to end it.
    anew : bool
        Read all lessons, as if none had been read before.

    Raises
    ------
    LessonError
        If the folder can't be read.
    LessonSaveError
        If the index can't be written.
    ReadCancelledError
        If `progress` raises it.
    """
    done = 0.0

    def alive() -> None:
        progress(done)

    places = find_lessons(root, alive)
    known = {} if anew else index.stamps()
    volumes = Volumes(alive)
    waiting: list[tuple[Entry, str]] = []
    restamped: dict[str, str] = {}
    changed = [place for place in places if _is_due(known.get(place.path), place.stamp, volumes)]
    read = 0
    try:
        for number, place in enumerate(changed):
            done = number / len(changed)
            progress(done)
            stamp, digest, wants = known.get(place.path, ("", "", ""))
            same = "" if wants and stamp == place.stamp else digest
            entry = read_entry(root, place, volumes, same, alive)
            if entry is None:
                restamped[place.path] = place.stamp
            else:
                waiting.append((entry, place.stamp))
                read += 1
            if len(waiting) >= _AT_ONCE:
                index.put(waiting)
                waiting.clear()
    finally:
        index.put(waiting)
        index.restamp(restamped)
    here = {place.path for place in places}
    gone = [path for path in index.stamps() if path not in here]
    index.drop(gone)
    progress(1.0)
    return Indexed(read, len(places) - read, len(gone))


def _is_due(known: tuple[str, str, str] | None, stamp: str, volumes: Volumes) -> bool:
    """Whether a lesson is new, has changed, or has got the volume that its picture waited for."""
    if known is None or known[0] != stamp:
        return True
    return bool(known[2]) and volumes.of_catalogue(known[2]) is not None
