"""Buttons for planes, tools, undo and links."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QPushButton, QWidget

from napari_vascular_loop.display.tools import Tool
from napari_vascular_loop.domain.space import Plane

_TOOLS = {
    Tool.BROWSE: ("Browse", "Esc"),
    Tool.ARROW: ("Arrow", "A"),
    Tool.POINT: ("Point", "P"),
    Tool.PATH: ("Path", "L"),
    Tool.REGION: ("Region", "G"),
}
TOOL_KEYS = {tool: key for tool, (_, key) in _TOOLS.items() if tool is not Tool.BROWSE}


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
            button = _toggle(plane.name.capitalize(), f"Show {plane.name.lower()} slices")
            button.clicked.connect(lambda _=False, p=plane: self.plane_chosen.emit(p))
            group.addButton(button)
            layout.addWidget(button, 1)
            self._planes[plane] = button
        self._convention = _toggle(
            "Radiological", "On: the patient's left is on the right. Off: on the left (neurological)"
        )
        self._convention.clicked.connect(self.convention_chosen.emit)
        self._marks = _toggle("Marks", "Show or hide all marks (H)")
        self._marks.clicked.connect(self.marks_shown.emit)
        layout.addWidget(self._convention, 2)
        layout.addWidget(self._marks, 1)

    def show_state(self, plane: Plane | None, radiological: bool, marks: bool) -> None:
        """Press the buttons as the scene is."""
        for each, button in self._planes.items():
            button.setChecked(each is plane)
        self._convention.setChecked(radiological)
        self._marks.setChecked(marks)


class ToolBar(QWidget):
    """Tools for placing marks, undo and redo, link."""

    tool_chosen = Signal(object)
    undo_asked = Signal()
    redo_asked = Signal()
    link_asked = Signal()
    delete_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = _grid(self)
        self._tools = {}
        group = QButtonGroup(self)
        for column, (tool, (name, key)) in enumerate(_TOOLS.items()):
            button = _toggle(name, f"{tool.value} ({key})")
            button.clicked.connect(lambda _=False, t=tool: self.tool_chosen.emit(t))
            group.addButton(button)
            layout.addWidget(button, 0, column)
            self._tools[tool] = button
        self._undo = _button("Undo", "Take back the last change (Ctrl+Z)", self.undo_asked)
        self._redo = _button("Redo", "Do it again (Ctrl+Shift+Z)", self.redo_asked)
        self._link = _button("Link", "Tie the selected text to the selected mark (Ctrl+L)", self.link_asked)
        self._delete = _button("Delete", "Delete the selected mark (Delete)", self.delete_asked)
        for column, button in enumerate((self._link, self._undo, self._redo, self._delete)):
            layout.addWidget(button, 1, column)

    def show_tool(self, tool: Tool) -> None:
        """Press the button of a tool."""
        self._tools[tool].setChecked(True)

    def show_possible(self, *, mark: bool, undo: str | None, redo: str | None, selected: bool) -> None:
        """Enable what can be done."""
        for tool, button in self._tools.items():
            button.setEnabled(mark or tool is Tool.BROWSE)
        self._undo.setEnabled(undo is not None)
        self._undo.setToolTip(f"Undo {undo} (Ctrl+Z)" if undo else "Nothing to undo")
        self._redo.setEnabled(redo is not None)
        self._redo.setToolTip(f"Redo {redo} (Ctrl+Shift+Z)" if redo else "Nothing to redo")
        self._link.setEnabled(selected)
        self._delete.setEnabled(selected)


def _grid(parent: QWidget) -> QGridLayout:
    layout = QGridLayout(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(3)
    return layout


def _button(text: str, tip: str, signal: Signal) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAccessibleName(text)
    # Keys belong to the canvas and the text, not to the button that was clicked last.
    button.clicked.connect(lambda: signal.emit())
    return button


def _toggle(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAccessibleName(text)
    button.setCheckable(True)
    button.setStyleSheet("QPushButton:checked { background-color: #2F6DB5; color: white; font-weight: bold; }")
    return button
