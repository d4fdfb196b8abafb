"""The picture of a slice: texts on the canvas, and marks on their layer."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.display import camera
from napari_vascular_loop.display.mark_glyphs import glyphs_of, handles_of
from napari_vascular_loop.display.mark_layers import MarkLayers, PlacedGlyphs, label_size_px, on_slice
from napari_vascular_loop.display.mark_style import DARK, MarkStyle
from napari_vascular_loop.display.overlays import CanvasTexts, edge_letters
from napari_vascular_loop.display.slab import Slab
from napari_vascular_loop.display.view_state import ViewState, place_text
from napari_vascular_loop.domain.drawing import MarkOnSlice, Stroke
from napari_vascular_loop.domain.frame import runs_to_the_left
from napari_vascular_loop.domain.space import round_length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.volume import Volume

LABEL_MARGIN_PX = 34.0
_WARNING_CHARACTER_PX = 8.5


_SMALL_PX = 320
_BAR_PART = 0.22
"""Of the canvas's width: at most as much as leaves the letter in the middle free."""


@dataclass(frozen=True, eq=False)
class Look:
    """How the scene wants it shown.

    Parameters
    ----------
    radiological : bool
        Patient's left on the right.
    selected_id : str or None
        The selected mark.
    handles : bool
        Whether the selected mark can be moved.
    warnings : tuple of str
        What a viewer must know, in red.
    grey : str
        Window and level, in words.
    slab : Slab
        How thick the slices are.
    style : MarkStyle
        What marks look like.
    """

    radiological: bool
    selected_id: str | None
    handles: bool
    warnings: tuple[str, ...]
    grey: str = ""
    slab: Slab = field(default_factory=Slab)
    style: MarkStyle = DARK


class Picture:
    """Draws on one viewer.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Not kept.
    """

    def __init__(self, viewer: Any) -> None:
        self.texts = CanvasTexts(viewer.canvas)
        self.layers = MarkLayers(viewer.layers)

    def clear(self) -> None:
        """Show no text and no mark."""
        self.texts.hide()
        self.layers.clear()

    def draw_sample(self, letters: str) -> None:
        """Show some letters in every text."""
        self.texts.show_place(letters)
        self.texts.show_letters(dict.fromkeys(("left", "right", "top", "bottom"), letters[:1]))

    def draw_texts(self, viewer: Any, volume: Volume, state: ViewState, look: Look) -> None:
        """Show warnings and, in 2-D, the slice's place and the letters."""
        small = is_small(viewer)
        self.texts.set_small(small)
        width = max(24, int(viewer.canvas.size[1] / 2.4 / _WARNING_CHARACTER_PX))
        self.texts.show_warning("\n".join(textwrap.fill(line, width) for line in look.warnings))
        if viewer.dims.ndisplay == 3:
            self.texts.show_letters({})
            self.texts.set_bar_mm(round_length(_BAR_PART * viewer.canvas.size[1] * state.mm_per_pixel))
            self.texts.show_grey("" if small else look.grey)
            self.texts.show_place("3-D" if small else "3-D: places are read and marks placed in 2-D")
            return
        self.texts.set_bar_mm(round_length(_BAR_PART * viewer.canvas.size[1] * state.mm_per_pixel))
        place = place_text(volume, state, look.radiological, short=small)
        slab = look.slab.text if small else look.slab.text_at(volume.frame.scale_mm[state.display_axis])
        self.texts.show_place("\n".join(filter(None, (place, slab if state.inside else ""))))
        self.texts.show_grey("" if small else look.grey)
        letters = {}
        if volume.provenance.orientation_known:
            to_left = runs_to_the_left(state.plane, look.radiological)
            letters = edge_letters(volume.frame, *state.in_plane, to_left)
        self.texts.show_letters(letters)

    def draw_slice(
        self, viewer: Any, volume: Volume, state: ViewState, marks: Sequence[MarkOnSlice], look: Look
    ) -> None:
        """Draw the marks of the slice on screen."""
        sign = -1 if runs_to_the_left(state.plane, look.radiological) else 1
        seen_mm = camera.seen_mm(viewer, state, LABEL_MARGIN_PX)
        pixel = state.mm_per_pixel
        glyphs = glyphs_of(marks, pixel, look.selected_id, sign, -1, seen_mm, size_px=label_size_px, style=look.style)
        chosen = next((m for m in marks if m.annotation.id == look.selected_id), None)
        if chosen is not None and look.handles:
            vertices = volume.frame.display_from_ras(chosen.annotation.geometry.vertices_ras_mm)
            glyphs.handles.extend(handles_of(vertices[:, list(state.in_plane)]))
        # Where napari's slider stands, which may be beside the slice that it shows.
        shown_mm = float(viewer.dims.point[state.display_axis])
        self._draw(on_slice(glyphs, state.display_axis, shown_mm), volume)

    def draw_solid(
        self, viewer: Any, volume: Volume, state: ViewState, annotations: Sequence[Annotation], look: Look
    ) -> None:
        """Draw all marks in 3-D, each facing the viewer at its own depth."""
        down, right, away = camera.screen_axes(viewer)
        marks, depths = [], []
        small = is_small(viewer)
        for annotation in annotations:
            if small and annotation.id != look.selected_id:
                # Of a whole head on a small canvas, there is no room for names.
                annotation = annotation.changed(label="")
            vertices = volume.frame.display_from_ras(annotation.geometry.vertices_ras_mm)
            flat = vertices @ np.stack([down, right], axis=1)
            marks.append(MarkOnSlice(annotation, (Stroke(flat, 1.0),), flat[0]))
            depths.append(float(vertices.mean(axis=0) @ away))
        glyphs = glyphs_of(marks, state.mm_per_pixel, look.selected_id, size_px=label_size_px, style=look.style)
        self._draw(PlacedGlyphs(glyphs, down, right, np.array(depths)[:, None] * away), volume)

    def _draw(self, placed: PlacedGlyphs, volume: Volume) -> None:
        frame = volume.frame
        middle_mm = np.add(frame.translate_mm, np.multiply(frame.scale_mm, np.subtract(frame.shape, 1)) / 2)
        if placed.glyphs.is_empty:
            self.layers.clear()
        else:
            self.layers.draw(placed, max(frame.scale_mm), middle_mm)


def is_small(viewer: Any) -> bool:
    """Whether a canvas has no room for names."""
    return bool(viewer.canvas.size[1] < _SMALL_PX)
