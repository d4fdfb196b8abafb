"""One annotation in the display frame of its volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Arrow, Region
from napari_vascular_loop.domain.marks_on_slice import next_serial
from napari_vascular_loop.domain.measure import PREVIEW_ID

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.space import FloatArray

IN_PLANE = (slice(1, 3), slice(0, 3, 2), slice(0, 2))
"""The two axes that are left when one looks along each."""


class PlacedMark:
    """One annotation in display coordinates.

    Parameters
    ----------
    annotation : Annotation
        In RAS mm.
    frame : DisplayFrame
        The volume's.
    """

    def __init__(self, annotation: Annotation, frame: DisplayFrame) -> None:
        self.annotation = annotation
        self.serial = next_serial()
        self.vertices_mm = frame.display_from_ras(annotation.geometry.vertices_ras_mm)
        self.low_mm, self.high_mm = self.vertices_mm.min(axis=0), self.vertices_mm.max(axis=0)
        self.depth_mm = self.vertices_mm[1 if isinstance(annotation.geometry, Arrow) else 0]
        """Where it lies, unless it has more than one place; an arrow lies where its tip is."""
        self.is_preview = annotation.id == PREVIEW_ID
        self._flat: dict[int, tuple[FloatArray, FloatArray]] = {}

    def flat(self, axis: int) -> tuple[FloatArray, FloatArray]:
        """Vertices in a plane and where the label belongs; the same arrays at each call."""
        found = self._flat.get(axis)
        if found is None:
            flat = self.vertices_mm[:, IN_PLANE[axis]]
            anchor = flat[int(np.argmax(flat[:, 0]))] if isinstance(self.annotation.geometry, Region) else flat[0]
            if self.is_preview:
                anchor = flat[-1]  # where the mouse is
            found = self._flat[axis] = (flat, anchor)
        return found
