"""What is drawn over the image: textured quads, as overlays of a napari viewer.

Marks, crosshair and texts are small pictures, and all of a view are drawn with one call of OpenGL. napari's own text
overlays take a call for each text and one for the box behind it, which doubles the time of a step through the slices;
layers of marks would be sliced at each step besides, and stand in the user's list of layers.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari.components.overlays import CanvasOverlay, SceneOverlay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_vascular_loop.display.ink_texture import InkTexture


@dataclass(frozen=True, eq=False)
class Inked:
    """Quads with pictures on them.

    Parameters
    ----------
    places : array of shape (4 N, 3)
        Corners of the quads: x, y, z of the scene, or x and y in pixels of the canvas.
    texels : array of shape (4 N, 2)
        Row and column of each corner in the texture.
    colours : array of shape (N, 4)
        What the texture of each quad is multiplied by.
    texture : InkTexture
        The pictures.
    """

    places: NDArray[Any]
    texels: NDArray[Any]
    colours: NDArray[Any]
    texture: InkTexture

    def __len__(self) -> int:
        return len(self.places) // 4


class SceneInk(SceneOverlay):  # type: ignore[misc]
    """Ink at places of the scene: it moves with the image."""

    inked: Any = None
    """Inked, or None."""


class CanvasInk(CanvasOverlay):  # type: ignore[misc]
    """Ink at pixels of the canvas, counted from its top left."""

    inked: Any = None
    """Inked, or None."""


def scene_ink(viewer: Any, name: str, order: int) -> SceneInk:
    """Put a sheet of ink over a viewer's scene; sheets of a higher order cover those of a lower one."""
    _tell_napari()
    ink = SceneInk(visible=True, order=order, blending="translucent_no_depth")
    viewer.scene.overlays[name] = ink
    return ink


def canvas_ink(viewer: Any, name: str, order: int) -> CanvasInk:
    """Put a sheet of ink over a viewer's canvas."""
    _tell_napari()
    ink = CanvasInk(visible=True, order=order, box=False, position=(0, 0))
    viewer.canvas.overlays[name] = ink
    return ink


def _tell_napari() -> None:
    """Tell napari's canvases how to draw ink; without Qt there are none."""
    with contextlib.suppress(ImportError):
        from napari_vascular_loop.display.ink_visual import register

        register(SceneInk, CanvasInk)
