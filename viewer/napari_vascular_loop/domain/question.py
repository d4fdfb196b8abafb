"""Questions by which a student tests himself: find a place, or name what a mark points at."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.errors import AnnotationError
from napari_vascular_loop.domain.text import writable

if TYPE_CHECKING:
    from collections.abc import Mapping


class QuestionKind(enum.StrEnum):
    """What the student does."""

    FIND = "find"
    """Mark the place; the annotation, hidden until then, is the answer."""

    NAME = "name"
    """Name what the annotation, shown without its label, points at."""


@dataclass(frozen=True)
class Question:
    """A question about one annotation.

    Parameters
    ----------
    id : str
        No other question of the lesson has it.
    kind : QuestionKind
        What the student does.
    annotation_id : str
        The annotation that is the answer.
    prompt : str
        What the student is asked.
    tolerance_mm : float or None
        How far from the annotation's place an answer may lie and still be right; None where the program decides.
    language : str
        Of the prompt, as in BCP 47; "" for the lesson's.
    asks_side : bool
        Whether the answer to a naming question has to say the side, too.
    accepted : tuple of str
        Other names that are right, beside the mark's label and its structure's names.
    foreign : mapping
        The question as it was read, so that members which this program doesn't know survive.
    """

    id: str
    kind: QuestionKind
    annotation_id: str
    prompt: str
    tolerance_mm: float | None = None
    language: str = ""
    asks_side: bool = False
    accepted: tuple[str, ...] = ()
    foreign: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "prompt", writable(self.prompt))
        object.__setattr__(self, "accepted", tuple(map(writable, self.accepted)))
        try:
            object.__setattr__(self, "kind", QuestionKind(self.kind))
        except ValueError as error:
            raise AnnotationError(f"a question's kind is 'find' or 'name', got {self.kind!r}") from error
        if not self.prompt.strip():
            raise AnnotationError("a question needs some words; write what the student is asked")
        if self.tolerance_mm is not None and not (math.isfinite(self.tolerance_mm) and self.tolerance_mm > 0):
            raise AnnotationError(f"a question's tolerance must be more than 0 mm, got {self.tolerance_mm}")
