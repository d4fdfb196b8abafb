"""What 3D Slicer has no field for, carried in the description of a control point.

Slicer drops members that it doesn't know when it saves a file again, and gives control points new ids; the description
it keeps as it is. So the description holds the note, for people, and after it one bracket with the rest as JSON:
``Loop at the root [vascular-loop {"id":"urn:uuid:...","kind":"arrow","side":"left"}]``. What a person changes in
Slicer in front of the bracket, or after it, is the note.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from napari_vascular_loop.domain.annotation import Annotation, Grade, Side
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.formats.annotations.item_reader import view_as_written, view_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_vascular_loop.domain.annotation import Geometry

_MARK = "[vascular-loop "
_UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class Words(msgspec.Struct, omit_defaults=True, frozen=True):
    """A passage, as it is carried."""

    exact: str
    prefix: str = ""
    suffix: str = ""
    start: int = -1
    end: int = -1


class Record(msgspec.Struct, omit_defaults=True, frozen=True):
    """What is carried of an annotation.

    Parameters
    ----------
    id, kind : str
        The annotation's.
    vertex : int
        Which of its vertices the control point is, from 0; only that of vertex 0 carries the rest.
    order : int
        Its place among the annotations that were written.
    volume : str
        Id of the volume in which it lay.
    label, note : str or None
        As they were, where they had to be written differently.
    short : bool
        Whether some of it was left out for want of room.
    """

    id: str
    kind: str
    vertex: int = 0
    order: int = 0
    volume: str = ""
    label: str | None = None
    note: str | None = None
    structure: str | None = None
    side: Side | None = None
    grade: Grade | None = None
    author: str = ""
    created: datetime | None = None
    modified: datetime | None = None
    passages: tuple[Words, ...] = ()
    view: dict[str, Any] | None = None
    short: bool = False

    def annotation(self, geometry: Geometry, volume_id: str, label: str, note: str) -> Annotation:
        """Make the annotation again, with the place and the words that it has now.

        Raises
        ------
        AnnotationError
            If a passage has no words.
        """
        created = _utc(self.created) or _utc(self.modified) or _UNKNOWN_TIME
        return Annotation(
            geometry=geometry,
            volume_id=volume_id,
            label=label,
            note=note,
            structure=self.structure,
            side=self.side,
            grade=self.grade,
            author=self.author,
            created=created,
            modified=_utc(self.modified) or created,
            passages=tuple(Passage(w.exact, w.prefix, w.suffix, w.start, w.end) for w in self.passages),
            id=self.id,
            view=view_of(self.view),
        )


def record_of(annotation: Annotation, order: int, shown: Callable[[str], str]) -> Record:
    """Say what must be carried of an annotation.

    Parameters
    ----------
    annotation : Annotation
        Any.
    order : int
        Its place among those that are written.
    shown : callable
        How the format writes a text for people: texts that it changes are carried as they were.
    """
    label, note = annotation.label, annotation.note
    return Record(
        id=annotation.id,
        kind=annotation.geometry.kind,
        order=order,
        volume=annotation.volume_id,
        label=None if shown(label) == label else label,
        note=None if shown(note) == note else note,
        structure=annotation.structure,
        side=annotation.side,
        grade=annotation.grade,
        author=annotation.author,
        created=annotation.created.astimezone(UTC),
        modified=annotation.modified.astimezone(UTC),
        passages=tuple(Words(p.exact, p.prefix, p.suffix, p.start, p.end) for p in annotation.passages),
        view=view_as_written(annotation.view) if annotation.view is not None else None,
    )


def description(note: str, record: Record, between: str = "\n") -> str:
    """Put the note, as it is shown, and a record into one description; `between` is a line end or a space."""
    # The last such bracket is the record: no text in it may look like the start of another.
    text = msgspec.json.encode(record).decode().replace(_MARK, "\\u005b" + _MARK[1:])
    return f"{note}{between if note else ''}{_MARK}{text}]"


def read_description(text: str) -> tuple[str, Record | None, bool]:
    """Take a description apart.

    Returns
    -------
    note : str
        What is not the record.
    record : Record or None
        None where none is carried, or it can't be read.
    damaged : bool
        Whether there is a record that can't be read; it is then part of the note.
    """
    at = text.rfind(_MARK)
    if at < 0:
        return text, None, False
    try:
        value, end = json.JSONDecoder().raw_decode(text, at + len(_MARK))
        record = msgspec.convert(value, Record)
        if any(not words.exact.strip() for words in record.passages):
            return text, None, True
    except (ValueError, RecursionError):  # json's and msgspec's errors are ValueErrors
        return text, None, True
    if text[end : end + 1] != "]" or not record.id or record.vertex < 0:
        return text, None, True
    note = text[:at]
    return (note[:-1] if note.endswith(("\n", " ")) else note) + text[end + 1 :], record, False


def as_it_was(now: str, carried: str | None, shown: Callable[[str], str]) -> str:
    """Give back a text that had to be written differently, unless a person has changed it since."""
    return carried if carried is not None and shown(carried) == now else now


def _utc(time: datetime | None) -> datetime | None:
    if time is None:
        return None
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:  # the first or last day that there is, in another zone
        return None
