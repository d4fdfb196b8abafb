"""When a question is asked again.

Leitner's boxes (S. Leitner, So lernt man lernen, 1972): a question that was answered moves one box on, one that was
missed goes back to the first. A question of a later box waits longer. The boxes are worked out from the answers
themselves: there is no other state that could be lost or disagree with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.domain.answer import Answer

BOX_DAYS = (0, 1, 3, 7, 21)
"""Days that a question rests in each box; what was missed is asked again at once.

Leitner gives no days, but boxes that grow: these about double or treble from one to the next.
"""


@dataclass(frozen=True)
class Standing:
    """Where a question stands.

    Parameters
    ----------
    box : int
        From 0, the first, to the last of `BOX_DAYS`.
    due : datetime or None
        From when on it is asked again; None if it was never asked.
    was_missed : bool
        Whether the last answer was not correct.
    """

    box: int = 0
    due: datetime | None = None
    was_missed: bool = False

    def is_due(self, at: datetime) -> bool:
        """Whether it is to be asked."""
        return self.due is None or self.due <= at


def standings(answers: Iterable[Answer]) -> dict[str, Standing]:
    """Work out where each question stands, by its id; questions never asked are not there.

    A correct answer before its time, as when a student practises twice a day, moves nothing.
    """
    found: dict[str, Standing] = {}
    for answer in sorted(answers, key=lambda one: one.at):
        before = found.get(answer.question_id, Standing())
        if not answer.is_correct:
            found[answer.question_id] = Standing(0, answer.at, was_missed=True)
        elif before.is_due(answer.at):
            box = min(before.box + 1, len(BOX_DAYS) - 1)
            found[answer.question_id] = Standing(box, answer.at + timedelta(days=BOX_DAYS[box]))
    return found
