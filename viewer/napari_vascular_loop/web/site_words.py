"""The words of a library as files that a browser loads one by one: those that begin with the same two letters in one.

So a student who types "aica" loads the words that begin with "ai", and nothing else; no server has to search.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.terms import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Iterable

TITLE, NAMES, TEXT = 1, 2, 4
"""Where a word stands; they are added up."""

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 40
_MARKS = re.compile("[" + "".join(chr(n) for n in range(0x300, 0x10000) if unicodedata.category(chr(n)) == "Mn") + "]")
"""Accents and the like: what `site.js` takes away as \\p{Mn}."""


def folded(text: str) -> str:
    """Take accents and capitals away, as `site.js` does.

    Examples
    --------
    >>> folded("Épendymome")
    'ependymome'
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFD", text.lower())
    return _MARKS.sub("", apart) if _MARKS.search(apart) else apart


def words_of(text: str) -> set[str]:
    """Take a text apart; each word once, the long ones cut short, and all names of the structures that it names.

    Examples
    --------
    >>> sorted(words_of("AICA") & {"aica", "cerebellar"})
    ['aica', 'cerebellar']
    """
    said = _WORD.findall(folded(text))
    found = {word[:_LONGEST] for word in said}
    begun = _names()
    for at in range(len(said)):
        for name, words in begun.get(said[at], ()):
            if tuple(said[at : at + len(name)]) == name:
                found |= words
    return found


@cache
def _names() -> dict[str, list[tuple[tuple[str, ...], frozenset[str]]]]:
    """By the first word of each name of a structure: the name, and the words of all its names and codes."""
    begun: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = defaultdict(list)
    for one in STRUCTURES:
        codes = (("uberon", one.uberon), ("fma", one.fma), ("snomed", one.snomed))
        names = [tuple(_WORD.findall(folded(name))) for name in (one.name, *one.synonyms)]
        words = frozenset(word for name in (*names, *(code for code in codes if code[1])) for word in name)
        for name in names:
            begun[name[0]].append((name, words))
    return dict(begun)


def shard_of(word: str) -> str:
    """Name the file in which a word stands: its first two letters, as numbers.

    Examples
    --------
    >>> shard_of("aica"), shard_of("7")
    ('61-69', '37')
    """
    return "-".join(f"{ord(letter):x}" for letter in word[:2])


class SiteWords:
    """Gathers the words of lessons."""

    def __init__(self) -> None:
        self._shards: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))

    def add(self, number: int, title: str, names: str, text: str) -> None:
        """Add a lesson.

        Parameters
        ----------
        number : int
            Its place in the list; each larger than the one before.
        title, names, text : str
            What it is called; names and codes of its structures; its articles and the words of its marks.
        """
        where: dict[str, int] = {}
        for bit, words in ((TITLE, words_of(title)), (NAMES, words_of(names)), (TEXT, words_of(text))):
            for word in words:
                where[word] = where.get(word, 0) | bit
        for word, bits in where.items():
            self._shards[shard_of(word)][word].append(number * 8 + bits)

    def shards(self) -> Iterable[tuple[str, dict[str, list[int]]]]:
        """Give each file's name and words: of each word, the numbers of lessons times eight, and where it stands."""
        for name in sorted(self._shards):
            words = self._shards[name]
            yield name, {word: words[word] for word in sorted(words)}
