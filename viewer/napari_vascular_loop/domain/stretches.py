"""Paths on one slice after another: of each the stretches that are equally near to the slice."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.drawing import MarkOnSlice, Stroke, opacities_at, resampled
from napari_vascular_loop.domain.placed_mark import IN_PLANE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_vascular_loop.domain.placed_mark import PlacedMark
    from napari_vascular_loop.domain.space import FloatArray

_PIECE_MM = 0.5
_THINNEST_MM = 0.25


class Stretches:
    """Paths, cut into small pieces: a stretch of those that are equally near to a slice is drawn as one stroke.

    Parameters
    ----------
    marks : sequence of PlacedMark
        Paths.
    """

    def __init__(self, marks: Sequence[PlacedMark]) -> None:
        self._marks = marks
        self._dense, is_corner, counts = resampled([mark.vertices_mm for mark in marks], _PIECE_MM)
        self._corners = np.flatnonzero(is_corner)
        # The pieces of all paths in a row; between two paths lies one that belongs to none.
        middles = (self._dense[:-1] + self._dense[1:]) / 2
        middles[np.cumsum(counts)[:-1] - 1] = np.inf
        self._depths = np.ascontiguousarray(middles.T)
        self._of = np.repeat(np.arange(len(marks)), counts)

    def on_slice(
        self, axis: int, slice_mm: float, half_mm: float, fade_mm: float
    ) -> tuple[list[int], list[MarkOnSlice]]:
        """Give the numbers of the paths that are seen, and how they are.

        Parameters
        ----------
        axis : int
            The display axis that one looks along.
        slice_mm : float
            Place of the slice along it.
        half_mm : float
            Half the thickness of what is on screen.
        fade_mm : float
            How far beyond it paths are still seen.
        """
        off_mm = np.abs(self._depths[axis] - slice_mm)
        seen = np.flatnonzero(off_mm <= half_mm + max(fade_mm, _THINNEST_MM))
        # Four steps of opacity are enough for the eye, and keep the number of strokes small.
        steps = np.rint(opacities_at(off_mm[seen], half_mm, fade_mm) * 4) / 4
        seen, steps = seen[steps > 0], steps[steps > 0]
        begins = np.append(True, (np.diff(seen) > 1) | (np.diff(steps) != 0))[: len(seen)]
        ends = np.append(begins[1:], True)[: len(seen)]
        starts, stops = seen[begins], seen[ends] + 1
        strokes = list(map(Stroke, self._flat(axis, starts, stops), steps[begins].tolist()))
        # Where a path is nearest and longest its label stands.
        ranks = (steps[begins] * 1000 + stops - starts).tolist()
        anchors = self._dense[starts + (stops - starts + 1) // 2, IN_PLANE[axis]]
        of = self._of[starts]
        bounds = [0, *(np.flatnonzero(np.diff(of)) + 1).tolist(), len(of)] if len(of) else []
        owners, drawn = of[bounds[:-1]].tolist(), []
        for owner, (low, high) in zip(owners, itertools.pairwise(bounds), strict=True):
            best = low if high == low + 1 else max(range(low, high), key=ranks.__getitem__)
            mark = self._marks[owner]
            anchor = mark.flat(axis)[1] if mark.is_preview else anchors[best]
            drawn.append(MarkOnSlice(mark.annotation, tuple(strokes[low:high]), anchor, strokes[best].opacity))
        return owners, drawn

    def _flat(self, axis: int, starts: NDArray[np.int_], stops: NDArray[np.int_]) -> list[FloatArray]:
        """Ends of stretches and the corners between them, in the plane, shape (n, 2) each."""
        first = np.searchsorted(self._corners, starts, "right")
        inner = np.searchsorted(self._corners, stops, "left") - first
        counts = inner + 2
        bounds = np.append(0, np.cumsum(counts))
        number = np.arange(bounds[-1]) - np.repeat(bounds[:-1], counts) - 1
        vertices = np.repeat(starts, counts)
        vertices[bounds[1:] - 1] = stops
        within = (number >= 0) & (number < np.repeat(inner, counts))
        vertices[within] = self._corners[(np.repeat(first, counts) + number)[within]]
        flat = self._dense[vertices, IN_PLANE[axis]]
        return [flat[low:high] for low, high in itertools.pairwise(bounds.tolist())]
