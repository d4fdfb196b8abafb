"""The menu of the study panel: lessons, the student's results, and what a teacher looks at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QMenu, QMessageBox, QPushButton

from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.lessons import FIRST_LESSON, STAND_IN_LESSON
from napari_vascular_loop.study_lesson import open_for_study, read_result_files

if TYPE_CHECKING:
    from collections.abc import Callable


class StudyMenu(QPushButton):
    """A button with the menu.

    Signals
    -------
    opened : LessonStore
        A lesson that the student chose.
    own_marks_asked, forget_asked, clicks_cleared
        The student marks places for himself; deletes his results; the teacher has seen the clicks.
    table_asked : Path
        Where to write the student's answers.
    gathered : list of StudyResults
        Of the files that a teacher chose.
    failed, told : str
        What went wrong; what was done.
    """

    opened = Signal(object)
    own_marks_asked = Signal()
    forget_asked = Signal()
    clicks_cleared = Signal()
    table_asked = Signal(object)
    gathered = Signal(object)
    failed = Signal(str)
    told = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setText("Study ")
        self.setAccessibleName("Study menu")
        menu = QMenu(self)
        entries: tuple[tuple[str, Callable[[], None]] | None, ...] = (
            ("Open a lesson…", self._open),
            ("Lesson: where the facial nerve leaves the brainstem", lambda: self._open_shipped(FIRST_LESSON)),
            ("Lesson: synthetic stand-in", lambda: self._open_shipped(STAND_IN_LESSON)),
            None,
            ("My own marks", self.own_marks_asked.emit),
            ("Save my answers as a table…", self._table),
            ("Delete my results…", self._forget),
            None,
            ("Show where students clicked…", self._gather),
            ("Hide where students clicked", self.clicks_cleared.emit),
        )
        for entry in entries:
            if entry is None:
                menu.addSeparator()
                continue
            text, act = entry
            action = menu.addAction(text)
            if action is not None:
                action.triggered.connect(lambda _=False, a=act: self._guarded(a))
        self.setMenu(menu)

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except VascularLoopError as error:
            self.failed.emit(str(error))

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
