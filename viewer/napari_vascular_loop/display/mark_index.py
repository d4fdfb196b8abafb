"""Which marks are near a slice: asked at every step, so answered without looking at each mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.drawing import SLAB_MM, MarkOnSlice, mark_on_slice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.frame import DisplayFrame


class MarkIndex:
    """Extents of marks along the display axes.

    Parameters
    ----------
    annotations : sequence of Annotation
        All of one volume.
    frame : DisplayFrame
        The volume's.
    """

    def __init__(self, annotations: Sequence[Annotation], frame: DisplayFrame) -> None:
        self._annotations = tuple(annotations)
        self._frame = frame
        places = [frame.display_from_ras(annotation.geometry.vertices_ras_mm) for annotation in self._annotations]
        self._low = np.array([place.min(axis=0) for place in places]).reshape(-1, 3)
        self._high = np.array([place.max(axis=0) for place in places]).reshape(-1, 3)

    def is_of(self, annotations: Sequence[Annotation], frame: DisplayFrame) -> bool:
        """Whether the index was made of these very annotations."""
        same = len(annotations) == len(self._annotations) and frame is self._frame
        return same and all(a is b for a, b in zip(annotations, self._annotations, strict=True))

    def on_slice(self, display_axis: int, slice_mm: float) -> list[MarkOnSlice]:
        """The marks that show on a slice, in their order."""
        reach = SLAB_MM + self._frame.scale_mm[display_axis]
        near = (self._low[:, display_axis] <= slice_mm + reach) & (self._high[:, display_axis] >= slice_mm - reach)
        marks = [mark_on_slice(self._annotations[n], self._frame, display_axis, slice_mm) for n in np.flatnonzero(near)]
        return [mark for mark in marks if mark.strokes]
