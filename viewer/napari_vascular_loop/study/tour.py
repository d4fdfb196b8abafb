"""The tour of a lesson: its linked passages in reading order, each with its marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.domain.article import Span
    from napari_vascular_loop.domain.lesson import FoundPassage


@dataclass(frozen=True)
class Step:
    """One stop of a tour.

    Parameters
    ----------
    span : Span
        Where the passage stands in the article.
    annotation_id : str
        The mark that is shown.
    """

    span: Span
    annotation_id: str


def tour_steps(passages: Iterable[FoundPassage]) -> tuple[Step, ...]:
    """Make the steps of a tour: one for each mark of each passage, in reading order.

    Passages whose words are no longer in the article are left out.
    """
    found = [one for one in passages if one.span is not None]
    found.sort(key=lambda one: (one.span.start, one.span.end) if one.span else (0, 0))
    return tuple(Step(one.span, one.annotation_id) for one in found if one.span is not None)
