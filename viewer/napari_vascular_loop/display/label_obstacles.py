"""What labels are to keep clear of: marks, counted in a grid of small cells over a view.

Most marks of a slice are on the next one, too, and a label may stand where it stood: so the grid is kept, and only
what came and what went is counted anew.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_vascular_loop.domain.annotation import Arrow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_vascular_loop.domain.drawing import MarkOnSlice
    from napari_vascular_loop.domain.marks_on_slice import MarksOnSlice
    from napari_vascular_loop.domain.space import FloatArray

NO_ROOM = 10_000
"""What it costs to cover an arrow's tip: more than all else together, and never done."""

_CELL_PX = 3.0
_DOT_PX = 14.0
_TIP_PX = 6.0
_ON_MARK = 6
_MOST_STEPS = 1000
_DOT = np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]) * _DOT_PX / 2
_TIP = np.array([(-1, -1), (-1, 1), (1, -1), (1, 1), (0, 0)]) * _TIP_PX / 2


class _Counted(NamedTuple):
    """A mark in the grid: the cells that it takes, and what they cost."""

    cells: NDArray[np.int_]
    costs: NDArray[np.int64]


class LabelObstacles:
    """The grid of one view, summed up from one corner, so that the cost of any box is had from its four corners."""

    def __init__(self) -> None:
        self._low: FloatArray = np.zeros(2)
        self._cell_mm = 1.0
        self._shape: NDArray[np.int_] = np.zeros(2, int)
        self._grid: NDArray[np.int64] = np.zeros(0, np.int64)
        self._counted: dict[int, _Counted] = {}
        self._serials: NDArray[np.int_] = np.empty(0, int)
        """Of those that are counted."""
        self._sums: NDArray[np.int64] = np.zeros((1, 1), np.int64)

    def lay_out(self, marks: MarksOnSlice, low_mm: FloatArray, high_mm: FloatArray, mm_per_pixel: float) -> None:
        """Count the marks of a slice, and no others.

        Parameters
        ----------
        marks : MarksOnSlice
            All that is drawn.
        low_mm, high_mm : array of shape (2,)
            Of the part of the plane in which labels may stand.
        mm_per_pixel : float
            Size of a screen pixel.
        """
        cell_mm = _CELL_PX * mm_per_pixel
        shape = np.maximum(1, np.ceil((high_mm - low_mm) / cell_mm).astype(int))
        if cell_mm != self._cell_mm or not np.array_equal(low_mm, self._low) or not np.array_equal(shape, self._shape):
            self._low, self._cell_mm, self._shape = np.array(low_mm), cell_mm, shape
            self._grid, self._counted = np.zeros(int(shape.prod()), np.int64), {}
            self._serials = np.empty(0, int)
        lying = np.flatnonzero(~marks.is_line & ~marks.is_words)
        serials = marks.serials[lying]
        for serial in np.setdiff1d(self._serials, serials, assume_unique=True).tolist():
            gone = self._counted.pop(serial)
            np.subtract.at(self._grid, gone.cells, gone.costs)
        new = lying[~np.isin(serials, self._serials, assume_unique=True)]
        self._count([marks[position] for position in new.tolist()], marks.serials[new].tolist())
        self._serials = serials
        grid = self._grid
        if marks.lines.lines_mm:
            # They are others on each slice.
            places, _ = _along_lines(marks.lines.lines_mm, cell_mm)
            grid = grid + _ON_MARK * np.bincount(self._cells_of(places)[0], minlength=len(grid))
        self._sums = np.zeros(self._shape + 1, np.int64)
        np.cumsum(np.cumsum(grid.reshape(self._shape), axis=0), axis=1, out=self._sums[1:, 1:])

    def cost(self, middles: FloatArray, half: FloatArray) -> NDArray[np.int64]:
        """What it costs to stand on marks, for boxes around places of shape (..., 2)."""
        low = np.clip(np.rint((middles - half - self._low) / self._cell_mm).astype(int), 0, self._shape)
        high = np.clip(np.rint((middles + half - self._low) / self._cell_mm).astype(int), 0, self._shape)
        sums = self._sums
        inside = sums[high[..., 0], high[..., 1]] - sums[low[..., 0], high[..., 1]]
        return np.asarray(inside - sums[high[..., 0], low[..., 1]] + sums[low[..., 0], low[..., 1]])

    def _count(self, marks: Sequence[MarkOnSlice], serials: Sequence[int]) -> None:
        """Add marks to the grid, all at once."""
        if not marks:
            return
        strokes = [(stroke.vertices_mm, n) for n, mark in enumerate(marks) for stroke in mark.strokes]
        pixel = self._cell_mm / _CELL_PX
        alone = [(each, n) for each, n in strokes if len(each) == 1]
        longer = [(each, n) for each, n in strokes if len(each) > 1]
        pointing = [(each, n) for each, n in longer if isinstance(marks[n].annotation.geometry, Arrow)]
        along, along_of = _along_lines([each for each, _ in longer], self._cell_mm)
        dots = np.array([each[0] for each, _ in alone]).reshape(-1, 1, 2) + _DOT * pixel
        tips = np.array([each[1] for each, _ in pointing]).reshape(-1, 1, 2) + _TIP * pixel
        cells, inside = self._cells_of(np.concatenate([along, dots.reshape(-1, 2), tips.reshape(-1, 2)]))
        of_along, of_dots, of_tips = (np.array([n for _, n in part], int) for part in (longer, alone, pointing))
        of = np.concatenate([of_along[along_of], np.repeat(of_dots, len(_DOT)), np.repeat(of_tips, len(_TIP))])[inside]
        costs = np.repeat([_ON_MARK, _ON_MARK, NO_ROOM], [len(along), dots[..., 0].size, tips[..., 0].size])[inside]
        np.add.at(self._grid, cells, costs)
        order = np.argsort(of, kind="stable")
        bounds = np.searchsorted(of[order], np.arange(len(marks) + 1)).tolist()
        cells, costs = cells[order], costs[order]
        for serial, (low, high) in zip(serials, itertools.pairwise(bounds), strict=True):
            self._counted[serial] = _Counted(cells[low:high], costs[low:high])

    def _cells_of(self, places: FloatArray) -> tuple[NDArray[np.int_], NDArray[np.bool_]]:
        """Numbers of the cells of those places that lie in the grid; and which these are."""
        at = np.floor((places - self._low) / self._cell_mm).astype(int)
        inside: NDArray[np.bool_] = np.asarray(((at >= 0) & (at < self._shape)).all(axis=1))
        return at[inside, 0] * self._shape[1] + at[inside, 1], inside


def _along_lines(lines: Sequence[FloatArray], step_mm: float) -> tuple[FloatArray, NDArray[np.int_]]:
    """Places along lines, no further than a step apart, so that no label slips between; and of which line each is."""
    if not len(lines):
        return np.empty((0, 2)), np.empty(0, int)
    places = np.concatenate(lines)
    of_line = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    # From the end of one line no piece leads to the start of the next.
    pieces = np.flatnonzero(of_line[1:] == of_line[:-1])
    starts, sides = places[pieces], places[pieces + 1] - places[pieces]
    counts = np.minimum(np.ceil(np.linalg.norm(sides, axis=1) / step_mm).astype(int), _MOST_STEPS) + 1
    of = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    part = number / np.maximum(counts - 1, 1)[of]
    return starts[of] + sides[of] * part[:, None], of_line[pieces][of]
