"""Searching a DICOMweb server, and loading series from it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QSplitter, QVBoxLayout, QWidget

from napari_vascular_loop.formats.volumes.dicomweb import MOST_STUDIES, Address, StudyQuery
from napari_vascular_loop.widgets import dicomweb_work
from napari_vascular_loop.widgets.dicomweb_form import DicomwebForm, label_of, remember
from napari_vascular_loop.widgets.dicomweb_server_dialog import ServerDialog
from napari_vascular_loop.widgets.dicomweb_tables import SeriesTable, StudyTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_vascular_loop.formats.volumes import Progress
    from napari_vascular_loop.formats.volumes.dicomweb import Credentials, Series, Study

_SIZE_PX = (900, 640)
_FIRST_WORDS = "Name the server and search it: by patient, by date, or for all that it has."
_NO_MATCH = "No study matches. Leave more fields empty, or put * for what you don't know."
_NOTHING = "The server shows no study. Ask who runs it whether you may see any."
_PICK_STUDY = "Pick a study above to see its series."


class DicomwebDialog(ServerDialog):
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

    _TITLE = "Open from a DICOMweb server"
    _LOAD = "Load"
    _TIP = "Tick what to load; a double click loads one series"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self._TITLE, DicomwebForm(), self._LOAD, "search again", parent)
        self.resize(*_SIZE_PX)
        self._study: Study | None = None
        self._is_narrow = False
        self.studies = StudyTable()
        self.series = self._series_table()
        self.load_button = self.act_button
        self._lay_out()
        self._connect()
        self.studies.show_words(_FIRST_WORDS)
        self.series.show_words(_PICK_STUDY)
        self._rest()

    # ---------------------------------------------------------------- what the user asks for

    def search(self) -> None:
        """Search the server for what is in the fields."""
        address = self._take_server()
        if address is None:
            return
        query = replace(self.form.query(), study=address.study)
        self._study = None
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
        self._begin(f"Loading {what}…", partial(self._work(), address, self._credentials), self._take)

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

    def _work(self) -> Callable[[Address, Credentials | None, Progress], Any]:
        """What is done with what is ticked, in the thread."""
        return dicomweb_work.load

    def _series_table(self) -> SeriesTable:
        return SeriesTable()

    def _take(self, found: Any) -> None:
        if not found.volumes:
            reasons = sorted({stray.reason for stray in found.strays})
            self.tell(f"There is no volume in it: {'; '.join(reasons[:2]) or 'it is empty'}", bad=True)
            return
        self.accept()
        self.chosen.emit(found)

    def _say_what_next(self) -> None:
        """Tell what to do in the tables that are empty, as nothing came."""
        if not self.studies.rowCount():
            self.studies.show_words(_FIRST_WORDS)
        if not self.series.rowCount():
            self.series.show_words(_PICK_STUDY)
            self.studies.clearSelection()

    def _show_possible(self) -> None:
        """Enable what can be done now."""
        count = len(self.series.chosen())
        self.load_button.setText(f"{self._LOAD} {count} series" if count > 1 else self._LOAD)
        self.load_button.setEnabled(self._read is None and count > 0)
        self.form.search_button.setEnabled(self._read is None)

    # ---------------------------------------------------------------- plumbing

    def _connect(self) -> None:
        self.form.search_asked.connect(self.search)
        self.load_button.clicked.connect(lambda: self.load())
        self.studies.picked.connect(self._list_series)
        self.series.ticked.connect(self._show_possible)
        self.series.wanted.connect(self.load)

    def _lay_out(self) -> None:
        self.series.setToolTip(self._TIP)
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
