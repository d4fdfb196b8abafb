r"""Text folded for comparing: what a writer's program changes and a reader does not see is made alike.

White space and line ends become one space; letters are composed (NFC); soft hyphens, direction marks and the like
are left out; quotes, dashes and ellipses have one form. Every folded character knows its place in the text as given.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from napari_vascular_loop.domain.article import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

_ALIKE: Final = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    "\u2026": "...",
}
_SELECTORS: Final = "\ufe0e\ufe0f"
_JOINERS: Final = "\u200c\u200d"
_MOST_MARKS: Final = 30
"""Marks on one letter that are composed with it: Unicode's Stream-Safe Text Format, UAX #15 section 13.

More of them come in hostile text only, where putting them in order would take quadratic time.
"""


@dataclass(frozen=True, eq=False)
class FoldedText:
    """A text as it is compared.

    Parameters
    ----------
    plain : str
        The text folded, capitals kept.
    low : str
        The same in small letters; as long as `plain`.
    starts, ends : (len(plain),) int arrays
        Where each folded character begins and ends in the text as given, in code points.
    """

    plain: str
    low: str
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]

    def span(self, start: int, end: int) -> Span:
        """Where the folded stretch, which is not empty, lies in the text as given."""
        return Span(int(self.starts[start]), int(self.ends[end - 1]))

    def index(self, start: int) -> int:
        """Give the first folded character that begins at or after a place in the text as given."""
        return int(np.searchsorted(self.starts, start))


def folded(text: str) -> FoldedText:
    r"""Fold a text; in time proportional to its length.

    Examples
    --------
    >>> folded("A \u201cloop\u201d\r\n  of ar\u00adtery").plain
    'A "loop" of artery'
    """
    composed, starts, ends = _composed(text)
    table = {ord(letter): _fold_letter(letter) for letter in set(composed)}
    lengths = np.ones(len(composed), np.int64)
    for code, letters in table.items():
        if len(letters) != 1:
            lengths[_codes(composed) == code] = len(letters)
    codes = _codes(composed.translate(table))
    starts, ends = np.repeat(starts, lengths), np.repeat(ends, lengths)
    doubled = np.zeros(len(codes), bool)
    for run in (ord(" "), ord("-")):
        doubled[1:] |= (codes[1:] == run) & (codes[:-1] == run)
    keep = ~doubled
    plain = codes[keep].tobytes().decode("utf-32-le", "surrogatepass")
    small = {ord(letter): letter.lower() for letter in set(plain) if len(letter.lower()) == 1}
    return FoldedText(plain, plain.translate(small), starts[keep], ends[keep])


def is_mark(letter: str) -> bool:
    """Whether a character belongs to the letter before it: an accent, a vowel sign, a jamo, a tone of skin."""
    return (
        unicodedata.category(letter)[0] == "M"
        or "\u1160" <= letter <= "\u11ff"
        or "\U0001f3fb" <= letter <= "\U0001f3ff"
    )


def character_class(letters: Iterable[str]) -> str:
    """Write letters as the inside of a regular expression's brackets."""
    return "".join(f"\\U{ord(letter):08x}" for letter in sorted(letters))


def _codes(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def _composed(text: str) -> tuple[str, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Compose letters with their marks; each is as wide as what it is made of."""
    marks = character_class(letter for letter in set(text) if is_mark(letter))
    if not marks:
        starts = np.arange(len(text))
        return text, starts, starts + 1
    parts, widths, counts, done = [], [], [], 0
    for cluster in re.finditer(rf"[^{marks}\s]?[{marks}]{{1,{_MOST_MARKS}}}", text, re.DOTALL):
        between = cluster.start() - done
        letters = unicodedata.normalize("NFC", cluster[0])
        parts += [text[done : cluster.start()], letters]
        widths += [1] * between + [cluster.end() - cluster.start()]
        counts += [1] * between + [len(letters)]
        done = cluster.end()
    parts.append(text[done:])
    widths += [1] * (len(text) - done)
    counts += [1] * (len(text) - done)
    ends = np.cumsum(widths)
    return "".join(parts), np.repeat(ends - widths, counts), np.repeat(ends, counts)


def _fold_letter(letter: str) -> str:
    if letter.isspace():
        return " "
    if letter in _SELECTORS or (unicodedata.category(letter) == "Cf" and letter not in _JOINERS):
        return ""
    return _ALIKE.get(letter) or unicodedata.normalize("NFC", letter)
