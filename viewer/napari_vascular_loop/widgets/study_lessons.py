"""Opening a lesson for study: its questions, the student's results, and the volume, read beside the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.formats.lesson_json import questions_of
from napari_vascular_loop.formats.volumes.found import no_progress
from napari_vascular_loop.study.desk import Desk
from napari_vascular_loop.study.results_folder import ResultsFolder
from napari_vascular_loop.widgets.lesson_reading import LessonRead, read_lesson
from napari_vascular_loop.widgets.main_window import is_running
from napari_vascular_loop.widgets.volume_opening import opening_of

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.store import LessonStore


def desk_of(store: LessonStore) -> tuple[Desk, str, str]:
    """Set up a student's desk for a lesson.

    Returns
    -------
    desk : Desk
        With the teacher's questions.
    folder : str
        Where the results are kept.
    problem : str
        Why the teacher's questions are left out; "" if they are not.
    """
    lesson = store.lesson
    known_as = lesson.id or (store.folder.name if store.folder is not None else "") or "lesson"
    folder = ResultsFolder(known_as, lesson.title)
    try:
        written, problem = questions_of(lesson), ""
    except LessonError as error:
        written, problem = (), f"The teacher's questions can't be read: {error}"
    return Desk(lesson, written, folder), str(folder.path), problem


class StudyVolume(QObject):
    """Reads the volume of the lesson that was opened last.

    Parameters
    ----------
    scene : Scene
        Shows it.

    Signals
    -------
    shown : str
        The volume is shown, or is not, with the reason: the text of a lesson can be read without it.
    """

    shown = Signal(str)

    def __init__(self, scene: Scene, parent: Any) -> None:
        super().__init__(parent)
        self._scene = scene
        self._opening = opening_of(scene.viewer)
        self._wanted: LessonStore | None = None

    def read(self, store: LessonStore) -> None:
        """Read a lesson's volume, unless it is shown already; in the background where a user waits in the window."""
        self._wanted = store
        if self._is_shown():
            self.shown.emit("")
        elif self._opening is not None and is_running():
            self._opening.run(
                "Reading the lesson's volume…", partial(read_lesson, store), partial(self._on_read, store)
            )
        else:
            self._on_read(store, read_lesson(store, no_progress))

    def forget(self) -> None:
        """Show nothing that is still being read."""
        self._wanted = None

    def _is_shown(self) -> bool:
        return self._scene.volume is not None and self._scene.volume_id is not None

    def _on_read(self, store: LessonStore, read: LessonRead) -> None:
        viewer = self._scene.viewer
        if store is not self._wanted or viewer is None:
            return  # another lesson has been opened meanwhile
        if read.layer is not None and not self._is_shown():
            data, keywords, _ = read.layer
            viewer.add_image(data, **keywords)
        self.shown.emit(read.problem)
