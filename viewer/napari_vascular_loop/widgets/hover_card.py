"""A card beside the mouse: what a passage of the article shows on the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QPoint, Qt
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from napari_vascular_loop.domain.terms import structure_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.widgets.mark_pictures import MarkPictures

WIDTH_PX = 260
_BESIDE_PX = 18
_CLOSE_MM = 50.0


class HoverCard(QFrame):
    """Shows the picture and the name of a mark; of several, of the first, and how many there are.

    Parameters
    ----------
    pictures : MarkPictures
        Draws them.
    """

    def __init__(self, pictures: MarkPictures, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip)
        self.setObjectName("HoverCard")
        self.setStyleSheet(
            "#HoverCard { background-color: #1B2026; border: 1px solid #5B87A8; } "
            "#HoverCard QLabel { color: white; background: transparent; }"
        )
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._pictures = pictures
        self.picture, self.words = QLabel(), QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setFixedWidth(WIDTH_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.picture)
        layout.addWidget(self.words)

    def show_marks(self, marks: Sequence[Annotation], place: QPoint) -> None:
        """Show the first of some marks beside a place of the screen; of none, hide."""
        if not marks:
            self.hide()
            return
        mark = marks[0]
        picture = self._pictures.of(mark, WIDTH_PX, _CLOSE_MM)
        self.picture.setVisible(picture is not None)
        if picture is not None:
            self.picture.setPixmap(picture)
        self.words.setText(_words(marks, is_here=picture is not None))
        self.adjustSize()
        self.move(self._beside(place))
        self.show()

    def _beside(self, place: QPoint) -> QPoint:
        """On the screen, and not under the mouse."""
        screen = QGuiApplication.screenAt(place) or QGuiApplication.primaryScreen()
        spot = place + QPoint(_BESIDE_PX, _BESIDE_PX)
        if screen is None:
            return spot
        area = screen.availableGeometry()
        if spot.x() + self.width() > area.right():
            spot.setX(place.x() - _BESIDE_PX - self.width())
        if spot.y() + self.height() > area.bottom():
            spot.setY(place.y() - _BESIDE_PX - self.height())
        return QPoint(max(area.left(), spot.x()), max(area.top(), spot.y()))


def _words(marks: Sequence[Annotation], *, is_here: bool) -> str:
    mark = marks[0]
    lines = [mark.title]
    said = [
        structure_name(mark.structure),
        mark.side.value if mark.side else "",
        mark.grade.value if mark.grade else "",
    ]
    if any(said):
        lines.append(", ".join(filter(None, said)))
    if not is_here:
        lines.append("In a volume that is not on screen now")
    if len(marks) > 1:
        lines.append(f"and {len(marks) - 1} more: click again for the next")
    return "\n".join(lines)
