"""What a student types, as a question to the index: all its words, structures by any of their names."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from napari_vascular_loop.domain.terms import STRUCTURES, Structure
from napari_vascular_loop.library.plain_words import names_and_codes

_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 12
_MOST_LETTERS = 200
_CODE_SYSTEMS = {"sct": "snomed", "snomedct": "snomed"}


def query_of(typed: str) -> str:
    """Put what was typed into the words of SQLite's full-text search; "" where there is nothing to look for.

    Accents and capitals don't count. A structure's name, synonym or code stands for all of them. The last word may
    be no more than begun.

    Parameters
    ----------
    typed : str
        By a student.

    Examples
    --------
    >>> query_of("Vértebral lo")
    '("vértebral") AND ("lo"*)'
    """
    words = words_of(typed)
    is_begun = bool(typed) and not typed[-1].isspace()
    parts, at = [], 0
    while at < len(words):
        structure, length = _known_at(words, at)
        last = at + length == len(words)
        said = _phrase(words[at : at + length])
        # Of "va" one can't tell yet whether it is the artery: what begins so is found, too. Of "CN VII" one can.
        alternatives = [f"{said}*" if last and is_begun and length == 1 else said]
        if structure is not None:
            alternatives += [_phrase(words_of(name)) for name in names_and_codes(structure)]
        parts.append(f"({' OR '.join(dict.fromkeys(alternatives))})")
        at += length
    return " AND ".join(parts)


def words_of(text: str) -> list[str]:
    """Take a text apart as the index does."""
    composed = unicodedata.normalize("NFC", text[:_MOST_LETTERS])
    return [word.lower() for word in _WORD.findall(composed)][:_MOST_WORDS]


def _phrase(words: list[str]) -> str:
    return f'"{" ".join(words)}"'


def _known_at(words: list[str], at: int) -> tuple[Structure | None, int]:
    """The structure whose name or code begins at a word, and how many words that takes; the longest wins."""
    known = _known()
    for length in range(min(len(words) - at, _longest()), 0, -1):
        said = tuple(_CODE_SYSTEMS.get(word, word) if length > 1 else word for word in words[at : at + length])
        if said in known:
            return known[said], length
    return None, 1


@cache
def _known() -> dict[tuple[str, ...], Structure]:
    found: dict[tuple[str, ...], Structure] = {}
    for structure in STRUCTURES:
        codes = [code for code in (structure.uberon, structure.snomed, structure.fma) if code]
        for name in (*names_and_codes(structure), *codes):
            found.setdefault(tuple(words_of(name)), structure)
    return found


@cache
def _longest() -> int:
    return max(map(len, _known()))
