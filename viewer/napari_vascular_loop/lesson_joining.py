"""Two windows on one lesson: whether another edited it, and our edits put on top of what was done there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.merge import difference, merge
from napari_vascular_loop.formats.journal.edit_text import encode_edit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.store.keeping import Kept

_KNOWN_MEMBERS = frozenset(
    (
        *("@context", "schemaVersion", "id", "type"),
        *("title", "language", "authors", "licence", "credit", "notice", "volumes", "total", "first"),
        *("motivation", "created", "modified", "creator", "body", "target", "laterality", "compressionGrade", "view"),
    )
)
"""Members of the plain files that this program writes itself."""


def is_another(known: Lesson, disk: Lesson) -> bool:
    """Whether others changed a lesson, in what this program knows or in what it doesn't."""
    if known != disk:
        return True
    marks = zip(known.annotations, disk.annotations, strict=True)
    pairs = [(ours.foreign, theirs.foreign) for ours, theirs in marks if ours is not theirs]
    pairs += [(known.foreign, disk.foreign), (known.annotations_foreign, disk.annotations_foreign)]
    # What was made here has no members of others until it is read again.
    return any(ours and _strangers(ours) != _strangers(theirs) for ours, theirs in pairs)


def _strangers(foreign: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in foreign.items() if name not in _KNOWN_MEMBERS}


def joined(base: Lesson | None, disk: Kept, ours: Lesson, title: str) -> tuple[Kept, list[tuple[str, str, bytes]]]:
    """Put our edits on top of what others did since we read the lesson: the lesson, and the one step that is ours."""
    merged = merge(base, ours, disk.lesson)
    edit = difference(disk.lesson, merged.lesson, title)
    steps = [("do", title, encode_edit(edit))] if edit else []
    done = (*disk.done, edit) if edit else disk.done
    conflicts = (*disk.conflicts, *merged.conflicts)
    return replace(disk, lesson=merged.lesson, done=done, undone=(), conflicts=conflicts), steps
