"""The cards of a library in memory, and which of them a student wants to see: by words, by structure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_vascular_loop.library.entry import Card
    from napari_vascular_loop.library.index import Index

_MOST_PICTURES = 300
_MOST_SNIPPETS = 300


class Shelf:
    """What is shown of a library; to be used in the thread that opened the index.

    Parameters
    ----------
    index : Index
        Of the library; it goes with the shelf.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self.cards: dict[int, Card] = {}
        self._pictures: dict[int, bytes] = {}
        self._snippets: dict[tuple[int, str], list[tuple[str, bool]]] = {}
        self.read_anew()

    def read_anew(self) -> None:
        """Read what the index holds now."""
        self.cards = self._index.cards()
        self._pictures.clear()
        self._snippets.clear()

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def structures(self) -> list[tuple[str, int]]:
        """Names of what is marked in any lesson, in the order of the alphabet, and in how many lessons each is."""
        counts = Counter(name for card in self.cards.values() for name in dict.fromkeys(card.structures))
        return sorted(counts.items(), key=lambda one: one[0].casefold())

    def find(self, typed: str, structure: str = "") -> list[int]:
        """Find lessons, the best first; all of them where nothing is typed.

        Parameters
        ----------
        typed : str
            Words; see :func:`query_of`.
        structure : str
            Name of a structure that is marked in each; "" for any.

        Returns
        -------
        list of int
            Numbers of cards.
        """
        found = self._index.search(typed) if typed.strip() else list(self.cards)
        # The index may have grown since the cards were read.
        return [
            number
            for number in found
            if (card := self.cards.get(number)) is not None and (not structure or structure in card.structures)
        ]

    def picture(self, number: int) -> bytes:
        """The small picture of a lesson, WebP; b"" where there is none."""
        if number not in self._pictures:
            if len(self._pictures) >= _MOST_PICTURES:
                self._pictures.clear()
            self._pictures[number] = self._index.picture(number)
        return self._pictures[number]

    def snippet(self, number: int, typed: str) -> list[tuple[str, bool]]:
        """The words round what was found; see :meth:`Index.snippet`."""
        key = (number, typed)
        if key not in self._snippets:
            if len(self._snippets) >= _MOST_SNIPPETS:
                self._snippets.clear()
            self._snippets[key] = self._index.snippet(number, typed) if typed.strip() else []
        return self._snippets[key]
