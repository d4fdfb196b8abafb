"""What a lesson still lacks, told while it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from napari_vascular_loop.lesson_check import remarks_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.lesson_check import Remark
    from napari_vascular_loop.store import LessonStore

_PAUSE_MS = 600
_MOST = 200
_QUESTION = Qt.ItemDataRole.UserRole + 1
_PROBLEM, _LOOK = QColor("#E0566B"), QColor("#D9A21B")


class CheckList(QWidget):
    """Lists what must be mended, then what is worth a look; a click chooses the mark or the question.

    Parameters
    ----------
    volume : callable
        Gives the volume that is shown, or None.

    Signals
    -------
    chosen : str
        Id of a mark.
    question_chosen : str
        Id of a question.
    counted : int
        How much there is.
    """

    chosen = Signal(str)
    question_chosen = Signal(str)
    counted = Signal(int)

    def __init__(self, volume: Callable[[], Volume | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._volume = volume
        self._store: LessonStore | None = None
        self._said: tuple[Remark, ...] | None = None
        self.list = QListWidget()
        self.list.setAccessibleName("What the lesson still lacks")
        self.list.setWordWrap(True)
        self.list.itemActivated.connect(self._on_item)
        self.list.itemClicked.connect(self._on_item)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.check)

    def show_store(self, store: LessonStore | None) -> None:
        """Check a lesson, a moment after its last change."""
        self._store = store
        self._pause.start()

    def check(self) -> None:
        """Check now."""
        self._pause.stop()
        store = self._store
        remarks = remarks_on(store, self._volume()) if store is not None else ()
        if remarks == self._said:
            return
        self._said = remarks
        self.list.clear()
        for remark in sorted(remarks, key=lambda one: not one.is_problem)[:_MOST]:
            self._add(("✗ " if remark.is_problem else "• ") + remark.words, remark)
        if len(remarks) > _MOST:
            self._add(f"and {len(remarks) - _MOST} more: see 'vascular-loop lesson check'")
        if store is not None and not remarks:
            self._add("✓ Nothing is missing: each mark has label, note, structure and passage")
        self.counted.emit(len(remarks))

    def _add(self, words: str, remark: Remark | None = None) -> None:
        item = QListWidgetItem(words)
        if remark is not None:
            item.setForeground(_PROBLEM if remark.is_problem else _LOOK)
            item.setData(Qt.ItemDataRole.UserRole, remark.annotation_id)
            item.setData(_QUESTION, remark.question_id)
        self.list.addItem(item)

    def _on_item(self, item: Any) -> None:
        if annotation_id := item.data(Qt.ItemDataRole.UserRole):
            self.chosen.emit(annotation_id)
        if question_id := item.data(_QUESTION):
            self.question_chosen.emit(question_id)
