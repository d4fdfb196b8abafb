"""Another volume of the same head, shown over the one that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_vascular_loop.display.shown_layer import is_volume
from napari_vascular_loop.display.side_view import SideView
from napari_vascular_loop.display.volume_layer import VOLUME_KEY, layer_data

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.volume import Volume

OPACITY = 0.5
COLOURS = ("gray", "hot", "cyan", "magenta", "viridis")


class Overlay:
    """One layer over the shown volume's, on all canvases; it goes when another volume is shown.

    Parameters
    ----------
    scene : Scene
        Whose volume it lies over.
    """

    changed = Signal()

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._source: Any = None
        self.layer: Any = None
        """The layer over the volume, or None."""
        scene.volume_changed.connect(self._on_volume)
        scene.view_added.connect(self._on_view)
        viewer = scene.viewer
        viewer.layers.events.removed.connect(self._on_removed)

    @property
    def source(self) -> Any:
        """The layer of the volume that is shown over the other, or None."""
        return self._source if self.layer is not None else None

    def volumes(self) -> list[Any]:
        """The layers of all volumes that are open."""
        viewer = self._scene.viewer
        return [layer for layer in viewer.layers if is_volume(layer)] if viewer is not None else []

    def volume_of(self, layer: Any) -> Volume:
        """The volume of such a layer."""
        volume: Volume = layer.metadata[VOLUME_KEY]
        return volume

    def show(self, source: Any, volume: Volume) -> None:
        """Lay a volume over the shown one.

        Parameters
        ----------
        source : napari.layers.Layer
            Its own layer, which lends name and grey scale.
        volume : Volume
            The same on axes parallel to the shown one's: see :func:`napari_vascular_loop.reformat.on_axes_of`.
        """
        self.hide()
        scene, own = self._scene, self.volume_of(source)
        low, high = (float(v) * own.rescale.slope + own.rescale.intercept for v in source.contrast_limits)
        data, keywords, _ = layer_data(volume, f"Over it: {source.name}", (min(low, high), max(low, high)))
        keywords = {**keywords, "metadata": {}, "opacity": OPACITY, "colormap": "gray", "blending": "translucent"}
        viewer = scene.viewer
        active = viewer.layers.selection.active
        self._source = source
        self.layer = viewer.add_image(data, **keywords)
        viewer.layers.move(viewer.layers.index(self.layer), viewer.layers.index(scene.layer) + 1)
        viewer.layers.selection.active = active
        self._tell(self.layer)
        scene.redraw()
        self.changed.emit()

    def hide(self) -> None:
        """Take it away."""
        layer, self.layer, self._source = self.layer, None, None
        if layer is None:
            return
        self._tell(None)
        viewer = self._scene.viewer
        if viewer is not None and layer in viewer.layers:
            viewer.layers.remove(layer)
        self.changed.emit()

    def blink(self) -> None:
        """Hide it for a moment, or show it again: what differs leaps to the eye."""
        if self.layer is not None:
            self.layer.visible = not self.layer.visible

    def let_go(self) -> None:
        """Take it away, and listen no more."""
        self.hide()
        self._scene.volume_changed.disconnect(self._on_volume)
        self._scene.view_added.disconnect(self._on_view)
        if self._scene.viewer is not None:
            self._scene.viewer.layers.events.removed.disconnect(self._on_removed)

    def _tell(self, layer: Any) -> None:
        for view in self._scene.views:
            if isinstance(view, SideView):
                view.follow_overlay(layer)

    def _on_volume(self) -> None:
        self.hide()
        self.changed.emit()

    def _on_view(self, view: Any) -> None:
        if self.layer is not None:
            view.follow_overlay(self.layer)

    def _on_removed(self, event: Any) -> None:
        if event.value is self.layer or event.value is self._source:
            self.hide()
