"""Landmarks that one points at: each is set to the place where the planes cross."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_vascular_loop.domain.space import format_ras_mm

if TYPE_CHECKING:
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.space import Vector3
    from napari_vascular_loop.locate.places import Place

_HOW = "Click a landmark in the image, so that all planes show it; then press its button. Three at least."


class LandmarkRows(QWidget):
    """A row for each landmark.

    Parameters
    ----------
    scene : Scene
        Whose crosshair is taken.

    Signals
    -------
    wanted
        The place is to be worked out of those that are set.
    """

    wanted = Signal()

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene
        self._set: dict[Place, Vector3] = {}
        self.buttons: dict[Place, QPushButton] = {}
        self.work_out = QPushButton("Work it out")
        self._rows = QGridLayout()
        how = QLabel(_HOW)
        how.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(how)
        layout.addLayout(self._rows)
        layout.addWidget(self.work_out)
        self.work_out.setEnabled(False)
        self.work_out.clicked.connect(self.wanted)
        scene.volume_changed.connect(self.clear)

    @property
    def clicked(self) -> list[tuple[Place, Vector3]]:
        """Landmarks in the atlas, and where they are in the scan."""
        return list(self._set.items())

    def showEvent(self, event: object) -> None:
        """Make the rows when they are first seen: only then the atlas' table is read."""
        super().showEvent(event)
        if not self.buttons:
            self._fill()

    def clear(self) -> None:
        """Forget all that was set."""
        self._set.clear()
        for place, button in self.buttons.items():
            button.setText(f"Set: {_name(place)}")
        self.work_out.setEnabled(False)

    def _fill(self) -> None:
        from napari_vascular_loop.locate.landmarks import LANDMARKS
        from napari_vascular_loop.locate.places import places_of

        for number, place in enumerate(place for structure in LANDMARKS for place in places_of(structure)):
            button = QPushButton(f"Set: {_name(place)}")
            button.setToolTip(place.about)
            button.clicked.connect(partial(self._take, place))
            self.buttons[place] = button
            self._rows.addWidget(button, number, 0)

    def _take(self, place: Place, _checked: bool = False) -> None:
        from napari_vascular_loop.locate.landmarks import LEAST

        there = self._scene.place_ras_mm
        if there is None:
            return
        self._set[place] = there
        self.buttons[place].setText(f"{_name(place)}: {format_ras_mm(there)}")
        self.work_out.setEnabled(len(self._set) >= LEAST)


def _name(place: Place) -> str:
    side = f" ({place.side.value})" if place.side.value != "midline" else ""
    return f"{place.structure.name}{side}"
