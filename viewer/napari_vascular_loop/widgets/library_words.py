"""What is said of a library where there is no card to show, and below the cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_vascular_loop.library.library import Library

AS_IT_WAS = ". The lessons are shown as they were when last seen"


def nothing_found(typed: str, structure: str) -> str:
    """Say that no lesson is what one looks for.

    Examples
    --------
    >>> nothing_found("aica", "")
    "No lesson holds 'aica'. Try fewer words, or the beginning of one."
    """
    words = " ".join(typed.split())
    if words and structure:
        return f"No lesson on {structure} holds {words!r}. Choose all structures, or try fewer words."
    if words:
        return f"No lesson holds {words!r}. Try fewer words, or the beginning of one."
    return f"No lesson is on {structure}. Choose all structures."


def nothing_here(library: Library) -> str:
    """Say that there is no lesson, and what one would be."""
    if library.is_remote:
        return f"No lesson is known of {library.name}."
    return (
        f"There is no lesson in {library.name}. A lesson is a folder with a lesson.json, or a file that ends in "
        ".vlesson.zip; it may lie in a folder of this folder."
    )


def still_looking(library: Library) -> str:
    """Say that it is the first time, and takes a moment."""
    return f"Looking for lessons in {library.name}. The next time they are here at once."


def counted(shown: int, all_cards: int, broken: int) -> str:
    """Say how many lessons there are.

    Examples
    --------
    >>> counted(3, 10_000, 1)
    "3 of 10,000 lessons; 1 can't be read"
    """
    if not all_cards:
        return ""
    lessons = f"{all_cards:,} lesson{'s' if all_cards != 1 else ''}"
    said = lessons if shown == all_cards else f"{shown:,} of {lessons}"
    return f"{said}; {broken:,} can't be read" if broken else said


def student_said(student: str) -> str:
    """Name whose progress is shown."""
    return f"Progress of {student}" if student else "Progress without a name"
