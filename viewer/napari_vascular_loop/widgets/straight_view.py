"""A path pulled straight, with a line where one is on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QPointF, QRectF, Qt, Signal
from qtpy.QtGui import QColor, QPainter, QPen
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_vascular_loop.widgets.mark_painter import grey_image

if TYPE_CHECKING:
    from qtpy.QtGui import QImage

    from napari_vascular_loop.domain.space import FloatArray

_TICK_MM = 5


class StraightView(QWidget):
    """Shows a straightened picture: the path runs from left to right along the middle.

    Signals
    -------
    distance_chosen : float
        mm from the path's start that were clicked, or dragged to.
    """

    distance_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("The path pulled straight")
        self.setToolTip("The path pulled straight: click to go there")
        self.setMinimumHeight(90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._image: QImage | None = None
        self._length_mm = self._at_mm = 0.0

    def show_picture(self, pixels: FloatArray, window: tuple[float, float], length_mm: float) -> None:
        """Show a picture of a path so many mm long."""
        self._image, self._length_mm = grey_image(pixels, *window), length_mm
        self.update()

    def show_nothing(self) -> None:
        """There is no path."""
        self._image = None
        self.update()

    def show_distance(self, at_mm: float) -> None:
        """Draw the line at a distance from the path's start."""
        self._at_mm = at_mm
        self.update()

    def x_of(self, distance_mm: float) -> float:
        """Where a distance is painted, in pixels from the left."""
        box = self._box()
        return float(box.left()) + distance_mm / max(self._length_mm, 1e-9) * float(box.width())

    def paintEvent(self, _event: Any) -> None:
        """Paint."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("black"))
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self._box(), self._image)
            painter.setPen(QColor("#B8C4CC"))
            for mm in range(0, int(self._length_mm) + 1, _TICK_MM):
                x = self.x_of(mm)
                painter.drawLine(QPointF(x, self.height() - 18), QPointF(x, self.height() - 13))
                label = QRectF(x - 20, self.height() - 14, 40, 13)
                painter.drawText(label, int(Qt.AlignmentFlag.AlignCenter), f"{mm}" + (" mm" if mm == 0 else ""))
            x = self.x_of(self._at_mm)
            for ink, width in ((QColor("black"), 3.5), (QColor("#FFD23F"), 1.6)):
                painter.setPen(QPen(ink, width))
                painter.drawLine(QPointF(x, 0), QPointF(x, self.height() - 18))
        painter.end()

    def _box(self) -> QRectF:
        """The picture in true proportion, as wide as can be."""
        width, height = self.width() - 32.0, self.height() - 20.0
        if self._image is None:
            return QRectF(16, 2, width, height)
        scale = min(width / self._image.width(), height / self._image.height())
        wide, high = self._image.width() * scale, self._image.height() * scale
        return QRectF((self.width() - wide) / 2, 2 + (height - high) / 2, wide, high)

    def mousePressEvent(self, event: Any) -> None:
        """Go there."""
        self._choose(event)

    def mouseMoveEvent(self, event: Any) -> None:
        """Go along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event)

    def _choose(self, event: Any) -> None:
        box = self._box()
        if self._image is not None:
            share = min(1.0, max(0.0, (event.position().x() - box.left()) / box.width()))
            self.distance_chosen.emit(share * self._length_mm)
