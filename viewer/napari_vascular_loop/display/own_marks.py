"""A student's own marks: points on a layer of napari's, apart from the lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Points
from psygnal import Signal

from napari_vascular_loop.display.each_view import EachView
from napari_vascular_loop.domain.answer import OwnMark
from napari_vascular_loop.domain.space import vector3

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.display.plane_view import PlaneView
    from napari_vascular_loop.display.scene import Scene

LAYER = "My marks"
_SIZE_MM = 3.0
_COLOUR = "#00C8FF"


class OwnMarks:
    """Shows a student's points, and tells when he has changed them with napari's own tools.

    They are placed and moved on the main canvas, and seen on all.

    Parameters
    ----------
    scene : Scene
        Whose volume they lie in.
    """

    changed = Signal()
    """Points were added, moved or deleted."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._layer: Any = None
        self._is_filling = False
        self._elsewhere: tuple[OwnMark, ...] = ()
        self._copies: dict[int, Any] = {}
        self._views: EachView | None = None

    @property
    def is_shown(self) -> bool:
        """Whether the layer is there."""
        return self._layer is not None and self._layer in self._scene.viewer.layers

    def show(self, marks: Sequence[OwnMark], *, drawing: bool = False) -> None:
        """Show points on the layer, made if need be.

        Parameters
        ----------
        marks : sequence of OwnMark
            Those in another volume are kept, and not seen.
        drawing : bool
            Make the layer napari's active one, on which each click adds a point.
        """
        scene = self._scene
        viewer, volume = scene.viewer, scene.volume
        if volume is None or scene.volume_id is None or (not marks and not drawing):
            return
        here = [mark for mark in marks if mark.volume_id == scene.volume_id]
        self._elsewhere = tuple(mark for mark in marks if mark.volume_id != scene.volume_id)
        scale_mm = max(volume.frame.scale_mm)
        self._is_filling = True
        try:
            if not self.is_shown:
                self._layer = _add_layer(viewer, scale_mm)
                self._layer.events.data.connect(self._on_data)
                self._layer.events.visible.connect(self._copy)
                viewer.layers.events.removed.connect(self._copy)
                self._views = self._views or EachView(scene, self._copy, self._give_back)
            places = [volume.frame.display_from_ras(mark.place_ras_mm) / scale_mm for mark in here]
            self._layer.data = np.array(places, dtype=np.float64).reshape(-1, 3)
            if here:
                self._layer.features = {"label": [mark.label for mark in here]}
        finally:
            self._is_filling = False
        self._copy()
        if drawing:
            viewer.layers.selection.active = self._layer
            self._layer.mode = "add"

    def rest(self) -> None:
        """Give the mouse back: clicks add no points."""
        if self.is_shown:
            self._layer.mode = "pan_zoom"
            self._scene.viewer.layers.selection.active = self._scene.layer

    def marks(self) -> tuple[OwnMark, ...]:
        """The points as they are now, in RAS mm."""
        volume, volume_id = self._scene.volume, self._scene.volume_id
        if not self.is_shown or volume is None or volume_id is None:
            return self._elsewhere
        labels = list(self._layer.features.get("label", ())) or [""] * len(self._layer.data)
        places = volume.frame.ras_from_display(np.asarray(self._layer.data) * self._layer.scale)
        here = [
            OwnMark(vector3(np.round(place, 2)), volume_id, label if isinstance(label, str) else "")
            for place, label in zip(places, labels, strict=True)
        ]
        return (*self._elsewhere, *here)

    def close(self) -> None:
        """Take the layers away; the marks are kept with the results."""
        if self.is_shown:
            self._layer.events.data.disconnect(self._on_data)
            self._layer.events.visible.disconnect(self._copy)
            self._scene.viewer.layers.events.removed.disconnect(self._copy)
            self._scene.viewer.layers.remove(self._layer)
        self._layer = None
        if self._views is not None:
            self._views.close()
            self._views = None

    def _give_back(self, view: PlaneView) -> None:
        copy = self._copies.pop(id(view), None)
        if copy is not None and view.viewer is not None and copy in view.viewer.layers:
            view.viewer.layers.remove(copy)

    def _copy(self, _what: Any = None) -> None:
        """Show the points as they are now on the canvases beside the main one."""
        for view in self._scene.views:
            if view is self._scene.main or view.viewer is None:
                continue
            if not self.is_shown or self._scene.volume is None:
                self._give_back(view)
                continue
            scale_mm = float(self._layer.scale[0])
            copy = self._copies.get(id(view))
            if copy is None or copy not in view.viewer.layers:
                copy = self._copies[id(view)] = _add_layer(view.viewer, scale_mm)
            copy.data = np.array(self._layer.data)
            copy.visible = self._layer.visible
            copy.selected_data = set()
            copy.editable = False

    def _on_data(self, event: Any) -> None:
        if not self._is_filling:
            self._copy()
        if not self._is_filling and str(getattr(event, "action", "changed")).lower() in (
            "added", "removed", "changed", "actiontype.added", "actiontype.removed", "actiontype.changed",
        ):  # fmt: skip
            self.changed.emit()


def _add_layer(viewer: Any, scale_mm: float) -> Any:
    """Put an empty layer on top; the one that was active stays so."""
    layer = Points(
        ndim=3, name=LAYER, scale=(scale_mm,) * 3, units=("mm",) * 3, face_color=_COLOUR,
        border_color="white", size=_SIZE_MM / scale_mm, features={"label": np.empty(0, dtype=object)},
    )  # fmt: skip
    active = viewer.layers.selection.active
    viewer.layers.append(layer)
    viewer.layers.selection.active = active
    return layer
