"""The words of a lesson as they are searched: Markdown without its signs, names of structures with their codes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.terms import structure_by_id, structure_by_name, structure_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.terms import Structure

_PICTURE_OR_LINK = re.compile(r"!?\[([^\[\]\n]{0,2000})\]\([^()\s]{0,2000}(?:\s+\"[^\"\n]{0,500}\")?\)")
_SIGNS = re.compile(
    r"^[ \t]{0,8}(?:#{1,6}|>+|[-*+]|\d{1,3}[.)])[ \t]+|[*_`~|]+|<[a-zA-Z/!][^<>\n]{0,500}>", re.MULTILINE
)
_SPACE = re.compile(r"\s+")


def plain_words(markdown: str) -> str:
    r"""Take the signs out of a Markdown source; what is said stays.

    Examples
    --------
    >>> plain_words("## The *loop*\n- of the [AICA](https://example.org)")
    'The loop of the AICA'
    """
    return _SPACE.sub(" ", _SIGNS.sub(" ", _PICTURE_OR_LINK.sub(r"\1", markdown))).strip()


def structures_of(annotations: Iterable[Annotation]) -> list[str]:
    """Name the structures of marks, each once, in the order of the lesson."""
    return list(dict.fromkeys(structure_name(one.structure) for one in annotations if one.structure))


def names_of(structures: Iterable[str]) -> str:
    """All by which structures are looked for: names, synonyms and codes."""
    said: list[str] = []
    for name in structures:
        known = structure_by_id(name) or structure_by_name(name)
        said += names_and_codes(known) if known else [name]
    return ". ".join(dict.fromkeys(said))


def names_and_codes(structure: Structure) -> list[str]:
    """Name a structure in every way that is known."""
    codes = (("UBERON", structure.uberon), ("SNOMED", structure.snomed), ("FMA", structure.fma))
    return [structure.name, *structure.synonyms, *(f"{system}:{code}" for system, code in codes if code)]
