"""Slices, marks and letters as Qt paints them on a picture of its own; the canvas of napari has its own ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPolygonF

from napari_vascular_loop.display.mark_style import DARK, MarkStyle
from napari_vascular_loop.domain.annotation import Arrow, Path, Point, Region
from napari_vascular_loop.domain.drawing import arrow_outline, colour_of, resample
from napari_vascular_loop.domain.measure import words_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.slice_view import SliceView
    from napari_vascular_loop.domain.space import FloatArray

_ARROW_UNIT_PX = 2.6
_DOT_PX = 5.0
_LETTER = QColor("#FFD23F")
_LETTER_PX, _LABEL_PX = 13, 12
_MARGIN_PX = 4
_SIDES = {
    "left": Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
    "right": Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
    "top": Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter,
    "bottom": Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter,
}


def fitted(view: SliceView, width_px: float, height_px: float) -> QRectF:
    """Where a slice lies in a picture: whole, in true proportion, in the middle."""
    size_mm = np.array([abs(view.right - view.left), abs(view.top - view.bottom)])
    width, height = size_mm * float(np.min(np.array([width_px, height_px]) / size_mm))
    return QRectF((width_px - width) / 2, (height_px - height) / 2, float(width), float(height))


def grey_image(pixels: npt.NDArray[np.floating[Any]], low: float, high: float) -> QImage:
    """Grey values between two limits; what is no number is black."""
    share = np.clip((np.nan_to_num(pixels, nan=low) - low) / max(high - low, 1e-12), 0, 1)
    grey = np.ascontiguousarray((share * 255).astype(np.uint8))
    rows, columns = grey.shape
    return QImage(grey.tobytes(), columns, rows, columns, QImage.Format.Format_Grayscale8).copy()


def pixels_from_mm(flat_mm: FloatArray, view: SliceView, box: QRectF) -> FloatArray:
    """Places in the plane of a slice, shape (N, 2), vertical and horizontal mm, as x and y in pixels."""
    share = (flat_mm[:, ::-1] - [view.left, view.top]) / [view.right - view.left, view.bottom - view.top]
    return np.asarray(share * [box.width(), box.height()] + [box.left(), box.top()], dtype=np.float64)


def paint_mark(
    painter: QPainter, annotation: Annotation, places: FloatArray, opacity: float = 1.0, style: MarkStyle = DARK
) -> None:
    """Paint a mark, or a part of one, whose vertices are x and y in pixels, in the inks of a style."""
    colour = QColor(colour_of(annotation))
    painter.setOpacity(opacity)
    match annotation.geometry:
        case Path() | Region():
            line = QPainterPath()
            line.addPolygon(_polygon(places))
            if isinstance(annotation.geometry, Region):
                line.closeSubpath()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for ink, width in ((QColor("black"), 4.2), (colour, 2.2)):
                painter.setPen(QPen(ink, width))
                painter.drawPath(line)
        case Arrow():
            painter.setPen(QPen(QColor(style.rim), 1.6))
            painter.setBrush(QColor(style.ink))
            painter.drawPolygon(_polygon(arrow_outline(places[0], places[1], _ARROW_UNIT_PX)))
        case Point(as_text=True):
            _paint_words(painter, words_of(annotation), places[0])
        case _:
            painter.setPen(QPen(QColor("black"), 1.6))
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(*places[0]), _DOT_PX, _DOT_PX)
    painter.setOpacity(1.0)


def paint_label(
    painter: QPainter, text: str, place: FloatArray, inside: QRectF, taken: list[QRectF], marks: FloatArray
) -> None:
    """Write a label beside a place, where it covers other labels and marks least.

    Parameters
    ----------
    painter : QPainter
        On the picture.
    text : str
        The label.
    place : array of shape (2,)
        What it belongs to, x and y in pixels.
    inside : QRectF
        What it must stay in.
    taken : list of QRectF
        Boxes of other labels; its own is added.
    marks : array of shape (N, 2)
        Places along all marks, in pixels.
    """
    font = _font(_LABEL_PX)
    size = QFontMetricsF(font).size(0, text)
    x, y = float(place[0]), float(place[1])
    width, height = float(size.width()), float(size.height())
    boxes = [
        QRectF(left, top, width, height)
        for top in (y - height - 8, y + 8, y - height / 2, y - 2.4 * height - 8, y + 1.4 * height + 8)
        for left in (x - width / 2, x + 9, x - width - 9)
    ]
    costs = [n * 0.1 + _cost(box, inside, taken, marks) for n, box in enumerate(boxes)]
    box = boxes[int(np.argmin(costs))]
    taken.append(box)
    _write(painter, text, box)


def words_box(text: str, place: FloatArray) -> QRectF:
    """What words take that are written with their middle at a place, x and y in pixels."""
    size = QFontMetricsF(_font(_LABEL_PX)).size(0, text)
    box = QRectF(0, 0, size.width(), size.height())
    box.moveCenter(QPointF(float(place[0]), float(place[1])))
    return box


def _paint_words(painter: QPainter, text: str, place: FloatArray) -> None:
    """Write a text where it was put, moved as far as the picture's edge wants."""
    box, inside = words_box(text, place), painter.viewport()
    box.moveLeft(max(2.0, min(box.left(), inside.width() - box.width() - 2.0)))
    box.moveTop(max(2.0, min(box.top(), inside.height() - box.height() - 2.0)))
    _write(painter, text, box)


def _write(painter: QPainter, text: str, box: QRectF) -> None:
    outline, font = QPainterPath(), _font(_LABEL_PX)
    outline.addText(box.left(), box.bottom() - QFontMetricsF(font).descent(), font, text)
    painter.strokePath(outline, QPen(QColor("black"), 3.0))
    painter.fillPath(outline, QColor("white"))


def dense(places: FloatArray, step_px: float = 6.0) -> FloatArray:
    """Places along a line, shape (N, 2), close enough that no label slips between them."""
    return resample(places, step_px) if len(places) > 1 else places


def _cost(box: QRectF, inside: QRectF, taken: list[QRectF], marks: FloatArray) -> float:
    covers = (marks[:, 0] > box.left()) & (marks[:, 0] < box.right())
    covers &= (marks[:, 1] > box.top()) & (marks[:, 1] < box.bottom())
    on_labels = sum(bool(box.intersects(other)) for other in taken)
    return 2.0 * float(covers.sum()) + 30.0 * on_labels + 60.0 * (not inside.contains(box))


def paint_letters(painter: QPainter, frame: DisplayFrame, view: SliceView, inside: QRectF) -> None:
    """Write the letters of the patient's directions at the four sides."""
    vertical, horizontal = (axis for axis in range(3) if axis != view.display_axis)
    low, high = frame.letters(horizontal)
    left, right = (high, low) if view.left > view.right else (low, high)
    bottom, top = frame.letters(vertical)
    painter.setFont(_font(_LETTER_PX))
    inside = inside.adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
    for side, letter in (("left", left), ("right", right), ("top", top), ("bottom", bottom)):
        painter.setPen(QColor("black"))
        painter.drawText(inside.translated(1, 1), int(_SIDES[side]), letter)
        painter.setPen(_LETTER)
        painter.drawText(inside, int(_SIDES[side]), letter)


def _font(size_px: int) -> QFont:
    font = QFont()
    font.setPixelSize(size_px)
    font.setBold(True)
    return font


def _polygon(places: FloatArray) -> QPolygonF:
    return QPolygonF([QPointF(float(x), float(y)) for x, y in places])
