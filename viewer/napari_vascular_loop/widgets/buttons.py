"""Push buttons as the panels' bars have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QComboBox, QPushButton

if TYPE_CHECKING:
    from qtpy.QtCore import Signal


def button(text: str, tip: str, signal: Signal) -> QPushButton:
    """Make a button that emits a signal without arguments."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setAccessibleName(text)
    # Keys belong to the canvas and the text, not to the button that was clicked last.
    made.clicked.connect(lambda: signal.emit())
    return made


def toggle(text: str, tip: str) -> QPushButton:
    """Make a button that stays pressed."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setAccessibleName(text)
    made.setCheckable(True)
    made.setStyleSheet("QPushButton:checked { background-color: #2F6DB5; color: white; font-weight: bold; }")
    return made


def combo_box(name: str) -> QComboBox:
    """Make a box to choose from that is no wider than its place, whatever it offers."""
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    return box
