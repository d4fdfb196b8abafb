"""The quads of marks on a slice, kept from one slice to the next: most marks are on both, only fainter or stronger."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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

    from napari_vascular_loop.display.mark_style import MarkStyle
    from napari_vascular_loop.domain.space import FloatArray

_MOST_KEPT = 8192
_Key = tuple[int, bool, bool]


class _Kept(NamedTuple):
    """Quads of one stroke at full opacity, and the vertices that they were made of: kept, so that the key is theirs."""

    vertices_mm: FloatArray
    quads: Quads


class MarkQuads:
    """Makes the quads of a slice's marks, without their labels."""

    def __init__(self) -> None:
        self._kept: dict[_Key, _Kept] = {}
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
            self._kept = {}
        keys, missing, numbers, opacities = [], {}, [], []
        paths = []
        for number, mark in enumerate(marks):
            selected = mark.annotation.id == selected_id
            geometry = mark.annotation.geometry
            if isinstance(geometry, Path) and not selected and not is_ruler(geometry):
                paths.append((mark, number * LAYERS_OF_A_MARK))
                continue
            whole = len(mark.strokes) == 1
            for stroke in mark.strokes:
                key = (id(stroke.vertices_mm), selected, whole)
                keys.append(key)
                numbers.append(len(marks) if selected else number)
                opacities.append(stroke.opacity)
                if key not in self._kept:
                    missing[key] = (mark, stroke)
        if len(self._kept) + len(missing) > _MOST_KEPT:
            used = set(keys)
            self._kept = {key: kept for key, kept in self._kept.items() if key in used}
        self._make(missing, mm_per_pixel, style)
        return joined([self._of_kept(keys, numbers, opacities), _of_paths(paths, mm_per_pixel, style)])

    def _of_kept(self, keys: Sequence[_Key], numbers: Sequence[int], opacities: Sequence[float]) -> Quads:
        parts = [self._kept[key].quads for key in keys]
        if not parts:
            return joined([])
        counts = [len(part) for part in parts]
        colours = np.concatenate([part.colours for part in parts])
        colours[:, 3] *= np.repeat(opacities, counts)
        layers = np.concatenate([part.layers for part in parts])
        layers = layers + np.repeat(np.array(numbers) * LAYERS_OF_A_MARK, counts)
        return Quads(
            np.concatenate([part.corners_mm for part in parts]),
            np.concatenate([part.texels for part in parts]),
            colours,
            layers,
            np.zeros(len(layers)),
        )

    def _make(self, missing: dict[_Key, tuple[MarkOnSlice, Stroke]], mm_per_pixel: float, style: MarkStyle) -> None:
        """Make the quads of strokes that are not known yet, all at once."""
        glyphs = Glyphs(mm_per_pixel, style=style)
        for number, ((_, selected, whole), (mark, stroke)) in enumerate(missing.items()):
            full = MarkOnSlice(mark.annotation, (Stroke(stroke.vertices_mm, 1.0),), mark.label_anchor_mm)
            draw_mark(glyphs, full, number, 0, selected, whole)
        quads = quads_of(glyphs, {})
        order = np.argsort(quads.marks, kind="stable")
        bounds = np.searchsorted(quads.marks[order], np.arange(len(missing) + 1))
        sorted_quads = [part[order] for part in (quads.corners_mm, quads.texels, quads.colours, quads.layers)]
        for number, (key, (_, stroke)) in enumerate(missing.items()):
            part = slice(bounds[number], bounds[number + 1])
            corners, texels, colours, layers = (each[part] for each in sorted_quads)
            self._kept[key] = _Kept(stroke.vertices_mm, Quads(corners, texels, colours, layers, layers))


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
