"""Small pictures of how canvases share the window."""

from __future__ import annotations

from qtpy.QtCore import QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from napari_vascular_loop.display.layout import Layout

ICON_SIZE = QSize(26, 18)
_LINE = QColor("#F0F0F0")
_RIM = QColor("#202830")
_FILLED = QColor("#8FA3B8")
_FINER = 3
"""Drawn so many times larger, for screens of fine dots."""

# Left, top, width, height of each canvas, in parts of the picture.
_CANVASES: dict[Layout, list[tuple[float, float, float, float]]] = {
    Layout.ONE: [(0, 0, 1, 1)],
    Layout.ONE_AND_TWO: [(0, 0, 0.64, 1), (0.64, 0, 0.36, 0.5), (0.64, 0.5, 0.36, 0.5)],
    Layout.THREE: [(n / 3, 0, 1 / 3, 1) for n in range(3)],
    Layout.THREE_AND_SOLID: [
        (0, 0, 0.5, 0.5),
        (0.5, 0, 0.5, 0.5),
        (0.5, 0.5, 0.5, 0.5),
        (0, 0.5, 0.5, 0.5),
    ],
}


def layout_icon(layout: Layout) -> QIcon:
    """Draw a layout; the canvas in 3-D is filled."""
    pixmap = QPixmap(ICON_SIZE * _FINER)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(_FINER, _FINER)
    width, height = ICON_SIZE.width() - 2, ICON_SIZE.height() - 2
    # A light line with a dark rim is seen on dark buttons and on those of napari's light theme.
    for pen in (QPen(_RIM, 2.6), QPen(_LINE, 1.2)):
        painter.setPen(pen)
        for x, y, w, h in _CANVASES[layout]:
            painter.drawRect(QRectF(1 + x * width, 1 + y * height, w * width, h * height))
    if layout.has_solid:
        x, y, w, h = _CANVASES[layout][-1]
        left, top, size = 1 + (x + w / 2) * width - 4, 1 + y * height + 1, h * height - 2
        painter.setBrush(_FILLED)
        painter.setPen(Qt.PenStyle.NoPen)
        corners = [(0, size), (0, 1.5), (2, 0), (8, 0), (8, size - 1.5), (6, size)]
        painter.drawPolygon(QPolygonF([QPointF(left + a, top + b) for a, b in corners]))
    painter.end()
    return QIcon(pixmap)
