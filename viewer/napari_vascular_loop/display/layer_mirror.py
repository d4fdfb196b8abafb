"""The layer of the shown volume once more, for another canvas; the voxels are shared."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from napari.layers import Layer

if TYPE_CHECKING:
    from napari.utils.events import Event

_FOLLOWED = (
    "data",
    "contrast_limits",
    "gamma",
    "colormap",
    "opacity",
    "blending",
    "visible",
    "projection_mode",
    "interpolation2d",
    "interpolation3d",
    "rendering",
    "attenuation",
    "iso_threshold",
)


class LayerMirror:
    """Shows in one viewer the image that another shows, as it is set there.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Where to show it; held weakly.
    """

    def __init__(self, viewer: Any) -> None:
        self._viewer = weakref.ref(viewer)
        self._source: Any = None
        self.layer: Any = None
        """The mirrored layer, or None."""

    def show(self, source: Any, at: int = 0) -> None:
        """Show a layer, or none, in place of what was shown before, as number `at` from the bottom."""
        if source is self._source:
            return
        viewer = self._viewer()
        layer = None
        if source is not None and viewer is not None:
            # Before the old one goes: a viewer without layers forgets zoom and thickness.
            layer = Layer.create(*source.as_layer_data_tuple())
            viewer.layers.insert(min(at, len(viewer.layers)), layer)
        self._let_go()
        if layer is None:
            return
        self._source, self.layer = source, layer
        for name in _FOLLOWED:
            getattr(source.events, name).connect(self._on_changed)

    def _let_go(self) -> None:
        viewer = self._viewer()
        if self._source is not None:
            for name in _FOLLOWED:
                getattr(self._source.events, name).disconnect(self._on_changed)
        if self.layer is not None and viewer is not None and self.layer in viewer.layers:
            viewer.layers.remove(self.layer)
        self.layer = self._source = None

    def _on_changed(self, event: Event) -> None:
        if event.type in _FOLLOWED:
            setattr(self.layer, event.type, getattr(self._source, event.type))
