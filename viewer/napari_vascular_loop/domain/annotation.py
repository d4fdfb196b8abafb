"""Annotations: marks that an educator placed in a volume. All coordinates are RAS mm."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.domain.errors import AnnotationError, GeometryError
from napari_vascular_loop.domain.space import Vector3, vector3
from napari_vascular_loop.domain.text import writable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_vascular_loop.domain.mark_view import MarkView


MIN_ARROW_LENGTH_MM = 0.1


class Side(enum.StrEnum):
    """The patient's side."""

    LEFT = "left"
    RIGHT = "right"
    MIDLINE = "midline"


class Grade(enum.StrEnum):
    """Severity of a neurovascular compression.

    As graded at surgery by Campos-Benitez & Kaufmann, J Neurosurg 2008;109:416.
    """

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"

    @property
    def definition(self) -> str:
        """What the grade means, for a form or a legend."""
        return {
            Grade.MILD: "contact without indentation",
            Grade.MODERATE: "indentation of the nerve or brainstem",
            Grade.SEVERE: "deviation of the nerve's course",
        }[self]


def _checked(positions: Sequence[Sequence[float]], name: str) -> tuple[Vector3, ...]:
    try:
        return tuple(vector3(p, f"{name}[{n}]") for n, p in enumerate(positions))
    except GeometryError as error:
        raise AnnotationError(str(error)) from error


@dataclass(frozen=True)
class Arrow:
    """An arrow from its tail to the structure that its tip touches."""

    kind: ClassVar[str] = "arrow"
    tail_ras_mm: Vector3
    tip_ras_mm: Vector3

    def __post_init__(self) -> None:
        tail, tip = _checked((self.tail_ras_mm, self.tip_ras_mm), "arrow")
        if float(np.linalg.norm(np.subtract(tail, tip))) < MIN_ARROW_LENGTH_MM:
            raise AnnotationError(f"an arrow needs a length of at least {MIN_ARROW_LENGTH_MM} mm, got {tail} to {tip}")
        object.__setattr__(self, "tail_ras_mm", tail)
        object.__setattr__(self, "tip_ras_mm", tip)

    @property
    def vertices_ras_mm(self) -> tuple[Vector3, ...]:
        """Tail, tip."""
        return (self.tail_ras_mm, self.tip_ras_mm)

    @property
    def anchor_ras_mm(self) -> Vector3:
        """The place that the mark is about: the tip."""
        return self.tip_ras_mm


@dataclass(frozen=True)
class Point:
    """A place, or words that stand at it on the image.

    Parameters
    ----------
    position_ras_mm : (float, float, float)
        In RAS mm.
    as_text : bool
        Whether the annotation's label is written there, with nothing else drawn: a text.
    """

    position_ras_mm: Vector3
    as_text: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "position_ras_mm", _checked((self.position_ras_mm,), "point")[0])

    @property
    def kind(self) -> str:
        """What it is called."""
        return "text" if self.as_text else "point"

    @property
    def vertices_ras_mm(self) -> tuple[Vector3, ...]:
        """The position alone."""
        return (self.position_ras_mm,)

    @property
    def anchor_ras_mm(self) -> Vector3:
        """The position."""
        return self.position_ras_mm


@dataclass(frozen=True)
class Path:
    """An open polyline along a nerve or a vessel; it may leave the plane."""

    kind: ClassVar[str] = "path"
    vertices_ras_mm: tuple[Vector3, ...]

    def __post_init__(self) -> None:
        vertices = _checked(self.vertices_ras_mm, "path")
        if len(vertices) < 2:
            raise AnnotationError(f"a path needs at least two vertices, got {len(vertices)}")
        object.__setattr__(self, "vertices_ras_mm", vertices)

    @property
    def anchor_ras_mm(self) -> Vector3:
        """The vertex half-way along the list."""
        return self.vertices_ras_mm[len(self.vertices_ras_mm) // 2]


@dataclass(frozen=True)
class Region:
    """A closed outline in one plane."""

    kind: ClassVar[str] = "region"
    vertices_ras_mm: tuple[Vector3, ...]

    def __post_init__(self) -> None:
        vertices = _checked(self.vertices_ras_mm, "region")
        if len(vertices) < 3:
            raise AnnotationError(f"a region needs at least three vertices, got {len(vertices)}")
        object.__setattr__(self, "vertices_ras_mm", vertices)

    @property
    def anchor_ras_mm(self) -> Vector3:
        """The mean of the vertices."""
        return vector3(np.mean(self.vertices_ras_mm, axis=0))


Geometry = Arrow | Point | Path | Region


def is_text(geometry: Geometry) -> bool:
    """Whether a mark is words on the image and nothing else."""
    return isinstance(geometry, Point) and geometry.as_text


def with_vertices(geometry: Geometry, vertices_ras_mm: Sequence[Sequence[float]]) -> Geometry:
    """Make a geometry of the same kind with other vertices.

    Raises
    ------
    AnnotationError
        If the number of vertices does not fit the kind.
    """
    vertices = _checked(vertices_ras_mm, geometry.kind)
    wanted = {"arrow": 2, "point": 1, "text": 1}.get(geometry.kind)
    if wanted is not None and len(vertices) != wanted:
        raise AnnotationError(f"{geometry.kind} has {wanted} vertices, got {len(vertices)}")
    match geometry:
        case Arrow():
            return Arrow(vertices[0], vertices[1])
        case Point():
            return Point(vertices[0], geometry.as_text)
        case Path():
            return Path(vertices)
        case Region():
            return Region(vertices)


def now() -> datetime:
    """The time, in UTC, to the second: as precise as a file of marks needs it."""
    return datetime.now(UTC).replace(microsecond=0)


def new_id() -> str:
    """A fresh, globally unique annotation id."""
    return uuid.uuid4().urn


@dataclass(frozen=True)
class Annotation:
    """A mark and what is said of it.

    Parameters
    ----------
    geometry : Arrow, Point, Path or Region
        In RAS mm.
    volume_id : str
        Which of the lesson's volumes it lies in.
    label : str
        The few words that stand beside it on the image.
    note : str
        What a student should know of it.
    structure : str or None
        Id of a structure in :mod:`napari_vascular_loop.domain.terms`, or free text where the table has none.
    side : Side or None
        The patient's side.
    grade : Grade or None
        For a neurovascular compression.
    author : str
        Who placed it.
    created, modified : datetime
        In UTC.
    passages : tuple of Passage
        The stretches of the article that it illustrates.
    id : str
        An IRI, usually urn:uuid.
    view : MarkView or None
        How it is to be looked at.
    foreign : mapping
        The annotation as it was read from its file, so that members which this program doesn't know survive.
    """

    geometry: Geometry
    volume_id: str
    label: str = ""
    note: str = ""
    structure: str | None = None
    side: Side | None = None
    grade: Grade | None = None
    author: str = ""
    created: datetime = field(default_factory=now)
    modified: datetime = field(default_factory=now)
    passages: tuple[Passage, ...] = ()
    id: str = field(default_factory=new_id)
    view: MarkView | None = None
    foreign: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("label", "note", "author"):
            object.__setattr__(self, name, writable(getattr(self, name)))
        if self.structure is not None:
            object.__setattr__(self, "structure", writable(self.structure))
        if not isinstance(self.passages, tuple) or not all(isinstance(one, Passage) for one in self.passages):
            raise AnnotationError(f"an annotation's passages are a tuple of Passage; got {self.passages!r}")
        try:
            object.__setattr__(self, "side", None if self.side is None else Side(self.side))
            object.__setattr__(self, "grade", None if self.grade is None else Grade(self.grade))
        except ValueError as error:
            raise AnnotationError(f"an annotation's side and grade are one of a few words: {error}") from error

    def changed(self, **changes: Any) -> Annotation:
        """Copy with other values, and the time of the change."""
        return replace(self, modified=now(), **changes)

    @property
    def title(self) -> str:
        """The label, or what else can be said where there is none."""
        if self.label.strip():
            return self.label.strip()
        return f"{self.geometry.kind} without a label"
