"""Which of several volumes is shown, and which lies over it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QGridLayout, QLabel, QPushButton, QSlider, QWidget

from napari_vascular_loop.display.overlay import COLOURS, OPACITY, Overlay
from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.reformat import on_axes_of
from napari_vascular_loop.widgets.buttons import combo_box
from napari_vascular_loop.widgets.main_window import is_running
from napari_vascular_loop.widgets.volume_opening import opening_of

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.volume import Volume

_PERCENT = 100


class VolumeBar(QWidget):
    """Seen only where more than one volume is open.

    Parameters
    ----------
    scene : Scene
        Whose volumes they are.

    Signals
    -------
    failed : str
        Why a volume can't lie over the other.
    """

    failed = Signal(str)

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self.overlay = Overlay(scene)
        self._layers: list[Any] = []
        self._wanted: Any = None
        self.shown, self.over, self.colour = (combo_box(name) for name in ("Volume", "Volume over it", "Colours"))
        self.colour.addItems(COLOURS)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, _PERCENT)
        self.opacity.setAccessibleName("Opacity of the volume over it")
        self.opacity.setToolTip("From the one volume to the other")
        self.blink = QPushButton("Blink")
        self.blink.setToolTip("Hide the volume that lies over it, and show it again (B)")
        self._over_row = (QLabel("over it"), self.over, self.colour, self.opacity, self.blink)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(QLabel("Volume"), 0, 0)
        layout.addWidget(self.shown, 0, 1, 1, 4)
        for column, widget in enumerate(self._over_row):
            layout.addWidget(widget, 1, column)
        layout.setColumnStretch(1, 2)
        layout.setColumnStretch(3, 1)
        self.shown.activated.connect(self._on_shown)
        self.over.activated.connect(self._on_over)
        self.colour.textActivated.connect(self._on_colour)
        self.opacity.valueChanged.connect(self._on_opacity)
        self.blink.clicked.connect(self.overlay.blink)
        self.overlay.changed.connect(self.show_volumes)
        self._viewer = scene.viewer
        for event in (self._viewer.layers.events.inserted, self._viewer.layers.events.removed):
            event.connect(self._on_layers)
        self.show_volumes()

    def show_volumes(self) -> None:
        """Offer the volumes that are open."""
        self._layers = self.overlay.volumes()
        shown, over = self._scene.layer, self.overlay.source
        self.setVisible(len(self._layers) > 1)
        self.shown.clear()
        self.over.clear()
        self.over.addItem("none", None)
        for layer in self._layers:
            self.shown.addItem(layer.name)
            if layer is not shown:
                self.over.addItem(layer.name, layer)
        if shown in self._layers:
            self.shown.setCurrentIndex(self._layers.index(shown))
        at = next((n for n in range(self.over.count()) if self.over.itemData(n) is over), 0)
        self.over.setCurrentIndex(at)
        for widget in (self.colour, self.opacity, self.blink):
            widget.setEnabled(over is not None)
        if over is None:
            self.colour.setCurrentIndex(0)
            self.opacity.setValue(round(OPACITY * _PERCENT))

    def let_go(self) -> None:
        """Take the overlay away, and listen no more."""
        for event in (self._viewer.layers.events.inserted, self._viewer.layers.events.removed):
            event.disconnect(self._on_layers)
        self.overlay.changed.disconnect(self.show_volumes)
        self.overlay.let_go()

    def _on_layers(self, _event: Any = None) -> None:
        self.show_volumes()

    def _on_shown(self, number: int) -> None:
        if 0 <= number < len(self._layers):
            self._viewer.layers.selection.active = self._layers[number]

    def _on_over(self, number: int) -> None:
        source, volume = self.over.itemData(number), self._scene.volume
        self._wanted = source
        if source is None or volume is None:
            self.overlay.hide()
            return
        work = partial(on_axes_of, self.overlay.volume_of(source), volume.grid)
        opening = opening_of(self._viewer)
        if opening is not None and is_running():
            opening.run("Laying one volume over the other…", lambda _progress: _tried(work), partial(self._lay, source))
        else:
            self._lay(source, _tried(work))

    def _lay(self, source: Any, made: Volume | GeometryError) -> None:
        if source is not self._wanted or source not in self._viewer.layers:
            return
        if isinstance(made, GeometryError):
            self.failed.emit(str(made))
            self.show_volumes()
            return
        self.overlay.show(source, made)

    def _on_colour(self, colour: str) -> None:
        if self.overlay.layer is not None:
            self.overlay.layer.colormap = colour
            # Colours add to the grey below; grey takes its place.
            self.overlay.layer.blending = "translucent" if colour == COLOURS[0] else "additive"

    def _on_opacity(self, percent: int) -> None:
        if self.overlay.layer is not None:
            self.overlay.layer.opacity = percent / _PERCENT


def _tried(work: Any) -> Volume | GeometryError:
    try:
        made: Volume = work()
    except GeometryError as error:
        return error
    return made
