"""Name it: whether a name that a student typed or chose is the mark's."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from napari_vascular_loop.domain.annotation import Side
from napari_vascular_loop.domain.answer import Answer, Verdict
from napari_vascular_loop.domain.terms import STRUCTURES, structure_by_id, structure_by_name
from napari_vascular_loop.study.exercise import label_without_side, without_side

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.study.exercise import Exercise

_NUMBERS = (
    ("i", "first"), ("ii", "second"), ("iii", "third"), ("iv", "fourth"), ("v", "fifth"), ("vi", "sixth"),
    ("vii", "seventh"), ("viii", "eighth"), ("ix", "ninth"), ("x", "tenth"), ("xi", "eleventh"), ("xii", "twelfth"),
)  # fmt: skip
_ORDINALS = {
    word: str(number)
    for number, (roman, ordinal) in enumerate(_NUMBERS, start=1)
    for word in (roman, ordinal, f"{number}th", f"{number}st", f"{number}nd", f"{number}rd")
}
_SAME = {
    "n": "nerve", "nn": "nerve", "nerves": "nerve", "nervus": "nerve", "a": "artery", "aa": "artery", "art": "artery",
    "arteries": "artery", "arteria": "artery", "v": "vein", "veins": "vein", "vena": "vein", "ant": "anterior",
    "post": "posterior", "inf": "inferior", "sup": "superior", "int": "internal", "ext": "external",
    "gl": "gland", "lig": "ligament",
}  # fmt: skip
_SIDES = {"right": Side.RIGHT, "left": Side.LEFT, "rt": Side.RIGHT, "lt": Side.LEFT}
_SIDE_LETTERS = {"r": Side.RIGHT, "l": Side.LEFT}
_UNSAID = frozenset(
    ("the", "an", "of", "on", "at", "in", "side", "patient", "patients", "s", "it", "is", "this", "or", "and")
)
_OPPOSITES = frozenset(
    (
        *("anterior", "posterior", "superior", "inferior", "internal", "external", "medial", "lateral", "dorsal"),
        *("ventral", "deep", "superficial", "major", "minor", "cranial", "caudal", "proximal", "distal", "common"),
        *("middle", "upper", "lower", "nerve", "artery", "vein", "root", "sinus", "canal"),
    )
)
"""Words that tell structures apart, beside those of the table."""

_LETTERS_OF_ONE_SLIP, _LETTERS_OF_TWO_SLIPS = 5, 9


@dataclass(frozen=True)
class Named:
    """How a name compares with the mark's.

    Parameters
    ----------
    given : str
        As it was typed or chosen.
    side : Side or None
        The side that was said, in the name or beside it.
    verdict : Verdict
        Correct, on the wrong side, inexact, or wrong.
    spelled : str
        How the name is written, where a slip was let pass.
    is_other : str
        Name of the other structure that was meant, where it is one of the table.
    """

    given: str
    side: Side | None
    verdict: Verdict
    spelled: str = ""
    is_other: str = ""


def judge_name(exercise: Exercise, given: str, side: Side | None = None) -> Named:
    """Compare a name with those of the mark.

    Case, accents, the order of the words and small words do not matter. A slip of the pen is let pass in a word of
    five letters, two in one of nine; none in a short one, so that AICA is not PICA, and none that makes of a word
    another one which names structures, so that the superior artery is not the inferior.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    given : str
        The name; it may say the side.
    side : Side, optional
        The side, if it was said apart.
    """
    words, said = _words_and_side(given)
    side = side or said
    names = accepted_names(exercise)
    by_words = {_words(name): name for name in reversed(names) if _words(name)}
    if not words:
        return Named(given, side, Verdict.WRONG)
    exact = next((name for known, name in by_words.items() if sorted(known) == sorted(words)), "")
    slipped = "" if exact else next((name for known, name in by_words.items() if _is_slip(words, known)), "")
    if exact or slipped:
        if exercise.asks_side and side is not exercise.side:
            return Named(given, side, Verdict.WRONG_SIDE)
        return Named(given, side, Verdict.CORRECT, spelled=slipped)
    other = _other_structure(words, names)
    if other:
        return Named(given, side, Verdict.WRONG, is_other=other)
    if any(_is_part(words, known) for known in by_words):
        return Named(given, side, Verdict.INEXACT)
    return Named(given, side, Verdict.WRONG)


def accepted_names(exercise: Exercise) -> tuple[str, ...]:
    """All names that are right: the structure's, its synonyms, the teacher's labels, what the question accepts."""
    names: list[str] = list(exercise.question.accepted)
    for mark in exercise.marks:
        structure = structure_by_id(mark.structure) or structure_by_name(mark.structure or "")
        names += [structure.name, *structure.synonyms] if structure else [mark.structure or ""]
        names.append(label_without_side(mark))
        names += re.findall(r"\(([^()]{2,})\)", label_without_side(mark))
        names.append(re.sub(r"\s*\([^()]*\)", "", label_without_side(mark)))
        # Also where the mark does not say its side apart: it is not asked then.
        names.append(without_side(label_without_side(mark)))
    names.append(exercise.name)
    return tuple(dict.fromkeys(name for name in names if name.strip()))


def choices(exercise: Exercise, others: Iterable[Exercise], count: int = 4) -> tuple[str, ...]:
    """Names to choose from, in the order of the alphabet: the right one, and others that could be meant.

    The others are of the same lesson first, then of the table, those of the same tissue before the rest.

    Parameters
    ----------
    exercise : Exercise
        What is asked.
    others : iterable of Exercise
        The lesson's.
    count : int
        How many, with the right one.
    """
    right = {_words(name) for name in accepted_names(exercise)}
    own = structure_by_id(exercise.mark.structure)
    listed = sorted(STRUCTURES, key=lambda one: own is None or one.tissue is not own.tissue)
    taken: dict[tuple[str, ...], str] = {}
    for name in (*(other.name for other in others if not set(map(_words, accepted_names(other))) & right),
                 *(structure.name for structure in listed)):  # fmt: skip
        if _words(name) not in right:
            taken.setdefault(_words(name), name)
    return tuple(sorted((exercise.name, *list(taken.values())[: count - 1]), key=str.casefold))


def answer_of(exercise: Exercise, named: Named, seconds: float | None = None) -> Answer:
    """The answer as it is kept."""
    return Answer(
        exercise.question.id,
        exercise.mark.id,
        exercise.question.kind,
        named.verdict,
        prompt=exercise.question.prompt,
        wanted=exercise.name,
        given=named.given,
        side=named.side,
        seconds=seconds,
    )


@cache
def _words(text: str) -> tuple[str, ...]:
    """The words that count, in small letters without accents, abbreviations written out."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    bare = bare.replace("'s ", " ")
    raw = re.findall(r"\d+(?:st|nd|rd|th)?|[^\W\d_]+", bare)
    words: list[str] = []
    for place, word in enumerate(raw):
        if word == "cn":
            words += ["cranial", "nerve"]
        elif word in _ORDINALS and (place > 0 or len(raw) > 1) and not (word == "v" and "nerve" not in raw + words):
            words.append(_ORDINALS[word])
        elif word not in _UNSAID:
            words.append(_SAME.get(word, word))
    return tuple(words)


def _words_and_side(given: str) -> tuple[tuple[str, ...], Side | None]:
    """The words of an answer without those of the side, and the side; of two sides none counts."""
    words, sides = [], []
    for place, word in enumerate(all_words := _words(given)):
        at_an_end = place in (0, len(all_words) - 1) and len(all_words) > 1
        side = _SIDES.get(word) or (_SIDE_LETTERS.get(word) if at_an_end else None)
        if side is not None:
            sides.append(side)
        else:
            words.append(word)
    return tuple(words), sides[0] if len(set(sides)) == 1 else None


def _is_slip(given: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """Whether the words are the known ones with small slips; words may be run together or parted."""
    if len(given) == len(known):
        return all(_is_slipped_word(one, other) for one, other in zip(given, known, strict=True))
    return len(known) > 1 and "".join(given) == "".join(known)


def _is_slipped_word(given: str, known: str) -> bool:
    if given == known:
        return True
    if given in _vocabulary() or len(known) < _LETTERS_OF_ONE_SLIP:
        return False
    most = 2 if len(known) >= _LETTERS_OF_TWO_SLIPS else 1
    return OSA.distance(given, known, score_cutoff=most) <= most


@cache
def _vocabulary() -> frozenset[str]:
    """Words that name structures: none of them is a slip of another."""
    names = (name for structure in STRUCTURES for name in (structure.name, *structure.synonyms))
    return _OPPOSITES.union(word for name in names for word in _words(name))


def _other_structure(words: tuple[str, ...], names: Iterable[str]) -> str:
    """Name of the structure of the table that is meant, if it is none of these."""
    right = {_words(name) for name in names}
    for structure in STRUCTURES:
        for name in (structure.name, *structure.synonyms):
            if sorted(_words(name)) == sorted(words) and not any(_words(n) in right for n in (structure.name,)):
                return structure.name
    return ""


def _is_part(given: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """Whether an answer says some of a name's words, and nothing else."""
    return len(given) < len(known) and set(given) < set(known)
