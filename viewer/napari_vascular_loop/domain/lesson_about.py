"""What a student should know of a lesson before it begins: how long, for whom, what for, and whom it is owed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_vascular_loop.domain.lesson import Lesson

OBJECTIVES_FOLLOW = "When you have finished, you can"


def time_and_audience(lesson: Lesson) -> str:
    """Say how long it takes, and for whom it is made; "" if the lesson says neither.

    Examples
    --------
    >>> time_and_audience(Lesson("The loop", (), minutes=40, audience="for first-year students"))
    'About 40 minutes, for first-year students'
    """
    parts = (time_needed(lesson.minutes), lesson.audience.strip().rstrip("."))
    return ", ".join(filter(None, parts))


def time_needed(minutes: int | None) -> str:
    """Say a time in words; "" of None.

    Examples
    --------
    >>> [time_needed(minutes) for minutes in (1, 45, 60, 90, 120)]
    ['About 1 minute', 'About 45 minutes', 'About 1 hour', 'About 1 hour 30 minutes', 'About 2 hours']
    """
    if minutes is None:
        return ""
    hours, rest = divmod(minutes, 60)
    return " ".join(
        ["About", *(f"{n} {word}{'s' if n > 1 else ''}" for n, word in ((hours, "hour"), (rest, "minute")) if n)]
    )


def credits_of(lesson: Lesson) -> tuple[str, ...]:
    """Name whom article, marks and images are owed to, each once."""
    own = with_licence(lesson.credit or ", ".join(lesson.authors), lesson.licence)
    images = [
        with_licence(volume.credit, volume.licence) for volume in lesson.volumes if volume.credit not in lesson.credit
    ]
    return tuple(dict.fromkeys(filter(None, (own, *images))))


def with_licence(credit: str, licence: str) -> str:
    """Say a licence with whom something is owed to, unless that says it already; "" where nobody is named."""
    is_said = not licence or licence.replace("-", " ").casefold() in credit.replace("-", " ").casefold()
    return credit if is_said or not credit else f"{credit.rstrip('.')} ({licence})"
