"""Buttons above the canvas in 3-D: planes, body or projection."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from napari_vascular_loop.display.solid_view import Solid
from napari_vascular_loop.widgets import settings
from napari_vascular_loop.widgets.buttons import toggle

if TYPE_CHECKING:
    from napari_vascular_loop.display.solid_view import SolidView


class SolidRow(QWidget):
    """Chooses what a view in 3-D shows; remembered for the next.

    Parameters
    ----------
    view : SolidView
        Which one.
    """

    def __init__(self, view: SolidView) -> None:
        super().__init__()
        self.buttons: dict[Solid, QPushButton] = {}
        group, row = QButtonGroup(self), QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for kind in Solid:
            each = self.buttons[kind] = toggle(kind.value, kind.about)
            each.setChecked(kind is view.kind)
            each.clicked.connect(partial(self._choose, view, kind))
            group.addButton(each)
            # The canvas may become narrow: the words come first, then room around them.
            each.setStyleSheet(f"{each.styleSheet()} QPushButton {{ padding: 3px 0px; font-weight: normal; }}")
            row.addWidget(each, len(kind.value))

    def _choose(self, view: SolidView, kind: Solid) -> None:
        view.show_as(kind)
        settings.keep_solid(kind)
