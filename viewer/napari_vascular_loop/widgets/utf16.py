"""Qt counts a text in UTF-16 units, this program in code points: a character beyond the basic plane is two and one."""

from __future__ import annotations


def units(text: str) -> int:
    """Length of a text in Qt's units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def code_points(text: str, place: int) -> int:
    """How many code points of a text stand before a place that Qt counts; of a place inside one, the one counts."""
    if text.isascii():
        return min(place, len(text))
    counted = 0
    for number, character in enumerate(text):
        if counted >= place:
            return number
        counted += 2 if character > "\uffff" else 1
    return len(text)
