"""The library as a panel of napari's Plugins menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QVBoxLayout

from napari_vascular_loop import _panel
from napari_vascular_loop.display.theme import is_dark
from napari_vascular_loop.domain.errors import VascularLoopError
from napari_vascular_loop.library_lesson import open_from_library, study_from_library
from napari_vascular_loop.widgets.docked import DockedPanel
from napari_vascular_loop.widgets.library_view import LibraryView

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.library.library import Library


class LibraryPanel(DockedPanel):
    """Opens what is chosen in the panel for lessons, or in that for study.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Given by napari, which goes by the parameter's name.
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self.view = LibraryView(self)
        self.view.chosen.connect(self._open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view, 1)
        self.setMinimumWidth(400)
        self._viewer.events.theme.connect(self._on_theme)
        self._on_theme()
        self.view.place.choose_last()

    def showEvent(self, event: Any) -> None:
        """Show how far students are by now."""
        super().showEvent(event)
        self.view.show_standing()

    def let_go(self) -> None:
        """End what is under way."""
        self.view.stop()
        self._viewer.events.theme.disconnect(self._on_theme)

    def _open(self, library: Library, path: Path, for_study: bool) -> None:
        try:
            if for_study:
                store = study_from_library(library, path)
                _panel.study_panel(self._viewer).open_lesson(store)
            else:
                store = open_from_library(library, path)
                _panel.lesson_panel_in_front(self._viewer).open_lesson(store)
        except VascularLoopError as error:
            self.view.tell(str(error), bad=True)

    def _on_theme(self, _event: Any = None) -> None:
        self.view.list.painter.set_dark(is_dark(self._viewer))
        if (viewport := self.view.list.viewport()) is not None:
            viewport.update()
