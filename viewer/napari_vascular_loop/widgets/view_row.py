"""How a mark is to be looked at: taken over from the screen, or forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

if TYPE_CHECKING:
    from napari_vascular_loop.domain.mark_view import MarkView


class ViewRow(QWidget):
    """Says plane, zoom, grey scale and slab in which a mark is shown when one goes to it.

    Signals
    -------
    keep_asked
        Take over what is on screen.
    forget_asked
        Let the screen stay as it is.
    figure_asked
        Draw the figure of the mark.
    """

    keep_asked = Signal()
    forget_asked = Signal()
    figure_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.keep = QPushButton("As now")
        self.keep.setToolTip("Whoever goes to this mark sees it as it is on screen now: plane, zoom, grey scale, slab")
        self.forget = QPushButton("Forget")
        self.forget.setToolTip("Whoever goes to this mark keeps plane, zoom, grey scale and slab")
        self.figure = QPushButton("Figure…")
        self.figure.setToolTip("Draw this mark for a paper or a slide, and save it")
        self.figure.clicked.connect(self.figure_asked)
        self.keep.clicked.connect(self.keep_asked)
        self.forget.clicked.connect(self.forget_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.keep)
        layout.addWidget(self.forget)
        layout.addWidget(self.figure)

    def show_view(self, view: MarkView | None) -> None:
        """Show what is kept of a mark."""
        said = view.words if view is not None else ""
        self.words.setText(said or "stays as it is on screen")
        self.forget.setVisible(view is not None)
