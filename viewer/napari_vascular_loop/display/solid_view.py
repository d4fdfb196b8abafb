"""A canvas beside the main one that shows the head in 3-D, with the marks in it."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.display.side_view import SideView
from napari_vascular_loop.display.solid_planes import SolidPlanes
from napari_vascular_loop.domain.space import Plane

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.space import Vector3

_FROM_THE_LEFT_FRONT = (0.0, 25.0, 60.0)


class Solid(enum.Enum):
    """What is shown in 3-D; the value is what a user reads."""

    PLANES = "Planes"
    VOLUME = "Volume"
    MIP = "MIP"

    @property
    def about(self) -> str:
        """What it is, in a sentence."""
        return {
            Solid.PLANES: "The three planes where they cross, as slices in space",
            Solid.VOLUME: "The whole head as a body",
            Solid.MIP: "The brightest value along each line of sight: vessels in TOF",
        }[self]


_ROOM_TO_TURN = 0.85
_COLOURED_BY = ("visible", "opacity", "blending", "colormap", "contrast_limits", "gamma", "data")
_RENDERING = {Solid.VOLUME: "attenuated_mip", Solid.MIP: "mip"}


class SolidView(SideView):
    """The head in 3-D, to be turned with the mouse; the picture stays where it is when the planes move through it.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Without layers; held weakly.
    scene : Scene
        Whose volume it shows.
    kind : Solid
        What of it, at first.
    """

    def __init__(self, viewer: Any, scene: Scene, kind: Solid = Solid.PLANES) -> None:
        super().__init__(viewer, scene, Plane.AXIAL)
        self.kind = kind
        self._over: Any = None
        self._planes = SolidPlanes(viewer.layers)
        scene.place_changed.connect(self._show_kind)
        scene.grey.changed.connect(self._show_kind)

    def show_as(self, kind: Solid) -> None:
        """Show the planes, the body or the projection."""
        if kind is not self.kind:
            self.kind = kind
            self._show_kind()

    def follow(self, layer: Any, place_ras_mm: Vector3 | None) -> None:
        """Show the layer of the shown volume, or none; whole at first."""
        viewer = self.viewer
        if viewer is None:
            return
        with self.drawing_held():
            is_first = self._mirror.layer is None
            # Unseen until it is asked for: a volume takes seconds to draw where there is no graphics card.
            self._mirror.show(layer, visible=self.kind is not Solid.PLANES)
            viewer.layers.selection.clear()
            self._show_kind()
            if layer is not None:
                viewer.canvas.background_color_override = "black"
                viewer.dims.ndisplay = 3
                if is_first:
                    self.show_whole()
        self.redraw()

    def follow_overlay(self, layer: Any) -> None:
        """Paint another volume over the slices, or none; the body and the projection are of one volume."""
        for name in _COLOURED_BY if self._over is not None else ():
            getattr(self._over.events, name).disconnect(self._show_kind)
        self._over = layer
        for name in _COLOURED_BY if layer is not None else ():
            getattr(layer.events, name).connect(self._show_kind)
        self._show_kind()

    def let_go(self) -> None:
        """Follow the scene no more."""
        self.follow_overlay(None)
        self._scene.place_changed.disconnect(self._show_kind)
        self._scene.grey.changed.disconnect(self._show_kind)
        super().let_go()

    def _show_kind(self, _event: Any = None) -> None:
        """Show the planes where they cross now, or the volume as it is wanted."""
        layer, source, volume = self._mirror.layer, self._scene.layer, self._scene.volume
        if self.viewer is None or layer is None or source is None or volume is None:
            self._planes.hide()
            return
        if self.kind is Solid.PLANES:
            layer.visible = False
            place_ras_mm, frame = self._scene.place_ras_mm, volume.frame
            middle_mm = np.add(frame.translate_mm, np.multiply(frame.scale_mm, np.subtract(frame.shape, 1)) / 2)
            if source.visible:
                at_mm = middle_mm if place_ras_mm is None else frame.display_from_ras(place_ras_mm)
                self._planes.draw(source, frame, at_mm, self._over)
        else:
            self._planes.hide()
            layer.rendering = _RENDERING[self.kind]
            layer.visible = source.visible

    def show_whole(self) -> None:
        """Show the whole head, from the front and the left."""
        viewer = self.viewer
        if viewer is not None and len(viewer.layers):
            viewer.reset_view()
            viewer.scene.camera.angles = _FROM_THE_LEFT_FRONT
            # napari makes room for the sides of the box, not for its diagonals, which are seen from there.
            viewer.scene.camera.zoom *= _ROOM_TO_TURN

    def show_slice_at(self, ras_mm: Vector3) -> None:
        """Stay: to slice anew would load the whole volume again."""

    def centre_on_ras_mm(self, ras_mm: Vector3) -> None:
        """Stay: to slice anew would load the whole volume again."""

    def centre_on_whole_marks(self, field_of_view_mm: float) -> None:
        """Stay: all marks are to be seen."""

    def set_plane(self, plane: Plane) -> None:
        """Stay: there is no plane."""
