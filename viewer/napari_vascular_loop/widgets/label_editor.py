"""The label of a mark, typed on the image itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QCursor
from qtpy.QtWidgets import QLineEdit, QWidget

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation

_WIDTH_PX = 240
_STYLE = "QLineEdit { background: #101418; color: white; border: 2px solid #FFD23F; padding: 2px 4px; }"


class LabelEditor(QLineEdit):
    """A line that opens under the mouse; Enter keeps what was typed, Esc drops it, leaving it keeps it.

    Signals
    -------
    kept : str, str
        Id of the mark, and its new label.
    written : str
        The words of a new text; "" if there are to be none.
    """

    kept = Signal(str, str)
    written = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName("Label of the mark")
        self.setPlaceholderText("Label; Enter keeps, Esc drops")
        self.setStyleSheet(_STYLE)
        self.setFixedWidth(_WIDTH_PX)
        self._annotation_id: str | None = None
        self._before = ""
        self._is_new = False
        self.hide()

    @property
    def annotation_id(self) -> str | None:
        """Id of the mark whose label is being typed, or None."""
        return self._annotation_id

    def edit(self, annotation: Annotation) -> None:
        """Open on a mark, within the window."""
        self.finish()
        self._annotation_id, self._before = annotation.id, annotation.label
        self._open(annotation.label)

    def write(self) -> None:
        """Open for the words of a new text."""
        self.finish()
        self._is_new = True
        self._open("")

    def _open(self, text: str) -> None:
        self.setPlaceholderText(f"{'Text' if self._is_new else 'Label'}; Enter keeps, Esc drops")
        self.setText(text)
        self.selectAll()
        window = self.parentWidget()
        if window is not None:
            place = window.mapFromGlobal(QCursor.pos())
            room = window.rect().adjusted(0, 0, -self.width(), -self.sizeHint().height())
            self.move(
                min(max(place.x() + 8, room.left()), max(room.right(), 0)),
                min(max(place.y() + 8, room.top()), max(room.bottom(), 0)),
            )
        self.show()
        self.raise_()
        self.setFocus()

    def finish(self) -> None:
        """Close, keeping what was typed."""
        annotation_id, self._annotation_id = self._annotation_id, None
        is_new, self._is_new = self._is_new, False
        self.hide()
        text = self.text().strip()
        if is_new:
            self.written.emit(text)
        if annotation_id is not None and text != self._before.strip():
            self.kept.emit(annotation_id, text)

    def drop(self) -> None:
        """Close, as if nothing had been typed."""
        self._annotation_id = None
        self.hide()
        if self._is_new:
            self._is_new = False
            self.written.emit("")

    def keyPressEvent(self, event: Any) -> None:
        """Enter keeps, Esc drops; neither reaches the canvas."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()
            event.accept()
        elif event.key() == Qt.Key.Key_Escape:
            self.drop()
            event.accept()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        """Keep what was typed when the user goes on elsewhere."""
        super().focusOutEvent(event)
        self.finish()
