"""Older layouts of a lesson's files, brought up to date before they are read.

A layout has a version, "major.minor", in the member `schemaVersion`. A new minor version only adds members, which an
older program keeps without knowing them. What an older program would misread is a new major version: it refuses it.
A change of either kind that older files need is a step here: of which file, from which version to which, and how.
A file of each version stays in `tests/lessons_of_versions` for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.formats.json_text import SCHEMA_VERSION

_VERSION = re.compile(r"(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})")


@dataclass(frozen=True)
class Step:
    """From one version of a file to a later one.

    Parameters
    ----------
    to : str
        The later version.
    change : callable
        Takes the members and gives them in the later layout; `schemaVersion` is seen to. Members that it doesn't
        know it leaves as they are.
    """

    to: str
    change: Callable[[dict[str, Any]], dict[str, Any]]


Steps = Mapping[tuple[str, str], Step]

STEPS: Steps = {}
"""By kind of file ("lesson" or "annotations") and version. There has been no version before 1.0."""


def is_older(version: object, kind: str, name: str, steps: Steps = STEPS) -> bool:
    """Whether a file must be migrated before it is read.

    Parameters
    ----------
    version : object
        Its schemaVersion.
    kind : str
        "lesson" or "annotations".
    name : str
        The file's name, for the errors.

    Raises
    ------
    LessonError
        If it has no version, one that this program never wrote, or one of a later major version: rewriting it would
        lose what this program doesn't understand.
    """
    match = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if match is None:
        raise LessonError(f"{name}: schemaVersion should be like {SCHEMA_VERSION!r}, got {shown(repr(version))}")
    ours = int(SCHEMA_VERSION.split(".")[0])
    if int(match[1]) > ours:
        raise LessonError(
            f"{name}: it was written by a later version of this program (schemaVersion {match[0]}); "
            "update napari-vascular-loop to open it"
        )
    if (kind, match[0]) in steps:
        return True
    if int(match[1]) < ours:
        raise LessonError(f"{name}: schemaVersion {match[0]} is not known; the first that there was is 1.0")
    return False


def migrated(document: dict[str, Any], kind: str, name: str, steps: Steps = STEPS) -> dict[str, Any]:
    """Bring a document up to date, step by step.

    Parameters
    ----------
    document : dict
        As it was parsed; not changed.
    kind : str
        "lesson" or "annotations".
    name : str
        The file's name, for the errors.
    steps : mapping
        From where to where.

    Raises
    ------
    LessonError
        See :func:`is_older`; also if the document is not of the layout that it says it has.
    """
    while is_older(version := document.get("schemaVersion"), kind, name, steps):
        step = steps[kind, str(version)]
        try:
            document = {**step.change(dict(document)), "schemaVersion": step.to}
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise LessonError(
                f"{name}: it says that it has schemaVersion {version}, but is not laid out so "
                f"({type(error).__name__}: {shown(error)}); restore it from a copy"
            ) from error
    return document
