"""The picture of a slice: texts on the canvas, and marks with the crosshair on the image."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.display import camera
from napari_vascular_loop.display.canvas_texts import EDGES, CanvasTexts, Words, edge_letters
from napari_vascular_loop.display.crosshair import crosshair_lines
from napari_vascular_loop.display.label_places import LabelPlaces
from napari_vascular_loop.display.mark_glyphs import add_marks, handles_of, labels_of
from napari_vascular_loop.display.mark_ink import MarkInk, PlacedGlyphs, label_size_px, on_slice
from napari_vascular_loop.display.mark_quads import MarkQuads
from napari_vascular_loop.display.mark_style import DARK, MarkStyle
from napari_vascular_loop.display.ring import ring_lines
from napari_vascular_loop.display.slab import Slab
from napari_vascular_loop.display.view_state import ViewState, place_text
from napari_vascular_loop.domain.annotation import is_text
from napari_vascular_loop.domain.drawing import MarkOnSlice, Stroke
from napari_vascular_loop.domain.frame import runs_to_the_left
from napari_vascular_loop.domain.marks_on_slice import MarksOnSlice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.ring import Ring
    from napari_vascular_loop.domain.space import FloatArray
    from napari_vascular_loop.domain.volume import Volume

LABEL_MARGIN_PX = 34.0
_WARNING_CHARACTER_PX = 8.2
_WARNING_PART, _WARNING_PX, _WARNING_MARGIN_PX = 0.42, 200.0, 24.0
"""Of the canvas's width that a warning takes; and as much as it needs, where that is more."""


_SMALL_PX = 320


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
    scale_bar : bool
        Whether there is one.
    rings : tuple of Ring
        Around places that were looked for.
    """

    radiological: bool
    selected_id: str | None
    handles: bool
    warnings: tuple[str, ...]
    grey: str = ""
    slab: Slab = field(default_factory=Slab)
    style: MarkStyle = DARK
    scale_bar: bool = True
    rings: tuple[Ring, ...] = ()


class Picture:
    """Draws on one viewer.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Not kept.
    """

    def __init__(self, viewer: Any) -> None:
        self.marks = MarkInk(viewer)
        self.texts = CanvasTexts(viewer)
        self._quads = MarkQuads()
        self._labels = [LabelPlaces() for _ in range(3)]

    def clear(self) -> None:
        """Show no text and no mark."""
        self.texts.hide()
        self.marks.clear()

    def draw_sample(self, viewer: Any, letters: str) -> None:
        """Show some letters in every text."""
        self.texts.show(Words(letters, "", "", dict.fromkeys(EDGES, letters[:1]), 1.0), _size_px(viewer))

    def draw_texts(self, viewer: Any, volume: Volume, state: ViewState, look: Look) -> None:
        """Show warnings, the scale and, in 2-D, the slice's place and the letters."""
        small, size_px = is_small(viewer), _size_px(viewer)
        room_px = max(size_px[1] * _WARNING_PART, min(size_px[1] - _WARNING_MARGIN_PX, _WARNING_PX))
        width = max(10, int(room_px / _WARNING_CHARACTER_PX))
        warning = "\n".join(textwrap.fill(line, width) for line in look.warnings)
        letters: dict[str, str] = {}
        if viewer.dims.ndisplay == 3:
            place = "3-D" if small else "3-D: places are read and marks placed in 2-D"
        else:
            words = place_text(volume, state, look.radiological, short=small)
            slab = look.slab.text if small else look.slab.text_at(volume.frame.scale_mm[state.display_axis])
            place = "\n".join(filter(None, (words, slab if state.inside else "")))
            if volume.provenance.orientation_known:
                to_left = runs_to_the_left(state.plane, look.radiological)
                letters = edge_letters(volume.frame, *state.in_plane, to_left)
        grey = "" if small else look.grey
        # A bar of napari's own, switched on in its menu, stands in the same place.
        has_bar = look.scale_bar and not viewer.canvas.overlays.scale_bar.visible
        mm_per_pixel = state.mm_per_pixel if has_bar else 0.0
        self.texts.show(Words(place, warning, grey, letters, mm_per_pixel, small), size_px)

    def draw_slice(
        self,
        viewer: Any,
        volume: Volume,
        state: ViewState,
        marks: MarksOnSlice,
        look: Look,
        crosshair_mm: FloatArray | None,
        *,
        hurried: bool = False,
    ) -> bool:
        """Draw the marks of the slice on screen, and the crosshair through a place in display coordinates.

        Of a slice that is one of many which are gone through, some labels may wait: then the answer is True.
        """
        sign = -1 if runs_to_the_left(state.plane, look.radiological) else 1
        seen_mm = camera.seen_mm(viewer, state, LABEL_MARGIN_PX)
        pixel = state.mm_per_pixel
        glyphs, wait = labels_of(
            marks,
            pixel,
            look.selected_id,
            sign,
            -1,
            seen_mm,
            size_px=label_size_px,
            style=look.style,
            before=self._labels[state.display_axis],
            hurried=hurried,
        )
        chosen = marks.find(look.selected_id) if look.selected_id is not None else None
        # A text is moved by its words.
        if chosen is not None and look.handles and not marks.is_words[chosen]:
            vertices = volume.frame.display_from_ras(marks.annotation(chosen).geometry.vertices_ras_mm)
            glyphs.handles.extend(handles_of(vertices[:, list(state.in_plane)]))
        if crosshair_mm is not None:
            glyphs.lines.extend(crosshair_lines(volume.frame, state, crosshair_mm))
        for ring in look.rings:
            glyphs.lines.extend(ring_lines(volume.frame, state, ring))
        quads = self._quads.quads_of(marks, state.display_axis, pixel, chosen, look.style)
        self.marks.draw(on_slice(glyphs), quads)
        return wait

    def draw_solid(
        self, viewer: Any, volume: Volume, state: ViewState, annotations: Sequence[Annotation], look: Look
    ) -> None:
        """Draw all marks in 3-D, each facing the viewer at its own depth."""
        down, right, away = camera.screen_axes(viewer)
        displayed = list(viewer.dims.displayed)
        marks, depths = [], []
        small = is_small(viewer)
        for annotation in annotations:
            if small and annotation.id != look.selected_id:
                # Of a whole head on a small canvas, there is no room for names.
                if is_text(annotation.geometry):
                    continue
                annotation = annotation.changed(label="")
            vertices = volume.frame.display_from_ras(annotation.geometry.vertices_ras_mm)[:, displayed]
            flat = vertices @ np.stack([down, right], axis=1)
            marks.append(MarkOnSlice(annotation, (Stroke(flat, 1.0),), flat[0], 1.0))
            depths.append(float(vertices.mean(axis=0) @ away))
        pixel = state.mm_per_pixel
        middle = np.array(viewer.scene.camera.center, dtype=float)[-3:] @ np.stack([down, right], axis=1)
        half = (np.array(viewer.canvas.size, dtype=float) / 2 - LABEL_MARGIN_PX) * pixel
        seen_mm = np.array([middle - half, middle + half])
        glyphs, _ = labels_of(
            MarksOnSlice.of(marks), pixel, look.selected_id, seen_mm=seen_mm, size_px=label_size_px, style=look.style
        )
        add_marks(glyphs, marks, look.selected_id)
        # The scene counts its axes the other way round.
        self.marks.draw(
            PlacedGlyphs(glyphs, down[::-1], right[::-1], (np.array(depths)[:, None] * away).reshape(-1, 3)[:, ::-1])
        )


def is_small(viewer: Any) -> bool:
    """Whether a canvas has no room for names."""
    return bool(viewer.canvas.size[1] < _SMALL_PX)


def _size_px(viewer: Any) -> tuple[int, int]:
    height, width = viewer.canvas.size
    return int(height), int(width)
