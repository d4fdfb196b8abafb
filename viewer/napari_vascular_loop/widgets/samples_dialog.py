"""The public volumes in a window of their own, over napari's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QDialog, QPushButton, QVBoxLayout, QWidget

from napari_vascular_loop.widgets.samples_view import SamplesView

if TYPE_CHECKING:
    from napari_vascular_loop.samples.catalogue import Catalogue

_SIZE_PX = (1040, 660)


class SamplesDialog(QDialog):
    """Goes when a volume is opened, or is closed; a download that is under way then ends.

    Parameters
    ----------
    catalogue : Catalogue
        What there is.
    parent : QWidget, optional
        The window.

    Signals
    -------
    chosen : str
        Path of a volume to open.
    """

    chosen = Signal(str, str)

    def __init__(self, catalogue: Catalogue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Public volumes")
        self.resize(*_SIZE_PX)
        self.view = SamplesView(catalogue, self)
        self.close_button = QPushButton("Close")
        self.close_button.setAutoDefault(False)
        self.close_button.clicked.connect(lambda: self.reject())
        self.view.buttons.addWidget(self.close_button)
        self.view.chosen.connect(self._open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)

    def done(self, result: int) -> None:
        """End, whichever way; what is under way ends too."""
        self.view.stop()
        super().done(result)

    def _open(self, path: str, title: str) -> None:
        self.accept()
        self.chosen.emit(path, title)
