"""Searching a DICOMweb server, and loading series from it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.formats.volumes.dicomweb import (
    MOST_STUDIES,
    Address,
    Credentials,
    CredentialsNeededError,
    Server,
    StudyQuery,
)
from napari_vascular_loop.widgets import dicomweb_work
from napari_vascular_loop.widgets.background_read import BackgroundRead
from napari_vascular_loop.widgets.dicomweb_form import DicomwebForm, label_of, remember
from napari_vascular_loop.widgets.dicomweb_tables import SeriesTable, StudyTable
from napari_vascular_loop.widgets.dicomweb_wait_row import WaitRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_vascular_loop.formats.volumes import Found, Progress
    from napari_vascular_loop.formats.volumes.dicomweb import Series, Study

_SIZE_PX = (900, 640)
_FIRST_WORDS = "Name the server and search it: by patient, by date, or for all that it has."
_NO_MATCH = "No study matches. Leave more fields empty, or put * for what you don't know."
_NOTHING = "The server shows no study. Ask who runs it whether you may see any."
_PICK_STUDY = "Pick a study above to see its series."
_GOOD, _BAD = "#24445C", "#7A1F1F"


class DicomwebDialog(QDialog):
    """Server, search, studies, series, load. Whatever waits for the server is done in a thread.

    Patients' names are on the screen only; kept are the server's address, and the password if the user ticks it, in
    the keyring.

    Parameters
    ----------
    parent : QWidget, optional
        The window.

    Signals
    -------
    chosen : Found
        What the user has loaded: at least one volume.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Open from a DICOMweb server")
        self.resize(*_SIZE_PX)
        self._read: BackgroundRead | None = None
        self._server: Server | None = None
        self._study: Study | None = None
        self._credentials: Credentials | None = None
        self._is_narrow = False
        self.form = DicomwebForm()
        self.message = QLabel()
        self.studies = StudyTable()
        self.series = SeriesTable()
        self.waiting = WaitRow()
        self.load_button = QPushButton("Load")
        self.close_button = QPushButton("Close")
        self._lay_out()
        self._connect()
        self.studies.show_words(_FIRST_WORDS)
        self.series.show_words(_PICK_STUDY)
        self._rest()

    # ---------------------------------------------------------------- what the user asks for

    def search(self) -> None:
        """Search the server for what is in the fields."""
        try:
            address = self.form.address()
        except VolumeReadError as error:
            self.tell(str(error), bad=True)
            self.form.server.setFocus()
            return
        query = replace(self.form.query(), study=address.study)
        self._server, self._study, self._credentials = address.server, None, self.form.credentials()
        self._is_narrow = query != StudyQuery()
        keep = self.form.sign_in.wants_keeping()
        self.studies.show_words("")
        self.series.show_words(_PICK_STUDY)
        work = partial(dicomweb_work.search, address.server, query, self._credentials, keep)
        self._begin(f"Searching {address.server.authority}…", work, self._show_studies)

    def load(self) -> None:
        """Load the series that are ticked."""
        series = self.series.chosen()
        if self._server is None or self._study is None or not series:
            return
        address = Address(self._server, self._study.uid, tuple(one.uid for one in series))
        what = "1 series" if len(series) == 1 else f"{len(series)} series"
        work = partial(dicomweb_work.load, address, self._credentials)
        self._begin(f"Loading {what}…", work, self._take)

    def cancel(self) -> None:
        """End what is under way; nothing of it is kept."""
        if self._read is not None:
            self._read.cancel()
            self._rest()
            self._say_what_next()
            self.tell("Cancelled; nothing was kept.")

    def tell(self, text: str, bad: bool = False) -> None:
        """Show a sentence over the tables; "" takes it away."""
        self.message.setText(text[:1].upper() + text[1:])
        self.message.setVisible(bool(text))
        self.message.setStyleSheet(
            f"background-color: {_BAD if bad else _GOOD}; color: white; padding: 6px; border-radius: 3px;"
        )

    def done(self, result: int) -> None:
        """End, whichever way; what is under way ends too, and the password is forgotten."""
        if self._read is not None:
            self._read.cancel()
            self._read = None
        self.form.sign_in.clear()
        self._credentials = None
        super().done(result)

    # ---------------------------------------------------------------- what the server answers

    def _show_studies(self, answer: dicomweb_work.Studies) -> None:
        if self._server is not None:
            remember(self._server)
        if answer.problem:
            self.tell(answer.problem, bad=True)
        elif len(answer.studies) >= MOST_STUDIES:
            self.tell(f"The server has more than these {MOST_STUDIES} studies: search for a patient or a date.")
        if answer.studies:
            self.studies.show_studies(answer.studies)
            if self._study is None:
                self.studies.setFocus()
        else:
            self.studies.show_words(_NO_MATCH if self._is_narrow else _NOTHING)

    def _list_series(self, study: Study) -> None:
        if self._server is None:
            return
        self._study = study
        self.series.show_words("")
        work = partial(dicomweb_work.list_series, self._server, study.uid, self._credentials)
        self._begin("Looking at the study…", work, self._show_series)

    def _show_series(self, series: Sequence[Series]) -> None:
        if series:
            self.series.show_series(series)
        else:
            self.series.show_words("This study is empty.")

    def _take(self, found: Found) -> None:
        if not found.volumes:
            reasons = sorted({stray.reason for stray in found.strays})
            self.tell(f"There is no volume in it: {'; '.join(reasons[:2]) or 'it is empty'}", bad=True)
            return
        self.accept()
        self.chosen.emit(found)

    def _ask_to_sign_in(self, error: CredentialsNeededError) -> None:
        server = self._server
        if server is None or not server.is_private:  # nothing that is typed would be sent there
            self._show_problem(str(error))
            return
        tried = self._credentials is not None
        self.form.ask_to_sign_in()
        self._show_problem(
            f"{server.authority} does not accept this user name and password. Try others, and search again."
            if tried
            else f"{server.authority} asks who you are. Give user name and password above, and search again."
        )

    def _show_problem(self, problem: str) -> None:
        self._say_what_next()
        self.tell(problem, bad=True)

    def _say_what_next(self) -> None:
        """Tell what to do in the tables that are empty, as nothing came."""
        if not self.studies.rowCount():
            self.studies.show_words(_FIRST_WORDS)
        if not self.series.rowCount():
            self.series.show_words(_PICK_STUDY)
            self.studies.clearSelection()

    # ---------------------------------------------------------------- the thread

    def _begin(self, title: str, work: Callable[[Progress], Any], then: Callable[[Any], None]) -> None:
        """Do work in a thread; what was under way ends."""
        if self._read is not None:
            self._read.cancel()
        self.tell("")
        read = self._read = BackgroundRead(work, self)
        read.progressed.connect(partial(self._on_progress, read))
        read.returned.connect(partial(self._on_returned, read, then))
        read.failed.connect(partial(self._on_failed, read))
        read.ended.connect(partial(self._on_ended, read))
        self.waiting.begin(title)
        self._show_possible()
        read.start()

    def _on_progress(self, read: BackgroundRead, done: float) -> None:
        if read is self._read:
            self.waiting.show_progress(done)

    def _on_returned(self, read: BackgroundRead, then: Callable[[Any], None], answer: Any) -> None:
        if read is not self._read:
            return
        self._rest()
        if isinstance(answer, CredentialsNeededError):
            self._ask_to_sign_in(answer)
        else:
            then(answer)

    def _on_failed(self, read: BackgroundRead, problem: str) -> None:
        if read is self._read:
            self._rest()
            self._show_problem(problem)

    def _on_ended(self, read: BackgroundRead) -> None:
        if read is self._read:
            self._rest()
        read.deleteLater()

    def _rest(self) -> None:
        """Nothing is under way."""
        self._read = None
        self.waiting.hide()
        self._show_possible()

    def _show_possible(self) -> None:
        """Enable what can be done now."""
        count = len(self.series.chosen())
        self.load_button.setText(f"Load {count} series" if count > 1 else "Load")
        self.load_button.setEnabled(self._read is None and count > 0)
        self.form.search_button.setEnabled(self._read is None)

    # ---------------------------------------------------------------- plumbing

    def _connect(self) -> None:
        self.form.search_asked.connect(self.search)
        self.load_button.clicked.connect(lambda: self.load())
        self.waiting.cancel_asked.connect(self.cancel)
        self.close_button.clicked.connect(lambda: self.reject())
        self.studies.picked.connect(self._list_series)
        self.series.ticked.connect(self._show_possible)
        self.series.wanted.connect(self.load)

    def _lay_out(self) -> None:
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setVisible(False)
        for button in (self.load_button, self.close_button):
            button.setAutoDefault(False)
        self.series.setToolTip("Tick what to load; a double click loads one series")
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self.form)
        layout.addWidget(self.message)
        layout.addWidget(self._tables(), 1)
        layout.addLayout(self._buttons())

    def _tables(self) -> QSplitter:
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        for name, table in (("Studies", self.studies), ("Series of the study", self.series)):
            part = QWidget()
            column = QVBoxLayout(part)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(3)
            column.addWidget(label_of(name, table))
            column.addWidget(table)
            split.addWidget(part)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        return split

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.waiting)
        row.addStretch()
        row.addWidget(self.load_button)
        row.addWidget(self.close_button)
        return row
