"""What in the name of a file or a folder looks like a patient's: few words of it are, so this is careful."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from napari_vascular_loop.domain.identifier_keys import folded_words, is_common
from napari_vascular_loop.domain.terms import STRUCTURES
from napari_vascular_loop.privacy.vocabulary import standard_words

_FEWEST_DIGITS = 5
_FEWEST_LETTERS = 2
_MEDICAL = re.compile(
    r"((oma|omas|itis|osis|ology|ological|gram|graphy|tomy|pathy|ular|llar|ilar|ial|nal|ral|eal|tal|tic|sion|tion|tions|spasm)$|^("
    r"neuro\w*|hemi\w*|segment\w*|data\w*|annot\w*|lesson\w*|teach\w*|demo|example\w*|radiol\w*))"
)
"""Words of medicine and of teaching, by how they end or begin."""

_OWN_NAME = re.compile(r"[a-z]+-[0-9a-f]{10}(-\d+)?")
"""Of files that this program named after a hash of what is in them."""


def look_like_names(text: str) -> set[str]:
    """What looks like the full name of a person, as DICOM would write it.

    Examples
    --------
    >>> sorted(look_like_names("Quixler_Janosch_T2_CISS"))
    ['Janosch^Quixler', 'Quixler^Janosch']
    >>> look_like_names("Vestibular_Schwannoma_SEG")
    set()
    """
    found = set(re.findall(r"[^\W\d_]{2,}\^[^\W\d_]{2,}(?:\^[^\W\d_]+)?", text))
    words = re.findall(r"[^\W\d_]+|\d+", text)
    for first, second in pairwise(words):
        if _may_be_a_name(first) and _may_be_a_name(second):
            found |= {f"{first}^{second}", f"{second}^{first}"}
    return found


def look_like_numbers(text: str) -> set[str]:
    """What looks like the number of a patient or a study, or a date.

    Examples
    --------
    >>> look_like_numbers("QX47110815_T2_3")
    {'QX47110815'}
    """
    if _OWN_NAME.fullmatch(text):
        return set()
    return {one for one in re.findall(r"(?<![A-Za-z0-9])[A-Za-z]{0,4}\d+", text) if _digits(one) >= _FEWEST_DIGITS}


def _digits(text: str) -> int:
    return sum(letter.isdigit() for letter in text)


def _may_be_a_name(word: str) -> bool:
    if len(word) < _FEWEST_LETTERS or not word[0].isupper():
        return False
    return all(
        not is_common(folded) and folded not in _known_words() and _MEDICAL.search(folded) is None
        for folded, _, _ in folded_words(word)
    )


@cache
def _known_words() -> frozenset[str]:
    names = (said for one in STRUCTURES for said in (one.name, *one.synonyms))
    return standard_words() | {word for said in names for word, _, _ in folded_words(said)}
