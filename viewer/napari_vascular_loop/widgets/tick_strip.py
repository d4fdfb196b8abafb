"""A strip as long as the stack of slices, with a tick where marks are; a click on a tick goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QPointF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QPainter, QPixmap, QPolygonF
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_vascular_loop.display.slice_ticks import slices_with_marks
from napari_vascular_loop.domain.drawing import colour_of

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.annotation import Annotation

_HEIGHT_PX = 18
_MARGIN_PX = 6
_NEAR_PX = 6
_NAMED = 6


class TickStrip(QWidget):
    """Ticks for the plane of the main canvas.

    Parameters
    ----------
    scene : Scene
        Whose slices and marks it shows.

    Signals
    -------
    chosen : str
        Id of the mark whose tick was clicked; clicking again gives the next on the same slice.
    """

    chosen = Signal(str)

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene
        self._ticks: dict[int, list[Annotation]] = {}
        self._count = 1
        self._picture: QPixmap | None = None
        self._shown_of: tuple[object, ...] = ()
        self._last: tuple[int, int] = (-1, 0)
        self.setAccessibleName("Slices with marks")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        scene.place_changed.connect(self._on_place)
        scene.filter.changed.connect(self.show_marks)

    def let_go(self) -> None:
        """Listen to nothing any more."""
        self._scene.place_changed.disconnect(self._on_place)
        self._scene.filter.changed.disconnect(self.show_marks)

    def show_marks(self) -> None:
        """Follow the scene's volume, plane and marks."""
        state, volume = self._scene.state(), self._scene.volume
        marks = self._scene.annotations() if self._scene.marks_visible else []
        shown_of = (marks, volume, state.display_axis if state is not None else None)
        if len(self._shown_of) == 3 and all(a is b for a, b in zip(shown_of, self._shown_of, strict=True)):
            return
        self._shown_of, self._ticks, self._picture = shown_of, {}, None
        if state is not None and volume is not None:
            self._ticks = slices_with_marks(marks, volume.frame, state.display_axis)
            self._count = volume.frame.shape[state.display_axis]
        self.setVisible(bool(self._ticks))
        self.update()

    def slices(self) -> tuple[int, ...]:
        """Numbers, from 0, of the slices that have a tick."""
        return tuple(sorted(self._ticks))

    def x_of(self, number: int) -> float:
        """Where the tick of a slice stands, in pixels from the left."""
        return float(_MARGIN_PX + (number + 0.5) / self._count * (self.width() - 2 * _MARGIN_PX))

    def sizeHint(self) -> QSize:
        """Low, and as wide as there is room."""
        return QSize(200, _HEIGHT_PX)

    # ---------------------------------------------------------------- Qt

    def paintEvent(self, _event: Any) -> None:
        """A line for the stack, ticks in the marks' colours, a golden wedge where one is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._picture is None or self._picture.size() != self.size() * self.devicePixelRatioF():
            self._picture = self._paint_ticks()
        painter.drawPixmap(0, 0, self._picture)
        state = self._scene.state()
        if state is not None:
            x = self.x_of(state.index)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor("#FFD23F"))
            for y, towards in ((0.0, 5.0), (float(self.height()), self.height() - 5.0)):
                painter.drawPolygon(QPolygonF([QPointF(x - 4, y), QPointF(x + 4, y), QPointF(x, towards)]))
        painter.end()

    def _paint_ticks(self) -> QPixmap:
        """What stays as it is while one steps through the slices."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(0, 0, 0, 0))
        painter = QPainter(picture)
        middle = self.height() / 2
        painter.setPen(QColor(128, 128, 128, 120))
        painter.drawLine(QPointF(_MARGIN_PX, middle), QPointF(self.width() - _MARGIN_PX, middle))
        ticks = [(int(self.x_of(number)), QColor(colour_of(marks[0]))) for number, marks in self._ticks.items()]
        # Edged, so that white ones are seen in a light theme; all edges first, where ticks stand side by side.
        for x, _ in ticks:
            painter.fillRect(x - 2, 3, 5, self.height() - 6, QColor(0, 0, 0, 150))
        for x, colour in ticks:
            painter.fillRect(x - 1, 4, 3, self.height() - 8, colour)
        painter.end()
        return picture

    def mousePressEvent(self, event: Any) -> None:
        """Go to the mark of the tick under the mouse, or to the next one of that slice."""
        number = self._nearest(event.position().x())
        if number is None or event.button() != Qt.MouseButton.LeftButton:
            return
        marks = self._ticks[number]
        before, at = self._last
        at = (at + 1) % len(marks) if before == number else 0
        self._last = (number, at)
        self.chosen.emit(marks[at].id)

    def event(self, event: Any) -> bool:
        """Name the marks of the tick under the mouse."""
        if event is not None and event.type() == QEvent.Type.ToolTip:
            number = self._nearest(event.pos().x())
            QToolTip.showText(event.globalPos(), self.words(number) if number is not None else "", self)
            return True
        return bool(super().event(event))

    def words(self, number: int) -> str:
        """Say which marks a slice has."""
        titles = [mark.title for mark in self._ticks[number]]
        more = f" and {len(titles) - _NAMED} more" if len(titles) > _NAMED else ""
        return f"slice {number + 1}: {', '.join(titles[:_NAMED])}{more}"

    def _on_place(self) -> None:
        self.update()

    def _nearest(self, x: float) -> int | None:
        number = min(self._ticks, key=lambda each: abs(self.x_of(each) - x), default=None)
        return number if number is not None and abs(self.x_of(number) - x) <= _NEAR_PX else None
