"""One plane at any angle, with the marks on it and the letters at its sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QPointF, QRectF, Qt, Signal
from qtpy.QtGui import QColor, QPainter, QPen
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_vascular_loop.display.mark_style import DARK, MarkStyle
from napari_vascular_loop.domain.annotation import is_text
from napari_vascular_loop.domain.drawing import Reach
from napari_vascular_loop.domain.drawn_marks import mark_on_slice
from napari_vascular_loop.domain.measure import words_of
from napari_vascular_loop.domain.slice_view import SliceView, whole_slice
from napari_vascular_loop.domain.space import Vector3, vector3
from napari_vascular_loop.widgets.mark_painter import (
    dense,
    fitted,
    grey_image,
    paint_label,
    paint_letters,
    paint_mark,
    pixels_from_mm,
    words_box,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtGui import QImage

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.drawing import MarkOnSlice
    from napari_vascular_loop.domain.volume import Volume

_MOST_LABELS = 12
_SCALE_MM = (50.0, 20.0, 10.0, 5.0, 2.0)
_WHEEL_STEP = 120
_USUAL_REACH = Reach()


@dataclass(frozen=True, eq=False)
class _Shown:
    volume: Volume
    view: SliceView
    image: QImage
    marks: tuple[MarkOnSlice, ...]
    centre_ras_mm: Vector3
    style: MarkStyle


class CutView(QWidget):
    """Paints a volume of one slice.

    Signals
    -------
    place_chosen : (float, float, float)
        RAS mm that were clicked.
    place_pointed : (float, float, float) or None
        RAS mm under the mouse.
    stepped : int
        Steps of the wheel, away from the user.
    zoomed : int
        The same with Ctrl held.
    """

    place_chosen = Signal(object)
    place_pointed = Signal(object)
    stepped = Signal(int)
    zoomed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Oblique plane")
        self.setMouseTracking(True)
        self.setMinimumSize(240, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._shown: _Shown | None = None
        self._note = ""

    def show_cut(
        self,
        cut: Volume,
        annotations: Sequence[Annotation],
        window: tuple[float, float],
        radiological: bool,
        centre_ras_mm: Vector3,
        reach: Reach = _USUAL_REACH,
        style: MarkStyle = DARK,
    ) -> None:
        """Show a cut with the marks that lie on it, in its slab or near it; the centre gets a small cross."""
        through = cut.frame.voxel_axes.index(2)
        view = whole_slice(cut, through, 0, radiological)
        marks = [mark_on_slice(annotation, cut.frame, through, view.slice_mm, reach) for annotation in annotations]
        image, seen = grey_image(view.pixels, *window), tuple(mark for mark in marks if mark.strokes)
        self._shown = _Shown(cut, view, image, seen, centre_ras_mm, style)
        self.update()

    def show_note(self, note: str) -> None:
        """Show no plane, but why there is none."""
        self._shown, self._note = None, note
        self.update()

    @property
    def note(self) -> str:
        """Why there is no plane; "" where there is one."""
        return self._note if self._shown is None else ""

    @property
    def marks(self) -> tuple[MarkOnSlice, ...]:
        """The marks that are seen."""
        return self._shown.marks if self._shown is not None else ()

    def letters(self) -> dict[str, str]:
        """Letters at the sides "left", "right", "bottom", "top"; empty without a plane."""
        if self._shown is None:
            return {}
        frame, view = self._shown.volume.frame, self._shown.view
        vertical, horizontal = (axis for axis in range(3) if axis != view.display_axis)
        low, high = frame.letters(horizontal)
        bottom, top = frame.letters(vertical)
        left, right = (high, low) if view.left > view.right else (low, high)
        return {"left": left, "right": right, "bottom": bottom, "top": top}

    def pixel_of(self, ras_mm: Vector3) -> QPointF | None:
        """Where a place is painted, on the plane square below it; None without a plane."""
        if self._shown is None:
            return None
        view, flat = self._shown.view, self._shown.volume.frame.display_from_ras([ras_mm])
        in_plane = [axis for axis in range(3) if axis != view.display_axis]
        x, y = pixels_from_mm(flat[:, in_plane], view, self._box())[0]
        return QPointF(float(x), float(y))

    def ras_mm_at(self, place: QPointF) -> Vector3 | None:
        """The place of the plane under a pixel, RAS mm; None beside the picture."""
        if self._shown is None or not (box := self._box()).contains(place):
            return None
        view = self._shown.view
        vertical, horizontal = (axis for axis in range(3) if axis != view.display_axis)
        display = np.zeros(3)
        display[view.display_axis] = view.slice_mm
        display[horizontal] = view.left + (place.x() - box.left()) / box.width() * (view.right - view.left)
        display[vertical] = view.top + (place.y() - box.top()) / box.height() * (view.bottom - view.top)
        return vector3(self._shown.volume.frame.ras_from_display(display))

    # ---------------------------------------------------------------- Qt

    def paintEvent(self, _event: Any) -> None:
        """Paint."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("black"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._shown is None:
            painter.setPen(QColor("#B8C4CC"))
            inside = self.rect().adjusted(16, 16, -16, -16)
            painter.drawText(inside, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._note)
        else:
            self._paint(painter, self._shown)
        painter.end()

    def _paint(self, painter: QPainter, shown: _Shown) -> None:
        box = self._box()
        texts = [mark for mark in shown.marks if is_text(mark.annotation.geometry)]
        taken = [
            words_box(words_of(one.annotation), pixels_from_mm(one.label_anchor_mm[None], shown.view, box)[0])
            for one in texts
        ]
        painter.drawImage(box, shown.image)
        painter.setClipRect(box)
        lines = [np.empty((0, 2))]
        for mark in shown.marks:
            for stroke in mark.strokes:
                places = pixels_from_mm(stroke.vertices_mm, shown.view, box)
                lines.append(dense(places))
                paint_mark(painter, mark.annotation, places, stroke.opacity, shown.style)
        near = sorted((mark for mark in shown.marks if mark not in texts), key=lambda mark: -mark.opacity)
        for mark in near[:_MOST_LABELS]:
            (anchor,) = pixels_from_mm(mark.label_anchor_mm[None], shown.view, box)
            if mark.annotation.label.strip() and box.contains(QPointF(*anchor)):
                paint_label(painter, mark.annotation.label, anchor, box, taken, np.vstack(lines))
        painter.setClipping(False)
        if (centre := self.pixel_of(shown.centre_ras_mm)) is not None:
            painter.setPen(QPen(QColor("#FFD23F"), 1.2))
            for dx, dy in ((9, 0), (0, 9)):
                for side in (-1, 1):
                    far = QPointF(centre.x() + side * dx, centre.y() + side * dy)
                    painter.drawLine(QPointF(centre.x() + side * dx / 3, centre.y() + side * dy / 3), far)
        if shown.volume.provenance.orientation_known:
            paint_letters(painter, shown.volume.frame, shown.view, QRectF(self.rect()))
        self._paint_scale(painter, shown, box)

    def _paint_scale(self, painter: QPainter, shown: _Shown, box: QRectF) -> None:
        px_per_mm = box.width() / abs(shown.view.right - shown.view.left)
        length = next((mm for mm in _SCALE_MM if mm * px_per_mm < box.width() / 3), _SCALE_MM[-1])
        right, y = self.width() - 12.0, self.height() - 10.0
        left = right - length * px_per_mm
        for ink, width in ((QColor("black"), 4.0), (QColor("white"), 2.0)):
            painter.setPen(QPen(ink, width))
            painter.drawLine(QPointF(left, y), QPointF(right, y))
        text = QRectF(right - 100, y - 20, 100, 16)
        painter.setPen(QColor("white"))
        painter.drawText(text, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), f"{length:g} mm")

    def _box(self) -> QRectF:
        assert self._shown is not None
        return fitted(self._shown.view, self.width(), self.height())

    def mouseReleaseEvent(self, event: Any) -> None:
        """Choose a place."""
        place = self.ras_mm_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self.place_chosen.emit(place)

    def mouseMoveEvent(self, event: Any) -> None:
        """Tell the place under the mouse."""
        self.place_pointed.emit(self.ras_mm_at(event.position()))

    def leaveEvent(self, event: Any) -> None:
        """There is none any more."""
        self.place_pointed.emit(None)
        super().leaveEvent(event)

    def wheelEvent(self, event: Any) -> None:
        """Step, or zoom with Ctrl."""
        steps = event.angleDelta().y() / _WHEEL_STEP
        if steps:
            signal = self.zoomed if event.modifiers() & Qt.KeyboardModifier.ControlModifier else self.stepped
            signal.emit(round(steps) or (1 if steps > 0 else -1))
        event.accept()
