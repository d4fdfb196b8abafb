"""JSON that people and git read, and errors that say where in the file the trouble is."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from napari_vascular_loop.domain.errors import LessonError

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

SCHEMA_VERSION = "1.0"
_MAX_BYTES = 256 * 1024 * 1024
_LONGEST_SHOWN = 60


def parse(data: bytes, name: str) -> dict[str, Any]:
    """Parse a JSON object.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without a byte order mark.
    name : str
        The file's name, for the errors.

    Raises
    ------
    LessonError
        If it is no JSON object, was cut short, holds a key twice or a number that is not finite.
    """
    if len(data) > _MAX_BYTES:
        raise LessonError(f"{name}: {len(data)} bytes is more than a lesson's file may hold ({_MAX_BYTES})")
    try:
        document = json.loads(data.decode("utf-8-sig"), object_pairs_hook=lambda pairs: _object(pairs, name))
    except UnicodeDecodeError as error:
        raise LessonError(f"{name}: it is not UTF-8 text (byte {error.start})") from error
    except json.JSONDecodeError as error:
        cut = error.pos >= len(error.doc.rstrip()) - 1 or error.msg.startswith("Unterminated string")
        what = "it is cut short; restore it from a copy" if cut else error.msg
        raise LessonError(f"{name}: not valid JSON at line {error.lineno}, column {error.colno}: {what}") from error
    except RecursionError as error:
        raise LessonError(f"{name}: it is nested too deeply") from error
    if not isinstance(document, dict):
        raise LessonError(f"{name}: it should hold a JSON object, not a {type(document).__name__}")
    for place, value in _not_finite(document, ""):
        place = re.sub(r"^first\.items\[(\d+)\]\.", r"item \1, ", place)
        raise LessonError(f"{name}: {place} is {value}, which is no number that can be placed")
    return document


def typed(document: Any, kind: type[T], where: str) -> T:
    """Check a parsed document against a msgspec Struct, ignoring members that the Struct doesn't know.

    Raises
    ------
    LessonError
        Naming the member and what was expected of it.
    """
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        member = path.strip("`").removeprefix("$").removeprefix(".")
        place = f"{where}{', ' if member else ''}{member}"
        said = f"{message[:1].lower()}{message[1:].replace('`', '')}"
        raise LessonError(f"{place}: {said}{_shown_value(document, member)}") from error


def _shown_value(document: Any, member: str) -> str:
    """Say the number or text at a place such as "target.selector.tip[1]"."""
    value = document
    for name, number in re.findall(r"([^.\[\]]+)|\[(\d+)\]", member):
        try:
            value = value[int(number)] if number else value[name]
        except (KeyError, IndexError, TypeError):
            return ""
    return f" ({value!r})" if isinstance(value, str | int | float) and len(str(value)) <= _LONGEST_SHOWN else ""


def render(document: Any) -> bytes:
    """Write JSON for people: indented by two, short lists of numbers on one line, UTF-8, a line end last."""
    return (_render(document, "") + "\n").encode("utf-8")


def _render(value: Any, indent: str) -> str:
    deeper = indent + "  "
    if isinstance(value, dict) and value:
        members = (f"{deeper}{json.dumps(k, ensure_ascii=False)}: {_render(v, deeper)}" for k, v in value.items())
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"
    if isinstance(value, list | tuple) and value:
        if all(isinstance(item, int | float | bool) for item in value):
            return json.dumps(list(value))
        if all(isinstance(item, str) for item in value) and sum(map(len, value)) < 80:
            return json.dumps(list(value), ensure_ascii=False)
        return "[\n" + ",\n".join(deeper + _render(item, deeper) for item in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def _object(pairs: list[tuple[str, Any]], name: str) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise LessonError(f"{name}: the member {twice!r} stands twice in one object")
    return members


def _not_finite(value: Any, place: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, float) and not math.isfinite(value):
        yield place, value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _not_finite(member, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _not_finite(item, f"{place}[{number}]")


def check_version(document: dict[str, Any], name: str) -> None:
    """Refuse a file of a later major version: rewriting it would lose what this program doesn't understand.

    Raises
    ------
    LessonError
        If the version is missing or later.
    """
    version = document.get("schemaVersion")
    major = str(version).split(".")[0]
    if not isinstance(version, str) or not major.isdigit():
        raise LessonError(f"{name}: schemaVersion should be like {SCHEMA_VERSION!r}, got {version!r}")
    if int(major) > int(SCHEMA_VERSION.split(".")[0]):
        raise LessonError(
            f"{name}: it was written by a later version of this program (schemaVersion {version}); "
            "update napari-vascular-loop to open it"
        )
