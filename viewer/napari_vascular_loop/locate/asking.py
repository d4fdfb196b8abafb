"""What somebody asks for: a name, a synonym or a code, and perhaps a side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.locate.places import atlas_places, places_of

if TYPE_CHECKING:
    from napari_vascular_loop.domain.terms import Structure

_SIDE_WORDS = {
    "left": Side.LEFT,
    "l": Side.LEFT,
    "lt": Side.LEFT,
    "right": Side.RIGHT,
    "r": Side.RIGHT,
    "rt": Side.RIGHT,
}
_LEAST_LIKE = 72.0
_AS_GOOD = 4.0
_TYPO_FROM = 5
"""So many letters a word must have before it may be misspelt: two abbreviations differ by one letter."""


@dataclass(frozen=True)
class Asked:
    """A structure that may have been meant.

    Parameters
    ----------
    structure : Structure
        Which one.
    sides : tuple of Side
        On which it is to be shown: the one that was named, else all that there are.
    likeness : float
        100 for a name, synonym or code as it stands; less where letters differ.
    """

    structure: Structure
    sides: tuple[Side, ...]
    likeness: float


def ask(text: str) -> list[Asked]:
    """Find what may have been meant, the likeliest first; several where the words fit several alike.

    Parameters
    ----------
    text : str
        Such as "CN VII", "left REZ", "UBERON:0004674", "porus (R)", "pontomedulary sulcus".

    Returns
    -------
    list of Asked
        Empty where nothing is like it. Where the first has a likeness of 100 and the second has not, it was meant.
    """
    from rapidfuzz import fuzz

    side, words = _side_and_words(text)
    if not words:
        return []
    found: list[Asked] = []
    for structure in {place.structure.id: place.structure for place in atlas_places()}.values():
        likeness = 0.0
        for name in _names(structure):
            if words == name:
                likeness = 100.0
            elif min(len(words), len(name)) >= _TYPO_FROM and not _is_code(words):
                begun = 90.0 if name.startswith(words) or f" {words}" in name else 0.0
                likeness = max(likeness, begun, min(99.0, fuzz.ratio(words, name)))
        if likeness >= _LEAST_LIKE:
            found.append(Asked(structure, _sides(structure, side), likeness))
    found.sort(key=lambda one: (-one.likeness, one.structure.name))
    best = found[0].likeness if found else 0.0
    return [one for one in found if one.likeness >= best - _AS_GOOD] if best < 100 else _exact(found)


def _exact(found: list[Asked]) -> list[Asked]:
    return [one for one in found if one.likeness == 100]


def _sides(structure: Structure, side: Side | None) -> tuple[Side, ...]:
    there = tuple(place.side for place in places_of(structure.id))
    return (side,) if side in there and side is not None else there


def _side_and_words(text: str) -> tuple[Side | None, str]:
    words = [word for word in re.split(r"[\s(),;]+", text.casefold()) if word]
    sides = [_SIDE_WORDS[word] for word in words if word in _SIDE_WORDS]
    kept = [word for word in words if word not in _SIDE_WORDS and word not in ("the", "both")]
    return (sides[0] if len(set(sides)) == 1 else None), " ".join(kept)


def _names(structure: Structure) -> list[str]:
    names = [structure.id, structure.name, *structure.synonyms]
    names += [f"UBERON:{structure.uberon}", f"UBERON_{structure.uberon}"] if structure.uberon else []
    names += [f"SNOMED:{structure.snomed}", structure.snomed, f"SCT:{structure.snomed}"] if structure.snomed else []
    names += [f"FMA:{structure.fma}"] if structure.fma else []
    return [name.casefold() for name in names]


def _is_code(words: str) -> bool:
    return sum(letter.isdigit() for letter in words) > len(words) / 3
