"""What of a lesson is seen while it is studied: all, nothing, one mark without its name, or the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point
from napari_vascular_loop.store.read_only import read_only_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.space import Vector3
    from napari_vascular_loop.store import LessonStore

YOUR_PLACE = "Your place"
_PIN_ID = "study:your-place"


class StudyStage:
    """Shows a lesson in a scene, as much of it as a student may see.

    What is not to be seen is not in the lesson that the scene is given: no key, list or tick of a slider can show it.

    Parameters
    ----------
    scene : Scene
        Of the viewer. What it showed before comes back at the end.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._before: LessonStore | None = None
        self._shown: LessonStore | None = None

    @property
    def is_on(self) -> bool:
        """Whether the scene shows what it was last given here, and not a lesson that was opened elsewhere."""
        return self._shown is not None and self._scene.store is self._shown

    @property
    def has_shown(self) -> bool:
        """Whether a lesson was shown here."""
        return self._shown is not None

    def show_all(self, store: LessonStore) -> None:
        """Show a lesson with all its marks; selecting in it shows in the scene."""
        self._show(store)

    def show_slices(self) -> None:
        """Show slices, not 3-D: a place is put on a slice."""
        viewer = self._scene.viewer
        if viewer is not None and viewer.dims.ndisplay != 2:
            viewer.dims.ndisplay = 2

    def hide_marks(self, lesson: Lesson) -> None:
        """Show none of the marks."""
        self._show(read_only_store(lesson.with_annotations(())))

    def show_unnamed(self, lesson: Lesson, mark: Annotation) -> None:
        """Show one mark without all that would tell its name: label, note, and the colour that goes by structure."""
        bare = replace(mark, label="", note="", structure=None, side=None, grade=None, passages=(), foreign={})
        if isinstance(bare.geometry, Point):
            bare = replace(bare, geometry=Point(bare.geometry.position_ras_mm))  # of a text nothing would be seen
        self._show(read_only_store(lesson.with_annotations((bare,))))
        self._show_marks((bare,))
        self._scene.open_at(bare)

    def reveal(self, lesson: Lesson, marks: Sequence[Annotation], place_ras_mm: Vector3 | None = None) -> None:
        """Show the marks that were asked for, and the student's place; go to the first."""
        pins = (self._pin(place_ras_mm),) if place_ras_mm is not None else ()
        store = read_only_store(lesson.with_annotations((*marks, *pins)))
        store.select(marks[0].id)
        self._show(store)
        self._show_marks(marks)
        if place_ras_mm is None or not self._is_seen(marks):
            self._scene.go_to(marks[0])

    def preview(self, place_ras_mm: Vector3 | None, tail_ras_mm: Vector3 | None = None) -> None:
        """Draw a place, or an arrow to it, that is not an answer yet; None takes it away."""
        scene = self._scene
        geometry = None
        if place_ras_mm is not None:
            is_arrow = tail_ras_mm is not None and tail_ras_mm != place_ras_mm
            geometry = Arrow(tail_ras_mm, place_ras_mm) if is_arrow and tail_ras_mm else Point(place_ras_mm)
        if geometry is None and scene.preview is None:
            return
        scene.preview = Annotation(geometry, scene.volume_id or "", id=_PIN_ID) if geometry is not None else None
        scene.redraw()

    def close(self) -> None:
        """Give the scene back what it showed before."""
        self.preview(None)
        if self.is_on:
            self._scene.set_store(self._before)
        self._shown = self._before = None

    def _show(self, store: LessonStore) -> None:
        if self._scene.store is store and self._shown is store:
            return
        if not self.is_on:
            self._before = self._scene.store
        self._shown = store
        self._scene.set_store(store)

    def _show_marks(self, marks: Sequence[Annotation]) -> None:
        """See to it that marks are seen, whatever was hidden in the window before."""
        if not self._scene.marks_visible:
            self._scene.set_marks_visible(True)
        hidden = self._scene.filter
        if hidden.only_selected or any(hidden.is_hidden(mark.id) for mark in marks):
            hidden.show_all()

    def _pin(self, place_ras_mm: Vector3) -> Annotation:
        return Annotation(Point(place_ras_mm), self._scene.volume_id or "", YOUR_PLACE, id=_PIN_ID)

    def _is_seen(self, marks: Sequence[Annotation]) -> bool:
        """Whether one of the marks lies on the slice that is seen, beside the student's place."""
        ids = {mark.id for mark in marks}
        return any(seen.annotation.id in ids and seen.opacity >= 1.0 for seen in self._scene.visible_marks())


def nudge(scene: Scene, down_px: float, right_px: float) -> Vector3 | None:
    """Move the picture on the main canvas under its middle, by so many pixels of the screen.

    Returns
    -------
    (float, float, float) or None
        The place that is in the middle now, in RAS mm.
    """
    viewer = scene.viewer
    if viewer is None or scene.state() is None:
        return None
    camera = viewer.scene.camera
    towards = {"up": -1.0, "down": 1.0, "left": -1.0, "right": 1.0}
    vertical, horizontal = (towards[word] for word in camera.orientation2d)
    _, y, x = camera.center
    camera.center = (0.0, y + vertical * down_px / camera.zoom, x + horizontal * right_px / camera.zoom)
    return scene.main.middle_ras_mm()
