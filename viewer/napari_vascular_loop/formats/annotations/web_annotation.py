"""Annotations as a W3C Web Annotation collection (JSON-LD).

https://www.w3.org/TR/annotation-model/. The model has no selector for a place in a volume, so the targets carry
selectors of our own (ArrowSelector, PointSelector, PathSelector, RegionSelector), whose terms are defined in the
file's own context. Members that this module doesn't know are kept when a file is rewritten.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from napari_vascular_loop.domain.annotation import (
    Annotation,
    Arrow,
    Geometry,
    Grade,
    Path,
    Point,
    Region,
    Side,
    new_id,
)
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.domain.errors import AnnotationError, LessonError
from napari_vascular_loop.domain.space import RAS_FROM_LPS, transform_points
from napari_vascular_loop.domain.terms import structure_by_id, structure_by_iri, structure_by_name
from napari_vascular_loop.formats.json_text import SCHEMA_VERSION, check_version, parse, render, typed

OWN_TERMS = "urn:napari-vascular-loop:terms:"
_LIST = {"@container": "@list"}
CONTEXT: list[Any] = [
    "http://www.w3.org/ns/anno.jsonld",
    {
        "loop": OWN_TERMS,
        "schemaVersion": "loop:schemaVersion",
        "ArrowSelector": "loop:ArrowSelector",
        "PointSelector": "loop:PointSelector",
        "PathSelector": "loop:PathSelector",
        "RegionSelector": "loop:RegionSelector",
        "coordinateSystem": "loop:coordinateSystem",
        "unit": "loop:unit",
        "tail": {"@id": "loop:tail", **_LIST},
        "tip": {"@id": "loop:tip", **_LIST},
        "position": {"@id": "loop:position", **_LIST},
        "vertices": {"@id": "loop:vertices", **_LIST},
        "laterality": "loop:laterality",
        "compressionGrade": "loop:compressionGrade",
    },
]

_Place = tuple[float, float, float]


class _Selector(msgspec.Struct):
    type: str
    coordinateSystem: str = "RAS"  # noqa: N815 - the file's own spelling
    unit: str = "mm"
    tail: _Place | None = None
    tip: _Place | None = None
    position: _Place | None = None
    vertices: list[_Place] | None = None


class _Target(msgspec.Struct):
    source: str
    selector: _Selector


class _Creator(msgspec.Struct):
    name: str = ""


class _TextSelector(msgspec.Struct):
    type: str
    exact: str | None = None
    prefix: str = ""
    suffix: str = ""
    start: int = -1
    end: int = -1


class _Body(msgspec.Struct):
    type: str = ""
    purpose: str = ""
    value: str | None = None
    source: str | None = None
    selector: list[_TextSelector] | _TextSelector | None = None


class _Item(msgspec.Struct):
    target: _Target
    id: str = msgspec.field(default_factory=new_id)
    body: list[_Body] | _Body = msgspec.field(default_factory=list)
    creator: _Creator = msgspec.field(default_factory=_Creator)
    created: datetime | None = None
    modified: datetime | None = None
    laterality: Side | None = None
    compressionGrade: Grade | None = None  # noqa: N815 - the file's own spelling


def decode(data: bytes, name: str = "annotations.json") -> tuple[tuple[Annotation, ...], dict[str, Any]]:
    """Read a collection.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What the errors call it.

    Returns
    -------
    annotations : tuple of Annotation
        In the order of the file.
    foreign : dict
        The collection as it was read, to be handed back to :func:`encode`.

    Raises
    ------
    LessonError
        Naming the file, the item, the member and the value that is wrong.
    """
    document = parse(data, name)
    check_version(document, name)
    page = document.get("first")
    items = page.get("items") if isinstance(page, dict) else None
    if not isinstance(items, list):
        raise LessonError(f"{name}: first.items should be the list of annotations")
    annotations = tuple(_annotation(item, f"{name}: item {number}") for number, item in enumerate(items))
    return annotations, document


def encode(annotations: tuple[Annotation, ...], foreign: dict[str, Any] | None = None) -> bytes:
    """Write a collection; what `foreign` holds besides is kept."""
    foreign = foreign or {}
    document: dict[str, Any] = {
        "@context": _context(foreign.get("@context")),
        "schemaVersion": foreign.get("schemaVersion", SCHEMA_VERSION),
        "type": "AnnotationCollection",
    }
    document.update({k: v for k, v in foreign.items() if k not in document})
    old_page = document.get("first")
    page = dict(old_page) if isinstance(old_page, dict) else {"type": "AnnotationPage", "startIndex": 0}
    page["items"] = [_item(annotation) for annotation in annotations]
    document["total"] = len(annotations)
    document.pop("first", None)
    document["first"] = page
    return render(document)


def _context(old: Any) -> list[Any]:
    """Our terms, and those of others that the file speaks in."""
    entries = old if isinstance(old, list) else [old] if old else []
    others = [entry for entry in entries if entry not in CONTEXT and not _is_own_context(entry)]
    added = {k: v for entry in entries if _is_own_context(entry) for k, v in entry.items() if k not in CONTEXT[1]}
    return [CONTEXT[0], {**CONTEXT[1], **added}, *others]


def _is_own_context(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("loop") == OWN_TERMS


def _annotation(item: Any, where: str) -> Annotation:
    read = typed(item, _Item, where)
    bodies = read.body if isinstance(read.body, list) else [read.body]
    try:
        geometry = _geometry(read.target.selector)
        passages = tuple(passage for body in bodies if (passage := _passage(body)))
    except (AnnotationError, LessonError) as error:
        raise LessonError(f"{where}, {error}") from error
    created = _utc(read.created) or _utc(read.modified) or datetime(1970, 1, 1, tzinfo=UTC)
    return Annotation(
        geometry=geometry,
        volume_id=read.target.source.removeprefix("volume:"),
        label=_text(bodies, "identifying"),
        note=_text(bodies, "describing"),
        structure=_structure(bodies),
        side=read.laterality,
        grade=read.compressionGrade,
        author=read.creator.name,
        created=created,
        modified=_utc(read.modified) or created,
        passages=passages,
        id=read.id,
        foreign=item,
    )


def _geometry(selector: _Selector) -> Geometry:
    if selector.unit != "mm":
        raise LessonError(f"target.selector.unit should be 'mm', got {selector.unit!r}")
    if selector.coordinateSystem not in ("RAS", "LPS"):
        raise LessonError(f"target.selector.coordinateSystem should be 'RAS', got {selector.coordinateSystem!r}")

    def ras_mm(place: _Place) -> _Place:
        if selector.coordinateSystem == "RAS":
            return place
        x, y, z = transform_points(RAS_FROM_LPS, place)
        return (float(x), float(y), float(z))

    def wanted(value: Any, member: str) -> Any:
        if value is None:
            raise LessonError(f"target.selector needs the member {member!r} for a {selector.type}")
        return value

    match selector.type:
        case "ArrowSelector":
            return Arrow(ras_mm(wanted(selector.tail, "tail")), ras_mm(wanted(selector.tip, "tip")))
        case "PointSelector":
            return Point(ras_mm(wanted(selector.position, "position")))
        case "PathSelector":
            return Path(tuple(map(ras_mm, wanted(selector.vertices, "vertices"))))
        case "RegionSelector":
            return Region(tuple(map(ras_mm, wanted(selector.vertices, "vertices"))))
    raise LessonError(
        f"target.selector.type should be ArrowSelector, PointSelector, PathSelector or RegionSelector, "
        f"got {selector.type!r}"
    )


def _selectors(body: _Body) -> list[_TextSelector]:
    if body.selector is None:
        return []
    return body.selector if isinstance(body.selector, list) else [body.selector]


def _passage(body: _Body) -> Passage | None:
    if body.purpose != "linking":
        return None
    quote = next((s for s in _selectors(body) if s.type == "TextQuoteSelector" and s.exact), None)
    position = next((s for s in _selectors(body) if s.type == "TextPositionSelector"), None)
    if quote is None or quote.exact is None:
        return None
    start, end = (position.start, position.end) if position else (-1, -1)
    return Passage(quote.exact, quote.prefix, quote.suffix, start, end)


def _text(bodies: list[_Body], purpose: str) -> str:
    return next((b.value for b in bodies if b.purpose == purpose and b.type == "TextualBody" and b.value), "")


def _structure(bodies: list[_Body]) -> str | None:
    for body in bodies:
        if body.purpose != "classifying":
            continue
        if body.source:
            known = structure_by_iri(body.source)
            return known.id if known else body.source
        if body.value:
            known = structure_by_name(body.value)
            return known.id if known else body.value
    return None


def _utc(time: datetime | None) -> datetime | None:
    if time is None:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _item(annotation: Annotation) -> dict[str, Any]:
    """Write one annotation over what was read of it."""
    old = dict(annotation.foreign)
    item: dict[str, Any] = {
        "id": annotation.id,
        "type": old.get("type", "Annotation"),
        "motivation": old.get("motivation", ["identifying", "linking"]),
        "created": _iso(annotation.created),
        "modified": _iso(annotation.modified),
    }
    creator = dict(old["creator"]) if isinstance(old.get("creator"), dict) else {"type": "Person"}
    if annotation.author or "creator" in old:
        item["creator"] = {**creator, "name": annotation.author}
    item["body"] = _bodies(annotation, old.get("body", []))
    item["target"] = _target(annotation, old.get("target", {}))
    item["laterality"] = annotation.side.value if annotation.side else None
    item["compressionGrade"] = annotation.grade.value if annotation.grade else None
    return {**item, **{k: v for k, v in old.items() if k not in item}}


def _bodies(annotation: Annotation, old: Any) -> list[dict[str, Any]]:
    old_bodies = [body for body in (old if isinstance(old, list) else [old]) if isinstance(body, dict)]
    used: list[int] = []

    def over(new: dict[str, Any], same: Any) -> dict[str, Any]:
        """Put known members over the old body that they came from, if there is one."""
        for number, body in enumerate(old_bodies):
            if number not in used and same(body):
                used.append(number)
                return {**body, **new}
        return new

    bodies: list[dict[str, Any]] = []
    for purpose, text in (("identifying", annotation.label), ("describing", annotation.note)):
        new = {"type": "TextualBody", "purpose": purpose, "value": text}
        merged = over(new, lambda b, p=purpose: b.get("purpose") == p and b.get("type") == "TextualBody")
        if text:
            bodies.append({"language": "en", **merged} if merged is new else merged)
    if annotation.structure:
        new = _classifying(annotation.structure)
        merged = over(new, lambda b: b.get("purpose") == "classifying")
        # Either an address or words: those of another structure must not stay beside the new one.
        bodies.append({k: v for k, v in merged.items() if k in new or k not in ("source", "value")})
    else:
        over({}, lambda b: b.get("purpose") == "classifying")
    for passage in annotation.passages:
        bodies.append(over(_linking(passage), lambda b, p=passage: _is_link_to(b, p)))
    strangers = [b for n, b in enumerate(old_bodies) if n not in used and not _is_known_link(b)]
    return bodies + strangers


def _classifying(structure: str) -> dict[str, Any]:
    known = structure_by_id(structure)
    if known and known.iri:
        return {"type": "SpecificResource", "purpose": "classifying", "source": known.iri}
    if "://" in structure:
        return {"type": "SpecificResource", "purpose": "classifying", "source": structure}
    return {"type": "TextualBody", "purpose": "classifying", "value": known.name if known else structure}


def _linking(passage: Passage) -> dict[str, Any]:
    quote = {"type": "TextQuoteSelector", "exact": passage.exact, "prefix": passage.prefix, "suffix": passage.suffix}
    selectors: list[dict[str, Any]] = [quote]
    if passage.start >= 0:
        selectors.append({"type": "TextPositionSelector", "start": passage.start, "end": passage.end})
    return {"type": "SpecificResource", "purpose": "linking", "source": "article.md", "selector": selectors}


def _is_known_link(body: dict[str, Any]) -> bool:
    """Whether a body is a link that was read as a passage: if it is no longer among them, it was unlinked."""
    try:
        return _passage(msgspec.convert(body, _Body)) is not None
    except (msgspec.ValidationError, AnnotationError):
        return False


def _is_link_to(body: dict[str, Any], passage: Passage) -> bool:
    if not _is_known_link(body):
        return False
    read = _passage(msgspec.convert(body, _Body))
    return read is not None and (read.exact, read.start) == (passage.exact, passage.start)


def _target(annotation: Annotation, old: Any) -> dict[str, Any]:
    old_target = dict(old) if isinstance(old, dict) else {}
    old_selector = old_target.get("selector")
    selector: dict[str, Any] = {}
    match annotation.geometry:
        case Arrow(tail, tip):
            selector = {"type": "ArrowSelector", "tail": list(tail), "tip": list(tip)}
        case Point(position):
            selector = {"type": "PointSelector", "position": list(position)}
        case Path(vertices):
            selector = {"type": "PathSelector", "vertices": [list(v) for v in vertices]}
        case Region(vertices):
            selector = {"type": "RegionSelector", "vertices": [list(v) for v in vertices]}
    frame = {"coordinateSystem": "RAS", "unit": "mm"}
    kept = dict(old_selector) if isinstance(old_selector, dict) else {}
    selector = {"type": selector["type"], **frame, **{k: v for k, v in selector.items() if k != "type"}}
    return {**old_target, "source": f"volume:{annotation.volume_id}", "selector": {**kept, **selector}}


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
