"""Whether everything is on disk, and what to do where it is not only ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget

from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.widgets.save_label import SaveLabel

if TYPE_CHECKING:
    from napari_vascular_loop.store import LessonStore
    from napari_vascular_loop.widgets.conflict_dialog import ConflictDialog

_LOOK_MS = 2000


class SaveRow(QWidget):
    """Says "Saved 2 s ago"; offers to take a lesson over, and to choose where two people changed the same thing.

    Every two seconds it lets the store look whether another program changed the lesson's files.

    Signals
    -------
    failed : str
        Why the lesson could not be taken over.
    """

    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store: LessonStore | None = None
        self.conflicts: ConflictDialog | None = None
        self.label = SaveLabel()
        self.take_over = QPushButton("Take over…")
        self.take_over.setToolTip("Edit the lesson here; the other program can only read it from then on")
        self.take_over.clicked.connect(self._take_over)
        self.choose = QPushButton("Choose…")
        self.choose.setAccessibleName("Choose between two versions")
        self.choose.clicked.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.choose)
        layout.addWidget(self.take_over)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self.show_store(None)

    def show_store(self, store: LessonStore | None) -> None:
        """Show the state of a store, and look after its files."""
        self._store = store
        self.label.show_store(store)
        self.take_over.setVisible(store is not None and bool(store.reader_note))
        count = len(store.conflicts) if store is not None else 0
        self.choose.setVisible(count > 0 and store is not None and not store.reader_note)
        self.choose.setText(f"{count} conflict{'s' if count > 1 else ''}: choose…")
        if store is None:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def _take_over(self) -> None:
        if self._store is None:
            return
        try:
            self._store.take_over()
        except VascularLoopError as error:
            self.failed.emit(str(error))

    def _choose(self) -> None:
        if self._store is not None:
            from napari_vascular_loop.widgets.conflict_dialog import ConflictDialog

            self.conflicts = ConflictDialog(self._store, self)
            self.conflicts.show()

    def look(self) -> None:
        """Let the store take in what other programs changed."""
        if self._store is not None:
            self._store.look_outside()
