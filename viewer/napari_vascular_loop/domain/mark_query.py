"""Which marks a list shows, and in which order."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.terms import structure_by_id, structure_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation, Side


class Order(enum.StrEnum):
    """In what order marks are listed; the value says so to the user."""

    LESSON = "Lesson order"
    NAME = "By name"
    STRUCTURE = "By structure"
    PLACE = "From the top"


@dataclass(frozen=True)
class MarkQuery:
    """What a user looks for.

    Parameters
    ----------
    words : str
        All must occur in label, note, structure with its synonyms and codes, side, author or kind, whatever the case.
    side : Side or None
        Only of this side.
    structure : str or None
        Only of this structure, by id or free text.
    author : str or None
        Only by this author.
    linked : bool or None
        Only those tied to a passage, or only those that are not.
    order : Order
        Of the list.
    """

    words: str = ""
    side: Side | None = None
    structure: str | None = None
    author: str | None = None
    linked: bool | None = None
    order: Order = Order.LESSON

    @property
    def is_open(self) -> bool:
        """Whether all marks are wanted."""
        return not self.words.strip() and (self.side, self.structure, self.author, self.linked) == (None,) * 4

    def find(self, annotations: Sequence[Annotation]) -> list[Annotation]:
        """The marks that are wanted, in order."""
        words = self.words.casefold().split()
        found = [a for a in annotations if self._fits(a) and (not words or _has(a, words))]
        match self.order:
            case Order.NAME:
                found.sort(key=lambda a: a.title.casefold())
            case Order.STRUCTURE:
                # Those without one come last.
                found.sort(key=lambda a: (not a.structure, structure_name(a.structure).casefold()))
            case Order.PLACE:
                found.sort(key=lambda a: (-a.geometry.anchor_ras_mm[2], -a.geometry.anchor_ras_mm[1]))
            case _:
                pass
        return found

    def _fits(self, annotation: Annotation) -> bool:
        return (
            (self.side is None or annotation.side is self.side)
            and (self.structure is None or annotation.structure == self.structure)
            and (self.author is None or annotation.author == self.author)
            and (self.linked is None or bool(annotation.passages) is self.linked)
        )


def _has(annotation: Annotation, words: Sequence[str]) -> bool:
    known = structure_by_id(annotation.structure)
    about = [
        annotation.label,
        annotation.note,
        structure_name(annotation.structure),
        *(known.synonyms if known else ()),
        *((known.uberon, known.snomed, known.fma) if known else ()),
        annotation.side or "",
        annotation.author,
        annotation.geometry.kind,
    ]
    text = "\n".join(about).casefold()
    return all(word in text for word in words)
