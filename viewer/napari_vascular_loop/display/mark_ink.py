"""The sheet of ink on which marks and crosshair are drawn.

Lines, arrows, points and labels are one mesh of small quads, each with a picture on it. napari's own layers of shapes,
points and texts take a hundred times as long for many marks, since they look at each of them at each step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.display.ink import Inked, scene_ink
from napari_vascular_loop.display.ink_texture import InkTexture
from napari_vascular_loop.display.label_pictures import LabelPictures
from napari_vascular_loop.display.mark_mesh import Quads, joined, quads_of
from napari_vascular_loop.display.mark_style import DARK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_vascular_loop.display.glyphs import Glyphs, LabelGlyph
    from napari_vascular_loop.domain.space import FloatArray

MARKS_INK = "vascular_loop_marks"
_ORDER = 1_000_000
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
    down, right : array of shape (3,)
        Directions in x, y, z of napari's scene along which the glyphs' vertical and horizontal mm are counted.
    origins_mm : array of shape (3,) or (marks, 3)
        Where their zero lies: one for all, or one for each mark.
    """

    glyphs: Glyphs
    down: FloatArray
    right: FloatArray
    origins_mm: FloatArray

    def places_mm(self, quads: Quads) -> FloatArray:
        """Places in the scene of the quads' corners, shape (N, 4, 3)."""
        origins = self.origins_mm if self.origins_mm.ndim == 1 else self.origins_mm[quads.marks.astype(int), None]
        return np.asarray(quads.corners_mm @ np.stack([self.down, self.right]) + origins)


def on_slice(glyphs: Glyphs) -> PlacedGlyphs:
    """Glyphs on the slice on screen, whose scene has its vertical axis second and none of depth."""
    return PlacedGlyphs(glyphs, np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0]), np.zeros(3))


class MarkInk:
    """Owns the sheet of one viewer.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Not kept.
    """

    def __init__(self, viewer: Any) -> None:
        self._sheet = scene_ink(viewer, MARKS_INK, _ORDER)
        self._texture = InkTexture(lambda text: _pictures.picture(str(text)))
        self._shown: tuple[NDArray[Any], ...] = ()
        self.labels: tuple[LabelGlyph, ...] = ()
        """Those on screen."""

    def clear(self) -> None:
        """Show nothing."""
        self.labels, self._shown = (), ()
        if self._sheet.inked is not None:
            self._sheet.inked = None

    def draw(self, placed: PlacedGlyphs, quads: Quads | None = None) -> None:
        """Show these glyphs and, where there are, quads in the same plane; nothing else."""
        where = self._texture.lay_out(label.text for label in placed.glyphs.labels)
        of_glyphs = quads_of(placed.glyphs, where)
        quads = of_glyphs if quads is None else joined([quads, of_glyphs])
        if not len(quads):
            self.clear()
            return
        self.labels = tuple(placed.glyphs.labels)
        places = placed.places_mm(quads).reshape(-1, 3)
        shown: tuple[NDArray[Any], ...] = (places, quads.colours, quads.texels)
        if self._shown and all(np.array_equal(new, old) for new, old in zip(shown, self._shown, strict=True)):
            return  # while panning, most marks stay where they are
        self._shown = shown
        self._sheet.inked = Inked(places, quads.texels.reshape(-1, 2), quads.colours, self._texture)
