"""The arrow that a teacher begins with: its tip where the finder expects the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Side
from napari_vascular_loop.domain.errors import LocateError

if TYPE_CHECKING:
    from napari_vascular_loop.locate.answer import Answer

_TAIL_MM = 12.0
"""So far outside of the ring the tail lies."""


def first_arrow(answer: Answer, volume_id: str, author: str = "") -> Annotation:
    """Make an arrow to a place that was found, for the teacher to move.

    Its tail lies beside the ring, outwards and to the front, where it hides nothing of what it points at.

    Parameters
    ----------
    answer : Answer
        One that is shown.
    volume_id : str
        The lesson's, of the scan in which it was found.
    author : str
        Who makes it.

    Raises
    ------
    LocateError
        If nothing was found to point at.
    """
    if answer.place_ras_mm is None:
        raise LocateError(f"there is nothing to point at: {answer.words}")
    r, a, s = answer.place_ras_mm
    away_mm = (answer.radius_mm or 0.0) + _TAIL_MM
    outwards = -1.0 if answer.place.side is Side.LEFT else 1.0
    tail = (r + outwards * away_mm, a + away_mm / 2, s)
    structure = answer.place.structure
    return Annotation(
        Arrow(tail, answer.place_ras_mm),
        volume_id,
        structure.name,
        structure=structure.id,
        side=answer.place.side,
        author=author,
    )
