"""How much of each pixel an outline covers: exact areas, in numbers that are the same on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.space import FloatArray

_PARTS_OF_PIXEL = 256.0
_ROUND_SIDES = 16
_FINE_UP_TO_PIXELS = 1_500_000


def fill(rings: Sequence[FloatArray], width: int, height: int) -> FloatArray:
    """Cover pixels with closed rings.

    The signed area to the right of each edge is gathered pixel by pixel and summed along the rows, as font
    rasterisers do.

    Parameters
    ----------
    rings : sequence of arrays of shape (N, 2)
        x and y in pixels, from the upper left corner of the first pixel. Rings the other way round are holes.
    width, height : int
        Of the picture.

    Returns
    -------
    array of shape (height, width)
        From 0 to 1.
    """
    if not rings or width <= 0 or height <= 0:
        return np.zeros((max(height, 0), max(width, 0)))
    starts = np.concatenate(rings)
    ends = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    starts, ends = _on_raster(starts, width, height), _on_raster(ends, width, height)
    slanted = starts[:, 1] != ends[:, 1]
    a, b = _cut_at_pixels(starts[slanted], ends[slanted])
    middle = (a + b) / 2
    rise = b[:, 1] - a[:, 1]
    inside = (rise != 0) & (middle[:, 1] > 0) & (middle[:, 1] < height)
    middle, rise = middle[inside], rise[inside]
    x = np.clip(middle[:, 0], 0, width)
    column = np.minimum(np.floor(x).astype(np.int64), width)
    row = np.floor(middle[:, 1]).astype(np.int64)
    share = x - column
    at = row * (width + 2) + column
    size = height * (width + 2)
    cells = np.bincount(at, rise * (1 - share), size) + np.bincount(at + 1, rise * share, size)
    sums = np.cumsum(cells.reshape(height, width + 2), axis=1)[:, :width]
    return np.asarray(np.minimum(np.abs(sums), 1.0))


def stroke(
    lines: Sequence[FloatArray], line_width: float, width: int, height: int, *, closed: bool, butt: bool = False
) -> FloatArray:
    """Cover pixels with lines of some width, round at their corners.

    Parameters
    ----------
    lines : sequence of arrays of shape (N, 2)
        x and y in pixels.
    line_width : float
        In pixels.
    width, height : int
        Of the picture.
    closed : bool
        Whether the last vertex is joined with the first.
    butt : bool
        Whether ends are straight.
    """
    # The pieces overlap; on a finer raster that is seen the less.
    finer = 4 if width * height <= _FINE_UP_TO_PIXELS else 2
    half = line_width / 2 * finer
    angles = np.arange(_ROUND_SIDES) * (2 * np.pi / _ROUND_SIDES)
    disc = np.stack([np.cos(angles), np.sin(angles)], axis=1) * half
    pieces: list[FloatArray] = []
    for line in lines:
        vertices = np.asarray(line, dtype=np.float64) * finer
        nexts = np.roll(vertices, -1, axis=0) if closed else vertices[1:]
        along = nexts - vertices[: len(nexts)]
        lengths = np.sqrt(along[:, 0] ** 2 + along[:, 1] ** 2)
        for start, end, (x, y), length in zip(vertices, nexts, along, lengths, strict=False):
            if length > 0:
                side = np.array([-y, x]) / length * half
                pieces.append(np.array([start - side, end - side, end + side, start + side]))
        round_at = vertices if closed or not butt else vertices[1:-1]
        pieces.extend(vertex + disc for vertex in round_at)
    covered = fill(pieces, width * finer, height * finer)
    return np.asarray(covered.reshape(height, finer, width, finer).mean(axis=(1, 3)))


def _on_raster(places: FloatArray, width: int, height: int) -> FloatArray:
    """Round to parts of a pixel, and keep within reach: what lies further out covers the same."""
    rounded = np.rint(np.asarray(places, dtype=np.float64) * _PARTS_OF_PIXEL) / _PARTS_OF_PIXEL
    return np.clip(rounded, -4.0 * max(width, height), 5.0 * max(width, height))


def _cut_at_pixels(starts: FloatArray, ends: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cut edges where they cross from one pixel to the next."""
    edge = np.arange(len(starts))
    edges, places = [edge, edge], [np.zeros(len(edge)), np.ones(len(edge))]
    for axis in (0, 1):
        low = np.minimum(starts[:, axis], ends[:, axis])
        high = np.maximum(starts[:, axis], ends[:, axis])
        first = np.floor(low).astype(np.int64) + 1
        counts = np.maximum(np.ceil(high).astype(np.int64) - first, 0)
        of = np.repeat(edge, counts)
        line = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts) + first[of]
        edges.append(of)
        places.append((line - starts[of, axis]) / (ends[of, axis] - starts[of, axis]))
    of, t = np.concatenate(edges), np.concatenate(places)
    order = np.lexsort((t, of))
    of, t = of[order], t[order]
    at = starts[of] + t[:, None] * (ends - starts)[of]
    same = of[1:] == of[:-1]
    return at[:-1][same], at[1:][same]
