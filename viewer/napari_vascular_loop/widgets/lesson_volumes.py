"""The volumes of a lesson: the one in which a mark lies is shown when one goes to the mark."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_vascular_loop.display.shown_layer import is_volume
from napari_vascular_loop.display.volume_layer import VOLUME_KEY
from napari_vascular_loop.domain.errors import LessonError, WrongVolumeError
from napari_vascular_loop.widgets.lesson_reading import LessonRead, read_lesson
from napari_vascular_loop.widgets.main_window import is_running
from napari_vascular_loop.widgets.volume_opening import opening_of

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.store import LessonStore


class LessonVolumes(QObject):
    """Goes to marks, whichever of the lesson's volumes they lie in.

    Parameters
    ----------
    scene : Scene
        Shows volumes and marks.

    Signals
    -------
    failed : str
        Why the volume of a mark can't be shown.
    """

    failed = Signal(str)

    def __init__(self, scene: Scene, parent: Any) -> None:
        super().__init__(parent)
        self._scene = scene
        self._opening = opening_of(scene.viewer)
        self._wanted: tuple[LessonStore, Annotation] | None = None

    @property
    def is_reading(self) -> bool:
        """Whether the volume of the mark that was gone to last is still being read."""
        return self._wanted is not None

    def go_to(self, store: LessonStore, annotation: Annotation) -> None:
        """Go to a mark; its volume is shown first and, where it has not been read yet, read in the background."""
        self._wanted = None
        if annotation.volume_id != self._scene.volume_id and not self._show_layer(store, annotation.volume_id):
            self._read(store, annotation)
            return
        self._scene.go_to(annotation)

    def forget(self) -> None:
        """Go to no mark whose volume is still being read."""
        self._wanted = None

    def _show_layer(self, store: LessonStore, volume_id: str) -> bool:
        """Show a volume that has been read already; whether it has."""
        viewer = self._scene.viewer
        try:
            wanted = store.lesson.volume(volume_id)
        except LessonError:
            return False
        for layer in viewer.layers if viewer is not None else ():
            if not is_volume(layer) or layer is self._scene.layer:
                continue
            try:
                wanted.check(layer.metadata[VOLUME_KEY].fingerprint)
            except WrongVolumeError:
                continue
            viewer.layers.selection.active = layer
            return True
        return False

    def _read(self, store: LessonStore, annotation: Annotation) -> None:
        self._wanted = (store, annotation)
        volume_id = annotation.volume_id
        then = partial(self._on_read, store, annotation)
        if self._opening is not None and is_running():
            title = store.lesson.volume(volume_id).title or volume_id
            self._opening.run(f"Reading {title}…", partial(read_lesson, store, volume_id=volume_id), then)
        else:
            then(read_lesson(store, volume_id=volume_id))

    def _on_read(self, store: LessonStore, annotation: Annotation, read: LessonRead) -> None:
        viewer = self._scene.viewer
        if viewer is None or self._scene.store is not store:
            return  # another lesson has been opened meanwhile
        if self._wanted is None or self._wanted[1] is not annotation:
            return  # another mark has been gone to
        self._wanted = None
        if read.layer is None:
            self.failed.emit(read.problem)
            return
        data, keywords, _ = read.layer
        viewer.add_image(data, **keywords)
        self._scene.go_to(annotation)
