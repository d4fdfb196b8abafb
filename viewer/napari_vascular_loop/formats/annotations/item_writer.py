"""One annotation of a W3C collection, written over what was read of it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region
from napari_vascular_loop.domain.terms import structure_by_id
from napari_vascular_loop.formats.annotations.item_reader import (
    ARTICLE,
    UNKNOWN_TIME,
    author_of,
    passage_of,
    says,
    structure_of,
    time_of,
    volume_id,
)
from napari_vascular_loop.formats.json_object import members_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.article import Passage

_PLACES = ("tail", "tip", "position", "vertices")


def item_of(annotation: Annotation) -> dict[str, Any]:
    """Write one annotation: our members first, in an order that is always the same, then those of others."""
    old = members_of(annotation.foreign)
    item: dict[str, Any] = {
        "id": annotation.id,
        "type": old.get("type", "Annotation"),
        "motivation": old.get("motivation", ["identifying", "linking"]),
    }
    for member, time in (("created", annotation.created), ("modified", annotation.modified)):
        if time != UNKNOWN_TIME or member in old or not old:
            item[member] = old[member] if time_of(old.get(member)) == time else _iso(time)
    if annotation.author or "creator" in old:
        item["creator"] = _creator(annotation.author, old.get("creator"))
    item["body"] = _bodies(annotation, old.get("body"))
    item["target"] = _target(annotation, old.get("target"))
    item["laterality"] = annotation.side.value if annotation.side else None
    item["compressionGrade"] = annotation.grade.value if annotation.grade else None
    return {**item, **{k: v for k, v in old.items() if k not in item}}


def _creator(author: str, old: Any) -> Any:
    """Name the author; what else is told of the creator stays."""
    if old is not None and author_of(old) == author:
        return old
    if isinstance(old, list) and old:
        return [_creator(author, old[0]), *old[1:]]
    return {**(old if isinstance(old, dict) else {"type": "Person"}), "name": author}


class _Old:
    """What a list held when it was read; each of it is taken at most once."""

    def __init__(self, old: Any) -> None:
        self.left: list[Any] = list(old) if isinstance(old, list) else [] if old is None else [old]

    def take(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        """Take the first that fits."""
        for number, one in enumerate(self.left):
            if isinstance(one, dict) and fits(one):
                taken: dict[str, Any] = self.left.pop(number)
                return taken
        return None


def _bodies(annotation: Annotation, old: Any) -> list[Any]:
    olds = _Old(old)
    bodies: list[Any] = []
    for purpose, text in (("identifying", annotation.label), ("describing", annotation.note)):
        body = olds.take(partial(_is_text, purpose=purpose))
        if text and body is not None:
            bodies.append({**body, "value": text})
        elif text:
            bodies.append({"language": "en", "type": "TextualBody", "purpose": purpose, "value": text})
    body = olds.take(partial(_says, "purpose", "classifying"))
    if annotation.structure:
        bodies.append(_classifying(annotation.structure, body))
    bodies += _links(annotation.passages, olds)
    return bodies + olds.left


def _says(member: str, word: str, one: dict[str, Any]) -> bool:
    return says(one.get(member), word)


def _is_text(body: dict[str, Any], purpose: str) -> bool:
    return says(body.get("purpose"), purpose) and says(body.get("type"), "TextualBody")


def _classifying(structure: str, old: dict[str, Any] | None) -> dict[str, Any]:
    if old is not None and structure_of(old) == structure:
        return old
    known = structure_by_id(structure)
    iri = known.iri if known else structure if "://" in structure else None
    new = {"type": "SpecificResource" if iri else "TextualBody", "purpose": "classifying"}
    new |= {"source": iri} if iri else {"value": known.name if known else structure}
    # Either an address or words: those of another structure must not stay beside the new one.
    return {**{k: v for k, v in (old or new).items() if k not in ("source", "value")}, **new}


def _links(passages: tuple[Passage, ...], olds: _Old) -> list[dict[str, Any]]:
    """Write the links; one that is no longer among the passages was unlinked."""
    was = {}
    for number, passage in enumerate(passages):
        body = olds.take(partial(_is_link_to, passage))
        if body is not None:
            was[number] = body
    changed = []
    while (body := olds.take(lambda b: passage_of(b) is not None)) is not None:
        changed.append(body)
    unknown = [number for number in range(len(passages)) if number not in was]
    if len(changed) == len(unknown):
        # As many as there are new ones: they were tied to other words, and keep what others say of them.
        was |= dict(zip(unknown, changed, strict=True))
    return [_linking(passage, was.get(number)) for number, passage in enumerate(passages)]


def _is_link_to(passage: Passage, body: dict[str, Any]) -> bool:
    old = passage_of(body)
    return old is not None and (old.exact, old.start) == (passage.exact, passage.start)


def _linking(passage: Passage, old: dict[str, Any] | None) -> dict[str, Any]:
    quote = {"type": "TextQuoteSelector", "exact": passage.exact, "prefix": passage.prefix, "suffix": passage.suffix}
    selectors: list[dict[str, Any]] = [quote]
    if passage.start >= 0:
        selectors.append({"type": "TextPositionSelector", "start": passage.start, "end": passage.end})
    if old is None:
        return {"type": "SpecificResource", "purpose": "linking", "source": ARTICLE, "selector": selectors}
    if passage_of(old) == passage:
        return old
    olds = _Old(old.get("selector"))
    written = []
    for selector in selectors:
        kind = str(selector.pop("type"))
        same = olds.take(partial(_says, "type", kind))
        written.append({**(same or {"type": kind}), **selector})
    olds.take(partial(_says, "type", "TextPositionSelector"))
    return {**old, "selector": written + olds.left}


def _target(annotation: Annotation, old: Any) -> dict[str, Any]:
    target = old if isinstance(old, dict) else {}
    source, selector = target.get("source"), target.get("selector")
    if not isinstance(source, str) or volume_id(source) != annotation.volume_id:
        source = f"volume:{annotation.volume_id}"
    places: dict[str, Any]
    match annotation.geometry:
        case Arrow(tail, tip):
            kind, places = "ArrowSelector", {"tail": list(tail), "tip": list(tip)}
        case Point(position):
            kind, places = "PointSelector", {"position": list(position)}
        case Path(vertices):
            kind, places = "PathSelector", {"vertices": [list(v) for v in vertices]}
        case Region(vertices):
            kind, places = "RegionSelector", {"vertices": [list(v) for v in vertices]}
    kept = {k: v for k, v in selector.items() if k not in _PLACES} if isinstance(selector, dict) else {}
    frame = {"type": kind, "coordinateSystem": "RAS", "unit": "mm"}
    return {
        **target,
        "source": source,
        "selector": {**frame, **places, **{k: v for k, v in kept.items() if k not in frame}},
    }


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
