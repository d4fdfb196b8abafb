"""Edits as JSON, as the journal holds them: annotations as in annotations.json, volumes as in lesson.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.edit import FOREIGN, AnyChange, ArticleChange, Change, DetailsChange, Edit, OrderChange
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.lesson import Lesson
from napari_vascular_loop.formats import lesson_json
from napari_vascular_loop.formats.annotations import web_annotation
from napari_vascular_loop.formats.json_object import members_of
from napari_vascular_loop.formats.json_text import SCHEMA_VERSION, parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_vascular_loop.domain.annotation import Annotation

_NAME = "the journal"


def encode_edit(edit: Edit) -> bytes:
    """Write an edit."""
    marks = [change if isinstance(change, Change) else None for change in edit.changes]
    items = [
        items_of([mark.before if mark else None for mark in marks]),
        items_of([mark.after if mark else None for mark in marks]),
    ]
    changes: list[dict[str, Any]] = []
    for number, change in enumerate(edit.changes):
        match change:
            case Change():
                values: dict[str, Any] = {"before": items[0][number], "after": items[1][number], "index": change.index}
            case OrderChange():
                values = {"id": change.annotation_id, "before": change.before, "after": change.after}
            case ArticleChange():
                values = {"at": change.at, "before": change.before, "after": change.after}
            case DetailsChange():
                values = {"before": _details(change.before), "after": _details(change.after)}
        changes.append({"kind": change.kind, **values})
    return json.dumps({"title": edit.title, "changes": changes}, ensure_ascii=False).encode("utf-8")


def decode_edit(data: bytes) -> Edit:
    """Read an edit.

    Raises
    ------
    LessonError
        If it is no edit.
    """
    document = parse(data, _NAME)
    try:
        entries = document["changes"]
        marks = [entry if entry["kind"] == Change.kind else None for entry in entries]
        before, after = (annotations_of([mark and mark[side] for mark in marks]) for side in ("before", "after"))
        changes = [_change(entry, before[number], after[number]) for number, entry in enumerate(entries)]
        return Edit(str(document["title"]), tuple(changes))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LessonError(f"{_NAME} holds an edit that is not understood ({type(error).__name__}: {error})") from error


def _change(entry: Mapping[str, Any], before: Annotation | None, after: Annotation | None) -> AnyChange:
    match entry["kind"]:
        case Change.kind:
            return Change(before, after, int(entry["index"]))
        case OrderChange.kind:
            return OrderChange(str(entry["id"]), int(entry["before"]), int(entry["after"]))
        case ArticleChange.kind:
            # Journals of the first version hold whole articles, which begin at 0.
            return ArticleChange(str(entry["before"]), str(entry["after"]), int(entry.get("at", 0)))
        case DetailsChange.kind:
            return DetailsChange(_values(entry["before"]), _values(entry["after"]))
    raise LessonError(f"{_NAME} holds a change of a kind that is not known ({entry['kind']!r})")


def items_of(annotations: Sequence[Annotation | None]) -> list[dict[str, Any] | None]:
    """Write annotations as annotations.json has them; None stays None."""
    there = tuple(annotation for annotation in annotations if annotation is not None)
    items = iter(json.loads(web_annotation.encode(there))["first"]["items"]) if there else iter(())
    return [None if annotation is None else next(items) for annotation in annotations]


def annotations_of(items: Sequence[dict[str, Any] | None]) -> list[Annotation | None]:
    """Read what :func:`items_of` wrote.

    Raises
    ------
    LessonError
        Naming the member and the value that is wrong.
    """
    there = [item for item in items if item is not None]
    # An id may come twice in one edit, but not in one collection.
    ids = [item.get("id") for item in there]
    read: list[Annotation] = []
    for some in [there] if len(set(ids)) == len(ids) else [[item] for item in there]:
        collection = {"schemaVersion": SCHEMA_VERSION, "first": {"items": some}}
        read += web_annotation.decode(json.dumps(collection).encode("utf-8"), _NAME)[0]
    annotations = iter(read)
    return [None if item is None else next(annotations) for item in items]


def _details(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write details as lesson.json has them."""
    described = {name: value for name, value in values.items() if name not in FOREIGN}
    document = json.loads(lesson_json.encode(Lesson(**{"title": "", "volumes": (), **described})))
    return {name: members_of(value) if name in FOREIGN else document[name] for name, value in values.items()}


def _values(written: Mapping[str, Any]) -> dict[str, Any]:
    """Read details."""
    described = {name: value for name, value in written.items() if name not in FOREIGN}
    document = {"schemaVersion": SCHEMA_VERSION, "title": "", "volumes": [], **described}
    lesson = lesson_json.decode(json.dumps(document).encode("utf-8"), _NAME)
    return {name: value if name in FOREIGN else getattr(lesson, name) for name, value in written.items()}
