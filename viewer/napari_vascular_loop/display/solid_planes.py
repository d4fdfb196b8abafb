"""The three planes as pictures in space, where they cross: cheap to draw, whatever the size of the volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Surface

if TYPE_CHECKING:
    from napari_vascular_loop.domain.frame import DisplayFrame
    from napari_vascular_loop.domain.space import FloatArray

PLANES_LAYER = "Planes"
_STEPS = 256
_FACES = np.array([(0, 1, 2), (0, 2, 3)])


class SolidPlanes:
    """Owns one surface of three quads, with the three slices side by side on one texture; kept and fed anew.

    napari can cut a volume with a plane, too, but takes the whole volume to the graphics card for each.

    Parameters
    ----------
    layers : napari.components.LayerList
        The viewer's layers.
    """

    def __init__(self, layers: Any) -> None:
        self._layers = layers
        self._surface: Surface | None = None
        self._shown: tuple[object, ...] = ()

    def owned(self) -> tuple[Any, ...]:
        """The layer, where it exists."""
        return (self._surface,) if self._surface is not None and self._surface in self._layers else ()

    def hide(self) -> None:
        """Show nothing."""
        for surface in self.owned():
            surface.visible = False

    def draw(self, image: Any, frame: DisplayFrame, place_mm: FloatArray, over: Any = None) -> None:
        """Show the slices of an image layer through a place.

        Parameters
        ----------
        image : napari.layers.Image
            Of the shown volume; lends voxels, grey scale and colours.
        frame : DisplayFrame
            Of the volume.
        place_mm : array of shape (3,)
            Display coordinates.
        over : napari.layers.Image, optional
            What is painted over it, as on the other canvases; its axes are parallel to the image's.
        """
        voxels = _voxels(image)
        last = np.subtract(frame.shape, 1)
        at = np.clip(np.rint(frame.index_from_display(place_mm)), 0, last).astype(int)
        over = over if over is not None and over.visible else None
        shown = (*at, *_looks(image), *(_looks(over) if over is not None else ()))
        if shown != self._shown or not self.owned():
            self._shown = shown
            pictures = [_coloured(image, np.asarray(voxels[_slice(axis, at[axis])])) for axis in range(3)]
            if over is not None:
                pictures = [_painted_over(each, over, frame, axis, at[axis]) for axis, each in enumerate(pictures)]
            texture, corners = _side_by_side(pictures)
            self._feed(_quads_mm(frame, at) / max(frame.scale_mm), corners, texture, max(frame.scale_mm))
        for surface in self.owned():
            if not surface.visible:
                surface.visible = True

    def _feed(self, vertices: FloatArray, corners: FloatArray, texture: Any, scale_mm: float) -> None:
        surface = self._surface
        if surface is None or surface not in self._layers:
            self._surface = Surface(
                (vertices.astype(np.float32), np.vstack([_FACES + 4 * n for n in range(3)])),
                texture=texture,
                texcoords=corners,
                name=PLANES_LAYER,
                scale=(scale_mm,) * 3,
                units=("mm",) * 3,
                shading="none",
                # What lies nearer hides what lies behind it.
                blending="opaque",
            )
            self._layers.insert(min(1, len(self._layers)), self._surface)
            self._layers.selection.clear()
            return
        if surface.texture.shape != texture.shape:
            surface.texcoords = corners
        surface.texture = texture
        if surface.scale[0] != scale_mm:
            surface.scale = (scale_mm,) * 3
        surface.vertices = vertices.astype(np.float32)


def _voxels(image: Any) -> Any:
    return image.data[0] if image.multiscale else image.data


def _looks(image: Any) -> tuple[object, ...]:
    """All that its slices are coloured by."""
    return (id(_voxels(image)), *image.contrast_limits, image.gamma, image.colormap.name, image.opacity, image.blending)


def _painted_over(below: FloatArray, over: Any, frame: DisplayFrame, axis: int, index: int) -> FloatArray:
    """A slice with another image over it: at each voxel the nearest of the other's, and nothing beside it."""
    voxels = _voxels(over)
    low = np.array(over.data_to_world((0, 0, 0)), dtype=float)
    step = np.array(over.data_to_world((1, 1, 1)), dtype=float) - low
    indices, inside = [], []
    for each in range(3):
        wanted = np.array([index]) if each == axis else np.arange(frame.shape[each])
        place_mm = frame.translate_mm[each] + frame.scale_mm[each] * wanted
        at = np.rint((place_mm - low[each]) / step[each]).astype(int)
        indices.append(np.clip(at, 0, voxels.shape[each] - 1))
        inside.append((at >= 0) & (at < voxels.shape[each]))
    taken = np.asarray(voxels[_slice(axis, int(indices[axis][0]))])
    down, across = (other for other in range(3) if other != axis)
    colours = _coloured(over, taken[np.ix_(indices[down], indices[across])])
    seen = inside[down][:, None] & inside[across][None, :] & inside[axis]
    weight = (seen * over.opacity)[..., None].astype(np.float32)
    kept = 1.0 if over.blending == "additive" else 1 - weight
    mixed: FloatArray = np.minimum(below * kept + colours * weight, 1.0)
    mixed[..., 3] = 1.0
    return mixed


def _slice(axis: int, index: int) -> tuple[slice | int, ...]:
    return (*([slice(None)] * axis), index)


def _coloured(image: Any, values: Any) -> FloatArray:
    """A slice as it is seen on its own canvas: shape (rows, columns, 4), 0 to 1."""
    if values.ndim == 3:  # colours of its own
        colours = values[..., :3] / (255.0 if values.dtype == np.uint8 else 1.0)
        return np.concatenate([colours, np.ones((*values.shape[:2], 1))], axis=2).astype(np.float32)
    low, high = image.contrast_limits
    part = np.clip((values.astype(np.float32) - low) / max(high - low, 1e-12), 0, 1) ** image.gamma
    table = image.colormap.map(np.linspace(0, 1, _STEPS)).astype(np.float32)
    coloured: FloatArray = table[(np.nan_to_num(part) * (_STEPS - 1)).astype(np.uint8)]
    return coloured


def _side_by_side(pictures: list[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """One texture, and where on it the corners of each picture lie: (12, 2), as OpenGL's right and up, 0 to 1."""
    height, width = max(each.shape[0] for each in pictures), sum(each.shape[1] for each in pictures)
    texture = np.zeros((height, width, 4), dtype=np.float32)
    corners, left = [], 0
    for each in pictures:
        rows, columns = each.shape[:2]
        texture[:rows, left : left + columns] = each
        # Half a texel inside, so that none of the neighbour's is mixed in.
        first, last = (left + 0.5) / width, (left + columns - 0.5) / width
        low, high = 1 - 0.5 / height, 1 - (rows - 0.5) / height
        corners += [(first, low), (last, low), (last, high), (first, high)]
        left += columns
    return texture, np.array(corners, dtype=np.float32)


def _quads_mm(frame: DisplayFrame, at: Any) -> FloatArray:
    """Corners of the three slices through a voxel, in display mm: (12, 3), in the order of the texture's corners."""
    low = np.array(frame.translate_mm, dtype=float)
    high = low + np.multiply(frame.scale_mm, np.subtract(frame.shape, 1))
    place = low + np.multiply(frame.scale_mm, at)
    quads = []
    for axis in range(3):
        down, across = (other for other in range(3) if other != axis)
        for at_down, at_across in ((low, low), (low, high), (high, high), (high, low)):
            corner = place.copy()
            corner[down], corner[across] = at_down[down], at_across[across]
            quads.append(corner)
    return np.array(quads)
