"""A canvas beside the main one that shows the head in 3-D, with the marks in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.display.side_view import SideView
from napari_vascular_loop.domain.space import Plane

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.space import Vector3

_FROM_THE_LEFT_FRONT = (0.0, 25.0, 60.0)


class SolidView(SideView):
    """The volume as a body, to be turned with the mouse; it stays where it is when the planes move.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Without layers; held weakly.
    scene : Scene
        Whose volume it shows.
    """

    def __init__(self, viewer: Any, scene: Scene) -> None:
        super().__init__(viewer, scene, Plane.AXIAL)

    def follow(self, layer: Any, place_ras_mm: Vector3 | None) -> None:
        """Show the layer of the shown volume, or none; whole at first."""
        viewer = self.viewer
        if viewer is None:
            return
        with self.drawing_held():
            is_first = self._mirror.layer is None
            self._mirror.show(layer)
            viewer.layers.selection.clear()
            if layer is not None:
                viewer.canvas.background_color_override = "black"
                viewer.dims.ndisplay = 3
                if is_first:
                    self.show_whole()
        self.redraw()

    def show_whole(self) -> None:
        """Show the whole head, from the front and the left."""
        viewer = self.viewer
        if viewer is not None and len(viewer.layers):
            viewer.reset_view()
            viewer.scene.camera.angles = _FROM_THE_LEFT_FRONT

    def show_slice_at(self, ras_mm: Vector3) -> None:
        """Stay: to slice anew would load the whole volume again."""

    def centre_on_ras_mm(self, ras_mm: Vector3) -> None:
        """Stay: to slice anew would load the whole volume again."""

    def centre_on_whole_marks(self, field_of_view_mm: float) -> None:
        """Stay: all marks are to be seen."""

    def set_plane(self, plane: Plane) -> None:
        """Stay: there is no plane."""
