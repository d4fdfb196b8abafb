"""Ways in which names, numbers, dates and institutions are written: each as one run of letters or digits."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_RUN = 8
"""Words of one way to write something."""

_FEWEST_LETTERS = 4
_FEWEST_DIGITS = 4
_FEWEST_DIGITS_ALONE = 5

# Signs that stand for a word or a syllable are one each: no space divides them.
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_IDEOGRAPH}]|(?:(?![{_IDEOGRAPH}])[^\W\d_])+|\d+")
_IS_IDEOGRAPH = re.compile(f"[{_IDEOGRAPH}]")

_NOT_DECOMPOSED = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_TITLES = re.findall(
    r"\S+",
    """
    mr mrs ms miss mister dr doctor prof professor herr herrn frau fraulein mme mlle madame monsieur sr sra senor
    senora sig signor signora mevrouw meneer patient patientin
    """,
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero gennaio januari janeiro",
            "february feb februar fevrier febrero febbraio februari fevereiro",
            "march mar marz mars marzo maart marco",
            "april apr avril abril aprile",
            "may mai mayo maggio mei maio",
            "june jun juni juin junio giugno junho",
            "july jul juli juillet julio luglio julho",
            "august aug aout agosto augustus",
            "september sep sept septembre septiembre settembre setembro",
            "october oct oktober okt octobre octubre ottobre outubro",
            "november nov novembre noviembre novembro",
            "december dec dezember dez decembre diciembre dicembre dezembro",
        ),
        1,
    )
    for name in names.split()
}
_COMMON = frozenset(
    re.findall(
        r"\S+",
        """
    able adult alone anonym anonymised anonymous anonymized april arms artery august back baker bank
    barr basil bell best birth
    black block blood blue body bold bone brain bridge bright brook brown bush butler canal carpenter case child
    church clark clay clinic cold cook cooper course cross curve dark date dawn deep doctor down early east ends
    english face facial fall field first fish fisher flower forest fox france french friend frost game gate german gold
    good grace grant gray great green grey ground hall hand hard hart head heart high hill hold holder home hope
    hospital house hunt image june just king lake land lane large last left light little long loop love major
    male march mark mason master mead miller mills monday moon moore morning nerve newton night noble north page
    park part patient phantom phone pike place point pons pope port price pool quick rain read real reed rest rice
    rich right river road rock root rose royal rush sample sand savage scan series sharp sheet shore short
    silver site slice small smart snow south spring star steel stern stone storm strand street strong study
    subject summer sunday swan swift table temple test tower train turner unknown vein vessel viewer volume
    walker wall ward water webb well west wheeler white wild will winter wise wolf wood work world wright year
    yellow young volunteer healthy control deidentified removed
    """,
    )
)
"""Words that are surnames too: alone they name nobody."""
_MEANT_OTHERWISE = frozenset(
    re.findall(
        r"\S+",
        """
    anonymous artery blood body bone brain canal child doctor hand hands head heart image loop nerve neck part
    phantom scan series study subject unknown vein vessel viewer volume volunteer
    """,
    )
)
"""Words that stand behind MR and patient, and name nobody there."""


def is_common(word: str) -> bool:
    """Whether a word, in small letters, is no rare name."""
    return word in _COMMON


def folded_words(text: str) -> list[tuple[str, int, int]]:
    """Words and numbers of a text without case and accents, and where each begins and ends.

    Examples
    --------
    >>> [word for word, _, _ in folded_words("Müller-Lyer, ID47.11")]
    ['muller', 'lyer', 'id', '47', '11']
    """
    return [(_folded(found.group()), found.start(), found.end()) for found in _WORD.finditer(text)]


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_NOT_DECOMPOSED))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _words(text: str) -> list[str]:
    return [word for word, _, _ in folded_words(text)]


def name_keys(said: str, *, whole_only: bool = False) -> Iterator[str]:
    """Ways to write a person's name.

    Parameters
    ----------
    said : str
        "DOE^JANE^MARY^^", "Doe, Jane" or "Jane Doe"; of several forms of writing, divided by "=".
    whole_only : bool
        Whether family and first name must stand together to be told of.
    """
    for form in re.split(r"[=\\]", said):
        plain = unicodedata.normalize("NFC", form).casefold()
        # Mueller is Müller to some.
        short = re.sub(r"([aou])e(?=[b-df-hj-np-tv-z])", r"\1", plain)
        for spelt in dict.fromkeys((plain, plain.translate(_WRITTEN_OUT), short)):
            yield from _keys_of_name(spelt, whole_only)


def _keys_of_name(said: str, whole_only: bool) -> Iterator[str]:
    if "^" in said:
        family, _, rest = said.partition("^")
    elif "," in said:
        family, _, rest = said.partition(",")
    else:
        *first, family = said.split() or [""]
        rest = " ".join(first)
    families, given = _words(family), _words(rest)
    last = "".join(families)
    if not last or last.isdigit():
        return
    if len(given) > 1:
        yield last + "".join(given)
        yield "".join(given) + last
    for one in given:
        # "A young woman" is not Al Young.
        for part in {one} if whole_only or last in _COMMON else {one, one[0]}:
            if _weight(last + part) >= _FEWEST_LETTERS:
                yield last + part
                yield part + last
    if whole_only:
        return
    if len(last) > 1 and last not in _MEANT_OTHERWISE:
        # However short or common: Mr Li, Frau Braun.
        yield from (title + last for title in _TITLES)
    # Rare first names alone are told of, too; those that are words are not.
    for word, fewest in ((last, 4), *((one, 4) for one in families), *((one, 5) for one in given)):
        if len(word) >= fewest and word not in _COMMON:
            yield word


def _weight(run: str) -> int:
    """Letters; a sign that stands for a word counts twice."""
    return len(run) + len(_IS_IDEOGRAPH.findall(run))


def number_keys(said: str) -> Iterator[str]:
    """Ways to write a number: with and without what stands before it."""
    run = "".join(_words(said))
    digits = "".join(letter for letter in run if letter.isdigit())
    if not digits.strip("0"):
        return
    if len(run) >= _FEWEST_DIGITS and len(digits) >= min(2, len(run)):
        yield run
        if len(bare := run.lstrip("0")) >= _FEWEST_DIGITS:
            yield bare
    # QX-4711081 is written 4711081.
    for alone in {digits, digits.lstrip("0")}:
        if len(alone) >= _FEWEST_DIGITS_ALONE and len(digits) * 2 >= len(run):
            yield alone


def place_keys(said: str) -> Iterator[str]:
    """An institution, by its words."""
    words = _words(said)
    if sum(map(_weight, words)) >= 2 * _FEWEST_LETTERS and not (len(words) == 1 and words[0] in _COMMON):
        yield "".join(words[:LONGEST_RUN])


def date_keys(said: str) -> Iterator[str]:
    """A date, or date and time, as DICOM and ISO 8601 write it."""
    digits = re.sub(r"\D", "", said)[:8]
    if len(digits) == 8 and _is_date(int(digits[:4]), int(digits[4:6]), int(digits[6:])):
        yield f"date {digits}"


def _is_date(year: int, month: int, day: int) -> bool:
    return 1850 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31


_BETWEEN = r"\s?[-./]\s?"
_NAMED = r"([^\W\d_]{3,10})\.?,?"
_WRITTEN = (
    (re.compile(r"(?<!\d)(\d{4})[-./ ]?(\d{2})[-./ ]?(\d{2})(?=\d{4}(?:\d\d)?(?!\d)|(?!\d))"), ("ymd",)),
    (re.compile(rf"(?<!\d)(\d{{1,2}}){_BETWEEN}(\d{{1,2}}){_BETWEEN}(\d{{4}}|\d\d)(?!\d)"), ("dmy", "mdy")),
    (
        re.compile(rf"(?<!\w)(\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:de\s+)?{_NAMED}\s+(?:de\s+)?(\d{{4}})(?!\d)"),
        ("dmy",),
    ),
    (re.compile(rf"(?<!\w){_NAMED}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})(?!\d)"), ("mdy",)),
)


def dates_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Dates in a text, as :func:`date_keys` gives them; what could be two dates is both."""
    for pattern, orders in _WRITTEN:
        for found in pattern.finditer(text):
            for order in orders:
                parts = dict(zip(order, found.groups(), strict=True))
                month = _folded(parts["m"])
                number = _MONTHS.get(month, 0) if not month.isdigit() else int(month)
                said = int(parts["y"])
                for year in (said,) if len(parts["y"]) == 4 else (1900 + said, 2000 + said):
                    if _is_date(year, number, int(parts["d"])):
                        yield f"date {year:04}{number:02}{int(parts['d']):02}", found.start(), found.end()
