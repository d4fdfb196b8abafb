"""Where students clicked: dots over the volume, the brighter the more of them lie close together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Points

from napari_vascular_loop.display.each_view import EachView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.display.plane_view import PlaneView
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.space import FloatArray, Vector3

LAYER = "Where students clicked"
NEAR_MM = 3.0
"""Clicks this near to each other make each other brighter; and a click is seen this far from its slice."""

_SIZE_MM = 2.5
_COLOURS = "inferno"


def density(places_mm: FloatArray, near_mm: float = NEAR_MM) -> FloatArray:
    """How many places lie close to each, as part of the most: a Gaussian kernel, from above 0 to 1.

    Parameters
    ----------
    places_mm : array of shape (N, 3)
        In any frame, in mm.
    near_mm : float
        The kernel's standard deviation.
    """
    places = np.asarray(places_mm, dtype=np.float64).reshape(-1, 3)
    if not len(places):
        return np.zeros(0)
    # Row by row: all pairs at once of a large class would not fit into memory.
    counts = np.array([np.exp(-((places - one) ** 2).sum(axis=1) / (2 * near_mm**2)).sum() for one in places])
    return np.asarray(counts / counts.max(), dtype=np.float64)


class HeatMap:
    """Draws clicks on all canvases of a scene, on a layer of its own on each.

    Parameters
    ----------
    scene : Scene
        Whose volume the clicks lie in.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._places_ras_mm: FloatArray = np.zeros((0, 3))
        self._density: FloatArray = np.zeros(0)
        self._dots: dict[int, _Dots] = {}
        self._views = EachView(scene, self._take, self._give_back)
        scene.volume_changed.connect(self._draw)

    @property
    def count(self) -> int:
        """How many clicks are shown."""
        return len(self._places_ras_mm)

    def show(self, places_ras_mm: Sequence[Vector3]) -> None:
        """Show clicks at places in RAS mm, in place of those shown before; none clears."""
        self._places_ras_mm = np.array(places_ras_mm, dtype=np.float64).reshape(-1, 3)
        self._density = density(self._places_ras_mm)
        self._draw()

    def close(self) -> None:
        """Take the layers away, and stop following the viewer."""
        self._scene.volume_changed.disconnect(self._draw)
        self._views.close()

    def _take(self, view: PlaneView) -> None:
        self._dots[id(view)] = _Dots(self._scene, view)
        self._draw()

    def _give_back(self, view: PlaneView) -> None:
        dots = self._dots.pop(id(view), None)
        if dots is not None:
            dots.close()

    def _draw(self) -> None:
        volume = self._scene.volume
        frame = volume.frame if volume is not None else None
        places_mm = frame.display_from_ras(self._places_ras_mm) if frame is not None else np.zeros((0, 3))
        for dots in self._dots.values():
            dots.show(places_mm, self._density[: len(places_mm)], frame)


class _Dots:
    """The dots on one canvas: a layer that holds what is near the slice, and is fed anew as the slice changes."""

    def __init__(self, scene: Scene, view: PlaneView) -> None:
        self._scene = scene
        self._view, self._viewer = view, view.viewer
        self._places_mm: FloatArray = np.zeros((0, 3))
        self._density: FloatArray = np.zeros(0)
        self._frame: DisplayFrame | None = None
        self._layer: Any = None
        dims = self._viewer.dims.events
        self._events = (dims.point, dims.order, dims.ndisplay)
        for event in self._events:
            event.connect(self._draw)

    def show(self, places_mm: FloatArray, dense: FloatArray, frame: DisplayFrame | None) -> None:
        """Show dots at places in display mm, shape (N, 3), of a volume that is displayed in a frame."""
        self._places_mm, self._density, self._frame = places_mm, dense, frame
        self._draw()

    def close(self) -> None:
        for event in self._events:
            event.disconnect(self._draw)
        if self._layer is not None and self._layer in self._viewer.layers:
            self._viewer.layers.remove(self._layer)

    def _draw(self, _event: Any = None) -> None:
        frame, state = self._frame, self._view.state()
        if self._scene.is_changing or (self._layer is None and not len(self._places_mm)):
            return
        if frame is None or state is None or not len(self._places_mm):
            if self._layer is not None and len(self._layer.data):
                self._layer.data = np.empty((0, 3))
            return
        layer = self._ensure(max(frame.scale_mm))
        shown, dense = self._places_mm, self._density
        if self._viewer.dims.ndisplay == 2:
            axis = state.display_axis
            near = np.abs(shown[:, axis] - state.slice_mm) <= max(NEAR_MM, frame.scale_mm[axis] / 2)
            shown, dense = shown[near].copy(), dense[near]
            shown[:, axis] = state.slice_mm
        order = np.argsort(dense, kind="stable")
        shown, dense = shown[order], dense[order]
        layer.data = shown / layer.scale
        if len(shown):
            layer.features = {"density": dense}
            layer.face_color = "density"
            layer.face_contrast_limits = (0.0, 1.0)
            layer.size = _SIZE_MM / layer.scale[0]
            layer.selected_data = set()
        layer.editable = False

    def _ensure(self, scale_mm: float) -> Any:
        if self._layer is None or self._layer not in self._viewer.layers:
            self._layer = Points(
                np.zeros((1, 3)),
                name=LAYER,
                features={"density": [1.0]},
                face_color="density",
                face_colormap=_COLOURS,
                face_contrast_limits=(0.0, 1.0),
                border_color="black",
                border_width=0.08,
                opacity=0.9,
                units=("mm",) * 3,
            )
            self._layer.data = np.empty((0, 3))
            active = self._viewer.layers.selection.active
            self._viewer.layers.append(self._layer)
            self._viewer.layers.selection.active = active
        # As large as the volume's largest voxel, so that the steps of napari's sliders stay those of the volume.
        if self._layer.scale[0] != scale_mm:
            self._layer.scale = (scale_mm,) * 3
        return self._layer
