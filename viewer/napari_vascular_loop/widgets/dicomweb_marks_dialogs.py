"""Marks that a department shares by its DICOMweb server: sending them, and fetching those that are there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout, QWidget

from napari_vascular_loop.widgets import dicomweb_work
from napari_vascular_loop.widgets.dicomweb_dialog import DicomwebDialog
from napari_vascular_loop.widgets.dicomweb_form import DicomwebForm, remember
from napari_vascular_loop.widgets.dicomweb_server_dialog import ServerDialog
from napari_vascular_loop.widgets.dicomweb_tables import SeriesTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.dicom_source import DicomSource
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.formats.volumes import Progress
    from napari_vascular_loop.formats.volumes.dicomweb import Address, Credentials

_SIZE_PX = (660, 360)
"""High enough for the fields to sign in and a long sentence, which come when they are needed."""

_KINDS = (
    ("sr", "A structured report: all that is said of the marks; other lessons can fetch it"),
    ("gsps", "Presentation states: drawings over the slices, for any viewer; they can't be fetched again"),
)


class FetchMarksDialog(DicomwebDialog):
    """Server, search, studies, series, as for volumes; what may be ticked are structured reports.

    Signals
    -------
    chosen : dicomweb_work.Reports
        What the user has fetched: at least one report.
    """

    _TITLE = "Fetch marks from a DICOMweb server"
    _LOAD = "Fetch"
    _TIP = "Tick the reports whose marks are to come in; a double click fetches one"

    def _series_table(self) -> SeriesTable:
        return SeriesTable("SR")

    def _work(self) -> Callable[[Address, Credentials | None, Progress], Any]:
        return dicomweb_work.fetch_marks

    def _show_series(self, series: Any) -> None:
        super()._show_series(series)
        if series and not any(one.modality == "SR" for one in series):
            self.tell("There is no structured report in this study: nobody has sent marks to it.")

    def _take(self, reports: Any) -> None:
        self.accept()
        self.chosen.emit(reports)


class SendMarksDialog(ServerDialog):
    """Sends the marks of a volume to a server, into the study of its images.

    Parameters
    ----------
    lesson : Lesson
        With marks in the volume.
    source : DicomSource
        Its images.
    parent : QWidget, optional
        The window.

    Signals
    -------
    sent : str, tuple of Loss
        What the server has now, in words; what did not fit.
    """

    sent = Signal(str, tuple)

    def __init__(self, lesson: Lesson, source: DicomSource, parent: QWidget | None = None) -> None:
        form = DicomwebForm(searches=False)
        super().__init__("Send marks to a DICOMweb server", form, "Send", "press Send again", parent)
        self.resize(*_SIZE_PX)
        self.setWindowModality(Qt.WindowModality.WindowModal)  # What is sent is what is counted here.
        self._lesson, self._source = lesson, source
        count = len(source.marks_of(lesson))
        about = f"{count} mark{'' if count == 1 else 's'} of {lesson.volume(source.volume_id).title!r}"
        self.about = QLabel(
            f"{about} will lie in the study of the images, for whoever may see that. The server gets the marks with "
            "their labels, notes and authors, and the images' UIDs; nothing else of the patient."
        )
        self.about.setWordWrap(True)
        self.kinds = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self.form)
        layout.addWidget(self.about)
        for number, (_, words) in enumerate(_KINDS):
            button = QRadioButton(words)
            button.setChecked(number == 0)
            self.kinds.addButton(button, number)
            layout.addWidget(button)
        layout.addWidget(self.message)
        layout.addStretch()
        layout.addLayout(self._buttons())
        self.act_button.setDefault(True)
        self.act_button.clicked.connect(lambda: self.send())

    def send(self) -> None:
        """Send the marks to the server that was named."""
        address = self._take_server()
        if address is None:
            return
        kind, _ = _KINDS[self.kinds.checkedId()]
        keep = self.form.sign_in.wants_keeping()
        work = partial(dicomweb_work.send_marks, self._lesson, self._source, kind, address, self._credentials, keep)
        self._begin(f"Sending to {address.server.authority}…", work, self._take)

    def _take(self, sent: dicomweb_work.Sent) -> None:
        if self._server is None:
            return
        remember(self._server)
        what = "1 DICOM object" if sent.count == 1 else f"{sent.count} DICOM objects"
        count = len(self._source.marks_of(self._lesson))
        marks = "1 mark is" if count == 1 else f"{count} marks are"
        said = f"{marks} now on {self._server.authority}, as {what}"
        self.accept()
        self.sent.emit(". ".join(filter(None, [said, sent.problem])), sent.losses)

    def _show_possible(self) -> None:
        self.act_button.setEnabled(self._read is None)
