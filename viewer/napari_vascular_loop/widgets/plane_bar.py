"""Buttons for planes, layout, convention, crosshair and marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_vascular_loop.display.layout import Layout
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.widgets.buttons import button, toggle
from napari_vascular_loop.widgets.grey_menu import GreyMenu
from napari_vascular_loop.widgets.key_table import shown
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
    help_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._planes = {
            plane: toggle(plane.name.capitalize(), f"Show {plane.name.lower()} slices on the main canvas")
            for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)
        }
        for plane, each in self._planes.items():
            each.clicked.connect(lambda _=False, p=plane: self.plane_chosen.emit(p))
        self._convention = toggle(
            "Radiological", "On: the patient's left is on the right. Off: on the left (neurological)"
        )
        self._convention.clicked.connect(self.convention_chosen.emit)
        self._layouts = {
            layout: toggle("", f"{layout.title} ({shown(f'layout {number}')})")
            for number, layout in enumerate(Layout, start=1)
        }
        for layout, each in self._layouts.items():
            each.setAccessibleName(layout.title)
            each.setIcon(layout_icon(layout))
            each.setIconSize(ICON_SIZE)
            each.clicked.connect(lambda _=False, chosen=layout: self.layout_chosen.emit(chosen))
        self._crosshair = toggle("Crosshair", f"Show or hide where the other planes cut ({shown('crosshair')})")
        self._crosshair.clicked.connect(self.crosshair_shown.emit)
        self._marks = toggle("Marks", f"Show or hide all marks ({shown('marks')})")
        self._marks.clicked.connect(self.marks_shown.emit)
        self.grey = GreyMenu()
        self.help = button("?", f"All keys, and what the mouse does ({shown('help')})", self.help_asked)
        self.help.setAccessibleName("Keys and mouse")
        for group in (self._planes, self._layouts):
            exclusive = QButtonGroup(self)
            for each in group.values():
                exclusive.addButton(each)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(3)
        rows.addLayout(_row([*self._planes.values(), self._convention]))
        self.second = _row([*self._layouts.values(), self.grey, self._crosshair, self._marks, self.help])
        rows.addLayout(self.second)

    def show_state(self, plane: Plane | None, radiological: bool, marks: bool, crosshair: bool) -> None:
        """Press the buttons as the scene is."""
        for shown_plane, each in self._planes.items():
            each.setChecked(shown_plane is plane)
        self._convention.setChecked(radiological)
        self._marks.setChecked(marks)
        self._crosshair.setChecked(crosshair)

    def show_layout(self, layout: Layout, possible: bool) -> None:
        """Press the button of the layout; none can be chosen without a window."""
        for shown_layout, each in self._layouts.items():
            each.setChecked(shown_layout is layout)
            each.setEnabled(possible)
        self._crosshair.setEnabled(possible and layout.has_planes)


def _row(buttons: Iterable[QPushButton]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(3)
    for each in buttons:
        # As wide as its words want, and a share of what is left.
        row.addWidget(each, max(3, len(each.text())))
    return row
