"""Glyphs as quads with a picture on each: one mesh for all marks of a view, made without a step for each mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.display import mark_sprites
from napari_vascular_loop.display.glyphs import ABOVE_MARKS
from napari_vascular_loop.display.label_pictures import FINER
from napari_vascular_loop.display.mark_sprites import DISC, EDGED_LINE, HEAD, LINE, MARGIN_PX, RING, Sprite, corners_of
from napari_vascular_loop.domain.drawing import arrow_sizes

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_vascular_loop.display.glyphs import ArrowGlyph, Glyphs
    from napari_vascular_loop.domain.space import FloatArray

_LABELS = ABOVE_MARKS + 2
_HANDLES = ABOVE_MARKS + 1
_SHARPEST_CORNER = 0.3
"""A corner's outer point is at most 1 / sqrt(this / 2) half-widths away: sharper ones are cut."""

_SLANT = float(np.sqrt(5.0))
"""Of the head's sides: how far the tip moves back when they move inwards by 1."""


@dataclass(frozen=True, eq=False)
class Quads:
    """Quads of a mesh, in drawing order.

    Parameters
    ----------
    corners_mm : array of shape (N, 4, 2)
        Places in the plane of the view.
    texels : array of shape (N, 4, 2)
        Row and column in the texture.
    colours : array of shape (N, 4)
        What the texture is multiplied by.
    layers, marks : array of shape (N,)
        What covers what; and whose.
    """

    corners_mm: FloatArray
    texels: FloatArray
    colours: FloatArray
    layers: FloatArray
    marks: FloatArray

    def __len__(self) -> int:
        return len(self.corners_mm)


def quads_of(glyphs: Glyphs, labels: Mapping[Hashable, Sprite]) -> Quads:
    """Make quads of glyphs.

    Parameters
    ----------
    glyphs : Glyphs
        What is to be drawn.
    labels : mapping to Sprite
        Where the pictures of the labels' texts lie in the texture.
    """
    parts = [*_lines(glyphs), *_arrows(glyphs), *_points(glyphs), *_handles(glyphs), *_labels(glyphs, labels)]
    return joined(parts)


def joined(parts: Sequence[Quads]) -> Quads:
    """Put quads together; what lies on a higher layer comes later."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return Quads(*(np.empty(shape) for shape in ((0, 4, 2), (0, 4, 2), (0, 4), (0,), (0,))))
    layers = np.concatenate([part.layers for part in parts])
    order = np.argsort(layers, kind="stable")
    corners, texels, colours, marks = (
        np.concatenate([getattr(part, name) for part in parts])[order]
        for name in ("corners_mm", "texels", "colours", "marks")
    )
    return Quads(corners, texels, colours, layers[order], marks)


# ---------------------------------------------------------------- lines


def _lines(glyphs: Glyphs) -> list[Quads]:
    lines = [line for line in glyphs.lines if len(line.vertices_mm) >= 2]
    if not lines:
        return []
    return [
        line_quads(
            [line.vertices_mm for line in lines],
            np.array([line.closed for line in lines]),
            np.array([line.width_px for line in lines]),
            np.array([line.colour for line in lines]),
            np.array([line.layer for line in lines]),
            np.array([line.mark for line in lines]),
            np.array([line.edged for line in lines]),
            glyphs.mm_per_pixel,
        )
    ]


def line_quads(
    lines: Sequence[FloatArray],
    closed: NDArray[np.bool_],
    widths_px: FloatArray,
    colours: FloatArray,
    layers: FloatArray,
    marks: FloatArray,
    edged: NDArray[np.bool_],
    mm_per_pixel: float,
) -> Quads:
    """Make quads of lines of two vertices or more, shape (n, 2) each; of the other arrays each line has a row."""
    places, counts = _with_neighbours(lines, closed)
    of = np.repeat(np.arange(len(lines)), counts)
    first = np.cumsum(counts) - counts
    inner = np.ones(len(places), dtype=bool)
    inner[first] = inner[first + counts - 1] = False
    middle = np.flatnonzero(inner)
    ahead = _unit(places[middle + 1] - places[middle])
    behind = _unit(places[middle] - places[middle - 1])
    before, after = _across(behind), _across(ahead)
    half_px = (widths_px / 2 + MARGIN_PX)[of[middle], None]
    bend = np.maximum(1 + (before * after).sum(axis=1, keepdims=True), _SHARPEST_CORNER)
    off = (before + after) / bend * half_px * mm_per_pixel
    left, right = places[middle] + off, places[middle] - off
    same = of[middle[:-1]] == of[middle[1:]]
    starts = np.flatnonzero(same)
    line_of = of[middle[starts]]
    corners = np.stack([left[starts], left[starts + 1], right[starts + 1], right[starts]], axis=1)
    return Quads(
        corners, _line_texels(widths_px[line_of], edged[line_of]), colours[line_of], layers[line_of], marks[line_of]
    )


def _with_neighbours(lines: Sequence[FloatArray], closed: NDArray[np.bool_]) -> tuple[FloatArray, NDArray[np.int_]]:
    """Vertices of all lines in a row, with one before the first and one after the last of each; how many each has.

    So all have two neighbours. A closed line comes back to its first vertex.
    """
    vertices = np.concatenate(lines)
    own = np.array([len(line) for line in lines])
    counts = own + 2 + closed
    of = np.repeat(np.arange(len(lines)), counts)
    last = np.cumsum(counts) - 1
    number = np.arange(len(of)) - np.repeat(last + 1 - counts, counts) - 1
    within = np.where(closed[of], number % own[of], np.clip(number, 0, own[of] - 1))
    places = vertices[within + np.repeat(np.cumsum(own) - own, counts)]
    # An open line goes on straight.
    start, end = (last + 1 - counts)[~closed], last[~closed]
    places[start] = 2 * places[start + 1] - places[start + 2]
    places[end] = 2 * places[end - 1] - places[end - 2]
    return places, counts


def _line_texels(widths_px: FloatArray, edged: NDArray[np.bool_] | bool = False) -> FloatArray:
    """Across a line's sprite, at the row of its width."""
    texels = np.empty((len(widths_px), 4, 2))
    texels[..., 0] = np.clip(widths_px / mark_sprites.LINE_STEP_PX + 0.5, 0, mark_sprites.SIZE - 0.5)[:, None]
    texels[:, :2, 1], texels[:, 2:, 1] = LINE.left, LINE.right
    texels[..., 1] += np.where(edged, EDGED_LINE.left - LINE.left, 0.0)[..., None]
    return texels


# ---------------------------------------------------------------- arrows


def _arrows(glyphs: Glyphs) -> list[Quads]:
    arrows = glyphs.arrows
    if not arrows:
        return []
    pixel = glyphs.mm_per_pixel
    tails = np.array([arrow.tail_mm for arrow in arrows])
    tips = np.array([arrow.tip_mm for arrow in arrows])
    length = np.linalg.norm(tips - tails, axis=1)
    along = np.where(length[:, None] > 0, (tips - tails) / np.maximum(length, 1e-12)[:, None], (0.0, 1.0))
    head, half = arrow_sizes(length, glyphs.style.arrow_unit_px * pixel)
    rim = np.minimum(glyphs.style.rim_px * pixel, half * 0.6)
    # The ink lies inside the rim: all its sides are the rim's width away, so its tip further, by the head's slant.
    inner = head - rim * (_SLANT + 1)
    return [
        *_arrow_parts(arrows, 0, tails, tips, along, head, half, pixel),
        *_arrow_parts(
            arrows,
            1,
            tails + along * rim[:, None],
            tips - along * (rim * _SLANT)[:, None],
            along,
            np.maximum(inner, 0),
            half - rim,
            pixel,
        ),
    ]


def _arrow_parts(
    arrows: Sequence[ArrowGlyph],
    depth: int,
    tails: FloatArray,
    tips: FloatArray,
    along: FloatArray,
    head: FloatArray,
    half: FloatArray,
    pixel: float,
) -> list[Quads]:
    """Shaft and head, of the rim (depth 0) or of the ink (depth 1)."""
    across = _across(along)
    colours = np.array([arrow.ink if depth else arrow.rim for arrow in arrows])
    layers = np.array([arrow.layer + depth for arrow in arrows])
    marks = np.array([arrow.mark for arrow in arrows])
    # The shaft ends a little inside the head: no gap shows between them.
    neck = tips - along * (head - 0.4 * pixel)[:, None]
    wide = across * (half + MARGIN_PX * pixel)[:, None]
    shaft = np.stack([tails + wide, neck + wide, neck - wide, tails - wide], axis=1)
    margin = head / mark_sprites.HEAD_PX * MARGIN_PX
    base, end = tips - along * (head + margin)[:, None], tips + along * margin[:, None]
    broad = across * (head / 2 + margin)[:, None]
    point = np.stack([base + broad, base - broad, end - broad, end + broad], axis=1)
    texels = np.broadcast_to(HEAD.corners(), (len(arrows), 4, 2))
    return [
        Quads(shaft, _line_texels(half * 2 / pixel), colours, layers, marks),
        Quads(point, texels, colours, layers, marks),
    ]


# ---------------------------------------------------------------- discs, rings, labels


def _points(glyphs: Glyphs) -> list[Quads]:
    points, style = glyphs.points, glyphs.style
    if not points:
        return []
    places = np.array([point.place_mm for point in points])
    layers = np.array([point.layer for point in points])
    marks = np.array([point.mark for point in points])
    inks = (
        (style.rimmed_point_px, [point.rim for point in points]),
        (style.point_px, [point.border for point in points]),
        (style.point_px - 2 * style.point_border_px, [point.colour for point in points]),
    )
    return [
        _round(places, size_px, mark_sprites.DISC_PX, DISC, np.array(inks_of), layers + depth, marks, glyphs)
        for depth, (size_px, inks_of) in enumerate(inks)
    ]


def _handles(glyphs: Glyphs) -> list[Quads]:
    handles = glyphs.handles
    if not handles:
        return []
    places = np.array([handle.place_mm for handle in handles])
    colours = np.array([handle.colour for handle in handles])
    layers = np.full(len(handles), _HANDLES)
    marks = np.array([handle.mark for handle in handles])
    size_px = glyphs.style.handle_px
    return [_round(places, size_px, mark_sprites.RING_PX, RING, colours, layers, marks, glyphs)]


def _round(
    places: FloatArray,
    size_px: float,
    made_for_px: float,
    sprite: Sprite,
    colours: FloatArray,
    layers: FloatArray,
    marks: FloatArray,
    glyphs: Glyphs,
) -> Quads:
    half = size_px * (1 + 2 * MARGIN_PX / made_for_px) / 2 * glyphs.mm_per_pixel
    corners = places[:, None] + np.array([(-half, -half), (-half, half), (half, half), (half, -half)])
    return Quads(corners, np.broadcast_to(sprite.corners(), corners.shape), colours, layers, marks)


def _labels(glyphs: Glyphs, where: Mapping[Hashable, Sprite]) -> list[Quads]:
    labels = glyphs.labels
    if not labels:
        return []
    texels = corners_of([where[label.text] for label in labels])
    half = (texels[:, 2] - texels[:, 0]) / FINER / 2 * glyphs.mm_per_pixel * glyphs.signs
    turns = np.array([(-1, -1), (-1, 1), (1, 1), (1, -1)])
    corners = np.array([label.place_mm for label in labels])[:, None] + half[:, None] * turns
    colours = np.array([label.colour for label in labels])
    marks = np.array([label.mark for label in labels])
    return [Quads(corners, texels, colours, np.full(len(labels), _LABELS), marks)]


def _unit(vectors: FloatArray) -> FloatArray:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0))


def _across(along: FloatArray) -> FloatArray:
    return np.stack([along[:, 1], -along[:, 0]], axis=1)
