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
        self._followed: tuple[str, ...] = ()
        self.layer: Any = None
        """The mirrored layer, or None."""

    def show(self, source: Any, at: int = 0, *, visible: bool | None = None) -> None:
        """Show a layer, or none, in place of what was shown before.

        Parameters
        ----------
        source : napari.layers.Layer or None
            What to show.
        at : int
            Its number, from the bottom.
        visible : bool, optional
            Whether it is seen at first, and then by whoever asks; as the source is, and rendered as it, if not given.
        """
        if source is self._source:
            return
        viewer, old, layer = self._viewer(), self.layer, None
        followed = _FOLLOWED if visible is None else tuple(set(_FOLLOWED) - {"visible", "rendering"})
        if source is not None and viewer is not None:
            data, keywords, kind = source.as_layer_data_tuple()
            if visible is not None:
                keywords = {**keywords, "visible": visible}
            # Before the old one goes: a viewer without layers forgets zoom and thickness.
            layer = Layer.create(data, keywords, kind)
            viewer.layers.insert(min(at, len(viewer.layers)), layer)
        self.let_go()
        if old is not None and viewer is not None and old in viewer.layers:
            viewer.layers.remove(old)
        if layer is None:
            return
        self._source, self.layer, self._followed = source, layer, followed
        for name in followed:
            getattr(source.events, name).connect(self._on_changed)

    def let_go(self) -> None:
        """Follow the source no more; what is shown stays, to go with its viewer."""
        if self._source is not None:
            for name in self._followed:
                getattr(self._source.events, name).disconnect(self._on_changed)
        self.layer = self._source = None

    def _on_changed(self, event: Event) -> None:
        if event.type in self._followed:
            setattr(self.layer, event.type, getattr(self._source, event.type))
