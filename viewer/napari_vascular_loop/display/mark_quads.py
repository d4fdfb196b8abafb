"""The quads of marks on a slice, kept from one slice to the next: most marks are on both, only fainter or stronger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.display.glyphs import Glyphs
from napari_vascular_loop.display.mark_glyphs import LAYERS_OF_A_MARK, draw_mark
from napari_vascular_loop.display.mark_mesh import Quads, joined, line_quads, quads_of
from napari_vascular_loop.display.mark_style import rgba
from napari_vascular_loop.domain.drawing import MarkOnSlice, Stroke, colour_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_vascular_loop.display.mark_style import MarkStyle
    from napari_vascular_loop.domain.marks_on_slice import MarksOnSlice

_MOST_KEPT = 200_000
"""Quads; beyond them, those on screen are made anew."""

_ROOM_AT_FIRST = 1024
_PARTS = ("corners_mm", "texels", "colours", "layers", "marks")


class MarkQuads:
    """Makes the quads of a slice's marks, without their labels."""

    def __init__(self) -> None:
        self._pool = _Pool()
        self._made_for: tuple[int, float, MarkStyle] | None = None

    def quads_of(
        self, marks: MarksOnSlice, axis: int, mm_per_pixel: float, selected: int | None, style: MarkStyle
    ) -> Quads:
        """Give the quads of marks, in drawing order.

        Parameters
        ----------
        marks : MarksOnSlice
            The selected one is drawn last.
        axis : int
            The display axis that one looks along.
        mm_per_pixel : float
            Size of a screen pixel.
        selected : int or None
            Position of the selected mark.
        style : MarkStyle
            What marks look like.
        """
        made_for = (axis, mm_per_pixel, style)
        if self._made_for != made_for or self._pool.count > _MOST_KEPT:
            self._made_for, self._pool = made_for, _Pool()
        own = marks.is_ruler.copy()
        if selected is not None:
            own[selected] = True
        usual = np.flatnonzero(~marks.is_line & ~own)
        new = usual[~self._pool.has(marks.serials[usual])]
        self._make([marks[position] for position in new.tolist()], marks.serials[new], mm_per_pixel, style)
        parts = [
            self._pool.quads_of(marks.serials[usual], marks.opacities[usual], usual * LAYERS_OF_A_MARK),
            _of_lines(marks, ~own, mm_per_pixel, style),
            _of_own(marks, np.flatnonzero(own).tolist(), selected, mm_per_pixel, style),
        ]
        return joined(parts)

    def _make(
        self, marks: Sequence[MarkOnSlice], serials: NDArray[np.int_], mm_per_pixel: float, style: MarkStyle
    ) -> None:
        """Make the quads of marks that are not known yet, all at once, at full opacity."""
        if not marks:
            return
        glyphs = Glyphs(mm_per_pixel, style=style)
        for number, mark in enumerate(marks):
            strokes = tuple(Stroke(stroke.vertices_mm, 1.0) for stroke in mark.strokes)
            full = MarkOnSlice(mark.annotation, strokes, mark.label_anchor_mm, 1.0)
            draw_mark(glyphs, full, number, 0, selected=False, whole=len(strokes) == 1)
        self._pool.add(quads_of(glyphs, {}), serials)


class _Pool:
    """Quads at full opacity, one mark's after the other's, in arrays with room for more."""

    def __init__(self) -> None:
        self.count = 0
        self._quads = joined([])
        self._starts: NDArray[np.int_] = np.full(0, -1)
        self._counts: NDArray[np.int_] = np.zeros(0, int)

    def has(self, serials: NDArray[np.int_]) -> NDArray[np.bool_]:
        """Which marks are here."""
        more = int(serials.max(initial=-1)) + 1 - len(self._starts)
        if more > 0:
            more = max(more, len(self._starts), _ROOM_AT_FIRST)
            self._starts = np.append(self._starts, np.full(more, -1))
            self._counts = np.append(self._counts, np.zeros(more, int))
        return np.asarray(self._starts[serials] >= 0)

    def add(self, quads: Quads, serials: NDArray[np.int_]) -> None:
        """Add the quads of marks, whose `marks` are numbers among the serials."""
        end = self.count + len(quads)
        if end > len(self._quads):
            old, room = self._quads, max(2 * end, _ROOM_AT_FIRST)
            self._quads = Quads(*(np.zeros((room, *getattr(old, name).shape[1:])) for name in _PARTS))
            self._put(old, slice(self.count), slice(self.count))
        order = np.argsort(quads.marks, kind="stable")
        self._put(quads, order, slice(self.count, end))
        bounds = np.searchsorted(quads.marks[order], np.arange(len(serials) + 1))
        self._starts[serials], self._counts[serials] = self.count + bounds[:-1], np.diff(bounds)
        self.count = end

    def quads_of(self, serials: NDArray[np.int_], opacities: NDArray[Any], layers: NDArray[np.int_]) -> Quads:
        """Give the quads of marks at their opacities, on layers from that of each."""
        counts = self._counts[serials]
        first = np.cumsum(counts) - counts
        at = np.repeat(self._starts[serials] - first, counts) + np.arange(counts.sum())
        every = self._quads
        colours = every.colours[at]
        colours[:, 3] *= np.repeat(opacities, counts)
        on_layers = every.layers[at] + np.repeat(layers, counts)
        return Quads(every.corners_mm[at], every.texels[at], colours, on_layers, np.zeros(len(at)))

    def _put(self, quads: Quads, these: Any, where: slice) -> None:
        for name in _PARTS:
            getattr(self._quads, name)[where] = getattr(quads, name)[these]


def _of_lines(marks: MarksOnSlice, shown: NDArray[np.bool_], mm_per_pixel: float, style: MarkStyle) -> Quads:
    """Quads of paths; their stretches are others on each slice."""
    chosen = np.flatnonzero(shown[marks.lines.positions])
    if not len(chosen):
        return joined([])
    positions = marks.lines.positions[chosen]
    owners, of = np.unique(positions, return_inverse=True)
    colours = np.array([rgba(colour_of(marks.annotation(owner))) for owner in owners.tolist()])[of]
    colours[:, 3] *= marks.lines.opacities[chosen]
    layers = np.asarray(positions * LAYERS_OF_A_MARK, np.float64)
    lines = [marks.lines.lines_mm[n] for n in chosen.tolist()]
    none, every = np.zeros(len(lines), bool), np.ones(len(lines), bool)
    widths_px = np.full(len(lines), style.edged_line_px)
    return line_quads(lines, none, widths_px, colours, layers, layers, every, mm_per_pixel)


def _of_own(
    marks: MarksOnSlice, positions: Sequence[int], selected: int | None, mm_per_pixel: float, style: MarkStyle
) -> Quads:
    """Quads of marks that are drawn one by one: the selected one, above all others, and rulers with their ticks."""
    glyphs = Glyphs(mm_per_pixel, style=style)
    for position in positions:
        mark, is_selected = marks[position], position == selected
        layer = (len(marks) if is_selected else position) * LAYERS_OF_A_MARK
        draw_mark(glyphs, mark, position, layer, is_selected, len(mark.strokes) == 1)
    return quads_of(glyphs, {})
