"""Marks from other programs and for them: asks for a file, forwards it, shows what did not fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from napari_vascular_loop.display.foreign_layers import annotations_of_layer
from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.widgets.dicom_marks import DicomMarks
from napari_vascular_loop.widgets.main_window import main_window
from napari_vascular_loop.widgets.menu_button import fill
from napari_vascular_loop.widgets.settings import author

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.formats.annotations.loss import Loss
    from napari_vascular_loop.store import LessonStore

_IN = "Marks (*.mrk.json *.fcsv *.csv *.jsonld *.json *.dcm *.dicom);;All files, DICOM reports among them (*)"
_OUT = ";;".join(
    (
        "3D Slicer (*.mrk.json)",
        "3D Slicer, older (*.fcsv)",
        "Table, RAS and LPS mm (*.csv)",
        "Web Annotation (*.jsonld)",
        "FSLeyes (*.txt)",
        "DICOM structured report (*.dcm)",
    )
)
_MOST_LINES = 12


class MarksMenu(QMenu):
    """The part of the lesson's menu that is about marks and other programs.

    Parameters
    ----------
    store : callable
        Gives the open lesson, or None.
    scene : Scene
        Which volume is shown, and what else is drawn beside it.

    Signals
    -------
    told, failed : str
        What was done; what went wrong.
    """

    told = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        store: Callable[[], LessonStore | None],
        scene: Scene,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Marks and other programs", parent)
        self._store, self._scene = store, scene
        self.report: QMessageBox | None = None
        self.dicom = DicomMarks(store, scene, self)
        self.dicom.came.connect(self._say_came)
        self.dicom.written.connect(self._say)
        self.dicom.failed.connect(self.failed)
        fill(
            self,
            (
                ("Bring in marks…", lambda: self._guarded(self._bring_in)),
                ("Export marks…", self.export),
                ("Export DICOM presentation states…", lambda: self._guarded(self._export_states)),
                None,
                ("Send marks to a DICOMweb server…", lambda: self._guarded(self._send)),
                ("Fetch marks from a DICOMweb server…", lambda: self._guarded(self.dicom.fetch)),
                None,
                ("Make marks of the selected napari layer", self.take_over_layer),
            ),
            lambda act: act(),
        )

    def export(self) -> None:
        """Ask for a file, and write the lesson's marks for another program."""
        self._guarded(self._export)

    def take_over_layer(self) -> None:
        """Make marks of the points or shapes in the layer that is selected in napari's list."""
        self._guarded(self._take_over_layer)

    def _guarded(self, act: Callable[[LessonStore], None]) -> None:
        store = self._store()
        if store is None:
            self.failed.emit("Open a lesson first")
            return
        try:
            act(store)
        except VascularLoopError as error:
            self.failed.emit(str(error))

    def _bring_in(self, store: LessonStore) -> None:
        from napari_vascular_loop.exchange import import_annotations, is_dicom

        path, _ = QFileDialog.getOpenFileName(self._window(), "Bring in marks of another program", "", _IN)
        if not path:
            return
        if is_dicom(Path(path)):
            self.dicom.bring_in(store, Path(path))
            return
        volume_id = self._scene.volume_id if len(store.lesson.volumes) > 1 else None
        annotations, losses = import_annotations(Path(path), store.lesson, volume_id)
        store.put_all(annotations, f"bring in {Path(path).name}")
        self._say_came(Path(path).name, annotations, losses)

    def _export(self, store: LessonStore) -> None:
        from napari_vascular_loop.exchange import DICOM_ENDINGS, export_annotations
        from napari_vascular_loop.widgets.privacy_question import may_go_out

        if not may_go_out(self._window(), store):
            return
        path, chosen = QFileDialog.getSaveFileName(self._window(), "Export marks", "marks.mrk.json", _OUT)
        if not path:
            return
        ending = chosen.partition("*")[2].rstrip(")")
        out = Path(path) if Path(path).suffix else Path(path + ending)
        if out.suffix.casefold() in DICOM_ENDINGS:
            self.dicom.export(store, out, "sr")
            return
        volume_id = self._scene.volume_id if _in_several_volumes(store.lesson) else None
        losses = export_annotations(store.lesson, out, volume_id=volume_id)
        self._say(f"Marks written to {out}", losses)

    def _export_states(self, store: LessonStore) -> None:
        from napari_vascular_loop.widgets.privacy_question import may_go_out

        if not may_go_out(self._window(), store):
            return
        folder = QFileDialog.getExistingDirectory(self._window(), "Folder for the presentation states")
        if folder:
            self.dicom.export(store, Path(folder), "gsps")

    def _send(self, store: LessonStore) -> None:
        from napari_vascular_loop.widgets.privacy_question import may_go_out

        # The server has the patient's name; whoever fetches the marks for a lesson elsewhere should not.
        if may_go_out(self._window(), store):
            self.dicom.send(store)

    def _take_over_layer(self, store: LessonStore) -> None:
        from napari_vascular_loop.formats.annotations.loss import Loss

        scene = self._scene
        layer = scene.viewer.layers.selection.active if scene.viewer is not None else None
        if scene.volume is None or scene.volume_id is None:
            raise VascularLoopError("Show the lesson's volume first: marks lie in it")
        if layer is None:
            raise VascularLoopError("Select one layer in napari's list, with points or shapes in it")
        annotations, losses = annotations_of_layer(
            layer, scene.volume.frame.ras_from_display, scene.volume_id, author()
        )
        store.put_all(annotations, "make marks of a layer")
        said = f"{_count(annotations)} made; the layer is as it was, hide or delete it"
        self._say(said, [Loss(words) for words in losses])

    def _say_came(self, name: str, annotations: Sequence[Annotation], losses: Sequence[Loss]) -> None:
        from napari_vascular_loop.formats.annotations.loss import already_there_words

        there = already_there_words(losses)
        came = f"{_count(annotations)} came in from {name}" if annotations or not there else f"Nothing new from {name}"
        self._say(". ".join(filter(None, [came, there])), losses)

    def _say(self, text: str, losses: Sequence[Loss]) -> None:
        from napari_vascular_loop.formats.annotations.loss import loss_lines

        lines = loss_lines(losses)
        self.told.emit(f"{text}. {f'{len(lines)} things did not fit.' if lines else ''}".strip())
        if not lines:
            return
        box = QMessageBox(QMessageBox.Icon.Information, "What did not fit", text, parent=self._window())
        more = f"\n… and {len(lines) - _MOST_LINES} more, see the details" if len(lines) > _MOST_LINES else ""
        box.setInformativeText("Not kept:\n• " + "\n• ".join(lines[:_MOST_LINES]) + more)
        if more:
            box.setDetailedText("\n".join(lines))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setModal(False)
        box.show()
        self.report = box

    def _window(self) -> Any:
        return main_window(self._scene.viewer)


def _count(annotations: Sequence[Annotation]) -> str:
    return f"{len(annotations)} mark{'' if len(annotations) == 1 else 's'}"


def _in_several_volumes(lesson: Lesson) -> bool:
    return len({annotation.volume_id for annotation in lesson.annotations}) > 1
