"""The list of marks: one row each, a click goes there."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QPoint, QSize, Qt, Signal
from qtpy.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from qtpy.QtWidgets import QListWidget, QListWidgetItem, QWidget

from napari_vascular_loop.domain.drawing import colour_of
from napari_vascular_loop.domain.terms import structure_name

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.store import LessonStore

_ICON_PX = 18
_ID_ROLE = Qt.ItemDataRole.UserRole


class MarkList(QListWidget):
    """Rows of a store's annotations.

    Signals
    -------
    chosen : str
        Id of the mark that the user clicked or walked to.
    delete_asked : str
        Id of the mark on which Delete was pressed.
    """

    chosen = Signal(str)
    delete_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Marks")
        self.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self.currentItemChanged.connect(self._on_current)
        self.itemClicked.connect(self._on_current)
        self._filling = False

    def show_marks(self, store: LessonStore | None, shown_volume_id: str | None) -> None:
        """List the marks as they are now; those of a volume that isn't shown are greyed."""
        self._filling = True
        try:
            self.clear()
            if store is None:
                return
            orphans = {found.annotation_id for found in store.passages() if found.is_orphan}
            for annotation in store.annotations:
                self.addItem(_row(annotation, annotation.volume_id == shown_volume_id, annotation.id in orphans))
            self.show_selected(store)
        finally:
            self._filling = False

    def show_selected(self, store: LessonStore) -> None:
        """Light the row of the selected mark."""
        filling, self._filling = self._filling, True
        selected = store.selected
        self.setCurrentItem(None)
        self.clearSelection()
        for number in range(self.count()):
            item = self.item(number)
            if item is not None and selected is not None and item.data(_ID_ROLE) == selected.id:
                self.setCurrentItem(item)
                self.scrollToItem(item)
        self._filling = filling

    def keyPressEvent(self, event: Any) -> None:
        """Delete the current mark on Delete or Backspace."""
        item = self.currentItem()
        if item is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_asked.emit(item.data(_ID_ROLE))
            return
        super().keyPressEvent(event)

    def _on_current(self, item: QListWidgetItem | None, _previous: object = None) -> None:
        if item is not None and not self._filling:
            self.chosen.emit(item.data(_ID_ROLE))


def _row(annotation: Annotation, shown: bool, orphan: bool) -> QListWidgetItem:
    links = len(annotation.passages)
    tied = "not linked" if not links else "1 passage" if links == 1 else f"{links} passages"
    lost = "  ⚠ words not found in the article" if orphan else ""
    item = QListWidgetItem(_icon(annotation), f"{annotation.title}   ·   {tied}{lost}")
    item.setData(_ID_ROLE, annotation.id)
    details = [structure_name(annotation.structure), annotation.side.value if annotation.side else "", annotation.note]
    # As plain text: a tool tip that looks like HTML would be drawn as such.
    item.setToolTip("<br>".join(html.escape(part) for part in details if part))
    if not shown:
        item.setForeground(QColor("#888888"))
    return item


def _icon(annotation: Annotation) -> QIcon:
    """A small picture of the kind, in the mark's colour."""
    pixmap = QPixmap(_ICON_PX, _ICON_PX)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colour_of(annotation)), 2.4))
    match annotation.geometry.kind:
        case "arrow":
            painter.drawLine(3, 15, 14, 4)
            painter.drawLine(14, 4, 8, 5)
            painter.drawLine(14, 4, 13, 10)
        case "point":
            painter.drawEllipse(6, 6, 6, 6)
        case "path":
            painter.drawPolyline([QPoint(2, 14), QPoint(7, 6), QPoint(11, 11), QPoint(16, 4)])
        case _:
            painter.drawPolygon([QPoint(3, 12), QPoint(7, 3), QPoint(15, 6), QPoint(13, 15)])
    painter.end()
    return QIcon(pixmap)
