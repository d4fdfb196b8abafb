"""Buttons for planes, convention and marks."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.widgets.buttons import toggle


class PlaneBar(QWidget):
    """Axial, coronal or sagittal; radiological or neurological; marks shown or hidden."""

    plane_chosen = Signal(object)
    convention_chosen = Signal(bool)
    marks_shown = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        self._planes = {}
        group = QButtonGroup(self)
        for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL):
            button = toggle(plane.name.capitalize(), f"Show {plane.name.lower()} slices")
            button.clicked.connect(lambda _=False, p=plane: self.plane_chosen.emit(p))
            group.addButton(button)
            layout.addWidget(button, 1)
            self._planes[plane] = button
        self._convention = toggle(
            "Radiological", "On: the patient's left is on the right. Off: on the left (neurological)"
        )
        self._convention.clicked.connect(self.convention_chosen.emit)
        self._marks = toggle("Marks", "Show or hide all marks (H)")
        self._marks.clicked.connect(self.marks_shown.emit)
        layout.addWidget(self._convention, 2)
        layout.addWidget(self._marks, 1)

    def show_state(self, plane: Plane | None, radiological: bool, marks: bool) -> None:
        """Press the buttons as the scene is."""
        for each, button in self._planes.items():
            button.setChecked(each is plane)
        self._convention.setChecked(radiological)
        self._marks.setChecked(marks)
