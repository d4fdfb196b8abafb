"""Many marks of one volume, ready to be drawn on one slice after another.

Asked at every step, so answered for all at once.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.annotation import Arrow, Path, Region
from napari_vascular_loop.domain.drawing import MarkOnSlice, Reach, Stroke, opacities_at, resampled
from napari_vascular_loop.domain.measure import PREVIEW_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.space import FloatArray

_PIECE_MM = 0.5
_THINNEST_MM = 0.25
_MOST_KEPT = 50_000
_USUAL_REACH = Reach()
_IN_PLANE = (slice(1, 3), slice(0, 3, 2), slice(0, 2))
"""The two axes that are left when one looks along each."""


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
        self._by_id: dict[int, _Mark] = {
            id(each): known.get(id(each)) or _Mark(each, frame) for each in self.annotations
        }
        self._marks = list(self._by_id.values())
        self.low_mm = np.array([mark.low_mm for mark in self._marks]).reshape(-1, 3)
        """Lowest corner of the box around each mark, shape (N, 3): S, A, R."""
        self.high_mm = np.array([mark.high_mm for mark in self._marks]).reshape(-1, 3)
        """Its highest corner."""
        self._half_slice_mm = [max(scale / 2, _THINNEST_MM) for scale in frame.scale_mm]
        geometries = [mark.annotation.geometry for mark in self._marks]
        self._paths = [n for n, geometry in enumerate(geometries) if isinstance(geometry, Path)]
        self._others = np.array([n for n, geometry in enumerate(geometries) if not isinstance(geometry, Path)], int)
        self._regions = np.array([n for n, geometry in enumerate(geometries) if isinstance(geometry, Region)], int)
        self._depths = np.array([self._marks[n].depth_mm for n in self._others]).reshape(-1, 3)
        self._outlines = _joined([self._marks[n].vertices_mm for n in self._regions])
        self._outline_starts = _starts([len(self._marks[n].vertices_mm) for n in self._regions])
        self._stretches: _Stretches | None = None

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
        found: dict[int, MarkOnSlice] = {}
        for n in np.flatnonzero(opacities).tolist():
            mark = self._marks[n]
            flat, anchor = mark.flat(display_axis)
            found[n] = MarkOnSlice(mark.annotation, (Stroke(flat, float(opacities[n])),), anchor)
        if self._paths:
            if self._stretches is None:
                self._stretches = _Stretches([self._marks[n] for n in self._paths])
            for number, drawn in self._stretches.on_slice(display_axis, slice_mm, half_mm, reach.fade_mm):
                found[self._paths[number]] = drawn
        return [found[n] for n in sorted(found)]


class _Mark:
    """One annotation in display coordinates."""

    def __init__(self, annotation: Annotation, frame: DisplayFrame) -> None:
        self.annotation = annotation
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
            flat = self.vertices_mm[:, _IN_PLANE[axis]]
            anchor = flat[int(np.argmax(flat[:, 0]))] if isinstance(self.annotation.geometry, Region) else flat[0]
            if self.is_preview:
                anchor = flat[-1]  # where the mouse is
            found = self._flat[axis] = (flat, anchor)
        return found


class _Stretches:
    """Paths, cut into small pieces: a stretch of those that are equally near to a slice is drawn as one stroke."""

    def __init__(self, marks: Sequence[_Mark]) -> None:
        self._marks = marks
        self._dense, self._is_corner, counts = resampled([mark.vertices_mm for mark in marks], _PIECE_MM)
        self._first = _starts(counts)
        # The pieces of all paths in a row; between two paths lies one that belongs to none.
        self._middles = (self._dense[:-1] + self._dense[1:]) / 2
        self._between = self._first[1:] - 1
        self._of = np.repeat(np.arange(len(marks)), counts)
        self._kept: dict[tuple[int, int, int], FloatArray] = {}

    def on_slice(self, axis: int, slice_mm: float, half_mm: float, fade_mm: float) -> list[tuple[int, MarkOnSlice]]:
        """Give number and drawing of the paths that are seen."""
        off_mm = np.abs(self._middles[:, axis] - slice_mm)
        off_mm[self._between] = np.inf
        seen = np.flatnonzero(off_mm <= half_mm + max(fade_mm, _THINNEST_MM))
        # Four steps of opacity are enough for the eye, and keep the number of strokes small.
        steps = np.rint(opacities_at(off_mm[seen], half_mm, fade_mm) * 4) / 4
        seen, steps = seen[steps > 0], steps[steps > 0]
        begins = np.append(True, (np.diff(seen) > 1) | (np.diff(steps) != 0))[: len(seen)]
        ends = np.append(begins[1:], True)[: len(seen)]
        starts, stops = seen[begins].tolist(), (seen[ends] + 1).tolist()
        owners, opacities = self._of[seen[begins]].tolist(), steps[begins].tolist()
        drawn = []
        for owner, runs in itertools.groupby(zip(owners, starts, stops, opacities, strict=True), lambda run: run[0]):
            strokes: list[Stroke] = []
            middle, best = 0, 0.0
            for _, start, stop, opacity in runs:
                strokes.append(Stroke(self._stretch(axis, start, stop), opacity))
                count = stop - start + 1
                if opacity * 1000 + count > best:
                    middle, best = start + count // 2, opacity * 1000 + count
            mark = self._marks[owner]
            anchor = mark.flat(axis)[1] if mark.is_preview else self._dense[middle, _IN_PLANE[axis]]
            drawn.append((owner, MarkOnSlice(mark.annotation, tuple(strokes), anchor)))
        return drawn

    def _stretch(self, axis: int, start: int, stop: int) -> FloatArray:
        """Ends and corners of a stretch in the plane; the same array at each call."""
        key = (axis, start, stop)
        found = self._kept.get(key)
        if found is None and len(self._kept) > _MOST_KEPT:
            self._kept.clear()
        if found is None:
            kept = self._is_corner[start : stop + 1].copy()
            kept[0] = kept[-1] = True
            found = self._kept[key] = self._dense[start : stop + 1, _IN_PLANE[axis]][kept]
        return found


def mark_on_slice(
    annotation: Annotation, frame: DisplayFrame, display_axis: int, slice_mm: float, reach: Reach | None = None
) -> MarkOnSlice:
    """Project an annotation onto the slice at `slice_mm` along a display axis (0 S, 1 A, 2 R).

    Its `strokes` are empty where it is not seen.
    """
    marks = DrawnMarks((annotation,), frame)
    seen = marks.on_slice(display_axis, slice_mm, reach)
    return seen[0] if seen else MarkOnSlice(annotation, (), marks._marks[0].flat(display_axis)[1])


def _joined(parts: Sequence[FloatArray]) -> FloatArray:
    return np.concatenate(parts) if parts else np.empty((0, 3))


def _starts(counts: Sequence[int]) -> NDArray[np.int_]:
    return np.asarray(np.cumsum(counts) - np.asarray(counts), dtype=int)
