"""How the parts of the lesson panel are laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QScrollArea, QSplitter, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

_NARROWEST_PX = 400


def scrolled(widget: QWidget) -> QScrollArea:
    """Put a widget where it can be scrolled."""
    scroll = QScrollArea()
    scroll.setWidget(widget)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    return scroll


def lay_out(
    panel: QWidget, above: Sequence[QWidget], article: QWidget, tabs: QWidget, below: Sequence[QWidget]
) -> None:
    """Stack the parts of a panel; article and tabs share the room that is left."""
    split = QSplitter(Qt.Orientation.Vertical)
    split.addWidget(article)
    split.addWidget(tabs)
    split.setStretchFactor(0, 3)
    split.setStretchFactor(1, 2)
    split.setChildrenCollapsible(False)
    layout = QVBoxLayout(panel)
    layout.setContentsMargins(6, 6, 6, 6)
    layout.setSpacing(5)
    for widget in above:
        layout.addWidget(widget)
    layout.addWidget(split, 1)
    for widget in below:
        layout.addWidget(widget)
    panel.setMinimumWidth(_NARROWEST_PX)
