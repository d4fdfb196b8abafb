"""conflicts.json: what two people did to the same thing of a lesson, until somebody chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.annotation import Annotation, Point
from napari_vascular_loop.domain.edit import DETAILS
from napari_vascular_loop.domain.errors import AnnotationError, LessonError
from napari_vascular_loop.domain.merge import MEMBERS, Conflict
from napari_vascular_loop.formats.journal.edit_text import annotations_of, items_of
from napari_vascular_loop.formats.json_text import SCHEMA_VERSION, parse, render

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFLICTS_FILE = "conflicts.json"

_SIDES = ("base", "ours", "theirs")


def encode(conflicts: Sequence[Conflict]) -> bytes:
    """Write conflicts, each with a sentence for people."""
    entries = [
        {
            "said": conflict.words,
            "annotation": conflict.annotation_id or None,
            "member": conflict.member,
            "title": conflict.title,
            **{side: _written(conflict.member, getattr(conflict, side)) for side in _SIDES},
        }
        for conflict in conflicts
    ]
    return render({"schemaVersion": SCHEMA_VERSION, "conflicts": entries})


def decode(data: bytes) -> tuple[Conflict, ...]:
    """Read conflicts.

    Raises
    ------
    LessonError
        If they can't be made out.
    """
    document = parse(data, CONFLICTS_FILE)
    try:
        return tuple(
            Conflict(
                str(entry["annotation"] or ""),
                str(entry["member"]),
                str(entry["title"]),
                *(_read(str(entry["member"]), entry[side]) for side in _SIDES),
            )
            for entry in document["conflicts"]
        )
    except (KeyError, TypeError, AttributeError, AnnotationError) as error:
        raise LessonError(f"{CONFLICTS_FILE}: it is not understood ({type(error).__name__}: {error})") from error


def _written(member: str, value: Any) -> Any:
    """Write a value; one of an annotation in the words of annotations.json, as an annotation that has it."""
    if value is None or member not in (*MEMBERS, "deleted"):
        return [{"name": name} for name in value] if member == "authors" and value is not None else value
    annotation = value if member == "deleted" else _with(member, value)
    return items_of([annotation])[0]


def _read(member: str, written: Any) -> Any:
    if written is None:
        return None
    if member == "authors":
        return tuple(str(one["name"]) for one in written)
    if member in ("objectives", "imaging"):
        return tuple(map(str, written))
    if member == "minutes":
        return int(written)
    if member not in (*MEMBERS, "deleted"):
        if member not in ("article", *DETAILS) or not isinstance(written, str):
            raise TypeError(f"{member} is not {written!r}")
        return written
    (annotation,) = annotations_of([written])
    return annotation if member == "deleted" else getattr(annotation, member)


def _with(member: str, value: Any) -> Annotation:
    values: dict[str, Any] = {"geometry": Point((0, 0, 0)), "volume_id": "", member: value}
    return Annotation(**values)
