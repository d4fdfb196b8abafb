"""Many marks of one volume, ready to be drawn on one slice after another.

Asked at every step, so answered for all at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Path, Region, is_text
from napari_vascular_loop.domain.drawing import MarkOnSlice, Reach, Stroke, opacities_at
from napari_vascular_loop.domain.marks_on_slice import LinesOnSlice, MarksOnSlice
from napari_vascular_loop.domain.measure import is_ruler
from napari_vascular_loop.domain.placed_mark import PlacedMark
from napari_vascular_loop.domain.stretches import Stretches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.domain.stretches import Seen

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
        self._serials = np.array([mark.serial for mark in self._marks], int)
        self._is_words = np.array([is_text(geometry) for geometry in geometries], bool)
        self._is_ruler = np.array([is_ruler(geometry) for geometry in geometries], bool)
        self._numbers = {mark.annotation.id: n for n, mark in enumerate(self._marks)}
        self._anchors = np.full((3, len(self._marks), 2), np.nan)
        """Where labels belong, as far as it was asked for."""

    def on_slice(self, display_axis: int, slice_mm: float, reach: Reach | None = None) -> MarksOnSlice:
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
        numbers = np.flatnonzero(opacities)
        opacities, anchors = opacities[numbers], self._anchors_of(numbers, display_axis)
        seen = None
        if len(self._paths):
            if self._stretches is None:
                self._stretches = Stretches([self._marks[n] for n in self._paths])
            seen = self._stretches.on_slice(display_axis, slice_mm, half_mm, reach.fade_mm)
            numbers = np.concatenate([numbers, self._paths[seen.owners]])
            order = np.argsort(numbers, kind="stable")
            numbers = numbers[order]
            opacities = np.concatenate([opacities, seen.owners_opacities])[order]
            anchors = np.concatenate([anchors, seen.anchors_mm])[order]
        return self._as_marks(display_axis, numbers, opacities, anchors, seen)

    def _as_marks(
        self,
        axis: int,
        numbers: NDArray[np.int_],
        opacities: FloatArray,
        anchors: FloatArray,
        seen: Seen | None,
    ) -> MarksOnSlice:
        of_lines = self._paths[seen.of] if seen is not None else np.empty(0, int)

        def make(position: int) -> MarkOnSlice:
            number = int(numbers[position])
            mark, opacity = self._marks[number], float(opacities[position])
            strokes: tuple[Stroke, ...] = (Stroke(mark.flat(axis)[0], opacity),)
            if seen is not None and isinstance(mark.annotation.geometry, Path):
                low, high = np.searchsorted(of_lines, [number, number + 1]).tolist()
                strokes = tuple(map(Stroke, seen.lines_mm[low:high], seen.opacities[low:high].tolist()))
            return MarkOnSlice(mark.annotation, strokes, anchors[position], opacity)

        def find(annotation_id: str) -> int | None:
            number = self._numbers.get(annotation_id)
            if number is None:
                return None
            position = int(np.searchsorted(numbers, number))
            return position if position < len(numbers) and numbers[position] == number else None

        lines = None
        if seen is not None:
            lines = LinesOnSlice(seen.lines_mm, seen.opacities, np.searchsorted(numbers, of_lines))
        return MarksOnSlice(
            self._serials[numbers],
            opacities,
            anchors,
            self._is_words[numbers],
            self._is_ruler[numbers],
            lambda position: self._marks[int(numbers[position])].annotation,
            make,
            find,
            lines,
        )

    def _anchors_of(self, numbers: NDArray[np.int_], axis: int) -> FloatArray:
        """Where the labels of marks belong in a plane, shape (N, 2)."""
        anchors = self._anchors[axis]
        for n in numbers[np.isnan(anchors[numbers, 0])].tolist():
            anchors[n] = self._marks[n].flat(axis)[1]
        return np.asarray(anchors[numbers])


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
