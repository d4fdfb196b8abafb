"""The picture of a slice: texts on the canvas, and marks on their two layers."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.display import camera
from napari_vascular_loop.display.mark_glyphs import glyphs_of, handles_of
from napari_vascular_loop.display.mark_layers import GlyphsOnSlice, MarkLayers
from napari_vascular_loop.display.overlays import CanvasTexts, edge_letters
from napari_vascular_loop.display.view_state import ViewState, place_text
from napari_vascular_loop.domain.drawing import MarkOnSlice, mark_on_slice
from napari_vascular_loop.domain.frame import runs_to_the_left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.volume import Volume

LABEL_MARGIN_PX = 34.0
_WARNING_CHARACTER_PX = 8.5


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
    """

    radiological: bool
    selected_id: str | None
    handles: bool
    warnings: tuple[str, ...]


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
        width = max(24, int(viewer.canvas.size[1] / 2.4 / _WARNING_CHARACTER_PX))
        self.texts.show_warning("\n".join(textwrap.fill(line, width) for line in look.warnings))
        if viewer.dims.ndisplay == 3:
            self.texts.show_letters({})
            self.texts.show_place("3-D: places are read and marks placed in 2-D")
            return
        self.texts.show_place(place_text(volume, state, look.radiological))
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
        glyphs = glyphs_of(list(marks), state.mm_per_pixel, look.selected_id, sign, -1, seen_mm)
        chosen = next((m for m in marks if m.annotation.id == look.selected_id), None)
        if chosen is not None and look.handles:
            vertices = volume.frame.display_from_ras(chosen.annotation.geometry.vertices_ras_mm)
            glyphs.dots.extend(handles_of(vertices[:, list(state.in_plane)], state.mm_per_pixel))
        # Where napari's slider stands, which may be beside the slice that it shows.
        shown_mm = float(viewer.dims.point[state.display_axis])
        self._draw([GlyphsOnSlice(glyphs, state.display_axis, shown_mm)], volume)

    def draw_solid(self, volume: Volume, state: ViewState, annotations: Sequence[Annotation], look: Look) -> None:
        """Draw all marks in 3-D, each on its own axial slice."""
        slices = []
        for annotation in annotations:
            own_mm = float(volume.frame.display_from_ras(annotation.geometry.anchor_ras_mm)[0])
            mark = mark_on_slice(annotation, volume.frame, 0, own_mm)
            glyphs = glyphs_of([mark], state.mm_per_pixel, look.selected_id)
            if annotation.id != look.selected_id:
                glyphs.labels = []
            slices.append(GlyphsOnSlice(glyphs, 0, own_mm))
        self._draw(slices, volume)

    def _draw(self, slices: list[GlyphsOnSlice], volume: Volume) -> None:
        if all(on_slice.glyphs.is_empty for on_slice in slices):
            self.layers.clear()
        else:
            self.layers.draw(slices, max(volume.frame.scale_mm))
