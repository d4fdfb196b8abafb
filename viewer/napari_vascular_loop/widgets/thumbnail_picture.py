"""Thumbnails as Qt draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QRect, QRectF, Qt
from qtpy.QtGui import QColor, QImage, QPainter, QPixmap

if TYPE_CHECKING:
    from napari_vascular_loop.display.thumbnail import Thumbnail

_LETTER = QColor("#FFD23F")
_NOTE = QColor("#9A9A9A")
_MARGIN_PX = 2
_SIDES = {
    "left": Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
    "right": Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
    "top": Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter,
    "bottom": Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter,
}


def picture_of(picture: Thumbnail, side_px: int) -> QPixmap:
    """Draw a thumbnail on a black square, in true proportion, with its letters."""
    pixmap = _black(side_px)
    rows, columns = picture.grey.shape
    image = QImage(picture.grey.tobytes(), columns, rows, columns, QImage.Format.Format_Grayscale8).copy()
    longest = max(picture.height_mm, picture.width_mm)
    height, width = (mm / longest * side_px for mm in (picture.height_mm, picture.width_mm))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF((side_px - width) / 2, (side_px - height) / 2, width, height), image)
    font = painter.font()
    font.setPixelSize(max(9, side_px // 10))
    font.setBold(True)
    painter.setFont(font)
    inside = QRect(_MARGIN_PX, _MARGIN_PX, side_px - 2 * _MARGIN_PX, side_px - 2 * _MARGIN_PX)
    for side, letter in picture.letters.items():
        painter.setPen(QColor("black"))
        painter.drawText(inside.translated(1, 1), int(_SIDES[side]), letter)
        painter.setPen(_LETTER)
        painter.drawText(inside, int(_SIDES[side]), letter)
    painter.end()
    return pixmap


def empty_picture(side_px: int, note: str) -> QPixmap:
    """Draw a black square with a word in it."""
    pixmap = _black(side_px)
    painter = QPainter(pixmap)
    painter.setPen(_NOTE)
    painter.drawText(pixmap.rect(), int(Qt.AlignmentFlag.AlignCenter), note)
    painter.end()
    return pixmap


def _black(side_px: int) -> QPixmap:
    pixmap = QPixmap(side_px, side_px)
    pixmap.fill(QColor("black"))
    return pixmap
