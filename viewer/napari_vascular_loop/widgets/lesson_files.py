"""The lesson's menu: open, new, copy, figure. Asks for a path, forwards it, shows what went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QUrl, Signal
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import QFileDialog, QInputDialog

from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.widgets.menu_button import MenuButton

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.store import LessonStore
    from napari_vascular_loop.widgets.figure_dialog import FigureDialog
    from napari_vascular_loop.widgets.lecture_export import LectureExport
    from napari_vascular_loop.widgets.marks_menu import MarksMenu


class LessonMenu(MenuButton):
    """A button with the lesson's file menu.

    Parameters
    ----------
    store, volume : callable
        Give the open lesson and the shown volume, or None.
    marks : MarksMenu, optional
        What can be done with marks and other programs.
    is_radiological : callable, optional
        Whether the patient's left is shown on the right.

    Signals
    -------
    opened : LessonStore
        A lesson that the user chose, with its volume still to be loaded.
    created : LessonStore
        A new lesson on the volume that is shown.
    """

    opened = Signal(object)
    created = Signal(object)
    library_asked = Signal()
    reload_asked = Signal()
    tour_asked = Signal()
    go_to_asked = Signal()
    oblique_asked = Signal()
    compare_asked = Signal()

    def __init__(
        self,
        store: Callable[[], LessonStore | None],
        volume: Callable[[], Volume | None],
        marks: MarksMenu | None = None,
        is_radiological: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(
            "Lesson",
            (
                ("Open a lesson…", self._open),
                ("Open a packed lesson…", self._open_packed),
                ("Library of lessons", lambda: self.library_asked.emit()),
                ("Lesson: the vascular loop (real scan)", self._open_the_loop),
                ("New lesson on this volume…", self._new),
                ("About this lesson…", self._about),
                ("Save a copy as…", self._copy),
                ("Pack into one file…", self._pack),
                ("Edit the article…", self._edit_article),
                ("Read the lesson's files anew", lambda: self.reload_asked.emit()),
                ("Go back to the lesson as it ships…", self._original),
                ("Figure of the selected mark…", self._figure),
                ("Export for teaching: slides, handout, page, cards…", self._export),
                ("Go to a structure…", lambda: self.go_to_asked.emit()),
                ("Oblique plane and nerve ride", lambda: self.oblique_asked.emit()),
                ("Compare the volumes side by side", lambda: self.compare_asked.emit()),
                ("A walk round this window", lambda: self.tour_asked.emit()),
            ),
        )
        self._store, self._volume, self._is_radiological = store, volume, is_radiological
        self.figure: FigureDialog | None = None
        self.lecture: LectureExport | None = None
        if marks is not None and (menu := self.menu()) is not None:
            marks.setParent(menu, marks.windowFlags())
            menu.addSeparator()
            menu.addMenu(marks)

    def new(self) -> None:
        """Ask for a title and a folder, and make a lesson on the volume that is shown."""
        self.tried(self._new)

    def _open(self) -> None:
        from napari_vascular_loop.lessons import open_lesson

        folder = QFileDialog.getExistingDirectory(self, "Open a lesson's folder")
        if folder:
            self.opened.emit(open_lesson(folder))

    def _open_the_loop(self) -> None:
        from napari_vascular_loop.lessons import LOOP_LESSON, open_shipped_lesson

        self.opened.emit(open_shipped_lesson(LOOP_LESSON))

    def _open_packed(self) -> None:
        from napari_vascular_loop.formats.lesson_archive import ENDING
        from napari_vascular_loop.lessons import open_lesson

        path, _ = QFileDialog.getOpenFileName(self, "Open a packed lesson", "", f"Packed lessons (*{ENDING})")
        if path:
            store = open_lesson(path)
            self.opened.emit(store)
            self.told.emit(f"The lesson was unpacked to {store.folder}; what you change is kept there")

    def _new(self) -> None:
        from napari_vascular_loop.lesson_making import create_lesson

        volume = self._volume()
        if volume is None:
            self.failed.emit("Open a volume first: drag a NIfTI file or a DICOM folder onto the window")
            return
        title, accepted = QInputDialog.getText(self, "New lesson", "Title of the lesson:")
        if not accepted or not title.strip():
            return
        parent = QFileDialog.getExistingDirectory(self, "Folder in which the lesson's folder is made")
        if parent:
            self.created.emit(create_lesson(Path(parent), title.strip(), volume))

    def _copy(self) -> None:
        from napari_vascular_loop.lesson_making import copy_lesson

        store = self._store()
        parent = QFileDialog.getExistingDirectory(self, "Folder in which the copy is made") if store else ""
        if store is None or not parent:
            return
        copy = copy_lesson(store, Path(parent))
        self.opened.emit(copy)
        self.told.emit(f"You are now working on the copy in {copy.folder}")

    def _about(self) -> None:
        store = self._store()
        if store is None:
            self.failed.emit("No lesson is open: open one, or make one of the volume that is shown")
            return
        from napari_vascular_loop.widgets.about_dialog import AboutDialog

        dialog = AboutDialog(store, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _saved_folder(self) -> Path | None:
        """Where the open lesson lies, once all of it is there; None, and why is told, where it can't be saved."""
        store = self._store()
        if store is None:
            return None
        store.save()
        if store.save_state.problem or store.folder is None:
            self.failed.emit(store.save_state.problem or "The lesson has no folder yet")
            return None
        return store.folder

    def _pack(self) -> None:
        from napari_vascular_loop.formats.lesson_archive import ENDING, pack_lesson
        from napari_vascular_loop.lesson_crop import pack_cropped
        from napari_vascular_loop.privacy.gate import check_files
        from napari_vascular_loop.widgets.privacy_question import how_much_goes_out, may_go_out

        folder, store = self._saved_folder(), self._store()
        if folder is None or store is None:
            return
        crop_mm = how_much_goes_out(self.window(), store)
        if crop_mm is None:
            return
        if not crop_mm:
            check_files(store.lesson, folder)
        if not may_go_out(self.window(), store, files=True, volumes=not crop_mm):
            return
        name = f"{folder.name}{ENDING}"
        path, _ = QFileDialog.getSaveFileName(self, "Pack the lesson", name, f"Packed lessons (*{ENDING})")
        if path:
            # The dialog has asked whether a file of that name may go.
            if crop_mm:
                made = pack_cropped(folder, Path(path), crop_mm=crop_mm, overwrite=True)
            else:
                made = pack_lesson(folder, Path(path), overwrite=True)
            self.told.emit(f"The lesson is packed in {made}")

    def _original(self) -> None:
        from napari_vascular_loop.lesson_making import back_to_original

        store = self._store()
        if store is None:
            return
        original, kept = back_to_original(store)
        self.opened.emit(original)
        self.told.emit(f"This is the lesson as it ships. Your copy is kept in {kept}")

    def _edit_article(self) -> None:
        from napari_vascular_loop.formats.lesson_folder import ARTICLE_FILE

        folder = self._saved_folder()
        if folder is None:
            return
        article = folder / ARTICLE_FILE
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(article)))
        self.told.emit(f"Edit {article} and save it: what you write shows here in a moment")

    def draw_figure(self) -> None:
        """Show the figure of the selected mark, to be saved."""
        self.tried(self._figure)

    def _figure(self) -> None:
        store, volume = self._store(), self._volume()
        mark = store.selected if store is not None else None
        if store is None or mark is None:
            self.failed.emit("Select a mark first: its figure is drawn")
            return
        from napari_vascular_loop.widgets.figure_dialog import FigureDialog

        try:
            is_own = volume is not None and store.lesson.volume_of(volume.fingerprint).id == mark.volume_id
        except VascularLoopError:
            is_own = False
        dialog = FigureDialog(store, mark, volume if is_own else None, self._is_radiological(), self.window())
        dialog.told.connect(self.told)
        dialog.show()
        self.figure = dialog
        dialog.destroyed.connect(self._forget_figure)

    def _export(self) -> None:
        folder, store = self._saved_folder(), self._store()
        if folder is None or store is None:
            return
        from napari_vascular_loop.widgets.lecture_export import LectureExport

        if self.lecture is None:
            self.lecture = LectureExport(self)
            self.lecture.told.connect(self.told)
            self.lecture.failed.connect(self.failed)
        self.lecture.ask(store, folder, radiological=self._is_radiological())

    def _forget_figure(self) -> None:
        self.figure = None
