"""Hidden and locked marks of the open lesson, as the user left them when it was open before."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from napari_vascular_loop.formats.marks_left import MarksLeft, keep_marks_left, read_marks_left

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.store import LessonStore

_log = logging.getLogger(__name__)


class LeftMarks:
    """Gives a scene back what was hidden and locked, and remembers what is; to be let go.

    Parameters
    ----------
    scene : Scene
        Whose filter is filled and followed, as long as it shows the very lesson.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._store: LessonStore | None = None
        self._now = MarksLeft()
        self._kept_in: Path | None = None
        scene.filter.changed.connect(self._on_changed)
        scene.changed.connect(self._on_scene)

    def take(self, store: LessonStore) -> None:
        """Remember another lesson's marks from now on; those of the scene are hidden and locked as they were left."""
        self._keep_with_copy()
        self._store, self._kept_in = None, store.folder
        left = read_marks_left(store.folder) if store.folder is not None else MarksLeft()
        there = {annotation.id for annotation in store.annotations}
        self._now = MarksLeft(left.hidden & there, left.locked & there)
        self._scene.filter.restore(self._now.hidden, self._now.locked)
        self._store = store

    @property
    def note(self) -> str:
        """Say that marks are hidden, since nobody may remember that they were; "" where none is."""
        count = len(self._now.hidden)
        marks = "1 mark is" if count == 1 else f"{count} marks are"
        return f"{marks} hidden, as you left it: the eyes in the list of marks show what is hidden" if count else ""

    def let_go(self) -> None:
        """Follow the scene no more; in it, nothing stays hidden or locked that no list shows any more."""
        self._keep_with_copy()
        self._store = None
        self._scene.filter.changed.disconnect(self._on_changed)
        self._scene.changed.disconnect(self._on_scene)
        self._scene.filter.restore(frozenset(), frozenset())

    def _on_scene(self) -> None:
        """Hide again what was hidden before study showed it in this window."""
        marks = self._scene.filter
        if self._scene.store is self._store is not None and marks.hidden != self._now.hidden:
            marks.restore(self._now.hidden, self._now.locked)

    def _on_changed(self) -> None:
        # While a student is asked, the scene shows another lesson, and what is hidden then was not hidden by him.
        if self._store is None or self._scene.store is not self._store:
            return
        marks = self._scene.filter
        left = MarksLeft(marks.hidden, marks.locked)
        if left != self._now:
            self._now = left
            self._keep()

    def _keep_with_copy(self) -> None:
        """A lesson as it ships was copied at its first edit: what was hidden in it is hidden in the copy."""
        if self._store is not None and self._store.folder != self._kept_in:
            self._keep()

    def _keep(self) -> None:
        folder = self._store.folder if self._store is not None else None
        if folder is None:
            return
        self._kept_in = folder
        try:
            keep_marks_left(folder, self._now)
        except OSError as error:
            # A comfort only: nothing of the lesson is lost.
            _log.warning("hidden and locked marks can't be remembered: %s", error.strerror)
