"""One annotation of a W3C collection, read: checked member by member, every other member kept."""

from __future__ import annotations

import contextlib
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Geometry, Grade, Path, Point, Region, Side
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.domain.errors import AnnotationError, LessonError
from napari_vascular_loop.domain.mark_view import MarkView, SlabProjection
from napari_vascular_loop.domain.space import MAX_COORDINATE_MM, RAS_FROM_LPS, Plane, transform_points
from napari_vascular_loop.domain.terms import structure_by_iri, structure_by_name
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.formats.annotations.checked_geometry import (
    checked_arrow,
    checked_path,
    checked_point,
    checked_region,
)
from napari_vascular_loop.formats.json_object import JsonObject
from napari_vascular_loop.formats.json_text import compact, parse_object, typed

ARTICLE = "article.md"
SHOWN_AS_TEXT = "text"
"""What `shownAs` of a PointSelector says of a text; every other value is that of a point."""

UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a time that the file doesn't tell."""

_IDS = uuid.UUID("9d3f3f0e-6f0a-5a6e-9c0e-3b1f0a7c2d51")
_Millimetres = Annotated[float, msgspec.Meta(ge=-MAX_COORDINATE_MM, le=MAX_COORDINATE_MM)]
_Place = tuple[_Millimetres, _Millimetres, _Millimetres]
_Position = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Words = str | list[str] | None


class _Selector(msgspec.Struct, rename="camel", tag_field="type", gc=False):
    coordinate_system: str = "RAS"
    unit: str = "mm"


class _Arrow(_Selector, kw_only=True, tag="ArrowSelector", gc=False):
    tail: _Place
    tip: _Place


class _Point(_Selector, kw_only=True, tag="PointSelector", gc=False):
    position: _Place
    shown_as: Any = None


class _Path(_Selector, kw_only=True, tag="PathSelector", gc=False):
    vertices: Annotated[list[_Place], msgspec.Meta(min_length=2)]


class _Region(_Selector, kw_only=True, tag="RegionSelector", gc=False):
    vertices: Annotated[list[_Place], msgspec.Meta(min_length=3)]


class _Target(msgspec.Struct, gc=False):
    source: _Text
    selector: _Arrow | _Point | _Path | _Region


class _Person(msgspec.Struct, gc=False):
    name: _Words = ""


class _TextSelector(msgspec.Struct, gc=False):
    type: _Words = None
    exact: str | None = None
    prefix: str = ""
    suffix: str = ""
    start: _Position | None = None
    end: _Position | None = None


class _Body(msgspec.Struct, gc=False):
    type: _Words = None
    purpose: _Words = None
    value: str | None = None
    source: str | None = None
    selector: list[_TextSelector | str] | _TextSelector | str | None = None


class _View(msgspec.Struct, rename="camel", gc=False):
    plane: Literal["axial", "coronal", "sagittal"] | None = None
    field_of_view_mm: float | None = None
    window: tuple[float, float] | None = None
    slab_mm: float | None = None
    projection: SlabProjection | None = None


class _Item(msgspec.Struct, gc=False):
    target: _Target
    id: _Text | None = None
    body: list[_Body | str] | _Body | str | None = None
    creator: list[_Person | str] | _Person | str | None = None
    created: datetime | None = None
    modified: datetime | None = None
    laterality: Side | None = None
    compressionGrade: Grade | None = None  # noqa: N815 - the file's own spelling
    view: _View | None = None


def read_item(data: bytes, where: str) -> tuple[Annotation, bool]:
    """Read one annotation.

    Parameters
    ----------
    data : bytes
        A JSON object, as :func:`napari_vascular_loop.formats.json_text.plain` gives it.
    where : str
        The file and the item, for the errors.

    Returns
    -------
    annotation : Annotation
        What was read.
    as_written : bool
        Whether it may stand as it does in the file: it has an id, and its places are in our frame.

    Raises
    ------
    LessonError
        Naming the item, the member and the value that is wrong.
    """
    document = parse_object(data, where)
    read = typed(document, _Item, where)
    said = _Said()
    for body in read.body if isinstance(read.body, list) else (read.body,):
        if isinstance(body, _Body):
            said.add(body)
    try:
        geometry = _geometry(read.target.selector)
        created, modified = _utc(read.created, "created"), _utc(read.modified, "modified")
        view = _view(read.view)
    except (AnnotationError, LessonError) as error:
        raise LessonError(f"{where}, {error}") from error
    annotation = Annotation(
        geometry=geometry,
        volume_id=volume_id(read.target.source),
        label=said.label,
        note=said.note,
        structure=said.structure,
        side=read.laterality,
        grade=read.compressionGrade,
        author=_author(read.creator),
        created=created or modified or UNKNOWN_TIME,
        modified=modified or created or UNKNOWN_TIME,
        passages=tuple(said.passages),
        # The same at every reading: a journal, and who merges, know it again.
        id=read.id or uuid.uuid5(_IDS, compact(document).decode("utf-8")).urn,
        view=view,
        foreign=JsonObject(data),
    )
    return annotation, read.id is not None and read.target.selector.coordinate_system == "RAS"


def view_of(read: Any) -> MarkView | None:
    """Read a view as it stands in a file; None where there is none that makes sense."""
    try:
        return _view(msgspec.convert(read, _View | None))
    except (msgspec.ValidationError, LessonError):
        return None


def view_as_written(view: MarkView) -> dict[str, Any]:
    """Write a view: what is not set is left out."""
    values = {
        "plane": view.plane.name.lower() if view.plane is not None else None,
        "fieldOfViewMm": view.field_of_view_mm,
        "window": list(view.window) if view.window is not None else None,
        "slabMm": view.slab_mm,
        "projection": view.projection.value if view.projection is not None else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _view(read: _View | None) -> MarkView | None:
    if read is None:
        return None
    plane = Plane[read.plane.upper()] if read.plane else None
    try:
        return MarkView(plane, read.field_of_view_mm, read.window, read.slab_mm, read.projection)
    except AnnotationError as error:
        raise LessonError(f"view: {error}") from error


def volume_id(source: str) -> str:
    """Id of the volume that a target's source names."""
    return source.removeprefix("volume:")


def passage_of(body: Any) -> Passage | None:
    """Read the passage that a body links to; None where it is another kind of body."""
    passages = _said_by(body).passages
    return passages[0] if passages else None


def structure_of(body: Any) -> str | None:
    """Read the structure that a body classifies; None where it is another kind of body."""
    return _said_by(body).structure


def _said_by(body: Any) -> _Said:
    said = _Said()
    with contextlib.suppress(msgspec.ValidationError):
        said.add(msgspec.convert(body, _Body))
    return said


def author_of(creator: Any) -> str:
    """Read the author's name from a creator as it stands in a file."""
    try:
        return _author(msgspec.convert(creator, list[_Person | str] | _Person | str | None))
    except msgspec.ValidationError:
        return ""


def time_of(text: Any) -> datetime | None:
    """Read a time; None where there is none."""
    try:
        return _utc(msgspec.convert(text, datetime | None), "")
    except (msgspec.ValidationError, LessonError):
        return None


def says(words: _Words, word: str) -> bool:
    """Whether a member that is a word or a list of words has a word."""
    return word in words if isinstance(words, list) else words == word


def _geometry(selector: _Arrow | _Point | _Path | _Region) -> Geometry:
    if selector.unit != "mm":
        raise LessonError(f"target.selector.unit should be 'mm', got {shown(repr(selector.unit))}")
    if selector.coordinate_system not in ("RAS", "LPS"):
        frame = shown(repr(selector.coordinate_system))
        raise LessonError(f"target.selector.coordinateSystem should be 'RAS', got {frame}")
    if selector.coordinate_system == "LPS":
        return _ras_from_lps(selector)
    match selector:
        case _Arrow():
            return checked_arrow(selector.tail, selector.tip)
        case _Point():
            return checked_point(selector.position, selector.shown_as == SHOWN_AS_TEXT)
        case _Path():
            return checked_path(selector.vertices)
        case _Region():
            return checked_region(selector.vertices)


def _ras_from_lps(selector: _Arrow | _Point | _Path | _Region) -> Geometry:
    def ras_mm(*places_lps_mm: _Place) -> list[Any]:
        places: list[Any] = transform_points(RAS_FROM_LPS, places_lps_mm).tolist()
        return places

    match selector:
        case _Arrow():
            return Arrow(*ras_mm(selector.tail, selector.tip))
        case _Point():
            return Point(ras_mm(selector.position)[0], selector.shown_as == SHOWN_AS_TEXT)
        case _Path():
            return Path(tuple(ras_mm(*selector.vertices)))
        case _Region():
            return Region(tuple(ras_mm(*selector.vertices)))


class _Said:
    """What bodies say of an annotation; of each purpose the first that says something."""

    def __init__(self) -> None:
        self.label = self.note = ""
        self.structure: str | None = None
        self.passages: list[Passage] = []

    def add(self, body: _Body) -> None:
        """Add a body; one that has another purpose says nothing."""
        for purpose in body.purpose if isinstance(body.purpose, list) else (body.purpose,):
            match purpose:
                case "identifying" if not self.label:
                    self.label = _text(body)
                case "describing" if not self.note:
                    self.note = _text(body)
                case "classifying" if self.structure is None:
                    self.structure = _structure(body)
                case "linking" if (passage := _passage(body)) is not None:
                    self.passages.append(passage)


def _text(body: _Body) -> str:
    is_text = body.type == "TextualBody" or says(body.type, "TextualBody")
    return body.value if is_text and body.value else ""


def _passage(body: _Body) -> Passage | None:
    """The passage of a body that links to one."""
    if body.source != ARTICLE and (body.source or ARTICLE).removeprefix("./") != ARTICLE:
        return None
    several = body.selector if isinstance(body.selector, list) else (body.selector,)
    quote = position = None
    for selector in several:
        if isinstance(selector, _TextSelector):
            if quote is None and says(selector.type, "TextQuoteSelector"):
                quote = selector
            elif position is None and says(selector.type, "TextPositionSelector"):
                position = selector
    if quote is None or not quote.exact or quote.exact.isspace():
        return None
    if position is None or position.start is None or position.end is None:
        return Passage(quote.exact, quote.prefix, quote.suffix)
    return Passage(quote.exact, quote.prefix, quote.suffix, position.start, position.end)


def _structure(body: _Body) -> str | None:
    if body.source:
        known = structure_by_iri(body.source)
        return known.id if known else body.source
    if body.value:
        known = structure_by_name(body.value)
        return known.id if known else body.value
    return None


def _author(creator: list[_Person | str] | _Person | str | None) -> str:
    first = next(iter(creator), None) if isinstance(creator, list) else creator
    name = first.name if isinstance(first, _Person) else first
    return (next(iter(name), "") if isinstance(name, list) else name) or ""


def _utc(time: datetime | None, member: str) -> datetime | None:
    if time is None:
        return None
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError as error:
        raise LessonError(f"{member} is outside the years 1 to 9999 ({time.isoformat()})") from error
