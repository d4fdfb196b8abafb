"""What a user drew with napari's own tools, as annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region
from napari_vascular_loop.domain.errors import AnnotationError, VascularLoopError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from napari_vascular_loop.domain.annotation import Geometry

ELLIPSE_VERTICES = 32


def annotations_of_layer(
    layer: Any,
    ras_mm_of_world: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]],
    volume_id: str,
    author: str = "",
) -> tuple[tuple[Annotation, ...], tuple[str, ...]]:
    """Make annotations of a napari Points or Shapes layer; the layer stays as it is.

    Points become points, lines of two ends arrows (the second end is the tip), paths paths, polygons, rectangles and
    ellipses regions. Labels are taken from the layer's features: a column called "label", or the first one with text.

    Parameters
    ----------
    layer : napari.layers.Points or napari.layers.Shapes
        Any that has three dimensions, and none of them empty.
    ras_mm_of_world : callable
        Turns places of napari's world, (n, 3), into RAS mm.
    volume_id : str
        In which volume they lie.
    author : str
        Who drew them.

    Returns
    -------
    annotations : tuple of Annotation
        In the order of the layer.
    losses : tuple of str
        What could not be taken over, in words.

    Raises
    ------
    VascularLoopError
        If it is no such layer.
    """
    kind = type(layer).__name__
    if kind not in ("Points", "Shapes"):
        raise VascularLoopError(f"marks can be made of a Points or a Shapes layer, not of {layer.name!r} ({kind})")
    if layer.ndim != 3:
        raise VascularLoopError(
            f"the layer {layer.name!r} has {layer.ndim} dimensions, so its places have no depth; draw in a layer that "
            "was added while the volume is shown"
        )
    shapes = [("point", data[None]) for data in layer.data] if kind == "Points" else list(_shapes(layer))
    labels = _labels(layer, len(shapes))
    annotations: list[Annotation] = []
    losses: list[str] = []
    for number, (shape, vertices) in enumerate(shapes):
        world = np.array([layer.data_to_world(tuple(vertex)) for vertex in np.asarray(vertices)], dtype=np.float64)
        ras_mm = ras_mm_of_world(world[:, -3:])
        try:
            geometry = _geometry(shape, ras_mm)
        except (AnnotationError, ValueError) as error:
            losses.append(f"{shape} {number + 1} of {layer.name!r}: {error}")
            continue
        if shape == "ellipse":
            losses.append(f"ellipse {number + 1} of {layer.name!r} became an outline of {ELLIPSE_VERTICES} corners")
        annotations.append(Annotation(geometry, volume_id, labels[number], author=author))
    return tuple(annotations), tuple(losses)


def _shapes(layer: Any) -> list[tuple[str, npt.NDArray[np.float64]]]:
    return [
        (str(shape), _ellipse(data) if shape == "ellipse" else np.asarray(data))
        for shape, data in zip(layer.shape_type, layer.data, strict=True)
    ]


def _ellipse(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Outline of an ellipse in the frame of its four corners, (4, 3)."""
    corners = np.asarray(corners, dtype=np.float64)
    centre = corners.mean(axis=0)
    one, other = (corners[1] - corners[0]) / 2, (corners[3] - corners[0]) / 2
    turn = np.linspace(0, 2 * np.pi, ELLIPSE_VERTICES, endpoint=False)
    return np.asarray(centre + np.cos(turn)[:, None] * one + np.sin(turn)[:, None] * other)


def _geometry(shape: str, ras_mm: npt.NDArray[np.float64]) -> Geometry:
    vertices = tuple((float(x), float(y), float(z)) for x, y, z in ras_mm)
    match shape:
        case "point":
            return Point(vertices[0])
        case "line":
            return Arrow(vertices[0], vertices[1])
        case "path":
            return Path(vertices)
    return Region(vertices)


def _labels(layer: Any, count: int) -> list[str]:
    features = getattr(layer, "features", None)
    columns = {} if features is None else {str(name): list(features[name]) for name in features.columns}
    texts = {name: values for name, values in columns.items() if any(isinstance(value, str) for value in values)}
    chosen = texts.get("label") or next(iter(texts.values()), [""] * count)
    return [value if isinstance(value, str) else "" for value in chosen]
