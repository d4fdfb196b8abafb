"""The quads of marks on a slice, kept from one slice to the next: most marks are on both, only fainter or stronger."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from napari_vascular_loop.display.glyphs import Glyphs
from napari_vascular_loop.display.mark_glyphs import LAYERS_OF_A_MARK, draw_mark
from napari_vascular_loop.display.mark_mesh import Quads, joined, line_quads, quads_of
from napari_vascular_loop.display.mark_style import rgba
from napari_vascular_loop.domain.annotation import Path
from napari_vascular_loop.domain.drawing import MarkOnSlice, Stroke, colour_of
from napari_vascular_loop.domain.measure import is_ruler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_vascular_loop.display.mark_style import MarkStyle
    from napari_vascular_loop.domain.space import FloatArray

_MOST_KEPT = 40_000
"""Quads; beyond them, those on screen are made anew."""

_ROOM_AT_FIRST = 1024
_PARTS = ("corners_mm", "texels", "colours", "layers", "marks")
_Key = tuple[int, bool, bool]


class Kept(NamedTuple):
    """Where the quads of a stroke lie among those kept; its vertices are kept, too, so that the key is theirs."""

    vertices_mm: FloatArray
    start: int
    number: int


class _Pool:
    """Quads at full opacity, one stroke's after the other's, in arrays with room for more."""

    def __init__(self) -> None:
        self.quads = joined([])
        self.count = 0

    def add(self, quads: Quads, order: NDArray[np.int_]) -> None:
        """Add quads in an order."""
        end = self.count + len(quads)
        if end > len(self.quads):
            old, room = self.quads, max(2 * end, _ROOM_AT_FIRST)
            self.quads = Quads(*(np.zeros((room, *getattr(old, name).shape[1:])) for name in _PARTS))
            self._put(old, slice(self.count), slice(self.count))
        self._put(quads, order, slice(self.count, end))
        self.count = end

    def _put(self, quads: Quads, these: Any, where: slice) -> None:
        for name in _PARTS:
            getattr(self.quads, name)[where] = getattr(quads, name)[these]


class MarkQuads:
    """Makes the quads of a slice's marks, without their labels."""

    def __init__(self) -> None:
        self._kept: dict[_Key, Kept] = {}
        self._pool = _Pool()
        self._made_for: tuple[float, MarkStyle] | None = None

    def quads_of(
        self, marks: Sequence[MarkOnSlice], mm_per_pixel: float, selected_id: str | None, style: MarkStyle
    ) -> Quads:
        """Give the quads of marks, in drawing order.

        Parameters
        ----------
        marks : sequence of MarkOnSlice
            In drawing order; the selected one is drawn last.
        mm_per_pixel : float
            Size of a screen pixel.
        selected_id : str or None
            The selected mark.
        style : MarkStyle
            What marks look like.
        """
        if self._made_for != (mm_per_pixel, style):
            self._made_for = (mm_per_pixel, style)
            self._forget()
        elif self._pool.count > _MOST_KEPT:
            self._forget()
        keys: list[_Key] = []
        numbers: list[int] = []
        opacities: list[float] = []
        missing: dict[_Key, tuple[MarkOnSlice, Stroke]] = {}
        paths: list[tuple[MarkOnSlice, int]] = []
        kept = self._kept
        for number, mark in enumerate(marks):
            annotation = mark.annotation
            selected, geometry = annotation.id == selected_id, annotation.geometry
            if isinstance(geometry, Path) and not selected and not is_ruler(geometry):
                paths.append((mark, number * LAYERS_OF_A_MARK))
                continue
            whole = len(mark.strokes) == 1
            for stroke in mark.strokes:
                key = (id(stroke.vertices_mm), selected, whole)
                keys.append(key)
                numbers.append(len(marks) if selected else number)
                opacities.append(stroke.opacity)
                if key not in kept:
                    missing[key] = (mark, stroke)
        self._make(missing, mm_per_pixel, style)
        return joined([self._of_kept(keys, numbers, opacities), _of_paths(paths, mm_per_pixel, style)])

    def _forget(self) -> None:
        self._kept, self._pool = {}, _Pool()

    def _of_kept(self, keys: Sequence[_Key], numbers: Sequence[int], opacities: Sequence[float]) -> Quads:
        if not keys:
            return joined([])
        found = [self._kept[key] for key in keys]
        counts = np.array([each.number for each in found])
        first = np.cumsum(counts) - counts
        at = np.repeat(np.array([each.start for each in found]) - first, counts) + np.arange(counts.sum())
        every = self._pool.quads
        colours = every.colours[at]
        colours[:, 3] *= np.repeat(opacities, counts)
        layers = every.layers[at] + np.repeat(np.array(numbers) * LAYERS_OF_A_MARK, counts)
        return Quads(every.corners_mm[at], every.texels[at], colours, layers, np.zeros(len(layers)))

    def _make(self, missing: dict[_Key, tuple[MarkOnSlice, Stroke]], mm_per_pixel: float, style: MarkStyle) -> None:
        """Make the quads of strokes that are not known yet, all at once."""
        if not missing:
            return
        glyphs = Glyphs(mm_per_pixel, style=style)
        for number, ((_, selected, whole), (mark, stroke)) in enumerate(missing.items()):
            full = MarkOnSlice(mark.annotation, (Stroke(stroke.vertices_mm, 1.0),), mark.label_anchor_mm, 1.0)
            draw_mark(glyphs, full, number, 0, selected, whole)
        quads = quads_of(glyphs, {})
        order = np.argsort(quads.marks, kind="stable")
        bounds = np.searchsorted(quads.marks[order], np.arange(len(missing) + 1)) + self._pool.count
        for (key, (_, stroke)), (start, end) in zip(missing.items(), itertools.pairwise(bounds.tolist()), strict=True):
            self._kept[key] = Kept(stroke.vertices_mm, start, end - start)
        self._pool.add(quads, order)


def _of_paths(paths: Sequence[tuple[MarkOnSlice, int]], mm_per_pixel: float, style: MarkStyle) -> Quads:
    """Quads of paths, each with its layer; their stretches are others on each slice."""
    strokes = [stroke for mark, _ in paths for stroke in mark.strokes]
    if not strokes:
        return joined([])
    counts = [len(mark.strokes) for mark, _ in paths]
    none, all_of_them = np.zeros(len(strokes), bool), np.ones(len(strokes), bool)
    colours = np.repeat(np.array([rgba(colour_of(mark.annotation)) for mark, _ in paths]), counts, axis=0)
    colours[:, 3] *= [stroke.opacity for stroke in strokes]
    layers = np.repeat([layer for _, layer in paths], counts)
    widths_px = np.full(len(strokes), style.edged_line_px)
    lines = [stroke.vertices_mm for stroke in strokes]
    return line_quads(lines, none, widths_px, colours, layers, layers, all_of_them, mm_per_pixel)
