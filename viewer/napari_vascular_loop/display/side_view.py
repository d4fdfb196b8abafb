"""A canvas beside the main one, which keeps to a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.display.layer_mirror import LayerMirror
from napari_vascular_loop.display.plane_view import PlaneView

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.space import Plane, Vector3


class SideView(PlaneView):
    """What a viewer model of our own shows of a scene.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Without layers; held weakly.
    scene : Scene
        Whose volume it shows.
    plane : Plane
        Of the slices that it shows.
    """

    def __init__(self, viewer: Any, scene: Scene, plane: Plane) -> None:
        super().__init__(viewer, scene)
        self.plane = plane
        self._mirror, self._overlay = LayerMirror(viewer), LayerMirror(viewer)

    def set_plane(self, plane: Plane) -> None:
        """Show slices of another plane, keeping the place in the middle."""
        self.plane = plane
        super().set_plane(plane)

    def follow(self, layer: Any, place_ras_mm: Vector3 | None) -> None:
        """Show the layer of the shown volume, or none; whole at first, at a place."""
        if self.viewer is None:
            return
        # One drawing at the end in place of one at each step.
        with self.drawing_held():
            is_first = self._mirror.layer is None
            self._mirror.show(layer)
            # A selected layer would have keys of its own.
            self.viewer.layers.selection.clear()
            if layer is not None:
                self.show_first(self.plane)
                if is_first:
                    self.show_whole()
                if place_ras_mm is not None:
                    self.show_slice_at(place_ras_mm)
        self.redraw()

    def follow_overlay(self, layer: Any) -> None:
        """Show another volume over it, or none."""
        if self.viewer is not None:
            with self.drawing_held():
                self._overlay.show(layer, at=1)
                self.viewer.layers.selection.clear()
            self.redraw()

    def let_go(self) -> None:
        """Follow the scene no more; its viewer is about to go, and all layers with it."""
        self._mirror.let_go()
        self._overlay.let_go()
        super().let_go()
