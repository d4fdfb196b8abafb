"""The layer on which all marks are drawn.

It is one surface of small quads, each with a picture on it: lines, arrows, points and labels together. napari's own
layers of shapes, points and texts take a hundred times as long for many marks, since they look at each of them at
each step. The layer is kept and fed anew, never removed: taking a layer away while drawing goes on is not safe with
every OpenGL driver. Its arrays are changed in place where their size will do, so that napari hears of it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Surface

from napari_vascular_loop.display.label_pictures import LabelPictures
from napari_vascular_loop.display.mark_mesh import Quads, quads_of
from napari_vascular_loop.display.mark_style import DARK
from napari_vascular_loop.display.mark_texture import MarkTexture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_vascular_loop.display.glyphs import Glyphs, LabelGlyph
    from napari_vascular_loop.domain.space import FloatArray

MARKS_LAYER = "Marks"
_VERTICES_AT_A_TIME = 1024
_pictures = LabelPictures(DARK.letter_px)


def label_size_px(text: str) -> tuple[float, float]:
    """Height and width of a label, in screen pixels."""
    return _pictures.size_px(text)


@dataclass(frozen=True, eq=False)
class PlacedGlyphs:
    """Glyphs, and the plane that they lie in.

    Parameters
    ----------
    glyphs : Glyphs
        What is drawn.
    down_mm, right_mm : array of shape (3,)
        Directions in display coordinates along which the glyphs' vertical and horizontal mm are counted.
    origins_mm : array of shape (3,) or (marks, 3)
        Where their zero lies: one for all, or one for each mark.
    """

    glyphs: Glyphs
    down_mm: FloatArray
    right_mm: FloatArray
    origins_mm: FloatArray

    def places_mm(self, quads: Quads) -> FloatArray:
        """Display coordinates of the quads' corners, shape (N, 4, 3)."""
        origins = self.origins_mm if self.origins_mm.ndim == 1 else self.origins_mm[quads.marks.astype(int), None]
        return np.asarray(quads.corners_mm @ np.stack([self.down_mm, self.right_mm]) + origins)


def on_slice(glyphs: Glyphs, display_axis: int, slice_mm: float) -> PlacedGlyphs:
    """Glyphs whose mm are those of the two other display axes, on a slice."""
    down, right = np.delete(np.eye(3), display_axis, axis=0)
    return PlacedGlyphs(glyphs, down, right, np.eye(3)[display_axis] * slice_mm)


class MarkLayers:
    """Owns the surface; creates it again if a user deletes it.

    Parameters
    ----------
    layers : napari.components.LayerList
        The viewer's layers.
    """

    def __init__(self, layers: Any) -> None:
        self._layers = layers
        self._surface: Surface | None = None
        self._texture = MarkTexture(_pictures.picture)
        self._shown: tuple[NDArray[Any], ...] = ()
        self.labels: tuple[LabelGlyph, ...] = ()
        """Those on screen."""

    def owned(self) -> tuple[Any, ...]:
        """The layers that exist."""
        return (self._surface,) if self._surface is not None and self._surface in self._layers else ()

    def clear(self) -> None:
        """Show nothing; a layer that doesn't exist yet is not made for it."""
        self.labels = ()
        if self.owned() and self._surface is not None and self._shown:
            self._shown = ()
            self._surface.vertex_colors[:] = 0.0
            _tell(self._surface)

    def draw(self, placed: PlacedGlyphs, scale_mm: float, middle_mm: FloatArray) -> None:
        """Show these glyphs, and nothing else.

        Parameters
        ----------
        placed : PlacedGlyphs
            In 2-D, on the slice on screen.
        scale_mm : float
            The layer's scale. As large as the volume's largest voxel, so that the steps of napari's sliders stay
            those of the volume.
        middle_mm : array of shape (3,)
            A place within the volume: all that napari knows of the layer's extent, so that marks beside the volume
            don't lengthen its sliders.
        """
        texts = self._texture.lay_out(label.text for label in placed.glyphs.labels)
        quads = quads_of(placed.glyphs, texts)
        if not len(quads):
            self.clear()
            return
        self.labels = tuple(placed.glyphs.labels)
        places = (placed.places_mm(quads).reshape(-1, 3) / scale_mm).astype(np.float32)
        surface = self._ensure(scale_mm, np.asarray(middle_mm) / scale_mm)
        needed = len(places)
        if needed > len(surface.vertices) or 8 * (needed + _VERTICES_AT_A_TIME) < len(surface.vertices):
            _resize(surface, needed, np.asarray(middle_mm) / scale_mm)
            self._shown = ()
        if surface.texture is not self._texture.texels:
            surface.texture = self._texture.texels
            self._shown = ()
        shown: tuple[NDArray[Any], ...] = (places, quads.colours, quads.texels)
        if self._shown and all(np.array_equal(new, old) for new, old in zip(shown, self._shown, strict=True)):
            return  # while panning, most marks stay where they are
        self._shown = shown
        surface.vertices[:needed] = places
        # What is left over lies, without size, where the rest is: beside the slice napari would have to sort it out.
        surface.vertices[needed:] = places[0]
        surface.vertex_colors[:needed] = np.repeat(quads.colours, 4, axis=0)
        surface.vertex_colors[needed:] = 0.0
        surface.texcoords[:needed] = self._texture.coordinates(quads.texels).reshape(-1, 2)
        _tell(surface)

    def _ensure(self, scale_mm: float, middle: FloatArray) -> Surface:
        surface = self._surface
        if surface is None or surface not in self._layers:
            self._shown = ()
            surface = self._surface = Surface(
                (np.repeat(middle[None].astype(np.float32), 4, axis=0), np.array([(0, 1, 2), (0, 2, 3)])),
                vertex_colors=np.zeros((4, 4), np.float32),
                texcoords=np.zeros((4, 2), np.float32),
                texture=self._texture.texels,
                name=MARKS_LAYER,
                scale=(scale_mm,) * 3,
                units=("mm",) * 3,
                shading="none",
                # What is drawn later covers what was drawn earlier.
                blending="translucent_no_depth",
            )
            self._add(surface)
        elif surface.scale[0] != scale_mm:
            self._shown = ()
            surface.scale = (scale_mm,) * 3
            _resize(surface, len(surface.vertices), middle)
        return surface

    def bring_to_top(self) -> None:
        """Stay above a volume that was opened after the marks were first drawn.

        Not to be called while napari is telling of a new layer: its list of layers would be out of step.
        """
        owned = self.owned()
        if owned and self._layers[-1] is not owned[0]:
            self._layers.move(self._layers.index(owned[0]), len(self._layers))

    def _add(self, layer: Any) -> None:
        """Add a layer without taking the selection away from the volume."""
        active = self._layers.selection.active
        layer.editable = False
        self._layers.append(layer)
        if active is not None:
            self._layers.selection.active = active


def _resize(surface: Surface, vertices: int, middle: FloatArray) -> None:
    """Give a surface room for so many vertices, and a little more."""
    count = -(-vertices * 5 // 4 // _VERTICES_AT_A_TIME) * _VERTICES_AT_A_TIME
    faces = (np.arange(0, count, 4)[:, None] + np.array([0, 1, 2, 0, 2, 3])).reshape(-1, 3)
    # At no time may napari see colours of other vertices than it has.
    surface.vertex_colors = surface.texcoords = None
    surface.data = (np.repeat(middle[None].astype(np.float32), count, axis=0), faces)
    surface.vertex_colors = np.zeros((count, 4), np.float32)
    surface.texcoords = np.zeros((count, 2), np.float32)
    surface.editable = False


def _tell(surface: Surface) -> None:
    """Have napari look at the arrays again."""
    surface.refresh(extent=False, thumbnail=False, highlight=False)
