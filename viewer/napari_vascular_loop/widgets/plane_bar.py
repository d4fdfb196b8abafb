"""Buttons for planes, layout, convention, crosshair and marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_vascular_loop.display.layout import Layout
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.widgets.buttons import toggle
from napari_vascular_loop.widgets.layout_icon import ICON_SIZE, layout_icon

if TYPE_CHECKING:
    from collections.abc import Iterable


class PlaneBar(QWidget):
    """What is seen, and how: emits what a user asks for, and shows what is."""

    plane_chosen = Signal(object)
    convention_chosen = Signal(bool)
    marks_shown = Signal(bool)
    crosshair_shown = Signal(bool)
    layout_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._planes = {
            plane: toggle(plane.name.capitalize(), f"Show {plane.name.lower()} slices on the main canvas")
            for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)
        }
        for plane, button in self._planes.items():
            button.clicked.connect(lambda _=False, p=plane: self.plane_chosen.emit(p))
        self._convention = toggle(
            "Radiological", "On: the patient's left is on the right. Off: on the left (neurological)"
        )
        self._convention.clicked.connect(self.convention_chosen.emit)
        self._layouts = {
            layout: toggle("", f"{layout.title} (Alt+{number})") for number, layout in enumerate(Layout, start=1)
        }
        for layout, button in self._layouts.items():
            button.setAccessibleName(layout.title)
            button.setIcon(layout_icon(layout))
            button.setIconSize(ICON_SIZE)
            button.clicked.connect(lambda _=False, each=layout: self.layout_chosen.emit(each))
        self._crosshair = toggle("Crosshair", "Show or hide where the other planes cut (C)")
        self._crosshair.clicked.connect(self.crosshair_shown.emit)
        self._marks = toggle("Marks", "Show or hide all marks (H)")
        self._marks.clicked.connect(self.marks_shown.emit)
        for group in (self._planes, self._layouts):
            exclusive = QButtonGroup(self)
            for button in group.values():
                exclusive.addButton(button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(3)
        rows.addLayout(_row([*self._planes.values(), self._convention]))
        self.second = _row([*self._layouts.values(), self._crosshair, self._marks])
        rows.addLayout(self.second)

    def show_state(self, plane: Plane | None, radiological: bool, marks: bool, crosshair: bool) -> None:
        """Press the buttons as the scene is."""
        for each, button in self._planes.items():
            button.setChecked(each is plane)
        self._convention.setChecked(radiological)
        self._marks.setChecked(marks)
        self._crosshair.setChecked(crosshair)

    def show_layout(self, layout: Layout, possible: bool) -> None:
        """Press the button of the layout; none can be chosen without a window."""
        for each, button in self._layouts.items():
            button.setChecked(each is layout)
            button.setEnabled(possible)
        self._crosshair.setEnabled(possible and layout.has_planes)


def _row(buttons: Iterable[QPushButton]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(3)
    for button in buttons:
        # As wide as its words want, and a share of what is left.
        row.addWidget(button, max(3, len(button.text())))
    return row
