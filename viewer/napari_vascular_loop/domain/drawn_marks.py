"""Many marks of one volume, ready to be drawn on one slice after another.

Asked at every step, so answered for all at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Path, Region
from napari_vascular_loop.domain.drawing import MarkOnSlice, Reach, Stroke, opacities_at
from napari_vascular_loop.domain.placed_mark import PlacedMark
from napari_vascular_loop.domain.stretches import Stretches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.space import FloatArray

_THINNEST_MM = 0.25
_USUAL_REACH = Reach()


class DrawnMarks:
    """Annotations in the display frame of their volume.

    Parameters
    ----------
    annotations : sequence of Annotation
        In drawing order.
    frame : DisplayFrame
        The volume's.
    before : DrawnMarks, optional
        What it takes the place of: marks that are in both are not computed again.
    """

    def __init__(
        self, annotations: Sequence[Annotation], frame: DisplayFrame, before: DrawnMarks | None = None
    ) -> None:
        self.annotations = tuple(annotations)
        self.frame = frame
        known = before._by_id if before is not None and before.frame is frame else {}
        # The old marks are kept with their annotations, so that no id of an object is used again meanwhile.
        self._by_id: dict[int, PlacedMark] = {
            id(each): known.get(id(each)) or PlacedMark(each, frame) for each in self.annotations
        }
        self._marks = list(self._by_id.values())
        self.low_mm = np.array([mark.low_mm for mark in self._marks]).reshape(-1, 3)
        """Lowest corner of the box around each mark, shape (N, 3): S, A, R."""
        self.high_mm = np.array([mark.high_mm for mark in self._marks]).reshape(-1, 3)
        """Its highest corner."""
        self._half_slice_mm = [max(scale / 2, _THINNEST_MM) for scale in frame.scale_mm]
        geometries = [mark.annotation.geometry for mark in self._marks]
        self._paths = np.array([n for n, geometry in enumerate(geometries) if isinstance(geometry, Path)], int)
        self._others = np.array([n for n, geometry in enumerate(geometries) if not isinstance(geometry, Path)], int)
        self._regions = np.array([n for n, geometry in enumerate(geometries) if isinstance(geometry, Region)], int)
        self._depths = np.array([self._marks[n].depth_mm for n in self._others]).reshape(-1, 3)
        self._outlines = _joined([self._marks[n].vertices_mm for n in self._regions])
        self._outline_starts = _starts([len(self._marks[n].vertices_mm) for n in self._regions])
        self._stretches: Stretches | None = None
        self._flat: tuple[dict[int, tuple[FloatArray, FloatArray]], ...] = ({}, {}, {})

    def on_slice(self, display_axis: int, slice_mm: float, reach: Reach | None = None) -> list[MarkOnSlice]:
        """Give the marks that are seen on a slice, or on the slab of which it is the middle, in their order.

        Parameters
        ----------
        display_axis : int
            0 S, 1 A, 2 R.
        slice_mm : float
            Place of the slice along that axis.
        reach : Reach, optional
            How far from the slice marks are seen.
        """
        reach = reach or _USUAL_REACH
        half_mm = max(self._half_slice_mm[display_axis], reach.slab_mm / 2)
        distances = np.full(len(self._marks), np.inf)
        distances[self._others] = np.abs(self._depths[:, display_axis] - slice_mm)
        if len(self._regions):
            from_outline = np.abs(self._outlines[:, display_axis] - slice_mm)
            distances[self._regions] = np.minimum.reduceat(from_outline, self._outline_starts)
        opacities = opacities_at(distances, half_mm, reach.fade_mm)
        seen = np.flatnonzero(opacities)
        marks, flat = self._marks, self._flat_on(display_axis, seen.tolist())
        found = [
            MarkOnSlice(marks[n].annotation, (Stroke(flat[n][0], opacity),), flat[n][1], opacity)
            for n, opacity in zip(seen.tolist(), opacities[seen].tolist(), strict=True)
        ]
        if not len(self._paths):
            return found
        if self._stretches is None:
            self._stretches = Stretches([marks[n] for n in self._paths])
        owners, drawn = self._stretches.on_slice(display_axis, slice_mm, half_mm, reach.fade_mm)
        found += drawn
        order = np.argsort(np.concatenate([seen, self._paths[owners]]), kind="stable")
        return [found[n] for n in order.tolist()]

    def _flat_on(self, axis: int, numbers: Sequence[int]) -> dict[int, tuple[FloatArray, FloatArray]]:
        """What is known of marks in a plane, by number; of those asked for it is."""
        known = self._flat[axis]
        for n in numbers:
            if n not in known:
                known[n] = self._marks[n].flat(axis)
        return known


def mark_on_slice(
    annotation: Annotation, frame: DisplayFrame, display_axis: int, slice_mm: float, reach: Reach | None = None
) -> MarkOnSlice:
    """Project an annotation onto the slice at `slice_mm` along a display axis (0 S, 1 A, 2 R).

    Its `strokes` are empty where it is not seen.
    """
    marks = DrawnMarks((annotation,), frame)
    seen = marks.on_slice(display_axis, slice_mm, reach)
    return seen[0] if seen else MarkOnSlice(annotation, (), marks._marks[0].flat(display_axis)[1], 0.0)


def _joined(parts: Sequence[FloatArray]) -> FloatArray:
    return np.concatenate(parts) if parts else np.empty((0, 3))


def _starts(counts: Sequence[int]) -> NDArray[np.int_]:
    return np.asarray(np.cumsum(counts) - np.asarray(counts), dtype=int)
