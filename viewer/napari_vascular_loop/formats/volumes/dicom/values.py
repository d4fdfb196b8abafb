"""Values of elements, from the bytes of usual files (PS3.5 section 6.2); what is unusual is left to pydicom."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN_CHARACTER_SETS = frozenset(
    {"ISO_IR 6", "ISO_IR 192", "GB18030", *(f"ISO_IR {n}" for n in (100, 101, 109, 110, 126, 127, 138, 144, 148))}
)
"""Character sets in which printable ASCII is just that."""


class UnusualError(Exception):
    """Here pydicom should be asked."""


def _strings(value: bytes) -> Any:
    """Code strings, dates, times: padding ends the whole."""
    text = value.decode("ascii").rstrip(" \0")
    if not text.isprintable():
        raise UnusualError
    return text.split("\\") if "\\" in text else text


def _texts(value: bytes) -> Any:
    """Long and short strings: padding ends each."""
    text = value.decode("ascii")
    if not text.isprintable():
        raise UnusualError
    return [one.rstrip(" ") for one in text.split("\\")] if "\\" in text else text.rstrip(" ")


def _one_text(value: bytes) -> str:
    text = value.decode("ascii")
    if not text.isprintable():
        raise UnusualError
    return text.rstrip(" ")


def _uid(value: bytes) -> str:
    digits = value.rstrip(b"\0")
    if digits.translate(None, b"0123456789."):
        raise UnusualError
    return digits.decode("ascii")


def character_set(value: bytes) -> Any:
    """Specific Character Set, if it is one in which the texts that are read here need no decoding."""
    name = _strings(value)
    if not isinstance(name, str) or (name and name not in _PLAIN_CHARACTER_SETS):
        raise UnusualError
    return name


def _decimals(value: bytes) -> Any:
    if value.translate(None, b"0123456789.+-eE \\"):
        raise UnusualError
    return [float(one) for one in value.split(b"\\")] if b"\\" in value else float(value)


def _integers(value: bytes) -> Any:
    if value.translate(None, b"0123456789+- \\"):
        raise UnusualError
    numbers = [int(one) for one in value.split(b"\\")]
    if any(abs(number) > 2**31 for number in numbers):
        raise UnusualError
    return numbers if len(numbers) > 1 else numbers[0]


def _binary(letter: str) -> Callable[[bytes], Any]:
    one = Struct(f"<{letter}")

    def convert(value: bytes) -> Any:
        if len(value) == one.size:
            return one.unpack(value)[0]
        if len(value) % one.size:
            raise UnusualError
        return [number for (number,) in one.iter_unpack(value)]

    return convert


CONVERTERS: dict[bytes, Callable[[bytes], Any]] = {
    **dict.fromkeys((b"AS", b"CS", b"DA", b"DT", b"TM"), _strings),
    **dict.fromkeys((b"LO", b"SH", b"UC"), _texts),
    **dict.fromkeys((b"LT", b"ST", b"UT"), _one_text),
    b"UI": _uid,
    b"DS": _decimals,
    b"IS": _integers,
    **{
        vr.encode(): _binary(letter)
        for vr, letter in {
            "FD": "d",
            "FL": "f",
            "SL": "i",
            "SS": "h",
            "SV": "q",
            "UL": "I",
            "US": "H",
            "UV": "Q",
        }.items()
    },
}
