"""The menu of the study panel: lessons, the student's results, and what a teacher looks at."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QMessageBox

from napari_vascular_loop.lessons import FIRST_LESSON, LOOP_LESSON, PHANTOM_LESSON
from napari_vascular_loop.study_lesson import open_for_study, read_result_files
from napari_vascular_loop.widgets.menu_button import MenuButton


class StudyMenu(MenuButton):
    """A button with the menu.

    Signals
    -------
    opened : LessonStore
        A lesson that the student chose.
    library_asked
        Another lesson is to be chosen among many.
    own_marks_asked, forget_asked, clicks_cleared
        The student marks places for himself; deletes his results; the teacher has seen the clicks.
    table_asked : Path
        Where to write the student's answers.
    gathered : list of StudyResults
        Of the files that a teacher chose.
    """

    opened = Signal(object)
    library_asked = Signal()
    own_marks_asked = Signal()
    forget_asked = Signal()
    clicks_cleared = Signal()
    table_asked = Signal(object)
    gathered = Signal(object)

    def __init__(self) -> None:
        super().__init__(
            "Study",
            (
                ("Open a lesson…", self._open),
                ("Library of lessons", lambda: self.library_asked.emit()),
                ("Lesson: the vascular loop (real scan)", lambda: self._open_shipped(LOOP_LESSON)),
                ("Lesson: where the facial nerve leaves the brainstem", lambda: self._open_shipped(FIRST_LESSON)),
                (
                    "Lesson: contact, indentation, deviation (synthetic)",
                    lambda: self._open_shipped(PHANTOM_LESSON),
                ),
                None,
                ("My own marks", lambda: self.own_marks_asked.emit()),
                ("Save my answers as a table…", self._table),
                ("Delete my results…", self._forget),
                None,
                ("Show where students clicked…", self._gather),
                ("Hide where students clicked", lambda: self.clicks_cleared.emit()),
            ),
        )

    def _open(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Open a lesson's folder")
        if folder:
            self.opened.emit(open_for_study(folder))

    def _open_shipped(self, name: str) -> None:
        self.opened.emit(open_for_study(name))

    def _table(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save my answers", "my answers.csv", "Tables (*.csv)")
        if path:
            self.table_asked.emit(Path(path))

    def _forget(self) -> None:
        chosen = QMessageBox.question(
            self,
            "Delete my results",
            "Delete all your answers and your own marks in this lesson? This can't be undone.",
        )
        if chosen == QMessageBox.StandardButton.Yes:
            self.forget_asked.emit()

    def _gather(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, "Files of study results", "", "Results (*.json)")
        if not paths:
            return
        results, notes = read_result_files(Path(one) for one in paths)
        if notes:
            self.failed.emit("; ".join(notes[:3]))
        if results:
            self.gathered.emit(results)
