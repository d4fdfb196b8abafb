"""The page of all keys, and of what the mouse does."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from napari_vascular_loop.widgets.key_table import GROUPS, MOUSE

if TYPE_CHECKING:
    from collections.abc import Iterable


class KeyPage(QDialog):
    """Two columns of small tables; closes with Esc.

    Parameters
    ----------
    parent : QWidget or None
        The window over which it lies.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys and mouse")
        page = QWidget()
        grid = QGridLayout(page)
        grid.setHorizontalSpacing(28)
        tables = [_table("Mouse on a plane", MOUSE)]
        tables += [_table(title, [(key.shown, key.does) for key in keys]) for title, keys in GROUPS.items()]
        columns = (tables[:3], tables[3:])
        for column, texts in enumerate(columns):
            label = QLabel("".join(texts))
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(label, 0, column)
            grid.setColumnStretch(column, 1)
        scroll = QScrollArea()
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll)
        layout.addWidget(buttons)
        self.resize(940, 680)


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(
        f"<tr><td style='padding: 2px 14px 2px 0; white-space: nowrap'><b>{escape(keys)}</b></td>"
        f"<td style='padding: 2px 0'>{escape(does)}</td></tr>"
        for keys, does in rows
    )
    return f"<h3>{escape(title)}</h3><table>{cells}</table>"
