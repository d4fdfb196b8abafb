"""Which marks are near a slice: asked at every step, so answered without looking at each mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.drawn_marks import DrawnMarks
from napari_vascular_loop.domain.nearest import distance_to_mm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.drawing import Reach
    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.marks_on_slice import MarksOnSlice
    from napari_vascular_loop.domain.space import Vector3


class MarkIndex:
    """Extents of marks along the display axes.

    Parameters
    ----------
    annotations : sequence of Annotation
        All of one volume.
    frame : DisplayFrame
        The volume's.
    before : MarkIndex, optional
        What it takes the place of: marks that are in both are not looked at again.
    """

    def __init__(self, annotations: Sequence[Annotation], frame: DisplayFrame, before: MarkIndex | None = None) -> None:
        self._given = annotations
        self._drawn: DrawnMarks = DrawnMarks(annotations, frame, before._drawn if before is not None else None)

    def is_of(self, annotations: Sequence[Annotation], frame: DisplayFrame) -> bool:
        """Whether the index was made of these very annotations."""
        drawn = self._drawn
        if frame is not drawn.frame:
            return False
        same = len(annotations) == len(drawn.annotations)
        return annotations is self._given or (
            same and all(a is b for a, b in zip(annotations, drawn.annotations, strict=True))
        )

    def on_slice(self, display_axis: int, slice_mm: float, reach: Reach) -> MarksOnSlice:
        """The marks that show on a slice, or in the slab of which it is the middle, in their order."""
        return self._drawn.on_slice(display_axis, slice_mm, reach)

    def at_place(self, ras_mm: Vector3, within_mm: float) -> list[Annotation]:
        """The marks of which some place lies so near to another place, in 3-D, the nearest first."""
        drawn = self._drawn
        place = drawn.frame.display_from_ras(ras_mm)
        near = ((drawn.low_mm <= place + within_mm) & (drawn.high_mm >= place - within_mm)).all(axis=1)
        found = [(distance_to_mm(drawn.annotations[n].geometry, ras_mm), n) for n in np.flatnonzero(near)]
        return [drawn.annotations[n] for distance, n in sorted(found) if distance <= within_mm]
