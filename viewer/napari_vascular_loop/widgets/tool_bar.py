"""Buttons for tools, undo and links."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QGridLayout, QWidget

from napari_vascular_loop.display.tools import Tool
from napari_vascular_loop.widgets.buttons import button, toggle
from napari_vascular_loop.widgets.key_table import shown

_TOOLS = {
    Tool.BROWSE: "Browse",
    Tool.ARROW: "Arrow",
    Tool.POINT: "Point",
    Tool.PATH: "Path",
    Tool.REGION: "Region",
    Tool.RULER: "Ruler",
    Tool.TEXT: "Text",
    Tool.ERASER: "Eraser",
}
_COLUMNS = 5


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
        for column, (tool, name) in enumerate(_TOOLS.items()):
            tool_button = toggle(name, f"{tool.value} ({shown(tool.name.lower())})")
            tool_button.clicked.connect(lambda _=False, t=tool: self.tool_chosen.emit(t))
            group.addButton(tool_button)
            layout.addWidget(tool_button, *divmod(column, _COLUMNS))
            self._tools[tool] = tool_button
        self.snap = toggle(
            "Snap", f"Marks lie on the middle of the slice in view; off, they keep their exact depth ({shown('snap')})"
        )
        layout.addWidget(self.snap, *divmod(len(_TOOLS), _COLUMNS))
        self._undo = button("Undo", "Take back the last change (Ctrl+Z)", self.undo_asked)
        self._redo = button("Redo", "Do it again (Ctrl+Shift+Z)", self.redo_asked)
        self._link = button("Link", "Tie the selected text to the selected mark (Ctrl+L)", self.link_asked)
        self._delete = button("Delete", "Delete the selected mark (Delete)", self.delete_asked)
        for column, other in enumerate((self._link, self._undo, self._redo, self._delete)):
            layout.addWidget(other, 2, column)

    def show_tool(self, tool: Tool) -> None:
        """Press the button of a tool."""
        self._tools[tool].setChecked(True)

    def show_possible(self, *, mark: bool, undo: str | None, redo: str | None, selected: bool) -> None:
        """Enable what can be done."""
        for tool, tool_button in self._tools.items():
            tool_button.setEnabled(mark or tool is Tool.BROWSE)
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
