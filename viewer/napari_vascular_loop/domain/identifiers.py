"""What could tell whose scan it is, to be looked for in what people write: kept as salted digests, never as words."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

NAME, NUMBER, DATE, PLACE = "a name", "a number", "a date", "an institution"
"""Kinds of identifiers, as they are told of."""

_LONGEST_RUN = 8
_FEWEST_LETTERS = 4
_FEWEST_DIGITS = 4
_SALT_BYTES = 16

_WORD = re.compile(r"[^\W_]+")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan", "januar", "janvier"),
            ("february", "feb", "februar", "fevrier"),
            ("march", "mar", "marz", "mars"),
            ("april", "apr", "avril"),
            ("may", "mai"),
            ("june", "jun", "juni", "juin"),
            ("july", "jul", "juli", "juillet"),
            ("august", "aug", "aout"),
            ("september", "sep", "sept", "septembre"),
            ("october", "oct", "oktober", "okt", "octobre"),
            ("november", "nov", "novembre"),
            ("december", "dec", "dezember", "dez", "decembre"),
        ),
        1,
    )
    for name in names
}
_COMMON = frozenset(
    re.findall(
        r"\S+",
        """
    able adult alone anonymous anonymized april arms artery august back baker bank barr basil bell best birth
    black block blood blue body bold bone brain bridge bright brook brown bush butler canal carpenter case child
    church clark clay clinic cold cook cooper course cross curve dark date dawn deep doctor down early east ends
    english face fall field first fish fisher flower forest fox france french friend frost game gate german gold
    good grace grant gray great green grey ground hall hand hard hart head heart high hill hold holder home hope
    hospital house hunt image june just king lake land lane large last left light little long loop love major
    male march mark mason master mead miller mills monday moon moore morning nerve newton night noble north page
    park part patient phantom phone pike place point pope port price pool quick rain read real reed rest rice
    rich right river road rock root rose royal rush sample sand savage scan series sharp sheet shore short
    silver site slice small smart snow south spring star steel stern stone storm strand street strong study
    subject summer sunday swan swift table temple test tower train turner unknown vein vessel viewer volume
    walker wall ward water webb well west wheeler white wild will winter wise wolf wood work world wright year
    yellow young
    """,
    )
)
"""Words that are surnames too: alone they name nobody."""


def folded_words(text: str) -> list[tuple[str, int, int]]:
    """Words and numbers of a text without case and accents, and where each begins and ends.

    Examples
    --------
    >>> [word for word, _, _ in folded_words("Müller-Lyer, ID_47.11")]
    ['muller', 'lyer', 'id', '47', '11']
    """
    return [(_folded(found.group()), found.start(), found.end()) for found in _WORD.finditer(text)]


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


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
        """
        made = cls()
        kinds: dict[str, str] = {}
        for kind, keys in (
            (PLACE, (key for said in places for key in _place_keys(said))),
            (DATE, (key for said in dates for key in _date_keys(said))),
            (NUMBER, (key for said in numbers for key in _number_keys(said))),
            (NAME, (key for said in names for key in _name_keys(said))),
        ):
            kinds.update((made._digest(key), kind) for key in keys)
        return cls(made.salt, kinds)

    def search(self, text: str) -> tuple[IdentifierFound, ...]:
        """Find them in a text, however they are written: case, accents, order of names, marks between digits, dates."""
        if not self.kinds or not text:
            return ()
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
            for word, _, end in words[first : first + _LONGEST_RUN]:
                run += word
                kind = self.kinds.get(self._digest(run))
                if kind is not None and kind != DATE:
                    yield IdentifierFound(kind, start, end)

    def _of_dates(self, text: str) -> Iterator[IdentifierFound]:
        for key, start, end in _dates_in(text):
            if self._digest(key) in self.kinds:
                yield IdentifierFound(DATE, start, end)

    def _digest(self, key: str) -> str:
        return hashlib.blake2b(key.encode(), key=self.salt, digest_size=12).hexdigest()


def _name_keys(said: str) -> Iterator[str]:
    """Ways to write a person's name, in one run of letters each."""
    for form in re.split(r"[=\\]", said):
        if "^" in form:
            family, _, rest = form.partition("^")
        elif "," in form:
            family, _, rest = form.partition(",")
        else:
            *first, family = form.split() or [""]
            rest = " ".join(first)
        last = "".join(word for word, _, _ in folded_words(family))
        given = [word for word, _, _ in folded_words(rest)]
        if not last or last.isdigit():
            continue
        if len(last) >= _FEWEST_LETTERS and last not in _COMMON:
            yield last
        for word, _, _ in folded_words(family):
            if len(word) >= _FEWEST_LETTERS and word not in _COMMON:
                yield word
        for one in given:
            # "A young woman" is not Al Young.
            for part in {one} if last in _COMMON else {one, one[0]}:
                if len(last) + len(part) >= _FEWEST_LETTERS:
                    yield last + part
                    yield part + last
        if len(given) > 1:
            yield last + "".join(given)
            yield "".join(given) + last
        for one in given:
            # Rare first names alone are told of, too; those that are words are not.
            if len(one) > _FEWEST_LETTERS and one not in _COMMON:
                yield one


def _number_keys(said: str) -> Iterator[str]:
    run = "".join(word for word, _, _ in folded_words(said))
    digits = sum(letter.isdigit() for letter in run)
    if len(run) >= _FEWEST_DIGITS and digits >= min(2, len(run)) and not (run.isdigit() and set(run) == {"0"}):
        yield run
        bare = run.lstrip("0")
        if bare != run and len(bare) >= _FEWEST_DIGITS:
            yield bare


def _place_keys(said: str) -> Iterator[str]:
    words = [word for word, _, _ in folded_words(said)]
    if sum(map(len, words)) >= 2 * _FEWEST_LETTERS and not (len(words) == 1 and words[0] in _COMMON):
        yield "".join(words[:_LONGEST_RUN])


def _date_keys(said: str) -> Iterator[str]:
    digits = re.sub(r"\D", "", said)[:8]
    if len(digits) == 8 and _is_date(int(digits[:4]), int(digits[4:6]), int(digits[6:])):
        yield f"date {digits}"


def _is_date(year: int, month: int, day: int) -> bool:
    return 1850 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31


_WRITTEN = (
    (re.compile(r"(?<!\d)(\d{4})[-./ ]?(\d{2})[-./ ]?(\d{2})(?!\d)"), ("ymd",)),
    (re.compile(r"(?<!\d)(\d{1,2})\s?[-./]\s?(\d{1,2})\s?[-./]\s?(\d{4})(?!\d)"), ("dmy", "mdy")),
    (re.compile(r"(?<!\w)(\d{1,2})(?:st|nd|rd|th|\.)?\s+([^\W\d_]{3,10})\.?,?\s+(\d{4})(?!\d)"), ("dmy",)),
    (re.compile(r"(?<!\w)([^\W\d_]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)"), ("mdy",)),
)


def _dates_in(text: str) -> Iterator[tuple[str, int, int]]:
    for pattern, orders in _WRITTEN:
        for found in pattern.finditer(text):
            for order in orders:
                parts = dict(zip(order, found.groups(), strict=True))
                month = _folded(parts["m"])
                number = _MONTHS.get(month, 0) if month.isalpha() else int(month)
                if parts["y"].isdigit() and parts["d"].isdigit() and _is_date(int(parts["y"]), number, int(parts["d"])):
                    yield f"date {int(parts['y']):04}{number:02}{int(parts['d']):02}", found.start(), found.end()
