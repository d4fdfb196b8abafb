"""Paths on one slice after another: of each the stretches that are equally near to the slice."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_vascular_loop.domain.drawing import opacities_at, resampled
from napari_vascular_loop.domain.placed_mark import IN_PLANE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_vascular_loop.domain.placed_mark import PlacedMark
    from napari_vascular_loop.domain.space import FloatArray

_PIECE_MM = 0.5
_THINNEST_MM = 0.25


class Seen(NamedTuple):
    """What is seen of paths on a slice.

    Parameters
    ----------
    lines_mm, opacities, of : of length S
        The stretches, shape (n, 2) each, their opacities, and the number of the path of each, in ascending order.
    owners, anchors_mm, owners_opacities : of length P
        Numbers of the paths that are seen, where their labels belong, and the opacity of what is nearest of each.
    """

    lines_mm: list[FloatArray]
    opacities: FloatArray
    of: NDArray[np.int_]
    owners: NDArray[np.int_]
    anchors_mm: FloatArray
    owners_opacities: FloatArray


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

    def on_slice(self, axis: int, slice_mm: float, half_mm: float, fade_mm: float) -> Seen:
        """Give the stretches that are seen, and of which paths they are.

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
        of, opacities = self._of[starts], steps[begins]
        # Where a path is nearest and longest its label stands.
        order = np.lexsort((starts - stops - opacities * 1000, of))
        owners, first = np.unique(of, return_index=True)
        best = order[first]
        anchors = self._dense[starts + (stops - starts + 1) // 2, IN_PLANE[axis]][best]
        for position, owner in enumerate(owners.tolist()):
            if self._marks[owner].is_preview:
                anchors[position] = self._marks[owner].flat(axis)[1]
        return Seen(self._flat(axis, starts, stops), opacities, of, owners, anchors, opacities[best])

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
