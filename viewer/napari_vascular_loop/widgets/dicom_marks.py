"""Marks as DICOM objects, from the lesson's menu: which images they lie in, and the work in the background."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog

from napari_vascular_loop.domain.errors import LessonError, VascularLoopError, WrongVolumeError
from napari_vascular_loop.widgets.main_window import is_running, main_window
from napari_vascular_loop.widgets.volume_opening import opening_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from napari_vascular_loop.dicom_source import DicomSource
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.formats.annotations.loss import Loss
    from napari_vascular_loop.formats.volumes import Progress
    from napari_vascular_loop.store import LessonStore
    from napari_vascular_loop.widgets import dicomweb_work
    from napari_vascular_loop.widgets.dicomweb_marks_dialogs import FetchMarksDialog, SendMarksDialog

    Came = tuple[tuple[Annotation, ...], tuple[Loss, ...]]

_WHICH_SERIES = "Folder of the DICOM series that the marks were made on"


class DicomMarks(QObject):
    """Brings in, writes, sends and fetches marks as DICOM.

    What is written names the images: those of the shown volume, if it was read from DICOM, or else of a folder that the
    user is asked for.

    Parameters
    ----------
    store : callable
        Gives the open lesson, or None.
    scene : Scene
        Which volume is shown.
    parent : QObject
        With which it goes.

    Signals
    -------
    came : str, sequence of Annotation, sequence of Loss
        From where marks came in, which, and what did not.
    written : str, sequence of Loss
        What was written or sent, in words; what did not fit.
    failed : str
        What went wrong.
    """

    came = Signal(str, object, object)
    written = Signal(str, object)
    failed = Signal(str)

    def __init__(self, store: Callable[[], LessonStore | None], scene: Scene, parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._scene = store, scene
        self.dialog: FetchMarksDialog | SendMarksDialog | None = None

    # ---------------------------------------------------------------- in

    def bring_in(self, store: LessonStore, path: Path) -> None:
        """Bring in the marks of a structured report.

        Raises
        ------
        LessonError
            If the file can't be read.
        """
        from napari_vascular_loop.exchange import read_marks

        self._read_reports(store, path.name, [(path.name, read_marks(path))], ())

    def fetch(self, store: LessonStore) -> None:
        """Let the user choose reports on a server, and bring in their marks."""
        from napari_vascular_loop.widgets.dicomweb_marks_dialogs import FetchMarksDialog

        dialog = FetchMarksDialog(self._window())
        dialog.chosen.connect(partial(self._guarded, partial(self._on_fetched, store)))
        self._show(dialog)

    def _on_fetched(self, store: LessonStore, fetched: dicomweb_work.Reports) -> None:
        self._read_reports(store, "the server", fetched.reports, fetched.losses)

    def _read_reports(
        self, store: LessonStore, name: str, reports: Sequence[tuple[str, bytes]], more: Sequence[Loss]
    ) -> None:
        lesson, source = store.lesson, self._shown_source(store.lesson)
        read = partial(_read, reports, source, self._volume_id(lesson))
        self._run("Reading marks…", partial(read, lesson), partial(self._put, store, lesson, read, name, more))

    def _put(
        self,
        store: LessonStore,
        lesson: Lesson,
        read: Callable[[Lesson, Progress], Came],
        name: str,
        more: Sequence[Loss],
        came: Came,
    ) -> None:
        if store is not self._store():
            raise LessonError(f"another lesson has been opened meanwhile: the marks of {name} did not come in")
        if store.lesson is not lesson:  # What is there already is another by now.
            from napari_vascular_loop.formats.volumes.found import no_progress

            came = read(store.lesson, no_progress)
        annotations, losses = came
        store.put_all(annotations, f"bring in {name}")
        self.came.emit(name, annotations, (*losses, *more))

    # ---------------------------------------------------------------- out

    def export(self, store: LessonStore, out: Path, kind: str) -> None:
        """Write marks as a structured report ("sr", a file) or presentation states ("gsps", a folder)."""
        self._with_source(store.lesson, partial(self._export, store.lesson, out, kind))

    def _export(self, lesson: Lesson, out: Path, kind: str, source: DicomSource) -> None:
        work = partial(_write, lesson, out, kind, source)
        self._run("Writing marks…", work, partial(self._on_written, out, kind, source))

    def _on_written(self, out: Path, kind: str, source: DicomSource, written: tuple[int, tuple[Loss, ...]]) -> None:
        count, losses = written
        states = "1 presentation state" if count == 1 else f"{count} presentation states"
        said = [f"{states if kind == 'gsps' else 'Marks'} written to {out}", source.remark]
        self.written.emit(". ".join(filter(None, said)), losses)

    def send(self, store: LessonStore) -> None:
        """Let the user send the marks to a server."""
        self._with_source(store.lesson, partial(self._send, store.lesson))

    def _send(self, lesson: Lesson, source: DicomSource) -> None:
        if not source.marks_of(lesson):
            raise LessonError("There is no mark to send: place one first")
        from napari_vascular_loop.widgets.dicomweb_marks_dialogs import SendMarksDialog

        dialog = SendMarksDialog(lesson, source, self._window())
        dialog.sent.connect(self.written)
        self._show(dialog)

    # ---------------------------------------------------------------- which images

    def _shown_source(self, lesson: Lesson) -> DicomSource | None:
        """The images of the shown volume, if it is the lesson's and was read from DICOM."""
        from napari_vascular_loop.dicom_source import source_of

        volume = self._scene.volume
        if volume is None or self._scene.volume_id is None or volume.provenance.format != "dicom":
            return None
        try:
            return source_of(lesson, volume, self._scene.volume_id)
        except WrongVolumeError:
            return None

    def _with_source(self, lesson: Lesson, then: Callable[[DicomSource], None]) -> None:
        """Go on with the images that the marks were made on, once they are known."""
        from napari_vascular_loop.dicom_source import find_source

        shown = self._shown_source(lesson)
        if shown is not None:
            then(shown)
            return
        folder = QFileDialog.getExistingDirectory(self._window(), _WHICH_SERIES)
        if folder:
            work = partial(find_source, lesson, folder, self._volume_id(lesson))
            self._run("Comparing the series with the lesson's volume…", work, then)

    def _volume_id(self, lesson: Lesson) -> str | None:
        """Which of several volumes is meant: the one that is shown."""
        return self._scene.volume_id if len(lesson.volumes) > 1 else None

    # ---------------------------------------------------------------- work

    def _run(self, title: str, work: Callable[[Progress], Any], then: Callable[[Any], None]) -> None:
        """Do work in the background where a user waits in a window; at once for a script."""
        opening = opening_of(self._scene.viewer)
        if opening is not None and is_running():
            opening.run(title, work, partial(self._guarded, then))
        else:
            from napari_vascular_loop.formats.volumes.found import no_progress

            then(work(no_progress))

    def _guarded(self, then: Callable[[Any], None], result: Any) -> None:
        try:
            then(result)
        except VascularLoopError as error:
            self.failed.emit(str(error))

    def _show(self, dialog: FetchMarksDialog | SendMarksDialog) -> None:
        self.dialog = dialog
        dialog.destroyed.connect(partial(_forget, self, id(dialog)))
        dialog.show()

    def _window(self) -> Any:
        return main_window(self._scene.viewer)


def _read(
    reports: Sequence[tuple[str, bytes]],
    source: DicomSource | None,
    volume_id: str | None,
    lesson: Lesson,
    _progress: Progress,
) -> Came:
    from napari_vascular_loop.exchange_dicom import import_report

    return import_report(reports, lesson, volume_id, source)


def _write(
    lesson: Lesson, out: Path, kind: str, source: DicomSource, progress: Progress
) -> tuple[int, tuple[Loss, ...]]:
    from napari_vascular_loop.exchange_dicom import export_dicom

    paths, losses = export_dicom(lesson, out, source, kind, progress)
    return len(paths), losses


def _forget(marks: DicomMarks, dialog_id: int, *_: object) -> None:
    if marks.dialog is not None and id(marks.dialog) == dialog_id:
        marks.dialog = None
