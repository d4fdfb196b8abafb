"""Annotations as FSLeyes saves its own (a text file, written only).

A line is "<canvas> <type> key=value ..."; the format is described in FSLeyes' plugins/tools/saveannotations.py.
FSLeyes draws on the three canvases of its ortho view, in two dimensions each, in display coordinates. Those are RAS mm
if its display space is "world", and depend on the image otherwise.
"""

from __future__ import annotations

import itertools
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import Arrow, Point, Region, is_text
from napari_vascular_loop.domain.drawing import colour_of
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.terms import structure_name
from napari_vascular_loop.formats.annotations.loss import Loss

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.space import Vector3

_CANVASES = {"X": (1, 2), "Y": (0, 2), "Z": (0, 1)}
"""Which RAS axes run to the right and up; the name is that of the third."""

_AXES = "XYZ"
_SLAB_MM = 1.0
_WORLD = "the right place, unless the display space of FSLeyes is set to world (fsleyes --displaySpace world)"


@dataclass(frozen=True)
class Drawing:
    """A line of the file.

    Parameters
    ----------
    canvas : str
        "X", "Y" or "Z": the RAS axis that it looks along.
    type : str
        "Arrow", "Line", "Point" or "TextAnnotation".
    numbers : tuple of (str, float)
        Its coordinates in RAS mm, and between which depths it is shown.
    colour : str
        As #rrggbb.
    text : str
        Of a TextAnnotation.
    """

    canvas: str
    type: str
    numbers: tuple[tuple[str, float], ...]
    colour: str
    text: str = ""


def encode(annotations: Sequence[Annotation]) -> tuple[bytes, tuple[Loss, ...]]:
    """Write what FSLeyes can draw of annotations; the rest is lost."""
    lines = [_line(drawing) for annotation in annotations for drawing in drawings(annotation)]
    losses = [Loss(_WORLD)] if annotations else []
    losses += [Loss("which lines belong together, and the ids of the marks")] if annotations else []
    losses += [Loss.of(annotation, words) for annotation in annotations for words in _left_out(annotation)]
    return "\n".join(lines).encode(), tuple(losses)


def drawings(annotation: Annotation) -> tuple[Drawing, ...]:
    """Say how an annotation is drawn: a point on all canvases, any other on the one in whose plane it lies."""
    vertices = annotation.geometry.vertices_ras_mm
    drawn: list[Drawing] = []
    for canvas in _AXES if isinstance(annotation.geometry, Point) else (_flattest(vertices),):
        right, up = _CANVASES[canvas]
        depths = [vertex[_AXES.index(canvas)] for vertex in vertices]
        limits = (("zmin", min(depths) - _SLAB_MM), ("zmax", max(depths) + _SLAB_MM))
        flat = [(vertex[right], vertex[up]) for vertex in vertices]
        if isinstance(annotation.geometry, Region):
            flat.append(flat[0])
        colour = colour_of(annotation).lower()
        label = _in_one_line(annotation.label)
        if len(flat) == 1 and not (label and is_text(annotation.geometry)):
            drawn.append(Drawing(canvas, "Point", (*limits, *_named(flat[0], "x", "y")), colour))
        kind = "Arrow" if isinstance(annotation.geometry, Arrow) else "Line"
        for start, end in itertools.pairwise(flat):
            numbers = (*limits, *_named(start, "x1", "y1"), *_named(end, "x2", "y2"))
            drawn.append(Drawing(canvas, kind, numbers, colour))
        if label:
            drawn.append(Drawing(canvas, "TextAnnotation", (*limits, *_named(flat[0], "x", "y")), colour, label))
    return tuple(drawn)


def parse(data: bytes, name: str = "annotations.txt") -> tuple[Drawing, ...]:
    """Read such a file as FSLeyes does, to see what it will draw.

    Raises
    ------
    LessonError
        If FSLeyes would pass over a line.
    """
    read = []
    for number, line in enumerate(filter(None, data.decode().split("\n")), start=1):
        try:
            canvas, kind, rest = line.split(maxsplit=2)
            # So does FSLeyes; shlex is slow, and nothing to do where nothing is quoted.
            pairs = shlex.split(rest) if any(mark in rest for mark in "'\"\\") else rest.split()
            values = dict(pair.split("=") for pair in pairs)
            colour, text = values.pop("colour"), values.pop("text", "")
            for key in ("lineWidth", "alpha", "honourZLimits", "fontSize", "coordinates"):
                values.pop(key, None)
            numbers = tuple((key, float(value)) for key, value in values.items())
        except (ValueError, KeyError) as error:
            raise LessonError(f"{name}: FSLeyes can't read line {number} ({error})") from error
        read.append(Drawing(canvas, kind, numbers, colour, text))
    return tuple(read)


def _line(drawing: Drawing) -> str:
    pairs = [f"colour={drawing.colour}", "lineWidth=2", "alpha=100", "honourZLimits=True"]
    if drawing.type == "TextAnnotation":
        pairs += ["fontSize=12", "coordinates=display", f"text={shlex.quote(drawing.text)}"]
    pairs += [f"{key}={value!r}" for key, value in drawing.numbers]
    return " ".join((drawing.canvas, drawing.type, *pairs))


def _flattest(vertices: Sequence[Vector3]) -> str:
    """Give the canvas through whose slices the vertices reach least."""
    reach = {canvas: _reach_mm(vertices, canvas) for canvas in _AXES}
    # Among equals the axial one, which is how these scans are read.
    return min(reversed(_AXES), key=lambda canvas: reach[canvas])


def _reach_mm(vertices: Sequence[Vector3], canvas: str) -> float:
    depths = [vertex[_AXES.index(canvas)] for vertex in vertices]
    return max(depths) - min(depths)


def _named(place: tuple[float, float], x: str, y: str) -> tuple[tuple[str, float], tuple[str, float]]:
    return ((x, place[0]), (y, place[1]))


def _in_one_line(text: str) -> str:
    # FSLeyes parts lines at line ends and pairs at every equals sign, quoted or not.
    return " ".join(text.replace("=", ":").replace("\0", "").split())


def _left_out(annotation: Annotation) -> Iterator[str]:
    reach = _reach_mm(annotation.geometry.vertices_ras_mm, _flattest(annotation.geometry.vertices_ras_mm))
    if reach > 2 * _SLAB_MM:
        yield f"how it runs through the slices: it is drawn flat, on {reach:.0f} mm of them"
    if _in_one_line(annotation.label) != annotation.label:
        yield "the line ends, spaces and equals signs of its label"
    if annotation.note:
        yield "its note"
    if annotation.structure:
        yield f"its structure ({structure_name(annotation.structure)})"
    if annotation.side:
        yield f"its side ({annotation.side})"
    if annotation.grade:
        yield f"its grade ({annotation.grade})"
    if annotation.author:
        yield "its author"
    if annotation.passages:
        yield "its links to the article"
