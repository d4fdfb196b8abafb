"""Which of a viewer's volumes is shown: the one that was added or chosen last; each has its own frame."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.display.volume_layer import TIME_POINT_KEY, VOLUME_KEY
from napari_vascular_loop.domain.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Callable


class ShownLayer:
    """Follows napari's list of layers, shows one volume of it and hides the others.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Held weakly.
    on_change : callable
        Called when another volume is shown, or none any more, with whether it has just been added.
    """

    def __init__(self, viewer: Any, on_change: Callable[[bool], None]) -> None:
        self._viewer = weakref.ref(viewer)
        self._on_change = on_change
        self.layer: Any = None
        """The layer of the shown volume, or None."""
        self.is_changing = False
        """Whether napari is telling of a change of its list, which must not be changed again meanwhile."""
        events = viewer.layers.events
        events.inserting.connect(self._on_changing)
        events.removing.connect(self._on_changing)
        events.inserted.connect(self._on_inserted, position="last")
        events.removed.connect(self._on_removed, position="last")
        viewer.layers.selection.events.active.connect(self._on_active)

    @property
    def volume(self) -> Volume | None:
        """The shown volume, or None."""
        return self.layer.metadata[VOLUME_KEY] if self.layer is not None else None

    @property
    def time_point(self) -> int:
        """Number, from 0, of the time point on screen."""
        return int(self.layer.metadata.get(TIME_POINT_KEY, 0)) if self.layer is not None else 0

    def adopt(self, layer: Any) -> None:
        """Show a layer that has been added, if it draws a volume."""
        if not is_volume(layer):
            return
        self._show(layer)
        viewer = self._viewer()
        if viewer is not None:
            viewer.layers.selection.active = layer
        self._on_change(True)

    def set_time_point(self, number: int) -> None:
        """Draw another time point, counted from 0, of the shown volume."""
        volume = self.volume
        if volume is not None:
            self.layer.metadata[TIME_POINT_KEY] = number
            self.layer.data = volume.frame.reorder(volume.at_time_point(number))

    def _show(self, layer: Any) -> None:
        self.layer = layer
        viewer = self._viewer()
        for other in viewer.layers if viewer is not None else ():
            # napari goes through its whole picture at each setting, changed or not.
            if is_volume(other) and other.visible != (other is layer):
                other.visible = other is layer

    def _on_changing(self, _event: Any = None) -> None:
        self.is_changing = True

    def _on_inserted(self, event: Any) -> None:
        self.is_changing = False
        self.adopt(event.value)

    def _on_removed(self, event: Any) -> None:
        self.is_changing = False
        if event.value is not self.layer:
            return
        self.layer = None
        viewer = self._viewer()
        left = [layer for layer in viewer.layers if is_volume(layer)] if viewer is not None else []
        if left:
            self._show(left[-1])
        self._on_change(False)

    def _on_active(self, event: Any) -> None:
        layer = event.value
        if layer is not None and layer is not self.layer and is_volume(layer):
            self._show(layer)
            self._on_change(False)


def is_volume(layer: Any) -> bool:
    """Whether a layer draws a volume."""
    return isinstance(layer.metadata.get(VOLUME_KEY), Volume)
