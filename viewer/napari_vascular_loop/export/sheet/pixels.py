"""A sheet as pixels: no window, no OpenGL, no fonts of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.export.sheet.coverage import fill, stroke
from napari_vascular_loop.export.sheet.font import face
from napari_vascular_loop.export.sheet.items import MM_PER_INCH, Box, Picture, Shape, Sheet, Words

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_vascular_loop.domain.space import FloatArray

    _Pixels = npt.NDArray[np.uint8]
    _Places = npt.NDArray[np.floating[Any]]

_MARGIN = 2


def size_in_pixels(sheet: Sheet, dpi: float) -> tuple[int, int]:
    """Rows and columns of a sheet."""
    return round(sheet.height_mm / MM_PER_INCH * dpi), round(sheet.width_mm / MM_PER_INCH * dpi)


def rgb_of(colour: str) -> tuple[int, int, int]:
    """A colour given as #RRGGBB."""
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))


def render(sheet: Sheet, dpi: float) -> npt.NDArray[np.uint8]:
    """Draw a sheet.

    Parameters
    ----------
    sheet : Sheet
        What is drawn.
    dpi : float
        Pixels per inch.

    Returns
    -------
    array of shape (rows, columns, 3), uint8
    """
    rows, columns = size_in_pixels(sheet, dpi)
    canvas = np.empty((rows, columns, 3), dtype=np.uint8)
    canvas[:] = rgb_of(sheet.paper)
    scale = dpi / MM_PER_INCH
    for item in sheet.items:
        match item:
            case Picture():
                _draw_picture(canvas, item, scale)
            case Shape():
                _draw_shape(canvas, item, scale)
            case Words():
                _draw_words(canvas, item, scale)
    return canvas


def interpolated(picture: Picture, rows: _Places, columns: _Places) -> FloatArray:
    """Values of a picture between its samples, by Catmull and Rom's cubic; black beyond their outer edges.

    Parameters
    ----------
    picture : Picture
        Of which.
    rows, columns : arrays of shape (R,) and (C,)
        In mm of the sheet from the box's upper left corner.

    Returns
    -------
    array of shape (R, C)
        From 0 to 1.
    """
    values = np.asarray(picture.samples, dtype=np.float64)
    y, x = picture.first[0] + rows * picture.per_mm[0], picture.first[1] + columns * picture.per_mm[1]
    values = _along(_along(values, y).T, x).T
    within_y = (y >= -0.5) & (y <= picture.samples.shape[0] - 0.5)
    within_x = (x >= -0.5) & (x <= picture.samples.shape[1] - 0.5)
    return np.where(within_y[:, None] & within_x, np.clip(values, 0.0, 1.0), 0.0)


def picture_pixels(picture: Picture, scale: float) -> npt.NDArray[np.uint8]:
    """A picture at its box, so many pixels per mm, as grey values of shape (rows, columns)."""
    height, width = max(1, round(picture.box.height * scale)), max(1, round(picture.box.width * scale))
    return _grey(
        picture,
        (np.arange(height) + 0.5) * (picture.box.height / height),
        (np.arange(width) + 0.5) * (picture.box.width / width),
        scale,
    )


def _grey(picture: Picture, rows: _Places, columns: _Places, scale: float) -> npt.NDArray[np.uint8]:
    """Grey values at pixels whose middles are given; where samples are finer than pixels, the mean of several."""
    finer = max(1, int(np.ceil(max(picture.per_mm) / scale - 1e-6)))
    steps = ((np.arange(finer) + 0.5) / finer - 0.5) / scale
    dense = interpolated(picture, (rows[:, None] + steps).ravel(), (columns[:, None] + steps).ravel())
    mean = dense.reshape(len(rows), finer, len(columns), finer).mean(axis=(1, 3)) if finer > 1 else dense
    return np.asarray(np.floor(np.round(mean, 6) * 255 + 0.5), dtype=np.uint8)


def _along(values: FloatArray, at: _Places) -> FloatArray:
    """Interpolate along the first axis. Four products and three sums: no machine rounds them otherwise."""
    whole = np.floor(at)
    t = (at - whole)[:, None]
    index = whole.astype(np.int64)
    last = len(values) - 1
    weights = (
        t * (-0.5 + t * (1.0 - 0.5 * t)),
        1.0 + t * t * (-2.5 + 1.5 * t),
        t * (0.5 + t * (2.0 - 1.5 * t)),
        t * t * (-0.5 + 0.5 * t),
    )
    out = np.zeros((len(at), values.shape[1]))
    for step, weight in zip((-1, 0, 1, 2), weights, strict=True):
        out += weight * values[np.clip(index + step, 0, last)]
    return out


def _draw_picture(canvas: _Pixels, picture: Picture, scale: float) -> None:
    """Lay a picture on the pixels whose middles lie in its box."""
    box = picture.box
    top, left = max(0, round(box.top * scale)), max(0, round(box.left * scale))
    bottom = min(canvas.shape[0], round(box.bottom * scale))
    right = min(canvas.shape[1], round(box.right * scale))
    rows = (np.arange(top, bottom) + 0.5) / scale - box.top
    columns = (np.arange(left, right) + 0.5) / scale - box.left
    if len(rows) and len(columns):
        canvas[top:bottom, left:right] = _grey(picture, rows, columns, scale)[..., None]


def _draw_shape(canvas: _Pixels, shape: Shape, scale: float) -> None:
    vertices = shape.vertices * scale
    window = _window(canvas, vertices, shape.stroke_mm * scale / 2)
    if window is None:
        return
    top, bottom, left, right = window
    local = vertices - [left, top]
    size = (right - left, bottom - top)
    if shape.fill is not None:
        _blend(canvas, window, _clipped(fill([local], *size), shape.clip, window, scale), shape.fill)
    if shape.stroke is not None:
        line = stroke([local], shape.stroke_mm * scale, *size, closed=shape.closed, butt=shape.butt)
        _blend(canvas, window, _clipped(line, shape.clip, window, scale), shape.stroke)


def _draw_words(canvas: _Pixels, words: Words, scale: float) -> None:
    rings = _rings_of(words, scale)
    if not rings:
        return
    window = _window(canvas, np.concatenate(rings), words.halo_mm * scale)
    if window is None:
        return
    top, bottom, left, right = window
    local = [ring - [left, top] for ring in rings]
    size = (right - left, bottom - top)
    letters = fill(local, *size)
    if words.halo is not None:
        around = stroke(local, 2 * words.halo_mm * scale, *size, closed=True)
        _blend(canvas, window, np.maximum(around, letters), words.halo)
    _blend(canvas, window, letters, words.colour)


def _rings_of(words: Words, scale: float) -> list[FloatArray]:
    """Outlines of letters in pixels of the sheet."""
    used = face(words.bold)
    per_unit = words.size_mm * scale / used.units_per_em
    x, y = words.x_mm * scale, words.y_mm * scale
    rings: list[FloatArray] = []
    for letter in words.text:
        rings.extend(np.array([x, y]) + ring * [per_unit, -per_unit] for ring in used.outline(letter))
        x += used.advance(letter) * per_unit
    return rings


def _window(canvas: _Pixels, places: FloatArray, around: float) -> tuple[int, int, int, int] | None:
    """Rows and columns, first and behind the last, that something may touch."""
    low = np.floor(places.min(axis=0) - around).astype(int) - _MARGIN
    high = np.ceil(places.max(axis=0) + around).astype(int) + _MARGIN
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(canvas.shape[1], int(high[0])), min(canvas.shape[0], int(high[1]))
    return (top, bottom, left, right) if top < bottom and left < right else None


def _clipped(covered: FloatArray, clip: Box | None, window: tuple[int, int, int, int], scale: float) -> FloatArray:
    if clip is None:
        return covered
    top, bottom, left, right = window
    y, x = np.arange(top, bottom) + 0.5, np.arange(left, right) + 0.5
    rows = (y > clip.top * scale) & (y < clip.bottom * scale)
    columns = (x > clip.left * scale) & (x < clip.right * scale)
    return np.where(rows[:, None] & columns, covered, 0.0)


def _blend(canvas: _Pixels, window: tuple[int, int, int, int], covered: FloatArray, colour: str) -> None:
    top, bottom, left, right = window
    # To a part of a grey step, so that no sum that ends otherwise in its last digit is seen.
    share = np.round(covered, 4)
    rows, columns = np.nonzero(share)
    part = canvas[top:bottom, left:right]
    below = part[rows, columns].astype(np.float64)
    mixed = below + (np.array(rgb_of(colour), dtype=np.float64) - below) * share[rows, columns][:, None]
    part[rows, columns] = np.floor(mixed + 0.5).astype(np.uint8)
