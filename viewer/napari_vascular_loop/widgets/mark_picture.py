"""A picture of one mark on its slice, as Qt draws it: for the article, and beside the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from napari_vascular_loop.domain.annotation import Arrow, Path, Point, Region
from napari_vascular_loop.domain.drawing import arrow_outline, colour_of
from napari_vascular_loop.domain.slice_view import SliceView, slice_through, window_for

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.domain.volume import Volume

_ARROW_UNIT_PX = 2.6
_DOT_PX = 5.0
_LETTER = QColor("#FFD23F")
_MARGIN_PX = 4


def mark_picture(
    volume: Volume,
    annotation: Annotation,
    width_px: int,
    height_px: int,
    *,
    width_mm: float = 70.0,
    window: tuple[float, float] | None = None,
    radiological: bool = True,
) -> QPixmap:
    """Draw the slice nearest to a mark, cropped around it, with the mark and the letters at the sides.

    Parameters
    ----------
    volume : Volume
        The volume that the mark lies in.
    annotation : Annotation
        The mark.
    width_px, height_px : int
        Size of the picture.
    width_mm : float
        What it shows from side to side.
    window : (float, float), optional
        Darkest and brightest value; else what fits the volume.
    radiological : bool
        Patient's left on the right of the picture.
    """
    height_mm = width_mm * height_px / width_px
    view = slice_through(volume, annotation, width_mm, height_mm, radiological)
    pixmap = QPixmap(width_px, height_px)
    pixmap.fill(QColor("black"))
    size_mm = np.array([abs(view.right - view.left), abs(view.top - view.bottom)])
    scale = float(np.min(np.array([width_px, height_px]) / size_mm))
    width, height = size_mm * scale
    box = QRectF((width_px - width) / 2, (height_px - height) / 2, float(width), float(height))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(box, _grey(view, *window_for(volume, window)))
    _draw_mark(painter, annotation, _places(volume, annotation, view, box))
    if volume.provenance.orientation_known:
        _draw_letters(painter, volume, view, QRectF(pixmap.rect()))
    painter.end()
    return pixmap


def _grey(view: SliceView, low: float, high: float) -> QImage:
    share = np.clip((np.nan_to_num(view.pixels, nan=low) - low) / max(high - low, 1e-12), 0, 1)
    pixels = np.ascontiguousarray((share * 255).astype(np.uint8))
    rows, columns = pixels.shape
    return QImage(pixels.tobytes(), columns, rows, columns, QImage.Format.Format_Grayscale8).copy()


def _places(volume: Volume, annotation: Annotation, view: SliceView, box: QRectF) -> FloatArray:
    """The mark's vertices in the picture, shape (N, 2), x and y in pixels."""
    vertical, horizontal = (axis for axis in range(3) if axis != view.display_axis)
    mm = volume.frame.display_from_ras(annotation.geometry.vertices_ras_mm)[:, [horizontal, vertical]]
    share = (mm - [view.left, view.top]) / [view.right - view.left, view.bottom - view.top]
    return np.asarray(share * [box.width(), box.height()] + [box.left(), box.top()])


def _draw_mark(painter: QPainter, annotation: Annotation, places: FloatArray) -> None:
    colour = QColor(colour_of(annotation))
    match annotation.geometry:
        case Arrow():
            painter.setPen(QPen(QColor("white"), 1.6))
            painter.setBrush(QColor("black"))
            painter.drawPolygon(_polygon(arrow_outline(places[0], places[1], _ARROW_UNIT_PX)))
        case Point():
            painter.setPen(QPen(QColor("black"), 1.6))
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(*places[0]), _DOT_PX, _DOT_PX)
        case Path() | Region():
            line = QPainterPath()
            line.addPolygon(_polygon(places))
            if isinstance(annotation.geometry, Region):
                line.closeSubpath()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for ink, width in ((QColor("black"), 4.2), (colour, 2.2)):
                painter.setPen(QPen(ink, width))
                painter.drawPath(line)


def _draw_letters(painter: QPainter, volume: Volume, view: SliceView, box: QRectF) -> None:
    _, horizontal = (axis for axis in range(3) if axis != view.display_axis)
    low, high = volume.frame.letters(horizontal)
    left, right = (high, low) if view.left > view.right else (low, high)
    font = QFont()
    font.setPixelSize(13)
    font.setBold(True)
    painter.setFont(font)
    inside = box.adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
    for letter, side in ((left, Qt.AlignmentFlag.AlignLeft), (right, Qt.AlignmentFlag.AlignRight)):
        where = int(side | Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(QColor("black"))
        painter.drawText(inside.translated(1, 1), where, letter)
        painter.setPen(_LETTER)
        painter.drawText(inside, where, letter)


def _polygon(places: FloatArray) -> QPolygonF:
    return QPolygonF([QPointF(float(x), float(y)) for x, y in places])
