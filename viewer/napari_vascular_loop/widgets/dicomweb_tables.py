"""Tables of what a DICOMweb server holds: studies, and the series of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QRect, Qt, Signal
from qtpy.QtGui import QColor, QPainter, QPalette
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from napari_vascular_loop.formats.volumes.dicomweb import NO_IMAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.formats.volumes.dicomweb import Series, Study

_STUDY_COLUMNS = ("Patient", "Patient ID", "Date", "Study", "Kind", "Series", "Images")
_SERIES_COLUMNS = ("No.", "Series", "Kind", "Images")
_TICKED = QColor(47, 109, 181, 110)
_WORDS_MARGIN_PX = 24
_NAME_WIDTH_PX = 190

# napari's boxes have the colour of its tables.
_STYLE = """
QTableWidget::item { padding-left: 6px; padding-right: 6px; }
QTableWidget::indicator:unchecked { border: 1px solid #8A93A0; border-radius: 3px; }
QHeaderView::section { padding-left: 6px; padding-right: 6px; }
"""


class _Table(QTableWidget):
    """Rows of texts that can't be changed; where there are none, words in their place."""

    def __init__(self, columns: Sequence[str], wide: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(0, len(columns), parent)
        self._words = ""
        self.setHorizontalHeaderLabels(list(columns))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setStyleSheet(_STYLE)
        self.setWordWrap(False)
        self.verticalHeader().setVisible(False)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, name in enumerate(columns):
            stretches = name in wide
            mode = QHeaderView.ResizeMode.Stretch if stretches else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(column, mode)

    def show_words(self, words: str) -> None:
        """Take all rows away, and say why there are none."""
        self.setRowCount(0)
        self._words = words
        self.viewport().update()

    def words(self) -> str:
        """What is said in place of rows; "" where there are rows."""
        return "" if self.rowCount() else self._words

    def fill(self, rows: Sequence[Sequence[str]]) -> None:
        """Show rows of texts."""
        self.clearSelection()
        self.setRowCount(len(rows))
        for number, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.setItem(number, column, item)
        self.scrollToTop()

    def paintEvent(self, event: Any) -> None:
        """Write the words into the empty table."""
        super().paintEvent(event)
        if not self.words():
            return
        painter = QPainter(self.viewport())
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        painter.setOpacity(0.7)
        margin = _WORDS_MARGIN_PX
        place: QRect = self.viewport().rect().adjusted(margin, 0, -margin, 0)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._words)
        painter.end()


class StudyTable(_Table):
    """Studies, of which one is picked.

    Signals
    -------
    picked : Study
        The user wants to see its series.
    """

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_STUDY_COLUMNS, ("Study",), parent)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.setColumnWidth(0, _NAME_WIDTH_PX)
        self._studies: tuple[Study, ...] = ()
        self.setAccessibleName("Studies")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.itemSelectionChanged.connect(self._on_selected)

    def show_studies(self, studies: Sequence[Study]) -> None:
        """Show studies; a single one is picked at once."""
        self._studies = tuple(studies)
        self.fill([_study_texts(study) for study in studies])
        if len(studies) == 1:
            self.selectRow(0)

    def _on_selected(self) -> None:
        rows = self.selectionModel().selectedRows()
        if rows and rows[0].row() < len(self._studies):
            self.picked.emit(self._studies[rows[0].row()])


class SeriesTable(_Table):
    """Series of a study, of which those may be ticked that are of a modality; if none is given, those with images.

    Signals
    -------
    ticked
        Other series are ticked than before.
    wanted
        One series was double-clicked: it is to be loaded. It alone is ticked.
    """

    ticked = Signal()
    wanted = Signal()

    def __init__(self, modality: str | None = None, parent: QWidget | None = None) -> None:
        super().__init__(_SERIES_COLUMNS, ("Series",), parent)
        self._modality = modality
        self._series: tuple[Series, ...] = ()
        self.setAccessibleName("Series")
        # What is ticked is what counts: a selection beside it would only confuse.
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.itemChanged.connect(self._on_changed)
        self.cellClicked.connect(self._on_clicked)
        self.cellDoubleClicked.connect(self._on_double_clicked)

    def show_series(self, series: Sequence[Series]) -> None:
        """Show the series of a study; if only one holds what is looked for, it is ticked."""
        self.blockSignals(True)
        self._series = tuple(series)
        self.fill([_series_texts(one) for one in series])
        for row, one in enumerate(series):
            self._make_tickable(row, one)
        fitting = [row for row, one in enumerate(series) if self._fits(one)]
        if len(fitting) == 1:
            self.tick(fitting[0])
        self.blockSignals(False)
        self.ticked.emit()

    def show_words(self, words: str) -> None:
        """Take all rows away, and say why there are none."""
        self._series = ()
        super().show_words(words)
        self.ticked.emit()

    def chosen(self) -> tuple[Series, ...]:
        """The series that are ticked."""
        return tuple(one for row, one in enumerate(self._series) if self._is_ticked(row))

    def tick(self, row: int, ticked: bool = True) -> None:
        """Tick a series, or not."""
        self.item(row, 0).setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        self._paint_row(row)

    def _fits(self, series: Series) -> bool:
        return series.modality == self._modality if self._modality else series.modality not in NO_IMAGES

    def _make_tickable(self, row: int, series: Series) -> None:
        if not self._fits(series):
            kind = NO_IMAGES.get(series.modality, "images")
            what = f"it is not {NO_IMAGES[self._modality]}" if self._modality else "it holds no images"
            for column in range(self.columnCount()):
                item = self.item(row, column)
                item.setFlags(Qt.ItemFlag.NoItemFlags)
                item.setToolTip(f"{kind}: {what}")
        else:
            self.item(row, 0).setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            self.tick(row, ticked=False)

    def _is_ticked(self, row: int) -> bool:
        item = self.item(row, 0)
        return item is not None and bool(item.checkState() == Qt.CheckState.Checked)

    def _can_be_ticked(self, row: int) -> bool:
        return bool(self.item(row, 0).flags() & Qt.ItemFlag.ItemIsUserCheckable)

    def _on_changed(self, item: QTableWidgetItem) -> None:
        if item.column() == 0:
            self._paint_row(item.row())
            self.ticked.emit()

    def _paint_row(self, row: int) -> None:
        """Give a row the colour of what is ticked, or none."""
        for column in range(self.columnCount()):
            self.item(row, column).setData(Qt.ItemDataRole.BackgroundRole, _TICKED if self._is_ticked(row) else None)

    def _on_clicked(self, row: int, column: int) -> None:
        # A click on the box itself has been seen to by the table.
        if column != 0 and self._can_be_ticked(row):
            self.tick(row, not self._is_ticked(row))

    def _on_double_clicked(self, row: int, _column: int) -> None:
        if self._can_be_ticked(row):
            for each in range(self.rowCount()):
                if self._can_be_ticked(each):
                    self.tick(each, each == row)
            self.wanted.emit()


def _study_texts(study: Study) -> list[str]:
    return [
        _name(study.patient_name),
        study.patient_id,
        study.date,
        study.description or "(no description)",
        ", ".join(study.modalities),
        _number(study.series_count),
        _number(study.image_count),
    ]


def _series_texts(series: Series) -> list[str]:
    kind = NO_IMAGES.get(series.modality)
    return [
        _number(series.number),
        series.description or "(no description)",
        f"{series.modality}: {kind}" if kind else series.modality,
        _number(series.image_count),
    ]


def _name(name: str) -> str:
    """DICOM's FAMILY^GIVEN^MIDDLE^PREFIX^SUFFIX as people write it."""
    family, *others = (part.strip() for part in name.split("^"))
    return ", ".join(part for part in (family, " ".join(filter(None, others))) if part) or "(no name)"


def _number(number: int | None) -> str:
    return "" if number is None else str(number)
