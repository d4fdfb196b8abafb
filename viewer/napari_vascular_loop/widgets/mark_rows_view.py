"""The table of marks as it is seen and walked, and the box that says which of them are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSignalBlocker, QSize, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QComboBox, QHeaderView, QTableView

from napari_vascular_loop.widgets.mark_rows import ICON_PX, LOCKED, NAME, SHOWN

if TYPE_CHECKING:
    from napari_vascular_loop.widgets.mark_rows import MarkRows

_NARROW_PX = 28
_ROW_PX = 22


class RowsView(QTableView):
    """Rows without a grid; says where the user walks, and where Delete is pressed."""

    walked = Signal(int)
    delete_asked = Signal(int)

    def __init__(self, rows: MarkRows) -> None:
        super().__init__()
        self.setModel(rows)
        self.setAccessibleName("Marks")
        self.setShowGrid(False)
        self.setIconSize(QSize(ICON_PX, ICON_PX))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        across, down = self.horizontalHeader(), self.verticalHeader()
        if across is not None and down is not None:
            across.hide()
            across.setMinimumSectionSize(_NARROW_PX)
            across.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
            for column in (SHOWN, LOCKED):
                across.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
                self.setColumnWidth(column, _NARROW_PX)
            down.hide()
            down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            down.setDefaultSectionSize(_ROW_PX)
        self._is_silent = False

    def silence(self) -> _Silence:
        """While rows are put in, nobody walks."""
        return _Silence(self)

    def light(self, row: int | None) -> None:
        """Make a row the current one, or none."""
        with self.silence():
            if row is None:
                self.clearSelection()
                self.setCurrentIndex(self.rootIndex())
            else:
                index = self.model().index(row, NAME)
                self.setCurrentIndex(index)
                self.scrollTo(index)

    def currentChanged(self, current: Any, previous: Any) -> None:
        """Say where the user has walked; a click on an eye or a lock goes nowhere."""
        super().currentChanged(current, previous)
        if current.isValid() and current.column() == NAME and not self._is_silent:
            self.walked.emit(current.row())

    def focusInEvent(self, event: Any) -> None:
        """Qt makes the first row the current one, to which nobody has walked."""
        with self.silence():
            super().focusInEvent(event)

    def keyPressEvent(self, event: Any) -> None:
        """Delete the current mark on Delete or Backspace."""
        if self.currentIndex().isValid() and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_asked.emit(self.currentIndex().row())
            return
        super().keyPressEvent(event)


class _Silence:
    def __init__(self, view: RowsView) -> None:
        self._view = view

    def __enter__(self) -> None:
        self._before, self._view._is_silent = self._view._is_silent, True

    def __exit__(self, *_: object) -> None:
        self._view._is_silent = self._before


class OfferBox(QComboBox):
    """A box that doesn't ask for more room than it has, and keeps its choice when its items change."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self._offers: list[tuple[str, dict[str, Any]]] = []

    def offer(self, offers: list[tuple[str, dict[str, Any]]]) -> bool:
        """Show these; whether the choice is gone."""
        if offers == self._offers:
            return False
        chosen = self.value()
        with QSignalBlocker(self):
            self.clear()
            self._offers = offers
            self.addItems([text for text, _ in offers])
            at = next((n for n, (_, value) in enumerate(offers) if value == chosen), 0)
            self.setCurrentIndex(at)
        return self.value() != chosen

    def value(self) -> dict[str, Any]:
        """What is chosen: fields of a query."""
        at = self.currentIndex()
        return self._offers[at][1] if 0 <= at < len(self._offers) else {}
