"""The list of marks: searched, sorted, filtered; a click goes to a mark, hides it or locks it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.mark_query import MarkQuery, Order
from napari_vascular_loop.domain.terms import structure_name
from napari_vascular_loop.widgets.buttons import toggle
from napari_vascular_loop.widgets.mark_rows import LOCKED, NAME, SHOWN, MarkRows
from napari_vascular_loop.widgets.mark_rows_view import OfferBox, RowsView

if TYPE_CHECKING:
    from napari_vascular_loop.display.mark_filter import MarkFilter
    from napari_vascular_loop.store import LessonStore


class MarkList(QWidget):
    """Rows of a store's annotations.

    Parameters
    ----------
    marks : MarkFilter
        Which marks are hidden, locked, or shown alone.

    Signals
    -------
    chosen : str
        Id of the mark that the user clicked or walked to.
    delete_asked : str
        Id of the mark on which Delete was pressed.
    """

    chosen = Signal(str)
    delete_asked = Signal(str)

    def __init__(self, marks: MarkFilter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filter = marks
        self._store: LessonStore | None = None
        self._volume_id: str | None = None
        self._query = MarkQuery()
        self.search = QLineEdit(placeholderText="Search: name, note, structure, code, author", clearButtonEnabled=True)
        self.search.setAccessibleName("Search marks")
        self.which = OfferBox("Which marks are listed")
        self.order = OfferBox("Order of the list")
        for order in Order:
            self.order.addItem(order.value)
        self.alone = toggle("Only selected", "Show nothing on the image but the selected mark (Shift+H)")
        self.rows = MarkRows(marks)
        self.view = RowsView(self.rows)
        self.empty = QLabel()
        self.empty.setWordWrap(True)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self.search.textChanged.connect(self._on_query)
        self.which.currentIndexChanged.connect(self._on_query)
        self.order.currentIndexChanged.connect(self._on_query)
        self.alone.clicked.connect(marks.show_only_selected)
        self.view.walked.connect(self._on_walked)
        self.view.clicked.connect(self._on_clicked)
        self.view.delete_asked.connect(self._on_delete)
        marks.changed.connect(self._on_filter)
        self._list()

    def let_go(self) -> None:
        """Listen to nothing any more."""
        self._filter.changed.disconnect(self._on_filter)

    # ---------------------------------------------------------------- what is listed

    def show_marks(self, store: LessonStore | None, shown_volume_id: str | None) -> None:
        """List the marks as they are now; those of a volume that isn't shown are greyed."""
        self._store, self._volume_id = store, shown_volume_id
        self._offer()
        self._list()

    def show_selected(self, store: LessonStore) -> None:
        """Light the row of the selected mark."""
        selected = store.selected
        self.view.light(self.rows.row_of(selected.id) if selected is not None else None)

    def count(self) -> int:
        """How many rows there are."""
        return self.rows.rowCount()

    def texts(self) -> list[str]:
        """What the rows say, from the top."""
        return [str(self.rows.data(self.rows.index(row, NAME))) for row in range(self.count())]

    def current_row(self) -> int:
        """The lit row, or -1."""
        return int(self.view.currentIndex().row())

    def choose_row(self, row: int) -> None:
        """Walk to a row, as with the arrow keys."""
        self.view.setCurrentIndex(self.rows.index(row, NAME))

    def _list(self) -> None:
        store = self._store
        annotations = self._query.find(store.annotations) if store is not None else []
        orphans = (
            frozenset(found.annotation_id for found in store.passages() if found.is_orphan) if store else frozenset()
        )
        with self.view.silence():
            self.rows.show(annotations, orphans, self._volume_id)
        if store is not None:
            self.show_selected(store)
        self.empty.setText(self._why_empty())
        self.empty.setVisible(not annotations)
        self.view.setVisible(bool(annotations))

    def _why_empty(self) -> str:
        if self._store is None:
            return "No lesson is open: open one, or make one of this volume, with the Lesson button above."
        if not self._store.annotations:
            return "No marks yet. Take a tool below, say Arrow (A), and place one on the image."
        return "No mark fits. Clear the search, or list all marks."

    def _offer(self) -> None:
        """What can be asked for: sides, structures and authors that the marks have."""
        annotations = self._store.annotations if self._store is not None else ()
        structures = sorted({a.structure for a in annotations if a.structure}, key=structure_name)
        authors = sorted({a.author for a in annotations if a.author})
        sides = [side for side in Side if any(a.side is side for a in annotations)]
        offers: list[tuple[str, dict[str, Any]]] = [("All marks", {})]
        offers += [("Linked", {"linked": True}), ("Not linked", {"linked": False})]
        offers += [(side.value.capitalize(), {"side": side}) for side in sides]
        offers += [(structure_name(one), {"structure": one}) for one in structures]
        offers += [(f"by {author}", {"author": author}) for author in authors]
        if self.which.offer(offers):
            self._take_query()

    def _take_query(self) -> None:
        self._query = replace(
            MarkQuery(**self.which.value()),
            words=self.search.text(),
            order=list(Order)[max(self.order.currentIndex(), 0)],
        )

    # ---------------------------------------------------------------- what the user does

    def _on_query(self, *_: object) -> None:
        self._take_query()
        self._list()

    def _on_filter(self) -> None:
        self.rows.tell_all()
        self.alone.setChecked(self._filter.only_selected)

    def _on_walked(self, row: int) -> None:
        annotation = self.rows.annotation(row)
        if annotation is not None:
            self.chosen.emit(annotation.id)

    def _on_clicked(self, index: Any) -> None:
        annotation = self.rows.annotation(index.row())
        if annotation is None:
            return
        if index.column() == SHOWN:
            self._filter.hide(annotation.id, not self._filter.is_hidden(annotation.id))
        elif index.column() == LOCKED:
            self._filter.lock(annotation.id, not self._filter.is_locked(annotation.id))
        else:
            self.chosen.emit(annotation.id)

    def _on_delete(self, row: int) -> None:
        annotation = self.rows.annotation(row)
        if annotation is not None:
            self.delete_asked.emit(annotation.id)

    def _lay_out(self) -> None:
        choices = QHBoxLayout()
        choices.setSpacing(3)
        choices.addWidget(self.which, 3)
        choices.addWidget(self.order, 3)
        choices.addWidget(self.alone, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 3, 2, 2)
        layout.setSpacing(3)
        layout.addWidget(self.search)
        layout.addLayout(choices)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.empty, 1)
