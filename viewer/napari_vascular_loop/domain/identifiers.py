"""What could tell whose scan it is, to be looked for in what people write: kept as salted digests, never as words."""

from __future__ import annotations

import functools
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.identifier_keys import (
    LONGEST_RUN,
    date_keys,
    dates_in,
    folded_words,
    name_keys,
    number_keys,
    place_keys,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

NAME, NUMBER, DATE, PLACE = "a name", "a number", "a date", "an institution"
"""Kinds of identifiers, as they are told of."""

_SALT_BYTES = 16
_FEWEST_BEFORE_S = 4


@dataclass(frozen=True)
class IdentifierFound:
    """A stretch of a text that names somebody.

    Parameters
    ----------
    kind : str
        `NAME`, `NUMBER`, `DATE` or `PLACE`.
    start, end : int
        Where it stands. What stands there is for the author's eyes only: it belongs into no log.
    """

    kind: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Identifiers:
    """Names, numbers and dates of the people whose scans are used, as salted digests.

    Parameters
    ----------
    salt : bytes
        Random.
    kinds : mapping of str to str
        Kind of each, by its digest.
    """

    salt: bytes = field(default_factory=lambda: secrets.token_bytes(_SALT_BYTES), repr=False)
    kinds: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.kinds)

    @classmethod
    def of(
        cls,
        *,
        names: Iterable[str] = (),
        numbers: Iterable[str] = (),
        dates: Iterable[str] = (),
        places: Iterable[str] = (),
        whole_names: Iterable[str] = (),
        salt: bytes | None = None,
    ) -> Identifiers:
        """Take them as headers write them.

        Parameters
        ----------
        names : iterable of str
            "DOE^JANE^MARY^^" or "Jane Doe".
        numbers : iterable of str
            Of patients, studies, phones; letters may be among them.
        dates : iterable of str
            "19580312", or with time behind.
        places : iterable of str
            Institutions and addresses.
        whole_names : iterable of str
            What may be a name: told of only where family and first name stand together.
        salt : bytes, optional
            That of others, to which these are to be added.
        """
        made = cls() if salt is None else cls(salt)
        kinds: dict[str, str] = {}
        for kind, keys in (
            (PLACE, (key for said in places for key in place_keys(said))),
            (DATE, (key for said in dates for key in date_keys(said))),
            (NUMBER, (key for said in numbers for key in number_keys(said))),
            (NAME, (key for said in whole_names for key in name_keys(said, whole_only=True))),
            (NAME, (key for said in names for key in name_keys(said))),
        ):
            kinds.update((made._digest(key), kind) for key in keys)
        return cls(made.salt, kinds)

    def __or__(self, other: Identifiers) -> Identifiers:
        """Add those of another source, made with the same salt.

        Raises
        ------
        ValueError
            If they were made with another.
        """
        if self.salt != other.salt:
            raise ValueError("identifiers of different salts can't be added")
        return Identifiers(self.salt, {**self.kinds, **other.kinds})

    def search(self, text: str) -> tuple[IdentifierFound, ...]:
        """Find them in a text, however they are written: case, accents, order of names, marks between digits, dates."""
        return _found_in(self, text) if self.kinds and text else ()

    def _look(self, text: str) -> tuple[IdentifierFound, ...]:
        found = [*self._of_words(text), *self._of_dates(text)]
        found.sort(key=lambda one: (one.start, -one.end))
        kept: list[IdentifierFound] = []
        for one in found:
            if not kept or one.start >= kept[-1].end:
                kept.append(one)
        return tuple(kept)

    def _of_words(self, text: str) -> Iterator[IdentifierFound]:
        words = folded_words(text)
        for first, (_, start, _) in enumerate(words):
            run = ""
            for word, _, end in words[first : first + LONGEST_RUN]:
                run += word
                # Quixlers Schlinge.
                bare = word.endswith("s") and len(word) > _FEWEST_BEFORE_S
                for said in (run, run[:-1]) if bare else (run,):
                    kind = self.kinds.get(self._digest(said))
                    if kind is not None and kind != DATE:
                        yield IdentifierFound(kind, start, end)

    def _of_dates(self, text: str) -> Iterator[IdentifierFound]:
        for key, start, end in dates_in(text):
            if self._digest(key) in self.kinds:
                yield IdentifierFound(DATE, start, end)

    def _digest(self, key: str) -> str:
        return hashlib.blake2b(key.encode(), key=self.salt, digest_size=12).hexdigest()


@functools.lru_cache(maxsize=8192)
def _found_in(identifiers: Identifiers, text: str) -> tuple[IdentifierFound, ...]:
    """Who writes is told while writing: most lines are the same as a moment ago."""
    return identifiers._look(text)
