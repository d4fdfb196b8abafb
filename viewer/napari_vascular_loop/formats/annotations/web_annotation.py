"""Annotations as a W3C Web Annotation collection (JSON-LD).

https://www.w3.org/TR/annotation-model/. The model has no selector for a place in a volume, so the targets carry
selectors of our own (ArrowSelector, PointSelector, PathSelector, RegionSelector), whose terms are defined in the
file's own context. Members that this module doesn't know are kept when a file is rewritten; an annotation that was
not changed is written back letter by letter, so that a rewrite costs what was changed and git shows only that.
"""

from __future__ import annotations

import contextlib
import gc
import re
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from napari_vascular_loop.domain.annotation import is_text
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.formats.annotations.context import context_over
from napari_vascular_loop.formats.annotations.item_reader import read_item
from napari_vascular_loop.formats.annotations.item_writer import item_of
from napari_vascular_loop.formats.json_text import (
    SCHEMA_VERSION,
    compact,
    decoded,
    parse_object,
    plain,
    render,
    rendered,
)
from napari_vascular_loop.formats.migrations import is_older, migrated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from napari_vascular_loop.domain.annotation import Annotation

_INDENT = 6
_LONGEST_VERSION = 100
_GAP = re.compile(rb"[\s,]*")


class _Version(msgspec.Struct):
    schemaVersion: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815 - the file's own spelling

    def is_older(self, name: str) -> bool:
        raw = bytes(self.schemaVersion)
        version: Any = raw[:_LONGEST_VERSION].decode("utf-8", "replace")
        if len(raw) <= _LONGEST_VERSION:
            with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
                version = msgspec.json.decode(raw)
        return is_older(version, "annotations", name)


class _Page(msgspec.Struct):
    items: list[msgspec.Raw]


class _Collection(_Version, kw_only=True):
    first: _Page


_decode_version = msgspec.json.Decoder(_Version).decode
_decode_collection = msgspec.json.Decoder(_Collection).decode


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
        The collection as it was read, without its items, to be handed back to :func:`encode`.

    Raises
    ------
    LessonError
        Naming the file, the item, the member and the value that is wrong.
    """
    data = plain(data, name)
    collection = _collection(data)
    if (collection or decoded(data, name, _decode_version)).is_older(name):
        return decode(compact(migrated(parse_object(data, name, whole=True), "annotations", name)), name)
    if collection is None:
        parse_object(data, name)  # which may know better
        raise LessonError(f"{name}: first.items should be the list of annotations")
    items = [bytes(item) for item in collection.first.items]
    foreign = _without_items(data, items, name)
    with _no_garbage_sought():
        annotations = [_annotation(item, f"{name}: item {number}") for number, item in enumerate(items)]
    return _with_own_ids(annotations, name), foreign


def encode(annotations: Sequence[Annotation], foreign: Mapping[str, Any] | None = None) -> bytes:
    """Write a collection; what `foreign` holds besides is kept.

    Each annotation is rendered once in its life: of 10,000 of which one was changed, one is.
    """
    foreign = foreign or {}
    later = ["view"] if any(annotation.view is not None for annotation in annotations) else []
    later += ["shownAs"] if any(is_text(annotation.geometry) for annotation in annotations) else []
    document: dict[str, Any] = {
        "@context": context_over(foreign.get("@context"), *later),
        "schemaVersion": foreign.get("schemaVersion", SCHEMA_VERSION),
        "type": "AnnotationCollection",
    }
    document.update({k: v for k, v in foreign.items() if k not in document})
    old_page = document.pop("first", None)
    page = dict(old_page) if isinstance(old_page, dict) else {"type": "AnnotationPage", "startIndex": 0}
    here = uuid.uuid4().hex
    page["items"] = here
    document["total"] = len(annotations)
    document["first"] = page
    before, _, after = render(document).partition(f'"{here}"'.encode())
    if not annotations:
        return before + b"[]" + after
    margin = b"\n" + b" " * _INDENT
    texts = [_text(annotation) for annotation in annotations]
    texts[0] = before + b"[" + margin + texts[0]
    texts[-1] += b"\n    ]" + after
    return (b"," + margin).join(texts)


def _text(annotation: Annotation) -> bytes:
    """The annotation as it stands in the file; kept with it, since neither ever changes."""
    text: bytes | None = getattr(annotation, "_text_in_collection", None)
    if text is None:
        text = rendered(item_of(annotation), _INDENT).encode("utf-8")
        _keep_text(annotation, text)
    return text


def _keep_text(annotation: Annotation, text: bytes) -> None:
    object.__setattr__(annotation, "_text_in_collection", text)


@contextlib.contextmanager
def _no_garbage_sought() -> Iterator[None]:
    """Thousands of objects that stay would set off searches for garbage among all that the process holds."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _annotation(item: bytes, where: str) -> Annotation:
    annotation, as_written = read_item(item, where)
    # What is in one line was not laid out for people, and will be.
    if as_written and b"\n" in item:
        _keep_text(annotation, item)
    return annotation


def _collection(data: bytes) -> _Collection | None:
    """Look for the items; nothing of them is built."""
    try:
        return _decode_collection(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _without_items(data: bytes, items: list[bytes], name: str) -> dict[str, Any]:
    """All that a collection holds besides its items, for which an empty list stands."""
    start = at = data.find(items[0]) if items else 0
    for item in items:
        if not data.startswith(item, at):
            break
        gap = _GAP.match(data, at + len(item))
        at = gap.end() if gap else len(data)
    rest = data[:start] + data[at:]
    collection = _collection(rest)
    if collection is not None and collection.first.items == []:
        return parse_object(rest, name)
    # The same items stand elsewhere in the file, too.
    document = parse_object(data, name, whole=True)
    document["first"]["items"] = []
    return document


def _with_own_ids(annotations: Sequence[Annotation], name: str) -> tuple[Annotation, ...]:
    """Make sure that no two have the same id.

    Raises
    ------
    LessonError
        If two of them do; those whose id was made here get another.
    """
    numbers: dict[str, int] = {}
    result = []
    for number, annotation in enumerate(annotations):
        first = numbers.setdefault(annotation.id, number)
        if first != number:
            if annotation.foreign.get("id") is not None:
                raise LessonError(
                    f"{name}: item {number}, id ({shown(annotation.id)}) is that of item {first} too; "
                    "give one of them another"
                )
            annotation = replace(annotation, id=f"{annotation.id}-{number}")
            numbers[annotation.id] = number
        result.append(annotation)
    return tuple(result)
