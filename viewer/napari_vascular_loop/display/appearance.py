"""How a scene is shown, whatever volume and lesson it has: convention, thickness of slices, style of marks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_vascular_loop.display.mark_style import DARK, MarkStyle
from napari_vascular_loop.display.slab import Slab
from napari_vascular_loop.domain.drawing import SLAB_MM

if TYPE_CHECKING:
    from napari_vascular_loop.domain.ring import Ring


class Appearance(ABC):
    """What can be set of all canvases together; each change is seen at once, and told."""

    changed = Signal()
    """Something is shown in another way: the appearance, or the volume, its time point, the lesson's fit, the plane."""

    def __init__(self) -> None:
        self._mark_style = DARK
        self._scale_bar_visible = True
        self._fade_mm = SLAB_MM
        self.slab = Slab()
        """How thick slices are; see :meth:`set_slab`."""
        self.radiological = True
        self.marks_visible = True
        self.crosshair_visible = True
        self.rings: tuple[Ring, ...] = ()
        """See :meth:`set_rings`."""
        self.snap_to_slice = True
        """See :meth:`set_snap_to_slice`."""

    @abstractmethod
    def redraw(self) -> None:
        """Draw texts and marks anew, on all canvases."""

    @abstractmethod
    def orient(self) -> None:
        """Turn all canvases as the convention wants it."""

    @abstractmethod
    def show_slab(self) -> None:
        """Make the slices of all canvases as thick as they are to be."""

    @property
    def mark_style(self) -> MarkStyle:
        """What marks look like."""
        return self._mark_style

    def set_mark_style(self, style: MarkStyle) -> None:
        """Draw marks in another style."""
        if style != self._mark_style:
            self._mark_style = style
            self.redraw()
            self.changed.emit()

    @property
    def fade_mm(self) -> float:
        """How far from its slice, or from a thick slab, a mark is still seen."""
        return self._fade_mm

    def set_snap_to_slice(self, snap: bool) -> None:
        """Have marks that are placed or moved lie on the middle of the slice in view, or keep their exact depth."""
        if snap != self.snap_to_slice:
            self.snap_to_slice = snap
            self.changed.emit()

    def set_fade_mm(self, fade_mm: float) -> None:
        """Show marks fainter and fainter up to so far from their slice; 0 for on their slice only."""
        if fade_mm != self._fade_mm:
            self._fade_mm = fade_mm
            self.redraw()
            self.changed.emit()

    def set_radiological(self, radiological: bool) -> None:
        """Show the patient's left on the right (radiological) or on the left (neurological)."""
        self.radiological = radiological
        self.orient()
        self.redraw()
        self.changed.emit()

    def set_crosshair_visible(self, visible: bool) -> None:
        """Show or hide the lines that show where the other planes cut."""
        self.crosshair_visible = visible
        self.redraw()
        self.changed.emit()

    def set_rings(self, rings: tuple[Ring, ...]) -> None:
        """Draw rings around places, in all planes."""
        if rings != self.rings:
            self.rings = rings
            self.redraw()
            self.changed.emit()

    def set_slab(self, slab: Slab) -> None:
        """Show thick slices, or single ones, on all canvases."""
        self.slab = slab
        self.show_slab()
        self.redraw()
        self.changed.emit()

    def set_scale_bar_visible(self, visible: bool) -> None:
        """Show or hide the scale bar, on all canvases."""
        self._scale_bar_visible = visible
        self.redraw()

    def set_marks_visible(self, visible: bool) -> None:
        """Show or hide all marks."""
        self.marks_visible = visible
        self.redraw()
        self.changed.emit()
