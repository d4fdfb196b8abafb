"""The menu for grey scale and thick slices."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import Signal
from qtpy.QtGui import QAction, QActionGroup
from qtpy.QtWidgets import QMenu, QPushButton, QWidget

from napari_vascular_loop.display.slab import SLAB_NAMES, THICKNESSES_MM, Slab
from napari_vascular_loop.domain.contrast import GreyPreset
from napari_vascular_loop.domain.mark_view import SlabProjection
from napari_vascular_loop.widgets.key_table import shown


class GreyMenu(QPushButton):
    """A button with a menu: presets, and what is shown of how thick slices."""

    preset_chosen = Signal(object)
    slab_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("W/L", parent)
        self.setToolTip("Grey scale (window and level), and thick slices; or drag with the right button")
        self.setAccessibleName("Grey scale and thick slices")
        self._slab = Slab()
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self.presets: dict[GreyPreset, QAction] = {}
        for number, preset in enumerate(GreyPreset, start=1):
            action = menu.addAction(f"{preset.value}\t{shown(f'preset {number}')}")
            action.setToolTip(preset.tip)
            action.triggered.connect(partial(self._choose_preset, preset))
            self.presets[preset] = action
        menu.addSeparator()
        self.kinds: dict[SlabProjection | None, QAction] = {}
        kinds = QActionGroup(self)
        for kind in (None, *SlabProjection):
            text = "Single slices" if kind is None else f"Thick slices: {SLAB_NAMES[kind]}"
            action = menu.addAction(text)
            action.setCheckable(True)
            kinds.addAction(action)
            action.triggered.connect(partial(self._choose_kind, kind))
            self.kinds[kind] = action
        self._thickness = menu.addMenu("Thickness")
        self.thicknesses: dict[float, QAction] = {}
        sizes = QActionGroup(self)
        for thickness_mm in THICKNESSES_MM[1:]:
            action = self._thickness.addAction(f"{thickness_mm:g} mm")
            action.setCheckable(True)
            sizes.addAction(action)
            action.triggered.connect(partial(self._choose_thickness, thickness_mm))
            self.thicknesses[thickness_mm] = action
        self.setMenu(menu)

    def show_slab(self, slab: Slab, can_be_thick: bool) -> None:
        """Tick what is shown."""
        self._slab = slab
        self.kinds[slab.projection if slab.thickness_mm else None].setChecked(True)
        for thickness_mm, action in self.thicknesses.items():
            action.setChecked(thickness_mm == slab.thickness_mm)
        for kind, action in self.kinds.items():
            action.setEnabled(can_be_thick or kind is None)
        self._thickness.setEnabled(can_be_thick and slab.thickness_mm > 0)

    def _choose_preset(self, preset: GreyPreset, _checked: bool = False) -> None:
        self.preset_chosen.emit(preset)

    def _choose_kind(self, kind: SlabProjection | None, _checked: bool = False) -> None:
        self.slab_chosen.emit(self._slab.of_kind(kind))

    def _choose_thickness(self, thickness_mm: float, _checked: bool = False) -> None:
        self.slab_chosen.emit(Slab(thickness_mm, self._slab.projection))
