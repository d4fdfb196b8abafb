"""A canvas beside napari's own: a plane of the shown volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.components import ViewerModel
from napari.qt import QtViewer
from qtpy.QtWidgets import QFrame, QVBoxLayout

from napari_vascular_loop.display.solid_view import SolidView
from napari_vascular_loop.widgets import settings
from napari_vascular_loop.widgets.canvas_memory import forget, free
from napari_vascular_loop.widgets.solid_row import SolidRow

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.space import Plane

_SLIDER_PX, _COUNTS_FROM_PX, _PLAYS_FROM_PX = 40, 180, 260


class SideCanvas(QFrame):
    """Holds the viewer model and napari's widget for it; to be closed with :meth:`let_go`.

    Parameters
    ----------
    scene : Scene
        Whose volume it shows.
    plane : Plane or None
        In which plane, at first; None for 3-D.
    """

    def __init__(self, scene: Scene, plane: Plane | None) -> None:
        super().__init__()
        self._scene = scene
        name = f"{plane.name.capitalize()} plane" if plane is not None else "3-D"
        self.model = ViewerModel(title=name)
        if scene.viewer is not None:
            self.model.theme = scene.viewer.theme
        # All that is to be seen is in the model before there is a canvas, which then draws it once.
        if plane is not None:
            self.view = scene.add_view(self.model, plane)
        else:
            self.view = scene.add_solid_view(self.model, settings.solid())
        self.qt_viewer = QtViewer(self.model)
        # What is dropped here belongs to napari's window, which can open it.
        self.qt_viewer.setAcceptDrops(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        if isinstance(self.view, SolidView):
            layout.addWidget(SolidRow(self.view))
        layout.addWidget(self.qt_viewer, 1)
        self.setMinimumSize(120, 100)
        self.setAccessibleName(name)

    def resizeEvent(self, event: Any) -> None:
        """On a narrow canvas, keep the slider and its number whole: the button that plays goes first."""
        super().resizeEvent(event)
        for row in self.qt_viewer.dims.slider_widgets:
            row.slider.setMinimumWidth(_SLIDER_PX)
            row.play_button.setVisible(self.width() >= _PLAYS_FROM_PX)
            row.totslice_label.setVisible(self.width() >= _COUNTS_FROM_PX)

    def let_go(self) -> None:
        """Take the view from the scene and the widget from the window; an open one would crash Python at its end."""
        self._scene.remove_view(self.view)
        free(self.qt_viewer)
        forget(self.model)
        self.qt_viewer.close()
        self.qt_viewer.deleteLater()
        self.setParent(None)
        self.deleteLater()
