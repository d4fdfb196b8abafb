"""Control points, as 3D Slicer keeps places, and the annotations that they make up. All coordinates are RAS mm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Geometry, Path, Point, Region
from napari_vascular_loop.domain.errors import AnnotationError, GeometryError, LessonError
from napari_vascular_loop.domain.space import RAS_FROM_LPS, Vector3, transform_points, vector3
from napari_vascular_loop.formats.annotations.carried import Record, as_it_was, read_description
from napari_vascular_loop.formats.annotations.loss import Loss

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DAMAGED = "what this program had written into its description can't be read any more; it is part of the note now"
_SHORT = "some of its texts, for which the file had no room when it was written"
_HEADLESS = "its texts: the control point that carried them is gone"


@dataclass(frozen=True)
class ControlPoint:
    """A place with its words.

    Parameters
    ----------
    position_ras_mm : tuple of 3 float
        Where.
    label, description : str
        As the file has them.
    """

    position_ras_mm: Vector3
    label: str = ""
    description: str = ""


class Found(NamedTuple):
    """An annotation that was read; `order` is its place among those that were written together, if it is known."""

    annotation: Annotation
    order: int | None


def ras_mm(values: Sequence[float], system: str, mm_per_unit: float, where: str) -> Vector3:
    """Turn a position of a file into RAS mm.

    Parameters
    ----------
    values : sequence of 3 numbers
        In the file's frame and unit.
    system : str
        "LPS" or "RAS".
    mm_per_unit : float
        What the numbers are multiplied with.
    where : str
        How the error calls the place.

    Raises
    ------
    LessonError
        If there are not three finite numbers within 100 m.
    """
    try:
        x, y, z = vector3([value * mm_per_unit if mm_per_unit != 1 else value for value in values], where)
    except GeometryError as error:
        raise LessonError(str(error)) from error
    return vector3((-x, -y, z)) if system == "LPS" else (x, y, z)


def lps_mm(vertices_ras_mm: Sequence[Vector3]) -> list[list[float]]:
    """Turn vertices into LPS mm."""
    # Adding 0.0 turns -0.0 into 0.0.
    return [[float(v) + 0.0 for v in row] for row in transform_points(RAS_FROM_LPS, vertices_ras_mm)]


def shaped(kind: str, vertices: Sequence[Vector3]) -> tuple[Geometry, str]:
    """Make the geometry of a kind, or the next one that so many vertices make.

    Returns
    -------
    geometry : Arrow, Point, Path or Region
        In RAS mm.
    difference : str
        Why it is of another kind than was asked for, in words; "" if it is not.

    Raises
    ------
    AnnotationError
        If there is no vertex.
    """
    count = len(vertices)
    if not count:
        raise AnnotationError(f"{kind} without a place")
    if count == 1 or kind in ("point", "text"):
        told = "" if kind in ("point", "text") else f"the other places of this {kind}: only one is defined"
        return Point(vertices[0], kind == "text"), told
    if kind == "arrow" and count == 2:
        try:
            return Arrow(vertices[0], vertices[1]), ""
        except AnnotationError:
            return Point(vertices[1]), "its direction: both ends of this arrow lie in one place"
    if kind == "region" and count > 2:
        return Region(tuple(vertices)), ""
    if kind == "path":
        return Path(tuple(vertices)), ""
    return Path(tuple(vertices)), f"its kind: a {kind} can't have {count} places, so that it is a path now"


def annotation_of(
    kind: str, points: Sequence[ControlPoint], volume_id: str, name: str, shown: Callable[[str], str]
) -> tuple[Found, list[Loss]]:
    """Make one annotation of all control points of a markup.

    Parameters
    ----------
    kind : str
        Of the annotation.
    points : sequence of ControlPoint
        At least one, in the order of the vertices.
    volume_id : str
        Which volume it lies in.
    name : str
        The markup's name: the label of one that this program has not written.
    shown : callable
        How the format writes texts for people.
    """
    first, note, record, damaged = points[0], points[0].description, None, False
    for point in points:
        point_note, point_record, broken = read_description(point.description)
        damaged = damaged or broken
        if point_record is not None and (record is None or point_record.vertex < record.vertex):
            first, note, record = point, point_note, point_record
    label = first.label if record else (name or first.label)
    return _made(kind, points, record, label, note, volume_id, shown, damaged)


def annotations_of_list(
    points: Sequence[ControlPoint], volume_id: str, shown: Callable[[str], str]
) -> tuple[list[Found], list[Loss]]:
    """Make annotations of a list of points; those that say of which annotation they are a vertex are put together."""
    apart: list[tuple[ControlPoint, str, Record | None, bool]] = []
    together: dict[str, list[tuple[int, ControlPoint]]] = {}
    for point in points:
        note, record, damaged = read_description(point.description)
        if record is not None and record.kind != "point":
            if record.id not in together:
                apart.append((point, note, record, damaged))
            together.setdefault(record.id, []).append((record.vertex, point))
        else:
            apart.append((point, note, record, damaged))
    found, losses = [], []
    for point, note, record, damaged in apart:
        if record is not None and record.kind != "point":
            ordered = [vertex for _, vertex in sorted(together[record.id], key=lambda numbered: numbered[0])]
            one, said = annotation_of(record.kind, ordered, volume_id, point.label, shown)
        else:
            one, said = _made("point", [point], record, point.label, note, volume_id, shown, damaged)
        found.append(one)
        losses.extend(said)
    return found, losses


def in_order(found: Sequence[Found]) -> tuple[Annotation, ...]:
    """Give annotations the order in which they were written; those of others come last, as they are in the file."""
    return tuple(one.annotation for one in sorted(found, key=lambda f: (f.order is None, f.order or 0)))


def _made(
    kind: str,
    points: Sequence[ControlPoint],
    record: Record | None,
    label: str,
    note: str,
    volume_id: str,
    shown: Callable[[str], str],
    damaged: bool,
) -> tuple[Found, list[Loss]]:
    geometry, difference = shaped(kind, [point.position_ras_mm for point in points])
    if record is None:
        found = Found(Annotation(geometry, volume_id, label=label, note=note), None)
    else:
        label, note = as_it_was(label, record.label, shown), as_it_was(note, record.note, shown)
        found = Found(record.annotation(geometry, volume_id or record.volume, label, note), record.order)
    said = [difference] if difference else []
    said += [_DAMAGED] if damaged else []
    said += [_SHORT] if record is not None and record.short else []
    said += [_HEADLESS] if record is not None and record.vertex > 0 else []
    return found, [Loss.of(found.annotation, words) for words in said]
