"""One annotation of a W3C collection, written over what was read of it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region
from napari_vascular_loop.domain.terms import structure_by_id
from napari_vascular_loop.formats.annotations.item_reader import (
    ARTICLE,
    SHOWN_AS_TEXT,
    UNKNOWN_TIME,
    author_of,
    passage_of,
    says,
    structure_of,
    time_of,
    view_as_written,
    view_of,
    volume_id,
)
from napari_vascular_loop.formats.json_object import members_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.article import Passage

_VIEW = ("plane", "fieldOfViewMm", "window", "slabMm", "projection")
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
    left_out = _put_view(item, annotation, old.get("view"))
    return {**item, **{k: v for k, v in old.items() if k not in item and k not in left_out}}


def _put_view(item: dict[str, Any], annotation: Annotation, old: Any) -> tuple[str, ...]:
    """Write how the mark is to be looked at, if it is said; what else an old one says stays as long as there is one."""
    if view_of(old) == annotation.view and old is not None:
        item["view"] = old
    elif annotation.view is not None:
        known = {**view_as_written(annotation.view)}
        strangers = {k: v for k, v in old.items() if k not in _VIEW} if isinstance(old, dict) else {}
        item["view"] = {**known, **strangers}
    return ("view",)


def _creator(author: str, old: Any) -> Any:
    """Name the author; what else is told of the creator stays."""
    if author_of(old) == author:
        return old
    if isinstance(old, list) and old:
        return [_creator(author, old[0]), *old[1:]]
    return {**(old if isinstance(old, dict) else {"type": "Person"}), "name": author}


class _Entries:
    """A list as it was read, in which each entry of ours is written over, taken out, or put in behind the last."""

    def __init__(self, old: Any) -> None:
        self._entries: list[Any] = list(old) if isinstance(old, list) else [] if old is None else [old]
        self._ours: list[bool] = [False] * len(self._entries)
        self._next = 0

    def find(self, fits: Callable[[dict[str, Any]], bool]) -> int | None:
        """Number of the first entry that fits and is not ours yet."""
        for number, entry in enumerate(self._entries):
            if not self._ours[number] and isinstance(entry, dict) and fits(entry):
                return number
        return None

    def old(self, number: int | None) -> dict[str, Any] | None:
        """The entry of that number."""
        entry: dict[str, Any] | None = None if number is None else self._entries[number]
        return entry

    def put(self, number: int | None, entry: dict[str, Any] | None) -> None:
        """Put an entry of ours in the place of an old one; None takes it out."""
        if number is None:
            if entry is None:
                return
            number = self._next
            self._entries.insert(number, entry)
            self._ours.insert(number, True)
        self._entries[number], self._ours[number] = entry, True
        self._next = number + 1

    def result(self) -> list[Any]:
        """All, in their order."""
        return [
            entry for entry, is_ours in zip(self._entries, self._ours, strict=True) if entry is not None or not is_ours
        ]


def _bodies(annotation: Annotation, old: Any) -> list[Any]:
    entries = _Entries(old)
    for purpose, text in (("identifying", annotation.label), ("describing", annotation.note)):
        at = entries.find(partial(_is_text, purpose=purpose))
        body = entries.old(at) or {"language": "en", "type": "TextualBody", "purpose": purpose}
        entries.put(at, {**body, "value": text} if text else None)
    at = entries.find(_is_structure)
    entries.put(at, _classifying(annotation.structure, entries.old(at)) if annotation.structure else None)
    _put_links(annotation.passages, entries)
    return entries.result()


def _says(member: str, word: str, one: dict[str, Any]) -> bool:
    return says(one.get(member), word)


def _is_text(body: dict[str, Any], purpose: str) -> bool:
    return bool(body.get("value")) and says(body.get("purpose"), purpose) and says(body.get("type"), "TextualBody")


def _is_structure(body: dict[str, Any]) -> bool:
    return structure_of(body) is not None


def _classifying(structure: str, old: dict[str, Any] | None) -> dict[str, Any]:
    if old is not None and structure_of(old) == structure:
        return old
    known = structure_by_id(structure)
    iri = known.iri if known else structure if "://" in structure else None
    new = {"type": "SpecificResource" if iri else "TextualBody", "purpose": "classifying"}
    new |= {"source": iri} if iri else {"value": known.name if known else structure}
    # Either an address or words: those of another structure must not stay beside the new one.
    return {**{k: v for k, v in (old or new).items() if k not in ("source", "value")}, **new}


def _put_links(passages: tuple[Passage, ...], entries: _Entries) -> None:
    """Write the links in their order; one that is no longer among the passages was unlinked."""
    places, left = [], []
    while (at := entries.find(_is_link)) is not None:
        places.append(at)
        left.append(entries.old(at))
        entries.put(at, None)
    olds = []
    for passage in passages:
        number = next((n for n, body in enumerate(left) if body and _is_link_to(passage, body)), None)
        olds.append(None if number is None else left.pop(number))
    if len(left) == olds.count(None):
        # As many as there were others: they were tied to other words, and keep what is said of them besides.
        others = iter(left)
        olds = [next(others) if old is None else old for old in olds]
    for n, (passage, old) in enumerate(zip(passages, olds, strict=True)):
        entries.put(places[n] if n < len(places) else None, _linking(passage, old))


def _is_link(body: dict[str, Any]) -> bool:
    return passage_of(body) is not None


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
    entries = _Entries(old.get("selector"))
    for kind in ("TextQuoteSelector", "TextPositionSelector"):
        at = entries.find(partial(_says, "type", kind))
        new = next((selector for selector in selectors if selector["type"] == kind), None)
        known = entries.old(at)
        entries.put(at, {**new, **(known or {}), **_without_type(new)} if new else None)
    return {**old, "selector": entries.result()}


def _without_type(selector: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in selector.items() if key != "type"}


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
            if annotation.geometry.as_text:
                places["shownAs"] = SHOWN_AS_TEXT
        case Path(vertices):
            kind, places = "PathSelector", {"vertices": [list(v) for v in vertices]}
        case Region(vertices):
            kind, places = "RegionSelector", {"vertices": [list(v) for v in vertices]}
    kept = selector if isinstance(selector, dict) else {}
    new = {"type": kind, "coordinateSystem": "RAS", "unit": "mm", **places}
    # A mark of another kind leaves no coordinates behind.
    is_other = kept.get("type") != kind
    if kept.get("shownAs") == SHOWN_AS_TEXT:
        kept = {k: v for k, v in kept.items() if k != "shownAs"}
    new |= {k: v for k, v in kept.items() if new.get(k) == v or not (k in new or (is_other and k in _PLACES))}
    return {**target, "source": source, "selector": new}


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
