"""JSON that people and git read, and errors that say where in the file the trouble is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.formats.json_place import key_twice, line_and_column, number_too_large, place_at

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_Row = tuple[float, float, float, float]
Matrix = tuple[_Row, _Row, _Row, _Row]
"""4x4, a row each."""

SCHEMA_VERSION = "1.0"
"""Of the files that this program writes; see :mod:`napari_vascular_loop.formats.migrations`."""

MAX_BYTES = 512 * 1024 * 1024
"""Larger files are not read: no lesson comes near it."""

_MAX_VALUES = 16_000_000
_MAX_VALUES_AT_ONCE = 4_000_000
"""Of what is parsed whole: a document without its annotations, or one of them."""

_MAX_DEPTH = 100
_LONGEST_SHOWN = 60
_LONGEST_PLACE = 160
_BYTE = re.compile(r" \(byte (\d+)\)$")
_NO_NUMBERS = re.compile(rb"-?(?:NaN|Infinity)")
# Escapes that are not left as they are: halves of surrogate pairs, and the colon, by which keys are counted.
_ESCAPE = re.compile(rb"\\(?:u(?:[dD][89abAB]..\\u[dD][c-fC-F]..|([dD][89a-fA-F]..)|(003[aA]))|.)", re.DOTALL)
_ODD_ESCAPE = re.compile(rb"\\u(?:[dD][89a-fA-F]|003[aA])")
_SCALARS = r"(?:-?\d[\d.eE+-]*|true|false)"
_NUMBERS = re.compile(rf"\[\n\s+({_SCALARS}(?:,\n\s+{_SCALARS})*+)\n\s+\]")
_STRING = r'"(?:[^"\\\n]|\\.)*+"'
_WORDS = re.compile(rf"\[\n\s+({_STRING}(?:,\n\s+{_STRING})*+)\n\s+\]")
_LONGEST_WORDS = 80
_decode, _encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode


def plain(data: bytes, name: str) -> bytes:
    """Make ready what has been read of a JSON file: no byte order mark, line ends as one, no halves of surrogate pairs.

    A half, as programs write it that cut a text in the middle of an emoji, stands for no character, and is replaced
    by U+FFFD.

    Raises
    ------
    LessonError
        If it is too large, or holds too many values.
    """
    _check_size(len(data), name)
    data = data.removeprefix(b"\xef\xbb\xbf")
    _check_values(data, _MAX_VALUES, name)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if b"\\" in data and _ODD_ESCAPE.search(data):
        data = _ESCAPE.sub(lambda m: b"\\ufffd" if m[1] else b":" if m[2] else m[0], data)
    return data


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
        If it is no JSON object, was cut short, holds a key twice or a number that is none.
    """
    return parse_object(plain(data, name), name)


def parse_object(data: bytes, where: str, *, whole: bool = False) -> dict[str, Any]:
    """Parse a JSON object, or a part of a document that is one; `data` as :func:`plain` gives it.

    Parameters
    ----------
    data : bytes
        The object.
    where : str
        The file's name, and the item if it is one.
    whole : bool
        Whether it may be as large as a whole collection.

    Raises
    ------
    LessonError
        If it is no JSON object, was cut short, holds a key twice or a number that is none.
    """
    _check_values(data, _MAX_VALUES if whole else _MAX_VALUES_AT_ONCE, where)
    document = decoded(data, where, _decode)
    if not isinstance(document, dict):
        raise LessonError(f"{where}: it should hold a JSON object, not {_kind(document)}")
    written = compact(document)
    # Of a key that stands twice one member is left, and so there are fewer colons.
    colons = written.count(b":")
    if colons != data.count(b":"):
        place, key = key_twice(data) or ("", "")
        member = f"the member {shown(key)!r}" if key else "a member"
        raise LessonError(f"{_at(where, place)}: {member} stands twice; take one of them out")
    # Of what holds another, an object takes a colon for it and a list a bracket.
    if colons + written.count(b"[") >= _MAX_DEPTH and _is_deep(document):
        raise LessonError(f"{where}: it is nested too deeply (more than {_MAX_DEPTH} levels)")
    return document


def decoded(data: bytes, where: str, decode: Callable[[bytes], T]) -> T:
    """Decode, or say in a sentence why it can't be.

    Parameters
    ----------
    data : bytes
        As :func:`plain` gives it.
    where : str
        The file's name, and the item if it is one.
    decode : callable
        Of a msgspec decoder.

    Raises
    ------
    LessonError
        If it is no JSON, or not what the decoder wants.
    """
    try:
        return decode(data)
    except msgspec.ValidationError as error:
        if "out of range" in str(error) and (found := number_too_large(data)):
            place, number = found
            raise LessonError(f"{_at(where, place)} is {shown(number, 24)}, which is too large a number") from error
        raise _not_as_wanted(error, None, where) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _no_json(str(error), data, where) from error
    except RecursionError as error:
        raise LessonError(f"{where}: it is nested too deeply (more than {_MAX_DEPTH} levels)") from error


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
        raise _not_as_wanted(error, document, where) from error


def _not_as_wanted(error: msgspec.ValidationError, document: Any, where: str) -> LessonError:
    message, _, path = str(error).partition(" - at ")
    member = path.strip("`").removeprefix("$").removeprefix(".")
    said = shown(f"{message[:1].lower()}{message[1:].replace('`', '')}", 120)
    return LessonError(f"{_at(where, member)}: {said}{_shown_value(document, member)}")


def _no_json(message: str, data: bytes, where: str) -> LessonError:
    """Say what is wrong with a text, and where."""
    if (place := _place_of_no_text(data)) is not None:
        return LessonError(f"{_at(where, place)}: it is not UTF-8 text; save it as UTF-8")
    byte = int(found[1]) if (found := _BYTE.search(message)) else len(data)
    token = _NO_NUMBERS.match(data, byte - 1 if data[byte - 1 : byte] == b"-" else byte)
    if token:
        return LessonError(f"{_at(where, place_at(data, byte))} is {token[0].decode()}, which is no number")
    line, column = line_and_column(data, byte)
    what = _BYTE.sub("", message.removeprefix("JSON is malformed: "))
    if byte >= len(data.rstrip()):
        what = "it is cut short; restore it from a copy"
    return LessonError(f"{where}: not valid JSON at line {line}, column {column}: {what}")


def _place_of_no_text(data: bytes) -> str | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end < len(data):  # or it was cut short in the middle of a letter
            return place_at(data, error.start)
    return None


def _at(where: str, place: str) -> str:
    """Put a place behind the name of a file, or of an item."""
    place = re.sub(r"^first\.items\[(\d+)\]\.?", r"item \1, ", place).removesuffix(", ")
    return f"{where}{': ' if place.startswith('item ') else ', '}{shown(place, _LONGEST_PLACE)}" if place else where


def _shown_value(document: Any, member: str) -> str:
    """Say the number or text at a place such as "target.selector.tip[1]"."""
    value = document
    for name, number in re.findall(r"([^.\[\]]+)|\[(\d+)\]", member):
        try:
            value = value[int(number)] if number else value[name]
        except (KeyError, IndexError, TypeError):
            return ""
    return f" ({shown(repr(value), _LONGEST_SHOWN)})" if isinstance(value, str | int | float) else ""


def _kind(value: Any) -> str:
    return {list: "a list", str: "a text", bool: "true or false", type(None): "null"}.get(type(value), "a number")


def _check_size(size: int, name: str) -> None:
    if size > MAX_BYTES:
        raise LessonError(f"{name}: {size} bytes are more than a lesson's file may hold ({MAX_BYTES}); not read")


def _check_values(data: bytes, most: int, where: str) -> None:
    # A value takes two bytes at the least; most take many.
    if len(data) > 2 * most and (values := sum(map(data.count, (b",", b"[", b"{")))) > most:
        raise LessonError(f"{where}: {values} values are more than are read ({most})")


def _is_deep(document: Any) -> bool:
    level = [document]
    for _ in range(_MAX_DEPTH):
        level = [
            value
            for container in level
            for value in (container.values() if isinstance(container, dict) else container)
            if isinstance(value, dict | list)
        ]
        if not level:
            return False
    return True


def compact(document: Any) -> bytes:
    """Write JSON without white space."""
    try:
        return _encode(document)
    except UnicodeEncodeError:
        # Halves of surrogate pairs, from a broken paste.
        return plain(json.dumps(document, separators=(",", ":")).encode("ascii"), "text")


def render(document: Any) -> bytes:
    """Write JSON for people: indented by two, short lists on one line, UTF-8, a line end last."""
    return rendered(document).encode("utf-8") + b"\n"


def rendered(document: Any, indent: int = 0) -> str:
    """Write JSON for people, to stand in other JSON at an indent of so many spaces."""
    text = msgspec.json.format(compact(document), indent=2).decode("utf-8")
    text = _NUMBERS.sub(lambda match: f"[{_joined(match[1])}]", text)
    text = _WORDS.sub(_words, text)
    return text.replace("\n", "\n" + " " * indent)


def _words(match: re.Match[str]) -> str:
    joined = _joined(match[1])
    return match[0] if len(joined) > _LONGEST_WORDS else f"[{joined}]"


def _joined(lines: str) -> str:
    return re.sub(r",\n\s+", ", ", lines)
