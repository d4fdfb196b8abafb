"""The public volumes as a panel of napari's Plugins menu."""

from __future__ import annotations

from typing import Any

from qtpy.QtWidgets import QVBoxLayout

from napari_vascular_loop.samples.catalogue import load_catalogue
from napari_vascular_loop.widgets.docked import DockedPanel
from napari_vascular_loop.widgets.samples_view import SamplesView
from napari_vascular_loop.widgets.volume_opening import opening_of


class SamplesPanel(DockedPanel):
    """Opens what is chosen in the viewer's window.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Given by napari, which goes by the parameter's name.
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self.view = SamplesView(load_catalogue(), self)
        self.view.chosen.connect(self._open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view, 1)
        self.setMinimumWidth(340)

    def let_go(self) -> None:
        """End a download that is under way."""
        self.view.stop()

    def _open(self, path: str, title: str) -> None:
        opening = opening_of(self._viewer)
        if opening is not None:
            opening.open(path, title)
