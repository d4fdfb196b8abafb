"""Rows of marks for Qt's views: made as they come into sight, and told one by one when they change."""

from __future__ import annotations

import html
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QPoint, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from napari_vascular_loop.domain.drawing import colour_of
from napari_vascular_loop.domain.measure import is_ruler, length_text
from napari_vascular_loop.domain.terms import structure_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.display.mark_filter import MarkFilter
    from napari_vascular_loop.domain.annotation import Annotation

ICON_PX = 18
NAME, SHOWN, LOCKED = range(3)
_GREY = QColor("#888888")


class MarkRows(QAbstractTableModel):
    """A row for each mark: its name, an eye, a lock.

    Parameters
    ----------
    marks : MarkFilter
        Knows which are hidden and locked.
    """

    def __init__(self, marks: MarkFilter) -> None:
        super().__init__()
        self._filter = marks
        self._rows: list[Annotation] = []
        self._numbers: dict[str, int] = {}
        self._orphans: frozenset[str] = frozenset()
        self._volume_id: str | None = None

    def show(self, annotations: Sequence[Annotation], orphans: frozenset[str], volume_id: str | None) -> None:
        """List these marks; those of a volume that isn't shown are greyed.

        Where the same marks are listed as before, only the rows that changed are told.
        """
        before, lost = self._rows, self._orphans
        if [a.id for a in before] == [a.id for a in annotations] and volume_id == self._volume_id:
            self._rows, self._orphans = list(annotations), orphans
            for row, (old, new) in enumerate(zip(before, annotations, strict=True)):
                if old is not new or (new.id in lost) != (new.id in orphans):
                    self.dataChanged.emit(self.index(row, NAME), self.index(row, LOCKED))
            return
        self.beginResetModel()
        self._rows, self._orphans, self._volume_id = list(annotations), orphans, volume_id
        self._numbers = {annotation.id: row for row, annotation in enumerate(annotations)}
        self.endResetModel()

    def tell_all(self) -> None:
        """Have eyes and locks looked at again."""
        if self._rows:
            self.dataChanged.emit(self.index(0, NAME), self.index(len(self._rows) - 1, LOCKED))

    def annotation(self, row: int) -> Annotation | None:
        """The mark of a row."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def row_of(self, annotation_id: str | None) -> int | None:
        """The row of a mark, or None."""
        return self._numbers.get(annotation_id) if annotation_id is not None else None

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """How many marks there are."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Name, eye, lock."""
        return 0 if parent is not None and parent.isValid() else 3

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What Qt asks of a cell."""
        annotation = self.annotation(index.row())
        if annotation is None:
            return None
        if index.column() == NAME:
            return self._name(annotation, role)
        hidden, locked = self._filter.is_hidden(annotation.id), self._filter.is_locked(annotation.id)
        if role == Qt.ItemDataRole.DecorationRole:
            return eye_icon(not hidden) if index.column() == SHOWN else lock_icon(locked)
        words = ("Hidden" if hidden else "Shown") if index.column() == SHOWN else ("Locked" if locked else "Not locked")
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{words}: click to change"
        return words if role == Qt.ItemDataRole.AccessibleTextRole else None

    def _name(self, annotation: Annotation, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return row_text(annotation, annotation.id in self._orphans)
        if role == Qt.ItemDataRole.DecorationRole:
            return mark_icon(
                "ruler" if is_ruler(annotation.geometry) else annotation.geometry.kind, colour_of(annotation)
            )
        if role == Qt.ItemDataRole.ToolTipRole:
            side = annotation.side.value if annotation.side else ""
            details = [structure_name(annotation.structure), side, annotation.note, annotation.author]
            # As plain text: a tool tip that looks like HTML would be drawn as such.
            return "<br>".join(html.escape(part) for part in details if part)
        if role == Qt.ItemDataRole.ForegroundRole and (
            annotation.volume_id != self._volume_id or self._filter.is_hidden(annotation.id)
        ):
            return _GREY
        return None


def row_text(annotation: Annotation, orphan: bool) -> str:
    """What a row says of a mark."""
    links = len(annotation.passages)
    tied = "not linked" if not links else "1 passage" if links == 1 else f"{links} passages"
    lost = "  ⚠ words not found in the article" if orphan else ""
    length = f" {length_text(annotation.geometry)}" if is_ruler(annotation.geometry) else ""
    return f"{annotation.title}{length}   ·   {tied}{lost}"


@lru_cache(maxsize=64)
def mark_icon(kind: str, colour: str) -> QIcon:
    """A small picture of the kind, in the mark's colour."""
    pixmap, painter = _blank(QColor(colour), 2.4)
    match kind:
        case "arrow":
            painter.drawLine(3, 15, 14, 4)
            painter.drawLine(14, 4, 8, 5)
            painter.drawLine(14, 4, 13, 10)
        case "text":
            painter.drawLine(4, 4, 14, 4)
            painter.drawLine(9, 4, 9, 15)
        case "point":
            painter.drawEllipse(6, 6, 6, 6)
        case "path":
            painter.drawPolyline([QPoint(2, 14), QPoint(7, 6), QPoint(11, 11), QPoint(16, 4)])
        case "ruler":
            painter.drawLine(3, 14, 15, 4)
            painter.drawLine(1, 11, 5, 17)
            painter.drawLine(13, 1, 17, 7)
        case _:
            painter.drawPolygon([QPoint(3, 12), QPoint(7, 3), QPoint(15, 6), QPoint(13, 15)])
    painter.end()
    return QIcon(pixmap)


@lru_cache(maxsize=2)
def eye_icon(is_open: bool) -> QIcon:
    """An eye, or one that is crossed out."""
    pixmap, painter = _blank(QColor("#D8D8D8") if is_open else _GREY, 1.4)
    painter.drawEllipse(2, 5, 14, 8)
    painter.drawEllipse(7, 7, 4, 4)
    if not is_open:
        painter.drawLine(3, 16, 15, 2)
    painter.end()
    return QIcon(pixmap)


@lru_cache(maxsize=2)
def lock_icon(is_locked: bool) -> QIcon:
    """A lock, closed and golden, or open and grey."""
    pixmap, painter = _blank(QColor("#FFD23F") if is_locked else QColor("#6A6A6A"), 1.6)
    painter.drawRect(4, 8, 10, 7)
    painter.drawArc(6 if is_locked else 9, 2, 6, 10, 0, 180 * 16)
    painter.end()
    return QIcon(pixmap)


def _blank(colour: QColor, width: float) -> tuple[QPixmap, QPainter]:
    pixmap = QPixmap(ICON_PX, ICON_PX)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, width))
    return pixmap, painter
