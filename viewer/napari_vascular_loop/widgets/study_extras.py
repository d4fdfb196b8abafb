"""What goes with studying: the student's own marks, his table, and where all students clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_vascular_loop.display.heat_map import HeatMap
from napari_vascular_loop.display.own_marks import OwnMarks
from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.study.gathering import joined, questions_of
from napari_vascular_loop.study_lesson import write_table
from napari_vascular_loop.widgets.study_clicks import ClicksRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.answer import StudyResults
    from napari_vascular_loop.study.desk import Desk
    from napari_vascular_loop.study.gathering import AskedQuestion
    from napari_vascular_loop.widgets.study_menu import StudyMenu


class StudyExtras(QObject):
    """Does what the menu asks for beside the lesson.

    Parameters
    ----------
    scene : Scene
        Of the viewer.
    desk : callable
        Gives the student's desk, or None.

    Signals
    -------
    failed, told : str
        What went wrong; what was done.
    forgotten
        The student's results were deleted.
    """

    failed = Signal(str)
    told = Signal(str)
    forgotten = Signal()

    def __init__(self, scene: Scene, desk: Callable[[], Desk | None], parent: Any) -> None:
        super().__init__(parent)
        self._scene, self._desk = scene, desk
        self.clicks = ClicksRow()
        self.clicks.chosen.connect(self._show_clicks)
        self.clicks.closed.connect(self.hide_clicks)
        self.own_marks = OwnMarks(scene)
        self.own_marks.changed.connect(self._keep_own_marks)
        self.heat_map: HeatMap | None = None

    def connect_menu(self, menu: StudyMenu) -> None:
        """Do what a menu asks for."""
        menu.own_marks_asked.connect(self._draw_own_marks)
        menu.table_asked.connect(self._write_table)
        menu.forget_asked.connect(self._forget)
        menu.gathered.connect(self._show_gathered)
        menu.clicks_cleared.connect(self.hide_clicks)

    def rest(self) -> None:
        """Give the mouse back to whoever asks."""
        self.own_marks.rest()

    def volume_changed(self) -> None:
        """Show the student's own marks that lie in this volume."""
        desk = self._desk()
        if desk is not None:
            self.own_marks.show(desk.results.own_marks)

    def hide_clicks(self) -> None:
        """Take the heat map away."""
        self.clicks.show_questions(())
        if self.heat_map is not None:
            self.heat_map.close()
            self.heat_map = None

    def close(self) -> None:
        """Leave nothing behind."""
        self.hide_clicks()
        self.own_marks.close()

    def _draw_own_marks(self) -> None:
        desk = self._desk()
        if desk is None or self._scene.volume_id is None:
            self.failed.emit("Open a lesson with its volume first: your marks lie in it")
            return
        self.own_marks.show(desk.results.own_marks, drawing=True)
        self.told.emit("Click to add a point to the layer 'My marks'; it is yours, and kept with your results.")

    def _keep_own_marks(self) -> None:
        desk = self._desk()
        if desk is not None:
            problem = desk.keep_own_marks(self.own_marks.marks())
            if problem:
                self.failed.emit(problem)

    def _write_table(self, path: Path) -> None:
        desk = self._desk()
        if desk is None or not desk.results.answers:
            self.failed.emit("You have not answered anything in this lesson yet")
            return
        try:
            write_table(path, [desk.results])
        except VascularLoopError as error:
            self.failed.emit(str(error))
        else:
            self.told.emit(f"Your answers are in {path}")

    def _forget(self) -> None:
        desk = self._desk()
        if desk is None:
            return
        try:
            desk.forget()
        except VascularLoopError as error:
            self.failed.emit(str(error))
            return
        self.own_marks.close()
        self.told.emit("Your results of this lesson are deleted")
        self.forgotten.emit()

    def _show_gathered(self, results: list[StudyResults]) -> None:
        desk = self._desk()
        if desk is None:
            self.failed.emit("Open the lesson first in which the students clicked")
            return
        of_lesson = [one for one in joined(results) if one.lesson_id == desk.results.lesson_id]
        asked = [one for one in questions_of(of_lesson) if one.clicks]
        if not asked:
            self.failed.emit(
                "In these files nobody clicked a place in this lesson"
                if of_lesson
                else f"These are results of another lesson: {', '.join(sorted({one.lesson_id for one in results}))}"
            )
            return
        self.clicks.show_questions(asked)

    def _show_clicks(self, question: AskedQuestion) -> None:
        if self.heat_map is None:
            self.heat_map = HeatMap(self._scene)
        self.heat_map.show([click.place_ras_mm for click in question.clicks])
        mark_id = question.answers[-1].annotation_id
        store = self._scene.store
        mark = next((one for one in store.annotations if one.id == mark_id), None) if store is not None else None
        if mark is not None:
            self._scene.go_to(mark)
